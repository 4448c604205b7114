/* SPDX-License-Identifier: Apache-2.0 */
/* Depth first over the facts that either text reads: both are run under the same values, and the
 * last fact that has another value left is changed. */
#include "workbench/joint.h"

#include <stdlib.h>

enum { RUNS_A_RULE = 400000 };

bool joint_begin(struct comparison *comparison, struct variant *variant)
{
    size_t facts = variant->policy->set->fact_count + 1;

    *comparison = (struct comparison){ .variant = variant };
    comparison->said[0] = malloc(sizeof *comparison->said[0]);
    comparison->said[1] = malloc(sizeof *comparison->said[1]);
    comparison->facts = calloc(facts, sizeof *comparison->facts);
    comparison->read = calloc(facts, sizeof *comparison->read);
    return comparison->said[0] != NULL && comparison->said[1] != NULL &&
           comparison->facts != NULL && comparison->read != NULL;
}

void joint_end(struct comparison *comparison)
{
    free(comparison->said[0]);
    free(comparison->said[1]);
    free(comparison->facts);
    free(comparison->read);
    *comparison = (struct comparison){ 0 };
}

/* ---- what was said ---- */

static bool is_same_effect(const struct effect *a, const struct effect *b)
{
    return a->kind == b->kind && a->within_ms == b->within_ms && strcmp(a->what, b->what) == 0 &&
           str_eq(str_of(a->to), str_of(b->to));
}

/* No effect and no question stands in a decision twice, so one has all of the other's or not. */
static bool is_same(const struct decision *a, const struct decision *b)
{
    size_t i, j;

    if (a->effect_count != b->effect_count || a->question_count != b->question_count)
        return false;
    for (i = 0; i < a->effect_count; i++) {
        for (j = 0; j < b->effect_count && !is_same_effect(&a->effects[i], &b->effects[j]); j++)
            ;
        if (j == b->effect_count)
            return false;
    }
    for (i = 0; i < a->question_count; i++) {
        for (j = 0; j < b->question_count && a->questions[i].fact != b->questions[j].fact; j++)
            ;
        if (j == b->question_count)
            return false;
    }
    return true;
}

static enum ending run(struct comparison *comparison, size_t rule, int text)
{
    struct policy *policy = comparison->variant->policy;
    struct decision *said = comparison->said[text];
    enum ending outcome;

    said->effect_count = said->question_count = said->policy_count = 0;
    said->broken = false;
    sandbox_begin(policy->box);
    comparison->runs++;
    if (text == 0)
        return evaluate_rule(policy, rule, said);
    variant_swap(comparison->variant);
    outcome = evaluate_rule(policy, rule, said);
    variant_swap(comparison->variant);
    return outcome;
}

static bool ends_well(enum ending outcome)
{
    return outcome == OUTCOME_RAN || outcome == OUTCOME_STOPPED;
}

static enum joint run_both(struct comparison *comparison, size_t rule)
{
    enum ending own = run(comparison, rule, 0), other;

    if (!ends_well(own))
        return JOINT_SAME; /* what fails already is not the variant's doing */
    other = run(comparison, rule, 1);
    if (!ends_well(other))
        return JOINT_FAILS;
    return is_same(comparison->said[0], comparison->said[1]) ? JOINT_SAME : JOINT_OTHERWISE;
}

/* ---- every case ---- */

static void on_read(void *ctx, size_t fact)
{
    struct comparison *comparison = ctx;
    int16_t *value = &comparison->variant->policy->values[fact];

    if (*value != FACT_UNASKED)
        return;
    *value = 0;
    comparison->read[fact] = true;
    comparison->facts[comparison->fact_count++] = (uint16_t)fact;
}

static bool advance(struct comparison *comparison)
{
    const struct policy *policy = comparison->variant->policy;

    while (comparison->fact_count > 0) {
        size_t fact = comparison->facts[comparison->fact_count - 1];
        int16_t *value = &policy->values[fact];

        if (*value >= 0) {
            bool last = (size_t)*value + 1 == policy->set->facts[fact].value_count;

            *value = last ? FACT_UNKNOWN : (int16_t)(*value + 1);
            return true;
        }
        *value = FACT_UNASKED;
        comparison->fact_count--;
    }
    return false;
}

static void count_cases(struct comparison *comparison)
{
    const struct policy_set *set = comparison->variant->policy->set;
    size_t i;

    comparison->cases = 1;
    for (i = 0; i < set->fact_count; i++)
        if (comparison->read[i])
            comparison->cases *= (double)(set->facts[i].value_count + 1);
}

static enum joint walk(struct comparison *comparison, size_t rule)
{
    size_t limit = comparison->runs + RUNS_A_RULE;
    enum joint joint;

    do
        joint = comparison->runs < limit ? run_both(comparison, rule) : JOINT_UNFINISHED;
    while (joint == JOINT_SAME && advance(comparison));
    return joint;
}

enum joint joint_compare(struct comparison *comparison, size_t rule)
{
    struct policy *policy = comparison->variant->policy;
    const struct rule *it = &policy->set->rules[rule];
    struct smg_date on =
        date_is_none(it->bites) ? policy->set->regulations[it->regulation].from : it->bites;
    enum joint joint;

    evaluate_begin(policy, NULL, "", on, on);
    comparison->fact_count = 0;
    memset(comparison->read, 0, policy->set->fact_count * sizeof *comparison->read);
    policy->on_read = on_read;
    policy->ctx = comparison;
    joint = walk(comparison, rule);
    policy->on_read = NULL;
    count_cases(comparison);
    return joint;
}

enum joint joint_compare_in(struct comparison *comparison, size_t rule, const int16_t *values)
{
    struct policy *policy = comparison->variant->policy;
    struct smg_date on = policy->on;

    evaluate_begin(policy, NULL, "", on, on);
    memcpy(policy->values, values, policy->set->fact_count * sizeof *values);
    return run_both(comparison, rule);
}
