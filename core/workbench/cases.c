/* SPDX-License-Identifier: Apache-2.0 */
/* Every way through the rule is a cube of cases; those in which it says one thing add up. */
#include "workbench/cases.h"

#include <stdlib.h>

enum { RUNS = 20000, SAYINGS = DECISION_EFFECTS };

static bool is_same(const struct effect *a, const struct effect *b)
{
    return a->kind == b->kind && strcmp(a->what, b->what) == 0 && a->within_ms == b->within_ms;
}

static struct saying *saying_of(struct cases *cases, const struct effect *effect)
{
    size_t i;

    for (i = 0; i < cases->count; i++)
        if (is_same(&cases->sayings[i].effect, effect))
            return &cases->sayings[i];
    if (cases->count == SAYINGS)
        return NULL;
    cases->sayings[cases->count] = (struct saying){ *effect, DIAGRAM_NONE };
    return &cases->sayings[cases->count++];
}

static int ascending(const void *a, const void *b)
{
    return (int)*(const uint16_t *)a - (int)*(const uint16_t *)b;
}

static diagram cube(const struct cases *cases, const struct path *path)
{
    uint16_t *facts = calloc(path->fact_count + 1, sizeof *facts);
    size_t *variables = calloc(path->fact_count + 1, sizeof *variables);
    size_t *values = calloc(path->fact_count + 1, sizeof *values), i;
    diagram cases_of_path = DIAGRAM_NONE;

    if (facts != NULL && variables != NULL && values != NULL) {
        memcpy(facts, path->facts, path->fact_count * sizeof *facts);
        qsort(facts, path->fact_count, sizeof *facts, ascending);
        for (i = 0; i < path->fact_count; i++) {
            variables[i] = facts[i];
            values[i] = (size_t)path->values[facts[i]];
        }
        cases_of_path = diagram_cube(cases->all, variables, values, path->fact_count);
    }
    free(facts);
    free(variables);
    free(values);
    return cases_of_path;
}

static bool take_path(void *ctx, const struct path *path)
{
    struct cases *cases = ctx;
    diagram here;
    size_t i;

    for (i = 0; i < path->fact_count; i++)
        cases->reads[path->facts[i]] = true;
    if (path->said->effect_count == 0)
        return true;
    here = cube(cases, path);
    for (i = 0; i < path->said->effect_count; i++) {
        struct saying *saying = saying_of(cases, &path->said->effects[i]);

        if (saying == NULL)
            return false;
        saying->cases = diagram_or(cases->all, saying->cases, here);
    }
    return here != DIAGRAM_NONE;
}

static bool prepare(struct cases *cases, const struct policy_set *set)
{
    uint8_t *values = calloc(set->fact_count + 1, sizeof *values);
    size_t i;

    *cases = (struct cases){ .set = set,
                             .reads = calloc(set->fact_count + 1, sizeof *cases->reads),
                             .sayings = calloc(SAYINGS, sizeof *cases->sayings) };
    for (i = 0; values != NULL && i < set->fact_count; i++)
        values[i] = (uint8_t)set->facts[i].value_count;
    if (values != NULL)
        cases->all = diagrams_new(values, set->fact_count, 0);
    free(values);
    return cases->all != NULL && cases->reads != NULL && cases->sayings != NULL;
}

bool cases_explore(struct policy *policy, size_t rule, struct cases *out, struct smg_err *err)
{
    const struct policy_set *set = policy->set;
    const struct rule *it = &set->rules[rule];
    struct exploration how = { .limit = RUNS, .on = it->bites };

    if (date_is_none(how.on))
        how.on = set->regulations[it->regulation].from;
    if (prepare(out, set)) {
        explore_rule(policy, rule, &how, take_path, out, &out->complete);
        if (!diagrams_failed(out->all))
            return true;
    }
    cases_fini(out);
    smg_fail(err, SMG_E_MEMORY, "rule %s: out of memory", it->id);
    return false;
}

void cases_fini(struct cases *cases)
{
    if (cases->all != NULL)
        diagrams_free(cases->all);
    free(cases->reads);
    free(cases->sayings);
    *cases = (struct cases){ .set = NULL };
}
