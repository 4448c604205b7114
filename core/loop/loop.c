/* SPDX-License-Identifier: Apache-2.0 */
/* Event loops over libevent: one thread each, woken from others through an eventfd. */
#include "loop/loop.h"

#include "loop/clock.h"

#include <errno.h>
#include <event2/event.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { PROBE_US = 10000, LATE_US = 50000 };

struct loop {
    struct event_base *base;
    struct event *wake_event, *probe;
    int wake_fd;
    char name[32];

    pthread_mutex_t lock; /* of the two below */
    struct loop_call *first, **last;
    bool stopping;

    int64_t probed_us;
    _Atomic uint64_t worst_us, over_50ms;
};

struct loop_watch {
    struct event *event;
    loop_ready_fn ready;
    loop_fn signalled;
    void *ctx;
};

struct loop_timer {
    struct event *event;
    loop_fn fn;
    void *ctx;
    bool once;
};

/* Everything posted so far, in order; what is posted meanwhile wakes the loop again. */
static void run_calls(struct loop *loop)
{
    struct loop_call *call, *next;

    pthread_mutex_lock(&loop->lock);
    call = loop->first;
    loop->first = NULL;
    loop->last = &loop->first;
    pthread_mutex_unlock(&loop->lock);
    for (; call != NULL; call = next) {
        next = call->next; /* the call may be reused or freed by its own function */
        call->fn(call->ctx);
    }
}

static bool has_calls(struct loop *loop, bool *stopping)
{
    bool some;

    pthread_mutex_lock(&loop->lock);
    some = loop->first != NULL;
    *stopping = loop->stopping;
    pthread_mutex_unlock(&loop->lock);
    return some;
}

static void on_wake(evutil_socket_t fd, short what, void *ctx)
{
    struct loop *loop = ctx;
    uint64_t times;
    bool stopping;

    (void)what;
    if (read(fd, &times, sizeof times) < 0 && errno != EAGAIN && errno != EINTR)
        abort(); /* an eventfd does not fail: something closed our descriptor */
    run_calls(loop);
    if (!has_calls(loop, &stopping) && stopping)
        event_base_loopbreak(loop->base);
}

static void wake(struct loop *loop)
{
    uint64_t one = 1;

    while (write(loop->wake_fd, &one, sizeof one) < 0 && errno == EINTR)
        ;
}

/* A timer that is due every 10 ms: how much later it runs is how late everything is. */
static void on_probe(evutil_socket_t fd, short what, void *ctx)
{
    struct loop *loop = ctx;
    int64_t now = clock_mono_us();
    int64_t late = now - loop->probed_us - PROBE_US;

    (void)fd;
    (void)what;
    loop->probed_us = now;
    if (late > 0 && (uint64_t)late > loop->worst_us)
        loop->worst_us = (uint64_t)late;
    if (late > LATE_US)
        loop->over_50ms++;
}

static bool start_probe(struct loop *loop)
{
    static const struct timeval every = { 0, PROBE_US };

    loop->probe = event_new(loop->base, -1, EV_PERSIST, on_probe, loop);
    return loop->probe != NULL && event_add(loop->probe, &every) == 0;
}

struct loop *loop_new(const char *name, struct smg_err *err)
{
    struct loop *loop = calloc(1, sizeof *loop);

    /* A peer that closes must be an error of the write, not the end of the process. */
    signal(SIGPIPE, SIG_IGN);
    if (loop == NULL) {
        smg_fail(err, SMG_E_MEMORY, "loop: out of memory");
        return NULL;
    }
    snprintf(loop->name, sizeof loop->name, "%s", name);
    loop->last = &loop->first;
    pthread_mutex_init(&loop->lock, NULL);
    loop->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    loop->base = event_base_new();
    if (loop->base != NULL && loop->wake_fd >= 0)
        loop->wake_event =
            event_new(loop->base, loop->wake_fd, EV_READ | EV_PERSIST, on_wake, loop);
    if (loop->wake_event == NULL || event_add(loop->wake_event, NULL) != 0 || !start_probe(loop)) {
        smg_fail(err, SMG_E_MEMORY, "loop %s: cannot be set up", name);
        loop_free(loop);
        return NULL;
    }
    return loop;
}

void loop_free(struct loop *loop)
{
    if (loop == NULL)
        return;
    if (loop->probe != NULL)
        event_free(loop->probe);
    if (loop->wake_event != NULL)
        event_free(loop->wake_event);
    if (loop->base != NULL)
        event_base_free(loop->base);
    if (loop->wake_fd >= 0)
        close(loop->wake_fd);
    pthread_mutex_destroy(&loop->lock);
    free(loop);
}

int loop_run(struct loop *loop, struct smg_err *err)
{
    bool stopping;

    loop->probed_us = clock_mono_us();
    if (has_calls(loop, &stopping) || stopping)
        wake(loop); /* posted or stopped before the run */
    if (event_base_dispatch(loop->base) < 0)
        return smg_fail(err, SMG_E_IO, "loop %s: the event loop failed", loop->name);
    pthread_mutex_lock(&loop->lock);
    loop->stopping = false; /* it may be run again */
    pthread_mutex_unlock(&loop->lock);
    return SMG_OK;
}

void loop_stop(struct loop *loop)
{
    pthread_mutex_lock(&loop->lock);
    loop->stopping = true;
    pthread_mutex_unlock(&loop->lock);
    wake(loop);
}

void loop_post(struct loop *loop, struct loop_call *call)
{
    bool was_empty;

    call->next = NULL;
    pthread_mutex_lock(&loop->lock);
    was_empty = loop->first == NULL;
    *loop->last = call;
    loop->last = &call->next;
    pthread_mutex_unlock(&loop->lock);
    if (was_empty)
        wake(loop);
}

static void on_ready(evutil_socket_t fd, short what, void *ctx)
{
    struct loop_watch *watch = ctx;

    watch->ready(watch->ctx, fd,
                 ((what & EV_READ) != 0 ? SMG_READABLE : 0u) |
                     ((what & EV_WRITE) != 0 ? SMG_WRITABLE : 0u));
}

static void on_signal(evutil_socket_t signo, short what, void *ctx)
{
    struct loop_watch *watch = ctx;

    (void)signo;
    (void)what;
    watch->signalled(watch->ctx);
}

static struct loop_watch *add_watch(struct loop *loop, struct loop_watch made, int fd, short what,
                                    event_callback_fn fn)
{
    struct loop_watch *watch = malloc(sizeof *watch);

    if (watch == NULL)
        return NULL;
    *watch = made;
    watch->event = event_new(loop->base, fd, (short)(what | EV_PERSIST), fn, watch);
    if (watch->event == NULL || event_add(watch->event, NULL) != 0) {
        loop_unwatch(watch);
        return NULL;
    }
    return watch;
}

struct loop_watch *loop_watch(struct loop *loop, int fd, unsigned ready, loop_ready_fn fn,
                              void *ctx)
{
    short what = (short)(((ready & SMG_READABLE) != 0 ? EV_READ : 0) |
                         ((ready & SMG_WRITABLE) != 0 ? EV_WRITE : 0));

    return add_watch(loop, (struct loop_watch){ .ready = fn, .ctx = ctx }, fd, what, on_ready);
}

struct loop_watch *loop_signal(struct loop *loop, int signo, loop_fn fn, void *ctx)
{
    return add_watch(loop, (struct loop_watch){ .signalled = fn, .ctx = ctx }, signo, EV_SIGNAL,
                     on_signal);
}

void loop_unwatch(struct loop_watch *watch)
{
    if (watch == NULL)
        return;
    if (watch->event != NULL)
        event_free(watch->event);
    free(watch);
}

static void on_timer(evutil_socket_t fd, short what, void *ctx)
{
    struct loop_timer *timer = ctx;
    loop_fn fn = timer->fn;
    void *its = timer->ctx;

    (void)fd;
    (void)what;
    if (timer->once)
        loop_forget(timer); /* gone before its call, which may set another in its place */
    fn(its);
}

static struct loop_timer *add_timer(struct loop *loop, int64_t ms, loop_fn fn, void *ctx, bool once)
{
    struct timeval time = { .tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000 };
    struct loop_timer *timer = malloc(sizeof *timer);

    if (timer == NULL)
        return NULL;
    *timer = (struct loop_timer){ .fn = fn, .ctx = ctx, .once = once };
    timer->event = event_new(loop->base, -1, once ? 0 : EV_PERSIST, on_timer, timer);
    if (timer->event == NULL || event_add(timer->event, &time) != 0) {
        loop_forget(timer);
        return NULL;
    }
    return timer;
}

struct loop_timer *loop_after(struct loop *loop, int64_t ms, loop_fn fn, void *ctx)
{
    return add_timer(loop, ms, fn, ctx, true);
}

struct loop_timer *loop_every(struct loop *loop, int64_t ms, loop_fn fn, void *ctx)
{
    return add_timer(loop, ms, fn, ctx, false);
}

void loop_forget(struct loop_timer *timer)
{
    if (timer == NULL)
        return;
    if (timer->event != NULL)
        event_free(timer->event);
    free(timer);
}

struct loop_lateness loop_lateness(const struct loop *loop)
{
    return (struct loop_lateness){ .worst_us = loop->worst_us, .over_50ms = loop->over_50ms };
}

struct event_base *loop_base(struct loop *loop)
{
    return loop->base;
}

void loop_shutdown(void)
{
    libevent_global_shutdown();
}
