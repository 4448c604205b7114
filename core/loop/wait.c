/* SPDX-License-Identifier: Apache-2.0 */
/* Waiting: the system's, or a simulation's list of who rests until when. */
#include "loop/wait.h"

#include <errno.h>
#include <stdatomic.h>
#include <stddef.h>
#include <time.h>

#include "loop/clock.h"

/* A thread at rest, in its own stack. */
struct rest {
    pthread_cond_t *cond; /* what it waits for, or NULL; here only an address */
    int64_t until_ms;
    bool lazy, over;
    pthread_cond_t wake;
    struct rest *next;
};

static atomic_bool simulated;
static pthread_mutex_t all = PTHREAD_MUTEX_INITIALIZER; /* over what follows */
static pthread_cond_t quiet = PTHREAD_COND_INITIALIZER; /* nobody is awake */
static unsigned awake;
static struct rest *resting; /* the longest first */

bool wait_is_simulated(void)
{
    return simulated;
}

int wait_thread(pthread_t *thread, void *(*run)(void *ctx), void *ctx)
{
    int code;

    pthread_mutex_lock(&all);
    awake++;
    pthread_mutex_unlock(&all);
    code = pthread_create(thread, NULL, run, ctx);
    if (code != 0)
        wait_over();
    return code;
}

void wait_over(void)
{
    pthread_mutex_lock(&all);
    if (--awake == 0)
        pthread_cond_signal(&quiet);
    pthread_mutex_unlock(&all);
}

void wait_init(pthread_cond_t *cond)
{
    pthread_condattr_t monotonic;

    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(cond, &monotonic);
    pthread_condattr_destroy(&monotonic);
}

static void unlink_rest(struct rest *rest)
{
    struct rest **at = &resting;

    while (*at != rest)
        at = &(*at)->next;
    *at = rest->next;
}

/* With `all` held. */
static void end_rest(struct rest *rest)
{
    if (rest->over)
        return; /* woken, but it has not run yet */
    rest->over = true;
    awake++;
    pthread_cond_signal(&rest->wake);
}

/* Its lock is only given back once this thread is in the list: a signal in between finds it. */
static void rest_simulated(pthread_cond_t *cond, pthread_mutex_t *lock, int64_t ms, bool lazy)
{
    struct rest rest = { .cond = cond, .lazy = lazy, .wake = PTHREAD_COND_INITIALIZER }, **end;

    pthread_mutex_lock(&all);
    if (simulated) {
        rest.until_ms = ms < 0 ? INT64_MAX : clock_now_ms() + ms;
        for (end = &resting; *end != NULL; end = &(*end)->next)
            ;
        *end = &rest;
        if (--awake == 0)
            pthread_cond_signal(&quiet);
        if (lock != NULL)
            pthread_mutex_unlock(lock);
        while (!rest.over)
            pthread_cond_wait(&rest.wake, &all);
        unlink_rest(&rest);
    } else if (lock != NULL) {
        pthread_mutex_unlock(lock);
    }
    pthread_mutex_unlock(&all);
    pthread_cond_destroy(&rest.wake);
    if (lock != NULL)
        pthread_mutex_lock(lock);
}

static void rest_real(pthread_cond_t *cond, pthread_mutex_t *lock, int64_t ms)
{
    struct timespec until;

    if (ms < 0) {
        pthread_cond_wait(cond, lock);
        return;
    }
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += ms / 1000;
    until.tv_nsec += ms % 1000 * 1000000L;
    until.tv_sec += until.tv_nsec / 1000000000L;
    until.tv_nsec %= 1000000000L;
    pthread_cond_timedwait(cond, lock, &until);
}

void wait_for(pthread_cond_t *cond, pthread_mutex_t *lock, int64_t ms)
{
    if (simulated)
        rest_simulated(cond, lock, ms, false);
    else
        rest_real(cond, lock, ms);
}

void wait_lazily(pthread_cond_t *cond, pthread_mutex_t *lock, int64_t ms)
{
    if (simulated)
        rest_simulated(cond, lock, ms, true);
    else
        rest_real(cond, lock, ms);
}

void wait_sleep(int64_t ms)
{
    struct timespec rest = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 };

    if (simulated)
        rest_simulated(NULL, NULL, ms, false);
    else
        while (nanosleep(&rest, &rest) < 0 && errno == EINTR)
            continue;
}

static void signal_resting(const pthread_cond_t *cond, bool every)
{
    struct rest *rest;

    pthread_mutex_lock(&all);
    for (rest = resting; rest != NULL; rest = rest->next) {
        if (rest->cond != cond || rest->over)
            continue;
        end_rest(rest);
        if (!every)
            break;
    }
    pthread_mutex_unlock(&all);
}

void wait_signal(pthread_cond_t *cond)
{
    if (simulated)
        signal_resting(cond, false);
    else
        pthread_cond_signal(cond);
}

void wait_signal_all(pthread_cond_t *cond)
{
    if (simulated)
        signal_resting(cond, true);
    else
        pthread_cond_broadcast(cond);
}

/* ---- the simulation ---- */

void wait_simulate(int64_t now_ms)
{
    pthread_mutex_lock(&all);
    clock_simulate_ms(now_ms);
    simulated = true;
    pthread_mutex_unlock(&all);
}

void wait_simulate_end(void)
{
    struct rest *rest;

    pthread_mutex_lock(&all);
    simulated = false;
    for (rest = resting; rest != NULL; rest = rest->next)
        end_rest(rest);
    clock_simulate_ms(-1);
    pthread_mutex_unlock(&all);
}

void wait_settle(void)
{
    pthread_mutex_lock(&all);
    while (awake > 0)
        pthread_cond_wait(&quiet, &all);
    pthread_mutex_unlock(&all);
}

int64_t wait_next_ms(void)
{
    const struct rest *rest;
    int64_t next_ms = INT64_MAX;

    pthread_mutex_lock(&all);
    for (rest = resting; rest != NULL; rest = rest->next)
        if (!rest->lazy && !rest->over && rest->until_ms < next_ms)
            next_ms = rest->until_ms;
    pthread_mutex_unlock(&all);
    return next_ms;
}

void wait_advance(int64_t to_ms)
{
    struct rest *rest;

    pthread_mutex_lock(&all);
    if (to_ms > clock_now_ms())
        clock_simulate_ms(to_ms);
    for (rest = resting; rest != NULL; rest = rest->next)
        if (rest->until_ms <= to_ms)
            end_rest(rest);
    pthread_mutex_unlock(&all);
}
