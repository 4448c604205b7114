/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes of a serial line into the frame parser: in pieces as the first byte says, and byte by byte;
 * both must find the same. */
#include "../../plugins/readers/sdt/frame.c"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect(bool truth)
{
    if (!truth)
        abort();
}

static enum frame_said feed_pieces(struct frame *frame, const uint8_t *at, size_t len, size_t piece)
{
    enum frame_said said = FRAME_MORE;

    for (size_t i = 0; i < len && said == FRAME_MORE; i += piece)
        said = frame_feed(frame, at + i, len - i < piece ? len - i : piece);
    return said;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct frame whole = { 0 }, single = { 0 };
    enum frame_said said;

    if (size == 0)
        return 0;
    said = feed_pieces(&whole, data + 1, size - 1, (size_t)data[0] + 1);
    expect(feed_pieces(&single, data + 1, size - 1, 1) == said);
    expect(whole.start <= whole.count && whole.count <= sizeof whole.bytes);
    if (said == FRAME_WHOLE) {
        expect(whole.len == single.len && memcmp(whole.data, single.data, whole.len) == 0);
        expect(whole.len <= FRAME_LENGTH_MAX - FRAME_LENGTH_MIN);
        expect(whole.data >= whole.bytes &&
               whole.data + whole.len < whole.bytes + sizeof whole.bytes);
    }
    (void)frame_feed(&whole, data, size);
    frame_clear(&whole);
    expect(whole.count == 0);
    return 0;
}
