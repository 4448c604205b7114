/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers of personal documents: the official examples, what the check digits promise, hostile
 * input. */
#include "number_sheet.h"

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
                                        "SE1234567", "P1234567",  "PE1234567", "D1234567",
                                        "D12345678", "S1234567",  "P12345678", "EC9876543" };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof good / sizeof *good; i++)
        expect_ok("passport_cn", good[i]);
    assert_string_equal(read_number("passport_cn", "e12345678").normal, "E12345678");
    assert_string_equal(read_number("passport_cn", "E12345678").nationality, "CHN");
    expect_verdict("passport_cn", "EI1234567", NUMBER_CHARACTER);
    expect_verdict("passport_cn", "EO1234567", NUMBER_CHARACTER);
    expect_verdict("passport_cn", "E1234567", NUMBER_CATEGORY);
    expect_verdict("passport_cn", "E123456789", NUMBER_LENGTH);
}

/* Their holders are no foreigners and no citizens settled abroad: they have a travel permit. */
static void test_passports_of_hong_kong_macau_and_taiwan_are_told_apart(void **state)
{
    static const char *const hk_macau[] = { "K12345678", "H12345678", "KJ1234567", "M12345678",
                                            "MA1234567" };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof hk_macau / sizeof *hk_macau; i++) {
        expect_ok("passport_hk_macau", hk_macau[i]);
        assert_string_equal(read_number("passport_hk_macau", hk_macau[i]).nationality, "CHN");
        expect_of("passport_cn", hk_macau[i], "hk_macau_passport");
        expect_of("passport_taiwan", hk_macau[i], "hk_macau_passport");
    }
    expect_ok("passport_taiwan", "301234567");
    assert_string_equal(read_number("passport_taiwan", "301234567").nationality, "");
    expect_of("passport_cn", "301234567", "taiwan_passport");
    expect_of("passport_hk_macau", "E12345678", "prc_passport");
    expect_of("passport_taiwan", "141234567", "prc_passport");
    expect_verdict("passport_hk_macau", "K1234567", NUMBER_LENGTH);
    expect_verdict("passport_hk_macau", "X12345678", NUMBER_CATEGORY);
    expect_verdict("passport_taiwan", "30123456X", NUMBER_CHARACTER);
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
    assert_int_equal(i, 17);
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
        cmocka_unit_test(test_passports_of_hong_kong_macau_and_taiwan_are_told_apart),
        cmocka_unit_test(test_foreign_passports_are_free_within_reason),
        cmocka_unit_test(test_names_and_texts_are_complete),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
