/* SPDX-License-Identifier: Apache-2.0 */
/* Conversations with the virtual reader: start, read, every status code, cancel and deadline. */
#include "bench.h"

static void expect_resident(const struct bench *bench)
{
    const struct smg_value *value;

    bench_expect_text(bench, "document.type", "resident_id");
    bench_expect_text(bench, "document.number", "540102198803140016");
    bench_expect_text(bench, "document.issuer", "拉萨市公安局城关分局");
    bench_expect_date(bench, "document.valid_from", 2018, 5, 1);
    bench_expect_date(bench, "document.valid_to", 2038, 5, 1);
    bench_expect_text(bench, "name", "扎西·示例");
    bench_expect_text(bench, "sex", "male");
    bench_expect_text(bench, "nation", "04");
    bench_expect_date(bench, "birth", 1988, 3, 14);
    bench_expect_text(bench, "address", "西藏自治区拉萨市城关区示例路1号");
    bench_expect_text(bench, "portrait.format", "wlt");
    bench_expect_text(bench, "chip.verified", "yes");
    bench_expect_text(bench, "device.id", "050001002a5b32013930000087d61200");
    value = fields_get(bench->fields, str_of("portrait"));
    assert_non_null(value);
    assert_int_equal(value->type, SMG_BYTES);
    assert_true(str_eq(value->str, str_bytes(bench->card.photo, CARD_PHOTO)));
    value = fields_get(bench->fields, str_of("chip.text"));
    assert_non_null(value);
    assert_true(str_eq(value->str, str_bytes(bench->card.text, CARD_TEXT)));
    value = fields_get(bench->fields, str_of("document.long_term"));
    assert_non_null(value);
    assert_false(value->boolean);
}

static void test_resident_card_is_answered_field_by_field(void **state)
{
    struct bench *bench = bench_ready();

    (void)state;
    assert_int_equal(bench_read(bench), SMG_OK);
    expect_resident(bench);
    assert_int_equal(fields_count(bench->fields), 16);
    bench_free(bench);
}

static void insert_sheet(struct bench *bench, const struct card_sheet *sheet)
{
    struct smg_err err = { 0 };

    assert_int_equal(card_encode(sheet, &bench->card, &err), SMG_OK);
    bench_present(bench, NULL);
}

static void test_long_term_card_has_no_last_day(void **state)
{
    struct bench *bench = bench_ready();
    const struct smg_value *value;

    (void)state;
    bench->sheet.valid_to = "long_term";
    insert_sheet(bench, &bench->sheet);
    assert_int_equal(bench_read(bench), SMG_OK);
    value = fields_get(bench->fields, str_of("document.long_term"));
    assert_non_null(value);
    assert_true(value->boolean);
    assert_false(bench_has(bench, "document.valid_to"));
    bench_free(bench);
}

static void test_residence_permit_is_answered_with_its_travel_permit(void **state)
{
    struct bench *bench = bench_ready();

    (void)state;
    bench->sheet.layout = "J";
    bench->sheet.number = "830000199201300022";
    bench->sheet.permit_number = "12345678";
    bench->sheet.issue_count = "2";
    insert_sheet(bench, &bench->sheet);
    assert_int_equal(bench_read(bench), SMG_OK);
    bench_expect_text(bench, "document.type", "hmt_residence_permit");
    bench_expect_text(bench, "document.number", "830000199201300022");
    bench_expect_text(bench, "document.permit_number", "12345678");
    bench_expect_text(bench, "document.issue_count", "2");
    assert_false(bench_has(bench, "nation"));
    assert_int_equal(bench->sam.counts[SAM_READ_ADDRESS], 1);
    bench_free(bench);
}

static void test_foreigner_card_of_2017_is_answered_without_issuer_and_address(void **state)
{
    struct bench *bench = bench_ready();
    struct card_sheet sheet = { .layout = "I",
                                .name_latin = "SPECIMEN, ALIYA",
                                .sex = "female",
                                .birth = "1990-12-31",
                                .number = "KAZ110090123105",
                                .nationality = "KAZ",
                                .valid_from = "2018-06-15",
                                .valid_to = "2028-06-14" };

    (void)state;
    insert_sheet(bench, &sheet);
    assert_int_equal(bench_read(bench), SMG_OK);
    bench_expect_text(bench, "document.type", "permanent_residence");
    bench_expect_text(bench, "document.number", "KAZ110090123105");
    bench_expect_text(bench, "name", "SPECIMEN, ALIYA");
    bench_expect_text(bench, "name_latin", "SPECIMEN, ALIYA");
    bench_expect_text(bench, "nationality", "KAZ");
    assert_false(bench_has(bench, "document.issuer"));
    assert_false(bench_has(bench, "address"));
    assert_int_equal(bench->sam.counts[SAM_READ_ADDRESS], 0);
    bench_free(bench);
}

static void test_foreigner_card_of_2023_is_answered_with_the_old_number(void **state)
{
    struct bench *bench = bench_ready();
    struct card_sheet sheet = { .layout = "Y",
                                .name = "示例",
                                .name_latin = "SPECIMEN, MUHAMMAD",
                                .sex = "female",
                                .birth = "1980-01-01",
                                .number = "931586198001010028",
                                .nationality = "PAK",
                                .renewal_count = "01",
                                .link = "000",
                                .valid_from = "2024-01-10",
                                .valid_to = "2034-01-09" };

    (void)state;
    insert_sheet(bench, &sheet);
    assert_int_equal(bench_read(bench), SMG_OK);
    bench_expect_text(bench, "document.type", "permanent_residence");
    bench_expect_text(bench, "document.number", "931586198001010028");
    bench_expect_text(bench, "document.old_number", "PAK310080010103");
    bench_expect_text(bench, "document.issue_count", "01");
    bench_expect_text(bench, "name", "示例");
    bench_expect_text(bench, "name_latin", "SPECIMEN, MUHAMMAD");
    bench_free(bench);
}

static void test_fingerprints_of_every_length_are_read_and_thrown_away(void **state)
{
    static const char *const lengths[] = { "none", "512", "1024" };
    struct bench *bench = bench_ready();

    (void)state;
    bench->config.fingerprint = true;
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        bench->sheet.fingerprint = lengths[i];
        insert_sheet(bench, &bench->sheet);
        assert_int_equal(bench_read(bench), SMG_OK);
        expect_resident(bench);
        assert_int_equal(bench->sam.counts[SAM_READ_FINGERPRINT], 1);
        assert_int_equal(bench->sam.counts[SAM_READ], 0);
    }
    bench_free(bench);
}

static void test_reader_without_the_fingerprint_command_is_asked_without_it(void **state)
{
    struct bench *bench = bench_ready();

    (void)state;
    bench->config.fingerprint = true;
    for (int i = 0; i < 2; i++) {
        bench_present(bench, "error:read_fingerprint:0x21");
        assert_int_equal(bench_read(bench), SMG_OK);
        expect_resident(bench);
        assert_int_equal(bench->sam.counts[SAM_READ_FINGERPRINT], i == 0);
        assert_int_equal(bench->sam.counts[SAM_READ], 1);
    }
    bench_free(bench);
}

static void test_added_address_is_told_beside_the_printed_one(void **state)
{
    struct bench *bench = bench_ready();

    (void)state;
    bench->sheet.added_address = "西藏自治区日喀则市桑珠孜区示例街2号";
    insert_sheet(bench, &bench->sheet);
    assert_int_equal(bench_read(bench), SMG_OK);
    bench_expect_text(bench, "address", bench->sheet.added_address);
    bench_expect_text(bench, "printed_address", bench->sheet.address);
    bench_expect_text(bench, "chip.verified", "yes");
    bench_free(bench);
}

static void test_added_address_is_not_asked_for_where_it_is_not_wanted(void **state)
{
    struct bench *bench = bench_ready();

    (void)state;
    bench->config.added_address = false;
    bench->sheet.added_address = "西藏自治区日喀则市桑珠孜区示例街2号";
    insert_sheet(bench, &bench->sheet);
    assert_int_equal(bench_read(bench), SMG_OK);
    bench_expect_text(bench, "address", bench->sheet.address);
    assert_false(bench_has(bench, "printed_address"));
    assert_int_equal(bench->sam.counts[SAM_READ_ADDRESS], 0);
    bench_free(bench);
}

static void test_card_lifted_before_the_added_address_is_still_read(void **state)
{
    static const char *const faults[] = { "error:read_address:0x41", "error:read_address:0x33",
                                          "silence:read_address", "garbage:read_address:300",
                                          "error:read_address:0x90" };
    struct bench *bench = bench_ready();

    (void)state;
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        bench_present(bench, faults[i]);
        assert_int_equal(bench_read(bench), SMG_OK);
        expect_resident(bench);
        assert_non_null(strstr(bench->logged, "no added address was read"));
        bench->logged[0] = '\0';
    }
    bench_free(bench);
}

static void test_reader_that_does_not_know_added_addresses_is_asked_once(void **state)
{
    struct bench *bench = bench_ready();

    (void)state;
    for (int i = 0; i < 2; i++) {
        bench_present(bench, "error:read_address:0x21");
        assert_int_equal(bench_read(bench), SMG_OK);
        assert_int_equal(bench->sam.counts[SAM_READ_ADDRESS], i == 0);
    }
    bench_free(bench);
}

static void test_empty_field_is_no_card_at_the_deadline(void **state)
{
    struct bench *bench = bench_ready();
    int64_t began = bench->now_ms;

    (void)state;
    sam_insert(&bench->sam, NULL);
    assert_int_equal(bench_read(bench), SMG_E_NO_CARD);
    assert_int_equal(bench->now_ms - began, BENCH_DEADLINE_MS);
    assert_in_range(bench->sam.counts[SAM_FIND], 60, 80);
    assert_int_equal(fields_count(bench->fields), 0);
    bench_free(bench);
}

static void test_wrong_text_is_a_card_that_cannot_be_read(void **state)
{
    struct bench *bench = bench_ready();

    (void)state;
    memset(bench->card.text + 36, 0, 16);
    assert_int_equal(bench_read(bench), SMG_E_CARD);
    assert_int_equal(fields_count(bench->fields), 0);
    bench_free(bench);
}

/* What each code leads to when a command always answers it. */
struct expectation {
    unsigned code;
    enum smg_code find, select, read;
};

static const struct expectation expectations[] = {
    { 0x10, SMG_E_IO, SMG_E_IO, SMG_E_IO },
    { 0x11, SMG_E_IO, SMG_E_IO, SMG_E_IO },
    { 0x21, SMG_E_UNSUPPORTED, SMG_E_UNSUPPORTED, SMG_E_UNSUPPORTED },
    { 0x23, SMG_E_PROTOCOL, SMG_E_PROTOCOL, SMG_E_PROTOCOL },
    { 0x24, SMG_E_IO, SMG_E_IO, SMG_E_IO },
    { 0x31, SMG_E_CARD, SMG_E_CARD, SMG_E_CARD },
    { 0x32, SMG_OK, SMG_OK, SMG_OK },
    { 0x33, SMG_OK, SMG_OK, SMG_OK },
    { 0x34, SMG_E_PROTOCOL, SMG_E_PROTOCOL, SMG_E_PROTOCOL },
    { 0x37, SMG_OK, SMG_OK, SMG_OK },
    { 0x3F, SMG_E_CARD, SMG_E_CARD, SMG_E_CARD },
    { 0x40, SMG_E_CARD, SMG_E_CARD, SMG_E_CARD },
    { 0x41, SMG_E_CARD, SMG_E_CARD, SMG_E_CARD },
    { 0x47, SMG_E_IO, SMG_E_IO, SMG_E_IO },
    { 0x60, SMG_E_IO, SMG_E_IO, SMG_E_IO },
    { 0x66, SMG_E_IO, SMG_E_IO, SMG_E_IO },
    { 0x80, SMG_E_NO_CARD, SMG_E_TIMEOUT, SMG_E_TIMEOUT },
    { 0x81, SMG_E_CARD, SMG_E_CARD, SMG_E_CARD },
    { 0x91, SMG_E_CARD, SMG_E_CARD, SMG_E_CARD },
    { 0x01, SMG_E_PROTOCOL, SMG_E_PROTOCOL, SMG_E_PROTOCOL },
    { 0xF1, SMG_E_PROTOCOL, SMG_E_PROTOCOL, SMG_E_PROTOCOL },
    { 0x00, SMG_E_PROTOCOL, SMG_E_PROTOCOL, SMG_E_PROTOCOL },
};

static void expect_code(struct bench *bench, const char *command, unsigned number, int expected)
{
    char fault[64];
    int code;

    snprintf(fault, sizeof fault, "error:%s:%u", command, number);
    bench_present(bench, fault);
    code = bench_read(bench);
    if (code != expected)
        fail_msg("%02X to %s gave %d (%s), not %d", number, command, code, bench->err.text,
                 expected);
    if (code != SMG_OK) {
        assert_int_equal(fields_count(bench->fields), 0);
        assert_true(bench->err.text[0] != '\0');
        return;
    }
    bench_expect_text(bench, "chip.verified", "no");
    bench_expect_text(bench, "device.id", "050001002a5b32013930000087d61200");
    assert_int_equal(fields_count(bench->fields), 2);
}

static void test_every_status_code_leads_to_its_error_or_fact(void **state)
{
    struct bench *bench = bench_ready();

    (void)state;
    for (size_t i = 0; i < sizeof expectations / sizeof *expectations; i++) {
        const struct expectation *expected = &expectations[i];

        expect_code(bench, "find", expected->code, expected->find);
        expect_code(bench, "select", expected->code, expected->select);
        expect_code(bench, "read", expected->code, expected->read);
    }
    bench_free(bench);
}

static void test_answers_to_other_questions_are_given_up(void **state)
{
    struct bench *bench = bench_ready();

    (void)state;
    expect_code(bench, "find", 0x90, SMG_E_PROTOCOL);
    expect_code(bench, "select", 0x9F, SMG_E_PROTOCOL);
    expect_code(bench, "read", 0x9F, SMG_E_PROTOCOL);
    bench_free(bench);
}

static void test_passing_troubles_do_not_fail_a_read(void **state)
{
    static const unsigned passing[] = { 0x10, 0x11, 0x23, 0x34, 0x41, 0x80, 0x81 };
    static const char *const commands[] = { "find", "select", "read" };
    struct bench *bench = bench_ready();

    (void)state;
    bench->card.find_again = true;
    for (size_t i = 0; i < sizeof passing / sizeof *passing; i++) {
        for (size_t k = 0; k < sizeof commands / sizeof *commands; k++) {
            char fault[64];

            snprintf(fault, sizeof fault, "error:%s:%u:1", commands[k], passing[i]);
            bench_present(bench, fault);
            assert_int_equal(bench_read(bench), SMG_OK);
            expect_resident(bench);
            assert_int_equal(bench->sam.faults[0].happened, 1);
        }
    }
    bench_free(bench);
}

static void test_damaged_command_is_sent_again_without_a_new_find(void **state)
{
    struct bench *bench = bench_ready();

    (void)state;
    bench_present(bench, "error:read:0x10:1");
    assert_int_equal(bench_read(bench), SMG_OK);
    assert_int_equal(bench->sam.counts[SAM_FIND], 1);
    assert_int_equal(bench->sam.counts[SAM_READ], 2);
    bench_free(bench);
}

static void test_moved_card_is_read_from_find(void **state)
{
    struct bench *bench = bench_ready();

    (void)state;
    bench_present(bench, "error:read:0x41:3");
    assert_int_equal(bench_read(bench), SMG_OK);
    assert_int_equal(bench->sam.counts[SAM_FIND], 4);
    assert_int_equal(bench->sam.counts[SAM_SELECT], 4);
    bench_free(bench);
}

static void test_module_that_breaks_goes_out_of_service_and_comes_back(void **state)
{
    struct bench *bench = bench_ready();

    (void)state;
    bench_present(bench, "error:any:0x66");
    assert_int_equal(bench_read(bench), SMG_E_IO);
    assert_int_equal(bench->state, SMG_OUT_OF_SERVICE);
    assert_string_equal(bench->why, "the security module is not authorised, or no longer");
    bench_present(bench, "error:status:0x60");
    assert_int_equal(bench_read(bench), SMG_E_IO);
    assert_string_equal(bench->why, "the security module failed its self-test");
    bench_present(bench, NULL);
    assert_int_equal(bench_read(bench), SMG_OK);
    assert_int_equal(bench->state, SMG_READY);
    bench_free(bench);
}

static void test_cancel_at_every_wait_ends_the_read_at_once(void **state)
{
    struct bench *bench = bench_ready();
    unsigned total;

    (void)state;
    assert_int_equal(bench_read(bench), SMG_OK);
    total = bench->waits;
    assert_in_range(total, 5, 100);
    for (unsigned i = 1; i <= total; i++) {
        bench_present(bench, NULL);
        bench->cancel_at = i;
        assert_int_equal(bench_read(bench), SMG_E_CANCELLED);
        assert_int_equal(bench->waits, i);
        assert_int_equal(fields_count(bench->fields), 0);
    }
    bench->cancel_at = 0;
    bench_present(bench, NULL);
    assert_int_equal(bench_read(bench), SMG_OK);
    bench_free(bench);
}

static void test_cancel_while_waiting_for_a_card_ends_the_read(void **state)
{
    struct bench *bench = bench_ready();

    (void)state;
    sam_insert(&bench->sam, NULL);
    for (unsigned i = 1; i <= 20; i++) {
        bench->cancel_at = i;
        assert_int_equal(bench_read(bench), SMG_E_CANCELLED);
        assert_int_equal(bench->waits, i);
    }
    bench_free(bench);
}

static void test_mute_reader_is_told_from_an_empty_field(void **state)
{
    struct bench *bench = bench_ready();

    (void)state;
    bench_present(bench, "silence:any");
    assert_int_equal(bench_read(bench), SMG_E_IO);
    bench->config.find_timeout = 2 * BENCH_DEADLINE_MS;
    assert_int_equal(bench_read(bench), SMG_E_TIMEOUT);
    bench_free(bench);
}

static void test_slow_reader_inside_its_timeouts_is_waited_for(void **state)
{
    struct bench *bench = bench_ready();

    (void)state;
    bench->sam.delay_ms = 900;
    assert_int_equal(bench_read(bench), SMG_OK);
    expect_resident(bench);
    bench_free(bench);
}

static void test_card_taken_away_while_it_is_read_says_so(void **state)
{
    struct bench *bench = bench_ready();

    (void)state;
    bench_present(bench, "remove:read:0:1");
    assert_int_equal(bench_read(bench), SMG_E_CARD);
    assert_non_null(strstr(bench->err.text, "taken away"));
    bench_free(bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_resident_card_is_answered_field_by_field),
        cmocka_unit_test(test_long_term_card_has_no_last_day),
        cmocka_unit_test(test_residence_permit_is_answered_with_its_travel_permit),
        cmocka_unit_test(test_foreigner_card_of_2017_is_answered_without_issuer_and_address),
        cmocka_unit_test(test_foreigner_card_of_2023_is_answered_with_the_old_number),
        cmocka_unit_test(test_fingerprints_of_every_length_are_read_and_thrown_away),
        cmocka_unit_test(test_reader_without_the_fingerprint_command_is_asked_without_it),
        cmocka_unit_test(test_added_address_is_told_beside_the_printed_one),
        cmocka_unit_test(test_added_address_is_not_asked_for_where_it_is_not_wanted),
        cmocka_unit_test(test_card_lifted_before_the_added_address_is_still_read),
        cmocka_unit_test(test_reader_that_does_not_know_added_addresses_is_asked_once),
        cmocka_unit_test(test_empty_field_is_no_card_at_the_deadline),
        cmocka_unit_test(test_wrong_text_is_a_card_that_cannot_be_read),
        cmocka_unit_test(test_every_status_code_leads_to_its_error_or_fact),
        cmocka_unit_test(test_answers_to_other_questions_are_given_up),
        cmocka_unit_test(test_passing_troubles_do_not_fail_a_read),
        cmocka_unit_test(test_damaged_command_is_sent_again_without_a_new_find),
        cmocka_unit_test(test_moved_card_is_read_from_find),
        cmocka_unit_test(test_module_that_breaks_goes_out_of_service_and_comes_back),
        cmocka_unit_test(test_cancel_at_every_wait_ends_the_read_at_once),
        cmocka_unit_test(test_cancel_while_waiting_for_a_card_ends_the_read),
        cmocka_unit_test(test_mute_reader_is_told_from_an_empty_field),
        cmocka_unit_test(test_slow_reader_inside_its_timeouts_is_waited_for),
        cmocka_unit_test(test_card_taken_away_while_it_is_read_says_so),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
