/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes of a line into the frame parser: in pieces as the first byte says, byte by byte, and as
 * reports of 64 bytes filled up with zeros; all must find the same. What was found is taken apart
 * as the answer to a read, with and without fingerprints. */
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

enum { REPORT = 64 };

static enum frame_said feed_reports(struct frame *frame, const uint8_t *at, size_t len)
{
    enum frame_said said = FRAME_MORE;

    for (size_t i = 0; i < len && said == FRAME_MORE; i += REPORT) {
        uint8_t report[REPORT] = { 0 };

        memcpy(report, at + i, len - i < REPORT ? len - i : REPORT);
        said = frame_feed(frame, report, REPORT);
    }
    return said;
}

/* Parts lie one behind the other and fill the payload to its end. */
static void take_apart(const uint8_t *at, size_t len, size_t count)
{
    struct frame_part parts[FRAME_PARTS_MAX];
    const uint8_t *next = at + 2 * count;

    if (!frame_parts(at, len, count, parts))
        return;
    for (size_t i = 0; i < count; i++) {
        expect(parts[i].at == next && parts[i].len <= (size_t)(at + len - next));
        next += parts[i].len;
    }
    expect(next == at + len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct frame whole = { 0 }, single = { 0 }, reported = { 0 };
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
    if (said == FRAME_WHOLE) {
        expect(feed_reports(&reported, data + 1, size - 1) == FRAME_WHOLE);
        expect(reported.len == whole.len && memcmp(reported.data, whole.data, whole.len) == 0);
        take_apart(whole.data, whole.len, 2);
        take_apart(whole.data, whole.len, 3);
    }
    take_apart(data, size, 2);
    take_apart(data, size, 3);
    (void)frame_feed(&whole, data, size);
    frame_clear(&whole);
    expect(whole.count == 0);
    return 0;
}
