/* SPDX-License-Identifier: Apache-2.0 */
/* Sealed rows of fields. */
#include "supervision/row.h"

static void about_row(const char *place, struct smg_str key, struct buf *out)
{
    buf_text(out, place);
    buf_str(out, key);
}

int row_seal(struct sealer *sealer, const char *place, struct smg_str key,
             const struct smg_fields *fields, struct buf *out, struct smg_err *err)
{
    struct buf plain = { 0 }, about = { 0 };
    int status;

    if (fields == NULL)
        return smg_fail(err, SMG_E_MEMORY, "%sout of memory", place);
    fields_write(fields, &plain);
    about_row(place, key, &about);
    status = plain.failed ? smg_fail(err, SMG_E_MEMORY, "%sout of memory", place)
                          : seal(sealer, KEY_STORE, buf_view(&about), buf_view(&plain), out, err);
    buf_fini(&plain);
    buf_fini(&about);
    return status;
}

struct smg_fields *row_open(struct sealer *sealer, const char *place, struct smg_str key,
                            struct smg_str value, struct smg_err *err)
{
    struct smg_fields *fields = NULL;
    struct buf about = { 0 }, plain = { 0 };

    about_row(place, key, &about);
    if (unseal(sealer, KEY_STORE, buf_view(&about), value, &plain, err) == SMG_OK)
        fields = fields_read(buf_view(&plain), err);
    buf_fini(&about);
    buf_fini(&plain);
    return fields;
}
