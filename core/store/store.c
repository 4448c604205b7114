/* SPDX-License-Identifier: Apache-2.0 */
/* The store from outside: its life, its queue, and how writes get their answers back. */
#include "store/inside.h"

#include <stdlib.h>

enum { QUEUE_LIMIT = 8192, BATCH_LIMIT = 256, READERS = 2, WARDEN_MS = 100 };

int link_open(struct link *link, struct smg_err *err)
{
    int code = link->ops->session_open(link->self, &link->session, err);

    if (code < 0)
        link->session = NULL;
    return code;
}

void link_close(struct link *link)
{
    if (link->session != NULL)
        link->ops->session_close(link->session);
    link->session = NULL;
}

bool link_is_broken_by(int code)
{
    switch (code) {
    case SMG_OK:
    case SMG_E_INVALID:
    case SMG_E_UNSUPPORTED:
    case SMG_E_NOT_FOUND:
    case SMG_E_EXISTS:
    case SMG_E_BUSY:
    case SMG_E_MEMORY:
    case SMG_E_FULL:
        return false;
    default:
        return true;
    }
}

static void tell(void *ctx)
{
    struct store_write *write = ctx;

    while (write != NULL) {
        struct store_write *next = write->next; /* done may free the write */

        write->done(write->ctx, &write->err);
        write = next;
    }
}

void store_answer(struct store_write *list)
{
    while (list != NULL) {
        struct store_write *mine = list, **mine_end = &list->next;
        struct store_write *others = NULL, **others_end = &others;

        for (struct store_write *write = list->next; write != NULL; write = write->next) {
            struct store_write ***end = write->loop == mine->loop ? &mine_end : &others_end;

            **end = write;
            *end = &write->next;
        }
        *mine_end = NULL;
        *others_end = NULL;
        list = others;
        if (mine->loop == NULL) {
            tell(mine);
        } else {
            mine->call = (struct loop_call){ .fn = tell, .ctx = mine };
            loop_post(mine->loop, &mine->call);
        }
    }
}

/* Everything at the queue's head that has waited too long; the caller answers it. */
static struct store_write *take_late(struct store *store, int64_t now_us)
{
    struct store_write *late = NULL, **end = &late;

    while (store->first != NULL && now_us - store->first->since_us >= PATIENCE_US) {
        *end = store->first;
        end = &store->first->next;
        store->first = store->first->next;
        store->figures.waiting--;
    }
    *end = NULL;
    if (store->first == NULL)
        store->end = &store->first;
    return late;
}

/* Nobody waits longer than PATIENCE_US in the queue, even when the writer hangs in the storage. */
static void *keep_patience(void *ctx)
{
    struct store *store = ctx;

    pthread_mutex_lock(&store->lock);
    while (!store->written_off) {
        struct store_write *late = take_late(store, clock_mono_us());

        if (late != NULL) {
            pthread_mutex_unlock(&store->lock);
            for (struct store_write *write = late; write != NULL; write = write->next)
                smg_fail(&write->err, SMG_E_BUSY, "the storage did not come round to it in time");
            store_answer(late);
            pthread_mutex_lock(&store->lock);
            continue;
        }
        wait_lazily(&store->ended, &store->lock, WARDEN_MS);
    }
    pthread_mutex_unlock(&store->lock);
    wait_over();
    return NULL;
}

static int start_threads(struct store *store, unsigned readers, struct smg_err *err)
{
    int code = readers_start(store, readers, err);

    if (code < 0)
        return code;
    if (wait_thread(&store->writer, writer_run, store) != 0) {
        readers_stop(store);
        return smg_fail(err, SMG_E_MEMORY, "no thread for the store");
    }
    if (wait_thread(&store->warden, keep_patience, store) != 0) {
        pthread_mutex_lock(&store->lock);
        store->ending = true;
        wait_signal(&store->arrived);
        pthread_mutex_unlock(&store->lock);
        pthread_join(store->writer, NULL);
        readers_stop(store);
        return smg_fail(err, SMG_E_MEMORY, "no thread for the store");
    }
    return SMG_OK;
}

static void free_memory(struct store *store)
{
    pthread_cond_destroy(&store->arrived);
    pthread_cond_destroy(&store->ended);
    pthread_mutex_destroy(&store->lock);
    pthread_mutex_destroy(&store->wait_lock);
    unit_free(store->extra);
    free(store->batch);
    free(store->units);
    free(store->views);
    free(store->refused);
    free(store);
}

static struct store *make(struct instance *storage, const struct store_stage *stage,
                          const struct store_options *options)
{
    struct store *store = calloc(1, sizeof *store);
    size_t limit;

    if (store == NULL)
        return NULL;
    store->queue_limit = options->queue_limit == 0 ? QUEUE_LIMIT : options->queue_limit;
    store->batch_limit = options->batch_limit == 0 ? BATCH_LIMIT : options->batch_limit;
    if (stage != NULL)
        store->stage = *stage;
    store->end = &store->first;
    store->figures.trusted = true;
    store->link.ops = instance_storage(storage, &store->link.self);
    store->wait_link = store->link;
    pthread_mutex_init(&store->lock, NULL);
    pthread_mutex_init(&store->wait_lock, NULL);
    pthread_cond_init(&store->arrived, NULL);
    wait_init(&store->ended);
    limit = store->batch_limit;
    store->batch = calloc(limit, sizeof(struct store_write *));
    store->units = calloc(limit + 1, sizeof(struct unit *));
    store->views = calloc(limit + 1, sizeof *store->views);
    store->refused = calloc(limit + 1, sizeof *store->refused);
    if (store->batch == NULL || store->units == NULL || store->views == NULL ||
        store->refused == NULL) {
        free_memory(store);
        return NULL;
    }
    return store;
}

struct store *store_new(struct instance *storage, const struct store_stage *stage,
                        const struct store_options *options, struct smg_err *err)
{
    struct store *store = make(storage, stage, options);

    if (store == NULL) {
        smg_fail(err, SMG_E_MEMORY, "out of memory");
        return NULL;
    }
    if (link_open(&store->link, err) < 0)
        goto out;
    if (store->link.ops->check(store->link.session, err) < 0)
        goto out;
    if (copy_expect_whole(&store->link, err) < 0)
        goto out;
    if (start_threads(store, options->readers == 0 ? READERS : options->readers, err) < 0)
        goto out;
    return store;
out:
    link_close(&store->link);
    free_memory(store);
    return NULL;
}

void store_free(struct store *store)
{
    if (store == NULL)
        return;
    pthread_mutex_lock(&store->lock);
    store->ending = true;
    wait_signal(&store->arrived);
    pthread_mutex_unlock(&store->lock);
    pthread_join(store->writer, NULL);
    pthread_mutex_lock(&store->lock);
    store->written_off = true;
    wait_signal(&store->ended);
    pthread_mutex_unlock(&store->lock);
    pthread_join(store->warden, NULL);
    readers_stop(store);
    link_close(&store->wait_link);
    free_memory(store);
}

/* SMG_OK when it was queued. */
static int queue(struct store *store, struct store_write *write)
{
    enum smg_code code = unit_failed(write->unit);

    if (code == SMG_E_MEMORY)
        return smg_fail(&write->err, code, "out of memory");
    if (code != SMG_OK)
        return smg_fail(&write->err, code, "a row is not one a storage can keep");
    pthread_mutex_lock(&store->lock);
    if (store->ending) {
        code = SMG_E_BUSY;
        smg_fail(&write->err, code, "the store is ending");
    } else if (store->figures.waiting >= store->queue_limit) {
        code = SMG_E_BUSY;
        smg_fail(&write->err, code, "too many writes are waiting");
    } else {
        write->next = NULL;
        write->since_us = clock_mono_us();
        unit_close(write->unit);
        *store->end = write;
        store->end = &write->next;
        store->figures.waiting++;
        wait_signal(&store->arrived);
    }
    pthread_mutex_unlock(&store->lock);
    return code;
}

void store_apply(struct store *store, struct store_write *write)
{
    if (queue(store, write) < 0) {
        write->next = NULL;
        store_answer(write);
    }
}

struct waiting {
    pthread_mutex_t lock;
    pthread_cond_t over;
    bool done;
    struct smg_err *err;
};

static void stop_waiting(void *ctx, const struct smg_err *err)
{
    struct waiting *waiting = ctx;

    pthread_mutex_lock(&waiting->lock);
    *waiting->err = *err;
    waiting->done = true;
    pthread_cond_signal(&waiting->over);
    pthread_mutex_unlock(&waiting->lock);
}

int store_apply_wait(struct store *store, struct unit *unit, struct smg_err *err)
{
    struct waiting waiting = { .err = err };
    struct store_write write = { .unit = unit, .done = stop_waiting, .ctx = &waiting };

    pthread_mutex_init(&waiting.lock, NULL);
    pthread_cond_init(&waiting.over, NULL);
    store_apply(store, &write);
    pthread_mutex_lock(&waiting.lock);
    while (!waiting.done)
        pthread_cond_wait(&waiting.over, &waiting.lock);
    pthread_mutex_unlock(&waiting.lock);
    pthread_cond_destroy(&waiting.over);
    pthread_mutex_destroy(&waiting.lock);
    return err->code;
}

void store_figures(struct store *store, struct store_figures *out)
{
    pthread_mutex_lock(&store->lock);
    *out = store->figures;
    pthread_mutex_unlock(&store->lock);
}
