/* SPDX-License-Identifier: Apache-2.0 */
/* What did not verify is a fact for the policy: told, with whatever the reader handed out. */
#include "bench.h"

static void expect_person(const struct bench *bench)
{
    const struct smg_value *value = fields_get(bench->fields, SMG_STR("portrait"));

    bench_expect_text(bench, "document.type", "resident_id");
    bench_expect_text(bench, "document.number", "540102198803140016");
    bench_expect_text(bench, "name", "扎西·示例");
    bench_expect_text(bench, "portrait.format", "wlt");
    assert_non_null(value);
    assert_true(str_eq(value->str, str_bytes(bench->card.photo, CARD_PHOTO)));
    value = fields_get(bench->fields, SMG_STR("chip.text"));
    assert_non_null(value);
    assert_true(str_eq(value->str, str_bytes(bench->card.text, CARD_TEXT)));
}

static int read_with(struct bench *bench, const char *kind, const char *command, unsigned code)
{
    char fault[64];

    snprintf(fault, sizeof fault, "%s:%s:%u", kind, command, code);
    bench_present(bench, fault);
    return bench_read(bench);
}

static const unsigned doubts[] = { 0x32, 0x33, 0x37 };

enum { DOUBTS = sizeof doubts / sizeof *doubts };

static void test_code_alone_is_told_with_the_reader_and_nothing_about_a_person(void **state)
{
    static const char *const commands[] = { "find", "select", "read" };
    struct bench *bench = bench_ready();

    (void)state;
    for (size_t i = 0; i < DOUBTS; i++) {
        for (size_t k = 0; k < 3; k++) {
            assert_int_equal(read_with(bench, "error", commands[k], doubts[i]), SMG_OK);
            bench_expect_text(bench, "chip.verified", "no");
            bench_expect_text(bench, "device.id", "050001002a5b32013930000087d61200");
            assert_int_equal(fields_count(bench->fields), 2);
        }
    }
    bench_free(bench);
}

static void test_data_handed_out_with_the_code_are_told_as_not_verified(void **state)
{
    struct bench *bench = bench_ready();

    (void)state;
    for (size_t i = 0; i < DOUBTS; i++) {
        assert_int_equal(read_with(bench, "doubt", "read", doubts[i]), SMG_OK);
        bench_expect_text(bench, "chip.verified", "no");
        expect_person(bench);
    }
    bench_free(bench);
}

static void test_data_that_are_no_card_text_are_told_raw(void **state)
{
    struct bench *bench = bench_ready();

    (void)state;
    memset(bench->card.text + 36, 0, 16); /* no day of birth */
    assert_int_equal(read_with(bench, "doubt", "read", 0x33), SMG_OK);
    bench_expect_text(bench, "chip.verified", "no");
    assert_true(bench_has(bench, "chip.text"));
    assert_true(bench_has(bench, "portrait"));
    assert_false(bench_has(bench, "document.number"));
    assert_false(bench_has(bench, "name"));
    bench_free(bench);
}

static void test_fingerprints_that_do_not_verify_cost_the_verdict_and_not_the_text(void **state)
{
    struct bench *bench = bench_ready();

    (void)state;
    bench->config.fingerprint = true;
    assert_int_equal(read_with(bench, "error", "read_fingerprint", 0x37), SMG_OK);
    bench_expect_text(bench, "chip.verified", "no");
    expect_person(bench);
    assert_int_equal(bench->sam.counts[SAM_READ_FINGERPRINT], 1);
    assert_int_equal(bench->sam.counts[SAM_READ], 1);
    /* The next card is asked for its fingerprints again. */
    assert_int_equal(read_with(bench, "split", "read", 100), SMG_OK);
    bench_expect_text(bench, "chip.verified", "yes");
    assert_int_equal(bench->sam.counts[SAM_READ_FINGERPRINT], 1);
    bench_free(bench);
}

static void test_module_that_wants_a_new_find_after_bad_fingerprints_gets_one(void **state)
{
    struct bench *bench = bench_ready();
    struct sam_fault fault;
    struct smg_err err = { 0 };

    (void)state;
    bench->config.fingerprint = true;
    bench_present(bench, "error:read_fingerprint:0x37");
    assert_int_equal(sam_fault_parse("error:read:0x23:1", &fault, &err), SMG_OK);
    assert_true(sam_add_fault(&bench->sam, fault));
    assert_int_equal(bench_read(bench), SMG_OK);
    bench_expect_text(bench, "chip.verified", "no");
    expect_person(bench);
    assert_int_equal(bench->sam.counts[SAM_FIND], 2);
    bench_free(bench);
}

static void test_fingerprints_are_nowhere_in_the_answer(void **state)
{
    static const char *const kinds[] = { "split", "doubt" };
    struct bench *bench = bench_ready();
    struct smg_err err = { 0 };

    (void)state;
    bench->config.fingerprint = true;
    bench->sheet.fingerprint = "1024";
    assert_int_equal(card_encode(&bench->sheet, &bench->card, &err), SMG_OK);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(read_with(bench, kinds[i], "read_fingerprint", 0x33), SMG_OK);
        expect_person(bench);
        for (size_t k = 0; k < fields_count(bench->fields); k++) {
            const struct smg_value *value = fields_value(bench->fields, k);

            if (value->type == SMG_BYTES)
                assert_null(memmem(value->str.at, value->str.len, bench->card.fingerprint, 16));
        }
    }
    bench_free(bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_code_alone_is_told_with_the_reader_and_nothing_about_a_person),
        cmocka_unit_test(test_data_handed_out_with_the_code_are_told_as_not_verified),
        cmocka_unit_test(test_data_that_are_no_card_text_are_told_raw),
        cmocka_unit_test(test_fingerprints_that_do_not_verify_cost_the_verdict_and_not_the_text),
        cmocka_unit_test(test_module_that_wants_a_new_find_after_bad_fingerprints_gets_one),
        cmocka_unit_test(test_fingerprints_are_nowhere_in_the_answer),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
