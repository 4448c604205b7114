/* SPDX-License-Identifier: Apache-2.0 */
/* Keys, leaves and heads: bytes out, and hostile bytes back in. */
#include "audit/rows.h"

enum { LEAF_VERSION = 1, HEAD_VERSION = 1 };

bool row_is_stream(struct smg_str name)
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.";
    size_t i;

    for (i = 0; i < name.len; i++)
        if (name.at[i] == '\0' || strchr(letters, name.at[i]) == NULL)
            return false;
    return name.len > 0 && name.len <= ROW_STREAM_LIMIT;
}

void row_key(enum row_kind kind, const char *stream, uint64_t number, struct buf *out)
{
    buf_byte(out, (unsigned char)kind);
    buf_text(out, stream);
    if (kind == ROW_HEAD)
        return;
    buf_byte(out, 0);
    buf_u64(out, number);
}

void row_key_end(enum row_kind kind, const char *stream, struct buf *out)
{
    buf_byte(out, (unsigned char)kind);
    buf_text(out, stream);
    buf_byte(out, 1);
}

bool row_key_number(struct smg_str key, const char *stream, uint64_t *out)
{
    size_t skip = 1 + strlen(stream) + 1;

    if (key.len != skip + 8 || memcmp(key.at + 1, stream, skip - 1) != 0)
        return false;
    key = str_bytes(key.at + skip, 8);
    return take_u64(&key, out);
}

/* A text as it may stand in a leaf: see struct audit_event. */
static uint8_t *put_text(uint8_t *at, struct smg_str text)
{
    bool whole = str_is_utf8(text);
    size_t i, len = text.len < ROW_TEXT_LIMIT ? text.len : ROW_TEXT_LIMIT;

    /* A cut never falls inside a character. */
    while (whole && len > 0 && len < text.len && ((unsigned char)text.at[len] & 0xC0) == 0x80)
        len--;
    *at++ = (uint8_t)len;
    for (i = 0; i < len; i++) {
        unsigned char byte = (unsigned char)text.at[i];

        *at++ = byte < 0x20 || byte == 0x7F || (byte >= 0x80 && !whole) ? '?' : byte;
    }
    return at;
}

static uint8_t *put_u64(uint8_t *at, uint64_t number)
{
    int i;

    for (i = 0; i < 8; i++)
        *at++ = (uint8_t)(number >> (56 - 8 * i));
    return at;
}

size_t leaf_write(const struct audit_event *event, uint8_t out[ROW_LEAF_LIMIT])
{
    uint8_t *at = out;

    *at++ = LEAF_VERSION;
    at = put_u64(at, (uint64_t)event->at_ms);
    at = put_text(at, event->actor);
    at = put_text(at, event->action);
    at = put_text(at, event->object);
    at = put_text(at, event->purpose);
    memcpy(at, event->digest, sizeof event->digest);
    return (size_t)(at - out) + sizeof event->digest;
}

static bool take_text(struct smg_str *view, struct smg_str *out)
{
    uint8_t len;

    return take_u8(view, &len) && len <= ROW_TEXT_LIMIT && take_bytes(view, len, out);
}

bool leaf_read(struct smg_str leaf, struct audit_event *out)
{
    struct smg_str digest;
    uint8_t version;
    uint64_t at_ms;

    if (!take_u8(&leaf, &version) || version != LEAF_VERSION || !take_u64(&leaf, &at_ms) ||
        !take_text(&leaf, &out->actor) || !take_text(&leaf, &out->action) ||
        !take_text(&leaf, &out->object) || !take_text(&leaf, &out->purpose) ||
        !take_bytes(&leaf, sizeof out->digest, &digest) || leaf.len != 0)
        return false;
    out->at_ms = (int64_t)at_ms;
    memcpy(out->digest, digest.at, sizeof out->digest);
    return true;
}

bool audit_event_read(struct smg_str key, struct smg_str value, struct audit_event *out)
{
    if (key.len == 0 || key.at[0] != ROW_LEAF || value.len < ROW_MAC_BYTES)
        return false;
    return leaf_read(str_bytes(value.at, value.len - ROW_MAC_BYTES), out);
}

int leaf_mac(struct sealer *sealer, const char *stream, uint64_t sequence,
             const uint8_t before[ROW_MAC_BYTES], struct smg_str leaf, uint8_t out[ROW_MAC_BYTES],
             struct smg_err *err)
{
    uint8_t number[8];
    struct smg_str parts[] = { SMG_STR("leaf"), str_of(stream), str_bytes(number, sizeof number),
                               str_bytes(before, ROW_MAC_BYTES), leaf };

    put_u64(number, sequence);
    return keyed_digest(sealer, KEY_AUDIT, parts, sizeof parts / sizeof *parts, out, err);
}

static int head_mac(struct sealer *sealer, const char *stream, struct smg_str content,
                    uint8_t out[ROW_MAC_BYTES], struct smg_err *err)
{
    struct smg_str parts[] = { SMG_STR("head"), str_of(stream), content };

    return keyed_digest(sealer, KEY_AUDIT, parts, sizeof parts / sizeof *parts, out, err);
}

int head_write(struct sealer *sealer, const char *stream, const struct head *head, struct buf *out,
               struct smg_err *err)
{
    uint8_t mac[ROW_MAC_BYTES];
    unsigned level;
    int status;

    buf_byte(out, HEAD_VERSION);
    buf_u64(out, head->tree.size);
    buf_u64(out, head->checkpoint);
    buf_put(out, head->mac, sizeof head->mac);
    for (level = 0; level < 64; level++)
        if ((head->tree.size >> level & 1) != 0)
            buf_put(out, head->tree.peak[level], sizeof head->tree.peak[level]);
    if (out->failed)
        return smg_fail(err, SMG_E_MEMORY, "audit: out of memory");
    status = head_mac(sealer, stream, buf_view(out), mac, err);
    buf_put(out, mac, sizeof mac);
    return status == SMG_OK && out->failed ? smg_fail(err, SMG_E_MEMORY, "audit: out of memory")
                                           : status;
}

static bool parse_head(struct smg_str view, struct head *out)
{
    struct smg_str part;
    unsigned level;
    uint8_t version;

    *out = (struct head){ 0 };
    if (!take_u8(&view, &version) || version != HEAD_VERSION || !take_u64(&view, &out->tree.size) ||
        !take_u64(&view, &out->checkpoint) || !take_bytes(&view, sizeof out->mac, &part))
        return false;
    memcpy(out->mac, part.at, sizeof out->mac);
    for (level = 0; level < 64; level++) {
        if ((out->tree.size >> level & 1) == 0)
            continue;
        if (!take_bytes(&view, sizeof out->tree.peak[level], &part))
            return false;
        memcpy(out->tree.peak[level], part.at, part.len);
    }
    return view.len == 0;
}

int head_read(struct sealer *sealer, const char *stream, struct smg_str value, struct head *out,
              struct smg_err *err)
{
    uint8_t mac[ROW_MAC_BYTES];
    struct smg_str content, written;
    int status;

    if (value.len < ROW_MAC_BYTES)
        return smg_fail(err, SMG_E_DENIED, "audit: the head of stream %s was altered", stream);
    content = str_bytes(value.at, value.len - ROW_MAC_BYTES);
    written = str_bytes(value.at + content.len, ROW_MAC_BYTES);
    status = head_mac(sealer, stream, content, mac, err);
    if (status != SMG_OK)
        return status;
    if (!str_eq_secret(written, str_bytes(mac, sizeof mac)) || !parse_head(content, out))
        return smg_fail(err, SMG_E_DENIED, "audit: the head of stream %s was altered", stream);
    return SMG_OK;
}
