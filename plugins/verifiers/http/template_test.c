/* SPDX-License-Identifier: Apache-2.0 */
/* Templates: places are filled, everything else stays, and no value gets out of its place. */
#include "template.c"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

/* A made-up person, and a name that is an attack. */
static bool value_of(void *ctx, struct smg_str name, struct smg_value *out)
{
    static const struct {
        const char *name;
        struct smg_value value;
    } values[] = {
        { "name", { .type = SMG_TEXT, .str = { "扎西", 6 } } },
        { "hostile", { .type = SMG_TEXT, .str = { "\"},<&>'\\\n{name}+ %", 18 } } },
        { "birth", { .type = SMG_DATE, .date = { 1990, 2, 3 } } },
        { "count", { .type = SMG_INT, .integer = -5 } },
        { "present", { .type = SMG_BOOL, .boolean = true } },
        { "document.photo", { .type = SMG_BYTES, .str = { "\xFF\xD8\xFE?", 4 } } },
        { "empty", { .type = SMG_TEXT, .str = { "", 0 } } },
    };

    (void)ctx;
    for (size_t i = 0; i < sizeof values / sizeof *values; i++)
        if (strlen(values[i].name) == name.len && memcmp(values[i].name, name.at, name.len) == 0) {
            *out = values[i].value;
            return true;
        }
    return false;
}

static void assert_fills(const char *text, enum template_escape escape, const char *wanted)
{
    struct bytes out = { 0 };
    struct smg_err err = { 0 };

    if (template_fill(text, escape, value_of, NULL, &out, 1000, &err) != SMG_OK)
        fail_msg("%s: %s", text, err.text);
    assert_true(bytes_add(&out, "", 1, 1000));
    assert_string_equal(out.at, wanted);
    bytes_fini(&out);
}

static void test_places_are_filled_and_the_rest_stays(void **state)
{
    (void)state;
    assert_fills("{\"name\": \"{name}\", \"n\": {count}, \"p\": {present}}", TEMPLATE_JSON,
                 "{\"name\": \"扎西\", \"n\": -5, \"p\": true}");
    assert_fills("{birth} {birth:digits}", TEMPLATE_JSON, "1990-02-03 19900203");
    assert_fills("{document.photo} {document.photo:hex}", TEMPLATE_JSON, "/9j+Pw== ffd8fe3f");
    assert_fills("{} { name} {Name} {name {name:} {n", TEMPLATE_JSON,
                 "{} { name} {Name} {name 扎西 {n");
}

static void test_the_first_name_that_is_known_is_taken(void **state)
{
    (void)state;
    assert_fills("{document.portrait|document.photo}", TEMPLATE_AS_IS, "/9j+Pw==");
    assert_fills("{empty|name}.{address?}.{address|phone?}", TEMPLATE_AS_IS, "..");
}

static void test_what_is_not_known_is_said_by_its_place(void **state)
{
    struct bytes out = { 0 };
    struct smg_err err = { 0 };

    (void)state;
    assert_int_equal(
        template_fill("{name}{adress}", TEMPLATE_JSON, value_of, NULL, &out, 100, &err),
        SMG_E_INVALID);
    assert_string_equal(err.text, "nothing is known to fill {adress} with");
    bytes_fini(&out);
}

static void test_no_value_leaves_its_place(void **state)
{
    (void)state;
    assert_fills("\"{hostile}\"", TEMPLATE_JSON, "\"\\\"},<&>'\\\\\\u000a{name}+ %\"");
    assert_fills("n={hostile}&x={document.photo}", TEMPLATE_FORM,
                 "n=%22%7D%2C%3C%26%3E%27%5C%0A%7Bname%7D%2B%20%25&x=%2F9j%2BPw%3D%3D");
    assert_fills("<n>{hostile}</n>", TEMPLATE_XML,
                 "<n>&quot;},&lt;&amp;&gt;&apos;\\ {name}+ %</n>");
}

static void test_the_text_has_a_limit(void **state)
{
    struct bytes out = { 0 };
    struct smg_err err = { 0 };

    (void)state;
    assert_int_equal(
        template_fill("{document.photo}", TEMPLATE_AS_IS, value_of, NULL, &out, 8, &err),
        SMG_E_INVALID);
    assert_int_equal(template_fill("123456789", TEMPLATE_AS_IS, value_of, NULL, &out, 8, &err),
                     SMG_E_INVALID);
    bytes_fini(&out);
}

static void test_names_are_found_in_their_places_only(void **state)
{
    const char *text = "portrait {x|document.portrait:hex?} {portrait.format}";

    (void)state;
    assert_true(template_names(text, SMG_STR("document.portrait")));
    assert_true(template_names(text, SMG_STR("portrait.format")));
    assert_false(template_names(text, SMG_STR("portrait")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_places_are_filled_and_the_rest_stays),
        cmocka_unit_test(test_the_first_name_that_is_known_is_taken),
        cmocka_unit_test(test_what_is_not_known_is_said_by_its_place),
        cmocka_unit_test(test_no_value_leaves_its_place),
        cmocka_unit_test(test_the_text_has_a_limit),
        cmocka_unit_test(test_names_are_found_in_their_places_only),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
