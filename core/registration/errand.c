/* SPDX-License-Identifier: Apache-2.0 */
/* Errands. */
#include "registration/errand.h"

#include "loop/clock.h"
#include "registration/idempotency.h"

#include <stdlib.h>

struct errand *errand_new(struct desk *desk, outcome_fn fn, void *ctx)
{
    struct errand *errand = calloc(1, sizeof *errand);

    if (errand == NULL) {
        struct outcome outcome = { 0 };

        outcome_problem(&outcome, 503, "out_of_memory", "内存不足，请稍后再试",
                        "out of memory; try again a little later");
        fn(ctx, &outcome);
        buf_fini(&outcome.body);
        return NULL;
    }
    errand->desk = desk;
    errand->fn = fn;
    errand->ctx = ctx;
    errand->at_ms = clock_now_ms();
    return errand;
}

void errand_end(struct errand *errand)
{
    size_t i;

    errand->fn(errand->ctx, &errand->outcome);
    for (i = 0; i < ERRAND_READS; i++)
        store_read_fini(&errand->reads[i]);
    unit_free(errand->write.unit);
    buf_fini(&errand->outcome.body);
    buf_fini(&errand->body);
    buf_fini(&errand->purpose);
    buf_fini(&errand->key);
    buf_fini(&errand->from);
    buf_fini(&errand->to);
    free(errand);
}

void errand_fail(struct errand *errand, const struct smg_err *err)
{
    outcome_error(&errand->outcome, err);
    errand_end(errand);
}

void errand_problem(struct errand *errand, int status, const char *code, const char *zh,
                    const char *en)
{
    outcome_problem(&errand->outcome, status, code, zh, en);
    errand_end(errand);
}

static void on_read(void *ctx, const struct smg_err *err)
{
    struct errand *errand = ctx;

    if (err->code != SMG_OK)
        errand->read_err = *err;
    if (--errand->waiting > 0)
        return;
    if (errand->read_err.code != SMG_OK)
        errand_fail(errand, &errand->read_err);
    else
        errand->step(errand);
}

void errand_get(struct errand *errand, const enum smg_space *spaces, const struct smg_str *keys,
                size_t count, void (*step)(struct errand *))
{
    size_t i;

    errand->step = step;
    errand->waiting = (unsigned)count;
    for (i = 0; i < count; i++) {
        store_read_fini(&errand->reads[i]);
        errand->keys[i] = keys[i];
        errand->reads[i] = (struct store_read){ .space = spaces[i],
                                                .keys = &errand->keys[i],
                                                .key_count = 1,
                                                .loop = errand->desk->loop,
                                                .done = on_read,
                                                .ctx = errand };
    }
    for (i = 0; i < count; i++)
        store_read(errand->desk->store, &errand->reads[i]);
}

struct smg_str errand_value(const struct errand *errand, size_t i)
{
    return store_read_value(&errand->reads[i], errand->keys[i]);
}

bool errand_unit(struct errand *errand)
{
    errand->write.unit = unit_new();
    if (errand->write.unit == NULL)
        outcome_problem(&errand->outcome, 503, "out_of_memory", "内存不足", "out of memory");
    return errand->write.unit != NULL;
}

static void on_written(void *ctx, const struct smg_err *err)
{
    struct errand *errand = ctx;

    if (err->code != SMG_OK)
        outcome_error(&errand->outcome, err);
    errand_end(errand);
}

void errand_write(struct errand *errand)
{
    errand->write.loop = errand->desk->loop;
    errand->write.done = on_written;
    errand->write.ctx = errand;
    store_apply(errand->desk->store, &errand->write);
}

static void make_aside(void *ctx, struct sealer *sealer)
{
    struct errand *errand = ctx;

    errand->made = errand->make(errand, sealer);
}

static void on_made(void *ctx)
{
    struct errand *errand = ctx;

    if (errand->made)
        errand_write(errand);
    else
        errand_end(errand);
}

void errand_make(struct errand *errand, size_t bytes, errand_make_fn make)
{
    errand->make = make;
    errand->aside = (struct aside){ .run = make_aside, .done = on_made, .ctx = errand };
    aside_do(errand->desk, &errand->aside, bytes);
}

/* What is made is the first answer to its key. */
static bool make_first(struct errand *errand, struct sealer *sealer)
{
    struct smg_err err;

    if (!errand->make_once(errand, sealer))
        return false;
    if (idempotency_put(sealer, errand->row_key, buf_view(&errand->body), errand->outcome.status,
                        buf_view(&errand->outcome.body), errand->at_ms, errand->write.unit,
                        &err) == SMG_OK)
        return true;
    outcome_error(&errand->outcome, &err);
    return false;
}

static bool repeat_first(struct errand *errand, struct sealer *sealer)
{
    struct outcome *outcome = &errand->outcome;
    struct first_answer first = { 0 };
    struct smg_err err;

    if (idempotency_open(sealer, errand->row_key, errand_value(errand, 0), buf_view(&errand->body),
                         &first, &err) != SMG_OK) {
        outcome_error(outcome, &err);
    } else if (!first.same) {
        outcome_problem(outcome, 422, "idempotency_key_reused",
                        "该 Idempotency-Key 已用于另一请求；请换一个",
                        "this Idempotency-Key was used for another request; take a new one");
    } else {
        outcome->status = first.status;
        outcome->type = "application/json";
        outcome->repeated = true;
        outcome->body = first.body;
        first.body = (struct buf){ 0 };
        if (errand->again != NULL)
            errand->again(errand);
    }
    buf_fini(&first.body);
    return false;
}

/* Was this made before, under this key? */
static void on_first(struct errand *errand)
{
    errand_make(errand, errand->body.len,
                errand_value(errand, 0).at == NULL ? make_first : repeat_first);
}

void errand_once(struct errand *errand, const char *path, errand_make_fn make)
{
    static const enum smg_space space = SMG_SPACE_IDEMPOTENCY;
    struct smg_str key;
    struct smg_err err;

    if (errand->key.len == 0) {
        errand_make(errand, errand->body.len, make);
        return;
    }
    errand->make_once = make;
    if (idempotency_key(errand->desk->sealer, errand->staff, path, buf_view(&errand->key),
                        errand->row_key, &err) != SMG_OK) {
        errand_fail(errand, &err);
        return;
    }
    key = str_bytes(errand->row_key, sizeof errand->row_key);
    errand_get(errand, &space, &key, 1, on_first);
}
