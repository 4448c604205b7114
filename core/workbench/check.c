/* SPDX-License-Identifier: Apache-2.0 */
/* Every day on which the rules change, in every region they name; each looked at as a whole. */
#include "workbench/check.h"

#include "workbench/sample.h"

#include <stdio.h>
#include <stdlib.h>

enum { EPOCHS_MAX = 256, RUNS_A_RULE = 1000000 };

struct epoch {
    struct smg_date on;
    char region[8];
};

struct checking {
    struct policy_set *set;
    struct buf *problems;
    struct check_figures *figures;
    bool *read;    /* by fact: some rule reads it */
    bool *spoken;  /* by rule: it says something in some case */
    bool *seen;    /* by rule: it was in force in some epoch */
    bool *silent;  /* by rule: its needs and refusals leave some case alone */
    bool *loosens; /* by rule: it says that it asks for less than the nation, and does */
};

/* ---- epochs ---- */

static bool add_epoch(struct epoch *epochs, size_t *count, struct smg_date on, const char *region)
{
    size_t i;

    if (date_is_none(on))
        return true;
    for (i = 0; i < *count; i++)
        if (date_compare(epochs[i].on, on) == 0 && strcmp(epochs[i].region, region) == 0)
            return true;
    if (*count == EPOCHS_MAX)
        return false;
    epochs[*count].on = on;
    memcpy(epochs[(*count)++].region, region, 7);
    return true;
}

/* The first day of every from, until and bites_from, in the region of every regulation. */
static bool find_epochs(const struct policy_set *set, struct epoch *epochs, size_t *count)
{
    size_t i, j;

    *count = 0;
    for (i = 0; i < set->regulation_count; i++) {
        char region[8] = "000000";

        memcpy(region, set->regulations[i].info.region, strlen(set->regulations[i].info.region));
        for (j = 0; j < set->regulation_count; j++)
            if (!add_epoch(epochs, count, set->regulations[j].from, region) ||
                !add_epoch(epochs, count, set->regulations[j].until, region))
                return false;
        for (j = 0; j < set->rule_count; j++)
            if (!add_epoch(epochs, count, set->rules[j].bites, region))
                return false;
    }
    return true;
}

/* ---- one epoch ---- */

static void look_at_rules(struct checking *checking, struct space *space)
{
    const struct reading *reading = &space->readings[0];
    size_t i;

    for (i = 0; i < reading->set->fact_count; i++)
        checking->read[i] = checking->read[i] || reading->reads[i];
    for (i = 0; i < reading->rule_count; i++) {
        diagram bites = DIAGRAM_NONE;
        size_t rule = reading->rules[i], j;

        checking->seen[rule] = true;
        for (j = 0; j < reading->said_count; j++) {
            const struct said *said = &reading->said[j];

            if (said->rule != &reading->set->rules[rule])
                continue;
            /* That it asks for what is not known yet is not what the rule is for. */
            if (diagram_and(space->all, said->cases, space->known) != DIAGRAM_NONE)
                checking->spoken[rule] = true;
            if (said->kind == EFFECT_NEED || said->kind == EFFECT_REFUSE)
                bites = diagram_or(space->all, bites, said->cases);
        }
        if (diagram_minus(space->all, space->known, bites) != DIAGRAM_NONE)
            checking->silent[rule] = true;
    }
}

static void complain(struct checking *checking, struct space *space, const struct rule *rule,
                     diagram cases, const char *what)
{
    uint8_t values[2 * SET_FACTS];
    struct buf example = { 0 };

    if (sample_plain(space, cases, values))
        sample_write(space, values, &example);
    set_problem(checking->problems, rule->file, rule->line, "rule \"%s\": %s; for example %s",
                strchr(rule->id, '#') + 1, what, example.at == NULL ? "in every case" : example.at);
    buf_fini(&example);
}

/* Two deadlines of one regulation for one recipient in one case. */
static void look_at_reports(struct checking *checking, struct space *space)
{
    const struct reading *reading = &space->readings[0];
    size_t i, j;

    for (i = 0; i < reading->said_count; i++)
        for (j = i + 1; j < reading->said_count; j++) {
            const struct said *a = &reading->said[i], *b = &reading->said[j];
            char what[256];
            diagram both;

            if (a->kind != EFFECT_REPORT || b->kind != EFFECT_REPORT ||
                strcmp(a->what, b->what) != 0 || a->within_ms == b->within_ms ||
                a->rule->regulation != b->rule->regulation)
                continue;
            both =
                diagram_and(space->all, diagram_and(space->all, a->cases, b->cases), space->known);
            snprintf(what, sizeof what, "reports to %s within two different times", a->what);
            if (both != DIAGRAM_NONE)
                complain(checking, space, a->rule, both, what);
        }
}

/* A fact that is needed whatever its value is: nobody can ever provide it. */
static void look_at_needs(struct checking *checking, struct space *space)
{
    const struct reading *reading = &space->readings[0];
    size_t fact, i;

    for (fact = 0; fact < reading->set->fact_count; fact++) {
        const char *name = reading->set->facts[fact].name;
        diagram needed = DIAGRAM_NONE, always;
        char what[256];

        for (i = 0; i < reading->said_count; i++)
            if (reading->said[i].kind == EFFECT_NEED && strcmp(reading->said[i].what, name) == 0)
                needed = diagram_or(space->all, needed, reading->said[i].cases);
        if (needed == DIAGRAM_NONE)
            continue;
        always = diagram_and(space->all,
                             diagram_for_all(space->all, needed, space_variable(space, name)),
                             space->known);
        snprintf(what, sizeof what, "needs %s whatever it is: nothing that is brought lifts that",
                 name);
        for (i = 0; i < reading->said_count; i++) {
            const struct said *said = &reading->said[i];
            diagram cases = diagram_and(space->all, always, said->cases);

            if (said->kind == EFFECT_NEED && strcmp(said->what, name) == 0 && cases != DIAGRAM_NONE)
                complain(checking, space, said->rule, cases, what);
        }
    }
}

static bool look_at(struct checking *checking, const struct epoch *epoch)
{
    struct smg_err err = { 0 };
    struct natural cases;
    struct space *space = space_new(
        &(struct space_of){
            .set = checking->set, .region = epoch->region, .on = epoch->on, .begun = epoch->on },
        1, &err);

    if (space == NULL) {
        set_problem(checking->problems, "policies", 0, "%s", err.text);
        return false;
    }
    look_at_rules(checking, space);
    look_at_reports(checking, space);
    look_at_needs(checking, space);
    checking->figures->epochs++;
    checking->figures->runs += space->readings[0].runs;
    if (diagram_count(space->all, DIAGRAM_ALL, &cases) &&
        natural_compare(&checking->figures->cases, &cases) < 0)
        checking->figures->cases = cases;
    if (space_failed(space, &err))
        set_problem(checking->problems, "policies", 0, "%s", err.text);
    space_free(space);
    return err.code == SMG_OK;
}

/* ---- a region and the nation ---- */

/* What the nation asks and the region, with its own rules, does not. */
static void name_loosened(struct checking *checking, struct space *space, diagram loosened)
{
    const struct reading *nation = &space->readings[0];
    size_t i, j;

    for (i = 0; i < nation->said_count; i++) {
        const struct said *said = &nation->said[i];
        const struct rule *by = NULL;
        char what[256];
        diagram cases;

        if (said->kind != EFFECT_NEED && said->kind != EFFECT_REFUSE)
            continue;
        cases = diagram_and(space->all, loosened, said->cases);
        if (cases == DIAGRAM_NONE)
            continue;
        for (j = 0; j < space->readings[1].rule_count; j++) {
            const struct rule *rule = &checking->set->rules[space->readings[1].rules[j]];

            if (rule->replaced == (int)(said->rule - checking->set->rules))
                by = rule;
        }
        if (by != NULL && by->loosens) {
            checking->loosens[by - checking->set->rules] = true;
            continue;
        }
        snprintf(what, sizeof what, "in region %s %s %s is loosened%s%s", space->readings[1].region,
                 said->kind == EFFECT_NEED ? "the need" : "the refusal", said->what,
                 by == NULL ? "" : " by ", by == NULL ? "" : by->id);
        complain(checking, space, said->rule, cases, what);
    }
}

/* A region may ask for more than the nation, and for less only where it says that it does. */
static bool look_at_region(struct checking *checking, const struct epoch *epoch)
{
    struct space_of of[2] = {
        { .set = checking->set, .region = "000000", .on = epoch->on, .begun = epoch->on },
        { .set = checking->set, .region = epoch->region, .on = epoch->on, .begun = epoch->on },
    };
    struct smg_err err = { 0 };
    struct space *space;
    diagram loosened;

    if (strcmp(epoch->region, "000000") == 0)
        return true;
    space = space_new(of, 2, &err);
    if (space == NULL) {
        set_problem(checking->problems, "policies", 0, "%s", err.text);
        return false;
    }
    loosened = diagram_minus(space->all, space->readings[1].accepted, space->readings[0].accepted);
    loosened = diagram_and(space->all, loosened, space->known);
    /* Where the nation has no rules at all there is nothing to loosen. */
    if (space->readings[0].policy->policy_count > 0 && loosened != DIAGRAM_NONE)
        name_loosened(checking, space, loosened);
    space_free(space);
    return true;
}

/* ---- cost ---- */

struct costing {
    struct policy *policy;
    int64_t most;
};

static bool on_cost(void *ctx, const struct path *path)
{
    struct costing *costing = ctx;
    int64_t cost = SANDBOX_INSTRUCTIONS - costing->policy->box->left;

    (void)path;
    if (costing->most < cost)
        costing->most = cost;
    return true;
}

/* The most any run of each rule takes, counted instruction by instruction. */
static bool measure(struct checking *checking)
{
    struct smg_err err = { 0 };
    struct costing costing = { .policy = policy_new(checking->set, &err) };
    size_t i;
    bool complete;

    if (costing.policy == NULL) {
        set_problem(checking->problems, "policies", 0, "%s", err.text);
        return false;
    }
    for (i = 0; i < checking->set->rule_count; i++) {
        struct exploration how = {
            .limit = RUNS_A_RULE,
            .on = checking->set->regulations[checking->set->rules[i].regulation].from,
            .unknown = true,
            .step = 1
        };

        costing.most = 0;
        explore_rule(costing.policy, i, &how, on_cost, &costing, &complete);
        checking->figures->cost += costing.most;
    }
    policy_free(costing.policy);
    if (checking->figures->cost > SANDBOX_INSTRUCTIONS)
        set_problem(checking->problems, "policies", 0,
                    "all rules together may cost %lld instructions, and a decision has %d",
                    (long long)checking->figures->cost, SANDBOX_INSTRUCTIONS);
    return true;
}

/* ---- the whole ---- */

static void conclude(struct checking *checking)
{
    const struct policy_set *set = checking->set;
    size_t i;

    for (i = 0; i < set->rule_count; i++) {
        const struct rule *rule = &set->rules[i];
        const char *name = strchr(rule->id, '#') + 1;

        if (!checking->seen[i])
            set_problem(checking->problems, rule->file, rule->line,
                        "rule \"%s\": is never in force", name);
        else if (!checking->spoken[i])
            set_problem(checking->problems, rule->file, rule->line,
                        "rule \"%s\": says nothing in any case", name);
        else if (!checking->silent[i])
            set_problem(checking->problems, rule->file, rule->line,
                        "rule \"%s\": needs or refuses something in every case", name);
    }
    for (i = 0; i < set->rule_count; i++)
        if (set->rules[i].loosens && !checking->loosens[i])
            set_problem(checking->problems, set->rules[i].file, set->rules[i].line,
                        "rule \"%s\": says that it loosens, and loosens nothing",
                        strchr(set->rules[i].id, '#') + 1);
    for (i = 0; i < set->fact_count; i++)
        if (!checking->read[i])
            set_problem(checking->problems, set->facts[i].file, set->facts[i].line,
                        "fact \"%s\": no rule reads it", set->facts[i].name);
}

bool check_exact(struct policy_set *set, struct check_figures *figures, struct buf *problems)
{
    struct checking checking = { .set = set,
                                 .problems = problems,
                                 .figures = figures,
                                 .read = calloc(set->fact_count + 1, sizeof(bool)),
                                 .spoken = calloc(set->rule_count + 1, sizeof(bool)),
                                 .loosens = calloc(set->rule_count + 1, sizeof(bool)),
                                 .seen = calloc(set->rule_count + 1, sizeof(bool)),
                                 .silent = calloc(set->rule_count + 1, sizeof(bool)) };
    struct epoch *epochs = calloc(EPOCHS_MAX, sizeof *epochs);
    bool looked = false;
    size_t count = 0, i;

    *figures = (struct check_figures){ 0 };
    if (epochs != NULL && checking.read != NULL && checking.spoken != NULL &&
        checking.loosens != NULL && checking.seen != NULL && checking.silent != NULL) {
        looked = find_epochs(set, epochs, &count);
        if (!looked)
            set_problem(problems, "policies", 0, "the rules change on more than %d days",
                        EPOCHS_MAX);
    }
    for (i = 0; looked && i < count; i++)
        looked = look_at(&checking, &epochs[i]) && look_at_region(&checking, &epochs[i]);
    if (looked)
        conclude(&checking);
    looked = looked && measure(&checking);
    free(epochs);
    free(checking.read);
    free(checking.spoken);
    free(checking.seen);
    free(checking.loosens);
    free(checking.silent);
    return looked;
}
