/* SPDX-License-Identifier: Apache-2.0 */
/* The simulated service against a made-up host: verdicts, receipts, failures, and withdrawals. */
#include "sim.c"

#include "base/fields.h"

#include <setjmp.h>
#include <cmocka.h>

enum { OPS = 4, TIMERS = 8 };

/* An operation is one of `ends`; a timer fires when the test says so. */
struct bench {
    struct smg_host host;
    struct config config;
    void *self;
    struct end {
        unsigned dones;
        int code;
        char verdict[16], receipt[32];
    } ends[OPS];
    struct {
        void (*fn)(void *ctx);
        void *ctx;
        int64_t ms;
    } timers[TIMERS];
    bool no_timers;
    struct smg_fields *subject;
};

static struct smg_op *op_at(struct bench *bench, size_t i)
{
    return (struct smg_op *)(void *)&bench->ends[i];
}

static void bench_answer(const struct smg_host *host, struct smg_op *op, const char *field,
                         const struct smg_value *value)
{
    struct end *end = (struct end *)(void *)op;

    (void)host;
    assert_int_equal(value->type, SMG_TEXT);
    if (strcmp(field, "verdict") == 0)
        snprintf(end->verdict, sizeof end->verdict, "%.*s", (int)value->str.len, value->str.at);
    else
        snprintf(end->receipt, sizeof end->receipt, "%.*s", (int)value->str.len, value->str.at);
}

static void bench_done(const struct smg_host *host, struct smg_op *op, const struct smg_err *err)
{
    struct end *end = (struct end *)(void *)op;

    (void)host;
    end->dones++;
    end->code = err == NULL ? SMG_OK : err->code;
}

static bool bench_get(const struct smg_host *host, const struct smg_fields *fields,
                      const char *field, struct smg_value *out)
{
    const struct smg_value *value = fields_get(fields, str_of(field));

    (void)host;
    if (value != NULL)
        *out = *value;
    return value != NULL;
}

static struct smg_timer *bench_after(const struct smg_host *host, int64_t ms, void (*fn)(void *ctx),
                                     void *ctx)
{
    struct bench *bench = host->priv;

    for (size_t i = 0; i < TIMERS && !bench->no_timers; i++) {
        if (bench->timers[i].fn != NULL)
            continue;
        bench->timers[i].fn = fn;
        bench->timers[i].ctx = ctx;
        bench->timers[i].ms = ms;
        return (struct smg_timer *)(void *)&bench->timers[i];
    }
    return NULL;
}

static void bench_forget(const struct smg_host *host, struct smg_timer *timer)
{
    (void)host;
    memset((void *)timer, 0, sizeof((struct bench *)0)->timers[0]);
}

static size_t fire_all(struct bench *bench)
{
    size_t fired = 0;

    for (size_t i = 0; i < TIMERS; i++) {
        void (*fn)(void *ctx) = bench->timers[i].fn;
        void *ctx = bench->timers[i].ctx;

        if (fn == NULL)
            continue;
        memset(&bench->timers[i], 0, sizeof bench->timers[i]);
        fn(ctx);
        fired++;
    }
    return fired;
}

static int make_bench(void **state)
{
    struct bench *bench = calloc(1, sizeof *bench);
    struct smg_err err = { 0 };

    if (bench == NULL)
        return -1;
    bench->host = (struct smg_host){ .size = sizeof bench->host,
                                     .priv = bench,
                                     .answer = bench_answer,
                                     .done = bench_done,
                                     .get = bench_get,
                                     .after = bench_after,
                                     .forget = bench_forget };
    bench->config = (struct config){ .verdict = "match", .fail = "none", .delay = 5 };
    bench->subject = fields_new();
    *state = bench;
    return bench->subject != NULL &&
                   smg_plugin_sim.open(&bench->host, &bench->config, &bench->self, &err) == SMG_OK
               ? 0
               : -1;
}

static int free_bench(void **state)
{
    struct bench *bench = *state;

    smg_plugin_sim.stop(bench->self);
    smg_plugin_sim.close(bench->self);
    fields_free(bench->subject);
    free(bench);
    return 0;
}

static void ask(struct bench *bench, size_t i)
{
    smg_plugin_sim.verifier->verify(bench->self, op_at(bench, i), bench->subject);
}

static void test_every_question_gets_the_verdict_and_a_receipt_of_its_own(void **state)
{
    struct bench *bench = *state;

    ask(bench, 0);
    ask(bench, 1);
    assert_int_equal(bench->ends[0].dones, 0);
    assert_int_equal(bench->timers[0].ms, 5);
    assert_int_equal(fire_all(bench), 2);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(bench->ends[i].dones, 1);
        assert_int_equal(bench->ends[i].code, SMG_OK);
        assert_string_equal(bench->ends[i].verdict, "match");
    }
    assert_string_equal(bench->ends[0].receipt, "SIM-1");
    assert_string_equal(bench->ends[1].receipt, "SIM-2");
}

static void test_listed_numbers_are_a_mismatch(void **state)
{
    static const struct {
        const char *list, *number, *verdict;
    } cases[] = {
        { "110105194912310021,11010519491231002X", "11010519491231002X", "mismatch" },
        { "11010519491231002X", "11010519491231002X", "mismatch" },
        { "11010519491231002X", "11010519491231002", "match" },
        { "11010519491231002", "11010519491231002X", "match" },
        { "", "11010519491231002X", "match" },
        { ",", "", "match" },
    };
    struct bench *bench = *state;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        bench->ends[0] = (struct end){ 0 };
        bench->config.mismatch_numbers = cases[i].list;
        assert_true(fields_set_text(bench->subject, "document.number", str_of(cases[i].number)));
        ask(bench, 0);
        fire_all(bench);
        assert_string_equal(bench->ends[0].verdict, cases[i].verdict);
    }
}

static void test_a_failing_service_is_an_error_without_a_verdict(void **state)
{
    struct bench *bench = *state;

    bench->config.fail = "error";
    ask(bench, 0);
    fire_all(bench);
    assert_int_equal(bench->ends[0].dones, 1);
    assert_int_equal(bench->ends[0].code, SMG_E_IO);
    assert_string_equal(bench->ends[0].verdict, "");
}

static void test_a_cancelled_question_ends_and_the_others_stay(void **state)
{
    struct bench *bench = *state;

    for (size_t i = 0; i < 3; i++)
        ask(bench, i);
    smg_plugin_sim.verifier->cancel(bench->self, op_at(bench, 1));
    smg_plugin_sim.verifier->cancel(bench->self, op_at(bench, 1)); /* it is not there any more */
    assert_int_equal(bench->ends[1].dones, 1);
    assert_int_equal(bench->ends[1].code, SMG_E_CANCELLED);
    assert_int_equal(fire_all(bench), 2);
    assert_int_equal(bench->ends[0].code, SMG_OK);
    assert_int_equal(bench->ends[2].dones, 1);
    assert_int_equal(bench->ends[1].dones, 1);
}

static void test_a_question_that_is_never_answered_ends_with_stop(void **state)
{
    struct bench *bench = *state;

    bench->config.fail = "never";
    ask(bench, 0);
    assert_int_equal(fire_all(bench), 0);
    assert_int_equal(bench->ends[0].dones, 0);
    smg_plugin_sim.stop(bench->self);
    assert_int_equal(bench->ends[0].dones, 1);
    assert_int_equal(bench->ends[0].code, SMG_E_CANCELLED);
}

static void test_without_memory_for_a_timer_the_question_ends_at_once(void **state)
{
    struct bench *bench = *state;

    bench->no_timers = true;
    ask(bench, 0);
    assert_int_equal(bench->ends[0].dones, 1);
    assert_int_equal(bench->ends[0].code, SMG_E_MEMORY);
}

int main(void)
{
#define ON_BENCH(test) cmocka_unit_test_setup_teardown(test, make_bench, free_bench)
    const struct CMUnitTest tests[] = {
        ON_BENCH(test_every_question_gets_the_verdict_and_a_receipt_of_its_own),
        ON_BENCH(test_listed_numbers_are_a_mismatch),
        ON_BENCH(test_a_failing_service_is_an_error_without_a_verdict),
        ON_BENCH(test_a_cancelled_question_ends_and_the_others_stay),
        ON_BENCH(test_a_question_that_is_never_answered_ends_with_stop),
        ON_BENCH(test_without_memory_for_a_timer_the_question_ends_at_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
