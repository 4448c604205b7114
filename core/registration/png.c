/* SPDX-License-Identifier: Apache-2.0 */
/* PNG (ISO/IEC 15948): a chain of chunks, each with its length, name and checksum. */
#include "registration/picture.h"

static const char signature[] = "\x89PNG\r\n\x1A\n";
enum { SIGNATURE_LENGTH = sizeof signature - 1, HEADER_LENGTH = 13 };

bool png_starts(struct smg_str bytes)
{
    return str_starts(bytes, signature);
}

/* CRC-32 of ISO 3309, four bits a step: a table of sixteen needs no set-up. */
static uint32_t checksum(struct smg_str bytes)
{
    static const uint32_t table[16] = {
        0x00000000, 0x1DB71064, 0x3B6E20C8, 0x26D930AC, 0x76DC4190, 0x6B6B51F4,
        0x4DB26158, 0x5005713C, 0xEDB88320, 0xF00F9344, 0xD6D6A3E8, 0xCB61B38C,
        0x9B64C2B0, 0x86D3D2D4, 0xA00AE278, 0xBDBDF21C,
    };
    uint32_t crc = 0xFFFFFFFF;
    size_t i;

    for (i = 0; i < bytes.len; i++) {
        crc ^= (unsigned char)bytes.at[i];
        crc = crc >> 4 ^ table[crc & 15];
        crc = crc >> 4 ^ table[crc & 15];
    }
    return ~crc;
}

struct chunk {
    struct smg_str name, data;
};

static bool take_chunk(struct smg_str *left, struct chunk *out)
{
    struct smg_str sealed = { NULL, 0 };
    uint32_t len, crc;

    if (!take_u32(left, &len) || len > INT32_MAX)
        return false;
    sealed.at = left->at;
    if (!take_bytes(left, 4, &out->name) || !take_bytes(left, len, &out->data))
        return false;
    sealed.len = 4 + (size_t)len;
    return take_u32(left, &crc) && crc == checksum(sealed);
}

/* Only the five pairs of colour type and depth that the standard has. */
static bool is_depth(uint8_t colour, uint8_t depth)
{
    switch (colour) {
    case 0:
        return depth == 1 || depth == 2 || depth == 4 || depth == 8 || depth == 16;
    case 3:
        return depth == 1 || depth == 2 || depth == 4 || depth == 8;
    case 2:
    case 4:
    case 6:
        return depth == 8 || depth == 16;
    default:
        return false;
    }
}

static bool read_header(struct smg_str data, struct image_info *out)
{
    uint8_t depth, colour, packing, filter, interlace;

    if (data.len != HEADER_LENGTH || !take_u32(&data, &out->width) ||
        !take_u32(&data, &out->height) || !take_u8(&data, &depth) || !take_u8(&data, &colour) ||
        !take_u8(&data, &packing) || !take_u8(&data, &filter) || !take_u8(&data, &interlace))
        return false;
    return is_depth(colour, depth) && packing == 0 && filter == 0 && interlace <= 1;
}

static bool walk_chunks(struct smg_str left, struct image_info *out)
{
    struct chunk chunk;
    bool some = false, ended = false; /* picture data: seen; followed by something else */

    if (!take_chunk(&left, &chunk) || !str_is(chunk.name, "IHDR") || !read_header(chunk.data, out))
        return false;
    for (;;) {
        if (!take_chunk(&left, &chunk))
            return false;
        if (str_is(chunk.name, "IEND"))
            return chunk.data.len == 0 && some && left.len == 0;
        if (str_is(chunk.name, "IHDR"))
            return false;
        if (!str_is(chunk.name, "IDAT")) {
            ended = some;
        } else {
            if (ended)
                return false;
            some = true;
        }
    }
}

int png_walk(struct smg_str bytes, struct image_info *out, struct smg_err *err)
{
    struct smg_str chunks = { bytes.at + SIGNATURE_LENGTH, bytes.len - SIGNATURE_LENGTH };

    if (!walk_chunks(chunks, out))
        return smg_fail(err, SMG_E_INVALID, "the PNG picture is damaged or cut short");
    return SMG_OK;
}
