/* SPDX-License-Identifier: Apache-2.0 */
/* Reads: a pool of threads, each with a session of its own as its seat. Small gets that wait
 * together are asked for together. */
#include "store/inside.h"

#include <stdlib.h>

enum { READ_QUEUE = 8192, JOINED_MAX = 16, JOINED_KEYS = 8 /* of each, at most */ };

static int open_seat(void *ctx, void **seat, struct smg_err *err)
{
    struct store *store = ctx;
    struct link *link = malloc(sizeof *link);
    int code;

    if (link == NULL)
        return smg_fail(err, SMG_E_MEMORY, "out of memory");
    *link = (struct link){ .ops = store->wait_link.ops, .self = store->wait_link.self };
    code = link_open(link, err);
    if (code < 0) {
        free(link);
        return code;
    }
    *seat = link;
    return SMG_OK;
}

static void close_seat(void *seat)
{
    link_close(seat);
    free(seat);
}

int readers_start(struct store *store, unsigned threads, struct smg_err *err)
{
    store->readers = work_new("store", threads, READ_QUEUE, open_seat, close_seat, store, err);
    return store->readers == NULL ? err->code : SMG_OK;
}

void readers_stop(struct store *store)
{
    work_free(store->readers);
}

/* Key and value go one after the other into memory; where they lie is known when it stops moving.
 */
static bool keep_row(void *ctx, struct smg_str key, struct smg_str value)
{
    struct store_read *read = ctx;

    if (read->count == read->room) {
        size_t room = read->room == 0 ? 8 : read->room * 2;
        void *rows = realloc(read->rows, room * sizeof *read->rows);

        if (rows == NULL) {
            read->memory.failed = true;
            return false;
        }
        read->rows = rows;
        read->room = room;
    }
    buf_str(&read->memory, key);
    buf_str(&read->memory, value);
    read->rows[read->count++] =
        (struct store_row){ .key = { NULL, key.len }, .value = { NULL, value.len } };
    return !read->memory.failed;
}

static void place_rows(struct store_read *read)
{
    const char *at = read->memory.at;

    for (size_t i = 0; i < read->count; i++) {
        read->rows[i].key.at = at;
        at += read->rows[i].key.len;
        read->rows[i].value.at = at;
        at += read->rows[i].value.len;
    }
}

static int read_once(const struct link *link, struct store_read *read)
{
    struct smg_err *err = &read->err;
    int code;

    buf_clear(&read->memory);
    read->count = 0;
    if (read->keys != NULL)
        code = link->ops->get(link->session, read->space, read->keys, read->key_count, keep_row,
                              read, err);
    else
        code = link->ops->scan(link->session, &read->scan, keep_row, read, err);
    if (code == SMG_OK && read->memory.failed)
        code = smg_fail(err, SMG_E_MEMORY, "out of memory");
    return code;
}

/* A session that broke is opened again and asked once more: reading twice harms nobody. */
static int read_through(struct link *link, struct store_read *read)
{
    int code = SMG_OK;

    read->err = (struct smg_err){ 0 };
    for (unsigned tries = 0; tries < 2; tries++) {
        code = link->session == NULL ? link_open(link, &read->err) : SMG_OK;
        if (code == SMG_OK)
            code = read_once(link, read);
        if (!link_is_broken_by(code))
            break;
        link_close(link);
    }
    if (code < 0) {
        store_read_fini(read);
        read->err.code = code;
        return code;
    }
    place_rows(read);
    read->err = (struct smg_err){ 0 };
    return SMG_OK;
}

/* ---- gets that wait together ---- */

static bool is_small(const struct store_read *read)
{
    return read->keys != NULL && read->key_count <= JOINED_KEYS &&
           read->space != SMG_SPACE_EVIDENCE; /* pictures are not kept waiting for each other */
}

static bool fits(void *ctx, const void *other)
{
    const struct store_read *read = ctx, *next = other;

    return is_small(next) && next->space == read->space;
}

/* The keys of all, in order, and whose each is. */
struct joined {
    struct smg_str keys[JOINED_MAX * JOINED_KEYS];
    struct store_read *of[JOINED_MAX * JOINED_KEYS];
    size_t count, next;
};

/* Rows come in the order of the keys; those that are not there are left out. */
static bool hand_out(void *ctx, struct smg_str key, struct smg_str value)
{
    struct joined *joined = ctx;

    while (joined->next < joined->count && !str_eq(joined->keys[joined->next], key))
        joined->next++;
    return joined->next < joined->count && keep_row(joined->of[joined->next++], key, value);
}

/* false: it failed, and each is to be asked for by itself. */
static bool get_joined(struct link *link, struct store_read *first)
{
    struct joined joined = { .count = 0 };
    struct work_job *job;
    struct smg_err err;
    bool good;

    for (job = &first->job; job != NULL; job = job->next) {
        struct store_read *read = job->ctx;

        buf_clear(&read->memory);
        read->count = 0;
        for (size_t i = 0; i < read->key_count; i++) {
            joined.keys[joined.count] = read->keys[i];
            joined.of[joined.count++] = read;
        }
    }
    good = link->session != NULL && link->ops->get(link->session, first->space, joined.keys,
                                                   joined.count, hand_out, &joined, &err) == SMG_OK;
    for (job = &first->job; job != NULL && good; job = job->next) {
        struct store_read *read = job->ctx;

        good = !read->memory.failed;
        place_rows(read);
        read->err = (struct smg_err){ 0 };
    }
    return good;
}

static void run(void *ctx, void *seat)
{
    struct store_read *first = ctx;
    struct work_job *job;

    if (is_small(first)) {
        work_join(first->pool, &first->job, fits, JOINED_MAX - 1);
        if (first->job.next != NULL && get_joined(seat, first))
            return;
    }
    for (job = &first->job; job != NULL; job = job->next)
        read_through(seat, job->ctx);
}

static void finish(void *ctx)
{
    struct store_read *read = ctx;

    read->done(read->ctx, &read->err);
}

void store_read(struct store *store, struct store_read *read)
{
    read->pool = store->readers;
    read->job = (struct work_job){ .run = run, .done = finish, .ctx = read, .loop = read->loop };
    if (!work_submit(store->readers, &read->job)) {
        smg_fail(&read->err, SMG_E_BUSY, "too many reads are waiting");
        read->job.call = (struct loop_call){ .fn = finish, .ctx = read };
        loop_post(read->loop, &read->job.call);
    }
}

int store_read_wait(struct store *store, struct store_read *read, struct smg_err *err)
{
    pthread_mutex_lock(&store->wait_lock);
    read_through(&store->wait_link, read);
    pthread_mutex_unlock(&store->wait_lock);
    *err = read->err;
    return err->code;
}

void store_read_fini(struct store_read *read)
{
    buf_fini(&read->memory);
    free(read->rows);
    read->rows = NULL;
    read->count = read->room = 0;
}

struct smg_str store_read_value(const struct store_read *read, struct smg_str key)
{
    for (size_t i = 0; i < read->count; i++) {
        if (str_eq(read->rows[i].key, key))
            return read->rows[i].value;
    }
    return (struct smg_str){ NULL, 0 };
}
