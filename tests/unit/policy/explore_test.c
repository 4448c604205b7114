/* SPDX-License-Identifier: Apache-2.0 */
/* Exploration: a rule is run once for each way through it, and no more; and evaluators of one set
 * work side by side. */
#include "folder.h"

#include "policy/explore.h"

#include <pthread.h>

static const char vocabulary[] =
    "fact 'a' { values = { true, false }, source = 'form', zh = '甲', en = 'a',\n"
    "  from = function(field) return field 'a' end }\n"
    "fact 'b' { values = { 'x', 'y', 'z' }, source = 'form', zh = '乙', en = 'b' }\n"
    "fact 'c' { values = { 0, 4, 5 }, source = 'registry', registry = 'r', zh = '丙', en = 'c' }\n"
    "fact 'd' { values = { true, false }, source = 'form', zh = '丁', en = 'd' }\n"
    "word 'extra' { kind = 'need', zh = '需', en = 'extra' }\n"
    "word 'no' { kind = 'refuse', zh = '否', en = 'no' }\n";

static const char rules[] =
    "rule '1' { zh = '一', en = 'one', applies = function(case) return case.a end,\n"
    "  check = function(case) if case.b == 'y' then need 'extra' end\n"
    "    if case.b == 'z' and case.c >= 4 then refuse 'no' end end }\n"
    "rule '2' { zh = '二', en = 'two', check = function() end }\n";

struct seen {
    int paths, needs, refusals;
    size_t longest;
};

static bool on_path(void *ctx, const struct path *path)
{
    struct seen *seen = ctx;
    size_t i;

    assert_int_equal(path->outcome, OUTCOME_RAN);
    seen->paths++;
    seen->longest = path->fact_count > seen->longest ? path->fact_count : seen->longest;
    for (i = 0; i < path->said->effect_count; i++) {
        seen->needs += path->said->effects[i].kind == EFFECT_NEED;
        seen->refusals += path->said->effects[i].kind == EFFECT_REFUSE;
    }
    for (i = 0; i < path->fact_count; i++)
        assert_true(path->values[path->facts[i]] >= 0);
    return true;
}

static void test_each_way_through_a_rule_is_run_once(void **state)
{
    struct folder folder;
    struct policy *policy;
    struct seen seen = { 0 };
    bool complete;

    (void)state;
    folder_init(&folder);
    folder_fill(&folder, vocabulary, rules);
    policy = folder_load(&folder, some_stack, 1);
    /* a: no; a, b = x; a, b = y; a, b = z with three values of c. */
    assert_int_equal(explore_rule(policy, 0,
                                  &(struct exploration){ .limit = 1000, .on = { 2026, 1, 1 } },
                                  on_path, &seen, &complete),
                     6);
    assert_true(complete);
    assert_int_equal(seen.paths, 6);
    assert_int_equal(seen.needs, 1);
    assert_int_equal(seen.refusals, 2);
    assert_int_equal(seen.longest, 3);
    seen = (struct seen){ 0 };
    assert_int_equal(explore_rule(policy, 1,
                                  &(struct exploration){ .limit = 1000, .on = { 2026, 1, 1 } },
                                  on_path, &seen, &complete),
                     1);
    assert_true(complete);
    assert_int_equal(seen.longest, 0);
    assert_int_equal(explore_rule(policy, 0,
                                  &(struct exploration){ .limit = 3, .on = { 2026, 1, 1 } },
                                  on_path, &seen, &complete),
                     3);
    assert_false(complete);
    policy_free(policy);
    folder_fini(&folder);
}

static void test_a_decision_after_an_exploration_is_not_touched_by_it(void **state)
{
    struct folder folder;
    struct policy *policy;
    struct seen seen = { 0 };
    struct smg_fields *fields = fields_new();
    struct decision decision;
    bool complete;

    (void)state;
    folder_init(&folder);
    folder_fill(&folder, vocabulary, rules);
    policy = folder_load(&folder, some_stack, 1);
    assert_true(fields_set_bool(fields, "a", false));
    policy_decide(policy, fields, "540000", (struct smg_date){ 2026, 1, 1 }, DATE_NONE, NULL, 0,
                  &decision);
    assert_int_equal(decision.verdict, VERDICT_ACCEPTED);
    assert_int_equal(explore_rule(policy, 0,
                                  &(struct exploration){ .limit = 1000, .on = { 2026, 1, 1 } },
                                  on_path, &seen, &complete),
                     6);
    assert_true(fields_set_bool(fields, "a", true));
    policy_decide(policy, fields, "540000", (struct smg_date){ 2026, 1, 1 }, DATE_NONE, NULL, 0,
                  &decision);
    assert_true(decision_says(&decision, EFFECT_NEED, "b", "a/1#1"));
    policy_free(policy);
    fields_free(fields);
    folder_fini(&folder);
}

/* ---- threads ---- */

static void *decide_often(void *ctx)
{
    struct policy_set *set = ctx;
    struct smg_err err = { 0 };
    struct policy *policy = policy_new(set, &err);
    struct smg_fields *fields = fields_new();
    struct decision decision;
    size_t accepted = 0;
    int i;

    policy_set_free(set);
    if (policy == NULL || fields == NULL)
        return NULL;
    for (i = 0; i < 500; i++) {
        if (!fields_set_bool(fields, "a", i % 2 == 0))
            break;
        policy_decide(policy, fields, "540000", (struct smg_date){ 2026, 1, 1 }, DATE_NONE, NULL, 0,
                      &decision);
        accepted += decision.verdict == VERDICT_ACCEPTED;
    }
    policy_free(policy);
    fields_free(fields);
    return accepted == 250 ? ctx : NULL;
}

static void test_threads_share_a_set_and_the_last_one_frees_it(void **state)
{
    struct folder folder;
    struct policy_set *set;
    pthread_t threads[4];
    void *result;
    int i;

    (void)state;
    folder_init(&folder);
    folder_fill(&folder, vocabulary, rules);
    set = policy_set_load(folder.path, some_stack, 1, &folder.problems);
    assert_non_null(set);
    for (i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, decide_often, policy_set_share(set)), 0);
    policy_set_free(set);
    for (i = 0; i < 4; i++) {
        assert_int_equal(pthread_join(threads[i], &result), 0);
        assert_non_null(result);
    }
    folder_fini(&folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_way_through_a_rule_is_run_once),
        cmocka_unit_test(test_a_decision_after_an_exploration_is_not_touched_by_it),
        cmocka_unit_test(test_threads_share_a_set_and_the_last_one_frees_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
