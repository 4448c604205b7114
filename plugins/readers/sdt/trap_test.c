/* SPDX-License-Identifier: Apache-2.0 */
/* Texts that a chip may hold and no document can. */
#include "sheets.h"

static void test_units_that_are_no_text_are_refused(void **state)
{
    static const uint16_t units[] = { 0x0000, 0x0009, 0x001F, 0x007F, 0x0085, 0x009F, 0xD800,
                                      0xDBFF, 0xDC00, 0xDFFF, 0xFFFE, 0xFFFF, 0xFDD0, 0xFDEF };
    struct card_sheet sheet = resident_sheet();

    (void)state;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        for (size_t at = 0; at < 30; at += 2) {
            struct card card = encode(&sheet);

            put_units(&card, at, 1, units[i]);
            assert_int_equal(refusal(card.text), SMG_E_CARD);
        }
    }
}

static void test_surrogate_pair_cut_by_the_end_of_a_field_is_refused(void **state)
{
    struct card_sheet sheet = resident_sheet();
    struct card card = encode(&sheet);

    (void)state;
    put_units(&card, 28, 1, 0xD840);
    put_units(&card, 30, 1, 0xDC00); /* where the sex stands */
    assert_int_equal(refusal(card.text), SMG_E_CARD);
}

static void test_blocks_of_one_byte_are_refused(void **state)
{
    uint8_t block[TEXT_BYTES];

    (void)state;
    for (int byte = 0; byte <= 0xFF; byte++) {
        memset(block, byte, sizeof block);
        assert_int_equal(refusal(block), SMG_E_CARD);
    }
}

static void test_blank_block_of_every_layout_is_refused(void **state)
{
    (void)state;
    for (const char *flag = " JIY"; *flag != '\0'; flag++) {
        struct card card;

        put_units(&card, 0, TEXT_BYTES / 2, ' ');
        put_units(&card, 248, 1, (uint16_t)*flag);
        assert_int_equal(refusal(card.text), SMG_E_CARD);
    }
}

static void test_every_flag_but_the_four_is_refused(void **state)
{
    struct card_sheet sheet = resident_sheet();
    struct card card = encode(&sheet);
    unsigned good = 0;

    (void)state;
    for (unsigned flag = 0; flag <= 0xFFFF; flag++) {
        put_units(&card, 248, 1, (uint16_t)flag);
        good += refusal(card.text) == SMG_OK;
        assert_true(good == 0 || flag >= ' ');
    }
    assert_int_equal(good, 2); /* resident and J share their layout */
}

static void test_days_that_do_not_exist_are_refused(void **state)
{
    static const char *const days[] = { "19990229", "19000229", "20230431",         "20231301",
                                        "20230001", "20230100", "20230132",         "00000101",
                                        "2023 101", "+2023101", "２０２３０１０１", "202301  ",
                                        "        ", "20230a01" };
    static const struct {
        size_t at;
    } places[] = { { 36 }, { 188 }, { 204 } };
    struct card_sheet sheet = resident_sheet();

    (void)state;
    for (size_t i = 0; i < sizeof days / sizeof *days; i++) {
        for (size_t k = 0; k < sizeof places / sizeof *places; k++) {
            struct card_sheet wrong = { .layout = "resident", .name = days[i], .number = "" };
            struct card card = encode(&sheet), other = encode(&wrong);

            memcpy(card.text + places[k].at, other.text, 16);
            assert_int_equal(refusal(card.text), SMG_E_CARD);
        }
    }
}

static void test_leap_day_of_a_leap_year_exists(void **state)
{
    struct card_sheet sheet = resident_sheet();

    (void)state;
    sheet.birth = "2000-02-29";
    expect_day(read_sheet(&sheet).birth, 2000, 2, 29);
}

static void test_days_in_the_wrong_order_are_refused(void **state)
{
    struct card_sheet sheet = resident_sheet();

    (void)state;
    sheet.birth = "2018-05-02";
    refuse_sheet(&sheet);
    sheet = resident_sheet();
    sheet.valid_to = "2018-04-30";
    refuse_sheet(&sheet);
    sheet.valid_to = sheet.valid_from;
    (void)read_sheet(&sheet);
}

static void test_sex_codes_are_those_of_the_standard(void **state)
{
    static const char *const says[] = { "unknown", "male", "female", NULL, NULL,
                                        NULL,      NULL,   NULL,     NULL, "unknown" };
    struct card_sheet sheet = resident_sheet();

    (void)state;
    for (unsigned code = 0; code < 10; code++) {
        struct card card = encode(&sheet);
        struct document document;
        struct smg_err err = { 0 };

        put_units(&card, 30, 1, (uint16_t)('0' + code));
        if (says[code] == NULL) {
            assert_int_equal(refusal(card.text), SMG_E_CARD);
        } else {
            assert_int_equal(text_read(card.text, &document, &err), SMG_OK);
            assert_string_equal(document.sex, says[code]);
        }
    }
}

static void test_nation_codes_are_01_to_56_and_97_and_98(void **state)
{
    struct card_sheet sheet = resident_sheet();

    (void)state;
    for (int code = 0; code < 100; code++) {
        char text[4];

        snprintf(text, sizeof text, "%02d", code);
        sheet.nation = text;
        if ((code >= 1 && code <= 56) || code == 97 || code == 98)
            assert_string_equal(read_sheet(&sheet).nation, text);
        else
            refuse_sheet(&sheet);
    }
    sheet.nation = "4";
    refuse_sheet(&sheet);
    sheet.nation = NULL;
    refuse_sheet(&sheet);
}

static void test_numbers_of_foreign_characters_or_length_are_refused(void **state)
{
    static const char *const numbers[] = {
        "11010519491231002x", "１１０１０５１９４９１２３１００２Ｘ",
        "11010519491231002",  "1101051949123100 X",
        " 1010519491231002X", "11010519491231002·"
    };
    struct card_sheet sheet = resident_sheet();

    (void)state;
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        sheet.number = numbers[i];
        refuse_sheet(&sheet);
    }
    sheet = sheet_2023();
    sheet.number = "831586198001010028"; /* a foreigner's begins with 9 */
    refuse_sheet(&sheet);
    sheet = sheet_2017();
    sheet.number = "KAZ11009012310";
    refuse_sheet(&sheet);
}

static void test_nationality_is_three_capital_letters(void **state)
{
    static const char *const codes[] = { "KA", "KA1", "kaz", "K Z", "123", "КАЗ" };
    struct card_sheet sheet = sheet_2017();

    (void)state;
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        sheet.nationality = codes[i];
        refuse_sheet(&sheet);
    }
}

static void test_refusals_never_tell_what_the_card_says(void **state)
{
    struct card_sheet sheet = resident_sheet();
    struct card card;
    struct document document;
    struct smg_err err = { 0 };

    (void)state;
    sheet.number = "SECRETSECRETSECRE";
    card = encode(&sheet);
    assert_int_equal(text_read(card.text, &document, &err), SMG_E_CARD);
    assert_null(strstr(err.text, "SECRET"));
    assert_non_null(strstr(err.text, "number"));
}

static void test_random_blocks_never_give_text_that_is_not_utf8(void **state)
{
    struct card_sheet sheet = resident_sheet();
    uint32_t seed = 1;

    (void)state;
    for (int i = 0; i < 20000; i++) {
        struct card card = encode(&sheet);
        struct document document;
        struct smg_err err = { 0 };

        for (int k = 0; k < 3; k++) {
            seed = seed * 1664525 + 1013904223;
            card.text[seed >> 24] = (uint8_t)(seed >> 12);
        }
        if (text_read(card.text, &document, &err) != SMG_OK)
            continue;
        assert_true(str_is_utf8(str_of(document.name)));
        assert_true(str_is_utf8(str_of(document.address)));
        assert_true(str_is_utf8(str_of(document.issuer)));
    }
}

static void test_added_address_is_read_with_and_without_a_length(void **state)
{
    struct card_sheet sheet = resident_sheet();
    uint8_t answer[TEXT_ADDRESS_BYTES + 2] = { 0, TEXT_ADDRESS_BYTES };
    char address[TEXT_UTF8];
    struct smg_err err = { 0 };
    struct card card;

    (void)state;
    sheet.added_address = "西藏自治区日喀则市示例街2号";
    card = encode(&sheet);
    memcpy(answer + 2, card.address, TEXT_ADDRESS_BYTES);
    assert_int_equal(text_read_address(card.address, TEXT_ADDRESS_BYTES, address, &err), SMG_OK);
    assert_string_equal(address, sheet.added_address);
    assert_int_equal(text_read_address(answer, sizeof answer, address, &err), SMG_OK);
    assert_string_equal(address, sheet.added_address);
}

static void test_added_address_of_another_length_or_no_text_is_refused(void **state)
{
    uint8_t answer[TEXT_ADDRESS_BYTES + 2];
    char address[TEXT_UTF8];
    struct smg_err err = { 0 };

    (void)state;
    memset(answer, ' ', sizeof answer);
    for (size_t len = 0; len <= sizeof answer; len++)
        if (len != TEXT_ADDRESS_BYTES)
            assert_int_equal(text_read_address(answer, len, address, &err), SMG_E_PROTOCOL);
    memset(answer, 0, sizeof answer);
    assert_int_equal(text_read_address(answer, TEXT_ADDRESS_BYTES, address, &err), SMG_E_CARD);
    assert_string_equal(address, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_units_that_are_no_text_are_refused),
        cmocka_unit_test(test_surrogate_pair_cut_by_the_end_of_a_field_is_refused),
        cmocka_unit_test(test_blocks_of_one_byte_are_refused),
        cmocka_unit_test(test_blank_block_of_every_layout_is_refused),
        cmocka_unit_test(test_every_flag_but_the_four_is_refused),
        cmocka_unit_test(test_days_that_do_not_exist_are_refused),
        cmocka_unit_test(test_leap_day_of_a_leap_year_exists),
        cmocka_unit_test(test_days_in_the_wrong_order_are_refused),
        cmocka_unit_test(test_sex_codes_are_those_of_the_standard),
        cmocka_unit_test(test_nation_codes_are_01_to_56_and_97_and_98),
        cmocka_unit_test(test_numbers_of_foreign_characters_or_length_are_refused),
        cmocka_unit_test(test_nationality_is_three_capital_letters),
        cmocka_unit_test(test_refusals_never_tell_what_the_card_says),
        cmocka_unit_test(test_random_blocks_never_give_text_that_is_not_utf8),
        cmocka_unit_test(test_added_address_is_read_with_and_without_a_length),
        cmocka_unit_test(test_added_address_of_another_length_or_no_text_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
