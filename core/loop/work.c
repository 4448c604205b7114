/* SPDX-License-Identifier: Apache-2.0 */
/* Threads for work that blocks: one bounded queue, each thread in a seat of its own. */
#include "loop/work.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

#include "loop/wait.h"

struct work {
    char name[16]; /* the kernel keeps 15 characters of a thread's name */
    unsigned queue_limit;
    int (*seat_new)(void *ctx, void **seat, struct smg_err *err);
    void (*seat_free)(void *seat);
    void *ctx;
    pthread_t *threads;
    unsigned started;

    pthread_mutex_t lock; /* over everything below */
    pthread_cond_t queued, seated_one;
    struct work_job *first, *last;
    unsigned waiting, seated;
    bool stopping;
    struct smg_err err; /* of the first seat that failed */
};

/* The next job, or NULL when the queue is empty and no more will come. */
static struct work_job *take_job(struct work *work)
{
    struct work_job *job;

    pthread_mutex_lock(&work->lock);
    while (work->first == NULL && !work->stopping)
        wait_for(&work->queued, &work->lock, -1);
    job = work->first;
    if (job != NULL) {
        work->first = job->next;
        if (work->first == NULL)
            work->last = NULL;
        work->waiting--;
        job->next = NULL;
    }
    pthread_mutex_unlock(&work->lock);
    return job;
}

void work_join(struct work *work, struct work_job *job, bool (*fits)(void *ctx, const void *other),
               size_t room)
{
    struct work_job **at, *last = NULL, *end = job;

    pthread_mutex_lock(&work->lock);
    for (at = &work->first; *at != NULL;) {
        struct work_job *other = *at;

        if (room == 0 || !fits(job->ctx, other->ctx)) {
            last = other;
            at = &other->next;
            continue;
        }
        *at = other->next;
        other->next = NULL;
        end->next = other;
        end = other;
        work->waiting--;
        room--;
    }
    work->last = last;
    pthread_mutex_unlock(&work->lock);
}

/* A job and those that were joined to it go back to their loops. */
static void finish_jobs(struct work_job *job)
{
    while (job != NULL) {
        struct work_job *next = job->next; /* the job may be gone when it was posted */

        job->call.fn = job->done;
        job->call.ctx = job->ctx;
        loop_post(job->loop, &job->call);
        job = next;
    }
}

static int take_seat(struct work *work, void **seat)
{
    struct smg_err err = { 0 };
    int code = SMG_OK;

    if (work->seat_new != NULL)
        code = work->seat_new(work->ctx, seat, &err);
    pthread_mutex_lock(&work->lock);
    work->seated++;
    if (code < 0 && work->err.code == 0) {
        work->err = err;
        work->err.code = code;
    }
    pthread_cond_signal(&work->seated_one);
    pthread_mutex_unlock(&work->lock);
    return code;
}

static void *run_thread(void *ctx)
{
    struct work *work = ctx;
    struct work_job *job;
    void *seat = NULL;

    pthread_setname_np(pthread_self(), work->name);
    if (take_seat(work, &seat) < 0) {
        wait_over();
        return NULL;
    }
    while ((job = take_job(work)) != NULL) {
        job->run(job->ctx, seat);
        finish_jobs(job);
    }
    if (work->seat_free != NULL)
        work->seat_free(seat);
    wait_over();
    return NULL;
}

/* Start the threads and wait until each has its seat or failed to get one. */
static int start_threads(struct work *work, unsigned threads, struct smg_err *err)
{
    sigset_t all, before;
    int code = 0;

    /* Signals are the loop's: here they would only interrupt blocking calls. */
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    while (work->started < threads && code == 0) {
        code = wait_thread(&work->threads[work->started], run_thread, work);
        if (code == 0)
            work->started++;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_mutex_lock(&work->lock);
    while (work->seated < work->started)
        pthread_cond_wait(&work->seated_one, &work->lock);
    pthread_mutex_unlock(&work->lock);
    if (code != 0)
        return smg_fail(err, SMG_E_MEMORY, "%s: cannot start a thread: %s", work->name,
                        strerror(code));
    if (work->err.code != 0)
        *err = work->err;
    return work->err.code;
}

struct work *work_new(const char *name, unsigned threads, unsigned queue_limit,
                      int (*seat_new)(void *ctx, void **seat, struct smg_err *err),
                      void (*seat_free)(void *seat), void *ctx, struct smg_err *err)
{
    struct work *work;

    if (threads == 0) {
        smg_fail(err, SMG_E_INVALID, "%s: a pool needs at least one thread", name);
        return NULL;
    }
    work = calloc(1, sizeof *work);
    if (work == NULL) {
        smg_fail(err, SMG_E_MEMORY, "%s: out of memory", name);
        return NULL;
    }
    pthread_mutex_init(&work->lock, NULL);
    pthread_cond_init(&work->queued, NULL);
    pthread_cond_init(&work->seated_one, NULL);
    snprintf(work->name, sizeof work->name, "%s", name);
    work->queue_limit = queue_limit;
    work->seat_new = seat_new;
    work->seat_free = seat_free;
    work->ctx = ctx;
    work->threads = calloc(threads, sizeof *work->threads);
    if (work->threads == NULL) {
        smg_fail(err, SMG_E_MEMORY, "%s: out of memory", name);
        goto fail;
    }
    if (start_threads(work, threads, err) < 0)
        goto fail;
    return work;
fail:
    work_free(work);
    return NULL;
}

void work_free(struct work *work)
{
    unsigned i;

    if (work == NULL)
        return;
    pthread_mutex_lock(&work->lock);
    work->stopping = true;
    wait_signal_all(&work->queued);
    pthread_mutex_unlock(&work->lock);
    for (i = 0; i < work->started; i++)
        pthread_join(work->threads[i], NULL);
    pthread_cond_destroy(&work->seated_one);
    pthread_cond_destroy(&work->queued);
    pthread_mutex_destroy(&work->lock);
    free(work->threads);
    free(work);
}

bool work_submit(struct work *work, struct work_job *job)
{
    bool taken;

    job->next = NULL;
    pthread_mutex_lock(&work->lock);
    taken = !work->stopping && work->waiting < work->queue_limit;
    if (taken) {
        if (work->last == NULL)
            work->first = job;
        else
            work->last->next = job;
        work->last = job;
        work->waiting++;
    }
    pthread_mutex_unlock(&work->lock);
    if (taken)
        wait_signal(&work->queued); /* without the lock: whoever wakes takes it at once */
    return taken;
}
