/* SPDX-License-Identifier: Apache-2.0 */
/* Everything that can happen to an answer on its way, at every byte of it. */
#include "bench.h"

enum { FIND_BYTES = 15, SELECT_BYTES = 19, READ_BYTES = 1295 };

static const struct {
    const char *name;
    unsigned bytes;
} answers[] = { { "find", FIND_BYTES }, { "select", SELECT_BYTES }, { "read", READ_BYTES } };

enum { ANSWERS = sizeof answers / sizeof *answers };

static int read_with(struct bench *bench, const char *kind, const char *command, unsigned number,
                     unsigned times)
{
    char fault[64];

    snprintf(fault, sizeof fault, "%s:%s:%u:%u", kind, command, number, times);
    bench_present(bench, fault);
    bench_read(bench);
    if (bench->err.code == SMG_OK) {
        bench_expect_text(bench, "name", "扎西·示例");
        bench_expect_text(bench, "document.number", "540102198803140016");
    } else {
        assert_int_equal(fields_count(bench->fields), 0);
        assert_true(bench->err.text[0] != '\0');
    }
    return bench->err.code;
}

static void test_card_removed_at_every_byte_of_an_answer_gives_no_fields(void **state)
{
    struct bench *bench = bench_ready();

    (void)state;
    for (size_t i = 0; i < ANSWERS; i++)
        for (unsigned at = 0; at < answers[i].bytes; at++)
            assert_int_equal(read_with(bench, "remove", answers[i].name, at, 1),
                             i == 0 ? SMG_E_NO_CARD : SMG_E_CARD);
    bench_free(bench);
}

static void test_answer_cut_once_at_every_byte_is_asked_for_again(void **state)
{
    struct bench *bench = bench_ready();

    (void)state;
    bench->card.find_again = true;
    for (size_t i = 0; i < ANSWERS; i++)
        for (unsigned at = 0; at < answers[i].bytes; at++)
            assert_int_equal(read_with(bench, "short", answers[i].name, at, 1), SMG_OK);
    bench_free(bench);
}

static void test_answer_always_cut_at_every_byte_fails_the_read(void **state)
{
    struct bench *bench = bench_ready();

    (void)state;
    for (size_t i = 0; i < ANSWERS; i++)
        for (unsigned at = 0; at < answers[i].bytes; at++)
            assert_int_equal(read_with(bench, "short", answers[i].name, at, 0),
                             at == 0 ? SMG_E_IO : SMG_E_PROTOCOL);
    bench_free(bench);
}

static void test_port_unplugged_at_every_byte_is_gone(void **state)
{
    (void)state;
    for (size_t i = 0; i < ANSWERS; i++) {
        for (unsigned at = 0; at < answers[i].bytes; at += i == 2 && at >= 20 ? 25 : 1) {
            struct bench *bench = bench_ready();

            assert_int_equal(read_with(bench, "unplug", answers[i].name, at, 1), SMG_E_GONE);
            assert_int_equal(bench_read(bench), SMG_E_GONE);
            bench_free(bench);
        }
    }
}

static void test_answer_in_pieces_of_every_size_is_read(void **state)
{
    struct bench *bench = bench_ready();

    (void)state;
    for (unsigned size = 1; size <= 40; size++)
        assert_int_equal(read_with(bench, "split", "any", size, 0), SMG_OK);
    for (unsigned size = 41; size < READ_BYTES; size += 37)
        assert_int_equal(read_with(bench, "split", "read", size, 0), SMG_OK);
    bench_free(bench);
}

static void test_noise_without_end_at_every_byte_fails_the_read(void **state)
{
    struct bench *bench = bench_ready();

    (void)state;
    for (size_t i = 0; i < ANSWERS; i++) {
        for (unsigned at = 0; at <= answers[i].bytes; at += i == 2 && at >= 20 ? 15 : 1) {
            int code = read_with(bench, "endless", answers[i].name, at, 0);

            /* A whole answer with noise behind it is an answer. */
            if (at == answers[i].bytes)
                assert_int_equal(code, SMG_OK);
            else
                assert_int_equal(code, SMG_E_PROTOCOL);
        }
    }
    bench_free(bench);
}

static void test_noise_before_an_answer_is_passed_over_up_to_its_limit(void **state)
{
    struct bench *bench = bench_ready();

    (void)state;
    /* The first of three AA counts as noise too. */
    for (unsigned noise = 0; noise < FRAME_NOISE_MAX; noise++)
        assert_int_equal(read_with(bench, "noise", "any", noise, 0), SMG_OK);
    assert_int_equal(read_with(bench, "noise", "any", FRAME_NOISE_MAX, 0), SMG_E_PROTOCOL);
    bench_free(bench);
}

static void test_noise_instead_of_an_answer_is_survived_once(void **state)
{
    static const unsigned counts[] = { 1, 2, 7, 100, 256, 257, 1295, 2400, 4000 };
    struct bench *bench = bench_ready();

    (void)state;
    bench->card.find_again = true;
    for (size_t i = 0; i < ANSWERS; i++) {
        for (size_t k = 0; k < sizeof counts / sizeof *counts; k++) {
            assert_int_equal(read_with(bench, "garbage", answers[i].name, counts[k], 1), SMG_OK);
            assert_int_equal(read_with(bench, "garbage", answers[i].name, counts[k], 0),
                             SMG_E_PROTOCOL);
        }
    }
    bench_free(bench);
}

static void test_wrong_checksum_is_survived_once(void **state)
{
    struct bench *bench = bench_ready();

    (void)state;
    bench->card.find_again = true;
    for (size_t i = 0; i < ANSWERS; i++) {
        assert_int_equal(read_with(bench, "checksum", answers[i].name, 0, 1), SMG_OK);
        assert_int_equal(read_with(bench, "checksum", answers[i].name, 0, 0), SMG_E_PROTOCOL);
        assert_non_null(strstr(bench->err.text, "checksum"));
    }
    bench_free(bench);
}

static void test_impossible_lengths_fail_the_read_with_a_reason(void **state)
{
    static const unsigned lengths[] = { 0, 1, 2, 3, 2315, 0x7FFF, 0x8000, 0xFF08, 0xFFFF };
    struct bench *bench = bench_ready();

    (void)state;
    for (size_t i = 0; i < ANSWERS; i++) {
        for (size_t k = 0; k < sizeof lengths / sizeof *lengths; k++) {
            int code = read_with(bench, "length", answers[i].name, lengths[k], 0);

            assert_int_equal(code, SMG_E_PROTOCOL);
        }
    }
    bench_free(bench);
}

static void test_lengths_that_lie_fail_the_read(void **state)
{
    static const unsigned lengths[] = { 4, 5, 260, 0x0507, 0x0509, 0x0588, 2314 };
    struct bench *bench = bench_ready();

    (void)state;
    for (size_t k = 0; k < sizeof lengths / sizeof *lengths; k++)
        assert_int_equal(read_with(bench, "length", "read", lengths[k], 0), SMG_E_PROTOCOL);
    bench_free(bench);
}

static void test_missing_and_repeated_leading_bytes_do_no_harm(void **state)
{
    struct bench *bench = bench_ready();

    (void)state;
    assert_int_equal(read_with(bench, "drop_aa", "any", 1, 0), SMG_OK);
    for (unsigned extra = 1; extra <= 6; extra++)
        assert_int_equal(read_with(bench, "extra_aa", "any", extra, 0), SMG_OK);
    assert_int_equal(read_with(bench, "drop_aa", "any", 2, 0), SMG_E_PROTOCOL);
    bench_free(bench);
}

static void test_late_answer_is_not_taken_for_the_next_one(void **state)
{
    struct bench *bench = bench_ready();

    (void)state;
    bench->config.find_timeout = 100;
    bench->sam.delay_ms = 150; /* behind the timeout, inside the rest that follows */
    (void)read_with(bench, "silence", "speed", 0, 1);
    assert_int_equal(bench->err.code, SMG_E_IO);
    bench->sam.delay_ms = 0;
    assert_int_equal(read_with(bench, "silence", "speed", 0, 1), SMG_OK);
    bench_free(bench);
}

static void test_parts_that_do_not_add_up_are_refused(void **state)
{
    static const uint8_t heads[][4] = { { 0, 0, 0, 0 },   { 1, 0, 4, 1 },   { 1, 0, 3, 255 },
                                        { 0, 255, 4, 1 }, { 1, 1, 3, 255 }, { 255, 255, 255, 255 },
                                        { 4, 0, 1, 0 },   { 5, 0, 0, 0 },   { 0, 0, 5, 0 } };

    (void)state;
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
        for (size_t parts = 2; parts <= 3; parts++) {
            struct sdt sdt = { 0 };
            struct smg_err err = { 0 };
            struct reading reading = { .sdt = &sdt, .err = &err };
            uint8_t payload[4 + 1280] = { 0 };

            memcpy(payload, heads[i], 4);
            sdt.answer.data = payload;
            sdt.answer.len = sizeof payload;
            assert_int_equal(unpack(&reading, parts), OUTCOME_FAILED);
            assert_int_equal(err.code, SMG_E_PROTOCOL);
        }
    }
}

static void test_payloads_too_short_for_their_lengths_are_refused(void **state)
{
    static const uint8_t payload[8] = { 1, 0, 4, 0, 2, 0, 0, 0 };

    (void)state;
    for (size_t len = 0; len <= sizeof payload; len++) {
        struct sdt sdt = { 0 };
        struct smg_err err = { 0 };
        struct reading reading = { .sdt = &sdt, .err = &err };

        sdt.answer.data = payload;
        sdt.answer.len = len;
        assert_int_equal(unpack(&reading, 2), OUTCOME_FAILED);
        assert_int_equal(unpack(&reading, 3), OUTCOME_FAILED);
    }
}

static void test_nothing_personal_is_left_in_the_plugin_or_its_messages(void **state)
{
    struct bench *bench = bench_ready();
    struct sdt *sdt = bench->self;
    const uint8_t *bytes = sdt->answer.bytes;

    (void)state;
    assert_int_equal(bench_read(bench), SMG_OK);
    for (size_t i = 0; i < sizeof sdt->answer.bytes; i++)
        assert_int_equal(bytes[i], 0);
    (void)read_with(bench, "short", "read", 900, 0);
    for (size_t i = 0; i < sizeof sdt->answer.bytes; i++)
        assert_int_equal(bytes[i], 0);
    assert_null(strstr(bench->logged, "扎西"));
    assert_null(strstr(bench->logged, "5401"));
    bench_free(bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_card_removed_at_every_byte_of_an_answer_gives_no_fields),
        cmocka_unit_test(test_answer_cut_once_at_every_byte_is_asked_for_again),
        cmocka_unit_test(test_answer_always_cut_at_every_byte_fails_the_read),
        cmocka_unit_test(test_port_unplugged_at_every_byte_is_gone),
        cmocka_unit_test(test_answer_in_pieces_of_every_size_is_read),
        cmocka_unit_test(test_noise_without_end_at_every_byte_fails_the_read),
        cmocka_unit_test(test_noise_before_an_answer_is_passed_over_up_to_its_limit),
        cmocka_unit_test(test_noise_instead_of_an_answer_is_survived_once),
        cmocka_unit_test(test_wrong_checksum_is_survived_once),
        cmocka_unit_test(test_impossible_lengths_fail_the_read_with_a_reason),
        cmocka_unit_test(test_lengths_that_lie_fail_the_read),
        cmocka_unit_test(test_missing_and_repeated_leading_bytes_do_no_harm),
        cmocka_unit_test(test_late_answer_is_not_taken_for_the_next_one),
        cmocka_unit_test(test_parts_that_do_not_add_up_are_refused),
        cmocka_unit_test(test_payloads_too_short_for_their_lengths_are_refused),
        cmocka_unit_test(test_nothing_personal_is_left_in_the_plugin_or_its_messages),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
