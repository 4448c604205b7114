/* SPDX-License-Identifier: Apache-2.0 */
/* What is known of a document before it is read: each form becomes fields, anything else a problem
 * that names no value. */
#include "fresh_keys.h"

#include "registration/known.h"
#include "registration/token.h"

#define NOW INT64_C(1800000000000)

static struct fresh_keys keys;

static int make_keys(void **state)
{
    (void)state;
    fresh_keys_make(&keys);
    return 0;
}

static int remove_keys(void **state)
{
    (void)state;
    fresh_keys_remove(&keys);
    return 0;
}

static struct known_context context(void)
{
    return (struct known_context){
        .sealer = keys.sealer, .staff = "S-9", .now_ms = NOW, .token_ttl_ms = 600000
    };
}

static struct smg_fields *known_of(const char *text)
{
    const struct known_context here = context();
    struct problems problems = { 0 };
    struct smg_fields *fields = known_read(&here, str_of(text), &problems);

    assert_int_equal(problems.count, 0);
    assert_non_null(fields);
    return fields;
}

static void assert_refused(const char *text, const char *code)
{
    const struct known_context here = context();
    struct problems problems = { 0 };

    assert_null(known_read(&here, str_of(text), &problems));
    assert_true(problems.count > 0);
    if (strstr(problems.json.at, code) == NULL)
        fail_msg("%s: %s", text, problems.json.at);
    problems_fini(&problems);
}

static void test_a_zone_is_kept_without_its_line_breaks(void **state)
{
    struct smg_fields *fields =
        known_of("{\"mrz\":\"P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\\r\\n"
                 "L898902C36UTO7408122F1204159ZE184226B<<<<<10\\n\"}");

    (void)state;
    assert_int_equal(fields_count(fields), 1);
    assert_true(str_is(fields_text(fields, "access.mrz"),
                       "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<"
                       "L898902C36UTO7408122F1204159ZE184226B<<<<<10"));
    fields_free(fields);
}

static void test_an_access_number_and_typed_data_are_kept(void **state)
{
    struct smg_fields *fields = known_of("{\"can\":\"012345\"}");

    (void)state;
    assert_true(str_is(fields_text(fields, "access.can"), "012345"));
    fields_free(fields);
    fields = known_of(
        "{\"number\":\"D23145890734\",\"birth\":\"1934-07-12\",\"valid_to\":\"2027-12-31\"}");
    assert_true(str_is(fields_text(fields, "document.number"), "D23145890734"));
    assert_int_equal(fields_get(fields, SMG_STR("birth"))->date.month, 7);
    assert_int_equal(fields_get(fields, SMG_STR("document.valid_to"))->date.year, 2027);
    fields_free(fields);
}

static void test_of_a_token_only_what_opens_a_chip_goes_on(void **state)
{
    struct smg_value picture = { .type = SMG_BYTES, .str = SMG_STR("\xFF\xD8") };
    struct smg_fields *card = fields_new(), *fields;
    struct buf text = { 0 };
    struct smg_err err;

    (void)state;
    assert_true(fields_set_text(card, "document.number", SMG_STR("L898902C3")) &&
                fields_set_date(card, "birth", (struct smg_date){ 1974, 8, 12 }) &&
                fields_set_text(card, "name", SMG_STR("测试")) &&
                fields_set(card, SMG_STR("portrait"), &picture));
    buf_text(&text, "{\"token\":\"");
    assert_int_equal(token_make(keys.sealer, card, "scanner", "S-9", NOW, &text, &err), SMG_OK);
    buf_text(&text, "\"}");
    fields = known_of(text.at);
    assert_int_equal(fields_count(fields), 2);
    assert_true(str_is(fields_text(fields, "document.number"), "L898902C3"));
    assert_int_equal(fields_get(fields, SMG_STR("birth"))->date.day, 12);
    fields_free(fields);
    fields_free(card);
    buf_fini(&text);
}

static void test_what_opens_no_chip_is_refused(void **state)
{
    (void)state;
    assert_refused("{\"mrz\":\"P<UTO\"}", "wrong_mrz");
    assert_refused("{\"mrz\":\"p<utoeriksson\"}", "wrong_mrz");
    assert_refused("{\"can\":\"12345a\"}", "wrong_can");
    assert_refused("{\"number\":\"\",\"birth\":\"1934-07-12\",\"valid_to\":\"2027-12-31\"}",
                   "wrong_number");
    assert_refused("{\"number\":\"X1\",\"birth\":\"1934-02-30\",\"valid_to\":\"2027-12-31\"}",
                   "wrong_date");
    assert_refused("{\"number\":\"X1\",\"birth\":\"1934-07-12\"}", "wrong_access");
    assert_refused("{\"token\":\"card_AAAA\"}", "token_altered");
    assert_refused("{}", "wrong_access");
    assert_refused("[]", "\"code\"");
}

static void test_no_body_is_nothing_known_and_no_problem(void **state)
{
    const struct known_context here = context();
    struct problems problems = { 0 };

    (void)state;
    assert_null(known_read_body(&here, str_of(""), &problems));
    assert_null(known_read_body(&here, str_of("{}"), &problems));
    assert_int_equal(problems.count, 0);
    assert_null(known_read_body(&here, str_of("{\"acess\":{}}"), &problems));
    assert_int_equal(problems.count, 1);
    problems_fini(&problems);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_zone_is_kept_without_its_line_breaks),
        cmocka_unit_test(test_an_access_number_and_typed_data_are_kept),
        cmocka_unit_test(test_of_a_token_only_what_opens_a_chip_goes_on),
        cmocka_unit_test(test_what_opens_no_chip_is_refused),
        cmocka_unit_test(test_no_body_is_nothing_known_and_no_problem),
    };

    return cmocka_run_group_tests(tests, make_keys, remove_keys);
}
