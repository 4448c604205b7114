/* SPDX-License-Identifier: Apache-2.0 */
/* A bounded pool of threads for work that blocks. The result comes back to the caller's loop. */
#ifndef LOOP_WORK_H
#define LOOP_WORK_H

#include "loop/loop.h"

struct work;

/* One job; the caller embeds it and keeps it until `done` was called. */
struct work_job {
    void (*run)(void *ctx, void *seat); /* on a pool thread; seat: what seat_new gave it */
    void (*done)(void *ctx);            /* on `loop`, after run */
    void *ctx;
    struct loop *loop;
    struct loop_call call; /* the pool's */
    struct work_job *next; /* the pool's */
};

/* Each thread makes a seat of its own when it starts (a session, a context) and frees it at the
 * end. seat_new may be NULL. Fails, leaving nothing behind, when any seat fails. queue_limit: jobs
 * that wait for a thread. */
struct work *work_new(const char *name, unsigned threads, unsigned queue_limit,
                      int (*seat_new)(void *ctx, void **seat, struct smg_err *err),
                      void (*seat_free)(void *seat), void *ctx, struct smg_err *err);
/* Finishes what is queued, then ends the threads. */
void work_free(struct work *work);
/* From a job's run: takes queued jobs that `fits` says can be done along with it, each added behind
 * the last by `next`, at most `room` of them. Their own run is not called; done is, of each. */
void work_join(struct work *work, struct work_job *job, bool (*fits)(void *ctx, const void *other),
               size_t room);
/* From any thread. false: the queue is full, nothing was taken. */
bool work_submit(struct work *work, struct work_job *job);

#endif
