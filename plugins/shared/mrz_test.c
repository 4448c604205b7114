/* SPDX-License-Identifier: Apache-2.0 */
/* The specimens printed in ICAO 9303, zones made after its rules, and everything that must be
 * refused. */
#include "mrz_document.h"

#include <setjmp.h>
#include <string.h>
#include <cmocka.h>

#define TODAY ((struct smg_date){ 2026, 11, 25 })

#define TD3_SPECIMEN                                                                               \
    "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\n"                                               \
    "L898902C36UTO7408122F1204159ZE184226B<<<<<10"
#define TD2_SPECIMEN                                                                               \
    "I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<\n"                                                       \
    "D231458907UTO7408122F1204159<<<<<<<6"
#define TD1_SPECIMEN                                                                               \
    "I<UTOD231458907<<<<<<<<<<<<<<<\n"                                                             \
    "7408122F1204159UTO<<<<<<<<<<<6\n"                                                             \
    "ERIKSSON<<ANNA<MARIA<<<<<<<<<<"
#define TD1_LONG                                                                                   \
    "I<UTOD23145890<7349<<<<<<<<<<<\n"                                                             \
    "3407127M9507122UTO<<<<<<<<<<<2\n"                                                             \
    "STEVENSON<<PETER<JOHN<<<<<<<<<"

static struct smg_str text_of(const char *text)
{
    return (struct smg_str){ text, strlen(text) };
}

static struct mrz read_good(const char *text)
{
    struct mrz mrz;
    struct smg_err err = { 0 };

    if (mrz_read(text_of(text), TODAY, &mrz, &err) != SMG_OK)
        fail_msg("%s", err.text);
    return mrz;
}

static void expect_day(struct smg_date day, int year, int month, int of_month)
{
    assert_int_equal(day.year, year);
    assert_int_equal(day.month, month);
    assert_int_equal(day.day, of_month);
}

/* Refused, with a reason that holds this; nothing of the zone comes out. */
static void expect_refused(const char *text, int code, const char *reason)
{
    static const struct mrz nothing;
    struct mrz mrz;
    struct smg_err err = { 0 };

    assert_int_equal(mrz_read(text_of(text), TODAY, &mrz, &err), code);
    if (strstr(err.text, reason) == NULL)
        fail_msg("\"%s\" is not in \"%s\"", reason, err.text);
    assert_memory_equal(&mrz, &nothing, sizeof mrz);
}

static void test_passport_specimen(void **state)
{
    struct mrz mrz = read_good(TD3_SPECIMEN);

    (void)state;
    assert_int_equal(mrz.form, MRZ_TD3);
    assert_string_equal(mrz.code, "P");
    assert_string_equal(mrz.issuer, "UTO");
    assert_string_equal(mrz.nationality, "UTO");
    assert_string_equal(mrz.number, "L898902C3");
    assert_string_equal(mrz.surname, "ERIKSSON");
    assert_string_equal(mrz.given, "ANNA MARIA");
    assert_int_equal(mrz.sex, 'F');
    assert_string_equal(mrz.optional, "ZE184226B");
    expect_day(mrz.birth, 1974, 8, 12);
    expect_day(mrz.expiry, 2012, 4, 15);
    assert_false(mrz.name_cut);
    assert_false(mrz.corrected);
    assert_int_equal(strlen(mrz.zone), 88);
}

static void test_card_specimens(void **state)
{
    static const char *const zones[] = { TD1_SPECIMEN, TD2_SPECIMEN };

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct mrz mrz = read_good(zones[i]);

        assert_int_equal(mrz.form, i == 0 ? MRZ_TD1 : MRZ_TD2);
        assert_string_equal(mrz.code, "I");
        assert_string_equal(mrz.number, "D23145890");
        assert_string_equal(mrz.surname, "ERIKSSON");
        assert_string_equal(mrz.given, "ANNA MARIA");
        assert_string_equal(mrz.optional, "");
        assert_string_equal(mrz.more_optional, "");
        expect_day(mrz.birth, 1974, 8, 12);
        expect_day(mrz.expiry, 2012, 4, 15);
    }
}

static void test_line_breaks_do_not_matter(void **state)
{
    static const char *const zones[] = {
        "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<L898902C36UTO7408122F1204159ZE184226B<<<<<10",
        "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\r\n"
        "L898902C36UTO7408122F1204159ZE184226B<<<<<10\r\n",
        "\rP<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\r"
        "L898902C36UTO7408122F1204159ZE184226B<<<<<10\r",
    };

    (void)state;
    for (size_t i = 0; i < sizeof zones / sizeof *zones; i++)
        assert_string_equal(read_good(zones[i]).zone, zones[0]);
}

/* Parts 5 and 6 print the number D23145890734 in both forms. */
static void test_long_numbers_are_joined(void **state)
{
    static const char td2[] = "I<UTOSTEVENSON<<PETER<JOHN<<<<<<<<<<\n"
                              "D23145890<UTO3407127M95071227349<<<8";
    static const char longest[] = "I<UTO123456789<0ABCDEFGHIJKL5<\n"
                                  "3407127M9507122UTO<<<<<<<<<<<8\n"
                                  "STEVENSON<<PETER<JOHN<<<<<<<<<";

    (void)state;
    assert_string_equal(read_good(TD1_LONG).number, "D23145890734");
    assert_string_equal(read_good(TD1_LONG).optional, "");
    assert_false(read_good(TD1_LONG).filler_counted);
    assert_string_equal(read_good(td2).number, "D23145890734");
    assert_string_equal(read_good(longest).number, "1234567890ABCDEFGHIJKL");
}

/* Cards of Belgium before 2020 count the filler in the check position. */
static void test_a_filler_counted_in_a_long_number_is_marked(void **state)
{
    struct mrz mrz = read_good("IDBEL000590240<6013<<<<<<<<<<<\n"
                               "8501019F1309010BEL<<<<<<<<<<<2\n"
                               "REINARTZ<<ULRIKE<KATIA<E<<<<<<");

    (void)state;
    assert_string_equal(mrz.number, "000590240601");
    assert_true(mrz.filler_counted);
    assert_string_equal(mrz.given, "ULRIKE KATIA E");
}

static void test_long_numbers_that_are_none(void **state)
{
    (void)state;
    expect_refused("I<UTOD23145890<<<<<<<<<<<<<<<<\n3407127M9507122UTO<<<<<<<<<<<2\n"
                   "STEVENSON<<PETER<JOHN<<<<<<<<<",
                   SMG_E_CARD, "line 1, character 15: the document number has no check digit");
    expect_refused("I<UTOD23145890<7348<<<<<<<<<<<\n3407127M9507122UTO<<<<<<<<<<<2\n"
                   "STEVENSON<<PETER<JOHN<<<<<<<<<",
                   SMG_E_CARD, "the document number and its check digit disagree");
    expect_refused("I<UTOD23145890<734912345678901\n3407127M9507122UTO<<<<<<<<<<<2\n"
                   "STEVENSON<<PETER<JOHN<<<<<<<<<",
                   SMG_E_CARD, "the document number has no check digit");
    expect_refused("P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\n"
                   "L898902C3<UTO7408122F1204159ZE184226B<<<<<10",
                   SMG_E_CARD, "line 2, character 10: the document number has no check digit");
}

/* 9303-4: `<` or 0 behind optional data that is empty; behind any other only its digit. */
static void test_check_digit_of_empty_optional_data(void **state)
{
    (void)state;
    assert_string_equal(read_good("P<UTOERIKSSON<<ANNA<<<<<<<<<<<<<<<<<<<<<<<<<\n"
                                  "L898902C36UTO2811268F7701018<<<<<<<<<<<<<<<8")
                            .optional,
                        "");
    assert_string_equal(read_good("P<UTOERIKSSON<<ANNA<<<<<<<<<<<<<<<<<<<<<<<<<\n"
                                  "L898902C36UTO2611251F7611245<<<<<<<<<<<<<<04")
                            .optional,
                        "");
    expect_refused("P<UTOERIKSSON<<ANNA<<<<<<<<<<<<<<<<<<<<<<<<<\n"
                   "L898902C36UTO7408122F1204159ZE184226B<<<<<<0",
                   SMG_E_CARD, "the optional data and its check digit disagree");
}

static void test_visas_are_refused_by_name(void **state)
{
    (void)state;
    expect_refused("V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\n"
                   "L8988901C4XXX4009078F96121096ZE184226B<<<<<<",
                   SMG_E_UNSUPPORTED, "this is a visa (MRV-A)");
    expect_refused("V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<\nL8988901C4XXX4009078F9612109<<<<<<<<",
                   SMG_E_UNSUPPORTED, "this is a visa (MRV-B)");
}

/* The day before and the day itself: a birth is the latest day that is not in the future, an expiry
 * lies within fifty years. */
static void test_centuries(void **state)
{
    struct mrz mrz = read_good("P<UTOERIKSSON<<ANNA<<<<<<<<<<<<<<<<<<<<<<<<<\n"
                               "L898902C36UTO2611251F7611245<<<<<<<<<<<<<<04");

    (void)state;
    expect_day(mrz.birth, 2026, 11, 25);
    expect_day(mrz.expiry, 2076, 11, 24);
    mrz = read_good("P<UTOERIKSSON<<ANNA<<<<<<<<<<<<<<<<<<<<<<<<<\n"
                    "L898902C36UTO2811268F7701018<<<<<<<<<<<<<<<8");
    expect_day(mrz.birth, 1928, 11, 26);
    expect_day(mrz.expiry, 1977, 1, 1);
}

static void test_unknown_parts_of_days(void **state)
{
    struct mrz mrz = read_good("I<UTOERIKSSON<<ANNA<<<<<<<<<<<<<<<<<\n"
                               "D231458907UTO7408<<7F<<<<<<0<<<<<<<6");

    (void)state;
    expect_day(mrz.birth, 1974, 8, 0);
    expect_day(mrz.expiry, 0, 0, 0);
    mrz = read_good("I<UTOERIKSSON<<ANNA<<<<<<<<<<<<<<<<<\n"
                    "D231458907UTO<<<<<<0<3001019<<<<<<<2");
    expect_day(mrz.birth, 0, 0, 0);
    assert_int_equal(mrz.sex, '<');
}

/* Every form of a day that is none, with the right check digit behind it. */
static void test_days_that_are_none(void **state)
{
    static const char *const days[] = { "740230", "741301", "740100", "7<0812",
                                        "74<<12", "740<12", "740832" };

    (void)state;
    for (size_t i = 0; i < sizeof days / sizeof *days; i++) {
        char text[] = TD3_SPECIMEN;

        memcpy(text + 45 + 13, days[i], 6);
        text[45 + 19] = mrz_check_digit(text_of(days[i]));
        expect_refused(text, SMG_E_CARD, "line 2, character 14: the day of birth is no day");
    }
}

static void test_names(void **state)
{
    struct mrz mrz;

    (void)state;
    mrz = read_good("I<UTOPAPANDROPOULOUS<<JONATHOON<ALEC\nD231458907UTO7408122F1204159<<<<<<<6");
    assert_string_equal(mrz.surname, "PAPANDROPOULOUS");
    assert_string_equal(mrz.given, "JONATHOON ALEC");
    assert_true(mrz.name_cut);
    mrz = read_good("I<UTOARKFREITH<<<<<<<<<<<<<<<<<<<<<<\nD231458907UTO7408122F1204159<<<<<<<6");
    assert_string_equal(mrz.surname, "ARKFREITH");
    assert_string_equal(mrz.given, "");
    mrz = read_good("I<UTOVAN<DER<MUELLEN<<ANNA<<MARIA<<<\nD231458907UTO7408122F1204159<<<<<<<6");
    assert_string_equal(mrz.surname, "VAN DER MUELLEN");
    assert_string_equal(mrz.given, "ANNA MARIA");
    expect_refused("I<UTOER1KSSON<<ANNA<MARIA<<<<<<<<<<<\nD231458907UTO7408122F1204159<<<<<<<6",
                   SMG_E_CARD, "line 1, character 8: a digit in the name");
    expect_refused("I<UTO<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nD231458907UTO7408122F1204159<<<<<<<6",
                   SMG_E_CARD, "there is no name");
}

static void test_states(void **state)
{
    struct mrz mrz = read_good("P<D<<MUSTERMANN<<ERIKA<<<<<<<<<<<<<<<<<<<<<<\n"
                               "C01X00T478D<<6408125F2702283<<<<<<<<<<<<<<04");

    (void)state;
    assert_string_equal(mrz.issuer, "DEU");
    assert_string_equal(mrz.nationality, "DEU");
    expect_refused("I<UTQERIKSSON<<ANNA<MARIA<<<<<<<<<<<\nD231458907UTO7408122F1204159<<<<<<<6",
                   SMG_E_CARD, "line 1, character 3: no state has this code");
    expect_refused("I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<\nD231458907UT07408122F1204159<<<<<<<6",
                   SMG_E_CARD, "line 2, character 11: no state has this code");
}

static void test_chinese_documents(void **state)
{
    struct mrz mrz = read_good("POCHNZHENGJIAN<<YANGBEN<<<<<<<<<<<<<<<<<<<<<\n"
                               "E123456782CHN9001011M2901019LAMEMGMMMCPOA916");

    (void)state;
    assert_string_equal(mrz.code, "PO");
    assert_string_equal(mrz.number, "E12345678");
    assert_string_equal(mrz.optional, "LAMEMGMMMCPOA9");
    mrz = read_good("C<CHNH01234567701<<<<<<<<<<<<<\n8803148F3004308CHN<<<<<<<<<<<7\n"
                    "SHILI<<DAWA<<<<<<<<<<<<<<<<<<<");
    assert_string_equal(mrz.code, "C");
    assert_string_equal(mrz.number, "H01234567");
    assert_string_equal(mrz.optional, "01");
}

/* What a document is called follows from who issued it and what its number looks like. */
static void test_kinds_of_documents(void **state)
{
    static const struct {
        const char *code, *issuer, *number, *type;
    } documents[] = {
        { "P", "UTO", "L898902C3", "passport" },
        { "PD", "DEU", "C01X00T47", "passport" },
        { "PO", "CHN", "E12345678", "prc_passport" },
        { "P", "CHN", "K01234567", "hk_macau_passport" },
        { "P", "CHN", "MA0123456", "hk_macau_passport" },
        { "P", "TWN", "301234567", "taiwan_passport" },
        { "C", "CHN", "H0123456701", "hk_macau_permit" },
        { "CR", "CHN", "M01234567", "hk_macau_permit" },
        { "CR", "CHN", "HA0123456", "hk_macau_permit" },
        { "CT", "CHN", "01234567", "taiwan_permit" },
        { "CS", "CHN", "C01234567", "hk_macau_exit_permit" },
        { "CS", "CHN", "CA0123456", "hk_macau_exit_permit" },
        { "C", "CHN", "KAZ110090123105", "permanent_residence" },
        { "C", "CHN", "931586198001010028", "permanent_residence" },
        { "I", "CHN", "L0123456", NULL },
        { "I", "DEU", "H01234567", NULL },
        { "A", "FRA", "X4RTBPFW4", NULL },
    };

    (void)state;
    for (size_t i = 0; i < sizeof documents / sizeof *documents; i++) {
        struct mrz mrz = { 0 };
        struct smg_err err = { 0 };
        const char *type;

        strcpy(mrz.code, documents[i].code);
        strcpy(mrz.issuer, documents[i].issuer);
        strcpy(mrz.number, documents[i].number);
        type = mrz_document_type(&mrz, &err);
        if (documents[i].type == NULL) {
            assert_null(type);
            assert_int_equal(err.code, SMG_E_UNSUPPORTED);
        } else {
            assert_non_null(type);
            assert_string_equal(type, documents[i].type);
        }
    }
}

/* A letter where only a digit can be, and the check digits agree with the digit it looks like. */
static void test_letters_for_digits_are_corrected_where_the_check_digits_agree(void **state)
{
    struct mrz mrz = read_good("P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\n"
                               "L898902C3GUTO74OBIZ2FI204IS9ZE184226B<<<<<IO");

    (void)state;
    assert_true(mrz.corrected);
    expect_day(mrz.birth, 1974, 8, 12);
    expect_day(mrz.expiry, 2012, 4, 15);
    assert_string_equal(mrz.zone, read_good(TD3_SPECIMEN).zone);
    mrz = read_good("I<UTOD23145890<7349<<<<<<<<<<<\n34O7I27M95O7I2ZUTO<<<<<<<<<<<Z\n"
                    "STEVENSON<<PETER<JOHN<<<<<<<<<");
    assert_true(mrz.corrected);
    assert_string_equal(mrz.zone, read_good(TD1_LONG).zone);
}

static void test_a_correction_the_check_digits_deny_is_refused(void **state)
{
    (void)state;
    expect_refused("P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\n"
                   "L898902C36UTO74OS122F1204159ZE184226B<<<<<10",
                   SMG_E_CARD, "the day of birth and its check digit disagree");
    expect_refused("P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\n"
                   "L898902C36UTO74A8122F1204159ZE184226B<<<<<10",
                   SMG_E_CARD, "line 2, character 16: a letter in a date");
    expect_refused("P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\n"
                   "L898902C3XUTO7408122F1204159ZE184226B<<<<<10",
                   SMG_E_CARD, "line 2, character 10: a check digit is no digit");
    /* In the number O may be O: it is never made 0, and the digit tells. */
    expect_refused("P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\n"
                   "L8989O2C36UTO7408122F1204159ZE184226B<<<<<10",
                   SMG_E_CARD, "the document number and its check digit disagree");
}

static void expect_misreadings_found(const struct mrz *good, size_t from, size_t to)
{
    static const char characters[] = "<0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

    for (size_t at = from; at < to; at++)
        for (const char *c = characters; *c != '\0'; c++) {
            char text[MRZ_LONGEST + 1];
            struct mrz mrz;
            struct smg_err err = { 0 };

            memcpy(text, good->zone, sizeof text);
            text[at] = *c;
            if (mrz_read(text_of(text), TODAY, &mrz, &err) == SMG_OK)
                assert_int_equal(mrz_check_digit((struct smg_str){ &mrz.zone[at], 1 }),
                                 mrz_check_digit((struct smg_str){ &good->zone[at], 1 }));
        }
}

/* Whatever is misread in what a check digit guards, is found: each place, each other character that
 * has another weight. */
static void test_no_misreading_of_a_guarded_place_passes(void **state)
{
    struct mrz td1 = read_good(TD1_SPECIMEN), td2 = read_good(TD2_SPECIMEN);
    struct mrz td3 = read_good(TD3_SPECIMEN), longer = read_good(TD1_LONG);

    (void)state;
    expect_misreadings_found(&td1, 5, 37);
    expect_misreadings_found(&td1, 38, 45);
    expect_misreadings_found(&td1, 48, 60);
    expect_misreadings_found(&longer, 5, 37);
    expect_misreadings_found(&td2, 36, 46);
    expect_misreadings_found(&td2, 49, 56);
    expect_misreadings_found(&td2, 57, 72);
    expect_misreadings_found(&td3, 44, 54);
    expect_misreadings_found(&td3, 57, 64);
    expect_misreadings_found(&td3, 65, 88);
}

static void test_a_sex_that_is_not_said(void **state)
{
    (void)state;
    assert_int_equal(
        read_good("I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<\nD231458907UTO7408122X1204159<<<<<<<6").sex,
        '<');
}

static void test_what_is_no_zone(void **state)
{
    (void)state;
    expect_refused("", SMG_E_CARD, "0 characters where 90, 72 or 88 belong");
    expect_refused("P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", SMG_E_CARD, "44 characters");
    expect_refused(TD3_SPECIMEN "<", SMG_E_CARD, "89 characters");
    expect_refused(TD3_SPECIMEN TD3_SPECIMEN, SMG_E_CARD, "176 characters");
    expect_refused("P<UTOeriksson<<ANNA<MARIA", SMG_E_CARD, "character 6 is none of A-Z, 0-9, <");
    expect_refused("\xef\xbb\xbfP<UTO", SMG_E_CARD, "character 1 is none of");
    expect_refused("X<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<\nD231458907UTO7408122F1204159<<<<<<<6",
                   SMG_E_CARD, "line 1, character 1: no code of a passport or identity card");
    expect_refused("I7UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<\nD231458907UTO7408122F1204159<<<<<<<6",
                   SMG_E_CARD, "line 1, character 2: a digit in the document's code");
    expect_refused("I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<\nD231458907UTO7408122Y1204159<<<<<<<6",
                   SMG_E_CARD, "line 2, character 21: the sex is none of M, F, <");
    expect_refused("I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<\n<<<<<<<<<0UTO7408122F1204159<<<<<<<6",
                   SMG_E_CARD, "there is no document number");
}

/* A reason goes into logs and screens: nothing of what was scanned may be in it. */
static void test_no_reason_holds_what_was_scanned(void **state)
{
    static const char *const zones[] = { TD3_SPECIMEN, TD2_SPECIMEN, TD1_SPECIMEN };

    (void)state;
    for (size_t z = 0; z < 3; z++) {
        struct mrz good = read_good(zones[z]);

        for (size_t at = 0; good.zone[at] != '\0'; at++) {
            char text[MRZ_LONGEST + 1];
            struct mrz mrz;
            struct smg_err err = { 0 };

            memcpy(text, good.zone, sizeof text);
            text[at] = text[at] == '9' ? '8' : '9';
            if (mrz_read(text_of(text), TODAY, &mrz, &err) != SMG_OK) {
                assert_null(strstr(err.text, "ERIKSSON"));
                assert_null(strstr(err.text, "ANNA"));
                assert_null(strstr(err.text, "89890"));
                assert_null(strstr(err.text, "2314"));
                assert_null(strstr(err.text, "7408"));
            }
        }
    }
}

static void test_check_digits_of_the_standard(void **state)
{
    (void)state;
    assert_int_equal(mrz_check_digit(SMG_STR("520727")), '3');
    assert_int_equal(mrz_check_digit(SMG_STR("AB2134<<<")), '5');
    assert_int_equal(mrz_check_digit(SMG_STR("HA672242<658022549601086<<<<<<<<<<<<<<0")), '8');
    assert_int_equal(mrz_check_digit(SMG_STR("D231458907<<<<<<<<<<<<<<<34071279507122<<<<<<<<<<")),
                     '2');
    assert_int_equal(mrz_check_digit(SMG_STR("")), '0');
}

static void test_the_day_it_is_in_china(void **state)
{
    (void)state;
    expect_day(mrz_day_in_china(0), 1970, 1, 1);
    expect_day(mrz_day_in_china(1709135999), 2024, 2, 28); /* 15:59:59 in Greenwich */
    expect_day(mrz_day_in_china(1709136000), 2024, 2, 29);
    expect_day(mrz_day_in_china(1709222400), 2024, 3, 1);
    expect_day(mrz_day_in_china(4107513600), 2100, 3, 1); /* no leap year */
    expect_day(mrz_day_in_china(1798732800), 2027, 1, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_passport_specimen),
        cmocka_unit_test(test_card_specimens),
        cmocka_unit_test(test_line_breaks_do_not_matter),
        cmocka_unit_test(test_long_numbers_are_joined),
        cmocka_unit_test(test_a_filler_counted_in_a_long_number_is_marked),
        cmocka_unit_test(test_long_numbers_that_are_none),
        cmocka_unit_test(test_check_digit_of_empty_optional_data),
        cmocka_unit_test(test_visas_are_refused_by_name),
        cmocka_unit_test(test_centuries),
        cmocka_unit_test(test_unknown_parts_of_days),
        cmocka_unit_test(test_days_that_are_none),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_states),
        cmocka_unit_test(test_chinese_documents),
        cmocka_unit_test(test_kinds_of_documents),
        cmocka_unit_test(test_letters_for_digits_are_corrected_where_the_check_digits_agree),
        cmocka_unit_test(test_a_correction_the_check_digits_deny_is_refused),
        cmocka_unit_test(test_no_misreading_of_a_guarded_place_passes),
        cmocka_unit_test(test_a_sex_that_is_not_said),
        cmocka_unit_test(test_what_is_no_zone),
        cmocka_unit_test(test_no_reason_holds_what_was_scanned),
        cmocka_unit_test(test_check_digits_of_the_standard),
        cmocka_unit_test(test_the_day_it_is_in_china),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
