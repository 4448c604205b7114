/* SPDX-License-Identifier: Apache-2.0 */
/* An event loop over libevent, calls posted to it from other threads, and how late it has been. */
#include "loop/loop.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <event2/event.h>
#include <event2/event_struct.h>

#include "base/log.h"
#include "loop/clock.h"
#include "loop/wait.h"

enum { PRIORITY_FIRST, PRIORITY_REST, PRIORITIES };

enum { PROBE_US = 10000, LATE_US = 50000 };

/* What a watch and a timer have in common; the loop keeps them all, to free what is left. */
struct entry {
    struct event event;
    struct loop *loop;
    struct entry *previous, *next;
};

struct loop_watch {
    struct entry entry; /* first: callbacks and free take one for the other */
    loop_ready_fn ready;
    loop_fn signalled;
    void *ctx;
};

struct loop_timer {
    struct entry entry; /* first, as above */
    loop_fn fn;
    void *ctx;
    bool repeats, firing, forgotten;
    /* In a simulation, instead of the event: */
    int64_t due_ms, every_ms;
    struct loop_timer *later;
};

struct loop {
    char name[64];
    struct event_base *base;
    struct event *wake, *probe;
    int wake_fd;
    struct entry *entries;
    bool simulated;
    struct loop_timer *timers; /* of a simulation: the first due first, then the first added */

    pthread_mutex_t lock; /* over the three below */
    struct loop_call *first, *last;
    bool stopping;

    int64_t probe_due_us;
    _Atomic uint64_t worst_us, over_50ms;
};

static void log_libevent(int severity, const char *message)
{
    enum smg_level level = SMG_DEBUG;

    if (severity == EVENT_LOG_ERR)
        level = SMG_ERROR;
    else if (severity == EVENT_LOG_WARN)
        level = SMG_WARN;
    log_line(level, "libevent", "%s", message);
}

static void prepare_process(void)
{
    /* A peer that went away is an error of one write, not the end of the gateway. */
    signal(SIGPIPE, SIG_IGN);
    event_set_log_callback(log_libevent);
}

/* Run what was posted; true when the loop shall stop. The stop is read together with the list, so
 * that everything posted before it is in the list. */
static bool run_posted(struct loop *loop)
{
    struct loop_call *call, *next;
    bool stopping;

    pthread_mutex_lock(&loop->lock);
    call = loop->first;
    loop->first = loop->last = NULL;
    stopping = loop->stopping;
    pthread_mutex_unlock(&loop->lock);
    for (; call != NULL; call = next) {
        next = call->next; /* the call may free its node, or post it again */
        call->fn(call->ctx);
    }
    return stopping;
}

static void on_wake(evutil_socket_t fd, short what, void *ctx)
{
    struct loop *loop = ctx;
    uint64_t wakes;

    (void)what;
    if (read(fd, &wakes, sizeof wakes) < 0 && errno != EAGAIN && errno != EINTR)
        log_line(SMG_ERROR, loop->name, "cannot read the wake-up: %s", strerror(errno));
    if (run_posted(loop))
        event_base_loopbreak(loop->base);
}

static void on_probe(evutil_socket_t fd, short what, void *ctx)
{
    struct loop *loop = ctx;
    int64_t now = clock_mono_us();
    int64_t late = now - loop->probe_due_us;

    (void)fd;
    (void)what;
    loop->probe_due_us = now + PROBE_US;
    if (late > LATE_US)
        atomic_fetch_add_explicit(&loop->over_50ms, 1, memory_order_relaxed);
    if (late > 0 && (uint64_t)late > loop->worst_us) /* only this thread writes it */
        atomic_store_explicit(&loop->worst_us, (uint64_t)late, memory_order_relaxed);
}

/* Timers and calls go before descriptors, and are looked at again after at most 5 ms of those: a
 * thousand clients that all become readable at once must not make a deadline late. */
static struct event_base *new_base(void)
{
    static const struct timeval most = { 0, 5000 };
    struct event_config *config = event_config_new();
    struct event_base *base = NULL;

    if (config != NULL &&
        event_config_set_max_dispatch_interval(config, &most, 16, PRIORITY_REST) == 0)
        base = event_base_new_with_config(config);
    if (config != NULL)
        event_config_free(config);
    if (base != NULL && event_base_priority_init(base, PRIORITIES) < 0) {
        event_base_free(base);
        base = NULL;
    }
    return base;
}

struct loop *loop_new(const char *name, struct smg_err *err)
{
    static pthread_once_t prepared = PTHREAD_ONCE_INIT;
    struct loop *loop = calloc(1, sizeof *loop);

    if (loop == NULL) {
        smg_fail(err, SMG_E_MEMORY, "loop %s: out of memory", name);
        return NULL;
    }
    pthread_once(&prepared, prepare_process);
    pthread_mutex_init(&loop->lock, NULL);
    loop->simulated = wait_is_simulated();
    snprintf(loop->name, sizeof loop->name, "%s", name);
    loop->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (loop->wake_fd < 0) {
        smg_fail(err, SMG_E_IO, "loop %s: eventfd: %s", name, strerror(errno));
        goto fail;
    }
    loop->base = new_base();
    if (loop->base == NULL) {
        smg_fail(err, SMG_E_IO, "loop %s: cannot make an event base", name);
        goto fail;
    }
    loop->wake = event_new(loop->base, loop->wake_fd, EV_READ | EV_PERSIST, on_wake, loop);
    loop->probe = event_new(loop->base, -1, EV_PERSIST, on_probe, loop);
    if (loop->wake == NULL || loop->probe == NULL ||
        event_priority_set(loop->wake, PRIORITY_FIRST) < 0 ||
        event_priority_set(loop->probe, PRIORITY_FIRST) < 0 || event_add(loop->wake, NULL) < 0) {
        smg_fail(err, SMG_E_MEMORY, "loop %s: out of memory", name);
        goto fail;
    }
    return loop;
fail:
    loop_free(loop);
    return NULL;
}

static void free_entry(struct entry *entry)
{
    event_del(&entry->event);
    if (entry->previous == NULL)
        entry->loop->entries = entry->next;
    else
        entry->previous->next = entry->next;
    if (entry->next != NULL)
        entry->next->previous = entry->previous;
    free(entry);
}

/* libevent's own callbacks of bufferevents that were freed last: each holds a reference, which
 * event_base_free would only forget. Nothing of ours is left, so this comes to an end; if not,
 * there is worse than a leak, and we do not wait for it. */
static void run_what_is_left(struct event_base *base)
{
    enum { ROUNDS = 1000 };

    for (int i = 0; i < ROUNDS && event_base_get_num_events(base, EVENT_BASE_COUNT_ACTIVE) > 0; i++)
        if (event_base_loop(base, EVLOOP_NONBLOCK) < 0)
            return;
}

void loop_free(struct loop *loop)
{
    struct entry *entry, *next;

    if (loop == NULL)
        return;
    for (entry = loop->entries; entry != NULL; entry = next) {
        next = entry->next;
        event_del(&entry->event);
        free(entry);
    }
    if (loop->wake != NULL)
        event_free(loop->wake);
    if (loop->probe != NULL)
        event_free(loop->probe);
    if (loop->base != NULL) {
        run_what_is_left(loop->base);
        event_base_free(loop->base);
    }
    if (loop->wake_fd >= 0)
        close(loop->wake_fd);
    pthread_mutex_destroy(&loop->lock);
    free(loop);
}

int loop_run(struct loop *loop, struct smg_err *err)
{
    static const struct timeval interval = { .tv_usec = PROBE_US };
    int status;

    loop->probe_due_us = clock_mono_us() + PROBE_US;
    if (event_add(loop->probe, &interval) < 0)
        return smg_fail(err, SMG_E_MEMORY, "loop %s: out of memory", loop->name);
    status = event_base_loop(loop->base, EVLOOP_NO_EXIT_ON_EMPTY);
    event_del(loop->probe);
    pthread_mutex_lock(&loop->lock);
    loop->stopping = false; /* it may be run again */
    pthread_mutex_unlock(&loop->lock);
    if (status < 0)
        return smg_fail(err, SMG_E_IO, "loop %s: %s", loop->name, strerror(errno));
    return SMG_OK;
}

/* With the lock held: a woken loop may run the call, end and be freed, and this must be over then.
 */
static void wake_locked(struct loop *loop)
{
    uint64_t one = 1;

    if (loop->simulated)
        return; /* whoever turns it looks */
    /* EAGAIN is a full counter: the loop is awake then. */
    if (write(loop->wake_fd, &one, sizeof one) < 0 && errno != EAGAIN)
        log_line(SMG_ERROR, loop->name, "cannot wake the loop: %s", strerror(errno));
}

void loop_stop(struct loop *loop)
{
    pthread_mutex_lock(&loop->lock);
    loop->stopping = true;
    wake_locked(loop);
    pthread_mutex_unlock(&loop->lock);
}

void loop_post(struct loop *loop, struct loop_call *call)
{
    call->next = NULL;
    pthread_mutex_lock(&loop->lock);
    if (loop->last != NULL) {
        loop->last->next = call;
    } else {
        loop->first = call;
        wake_locked(loop);
    }
    loop->last = call;
    pthread_mutex_unlock(&loop->lock);
}

/* Takes what holds the entry: frees it when libevent refuses the event. */
static bool add_entry(struct loop *loop, struct entry *entry, int fd, int what,
                      event_callback_fn fn, const struct timeval *timeout)
{
    bool added = event_assign(&entry->event, loop->base, fd, (short)what, fn, entry) == 0;

    if (added && !loop->simulated)
        added = event_priority_set(&entry->event,
                                   timeout == NULL ? PRIORITY_REST : PRIORITY_FIRST) == 0 &&
                event_add(&entry->event, timeout) == 0;
    if (!added) {
        free(entry);
        return false;
    }
    entry->loop = loop;
    entry->next = loop->entries;
    if (entry->next != NULL)
        entry->next->previous = entry;
    loop->entries = entry;
    return true;
}

static void on_ready(evutil_socket_t fd, short what, void *ctx)
{
    struct loop_watch *watch = ctx;
    unsigned ready = ((what & EV_READ) != 0 ? (unsigned)SMG_READABLE : 0) |
                     ((what & EV_WRITE) != 0 ? (unsigned)SMG_WRITABLE : 0);

    watch->ready(watch->ctx, fd, ready); /* may unwatch: watch is not touched again */
}

struct loop_watch *loop_watch(struct loop *loop, int fd, unsigned ready, loop_ready_fn fn,
                              void *ctx)
{
    int what = EV_PERSIST | ((ready & SMG_READABLE) != 0 ? EV_READ : 0) |
               ((ready & SMG_WRITABLE) != 0 ? EV_WRITE : 0);
    struct loop_watch *watch;

    if (fd < 0 || what == EV_PERSIST)
        return NULL;
    watch = calloc(1, sizeof *watch);
    if (watch == NULL)
        return NULL;
    watch->ready = fn;
    watch->ctx = ctx;
    if (!add_entry(loop, &watch->entry, fd, what, on_ready, NULL))
        return NULL;
    return watch;
}

void loop_unwatch(struct loop_watch *watch)
{
    if (watch != NULL)
        free_entry(&watch->entry);
}

static void on_signal(evutil_socket_t signo, short what, void *ctx)
{
    struct loop_watch *watch = ctx;

    (void)signo;
    (void)what;
    watch->signalled(watch->ctx);
}

struct loop_watch *loop_signal(struct loop *loop, int signo, loop_fn fn, void *ctx)
{
    struct loop_watch *watch = calloc(1, sizeof *watch);

    if (watch == NULL)
        return NULL;
    watch->signalled = fn;
    watch->ctx = ctx;
    if (!add_entry(loop, &watch->entry, signo, EV_SIGNAL | EV_PERSIST, on_signal, NULL))
        return NULL;
    return watch;
}

static void schedule(struct loop_timer *timer, int64_t ms)
{
    struct loop *loop = timer->entry.loop;
    struct loop_timer **at = &loop->timers;

    timer->due_ms = clock_now_ms() + ms;
    while (*at != NULL && (*at)->due_ms <= timer->due_ms)
        at = &(*at)->later;
    timer->later = *at;
    *at = timer;
}

static void unschedule(struct loop_timer *timer)
{
    struct loop_timer **at = &timer->entry.loop->timers;

    while (*at != NULL && *at != timer)
        at = &(*at)->later;
    if (*at == timer)
        *at = timer->later;
}

static void on_time(evutil_socket_t fd, short what, void *ctx)
{
    struct loop_timer *timer = ctx;

    (void)fd;
    (void)what;
    timer->firing = true;
    timer->fn(timer->ctx);
    timer->firing = false;
    if (!timer->repeats || timer->forgotten)
        free_entry(&timer->entry);
    else if (timer->entry.loop->simulated)
        schedule(timer, timer->every_ms);
}

static struct loop_timer *add_timer(struct loop *loop, int64_t ms, short what, loop_fn fn,
                                    void *ctx)
{
    struct loop_timer *timer = calloc(1, sizeof *timer);
    struct timeval delay = { 0 };

    if (timer == NULL)
        return NULL;
    if (ms > 0) {
        delay.tv_sec = (time_t)(ms / 1000);
        delay.tv_usec = (suseconds_t)(ms % 1000 * 1000);
    }
    timer->fn = fn;
    timer->ctx = ctx;
    timer->repeats = what == EV_PERSIST;
    /* The delay counts from now, not from the beginning of this round of callbacks. */
    event_base_update_cache_time(loop->base);
    if (!add_entry(loop, &timer->entry, -1, what, on_time, &delay))
        return NULL;
    timer->every_ms = ms < 0 ? 0 : ms;
    if (loop->simulated)
        schedule(timer, timer->every_ms);
    return timer;
}

struct loop_timer *loop_after(struct loop *loop, int64_t ms, loop_fn fn, void *ctx)
{
    return add_timer(loop, ms, 0, fn, ctx);
}

struct loop_timer *loop_every(struct loop *loop, int64_t ms, loop_fn fn, void *ctx)
{
    /* An interval of nothing would keep the loop from everything else. */
    return add_timer(loop, ms < 1 ? 1 : ms, EV_PERSIST, fn, ctx);
}

void loop_forget(struct loop_timer *timer)
{
    if (timer == NULL)
        return;
    if (timer->firing) {
        timer->forgotten = true; /* from its own call, which is still using it */
        return;
    }
    if (timer->entry.loop->simulated)
        unschedule(timer);
    free_entry(&timer->entry);
}

bool loop_turn(struct loop *loop)
{
    struct loop_timer *timer = loop->timers;
    bool posted;

    pthread_mutex_lock(&loop->lock);
    posted = loop->first != NULL;
    pthread_mutex_unlock(&loop->lock);
    if (posted)
        run_posted(loop);
    if (posted || timer == NULL || timer->due_ms > clock_now_ms())
        return posted;
    loop->timers = timer->later;
    on_time(-1, 0, timer);
    return true;
}

int64_t loop_next_ms(const struct loop *loop)
{
    const struct loop_timer *timer = loop->timers;

    while (timer != NULL && timer->repeats)
        timer = timer->later;
    return timer == NULL ? INT64_MAX : timer->due_ms;
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
