/* SPDX-License-Identifier: Apache-2.0 */
/* Whole reads of virtual passports: what they answer, what is believed of it, and how reads end
 * that the chip does not let come to an end. */
#include "bench.h"

#include "specimen.h"

#include <openssl/rand.h>

enum { COMMANDS_MAX = 100000 };

struct desk {
    struct passport passport;
    struct chip chip;
    struct access access;
    struct anchors anchors;
    struct chip_reading reading;
    struct smg_err err;
    unsigned commands, silent_from; /* from this command on nothing is answered; 0: never */
    bool portrait_not_wanted;
};

static int desk_transmit(void *ctx, const uint8_t *command, size_t len, uint8_t *answer,
                         size_t room, size_t *used, struct smg_err *err)
{
    struct desk *desk = ctx;
    struct buf said = { 0 };
    enum chip_deed deed;

    if (++desk->commands > COMMANDS_MAX)
        fail_msg("the read never ends");
    *used = 0;
    if (desk->silent_from != 0 && desk->commands >= desk->silent_from)
        return SMG_OK; /* as PC/SC says it when a card closes */
    deed = chip_transmit(&desk->chip, str_bytes(command, len), &said);
    if (deed == CHIP_KEEPS_SILENT || deed == CHIP_LEAVES) {
        buf_fini(&said);
        return smg_fail(err, SMG_E_CARD, "the chip: it was removed");
    }
    if (deed == CHIP_ANSWERS_AND_LEAVES)
        desk->silent_from = desk->commands + 1;
    assert_true(said.len <= room);
    memcpy(answer, said.at, said.len);
    *used = said.len;
    buf_fini(&said);
    return SMG_OK;
}

static bool desk_chance(void *ctx, uint8_t *out, size_t len)
{
    (void)ctx;
    return RAND_bytes(out, (int)len) == 1;
}

static void lay_down(struct desk *desk, const struct passport_sheet *sheet)
{
    *desk = (struct desk){ 0 };
    if (passport_encode(sheet, (struct smg_str){ "", 0 }, authority, &desk->passport, &desk->err) !=
        SMG_OK)
        fail_msg("%s", desk->err.text);
    chip_insert(&desk->chip, &desk->passport);
    snprintf(desk->access.information, sizeof desk->access.information, "%.47s",
             desk->passport.key_information);
    if (anchors_load(certificates(), &desk->anchors, &desk->err) < 0)
        fail_msg("%s", desk->err.text);
}

static int read_laid_down(struct desk *desk)
{
    const struct reading_wish wish = { .access = &desk->access,
                                       .anchors = &desk->anchors,
                                       .today = { 2026, 11, 25 },
                                       .portrait = !desk->portrait_not_wanted };
    struct icc icc = { .transmit = desk_transmit, .chance = desk_chance, .ctx = desk };
    int code;

    reading_free(&desk->reading);
    desk->err = (struct smg_err){ 0 };
    desk->commands = 0;
    chip_reset(&desk->chip);
    code = reading_take(&icc, &wish, &desk->reading, &desk->err);
    assert_int_equal(code, desk->err.code);
    icc_wipe(&icc);
    return code;
}

static void take_away(struct desk *desk)
{
    reading_free(&desk->reading);
    anchors_free(&desk->anchors);
    chip_remove(&desk->chip);
    passport_free(&desk->passport);
}

static void expect_findings(struct desk *desk, enum finding authentic, enum finding trusted,
                            const char *what)
{
    const struct chip_reading *reading = &desk->reading;

    if (desk->err.code != SMG_OK)
        fail_msg("%s: %s", what, desk->err.text);
    if (reading->authentic != authentic || reading->trusted != trusted)
        fail_msg("%s: authentic %d, trusted %d: %s", what, reading->authentic, reading->trusted,
                 reading->why);
    assert_true((reading->why == NULL) == (reading_verified(reading) == FINDING_YES));
}

static void expect_specimen(struct desk *desk, const char *what)
{
    const struct chip_reading *reading = &desk->reading;

    expect_findings(desk, FINDING_YES, FINDING_YES, what);
    assert_true(reading->legible);
    assert_string_equal(reading->type, "passport");
    assert_string_equal(reading->mrz.number, "L898902C3");
    assert_string_equal(reading->mrz.surname, "ERIKSSON");
    assert_string_equal(reading->mrz.given, "ANNA MARIA");
    assert_string_equal(reading->mrz.issuer, "UTO");
    assert_int_equal(reading->mrz.sex, 'F');
    assert_int_equal(reading->mrz.birth.year, 1974);
    assert_int_equal(reading->mrz.expiry.year, 2032);
    assert_string_equal(reading->format, "jpeg");
    assert_memory_equal(reading->picture.at, "\xFF\xD8\xFF", 3);
}

static void test_each_lock_opens_with_what_the_page_says(void **state)
{
    static const char *const accesses[] = { "bac", "pace", "both" };

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct passport_sheet sheet = specimen();
        struct desk desk;

        sheet.access = accesses[i];
        lay_down(&desk, &sheet);
        read_laid_down(&desk);
        expect_specimen(&desk, accesses[i]);
        take_away(&desk);
    }
}

static void test_the_number_on_the_front_opens_pace_and_nothing_else(void **state)
{
    struct passport_sheet sheet = specimen();
    struct desk desk;

    (void)state;
    lay_down(&desk, &sheet);
    desk.access = (struct access){ .can = "123456" };
    read_laid_down(&desk);
    expect_specimen(&desk, "CAN");
    desk.access = (struct access){ .can = "123457" };
    assert_int_equal(read_laid_down(&desk), SMG_E_DENIED);
    take_away(&desk);
    sheet.access = "bac";
    lay_down(&desk, &sheet);
    desk.access = (struct access){ .can = "123456" };
    assert_int_equal(read_laid_down(&desk), SMG_E_INVALID);
    take_away(&desk);
}

static void test_another_page_is_told_so_and_tried_once(void **state)
{
    static const char *const accesses[] = { "bac", "pace" };

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct passport_sheet sheet = specimen();
        struct desk desk;

        sheet.access = accesses[i];
        lay_down(&desk, &sheet);
        snprintf(desk.access.information, sizeof desk.access.information, "%s",
                 "L898902C<369080619406236");
        assert_int_equal(read_laid_down(&desk), SMG_E_DENIED);
        assert_non_null(strstr(desk.err.text, "does not belong to this card"));
        assert_true(desk.commands < 12); /* one run of PACE, and no BAC after it */
        take_away(&desk);
    }
}

static void test_every_curve_and_cipher_of_pace_opens(void **state)
{
    static const char *const ciphers[] = { "aes-128", "aes-192", "aes-256" };

    (void)state;
    for (int curve = 8; curve <= 18; curve++) {
        struct passport_sheet sheet = specimen();
        struct desk desk;

        sheet.access = "pace";
        sheet.pace_curve = curve;
        sheet.pace_cipher = ciphers[curve % 3];
        lay_down(&desk, &sheet);
        read_laid_down(&desk);
        expect_specimen(&desk, sheet.pace_cipher);
        take_away(&desk);
    }
}

static void test_a_chinese_passport_gives_the_name_in_characters(void **state)
{
    struct passport_sheet sheet = specimen();
    struct desk desk;

    (void)state;
    sheet.name = "示例·卓玛";
    sheet.name_latin = "SHILI, ZHUOMA";
    sheet.number = "E00000000";
    sheet.nationality = sheet.issuer = "CHN";
    sheet.country = "CN";
    sheet.dg11 = "china";
    sheet.access = "bac";
    sheet.content_type = "id_data";
    lay_down(&desk, &sheet);
    read_laid_down(&desk);
    expect_findings(&desk, FINDING_YES, FINDING_YES, "China");
    assert_string_equal(desk.reading.type, "prc_passport");
    assert_string_equal(desk.reading.name, "示例·卓玛");
    assert_string_equal(desk.reading.mrz.surname, "SHILI");
    take_away(&desk);
}

static void test_a_permit_card_is_read_too(void **state)
{
    struct passport_sheet sheet = specimen();
    struct desk desk;

    (void)state;
    sheet.mrz = "td1";
    sheet.number = "H12345678";
    sheet.nationality = sheet.issuer = "CHN";
    sheet.country = "CN";
    lay_down(&desk, &sheet);
    read_laid_down(&desk);
    expect_findings(&desk, FINDING_YES, FINDING_YES, "TD1");
    assert_string_equal(desk.reading.type, "hk_macau_permit");
    assert_string_equal(desk.reading.mrz.number, "H12345678");
    take_away(&desk);
}

static void test_what_real_issuers_do_is_believed(void **state)
{
    static const struct {
        const char *signer, *digest, *parameters, *encoding, *name, *content;
    } kinds[] = {
        { "rsa", "sha256", "named", "der", "same", "lds" },
        { "rsa_pss", "sha256", "named", "der", "same", "lds" },
        { "rsa", "sha1", "named", "der", "same", "lds" },
        { "ecdsa", "sha224", "named", "der", "same", "lds" },
        { "ecdsa", "sha384", "explicit", "der", "same", "lds" },
        { "ecdsa", "sha512", "named", "ber", "same", "lds" },
        { "ecdsa", "sha256", "named", "der", "reversed", "lds" },
        { "ecdsa", "sha256", "explicit", "ber", "reversed", "id_data" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        struct passport_sheet sheet = specimen();
        struct desk desk;

        sheet.access = "bac";
        sheet.signer = kinds[i].signer;
        sheet.digest = kinds[i].digest;
        sheet.curve_parameters = kinds[i].parameters;
        sheet.encoding = kinds[i].encoding;
        sheet.signer_name = kinds[i].name;
        sheet.content_type = kinds[i].content;
        lay_down(&desk, &sheet);
        read_laid_down(&desk);
        expect_specimen(&desk, kinds[i].digest);
        take_away(&desk);
    }
}

static void test_each_thing_that_is_wrong_is_a_finding_of_its_own(void **state)
{
    static const struct {
        const char *fault;
        enum finding authentic, trusted;
    } wrong[] = {
        { "none", FINDING_YES, FINDING_YES },
        { "dg1_altered", FINDING_NO, FINDING_YES },
        { "dg2_altered", FINDING_NO, FINDING_YES },
        { "dg1_not_in_sod", FINDING_NO, FINDING_YES },
        { "sod_altered", FINDING_NO, FINDING_UNKNOWN },
        { "unknown_algorithm", FINDING_UNKNOWN, FINDING_UNKNOWN },
        { "wrong_digest", FINDING_NO, FINDING_YES },
        { "unknown_csca", FINDING_YES, FINDING_NO },
        { "self_signed", FINDING_YES, FINDING_NO },
        { "foreign_signer", FINDING_YES, FINDING_NO },
        { "expired_signer", FINDING_YES, FINDING_NO },
        { "dg2_truncated", FINDING_NO, FINDING_YES },
        { "length_65535", FINDING_NO, FINDING_YES },
        { "length_4gib", FINDING_NO, FINDING_YES },
    };

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct passport_sheet sheet = specimen();
        struct desk desk;

        sheet.access = i % 2 == 0 ? "pace" : "bac";
        sheet.fault = wrong[i].fault;
        lay_down(&desk, &sheet);
        read_laid_down(&desk);
        expect_findings(&desk, wrong[i].authentic, wrong[i].trusted, wrong[i].fault);
        assert_int_equal(reading_verified(&desk.reading), i == 0 ? FINDING_YES
                                                          : wrong[i].authentic == FINDING_UNKNOWN
                                                              ? FINDING_UNKNOWN
                                                              : FINDING_NO);
        assert_string_equal(desk.reading.mrz.number, "L898902C3");
        take_away(&desk);
    }
}

static void test_a_zone_altered_past_reading_is_a_finding_without_a_person(void **state)
{
    struct passport_sheet sheet = specimen();
    struct desk desk;
    char *number;

    (void)state;
    sheet.access = "bac";
    lay_down(&desk, &sheet);
    number = memmem(desk.passport.group[1].at, desk.passport.group[1].len, "L898902C3", 9);
    assert_non_null(number);
    number[3] = '7';
    assert_int_equal(read_laid_down(&desk), SMG_OK);
    assert_false(desk.reading.legible);
    assert_int_equal(desk.reading.authentic, FINDING_NO);
    assert_int_equal(reading_verified(&desk.reading), FINDING_NO);
    take_away(&desk);
}

static void test_a_chip_without_a_security_object_is_not_authentic(void **state)
{
    struct passport_sheet sheet = specimen();
    struct desk desk;

    (void)state;
    lay_down(&desk, &sheet);
    buf_fini(&desk.passport.sod);
    assert_int_equal(read_laid_down(&desk), SMG_OK);
    expect_findings(&desk, FINDING_NO, FINDING_UNKNOWN, "no SOD");
    take_away(&desk);
}

static void test_without_the_state_s_certificate_nobody_is_trusted_or_distrusted(void **state)
{
    struct passport_sheet sheet = specimen();
    struct desk desk;

    (void)state;
    lay_down(&desk, &sheet);
    anchors_free(&desk.anchors);
    read_laid_down(&desk);
    expect_findings(&desk, FINDING_YES, FINDING_UNKNOWN, "no certificates");
    assert_int_equal(reading_verified(&desk.reading), FINDING_UNKNOWN);
    take_away(&desk);
}

static void test_the_portrait_is_left_on_the_chip_when_nobody_wants_it(void **state)
{
    struct passport_sheet sheet = specimen();
    struct desk desk;
    unsigned whole;

    (void)state;
    lay_down(&desk, &sheet);
    read_laid_down(&desk);
    whole = desk.commands;
    desk.portrait_not_wanted = true;
    read_laid_down(&desk);
    expect_findings(&desk, FINDING_YES, FINDING_YES, "no portrait");
    assert_null(desk.reading.format);
    assert_true(desk.commands < whole);
    take_away(&desk);
}

static void test_a_portrait_beyond_32767_bytes_is_read_whole(void **state)
{
    static const char *const accesses[] = { "bac", "pace" };

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct passport_sheet sheet = specimen();
        struct desk desk;

        sheet.access = accesses[i];
        sheet.pace_cipher = "aes-256";
        sheet.portrait_size = 90000;
        lay_down(&desk, &sheet);
        read_laid_down(&desk);
        expect_specimen(&desk, "90000 bytes");
        assert_true(desk.reading.picture.len >= 90000);
        take_away(&desk);
    }
}

static void test_a_broken_channel_ends_the_read(void **state)
{
    static const char *const faults[] = {
        "wrong_mac", "no_mac",           "wrong_status", "no_status", "plain", "garbage",
        "removed",   "pace_wrong_token", "pace_broken",  "closes",    "silent"
    };

    (void)state;
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++)
        for (int after = 0; after < 27; after += 13) {
            struct passport_sheet sheet = specimen();
            struct desk desk;

            sheet.access = "both";
            sheet.fault = faults[i];
            sheet.fault_after = after;
            lay_down(&desk, &sheet);
            if (read_laid_down(&desk) != SMG_E_CARD)
                fail_msg("%s after %d: %d %s", faults[i], after, desk.err.code, desk.err.text);
            take_away(&desk);
        }
}

static void test_a_document_lifted_at_any_moment_is_an_unread_card(void **state)
{
    static const char *const accesses[] = { "bac", "pace" };

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct passport_sheet sheet = specimen();
        struct desk desk;
        unsigned whole;

        sheet.access = accesses[i];
        lay_down(&desk, &sheet);
        assert_int_equal(read_laid_down(&desk), SMG_OK);
        whole = desk.commands;
        for (unsigned from = 1; from <= whole; from++) {
            desk.silent_from = from;
            assert_int_equal(read_laid_down(&desk), SMG_E_CARD);
            assert_int_equal(desk.commands, from);
        }
        desk.silent_from = 0;
        assert_int_equal(read_laid_down(&desk), SMG_OK);
        take_away(&desk);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_lock_opens_with_what_the_page_says),
        cmocka_unit_test(test_the_number_on_the_front_opens_pace_and_nothing_else),
        cmocka_unit_test(test_another_page_is_told_so_and_tried_once),
        cmocka_unit_test(test_every_curve_and_cipher_of_pace_opens),
        cmocka_unit_test(test_a_chinese_passport_gives_the_name_in_characters),
        cmocka_unit_test(test_a_permit_card_is_read_too),
        cmocka_unit_test(test_what_real_issuers_do_is_believed),
        cmocka_unit_test(test_each_thing_that_is_wrong_is_a_finding_of_its_own),
        cmocka_unit_test(test_a_zone_altered_past_reading_is_a_finding_without_a_person),
        cmocka_unit_test(test_a_chip_without_a_security_object_is_not_authentic),
        cmocka_unit_test(test_without_the_state_s_certificate_nobody_is_trusted_or_distrusted),
        cmocka_unit_test(test_the_portrait_is_left_on_the_chip_when_nobody_wants_it),
        cmocka_unit_test(test_a_portrait_beyond_32767_bytes_is_read_whole),
        cmocka_unit_test(test_a_broken_channel_ends_the_read),
        cmocka_unit_test(test_a_document_lifted_at_any_moment_is_an_unread_card),
    };

    return cmocka_run_group_tests(tests, make_authority, remove_authority);
}
