/* SPDX-License-Identifier: Apache-2.0 */
/* First answers made anew from records. */
#include "registration/repeat.h"

#include "registration/record.h"

#include <stdlib.h>

struct repeating {
    struct desk *desk;
    struct outcome *outcome;
    repeat_fn fn;
    void *ctx;
    int status;
    struct id id;
    int64_t at_ms;
    struct smg_str name; /* the id, as a key */
    struct store_read key, row;
    unsigned waiting;
    struct smg_err err;
};

void repeat_write(struct id id, int64_t at_ms, struct buf *out)
{
    buf_u64(out, (uint64_t)at_ms);
    buf_str(out, id_view(&id));
}

static bool read_kept(struct smg_str view, struct id *id, int64_t *at_ms)
{
    struct smg_str name;
    uint64_t ms;

    if (!take_u64(&view, &ms) || !take_bytes(&view, sizeof id->bytes, &name) || view.len != 0)
        return false;
    *at_ms = (int64_t)ms;
    memcpy(id->bytes, name.at, sizeof id->bytes);
    return true;
}

static int decide_again(struct repeating *repeating)
{
    struct smg_str key_row = store_read_value(&repeating->key, repeating->name);
    struct smg_str row = store_read_value(&repeating->row, repeating->name);
    enum verdict verdict = repeating->status == 201 ? VERDICT_ACCEPTED : VERDICT_REFUSED;
    struct smg_fields *fields = NULL;
    struct buf decision = { 0 };
    struct data_key key;
    int status;

    if (key_row.at == NULL || row.at == NULL)
        return smg_fail(&repeating->err, SMG_E_NOT_FOUND, "the record was destroyed");
    status = record_open(repeating->desk->sealer, repeating->id, key_row, row, &fields, &decision,
                         &key, &repeating->err);
    if (status == SMG_OK) {
        data_key_wipe(&key);
        outcome_decided(repeating->outcome, verdict, true, &repeating->id, repeating->at_ms,
                        buf_view(&decision));
        repeating->outcome->repeated = true;
    }
    fields_free(fields);
    buf_fini(&decision);
    return status;
}

static void on_read(void *ctx, const struct smg_err *err)
{
    struct repeating *repeating = ctx;

    if (err->code != SMG_OK)
        repeating->err = *err;
    if (--repeating->waiting > 0)
        return;
    if (repeating->err.code == SMG_OK)
        decide_again(repeating);
    repeating->fn(repeating->ctx, &repeating->err);
    store_read_fini(&repeating->key);
    store_read_fini(&repeating->row);
    free(repeating);
}

void repeat_answer(struct desk *desk, const struct first_answer *first, struct outcome *outcome,
                   repeat_fn fn, void *ctx)
{
    struct repeating *repeating = calloc(1, sizeof *repeating);

    if (repeating == NULL)
        abort(); /* the case would wait for ever: better to fall and be started again */
    *repeating = (struct repeating){ .desk = desk,
                                     .outcome = outcome,
                                     .fn = fn,
                                     .ctx = ctx,
                                     .status = first->status,
                                     .waiting = 2 };
    if (!read_kept(buf_view(&first->body), &repeating->id, &repeating->at_ms))
        smg_fail(&repeating->err, SMG_E_PROTOCOL, "idempotency: a stored row is not whole");
    repeating->name = id_view(&repeating->id);
    repeating->key = (struct store_read){ .space = SMG_SPACE_KEY,
                                          .keys = &repeating->name,
                                          .key_count = 1,
                                          .loop = desk->loop,
                                          .done = on_read,
                                          .ctx = repeating };
    repeating->row = repeating->key;
    repeating->row.space = SMG_SPACE_REGISTRATION;
    store_read(desk->store, &repeating->key);
    store_read(desk->store, &repeating->row);
}
