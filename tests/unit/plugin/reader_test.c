/* SPDX-License-Identifier: Apache-2.0 */
/* Reads through a reader's process: what arrives, when it ends, and what a driver's faults cost. */
#include "counter.h"

static void test_a_read_answers_every_type_of_field(void **state)
{
    struct counter counter;
    const struct smg_value *value;

    open_probe(&counter, *state, "types");
    read_card(&counter, 20000);
    assert_int_equal(counter.result.code, SMG_OK);
    assert_int_equal(fields_count(counter.result.fields), 5);
    assert_true(str_is(fields_text(counter.result.fields, "name"), "测试"));
    value = fields_get(counter.result.fields, SMG_STR("portrait"));
    assert_int_equal(value->type, SMG_BYTES);
    assert_true(str_eq(value->str, SMG_STR("\0\xff\n")));
    value = fields_get(counter.result.fields, SMG_STR("birth"));
    assert_int_equal(value->type, SMG_DATE);
    assert_int_equal(value->date.year, 1949);
    assert_int_equal(value->date.day, 31);
    value = fields_get(counter.result.fields, SMG_STR("document.long_term"));
    assert_int_equal(value->type, SMG_BOOL);
    assert_true(value->boolean);
    assert_int_equal(result_int(&counter.result, "number"), -42);
    close_counter(&counter);
}

static void test_options_reach_the_plugin_as_they_were_written(void **state)
{
    struct counter counter;

    open_counter(&counter, *state, TEST_PLUGIN("probe"),
                 "act: look\nword: \"a=b 中\"\nsecret: open sesame\nflag: true\n"
                 "number: -5\nbytes: 2MiB\n");
    assert_int_equal(setenv("SHIMING_TEST_SECRET", "not for drivers", 1), 0);
    read_card(&counter, 20000);
    assert_int_equal(counter.result.code, SMG_OK);
    assert_true(str_is(fields_text(counter.result.fields, "word"), "a=b 中"));
    assert_true(str_is(fields_text(counter.result.fields, "secret"), "open sesame"));
    assert_int_equal(result_int(&counter.result, "flag"), 1);
    assert_int_equal(result_int(&counter.result, "number"), -5);
    assert_int_equal(result_int(&counter.result, "bytes"), 2 << 20);
    close_counter(&counter);
}

static void test_presets_hold_in_the_process_too(void **state)
{
    struct counter counter;

    open_probe(&counter, *state, "look");
    read_card(&counter, 20000);
    assert_true(str_is(fields_text(counter.result.fields, "word"), "preset"));
    assert_int_equal(result_int(&counter.result, "flag"), 0);
    assert_int_equal(result_int(&counter.result, "number"), 7);
    assert_int_equal(result_int(&counter.result, "bytes"), 1024);
    close_counter(&counter);
}

static void test_the_driver_inherits_no_descriptor_and_no_environment(void **state)
{
    struct counter counter;

    assert_int_equal(setenv("SHIMING_TEST_SECRET", "not for drivers", 1), 0);
    open_probe(&counter, *state, "look");
    read_card(&counter, 20000);
    /* the three standard ones, the socket, and the process's own eventfd */
    assert_int_equal(result_int(&counter.result, "descriptors"), 5);
    assert_int_equal(result_int(&counter.result, "secret_seen"), 0);
    close_counter(&counter);
}

static void test_wrong_options_are_found_without_a_process(void **state)
{
    struct counter counter;

    open_counter(&counter, *state, TEST_PLUGIN("probe"), "act: look\nnumber: many\n");
    assert_null(counter.reader);
    assert_int_equal(counter.err.code, SMG_E_INVALID);
    close_counter(&counter);
}

static struct smg_fields *passport_page(void)
{
    struct smg_fields *fields = fields_new();

    assert_non_null(fields);
    assert_true(fields_set_text(fields, "access.mrz", SMG_STR("P<UTOERIKSSON<<ANNA<MARIA")));
    assert_true(fields_set_date(fields, "birth", (struct smg_date){ 1974, 8, 12 }));
    return fields;
}

static void test_what_is_known_of_the_document_reaches_the_plugin_once(void **state)
{
    struct smg_fields *known = passport_page();
    struct counter counter;

    open_probe(&counter, *state, "given"); /* its process has not started yet */
    reader_read(counter.reader, known, 20000, take_result, &counter.result);
    fields_free(known);
    run_until(counter.loop, has_result, &counter.result);
    assert_int_equal(counter.result.code, SMG_OK);
    assert_int_equal(result_int(&counter.result, "something"), 1);
    assert_int_equal(result_int(&counter.result, "of_another_read"), 0);
    assert_true(
        str_is(fields_text(counter.result.fields, "access.mrz"), "P<UTOERIKSSON<<ANNA<MARIA"));
    assert_int_equal(fields_get(counter.result.fields, SMG_STR("birth"))->date.year, 1974);
    read_card(&counter, 20000);
    assert_int_equal(result_int(&counter.result, "something"), 0);
    close_counter(&counter);
}

static void test_more_than_an_access_page_is_refused(void **state)
{
    static char long_text[READER_GIVEN_BYTES];
    struct smg_fields *known = passport_page();
    struct counter counter;

    memset(long_text, '<', sizeof long_text);
    assert_true(fields_set_text(known, "access.mrz", str_bytes(long_text, sizeof long_text)));
    open_probe(&counter, *state, "given");
    reader_read(counter.reader, known, 20000, take_result, &counter.result);
    fields_free(known);
    run_until(counter.loop, has_result, &counter.result);
    assert_int_equal(counter.result.code, SMG_E_INVALID);
    close_counter(&counter);
}

static void test_a_second_done_is_ignored(void **state)
{
    struct counter counter;

    open_probe(&counter, *state, "twice");
    for (int i = 0; i < 3; i++) {
        read_card(&counter, 20000);
        assert_int_equal(counter.result.code, SMG_OK);
        assert_int_equal(fields_count(counter.result.fields), 0);
    }
    assert_int_equal(status_of(&counter).restarts, 0);
    close_counter(&counter);
}

static void test_a_read_that_returns_without_done_is_a_bug(void **state)
{
    struct counter counter;

    open_probe(&counter, *state, "nothing");
    read_card(&counter, 20000);
    assert_int_equal(counter.result.code, SMG_E_BUG);
    read_card(&counter, 20000);
    assert_int_equal(counter.result.code, SMG_E_BUG);
    close_counter(&counter);
}

static void test_wait_sees_descriptors_time_and_hang_up(void **state)
{
    struct counter counter;

    open_probe(&counter, *state, "wait");
    read_card(&counter, 20000);
    assert_int_equal(counter.result.code, SMG_OK);
    assert_int_equal(result_int(&counter.result, "readable"), SMG_READABLE);
    assert_int_equal(result_int(&counter.result, "writable"), SMG_WRITABLE);
    assert_int_equal(result_int(&counter.result, "time_up"), 0);
    assert_int_equal(result_int(&counter.result, "hung_up"), SMG_READABLE);
    close_counter(&counter);
}

static void test_a_second_read_at_a_time_is_busy(void **state)
{
    struct result second = { 0 };
    struct counter counter;

    open_probe(&counter, *state, "obey");
    reader_read(counter.reader, NULL, 60000, take_result, &counter.result);
    reader_read(counter.reader, NULL, 60000, take_result, &second);
    assert_int_equal(second.calls, 0);
    run_until(*state, has_result, &second);
    assert_int_equal(second.code, SMG_E_BUSY);
    assert_int_equal(counter.result.calls, 0);
    result_fini(&second);
    close_counter(&counter);
    assert_int_equal(counter.result.calls, 0);
}

static void test_a_cancelled_read_ends_and_the_process_stays(void **state)
{
    struct counter counter;

    open_probe(&counter, *state, "obey");
    for (int i = 0; i < 3; i++) {
        result_fini(&counter.result);
        reader_read(counter.reader, NULL, 60000, take_result, &counter.result);
        run_until(*state, is_reading, &counter);
        reader_cancel(counter.reader);
        reader_cancel(counter.reader);
        run_until(*state, has_result, &counter.result);
        assert_int_equal(counter.result.code, SMG_E_CANCELLED);
    }
    assert_int_equal(status_of(&counter).restarts, 0);
    assert_int_equal(status_of(&counter).failures, 0);
    close_counter(&counter);
}

static void test_a_read_can_be_cancelled_before_the_process_is_ready(void **state)
{
    struct counter counter;

    open_probe(&counter, *state, "obey");
    reader_read(counter.reader, NULL, 60000, take_result, &counter.result);
    reader_cancel(counter.reader);
    run_until(*state, has_result, &counter.result);
    assert_int_equal(counter.result.code, SMG_E_CANCELLED);
    run_until(*state, is_ready, &counter);
    close_counter(&counter);
}

static void test_at_the_deadline_an_obedient_driver_is_not_killed(void **state)
{
    struct counter counter;

    open_probe(&counter, *state, "obey");
    run_until(*state, is_ready, &counter);
    read_card(&counter, 20);
    assert_int_equal(counter.result.code, SMG_E_TIMEOUT);
    assert_int_equal(status_of(&counter).restarts, 0);
    close_counter(&counter);
}

static void test_at_the_deadline_a_hanging_driver_is_killed_and_comes_back(void **state)
{
    struct counter counter;

    open_probe(&counter, *state, "stubborn");
    run_until(*state, is_ready, &counter);
    read_card(&counter, 20);
    assert_int_equal(counter.result.code, SMG_E_TIMEOUT);
    run_until(*state, is_ready, &counter);
    assert_int_equal(status_of(&counter).restarts, 1);
    assert_int_equal(status_of(&counter).failures, 1);
    close_counter(&counter);
}

static void test_a_driver_that_closes_the_socket_is_found_out_at_the_deadline(void **state)
{
    struct counter counter;

    open_probe(&counter, *state, "hang_up");
    run_until(*state, is_ready, &counter);
    read_card(&counter, 20);
    assert_int_not_equal(counter.result.code, SMG_OK);
    run_until(*state, is_ready, &counter);
    assert_int_equal(status_of(&counter).restarts, 1);
    close_counter(&counter);
}

static void test_a_cancelled_driver_that_hangs_is_killed(void **state)
{
    struct counter counter;

    open_probe(&counter, *state, "stubborn");
    reader_read(counter.reader, NULL, 60000, take_result, &counter.result);
    run_until(*state, is_reading, &counter);
    reader_cancel(counter.reader);
    run_until(*state, has_result, &counter.result);
    assert_int_equal(counter.result.code, SMG_E_CANCELLED);
    run_until(*state, is_ready, &counter);
    assert_int_equal(status_of(&counter).restarts, 1);
    close_counter(&counter);
}

static void test_every_faulty_answer_is_a_protocol_error_and_a_new_process(void **state)
{
    static const char *const acts[] = { "bad_name", "bad_date", "bad_type", "many",
                                        "too_big",  "too_much", "garbage",  "pretend" };

    for (size_t i = 0; i < sizeof acts / sizeof *acts; i++) {
        struct counter counter;

        open_probe(&counter, *state, acts[i]);
        read_card(&counter, 20000);
        if (counter.result.code != SMG_E_PROTOCOL)
            fail_msg("%s: %d %s", acts[i], counter.result.code, counter.result.text);
        assert_int_equal(fields_count(counter.result.fields), 0);
        run_until(*state, is_ready, &counter);
        assert_int_equal(status_of(&counter).restarts, 1);
        close_counter(&counter);
    }
}

static void test_a_field_of_128_kib_is_fine(void **state)
{
    struct counter counter;

    open_probe(&counter, *state, "big");
    read_card(&counter, 20000);
    assert_int_equal(counter.result.code, SMG_OK);
    assert_int_equal(fields_get(counter.result.fields, SMG_STR("portrait"))->str.len, 128 * 1024);
    close_counter(&counter);
}

static void test_a_driver_that_dies_costs_its_read_only(void **state)
{
    static const char *const acts[] = { "crash", "exit" };

    for (size_t i = 0; i < 2; i++) {
        struct counter counter, other;

        open_probe(&counter, *state, acts[i]);
        open_probe(&other, *state, "types");
        run_until(*state, is_ready, &other);
        reader_read(other.reader, NULL, 20000, take_result, &other.result);
        read_card(&counter, 20000);
        assert_int_equal(counter.result.code, SMG_E_IO);
        run_until(*state, has_result, &other.result);
        assert_int_equal(other.result.code, SMG_OK);
        run_until(*state, is_ready, &counter);
        assert_int_equal(status_of(&counter).restarts, 1);
        assert_int_equal(status_of(&other).restarts, 0);
        close_counter(&counter);
        close_counter(&other);
    }
}

static void test_five_hundred_reads_leave_no_descriptor_behind(void **state)
{
    struct counter counter;
    size_t before;

    open_probe(&counter, *state, "types");
    read_card(&counter, 20000);
    before = count_descriptors();
    for (int i = 0; i < 500; i++) {
        read_card(&counter, 20000);
        assert_int_equal(counter.result.code, SMG_OK);
    }
    assert_int_equal(count_descriptors(), before);
    assert_int_equal(status_of(&counter).reads, 501);
    close_counter(&counter);
}

static void test_freeing_a_reader_ends_its_read_and_its_process(void **state)
{
    static const char *const acts[] = { "obey", "stubborn" };
    pid_t pids[4];

    for (size_t i = 0; i < 2; i++) {
        struct result result = { 0 };
        struct counter counter;
        size_t before = count_descriptors();

        open_probe(&counter, *state, acts[i]);
        reader_read(counter.reader, NULL, 60000, take_result, &result);
        run_until(*state, is_reading, &counter);
        close_counter(&counter);
        assert_int_equal(result.calls, 1);
        assert_int_equal(result.code, SMG_E_CANCELLED);
        assert_int_equal(find_children(pids, 4), 0);
        assert_int_equal(count_descriptors(), before);
        result_fini(&result);
    }
}

static void test_a_plugin_of_another_kind_is_no_reader(void **state)
{
    struct options options = options_of("sim", "delay: 1ms\n");
    struct config_errors errors = { 0 };
    struct library *library = NULL;
    struct smg_err err = { 0 };

    assert_int_equal(library_load(PLUGINS, SMG_VERIFIER, "sim", &library, &err), SMG_OK);
    assert_null(reader_new(*state, library, &options.instance, &errors, &err));
    assert_int_equal(err.code, SMG_E_INVALID);
    library_free(library);
    config_tree_free(options.tree);
    config_errors_fini(&errors);
}

#define ON_A_LOOP(test) cmocka_unit_test_setup_teardown(test, make_loop, free_loop)
static const struct CMUnitTest tests[] = {
    ON_A_LOOP(test_a_read_answers_every_type_of_field),
    ON_A_LOOP(test_options_reach_the_plugin_as_they_were_written),
    ON_A_LOOP(test_presets_hold_in_the_process_too),
    ON_A_LOOP(test_the_driver_inherits_no_descriptor_and_no_environment),
    ON_A_LOOP(test_wrong_options_are_found_without_a_process),
    ON_A_LOOP(test_what_is_known_of_the_document_reaches_the_plugin_once),
    ON_A_LOOP(test_more_than_an_access_page_is_refused),
    ON_A_LOOP(test_a_second_done_is_ignored),
    ON_A_LOOP(test_a_read_that_returns_without_done_is_a_bug),
    ON_A_LOOP(test_wait_sees_descriptors_time_and_hang_up),
    ON_A_LOOP(test_a_second_read_at_a_time_is_busy),
    ON_A_LOOP(test_a_cancelled_read_ends_and_the_process_stays),
    ON_A_LOOP(test_a_read_can_be_cancelled_before_the_process_is_ready),
    ON_A_LOOP(test_at_the_deadline_an_obedient_driver_is_not_killed),
    ON_A_LOOP(test_at_the_deadline_a_hanging_driver_is_killed_and_comes_back),
    ON_A_LOOP(test_a_driver_that_closes_the_socket_is_found_out_at_the_deadline),
    ON_A_LOOP(test_a_cancelled_driver_that_hangs_is_killed),
    ON_A_LOOP(test_every_faulty_answer_is_a_protocol_error_and_a_new_process),
    ON_A_LOOP(test_a_field_of_128_kib_is_fine),
    ON_A_LOOP(test_a_driver_that_dies_costs_its_read_only),
    ON_A_LOOP(test_five_hundred_reads_leave_no_descriptor_behind),
    ON_A_LOOP(test_freeing_a_reader_ends_its_read_and_its_process),
    ON_A_LOOP(test_a_plugin_of_another_kind_is_no_reader),
};

COUNTER_MAIN(tests)
