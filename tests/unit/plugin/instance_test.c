/* SPDX-License-Identifier: Apache-2.0 */
/* An operation ends once, later, whatever the plugin does. */
#include "fixture.h"

struct bench {
    struct loop *loop;
    struct library *library;
    struct options options;
    struct instance *instance;
    struct smg_fields *subject;
    struct smg_err err;
};

static void open_bench(struct bench *bench, struct loop *loop, const char *yaml)
{
    struct config_errors errors = { 0 };

    *bench = (struct bench){ .loop = loop, .subject = fields_new() };
    assert_non_null(bench->subject);
    if (library_load(PLUGINS, SMG_VERIFIER, TEST_PLUGIN("moody"), &bench->library, &bench->err) < 0)
        fail_msg("%s", bench->err.text);
    bench->options = options_of("moody", yaml);
    bench->instance =
        instance_open(loop, bench->library, &bench->options.instance, &errors, &bench->err);
    config_errors_fini(&errors);
}

static void start_bench(struct bench *bench, struct loop *loop, const char *act)
{
    char yaml[64];

    snprintf(yaml, sizeof yaml, "act: %s\n", act);
    open_bench(bench, loop, yaml);
    if (bench->instance == NULL || instance_start(bench->instance, &bench->err) < 0)
        fail_msg("%s", bench->err.text);
}

static void close_bench(struct bench *bench)
{
    instance_free(bench->instance);
    config_tree_free(bench->options.tree);
    library_free(bench->library);
    fields_free(bench->subject);
}

static void ask(struct bench *bench, int64_t deadline_ms, struct result *result)
{
    instance_verify(bench->instance, bench->subject, deadline_ms, take_result, result);
}

/* Let everything happen that is to happen now. */
static bool second_look(void *ctx)
{
    unsigned *looks = ctx;

    return ++*looks > 2;
}

static void settle(struct loop *loop)
{
    unsigned looks = 0;

    run_until(loop, second_look, &looks);
}

static void test_an_answer_given_at_once_arrives_later_and_once(void **state)
{
    struct result result = { 0 };
    struct bench bench;

    start_bench(&bench, *state, "now");
    ask(&bench, 10000, &result);
    assert_int_equal(result.calls, 0);
    run_until(*state, has_result, &result);
    settle(*state);
    assert_int_equal(result.calls, 1);
    assert_int_equal(result.code, SMG_OK);
    assert_true(str_is(fields_text(result.fields, "verdict"), "match"));
    result_fini(&result);
    close_bench(&bench);
}

static void test_an_error_of_code_ok_is_no_error(void **state)
{
    struct result result = { 0 };
    struct bench bench;

    start_bench(&bench, *state, "fine");
    ask(&bench, 10000, &result);
    run_until(*state, has_result, &result);
    assert_int_equal(result.code, SMG_OK);
    result_fini(&result);
    close_bench(&bench);
}

static void test_a_second_done_is_ignored(void **state)
{
    struct result result = { 0 };
    struct bench bench;

    start_bench(&bench, *state, "twice");
    ask(&bench, 10000, &result);
    run_until(*state, has_result, &result);
    settle(*state);
    assert_int_equal(result.calls, 1);
    assert_true(str_is(fields_text(result.fields, "verdict"), "match"));
    result_fini(&result);
    close_bench(&bench);
}

static void test_a_dead_handle_does_not_reach_another_operation(void **state)
{
    struct result first = { 0 }, second = { 0 };
    struct bench bench;

    start_bench(&bench, *state, "stale");
    ask(&bench, 10000, &first);
    run_until(*state, has_result, &first);
    ask(&bench, 10000, &second);
    run_until(*state, has_result, &second);
    assert_true(str_is(fields_text(first.fields, "verdict"), "unknown"));
    assert_true(str_is(fields_text(second.fields, "verdict"), "match"));
    assert_int_equal(first.calls, 1);
    assert_int_equal(second.calls, 1);
    result_fini(&first);
    result_fini(&second);
    close_bench(&bench);
}

static void test_a_faulty_answer_is_a_protocol_error_without_fields(void **state)
{
    struct result result = { 0 };
    struct bench bench;

    start_bench(&bench, *state, "garbage");
    ask(&bench, 10000, &result);
    run_until(*state, has_result, &result);
    assert_int_equal(result.code, SMG_E_PROTOCOL);
    assert_int_equal(fields_count(result.fields), 0);
    assert_non_null(strstr(result.text, "verdict is not UTF-8"));
    result_fini(&result);
    close_bench(&bench);
}

static void test_an_unknown_error_code_is_a_bug_and_its_text_is_one_line(void **state)
{
    struct result result = { 0 };
    struct bench bench;

    start_bench(&bench, *state, "strange");
    ask(&bench, 10000, &result);
    run_until(*state, has_result, &result);
    assert_int_equal(result.code, SMG_E_BUG);
    assert_string_equal(result.text, "one two");
    result_fini(&result);
    close_bench(&bench);
}

static void test_the_subject_is_read_through_the_host(void **state)
{
    struct result result = { 0 };
    struct bench bench;

    start_bench(&bench, *state, "subject");
    assert_true(fields_set_text(bench.subject, "document.number", SMG_STR("11010519491231002X")));
    ask(&bench, 10000, &result);
    fields_erase(bench.subject, "document.number"); /* the caller's again */
    run_until(*state, has_result, &result);
    assert_true(str_is(fields_text(result.fields, "receipt"), "11010519491231002X"));
    result_fini(&result);
    close_bench(&bench);
}

static void test_waiting_on_the_loop_is_refused(void **state)
{
    struct result result = { 0 };
    struct bench bench;

    start_bench(&bench, *state, "wait");
    ask(&bench, 10000, &result);
    run_until(*state, has_result, &result);
    assert_string_equal(result.text, "1");
    result_fini(&result);
    close_bench(&bench);
}

static void test_at_the_deadline_the_caller_is_told_though_nothing_came(void **state)
{
    struct result result = { 0 };
    struct bench bench;

    start_bench(&bench, *state, "never");
    ask(&bench, 20, &result);
    run_until(*state, has_result, &result);
    assert_int_equal(result.code, SMG_E_TIMEOUT);
    result_fini(&result);
    close_bench(&bench);
}

static void test_a_cancelled_operation_ends_with_timeout(void **state)
{
    struct result result = { 0 };
    struct bench bench;

    start_bench(&bench, *state, "obey");
    ask(&bench, 20, &result);
    run_until(*state, has_result, &result);
    settle(*state);
    assert_int_equal(result.calls, 1);
    assert_int_equal(result.code, SMG_E_TIMEOUT);
    result_fini(&result);
    close_bench(&bench);
}

static void test_what_comes_after_the_deadline_is_dropped(void **state)
{
    struct result first = { 0 }, second = { 0 };
    struct bench bench;

    start_bench(&bench, *state, "slow");
    ask(&bench, 20, &first);
    run_until(*state, has_result, &first);
    assert_int_equal(first.code, SMG_E_TIMEOUT);
    ask(&bench, 10000, &second); /* is answered right after the first one's late answer */
    run_until(*state, has_result, &second);
    assert_true(str_is(fields_text(second.fields, "verdict"), "mismatch"));
    assert_int_equal(first.calls, 1);
    assert_int_equal(fields_count(first.fields), 0);
    result_fini(&first);
    result_fini(&second);
    close_bench(&bench);
}

static void test_freeing_an_instance_ends_what_is_open(void **state)
{
    static const char *const acts[] = { "never", "obey", "slow", "now" };

    for (size_t i = 0; i < sizeof acts / sizeof *acts; i++) {
        struct result result = { 0 };
        struct bench bench;

        start_bench(&bench, *state, acts[i]);
        ask(&bench, 10000, &result);
        close_bench(&bench);
        assert_int_equal(result.calls, 1);
        assert_int_equal(result.code, i == 3 ? SMG_OK : SMG_E_CANCELLED);
        settle(*state);
        assert_int_equal(result.calls, 1);
        result_fini(&result);
    }
}

static void test_thousands_of_operations_are_kept_apart(void **state)
{
    enum { COUNT = 3000 };
    struct result *results = calloc(COUNT, sizeof *results);
    struct bench bench;

    assert_non_null(results);
    start_bench(&bench, *state, "never");
    for (size_t i = 0; i < COUNT; i++)
        ask(&bench, i % 2 == 0 ? 1 : 60000, &results[i]);
    run_until(*state, has_result, &results[COUNT - 2]);
    settle(*state);
    for (size_t i = 0; i < COUNT; i++)
        assert_int_equal(results[i].calls, i % 2 == 0 ? 1 : 0);
    close_bench(&bench);
    for (size_t i = 0; i < COUNT; i++) {
        assert_int_equal(results[i].calls, 1);
        assert_int_equal(results[i].code, i % 2 == 0 ? SMG_E_TIMEOUT : SMG_E_CANCELLED);
        result_fini(&results[i]);
    }
    free(results);
}

static void test_an_instance_that_was_not_started_says_busy(void **state)
{
    struct result result = { 0 };
    struct bench bench;

    open_bench(&bench, *state, "act: now\n");
    assert_non_null(bench.instance);
    ask(&bench, 10000, &result);
    run_until(*state, has_result, &result);
    assert_int_equal(result.code, SMG_E_BUSY);
    result_fini(&result);
    close_bench(&bench);
}

static void test_another_kinds_question_is_unsupported(void **state)
{
    struct result result = { 0 };
    struct bench bench;

    start_bench(&bench, *state, "now");
    instance_submit(bench.instance, SMG_STR("id"), SMG_STR("{}"), 10000, take_result, &result);
    run_until(*state, has_result, &result);
    assert_int_equal(result.code, SMG_E_UNSUPPORTED);
    result_fini(&result);
    close_bench(&bench);
}

static void test_a_plugin_that_does_not_open_or_start_says_why(void **state)
{
    struct bench bench;

    open_bench(&bench, *state, "act: no_open\n");
    assert_null(bench.instance);
    assert_int_equal(bench.err.code, SMG_E_DENIED);
    assert_string_equal(bench.err.text, "moody: it does not want to");
    close_bench(&bench);
    open_bench(&bench, *state, "act: no_start\n");
    assert_int_equal(instance_start(bench.instance, &bench.err), SMG_E_IO);
    assert_string_equal(bench.err.text, "moody: nobody there");
    close_bench(&bench);
}

static void test_wrong_options_are_complained_about(void **state)
{
    struct bench bench;

    open_bench(&bench, *state, "art: now\n");
    assert_null(bench.instance);
    assert_int_equal(bench.err.code, SMG_E_INVALID);
    close_bench(&bench);
}

static void test_a_reader_is_not_opened_in_this_process(void **state)
{
    struct options options = options_of("sim", "delay: 1ms\n");
    struct config_errors errors = { 0 };
    struct library *library = NULL;
    struct smg_err err = { 0 };

    assert_int_equal(library_load(PLUGINS, SMG_READER, "sim", &library, &err), SMG_OK);
    assert_null(instance_open(*state, library, &options.instance, &errors, &err));
    assert_int_equal(err.code, SMG_E_INVALID);
    library_free(library);
    config_tree_free(options.tree);
    config_errors_fini(&errors);
}

int main(void)
{
#define ON_A_LOOP(test) cmocka_unit_test_setup_teardown(test, make_loop, free_loop)
    const struct CMUnitTest tests[] = {
        ON_A_LOOP(test_an_answer_given_at_once_arrives_later_and_once),
        ON_A_LOOP(test_an_error_of_code_ok_is_no_error),
        ON_A_LOOP(test_a_second_done_is_ignored),
        ON_A_LOOP(test_a_dead_handle_does_not_reach_another_operation),
        ON_A_LOOP(test_a_faulty_answer_is_a_protocol_error_without_fields),
        ON_A_LOOP(test_an_unknown_error_code_is_a_bug_and_its_text_is_one_line),
        ON_A_LOOP(test_the_subject_is_read_through_the_host),
        ON_A_LOOP(test_waiting_on_the_loop_is_refused),
        ON_A_LOOP(test_at_the_deadline_the_caller_is_told_though_nothing_came),
        ON_A_LOOP(test_a_cancelled_operation_ends_with_timeout),
        ON_A_LOOP(test_what_comes_after_the_deadline_is_dropped),
        ON_A_LOOP(test_freeing_an_instance_ends_what_is_open),
        ON_A_LOOP(test_thousands_of_operations_are_kept_apart),
        ON_A_LOOP(test_an_instance_that_was_not_started_says_busy),
        ON_A_LOOP(test_another_kinds_question_is_unsupported),
        ON_A_LOOP(test_a_plugin_that_does_not_open_or_start_says_why),
        ON_A_LOOP(test_wrong_options_are_complained_about),
        ON_A_LOOP(test_a_reader_is_not_opened_in_this_process),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
