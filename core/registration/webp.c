/* SPDX-License-Identifier: Apache-2.0 */
/* WebP (RFC 9649): a RIFF file of one lossy (VP8) or lossless (VP8L) picture, perhaps extended
 * (VP8X). */
#include "registration/picture.h"

enum {
    RIFF_HEAD = 12,
    CHUNK_HEAD = 8,
    FLAG_ANIMATED = 0x02,
    LOSSLESS_MARK = 0x2F,
    LOSSLESS_SIDE = 0x3FFF, /* 14 bits */
};

/* RIFF counts from the low byte. */
static uint32_t read_low_first(struct smg_str bytes)
{
    uint32_t number = 0;
    size_t i;

    for (i = bytes.len; i > 0; i--)
        number = number << 8 | (unsigned char)bytes.at[i - 1];
    return number;
}

static bool take_low_first(struct smg_str *view, size_t len, uint32_t *out)
{
    struct smg_str part;

    if (!take_bytes(view, len, &part))
        return false;
    *out = read_low_first(part);
    return true;
}

bool webp_starts(struct smg_str bytes)
{
    return bytes.len >= RIFF_HEAD && memcmp(bytes.at, "RIFF", 4) == 0 &&
           memcmp(bytes.at + 8, "WEBP", 4) == 0;
}

/* The size in the head of a VP8 key frame (RFC 6386, 9.1); its first part must fit. */
static bool read_lossy(struct smg_str data, struct image_info *out)
{
    uint32_t tag, width, height;
    struct smg_str start;

    if (!take_low_first(&data, 3, &tag) || !take_bytes(&data, 3, &start) ||
        !take_low_first(&data, 2, &width) || !take_low_first(&data, 2, &height))
        return false;
    if ((tag & 1) != 0 || memcmp(start.at, "\x9D\x01\x2A", 3) != 0 || tag >> 5 > data.len)
        return false;
    out->width = width & LOSSLESS_SIDE; /* the top two bits scale and are not size */
    out->height = height & LOSSLESS_SIDE;
    return true;
}

static bool read_lossless(struct smg_str data, struct image_info *out)
{
    uint32_t bits;
    uint8_t mark;

    if (!take_u8(&data, &mark) || !take_low_first(&data, 4, &bits))
        return false;
    if (mark != LOSSLESS_MARK || bits >> 29 != 0 || data.len == 0) /* three bits of version */
        return false;
    out->width = (bits & LOSSLESS_SIDE) + 1;
    out->height = (bits >> 14 & LOSSLESS_SIDE) + 1;
    return true;
}

static bool read_extended(struct smg_str data, struct image_info *out)
{
    uint32_t flags, width, height;

    if (data.len != 10 || !take_low_first(&data, 4, &flags) || !take_low_first(&data, 3, &width) ||
        !take_low_first(&data, 3, &height))
        return false;
    out->width = width + 1;
    out->height = height + 1;
    return (flags & FLAG_ANIMATED) == 0;
}

/* A chunk and the byte that pads it to an even length. */
static bool take_chunk(struct smg_str *left, struct smg_str *name, struct smg_str *data)
{
    struct smg_str padding;
    uint32_t len;

    return take_bytes(left, 4, name) && take_low_first(left, 4, &len) &&
           take_bytes(left, len, data) && take_bytes(left, len & 1, &padding);
}

/* One picture, with whatever an extended file carries around it. */
static bool walk_chunks(struct smg_str left, struct image_info *out)
{
    struct image_info canvas = { 0 };
    bool extended = false, some = false, first = true;

    for (; left.len > 0; first = false) {
        struct smg_str name, data;

        if (!take_chunk(&left, &name, &data))
            return false;
        if (str_is(name, "VP8X")) {
            if (!first || !read_extended(data, &canvas))
                return false;
            extended = true;
        } else if (str_is(name, "VP8 ") || str_is(name, "VP8L")) {
            if (some || (!extended && !first))
                return false;
            if (!(name.at[3] == 'L' ? read_lossless : read_lossy)(data, out))
                return false;
            some = true;
        } else if (!extended || str_is(name, "ANIM") || str_is(name, "ANMF")) {
            return false;
        }
    }
    return some && (!extended || (canvas.width == out->width && canvas.height == out->height));
}

int webp_walk(struct smg_str bytes, struct image_info *out, struct smg_err *err)
{
    struct smg_str chunks = { bytes.at + RIFF_HEAD, bytes.len - RIFF_HEAD };
    uint32_t size = read_low_first((struct smg_str){ bytes.at + 4, 4 });

    /* The file's own count is of what follows it: this word, and all chunks. */
    if (size != bytes.len - CHUNK_HEAD || !walk_chunks(chunks, out))
        return smg_fail(err, SMG_E_INVALID, "the WebP picture is damaged, animated or cut short");
    return SMG_OK;
}
