/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers of organisations, households and the rest: the official examples and their check digits.
 */
#include "number_sheet.h"

static void test_the_official_social_credit_code_is_read(void **state)
{
    struct number_says says = read_number("uscc", "91350100m000100y43");

    (void)state;
    assert_int_equal(says.verdict, NUMBER_OK);
    assert_int_equal(says.warnings, 0);
    assert_string_equal(says.normal, "91350100M000100Y43");
    assert_string_equal(says.region, "350100");
    assert_string_equal(says.standard, "GB 32100-2015");
}

static void test_every_slip_in_a_social_credit_code_is_caught(void **state)
{
    static const char alphabet[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

    (void)state;
    expect_substitutions_caught("uscc", "91540100MA6T1A2341", alphabet);
    expect_transpositions_caught("uscc", "91540100MA6T1A2341");
    expect_substitutions_caught("uscc", "12540000433200016R", alphabet);
    expect_transpositions_caught("uscc", "12540000433200016R");
}

static void test_pilot_codes_of_fujian_only_warn(void **state)
{
    static const char *const pilots[] = { "91350211M00013FA1N", "91350211M0000XUF46" };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof pilots / sizeof *pilots; i++) {
        struct number_says says = read_number("uscc", pilots[i]);

        assert_int_equal(says.verdict, NUMBER_OK);
        assert_int_equal(says.warnings, NUMBER_WARN_OUTER);
        assert_true(strlen(number_text(&says).zh) > 0);
    }
    /* The inner check must pass, and elsewhere a wrong last character is a slip. */
    expect_verdict("uscc", "91350211M00013FA2N", NUMBER_CHECK);
    expect_verdict("uscc", "91540100MA6T1A2342", NUMBER_CHECK);
}

static void test_departments_and_categories_are_from_the_table(void **state)
{
    (void)state;
    expect_ok("uscc", "515400005000000153");
    expect_ok("uscc", "72540000MJY00001XW");
    expect_ok("uscc", "54540102ME000001XQ");
    expect_ok("uscc", "81540000MC00000125");
    expect_verdict("uscc", "95540100MA6T1A234L", NUMBER_CATEGORY);
    expect_ok("uscc", "A1540000MA6T1A234T");
}

static void test_places_in_a_social_credit_code_warn_at_most(void **state)
{
    (void)state;
    assert_int_equal(read_number("uscc", "12100000400000624D").warnings, 0);
    assert_int_equal(read_number("uscc", "11990000010000215B").warnings, NUMBER_WARN_REGION);
    assert_int_equal(read_number("uscc", "91540999MA6T1A234P").warnings, NUMBER_WARN_REGION);
    expect_verdict("uscc", "9154010AMA6T1A2341", NUMBER_CHARACTER);
    expect_verdict("uscc", "91540100MA6T1A234", NUMBER_LENGTH);
}

static void test_organisation_codes_with_and_without_their_hyphen(void **state)
{
    (void)state;
    expect_ok("gb11714", "D2143569-X");
    expect_ok("gb11714", "D2143569X");
    assert_string_equal(read_number("gb11714", "d2143569-x").normal, "D2143569X");
    expect_verdict("gb11714", "D2143569-1", NUMBER_CHECK);
    expect_verdict("gb11714", "D2143569-A", NUMBER_CHARACTER);
    expect_verdict("gb11714", "D214356-9X", NUMBER_CHARACTER);
    expect_verdict("gb11714", "D2143569--", NUMBER_CHARACTER);
    expect_verdict("gb11714", "D2143569", NUMBER_LENGTH);
    /* Modulo 11, so only digits are all told apart. */
    expect_transpositions_caught("gb11714", "433200016");
    expect_substitutions_caught("gb11714", "433200016", "0123456789");
}

static void test_licences_old_and_new(void **state)
{
    (void)state;
    expect_ok("licence15", "110108000000016");
    assert_string_equal(read_number("licence15", "110108000000016").standard, "GS 15-2006");
    expect_ok("licence15", "540100100000015");
    expect_ok("licence15", "100000000000014");
    expect_ok("licence15", "540100600000126");
    expect_substitutions_caught("licence15", "110108000000016", "0123456789X");
    expect_verdict("licence15", "990100100000019", NUMBER_REGION);
    expect_ok("licence15", "91540100MA6T1A2341");
    expect_ok("licence15", "92540102MA6T2B347R");
    expect_of("licence15", "12540000433200016R", "uscc");
    expect_verdict("licence15", "5401001000000151", NUMBER_LENGTH);
}

static void test_certificates_carry_the_code_or_an_older_number(void **state)
{
    (void)state;
    expect_ok("institution", "12540000433200016R");
    expect_ok("institution", "事证第154000000001号");
    expect_of("institution", "91540100MA6T1A2341", "uscc");
    expect_verdict("institution", "12540000433200016T", NUMBER_CHECK);
    expect_ok("association", "515400005000000153");
    expect_ok("association", "藏社证字第0001号");
    expect_of("association", "12540000433200016R", "uscc");
}

static void test_household_registers_by_person_or_by_booklet(void **state)
{
    (void)state;
    expect_ok("household", "540102198808080040");
    assert_true(same_day(read_number("household", "540102198808080040").birth, 1988, 8, 8));
    expect_verdict("household", "540102198808080041", NUMBER_CHECK);
    expect_verdict("household", "610104620927690", NUMBER_RETIRED);
    expect_ok("household", "054123456");
    expect_ok("household", "藏A-0012345");
    assert_true(date_is_none(read_number("household", "054123456").birth));
}

static void test_free_numbers_hold_letters_digits_and_chinese(void **state)
{
    (void)state;
    expect_ok("free", "军字第2001988号");
    expect_ok("free", "士字第P011816X号");
    assert_string_equal(read_number("free", "士字第p011816x号").normal, "士字第P011816X号");
    expect_ok("free", "藏（2015）0012");
    expect_verdict("free", "军字第号", NUMBER_CHARACTER);
    expect_verdict("free", "---", NUMBER_CHARACTER);
    expect_verdict("free", "12 34", NUMBER_CHARACTER);
    expect_verdict("free", "12\n34", NUMBER_CHARACTER);
    expect_verdict("free", "<b>12</b>", NUMBER_CHARACTER);
    expect_verdict("free", "١٢٣", NUMBER_CHARACTER);
    expect_verdict("free", "1\xe5\xad", NUMBER_CHARACTER);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_official_social_credit_code_is_read),
        cmocka_unit_test(test_every_slip_in_a_social_credit_code_is_caught),
        cmocka_unit_test(test_pilot_codes_of_fujian_only_warn),
        cmocka_unit_test(test_departments_and_categories_are_from_the_table),
        cmocka_unit_test(test_places_in_a_social_credit_code_warn_at_most),
        cmocka_unit_test(test_organisation_codes_with_and_without_their_hyphen),
        cmocka_unit_test(test_licences_old_and_new),
        cmocka_unit_test(test_certificates_carry_the_code_or_an_older_number),
        cmocka_unit_test(test_household_registers_by_person_or_by_booklet),
        cmocka_unit_test(test_free_numbers_hold_letters_digits_and_chinese),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
