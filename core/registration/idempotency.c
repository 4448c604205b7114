/* SPDX-License-Identifier: Apache-2.0 */
/* First answers. A row: the time in clear (for sweeping), then sealed: status, digest of the
 * request, body. */
#include "registration/idempotency.h"

bool idempotency_is_key(struct smg_str text)
{
    size_t i;

    for (i = 0; i < text.len; i++)
        if (text.at[i] < 0x21 || text.at[i] > 0x7E)
            return false;
    return text.len >= 1 && text.len <= 255;
}

int idempotency_key(struct sealer *sealer, const char *staff, const char *path, struct smg_str key,
                    uint8_t out[IDEMPOTENCY_KEY_BYTES], struct smg_err *err)
{
    struct smg_str parts[] = { str_of(staff), str_of(path), key };

    return keyed_digest(sealer, KEY_IDEMPOTENCY, parts, 3, out, err);
}

static void row_about(const uint8_t row_key[IDEMPOTENCY_KEY_BYTES], struct buf *out)
{
    buf_text(out, "idempotency/");
    buf_put(out, row_key, IDEMPOTENCY_KEY_BYTES);
}

int idempotency_put(struct sealer *sealer, const uint8_t row_key[IDEMPOTENCY_KEY_BYTES],
                    struct smg_str request, int status, struct smg_str answer, int64_t now_ms,
                    struct unit *unit, struct smg_err *err)
{
    struct buf about = { 0 }, plain = { 0 }, row = { 0 };
    uint8_t digest[32];
    int result = keyed_digest(sealer, KEY_IDEMPOTENCY, &request, 1, digest, err);

    if (result != SMG_OK)
        return result;
    row_about(row_key, &about);
    buf_u16(&plain, (uint16_t)status);
    buf_put(&plain, digest, sizeof digest);
    buf_str(&plain, answer);
    buf_u64(&row, (uint64_t)now_ms);
    if (plain.failed || row.failed)
        result = smg_fail(err, SMG_E_MEMORY, "idempotency: out of memory");
    else
        result = seal(sealer, KEY_IDEMPOTENCY, buf_view(&about), buf_view(&plain), &row, err);
    if (result == SMG_OK)
        unit_put_new(unit, SMG_SPACE_IDEMPOTENCY, str_bytes(row_key, IDEMPOTENCY_KEY_BYTES),
                     buf_view(&row));
    buf_fini(&about);
    buf_fini(&plain);
    buf_fini(&row);
    return result;
}

int64_t idempotency_time(struct smg_str row)
{
    uint64_t ms;

    return take_u64(&row, &ms) ? (int64_t)ms : 0;
}

int idempotency_open(struct sealer *sealer, const uint8_t row_key[IDEMPOTENCY_KEY_BYTES],
                     struct smg_str row, struct smg_str request, struct first_answer *out,
                     struct smg_err *err)
{
    struct buf about = { 0 }, plain = { 0 };
    struct smg_str view, digest;
    uint8_t now[32];
    uint16_t status;
    uint64_t ms;
    int result;

    row_about(row_key, &about);
    if (!take_u64(&row, &ms))
        result = smg_fail(err, SMG_E_PROTOCOL, "idempotency: a stored row is not whole");
    else
        result = unseal(sealer, KEY_IDEMPOTENCY, buf_view(&about), row, &plain, err);
    if (result == SMG_OK)
        result = keyed_digest(sealer, KEY_IDEMPOTENCY, &request, 1, now, err);
    if (result == SMG_OK) {
        view = buf_view(&plain);
        if (!take_u16(&view, &status) || !take_bytes(&view, sizeof now, &digest)) {
            result = smg_fail(err, SMG_E_PROTOCOL, "idempotency: a stored row is not whole");
        } else {
            out->status = status;
            out->same = str_eq_secret(digest, str_bytes(now, sizeof now));
            buf_str(&out->body, view);
        }
    }
    buf_fini(&about);
    buf_fini(&plain);
    return result;
}
