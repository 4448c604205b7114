/* SPDX-License-Identifier: Apache-2.0 */
/* Staff rows: one by token digest (to authenticate), one by id (so that an id is given once). */
#include "supervision/staff.h"

#include "supervision/name.h"
#include "supervision/row.h"

static const char TOKEN_PREFIX[] = "smg_";
enum { TOKEN_BYTES = 32 };

static const struct {
    enum role role;
    const char *name;
} roles[] = { { ROLE_CLERK, "clerk" }, { ROLE_AUDITOR, "auditor" }, { ROLE_ADMIN, "admin" } };

const char *role_name(enum role role)
{
    size_t i;

    for (i = 0; i < sizeof roles / sizeof *roles; i++)
        if (roles[i].role == role)
            return roles[i].name;
    return "nobody";
}

bool role_parse(struct smg_str text, enum role *out)
{
    size_t i;

    for (i = 0; i < sizeof roles / sizeof *roles; i++)
        if (str_is(text, roles[i].name)) {
            *out = roles[i].role;
            return true;
        }
    return false;
}

bool staff_token_key(struct sealer *sealer, struct smg_str token, struct buf *key)
{
    struct buf secret = { 0 };
    uint8_t digest[32];
    struct smg_err err;
    bool good = false;

    if (str_starts(token, TOKEN_PREFIX) &&
        buf_unbase64url(&secret, str_bytes(token.at + 4, token.len - 4)) &&
        secret.len == TOKEN_BYTES) {
        struct smg_str part = buf_view(&secret);

        good = keyed_digest(sealer, KEY_STAFF, &part, 1, digest, &err) == SMG_OK;
    }
    if (good) {
        buf_byte(key, 'T');
        buf_put(key, digest, sizeof digest);
    }
    buf_fini(&secret);
    return good && !key->failed;
}

static int seal_staff(struct sealer *sealer, const struct staff *staff, struct smg_str key,
                      struct buf *out, struct smg_err *err)
{
    struct smg_fields *fields = fields_new();
    bool whole = fields != NULL && fields_set_text(fields, "id", str_of(staff->id)) &&
                 fields_set_text(fields, "dealer", str_of(staff->dealer)) &&
                 fields_set_text(fields, "role", str_of(role_name(staff->role))) &&
                 fields_set_text(fields, "client_key", str_of(staff->client_key)) &&
                 fields_set_int(fields, "added", staff->added_ms);
    int status = row_seal(sealer, "staff/", key, whole ? fields : NULL, out, err);

    fields_free(fields);
    return status;
}

void staff_id_key(struct smg_str id, struct buf *key)
{
    buf_byte(key, 'S');
    buf_str(key, id);
}

void staff_remove(struct smg_str id, struct smg_str token_key, const char *by, int64_t now_ms,
                  struct unit *unit)
{
    struct audit_event event = {
        .at_ms = now_ms, .actor = str_of(by), .action = SMG_STR("staff.removed"), .object = id
    };

    unit_erase(unit, SMG_SPACE_STAFF, token_key);
    audit_note(unit, &event);
}

int staff_add(struct sealer *sealer, const struct staff *staff, const char *by, struct unit *unit,
              struct buf *token, struct smg_err *err)
{
    uint8_t secret[TOKEN_BYTES];
    size_t start = token->len;
    struct buf key = { 0 }, row = { 0 }, name = { 0 };
    struct audit_event event = { .at_ms = staff->added_ms,
                                 .actor = str_of(by),
                                 .action = SMG_STR("staff.added"),
                                 .object = str_of(staff->id) };
    int status;

    if (!name_is_id(str_of(staff->id)) ||
        (staff->dealer[0] != '\0' && !name_is_id(str_of(staff->dealer))))
        return smg_fail(err, SMG_E_INVALID,
                        "staff and dealer ids are 1 to 63 letters, digits, '-', '_' or '.'");
    random_bytes(secret, sizeof secret);
    buf_text(token, TOKEN_PREFIX);
    buf_base64url(token, str_bytes(secret, sizeof secret));
    str_wipe(secret, sizeof secret);
    if (token->failed ||
        !staff_token_key(sealer, str_bytes(token->at + start, token->len - start), &key)) {
        status = smg_fail(err, SMG_E_MEMORY, "staff: cannot make a token");
        goto out;
    }
    status = seal_staff(sealer, staff, buf_view(&key), &row, err);
    if (status != SMG_OK)
        goto out;
    staff_id_key(str_of(staff->id), &name);
    unit_put_new(unit, SMG_SPACE_STAFF, buf_view(&name), buf_view(&key));
    unit_put_new(unit, SMG_SPACE_STAFF, buf_view(&key), buf_view(&row));
    audit_note(unit, &event);
out:
    buf_fini(&key);
    buf_fini(&row);
    buf_fini(&name);
    return status;
}

int staff_open(struct sealer *sealer, struct smg_str key, struct smg_str value, struct staff *out,
               struct smg_err *err)
{
    struct smg_fields *fields = row_open(sealer, "staff/", key, value, err);
    const struct smg_value *added;
    int status = SMG_OK;

    if (fields == NULL)
        return err->code;
    *out = (struct staff){ 0 };
    added = fields_get(fields, SMG_STR("added"));
    out->added_ms = added == NULL || added->type != SMG_INT ? 0 : added->integer;
    if (!name_copy(fields_text(fields, "id"), out->id, sizeof out->id) ||
        !name_copy(fields_text(fields, "dealer"), out->dealer, sizeof out->dealer) ||
        !name_copy(fields_text(fields, "client_key"), out->client_key, sizeof out->client_key) ||
        !role_parse(fields_text(fields, "role"), &out->role))
        status = smg_fail(err, SMG_E_PROTOCOL, "staff: a stored row is not whole");
    fields_free(fields);
    return status;
}
