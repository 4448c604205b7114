/* SPDX-License-Identifier: Apache-2.0 */
/* Faults planted in small regulations: which ones there are, and what becomes of each. */
#include "../policy/folder.h"

#include "workbench/mutate.h"

static const char vocabulary[] =
    "fact 'kind' { values = { 'person', 'firm' }, source = 'form', zh = '类', en = 'kind' }\n"
    "fact 'minor' { values = { true, false }, source = 'form', zh = '未', en = 'minor' }\n"
    "fact 'held' { values = { 0, 4, 5 }, source = 'registry', registry = 'n', zh = '数',\n"
    "  en = 'held' }\n"
    "word 'extra' { kind = 'need', zh = '需', en = 'extra' }\n"
    "word 'no' { kind = 'refuse', zh = '否', en = 'no' }\n"
    "word 'never' { kind = 'refuse', zh = '绝', en = 'never' }\n"
    "word 'police' { kind = 'report', zh = '警', en = 'police' }\n"
    "word 'retain' { kind = 'oblige', zh = '留', en = 'retain' }\n";

struct fates {
    struct buf text; /* "line: was > with: fate\n" */
    char last_facts[200], last_rule[64], last_killer[200];
    double last_cases;
};

static void on_fate(void *ctx, const struct fated *fated, size_t at, size_t of)
{
    static const char *const names[] = { "killed", "equivalent", "alive" };
    struct fates *fates = ctx;

    assert_true(at >= 1 && at <= of);
    buf_printf(&fates->text, "%d: %.*s > %.*s: %s\n", fated->mutant->line, (int)fated->was.len,
               fated->was.at, (int)fated->with.len, fated->with.at, names[fated->fate]);
    if (fated->fate == FATE_KILLED)
        snprintf(fates->last_killer, sizeof fates->last_killer, "%s", fated->killer);
    if (fated->fate == FATE_EQUIVALENT)
        fates->last_cases = fated->cases;
    if (fated->fate == FATE_ALIVE) {
        snprintf(fates->last_facts, sizeof fates->last_facts, "%s", fated->facts);
        snprintf(fates->last_rule, sizeof fates->last_rule, "%s", fated->rule);
    }
}

static bool run(const char *rules, const char *tests, struct fates *fates, struct mutation *sum,
                struct buf *problems)
{
    struct folder folder;
    struct policy_set *set;
    bool done;

    *fates = (struct fates){ .last_cases = 0 };
    folder_init(&folder);
    folder_fill(&folder, vocabulary, rules);
    folder_write(&folder, "a/1_test.lua", tests);
    set = policy_set_load(folder.path, some_stack, 1, &folder.problems);
    if (set == NULL)
        fail_msg("%s", folder.problems.at);
    done = mutate(set, 0, folder.path, on_fate, fates, sum, problems);
    policy_set_free(set);
    folder_fini(&folder);
    return done;
}

static void expect_fates(const char *rules, const char *tests, const char *expected)
{
    struct fates fates;
    struct mutation sum;
    struct buf problems = { 0 };

    if (!run(rules, tests, &fates, &sum, &problems))
        fail_msg("%s", problems.at);
    assert_string_equal(fates.text.len == 0 ? "" : fates.text.at, expected);
    buf_fini(&fates.text);
    buf_fini(&problems);
}

static const char all_cases[] =
    "for _, kind in ipairs { 'person', 'firm' } do for _, minor in ipairs { true, false } do\n"
    "  for _, held in ipairs { 0, 4, 5 } do local name = kind .. tostring(minor) .. held\n"
    "    test(name, function() local case = { kind = kind, minor = minor, held = held }\n"
    "      expect(decide(case), wanted(case)) end) end end end\n";

/* Tests that hold every case to what `wanted` says of it. */
static void with_all_cases(const char *wanted, struct buf *out)
{
    buf_clear(out);
    buf_printf(out, "local function wanted(case) %s end\n%s", wanted, all_cases);
}

static void test_every_kind_of_fault_is_planted_once(void **state)
{
    struct buf tests = { 0 };

    (void)state;
    with_all_cases("local d = { need = {}, refuse = {}, report = {}, within = {} }\n"
                   "if case.kind == 'firm' then d.need = { 'extra' } return d end\n"
                   "if case.held >= 4 and not case.minor then d.refuse = { 'no' }\n"
                   "d.report = { 'police' } d.within = { 'police 1h' } end return d",
                   &tests);
    expect_fates("rule '1' { zh = '一', en = 'one', check = function(case)\n"
                 "  if case.kind == 'firm' then return need 'extra' end\n"
                 "  if case.held >= 4 and not case.minor then\n"
                 "    refuse 'no'\n"
                 "    report { to = 'police', within = '1h' } end end }\n",
                 tests.at,
                 "4: == > ~=: killed\n"
                 "4: 'firm' > \"person\": killed\n"
                 "4: return need 'extra' > return: killed\n"
                 "4: return need 'extra' > need 'extra': killed\n"
                 "5: >= > >: killed\n"
                 "5: >= > <: killed\n"
                 "5: 4 > 0: killed\n"
                 "5: 4 > 5: killed\n"
                 "5: 4 > 3: equivalent\n"
                 "5: and > or: killed\n"
                 "5: not case.minor > (case.minor): killed\n"
                 "6: refuse 'no' > : killed\n"
                 "6: 'no' > \"never\": killed\n"
                 "7: report { to = 'police', within = '1h' } > : killed\n"
                 "7: '1h' > \"24h\": killed\n");
    buf_fini(&tests);
}

static void test_faults_in_shared_tables_functions_and_applies_are_planted_too(void **state)
{
    struct buf tests = { 0 };

    (void)state;
    with_all_cases("local need = case.kind == 'firm' and { 'extra' } or {}\n"
                   "return { need = need, refuse = case.kind == 'person' and case.minor and\n"
                   "{ 'no' } or {} }",
                   &tests);
    expect_fates("local list = { firm = true, person = false }\n"
                 "local says = { extra = { 'extra', 'never' }, [2] = 'extra' }\n"
                 "local function listed(case) return list[case.kind] end\n"
                 "local function unused(case) return case.kind == 'firm' end\n"
                 "rule '1' { zh = '一', en = 'one', applies = listed,\n"
                 "  check = function() need(says[2]) end }\n"
                 "rule '2' { zh = '二', en = 'two',\n"
                 "  applies = function(case) return not listed(case) end,\n"
                 "  check = function(case) if case.minor then refuse 'no' end end }\n",
                 tests.at,
                 "3: true > false: killed\n"
                 "3: false > true: killed\n"
                 "4: extra = { 'extra', 'never' },  > : equivalent\n"
                 "4: 'extra',  > : equivalent\n"
                 "4: , 'never' > : equivalent\n"
                 "4: 'never' > \"no\": equivalent\n"
                 "4: , [2] = 'extra' > : killed\n"
                 "4: 2 > 3: killed\n"
                 "4: 2 > 1: killed\n"
                 "5: list[case.kind] > not (list[case.kind]): killed\n"
                 "7: listed > nil: killed\n"
                 "7: listed > function() return false end: killed\n"
                 "8: need(says[2]) > : killed\n"
                 "8: 2 > 3: killed\n"
                 "8: 2 > 1: killed\n"
                 "10: function(case) return not listed(case) end > nil: killed\n"
                 "10: function(case) return not listed(case) end > function() return false end: "
                 "killed\n"
                 "10: not listed(case) > (listed(case)): killed\n"
                 "11: case.minor > not (case.minor): killed\n"
                 "11: refuse 'no' > : killed\n"
                 "11: 'no' > \"never\": killed\n");
    buf_fini(&tests);
}

static void test_a_fault_no_test_holds_is_alive_with_a_case_that_shows_it(void **state)
{
    static const char rules[] =
        "rule '1' { zh = '一', en = 'one', applies = function(case) return case.minor end,\n"
        "  check = function(case) if case.held >= 4 then need 'extra' end end }\n";
    struct fates fates;
    struct mutation sum;
    struct buf problems = { 0 };

    (void)state;
    assert_true(run(rules,
                    "test('a', function() expect_need(decide { minor = true, held = 5 }, 'extra')\n"
                    "  expect(decide { minor = true, held = 0 }, { need = {} }) end)\n"
                    "test('b', function() expect(decide { minor = false },\n"
                    "  { need = {}, ask = {} }) end)\n",
                    &fates, &sum, &problems));
    assert_int_equal(sum.alive, 2);
    assert_non_null(strstr(fates.text.at, "4: >= > >: alive\n"));
    assert_string_equal(fates.last_rule, "a/1#1");
    assert_string_equal(fates.last_facts, "minor = true\nheld = 4\n");
    assert_non_null(strstr(fates.text.at, "4: 4 > 5: alive\n"));
    /* Between listed numbers no case tells one from the other: 3 is held as 0, 4 is the next. */
    assert_non_null(strstr(fates.text.at, "4: 4 > 3: equivalent\n"));
    buf_fini(&fates.text);
    buf_fini(&problems);
}

static void test_a_question_that_nobody_needs_is_a_fault_as_well(void **state)
{
    /* Both texts say the same of every known case; only who is asked what differs. */
    expect_fates("rule '1' { zh = '一', en = 'one', check = function(case)\n"
                 "  if case.minor then return end\n"
                 "  if case.kind == 'firm' and not case.minor then need 'extra' end end }\n",
                 "test('firm', function() expect_need(decide { minor = false, kind = 'firm' },\n"
                 "  'extra') end)\n"
                 "test('person', function()\n"
                 "  expect(decide { minor = false, kind = 'person' }, { need = {} }) end)\n"
                 "test('minor', function()\n"
                 "  expect(decide { minor = true, kind = 'firm' }, { need = {} }) end)\n",
                 "4: case.minor > not (case.minor): killed\n"
                 "4: return > : alive\n"
                 "5: == > ~=: killed\n"
                 "5: 'firm' > \"person\": killed\n"
                 "5: and > or: killed\n"
                 "5: not case.minor > (case.minor): killed\n"
                 "5: need 'extra' > : killed\n");
    (void)state;
}

static void test_a_fault_that_makes_a_rule_fail_needs_no_test(void **state)
{
    struct fates fates;
    struct mutation sum;
    struct buf problems = { 0 };

    (void)state;
    assert_true(run("local words = { firm = 'extra', person = 'extra' }\n"
                    "rule '1' { zh = '一', en = 'one', check = function(case)\n"
                    "  need(words[case.kind]) end }\n",
                    "test('never looked at', function() decide { kind = 'firm' } end)\n", &fates,
                    &sum, &problems));
    assert_non_null(strstr(fates.text.at, "3: , person = 'extra' > : killed\n"));
    assert_non_null(strstr(fates.last_killer, "need needs a word in quotes"));
    assert_non_null(strstr(fates.text.at, "5: need(words[case.kind]) > : alive\n"));
    buf_fini(&fates.text);
    buf_fini(&problems);
}

static void expect_refused(const char *tests, const char *why)
{
    struct fates fates;
    struct mutation sum;
    struct buf problems = { 0 };

    assert_false(run("rule '1' { zh = '一', en = 'one', check = function(case)\n"
                     "  if case.minor then need 'extra' end end }\n",
                     tests, &fates, &sum, &problems));
    assert_int_equal(fates.text.len, 0);
    assert_non_null(strstr(problems.at, why));
    buf_fini(&problems);
}

static void test_tests_that_fail_as_it_is_or_are_none_prove_nothing(void **state)
{
    (void)state;
    expect_refused("test('wrong', function() expect_need(decide { minor = false }, 'extra') end)\n",
                   "the test \"wrong\" fails before any fault is planted");
    expect_refused("local x = 1\n", "holds no test");
    expect_refused("test(\n", "a/1_test.lua");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_kind_of_fault_is_planted_once),
        cmocka_unit_test(test_faults_in_shared_tables_functions_and_applies_are_planted_too),
        cmocka_unit_test(test_a_fault_no_test_holds_is_alive_with_a_case_that_shows_it),
        cmocka_unit_test(test_a_question_that_nobody_needs_is_a_fault_as_well),
        cmocka_unit_test(test_a_fault_that_makes_a_rule_fail_needs_no_test),
        cmocka_unit_test(test_tests_that_fail_as_it_is_or_are_none_prove_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
