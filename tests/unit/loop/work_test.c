/* SPDX-License-Identifier: Apache-2.0 */
/* The pool: results on the caller's loop, a queue with an end, seats that may fail. */
#include "loop/work.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdatomic.h>
#include <cmocka.h>

enum { JOBS = 2000, THREADS = 4 };

/* A door the pool's threads wait at until the test opens it. */
struct door {
    pthread_mutex_t lock;
    pthread_cond_t moved;
    bool open;
    int inside;
};

static void door_init(struct door *door)
{
    *door = (struct door){ 0 };
    pthread_mutex_init(&door->lock, NULL);
    pthread_cond_init(&door->moved, NULL);
}

static void door_enter(struct door *door)
{
    pthread_mutex_lock(&door->lock);
    door->inside++;
    pthread_cond_broadcast(&door->moved);
    while (!door->open)
        pthread_cond_wait(&door->moved, &door->lock);
    pthread_mutex_unlock(&door->lock);
}

static void door_await(struct door *door, int inside)
{
    pthread_mutex_lock(&door->lock);
    while (door->inside < inside)
        pthread_cond_wait(&door->moved, &door->lock);
    pthread_mutex_unlock(&door->lock);
}

static void door_open(struct door *door)
{
    pthread_mutex_lock(&door->lock);
    door->open = true;
    pthread_cond_broadcast(&door->moved);
    pthread_mutex_unlock(&door->lock);
}

struct desk {
    struct loop *loop;
    pthread_t thread; /* of the loop */
    atomic_int ran, seats, seats_gone, on_wrong_thread;
    int done, enough;
    int failing_seat; /* which seat fails; 0: none */
    struct door door;
};

struct task {
    struct work_job job;
    struct desk *desk;
    void *seat;
};

static void run_task(void *ctx, void *seat)
{
    struct task *task = ctx;

    task->seat = seat;
    if (pthread_equal(pthread_self(), task->desk->thread))
        task->desk->on_wrong_thread++;
    task->desk->ran++;
}

static void wait_task(void *ctx, void *seat)
{
    struct task *task = ctx;

    door_enter(&task->desk->door);
    run_task(task, seat);
}

static void finish_task(void *ctx)
{
    struct task *task = ctx;

    if (!pthread_equal(pthread_self(), task->desk->thread))
        task->desk->on_wrong_thread++;
    if (++task->desk->done == task->desk->enough)
        loop_stop(task->desk->loop);
}

static void set_task(struct task *task, struct desk *desk, void (*fn)(void *, void *))
{
    *task = (struct task){ .desk = desk };
    task->job =
        (struct work_job){ .run = fn, .done = finish_task, .ctx = task, .loop = desk->loop };
}

static int take_seat(void *ctx, void **seat, struct smg_err *err)
{
    struct desk *desk = ctx;
    int number = ++desk->seats;

    if (number == desk->failing_seat)
        return smg_fail(err, SMG_E_DENIED, "seat %d is taken", number);
    *seat = desk;
    return SMG_OK;
}

static void leave_seat(void *seat)
{
    struct desk *desk = seat;

    desk->seats_gone++;
}

static void open_desk(struct desk *desk)
{
    struct smg_err err = { 0 };

    *desk = (struct desk){ .thread = pthread_self() };
    door_init(&desk->door);
    desk->loop = loop_new("test", &err);
    assert_non_null(desk->loop);
}

static void test_each_job_runs_in_a_seat_and_is_done_on_its_loop(void **state)
{
    static struct task tasks[JOBS];
    struct smg_err err = { 0 };
    struct desk desk;
    struct work *work;
    int i;

    (void)state;
    open_desk(&desk);
    desk.enough = JOBS;
    work = work_new("pool", THREADS, JOBS, take_seat, leave_seat, &desk, &err);
    assert_non_null(work);
    for (i = 0; i < JOBS; i++) {
        set_task(&tasks[i], &desk, run_task);
        assert_true(work_submit(work, &tasks[i].job));
    }
    assert_int_equal(loop_run(desk.loop, &err), SMG_OK);
    work_free(work);
    for (i = 0; i < JOBS; i++)
        assert_ptr_equal(tasks[i].seat, &desk);
    assert_int_equal(desk.ran, JOBS);
    assert_int_equal(desk.done, JOBS);
    assert_int_equal(desk.on_wrong_thread, 0);
    assert_int_equal(desk.seats, THREADS);
    assert_int_equal(desk.seats_gone, THREADS);
    loop_free(desk.loop);
}

static void test_a_full_queue_refuses_and_takes_again_later(void **state)
{
    struct smg_err err = { 0 };
    struct task tasks[5];
    struct desk desk;
    struct work *work;
    int i;

    (void)state;
    open_desk(&desk);
    work = work_new("pool", 1, 2, NULL, NULL, NULL, &err);
    assert_non_null(work);
    for (i = 0; i < 5; i++)
        set_task(&tasks[i], &desk, wait_task);
    assert_true(work_submit(work, &tasks[0].job));
    door_await(&desk.door, 1); /* the thread has it: the queue is empty again */
    assert_true(work_submit(work, &tasks[1].job));
    assert_true(work_submit(work, &tasks[2].job));
    assert_false(work_submit(work, &tasks[3].job));
    desk.enough = 3;
    door_open(&desk.door);
    assert_int_equal(loop_run(desk.loop, &err), SMG_OK);
    desk.enough = 4;
    assert_true(work_submit(work, &tasks[4].job));
    assert_int_equal(loop_run(desk.loop, &err), SMG_OK);
    work_free(work);
    assert_int_equal(desk.ran, 4);
    assert_null(tasks[3].seat);
    loop_free(desk.loop);
}

static void *open_the_door(void *ctx)
{
    struct desk *desk = ctx;

    door_open(&desk->door);
    return NULL;
}

static void test_freeing_the_pool_finishes_the_queue(void **state)
{
    struct smg_err err = { 0 };
    struct task tasks[20];
    struct desk desk;
    struct work *work;
    pthread_t opener;
    int i;

    (void)state;
    open_desk(&desk);
    work = work_new("a pool with a long name", 2, 20, take_seat, leave_seat, &desk, &err);
    assert_non_null(work);
    for (i = 0; i < 20; i++) {
        set_task(&tasks[i], &desk, wait_task);
        assert_true(work_submit(work, &tasks[i].job));
    }
    assert_int_equal(pthread_create(&opener, NULL, open_the_door, &desk), 0);
    work_free(work);
    pthread_join(opener, NULL);
    assert_int_equal(desk.ran, 20);
    assert_int_equal(desk.seats_gone, 2);
    assert_int_equal(desk.done, 0);
    loop_stop(desk.loop);
    assert_int_equal(loop_run(desk.loop, &err), SMG_OK);
    assert_int_equal(desk.done, 20);
    loop_free(desk.loop);
}

static void test_a_seat_that_fails_fails_the_pool_and_leaves_nothing_behind(void **state)
{
    struct desk desk;
    int failing;

    (void)state;
    for (failing = 1; failing <= THREADS; failing++) {
        struct smg_err err = { 0 };

        open_desk(&desk);
        desk.failing_seat = failing;
        assert_null(work_new("pool", THREADS, 1, take_seat, leave_seat, &desk, &err));
        assert_int_equal(err.code, SMG_E_DENIED);
        assert_non_null(strstr(err.text, "is taken"));
        assert_int_equal(desk.seats_gone, THREADS - 1);
        loop_free(desk.loop);
    }
}

static void test_a_pool_without_threads_is_refused(void **state)
{
    struct smg_err err = { 0 };

    (void)state;
    assert_null(work_new("pool", 0, 1, NULL, NULL, NULL, &err));
    assert_int_equal(err.code, SMG_E_INVALID);
    work_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_job_runs_in_a_seat_and_is_done_on_its_loop),
        cmocka_unit_test(test_a_full_queue_refuses_and_takes_again_later),
        cmocka_unit_test(test_freeing_the_pool_finishes_the_queue),
        cmocka_unit_test(test_a_seat_that_fails_fails_the_pool_and_leaves_nothing_behind),
        cmocka_unit_test(test_a_pool_without_threads_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
