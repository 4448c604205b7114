/* SPDX-License-Identifier: Apache-2.0 */
/* Tag, length, value: read and written. */
#include "tlv.h"

#include <string.h>

enum { NESTING_MAX = 16 };

static bool take_tag(struct smg_str *rest, uint32_t *tag)
{
    size_t len = 1;

    if (rest->len == 0 || byte_at(*rest, 0) == 0) /* an end mark, or filling */
        return false;
    *tag = byte_at(*rest, 0);
    if ((*tag & 0x1F) == 0x1F)
        do {
            if (len == 3 || len == rest->len)
                return false;
            *tag = *tag << 8 | byte_at(*rest, len);
        } while (byte_at(*rest, len++) & 0x80);
    rest->at += len;
    rest->len -= len;
    return true;
}

/* indefinite: the length 80, which says nothing. */
static bool take_length(struct smg_str *rest, size_t *length, bool *indefinite)
{
    size_t first, count;

    if (rest->len == 0)
        return false;
    first = byte_at(*rest, 0);
    *indefinite = first == 0x80;
    count = first > 0x80 ? first & 0x7F : 0;
    if (count > 4 || count >= rest->len)
        return false;
    *length = first < 0x80 ? first : 0;
    for (size_t i = 1; i <= count; i++)
        *length = *length << 8 | byte_at(*rest, i);
    rest->at += count + 1;
    rest->len -= count + 1;
    return true;
}

static bool is_constructed(uint32_t tag)
{
    while (tag > 0xFF)
        tag >>= 8;
    return (tag & 0x20) != 0;
}

static bool take_nested(struct smg_str *rest, struct tlv *out, unsigned depth);

/* The value of an object of indefinite length: whole objects up to the end mark 00 00. */
static bool take_to_end_mark(struct smg_str *rest, struct smg_str *value, unsigned depth)
{
    struct tlv inner;

    value->at = rest->at;
    while (rest->len >= 2 && (rest->at[0] != 0 || rest->at[1] != 0))
        if (!take_nested(rest, &inner, depth + 1))
            return false;
    if (rest->len < 2)
        return false;
    value->len = (size_t)(rest->at - value->at);
    rest->at += 2;
    rest->len -= 2;
    return true;
}

static bool take_nested(struct smg_str *rest, struct tlv *out, unsigned depth)
{
    struct smg_str left = *rest;
    bool indefinite;
    size_t length;

    if (depth > NESTING_MAX || !take_tag(&left, &out->tag) ||
        !take_length(&left, &length, &indefinite))
        return false;
    if (indefinite) {
        if (!is_constructed(out->tag) || !take_to_end_mark(&left, &out->value, depth))
            return false;
    } else {
        if (length > left.len)
            return false;
        out->value = (struct smg_str){ left.at, length };
        left.at += length;
        left.len -= length;
    }
    *rest = left;
    return true;
}

bool take_tlv(struct smg_str *rest, struct tlv *out)
{
    return take_nested(rest, out, 0);
}

bool find_tlv(struct smg_str among, uint32_t tag, struct smg_str *value)
{
    struct tlv found;

    while (take_tlv(&among, &found))
        if (found.tag == tag) {
            *value = found.value;
            return true;
        }
    return false;
}

bool find_tlv_path(struct smg_str among, const uint32_t *tags, struct smg_str *value)
{
    *value = among;
    for (; *tags != 0; tags++)
        if (!find_tlv(*value, *tags, value))
            return false;
    return true;
}

void write_bytes(struct writer *writer, const void *bytes, size_t len)
{
    if (writer->full || len > writer->room - writer->len) {
        writer->full = true;
        return;
    }
    if (len > 0)
        memcpy(writer->at + writer->len, bytes, len);
    writer->len += len;
}

void write_byte(struct writer *writer, uint8_t byte)
{
    write_bytes(writer, &byte, 1);
}

void write_tlv(struct writer *writer, uint32_t tag, const void *bytes, size_t len)
{
    for (int shift = 24; shift >= 0; shift -= 8)
        if (tag >> shift != 0)
            write_byte(writer, (uint8_t)(tag >> shift));
    if (len > 0xFF) {
        write_byte(writer, 0x82);
        write_byte(writer, (uint8_t)(len >> 8));
    } else if (len > 0x7F) {
        write_byte(writer, 0x81);
    }
    write_byte(writer, (uint8_t)len);
    write_bytes(writer, bytes, len);
}
