/* SPDX-License-Identifier: Apache-2.0 */
/* A driver that crashes, blocks, leaks, floods or writes where it likes costs the one read: the
 * reader beside it reads on, and its own next read works. */
#include "counter.h"

#include "base/log.h"
#include "loop/clock.h"

/* The reader beside it: one read after the other, all of them good. */
struct neighbour {
    struct counter counter;
    unsigned reads, wanted;
    bool resting;
};

static bool has_read_on(void *ctx)
{
    const struct neighbour *neighbour = ctx;

    return neighbour->reads >= neighbour->wanted;
}

static void read_on(void *ctx, const struct smg_fields *fields, const struct smg_err *err)
{
    struct neighbour *neighbour = ctx;

    if (err->code != SMG_OK || !str_is(fields_text(fields, "name"), "测试"))
        fail_msg("the reader beside it: %d %s", err->code, err->text);
    neighbour->reads++;
    if (!neighbour->resting)
        reader_read(neighbour->counter.reader, NULL, 20000, read_on, neighbour);
}

static void open_neighbour(struct neighbour *neighbour, struct loop *loop)
{
    *neighbour = (struct neighbour){ 0 };
    open_counter(&neighbour->counter, loop, TEST_PLUGIN("wrecker"), "{}\n");
    run_until(loop, is_ready, &neighbour->counter);
    reader_read(neighbour->counter.reader, NULL, 20000, read_on, neighbour);
}

static bool is_resting(void *ctx)
{
    const struct neighbour *neighbour = ctx;

    return status_of((struct counter *)&neighbour->counter).phase == READER_READY;
}

static void close_neighbour(struct neighbour *neighbour)
{
    neighbour->resting = true;
    run_until(neighbour->counter.loop, is_resting, neighbour);
    assert_int_equal(status_of(&neighbour->counter).restarts, 0);
    assert_int_equal(status_of(&neighbour->counter).failures, 0);
    close_counter(&neighbour->counter);
}

static void read_wrecked(struct counter *counter, const char *how, int64_t deadline_ms)
{
    struct smg_fields *given = fields_new();

    assert_true(fields_set_text(given, "act", str_of(how)));
    result_fini(&counter->result);
    reader_read(counter->reader, given, deadline_ms, take_result, &counter->result);
    fields_free(given);
    run_until(counter->loop, has_result, &counter->result);
    assert_int_equal(counter->result.calls, 1);
}

enum { SOON = 20000, HANGS = 150 };

/* OK: the plugin did wrong and its answers were right all the same. */
static const struct {
    const char *how;
    int64_t deadline_ms;
    int code, or_code;
} wrecks[] = {
    { "segv", SOON, SMG_E_IO, SMG_E_IO },
    { "bus", SOON, SMG_E_IO, SMG_E_IO },
    { "ill", SOON, SMG_E_IO, SMG_E_IO },
    { "fpe", SOON, SMG_E_IO, SMG_E_IO },
    { "abort", SOON, SMG_E_IO, SMG_E_IO },
    { "stack", SOON, SMG_E_IO, SMG_E_IO },
    { "exit", SOON, SMG_E_IO, SMG_E_IO },
    { "exit_now", SOON, SMG_E_IO, SMG_E_IO },
    { "exit_thread", HANGS, SMG_E_TIMEOUT, SMG_E_IO },
    { "deaf", HANGS, SMG_E_TIMEOUT, SMG_E_TIMEOUT },
    { "spin", HANGS, SMG_E_TIMEOUT, SMG_E_TIMEOUT },
    { "stop", HANGS, SMG_E_TIMEOUT, SMG_E_TIMEOUT },
#ifndef SHIMING_SANITIZED /* no limit of memory holds there, and their heap is another */
    { "memory", HANGS, SMG_E_TIMEOUT, SMG_E_TIMEOUT },
    { "threads", HANGS, SMG_E_TIMEOUT, SMG_E_TIMEOUT },
    { "heap", SOON, SMG_E_IO, SMG_E_PROTOCOL },
    { "own_stack", SOON, SMG_E_IO, SMG_E_PROTOCOL },
    { "host", SOON, SMG_E_IO, SMG_E_PROTOCOL },
#endif
    { "descriptors", HANGS, SMG_E_TIMEOUT, SMG_E_TIMEOUT },
    { "log", HANGS, SMG_E_TIMEOUT, SMG_E_TIMEOUT },
    { "words", HANGS, SMG_E_TIMEOUT, SMG_E_TIMEOUT },
    { "states", SOON, SMG_E_PROTOCOL, SMG_E_PROTOCOL },
    { "strays", SOON, SMG_E_PROTOCOL, SMG_E_PROTOCOL },
    { "answers", SOON, SMG_E_PROTOCOL, SMG_E_PROTOCOL },
    { "frame_empty", SOON, SMG_E_IO, SMG_E_IO },
    { "frame_unknown", SOON, SMG_E_PROTOCOL, SMG_E_PROTOCOL },
    { "frame_long", SOON, SMG_E_PROTOCOL, SMG_E_PROTOCOL },
    { "frame_ours", SOON, SMG_E_PROTOCOL, SMG_E_PROTOCOL },
    { "frame_huge", SOON, SMG_E_PROTOCOL, SMG_E_PROTOCOL },
    { "code", SOON, SMG_E_IO, SMG_E_IO },
    { "socket", HANGS, SMG_E_TIMEOUT, SMG_E_IO },
    { "foreign_call", HANGS, SMG_E_IO, SMG_E_TIMEOUT },
};

static void test_every_wreck_costs_the_one_read(void **state)
{
    struct neighbour neighbour;
    struct counter counter;
    size_t descriptors;

    open_counter(&counter, *state, TEST_PLUGIN("wrecker"), "{}\n");
    run_until(*state, is_ready, &counter);
    descriptors = count_descriptors();
    open_neighbour(&neighbour, *state);
    log_level(SMG_WARN);
    for (size_t i = 0; i < sizeof wrecks / sizeof *wrecks; i++) {
        neighbour.wanted = neighbour.reads + 1;
        read_wrecked(&counter, wrecks[i].how, wrecks[i].deadline_ms);
        if (counter.result.code != wrecks[i].code && counter.result.code != wrecks[i].or_code)
            fail_msg("%s: %d %s", wrecks[i].how, counter.result.code, counter.result.text);
        assert_int_equal(fields_count(counter.result.fields), 0);
        run_until(*state, is_ready, &counter);
        assert_int_equal(status_of(&counter).restarts, i + 1);
        read_card(&counter, 20000);
        if (counter.result.code != SMG_OK)
            fail_msg("after %s: %d %s", wrecks[i].how, counter.result.code, counter.result.text);
        run_until(*state, has_read_on, &neighbour);
    }
    log_level(SMG_INFO);
    close_neighbour(&neighbour);
    assert_int_equal(count_descriptors(), descriptors);
    close_counter(&counter);
}

/* The kilobytes of this process that are in memory. */
static long resident_kib(void)
{
    FILE *file = fopen("/proc/self/statm", "r");
    long pages = 0;

    assert_non_null(file);
    assert_int_equal(fscanf(file, "%*d %ld", &pages), 1);
    fclose(file);
    return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

static int compare_times(const void *a, const void *b)
{
    int64_t one = *(const int64_t *)a, other = *(const int64_t *)b;

    return (one > other) - (one < other);
}

static void test_crash_after_crash_leaves_nothing_behind(void **state)
{
    size_t crashes = getenv("SHIMING_LONG") != NULL ? 10000 : 100, descriptors = 0;
    int64_t *took_us = calloc(crashes, sizeof *took_us);
    struct counter counter;
    long before = 0;
    pid_t pids[4];

    assert_non_null(took_us);
    open_counter(&counter, *state, TEST_PLUGIN("wrecker"), "{}\n");
    run_until(*state, is_ready, &counter);
    log_level((enum smg_level)0); /* each is an error, and there are many */
    for (size_t i = 0; i < crashes; i++) {
        int64_t from_us;

        read_wrecked(&counter, "segv", 20000);
        from_us = clock_mono_us();
        assert_int_equal(counter.result.code, SMG_E_IO);
        run_until(*state, is_ready, &counter);
        took_us[i] = clock_mono_us() - from_us;
        read_card(&counter, 20000);
        assert_int_equal(counter.result.code, SMG_OK);
        if (i == crashes / 10) { /* what is kept for ever is there by now */
            before = resident_kib();
            descriptors = count_descriptors();
        }
    }
    log_level(SMG_INFO);
    assert_int_equal(count_descriptors(), descriptors);
    assert_int_equal(find_children(pids, 4), 1);
    assert_int_equal(status_of(&counter).restarts, crashes);
#ifndef SHIMING_SANITIZED /* which keep what is freed for a while */
    assert_in_range(resident_kib(), 0, before + 512);
#endif
    qsort(took_us, crashes, sizeof *took_us, compare_times);
    print_message("%zu crashes: ready again after %.1f ms, p99 %.1f ms; %ld KiB, then %ld KiB\n",
                  crashes, (double)took_us[crashes / 2] / 1000,
                  (double)took_us[crashes * 99 / 100] / 1000, before, resident_kib());
    free(took_us);
    close_counter(&counter);
}

/* While it keeps dying, a reader is started less and less often, and says so. */
static void test_a_driver_that_keeps_dying_is_started_less_and_less_often(void **state)
{
    struct counter counter;
    int64_t from_us;
    unsigned refused = 0;

    open_counter(&counter, *state, TEST_PLUGIN("wrecker"), "{}\n");
    run_until(*state, is_ready, &counter);
    from_us = clock_mono_us();
    log_level((enum smg_level)0);
    for (int deaths = 0; deaths < 5; deaths++) {
        run_until(*state, is_ready, &counter);
        read_wrecked(&counter, "segv", 20000);
        assert_int_equal(counter.result.code, SMG_E_IO);
        if (status_of(&counter).phase != READER_DOWN)
            continue;
        assert_non_null(strstr(status_of(&counter).why, "signal 11"));
        read_card(&counter, 20000);
        assert_int_equal(counter.result.code, SMG_E_IO);
        assert_non_null(strstr(counter.result.text, "signal 11"));
        refused++;
    }
    log_level(SMG_INFO);
    assert_true(refused >= 3);
    /* pauses of 100, 200 and 400 ms lie between them at least */
    assert_true(clock_mono_us() - from_us >= 700 * 1000);
    close_counter(&counter);
}

#define ON_A_LOOP(test) cmocka_unit_test_setup_teardown(test, make_loop, free_loop)
static const struct CMUnitTest tests[] = {
    ON_A_LOOP(test_every_wreck_costs_the_one_read),
    ON_A_LOOP(test_crash_after_crash_leaves_nothing_behind),
    ON_A_LOOP(test_a_driver_that_keeps_dying_is_started_less_and_less_often),
};

COUNTER_MAIN(tests)
