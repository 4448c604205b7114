/* SPDX-License-Identifier: Apache-2.0 */
/* Event loops: descriptors, timers, signals, and "run this on that loop" from any thread. The only
 * room that knows libevent (http knows evhttp besides). */
#ifndef LOOP_LOOP_H
#define LOOP_LOOP_H

#include "base/str.h"

struct loop;
struct loop_watch;
struct loop_timer;
struct event_base;

/* One loop belongs to the thread that runs it. Everything here is for that thread only, except
 * loop_post and loop_stop. */
struct loop *loop_new(const char *name, struct smg_err *err);
/* Frees the loop with what it still watches or waits for: those handles are dead afterwards. Calls
 * posted since it stopped are not made; loop_stop and loop_run before this makes them. */
void loop_free(struct loop *loop);
/* Runs until loop_stop; every call posted before the stop has run when it returns. */
int loop_run(struct loop *loop, struct smg_err *err);
void loop_stop(struct loop *loop);

/* From any thread: call fn(ctx) on the loop, in the order posted. Never fails and never blocks: the
 * caller embeds the node, which must live until fn is called. */
struct loop_call {
    void (*fn)(void *ctx);
    void *ctx;
    struct loop_call *next; /* the loop's */
};
void loop_post(struct loop *loop, struct loop_call *call);

typedef void (*loop_ready_fn)(void *ctx, int fd, unsigned ready); /* a mask of smg_ready */
typedef void (*loop_fn)(void *ctx);

/* Called back every time fd is ready until unwatched. NULL: out of memory, or not a descriptor that
 * can be waited for. A callback may unwatch and forget whatever it likes, itself included. */
struct loop_watch *loop_watch(struct loop *loop, int fd, unsigned ready, loop_ready_fn fn,
                              void *ctx);
void loop_unwatch(struct loop_watch *watch); /* NULL is fine */
/* Once after ms, or every ms. A timer that fires once is gone after its call. */
struct loop_timer *loop_after(struct loop *loop, int64_t ms, loop_fn fn, void *ctx);
struct loop_timer *loop_every(struct loop *loop, int64_t ms, loop_fn fn, void *ctx);
void loop_forget(struct loop_timer *timer); /* before it fired, or in its call; NULL is fine */
/* One loop of the program receives signals. */
struct loop_watch *loop_signal(struct loop *loop, int signo, loop_fn fn, void *ctx);

/* How late the loop has been: a probe every 10 ms compares when it ran with when it should have.
 * Both in microseconds, since the loop started. From any thread. */
struct loop_lateness {
    uint64_t worst_us;
    uint64_t over_50ms; /* how many probes were later than 50 ms */
};
struct loop_lateness loop_lateness(const struct loop *loop);

struct event_base *loop_base(struct loop *loop); /* for http's evhttp */

/* A loop made in a simulation (loop/wait.h) is not run but turned: the calls posted to it, or else
 * the one timer that is due first. false: there was nothing to do. Descriptors are not looked at.
 */
bool loop_turn(struct loop *loop);
/* When its next timer that fires once is due; INT64_MAX: there is none. Repeating timers do not
 * hold time up: when it leaps over several of their turns, they fire once. */
int64_t loop_next_ms(const struct loop *loop);

/* Leave no libevent memory behind; after the last loop_free, for leak checkers. */
void loop_shutdown(void);

#endif
