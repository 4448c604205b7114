/* SPDX-License-Identifier: Apache-2.0 */
/* The simplest JPEG (ITU-T T.81): blocks of one grey each, so that only their mean is coded. */
#include "emulate/portrait.h"

enum { BLOCK = 8, COLUMNS = PORTRAIT_WIDTH / BLOCK, ROWS = PORTRAIT_HEIGHT / BLOCK };
enum { PAPER = 70, SHOULDERS = -70, SKIN = 20, HAIR = -100, FEATURE = -60 };

static bool in_ellipse(int x, int y, int middle_x, int middle_y, int half_width, int half_height)
{
    int dx = (x - middle_x) * half_height, dy = (y - middle_y) * half_width;

    return dx * dx + dy * dy <= half_width * half_width * half_height * half_height;
}

/* The grey of a block, 0 in the middle. */
static int grey(int x, int y)
{
    if (y == 17 && (x == 12 || x == 17))
        return FEATURE;
    if (y == 24 && x >= 13 && x <= 16)
        return FEATURE;
    if (in_ellipse(x, y, 15, 19, 7, 10))
        return SKIN;
    if (in_ellipse(x, y, 15, 16, 9, 11))
        return HAIR;
    return in_ellipse(x, y, 15, 41, 13, 11) ? SHOULDERS : PAPER;
}

struct bits {
    struct buf *out;
    unsigned byte, count;
};

static void put_bits(struct bits *bits, unsigned value, unsigned count)
{
    while (count-- > 0) {
        bits->byte = bits->byte << 1 | (value >> count & 1);
        if (++bits->count < 8)
            continue;
        buf_byte(bits->out, (unsigned char)bits->byte);
        if (bits->byte == 0xFF) /* or it would be a marker */
            buf_byte(bits->out, 0);
        bits->byte = bits->count = 0;
    }
}

/* A difference: how many bits it has, in four; then these. */
static void put_difference(struct bits *bits, int difference)
{
    unsigned size = 0, value = (unsigned)(difference < 0 ? -difference : difference);

    while (value >> size != 0)
        size++;
    put_bits(bits, size, 4);
    put_bits(bits, difference < 0 ? value ^ ((1U << size) - 1) : value, size);
}

static void put_picture(struct buf *out)
{
    struct bits bits = { .out = out };
    int before = 0;

    for (int y = 0; y < ROWS; y++) {
        for (int x = 0; x < COLUMNS; x++) {
            put_difference(&bits, grey(x, y) - before);
            put_bits(&bits, 0, 1); /* end of block */
            before = grey(x, y);
        }
    }
    while (bits.count != 0)
        put_bits(&bits, 1, 1);
}

/* Tables for a step of 8, differences coded in four bits, and the end of a block in one. */
static void put_tables(struct buf *out)
{
    static const uint8_t frame[] = { 0xFF,
                                     0xC0,
                                     0x00,
                                     0x0B,
                                     0x08,
                                     PORTRAIT_HEIGHT >> 8,
                                     PORTRAIT_HEIGHT & 0xFF,
                                     PORTRAIT_WIDTH >> 8,
                                     PORTRAIT_WIDTH & 0xFF,
                                     0x01,
                                     0x01,
                                     0x11,
                                     0x00 };
    static const uint8_t means[] = { 0xFF, 0xC4, 0x00, 0x1F, 0x00, 0, 0, 0, 12, 0,  0,
                                     0,    0,    0,    0,    0,    0, 0, 0, 0,  0,  0,
                                     1,    2,    3,    4,    5,    6, 7, 8, 9,  10, 11 };
    static const uint8_t ends[] = { 0xFF, 0xC4, 0x00, 0x14, 0x10, 1, 0, 0, 0, 0, 0,
                                    0,    0,    0,    0,    0,    0, 0, 0, 0, 0, 0 };
    static const uint8_t scan[] = { 0xFF, 0xDA, 0x00, 0x08, 0x01, 0x01, 0x00, 0x00, 0x3F, 0x00 };

    buf_put(out, "\xFF\xDB\x00\x43\x00", 5);
    for (int i = 0; i < 64; i++)
        buf_byte(out, 8);
    buf_put(out, frame, sizeof frame);
    buf_put(out, means, sizeof means);
    buf_put(out, ends, sizeof ends);
    buf_put(out, scan, sizeof scan);
}

/* Comments until there are so many bytes. */
static void put_comments(struct buf *out, size_t size)
{
    while (!out->failed && out->len < size) {
        size_t len = size - out->len < 65000 ? size - out->len : 65000;

        buf_put(out, "\xFF\xFE", 2);
        buf_u16(out, (uint16_t)(len + 2));
        for (size_t i = 0; i < len; i++)
            buf_byte(out, (unsigned char)('A' + i % 26));
    }
}

void portrait_draw(size_t size, struct buf *out)
{
    buf_put(out, "\xFF\xD8\xFF\xE0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00", 20);
    put_comments(out, size);
    put_tables(out);
    put_picture(out);
    buf_put(out, "\xFF\xD9", 2);
}
