/* SPDX-License-Identifier: Apache-2.0 */
/* Checking what a plugin answers: names, types, texts, days and sizes. */
#include "plugin/reply.h"

#include "base/date.h"

static bool is_field_name(struct smg_str name)
{
    if (name.len == 0 || name.len > REPLY_NAME_BYTES)
        return false;
    for (size_t i = 0; i < name.len; i++) {
        char c = name.at[i];

        if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '_' && c != '.')
            return false;
    }
    return true;
}

/* NULL: nothing is wrong. */
static const char *find_fault(const struct smg_value *value)
{
    switch (value->type) {
    case SMG_BOOL:
    case SMG_INT:
        return NULL;
    case SMG_DATE:
        return date_is_valid(value->date) ? NULL : "is no day of the calendar";
    case SMG_TEXT:
    case SMG_BYTES:
        if (value->str.len > REPLY_FIELD_BYTES)
            return "is longer than 128 KiB";
        if (value->str.len > 0 && value->str.at == NULL)
            return "has a length but no bytes";
        if (value->type == SMG_TEXT && !str_is_utf8(value->str))
            return "is not UTF-8";
        return NULL;
    }
    return "is of no known type";
}

int reply_put(struct reply *reply, struct smg_str name, const struct smg_value *value,
              struct smg_err *err)
{
    const char *fault;
    size_t size = name.len;

    if (!is_field_name(name))
        return smg_fail(err, SMG_E_PROTOCOL, "it answered a field without a proper name");
    fault = find_fault(value);
    if (fault != NULL)
        return smg_fail(err, SMG_E_PROTOCOL, "its field %.*s %s", (int)name.len, name.at, fault);
    if (value->type == SMG_TEXT || value->type == SMG_BYTES)
        size += value->str.len;
    if (size > REPLY_BYTES - reply->bytes)
        return smg_fail(err, SMG_E_PROTOCOL, "it answered more than 256 KiB");
    if (reply->fields == NULL)
        reply->fields = fields_new();
    if (reply->fields == NULL)
        return smg_fail(err, SMG_E_MEMORY, "out of memory");
    if (fields_get(reply->fields, name) == NULL && fields_count(reply->fields) == REPLY_FIELDS_MAX)
        return smg_fail(err, SMG_E_PROTOCOL, "it answered more than %d fields", REPLY_FIELDS_MAX);
    if (!fields_set(reply->fields, name, value))
        return smg_fail(err, SMG_E_MEMORY, "out of memory");
    reply->bytes += size;
    return SMG_OK;
}

void reply_fini(struct reply *reply)
{
    fields_free(reply->fields);
    *reply = (struct reply){ 0 };
}
