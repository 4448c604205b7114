/* SPDX-License-Identifier: Apache-2.0 */
/* Building bytes: one growing buffer. Memory it gives back is wiped first. */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include "base/str.h"

/* Start with { 0 }. When memory runs out, `failed` stays true and every later put does nothing, so
 * a writer checks once at the end. The bytes are always ended by a NUL that len does not count. */
struct buf {
    char *at;
    size_t len, room;
    bool failed;
};

void buf_put(struct buf *buf, const void *at, size_t len);
void buf_str(struct buf *buf, struct smg_str str);
void buf_text(struct buf *buf, const char *text);
void buf_byte(struct buf *buf, unsigned char byte);
void buf_printf(struct buf *buf, const char *fmt, ...) SMG_PRINTF(2, 3);
void buf_u16(struct buf *buf, uint16_t number); /* big-endian, as all numbers we store */
void buf_u32(struct buf *buf, uint32_t number);
void buf_u64(struct buf *buf, uint64_t number);
void buf_hex(struct buf *buf, struct smg_str bytes);       /* lower case */
void buf_base64url(struct buf *buf, struct smg_str bytes); /* RFC 4648 section 5, no padding */
/* A JSON string with its quotes (RFC 8259); text must be well-formed UTF-8. */
void buf_json(struct buf *buf, struct smg_str text);
void buf_html(struct buf *buf, struct smg_str text); /* as text of an element or an attribute */
/* len more bytes to be written by the caller; NULL when memory ran out. */
char *buf_grow(struct buf *buf, size_t len);
void buf_clear(struct buf *buf); /* wipes, keeps the memory */
void buf_fini(struct buf *buf);  /* wipes and frees; buf is { 0 } again */

static inline struct smg_str buf_view(const struct buf *buf)
{
    return (struct smg_str){ buf->at, buf->len };
}

/* Append the decoded bytes; false (and nothing appended) when the text is not hex or base64url. */
bool buf_unhex(struct buf *buf, struct smg_str text);
bool buf_unbase64url(struct buf *buf, struct smg_str text);

/* Reading the same numbers back: take them from the front of view, false when it is too short. */
bool take_u8(struct smg_str *view, uint8_t *out);
bool take_u16(struct smg_str *view, uint16_t *out);
bool take_u32(struct smg_str *view, uint32_t *out);
bool take_u64(struct smg_str *view, uint64_t *out);
bool take_bytes(struct smg_str *view, size_t len, struct smg_str *out);

#endif
