/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of this room share: the store itself, and how its threads meet. */
#ifndef STORE_INSIDE_H
#define STORE_INSIDE_H

#include <pthread.h>

#include "loop/clock.h"
#include "loop/wait.h"
#include "store/unit.h"

enum {
    PATIENCE_US = 3000000,  /* how long a write waits for a storage that went away */
    BATCH_BYTES = 16 << 20, /* a batch ends when its units hold this much */
    CONTESTS_MAX = 8        /* how often staged rows may be taken by another process in one batch */
};

/* A session and the calls it takes. */
struct link {
    const struct smg_storage_ops *ops;
    void *self;
    void *session; /* NULL: not open */
};
int link_open(struct link *link, struct smg_err *err);
void link_close(struct link *link);
/* Does this failure of a call say that the session is no longer good? */
bool link_is_broken_by(int code);

struct store {
    struct store_stage stage; /* stage.stage NULL: there is none */
    unsigned queue_limit, batch_limit;

    pthread_mutex_t lock; /* guards what follows, up to the blank line */
    pthread_cond_t arrived, ended;
    struct store_write *first, **end; /* the queue */
    struct store_figures figures;
    bool ending, written_off; /* no new writes; the writer is gone */

    /* The writer's own: the batch in hand. */
    struct link link;
    struct store_write **batch;
    size_t count;
    struct unit **units;    /* of the batch, then `extra` */
    struct smg_unit *views; /* of the same */
    bool *refused;
    struct unit *extra; /* the stage's own unit */
    int64_t began_us;
    int64_t pause_ms; /* before the storage is tried again; grows while it fails */
    bool applied;     /* the storage was handed this staging of the batch */
    bool doubted;     /* an earlier try of this batch may still come through */
    bool staged;      /* settle or unstage is owed */
    bool full;        /* said so in the log already */
    bool contested;   /* the same */

    pthread_t writer, warden;
    struct work *readers;
    pthread_mutex_t wait_lock; /* guards wait_link, for store_read_wait */
    struct link wait_link;
};

/* store.c: hand writes back, one post for each loop among them, in order. Never under the lock. */
void store_answer(struct store_write *list);

/* copy.c: a store that a copy has only begun to fill is not one. */
int copy_expect_whole(const struct link *link, struct smg_err *err);

/* writer.c: the thread that writes until the store ends. */
void *writer_run(void *store);

/* read.c */
int readers_start(struct store *store, unsigned threads, struct smg_err *err);
void readers_stop(struct store *store);

#endif
