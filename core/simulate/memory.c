/* SPDX-License-Identifier: Apache-2.0 */
/* Rows in a sorted array. A batch is written row by row, and what it changed is kept until it is
 * known whether it stays. */
#include "simulate/memory.h"

#include <pthread.h>
#include <stdlib.h>

#include "loop/clock.h"
#include "loop/wait.h"

const char *const memory_fault_names[] = {
    "well", "full", "cut", "cut_after", "down", "slow", NULL
};

struct row {
    enum smg_space space;
    char *key, *value;
    size_t key_len, value_len;
};

/* How a key was before the batch. */
struct change {
    struct row was; /* its value NULL: there was no row */
    struct change *before;
};

struct memory {
    pthread_mutex_t lock; /* over all of it */
    struct row *rows;
    size_t count, room;
    enum memory_fault fault;
    int64_t until_ms, slow_ms;
    unsigned times; /* 0: no limit */
};

/* What the plugin's open makes; also its sessions. */
struct lent {
    struct memory *memory;
    bool cut_off;
};

struct memory *memory_new(void)
{
    struct memory *memory = calloc(1, sizeof *memory);

    if (memory != NULL)
        pthread_mutex_init(&memory->lock, NULL);
    return memory;
}

void memory_free(struct memory *memory)
{
    size_t i;

    if (memory == NULL)
        return;
    for (i = 0; i < memory->count; i++) {
        free(memory->rows[i].key);
        free(memory->rows[i].value);
    }
    free(memory->rows);
    pthread_mutex_destroy(&memory->lock);
    free(memory);
}

void memory_break(struct memory *memory, enum memory_fault fault, int64_t until_ms, unsigned times,
                  int64_t slow_ms)
{
    pthread_mutex_lock(&memory->lock);
    memory->fault = fault;
    memory->until_ms = until_ms;
    memory->times = times;
    memory->slow_ms = slow_ms;
    pthread_mutex_unlock(&memory->lock);
}

void memory_lend(struct memory *memory, void *self)
{
    struct lent *lent = self;

    lent->memory = memory;
}

void memory_cut_off(void *self, bool cut_off)
{
    struct lent *lent = self;

    pthread_mutex_lock(&lent->memory->lock);
    lent->cut_off = cut_off;
    pthread_mutex_unlock(&lent->memory->lock);
}

/* ---- rows; all with the lock held ---- */

static char *copy_bytes(struct smg_str bytes)
{
    char *copy = malloc(bytes.len + 1);

    if (copy == NULL)
        abort(); /* a simulation without memory proves nothing */
    if (bytes.len > 0)
        memcpy(copy, bytes.at, bytes.len);
    return copy;
}

static int compare(const struct row *row, enum smg_space space, struct smg_str key)
{
    if (row->space != space)
        return row->space < space ? -1 : 1;
    return str_compare(str_bytes(row->key, row->key_len), key);
}

static size_t seek(const struct memory *memory, enum smg_space space, struct smg_str key)
{
    size_t low = 0, high = memory->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (compare(&memory->rows[middle], space, key) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static struct row *find(const struct memory *memory, enum smg_space space, struct smg_str key)
{
    size_t i = seek(memory, space, key);

    return i < memory->count && compare(&memory->rows[i], space, key) == 0 ? &memory->rows[i]
                                                                           : NULL;
}

static void erase(struct memory *memory, enum smg_space space, struct smg_str key)
{
    struct row *row = find(memory, space, key);
    size_t i;

    if (row == NULL)
        return;
    i = (size_t)(row - memory->rows);
    free(row->key);
    free(row->value);
    memory->count--;
    memmove(row, row + 1, (memory->count - i) * sizeof *row);
}

static void put(struct memory *memory, enum smg_space space, struct smg_str key,
                struct smg_str value)
{
    char *copy = copy_bytes(value);
    struct row *row = find(memory, space, key);
    size_t i = seek(memory, space, key);

    if (row == NULL) {
        if (memory->count == memory->room) {
            memory->room = memory->room == 0 ? 64 : 2 * memory->room;
            memory->rows = realloc(memory->rows, memory->room * sizeof *memory->rows);
        }
        if (memory->rows == NULL)
            abort();
        row = &memory->rows[i];
        memmove(row + 1, row, (memory->count - i) * sizeof *row);
        memory->count++;
        *row = (struct row){ .space = space, .key = copy_bytes(key), .key_len = key.len };
    }
    free(row->value);
    row->value = copy;
    row->value_len = value.len;
}

bool memory_lose(struct memory *memory, enum smg_space space, struct smg_str key)
{
    bool found;

    pthread_mutex_lock(&memory->lock);
    found = find(memory, space, key) != NULL;
    erase(memory, space, key);
    pthread_mutex_unlock(&memory->lock);
    return found;
}

/* ---- batches ---- */

static bool holds(const struct memory *memory, const struct smg_unit *unit)
{
    size_t i;

    for (i = 0; i < unit->count; i++) {
        const struct smg_row *row = &unit->rows[i];
        const struct row *found = find(memory, row->space, row->key);

        if (row->when == SMG_NEW && found != NULL)
            return false;
        if (row->when == SMG_IS &&
            (found == NULL || !str_eq(str_bytes(found->value, found->value_len), row->was)))
            return false;
    }
    return true;
}

static void remember(struct memory *memory, const struct smg_row *row, struct change **changes)
{
    const struct row *found = find(memory, row->space, row->key);
    struct change *change = calloc(1, sizeof *change);

    if (change == NULL)
        abort();
    change->was =
        (struct row){ .space = row->space, .key = copy_bytes(row->key), .key_len = row->key.len };
    if (found != NULL) {
        change->was.value = copy_bytes(str_bytes(found->value, found->value_len));
        change->was.value_len = found->value_len;
    }
    change->before = *changes;
    *changes = change;
}

static void write_unit(struct memory *memory, const struct smg_unit *unit, struct change **changes)
{
    size_t i;

    for (i = 0; i < unit->count; i++) {
        const struct smg_row *row = &unit->rows[i];

        if (row->act == SMG_KEEP)
            continue;
        remember(memory, row, changes);
        if (row->act == SMG_PUT)
            put(memory, row->space, row->key, row->value);
        else
            erase(memory, row->space, row->key);
    }
}

static void end_batch(struct memory *memory, struct change *changes, bool stays)
{
    while (changes != NULL) {
        struct change *change = changes;
        struct smg_str key = str_bytes(change->was.key, change->was.key_len);

        changes = change->before;
        if (!stays && change->was.value == NULL)
            erase(memory, change->was.space, key);
        else if (!stays)
            put(memory, change->was.space, key,
                str_bytes(change->was.value, change->was.value_len));
        free(change->was.key);
        free(change->was.value);
        free(change);
    }
}

/* ---- the plugin ---- */

static enum memory_fault fault_now(const struct lent *lent)
{
    const struct memory *memory = lent->memory;

    if (lent->cut_off)
        return MEMORY_DOWN;
    return memory->fault != MEMORY_WELL && clock_now_ms() < memory->until_ms ? memory->fault
                                                                             : MEMORY_WELL;
}

/* The fault of this commit, which may be the last with one. */
static enum memory_fault next_fault(struct lent *lent)
{
    enum memory_fault fault = fault_now(lent);

    if (fault != MEMORY_WELL && !lent->cut_off && lent->memory->times > 0 &&
        --lent->memory->times == 0)
        lent->memory->fault = MEMORY_WELL;
    return fault;
}

static bool is_cut_off(const struct lent *lent)
{
    bool cut_off;

    pthread_mutex_lock(&lent->memory->lock);
    cut_off = lent->cut_off;
    pthread_mutex_unlock(&lent->memory->lock);
    return cut_off;
}

static int write_batch(struct memory *memory, const struct smg_unit *units, size_t count,
                       bool *refused)
{
    struct change *changes = NULL;
    bool any = false;
    size_t i;

    for (i = 0; i < count; i++) {
        refused[i] = !holds(memory, &units[i]);
        any = any || refused[i];
        if (!refused[i])
            write_unit(memory, &units[i], &changes);
    }
    end_batch(memory, changes, !any);
    return any ? SMG_E_EXISTS : SMG_OK;
}

static int apply(void *session, const struct smg_unit *units, size_t count, bool *refused,
                 struct smg_err *err)
{
    struct lent *lent = session;
    struct memory *memory = lent->memory;
    enum memory_fault fault;
    int64_t slow_ms;
    int code = SMG_OK;

    pthread_mutex_lock(&memory->lock);
    fault = next_fault(lent);
    slow_ms = memory->slow_ms;
    if (fault != MEMORY_FULL && fault != MEMORY_CUT && fault != MEMORY_DOWN)
        code = write_batch(memory, units, count, refused);
    pthread_mutex_unlock(&memory->lock);
    if (fault == MEMORY_FULL)
        return smg_fail(err, SMG_E_FULL, "no space left; nothing was written");
    if (fault == MEMORY_CUT || fault == MEMORY_DOWN)
        return smg_fail(err, SMG_E_IO, "the connection broke");
    if (fault == MEMORY_SLOW)
        wait_sleep(slow_ms);
    if (fault == MEMORY_CUT_AFTER || is_cut_off(lent))
        return smg_fail(err, SMG_E_UNKNOWN, "the connection broke in the commit");
    return code == SMG_OK ? SMG_OK : smg_fail(err, SMG_E_EXISTS, "a condition failed");
}

/* With the lock held on success. */
static int enter(struct lent *lent, struct smg_err *err)
{
    pthread_mutex_lock(&lent->memory->lock);
    if (fault_now(lent) != MEMORY_DOWN)
        return SMG_OK;
    pthread_mutex_unlock(&lent->memory->lock);
    return smg_fail(err, SMG_E_IO, "the storage does not answer");
}

static int get(void *session, enum smg_space space, const struct smg_str *keys, size_t count,
               smg_row_fn fn, void *ctx, struct smg_err *err)
{
    struct lent *lent = session;
    bool more = true;
    size_t i;

    if (enter(lent, err) < 0)
        return err->code;
    for (i = 0; more && i < count; i++) {
        const struct row *row = find(lent->memory, space, keys[i]);

        if (row != NULL)
            more =
                fn(ctx, str_bytes(row->key, row->key_len), str_bytes(row->value, row->value_len));
    }
    pthread_mutex_unlock(&lent->memory->lock);
    return SMG_OK;
}

static int scan(void *session, const struct smg_scan *scan, smg_row_fn fn, void *ctx,
                struct smg_err *err)
{
    struct lent *lent = session;
    const struct memory *memory = lent->memory;
    size_t low, high, left;
    bool more = true;

    if (enter(lent, err) < 0)
        return err->code;
    low = seek(memory, scan->space, scan->from);
    high = scan->to.len == 0 ? seek(memory, (enum smg_space)(scan->space + 1), SMG_STR(""))
                             : seek(memory, scan->space, scan->to);
    for (left = scan->limit == 0 ? SIZE_MAX : scan->limit; more && low < high && left > 0; left--) {
        const struct row *row = &memory->rows[scan->backward ? --high : low++];

        more = fn(ctx, str_bytes(row->key, row->key_len), str_bytes(row->value, row->value_len));
    }
    pthread_mutex_unlock(&lent->memory->lock);
    return SMG_OK;
}

static int session_open(void *self, void **session, struct smg_err *err)
{
    if (enter(self, err) < 0)
        return err->code;
    pthread_mutex_unlock(&((struct lent *)self)->memory->lock);
    *session = self;
    return SMG_OK;
}

static void session_close(void *session)
{
    (void)session;
}

static int check(void *session, struct smg_err *err)
{
    void *same;

    return session_open(session, &same, err);
}

static int open_lent(const struct smg_host *host, const void *config, void **self,
                     struct smg_err *err)
{
    (void)host;
    (void)config;
    *self = calloc(1, sizeof(struct lent));
    return *self == NULL ? smg_fail(err, SMG_E_MEMORY, "out of memory") : SMG_OK;
}

static void close_lent(void *self)
{
    free(self);
}

static const struct smg_storage_ops ops = { .size = sizeof ops,
                                            .session_open = session_open,
                                            .session_close = session_close,
                                            .apply = apply,
                                            .get = get,
                                            .scan = scan,
                                            .check = check };

static const struct smg_option no_options[] = { SMG_OPTIONS_END };

const struct smg_plugin memory_plugin = { SMG_ABI,
                                          .kind = SMG_STORAGE,
                                          .name = "memory",
                                          .version = "1",
                                          .summary = "rows in memory, for simulations",
                                          .config_size = 1,
                                          .options = no_options,
                                          .open = open_lent,
                                          .close = close_lent,
                                          .storage = &ops };
