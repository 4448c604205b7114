/* SPDX-License-Identifier: Apache-2.0 */
/* The writer: takes what waits, stages it, has it committed, and answers. When a commit fails it
 * trusts nothing until the storage was opened again and checked, and then asks it what happened. */
#include "store/lookup.h"

#include "base/log.h"

enum { PAUSE_MIN_MS = 20, PAUSE_MAX_MS = 500, BUSY_PAUSE_MS = 10 };

static bool is_late(const struct store *store)
{
    return clock_mono_us() - store->began_us >= PATIENCE_US;
}

/* ---- the queue ---- */

static bool take_batch(struct store *store)
{
    size_t bytes = 0;

    pthread_mutex_lock(&store->lock);
    while (store->first == NULL && !store->ending)
        wait_for(&store->arrived, &store->lock, -1);
    store->count = 0;
    while (store->first != NULL && store->count < store->batch_limit && bytes < BATCH_BYTES) {
        bytes += store->first->unit->bytes;
        store->batch[store->count++] = store->first;
        store->first = store->first->next;
        store->figures.waiting--;
    }
    if (store->first == NULL)
        store->end = &store->first;
    pthread_mutex_unlock(&store->lock);
    store->began_us = clock_mono_us();
    store->doubted = false;
    return store->count > 0;
}

/* Answer those of the batch that are marked (all of them when marked is NULL), and close the ranks.
 */
static void answer_some(struct store *store, const bool *marked, const struct smg_err *err)
{
    struct store_write *list = NULL, **end = &list;
    size_t kept = 0;

    for (size_t i = 0; i < store->count; i++) {
        struct store_write *write = store->batch[i];

        if (marked != NULL && !marked[i]) {
            store->batch[kept++] = write;
            continue;
        }
        write->err = *err;
        *end = write;
        end = &write->next;
    }
    *end = NULL;
    store->count = kept;
    store_answer(list);
}

static void answer_all(struct store *store, const struct smg_err *err)
{
    answer_some(store, NULL, err);
}

static void answer_written(struct store *store, int64_t commit_us)
{
    pthread_mutex_lock(&store->lock);
    store->figures.batches++;
    store->figures.units += store->count;
    store->figures.commit_us_total += (uint64_t)commit_us;
    pthread_mutex_unlock(&store->lock);
    store->pause_ms = 0;
    store->full = false;
    answer_all(store, &(struct smg_err){ 0 });
}

/* ---- staging ---- */

static int stage_batch(struct store *store, size_t *count, struct smg_err *err)
{
    int code;

    *count = store->count;
    for (size_t i = 0; i < store->count; i++)
        store->units[i] = store->batch[i]->unit;
    if (store->stage.stage != NULL) {
        store->extra = unit_new();
        store->units[store->count] = store->extra;
        store->staged = true;
        code = store->stage.stage(store->stage.ctx, store->units, store->count, store->extra, err);
        if (code < 0)
            return code;
        if (unit_failed(store->extra) != SMG_OK)
            return smg_fail(err, unit_failed(store->extra),
                            "the stage's own unit cannot be written");
        *count += store->extra->count > 0 ? 1 : 0;
    }
    for (size_t i = 0; i < *count; i++) {
        if (unit_failed(store->units[i]) != SMG_OK)
            return smg_fail(err, unit_failed(store->units[i]), "a staged row cannot be written");
        store->views[i] = unit_view(store->units[i]);
    }
    return SMG_OK;
}

/* The batch's units are as they were before it was staged. */
static void end_stage(struct store *store, bool durable)
{
    if (!store->staged)
        return;
    store->staged = false;
    for (size_t i = 0; i < store->count; i++)
        unit_unstage(store->batch[i]->unit);
    unit_free(store->extra);
    store->extra = NULL;
    if (durable)
        store->stage.settle(store->stage.ctx);
    else
        store->stage.unstage(store->stage.ctx);
}

/* ---- a storage that failed ---- */

static void set_trusted(struct store *store, bool trusted, const char *why)
{
    bool changed;

    pthread_mutex_lock(&store->lock);
    changed = store->figures.trusted != trusted;
    store->figures.trusted = trusted;
    if (changed && trusted)
        store->figures.recoveries++;
    pthread_mutex_unlock(&store->lock);
    if (!changed)
        return;
    if (trusted)
        log_line(SMG_INFO, "store", "the storage is back and was checked");
    else
        log_line(SMG_ERROR, "store", "no writes until the storage was checked: %s", why);
}

static int open_again(struct store *store, struct smg_err *err)
{
    int code;

    link_close(&store->link);
    code = link_open(&store->link, err);
    if (code < 0)
        return code;
    code = store->link.ops->check(store->link.session, err);
    if (code < 0)
        link_close(&store->link);
    return code;
}

static bool is_over(struct store *store)
{
    bool over;

    pthread_mutex_lock(&store->lock);
    over = store->ending && store->first == NULL;
    pthread_mutex_unlock(&store->lock);
    return over;
}

/* Try, once at least, until the storage is back, or until_us has passed, or nobody waits for it any
 * more. The pause outlives this call, so that a storage that opens and fails again gets its rest.
 */
static bool come_back(struct store *store, int64_t until_us)
{
    struct smg_err err = { 0 };
    int64_t left_ms;

    do {
        left_ms = (until_us - clock_mono_us()) / 1000;
        if (left_ms > 0)
            wait_sleep(store->pause_ms < left_ms ? store->pause_ms : left_ms);
        store->pause_ms = store->pause_ms == 0 ? PAUSE_MIN_MS : store->pause_ms * 2;
        if (store->pause_ms > PAUSE_MAX_MS)
            store->pause_ms = PAUSE_MAX_MS;
        if (open_again(store, &err) == SMG_OK)
            return true;
    } while (clock_mono_us() < until_us && (store->count > 0 || !is_over(store)));
    return false;
}

/* Open the storage again and ask it about the batch. false: it stays away. */
static bool ask_again(struct store *store, bool *committed)
{
    struct smg_err err = { 0 };

    *committed = false;
    do {
        if (!come_back(store, store->began_us + PATIENCE_US))
            return false;
        if (!store->applied || lookup_committed(&store->link, store->units, store->count,
                                                store->staged, committed, &err) == SMG_OK)
            return true;
        link_close(&store->link);
    } while (!is_late(store));
    return false;
}

/* The storage failed with this batch in hand: learn what became of it. Afterwards the batch is
 * answered, or is known not to be there and may be written again. */
static void resolve(struct store *store, const struct smg_err *why)
{
    struct smg_err err = { 0 };
    bool committed;

    set_trusted(store, false, why->text);
    if (!ask_again(store, &committed)) {
        end_stage(store, false);
        if (store->applied)
            smg_fail(&err, SMG_E_UNKNOWN, "the storage failed in a commit and stays away");
        else
            smg_fail(&err, SMG_E_IO, "the storage failed and stays away");
        answer_all(store, &err);
        return;
    }
    set_trusted(store, true, NULL);
    end_stage(store, committed);
    if (committed) {
        answer_written(store, 0);
    } else if (is_late(store)) {
        smg_fail(&err, SMG_E_IO, "the storage failed; nothing was written");
        answer_all(store, &err);
    } else {
        store->doubted = store->doubted || store->applied;
    }
}

/* ---- refusals ---- */

/* Keep in `refused` only those that their own rows stand in the way of: a staged row may have been
 * taken by another process, and that is not the caller's fault. */
static int judge_refused(struct store *store, bool *any, struct smg_err *err)
{
    *any = false;
    for (size_t i = 0; i < store->count; i++) {
        bool own = true;

        if (!store->refused[i])
            continue;
        if (store->units[i]->count > store->units[i]->own) {
            int code = lookup_conflict(&store->link, store->units, store->refused, i, &own, err);

            if (code < 0)
                return code;
        }
        store->refused[i] = own;
        *any = *any || own;
    }
    return SMG_OK;
}

static void answer_refused(struct store *store)
{
    struct smg_err err = { 0 };
    size_t before = store->count;

    smg_fail(&err, SMG_E_EXISTS, "it is already there, or is not what was expected");
    end_stage(store, false);
    answer_some(store, store->refused, &err);
    pthread_mutex_lock(&store->lock);
    store->figures.refused += before - store->count;
    pthread_mutex_unlock(&store->lock);
}

/* The storage says that conditions failed. */
static void refuse(struct store *store, unsigned *contests)
{
    struct smg_err err = { 0 };
    bool committed = false, any = false;
    int code = SMG_OK;

    /* An earlier try whose connection was cut may have come through after it was looked for. */
    if (store->doubted)
        code = lookup_committed(&store->link, store->units, store->count, store->staged, &committed,
                                &err);
    if (code == SMG_OK && !committed)
        code = judge_refused(store, &any, &err);
    if (code < 0) {
        store->applied = false; /* this try is known to have written nothing */
        resolve(store, &err);
    } else if (committed) {
        end_stage(store, false); /* what was staged then is not what is staged now */
        answer_written(store, 0);
    } else if (any) {
        answer_refused(store);
    } else {
        end_stage(store, false);
        if (!store->contested)
            log_line(SMG_WARN, "store",
                     "another process writes the audit log's stream of this one: give each "
                     "gateway a gateway.node of its own");
        store->contested = true;
        if (++*contests >= CONTESTS_MAX) {
            smg_fail(&err, SMG_E_BUSY, "another process is writing the same stream");
            answer_all(store, &err);
        }
    }
}

/* ---- writing ---- */

static int write_once(struct store *store, int64_t *commit_us, struct smg_err *err)
{
    size_t count;
    int64_t start_us;
    int code;

    store->applied = false;
    code = stage_batch(store, &count, err);
    if (code < 0)
        return code;
    memset(store->refused, 0, count * sizeof *store->refused);
    store->applied = true;
    start_us = clock_mono_us();
    code = store->link.ops->apply(store->link.session, store->views, count, store->refused, err);
    *commit_us = clock_mono_us() - start_us;
    return code;
}

static void count_failure(struct store *store, const struct smg_err *err)
{
    pthread_mutex_lock(&store->lock);
    store->figures.failures++;
    pthread_mutex_unlock(&store->lock);
    if (err->code == SMG_E_FULL && !store->full)
        log_line(SMG_ERROR, "store", "nothing can be written: %s", err->text);
    store->full = store->full || err->code == SMG_E_FULL;
}

static void write_batch(struct store *store)
{
    unsigned contests = 0;

    while (store->count > 0) {
        struct smg_err err = { 0 };
        int64_t commit_us = 0;
        int code = write_once(store, &commit_us, &err);

        if (code == SMG_OK) {
            end_stage(store, true);
            answer_written(store, commit_us);
            continue;
        }
        if (code == SMG_E_EXISTS && store->applied) {
            refuse(store, &contests);
            continue;
        }
        err.code = code;
        count_failure(store, &err);
        if (link_is_broken_by(code)) {
            resolve(store, &err);
            continue;
        }
        end_stage(store, false);
        if (code == SMG_E_BUSY && !is_late(store))
            wait_sleep(BUSY_PAUSE_MS);
        else
            answer_all(store, &err);
    }
}

void *writer_run(void *ctx)
{
    struct store *store = ctx;

    for (;;) {
        /* Only this thread changes the session: without one, the storage is still away. */
        if (store->link.session == NULL) {
            if (!come_back(store, INT64_MAX))
                break;
            set_trusted(store, true, NULL);
        }
        if (!take_batch(store))
            break;
        write_batch(store);
    }
    link_close(&store->link);
    wait_over();
    return NULL;
}
