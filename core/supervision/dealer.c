/* SPDX-License-Identifier: Apache-2.0 */
/* Dealer rows, and whether a contract is in force on a day. */
#include "supervision/dealer.h"

#include "base/fields.h"
#include "supervision/name.h"
#include "supervision/row.h"

bool dealer_key(struct smg_str id, struct buf *key)
{
    if (!name_is_id(id))
        return false;
    buf_byte(key, 'D');
    buf_str(key, id);
    return !key->failed;
}

static int seal_dealer(struct sealer *sealer, const struct dealer *dealer, struct smg_str key,
                       struct buf *out, struct smg_err *err)
{
    struct smg_fields *fields = fields_new();
    bool whole = fields != NULL && fields_set_text(fields, "id", str_of(dealer->id)) &&
                 fields_set_text(fields, "name", str_of(dealer->name)) &&
                 fields_set_date(fields, "contract_from", dealer->contract_from) &&
                 fields_set_date(fields, "contract_to", dealer->contract_to) &&
                 fields_set_bool(fields, "able", dealer->able);
    int status = row_seal(sealer, "dealer/", key, whole ? fields : NULL, out, err);

    fields_free(fields);
    return status;
}

int dealer_put(struct sealer *sealer, const struct dealer *dealer, const char *by, int64_t now_ms,
               struct unit *unit, struct smg_err *err)
{
    struct buf key = { 0 }, row = { 0 };
    struct audit_event event = { .at_ms = now_ms,
                                 .actor = str_of(by),
                                 .action = SMG_STR("dealer.put"),
                                 .object = str_of(dealer->id) };
    int status;

    if (!dealer_key(str_of(dealer->id), &key))
        return smg_fail(err, SMG_E_INVALID,
                        "a dealer's id is 1 to 63 letters, digits, '-', '_' or '.'");
    if (date_is_none(dealer->contract_from) != date_is_none(dealer->contract_to) ||
        (!date_is_none(dealer->contract_from) &&
         date_compare(dealer->contract_from, dealer->contract_to) > 0)) {
        status = smg_fail(err, SMG_E_INVALID,
                          "a contract has a first and a last day, the first not after the last");
        goto out;
    }
    status = seal_dealer(sealer, dealer, buf_view(&key), &row, err);
    if (status != SMG_OK)
        goto out;
    unit_put(unit, SMG_SPACE_DEALER, buf_view(&key), buf_view(&row));
    audit_note(unit, &event);
out:
    buf_fini(&key);
    buf_fini(&row);
    return status;
}

static bool date_field(const struct smg_fields *fields, const char *name, struct smg_date *out)
{
    const struct smg_value *value = fields_get(fields, str_of(name));

    if (value == NULL || value->type != SMG_DATE)
        return false;
    *out = value->date;
    return true;
}

int dealer_open(struct sealer *sealer, struct smg_str key, struct smg_str value, struct dealer *out,
                struct smg_err *err)
{
    struct smg_fields *fields = row_open(sealer, "dealer/", key, value, err);
    const struct smg_value *able;
    int status = SMG_OK;

    if (fields == NULL)
        return err->code;
    *out = (struct dealer){ 0 };
    able = fields_get(fields, SMG_STR("able"));
    if (able == NULL || able->type != SMG_BOOL ||
        !name_copy(fields_text(fields, "id"), out->id, sizeof out->id) ||
        !name_copy(fields_text(fields, "name"), out->name, sizeof out->name) ||
        !date_field(fields, "contract_from", &out->contract_from) ||
        !date_field(fields, "contract_to", &out->contract_to))
        status = smg_fail(err, SMG_E_PROTOCOL, "dealer: a stored row is not whole");
    else
        out->able = able->boolean;
    fields_free(fields);
    return status;
}

const char *dealer_contract(const struct dealer *dealer, struct smg_date on)
{
    if (dealer == NULL || date_is_none(dealer->contract_from))
        return "none";
    if (date_compare(on, dealer->contract_from) < 0)
        return "not_yet";
    return date_compare(on, dealer->contract_to) > 0 ? "expired" : "in_force";
}
