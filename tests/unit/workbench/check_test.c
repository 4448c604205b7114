/* SPDX-License-Identifier: Apache-2.0 */
/* What check_exact finds, each in a policy that has just this fault, and a policy without any. */
#include "workbench/check.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const char vocabulary[] =
    "fact \"a\" { values = { true, false }, source = \"form\", zh = \"z\", en = \"e\" }\n"
    "fact \"b\" { values = { true, false }, source = \"form\", zh = \"z\", en = \"e\" }\n"
    "word \"w\" { kind = \"need\", zh = \"z\", en = \"e\" }\n"
    "word \"r\" { kind = \"refuse\", zh = \"z\", en = \"e\" }\n"
    "word \"p\" { kind = \"report\", zh = \"z\", en = \"e\" }\n";

#define HEAD(id, region, from)                                                                     \
    "regulation { id = \"" id "\", region = \"" region "\", from = \"" from                        \
    "\", title = { zh = \"z\", en = \"e\" } }\n"
#define RULE(name, more, body)                                                                     \
    "rule \"" name "\" { zh = \"z\", en = \"e\", " more "check = function(case) " body " end }\n"
#define SOUND                                                                                      \
    HEAD("n/1", "", "2020-01-01")                                                                  \
    RULE("1", "", "if case.a and not case.b then need \"b\" end")

/* Everything found, one a line; NULL second: one regulation only. */
static void find(const char *nation, const char *region, struct buf *problems,
                 struct check_figures *figures)
{
    static const char *const stack[] = { "n/1", "n-54/1" };
    const struct policy_text texts[] = { { "documents.lua", { "", 0 } },
                                         { "vocabulary.lua", str_of(vocabulary) },
                                         { "n/1.lua", str_of(nation) },
                                         { "n-54/1.lua", str_of(region) } };
    size_t count = region == NULL ? 1 : 2;
    struct policy_set *set = policy_set_from(texts, 2 + count, stack, count, problems);

    if (set == NULL)
        fail_msg("%s", problems->at);
    assert_true(check_exact(set, figures, problems));
    policy_set_free(set);
}

static void expect(const char *nation, const char *region, const char *finding)
{
    struct check_figures figures;
    struct buf problems = { 0 };

    find(nation, region, &problems, &figures);
    if (problems.len == 0 || strstr(problems.at, finding) == NULL)
        fail_msg("expected: %s\ngot: %s", finding, problems.len == 0 ? "nothing" : problems.at);
    buf_fini(&problems);
}

static void test_a_sound_set_has_no_findings_and_a_worst_cost(void **state)
{
    struct check_figures figures;
    struct buf problems = { 0 };

    (void)state;
    find(SOUND, NULL, &problems, &figures);
    if (problems.len > 0)
        fail_msg("%s", problems.at);
    assert_true(natural_double(&figures.cases) == 4);
    assert_in_range(figures.cost, 5, 100);
    assert_int_equal(figures.epochs, 1);
}

static void test_a_rule_that_never_says_anything_is_named(void **state)
{
    (void)state;
    expect(SOUND RULE("2", "", "if case.a and not case.a then need \"w\" end"), NULL,
           "n/1.lua:3: rule \"2\": says nothing in any case");
    expect(SOUND RULE("2", "applies = function() return false end, ", "need \"w\""), NULL,
           "n/1.lua:3: rule \"2\": says nothing in any case");
}

static void test_a_rule_that_bites_in_every_case_is_named(void **state)
{
    (void)state;
    expect(SOUND RULE("2", "", "if case.a then need \"w\" else refuse \"r\" end"), NULL,
           "n/1.lua:3: rule \"2\": needs or refuses something in every case");
}

static void test_a_fact_that_no_rule_reads_is_named(void **state)
{
    (void)state;
    expect(HEAD("n/1", "", "2020-01-01") RULE("1", "", "if case.a then need \"w\" end"), NULL,
           "vocabulary.lua:2: fact \"b\": no rule reads it");
}

static void test_a_need_that_nothing_lifts_is_named_with_a_case(void **state)
{
    (void)state;
    expect(SOUND RULE("2", "",
                      "if case.a and case.b then need \"a\" end "
                      "if not case.a and case.b then need \"a\" end"),
           NULL, "rule \"2\": needs a whatever it is");
}

static void test_two_deadlines_for_one_report_are_named(void **state)
{
    (void)state;
    expect(SOUND RULE("2", "", "if case.a then report { to = \"p\", within = \"1h\" } end")
               RULE("3", "", "if case.b then report { to = \"p\", within = \"2h\" } end"),
           NULL, "reports to p within two different times");
}

static void test_a_region_that_loosens_the_nation_is_named_with_both_rules(void **state)
{
    (void)state;
    expect(SOUND,
           HEAD("n-54/1", "54", "2021-01-01") RULE(
               "1", "replaces = \"n/1#1\", ", "if not case.a and not case.b then need \"b\" end"),
           "n/1.lua:2: rule \"1\": in region 540000 the need b is loosened by n-54/1#1");
}

static void test_a_region_that_says_it_loosens_the_nation_is_believed(void **state)
{
    struct check_figures figures;
    struct buf problems = { 0 };

    (void)state;
    find(SOUND,
         HEAD("n-54/1", "54", "2021-01-01")
             RULE("1", "replaces = \"n/1#1\", loosens = true, ",
                  "if not case.a and not case.b then need \"b\" end"),
         &problems, &figures);
    if (problems.len > 0)
        fail_msg("%s", problems.at);
    buf_fini(&problems);
}

static void test_a_region_that_asks_for_more_is_welcome(void **state)
{
    struct check_figures figures;
    struct buf problems = { 0 };

    (void)state;
    find(HEAD("n/1", "", "2020-01-01")
             RULE("1", "", "if case.a and not case.b then need \"b\" end"),
         HEAD("n-54/1", "54", "2021-01-01")
             RULE("1", "replaces = \"n/1#1\", ", "if not case.b then need \"b\" end"),
         &problems, &figures);
    if (problems.len > 0)
        fail_msg("%s", problems.at);
    assert_int_equal(figures.epochs, 4); /* two days, in two regions */
    buf_fini(&problems);
}

static void test_a_rule_that_says_it_loosens_and_does_not_is_named(void **state)
{
    (void)state;
    expect(SOUND,
           HEAD("n-54/1", "54", "2021-01-01") RULE("1", "replaces = \"n/1#1\", loosens = true, ",
                                                   "if not case.b then need \"b\" end"),
           "n-54/1.lua:2: rule \"1\": says that it loosens, and loosens nothing");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_sound_set_has_no_findings_and_a_worst_cost),
        cmocka_unit_test(test_a_rule_that_never_says_anything_is_named),
        cmocka_unit_test(test_a_rule_that_bites_in_every_case_is_named),
        cmocka_unit_test(test_a_fact_that_no_rule_reads_is_named),
        cmocka_unit_test(test_a_need_that_nothing_lifts_is_named_with_a_case),
        cmocka_unit_test(test_two_deadlines_for_one_report_are_named),
        cmocka_unit_test(test_a_region_that_loosens_the_nation_is_named_with_both_rules),
        cmocka_unit_test(test_a_region_that_says_it_loosens_the_nation_is_believed),
        cmocka_unit_test(test_a_region_that_asks_for_more_is_welcome),
        cmocka_unit_test(test_a_rule_that_says_it_loosens_and_does_not_is_named),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
