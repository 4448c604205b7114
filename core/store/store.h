/* SPDX-License-Identifier: Apache-2.0 */
/* Durable, conditional, all-or-nothing writes over a storage instance, grouped across requests: one
 * commit for whatever waits when the last commit ended. Nothing is answered before it is durable.
 */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include "base/buf.h"
#include "loop/work.h"
#include "plugin/instance.h"

struct store;

/* A unit being built: rows that hold copies of their bytes, wiped when it is freed. Conditions are
 * judged before the unit's own rows are written, so a unit names a key at most once. */
struct unit;
struct unit *unit_new(void);
void unit_free(struct unit *unit);
/* What goes wrong here (out of memory, a key or value of a wrong size, a unit that is NULL) is kept
 * and comes out of store_apply. */
void unit_put(struct unit *unit, enum smg_space space, struct smg_str key, struct smg_str value);
void unit_put_new(struct unit *unit, enum smg_space space, struct smg_str key,
                  struct smg_str value);
void unit_put_if(struct unit *unit, enum smg_space space, struct smg_str key, struct smg_str was,
                 struct smg_str value);
void unit_erase(struct unit *unit, enum smg_space space, struct smg_str key);
void unit_erase_if(struct unit *unit, enum smg_space space, struct smg_str key, struct smg_str was);
void unit_keep_if(struct unit *unit, enum smg_space space, struct smg_str key, struct smg_str was);
/* What the audit log shall say of this unit: opaque here, turned into rows by the stage below. */
void unit_note(struct unit *unit, struct smg_str note);
size_t unit_notes(const struct unit *unit);
struct smg_str unit_note_at(const struct unit *unit, size_t i);

/* Called on the writer's thread with each batch before it is written, so that rows which must be in
 * commit order (the audit log) are made in commit order. It may add rows to the units, and one unit
 * of its own. Called again, after `unstage`, when a batch must be written again; the store has
 * dropped the rows staged before by then. A stage that fails is followed by `unstage` too. A
 * condition of a staged row may fail because another process writes the same stream: the caller's
 * units are not refused for it, the batch is staged and written again. */
struct store_stage {
    int (*stage)(void *ctx, struct unit *const *units, size_t count, struct unit *last,
                 struct smg_err *err);
    void (*settle)(void *ctx);  /* the batch is durable */
    void (*unstage)(void *ctx); /* it is not, or nobody knows: forget what was staged */
    void *ctx;
};

struct store_options {
    unsigned readers;     /* threads for reads; 0: 2 */
    unsigned queue_limit; /* writes waiting before SMG_E_BUSY; 0: 8192 */
    unsigned batch_limit; /* units in one commit; 0: 256 */
};

/* Runs the storage's check first. The instance must outlive the store; stage may be NULL. */
struct store *store_new(struct instance *storage, const struct store_stage *stage,
                        const struct store_options *options, struct smg_err *err);
/* Writes what waits, then ends. */
void store_free(struct store *store);

/* One write; the caller embeds it and keeps it until done was called. */
struct store_write {
    struct unit *unit; /* the caller's; as it was when done is called */
    struct loop *loop; /* where done is called; NULL: on the store's thread, never to block there */
    void (*done)(void *ctx, const struct smg_err *err);
    void *ctx;
    /* the store's */
    struct smg_err err;
    struct loop_call call;
    struct store_write *next;
    int64_t since_us;
};

/* err.code in done: SMG_OK durable; SMG_E_EXISTS a condition failed, nothing written; SMG_E_FULL,
 * SMG_E_BUSY, SMG_E_IO nothing written; SMG_E_UNKNOWN it may have been written. Any thread.
 *
 * After a failed commit the store takes no writes until the storage was reopened and checked, and
 * asks it whether the batch is there: the first row a unit put as new is its witness. So
 * SMG_E_UNKNOWN is only said when the storage stays away for longer than 3 s; what waited in the
 * queue that long is answered SMG_E_BUSY. It comes back by itself. A write is never answered inside
 * store_apply, but one without a loop that cannot be queued. */
void store_apply(struct store *store, struct store_write *write);

/* One read; as above. Rows are copied into `rows` in the order they were found. A read that ended
 * may be asked again for something else, and uses its memory again. */
struct store_row {
    struct smg_str key, value;
};
struct store_read {
    /* either a get: keys in one space ... */
    enum smg_space space;
    const struct smg_str *keys; /* the caller's, until done */
    size_t key_count;
    /* ... or, when keys is NULL, a scan */
    struct smg_scan scan;

    struct loop *loop;
    void (*done)(void *ctx, const struct smg_err *err);
    void *ctx;
    /* the result, freed by store_read_fini */
    struct store_row *rows;
    size_t count;
    /* the store's */
    struct smg_err err;
    struct work *pool;
    struct work_job job;
    struct buf memory;
    size_t room;
};
/* Served while the store takes no writes, too, as long as the storage answers. SMG_E_BUSY: too many
 * reads are waiting. */
void store_read(struct store *store, struct store_read *read);
void store_read_fini(struct store_read *read);
/* The value of a key of a finished get, or { NULL, 0 }. */
struct smg_str store_read_value(const struct store_read *read, struct smg_str key);

/* The same two, waited for: for verbs, never on a loop's thread. */
int store_apply_wait(struct store *store, struct unit *unit, struct smg_err *err);
int store_read_wait(struct store *store, struct store_read *read, struct smg_err *err);

struct store_figures {
    uint64_t batches, units, refused, failures, recoveries;
    unsigned waiting;         /* writes in the queue now */
    bool trusted;             /* false while the storage is being verified again */
    uint64_t commit_us_total; /* time inside apply, for the mean */
};
void store_figures(struct store *store, struct store_figures *out); /* any thread */

#endif
