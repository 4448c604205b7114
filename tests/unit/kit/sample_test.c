/* SPDX-License-Identifier: Apache-2.0 */
/* The people of the kit: whose an answer is, and which answers have a form. */
#include "kit/sample.h"

#include <setjmp.h>
#include <cmocka.h>

#include "base/date.h"

static void put_text(struct smg_fields *fields, const char *name, const char *text)
{
    assert_true(fields_set_text(fields, name, str_of(text)));
}

static void put_day(struct smg_fields *fields, const char *name, int16_t year, int8_t month,
                    int8_t day)
{
    struct smg_value value = { .type = SMG_DATE, .date = { year, month, day } };

    assert_true(fields_set(fields, str_of(name), &value));
}

static void expect_says(struct smg_fields *fields, bool scanned, enum sample_says says,
                        const char *field)
{
    char found[64];

    assert_int_equal(sample_compare(fields, scanned, found), says);
    assert_string_equal(found, field);
    fields_free(fields);
}

static void test_whose_an_answer_is(void **state)
{
    struct smg_fields *fields = fields_new();

    (void)state;
    put_text(fields, "document.type", "resident_id");
    expect_says(fields, false, SAMPLE_NOTHING, "");
    fields = fields_new();
    put_text(fields, "document.number", "540102198803140016");
    put_day(fields, "birth", 1988, 3, 14);
    expect_says(fields, false, SAMPLE_FIRST, "");
    fields = fields_new();
    put_text(fields, "document.number", "540102198803140016");
    put_day(fields, "birth", 1949, 12, 31);
    expect_says(fields, false, SAMPLE_MIXED, "birth");
    fields = fields_new();
    put_text(fields, "document.number", "540102198803140017");
    expect_says(fields, false, SAMPLE_WRONG, "document.number");
}

static void test_whose_a_scan_is(void **state)
{
    struct smg_fields *fields = fields_new();

    (void)state;
    put_text(fields, "document.number", "H76543210");
    put_text(fields, "nationality", "CHN");
    put_text(fields, "name_latin", "YANGBEN, DAWEI");
    expect_says(fields, true, SAMPLE_SECOND, "");
    fields = fields_new();
    put_text(fields, "document.number", "00AB12345");
    put_text(fields, "nationality", "CHN");
    expect_says(fields, true, SAMPLE_MIXED, "nationality");
    fields = fields_new();
    put_text(fields, "document.number", "540102198803140016"); /* on a card, in no zone */
    expect_says(fields, true, SAMPLE_WRONG, "document.number");
}

/* Every field the header lists for readers has its form here, and no other. */
static void test_the_fields_of_the_header_are_known(void **state)
{
    FILE *header = fopen(SOURCE_DIR "/include/shiming/plugin.h", "r");
    char line[256], name[64], type[16];
    unsigned known = 0;
    bool inside = false;

    (void)state;
    assert_non_null(header);
    while (fgets(line, sizeof line, header) != NULL) {
        struct smg_fields *fields;
        char field[64];
        const char *fault;

        if (strstr(line, "a reader answers these") != NULL)
            inside = true;
        else if (strstr(line, "may be given of the document") != NULL)
            break;
        if (!inside || sscanf(line, " *   %63[a-z_.] %15[A-Z]", name, type) != 2)
            continue;
        fields = fields_new();
        put_text(fields, name, "\x01 of no form");
        fault = sample_find_fault(fields, field);
        if (fault != NULL && strstr(fault, "is no field") != NULL)
            fail_msg("%s is not known", name);
        if (strcmp(type, "TEXT") != 0 && (fault == NULL || strstr(fault, type) == NULL))
            fail_msg("%s must be %s", name, type);
        fields_free(fields);
        known++;
    }
    fclose(header);
    assert_true(known >= 22);
}

static void test_answers_without_their_form(void **state)
{
    static const struct {
        const char *name, *text, *said;
    } wrong[] = { { "full_name", "A", "is no field of the header" },
                  { "sex", "M", "does not have the form" },
                  { "nation", "4", "does not have the form" },
                  { "nationality", "fra", "does not have the form" },
                  { "document.origin", "print", "does not have the form" },
                  { "chip.verified", "unknown", "does not have the form" },
                  { "chip.authentic", "perhaps", "does not have the form" },
                  { "name", "", "does not have the form" },
                  { "birth", "1988-03-14", "must be a DATE" } };
    static const char *const fine[][2] = { { "chip.authentic", "unknown" },
                                           { "document.origin", "mrz" },
                                           { "sex", "unknown" } };
    char field[64];

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct smg_fields *fields = fields_new();
        const char *fault;

        put_text(fields, wrong[i].name, wrong[i].text);
        fault = sample_find_fault(fields, field);
        if (fault == NULL || strstr(fault, wrong[i].said) == NULL)
            fail_msg("%s: %s", wrong[i].name, fault == NULL ? "fine" : fault);
        assert_string_equal(field, wrong[i].name);
        fields_free(fields);
    }
    for (size_t i = 0; i < sizeof fine / sizeof *fine; i++) {
        struct smg_fields *fields = fields_new();

        put_text(fields, fine[i][0], fine[i][1]);
        assert_null(sample_find_fault(fields, field));
        fields_free(fields);
    }
}

static void test_what_stands_on_a_card_is_found_in_words(void **state)
{
    static const struct {
        const char *words, *field;
    } cases[] = {
        { "read 540102198803140016", "document.number" },
        { "got 35 00 34 00 30 00 31 00 30 00 32 00 31 00 39 00 38 00 38 00 30 00 33 00 31 "
          "00 34 00 30 00 30 00 31 00 36 00",
          "document.number" },
        { "hello 测试人", "name" },
        { "born 19491231", "birth" },
        { "hello YANGBEN, DAWEI", "name_latin" },
        { "read H76543210", "document.number" },
        { "the card was moved", NULL },
        { "", NULL }
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *field = sample_find_in(str_of(cases[i].words));

        if (cases[i].field == NULL)
            assert_null(field);
        else
            assert_string_equal(field, cases[i].field);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_whose_an_answer_is),
        cmocka_unit_test(test_whose_a_scan_is),
        cmocka_unit_test(test_the_fields_of_the_header_are_known),
        cmocka_unit_test(test_answers_without_their_form),
        cmocka_unit_test(test_what_stands_on_a_card_is_found_in_words),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
