/* SPDX-License-Identifier: Apache-2.0 */
/* The plugin as the gateway loads it, against a real service over TLS: attempts, limits, deadlines,
 * and the breaker. */
#include "../../../tests/unit/plugin/fixture.h"

#include "loop/clock.h"
#include "tls_service.h"

enum { QUESTIONS = 32 };

struct bench {
    struct tls_service service;
    struct loop *loop;
    struct library *library;
    struct smg_fields *subject;
    struct options options;
    struct instance *instance;
    struct result results[QUESTIONS];
    size_t waiting;
};

static int make_group(void **state)
{
    struct bench *bench = calloc(1, sizeof *bench);
    struct smg_err err;

    assert_non_null(bench);
    tls_service_start(&bench->service);
    bench->loop = loop_new("test", &err);
    bench->subject = fields_new();
    assert_true(fields_set_text(bench->subject, "name", SMG_STR("示例")));
    if (library_load(PLUGINS, SMG_VERIFIER, "http", &bench->library, &err) < 0)
        fail_msg("%s", err.text);
    *state = bench;
    return 0;
}

static int free_group(void **state)
{
    struct bench *bench = *state;

    tls_service_stop(&bench->service);
    library_free(bench->library);
    fields_free(bench->subject);
    loop_free(bench->loop);
    free(bench);
    loop_shutdown();
    return 0;
}

/* An instance that asks this door; more: further options. */
static struct instance *open_instance(struct bench *bench, const char *door, const char *more,
                                      struct options *options)
{
    struct config_errors errors = { 0 };
    struct instance *instance;
    struct smg_err err = { 0 };
    char yaml[1024];

    snprintf(yaml, sizeof yaml,
             "url: \"https://127.0.0.1:%u/\"\n"
             "ca: %s/ca.pem\n"
             "request: '{\"name\":\"{name}\"}'\n"
             "headers: \"Idempotency-Key: {request.id}\"\n"
             "verdict: /result/code\n"
             "match: \"00\"\n"
             "mismatch: \"01\"\n"
             "receipt: /result/serial\n%s",
             tls_service_port(&bench->service, door), bench->service.folder, more);
    *options = options_of("public-security", yaml);
    instance = instance_open(bench->loop, bench->library, &options->instance, &errors, &err);
    if (instance == NULL || instance_start(instance, &err) != SMG_OK)
        fail_msg("%s %s", errors.count > 0 ? errors.text.at : "", err.text);
    config_errors_fini(&errors);
    return instance;
}

static void open_bench(struct bench *bench, const char *door, const char *more)
{
    bench->instance = open_instance(bench, door, more, &bench->options);
}

static int close_bench(void **state)
{
    struct bench *bench = *state;

    tls_service_mode(&bench->service, "");
    instance_free(bench->instance);
    bench->instance = NULL;
    config_tree_free(bench->options.tree);
    for (size_t i = 0; i < QUESTIONS; i++)
        result_fini(&bench->results[i]);
    return 0;
}

static void ask(struct bench *bench, struct instance *instance, size_t i, int64_t deadline_ms)
{
    result_fini(&bench->results[i]);
    instance_verify(instance, bench->subject, deadline_ms, take_result, &bench->results[i]);
}

/* The first `waiting` of the results are there. */
static bool have_results(void *ctx)
{
    const struct bench *bench = ctx;

    for (size_t i = 0; i < bench->waiting; i++)
        if (bench->results[i].calls == 0)
            return false;
    return true;
}

static void wait_for_results(struct bench *bench, size_t count)
{
    bench->waiting = count;
    run_until(bench->loop, have_results, bench);
}

/* One question, to its end. */
static const struct result *ask_one(struct bench *bench, int64_t deadline_ms)
{
    ask(bench, bench->instance, 0, deadline_ms);
    wait_for_results(bench, 1);
    return &bench->results[0];
}

static void assert_says(const struct result *result, const char *verdict, const char *receipt)
{
    if (result->code != SMG_OK)
        fail_msg("%s", result->text);
    assert_true(str_is(fields_text(result->fields, "verdict"), verdict));
    assert_true(str_is(fields_text(result->fields, "receipt"), receipt));
}

static void test_a_question_is_answered_with_its_receipt(void **state)
{
    struct bench *bench = *state;

    open_bench(bench, "good", "");
    assert_says(ask_one(bench, 10000), "match", "R-1");
}

static void test_it_is_sent_again_under_the_same_id_until_it_works(void **state)
{
    struct bench *bench = *state;

    tls_service_mode(&bench->service, "/flaky/2");
    open_bench(bench, "good", "pause: 5ms\n");
    assert_says(ask_one(bench, 10000), "match", "3 times");
    tls_service_mode(&bench->service, "/flaky/3");
    assert_int_equal(ask_one(bench, 10000)->code, SMG_E_IO);
    assert_string_equal(bench->results[0].text, "the service failed with status 503");
}

static void test_what_another_attempt_would_not_mend_is_not_sent_again(void **state)
{
    static const char *const modes[] = { "/status/400", "/status/403", "/nonsense", "/html",
                                         "/huge" };
    struct bench *bench = *state;

    open_bench(bench, "good", "pause: 10s\nbreaker_failures: 1000\n"); /* a pause would be seen */
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
        tls_service_mode(&bench->service, modes[i]);
        assert_int_not_equal(ask_one(bench, 9000)->code, SMG_OK);
        assert_int_not_equal(bench->results[0].code, SMG_E_TIMEOUT);
    }
}

static void test_attempts_and_pauses_end_at_the_deadline(void **state)
{
    struct bench *bench = *state;
    int64_t begun = clock_mono_us();

    tls_service_mode(&bench->service, "/status/503");
    open_bench(bench, "good", "attempts: 10\npause: 60s\nbreaker_failures: 1000\n");
    assert_int_equal(ask_one(bench, 200)->code, SMG_E_TIMEOUT);
    assert_true(clock_mono_us() - begun < 20000000);
    tls_service_mode(&bench->service, "/hang");
    assert_int_equal(ask_one(bench, 200)->code, SMG_E_TIMEOUT);
}

static void test_an_attempt_that_hangs_leaves_time_for_another(void **state)
{
    struct bench *bench = *state;

    open_bench(bench, "silent", "attempt: 50ms\nattempts: 2\npause: 1ms\n");
    assert_int_equal(ask_one(bench, 20000)->code, SMG_E_TIMEOUT);
    assert_string_equal(bench->results[0].text,
                        "the deadline passed before there was a connection");
}

static bool is_mended(struct bench *bench)
{
    return ask_one(bench, 10000)->code == SMG_OK;
}

static void test_a_dead_service_makes_nobody_wait_until_it_is_back(void **state)
{
    struct bench *bench = *state;
    char why[256];
    int i;

    tls_service_mode(&bench->service, "/vanish");
    open_bench(bench, "good", "attempts: 1\nbreaker_failures: 3\nbreaker_rest: 2s\n");
    assert_true(instance_in_service(bench->instance, why));
    for (i = 0; i < 3; i++)
        assert_int_equal(ask_one(bench, 10000)->code, SMG_E_IO);
    assert_false(instance_in_service(bench->instance, why));
    assert_string_equal(why, "3 requests in a row failed, the last: the connection broke before "
                             "the answer was whole");
    tls_service_mode(&bench->service, "/hang"); /* nobody asks it, or this would be a timeout */
    for (i = 0; i < 20; i++)
        ask(bench, bench->instance, (size_t)i, 1000);
    wait_for_results(bench, 20);
    for (i = 0; i < 20; i++)
        assert_int_equal(bench->results[i].code, SMG_E_BUSY);
    tls_service_mode(&bench->service, "");
    while (!is_mended(bench))
        assert_string_equal(bench->results[0].text,
                            "the service failed too often and is left alone for a while");
    assert_true(instance_in_service(bench->instance, why));
    assert_says(ask_one(bench, 10000), "match", "R-1");
}

static void test_a_question_the_service_refuses_does_not_open_the_breaker(void **state)
{
    struct bench *bench = *state;
    char why[256];

    tls_service_mode(&bench->service, "/status/422");
    open_bench(bench, "good", "breaker_failures: 1\n");
    for (int i = 0; i < 3; i++)
        assert_int_equal(ask_one(bench, 10000)->code, SMG_E_INVALID);
    assert_true(instance_in_service(bench->instance, why));
}

static void test_a_deadline_that_is_shorter_than_an_attempt_opens_it_too(void **state)
{
    struct bench *bench = *state;
    char why[256];

    open_bench(bench, "silent", "attempt: 60s\nbreaker_failures: 2\n");
    for (int i = 0; i < 2; i++)
        assert_int_equal(ask_one(bench, 50)->code, SMG_E_TIMEOUT);
    assert_false(instance_in_service(bench->instance, why));
    assert_int_equal(ask_one(bench, 10000)->code, SMG_E_BUSY);
}

static void test_no_more_than_the_limit_are_under_way(void **state)
{
    struct bench *bench = *state;
    size_t i;

    tls_service_mode(&bench->service, "/gauge/20");
    open_bench(bench, "good", "in_flight: 3\n");
    for (i = 0; i < 24; i++)
        ask(bench, bench->instance, i, 20000);
    wait_for_results(bench, 24);
    for (i = 0; i < 24; i++) {
        struct smg_str receipt = fields_text(bench->results[i].fields, "receipt");

        assert_int_equal(bench->results[i].code, SMG_OK);
        assert_true(receipt.len > 0 && receipt.at[0] >= '1' && receipt.at[0] <= '3' &&
                    receipt.at[1] == ' ');
    }
}

static void test_the_queue_is_bounded(void **state)
{
    struct bench *bench = *state;
    size_t i, busy = 0;

    tls_service_mode(&bench->service, "/hang");
    open_bench(bench, "good", "in_flight: 1\nqueue: 2\n");
    for (i = 0; i < 8; i++)
        ask(bench, bench->instance, i, 200);
    wait_for_results(bench, 8);
    for (i = 0; i < 8; i++)
        busy += bench->results[i].code == SMG_E_BUSY;
    assert_int_equal(busy, 5); /* one is asked, two wait */
}

static void test_one_service_that_hangs_does_not_keep_the_other(void **state)
{
    struct bench *bench = *state;
    struct options options;
    struct instance *dead = open_instance(bench, "silent", "attempt: 60s\n", &options);
    size_t i;

    open_bench(bench, "good", "");
    for (i = 0; i < 10; i++)
        ask(bench, dead, 20 + i, 60000);
    for (i = 0; i < 20; i++)
        ask(bench, bench->instance, i, 60000);
    wait_for_results(bench, 20);
    for (i = 0; i < 20; i++)
        assert_says(&bench->results[i], "match", "R-1");
    for (i = 20; i < 30; i++)
        assert_int_equal(bench->results[i].calls, 0);
    instance_free(dead); /* whatever it is doing */
    config_tree_free(options.tree);
    for (i = 20; i < 30; i++)
        assert_int_equal(bench->results[i].calls, 1);
}

static void test_a_person_of_whom_too_little_is_known_is_not_asked_about(void **state)
{
    struct bench *bench = *state;
    struct smg_fields *nobody = fields_new();

    open_bench(bench, "good", "");
    instance_verify(bench->instance, nobody, 10000, take_result, &bench->results[0]);
    wait_for_results(bench, 1);
    assert_int_equal(bench->results[0].code, SMG_E_INVALID);
    assert_string_equal(bench->results[0].text, "nothing is known to fill {name} with");
    fields_free(nobody);
}

int main(void)
{
#define ON_BENCH(test) cmocka_unit_test_teardown(test, close_bench)
    const struct CMUnitTest tests[] = {
        ON_BENCH(test_a_question_is_answered_with_its_receipt),
        ON_BENCH(test_it_is_sent_again_under_the_same_id_until_it_works),
        ON_BENCH(test_what_another_attempt_would_not_mend_is_not_sent_again),
        ON_BENCH(test_attempts_and_pauses_end_at_the_deadline),
        ON_BENCH(test_an_attempt_that_hangs_leaves_time_for_another),
        ON_BENCH(test_a_dead_service_makes_nobody_wait_until_it_is_back),
        ON_BENCH(test_a_question_the_service_refuses_does_not_open_the_breaker),
        ON_BENCH(test_a_deadline_that_is_shorter_than_an_attempt_opens_it_too),
        ON_BENCH(test_no_more_than_the_limit_are_under_way),
        ON_BENCH(test_the_queue_is_bounded),
        ON_BENCH(test_one_service_that_hangs_does_not_keep_the_other),
        ON_BENCH(test_a_person_of_whom_too_little_is_known_is_not_asked_about),
    };

    return cmocka_run_group_tests(tests, make_group, free_group);
}
