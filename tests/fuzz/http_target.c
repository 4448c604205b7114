/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzzes what a client says before it is known: a request's target and the bytes of its head. */
#include "http/refusal.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct smg_str bytes = str_bytes(data, size);
    struct head whole = { 0 }, pieces = { 0 };
    struct chunks sizes = { 0 }, one_by_one = { 0 };
    struct target target;
    struct buf query = { 0 };
    size_t i;

    head_watch(&whole, bytes);
    chunks_watch(&sizes, bytes);
    for (i = 0; i < size; i++) {
        head_watch(&pieces, (struct smg_str){ bytes.at + i, 1 });
        chunks_watch(&one_by_one, (struct smg_str){ bytes.at + i, 1 });
    }
    if (whole.bytes != pieces.bytes || whole.lines != pieces.lines || whole.whole != pieces.whole ||
        whole.crooked != pieces.crooked || whole.chunked != pieces.chunked)
        abort();
    if (sizes.size != one_by_one.size || sizes.crooked != one_by_one.crooked ||
        sizes.in_chunk != one_by_one.in_chunk || sizes.ended != one_by_one.ended)
        abort();
    if (target_read(bytes, &target)) {
        target_decode(target.query, &query);
        if (query.len > 0 && query.at[query.len - 1] != '\0')
            abort();
        buf_fini(&query);
    }
    return 0;
}
