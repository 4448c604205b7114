/* SPDX-License-Identifier: Apache-2.0 */
/* A pool of threads over one bounded queue. */
#include "loop/work.h"

#include <pthread.h>
#include <stdlib.h>

struct seat {
    struct work *work;
    pthread_t thread;
    void *its;
};

struct work {
    pthread_mutex_t lock;
    pthread_cond_t filled;
    struct work_job *first, **last;
    unsigned queued, limit;
    bool ending;
    void (*seat_free)(void *seat);
    unsigned count;
    struct seat seats[];
};

static struct work_job *take(struct work *work)
{
    struct work_job *job;

    pthread_mutex_lock(&work->lock);
    while (work->first == NULL && !work->ending)
        pthread_cond_wait(&work->filled, &work->lock);
    job = work->first;
    if (job != NULL) {
        work->first = job->next;
        if (work->first == NULL)
            work->last = &work->first;
        work->queued--;
    }
    pthread_mutex_unlock(&work->lock);
    return job;
}

static void *serve(void *ctx)
{
    struct seat *seat = ctx;
    struct work_job *job;

    while ((job = take(seat->work)) != NULL) {
        job->run(job->ctx, seat->its);
        job->call = (struct loop_call){ .fn = job->done, .ctx = job->ctx };
        loop_post(job->loop, &job->call);
    }
    return NULL;
}

struct work *work_new(const char *name, unsigned threads, unsigned queue_limit,
                      int (*seat_new)(void *ctx, void **seat, struct smg_err *err),
                      void (*seat_free)(void *seat), void *ctx, struct smg_err *err)
{
    struct work *work = calloc(1, sizeof *work + threads * sizeof work->seats[0]);

    if (work == NULL) {
        smg_fail(err, SMG_E_MEMORY, "%s: out of memory", name);
        return NULL;
    }
    pthread_mutex_init(&work->lock, NULL);
    pthread_cond_init(&work->filled, NULL);
    work->last = &work->first;
    work->limit = queue_limit;
    work->seat_free = seat_free;
    for (; work->count < threads; work->count++) {
        struct seat *seat = &work->seats[work->count];

        seat->work = work;
        if (seat_new != NULL && seat_new(ctx, &seat->its, err) != SMG_OK)
            break;
        if (pthread_create(&seat->thread, NULL, serve, seat) != 0) {
            if (seat_free != NULL)
                seat_free(seat->its);
            smg_fail(err, SMG_E_MEMORY, "%s: cannot start a thread", name);
            break;
        }
    }
    if (work->count < threads) {
        work_free(work);
        return NULL;
    }
    return work;
}

void work_free(struct work *work)
{
    unsigned i;

    if (work == NULL)
        return;
    pthread_mutex_lock(&work->lock);
    work->ending = true;
    pthread_cond_broadcast(&work->filled);
    pthread_mutex_unlock(&work->lock);
    for (i = 0; i < work->count; i++) {
        pthread_join(work->seats[i].thread, NULL);
        if (work->seat_free != NULL)
            work->seat_free(work->seats[i].its);
    }
    pthread_mutex_destroy(&work->lock);
    pthread_cond_destroy(&work->filled);
    free(work);
}

bool work_submit(struct work *work, struct work_job *job)
{
    bool taken;

    job->next = NULL;
    pthread_mutex_lock(&work->lock);
    taken = work->queued < work->limit && !work->ending;
    if (taken) {
        *work->last = job;
        work->last = &job->next;
        work->queued++;
        pthread_cond_signal(&work->filled);
    }
    pthread_mutex_unlock(&work->lock);
    return taken;
}
