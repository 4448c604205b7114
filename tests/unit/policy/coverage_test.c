/* SPDX-License-Identifier: Apache-2.0 */
/* Coverage: which conditions a text has, what tests meet of them, and that counting changes no
 * decision. */
#include "folder.h"

#include "policy/conditions.h"
#include "policy/coverage.h"

static const char vocabulary[] =
    "fact 'kind' { values = { 'person', 'firm' }, source = 'form', zh = '类', en = 'kind' }\n"
    "fact 'minor' { values = { true, false }, source = 'form', zh = '未', en = 'minor' }\n"
    "fact 'held' { values = { 0, 4, 5 }, source = 'registry', registry = 'n', zh = '数',\n"
    "  en = 'held' }\n"
    "word 'extra' { kind = 'need', zh = '需', en = 'extra' }\n"
    "word 'retain' { kind = 'oblige', zh = '留', en = 'retain' }\n";

static const char test_all[] =
    "for _, kind in ipairs { 'person', 'firm' } do for _, minor in ipairs { true, false } do\n"
    "  for _, held in ipairs { 0, 4, 5 } do\n"
    "    test(kind .. tostring(minor) .. held, function()\n"
    "      decide { kind = kind, minor = minor, held = held } end) end end end\n";

static void ignore(void *ctx, const char *file, const char *test, bool passed, const char *why)
{
    (void)ctx;
    if (!passed)
        fail_msg("%s: %s: %s", file, test, why);
}

static void cover(const char *rules, const char *tests, struct coverage *out)
{
    struct folder folder;

    folder_init(&folder);
    folder_fill(&folder, vocabulary, rules);
    folder_write(&folder, "a/1_test.lua", tests);
    if (policy_test_covered(folder.path, some_stack, 1, ignore, NULL, out, &folder.problems) != 0)
        fail_msg("%s", folder.problems.len > 0 ? folder.problems.at : "a test failed");
    folder_fini(&folder);
}

/* The conditions, one a line, with T and F for what they were. */
static void expect_conditions(const char *rules, const char *tests, const char *expected)
{
    struct coverage coverage;
    struct buf text = { 0 };
    size_t i;

    cover(rules, tests, &coverage);
    for (i = 0; i < coverage.condition_count; i++) {
        const struct covered_condition *it = &coverage.conditions[i];

        buf_str(&text, it->text);
        buf_printf(&text, " %s%s\n", it->was_true ? "T" : "", it->was_false ? "F" : "");
    }
    assert_string_equal(text.len == 0 ? "" : text.at, expected);
    buf_fini(&text);
    coverage_fini(&coverage);
}

static void test_operands_and_comparisons_are_conditions_and_literals_are_not(void **state)
{
    (void)state;
    expect_conditions("rule '1' { zh = '一', en = 'one', check = function(case)\n"
                      "  local who = case.kind == 'person' and 'a' or 'b'\n"
                      "  local small = case.held < 5\n"
                      "  if not (case.minor or who == 'b') then need 'extra'\n"
                      "  elseif small and (true) then need 'extra' end\n"
                      "  while false do end\n"
                      "  repeat local done = case.held >= 0 until done\n"
                      "end }\n",
                      test_all,
                      "case.kind == 'person' TF\ncase.held < 5 TF\ncase.minor TF\nwho == 'b' TF\n"
                      "small TF\ncase.held >= 0 T\ndone T\n");
}

static void test_what_applies_gives_is_a_condition_also_through_functions_and_tables(void **state)
{
    (void)state;
    expect_conditions(
        "local function firm(case) return case.kind == 'firm' end\n"
        "local shows = { a = firm, b = function(case) return case.minor end }\n"
        "local function name(case) return case.kind end\n"
        "local function unused(case) return case.held == 4 end\n"
        "for _, who in ipairs { 'a', 'b' } do\n"
        "  rule('1/' .. who) { zh = '一', en = 'one',\n"
        "    applies = function(case) return shows[who](case) end,\n"
        "    check = function(case) if name(case) == 'firm' then need 'extra' end\n"
        "  end } end\n"
        "rule '2' { zh = '二', en = 'two', applies = firm, check = function() end }\n",
        "test('firm', function() decide { kind = 'firm', minor = false } end)\n",
        "case.kind == 'firm' T\ncase.minor F\nshows[who](case) TF\n"
        "name(case) == 'firm' T\n");
}

static void test_a_condition_nobody_reached_was_never_asked(void **state)
{
    (void)state;
    expect_conditions("rule '1' { zh = '一', en = 'one', check = function(case)\n"
                      "  if case.minor then if case.kind == 'firm' then need 'extra' end end\n"
                      "end }\n",
                      "test('adult', function() decide { minor = false } end)\n",
                      "case.minor F\ncase.kind == 'firm' \n");
}

static void test_rules_and_articles_are_told_apart_by_what_happened_to_them(void **state)
{
    static const char rules[] =
        "rule '1' { zh = '一', en = 'one', check = function() oblige 'retain' end }\n"
        "rule '2.1' { zh = '二', en = 'two', applies = function(case) return case.minor end,\n"
        "  check = function(case) if case.kind == 'firm' then need 'extra' end end }\n"
        "rule '2.2' { zh = '二', en = 'two', check = function(case)\n"
        "  if case.minor then need 'extra' end end }\n"
        "rule '3/a' { zh = '三', en = 'three', applies = function(case) return case.kind == "
        "'firm'\n"
        "  end, check = function() need 'extra' end }\n";
    struct coverage coverage;

    (void)state;
    cover(rules,
          "test('a', function() decide { minor = true, kind = 'person' } end)\n"
          "test('b', function() decide { minor = false, kind = 'person' } end)\n",
          &coverage);
    assert_int_equal(coverage.rule_count, 4);
    assert_true(coverage.rules[0].always && coverage_rule_is_whole(&coverage.rules[0]));
    assert_true(coverage.rules[1].applies && !coverage.rules[1].speaks);
    assert_true(coverage_rule_is_whole(&coverage.rules[2]));
    assert_false(coverage.rules[3].applies);
    assert_int_equal(coverage_of_rules(&coverage).met, 2);
    assert_int_equal(coverage.article_count, 3);
    assert_string_equal(coverage.articles[1].name, "a/1#2");
    assert_int_equal(coverage_of_articles(&coverage).met, 2);
    assert_false(coverage.articles[2].applies);
    assert_int_equal(coverage_of_conditions(&coverage).all, 8);
    coverage_fini(&coverage);
}

/* Values pass as they are: several results, none, false and nil apart, the precedence of the text.
 */
static void test_counting_changes_no_value(void **state)
{
    struct coverage coverage;

    (void)state;
    cover(
        "local function two(case) return case.minor, 'second' end\n"
        "local function none() end\n"
        "local function second(a, b) return b end\n"
        "local function pass(...) if ... then return ... end return 'no', ... end\n"
        "rule '1' { zh = '一', en = 'one', applies = two, check = function(case)\n"
        "  assert(second(two(case)) == 'second')\n"
        "  assert(select('#', none()) == 0 and select('#', pass(nil)) == 2)\n"
        "  local a, b = pass(two(case))\n"
        "  assert(a == true and b == 'second')\n"
        "  local c = case.held + 1 == 5 or nil\n"
        "  assert(c == true or c == nil)\n"
        "  if not none() and 1 + 1 == 2 and -case.held ^ 2 <= 0 and not case.minor == false then\n"
        "    need('extra') end\n"
        "  assert((two(case)) and (not not two(case)) == true and 'a' .. 'b' == 'ab')\n"
        "end }\n",
        "test('says', function() expect_need(decide { minor = true, held = 4 }, 'extra') end)\n",
        &coverage);
    assert_true(coverage.condition_count > 10);
    coverage_fini(&coverage);
}

static void expect_problem(const char *rules, const char *why)
{
    struct folder folder;
    struct coverage coverage;

    folder_init(&folder);
    folder_fill(&folder, vocabulary, rules);
    folder_write(&folder, "a/1_test.lua", test_all);
    assert_true(policy_test_covered(folder.path, some_stack, 1, ignore, NULL, &coverage,
                                    &folder.problems) < 0);
    assert_non_null(strstr(folder.problems.at, why));
    coverage_fini(&coverage);
    folder_fini(&folder);
}

static void test_a_text_cannot_reach_what_counts(void **state)
{
    (void)state;
    /* The local takes a name that the text does not have. */
    expect_conditions("local met = 1\n"
                      "rule '1' { zh = '一', en = 'one', check = function(case)\n"
                      "  if case.minor then need 'extra' end\n"
                      "  assert(met == 1 and select('#', met) == 1) end }\n",
                      test_all, "case.minor TF\nmet == 1 T\nselect('#', met) == 1 T\n");
    expect_problem("local x = select('#', ...)\n"
                   "rule '1' { zh = '一', en = 'one', check = function() end }\n",
                   "it uses ...");
    expect_problem("rule '1' { zh = '一', en = 'one', check = function() local x = met end }\n",
                   "'met' is not a name a policy may use");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_operands_and_comparisons_are_conditions_and_literals_are_not),
        cmocka_unit_test(test_what_applies_gives_is_a_condition_also_through_functions_and_tables),
        cmocka_unit_test(test_a_condition_nobody_reached_was_never_asked),
        cmocka_unit_test(test_rules_and_articles_are_told_apart_by_what_happened_to_them),
        cmocka_unit_test(test_counting_changes_no_value),
        cmocka_unit_test(test_a_text_cannot_reach_what_counts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
