/* SPDX-License-Identifier: Apache-2.0 */
/* Tag, length, value: the few forms that chips need. */
#include "emulate/tlv.h"

#include <stdlib.h>

static void put_tag(struct buf *out, unsigned tag)
{
    if (tag > 0xFF)
        buf_byte(out, (unsigned char)(tag >> 8));
    buf_byte(out, (unsigned char)(tag & 0xFF));
}

void tlv_length(struct buf *out, size_t length)
{
    if (length > 0xFFFF) {
        buf_byte(out, 0x83);
        buf_byte(out, (unsigned char)(length >> 16));
        buf_u16(out, (uint16_t)(length & 0xFFFF));
    } else if (length > 0xFF) {
        buf_byte(out, 0x82);
        buf_u16(out, (uint16_t)length);
    } else {
        if (length > 0x7F)
            buf_byte(out, 0x81);
        buf_byte(out, (unsigned char)length);
    }
}

void tlv_put(struct buf *out, unsigned tag, struct smg_str value)
{
    put_tag(out, tag);
    tlv_length(out, value.len);
    buf_str(out, value);
}

void tlv_wrap(struct buf *out, size_t from, unsigned tag)
{
    struct buf header = { 0 };
    size_t length = out->len - from;

    put_tag(&header, tag);
    tlv_length(&header, length);
    if (header.failed || buf_grow(out, header.len) == NULL) {
        out->failed = true;
    } else {
        memmove(out->at + from + header.len, out->at + from, length);
        memcpy(out->at + from, header.at, header.len);
    }
    buf_fini(&header);
}

void tlv_integer(struct buf *out, unsigned number)
{
    size_t from = out->len;

    for (int shift = 24; shift > 0; shift -= 8)
        if (number >> (shift - 1) != 0)
            buf_byte(out, (unsigned char)(number >> shift & 0xFF));
    buf_byte(out, (unsigned char)(number & 0xFF));
    tlv_wrap(out, from, 0x02);
}

static void put_base128(struct buf *out, unsigned long arc)
{
    for (int shift = 28; shift > 0; shift -= 7)
        if (arc >> shift != 0)
            buf_byte(out, (unsigned char)(0x80 | (arc >> shift & 0x7F)));
    buf_byte(out, (unsigned char)(arc & 0x7F));
}

void tlv_oid(struct buf *out, const char *dotted)
{
    size_t from = out->len;
    char *rest;
    unsigned long first = strtoul(dotted, &rest, 10), arc = 0;

    for (unsigned i = 1; *rest == '.'; i++) {
        arc = strtoul(rest + 1, &rest, 10);
        put_base128(out, i == 1 ? 40 * first + arc : arc);
    }
    if (*rest != '\0' || out->len == from)
        out->failed = true;
    tlv_wrap(out, from, 0x06);
}

static bool take_length(struct smg_str *view, size_t *length)
{
    uint8_t byte = 0, first = 0;

    if (!take_u8(view, &first))
        return false;
    *length = first;
    if (first < 0x80)
        return true;
    if (first == 0x80 || first > 0x84)
        return false;
    *length = 0;
    for (unsigned i = first & 0x7FU; i > 0; i--) {
        if (!take_u8(view, &byte))
            return false;
        *length = *length << 8 | byte;
    }
    return true;
}

bool tlv_take(struct smg_str *view, unsigned *tag, struct smg_str *value)
{
    struct smg_str rest = *view;
    uint8_t byte = 0;
    size_t length = 0;

    if (!take_u8(&rest, &byte))
        return false;
    *tag = byte;
    if ((byte & 0x1F) == 0x1F) {
        if (!take_u8(&rest, &byte) || byte >= 0x80)
            return false;
        *tag = *tag << 8 | byte;
    }
    if (!take_length(&rest, &length) || !take_bytes(&rest, length, value))
        return false;
    *view = rest;
    return true;
}

bool tlv_find(struct smg_str view, unsigned tag, struct smg_str *value)
{
    unsigned found;

    while (view.len > 0)
        if (!tlv_take(&view, &found, value))
            return false;
        else if (found == tag)
            return true;
    return false;
}
