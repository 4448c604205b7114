/* SPDX-License-Identifier: Apache-2.0 */
/* Any index of a bundle: refused, or exactly what would be written for what was read. */
#include "release/index.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct release_index index;
    struct buf again = { 0 }, problems = { 0 };
    size_t signed_len = 0;

    if (index_read(str_bytes(data, size), &index, &signed_len, &problems)) {
        index_write(&index, &again);
        if (signed_len > size || !str_eq(buf_view(&again), str_bytes(data, signed_len)))
            abort();
    } else if (problems.len == 0) {
        abort();
    }
    buf_fini(&again);
    buf_fini(&problems);
    return 0;
}
