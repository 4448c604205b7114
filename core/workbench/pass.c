/* SPDX-License-Identifier: Apache-2.0 */
/* The accepted cases as diagrams of their own, and a shortest way to them. */
#include "workbench/pass.h"

#include "policy/evaluate.h"
#include "workbench/space.h"

#include <stdatomic.h>
#include <stdlib.h>

/* What a rule needs, refuses or asks, and which facts bear on it. */
struct blocking {
    const struct rule *rule;
    diagram cases;
    bool *reads; /* by fact */
};

/* With one set in its space, variables are the set's facts in their order. */
struct passing {
    atomic_uint owners;
    struct policy_set *set;
    struct diagrams *all;
    diagram accepted;
    struct blocking *blocking;
    size_t blocking_count;
    uint16_t *in_force;
    bool *biting; /* by place in in_force */
    size_t in_force_count;
};

static bool is_blocking(const struct said *said)
{
    return said->kind == EFFECT_NEED || said->kind == EFFECT_REFUSE || said->kind == SAID_ASKS;
}

/* The accepted cases and everything that blocks, taken out of the space. */
static bool take_cases(struct passing *passing, const struct space *space)
{
    const struct reading *reading = &space->readings[0];
    diagram *roots = calloc(reading->said_count + 1, sizeof *roots);
    bool good = roots != NULL;
    size_t i;

    passing->blocking = calloc(reading->said_count + 1, sizeof *passing->blocking);
    good = good && passing->blocking != NULL;
    for (i = 0; good && i < reading->said_count; i++)
        if (is_blocking(&reading->said[i])) {
            passing->blocking[passing->blocking_count++].rule = reading->said[i].rule;
            roots[passing->blocking_count] = reading->said[i].cases;
        }
    if (good) {
        roots[0] = reading->accepted;
        passing->all = diagrams_apart(space->all, roots, passing->blocking_count + 1);
        good = passing->all != NULL;
    }
    for (i = 0; good && i < passing->blocking_count; i++) {
        struct blocking *it = &passing->blocking[i];

        it->cases = roots[i + 1];
        it->reads = calloc(space->variable_count + 1, sizeof *it->reads);
        good = it->reads != NULL && diagram_tests(passing->all, it->cases, it->reads);
    }
    if (good)
        passing->accepted = roots[0];
    free(roots);
    return good;
}

static bool take_rules(struct passing *passing, const struct reading *reading)
{
    size_t i;

    passing->in_force = calloc(reading->rule_count + 1, sizeof *passing->in_force);
    passing->biting = calloc(reading->rule_count + 1, sizeof *passing->biting);
    if (passing->in_force == NULL || passing->biting == NULL)
        return false;
    passing->in_force_count = reading->rule_count;
    for (i = 0; i < reading->rule_count; i++) {
        passing->in_force[i] = reading->rules[i];
        passing->biting[i] = evaluate_bites(reading->policy, reading->rules[i]);
    }
    return true;
}

struct passing *passing_new(struct policy_set *set, const char *region, struct smg_date on,
                            struct smg_date begun, struct smg_err *err)
{
    struct space *space = space_new(
        &(struct space_of){ .set = set, .region = region, .on = on, .begun = begun }, 1, err);
    struct passing *passing = space == NULL ? NULL : calloc(1, sizeof *passing);

    if (passing != NULL) {
        atomic_init(&passing->owners, 1);
        passing->set = policy_set_share(set);
        if (!take_cases(passing, space) || !take_rules(passing, &space->readings[0])) {
            passing_free(passing);
            passing = NULL;
        }
    }
    if (passing == NULL && space != NULL)
        smg_fail(err, SMG_E_MEMORY, "out of memory");
    space_free(space);
    return passing;
}

struct passing *passing_share(struct passing *passing)
{
    atomic_fetch_add(&passing->owners, 1);
    return passing;
}

void passing_free(struct passing *passing)
{
    size_t i;

    if (passing == NULL || atomic_fetch_sub(&passing->owners, 1) > 1)
        return;
    for (i = 0; passing->blocking != NULL && i < passing->blocking_count; i++)
        free(passing->blocking[i].reads);
    free(passing->blocking);
    free(passing->in_force);
    free(passing->biting);
    diagrams_free(passing->all);
    policy_set_free(passing->set);
    free(passing);
}

bool passing_fits(const struct passing *passing, const struct policy *policy)
{
    size_t i;

    if (passing->set != policy->set || passing->in_force_count != policy->in_force_count)
        return false;
    for (i = 0; i < passing->in_force_count; i++)
        if (passing->in_force[i] != policy->in_force[i] ||
            passing->biting[i] != evaluate_bites(policy, policy->in_force[i]))
            return false;
    return true;
}

/* ---- the way there ---- */

struct route {
    const struct passing *passing;
    uint8_t now[SET_FACTS], then[SET_FACTS]; /* by fact; "not known" is past the last value */
};

/* Staying is free. What is known never becomes unknown, and what its fact keeps stays. */
static int cost(void *ctx, size_t variable, size_t value)
{
    const struct route *route = ctx;
    const struct fact *fact = &route->passing->set->facts[variable];
    size_t now = route->now[variable];

    if (value == now)
        return 0;
    if (value == fact->value_count || (now < fact->value_count && (fact->keeps >> now & 1) != 0))
        return -1;
    return 1;
}

/* The rule that asks for this fact now; or would, once the others are as they must be. */
static const struct rule *rule_for(const struct route *route, size_t fact)
{
    const struct passing *passing = route->passing;
    const struct rule *later = NULL;
    uint8_t values[SET_FACTS];
    size_t i;

    memcpy(values, route->then, sizeof values);
    values[fact] = route->now[fact];
    for (i = 0; i < passing->blocking_count; i++) {
        const struct blocking *it = &passing->blocking[i];

        if (!it->reads[fact])
            continue;
        if (diagram_holds(passing->all, it->cases, route->now))
            return it->rule;
        if (later == NULL && diagram_holds(passing->all, it->cases, values))
            later = it->rule;
    }
    return later;
}

int passing_find(const struct passing *passing, const struct policy *policy,
                 struct pass_step *steps)
{
    const struct policy_set *set = passing->set;
    struct route route = { .passing = passing };
    int count = 0;
    size_t i;

    for (i = 0; i < set->fact_count; i++)
        route.now[i] =
            (uint8_t)(policy->values[i] >= 0 ? policy->values[i] : (int)set->facts[i].value_count);
    if (diagram_nearest(passing->all, passing->accepted, cost, &route, route.then) < 0)
        return -1;
    for (i = 0; i < set->fact_count && count < PASS_STEPS; i++)
        if (route.then[i] != route.now[i])
            steps[count++] = (struct pass_step){
                .fact = &set->facts[i],
                .from = route.now[i] == set->facts[i].value_count ? FACT_UNKNOWN : route.now[i],
                .to = route.then[i],
                .rule = rule_for(&route, i),
            };
    return count;
}
