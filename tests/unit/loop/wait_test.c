/* SPDX-License-Identifier: Apache-2.0 */
/* Waiting in simulated time: it passes only when all are at rest, and wakes whom it should. */
#include "loop/wait.h"

#include "loop/clock.h"
#include "loop/loop.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#define NOON INT64_C(1772424000000)
#define YEAR_MS (INT64_C(365) * 24 * 3600 * 1000)

struct bench {
    pthread_mutex_t lock;
    pthread_cond_t cond;
    pthread_t thread;
    int64_t sleep_ms;
    int64_t woke_ms; /* under the lock, as is the rest */
    unsigned rounds;
    bool go;
};

static void bench_init(struct bench *bench)
{
    *bench = (struct bench){ .woke_ms = -1 };
    pthread_mutex_init(&bench->lock, NULL);
    wait_init(&bench->cond);
}

static int64_t woke(struct bench *bench)
{
    int64_t ms;

    pthread_mutex_lock(&bench->lock);
    ms = bench->woke_ms;
    pthread_mutex_unlock(&bench->lock);
    return ms;
}

static void join(struct bench *bench)
{
    pthread_join(bench->thread, NULL);
    pthread_cond_destroy(&bench->cond);
    pthread_mutex_destroy(&bench->lock);
}

static void *sleep_once(void *ctx)
{
    struct bench *bench = ctx;

    wait_sleep(bench->sleep_ms);
    pthread_mutex_lock(&bench->lock);
    bench->woke_ms = clock_now_ms();
    pthread_mutex_unlock(&bench->lock);
    wait_over();
    return NULL;
}

static void *wait_for_go(void *ctx)
{
    struct bench *bench = ctx;

    pthread_mutex_lock(&bench->lock);
    while (!bench->go)
        wait_for(&bench->cond, &bench->lock, -1);
    bench->woke_ms = clock_now_ms();
    pthread_mutex_unlock(&bench->lock);
    wait_over();
    return NULL;
}

static void *look_round(void *ctx)
{
    struct bench *bench = ctx;

    pthread_mutex_lock(&bench->lock);
    while (!bench->go) {
        wait_lazily(&bench->cond, &bench->lock, 100);
        bench->rounds++;
    }
    pthread_mutex_unlock(&bench->lock);
    wait_over();
    return NULL;
}

static void test_a_year_of_sleep_takes_no_time_and_ends_at_its_moment(void **state)
{
    struct bench bench;

    (void)state;
    bench_init(&bench);
    bench.sleep_ms = YEAR_MS;
    wait_simulate(NOON);
    assert_int_equal(wait_thread(&bench.thread, sleep_once, &bench), 0);
    wait_settle();
    assert_true(wait_next_ms() == NOON + YEAR_MS);
    wait_advance(NOON + YEAR_MS - 1);
    wait_settle();
    assert_true(woke(&bench) == -1);
    wait_advance(NOON + YEAR_MS);
    wait_settle();
    assert_true(woke(&bench) == NOON + YEAR_MS);
    assert_true(wait_next_ms() == INT64_MAX);
    join(&bench);
    wait_simulate_end();
}

static void test_a_signal_wakes_without_time_passing(void **state)
{
    struct bench bench;

    (void)state;
    bench_init(&bench);
    wait_simulate(NOON);
    assert_int_equal(wait_thread(&bench.thread, wait_for_go, &bench), 0);
    wait_settle();
    pthread_mutex_lock(&bench.lock);
    bench.go = true;
    wait_signal(&bench.cond);
    pthread_mutex_unlock(&bench.lock);
    wait_settle();
    assert_true(woke(&bench) == NOON);
    join(&bench);
    wait_simulate_end();
}

static void test_one_who_only_looks_round_does_not_hold_time_up(void **state)
{
    struct bench bench;

    (void)state;
    bench_init(&bench);
    wait_simulate(NOON);
    assert_int_equal(wait_thread(&bench.thread, look_round, &bench), 0);
    wait_settle();
    assert_true(wait_next_ms() == INT64_MAX);
    wait_advance(NOON + YEAR_MS);
    wait_settle();
    pthread_mutex_lock(&bench.lock);
    assert_int_equal(bench.rounds, 1);
    bench.go = true;
    wait_signal_all(&bench.cond);
    pthread_mutex_unlock(&bench.lock);
    join(&bench);
    wait_simulate_end();
}

static void test_the_end_of_a_simulation_wakes_everybody(void **state)
{
    struct bench bench;

    (void)state;
    bench_init(&bench);
    bench.sleep_ms = YEAR_MS;
    wait_simulate(NOON);
    assert_int_equal(wait_thread(&bench.thread, sleep_once, &bench), 0);
    wait_settle();
    wait_simulate_end();
    assert_false(wait_is_simulated());
    join(&bench);
    assert_true(bench.woke_ms >= 0);
}

/* ---- loops ---- */

static char said[16];

static void say_a(void *ctx)
{
    (void)ctx;
    strcat(said, "a");
}

static void say_b(void *ctx)
{
    (void)ctx;
    strcat(said, "b");
}

static void say_c(void *ctx)
{
    (void)ctx;
    strcat(said, "c");
}

static struct loop *simulated_loop(void)
{
    struct smg_err err = { 0 };
    struct loop *loop;

    said[0] = '\0';
    wait_simulate(NOON);
    loop = loop_new("turned", &err);
    assert_non_null(loop);
    return loop;
}

static void test_timers_fire_by_their_moment_then_by_their_age(void **state)
{
    struct loop *loop = simulated_loop();

    (void)state;
    loop_after(loop, 2000, say_c, NULL);
    loop_after(loop, 1000, say_a, NULL);
    loop_after(loop, 1000, say_b, NULL);
    assert_false(loop_turn(loop));
    assert_true(loop_next_ms(loop) == NOON + 1000);
    wait_advance(NOON + 5000);
    while (loop_turn(loop))
        ;
    assert_string_equal(said, "abc");
    assert_true(loop_next_ms(loop) == INT64_MAX);
    loop_free(loop);
    wait_simulate_end();
}

static void test_posted_calls_go_before_timers(void **state)
{
    struct loop *loop = simulated_loop();
    struct loop_call call = { .fn = say_b };

    (void)state;
    loop_after(loop, 0, say_a, NULL);
    loop_post(loop, &call);
    assert_true(loop_turn(loop));
    assert_string_equal(said, "b");
    assert_true(loop_turn(loop));
    assert_string_equal(said, "ba");
    loop_free(loop);
    wait_simulate_end();
}

static void test_a_repeating_timer_fires_once_when_time_leaps(void **state)
{
    struct loop *loop = simulated_loop();

    (void)state;
    loop_every(loop, 200, say_a, NULL);
    assert_true(loop_next_ms(loop) == INT64_MAX);
    wait_advance(NOON + YEAR_MS);
    while (loop_turn(loop))
        ;
    assert_string_equal(said, "a");
    wait_advance(NOON + YEAR_MS + 200);
    while (loop_turn(loop))
        ;
    assert_string_equal(said, "aa");
    loop_free(loop);
    wait_simulate_end();
}

static void test_a_forgotten_timer_does_not_fire(void **state)
{
    struct loop *loop = simulated_loop();
    struct loop_timer *timer = loop_after(loop, 10, say_a, NULL);

    (void)state;
    loop_forget(timer);
    wait_advance(NOON + 10);
    assert_false(loop_turn(loop));
    assert_string_equal(said, "");
    loop_free(loop);
    wait_simulate_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_year_of_sleep_takes_no_time_and_ends_at_its_moment),
        cmocka_unit_test(test_a_signal_wakes_without_time_passing),
        cmocka_unit_test(test_one_who_only_looks_round_does_not_hold_time_up),
        cmocka_unit_test(test_the_end_of_a_simulation_wakes_everybody),
        cmocka_unit_test(test_timers_fire_by_their_moment_then_by_their_age),
        cmocka_unit_test(test_posted_calls_go_before_timers),
        cmocka_unit_test(test_a_repeating_timer_fires_once_when_time_leaps),
        cmocka_unit_test(test_a_forgotten_timer_does_not_fire),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
