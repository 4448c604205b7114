/* SPDX-License-Identifier: Apache-2.0 */
/* A storage that keeps its rows in a sorted array: what a test may look at, alter and hold against
 * the rules of the plugin header. */
#ifndef HARNESS_MEMORY_STORAGE_H
#define HARNESS_MEMORY_STORAGE_H

#include <shiming/plugin.h>

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct memory_row {
    enum smg_space space;
    char *key, *value;
    size_t key_len, value_len;
};

struct memory_rows {
    struct memory_row *at;
    size_t count, room;
};

struct memory_storage {
    pthread_mutex_t lock;
    struct memory_rows rows;
    /* What goes wrong: the next apply, and, as long as they are set, session_open and get. */
    int apply_code, open_code, read_code;
    unsigned broken_reads; /* that many gets fail, as on a connection that was cut */
    bool apply_anyway;     /* the failing apply is carried out all the same */
    unsigned sessions, opened;
    /* Called before each scan, without the lock. */
    void (*on_scan)(void *ctx);
    void *on_scan_ctx;
};

static inline int memory_compare(const struct memory_row *row, enum smg_space space,
                                 struct smg_str key)
{
    size_t len = row->key_len < key.len ? row->key_len : key.len;
    int order = row->space != space ? (row->space < space ? -1 : 1)
                                    : (len == 0 ? 0 : memcmp(row->key, key.at, len));

    return order != 0 ? order : (row->key_len > key.len) - (row->key_len < key.len);
}

/* The first row that is not before this key. */
static inline size_t memory_seek(const struct memory_rows *rows, enum smg_space space,
                                 struct smg_str key)
{
    size_t low = 0, high = rows->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (memory_compare(&rows->at[middle], space, key) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static inline struct memory_row *memory_find(const struct memory_rows *rows, enum smg_space space,
                                             struct smg_str key)
{
    size_t i = memory_seek(rows, space, key);

    return i < rows->count && memory_compare(&rows->at[i], space, key) == 0 ? &rows->at[i] : NULL;
}

/* Memory that is never of size 0; a test that runs out of it ends. */
static inline char *memory_copy(const char *at, size_t len)
{
    char *copy = malloc(len + 1);

    if (copy == NULL)
        abort();
    if (len > 0)
        memcpy(copy, at, len);
    copy[len] = '\0';
    return copy;
}

static inline void memory_erase(struct memory_rows *rows, size_t i)
{
    free(rows->at[i].key);
    free(rows->at[i].value);
    rows->count--;
    memmove(&rows->at[i], &rows->at[i + 1], (rows->count - i) * sizeof *rows->at);
}

static inline void memory_put(struct memory_rows *rows, enum smg_space space, struct smg_str key,
                              struct smg_str value)
{
    size_t i = memory_seek(rows, space, key);

    if (memory_find(rows, space, key) != NULL) {
        free(rows->at[i].value);
    } else {
        if (rows->count == rows->room) {
            rows->room = rows->room == 0 ? 64 : 2 * rows->room;
            rows->at = realloc(rows->at, rows->room * sizeof *rows->at);
            if (rows->at == NULL)
                abort();
        }
        memmove(&rows->at[i + 1], &rows->at[i], (rows->count - i) * sizeof *rows->at);
        rows->count++;
        rows->at[i] = (struct memory_row){ .space = space,
                                           .key = memory_copy(key.at, key.len),
                                           .key_len = key.len };
    }
    rows->at[i].value = memory_copy(value.at, value.len);
    rows->at[i].value_len = value.len;
}

static inline void memory_rows_copy(const struct memory_rows *rows, struct memory_rows *out)
{
    size_t i;

    *out = (struct memory_rows){ 0 };
    for (i = 0; i < rows->count; i++)
        memory_put(out, rows->at[i].space, (struct smg_str){ rows->at[i].key, rows->at[i].key_len },
                   (struct smg_str){ rows->at[i].value, rows->at[i].value_len });
}

static inline void memory_rows_free(struct memory_rows *rows)
{
    while (rows->count > 0)
        memory_erase(rows, rows->count - 1);
    free(rows->at);
    *rows = (struct memory_rows){ 0 };
}

static inline bool memory_condition_holds(const struct memory_rows *rows, const struct smg_row *row)
{
    const struct memory_row *found = memory_find(rows, row->space, row->key);

    switch (row->when) {
    case SMG_NEW:
        return found == NULL;
    case SMG_IS:
        return found != NULL && found->value_len == row->was.len &&
               memcmp(found->value, row->was.at, row->was.len) == 0;
    default:
        return true;
    }
}

static inline void memory_write_unit(struct memory_rows *rows, const struct smg_unit *unit)
{
    size_t i;

    for (i = 0; i < unit->count; i++) {
        const struct smg_row *row = &unit->rows[i];

        if (row->act == SMG_PUT)
            memory_put(rows, row->space, row->key, row->value);
        else if (row->act == SMG_ERASE && memory_find(rows, row->space, row->key) != NULL)
            memory_erase(rows, memory_seek(rows, row->space, row->key));
    }
}

static inline int memory_apply(void *session, const struct smg_unit *units, size_t count,
                               bool *refused, struct smg_err *err)
{
    struct memory_storage *memory = session;
    struct memory_rows after;
    bool any = false, anyway;
    size_t i, j;
    int code;

    pthread_mutex_lock(&memory->lock);
    memory_rows_copy(&memory->rows, &after);
    for (i = 0; i < count; i++) {
        refused[i] = false;
        for (j = 0; j < units[i].count; j++)
            if (!memory_condition_holds(&after, &units[i].rows[j]))
                refused[i] = any = true;
        if (!refused[i])
            memory_write_unit(&after, &units[i]);
    }
    code = memory->apply_code;
    anyway = code == SMG_OK || memory->apply_anyway;
    memory->apply_code = SMG_OK;
    memory->apply_anyway = false;
    if (!any && anyway) {
        struct memory_rows before = memory->rows;

        memory->rows = after;
        after = before;
    }
    memory_rows_free(&after);
    pthread_mutex_unlock(&memory->lock);
    if (any)
        return smg_fail(err, SMG_E_EXISTS, "a condition failed");
    return code == SMG_OK ? SMG_OK : smg_fail(err, (enum smg_code)code, "told to fail");
}

static inline int memory_get(void *session, enum smg_space space, const struct smg_str *keys,
                             size_t count, smg_row_fn fn, void *ctx, struct smg_err *err)
{
    struct memory_storage *memory = session;
    bool more = true;
    size_t i;

    if (memory->read_code != SMG_OK)
        return smg_fail(err, (enum smg_code)memory->read_code, "told to fail");
    if (memory->broken_reads > 0) {
        memory->broken_reads--;
        return smg_fail(err, SMG_E_IO, "told to fail");
    }
    pthread_mutex_lock(&memory->lock);
    for (i = 0; more && i < count; i++) {
        const struct memory_row *row = memory_find(&memory->rows, space, keys[i]);

        if (row != NULL)
            more = fn(ctx, (struct smg_str){ row->key, row->key_len },
                      (struct smg_str){ row->value, row->value_len });
    }
    pthread_mutex_unlock(&memory->lock);
    return SMG_OK;
}

static inline int memory_scan(void *session, const struct smg_scan *scan, smg_row_fn fn, void *ctx,
                              struct smg_err *err)
{
    struct memory_storage *memory = session;
    const struct memory_rows *rows = &memory->rows;
    size_t low, high, left;
    bool more = true;

    (void)err;
    if (memory->on_scan != NULL)
        memory->on_scan(memory->on_scan_ctx);
    pthread_mutex_lock(&memory->lock);
    low = memory_seek(rows, scan->space, scan->from);
    high = scan->to.len == 0
               ? memory_seek(rows, (enum smg_space)(scan->space + 1), (struct smg_str){ "", 0 })
               : memory_seek(rows, scan->space, scan->to);
    for (left = scan->limit == 0 ? SIZE_MAX : scan->limit; more && low < high && left > 0; left--) {
        const struct memory_row *row = &rows->at[scan->backward ? --high : low++];

        more = fn(ctx, (struct smg_str){ row->key, row->key_len },
                  (struct smg_str){ row->value, row->value_len });
    }
    pthread_mutex_unlock(&memory->lock);
    return SMG_OK;
}

static inline int memory_session_open(void *self, void **session, struct smg_err *err)
{
    struct memory_storage *memory = self;

    if (memory->open_code != SMG_OK)
        return smg_fail(err, (enum smg_code)memory->open_code, "told to fail");
    pthread_mutex_lock(&memory->lock);
    memory->sessions++;
    memory->opened++;
    pthread_mutex_unlock(&memory->lock);
    *session = memory;
    return SMG_OK;
}

static inline void memory_session_close(void *session)
{
    struct memory_storage *memory = session;

    pthread_mutex_lock(&memory->lock);
    memory->sessions--;
    pthread_mutex_unlock(&memory->lock);
}

static inline int memory_check(void *session, struct smg_err *err)
{
    (void)session;
    (void)err;
    return SMG_OK;
}

static inline int memory_open(const struct smg_host *host, const void *config, void **self,
                              struct smg_err *err)
{
    struct memory_storage *memory = calloc(1, sizeof *memory);

    (void)host;
    (void)config;
    if (memory == NULL || pthread_mutex_init(&memory->lock, NULL) != 0) {
        free(memory);
        return smg_fail(err, SMG_E_MEMORY, "out of memory");
    }
    *self = memory;
    return SMG_OK;
}

static inline void memory_close(void *self)
{
    struct memory_storage *memory = self;

    memory_rows_free(&memory->rows);
    pthread_mutex_destroy(&memory->lock);
    free(memory);
}

static const struct smg_storage_ops memory_ops = { .size = sizeof memory_ops,
                                                   .session_open = memory_session_open,
                                                   .session_close = memory_session_close,
                                                   .apply = memory_apply,
                                                   .get = memory_get,
                                                   .scan = memory_scan,
                                                   .check = memory_check };

static const struct smg_option memory_options[] = { SMG_OPTIONS_END };

static const struct smg_plugin memory_plugin = { SMG_ABI,
                                                 .kind = SMG_STORAGE,
                                                 .name = "memory",
                                                 .version = "1",
                                                 .summary = "rows in memory, for tests",
                                                 .config_size = 1,
                                                 .options = memory_options,
                                                 .open = memory_open,
                                                 .close = memory_close,
                                                 .storage = &memory_ops };

#endif
