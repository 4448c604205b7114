/* SPDX-License-Identifier: Apache-2.0 */
/* Reads: a pool of threads, each with a session of its own as its seat. */
#include "store/inside.h"

#include <stdlib.h>

enum { READ_QUEUE = 8192 };

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

static void run(void *ctx, void *seat)
{
    read_through(seat, ctx);
}

static void finish(void *ctx)
{
    struct store_read *read = ctx;

    read->done(read->ctx, &read->err);
}

void store_read(struct store *store, struct store_read *read)
{
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
