/* SPDX-License-Identifier: Apache-2.0 */
/* A reader's process dies, breaks, loses its device, and is there again. */
#include "counter.h"

#include <fcntl.h>

#include "base/log.h"

/* A file that plays a device: one letter tells the plugin how it is. */
struct device {
    char path[40];
};

static void put_device(struct device *device, char mark)
{
    int fd = open(device->path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, &mark, 1), 1);
    close(fd);
}

static struct device make_device(char mark)
{
    struct device device = { "/tmp/shiming-device-XXXXXX" };
    int fd = mkstemp(device.path);

    assert_true(fd >= 0);
    close(fd);
    put_device(&device, mark);
    return device;
}

static void open_device(struct counter *counter, struct loop *loop, const struct device *device,
                        const char *act)
{
    char yaml[128];

    snprintf(yaml, sizeof yaml, "act: %s\ndevice: %s\n", act, device->path);
    open_counter(counter, loop, TEST_PLUGIN("probe"), yaml);
    assert_non_null(counter->reader);
}

/* Not merely ready, but ready again. */
struct revival {
    struct counter *counter;
    uint64_t restarts;
};

static bool is_revived(void *ctx)
{
    const struct revival *revival = ctx;
    struct reader_status status = status_of(revival->counter);

    return status.phase == READER_READY && status.restarts > revival->restarts;
}

static bool is_out_of_service(void *ctx)
{
    return status_of(ctx).phase == READER_OUT_OF_SERVICE;
}

static void test_a_process_killed_while_idle_is_back_and_answers(void **state)
{
    struct counter counter;

    open_probe(&counter, *state, "types");
    run_until(*state, is_ready, &counter);
    for (unsigned i = 0; i < 3; i++) {
        struct revival revival = { &counter, status_of(&counter).restarts };

        kill_only_child();
        run_until(*state, is_revived, &revival);
        read_card(&counter, 20000);
        assert_int_equal(counter.result.code, SMG_OK);
    }
    assert_int_equal(status_of(&counter).restarts, 3);
    close_counter(&counter);
}

static void test_a_process_killed_while_reading_answers_io_and_is_back(void **state)
{
    struct revival revival;
    struct counter counter;

    open_probe(&counter, *state, "obey");
    reader_read(counter.reader, NULL, 60000, take_result, &counter.result);
    run_until(*state, is_reading, &counter);
    revival = (struct revival){ &counter, 0 };
    kill_only_child();
    run_until(*state, has_result, &counter.result);
    assert_int_equal(counter.result.code, SMG_E_IO);
    assert_non_null(strstr(counter.result.text, "signal 9"));
    run_until(*state, is_revived, &revival);
    close_counter(&counter);
}

static void test_a_read_asked_for_right_after_a_kill_ends_and_the_next_one_works(void **state)
{
    struct counter counter;

    open_probe(&counter, *state, "types");
    run_until(*state, is_ready, &counter);
    kill_only_child();
    read_card(&counter, 20000); /* the loop has not seen the death when this is asked */
    if (counter.result.code != SMG_OK)
        assert_int_equal(counter.result.code, SMG_E_IO);
    read_card(&counter, 20000);
    assert_int_equal(counter.result.code, SMG_OK);
    close_counter(&counter);
}

static void test_a_plugin_that_does_not_start_says_why_and_is_tried_again(void **state)
{
    struct counter counter;

    open_probe(&counter, *state, "no_start");
    run_until(*state, is_down, &counter);
    assert_string_equal(status_of(&counter).why, "it does not want to");
    read_card(&counter, 20000);
    assert_int_equal(counter.result.code, SMG_E_DENIED);
    assert_string_equal(counter.result.text, "it does not want to");
    assert_true(status_of(&counter).restarts >= 1);
    close_counter(&counter);
}

static void test_a_plugin_that_dies_in_start_is_down(void **state)
{
    struct counter counter;

    open_probe(&counter, *state, "die_in_start");
    run_until(*state, is_down, &counter);
    assert_string_equal(status_of(&counter).why, "its process ended with status 9");
    close_counter(&counter);
}

static void test_a_plugin_with_early_threads_is_refused(void **state)
{
#ifdef SHIMING_SANITIZED
    (void)state;
    skip(); /* sanitizers have threads of their own */
#else
    struct counter counter;

    open_counter(&counter, *state, TEST_PLUGIN("threaded"), "{}\n");
    run_until(*state, is_down, &counter);
    assert_non_null(strstr(status_of(&counter).why, "starts threads when it is loaded"));
    close_counter(&counter);
#endif
}

static void test_a_missing_device_is_gone_until_it_comes(void **state)
{
    struct device device = make_device('G');
    struct counter counter;

    unlink(device.path);
    open_device(&counter, *state, &device, "types");
    run_until(*state, is_down, &counter);
    assert_non_null(strstr(status_of(&counter).why, "No such file"));
    read_card(&counter, 20000);
    assert_int_equal(counter.result.code, SMG_E_GONE);
    put_device(&device, 'G');
    run_until(*state, is_ready, &counter);
    read_card(&counter, 20000);
    assert_int_equal(counter.result.code, SMG_OK);
    close_counter(&counter);
    unlink(device.path);
}

static void test_an_idle_reader_notices_that_its_device_went(void **state)
{
    struct device device = make_device('G');
    struct counter counter;

    open_device(&counter, *state, &device, "types");
    run_until(*state, is_ready, &counter);
    unlink(device.path);
    run_until(*state, is_down, &counter);
    put_device(&device, 'G');
    run_until(*state, is_ready, &counter);
    read_card(&counter, 20000);
    assert_int_equal(counter.result.code, SMG_OK);
    close_counter(&counter);
    unlink(device.path);
}

static void test_a_device_out_of_service_answers_why_and_is_started_again(void **state)
{
    struct device device = make_device('B');
    struct counter counter;

    open_device(&counter, *state, &device, "types");
    run_until(*state, is_out_of_service, &counter);
    assert_string_equal(status_of(&counter).why, "the self-test failed");
    read_card(&counter, 20000);
    assert_int_equal(counter.result.code, SMG_E_IO);
    assert_string_equal(counter.result.text, "the self-test failed");
    put_device(&device, 'G');
    do /* a read starts it again, at most once a second */
        read_card(&counter, 20000);
    while (counter.result.code == SMG_E_IO);
    assert_int_equal(counter.result.code, SMG_OK);
    assert_int_equal(status_of(&counter).phase, READER_READY);
    close_counter(&counter);
    unlink(device.path);
}

static void test_a_device_that_breaks_in_a_read_is_out_of_service_after_it(void **state)
{
    struct counter counter;

    open_probe(&counter, *state, "break");
    read_card(&counter, 20000);
    assert_int_equal(counter.result.code, SMG_E_IO);
    assert_string_equal(counter.result.text, "the module is broken");
    run_until(*state, is_out_of_service, &counter);
    assert_string_equal(status_of(&counter).why, "its module is broken");
    close_counter(&counter);
}

static void test_an_unplugged_device_answers_gone_and_a_new_process_looks_for_it(void **state)
{
    struct revival revival;
    struct counter counter;

    open_counter(&counter, *state, "sim", "fault: unplugged\ndelay: 1ms\n");
    revival = (struct revival){ &counter, 0 };
    read_card(&counter, 20000);
    assert_int_equal(counter.result.code, SMG_E_GONE);
    run_until(*state, is_revived, &revival);
    close_counter(&counter);
}

static void test_the_simulated_faults_end_as_they_should(void **state)
{
    static const struct {
        const char *fault;
        int64_t deadline_ms;
        int code;
    } faults[] = {
        { "none", 20000, SMG_OK },
        { "crash", 20000, SMG_E_IO },
        { "hang", 100, SMG_E_TIMEOUT },
        { "no_card", 100, SMG_E_NO_CARD },
        { "garbage_field", 20000, SMG_E_PROTOCOL },
        { "late", 100, SMG_OK },
        { "flood", 20000, SMG_OK },
    };

    log_level(SMG_WARN);
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        struct counter counter;
        char yaml[64];

        snprintf(yaml, sizeof yaml, "fault: %s\ndelay: 1ms\n", faults[i].fault);
        open_counter(&counter, *state, "sim", yaml);
        run_until(*state, is_ready, &counter);
        read_card(&counter, faults[i].deadline_ms);
        if (counter.result.code != faults[i].code)
            fail_msg("%s: %d %s", faults[i].fault, counter.result.code, counter.result.text);
        run_until(*state, is_ready, &counter);
        close_counter(&counter);
    }
    log_level(SMG_INFO);
}

#define ON_A_LOOP(test) cmocka_unit_test_setup_teardown(test, make_loop, free_loop)
static const struct CMUnitTest tests[] = {
    ON_A_LOOP(test_a_process_killed_while_idle_is_back_and_answers),
    ON_A_LOOP(test_a_process_killed_while_reading_answers_io_and_is_back),
    ON_A_LOOP(test_a_read_asked_for_right_after_a_kill_ends_and_the_next_one_works),
    ON_A_LOOP(test_a_plugin_that_does_not_start_says_why_and_is_tried_again),
    ON_A_LOOP(test_a_plugin_that_dies_in_start_is_down),
    ON_A_LOOP(test_a_plugin_with_early_threads_is_refused),
    ON_A_LOOP(test_a_missing_device_is_gone_until_it_comes),
    ON_A_LOOP(test_an_idle_reader_notices_that_its_device_went),
    ON_A_LOOP(test_a_device_out_of_service_answers_why_and_is_started_again),
    ON_A_LOOP(test_a_device_that_breaks_in_a_read_is_out_of_service_after_it),
    ON_A_LOOP(test_an_unplugged_device_answers_gone_and_a_new_process_looks_for_it),
    ON_A_LOOP(test_the_simulated_faults_end_as_they_should),
};

COUNTER_MAIN(tests)
