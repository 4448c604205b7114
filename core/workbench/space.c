/* SPDX-License-Identifier: Apache-2.0 */
/* Explore every rule in force and turn its paths into diagrams. */
#include "workbench/space.h"

#include <stdio.h>
#include <stdlib.h>

enum { RUNS_A_RULE = 1000000, VALUES_MAX = 2 * FACT_VALUES };

/* One set's facts in the space: its variable, and for each value of the variable the set's own, or
 * -1 when the set does not know it. */
struct mapped {
    size_t variable;
    int16_t own[VALUES_MAX];
};
struct map {
    struct mapped *facts; /* by fact of the set */
};

/* ---- variables ---- */

static bool add_value(struct variable *variable, const char *text)
{
    size_t i;

    for (i = 0; i < variable->value_count; i++)
        if (strcmp(variable->values[i], text) == 0)
            return true;
    variable->values[variable->value_count++] = text;
    return true;
}

static int by_number(const void *a, const void *b)
{
    long long first = atoll(*(const char *const *)a), second = atoll(*(const char *const *)b);

    return first < second ? -1 : first > second;
}

static bool add_variable(struct space *space, const struct fact *fact)
{
    struct variable *variable;
    size_t at = space_variable(space, fact->name), i;

    if (at == space->variable_count) {
        variable = &space->variables[space->variable_count++];
        *variable = (struct variable){ .name = fact->name, .fact = fact };
        variable->values = calloc(VALUES_MAX + 1, sizeof *variable->values);
        if (variable->values == NULL)
            return false;
    }
    variable = &space->variables[at];
    for (i = 0; i < fact->value_count; i++)
        add_value(variable, fact->values[i].text.at);
    if (fact->kind == VALUE_INTEGER)
        qsort(variable->values, variable->value_count, sizeof *variable->values, by_number);
    return true;
}

static int own_value(const struct fact *fact, const char *text)
{
    int64_t integer = atoll(text);

    if (fact->kind == VALUE_INTEGER)
        return fact_index_of_integer(fact, integer);
    return fact_index_of_text(fact, str_of(text));
}

/* Which of the set's values each value of the space is. */
static bool map_set(struct space *space, size_t reading)
{
    const struct policy_set *set = space->readings[reading].set;
    struct mapped *mapped = calloc(set->fact_count + 1, sizeof *mapped);
    size_t i, j;

    space->maps[reading].facts = mapped;
    for (i = 0; mapped != NULL && i < set->fact_count; i++) {
        const struct variable *variable;

        mapped[i].variable = space_variable(space, set->facts[i].name);
        variable = &space->variables[mapped[i].variable];
        for (j = 0; j + 1 < variable->value_count; j++)
            mapped[i].own[j] = (int16_t)own_value(&set->facts[i], variable->values[j]);
    }
    return mapped != NULL;
}

static bool make_variables(struct space *space)
{
    uint8_t values[2 * SET_FACTS];
    size_t room = 0, i, j;

    for (i = 0; i < space->reading_count; i++)
        room += space->readings[i].set->fact_count;
    space->variables = calloc(room + 1, sizeof *space->variables);
    space->maps = calloc(space->reading_count, sizeof *space->maps);
    if (space->variables == NULL || space->maps == NULL)
        return false;
    for (i = 0; i < space->reading_count; i++)
        for (j = 0; j < space->readings[i].set->fact_count; j++)
            if (!add_variable(space, &space->readings[i].set->facts[j]))
                return false;
    for (i = 0; i < space->variable_count; i++) {
        add_value(&space->variables[i], "not known");
        values[i] = (uint8_t)space->variables[i].value_count;
    }
    for (i = 0; i < space->reading_count; i++)
        if (!map_set(space, i))
            return false;
    space->all = diagrams_new(values, space->variable_count, 1);
    return space->all != NULL;
}

size_t space_variable(const struct space *space, const char *name)
{
    size_t i;

    for (i = 0; i < space->variable_count; i++)
        if (strcmp(space->variables[i].name, name) == 0)
            break;
    return i;
}

struct variable *space_fact(struct space *space, size_t reading, size_t fact)
{
    return &space->variables[space->maps[reading].facts[fact].variable];
}

/* The cases of `below` in which the set's fact has this value. */
static diagram narrow(struct space *space, size_t reading, size_t fact, int value, diagram below)
{
    const struct mapped *mapped = &space->maps[reading].facts[fact];
    const struct variable *variable = &space->variables[mapped->variable];
    diagram branches[VALUES_MAX + 1];
    size_t i;

    for (i = 0; i + 1 < variable->value_count; i++)
        branches[i] = value >= 0 && mapped->own[i] == value ? below : DIAGRAM_NONE;
    branches[i] = value == FACT_UNKNOWN ? below : DIAGRAM_NONE;
    return diagram_node(space->all, mapped->variable, branches);
}

diagram space_is(struct space *space, size_t reading, size_t fact, int value)
{
    return narrow(space, reading, fact, value, DIAGRAM_ALL);
}

/* ---- paths ---- */

struct hearing {
    struct space *space;
    size_t reading, first; /* first: where this rule's own begin among what is said */
    struct smg_err *err;
    int16_t *order; /* room for sorting facts by variable */
};

static int by_place(const void *a, const void *b, void *ctx)
{
    const struct mapped *facts = ctx;
    size_t first = facts[*(const int16_t *)a].variable,
           second = facts[*(const int16_t *)b].variable;

    return first < second ? -1 : first > second;
}

static diagram cases_of_path(struct hearing *hearing, const struct path *path)
{
    struct space *space = hearing->space;
    diagram cases = DIAGRAM_ALL;
    size_t i;

    for (i = 0; i < path->fact_count; i++)
        hearing->order[i] = (int16_t)path->facts[i];
    qsort_r(hearing->order, path->fact_count, sizeof *hearing->order, by_place,
            space->maps[hearing->reading].facts);
    for (i = path->fact_count; i-- > 0;) {
        size_t fact = (size_t)hearing->order[i];

        cases = narrow(space, hearing->reading, fact, path->values[fact], cases);
    }
    return cases;
}

static bool is_same(const struct said *a, const struct said *b)
{
    return a->kind == b->kind && a->within_ms == b->within_ms && strcmp(a->what, b->what) == 0 &&
           strcmp(a->to == NULL ? "" : a->to, b->to == NULL ? "" : b->to) == 0;
}

static bool hear(struct hearing *hearing, struct said said)
{
    struct reading *reading = &hearing->space->readings[hearing->reading];
    struct said *grown;
    size_t i;

    for (i = hearing->first; i < reading->said_count; i++)
        if (is_same(&reading->said[i], &said)) {
            reading->said[i].cases =
                diagram_or(hearing->space->all, reading->said[i].cases, said.cases);
            return true;
        }
    grown = set_grow(reading->said, reading->said_count, sizeof *grown);
    if (grown == NULL)
        return false;
    reading->said = grown;
    grown[reading->said_count++] = said;
    return true;
}

static bool complain(struct hearing *hearing, const struct path *path)
{
    const struct fault *fault = &hearing->space->readings[hearing->reading].policy->box->fault;

    smg_fail(hearing->err, SMG_E_INVALID, "%s:%d: rule \"%s\": %s",
             fault->line > 0 ? fault->file : path->rule->file,
             fault->line > 0 ? fault->line : path->rule->line, path->rule->id, fault->text);
    return false;
}

static bool on_path(void *ctx, const struct path *path)
{
    struct hearing *hearing = ctx;
    struct reading *reading = &hearing->space->readings[hearing->reading];
    const struct decision *decision = path->said;
    diagram cases;
    bool good = true;
    size_t i;

    for (i = 0; i < path->fact_count; i++)
        reading->reads[path->facts[i]] = true;
    if (path->outcome == OUTCOME_FAILED || path->outcome == OUTCOME_SPENT || decision->broken)
        return complain(hearing, path);
    cases = cases_of_path(hearing, path);
    for (i = 0; good && i < decision->effect_count; i++) {
        const struct effect *effect = &decision->effects[i];

        good = hear(hearing, (struct said){ .rule = path->rule,
                                            .kind = (int)effect->kind,
                                            .what = effect->what,
                                            .zh = effect->zh,
                                            .en = effect->en,
                                            .to = effect->to,
                                            .within_ms = effect->within_ms,
                                            .cases = cases });
    }
    for (i = 0; good && i < decision->question_count; i++)
        good = hear(hearing, (struct said){ .rule = path->rule,
                                            .kind = SAID_ASKS,
                                            .what = decision->questions[i].fact,
                                            .cases = cases });
    return good && !diagrams_failed(hearing->space->all);
}

static bool explore(struct space *space, size_t number, struct smg_err *err)
{
    struct reading *reading = &space->readings[number];
    struct hearing hearing = { .space = space, .reading = number, .err = err };
    struct exploration how = { .limit = RUNS_A_RULE, .on = reading->on, .unknown = true };
    bool complete = true;
    size_t i;

    evaluate_begin(reading->policy, NULL, reading->region, reading->on, reading->begun);
    evaluate_choose(reading->policy);
    reading->rules = reading->policy->in_force;
    reading->rule_count = reading->policy->in_force_count;
    hearing.order = calloc(reading->set->fact_count + 1, sizeof *hearing.order);
    reading->reads = calloc(reading->set->fact_count + 1, sizeof *reading->reads);
    for (i = 0;
         hearing.order != NULL && reading->reads != NULL && complete && i < reading->rule_count;
         i++) {
        hearing.first = reading->said_count;
        reading->runs +=
            explore_rule(reading->policy, reading->rules[i], &how, on_path, &hearing, &complete);
        complete = complete && err->code == SMG_OK && !diagrams_failed(space->all);
    }
    if (err->code == SMG_OK && (!complete || hearing.order == NULL || reading->reads == NULL))
        smg_fail(err, SMG_E_FULL, "rule \"%s\" has too many cases to be explored",
                 reading->set->rules[reading->rules[i == 0 ? 0 : i - 1]].id);
    free(hearing.order);
    return err->code == SMG_OK;
}

/* ---- the whole ---- */

static void conclude(struct space *space, struct reading *reading)
{
    size_t i;

    reading->refused = reading->wanting = DIAGRAM_NONE;
    /* Outside all regulations a case is refused (evaluate.c). */
    if (reading->policy->policy_count == 0)
        reading->refused = DIAGRAM_ALL;
    for (i = 0; i < reading->said_count; i++) {
        const struct said *said = &reading->said[i];

        if (said->kind == EFFECT_REFUSE)
            reading->refused = diagram_or(space->all, reading->refused, said->cases);
        else if (said->kind == EFFECT_NEED || said->kind == SAID_ASKS)
            reading->wanting = diagram_or(space->all, reading->wanting, said->cases);
    }
    reading->accepted = diagram_minus(
        space->all, diagram_minus(space->all, DIAGRAM_ALL, reading->refused), reading->wanting);
}

/* The values every set knows; and, apart, that nothing read is unknown. */
static void bound(struct space *space)
{
    diagram branches[VALUES_MAX + 1];
    size_t i, j, k;

    space->common = space->known = DIAGRAM_ALL;
    for (i = space->variable_count; i-- > 0;) {
        struct variable *variable = &space->variables[i];

        for (k = 0; k < space->reading_count; k++)
            for (j = 0; j < space->readings[k].set->fact_count; j++)
                if (space->maps[k].facts[j].variable == i && space->readings[k].reads[j])
                    variable->read = true;
        if (!variable->read) {
            diagrams_leave_out(space->all, i);
            continue;
        }
        for (j = 0; j + 1 < variable->value_count; j++)
            branches[j] = space->known;
        branches[j] = DIAGRAM_NONE;
        space->known = diagram_node(space->all, i, branches);
        for (j = 0; j < variable->value_count; j++) {
            branches[j] = space->common;
            for (k = 0; k < space->reading_count && j + 1 < variable->value_count; k++) {
                const struct policy_set *set = space->readings[k].set;
                const struct fact *fact = set_fact(set, str_of(variable->name));

                if (fact != NULL && space->maps[k].facts[fact - set->facts].own[j] < 0)
                    branches[j] = DIAGRAM_NONE;
            }
        }
        space->common = diagram_node(space->all, i, branches);
    }
}

struct space *space_new(const struct space_of *of, size_t count, struct smg_err *err)
{
    struct space *space = calloc(1, sizeof *space);
    size_t i;

    for (i = 0; space != NULL && i < count && i < READINGS; i++) {
        struct reading *reading = &space->readings[i];

        reading->set = policy_set_share(of[i].set);
        reading->on = of[i].on;
        reading->begun = of[i].begun;
        snprintf(reading->region, sizeof reading->region, "%s", of[i].region);
        space->reading_count++;
        reading->policy = policy_new(of[i].set, err);
        if (reading->policy == NULL)
            goto broken;
    }
    if (space == NULL || !make_variables(space)) {
        smg_fail(err, SMG_E_MEMORY, "out of memory");
        goto broken;
    }
    for (i = 0; i < space->reading_count; i++) {
        if (!explore(space, i, err))
            goto broken;
        conclude(space, &space->readings[i]);
    }
    bound(space);
    if (!space_failed(space, err))
        return space;
broken:
    space_free(space);
    return NULL;
}

void space_free(struct space *space)
{
    size_t i;

    if (space == NULL)
        return;
    for (i = 0; i < space->reading_count; i++) {
        free(space->readings[i].said);
        free(space->readings[i].reads);
        policy_free(space->readings[i].policy);
        policy_set_free(space->readings[i].set);
        if (space->maps != NULL)
            free(space->maps[i].facts);
    }
    for (i = 0; i < space->variable_count; i++)
        free(space->variables[i].values);
    free(space->variables);
    free(space->maps);
    diagrams_free(space->all);
    free(space);
}

bool space_failed(const struct space *space, struct smg_err *err)
{
    if (!diagrams_failed(space->all))
        return false;
    smg_fail(err, SMG_E_FULL, "the cases are too many and too entangled to be held exactly");
    return true;
}

bool space_is_said_known(const struct space *space, const struct said *said)
{
    return diagram_and(space->all, said->cases, space->known) != DIAGRAM_NONE;
}

diagram space_verdict(struct space *space, size_t reading, enum verdict verdict)
{
    const struct reading *it = &space->readings[reading];

    if (verdict == VERDICT_REFUSED)
        return it->refused;
    if (verdict == VERDICT_ACCEPTED)
        return it->accepted;
    return diagram_minus(space->all, it->wanting, it->refused);
}

void space_place(const struct policy_set *set, struct smg_date *on, char region[8])
{
    size_t i;

    *on = set->regulations[0].from;
    memcpy(region, "000000", 7);
    for (i = 0; i < set->regulation_count; i++) {
        const struct regulation *regulation = &set->regulations[i];

        if (date_compare(*on, regulation->from) < 0)
            *on = regulation->from;
        if (strlen(regulation->info.region) > 0 && region[0] == '0')
            memcpy(region, regulation->info.region, strlen(regulation->info.region));
    }
}

/* Is the regulation in force on this day, and the day later than the one found so far? */
static void try_day(struct policy *policy, size_t regulation, struct smg_date on,
                    const char *region, struct smg_date *found)
{
    size_t i;

    if (date_is_none(on) || date_compare(on, *found) <= 0)
        return;
    evaluate_begin(policy, NULL, region, on, on);
    evaluate_choose(policy);
    for (i = 0; i < policy->policy_count; i++)
        if (policy->policies[i] == &policy->set->regulations[regulation].info)
            *found = on;
}

bool space_place_of(struct policy_set *set, size_t regulation, struct smg_date *on, char region[8])
{
    const char *own = set->regulations[regulation].info.region;
    struct smg_err err = { 0 };
    struct policy *policy = policy_new(set, &err);
    size_t i;

    memcpy(region, "000000", 7);
    memcpy(region, own, strlen(own));
    *on = DATE_NONE;
    for (i = 0; policy != NULL && i < set->regulation_count; i++) {
        try_day(policy, regulation, set->regulations[i].from, region, on);
        try_day(policy, regulation, set->regulations[i].until, region, on);
    }
    for (i = 0; policy != NULL && i < set->rule_count; i++)
        try_day(policy, regulation, set->rules[i].bites, region, on);
    policy_free(policy);
    return !date_is_none(*on);
}
