/* SPDX-License-Identifier: Apache-2.0 */
/* Each test is run once, and every case it decides is decided again to see who spoke. */
#include "workbench/rests.h"

#include "policy/folder.h"
#include "policy/testing.h"

#include <stdlib.h>

struct test {
    char *file, *name;
    bool *rules; /* by rule of the set: it has an effect in some case */
};

struct rests {
    struct policy_set *set; /* shared */
    struct test *tests;
    size_t count;
    struct decision said; /* of the case at hand */
    bool failed;          /* out of memory */
};

static void hear(void *ctx, struct policy *policy)
{
    struct rests *rests = ctx;
    const struct test *test = &rests->tests[rests->count - 1];
    size_t i;

    decision_run(policy, &rests->said);
    for (i = 0; i < rests->said.effect_count; i++) {
        int rule = set_rule(rests->set, str_of(rests->said.effects[i].rule));

        if (rule != RULE_NONE)
            test->rules[rule] = true;
    }
}

static bool add(struct rests *rests, const struct testing *testing, size_t i)
{
    struct test *grown = set_grow(rests->tests, rests->count, sizeof *grown), *test;

    if (grown == NULL)
        return false;
    rests->tests = grown;
    test = &rests->tests[rests->count++];
    *test = (struct test){ .file = strdup(testing_file(testing)),
                           .name = strdup(testing_name(testing, i)),
                           .rules = calloc(rests->set->rule_count + 1, sizeof *test->rules) };
    return test->file != NULL && test->name != NULL && test->rules != NULL;
}

static bool run_file(struct rests *rests, struct policy *policy, size_t regulation,
                     const char *path, struct buf *problems)
{
    struct testing *testing = testing_open(policy, regulation, path, problems);
    const struct fault *why;
    size_t i;

    if (testing == NULL)
        return false;
    testing_watch(testing, hear, rests);
    for (i = 0; !rests->failed && i < testing_count(testing); i++) {
        rests->failed = !add(rests, testing, i);
        if (!rests->failed)
            testing_run(testing, i, &why);
    }
    testing_close(testing);
    return true;
}

static bool run_all(struct rests *rests, const char *path, struct buf *problems)
{
    struct smg_err err = { 0 };
    struct policy *policy = policy_new(rests->set, &err);
    bool ran = policy != NULL;
    size_t i;

    if (policy == NULL)
        set_problem(problems, "policies", 0, "%s", err.text);
    for (i = 0; ran && i < rests->set->regulation_count; i++) {
        char name[NAME_BYTES];

        snprintf(name, sizeof name, "%s_test.lua", rests->set->regulations[i].info.id);
        if (folder_has(path, name))
            ran = run_file(rests, policy, i, path, problems);
    }
    policy_free(policy);
    if (rests->failed)
        set_problem(problems, "policies", 0, "out of memory");
    return ran && !rests->failed;
}

struct rests *rests_new(struct policy_set *set, const char *path, struct buf *problems)
{
    struct rests *rests = calloc(1, sizeof *rests);

    if (rests == NULL) {
        set_problem(problems, "policies", 0, "out of memory");
        return NULL;
    }
    rests->set = policy_set_share(set);
    if (run_all(rests, path, problems))
        return rests;
    rests_free(rests);
    return NULL;
}

void rests_free(struct rests *rests)
{
    size_t i;

    if (rests == NULL)
        return;
    for (i = 0; i < rests->count; i++) {
        free(rests->tests[i].file);
        free(rests->tests[i].name);
        free(rests->tests[i].rules);
    }
    free(rests->tests);
    policy_set_free(rests->set);
    free(rests);
}

size_t rests_count(const struct rests *rests)
{
    return rests->count;
}

const char *rests_file(const struct rests *rests, size_t test)
{
    return rests->tests[test].file;
}

const char *rests_name(const struct rests *rests, size_t test)
{
    return rests->tests[test].name;
}

bool rests_on(const struct rests *rests, size_t test, const size_t *rules, size_t rule_count)
{
    size_t i;

    for (i = 0; i < rule_count; i++)
        if (rests->tests[test].rules[rules[i]])
            return true;
    return false;
}
