/* SPDX-License-Identifier: Apache-2.0 */
/* Evidence rows. KEY: 'L' + length of the wrapped key + the key wrapped by the master key + SHA-256
 * of the picture sealed under it (loose), or 'T' + registration's id + key sealed under the
 * registration's key (taken). EVIDENCE: sealed type, size and bytes. */
#include "registration/evidence.h"

static const char *const types[] = { "image/jpeg", "image/png", "image/webp" };

static void about_key(struct id id, struct buf *out)
{
    buf_text(out, "evidence-key/");
    buf_str(out, id_view(&id));
}

static void about_bytes(struct id id, struct buf *out)
{
    buf_text(out, "evidence/");
    buf_str(out, id_view(&id));
}

static void about_digest(struct id id, struct buf *out)
{
    buf_text(out, "evidence-digest/");
    buf_str(out, id_view(&id));
}

/* 'L', the wrapped key, and the picture's digest, which only that key opens: equal pictures must
 * not show as equal rows. */
static int make_loose(struct sealer *sealer, struct id id, const uint8_t sha256[32],
                      struct data_key *key, struct buf *row, struct smg_err *err)
{
    struct buf about = { 0 }, wrapped = { 0 };
    int status;

    about_key(id, &about);
    status = data_key_new(sealer, buf_view(&about), key, &wrapped, err);
    if (status == SMG_OK) {
        buf_byte(row, 'L');
        buf_byte(row, (unsigned char)wrapped.len);
        buf_str(row, buf_view(&wrapped));
        buf_clear(&about);
        about_digest(id, &about);
        status =
            seal_with(sealer, key, buf_view(&about), str_bytes((const char *)sha256, 32), row, err);
        if (status != SMG_OK)
            data_key_wipe(key);
    }
    buf_fini(&about);
    buf_fini(&wrapped);
    return status;
}

/* Take a loose row apart. */
static bool split_loose(struct smg_str row, struct smg_str *wrapped, struct smg_str *digest)
{
    uint8_t kind, length;

    return take_u8(&row, &kind) && kind == 'L' && take_u8(&row, &length) &&
           take_bytes(&row, length, wrapped) && take_bytes(&row, row.len, digest);
}

static int open_loose(struct sealer *sealer, struct id id, struct smg_str row, struct data_key *key,
                      struct smg_str *digest, struct smg_err *err)
{
    struct smg_str wrapped;
    struct buf about = { 0 };
    int status;

    if (!split_loose(row, &wrapped, digest))
        return smg_fail(err, SMG_E_PROTOCOL, "evidence: the row of a picture's key is not whole");
    about_key(id, &about);
    status = data_key_open(sealer, buf_view(&about), wrapped, key, err);
    buf_fini(&about);
    return status;
}

static uint8_t type_number(const char *type)
{
    size_t i;

    for (i = 0; i < sizeof types / sizeof *types; i++)
        if (strcmp(types[i], type) == 0)
            return (uint8_t)i;
    return 0;
}

int evidence_put(struct sealer *sealer, struct smg_str bytes, const struct image_info *info,
                 const char *by, int64_t now_ms, struct unit *unit, struct id *out,
                 uint8_t sha256[32], struct smg_err *err)
{
    struct buf about = { 0 }, key_row = { 0 }, plain = { 0 }, row = { 0 }, text = { 0 };
    struct audit_event event = { .at_ms = now_ms,
                                 .actor = str_of(by),
                                 .action = SMG_STR("evidence.uploaded") };
    struct data_key key;
    struct smg_str part;
    int status;

    *out = id_new(now_ms);
    digest_sha256(bytes, sha256);
    status = make_loose(sealer, *out, sha256, &key, &key_row, err);
    if (status != SMG_OK)
        goto out;
    buf_byte(&plain, type_number(info->type));
    buf_u32(&plain, info->width);
    buf_u32(&plain, info->height);
    buf_str(&plain, bytes);
    about_bytes(*out, &about);
    status = plain.failed ? smg_fail(err, SMG_E_MEMORY, "evidence: out of memory")
                          : seal_with(sealer, &key, buf_view(&about), buf_view(&plain), &row, err);
    data_key_wipe(&key);
    if (status != SMG_OK)
        goto out;
    part = buf_view(&row);
    status = keyed_digest(sealer, KEY_AUDIT, &part, 1, event.digest, err);
    if (status != SMG_OK)
        goto out;
    id_write(*out, &text);
    event.object = buf_view(&text);
    unit_put_new(unit, SMG_SPACE_KEY, id_view(out), buf_view(&key_row));
    unit_put_new(unit, SMG_SPACE_EVIDENCE, id_view(out), buf_view(&row));
    audit_note(unit, &event);
out:
    buf_fini(&about);
    buf_fini(&key_row);
    buf_fini(&plain);
    buf_fini(&row);
    buf_fini(&text);
    return status;
}

void evidence_show(struct id id, const uint8_t sha256[32], const struct image_info *info,
                   struct buf *out)
{
    buf_text(out, "\"id\":\"");
    id_write(id, out);
    buf_text(out, "\",\"sha256\":\"");
    buf_hex(out, str_bytes(sha256, 32));
    buf_printf(out, "\",\"type\":\"%s\",\"width\":%u,\"height\":%u", info->type,
               (unsigned)info->width, (unsigned)info->height);
}

enum evidence_state evidence_state(struct smg_str key_row)
{
    if (key_row.len > 1 && key_row.at[0] == 'L')
        return EVIDENCE_LOOSE;
    return key_row.len > 17 && key_row.at[0] == 'T' ? EVIDENCE_TAKEN : EVIDENCE_ABSENT;
}

bool evidence_owner(struct smg_str key_row, struct id *registration)
{
    if (evidence_state(key_row) != EVIDENCE_TAKEN)
        return false;
    memcpy(registration->bytes, key_row.at + 1, sizeof registration->bytes);
    return true;
}

int evidence_take(struct sealer *sealer, struct id id, struct smg_str key_row,
                  struct id registration, const struct data_key *registration_key,
                  struct unit *unit, struct smg_err *err)
{
    struct buf about = { 0 }, taken = { 0 };
    struct smg_str digest;
    struct data_key key;
    int status;

    if (evidence_state(key_row) != EVIDENCE_LOOSE)
        return smg_fail(err, SMG_E_EXISTS, "the picture is not there or belongs to a registration");
    about_key(id, &about);
    status = open_loose(sealer, id, key_row, &key, &digest, err);
    if (status == SMG_OK) {
        buf_byte(&taken, 'T');
        buf_str(&taken, id_view(&registration));
        status = seal_with(sealer, registration_key, buf_view(&about),
                           str_bytes(key.bytes, sizeof key.bytes), &taken, err);
        data_key_wipe(&key);
    }
    if (status == SMG_OK)
        unit_put_if(unit, SMG_SPACE_KEY, id_view(&id), key_row, buf_view(&taken));
    buf_fini(&about);
    buf_fini(&taken);
    return status;
}

int evidence_digest(struct sealer *sealer, struct id id, struct smg_str key_row, uint8_t sha256[32],
                    struct smg_err *err)
{
    struct buf about = { 0 }, plain = { 0 };
    struct smg_str digest;
    struct data_key key;
    int status = open_loose(sealer, id, key_row, &key, &digest, err);

    if (status != SMG_OK)
        return status;
    about_digest(id, &about);
    status = unseal_with(sealer, &key, buf_view(&about), digest, &plain, err);
    data_key_wipe(&key);
    if (status == SMG_OK && plain.len != 32)
        status = smg_fail(err, SMG_E_PROTOCOL, "evidence: a picture's digest is not whole");
    if (status == SMG_OK)
        memcpy(sha256, plain.at, 32);
    buf_fini(&about);
    buf_fini(&plain);
    return status;
}

void evidence_drop(struct id id, struct smg_str key_row, struct unit *unit)
{
    unit_erase_if(unit, SMG_SPACE_KEY, id_view(&id), key_row);
    unit_erase(unit, SMG_SPACE_EVIDENCE, id_view(&id));
}

static int open_key(struct sealer *sealer, struct id id, struct smg_str key_row,
                    const struct data_key *registration_key, struct data_key *key,
                    struct smg_err *err)
{
    struct buf about = { 0 }, plain = { 0 };
    struct smg_str digest;
    int status;

    about_key(id, &about);
    if (evidence_state(key_row) == EVIDENCE_LOOSE) {
        status = open_loose(sealer, id, key_row, key, &digest, err);
    } else if (evidence_state(key_row) == EVIDENCE_TAKEN && registration_key != NULL) {
        status = unseal_with(sealer, registration_key, buf_view(&about),
                             str_bytes(key_row.at + 17, key_row.len - 17), &plain, err);
        if (status == SMG_OK && plain.len != sizeof key->bytes)
            status = smg_fail(err, SMG_E_PROTOCOL, "evidence: a key is not whole");
        if (status == SMG_OK)
            memcpy(key->bytes, plain.at, sizeof key->bytes);
    } else {
        status = smg_fail(err, SMG_E_NOT_FOUND, "there is no such picture");
    }
    buf_fini(&about);
    buf_fini(&plain);
    return status;
}

int evidence_open(struct sealer *sealer, struct id id, struct smg_str key_row, struct smg_str row,
                  const struct data_key *registration_key, struct buf *out, const char **type,
                  struct smg_err *err)
{
    struct buf about = { 0 }, plain = { 0 };
    struct data_key key;
    struct smg_str view;
    uint32_t width, height;
    uint8_t number;
    int status = open_key(sealer, id, key_row, registration_key, &key, err);

    if (status != SMG_OK)
        return status;
    about_bytes(id, &about);
    status = unseal_with(sealer, &key, buf_view(&about), row, &plain, err);
    data_key_wipe(&key);
    view = buf_view(&plain);
    if (status == SMG_OK && (!take_u8(&view, &number) || number >= sizeof types / sizeof *types ||
                             !take_u32(&view, &width) || !take_u32(&view, &height)))
        status = smg_fail(err, SMG_E_PROTOCOL, "evidence: a stored picture is not whole");
    if (status == SMG_OK) {
        *type = types[number];
        buf_str(out, view);
        if (out->failed)
            status = smg_fail(err, SMG_E_MEMORY, "evidence: out of memory");
    }
    buf_fini(&about);
    buf_fini(&plain);
    return status;
}
