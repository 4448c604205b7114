/* SPDX-License-Identifier: Apache-2.0 */
/* The sweep: some rows at a time from where it left off, the old ones erased in one unit, and on.
 */
#include "registration/sweep.h"

#include "base/log.h"
#include "loop/clock.h"
#include "registration/idempotency.h"

#include <stdlib.h>

enum { EVERY_MS = 3600000, ROWS = 500 };

struct sweep {
    struct loop *loop;
    struct store *store;
    struct loop_timer *timer;
    struct store_read read;
    struct store_write write;
    struct buf from; /* the first key not seen yet */
    bool busy, last;
};

static void walk_on(struct sweep *sweep);

static void step(struct sweep *sweep)
{
    if (sweep->last)
        sweep->busy = false;
    else
        walk_on(sweep);
}

static void on_erased(void *ctx, const struct smg_err *err)
{
    struct sweep *sweep = ctx;

    unit_free(sweep->write.unit);
    sweep->write.unit = NULL;
    if (err->code != SMG_OK) {
        log_line(SMG_WARN, "sweep", "old answers stay for another hour: %s", err->text);
        sweep->busy = false;
        return;
    }
    step(sweep);
}

/* Put the erasure of every old row into the unit; how many. */
static size_t erase_old(struct sweep *sweep, struct unit *unit)
{
    int64_t now = clock_now_ms();
    size_t i, old = 0;

    for (i = 0; i < sweep->read.count; i++)
        if (now - idempotency_time(sweep->read.rows[i].value) > IDEMPOTENCY_KEPT_MS) {
            unit_erase(unit, SMG_SPACE_IDEMPOTENCY, sweep->read.rows[i].key);
            old++;
        }
    return old;
}

static void on_rows(void *ctx, const struct smg_err *err)
{
    struct sweep *sweep = ctx;
    struct unit *unit = unit_new();

    sweep->last = err->code != SMG_OK || sweep->read.count < ROWS || unit == NULL;
    if (!sweep->last) {
        buf_clear(&sweep->from);
        buf_str(&sweep->from, sweep->read.rows[sweep->read.count - 1].key);
        buf_byte(&sweep->from, 0); /* the next key there can be */
        sweep->last = sweep->from.failed;
    }
    if (err->code == SMG_OK && unit != NULL && erase_old(sweep, unit) > 0) {
        store_read_fini(&sweep->read);
        sweep->write = (struct store_write){
            .unit = unit, .loop = sweep->loop, .done = on_erased, .ctx = sweep
        };
        store_apply(sweep->store, &sweep->write);
        return;
    }
    unit_free(unit);
    store_read_fini(&sweep->read);
    step(sweep);
}

static void walk_on(struct sweep *sweep)
{
    sweep->read = (struct store_read){
        .scan = { .space = SMG_SPACE_IDEMPOTENCY, .from = buf_view(&sweep->from), .limit = ROWS },
        .loop = sweep->loop,
        .done = on_rows,
        .ctx = sweep,
    };
    store_read(sweep->store, &sweep->read);
}

void sweep_run(struct sweep *sweep)
{
    if (sweep->busy)
        return;
    sweep->busy = true;
    buf_clear(&sweep->from);
    walk_on(sweep);
}

static void on_hour(void *ctx)
{
    sweep_run(ctx);
}

struct sweep *sweep_new(struct loop *loop, struct store *store, struct smg_err *err)
{
    struct sweep *sweep = calloc(1, sizeof *sweep);

    if (sweep != NULL) {
        sweep->loop = loop;
        sweep->store = store;
        sweep->timer = loop_every(loop, EVERY_MS, on_hour, sweep);
    }
    if (sweep == NULL || sweep->timer == NULL) {
        free(sweep);
        smg_fail(err, SMG_E_MEMORY, "sweep: out of memory");
        return NULL;
    }
    return sweep;
}

void sweep_free(struct sweep *sweep)
{
    if (sweep == NULL)
        return;
    loop_forget(sweep->timer);
    store_read_fini(&sweep->read);
    unit_free(sweep->write.unit);
    buf_fini(&sweep->from);
    free(sweep);
}
