/* SPDX-License-Identifier: Apache-2.0 */
/* JSON from outside: the grammar of RFC 8259 and no more, with the place of the mistake. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>
#include <cjson/cJSON.h>

#include "registration/json.h"

static bool is_good(struct smg_str text)
{
    const char *why = NULL;
    size_t at = 0;
    bool good = json_check(text, &at, &why);

    assert_true(at <= text.len);
    assert_true(good == (why == NULL));
    return good;
}

static void expect_all(const char *const *texts, size_t count, bool good)
{
    size_t i;

    for (i = 0; i < count; i++)
        if (is_good(str_of(texts[i])) != good)
            fail_msg("%s is %s", texts[i], good ? "refused" : "accepted");
}

#define ACCEPT(...)                                                                                \
    expect_all((const char *const[]){ __VA_ARGS__ },                                               \
               sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(char *), true)
#define REFUSE(...)                                                                                \
    expect_all((const char *const[]){ __VA_ARGS__ },                                               \
               sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(char *), false)

static void test_json_takes_numbers_of_the_grammar_only(void **state)
{
    (void)state;
    ACCEPT("0", "-0", "7", "10", "-12", "0.5", "0.0", "1e5", "1E+5", "1e-05", "-0.25e+10",
           "123456789012345678901234567890", "1e999");
    REFUSE("01", "-01", "00", "1.", "1.e5", "+1", ".5", "-", "-.5", "1e", "1e+", "1e-", "e5", "0x1",
           "1.5.5", "1e5.5", "Infinity", "-Infinity", "NaN", "1_000", "1,000", "--1");
}

static void test_json_takes_a_number_as_long_as_the_library_reads(void **state)
{
    char digits[80];
    struct problems problems = { 0 };
    struct cJSON *tree;
    struct buf body = { 0 };

    (void)state;
    memset(digits, '1', sizeof digits);
    assert_true(is_good(str_bytes(digits, 63)));
    assert_false(is_good(str_bytes(digits, 64)));
    buf_printf(&body, "{\"a\":[%.63s,2]}", digits);
    tree = json_parse(buf_view(&body), &problems);
    assert_non_null(tree);
    assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(tree, "a")), 2);
    cJSON_Delete(tree);
    buf_fini(&body);
}

static void test_json_takes_words_exactly(void **state)
{
    (void)state;
    ACCEPT("true", "false", "null", " \t\r\n true \t\r\n");
    REFUSE("True", "tru", "truee", "nul", "undefined", "'a'", "a", "fals", "\f1", "\v1",
           "\xC2\xA0"
           "1");
}

static void test_json_takes_objects_and_lists_without_stray_marks(void **state)
{
    (void)state;
    ACCEPT("{}", "[]", "[ ]", "{ }", "[1]", "[1,2]", "{\"a\":1}", "{\"a\":1,\"b\":[{}]}",
           "{ \"a\" : 1 , \"b\" : 2 }", "{\"\":1}");
    REFUSE("{", "[", "}", "]", "[1,]", "[,1]", "[1,,2]", "[1 2]", "{\"a\":1,}", "{,}", "{\"a\"}",
           "{\"a\":}", "{\"a\" 1}", "{a:1}", "{1:1}", "{\"a\":1 \"b\":2}", "[1}", "{\"a\":1]",
           "{\"a\"::1}", "[1", "{\"a\":1", "/* */1", "//\n1");
}

static void test_json_refuses_nothing_at_all_and_anything_after_the_end(void **state)
{
    (void)state;
    REFUSE("", " ", "\n", "{}{}", "{},", "1 2", "null x", "\"a\"\"b\"", "{}]",
           "\xEF\xBB\xBF{}" /* a byte order mark */);
    assert_false(is_good((struct smg_str){ NULL, 0 }));
    assert_false(is_good(str_bytes("{}\0", 3)));
    assert_false(is_good(str_bytes("{\0}", 3)));
}

static void test_json_refuses_every_control_character_in_a_string(void **state)
{
    char text[] = "\"a?b\"";
    int c;

    (void)state;
    for (c = 0; c < 0x20; c++) {
        text[2] = (char)c;
        assert_false(is_good(str_bytes(text, 5)));
    }
    text[2] = 0x7F; /* not a control character of RFC 8259 */
    assert_true(is_good(str_bytes(text, 5)));
}

static void test_json_knows_eight_escapes_and_no_other(void **state)
{
    char text[] = "\"\\?\"";
    int c;

    (void)state;
    for (c = 1; c < 0x80; c++) {
        bool known = strchr("\"\\/bfnrt", c) != NULL;

        text[2] = (char)c;
        assert_true(is_good(str_bytes(text, 4)) == known);
    }
    REFUSE("\"\\", "\"\\\"", "\"", "\"abc", "\"\\U0041\"");
}

static void test_json_takes_whole_characters_by_number(void **state)
{
    (void)state;
    ACCEPT("\"\\u0041\"", "\"\\u00e9\"", "\"\\uFFFF\"", "\"\\u0001\"", "\"\\uD83D\\uDE00\"",
           "\"\\ud800\\udc00\"", "\"\\uDBFF\\uDFFF\"", "\"\\uD7FF\\uE000\"");
    REFUSE("\"\\u0000\"", "\"\\u\"", "\"\\u12\"", "\"\\u123g\"", "\"\\u 123\"", "\"\\u+123\"",
           "\"\\u-123\"");
}

static void test_json_refuses_half_a_surrogate_pair(void **state)
{
    (void)state;
    REFUSE("\"\\uD800\"", "\"\\uDC00\"", "\"\\uDFFF\"", "\"\\uDBFF\"", "\"\\uD800x\"",
           "\"\\uD800\\n\"", "\"\\uD800\\u0041\"", "\"\\uD800\\uD800\"", "\"\\uDC00\\uD800\"",
           "\"\\uD800\\u\"", "\"\\uD800\\uDC0\"", "\"\\uD800\\uE000\"");
}

static void test_json_refuses_what_is_not_utf8(void **state)
{
    (void)state;
    ACCEPT("\"\xC3\xA9\"", "\"\xE5\xBC\xA0\"", "\"\xF0\x9F\x98\x80\"", "\"\xF4\x8F\xBF\xBF\"");
    REFUSE("\"\x80\"", "\"\xC3\"", "\"\xC0\xAF\"", "\"\xE0\x80\xAF\"", "\"\xED\xA0\x80\"",
           "\"\xF4\x90\x80\x80\"", "\"\xF8\x88\x80\x80\x80\"", "\"\xFF\"", "\"\xE5\xBC\"",
           "\"\xF0\x9F\x98\"");
}

static void put_nested(struct buf *out, unsigned levels, bool objects)
{
    unsigned i;

    for (i = 0; i < levels; i++)
        buf_text(out, objects && i % 2 == 0 ? "{\"a\":" : "[");
    buf_byte(out, '1');
    for (i = levels; i > 0; i--)
        buf_byte(out, objects && (i - 1) % 2 == 0 ? '}' : ']');
}

static void test_json_goes_thirty_two_levels_deep(void **state)
{
    struct buf text = { 0 };
    int objects;

    (void)state;
    for (objects = 0; objects < 2; objects++) {
        put_nested(&text, JSON_LEVELS, objects);
        assert_true(is_good(buf_view(&text)));
        buf_clear(&text);
        put_nested(&text, JSON_LEVELS + 1, objects);
        assert_false(is_good(buf_view(&text)));
        buf_clear(&text);
    }
    /* Many side by side are not deep. */
    buf_byte(&text, '[');
    for (objects = 0; objects < 100; objects++)
        buf_text(&text, "[{}],");
    buf_text(&text, "1]");
    assert_true(is_good(buf_view(&text)));
    buf_clear(&text);
    for (objects = 0; objects < 1000000; objects++)
        buf_byte(&text, '[');
    assert_false(is_good(buf_view(&text)));
    buf_fini(&text);
}

static void expect_place(const char *text, size_t place)
{
    const char *why = NULL;
    size_t at = 999;

    assert_false(json_check(str_of(text), &at, &why));
    if (at != place)
        fail_msg("%s: byte %zu was meant, %zu was told (%s)", text, place, at, why);
}

static void test_json_tells_the_byte_of_the_mistake(void **state)
{
    (void)state;
    expect_place("", 0);
    expect_place("{\"a\":01}", 6);
    expect_place("{\"a\":1,}", 7);
    expect_place("[1 2]", 3);
    expect_place("{\"a\" 1}", 5);
    expect_place("{} x", 3);
    expect_place("[tru]", 1);
    expect_place("[1.]", 3);
    expect_place("\"ab\ncd\"", 3);
    expect_place("\"abc", 4);
    expect_place("\"a\\x\"", 3);
    expect_place("\"a\\", 3);
    expect_place("\"\\u12x4\"", 5);
    expect_place("\"\xE5\xBC\xA0\xFF\"", 4);
    expect_place("{\"a\":\"\xC3\"}", 6);
    expect_place("\xFF", 0);
}

static void expect_problem(struct smg_str text, const char *code)
{
    struct problems problems = { 0 };
    char member[64];

    assert_null(json_parse(text, &problems));
    assert_int_equal(problems.count, 1);
    snprintf(member, sizeof member, "\"code\":\"%s\"", code);
    if (strstr(problems.json.at, member) == NULL)
        fail_msg("%.60s: %s was meant, not %s", text.at, code, problems.json.at);
    problems_fini(&problems);
}

static void test_json_problem_names_the_byte_counted_from_one(void **state)
{
    struct problems problems = { 0 };

    (void)state;
    assert_null(json_parse(SMG_STR("{\"a\":01}"), &problems));
    assert_non_null(strstr(problems.json.at, "byte 7 ("));
    problems_fini(&problems);
}

static void test_json_refuses_a_name_twice_at_any_level(void **state)
{
    (void)state;
    expect_problem(SMG_STR("{\"a\":1,\"a\":1}"), "duplicate_name");
    expect_problem(SMG_STR("{\"a\":1,\"b\":2,\"a\":3}"), "duplicate_name");
    expect_problem(SMG_STR("{\"x\":{\"y\":[0,{\"a\":1,\"a\":2}]}}"), "duplicate_name");
    expect_problem(SMG_STR("{\"a\":1,\"\\u0061\":2}"), "duplicate_name");
    expect_problem(SMG_STR("{\"\":1,\"\":2}"), "duplicate_name");
}

static void test_json_tells_names_in_different_objects_and_cases_apart(void **state)
{
    struct problems problems = { 0 };
    struct cJSON *tree =
        json_parse(SMG_STR("{\"a\":{\"a\":[{\"a\":1},{\"a\":2}]},\"A\":\"a\"}"), &problems);

    (void)state;
    assert_non_null(tree);
    assert_int_equal(problems.count, 0);
    cJSON_Delete(tree);
}

static void test_json_says_of_too_many_members_that_they_are_too_many(void **state)
{
    struct buf text = { 0 };
    int i;

    (void)state;
    buf_byte(&text, '{');
    for (i = 0; i < 5000; i++)
        buf_printf(&text, "%s\"m%d\":1", i == 0 ? "" : ",", i);
    buf_byte(&text, '}');
    expect_problem(buf_view(&text), "too_large");
    buf_fini(&text);
}

static void test_json_body_is_an_object(void **state)
{
    (void)state;
    expect_problem(SMG_STR("[]"), "wrong_type");
    expect_problem(SMG_STR("null"), "wrong_type");
    expect_problem(SMG_STR("\"{}\""), "wrong_type");
    expect_problem(SMG_STR("7"), "wrong_type");
    expect_problem(SMG_STR(""), "malformed_json");
    expect_problem(SMG_STR("{\"a\":\"\\u0000\"}"), "malformed_json");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_json_takes_numbers_of_the_grammar_only),
        cmocka_unit_test(test_json_takes_a_number_as_long_as_the_library_reads),
        cmocka_unit_test(test_json_takes_words_exactly),
        cmocka_unit_test(test_json_takes_objects_and_lists_without_stray_marks),
        cmocka_unit_test(test_json_refuses_nothing_at_all_and_anything_after_the_end),
        cmocka_unit_test(test_json_refuses_every_control_character_in_a_string),
        cmocka_unit_test(test_json_knows_eight_escapes_and_no_other),
        cmocka_unit_test(test_json_takes_whole_characters_by_number),
        cmocka_unit_test(test_json_refuses_half_a_surrogate_pair),
        cmocka_unit_test(test_json_refuses_what_is_not_utf8),
        cmocka_unit_test(test_json_goes_thirty_two_levels_deep),
        cmocka_unit_test(test_json_tells_the_byte_of_the_mistake),
        cmocka_unit_test(test_json_problem_names_the_byte_counted_from_one),
        cmocka_unit_test(test_json_refuses_a_name_twice_at_any_level),
        cmocka_unit_test(test_json_tells_names_in_different_objects_and_cases_apart),
        cmocka_unit_test(test_json_says_of_too_many_members_that_they_are_too_many),
        cmocka_unit_test(test_json_body_is_an_object),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
