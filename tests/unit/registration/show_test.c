/* SPDX-License-Identifier: Apache-2.0 */
/* What people may see of a record: enough to recognise, not enough to use; JSON in any case. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>
#include <cjson/cJSON.h>

#include "registration/json.h"
#include "registration/record.h"

static void expect_masked(const char *name, const struct smg_value *value, const char *wanted)
{
    struct buf out = { 0 };

    record_mask(str_of(name), value, &out);
    assert_string_equal(out.at, wanted);
    buf_fini(&out);
}

static void expect_text(const char *name, const char *text, const char *wanted)
{
    struct smg_value value = { .type = SMG_TEXT, .str = str_of(text) };

    expect_masked(name, &value, wanted);
}

static void test_resident_number_keeps_its_region_and_its_last_four(void **state)
{
    (void)state;
    expect_text("customer.document.number", "11010519491231002X", "\"110105********002X\"");
    expect_text("document.number", "440524188001010014", "\"440524********0014\"");
    expect_text("users.12.document.number", "11010519491231002X", "\"110105********002X\"");
    expect_text("customer.document.old_number", "110105491231002", "\"110105*****1002\"");
    expect_text("organisation.document.number", "91350100M000100Y43", "\"913501********0Y43\"");
}

static void test_shorter_document_number_keeps_two_and_two(void **state)
{
    (void)state;
    expect_text("proxy.document.number", "G12345678", "\"G1*****78\"");
    expect_text("customer.document.permit_number", "H0123456700", "\"H0*******00\"");
    expect_text("customer.document.number", "12345", "\"12*45\"");
}

static void test_value_too_short_to_hide_keeps_nothing(void **state)
{
    (void)state;
    expect_text("customer.document.number", "1234", "\"****\"");
    expect_text("customer.document.number", "1", "\"*\"");
    expect_text("customer.name", "张", "\"*\"");
    expect_text("customer.address", "北京市朝阳区", "\"******\"");
    expect_text("number", "1", "\"*\"");
    expect_text("customer.name", "", "\"\"");
}

static void test_telephone_number_keeps_country_and_last_four(void **state)
{
    (void)state;
    expect_text("number", "+8613989000001", "\"+86139****0001\"");
    expect_text("customer.phone", "+8613989000001", "\"+86139****0001\"");
}

static void test_telephone_number_of_any_length_hides_enough(void **state)
{
    (void)state;
    expect_text("customer.phone", "13989000001", "\"139****0001\"");
    expect_text("number", "+862012345678", "\"+86******5678\"");
    expect_text("customer.phone", "89000001", "\"******01\"");
    expect_text("customer.phone", "0891", "\"**91\"");
}

static void test_name_keeps_its_first_character(void **state)
{
    (void)state;
    expect_text("customer.name", "张三", "\"张*\"");
    expect_text("customer.name", "欧阳小明", "\"欧***\"");
    expect_text("customer.name_latin", "Zhang", "\"Z****\"");
    expect_text("customer.name", "𠮷野", "\"𠮷*\"");
    expect_text("organisation.name", "示例公司", "\"示***\"");
    expect_text("customer.work_unit", "示例公司", "\"示***\"");
}

static void test_address_keeps_its_region(void **state)
{
    (void)state;
    expect_text("customer.address", "西藏自治区拉萨市城关区某路1号", "\"西藏自治区拉*********\"");
    expect_text("customer.printed_address", "西藏自治区拉萨市城关区某路1号",
                "\"西藏自治区拉*********\"");
    expect_text("install_address", "西藏自治区拉萨", "\"西藏自治区拉*\"");
    expect_text("customer.document.issuer", "北京市公安局朝阳分局", "\"北京市公安局****\"");
}

static void test_birthday_keeps_its_year(void **state)
{
    struct smg_value day = { .type = SMG_DATE, .date = { 1949, 12, 31 } };

    (void)state;
    expect_masked("customer.birth", &day, "\"1949-**-**\"");
    expect_masked("users.3.birth", &day, "\"1949-**-**\"");
    expect_masked("customer.document.valid_to", &day, "\"1949-12-31\"");
}

static void test_field_nobody_knows_is_hidden_wholly(void **state)
{
    struct smg_value day = { .type = SMG_DATE, .date = { 1949, 12, 31 } };
    struct smg_value number = { .type = SMG_INT, .integer = 19491231 };
    struct smg_value yes = { .type = SMG_BOOL, .boolean = true };

    (void)state;
    expect_text("customer.blood", "A", "\"***\"");
    expect_text("customer.document.serial", "a rather long one", "\"***\"");
    expect_text("extra.note", "x", "\"***\"");
    expect_text("extra.kind", "written by a person", "\"***\"");
    expect_text("customer.numbers", "11010519491231002X", "\"***\"");
    expect_text("customer.number.", "11010519491231002X", "\"***\"");
    expect_text("", "x", "\"***\"");
    expect_masked("customer.married", &day, "\"***\"");
    expect_masked("customer.serial", &number, "\"***\"");
    expect_masked("customer.document.number", &number, "\"***\"");
    expect_masked("users.count", &number, "19491231");
    expect_masked("customer.present", &yes, "true");
}

static void test_words_of_ours_stay(void **state)
{
    (void)state;
    expect_text("operation", "mobile.open", "\"mobile.open\"");
    expect_text("customer.document.type", "resident_id", "\"resident_id\"");
    expect_text("region", "540102", "\"540102\"");
}

static void test_stars_do_not_break_a_text_that_needs_escapes(void **state)
{
    (void)state;
    expect_text("customer.name", "\"a\\", "\"\\\"**\"");
    expect_text("customer.name", "\n\t", "\"\\n*\"");
}

/* The fields of one record, in every order the shuffle of `seed` gives. */
static struct smg_fields *shuffled(unsigned seed)
{
    static const char *const names[] = {
        "operation",
        "number",
        "number_of",
        "customer.name",
        "customer.name_latin",
        "customer.document.number",
        "customer.document.type",
        "customer.document-x",
        "customer.a.b.c.d.e",
        "customer.a.b.x",
        "customers.name",
        "organisation.authorization.evidence",
        "users.1.name",
        "users.10.name",
        "users.2.document.number",
        "users.2.name",
        "household_register.shown",
        "z",
    };
    enum { COUNT = sizeof names / sizeof *names };
    struct smg_fields *fields = fields_new();
    size_t order[COUNT], i;

    assert_non_null(fields);
    for (i = 0; i < COUNT; i++)
        order[i] = i;
    for (i = COUNT - 1; i > 0; i--) {
        size_t j = (seed = seed * 1103515245u + 12345u) / 65536 % (i + 1), was = order[i];

        order[i] = order[j];
        order[j] = was;
    }
    for (i = 0; i < COUNT; i++)
        assert_true(fields_set_text(fields, names[order[i]], str_of(names[order[i]])));
    return fields;
}

static char *shown(const struct smg_fields *fields, bool clear)
{
    struct buf out = { 0 };
    struct problems problems = { 0 };
    cJSON *tree;
    char *text;

    buf_byte(&out, '{');
    record_show(fields, clear, &out);
    buf_byte(&out, '}');
    assert_false(out.failed);
    tree = json_parse(buf_view(&out), &problems);
    if (tree == NULL)
        fail_msg("%s: %s", out.at, problems.json.at);
    text = cJSON_PrintUnformatted(tree);
    assert_non_null(text);
    assert_string_equal(text, out.at);
    cJSON_Delete(tree);
    buf_fini(&out);
    return text;
}

static void test_record_is_one_tree_whatever_the_order_of_its_fields(void **state)
{
    char *first = NULL;
    unsigned seed;

    (void)state;
    for (seed = 0; seed < 50; seed++) {
        struct smg_fields *fields = shuffled(seed);
        char *text = shown(fields, true), *masked = shown(fields, false);

        if (first == NULL)
            first = strdup(text);
        assert_string_equal(text, first);
        cJSON_free(text);
        cJSON_free(masked);
        fields_free(fields);
    }
    assert_non_null(strstr(first, "\"users\":{\"1\":{\"name\":\"users.1.name\"},\"10\":{"));
    assert_non_null(strstr(first, "\"a\":{\"b\":{\"c\":{\"d\":{\"e\":\"customer.a.b.c.d.e\"}},"));
    free(first);
}

static void test_record_without_fields_is_nothing(void **state)
{
    struct smg_fields *fields = fields_new();
    char *text = shown(fields, false);

    (void)state;
    assert_string_equal(text, "{}");
    cJSON_free(text);
    fields_free(fields);
}

static struct smg_fields *read_card(void)
{
    struct smg_fields *fields = fields_new();
    struct smg_value bytes = { .type = SMG_BYTES, .str = SMG_STR("\x00\xFFraw") };

    assert_non_null(fields);
    assert_true(fields_set(fields, SMG_STR("customer.chip.text"), &bytes));
    assert_true(fields_set(fields, SMG_STR("customer.portrait"), &bytes));
    assert_true(fields_set_text(fields, "customer.portrait.format", SMG_STR("wlt")));
    assert_true(fields_set_text(fields, "customer.name", SMG_STR("李四\"")));
    assert_true(fields_set_text(fields, "customer.address", SMG_STR("西藏自治区拉萨市城关区")));
    assert_true(fields_set_date(fields, "customer.birth", (struct smg_date){ 1949, 12, 31 }));
    assert_true(fields_set_bool(fields, "customer.present", false));
    assert_true(fields_set_int(fields, "users.count", 2));
    return fields;
}

static void test_record_leaves_pictures_and_chip_text_out(void **state)
{
    struct smg_fields *fields = read_card();
    char *text = shown(fields, true);

    (void)state;
    assert_null(strstr(text, "raw"));
    assert_null(strstr(text, "null"));
    assert_null(strstr(text, "chip"));
    assert_non_null(strstr(text, "\"portrait\":{\"format\":\"wlt\"}"));
    cJSON_free(text);
    fields_free(fields);
}

static void test_clear_record_shows_all_and_a_masked_one_does_not(void **state)
{
    struct smg_fields *fields = read_card();
    char *clear = shown(fields, true), *masked = shown(fields, false);

    (void)state;
    assert_string_equal(clear, "{\"customer\":{\"address\":\"西藏自治区拉萨市城关区\","
                               "\"birth\":\"1949-12-31\",\"name\":\"李四\\\"\","
                               "\"portrait\":{\"format\":\"wlt\"},\"present\":false},"
                               "\"users\":{\"count\":2}}");
    assert_string_equal(masked, "{\"customer\":{\"address\":\"西藏自治区拉*****\","
                                "\"birth\":\"1949-**-**\",\"name\":\"李**\","
                                "\"portrait\":{\"format\":\"wlt\"},\"present\":false},"
                                "\"users\":{\"count\":2}}");
    cJSON_free(clear);
    cJSON_free(masked);
    fields_free(fields);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_resident_number_keeps_its_region_and_its_last_four),
        cmocka_unit_test(test_shorter_document_number_keeps_two_and_two),
        cmocka_unit_test(test_value_too_short_to_hide_keeps_nothing),
        cmocka_unit_test(test_telephone_number_keeps_country_and_last_four),
        cmocka_unit_test(test_telephone_number_of_any_length_hides_enough),
        cmocka_unit_test(test_name_keeps_its_first_character),
        cmocka_unit_test(test_address_keeps_its_region),
        cmocka_unit_test(test_birthday_keeps_its_year),
        cmocka_unit_test(test_field_nobody_knows_is_hidden_wholly),
        cmocka_unit_test(test_words_of_ours_stay),
        cmocka_unit_test(test_stars_do_not_break_a_text_that_needs_escapes),
        cmocka_unit_test(test_record_is_one_tree_whatever_the_order_of_its_fields),
        cmocka_unit_test(test_record_without_fields_is_nothing),
        cmocka_unit_test(test_record_leaves_pictures_and_chip_text_out),
        cmocka_unit_test(test_clear_record_shows_all_and_a_masked_one_does_not),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
