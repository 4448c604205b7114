/* SPDX-License-Identifier: Apache-2.0 */
/* A test is run only when a rule that the fault touches decides one of its cases otherwise, and the
 * tests that killed last are asked first. What no test kills is compared with the text as it is,
 * rule by rule, in all cases. */
#include "workbench/mutate.h"

#include "policy/testing.h"
#include "workbench/joint.h"
#include "workbench/show.h"

#include <stdlib.h>

/* A case that the tests decide, and the values its facts have. */
struct known_case {
    size_t test;
    int16_t *values;
};

struct mutating {
    struct policy *policy;
    size_t regulation;
    struct testing *testing;
    struct known_case *cases; /* in the order of the tests */
    size_t *first_case;       /* by test; one more at the end */
    size_t *order;            /* tests, the latest killer first */
    size_t test_count;
    size_t running; /* the test whose cases are being learned */
    bool *touched;  /* by rule: the fault makes it say something else */
    bool failed;    /* out of memory */
    struct mutation *out;
};

/* ---- the tests as they are ---- */

static void on_case(void *ctx, struct policy *policy)
{
    struct mutating *mutating = ctx;
    size_t bytes = policy->set->fact_count * sizeof *policy->values;
    struct known_case *grown =
        set_grow(mutating->cases, mutating->out->cases, sizeof *mutating->cases);

    evaluate_rest(policy);
    if (grown != NULL) {
        mutating->cases = grown;
        grown[mutating->out->cases].test = mutating->running;
        grown[mutating->out->cases].values = malloc(bytes + 1);
    }
    if (grown == NULL || grown[mutating->out->cases].values == NULL) {
        mutating->failed = true;
        return;
    }
    memcpy(grown[mutating->out->cases++].values, policy->values, bytes);
}

/* Every test must pass before a fault can be blamed for a failure. */
static bool learn_cases(struct mutating *mutating, struct buf *problems)
{
    size_t before = problems->len, i;

    testing_watch(mutating->testing, on_case, mutating);
    for (i = 0; i < mutating->test_count; i++) {
        const struct fault *why;

        mutating->running = i;
        mutating->first_case[i] = mutating->out->cases;
        mutating->order[i] = i;
        if (!testing_run(mutating->testing, i, &why))
            set_problem(problems, why->file, why->line,
                        "the test \"%s\" fails before any fault is planted: %s",
                        testing_name(mutating->testing, i), why->text);
    }
    mutating->first_case[i] = mutating->out->cases;
    testing_watch(mutating->testing, NULL, NULL);
    if (mutating->test_count == 0)
        set_problem(problems, testing_file(mutating->testing), 0, "holds no test");
    if (mutating->failed)
        set_problem(problems, "policies", 0, "out of memory");
    return problems->len == before;
}

/* ---- one fault ---- */

static void put_facts(const struct comparison *comparison, struct buf *out)
{
    const struct policy *policy = comparison->variant->policy;
    size_t i;

    for (i = 0; i < comparison->fact_count; i++) {
        const struct fact *fact = &policy->set->facts[comparison->facts[i]];
        int value = policy->values[comparison->facts[i]];

        buf_printf(out, "%s = %s\n", fact->name,
                   value < 0 ? "(not known)" : fact->values[value].text.at);
    }
}

static void put_said(const struct decision *said, struct buf *out)
{
    char within[24];
    size_t i;

    for (i = 0; i < said->effect_count; i++) {
        buf_printf(out, "%s %s", show_kind((int)said->effects[i].kind), said->effects[i].what);
        if (said->effects[i].within_ms > 0)
            buf_printf(out, " within %s", policy_within(said->effects[i].within_ms, within));
        buf_byte(out, '\n');
    }
    for (i = 0; i < said->question_count; i++)
        buf_printf(out, "ask %s\n", said->questions[i].fact);
}

/* The texts of one fate, in one place. */
struct account {
    struct buf text, problems, facts, says[2];
    double cases;
    const char *rule;
};

static void account_fini(struct account *account)
{
    buf_fini(&account->text);
    buf_fini(&account->problems);
    buf_fini(&account->facts);
    buf_fini(&account->says[0]);
    buf_fini(&account->says[1]);
}

/* Compare every rule of the regulation in all cases. JOINT_SAME: equivalent; JOINT_OTHERWISE: the
 * first difference is in the account, and all that are touched are known. */
static enum joint compare(struct mutating *mutating, struct comparison *comparison,
                          struct account *account)
{
    const struct policy_set *set = mutating->policy->set;
    const struct fault *fault = &mutating->policy->box->fault;
    enum joint all = JOINT_SAME, one;
    size_t i;

    for (i = 0; i < set->rule_count; i++) {
        if (set->rules[i].regulation != mutating->regulation)
            continue;
        one = joint_compare(comparison, i);
        account->cases += comparison->cases;
        mutating->touched[i] = one != JOINT_SAME;
        if (one == JOINT_FAILS) {
            set_problem(&account->problems, fault->file, fault->line, "%s", fault->text);
            return one;
        }
        if (one == JOINT_OTHERWISE && all != JOINT_OTHERWISE) {
            put_facts(comparison, &account->facts);
            put_said(comparison->said[0], &account->says[0]);
            put_said(comparison->said[1], &account->says[1]);
        }
        if (one != JOINT_SAME && all != JOINT_OTHERWISE) {
            account->rule = set->rules[i].id;
            all = one;
        }
    }
    return all;
}

/* Does a case of the test come out otherwise? That one fails counts for more: it needs no test. */
static enum joint look_at_test(struct mutating *mutating, struct comparison *comparison,
                               size_t test)
{
    enum joint joint, worst = JOINT_SAME;
    size_t i, rule;

    for (i = mutating->first_case[test]; i < mutating->first_case[test + 1]; i++)
        for (rule = 0; rule < mutating->policy->set->rule_count; rule++) {
            if (!mutating->touched[rule])
                continue;
            joint = joint_compare_in(comparison, rule, mutating->cases[i].values);
            if (joint == JOINT_FAILS)
                return joint;
            worst = joint == JOINT_SAME ? worst : joint;
        }
    return worst;
}

/* JOINT_OTHERWISE: the test that fails is the first of the order. */
static enum joint find_killer(struct mutating *mutating, struct comparison *comparison)
{
    size_t i, test;

    for (i = 0; i < mutating->test_count; i++) {
        const struct fault *why;
        enum joint joint;
        bool passed;

        test = mutating->order[i];
        joint = look_at_test(mutating, comparison, test);
        if (joint == JOINT_FAILS)
            return joint;
        if (joint == JOINT_SAME)
            continue;
        variant_swap(comparison->variant);
        passed = testing_run(mutating->testing, test, &why);
        variant_swap(comparison->variant);
        mutating->out->test_runs++;
        if (passed)
            continue;
        memmove(mutating->order + 1, mutating->order, i * sizeof *mutating->order);
        mutating->order[0] = test;
        return JOINT_OTHERWISE;
    }
    return JOINT_SAME;
}

/* What the names in the text say is asked first. Only a fault that lives through that is compared
 * in all cases, and if that shows more rules touched than the names told, asked again. */
static enum fate judge_variant(struct mutating *mutating, struct comparison *comparison,
                               struct account *account, const char **killer)
{
    const struct fault *fault = &mutating->policy->box->fault;
    enum joint joint = find_killer(mutating, comparison);

    if (joint == JOINT_FAILS)
        set_problem(&account->problems, fault->file, fault->line, "%s", fault->text);
    if (joint == JOINT_SAME) {
        joint = compare(mutating, comparison, account);
        if (joint == JOINT_SAME)
            return FATE_EQUIVALENT;
        if (joint != JOINT_FAILS && find_killer(mutating, comparison) == JOINT_SAME)
            return FATE_ALIVE;
    }
    *killer = joint == JOINT_FAILS ? account->problems.at
                                   : testing_name(mutating->testing, mutating->order[0]);
    return FATE_KILLED;
}

static enum fate judge(struct mutating *mutating, const struct mutants *mutants, size_t at,
                       struct account *account, const char **killer)
{
    const struct policy_set *set = mutating->policy->set;
    struct smg_str text = set_regulation(set, mutating->regulation).text;
    struct variant variant = { 0 };
    struct comparison comparison = { 0 };
    enum fate fate = FATE_KILLED;
    bool loads;
    size_t i;

    mutant_text(mutants, at, text, &account->text);
    for (i = 0; i < set->rule_count; i++)
        mutating->touched[i] = set->rules[i].regulation == mutating->regulation &&
                               mutant_may_touch(mutants, at, set->rules[i].line);
    loads = variant_load(mutating->policy, mutating->regulation, buf_view(&account->text), &variant,
                         &account->problems);
    if (!loads)
        *killer = account->problems.at;
    else if (joint_begin(&comparison, &variant))
        fate = judge_variant(mutating, &comparison, account, killer);
    else
        mutating->failed = true;
    mutating->failed = mutating->failed || account->text.failed || account->problems.failed;
    mutating->out->rule_runs += comparison.runs;
    joint_end(&comparison);
    variant_drop(&variant);
    return fate;
}

static void tell(struct mutating *mutating, const struct mutants *mutants, size_t at, mutate_fn fn,
                 void *ctx)
{
    const struct policy_set *set = mutating->policy->set;
    struct policy_text text = set_regulation(set, mutating->regulation);
    const struct mutant *mutant = &mutants->at[at];
    struct account account = { .rule = "" };
    struct fated fated = { .file = text.name,
                           .mutant = mutant,
                           .was = { text.text.at + mutant->from, mutant->to - mutant->from },
                           .with = mutant_with(mutants, at) };

    fated.fate = judge(mutating, mutants, at, &account, &fated.killer);
    fated.cases = account.cases;
    fated.rule = account.rule;
    fated.facts = account.facts.len > 0 ? account.facts.at : "";
    fated.says[0] = account.says[0].len > 0 ? account.says[0].at : "";
    fated.says[1] = account.says[1].len > 0 ? account.says[1].at : "";
    mutating->out->killed += fated.fate == FATE_KILLED;
    mutating->out->equivalent += fated.fate == FATE_EQUIVALENT;
    mutating->out->alive += fated.fate == FATE_ALIVE;
    if (!mutating->failed)
        fn(ctx, &fated, at + 1, mutants->count);
    account_fini(&account);
}

/* ---- all of them ---- */

static bool begin(struct mutating *mutating, struct policy_set *set, const char *path,
                  struct buf *problems)
{
    struct smg_err err = { 0 };

    mutating->policy = policy_new(set, &err);
    if (mutating->policy == NULL) {
        set_problem(problems, "policies", 0, "%s", err.text);
        return false;
    }
    mutating->testing = testing_open(mutating->policy, mutating->regulation, path, problems);
    if (mutating->testing == NULL)
        return false;
    mutating->test_count = testing_count(mutating->testing);
    mutating->first_case = calloc(mutating->test_count + 1, sizeof *mutating->first_case);
    mutating->order = calloc(mutating->test_count + 1, sizeof *mutating->order);
    mutating->touched = calloc(set->rule_count + 1, sizeof *mutating->touched);
    if (mutating->first_case != NULL && mutating->order != NULL && mutating->touched != NULL)
        return learn_cases(mutating, problems);
    set_problem(problems, "policies", 0, "out of memory");
    return false;
}

bool mutate(struct policy_set *set, size_t regulation, const char *path, mutate_fn fn, void *ctx,
            struct mutation *out, struct buf *problems)
{
    struct mutating mutating = { .regulation = regulation, .out = out };
    struct mutants mutants = { 0 };
    bool done = false;
    size_t i;

    *out = (struct mutation){ 0 };
    if (begin(&mutating, set, path, problems) &&
        mutants_find(set, regulation, &mutants, problems)) {
        for (i = 0; i < mutants.count && !mutating.failed; i++)
            tell(&mutating, &mutants, i, fn, ctx);
        done = !mutating.failed;
        if (!done)
            set_problem(problems, "policies", 0, "out of memory");
    }
    mutants_fini(&mutants);
    for (i = 0; i < out->cases; i++)
        free(mutating.cases[i].values);
    free(mutating.cases);
    free(mutating.first_case);
    free(mutating.order);
    free(mutating.touched);
    testing_close(mutating.testing);
    policy_free(mutating.policy);
    return done;
}
