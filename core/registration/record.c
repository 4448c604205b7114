/* SPDX-License-Identifier: Apache-2.0 */
/* The rows of a registration. */
#include "registration/record.h"

enum { RETENTION_YEARS = 2 /* cn-54/2018#12 */, CASE_FORMAT = 1 };

static void about_id(const char *place, struct id id, struct buf *out)
{
    buf_text(out, place);
    buf_str(out, id_view(&id));
}

static int index_key(struct sealer *sealer, char kind, struct smg_str text,
                     uint8_t out[INDEX_PREFIX_BYTES], struct smg_err *err)
{
    struct smg_str parts[] = { { &kind, 1 }, text };
    uint8_t digest[32];
    int status = keyed_digest(sealer, KEY_INDEX, parts, 2, digest, err);

    out[0] = (uint8_t)kind;
    memcpy(out + 1, digest, INDEX_PREFIX_BYTES - 1);
    return status;
}

int record_index_number(struct sealer *sealer, struct smg_str number,
                        uint8_t out[INDEX_PREFIX_BYTES], struct smg_err *err)
{
    return index_key(sealer, 'n', number, out, err);
}

int record_index_identity(struct sealer *sealer, struct smg_str number,
                          uint8_t out[INDEX_PREFIX_BYTES], struct smg_err *err)
{
    return index_key(sealer, 'i', number, out, err);
}

static void put_index(struct unit *unit, const uint8_t prefix[INDEX_PREFIX_BYTES], struct id id)
{
    struct buf key = { 0 };

    buf_put(&key, prefix, INDEX_PREFIX_BYTES);
    buf_str(&key, id_view(&id));
    unit_put_new(unit, SMG_SPACE_INDEX, buf_view(&key), (struct smg_str){ "", 0 });
    buf_fini(&key);
}

static int index_record(struct sealer *sealer, const struct smg_fields *fields, struct id id,
                        struct unit *unit, struct smg_err *err)
{
    static const char *const identities[] = { "customer.document.number",
                                              "organisation.document.number" };
    struct smg_str text = fields_text(fields, "number");
    uint8_t prefix[INDEX_PREFIX_BYTES];
    int status = SMG_OK;
    size_t i;

    if (text.len > 0) {
        status = record_index_number(sealer, text, prefix, err);
        if (status != SMG_OK)
            return status;
        put_index(unit, prefix, id);
    }
    for (i = 0; i < sizeof identities / sizeof *identities; i++) {
        text = fields_text(fields, identities[i]);
        if (text.len == 0)
            continue;
        status = record_index_identity(sealer, text, prefix, err);
        if (status != SMG_OK)
            return status;
        put_index(unit, prefix, id);
    }
    return status;
}

/* The record's own row: when, who, the decision, the fields. */
static int seal_record(struct sealer *sealer, const struct record *record,
                       const struct smg_fields *fields, const struct data_key *key, struct buf *row,
                       struct smg_err *err)
{
    struct buf plain = { 0 }, about = { 0 };
    int status;

    buf_u32(&plain, (uint32_t)record->decision.len);
    buf_str(&plain, record->decision);
    fields_write(fields, &plain);
    about_id("registration/", record->id, &about);
    status = plain.failed ? smg_fail(err, SMG_E_MEMORY, "record: out of memory")
                          : seal_with(sealer, key, buf_view(&about), buf_view(&plain), row, err);
    buf_fini(&plain);
    buf_fini(&about);
    return status;
}

static void put_short(struct buf *out, struct smg_str text)
{
    buf_byte(out, (unsigned char)text.len);
    buf_str(out, str_bytes(text.at, (unsigned char)text.len));
}

static void put_long(struct buf *out, struct smg_str text)
{
    buf_u32(out, (uint32_t)text.len);
    buf_str(out, text);
}

static int seal_case(struct sealer *sealer, const struct record *record, struct buf *row,
                     struct smg_err *err)
{
    const struct kept_case *kept = &record->kept;
    struct buf plain = { 0 }, about = { 0 };
    int status;

    buf_byte(&plain, CASE_FORMAT);
    buf_u64(&plain, (uint64_t)kept->at_ms);
    buf_u32(&plain, date_pack(kept->on));
    buf_u32(&plain, date_pack(kept->begun));
    buf_byte(&plain, kept->broken);
    put_short(&plain, kept->staff);
    put_short(&plain, kept->dealer);
    put_short(&plain, kept->region);
    put_short(&plain, kept->set);
    put_short(&plain, kept->holder);
    put_long(&plain, kept->outline);
    put_long(&plain, kept->facts);
    about_id("case/", record->id, &about);
    status = plain.failed ? smg_fail(err, SMG_E_MEMORY, "record: out of memory")
                          : seal(sealer, KEY_STORE, buf_view(&about), buf_view(&plain), row, err);
    buf_fini(&plain);
    buf_fini(&about);
    return status;
}

static bool take_short(struct smg_str *view, struct smg_str *out)
{
    uint8_t len;

    return take_u8(view, &len) && take_bytes(view, len, out);
}

static bool take_long(struct smg_str *view, struct smg_str *out)
{
    uint32_t len;

    return take_u32(view, &len) && take_bytes(view, len, out);
}

static bool take_case(struct smg_str view, struct kept_case *out)
{
    uint8_t format, broken;
    uint64_t at_ms;
    uint32_t on, begun;

    if (!take_u8(&view, &format) || format != CASE_FORMAT || !take_u64(&view, &at_ms) ||
        !take_u32(&view, &on) || !date_unpack(on, &out->on) || !take_u32(&view, &begun) ||
        !date_unpack(begun, &out->begun) || !take_u8(&view, &broken))
        return false;
    out->at_ms = (int64_t)at_ms;
    out->broken = broken != 0;
    return take_short(&view, &out->staff) && take_short(&view, &out->dealer) &&
           take_short(&view, &out->region) && take_short(&view, &out->set) &&
           take_short(&view, &out->holder) && take_long(&view, &out->outline) &&
           take_long(&view, &out->facts) && view.len == 0;
}

int record_case_open(struct sealer *sealer, struct id id, struct smg_str row, struct buf *plain,
                     struct kept_case *out, struct smg_err *err)
{
    char about[5 + sizeof id.bytes] = "case/";
    int status;

    buf_clear(plain);
    memcpy(about + 5, id.bytes, sizeof id.bytes);
    status = unseal(sealer, KEY_STORE, str_bytes(about, sizeof about), row, plain, err);
    if (status == SMG_OK && !take_case(buf_view(plain), out))
        status = smg_fail(err, SMG_E_PROTOCOL, "record: a stored case is not whole");
    return status;
}

int record_put(struct sealer *sealer, const struct record *record, const struct smg_fields *fields,
               struct unit *unit, struct data_key *key, struct smg_err *err)
{
    struct buf about = { 0 }, wrapped = { 0 }, row = { 0 }, case_row = { 0 }, text = { 0 };
    struct audit_event event = { .at_ms = record->kept.at_ms,
                                 .actor = record->kept.staff,
                                 .action = record->accepted ? SMG_STR("registration.accepted")
                                                            : SMG_STR("registration.refused") };
    struct smg_str part;
    int status;

    about_id("registration-key/", record->id, &about);
    status = data_key_new(sealer, buf_view(&about), key, &wrapped, err);
    if (status == SMG_OK)
        status = seal_record(sealer, record, fields, key, &row, err);
    if (status == SMG_OK)
        status = seal_case(sealer, record, &case_row, err);
    part = buf_view(&row);
    if (status == SMG_OK)
        status = keyed_digest(sealer, KEY_AUDIT, &part, 1, event.digest, err);
    if (status != SMG_OK)
        goto out;
    unit_put_new(unit, SMG_SPACE_REGISTRATION, id_view(&record->id), buf_view(&row));
    unit_put_new(unit, SMG_SPACE_KEY, id_view(&record->id), buf_view(&wrapped));
    unit_put_new(unit, SMG_SPACE_CASE, id_view(&record->id), buf_view(&case_row));
    status = index_record(sealer, fields, record->id, unit, err);
    id_write(record->id, &text);
    event.object = buf_view(&text);
    audit_note(unit, &event);
out:
    buf_fini(&about);
    buf_fini(&wrapped);
    buf_fini(&row);
    buf_fini(&case_row);
    buf_fini(&text);
    return status;
}

int record_key_open(struct sealer *sealer, struct id id, struct smg_str key_row,
                    struct data_key *key, struct smg_err *err)
{
    struct buf about = { 0 };
    int status;

    about_id("registration-key/", id, &about);
    status = data_key_open(sealer, buf_view(&about), key_row, key, err);
    buf_fini(&about);
    return status;
}

int record_open(struct sealer *sealer, struct id id, struct smg_str key_row, struct smg_str row,
                struct smg_fields **fields, struct buf *decision, struct data_key *key,
                struct smg_err *err)
{
    struct buf about = { 0 }, plain = { 0 };
    struct smg_str view, part;
    uint32_t len;
    int status;

    status = record_key_open(sealer, id, key_row, key, err);
    if (status != SMG_OK)
        return status;
    about_id("registration/", id, &about);
    status = unseal_with(sealer, key, buf_view(&about), row, &plain, err);
    if (status != SMG_OK)
        goto out;
    view = buf_view(&plain);
    if (!take_u32(&view, &len) || !take_bytes(&view, len, &part)) {
        status = smg_fail(err, SMG_E_PROTOCOL, "record: a stored record is not whole");
        goto out;
    }
    buf_str(decision, part);
    *fields = fields_read(view, err);
    status = *fields == NULL ? err->code : SMG_OK;
out:
    buf_fini(&about);
    buf_fini(&plain);
    return status;
}

void record_ended_key(struct id id, struct buf *out)
{
    buf_str(out, id_view(&id));
    buf_text(out, "/ended");
}

int record_terminate(struct sealer *sealer, struct id id, int64_t ended_ms, const char *by,
                     int64_t now_ms, struct unit *unit, struct smg_date *due, struct smg_err *err)
{
    struct buf key = { 0 }, plain = { 0 }, row = { 0 }, due_key = { 0 }, text = { 0 };
    struct audit_event event = { .at_ms = now_ms,
                                 .actor = str_of(by),
                                 .action = SMG_STR("service.terminated") };
    int status;

    *due = date_add_years(date_of(ended_ms), RETENTION_YEARS);
    record_ended_key(id, &key);
    buf_u64(&plain, (uint64_t)ended_ms);
    buf_u32(&plain, date_pack(*due));
    status = seal(sealer, KEY_STORE, buf_view(&key), buf_view(&plain), &row, err);
    if (status == SMG_OK) {
        unit_put_new(unit, SMG_SPACE_CASE, buf_view(&key), buf_view(&row));
        buf_u32(&due_key, (uint32_t)date_to_days(*due));
        buf_str(&due_key, id_view(&id));
        unit_put(unit, SMG_SPACE_DUE, buf_view(&due_key), (struct smg_str){ "", 0 });
        id_write(id, &text);
        event.object = buf_view(&text);
        audit_note(unit, &event);
    }
    buf_fini(&key);
    buf_fini(&plain);
    buf_fini(&row);
    buf_fini(&due_key);
    buf_fini(&text);
    return status;
}

int record_ended(struct sealer *sealer, struct id id, struct smg_str row, int64_t *ended_ms,
                 struct smg_date *due, struct smg_err *err)
{
    struct buf key = { 0 }, plain = { 0 };
    struct smg_str view;
    uint64_t ended;
    uint32_t day;
    int status;

    record_ended_key(id, &key);
    status = unseal(sealer, KEY_STORE, buf_view(&key), row, &plain, err);
    view = buf_view(&plain);
    if (status == SMG_OK &&
        (!take_u64(&view, &ended) || !take_u32(&view, &day) || !date_unpack(day, due)))
        status = smg_fail(err, SMG_E_PROTOCOL, "record: a stored row is not whole");
    if (status == SMG_OK)
        *ended_ms = (int64_t)ended;
    buf_fini(&key);
    buf_fini(&plain);
    return status;
}
