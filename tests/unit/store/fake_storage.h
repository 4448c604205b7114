/* SPDX-License-Identifier: Apache-2.0 */
/* A storage in memory that fails when it is told to, and counts what is asked of it. */
#ifndef STORE_FAKE_STORAGE_H
#define STORE_FAKE_STORAGE_H

#include <pthread.h>

#include "lab.h"

enum fault {
    FAULT_NONE,
    FAULT_FULL,
    FAULT_BUSY,
    FAULT_IO,        /* nothing is written, the session is broken */
    FAULT_LOST,      /* UNKNOWN, and not written */
    FAULT_COMMITTED, /* UNKNOWN, and written */
    FAULT_LATE       /* UNKNOWN, and written when the next apply comes */
};

struct fake_row {
    enum smg_space space;
    struct smg_str key, value;
};

struct fake {
    struct instance instance;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct fake_row rows[16384];
    size_t count;
    struct fake_row late;     /* what FAULT_LATE still holds back: one row */
    struct fake_row stranger; /* put by another process while the next apply runs */
    enum fault faults[16];    /* for the next applies, in order */
    size_t fault_count, fault_next;
    int away;           /* session_open fails so often; -1: until told */
    int unfit;          /* check fails so often */
    int breaks;         /* get and scan fail so often */
    bool held, entered; /* apply waits while held; entered: one is waiting */
    unsigned applies, opens, checks, sessions, most_units, last_units;
};

static inline struct smg_str fake_copy(struct smg_str bytes)
{
    char *at = malloc(bytes.len + 1);

    memcpy(at, bytes.len == 0 ? "" : bytes.at, bytes.len);
    at[bytes.len] = '\0';
    return (struct smg_str){ at, bytes.len };
}

static inline void fake_drop(struct fake_row *row)
{
    free((void *)(uintptr_t)row->key.at);
    free((void *)(uintptr_t)row->value.at);
    *row = (struct fake_row){ .space = 0 };
}

/* Where the key is, or would be. */
static inline bool fake_find(const struct fake *fake, enum smg_space space, struct smg_str key,
                             size_t *place)
{
    for (*place = 0; *place < fake->count; (*place)++) {
        const struct fake_row *row = &fake->rows[*place];
        int order = row->space == space ? str_compare(row->key, key) : row->space < space ? -1 : 1;

        if (order >= 0)
            return order == 0;
    }
    return false;
}

static inline void fake_erase(struct fake *fake, enum smg_space space, struct smg_str key)
{
    size_t place;

    if (!fake_find(fake, space, key, &place))
        return;
    fake_drop(&fake->rows[place]);
    fake->count--;
    memmove(&fake->rows[place], &fake->rows[place + 1],
            (fake->count - place) * sizeof fake->rows[0]);
}

static inline void fake_put(struct fake *fake, enum smg_space space, struct smg_str key,
                            struct smg_str value)
{
    size_t place;

    fake_erase(fake, space, key);
    fake_find(fake, space, key, &place);
    assert_true(fake->count < sizeof fake->rows / sizeof fake->rows[0]);
    memmove(&fake->rows[place + 1], &fake->rows[place],
            (fake->count - place) * sizeof fake->rows[0]);
    fake->rows[place] = (struct fake_row){ space, fake_copy(key), fake_copy(value) };
    fake->count++;
}

static inline int fake_session_open(void *self, void **session, struct smg_err *err)
{
    struct fake *fake = self;
    int code = SMG_OK;

    pthread_mutex_lock(&fake->lock);
    fake->opens++;
    pthread_cond_broadcast(&fake->changed);
    if (fake->away != 0) {
        fake->away -= fake->away > 0;
        code = smg_fail(err, SMG_E_IO, "the storage is away");
    } else {
        fake->sessions++;
        *session = fake;
    }
    pthread_mutex_unlock(&fake->lock);
    return code;
}

static inline void fake_session_close(void *session)
{
    struct fake *fake = session;

    pthread_mutex_lock(&fake->lock);
    fake->sessions--;
    pthread_mutex_unlock(&fake->lock);
}

static inline bool fake_holds(const struct fake *fake, const struct smg_unit *unit)
{
    for (size_t r = 0; r < unit->count; r++) {
        const struct smg_row *row = &unit->rows[r];
        size_t place;
        bool exists = fake_find(fake, row->space, row->key, &place);

        if (row->when == SMG_NEW && exists)
            return false;
        if (row->when == SMG_IS && !(exists && str_eq(fake->rows[place].value, row->was)))
            return false;
    }
    return true;
}

static inline void fake_write(struct fake *fake, const struct smg_unit *unit)
{
    for (size_t r = 0; r < unit->count; r++) {
        const struct smg_row *row = &unit->rows[r];

        if (row->act == SMG_PUT)
            fake_put(fake, row->space, row->key, row->value);
        else if (row->act == SMG_ERASE)
            fake_erase(fake, row->space, row->key);
    }
}

/* As it should be done: conditions see the units before, and nothing stays when one is refused. */
static inline int fake_commit(struct fake *fake, const struct smg_unit *units, size_t count,
                              bool *refused, struct smg_err *err)
{
    struct fake *copy = malloc(sizeof *copy);
    bool any = false;

    copy->count = fake->count;
    for (size_t i = 0; i < fake->count; i++)
        copy->rows[i] = (struct fake_row){ fake->rows[i].space, fake_copy(fake->rows[i].key),
                                           fake_copy(fake->rows[i].value) };
    for (size_t i = 0; i < count; i++) {
        refused[i] = !fake_holds(fake, &units[i]);
        any = any || refused[i];
        if (!refused[i])
            fake_write(fake, &units[i]);
    }
    if (any) {
        while (fake->count > 0)
            fake_drop(&fake->rows[--fake->count]);
        memcpy(fake->rows, copy->rows, copy->count * sizeof fake->rows[0]);
        fake->count = copy->count;
    } else {
        while (copy->count > 0)
            fake_drop(&copy->rows[--copy->count]);
    }
    free(copy);
    return any ? smg_fail(err, SMG_E_EXISTS, "refused") : SMG_OK;
}

static inline void fake_arrive(struct fake *fake, struct fake_row *row)
{
    if (row->space != 0)
        fake_put(fake, row->space, row->key, row->value);
    fake_drop(row);
}

static inline int fake_fail(struct fake *fake, enum fault fault, const struct smg_unit *units,
                            size_t count, bool *refused, struct smg_err *err)
{
    switch (fault) {
    case FAULT_FULL:
        return smg_fail(err, SMG_E_FULL, "full");
    case FAULT_BUSY:
        return smg_fail(err, SMG_E_BUSY, "busy");
    case FAULT_IO:
        return smg_fail(err, SMG_E_IO, "broken");
    case FAULT_COMMITTED:
        fake_commit(fake, units, count, refused, err);
        break;
    case FAULT_LATE:
        fake->late = (struct fake_row){ units[0].rows[0].space, fake_copy(units[0].rows[0].key),
                                        fake_copy(units[0].rows[0].value) };
        break;
    default:
        break;
    }
    memset(refused, 0, count);
    return smg_fail(err, SMG_E_UNKNOWN, "cut off in the commit");
}

static inline int fake_apply(void *session, const struct smg_unit *units, size_t count,
                             bool *refused, struct smg_err *err)
{
    struct fake *fake = session;
    enum fault fault = FAULT_NONE;
    int code;

    pthread_mutex_lock(&fake->lock);
    fake->applies++;
    fake->last_units = (unsigned)count;
    if (count > fake->most_units)
        fake->most_units = (unsigned)count;
    fake->entered = true;
    pthread_cond_broadcast(&fake->changed);
    while (fake->held)
        pthread_cond_wait(&fake->changed, &fake->lock);
    fake->entered = false;
    fake_arrive(fake, &fake->late);
    fake_arrive(fake, &fake->stranger);
    if (fake->fault_next < fake->fault_count)
        fault = fake->faults[fake->fault_next++];
    code = fault == FAULT_NONE ? fake_commit(fake, units, count, refused, err)
                               : fake_fail(fake, fault, units, count, refused, err);
    pthread_mutex_unlock(&fake->lock);
    return code;
}

static inline int fake_break(struct fake *fake, struct smg_err *err)
{
    if (fake->breaks == 0)
        return SMG_OK;
    fake->breaks--;
    return smg_fail(err, SMG_E_GONE, "the session broke");
}

static inline int fake_get(void *session, enum smg_space space, const struct smg_str *keys,
                           size_t count, smg_row_fn fn, void *ctx, struct smg_err *err)
{
    struct fake *fake = session;
    bool more = true;
    int code;

    pthread_mutex_lock(&fake->lock);
    code = fake_break(fake, err);
    for (size_t i = 0; code == SMG_OK && i < count && more; i++) {
        size_t place;

        if (fake_find(fake, space, keys[i], &place))
            more = fn(ctx, keys[i], fake->rows[place].value);
    }
    pthread_mutex_unlock(&fake->lock);
    return code;
}

static inline int fake_scan(void *session, const struct smg_scan *scan, smg_row_fn fn, void *ctx,
                            struct smg_err *err)
{
    struct fake *fake = session;
    bool more = true;
    int code;

    pthread_mutex_lock(&fake->lock);
    code = fake_break(fake, err);
    for (size_t i = 0; code == SMG_OK && i < fake->count && more; i++) {
        const struct fake_row *row = &fake->rows[i];

        if (row->space == scan->space && str_compare(row->key, scan->from) >= 0)
            more = fn(ctx, row->key, row->value);
    }
    pthread_mutex_unlock(&fake->lock);
    return code;
}

static inline int fake_check(void *session, struct smg_err *err)
{
    struct fake *fake = session;
    int code = SMG_OK;

    pthread_mutex_lock(&fake->lock);
    fake->checks++;
    if (fake->unfit > 0) {
        fake->unfit--;
        code = smg_fail(err, SMG_E_IO, "damaged");
    }
    pthread_mutex_unlock(&fake->lock);
    return code;
}

static const struct smg_storage_ops fake_ops = { .size = sizeof fake_ops,
                                                 .session_open = fake_session_open,
                                                 .session_close = fake_session_close,
                                                 .apply = fake_apply,
                                                 .get = fake_get,
                                                 .scan = fake_scan,
                                                 .check = fake_check };

static inline struct fake *fake_new(void)
{
    struct fake *fake = calloc(1, sizeof *fake);

    fake->instance = (struct instance){ &fake_ops, fake };
    pthread_mutex_init(&fake->lock, NULL);
    pthread_cond_init(&fake->changed, NULL);
    return fake;
}

static inline void fake_free(struct fake *fake)
{
    assert_int_equal(fake->sessions, 0);
    while (fake->count > 0)
        fake_drop(&fake->rows[--fake->count]);
    fake_drop(&fake->late);
    fake_drop(&fake->stranger);
    pthread_cond_destroy(&fake->changed);
    pthread_mutex_destroy(&fake->lock);
    free(fake);
}

static inline void fake_hold(struct fake *fake, bool held)
{
    pthread_mutex_lock(&fake->lock);
    fake->held = held;
    pthread_cond_broadcast(&fake->changed);
    pthread_mutex_unlock(&fake->lock);
}

/* Until an apply is being held. */
static inline void fake_await_apply(struct fake *fake)
{
    pthread_mutex_lock(&fake->lock);
    while (!fake->entered)
        pthread_cond_wait(&fake->changed, &fake->lock);
    pthread_mutex_unlock(&fake->lock);
}

static inline void fake_plan(struct fake *fake, enum fault fault)
{
    pthread_mutex_lock(&fake->lock);
    fake->faults[fake->fault_count++] = fault;
    pthread_mutex_unlock(&fake->lock);
}

static inline bool fake_has(struct fake *fake, enum smg_space space, const char *key,
                            const char *value)
{
    size_t place;
    bool has;

    pthread_mutex_lock(&fake->lock);
    has = fake_find(fake, space, str_of(key), &place) && str_is(fake->rows[place].value, value);
    pthread_mutex_unlock(&fake->lock);
    return has;
}

static inline bool fake_has_any(struct fake *fake, enum smg_space space, const char *key)
{
    size_t place;
    bool has;

    pthread_mutex_lock(&fake->lock);
    has = fake_find(fake, space, str_of(key), &place);
    pthread_mutex_unlock(&fake->lock);
    return has;
}

#endif
