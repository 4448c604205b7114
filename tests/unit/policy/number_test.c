/* SPDX-License-Identifier: Apache-2.0 */
/* Document numbers: the official examples, what the check digits promise, and hostile input. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "policy/number.h"

static const struct smg_date today = { 2026, 1, 1 };

static struct number_says read_on(const char *format, struct smg_str text, struct smg_date on)
{
    number_fn fn = number_format(str_of(format));
    struct number_says says;

    memset(&says, 0xA5, sizeof says);
    assert_non_null(fn);
    fn(text, on, &says);
    assert_non_null(says.standard);
    return says;
}

static struct number_says read_number(const char *format, const char *text)
{
    return read_on(format, str_of(text), today);
}

static void expect_verdict(const char *format, const char *text, enum number_verdict verdict)
{
    struct number_says says = read_number(format, text);

    if (says.verdict != verdict)
        fail_msg("%s %s: %s, not %s", format, text, number_verdict_name(says.verdict),
                 number_verdict_name(verdict));
    /* A refused number keeps nothing. */
    if (verdict != NUMBER_OK && verdict != NUMBER_RETIRED) {
        assert_string_equal(says.normal, "");
        assert_string_equal(says.same, "");
        assert_true(date_is_none(says.birth));
    }
}

static void expect_ok(const char *format, const char *text)
{
    expect_verdict(format, text, NUMBER_OK);
}

static void expect_of(const char *format, const char *text, const char *of)
{
    struct number_says says = read_number(format, text);

    assert_int_equal(says.verdict, NUMBER_UNSUITABLE);
    assert_non_null(says.of);
    assert_string_equal(says.of, of);
    assert_true(strlen(number_text(&says).zh) > 0);
    assert_true(strlen(number_text(&says).en) > 0);
}

static bool same_day(struct smg_date a, int year, int month, int day)
{
    return a.year == year && a.month == month && a.day == day;
}

/* Every change of one character to another of the alphabet is refused. */
static void expect_substitutions_caught(const char *format, const char *good, const char *alphabet)
{
    char text[40];
    size_t i, j;

    expect_ok(format, good);
    for (i = 0; good[i] != '\0'; i++) {
        for (j = 0; alphabet[j] != '\0'; j++) {
            if (alphabet[j] == good[i])
                continue;
            snprintf(text, sizeof text, "%s", good);
            text[i] = alphabet[j];
            if (read_number(format, text).verdict == NUMBER_OK)
                fail_msg("%s accepts %s for %s", format, text, good);
        }
    }
}

static void expect_transpositions_caught(const char *format, const char *good)
{
    char text[40];
    size_t i;

    for (i = 0; good[i + 1] != '\0'; i++) {
        if (good[i] == good[i + 1])
            continue;
        snprintf(text, sizeof text, "%s", good);
        text[i] = good[i + 1];
        text[i + 1] = good[i];
        if (read_number(format, text).verdict == NUMBER_OK)
            fail_msg("%s accepts %s for %s", format, text, good);
    }
}

static void test_the_official_resident_numbers_are_read(void **state)
{
    struct number_says woman = read_number("gb11643", "11010519491231002X");
    struct number_says man = read_number("gb11643", "440524188001010014");

    (void)state;
    assert_int_equal(woman.verdict, NUMBER_OK);
    assert_string_equal(woman.normal, "11010519491231002X");
    assert_string_equal(woman.same, "11010519491231002X");
    assert_true(same_day(woman.birth, 1949, 12, 31));
    assert_int_equal(woman.sex, 'F');
    assert_string_equal(woman.region, "110105");
    assert_string_equal(woman.nationality, "CHN");
    assert_string_equal(woman.standard, "GB 11643-1999");
    assert_int_equal(man.verdict, NUMBER_OK);
    assert_int_equal(man.sex, 'M');
    assert_true(same_day(man.birth, 1880, 1, 1));
}

static void test_every_slip_in_a_resident_number_is_caught(void **state)
{
    static const char *const numbers[] = { "11010519491231002X", "440524188001010014",
                                           "610104196209276908", "150102198807303035",
                                           "33010219200403064X" };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        expect_substitutions_caught("gb11643", numbers[i], "0123456789X");
        expect_transpositions_caught("gb11643", numbers[i]);
    }
}

static void test_lower_case_x_is_stored_as_upper(void **state)
{
    struct number_says says = read_number("gb11643", "11010519491231002x");

    (void)state;
    assert_int_equal(says.verdict, NUMBER_OK);
    assert_string_equal(says.normal, "11010519491231002X");
}

static void test_birthdays_must_exist_and_lie_behind_us(void **state)
{
    (void)state;
    expect_ok("gb11643", "540102200002290014");
    expect_verdict("gb11643", "110105199902290021", NUMBER_DATE); /* 1999 was no leap year */
    expect_verdict("gb11643", "540102179912310017", NUMBER_DATE); /* before 1800 */
    expect_verdict("gb11643", "540102202601020015", NUMBER_DATE); /* tomorrow */
}

static void test_somebody_born_today_is_not_in_the_future(void **state)
{
    struct smg_str number = SMG_STR("540102202601020015");

    (void)state;
    assert_int_equal(read_on("gb11643", number, (struct smg_date){ 2026, 1, 2 }).verdict,
                     NUMBER_OK);
    assert_int_equal(read_on("gb11643", number, (struct smg_date){ 2026, 1, 1 }).verdict,
                     NUMBER_DATE);
    assert_int_equal(read_on("gb11643", number, DATE_NONE).verdict, NUMBER_DATE);
}

static void test_an_unknown_province_refuses_and_an_unknown_county_warns(void **state)
{
    struct number_says says;

    (void)state;
    expect_verdict("gb11643", "88010219900101001X", NUMBER_REGION);
    says = read_number("gb11643", "540199199001010010");
    assert_int_equal(says.verdict, NUMBER_OK);
    assert_int_equal(says.warnings, NUMBER_WARN_REGION);
    assert_true(strlen(number_text(&says).en) > 0);
    says = read_number("gb11643", "540102199001010011");
    assert_int_equal(says.warnings, 0);
    assert_string_equal(number_text(&says).en, "");
}

static void test_old_codes_of_tibet_are_as_good_as_new_ones(void **state)
{
    (void)state;
    assert_int_equal(read_number("gb11643", "542321196206150024").warnings, 0);
    assert_int_equal(read_number("gb11643", "540120196001010037").warnings, 0);
}

static void test_provinces_without_a_county_table_are_accepted(void **state)
{
    (void)state;
    expect_ok("gb11643", "710102199001010013");
    expect_ok("gb11643", "810101199001010010");
    expect_ok("gb11643", "830000200012310016");
}

static void test_fifteen_digits_are_retired_and_lead_to_eighteen(void **state)
{
    static const char *const pairs[][2] = { { "610104620927690", "610104196209276908" },
                                            { "150102880730303", "150102198807303035" },
                                            { "330102200403064", "33010219200403064X" } };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        struct number_says says = read_number("gb11643", pairs[i][0]);

        assert_int_equal(says.verdict, NUMBER_RETIRED);
        assert_string_equal(says.normal, pairs[i][1]);
        assert_string_equal(says.same, pairs[i][1]);
        assert_string_equal(says.standard, "GB 11643-1989");
        expect_ok("gb11643", says.normal);
    }
    assert_int_equal(read_number("gb11643", "610104620927690").sex, 'F');
    assert_true(same_day(read_number("gb11643", "330102200403064").birth, 1920, 4, 3));
    expect_verdict("gb11643", "610104620931690", NUMBER_DATE);
    expect_verdict("gb11643", "990104620927690", NUMBER_UNSUITABLE);
    expect_verdict("gb11643", "880104620927690", NUMBER_REGION);
}

static void test_hostile_bytes_are_refused_not_followed(void **state)
{
    static char long_digits[10240];
    static const char full_width[] = "１１０１０５１９４９１２３１００２Ｘ";
    static const char *const odd[] = {
        "11010519491231002 ",
        " 11010519491231002X",
        "110105 19491231002X",
        "110105-19491231-002X",
        "1101051949123100\t2",
        full_width,
        "\xff\xfe\xff\xfe\xff\xfe\xff\xfe\xff\xfe\xff\xfe\xff\xfe\xff"
        "\xfe\xff\xfe"
    };
    size_t i, f;

    (void)state;
    memset(long_digits, '1', sizeof long_digits);
    for (i = 0; i < sizeof odd / sizeof *odd; i++)
        expect_verdict("gb11643", odd[i], NUMBER_CHARACTER);
    for (f = 0; number_format_name(f) != NULL; f++) {
        const char *format = number_format_name(f);

        assert_int_equal(read_on(format, str_bytes(long_digits, sizeof long_digits), today).verdict,
                         NUMBER_LENGTH);
        assert_int_equal(read_on(format, (struct smg_str){ NULL, 0 }, today).verdict,
                         NUMBER_LENGTH);
        assert_int_equal(read_on(format, str_bytes("\0\0\0\0\0\0\0\0\0", 9), today).verdict,
                         NUMBER_CHARACTER);
        assert_int_equal(read_on(format, str_bytes("H1234567\0", 9), today).verdict,
                         NUMBER_CHARACTER);
        assert_int_equal(read_on(format, str_of(full_width), today).verdict, NUMBER_CHARACTER);
        assert_int_equal(read_on(format, str_of("\xed\xa0\x80 12345"), today).verdict,
                         NUMBER_CHARACTER);
    }
}

static void test_no_format_reads_past_the_end(void **state)
{
    size_t f, len;

    (void)state;
    /* Each length in memory of exactly that length, so that a sanitizer sees one byte too many. */
    for (len = 1; len < 70; len++) {
        char *exact = malloc(len);

        assert_non_null(exact);
        for (f = 0; number_format_name(f) != NULL; f++) {
            memset(exact, '8', len);
            read_on(number_format_name(f), str_bytes(exact, len), today);
            memset(exact, 'A', len);
            read_on(number_format_name(f), str_bytes(exact, len), today);
            memset(exact, '(', len);
            read_on(number_format_name(f), str_bytes(exact, len), today);
            memset(exact, '\xe5', len);
            read_on(number_format_name(f), str_bytes(exact, len), today);
        }
        free(exact);
    }
}

static void test_residence_permits_of_hong_kong_macau_and_taiwan(void **state)
{
    (void)state;
    expect_ok("gb11643_hmt", "810000199408230021");
    expect_ok("gb11643_hmt", "820000200009100032");
    expect_ok("gb11643_hmt", "830000199201300022");
    assert_string_equal(read_number("gb11643_hmt", "810000199408230021").nationality, "");
    assert_int_equal(read_number("gb11643_hmt", "810000199408230021").sex, 'F');
    assert_string_equal(read_number("gb11643_hmt", "810000199408230021").region, "810000");
    expect_substitutions_caught("gb11643_hmt", "810000199408230021", "0123456789X");
    expect_of("gb11643_hmt", "11010519491231002X", "resident_id");
    expect_of("gb11643_hmt", "810101199001010010", "resident_id");
    expect_of("gb11643_hmt", "610104620927690", "resident_id");
}

static void test_permanent_residence_cards_before_2023(void **state)
{
    struct number_says says = read_number("foreigner", "KAZ110090123105");

    (void)state;
    assert_int_equal(says.verdict, NUMBER_OK);
    assert_string_equal(says.nationality, "KAZ");
    assert_true(same_day(says.birth, 1990, 12, 31));
    assert_string_equal(says.same, "");
    expect_ok("foreigner", "PAK310080010103");
    /* 26-02-30 is no day; 05-02-28 is of this century, 25-12-31 too. */
    expect_verdict("foreigner", "NPL540126023002", NUMBER_DATE);
    assert_true(same_day(read_number("foreigner", "NPL540105022800").birth, 2005, 2, 28));
    expect_verdict("foreigner", "NPL990090123107", NUMBER_REGION);
    expect_verdict("foreigner", "1AZ110090123105", NUMBER_CHARACTER);
    expect_verdict("foreigner", "KAZ11009012310X", NUMBER_CHARACTER);
    expect_verdict("foreigner", "KAZ11009012310", NUMBER_LENGTH);
}

static void test_a_digit_mistyped_on_an_old_permanent_residence_card_is_caught(void **state)
{
    static const char good[] = "KAZ110090123105";
    char text[sizeof good];
    size_t i;
    char digit;

    (void)state;
    for (i = 3; i < sizeof good - 1; i++) {
        for (digit = '0'; digit <= '9'; digit++) {
            memcpy(text, good, sizeof good);
            text[i] = digit;
            if (digit != good[i])
                expect_verdict("foreigner", text, NUMBER_CHECK);
        }
    }
}

static void test_permanent_residence_cards_of_2023(void **state)
{
    struct number_says says = read_number("foreigner", "931586198001010028");

    (void)state;
    assert_int_equal(says.verdict, NUMBER_OK);
    assert_string_equal(says.nationality, "PAK");
    assert_true(same_day(says.birth, 1980, 1, 1));
    assert_int_equal(says.sex, 'F');
    assert_string_equal(says.same, "931586198001010028");
    assert_string_equal(read_number("foreigner", "911398199012310021").nationality, "KAZ");
    assert_string_equal(read_number("foreigner", "932682198501010017").nationality, "SAU");
    assert_string_equal(read_number("foreigner", "954524199001010011").nationality, "NPL");
    /* A code outside ISO 3166 leaves the nationality open. */
    expect_ok("foreigner", "954000201001010013");
    assert_string_equal(read_number("foreigner", "954000201001010013").nationality, "");
    expect_substitutions_caught("foreigner", "931586198001010028", "0123456789X");
    expect_transpositions_caught("foreigner", "931586198001010028");
    expect_verdict("foreigner", "990102199001010015", NUMBER_REGION);
}

static void test_cards_taken_for_each_other_are_named(void **state)
{
    (void)state;
    expect_of("gb11643", "931586198001010028", "permanent_residence");
    expect_of("gb11643", "KAZ110090123105", "permanent_residence");
    expect_of("foreigner", "11010519491231002X", "resident_id");
    expect_of("foreigner", "830000199201300022", "hmt_residence_permit");
    expect_of("hk_macau_permit", "C12345678", "hk_macau_exit_permit");
    expect_of("hk_macau_permit", "CA0000001", "hk_macau_exit_permit");
}

static void test_home_cards_are_recognised_and_the_permit_asked_for(void **state)
{
    (void)state;
    expect_of("hk_macau_permit", "A123456(3)", "hk_identity_card");
    expect_of("hk_macau_permit", "a1234563", "hk_identity_card");
    expect_of("gb11643", "A123456(3)", "hk_identity_card");
    expect_of("hk_macau_permit", "1/234567/8", "macau_identity_card");
    expect_of("hk_macau_permit", "5234567(8)", "macau_identity_card");
    expect_of("hk_macau_permit", "12345678", "macau_identity_card");
    expect_of("taiwan_permit", "A123456789", "taiwan_identity_card");
    expect_of("gb11643", "A123456789", "taiwan_identity_card");
    expect_of("passport_cn", "A123456789", "taiwan_identity_card");
    /* With a wrong check digit nothing is recognised. */
    assert_null(read_number("hk_macau_permit", "A123456(4)").of);
    assert_null(read_number("taiwan_permit", "A123456788").of);
    assert_null(read_number("hk_macau_permit", "22345678").of);
}

static void test_hong_kong_and_macau_permits(void **state)
{
    (void)state;
    expect_ok("hk_macau_permit", "H12345678");
    expect_ok("hk_macau_permit", "M12345678");
    expect_ok("hk_macau_permit", "HA1234567");
    expect_ok("hk_macau_permit", "MA1234567");
    expect_ok("hk_macau_permit", "h1234567801");
    assert_string_equal(read_number("hk_macau_permit", "h1234567801").normal, "H1234567801");
    expect_verdict("hk_macau_permit", "HB1234567", NUMBER_CHARACTER);
    expect_verdict("hk_macau_permit", "X12345678", NUMBER_CATEGORY);
    expect_verdict("hk_macau_permit", "H123456789", NUMBER_LENGTH);
    expect_verdict("hk_macau_permit", "HA123456701", NUMBER_CHARACTER);
}

static void test_a_renewed_permit_is_the_same_holder(void **state)
{
    (void)state;
    assert_string_equal(read_number("hk_macau_permit", "H1234567801").same, "H12345678");
    assert_string_equal(read_number("hk_macau_permit", "H1234567802").same, "H12345678");
    assert_string_equal(read_number("hk_macau_permit", "H12345678").same, "H12345678");
    assert_string_equal(read_number("hk_macau_permit", "HA1234567").same, "HA1234567");
    assert_string_equal(read_number("taiwan_permit", "1234567801").same, "12345678");
    assert_string_equal(read_number("taiwan_permit", "12345678").same, "12345678");
}

static void test_taiwan_permits(void **state)
{
    (void)state;
    expect_ok("taiwan_permit", "12345678");
    expect_ok("taiwan_permit", "1234567801");
    expect_ok("taiwan_permit", "1234567801(B)");
    assert_string_equal(read_number("taiwan_permit", "1234567801(B)").normal, "1234567801");
    assert_string_equal(read_number("taiwan_permit", "1234567801A").normal, "1234567801");
    expect_verdict("taiwan_permit", "12345678D", NUMBER_LENGTH);
    expect_verdict("taiwan_permit", "123456789", NUMBER_LENGTH);
    expect_verdict("taiwan_permit", "1234567X", NUMBER_CHARACTER);
    expect_verdict("taiwan_permit", "1234567801(C)", NUMBER_CHARACTER);
}

static void test_permits_to_visit_hong_kong_and_macau(void **state)
{
    (void)state;
    expect_ok("hk_macau_exit_permit", "C12345678");
    expect_ok("hk_macau_exit_permit", "CA0000001");
    expect_verdict("hk_macau_exit_permit", "CI0000001", NUMBER_CHARACTER);
    expect_verdict("hk_macau_exit_permit", "CO0000001", NUMBER_CHARACTER);
    expect_verdict("hk_macau_exit_permit", "H12345678", NUMBER_CATEGORY);
}

static void test_chinese_passports(void **state)
{
    static const char *const good[] = { "E12345678", "EA1234567", "EH1234567", "G12345678",
                                        "141234567", "151234567", "DE1234567", "S12345678",
                                        "SE1234567", "P1234567",  "PE1234567", "K12345678",
                                        "H12345678", "KJ1234567", "M12345678", "MA1234567",
                                        "987654321", "D1234567" };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof good / sizeof *good; i++)
        expect_ok("passport_cn", good[i]);
    assert_string_equal(read_number("passport_cn", "e12345678").normal, "E12345678");
    assert_string_equal(read_number("passport_cn", "E12345678").nationality, "CHN");
    assert_string_equal(read_number("passport_cn", "987654321").nationality, "");
    expect_verdict("passport_cn", "EI1234567", NUMBER_CHARACTER);
    expect_verdict("passport_cn", "EO1234567", NUMBER_CHARACTER);
    expect_verdict("passport_cn", "E1234567", NUMBER_CATEGORY);
    expect_verdict("passport_cn", "E123456789", NUMBER_LENGTH);
}

static void test_foreign_passports_are_free_within_reason(void **state)
{
    (void)state;
    expect_ok("passport", "L898902C");
    expect_ok("passport", "1");
    expect_ok("passport", "ABCDEFGHIJ0123456789");
    expect_verdict("passport", "ABCDEFGHIJ01234567890", NUMBER_LENGTH);
    expect_verdict("passport", "L898 902C", NUMBER_CHARACTER);
    expect_verdict("passport", "L898902C<", NUMBER_CHARACTER);
}

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

static void test_names_and_texts_are_complete(void **state)
{
    size_t i, j;
    int verdict;

    (void)state;
    assert_null(number_format(str_of("gb11644")));
    assert_null(number_format(str_of("")));
    for (i = 0; number_format_name(i) != NULL; i++)
        for (j = 0; j < i; j++)
            assert_string_not_equal(number_format_name(i), number_format_name(j));
    assert_int_equal(i, 15);
    assert_string_equal(number_verdict_name(NUMBER_OK), "ok");
    assert_string_equal(number_verdict_name(NUMBER_CHECK), "check_digit");
    assert_string_equal(number_verdict_name(NUMBER_UNSUITABLE), "unsuitable");
    for (verdict = NUMBER_LENGTH; verdict <= NUMBER_UNSUITABLE; verdict++) {
        struct number_says says = { .verdict = (enum number_verdict)verdict };

        assert_string_not_equal(number_verdict_name(says.verdict), "unknown");
        assert_true(strlen(number_text(&says).zh) > 0);
        assert_true(strlen(number_text(&says).en) > 0);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_official_resident_numbers_are_read),
        cmocka_unit_test(test_every_slip_in_a_resident_number_is_caught),
        cmocka_unit_test(test_lower_case_x_is_stored_as_upper),
        cmocka_unit_test(test_birthdays_must_exist_and_lie_behind_us),
        cmocka_unit_test(test_somebody_born_today_is_not_in_the_future),
        cmocka_unit_test(test_an_unknown_province_refuses_and_an_unknown_county_warns),
        cmocka_unit_test(test_old_codes_of_tibet_are_as_good_as_new_ones),
        cmocka_unit_test(test_provinces_without_a_county_table_are_accepted),
        cmocka_unit_test(test_fifteen_digits_are_retired_and_lead_to_eighteen),
        cmocka_unit_test(test_hostile_bytes_are_refused_not_followed),
        cmocka_unit_test(test_no_format_reads_past_the_end),
        cmocka_unit_test(test_residence_permits_of_hong_kong_macau_and_taiwan),
        cmocka_unit_test(test_permanent_residence_cards_before_2023),
        cmocka_unit_test(test_a_digit_mistyped_on_an_old_permanent_residence_card_is_caught),
        cmocka_unit_test(test_permanent_residence_cards_of_2023),
        cmocka_unit_test(test_cards_taken_for_each_other_are_named),
        cmocka_unit_test(test_home_cards_are_recognised_and_the_permit_asked_for),
        cmocka_unit_test(test_hong_kong_and_macau_permits),
        cmocka_unit_test(test_a_renewed_permit_is_the_same_holder),
        cmocka_unit_test(test_taiwan_permits),
        cmocka_unit_test(test_permits_to_visit_hong_kong_and_macau),
        cmocka_unit_test(test_chinese_passports),
        cmocka_unit_test(test_foreign_passports_are_free_within_reason),
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
        cmocka_unit_test(test_names_and_texts_are_complete),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
