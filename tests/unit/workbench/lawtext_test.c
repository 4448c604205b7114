/* SPDX-License-Identifier: Apache-2.0 */
/* Official texts taken apart: numbers, articles, paragraphs, items, and digests copies agree in. */
#include "workbench/lawtext.h"

#include <setjmp.h>
#include <stdlib.h>
#include <cmocka.h>

static int number_of(const char *text, const char **rest)
{
    struct smg_str view = str_of(text);
    int number = law_take_number(&view);

    if (rest != NULL)
        *rest = view.at;
    return number;
}

static void test_chinese_numbers_are_read(void **state)
{
    static const struct {
        const char *text;
        int number;
    } good[] = { { "一", 1 },
                 { "九", 9 },
                 { "十", 10 },
                 { "十一", 11 },
                 { "十九", 19 },
                 { "二十", 20 },
                 { "二十一", 21 },
                 { "九十九", 99 },
                 { "一百", 100 },
                 { "一百零一", 101 },
                 { "一百一十", 110 },
                 { "一百一十五", 115 },
                 { "一百九十九", 199 },
                 { "二百零九", 209 },
                 { "一千", 1000 },
                 { "一千零一", 1001 },
                 { "一千零一十", 1010 },
                 { "一千二百六十", 1260 },
                 { "九千九百九十九", 9999 } };
    static const char *const bad[] = { "",       "零",     "百",       "百二",     "千",
                                       "一百零", "二百五", "一百一百", "一千一十", "一百二千" };
    const char *rest;
    size_t i;

    (void)state;
    for (i = 0; i < sizeof good / sizeof good[0]; i++) {
        if (number_of(good[i].text, &rest) != good[i].number)
            fail_msg("%s is not %d", good[i].text, good[i].number);
        assert_string_equal(rest, "");
    }
    for (i = 0; i < sizeof bad / sizeof bad[0]; i++)
        if (number_of(bad[i], &rest) != 0 || rest != bad[i])
            fail_msg("%s was read as a number", bad[i]);
    assert_int_equal(number_of("二十条", &rest), 20);
    assert_string_equal(rest, "条");
}

static void test_every_number_is_written_as_it_is_read(void **state)
{
    int number;

    (void)state;
    for (number = 1; number < 10000; number++) {
        struct buf text = { 0 };
        const char *rest;

        law_put_number(number, &text);
        if (number_of(text.at, &rest) != number || *rest != '\0')
            fail_msg("%s is not %d", text.at, number);
        buf_fini(&text);
    }
}

static void expect_written(int number, const char *wanted)
{
    struct buf text = { 0 };

    law_put_number(number, &text);
    assert_string_equal(text.at, wanted);
    buf_fini(&text);
}

static void test_numbers_are_written_as_laws_write_them(void **state)
{
    (void)state;
    expect_written(10, "十");
    expect_written(21, "二十一");
    expect_written(100, "一百");
    expect_written(101, "一百零一");
    expect_written(110, "一百一十");
    expect_written(199, "一百九十九");
    expect_written(1260, "一千二百六十");
    expect_written(1010, "一千零一十");
    expect_written(2001, "二千零一");
}

/* The numbers of all units, parted by spaces. */
static void expect_units(const char *text, const char *numbers)
{
    struct buf problems = { 0 }, found = { 0 };
    struct law_text law;
    size_t i;

    if (!law_text_read(str_of(text), "law.txt", &law, &problems))
        fail_msg("not read: %s", problems.at);
    for (i = 0; i < law.count; i++)
        buf_printf(&found, "%s%s", i == 0 ? "" : " ", law.units[i].number);
    assert_string_equal(found.at, numbers);
    buf_fini(&found);
    buf_fini(&problems);
    law_text_fini(&law);
}

static void test_articles_paragraphs_and_items_are_told_apart(void **state)
{
    (void)state;
    expect_units("某某办法\n（公布）\n\n第一条  甲。\n第二条　乙：\n（一）丙；\n(二) 丁。\n戊。\n",
                 "1.1 2.1 2.1/1 2.1/2 2.2");
    expect_units("第一条 甲。\r\n　　第六条第一款的规定不适用。\r\n", "1.1 1.2");
    expect_units("第一章 总则\n第一条 甲。\n第二章　分则\n第一节 某\n第二条 乙。\n", "1.1 2.1");
    expect_units("# 某法\n\n## 第一章 总 则\n\n第一条 甲。\n\n## 第二章 分则\n\n第二条 乙。",
                 "1.1 2.1");
    expect_units("第一条\n甲。\n[bookmark: _GoBack]第二条 乙。", "1.1 2.1");
    expect_units("第一条 甲。\n第一条之一 乙。\n第一条之二 丙。\n第二条 丁。",
                 "1.1 1-1.1 1-2.1 2.1");
    expect_units("第一条 甲：\n（一）乙：\n1.丙\n２．丁\n（二）戊。", "1.1 1.1/1 1.1/2");
}

static void expect_problem(struct smg_str text, const char *problem)
{
    struct buf problems = { 0 };
    struct law_text law;

    assert_false(law_text_read(text, "law.txt", &law, &problems));
    assert_int_equal(law.count, 0);
    if (strstr(problems.at, problem) == NULL)
        fail_msg("expected: %s\ngot: %s", problem, problems.at);
    buf_fini(&problems);
}

static void test_a_text_that_is_not_whole_is_refused(void **state)
{
    (void)state;
    expect_problem(str_of(""), "law.txt: has no article");
    expect_problem(str_of("第二条 甲"), "law.txt:1: article 2 does not follow article 0");
    expect_problem(str_of("第一条 甲\n第三条 乙"),
                   "law.txt:2: article 3 does not follow article 1");
    expect_problem(str_of("第一条 甲\n第一条 乙"),
                   "law.txt:2: article 1 does not follow article 1");
    expect_problem(str_of("第一条 甲：\n（二）乙"), "law.txt:2: item 2 does not follow item 0");
    expect_problem(str_of("第一条\n（一）乙"), "item 1 stands before the first paragraph");
}

static void test_a_hostile_text_is_refused(void **state)
{
    struct buf many = { 0 };
    size_t i;

    (void)state;
    expect_problem(str_of("第一条 甲\xff"), "law.txt: is not UTF-8 text");
    expect_problem(str_bytes("第一条 甲\0乙", 20), "law.txt: is not UTF-8 text");
    buf_text(&many, "第一条 ");
    for (i = 0; i <= LAW_UNITS; i++)
        buf_text(&many, "甲\n");
    expect_problem(buf_view(&many), "has more than 4096 paragraphs and items");
    buf_clear(&many);
    for (i = 0; i < 20000; i++)
        buf_text(&many, "第五条 甲\n");
    expect_problem(buf_view(&many), "law.txt:1: article 5 does not follow");
    buf_clear(&many);
    for (i = 0; many.len <= LAW_TEXT_BYTES; i++)
        buf_text(&many, "[bookmark:");
    expect_problem(str_bytes(many.at, LAW_TEXT_BYTES), "has no article");
    expect_problem(buf_view(&many), "law.txt: is larger than 1048576 bytes");
    buf_fini(&many);
}

static bool same_digest(const char *a, const char *b)
{
    char of_a[72], of_b[72];

    assert_true(law_digest(str_of(a), of_a) && law_digest(str_of(b), of_b));
    return strcmp(of_a, of_b) == 0;
}

static void test_copies_of_one_text_have_one_digest(void **state)
{
    (void)state;
    assert_true(same_digest("满2年后，由经营者（甲）办理。", "满２年后,由经营者(甲)办理。"));
    assert_true(same_digest("甲　乙\u00a0丙\r\n丁", "\ufeff甲乙丙丁"));
    assert_true(same_digest("《甲法》、《乙法》", "《甲法》《乙法》"));
    assert_true(same_digest("[bookmark: _GoBack]甲", "甲"));
}

static void test_another_word_or_number_has_another_digest(void **state)
{
    (void)state;
    assert_false(same_digest("满2年", "满3年"));
    assert_false(same_digest("应当", "可以"));
    assert_false(same_digest("1.5万元", "15万元"));
    assert_false(same_digest("不得出售", "得出售"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_chinese_numbers_are_read),
        cmocka_unit_test(test_every_number_is_written_as_it_is_read),
        cmocka_unit_test(test_numbers_are_written_as_laws_write_them),
        cmocka_unit_test(test_articles_paragraphs_and_items_are_told_apart),
        cmocka_unit_test(test_a_text_that_is_not_whole_is_refused),
        cmocka_unit_test(test_a_hostile_text_is_refused),
        cmocka_unit_test(test_copies_of_one_text_have_one_digest),
        cmocka_unit_test(test_another_word_or_number_has_another_digest),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
