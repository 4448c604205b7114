/* SPDX-License-Identifier: Apache-2.0 */
/* The simulated reader against a made-up host: what it answers, and how it ends. */
#include "sim.c"

#include "base/fields.h"

#include <setjmp.h>
#include <cmocka.h>

/* A host that answers a wait with what the test says, and keeps what the plugin says. */
struct bench {
    struct smg_host host;
    struct config config;
    int wait_returns;
    int64_t waited_ms;
    struct smg_fields *fields;
    unsigned dones;
    struct smg_err err;
};

static void bench_answer(const struct smg_host *host, struct smg_op *op, const char *field,
                         const struct smg_value *value)
{
    struct bench *bench = host->priv;

    (void)op;
    assert_int_equal(bench->dones, 0);
    assert_true(fields_set(bench->fields, str_of(field), value));
}

static void bench_done(const struct smg_host *host, struct smg_op *op, const struct smg_err *err)
{
    struct bench *bench = host->priv;

    (void)op;
    bench->dones++;
    if (err != NULL)
        bench->err = *err;
}

static int bench_wait(const struct smg_host *host, struct smg_op *op, int fd, unsigned ready,
                      int64_t timeout_ms)
{
    struct bench *bench = host->priv;

    (void)op, (void)ready;
    assert_int_equal(fd, -1);
    bench->waited_ms = timeout_ms;
    return bench->wait_returns;
}

static int make_bench(void **state)
{
    struct bench *bench = calloc(1, sizeof *bench);

    if (bench == NULL)
        return -1;
    bench->host = (struct smg_host){ .size = sizeof bench->host,
                                     .priv = bench,
                                     .answer = bench_answer,
                                     .done = bench_done,
                                     .wait = bench_wait };
    bench->config = (struct config){
        .type = "resident_id", .number = "11010519491231002X", .name = "测试", .fault = "none"
    };
    bench->fields = fields_new();
    *state = bench;
    return bench->fields == NULL ? -1 : 0;
}

static int free_bench(void **state)
{
    struct bench *bench = *state;

    fields_free(bench->fields);
    free(bench);
    return 0;
}

static void read_once(struct bench *bench)
{
    struct smg_err err = { 0 };
    void *self = NULL;

    assert_int_equal(smg_plugin_sim.open(&bench->host, &bench->config, &self, &err), SMG_OK);
    smg_plugin_sim.reader->read(self, NULL);
    smg_plugin_sim.close(self);
    assert_int_equal(bench->dones, 1);
}

static void test_the_document_in_the_options_is_answered(void **state)
{
    struct bench *bench = *state;
    const struct smg_value *birth, *valid_to;

    bench->config.birth = "1949-12-31";
    bench->config.valid_to = "2030-02-01";
    bench->config.address = "某地";
    bench->config.delay = 70;
    read_once(bench);
    assert_int_equal(bench->err.code, SMG_OK);
    assert_int_equal(bench->waited_ms, 70);
    assert_true(str_is(fields_text(bench->fields, "document.type"), "resident_id"));
    assert_true(str_is(fields_text(bench->fields, "document.number"), "11010519491231002X"));
    assert_true(str_is(fields_text(bench->fields, "name"), "测试"));
    assert_true(str_is(fields_text(bench->fields, "address"), "某地"));
    birth = fields_get(bench->fields, SMG_STR("birth"));
    assert_int_equal(birth->date.year, 1949);
    assert_int_equal(birth->date.month, 12);
    valid_to = fields_get(bench->fields, SMG_STR("document.valid_to"));
    assert_int_equal(valid_to->date.year, 2030);
    assert_false(fields_get(bench->fields, SMG_STR("document.long_term"))->boolean);
}

static void test_what_is_not_set_is_not_answered(void **state)
{
    struct bench *bench = *state;

    read_once(bench);
    assert_null(fields_get(bench->fields, SMG_STR("birth")));
    assert_null(fields_get(bench->fields, SMG_STR("address")));
    assert_null(fields_get(bench->fields, SMG_STR("document.valid_to")));
    assert_true(fields_get(bench->fields, SMG_STR("document.long_term"))->boolean);
}

static void test_a_wait_that_ends_the_read_is_passed_on(void **state)
{
    struct bench *bench = *state;

    bench->wait_returns = SMG_E_CANCELLED;
    read_once(bench);
    assert_int_equal(bench->err.code, SMG_E_CANCELLED);
    assert_int_equal(fields_count(bench->fields), 0);
}

static void test_no_card_and_unplugged_are_said(void **state)
{
    struct bench *bench = *state;

    bench->config.fault = "no_card";
    read_once(bench);
    assert_int_equal(bench->err.code, SMG_E_NO_CARD);
    bench->dones = 0;
    bench->config.fault = "unplugged";
    read_once(bench);
    assert_int_equal(bench->err.code, SMG_E_GONE);
}

static void test_malformed_dates_are_found_in_open(void **state)
{
    static const char *const dates[] = { "",           "1949",        "1949-12-32",
                                         "1949-13-01", "1949-12-311", "1949/12/31",
                                         "+949-12-31", "1949-12- 1",  "0000-01-01" };
    struct bench *bench = *state;

    for (size_t i = 0; i < sizeof dates / sizeof *dates; i++) {
        struct smg_err err = { 0 };
        void *self = NULL;

        bench->config.birth = dates[i];
        if (smg_plugin_sim.open(&bench->host, &bench->config, &self, &err) != SMG_E_INVALID)
            fail_msg("\"%s\" was taken for a date", dates[i]);
        assert_null(self);
    }
}

int main(void)
{
#define ON_BENCH(test) cmocka_unit_test_setup_teardown(test, make_bench, free_bench)
    const struct CMUnitTest tests[] = {
        ON_BENCH(test_the_document_in_the_options_is_answered),
        ON_BENCH(test_what_is_not_set_is_not_answered),
        ON_BENCH(test_a_wait_that_ends_the_read_is_passed_on),
        ON_BENCH(test_no_card_and_unplugged_are_said),
        ON_BENCH(test_malformed_dates_are_found_in_open),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
