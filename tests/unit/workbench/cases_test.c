/* SPDX-License-Identifier: Apache-2.0 */
/* When a rule says what: its rows together are exactly the cases in which running it says so, and
 * no case is in two rows. */
#include "workbench/cases.h"
#include "workbench/table.h"

#include <setjmp.h>
#include <stdlib.h>
#include <cmocka.h>

static const char documents[] = "document 'card' { zh = '卡', en = 'card', number = 'free', person "
                                "= true, organisation = false }";
static const char vocabulary[] =
    "fact 'a' { values = { true, false }, source = 'form', zh = '甲', en = 'a' }\n"
    "fact 'b' { values = { 'x', 'y', 'z' }, source = 'form', zh = '乙', en = 'b' }\n"
    "fact 'c' { values = { 0, 4, 5 }, source = 'form', zh = '丙', en = 'c' }\n"
    "fact 'd' { values = { true, false }, source = 'form', zh = '丁', en = 'd' }\n"
    "word 'more' { kind = 'need', zh = '多', en = 'more' }\n"
    "word 'no' { kind = 'refuse', zh = '否', en = 'no' }\n"
    "word 'police' { kind = 'report', zh = '警', en = 'police' }\n"
    "word 'keep' { kind = 'oblige', zh = '留', en = 'keep' }\n";
static const char rules[] =
    "regulation { id = 'a/1', region = '', from = '2020-01-01',\n"
    "  title = { zh = '法', en = 'law' } }\n"
    "rule '1' { zh = '一', en = 'one', check = function() oblige 'keep' end }\n"
    "rule '2' { zh = '二', en = 'two', applies = function(case) return case.a end,\n"
    "  check = function(case)\n"
    "    if case.b ~= 'y' and case.c >= 4 then need 'more' end\n"
    "    if case.c == 5 and not case.d then refuse 'no' report { to = 'police', within = '1h' } "
    "end\n"
    "  end }\n"
    "rule '3' { zh = '三', en = 'three', check = function(case)\n"
    "    if case.d then if case.b == 'x' then refuse 'no' end elseif case.a then refuse 'no' end\n"
    "  end }\n"
    "rule '4' { zh = '四', en = 'four', check = function(case) if case.a then return end end }\n"
    "rule '5' { zh = '五', en = 'five', bites_from = '2030-01-01',\n"
    "  check = function(case) if case.a then refuse 'no' end end }\n";

enum { FACTS = 4 };

struct lab {
    struct policy_set *set;
    struct policy *policy;
};

static int lab_init(void **state)
{
    static const char *const stack[] = { "a/1" };
    const struct policy_text texts[] = { { "documents.lua", str_of(documents) },
                                         { "vocabulary.lua", str_of(vocabulary) },
                                         { "a/1.lua", str_of(rules) } };
    struct lab *lab = calloc(1, sizeof *lab);
    struct buf problems = { 0 };
    struct smg_err err = { 0 };

    lab->set = policy_set_from(texts, 3, stack, 1, &problems);
    if (lab->set == NULL)
        fail_msg("%s", problems.at);
    lab->policy = policy_new(lab->set, &err);
    assert_non_null(lab->policy);
    *state = lab;
    return 0;
}

static int lab_fini(void **state)
{
    struct lab *lab = *state;

    policy_free(lab->policy);
    policy_set_free(lab->set);
    free(lab);
    return 0;
}

/* The case at hand as value indices, and how many rows hold it. */
struct held {
    size_t values[FACTS], rows;
};

static void count_row(void *ctx, const struct table_row *row)
{
    struct held *held = ctx;
    size_t i;

    for (i = 0; i < row->condition_count; i++) {
        const struct table_condition *it = &row->conditions[i];

        if (memchr(row->values + it->first, (int)held->values[it->variable], it->count) == NULL)
            return;
    }
    held->rows++;
}

static bool says(struct lab *lab, size_t rule, const size_t *values, const struct effect *effect)
{
    static const struct smg_date on = { 2035, 1, 1 };
    static struct decision said;
    size_t i;

    evaluate_begin(lab->policy, NULL, "000000", on, DATE_NONE);
    for (i = 0; i < FACTS; i++)
        assert_int_equal(evaluate_tell(lab->policy, &lab->set->facts[i],
                                       lab->set->facts[i].values[values[i]].text),
                         SMG_OK);
    said = (struct decision){ .effect_count = 0 };
    assert_int_equal(evaluate_rule(lab->policy, rule, &said), OUTCOME_RAN);
    for (i = 0; i < said.effect_count; i++)
        if (said.effects[i].kind == effect->kind && strcmp(said.effects[i].what, effect->what) == 0)
            return true;
    return false;
}

static bool next_case(const struct policy_set *set, size_t *values)
{
    size_t i;

    for (i = 0; i < FACTS; i++) {
        if (++values[i] < set->facts[i].value_count)
            return true;
        values[i] = 0;
    }
    return false;
}

static void test_rows_are_exactly_the_cases_in_which_a_rule_speaks(void **state)
{
    struct lab *lab = *state;
    size_t rule, i;

    for (rule = 0; rule < lab->set->rule_count; rule++) {
        struct cases cases;
        struct smg_err err = { 0 };

        assert_true(cases_explore(lab->policy, rule, &cases, &err));
        assert_true(cases.complete);
        for (i = 0; i < cases.count; i++) {
            struct held held = { .rows = 0 };

            do {
                held.rows = 0;
                table_rows(cases.all, cases.sayings[i].cases, count_row, &held);
                assert_int_equal(held.rows, says(lab, rule, held.values, &cases.sayings[i].effect));
            } while (next_case(lab->set, held.values));
        }
        cases_fini(&cases);
    }
}

static void test_what_a_rule_reads_and_says_is_told(void **state)
{
    struct lab *lab = *state;
    struct smg_err err = { 0 };
    struct cases cases;

    assert_true(cases_explore(lab->policy, 1, &cases, &err));
    assert_int_equal(cases.count, 3);
    assert_true(cases.reads[0] && cases.reads[1] && cases.reads[2] && cases.reads[3]);
    cases_fini(&cases);
    assert_true(cases_explore(lab->policy, 0, &cases, &err));
    assert_int_equal(cases.count, 1);
    assert_int_equal(cases.sayings[0].cases, DIAGRAM_ALL);
    assert_false(cases.reads[0]);
    cases_fini(&cases);
    assert_true(cases_explore(lab->policy, 3, &cases, &err));
    assert_int_equal(cases.count, 0);
    assert_true(cases.reads[0] && !cases.reads[1]);
    cases_fini(&cases);
}

static void test_a_rule_that_warns_first_is_told_as_it_bites(void **state)
{
    struct lab *lab = *state;
    struct smg_err err = { 0 };
    struct cases cases;

    assert_true(cases_explore(lab->policy, 4, &cases, &err));
    assert_int_equal(cases.count, 1);
    assert_int_equal(cases.sayings[0].effect.kind, EFFECT_REFUSE);
    cases_fini(&cases);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows_are_exactly_the_cases_in_which_a_rule_speaks),
        cmocka_unit_test(test_what_a_rule_reads_and_says_is_told),
        cmocka_unit_test(test_a_rule_that_warns_first_is_told_as_it_bites),
    };

    return cmocka_run_group_tests(tests, lab_init, lab_fini);
}
