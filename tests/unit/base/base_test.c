/* SPDX-License-Identifier: Apache-2.0 */
/* The ground floor: text, buffers, dates, ids, fields. */
#include "base/date.h"
#include "base/fields.h"
#include "base/id.h"

#include <setjmp.h>
#include <cmocka.h>

static void test_utf8_accepts_text_and_refuses_what_is_not(void **state)
{
    static const char *const good[] = { "", "abc", "扎西·顿珠", "བོད", "\xF0\xA0\x80\x80" };
    static const char *const bad[] = { "\x80",         "\xC0\x80",         "\xE0\x80\x80",
                                       "\xED\xA0\x80", "\xF4\x90\x80\x80", "a\xC3",
                                       "\xFF" };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof good / sizeof *good; i++)
        assert_true(str_is_utf8(str_of(good[i])));
    for (i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(str_is_utf8(str_of(bad[i])));
    assert_false(str_is_utf8((struct smg_str){ "a\0b", 3 }));
}

static void test_the_nearest_name_is_the_one_meant(void **state)
{
    static const char *const names[] = { "deadline", "plugin", "options", "name" };

    (void)state;
    assert_string_equal(str_nearest(SMG_STR("dedline"), names, 4), "deadline");
    assert_string_equal(str_nearest(SMG_STR("option"), names, 4), "options");
    assert_null(str_nearest(SMG_STR("colour"), names, 4));
    assert_null(str_nearest(SMG_STR(""), names, 4));
}

static void test_digits_alone_make_an_integer(void **state)
{
    int64_t out;

    (void)state;
    assert_true(str_to_int(SMG_STR("9223372036854775807"), &out));
    assert_true(out == INT64_MAX);
    assert_false(str_to_int(SMG_STR("9223372036854775808"), &out));
    assert_false(str_to_int(SMG_STR("-1"), &out));
    assert_false(str_to_int(SMG_STR(" 1"), &out));
    assert_false(str_to_int(SMG_STR(""), &out));
}

static void test_hex_and_base64url_come_back(void **state)
{
    unsigned char bytes[67];
    size_t len, i;

    (void)state;
    for (i = 0; i < sizeof bytes; i++)
        bytes[i] = (unsigned char)(i * 37 + 200);
    for (len = 0; len <= sizeof bytes; len++) {
        struct buf hex = { 0 }, base64 = { 0 }, back = { 0 };

        buf_hex(&hex, str_bytes(bytes, len));
        buf_base64url(&base64, str_bytes(bytes, len));
        assert_int_equal(hex.len, len * 2);
        assert_true(buf_unhex(&back, buf_view(&hex)));
        assert_true(str_eq(buf_view(&back), str_bytes(bytes, len)));
        buf_clear(&back);
        assert_true(buf_unbase64url(&back, buf_view(&base64)));
        assert_true(str_eq(buf_view(&back), str_bytes(bytes, len)));
        buf_fini(&hex);
        buf_fini(&base64);
        buf_fini(&back);
    }
}

static void test_a_text_has_one_base64url_form(void **state)
{
    static const char *const bad[] = { "A", "AB=", "AB", "A+8A", "AAA/", "AA\n" };
    struct buf back = { 0 };
    size_t i;

    (void)state;
    buf_text(&back, "kept");
    for (i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_false(buf_unbase64url(&back, str_of(bad[i])));
        assert_true(str_is(buf_view(&back), "kept"));
    }
    buf_fini(&back);
}

static void test_json_strings_are_escaped(void **state)
{
    struct buf out = { 0 };

    (void)state;
    buf_json(&out, SMG_STR("a\"b\\c\n\x01扎"));
    assert_string_equal(out.at, "\"a\\\"b\\\\c\\n\\u0001扎\"");
    buf_fini(&out);
}

static void test_every_day_of_ten_thousand_years_comes_back(void **state)
{
    struct smg_date last = { 0 };
    int32_t days;

    (void)state;
    for (days = -719162; days <= 2932896; days++) {
        struct smg_date date = date_from_days(days);

        assert_true(date_is_valid(date));
        assert_int_equal(date_to_days(date), days);
        last = date;
    }
    assert_int_equal(last.year, 9999);
    assert_int_equal(last.day, 31);
}

static void test_only_days_of_the_calendar_are_dates(void **state)
{
    static const char *const bad[] = { "2023-02-29", "1900-02-29", "2024-13-01", "2024-00-10",
                                       "2024-04-31", "0000-01-01", "2024-1-01",  "2024-01-01 ",
                                       "+024-01-01", "２０２４-01" };
    struct smg_date date;
    size_t i;

    (void)state;
    assert_true(date_parse(SMG_STR("2024-02-29"), &date));
    assert_true(date_parse(SMG_STR("2000-02-29"), &date));
    assert_true(date_parse_compact(SMG_STR("19491231"), &date));
    for (i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(date_parse(str_of(bad[i]), &date));
}

static void test_age_counts_completed_years(void **state)
{
    struct smg_date born = { 2008, 1, 2 }, leap = { 2008, 2, 29 };

    (void)state;
    assert_int_equal(date_age(born, (struct smg_date){ 2026, 1, 1 }), 17);
    assert_int_equal(date_age(born, (struct smg_date){ 2026, 1, 2 }), 18);
    assert_int_equal(date_age(leap, (struct smg_date){ 2026, 2, 28 }), 17);
    assert_int_equal(date_age(leap, (struct smg_date){ 2026, 3, 1 }), 18);
    assert_int_equal(date_age(born, (struct smg_date){ 2007, 12, 31 }), -1);
}

static void test_moments_are_rfc_3339_and_days_are_chinese(void **state)
{
    struct buf out = { 0 };
    int64_t ms, same;
    struct smg_date day;

    (void)state;
    assert_true(time_parse(SMG_STR("2026-01-01T00:00:00.5+08:00"), &ms));
    time_write(ms, &out);
    assert_string_equal(out.at, "2025-12-31T16:00:00.500Z");
    assert_true(time_parse(buf_view(&out), &same));
    assert_true(ms == same);
    day = date_of(ms);
    assert_int_equal(day.year, 2026);
    day = date_of(ms - 501);
    assert_int_equal(day.year, 2025);
    assert_false(time_parse(SMG_STR("2026-01-01T24:00:00Z"), &ms));
    assert_false(time_parse(SMG_STR("2026-01-01T10:00:00"), &ms));
    assert_false(time_parse(SMG_STR("2026-01-01T10:00:00Zx"), &ms));
    buf_fini(&out);
}

static void test_ids_ascend_and_keep_their_time(void **state)
{
    struct id before = id_new(1700000000000), again;
    struct buf text = { 0 };
    size_t i;

    (void)state;
    for (i = 0; i < 10000; i++) {
        struct id next = id_new(1700000000000);

        assert_true(memcmp(before.bytes, next.bytes, 16) < 0);
        before = next;
    }
    id_write(before, &text);
    assert_int_equal(text.len, 36);
    assert_true(id_parse(buf_view(&text), &again));
    assert_memory_equal(before.bytes, again.bytes, 16);
    assert_true(id_time(before) >= 1700000000000 && id_time(before) < 1700000000010);
    text.at[14] = '4';
    assert_false(id_parse(buf_view(&text), &again));
    assert_false(id_parse(SMG_STR("0190163D-8694-739B-AEA5-966C26F8AD91"), &again));
    buf_fini(&text);
}

static void test_fields_are_found_replaced_and_come_back(void **state)
{
    struct smg_fields *fields = fields_new(), *back;
    struct smg_err err = { 0 };
    struct buf bytes = { 0 };
    char name[32];
    int i;

    (void)state;
    for (i = 0; i < 300; i++) {
        snprintf(name, sizeof name, "users.%d.name", i);
        assert_true(fields_set_int(fields, name, i));
    }
    assert_true(fields_set_text(fields, "customer.name", SMG_STR("甲")));
    assert_true(fields_set_text(fields, "customer.name", SMG_STR("乙")));
    assert_true(fields_set_date(fields, "customer.birth", (struct smg_date){ 1990, 2, 3 }));
    assert_true(fields_set_bool(fields, "data", true));
    fields_erase(fields, "users.7.name");
    assert_int_equal(fields_count(fields), 302);
    assert_null(fields_get(fields, SMG_STR("users.7.name")));
    assert_int_equal(fields_get(fields, SMG_STR("users.299.name"))->integer, 299);
    fields_write(fields, &bytes);
    back = fields_read(buf_view(&bytes), &err);
    assert_non_null(back);
    assert_true(str_is(fields_text(back, "customer.name"), "乙"));
    assert_int_equal(fields_get(back, SMG_STR("customer.birth"))->date.day, 3);
    fields_free(back);
    for (i = 0; i < (int)bytes.len; i++)
        assert_null(fields_read(str_bytes(bytes.at, (size_t)i), &err));
    fields_free(fields);
    buf_fini(&bytes);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_utf8_accepts_text_and_refuses_what_is_not),
        cmocka_unit_test(test_the_nearest_name_is_the_one_meant),
        cmocka_unit_test(test_digits_alone_make_an_integer),
        cmocka_unit_test(test_hex_and_base64url_come_back),
        cmocka_unit_test(test_a_text_has_one_base64url_form),
        cmocka_unit_test(test_json_strings_are_escaped),
        cmocka_unit_test(test_every_day_of_ten_thousand_years_comes_back),
        cmocka_unit_test(test_only_days_of_the_calendar_are_dates),
        cmocka_unit_test(test_age_counts_completed_years),
        cmocka_unit_test(test_moments_are_rfc_3339_and_days_are_chinese),
        cmocka_unit_test(test_ids_ascend_and_keep_their_time),
        cmocka_unit_test(test_fields_are_found_replaced_and_come_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
