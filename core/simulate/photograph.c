/* SPDX-License-Identifier: Apache-2.0 */
/* Pictures for scenarios: a black square, as PNG (ISO/IEC 15948). */
#include "simulate/photograph.h"

#include <stdio.h>

/* What comes before its picture data, and from there on. */
static const unsigned char black_head[] = {
    0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0x00, 0x00, 0x00,
    0x0d, 0x49, 0x48, 0x44, 0x52, 0x00, 0x00, 0x00, 0x40, 0x00, 0x00,
    0x00, 0x40, 0x01, 0x00, 0x00, 0x00, 0x00, 0x82, 0x12, 0x4c, 0x73,
};
static const unsigned char black_tail[] = {
    0x00, 0x00, 0x00, 0x0f, 0x49, 0x44, 0x41, 0x54, 0x78, 0xda, 0x63, 0x60, 0x18,
    0x05, 0xa3, 0x80, 0x7c, 0x00, 0x00, 0x02, 0x40, 0x00, 0x01, 0xe0, 0x4d, 0x1d,
    0x44, 0x00, 0x00, 0x00, 0x00, 0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82,
};

/* CRC-32 of ISO 3309, as PNG seals its chunks. */
static uint32_t checksum(struct smg_str bytes)
{
    uint32_t crc = 0xFFFFFFFF;
    size_t i;
    int bit;

    for (i = 0; i < bytes.len; i++)
        for (crc ^= (unsigned char)bytes.at[i], bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (crc & 1 ? 0xEDB88320 : 0);
    return ~crc;
}

void photograph(unsigned number, struct buf *out)
{
    char text[24];
    int length = snprintf(text, sizeof text, "tEXtTitle%c%u", '\0', number);
    struct smg_str sealed = str_bytes(text, (size_t)length);

    buf_put(out, black_head, sizeof black_head);
    buf_u32(out, (uint32_t)sealed.len - 4);
    buf_str(out, sealed);
    buf_u32(out, checksum(sealed));
    buf_put(out, black_tail, sizeof black_tail);
}
