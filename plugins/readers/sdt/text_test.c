/* SPDX-License-Identifier: Apache-2.0 */
/* The four layouts, written by the virtual card and read by the plugin. */
#include "sheets.h"

static void test_resident_card_is_read_field_by_field(void **state)
{
    struct card_sheet sheet = resident_sheet();
    struct document document = read_sheet(&sheet);

    (void)state;
    assert_string_equal(document.type, "resident_id");
    assert_string_equal(document.name, sheet.name);
    assert_string_equal(document.latin, "");
    assert_string_equal(document.sex, "male");
    assert_string_equal(document.nation, "04");
    assert_string_equal(document.nationality, "");
    expect_day(document.birth, 1988, 3, 14);
    assert_string_equal(document.address, sheet.address);
    assert_string_equal(document.number, sheet.number);
    assert_string_equal(document.issuer, sheet.issuer);
    expect_day(document.valid_from, 2018, 5, 1);
    expect_day(document.valid_to, 2038, 5, 1);
    assert_false(document.long_term);
    assert_string_equal(document.permit_number, "");
    assert_string_equal(document.issue_count, "");
    assert_string_equal(document.old_number, "");
}

static void test_residence_permit_is_read_field_by_field(void **state)
{
    struct card_sheet sheet = permit_sheet();
    struct document document = read_sheet(&sheet);

    (void)state;
    assert_string_equal(document.type, "hmt_residence_permit");
    assert_string_equal(document.name, sheet.name);
    assert_string_equal(document.sex, "male");
    assert_string_equal(document.nation, "");
    expect_day(document.birth, 1988, 3, 14);
    assert_string_equal(document.address, sheet.address);
    assert_string_equal(document.number, sheet.number);
    assert_string_equal(document.issuer, sheet.issuer);
    expect_day(document.valid_from, 2018, 5, 1);
    expect_day(document.valid_to, 2038, 5, 1);
    assert_string_equal(document.permit_number, "H12345678");
    assert_string_equal(document.issue_count, "01");
}

static void test_residence_permit_without_permit_number_is_still_one(void **state)
{
    struct card_sheet sheet = permit_sheet();
    struct document document;

    (void)state;
    sheet.permit_number = sheet.issue_count = NULL;
    document = read_sheet(&sheet);
    assert_string_equal(document.type, "hmt_residence_permit");
    assert_string_equal(document.permit_number, "");
}

static void test_foreigner_card_of_2017_is_read_field_by_field(void **state)
{
    struct card_sheet sheet = sheet_2017();
    struct document document = read_sheet(&sheet);

    (void)state;
    assert_string_equal(document.type, "permanent_residence");
    assert_string_equal(document.name, "示例");
    assert_string_equal(document.latin, "SPECIMEN, ALIYA  NURLAN");
    assert_string_equal(document.sex, "female");
    assert_string_equal(document.nation, "");
    assert_string_equal(document.nationality, "KAZ");
    expect_day(document.birth, 1990, 12, 31);
    assert_string_equal(document.address, "");
    assert_string_equal(document.number, "KAZ110090123105");
    assert_string_equal(document.issuer, "");
    expect_day(document.valid_from, 2018, 6, 15);
    expect_day(document.valid_to, 2028, 6, 14);
    assert_string_equal(document.issue_count, "");
    assert_string_equal(document.old_number, "");
}

static void test_foreigner_card_of_2023_is_read_field_by_field(void **state)
{
    struct card_sheet sheet = sheet_2023();
    struct document document = read_sheet(&sheet);

    (void)state;
    assert_string_equal(document.type, "permanent_residence");
    assert_string_equal(document.latin, sheet.name_latin);
    assert_string_equal(document.sex, "female");
    assert_string_equal(document.nationality, "PAK");
    expect_day(document.birth, 1980, 1, 1);
    assert_string_equal(document.number, "931586198001010028");
    expect_day(document.valid_from, 2024, 1, 10);
    expect_day(document.valid_to, 2034, 1, 9);
    assert_string_equal(document.issue_count, "01");
    assert_string_equal(document.old_number, "PAK310080010103");
}

static void test_holder_without_chinese_name_is_called_by_the_latin_one(void **state)
{
    struct card_sheet sheet = sheet_2017();

    (void)state;
    sheet.name = NULL;
    assert_string_equal(read_sheet(&sheet).name, sheet.name_latin);
    sheet = sheet_2023();
    assert_string_equal(read_sheet(&sheet).name, sheet.name_latin);
    sheet.name = "示例";
    assert_string_equal(read_sheet(&sheet).name, "示例");
}

static void test_split_latin_name_keeps_a_space_at_the_seam(void **state)
{
    struct card_sheet sheet = sheet_2023();

    (void)state;
    sheet.name_latin = "ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFGH IJ KL"; /* the 35th is a space */
    assert_string_equal(read_sheet(&sheet).latin, sheet.name_latin);
    sheet.name_latin = "ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFGHIJKLMNOPQRST"; /* 46 */
    assert_string_equal(read_sheet(&sheet).latin, sheet.name_latin);
}

static void test_no_link_item_gives_no_old_number(void **state)
{
    struct card_sheet sheet = sheet_2023();

    (void)state;
    sheet.link = NULL;
    assert_string_equal(read_sheet(&sheet).old_number, "");
    sheet.link = "00";
    assert_string_equal(read_sheet(&sheet).old_number, "");
    sheet.link = "A00";
    assert_string_equal(read_sheet(&sheet).old_number, "");
}

static void test_chinese_words_for_long_term_leave_no_last_day(void **state)
{
    struct card_sheet sheet = resident_sheet();
    struct document document;

    (void)state;
    sheet.valid_to = "long_term";
    document = read_sheet(&sheet);
    assert_true(document.long_term);
    expect_day(document.valid_to, 0, 0, 0);
}

static void test_year_3000_is_a_day_like_any_other(void **state)
{
    struct card_sheet sheet = resident_sheet();

    (void)state;
    sheet.valid_to = "3000-12-31";
    expect_day(read_sheet(&sheet).valid_to, 3000, 12, 31);
    assert_false(read_sheet(&sheet).long_term);
}

static void test_inner_spaces_and_middle_dots_are_kept_and_spaces_at_the_end_are_not(void **state)
{
    static const char *const names[] = { "A B  C", "·示·例·", "  示例", "ＦＵＬＬ　ＷＩＤＴＨ",
                                         "示例字示例字示例字示例字示例字" };
    struct card_sheet sheet = resident_sheet();

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        sheet.name = names[i];
        assert_string_equal(read_sheet(&sheet).name, names[i]);
    }
    sheet.name = "示例   ";
    assert_string_equal(read_sheet(&sheet).name, "示例");
}

static void test_rare_characters_beyond_16_bits_and_of_private_use_are_read(void **state)
{
    static const char *const names[] = { "𠀀示", "\xF0\xAF\xA8\x9D", "\xEE\x80\x80",
                                         "\xF4\x8F\xBF\xBD", "𠀀𠀀𠀀𠀀𠀀𠀀𠀀" };
    struct card_sheet sheet = resident_sheet();

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        sheet.name = names[i];
        assert_string_equal(read_sheet(&sheet).name, names[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_resident_card_is_read_field_by_field),
        cmocka_unit_test(test_residence_permit_is_read_field_by_field),
        cmocka_unit_test(test_residence_permit_without_permit_number_is_still_one),
        cmocka_unit_test(test_foreigner_card_of_2017_is_read_field_by_field),
        cmocka_unit_test(test_foreigner_card_of_2023_is_read_field_by_field),
        cmocka_unit_test(test_holder_without_chinese_name_is_called_by_the_latin_one),
        cmocka_unit_test(test_split_latin_name_keeps_a_space_at_the_seam),
        cmocka_unit_test(test_no_link_item_gives_no_old_number),
        cmocka_unit_test(test_chinese_words_for_long_term_leave_no_last_day),
        cmocka_unit_test(test_year_3000_is_a_day_like_any_other),
        cmocka_unit_test(test_inner_spaces_and_middle_dots_are_kept_and_spaces_at_the_end_are_not),
        cmocka_unit_test(test_rare_characters_beyond_16_bits_and_of_private_use_are_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
