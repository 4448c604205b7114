/* SPDX-License-Identifier: Apache-2.0 */
/* Finding an answer in whatever a serial line delivers: noise, pieces, false preambles. */
#include "frame.h"

#include <string.h>

/* Readers drop or repeat a leading AA, so two of the three are looked for. */
static const uint8_t preamble[] = { 0xAA, 0xAA, 0x96, 0x69 };

void frame_request(enum frame_command command, uint8_t out[FRAME_REQUEST_BYTES])
{
    static const uint8_t head[] = { 0xAA, 0xAA, 0xAA, 0x96, 0x69, 0x00, 0x03 };

    memcpy(out, head, sizeof head);
    out[7] = (uint8_t)((unsigned)command >> 8);
    out[8] = (uint8_t)((unsigned)command & 0xFF);
    out[9] = frame_sum(out + 5, 4);
}

uint8_t frame_sum(const uint8_t *at, size_t len)
{
    uint8_t sum = 0;

    for (size_t i = 0; i < len; i++)
        sum ^= at[i];
    return sum;
}

bool frame_parts(const uint8_t *at, size_t len, size_t count, struct frame_part *parts)
{
    size_t place = 2 * count;

    if (len < place)
        return false;
    for (size_t i = 0; i < count; i++) {
        parts[i].len = (size_t)at[2 * i] << 8 | at[2 * i + 1];
        if (parts[i].len > len - place)
            return false;
        parts[i].at = at + place;
        place += parts[i].len;
    }
    return place == len;
}

void frame_clear(struct frame *frame)
{
    explicit_bzero(frame, sizeof *frame);
}

/* Move start to where a preamble begins, or may begin once more bytes came. */
static void hunt(struct frame *frame)
{
    for (; frame->start < frame->count; frame->start++) {
        size_t left = frame->count - frame->start;

        if (memcmp(frame->bytes + frame->start, preamble,
                   left < sizeof preamble ? left : sizeof preamble) == 0)
            return;
    }
}

/* Look at what begins at start. A false preamble is passed over, but never the inside of an answer
 * whose checksum is wrong: bytes of a card must not be taken for words of the reader. */
static enum frame_said look(struct frame *frame)
{
    for (;; frame->start++) {
        const uint8_t *at;
        size_t left, length;

        hunt(frame);
        at = frame->bytes + frame->start;
        left = frame->count - frame->start;
        if (frame->start > FRAME_NOISE_MAX)
            return FRAME_NOISE;
        if (left < FRAME_HEAD)
            return FRAME_MORE;
        length = (size_t)at[4] << 8 | at[5];
        if (length < FRAME_LENGTH_MIN || length > FRAME_LENGTH_MAX) {
            frame->trouble = FRAME_BAD_LENGTH;
            continue;
        }
        if (left < FRAME_HEAD + length)
            return FRAME_MORE;
        if (frame_sum(at + 4, length + 2) != 0) {
            frame->trouble = FRAME_BAD_SUM;
            return FRAME_NOISE;
        }
        memcpy(frame->status, at + FRAME_HEAD, sizeof frame->status);
        frame->data = at + FRAME_HEAD + sizeof frame->status;
        frame->len = length - FRAME_LENGTH_MIN;
        return FRAME_WHOLE;
    }
}

enum frame_said frame_feed(struct frame *frame, const uint8_t *at, size_t len)
{
    enum frame_said said = FRAME_MORE;

    for (size_t i = 0; i < len && said == FRAME_MORE; i++) {
        /* A caller that goes on after the end finds the room used up, not overrun. */
        if (frame->count == sizeof frame->bytes)
            return FRAME_NOISE;
        frame->bytes[frame->count++] = at[i];
        said = look(frame);
    }
    return said;
}
