/* SPDX-License-Identifier: Apache-2.0 */
/* Sheets into the bytes of a chip, and card files into sheets. */
#include "config/config.h"
#include "emulate/card.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>

static void expect_units(const struct card *card, size_t from, size_t to, const char *ascii)
{
    size_t len = strlen(ascii);

    for (size_t i = 0; from + 2 * i < to; i++) {
        assert_int_equal(card->text[from + 2 * i], i < len ? ascii[i] : ' ');
        assert_int_equal(card->text[from + 2 * i + 1], 0);
    }
}

static struct card encode(const struct card_sheet *sheet)
{
    struct card card;
    struct smg_err err = { 0 };

    if (card_encode(sheet, &card, &err) != SMG_OK)
        fail_msg("%s", err.text);
    return card;
}

static void test_resident_layout_puts_each_field_at_its_bytes(void **state)
{
    struct card_sheet sheet = { .layout = "resident",
                                .name = "NAME",
                                .sex = "not_stated",
                                .nation = "04",
                                .birth = "1988-03-14",
                                .address = "ADDRESS",
                                .number = "540102198803140016",
                                .issuer = "ISSUER",
                                .valid_from = "2018-05-01",
                                .valid_to = "2038-05-01" };
    struct card card = encode(&sheet);

    (void)state;
    expect_units(&card, 0, 30, "NAME");
    expect_units(&card, 30, 32, "9");
    expect_units(&card, 32, 36, "04");
    expect_units(&card, 36, 52, "19880314");
    expect_units(&card, 52, 122, "ADDRESS");
    expect_units(&card, 122, 158, "540102198803140016");
    expect_units(&card, 158, 188, "ISSUER");
    expect_units(&card, 188, 204, "20180501");
    expect_units(&card, 204, 220, "20380501");
    expect_units(&card, 220, 256, "");
}

static void test_permit_layout_has_a_permit_and_no_nation(void **state)
{
    struct card_sheet sheet = {
        .layout = "J", .nation = "04", .permit_number = "H12345678", .issue_count = "01"
    };
    struct card card = encode(&sheet);

    (void)state;
    expect_units(&card, 32, 36, "");
    expect_units(&card, 220, 238, "H12345678");
    expect_units(&card, 238, 242, "01");
    expect_units(&card, 248, 250, "J");
}

static void test_layout_of_2017_puts_each_field_at_its_bytes(void **state)
{
    struct card_sheet sheet = { .layout = "I",
                                .name = "NAME",
                                .name_latin = "LATIN",
                                .sex = "female",
                                .number = "KAZ110090123105",
                                .nationality = "KAZ",
                                .birth = "1990-12-31",
                                .version = "01",
                                .old_authority = "1100" };
    struct card card = encode(&sheet);

    (void)state;
    expect_units(&card, 0, 120, "LATIN");
    expect_units(&card, 120, 122, "2");
    expect_units(&card, 122, 152, "KAZ110090123105");
    expect_units(&card, 152, 158, "KAZ");
    expect_units(&card, 158, 188, "NAME");
    expect_units(&card, 220, 236, "19901231");
    expect_units(&card, 236, 240, "01");
    expect_units(&card, 240, 248, "1100");
    expect_units(&card, 248, 250, "I");
}

static void test_layout_of_2023_splits_the_latin_name(void **state)
{
    struct card_sheet sheet = { .layout = "Y",
                                .name_latin = "ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFGHIJKLMNOPQRST",
                                .nationality = "PAK",
                                .renewal_count = "01",
                                .link = "000" };
    struct card card = encode(&sheet);

    (void)state;
    expect_units(&card, 32, 36, "01");
    expect_units(&card, 52, 122, "ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFGHI");
    expect_units(&card, 220, 242, "JKLMNOPQRST");
    expect_units(&card, 242, 248, "PAK");
    expect_units(&card, 248, 250, "Y");
    expect_units(&card, 250, 256, "000");
}

static void test_long_term_is_two_chinese_characters(void **state)
{
    static const uint8_t words[] = { 0x7F, 0x95, 0x1F, 0x67 };
    struct card_sheet sheet = { .layout = "resident", .valid_to = "long_term" };
    struct card card = encode(&sheet);

    (void)state;
    assert_memory_equal(card.text + 204, words, sizeof words);
    expect_units(&card, 208, 220, "");
    sheet.valid_to = "长期";
    assert_memory_equal(encode(&sheet).text, card.text, sizeof card.text);
}

static void test_characters_beyond_16_bits_take_two_units(void **state)
{
    static const uint8_t pair[] = { 0x40, 0xD8, 0x00, 0xDC };
    struct card_sheet sheet = { .layout = "resident", .name = "𠀀" };
    struct card card = encode(&sheet);

    (void)state;
    assert_memory_equal(card.text, pair, sizeof pair);
    expect_units(&card, 4, 30, "");
}

static void test_what_does_not_fit_is_refused_by_name(void **state)
{
    static const struct {
        struct card_sheet sheet;
        const char *name;
    } cases[] = {
        { { .layout = "resident", .name = "0123456789ABCDEF" }, "name" },
        { { .layout = "resident", .name = "𠀀𠀀𠀀𠀀𠀀𠀀𠀀𠀀" }, "name" },
        { { .layout = "resident", .number = "5401021988031400167" }, "number" },
        { { .layout = "resident", .birth = "1988-3-14" }, "birth" },
        { { .layout = "resident", .birth = "1988-03-145" }, "birth" },
        { { .layout = "resident", .valid_to = "never" }, "valid_to" },
        { { .layout = "Y", .name_latin = "ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFGHIJKLMNOPQRSTU" },
          "name_latin" },
        { { .layout = "resident", .name = "\xFF" }, "name" },
        { { .layout = "K" }, "layout" },
        { { .layout = "resident", .added_address = "0123456789012345678901234567890123456" },
          "added_address" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct card card;
        struct smg_err err = { 0 };

        assert_int_equal(card_encode(&cases[i].sheet, &card, &err), SMG_E_INVALID);
        assert_non_null(strstr(err.text, cases[i].name));
    }
}

static void test_example_cards_are_loaded(void **state)
{
    static const char *const names[] = { "resident", "minor",          "guardian",
                                         "hmt",      "foreigner_2017", "foreigner_2023" };

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct config_errors errors = { 0 };
        struct card card;
        char path[512];

        snprintf(path, sizeof path, SOURCE_DIR "/conf/cards/%s.yaml", names[i]);
        if (!card_load(path, &card, &errors))
            fail_msg("%s", errors.text.at);
        assert_int_equal(card.photo_len, CARD_PHOTO);
        assert_int_equal(card.has_address, strcmp(names[i], "guardian") == 0);
        config_errors_fini(&errors);
    }
}

/* Load a card file of this text; its complaints, or "". */
static void load_text(const char *text, struct card *card, struct config_errors *errors)
{
    char path[] = "/tmp/shiming_card_XXXXXX";
    int fd = mkstemp(path);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    close(fd);
    (void)card_load(path, card, errors);
    unlink(path);
}

static void test_mistakes_in_a_card_file_are_told_with_their_place(void **state)
{
    static const struct {
        const char *text, *expected;
    } cases[] = {
        { "name: x\n", "layout" },
        { "layout: Z\nnumber: \"1\"\n", ":1:" },
        { "layout: J\nnumber: \"1\"\nnam: x\n", ":3:" },
        { "layout: J\nnumber: \"1\"\nfingerprint: 100\n", ":3:" },
        { "layout: J\nnumber: \"1\"\nbirth: yesterday\n", "birth" },
        { "layout: J\nnumber: \"1\"\nphoto: /no/such/file\n", ":3:" },
        { "- a\n", "" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct config_errors errors = { 0 };
        struct card card;

        load_text(cases[i].text, &card, &errors);
        assert_true(errors.count > 0);
        assert_non_null(strstr(errors.text.at, cases[i].expected));
        config_errors_fini(&errors);
    }
}

static void test_photo_comes_from_its_file(void **state)
{
    char photo[] = "/tmp/shiming_photo_XXXXXX", text[256];
    int fd = mkstemp(photo);
    struct config_errors errors = { 0 };
    struct card card;

    (void)state;
    assert_true(fd >= 0);
    assert_int_equal(write(fd, "WLT?", 4), 4);
    snprintf(text, sizeof text, "layout: J\nnumber: \"1\"\nphoto: %s\n", photo);
    load_text(text, &card, &errors);
    assert_int_equal(errors.count, 0);
    assert_int_equal(card.photo_len, 4);
    assert_memory_equal(card.photo, "WLT?", 4);
    assert_int_equal(ftruncate(fd, CARD_PHOTO + 1), 0);
    load_text(text, &card, &errors);
    assert_int_equal(errors.count, 1);
    close(fd);
    unlink(photo);
    config_errors_fini(&errors);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_resident_layout_puts_each_field_at_its_bytes),
        cmocka_unit_test(test_permit_layout_has_a_permit_and_no_nation),
        cmocka_unit_test(test_layout_of_2017_puts_each_field_at_its_bytes),
        cmocka_unit_test(test_layout_of_2023_splits_the_latin_name),
        cmocka_unit_test(test_long_term_is_two_chinese_characters),
        cmocka_unit_test(test_characters_beyond_16_bits_take_two_units),
        cmocka_unit_test(test_what_does_not_fit_is_refused_by_name),
        cmocka_unit_test(test_example_cards_are_loaded),
        cmocka_unit_test(test_mistakes_in_a_card_file_are_told_with_their_place),
        cmocka_unit_test(test_photo_comes_from_its_file),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
