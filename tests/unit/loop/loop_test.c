/* SPDX-License-Identifier: Apache-2.0 */
/* Event loops: calls from other threads, descriptors, timers, signals, and how late a loop is. */
#include "loop/clock.h"
#include "loop/loop.h"

#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

static int make_loop(void **state)
{
    struct smg_err err = { 0 };

    *state = loop_new("test", &err);
    return *state == NULL ? -1 : 0;
}

static int free_loop(void **state)
{
    loop_free(*state);
    return 0;
}

static void run(struct loop *loop)
{
    struct smg_err err = { 0 };

    assert_int_equal(loop_run(loop, &err), SMG_OK);
}

static void stop(void *ctx)
{
    loop_stop(ctx);
}

/* Ends a test that would otherwise wait for ever; never reached by one that passes. */
static void give_up(void *ctx)
{
    (void)ctx;
    fail_msg("the loop was not stopped in time");
}

static void guard(struct loop *loop)
{
    assert_non_null(loop_after(loop, 20000, give_up, NULL));
}

/* ---- calls -------------------------------------------------------------------------- */

enum { THREADS = 8, POSTS = 5000 };

struct inbox {
    struct loop *loop;
    unsigned arrived, out_of_order;
    unsigned next[THREADS];
};

struct message {
    struct loop_call call;
    struct inbox *inbox;
    unsigned thread, number;
};

struct sender {
    pthread_t id;
    struct inbox *inbox;
    unsigned thread;
    struct message messages[POSTS];
};

static void take_message(void *ctx)
{
    struct message *message = ctx;
    struct inbox *inbox = message->inbox;

    if (inbox->next[message->thread]++ != message->number)
        inbox->out_of_order++;
    if (++inbox->arrived == THREADS * POSTS)
        loop_stop(inbox->loop);
}

static void *send_messages(void *ctx)
{
    struct sender *sender = ctx;
    unsigned i;

    for (i = 0; i < POSTS; i++) {
        struct message *message = &sender->messages[i];

        message->inbox = sender->inbox;
        message->thread = sender->thread;
        message->number = i;
        message->call.fn = take_message;
        message->call.ctx = message;
        loop_post(sender->inbox->loop, &message->call);
    }
    return NULL;
}

static void test_calls_from_eight_threads_arrive_in_order_and_none_is_lost(void **state)
{
    struct inbox inbox = { .loop = *state };
    struct sender *senders = calloc(THREADS, sizeof *senders);
    unsigned i;

    assert_non_null(senders);
    guard(inbox.loop);
    for (i = 0; i < THREADS; i++) {
        senders[i].inbox = &inbox;
        senders[i].thread = i;
        assert_int_equal(pthread_create(&senders[i].id, NULL, send_messages, &senders[i]), 0);
    }
    run(inbox.loop);
    for (i = 0; i < THREADS; i++)
        pthread_join(senders[i].id, NULL);
    assert_int_equal(inbox.arrived, THREADS * POSTS);
    assert_int_equal(inbox.out_of_order, 0);
    free(senders);
}

struct counter {
    struct loop *loop;
    struct loop_call call;
    int count, again;
};

static void count_and_post_again(void *ctx)
{
    struct counter *counter = ctx;

    counter->count++;
    if (counter->again-- > 0)
        loop_post(counter->loop, &counter->call);
}

static void test_what_was_posted_before_the_stop_has_run(void **state)
{
    struct counter counters[3];
    size_t i;

    for (i = 0; i < 3; i++) {
        counters[i] = (struct counter){ .loop = *state };
        counters[i].call = (struct loop_call){ .fn = count_and_post_again, .ctx = &counters[i] };
        loop_post(*state, &counters[i].call);
    }
    loop_stop(*state);
    run(*state);
    for (i = 0; i < 3; i++)
        assert_int_equal(counters[i].count, 1);
}

static void test_a_call_may_post_itself_again(void **state)
{
    struct counter counter = { .loop = *state, .again = 4 };
    struct loop_call last = { .fn = stop, .ctx = *state };

    counter.call = (struct loop_call){ .fn = count_and_post_again, .ctx = &counter };
    loop_post(*state, &counter.call);
    guard(*state);
    loop_stop(*state);
    run(*state);
    assert_int_equal(counter.count, 1);
    loop_post(*state, &last);
    run(*state);
    assert_true(counter.count >= 2);
}

static void test_what_came_after_the_run_is_made_by_another_or_never(void **state)
{
    struct smg_err err = { 0 };
    struct loop *loop = loop_new("short", &err);
    struct counter counter = { .loop = loop };

    (void)state;
    assert_non_null(loop);
    counter.call = (struct loop_call){ .fn = count_and_post_again, .ctx = &counter };
    loop_stop(loop);
    run(loop);
    loop_post(loop, &counter.call);
    loop_stop(loop);
    run(loop);
    assert_int_equal(counter.count, 1);
    loop_post(loop, &counter.call);
    loop_free(loop);
    assert_int_equal(counter.count, 1);
}

/* ---- descriptors -------------------------------------------------------------------- */

struct pair {
    struct loop *loop;
    int fds[2];
    struct loop_watch *watch, *other;
    unsigned ready;
    int calls;
};

static void open_pair(struct pair *pair, struct loop *loop)
{
    *pair = (struct pair){ .loop = loop };
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair->fds), 0);
}

static void close_pair(struct pair *pair)
{
    close(pair->fds[0]);
    close(pair->fds[1]);
}

static void read_one(void *ctx, int fd, unsigned ready)
{
    struct pair *pair = ctx;
    char byte;

    assert_int_equal(fd, pair->fds[0]);
    assert_int_equal(read(fd, &byte, 1), 1);
    pair->ready = ready;
    if (++pair->calls == 3)
        loop_stop(pair->loop);
}

static void test_a_watch_calls_back_until_it_is_unwatched(void **state)
{
    struct pair pair;

    open_pair(&pair, *state);
    guard(*state);
    pair.watch = loop_watch(*state, pair.fds[0], SMG_READABLE, read_one, &pair);
    assert_non_null(pair.watch);
    assert_int_equal(write(pair.fds[1], "abc", 3), 3);
    run(*state);
    assert_int_equal(pair.calls, 3);
    assert_int_equal(pair.ready, SMG_READABLE);
    loop_unwatch(pair.watch);
    assert_int_equal(write(pair.fds[1], "d", 1), 1);
    loop_stop(*state);
    run(*state);
    assert_int_equal(pair.calls, 3);
    close_pair(&pair);
}

static void see_writable(void *ctx, int fd, unsigned ready)
{
    struct pair *pair = ctx;

    (void)fd;
    pair->ready |= ready;
    if (pair->ready == (SMG_READABLE | SMG_WRITABLE))
        loop_stop(pair->loop);
}

static void test_a_watch_says_what_the_descriptor_is_ready_for(void **state)
{
    struct pair pair;

    open_pair(&pair, *state);
    guard(*state);
    assert_int_equal(write(pair.fds[1], "a", 1), 1);
    pair.watch = loop_watch(*state, pair.fds[0], SMG_READABLE | SMG_WRITABLE, see_writable, &pair);
    assert_non_null(pair.watch);
    run(*state);
    assert_int_equal(pair.ready, SMG_READABLE | SMG_WRITABLE);
    loop_unwatch(pair.watch);
    close_pair(&pair);
}

static void unwatch_both(void *ctx, int fd, unsigned ready)
{
    struct pair *pair = ctx;

    (void)fd;
    (void)ready;
    pair->calls++;
    loop_unwatch(pair->watch);
    loop_unwatch(pair->other);
    loop_stop(pair->loop);
}

static void test_a_callback_may_unwatch_itself_and_others_that_are_ready(void **state)
{
    struct pair pair;

    open_pair(&pair, *state);
    guard(*state);
    pair.watch = loop_watch(*state, pair.fds[0], SMG_WRITABLE, unwatch_both, &pair);
    pair.other = loop_watch(*state, pair.fds[1], SMG_WRITABLE, unwatch_both, &pair);
    assert_non_null(pair.watch);
    assert_non_null(pair.other);
    run(*state);
    loop_stop(*state);
    run(*state);
    assert_int_equal(pair.calls, 1);
    close_pair(&pair);
}

static void test_what_cannot_be_watched_is_refused(void **state)
{
    struct pair pair;

    open_pair(&pair, *state);
    assert_null(loop_watch(*state, -1, SMG_READABLE, read_one, &pair));
    assert_null(loop_watch(*state, pair.fds[0], 0, read_one, &pair));
    loop_unwatch(NULL);
    close_pair(&pair);
}

static void test_a_thousand_watches_are_served_and_freed_with_the_loop(void **state)
{
    enum { PAIRS = 400 };
    struct pair *pairs = calloc(PAIRS, sizeof *pairs);
    int i;

    assert_non_null(pairs);
    guard(*state);
    for (i = 0; i < PAIRS; i++) {
        open_pair(&pairs[i], *state);
        assert_non_null(loop_watch(*state, pairs[i].fds[0], SMG_READABLE, read_one, &pairs[i]));
    }
    for (i = 0; i < PAIRS; i++)
        assert_int_equal(write(pairs[i].fds[1], "abc", 3), 3);
    for (i = 0; i < PAIRS; i++) {
        while (pairs[i].calls < 3)
            run(*state);
    }
    free_loop(state);
    *state = NULL;
    for (i = 0; i < PAIRS; i++)
        close_pair(&pairs[i]);
    free(pairs);
}

static void test_a_write_to_a_closed_peer_is_an_error_not_a_signal(void **state)
{
    struct pair pair;

    open_pair(&pair, *state);
    close(pair.fds[1]);
    assert_int_equal(write(pair.fds[0], "a", 1), -1);
    close(pair.fds[0]);
}

/* ---- timers ------------------------------------------------------------------------- */

struct alarm {
    struct loop *loop;
    struct loop_timer *timer, *other;
    int calls, enough;
    int *order;
};

static void ring(void *ctx)
{
    struct alarm *alarm = ctx;

    if (++alarm->calls == alarm->enough)
        loop_stop(alarm->loop);
}

static void ring_in_order(void *ctx)
{
    struct alarm *alarm = ctx;

    alarm->calls = ++*alarm->order;
    if (alarm->calls == alarm->enough)
        loop_stop(alarm->loop);
}

static void test_timers_fire_once_in_the_order_of_their_moments(void **state)
{
    int order = 0;
    struct alarm late = { .loop = *state, .order = &order, .enough = 3 };
    struct alarm early = late, now = late;

    guard(*state);
    assert_non_null(loop_after(*state, 60, ring_in_order, &late));
    assert_non_null(loop_after(*state, 20, ring_in_order, &early));
    assert_non_null(loop_after(*state, -5, ring_in_order, &now));
    run(*state);
    assert_int_equal(now.calls, 1);
    assert_int_equal(early.calls, 2);
    assert_int_equal(late.calls, 3);
}

static void forget_other(void *ctx)
{
    struct alarm *alarm = ctx;

    alarm->calls++;
    loop_forget(alarm->other);
    alarm->other = NULL;
}

static void test_a_timer_may_forget_another_that_is_due(void **state)
{
    struct alarm first = { .loop = *state }, second = { .loop = *state };
    struct alarm last = { .loop = *state, .enough = 1 };

    guard(*state);
    assert_non_null(loop_after(*state, 0, forget_other, &first));
    second.timer = loop_after(*state, 0, ring, &second);
    first.other = second.timer;
    assert_non_null(loop_after(*state, 30, ring, &last));
    run(*state);
    assert_int_equal(first.calls, 1);
    assert_int_equal(second.calls, 0);
}

static void forget_itself(void *ctx)
{
    struct alarm *alarm = ctx;

    if (++alarm->calls == alarm->enough) {
        loop_forget(alarm->timer);
        loop_stop(alarm->loop);
    }
}

static void test_a_repeating_timer_goes_on_until_it_forgets_itself(void **state)
{
    struct alarm alarm = { .loop = *state, .enough = 4 };
    struct alarm last = { .loop = *state, .enough = 1 };

    guard(*state);
    alarm.timer = loop_every(*state, 2, forget_itself, &alarm);
    assert_non_null(alarm.timer);
    run(*state);
    assert_int_equal(alarm.calls, 4);
    assert_non_null(loop_after(*state, 20, ring, &last));
    run(*state);
    assert_int_equal(alarm.calls, 4);
}

static void test_a_forgotten_timer_does_not_fire(void **state)
{
    struct alarm alarm = { .loop = *state }, last = { .loop = *state, .enough = 1 };

    guard(*state);
    loop_forget(loop_after(*state, 1, ring, &alarm));
    loop_forget(loop_every(*state, 1, ring, &alarm));
    loop_forget(NULL);
    assert_non_null(loop_after(*state, 30, ring, &last));
    run(*state);
    assert_int_equal(alarm.calls, 0);
}

/* ---- signals ------------------------------------------------------------------------ */

static void test_a_signal_is_a_call_on_the_loop(void **state)
{
    struct alarm alarm = { .loop = *state, .enough = 1 };
    struct loop_watch *watch = loop_signal(*state, SIGHUP, ring, &alarm);

    assert_non_null(watch);
    guard(*state);
    assert_int_equal(raise(SIGHUP), 0);
    assert_int_equal(alarm.calls, 0);
    run(*state);
    assert_int_equal(alarm.calls, 1);
    loop_unwatch(watch);
}

/* ---- lateness ----------------------------------------------------------------------- */

/* What must never happen on a loop, done on purpose. */
static void block(void *ctx)
{
    struct timespec pause = { .tv_nsec = 120000000 };

    (void)ctx;
    nanosleep(&pause, NULL);
}

static void test_a_blocked_loop_is_late(void **state)
{
    struct alarm last = { .loop = *state, .enough = 1 };
    struct loop_lateness lateness = loop_lateness(*state);

    assert_int_equal(lateness.worst_us, 0);
    assert_int_equal(lateness.over_50ms, 0);
    assert_non_null(loop_after(*state, 25, block, NULL));
    assert_non_null(loop_after(*state, 250, ring, &last));
    run(*state);
    lateness = loop_lateness(*state);
    assert_true(lateness.over_50ms >= 1);
    assert_true(lateness.worst_us >= 100000);
}

static void set_deadline(void *ctx)
{
    struct alarm *alarm = ctx;

    block(NULL);
    alarm->timer = loop_after(alarm->loop, 80, ring, alarm);
}

static void test_a_delay_counts_from_the_call_even_on_a_late_loop(void **state)
{
    struct alarm alarm = { .loop = *state, .enough = 1 };
    int64_t begin = clock_mono_us();

    assert_non_null(loop_after(*state, 0, set_deadline, &alarm));
    run(*state);
    assert_true(clock_mono_us() - begin >= 185000); /* 120 + 80, less the timer's grain */
}

int main(void)
{
#define ON_A_LOOP(test) cmocka_unit_test_setup_teardown(test, make_loop, free_loop)
    const struct CMUnitTest tests[] = {
        ON_A_LOOP(test_calls_from_eight_threads_arrive_in_order_and_none_is_lost),
        ON_A_LOOP(test_what_was_posted_before_the_stop_has_run),
        ON_A_LOOP(test_a_call_may_post_itself_again),
        cmocka_unit_test(test_what_came_after_the_run_is_made_by_another_or_never),
        ON_A_LOOP(test_a_watch_calls_back_until_it_is_unwatched),
        ON_A_LOOP(test_a_watch_says_what_the_descriptor_is_ready_for),
        ON_A_LOOP(test_a_callback_may_unwatch_itself_and_others_that_are_ready),
        ON_A_LOOP(test_what_cannot_be_watched_is_refused),
        ON_A_LOOP(test_a_thousand_watches_are_served_and_freed_with_the_loop),
        ON_A_LOOP(test_a_write_to_a_closed_peer_is_an_error_not_a_signal),
        ON_A_LOOP(test_timers_fire_once_in_the_order_of_their_moments),
        ON_A_LOOP(test_a_timer_may_forget_another_that_is_due),
        ON_A_LOOP(test_a_repeating_timer_goes_on_until_it_forgets_itself),
        ON_A_LOOP(test_a_forgotten_timer_does_not_fire),
        ON_A_LOOP(test_a_signal_is_a_call_on_the_loop),
        ON_A_LOOP(test_a_blocked_loop_is_late),
        ON_A_LOOP(test_a_delay_counts_from_the_call_even_on_a_late_loop),
    };
    int failures = cmocka_run_group_tests(tests, NULL, NULL);

    loop_shutdown();
    return failures;
}
