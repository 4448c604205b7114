/* SPDX-License-Identifier: Apache-2.0 */
/* policy_test: what a test file may say, and how a failure reads. */
#include "folder.h"

static const char vocabulary[] =
    "fact 'customer.kind' { values = { 'person', 'firm' }, source = 'form', zh = '类',\n"
    "  en = 'kind', from = function(field) return field 'customer.kind' end }\n"
    "fact 'customer.minor' { values = { true, false }, source = 'form', zh = '未', en = 'minor',\n"
    "  from = function(field) local born = field 'customer.birth'\n"
    "    if born == nil then return nil end return age(born) < 18 end }\n"
    "fact 'held' { values = { 0, 5 }, source = 'registry', registry = 'numbers', zh = '数',\n"
    "  en = 'held' }\n"
    "word 'extra' { kind = 'need', zh = '需', en = 'extra' }\n"
    "word 'no' { kind = 'refuse', zh = '否', en = 'no' }\n"
    "word 'police' { kind = 'report', zh = '警', en = 'police' }\n"
    "word 'retain' { kind = 'oblige', zh = '留', en = 'retain' }\n";

static const char rules[] =
    "rule '1' { zh = '一', en = 'one', check = function(case)\n"
    "  if case.customer.minor then need 'extra' end end }\n"
    "rule '2' { zh = '二', en = 'two', check = function(case)\n"
    "  if case.customer.kind == 'firm' then refuse 'no' report { to = 'police' } end\n"
    "  oblige 'retain' end }\n"
    "rule '3' { zh = '三', en = 'three', check = function(case)\n"
    "  if case.held >= 5 then need 'extra' end end }\n"
    "rule '4' { zh = '四', en = 'four', bites_from = '2018-03-01', check = function(case)\n"
    "  if case.customer.kind == 'firm' then need 'extra' end end }\n";

struct told {
    struct buf text;
    int count;
};

static void tell(void *ctx, const char *file, const char *test, bool passed, const char *why)
{
    struct told *told = ctx;

    told->count++;
    buf_printf(&told->text, "%s %s: %s%s%s\n", passed ? "ok" : "not ok", file, test,
               why[0] == '\0' ? "" : ": ", why);
}

static int run(const char *tests, struct told *told, struct buf *problems)
{
    struct folder folder;
    int failures;

    *told = (struct told){ 0 };
    folder_init(&folder);
    folder_fill(&folder, vocabulary, rules);
    if (tests != NULL)
        folder_write(&folder, "a/1_test.lua", tests);
    failures = policy_test(folder.path, some_stack, 1, tell, told, problems);
    folder_fini(&folder);
    return failures;
}

static void expect_all_pass(const char *tests, int count)
{
    struct buf problems = { 0 };
    struct told told;

    if (run(tests, &told, &problems) != 0)
        fail_msg("%s%s", problems.len > 0 ? problems.at : "", told.count > 0 ? told.text.at : "");
    assert_int_equal(told.count, count);
    buf_fini(&told.text);
    buf_fini(&problems);
}

static void test_facts_given_are_known_and_others_are_not(void **state)
{
    (void)state;
    expect_all_pass(
        "local adult = { customer = { kind = 'person', minor = false }, held = 0 }\n"
        "test('all known', function()\n"
        "  expect(decide(adult), { verdict = 'accepted', need = {}, ask = {}, refuse = {},\n"
        "    oblige = { 'retain' }, rules = { 'a/1#2' } }) end)\n"
        "test('laid over', function()\n"
        "  local d = decide(with(adult, { customer = { minor = true }, held = 7 }))\n"
        "  expect(d, { verdict = 'incomplete', need = { 'extra' },\n"
        "    rules = { 'a/1#3', 'a/1#1', 'a/1#2' } })\n"
        "  expect_need(d, 'extra') expect_rule(d, 'a/1#3') expect_no(d, 'no')\n"
        "  expect_no_rule(d, 'a/1#4') end)\n"
        "test('with copies', function()\n"
        "  expect(decide(adult), { verdict = 'accepted' }) end)\n"
        "test('dotted', function()\n"
        "  local d = decide { ['customer.kind'] = 'firm', customer = { minor = false } }\n"
        "  expect(d, { verdict = 'refused', refuse = { 'no' }, report = { 'police' },\n"
        "    ask = { 'held' } })\n"
        "  expect_refuse(d, 'no') end)\n"
        "test('nothing known', function()\n"
        "  expect(decide {}, { need = { 'customer.minor', 'customer.kind' }, ask = { 'held' },\n"
        "    verdict = 'incomplete' }) end)\n",
        5);
}

static void test_fields_are_derived_and_answers_given(void **state)
{
    (void)state;
    expect_all_pass(
        "test('warned', function()\n"
        "  local firm = { customer = { kind = 'firm', minor = false }, held = 0 }\n"
        "  local d = decide(firm, { on = '2018-02-28' })\n"
        "  expect(d, { warn = { 'extra' }, need = {}, verdict = 'refused' })\n"
        "  expect_warn(d, 'extra') expect_rule(d, 'a/1#4')\n"
        "  d = decide(firm, { on = '2018-03-01' })\n"
        "  expect(d, { warn = {}, need = { 'extra' } }) end)\n"
        "local form = { ['customer.kind'] = 'person', ['customer.birth'] = '2000-01-02' }\n"
        "test('seventeen', function()\n"
        "  local d = apply(form, { on = '2018-01-01', answers = { held = 3 } })\n"
        "  expect(d, { need = { 'extra' }, ask = {} }) end)\n"
        "test('eighteen', function()\n"
        "  local d = apply(form, { on = '2018-01-02', answers = { held = '3' } })\n"
        "  expect(d, { verdict = 'accepted' }) end)\n"
        "test('asked', function() expect(apply(form), { ask = { 'held' } }) end)\n"
        "test('elsewhere', function()\n"
        "  expect(apply(form, { region = '110105' }), { verdict = 'refused',\n"
        "    refuse = { 'regulation.none_in_force' }, rules = {} }) end)\n"
        "test('too early', function()\n"
        "  expect(apply(form, { on = '2017-12-31' }), { verdict = 'refused' }) end)\n",
        6);
}

static void expect_failure(const char *body, const char *why)
{
    struct buf tests = { 0 }, problems = { 0 };
    struct told told;

    buf_printf(&tests, "test('it', function()\n%s\nend)\ntest('next', function() end)\n", body);
    if (run(tests.at, &told, &problems) != 1)
        fail_msg("%s: %s", body, problems.len > 0 ? problems.at : "did not fail");
    assert_int_equal(told.count, 2);
    if (strstr(told.text.at, why) == NULL)
        fail_msg("expected: %s\ngot: %s", why, told.text.at);
    assert_non_null(strstr(told.text.at, "ok a/1_test.lua: next\n"));
    buf_fini(&told.text);
    buf_fini(&tests);
    buf_fini(&problems);
}

static void test_a_failure_says_where_and_what(void **state)
{
    (void)state;
    expect_failure("expect(decide { held = 0 }, { verdict = 'accepted' })",
                   "not ok a/1_test.lua: it: a/1_test.lua:2: verdict: expected accepted, got "
                   "incomplete");
    expect_failure("expect(decide {}, { need = { 'extra', 'customer.kind' } })",
                   "a/1_test.lua:2: need: expected { customer.kind, extra }, got { customer.kind, "
                   "customer.minor }");
    expect_failure("\nexpect(decide {}, { nede = {} })", "a/1_test.lua:3: a decision has no nede");
    expect_failure("expect_need(decide {}, 'extra')",
                   "need: expected extra, got { customer.kind, customer.minor }");
    expect_failure("expect_no(decide {}, 'customer.kind')",
                   "did not expect customer.kind, but it is in need");
    expect_failure("expect_rule(decide { customer = { kind = 'firm', minor = false } }, 'a/1#1')",
                   "rules: expected a/1#1, got { a/1#2, a/1#4 }");
    expect_failure("expect_no_rule(decide {}, 'a/1#1')", "rules: did not expect a/1#1");
    expect_failure("decide { customer = { knid = 'firm' } }",
                   "the fact customer.knid is not declared; did you mean customer.kind?");
    expect_failure("decide { customer = { kind = 'form' } }",
                   "the fact customer.kind cannot be form");
    expect_failure("decide { held = {} } decide { held = 1.5 }",
                   "a value is a text, a whole number, true or false");
    expect_failure("apply({ ['customer.birth'] = '2000-1-2' })",
                   "the field customer.birth is a day");
    expect_failure("apply({}, { on = 'today' })", "the option on is a day");
    expect_failure("apply({}, { when = '2020-01-01' })",
                   "the options are on, begun, region, stack and answers");
    expect_failure("error 'mine'", "a/1_test.lua:2: mine");
    expect_failure("while true do end", "a/1_test.lua:2: ran out of its budget");
    expect_failure("expect(nil, {})", "bad argument #1 to 'expect'");
    expect_failure("expect({}, {})", "the first argument is what decide or apply gave");
}

static void expect_broken(const char *tests, const char *problem)
{
    struct buf problems = { 0 };
    struct told told;

    assert_true(run(tests, &told, &problems) < 0);
    if (strstr(problems.at, problem) == NULL)
        fail_msg("expected: %s\ngot: %s", problem, problems.at);
    buf_fini(&told.text);
    buf_fini(&problems);
}

static void test_a_test_file_that_does_not_load_is_no_pass(void **state)
{
    (void)state;
    expect_broken(NULL, "a/1_test.lua: cannot be read");
    expect_broken("test('x', function()", "a/1_test.lua:1: 'end' expected");
    expect_broken("\ntset('x', function() end)",
                  "a/1_test.lua:2: 'tset' is not a name a policy may use; did you mean 'test'?");
    expect_broken("while true do end", "a/1_test.lua:1: ran out of its budget");
    expect_broken("test(1, 2)", "a/1_test.lua:1: bad argument #1 to 'test'");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_facts_given_are_known_and_others_are_not),
        cmocka_unit_test(test_fields_are_derived_and_answers_given),
        cmocka_unit_test(test_a_failure_says_where_and_what),
        cmocka_unit_test(test_a_test_file_that_does_not_load_is_no_pass),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
