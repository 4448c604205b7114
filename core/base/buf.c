/* SPDX-License-Identifier: Apache-2.0 */
/* One growing buffer: text, numbers, hex and base64url in, and back out. */
#include "base/buf.h"

#include <stdlib.h>

enum { FIRST_ROOM = 64, SMALL = 4096 };

char *buf_grow(struct buf *buf, size_t len)
{
    size_t room = buf->room == 0 ? FIRST_ROOM : buf->room;
    char *at;

    if (buf->failed || len > SIZE_MAX / 4 - buf->len) {
        buf->failed = true;
        return NULL;
    }
    if (buf->at == NULL || buf->room - buf->len <= len) {
        while (room - buf->len <= len)
            room *= room < SMALL ? 4 : 2;
        /* Not realloc: what is left behind must be wiped. */
        at = malloc(room);
        if (at == NULL) {
            buf->failed = true;
            return NULL;
        }
        if (buf->at != NULL)
            memcpy(at, buf->at, buf->len);
        str_wipe(buf->at, buf->len);
        free(buf->at);
        buf->at = at;
        buf->room = room;
    }
    at = buf->at + buf->len;
    buf->len += len;
    buf->at[buf->len] = '\0';
    return at;
}

void buf_put(struct buf *buf, const void *at, size_t len)
{
    char *to = buf_grow(buf, len);

    if (to != NULL && len > 0)
        memcpy(to, at, len);
}

void buf_str(struct buf *buf, struct smg_str str)
{
    buf_put(buf, str.at, str.len);
}

void buf_text(struct buf *buf, const char *text)
{
    buf_put(buf, text, strlen(text));
}

void buf_byte(struct buf *buf, unsigned char byte)
{
    buf_put(buf, &byte, 1);
}

/* Into the room there is, and once more where that did not suffice. */
void buf_printf(struct buf *buf, const char *fmt, ...)
{
    size_t left = buf->room - buf->len;
    va_list args;
    int len;
    char *to;

    if (buf->failed)
        return;
    va_start(args, fmt);
    len = vsnprintf(buf->at == NULL ? NULL : buf->at + buf->len, left, fmt, args);
    va_end(args);
    if (len < 0) {
        buf->failed = true;
        return;
    }
    if ((size_t)len >= left && left > 0)
        str_wipe(buf->at + buf->len, left);
    to = buf_grow(buf, (size_t)len);
    if (to == NULL || (size_t)len < left)
        return;
    va_start(args, fmt);
    vsnprintf(to, (size_t)len + 1, fmt, args);
    va_end(args);
}

static void put_big_endian(struct buf *buf, uint64_t number, size_t bytes)
{
    unsigned char at[8];
    size_t i;

    for (i = 0; i < bytes; i++)
        at[i] = (unsigned char)(number >> (8 * (bytes - 1 - i)));
    buf_put(buf, at, bytes);
}

void buf_u16(struct buf *buf, uint16_t number)
{
    put_big_endian(buf, number, 2);
}

void buf_u32(struct buf *buf, uint32_t number)
{
    put_big_endian(buf, number, 4);
}

void buf_u64(struct buf *buf, uint64_t number)
{
    put_big_endian(buf, number, 8);
}

void buf_hex(struct buf *buf, struct smg_str bytes)
{
    static const char digits[] = "0123456789abcdef";
    char *to = buf_grow(buf, bytes.len * 2);
    size_t i;

    if (to == NULL)
        return;
    for (i = 0; i < bytes.len; i++) {
        to[2 * i] = digits[(unsigned char)bytes.at[i] >> 4];
        to[2 * i + 1] = digits[(unsigned char)bytes.at[i] & 15];
    }
}

static const char base64url[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

void buf_base64url(struct buf *buf, struct smg_str bytes)
{
    char *to = buf_grow(buf, bytes.len / 3 * 4 + (bytes.len % 3 == 0 ? 0 : bytes.len % 3 + 1));
    const unsigned char *at = (const unsigned char *)bytes.at;
    size_t i;

    if (to == NULL)
        return;
    for (i = 0; i + 2 < bytes.len; i += 3) {
        *to++ = base64url[at[i] >> 2];
        *to++ = base64url[(at[i] & 3) << 4 | at[i + 1] >> 4];
        *to++ = base64url[(at[i + 1] & 15) << 2 | at[i + 2] >> 6];
        *to++ = base64url[at[i + 2] & 63];
    }
    if (i + 1 == bytes.len) {
        *to++ = base64url[at[i] >> 2];
        *to++ = base64url[(at[i] & 3) << 4];
    } else if (i + 2 == bytes.len) {
        *to++ = base64url[at[i] >> 2];
        *to++ = base64url[(at[i] & 3) << 4 | at[i + 1] >> 4];
        *to++ = base64url[(at[i + 1] & 15) << 2];
    }
}

void buf_json(struct buf *buf, struct smg_str text)
{
    size_t i, from = 0;

    buf_byte(buf, '"');
    for (i = 0; i < text.len; i++) {
        unsigned char byte = (unsigned char)text.at[i];

        if (byte >= 0x20 && byte != '"' && byte != '\\')
            continue;
        buf_put(buf, text.at + from, i - from);
        from = i + 1;
        if (byte == '"' || byte == '\\')
            buf_printf(buf, "\\%c", byte);
        else if (byte == '\n')
            buf_text(buf, "\\n");
        else
            buf_printf(buf, "\\u%04x", byte);
    }
    buf_put(buf, text.at + from, text.len - from);
    buf_byte(buf, '"');
}

void buf_html(struct buf *buf, struct smg_str text)
{
    size_t i;

    for (i = 0; i < text.len; i++) {
        char c = text.at[i];
        const char *name = c == '&'    ? "&amp;"
                           : c == '<'  ? "&lt;"
                           : c == '>'  ? "&gt;"
                           : c == '"'  ? "&quot;"
                           : c == '\'' ? "&#39;"
                                       : NULL;

        if (name == NULL)
            buf_byte(buf, (unsigned char)c);
        else
            buf_text(buf, name);
    }
}

void buf_clear(struct buf *buf)
{
    str_wipe(buf->at, buf->len);
    buf->len = 0;
    buf->failed = false;
}

void buf_fini(struct buf *buf)
{
    str_wipe(buf->at, buf->len);
    free(buf->at);
    *buf = (struct buf){ 0 };
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

bool buf_unhex(struct buf *buf, struct smg_str text)
{
    size_t i, before = buf->len;

    if (text.len % 2 != 0)
        return false;
    for (i = 0; i < text.len; i += 2) {
        int high = hex_digit(text.at[i]), low = hex_digit(text.at[i + 1]);

        if (high < 0 || low < 0) {
            buf->len = before;
            return false;
        }
        buf_byte(buf, (unsigned char)(high << 4 | low));
    }
    return !buf->failed;
}

static int base64url_digit(char c)
{
    const char *at = c == '\0' ? NULL : strchr(base64url, c);

    return at == NULL ? -1 : (int)(at - base64url);
}

bool buf_unbase64url(struct buf *buf, struct smg_str text)
{
    size_t i, before = buf->len;
    uint32_t bits = 0;
    unsigned have = 0;

    if (text.len % 4 == 1)
        return false;
    for (i = 0; i < text.len; i++) {
        int digit = base64url_digit(text.at[i]);

        if (digit < 0)
            break;
        bits = bits << 6 | (uint32_t)digit;
        have += 6;
        if (have >= 8) {
            have -= 8;
            buf_byte(buf, (unsigned char)(bits >> have));
        }
    }
    /* Left-over bits must be zero, so that a text has one form only. */
    if (i < text.len || (bits & ((1u << have) - 1)) != 0) {
        buf->len = before;
        return false;
    }
    return !buf->failed;
}

static bool take_big_endian(struct smg_str *view, size_t bytes, uint64_t *out)
{
    struct smg_str part;
    size_t i;

    if (!take_bytes(view, bytes, &part))
        return false;
    *out = 0;
    for (i = 0; i < bytes; i++)
        *out = *out << 8 | (unsigned char)part.at[i];
    return true;
}

bool take_u8(struct smg_str *view, uint8_t *out)
{
    uint64_t number;

    if (!take_big_endian(view, 1, &number))
        return false;
    *out = (uint8_t)number;
    return true;
}

bool take_u16(struct smg_str *view, uint16_t *out)
{
    uint64_t number;

    if (!take_big_endian(view, 2, &number))
        return false;
    *out = (uint16_t)number;
    return true;
}

bool take_u32(struct smg_str *view, uint32_t *out)
{
    uint64_t number;

    if (!take_big_endian(view, 4, &number))
        return false;
    *out = (uint32_t)number;
    return true;
}

bool take_u64(struct smg_str *view, uint64_t *out)
{
    return take_big_endian(view, 8, out);
}

bool take_bytes(struct smg_str *view, size_t len, struct smg_str *out)
{
    if (view->len < len)
        return false;
    *out = (struct smg_str){ view->at, len };
    view->at = len == 0 ? view->at : view->at + len;
    view->len -= len;
    return true;
}
