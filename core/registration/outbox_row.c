/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of the outbox. */
#include "registration/outbox_row.h"

static void write_key(const struct outbox_row *row, struct buf *out)
{
    buf_byte(out, (unsigned char)row->state);
    buf_text(out, row->to);
    buf_byte(out, 0);
    buf_str(out, id_view(&row->id));
}

static void write_about(const struct outbox_row *row, struct buf *out)
{
    buf_text(out, "outbox/");
    write_key(row, out);
    buf_u64(out, (uint64_t)row->due_ms);
}

int outbox_row_put(struct sealer *sealer, const struct outbox_row *row, struct unit *unit,
                   struct smg_err *err)
{
    struct buf key = { 0 }, about = { 0 }, plain = { 0 }, value = { 0 };
    int status;

    write_key(row, &key);
    write_about(row, &about);
    buf_u64(&plain, (uint64_t)row->at_ms);
    buf_u64(&plain, (uint64_t)row->refused_ms);
    buf_u32(&plain, (uint32_t)row->why.len);
    buf_str(&plain, row->why);
    buf_u32(&plain, (uint32_t)row->open.len);
    buf_str(&plain, row->open);
    buf_str(&plain, row->closed);
    buf_u64(&value, (uint64_t)row->due_ms);
    status = seal(sealer, KEY_REPORT, buf_view(&about), buf_view(&plain), &value, err);
    if (status == SMG_OK && (key.failed || plain.failed || value.failed))
        status = smg_fail(err, SMG_E_MEMORY, "outbox: out of memory");
    if (status == SMG_OK)
        unit_put_new(unit, SMG_SPACE_OUTBOX, buf_view(&key), buf_view(&value));
    buf_fini(&key);
    buf_fini(&about);
    buf_fini(&plain);
    buf_fini(&value);
    return status;
}

bool outbox_row_key(struct smg_str key, struct outbox_row *out)
{
    const char *end = key.len == 0 ? NULL : memchr(key.at, '\0', key.len);
    size_t length = end == NULL ? 0 : (size_t)(end - key.at);

    if (length < 2 || length > sizeof out->to || key.len != length + 1 + sizeof out->id.bytes ||
        (key.at[0] != OUTBOX_WAITING && key.at[0] != OUTBOX_REFUSED))
        return false;
    out->state = (enum outbox_state)key.at[0];
    memcpy(out->to, key.at + 1, length - 1);
    out->to[length - 1] = '\0';
    memcpy(out->id.bytes, end + 1, sizeof out->id.bytes);
    return true;
}

int64_t outbox_row_due(struct smg_str value)
{
    uint64_t due;

    return take_u64(&value, &due) && due <= INT64_MAX ? (int64_t)due : 0;
}

static bool read_plain(struct smg_str view, struct outbox_row *out)
{
    uint64_t at, refused;
    uint32_t length;

    if (!take_u64(&view, &at) || !take_u64(&view, &refused) || !take_u32(&view, &length) ||
        !take_bytes(&view, length, &out->why) || !take_u32(&view, &length) ||
        !take_bytes(&view, length, &out->open))
        return false;
    out->at_ms = (int64_t)at;
    out->refused_ms = (int64_t)refused;
    out->closed = view;
    return true;
}

int outbox_row_open(struct sealer *sealer, struct smg_str key, struct smg_str value,
                    struct outbox_row *out, struct buf *plain, struct smg_err *err)
{
    struct buf about = { 0 };
    struct smg_str due;
    int status;

    *out = (struct outbox_row){ .due_ms = outbox_row_due(value) };
    buf_clear(plain);
    if (!outbox_row_key(key, out) || !take_bytes(&value, 8, &due))
        return smg_fail(err, SMG_E_PROTOCOL, "outbox: a row is not whole");
    write_about(out, &about);
    status = unseal(sealer, KEY_REPORT, buf_view(&about), value, plain, err);
    if (status == SMG_OK && !read_plain(buf_view(plain), out))
        status = smg_fail(err, SMG_E_PROTOCOL, "outbox: a row is not whole");
    buf_fini(&about);
    return status;
}

void outbox_row_range(enum outbox_state state, const char *to, struct buf *from, struct buf *until)
{
    buf_clear(from);
    buf_clear(until);
    buf_byte(from, (unsigned char)state);
    buf_byte(until, (unsigned char)(state + (to == NULL)));
    if (to != NULL) {
        buf_text(from, to);
        buf_byte(from, 0);
        buf_text(until, to);
        buf_byte(until, 1);
    }
}
