/* SPDX-License-Identifier: Apache-2.0 */
/* A text against a register: same, changed, moved, new, gone, unknown. */
#include "workbench/law.h"

#include <setjmp.h>
#include <stdlib.h>
#include <cmocka.h>

struct lab {
    struct articles register_;
    struct article list[8];
    char digests[8][72];
    struct law_text law;
    struct law_differences differences;
};

/* The register of one text held to another; `unknown`: without its digests. */
static void lab_init(struct lab *lab, const char *registered, const char *text, bool unknown)
{
    struct law_text old;
    struct buf problems = { 0 };
    size_t i;

    *lab = (struct lab){ .register_ = { .count = 0 } };
    assert_true(law_text_read(str_of(registered), "old.txt", &old, &problems));
    assert_true(law_text_read(str_of(text), "new.txt", &lab->law, &problems));
    assert_in_range(old.count, 1, 8);
    for (i = 0; i < old.count; i++) {
        memcpy(lab->digests[i], old.units[i].digest, sizeof lab->digests[i]);
        lab->list[i].number = strdup(old.units[i].number);
        lab->list[i].digest = unknown ? NULL : lab->digests[i];
    }
    lab->register_.articles = lab->list;
    lab->register_.count = old.count;
    assert_true(law_compare(&lab->register_, &lab->law, &lab->differences));
    law_text_fini(&old);
    buf_fini(&problems);
}

static void lab_fini(struct lab *lab)
{
    size_t i;

    for (i = 0; i < lab->register_.count; i++)
        free((char *)lab->list[i].number);
    law_text_fini(&lab->law);
    law_differences_fini(&lab->differences);
}

static void expect(const char *registered, const char *text, bool unknown, const char *differences)
{
    struct buf found = { 0 };
    struct lab lab;
    size_t i;

    lab_init(&lab, registered, text, unknown);
    buf_text(&found, "");
    for (i = 0; i < lab.differences.count; i++) {
        const struct law_difference *it = &lab.differences.list[i];

        if (it->change == LAW_SAME)
            continue;
        buf_printf(&found, "%s%s %s", found.len == 0 ? "" : "; ", law_change_names[it->change],
                   it->unit != NULL ? it->unit->number : it->article->number);
        if (it->change == LAW_MOVED)
            buf_printf(&found, " from %s", it->article->number);
    }
    assert_string_equal(found.at == NULL ? "" : found.at, differences);
    buf_fini(&found);
    lab_fini(&lab);
}

static const char old_text[] = "第一条 甲\n第二条 乙：\n（一）丙\n（二）丁\n第三条 戊";

static void test_the_same_text_has_no_difference(void **state)
{
    (void)state;
    expect(old_text, old_text, false, "");
    expect(old_text, "第一条　甲。\n第二条 乙:\n(一) 丙，\n(二) 丁\n第三条 戊", false, "");
}

static void test_a_changed_item_is_named(void **state)
{
    (void)state;
    expect(old_text, "第一条 甲\n第二条 乙：\n（一）丙\n（二）己\n第三条 戊", false,
           "changed 2.1/2");
}

static void test_what_moved_is_neither_new_nor_gone(void **state)
{
    (void)state;
    expect(old_text, "第一条 甲\n第二条 新\n第三条 乙：\n（一）丙\n（二）丁\n第四条 戊", false,
           "new 2.1; moved 3.1 from 2.1; moved 3.1/1 from 2.1/1; moved 3.1/2 from 2.1/2; "
           "moved 4.1 from 3.1");
    expect(old_text, "第一条 甲\n第二条 乙：\n（一）丁\n（二）丙\n第三条 戊", false,
           "moved 2.1/1 from 2.1/2; moved 2.1/2 from 2.1/1");
}

static void test_what_was_struck_out_is_gone(void **state)
{
    (void)state;
    expect(old_text, "第一条 甲\n第二条 乙：\n（一）丙\n第三条 戊\n己", false,
           "new 3.2; gone 2.1/2");
    expect("第一条 甲\n第二条 甲\n", "第一条 甲\n", false, "gone 2.1");
}

static void test_what_an_extract_leaves_out_is_no_difference(void **state)
{
    struct buf problems = { 0 };
    struct lab lab;

    (void)state;
    lab_init(&lab, "第一条 甲", "第一条 甲", false);
    law_differences_fini(&lab.differences);
    law_text_fini(&lab.law);
    lab.register_.extract = true;
    assert_true(law_text_read(str_of("第一条 甲\n第二条 乙"), "new.txt", &lab.law, &problems));
    assert_true(law_compare(&lab.register_, &lab.law, &lab.differences));
    assert_int_equal(lab.differences.of[LAW_OUTSIDE], 1);
    assert_true(law_is_same(&lab.differences));
    lab_fini(&lab);
}

static void test_without_digests_nothing_is_claimed(void **state)
{
    (void)state;
    expect("第一条 甲\n第二条 乙", "第一条 甲\n第二条 丙", true, "unknown 1.1; unknown 2.1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_same_text_has_no_difference),
        cmocka_unit_test(test_a_changed_item_is_named),
        cmocka_unit_test(test_what_moved_is_neither_new_nor_gone),
        cmocka_unit_test(test_what_was_struck_out_is_gone),
        cmocka_unit_test(test_what_an_extract_leaves_out_is_no_difference),
        cmocka_unit_test(test_without_digests_nothing_is_claimed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
