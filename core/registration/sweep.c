/* SPDX-License-Identifier: Apache-2.0 */
/* The sweep: two walks, one after the other. Some rows at a time from where it left off, the old
 * ones erased in one unit, and on.
 *
 * Keys of pictures are in the order they were made, and lie between the keys of registrations. So
 * the walk over them goes from where the last one ended, which a row of META remembers, to what is
 * old enough, and sees every key once. */
#include "registration/sweep.h"

#include "audit/audit.h"
#include "base/log.h"
#include "loop/clock.h"
#include "registration/evidence.h"
#include "registration/idempotency.h"
#include "registration/upload.h"

#include <stdatomic.h>
#include <stdlib.h>

enum { EVERY_MS = 3600000, ROWS = 500, TIME_BYTES = 6 };

struct sweep;

/* One of the two: where it walks, and what it does with a row: true when something of it goes. */
struct walk_kind {
    enum smg_space space;
    bool (*judge)(struct sweep *sweep, const struct store_row *row, struct unit *unit);
    bool remembers; /* where it ended */
};

struct sweep {
    struct loop *loop;
    struct store *store;
    struct loop_timer *timer;
    struct store_read read;
    struct store_write write;
    const struct walk_kind *kind; /* NULL: resting */
    int64_t kept_ms, now_ms;
    struct buf from, to; /* the first key not seen yet; the first one that is too young, or empty */
    bool last;
    loop_fn ended;
    void *ctx;
    _Atomic uint64_t answers, pictures, uploads;
};

/* The row of META that says up to where the keys were looked at. */
static const struct smg_str mark = { "evidence/swept", sizeof "evidence/swept" - 1 };

static bool judge_answer(struct sweep *sweep, const struct store_row *row, struct unit *unit)
{
    if (sweep->now_ms - idempotency_time(row->value) <= IDEMPOTENCY_KEPT_MS)
        return false;
    unit_erase(unit, SMG_SPACE_IDEMPOTENCY, row->key);
    sweep->answers++;
    return true;
}

/* What became of somebody's picture is in the log, also when nobody wanted it. */
static void note_expired(struct sweep *sweep, struct id id, struct unit *unit)
{
    struct audit_event event = { .at_ms = sweep->now_ms,
                                 .actor = SMG_STR("gateway"),
                                 .action = SMG_STR("evidence.expired") };
    struct buf text = { 0 };

    id_write(id, &text);
    event.object = buf_view(&text);
    audit_note(unit, &event);
    buf_fini(&text);
}

static bool judge_key(struct sweep *sweep, const struct store_row *row, struct unit *unit)
{
    struct id id;

    if (row->key.len != sizeof id.bytes)
        return false;
    memcpy(id.bytes, row->key.at, sizeof id.bytes);
    if (evidence_state(row->value) == EVIDENCE_LOOSE) {
        evidence_drop(id, row->value, unit);
        note_expired(sweep, id, unit);
        sweep->pictures++;
        return true;
    }
    if (upload_state(row->value) == UPLOAD_ABSENT)
        return false;
    upload_drop(id, row->value, unit);
    sweep->uploads++;
    return true;
}

static const struct walk_kind kinds[] = {
    { SMG_SPACE_IDEMPOTENCY, judge_answer, false },
    { SMG_SPACE_KEY, judge_key, true },
};

static void start(struct sweep *sweep, const struct walk_kind *kind);

static void end(struct sweep *sweep, bool failed)
{
    const struct walk_kind *next = sweep->kind + 1;

    if (!failed && next < kinds + sizeof kinds / sizeof *kinds) {
        start(sweep, next);
        return;
    }
    sweep->kind = NULL;
    if (sweep->ended != NULL)
        sweep->ended(sweep->ctx);
}

static void walk_on(struct sweep *sweep);

static void step(struct sweep *sweep)
{
    if (sweep->last)
        end(sweep, false);
    else
        walk_on(sweep);
}

/* A condition fails when somebody took a picture, or added to an upload, at this very moment: the
 * next sweep will see. */
static void on_erased(void *ctx, const struct smg_err *err)
{
    struct sweep *sweep = ctx;

    unit_free(sweep->write.unit);
    sweep->write.unit = NULL;
    if (err->code == SMG_OK) {
        step(sweep);
        return;
    }
    if (err->code != SMG_E_EXISTS)
        log_line(SMG_WARN, "sweep", "what is old stays for another hour: %s", err->text);
    end(sweep, true);
}

/* Into the unit goes what is old among the rows, and how far we are. false: nothing to write. */
static bool judge(struct sweep *sweep, struct unit *unit)
{
    bool any = sweep->kind->remembers;
    size_t i;

    for (i = 0; i < sweep->read.count; i++)
        any |= sweep->kind->judge(sweep, &sweep->read.rows[i], unit);
    buf_clear(&sweep->from);
    buf_str(&sweep->from, sweep->read.rows[sweep->read.count - 1].key);
    buf_byte(&sweep->from, 0); /* the next key there can be */
    if (sweep->kind->remembers)
        unit_put(unit, SMG_SPACE_META, mark, buf_view(&sweep->from));
    return any;
}

static void on_rows(void *ctx, const struct smg_err *err)
{
    struct sweep *sweep = ctx;
    struct unit *unit;
    bool any;

    sweep->last = sweep->read.count < ROWS;
    if (err->code != SMG_OK || sweep->read.count == 0) {
        store_read_fini(&sweep->read);
        end(sweep, err->code != SMG_OK);
        return;
    }
    unit = unit_new(); /* NULL comes out of store_apply */
    any = judge(sweep, unit);
    store_read_fini(&sweep->read);
    if (!any || sweep->from.failed) {
        unit_free(unit);
        sweep->last |= sweep->from.failed;
        step(sweep);
        return;
    }
    sweep->write =
        (struct store_write){ .unit = unit, .loop = sweep->loop, .done = on_erased, .ctx = sweep };
    store_apply(sweep->store, &sweep->write);
}

static void walk_on(struct sweep *sweep)
{
    sweep->read = (struct store_read){
        .scan = { .space = sweep->kind->space,
                  .from = buf_view(&sweep->from),
                  .to = buf_view(&sweep->to),
                  .limit = ROWS },
        .loop = sweep->loop,
        .done = on_rows,
        .ctx = sweep,
    };
    store_read(sweep->store, &sweep->read);
}

static void on_mark(void *ctx, const struct smg_err *err)
{
    struct sweep *sweep = ctx;

    if (err->code == SMG_OK)
        buf_str(&sweep->from, store_read_value(&sweep->read, mark));
    store_read_fini(&sweep->read);
    if (err->code != SMG_OK)
        end(sweep, true);
    else
        walk_on(sweep);
}

/* The keys of ids made before this moment come before it. */
static void put_moment(int64_t ms, struct buf *out)
{
    int i;

    for (i = TIME_BYTES - 1; i >= 0; i--)
        buf_byte(out, (unsigned char)(ms >> (8 * i)));
}

static void start(struct sweep *sweep, const struct walk_kind *kind)
{
    sweep->kind = kind;
    buf_clear(&sweep->from);
    buf_clear(&sweep->to);
    if (!kind->remembers) {
        walk_on(sweep);
        return;
    }
    put_moment(sweep->now_ms - sweep->kept_ms, &sweep->to);
    sweep->read = (struct store_read){ .space = SMG_SPACE_META,
                                       .keys = &mark,
                                       .key_count = 1,
                                       .loop = sweep->loop,
                                       .done = on_mark,
                                       .ctx = sweep };
    store_read(sweep->store, &sweep->read);
}

void sweep_run(struct sweep *sweep, loop_fn ended, void *ctx)
{
    if (sweep->kind != NULL)
        return;
    sweep->ended = ended;
    sweep->ctx = ctx;
    sweep->now_ms = clock_now_ms();
    start(sweep, kinds);
}

static void on_hour(void *ctx)
{
    sweep_run(ctx, NULL, NULL);
}

struct sweep *sweep_new(struct loop *loop, struct store *store, int64_t evidence_kept_ms,
                        struct smg_err *err)
{
    struct sweep *sweep = calloc(1, sizeof *sweep);

    if (sweep != NULL) {
        sweep->loop = loop;
        sweep->store = store;
        sweep->kept_ms = evidence_kept_ms;
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
    buf_fini(&sweep->to);
    free(sweep);
}

void sweep_figures(const struct sweep *sweep, struct sweep_figures *out)
{
    *out = (struct sweep_figures){ .answers = sweep->answers,
                                   .pictures = sweep->pictures,
                                   .uploads = sweep->uploads };
}
