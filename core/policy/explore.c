/* SPDX-License-Identifier: Apache-2.0 */
/* Depth first over the facts a rule reads: run it, see what it read, change the last answer that
 * has another value left, and run it again. */
#include "policy/explore.h"

#include <stdlib.h>

enum { RUNS_A_SET = 200000, RUNS_A_RULE = 20000 };
enum { WORK_A_SET = 100000000 }; /* instructions */

struct walk {
    struct policy *policy;
    bool unknown;
    uint16_t *facts; /* read so far on this path, in order */
    size_t count;
};

static void on_read(void *ctx, size_t fact)
{
    struct walk *walk = ctx;
    int16_t *value = &walk->policy->values[fact];

    if (*value != FACT_UNASKED)
        return;
    *value = 0;
    walk->facts[walk->count++] = (uint16_t)fact;
}

/* The next path in order, or false after the last. */
static bool advance(struct walk *walk)
{
    while (walk->count > 0) {
        size_t fact = walk->facts[walk->count - 1];
        int16_t *value = &walk->policy->values[fact];

        if (*value >= 0 && (size_t)*value + 1 < walk->policy->set->facts[fact].value_count) {
            (*value)++;
            return true;
        }
        if (*value >= 0 && walk->unknown) {
            *value = FACT_UNKNOWN;
            return true;
        }
        *value = FACT_UNASKED;
        walk->count--;
    }
    return false;
}

size_t explore_rule(struct policy *policy, size_t rule, const struct exploration *how,
                    explore_fn fn, void *ctx, bool *complete)
{
    struct decision *said = malloc(sizeof *said);
    struct walk walk = { .policy = policy,
                         .unknown = how->unknown,
                         .facts = calloc(policy->set->fact_count + 1, sizeof *walk.facts) };
    struct path path = { .rule = &policy->set->rules[rule],
                         .facts = walk.facts,
                         .values = policy->values,
                         .said = said };
    size_t runs = 0;
    bool more = said != NULL && walk.facts != NULL;

    *complete = false;
    evaluate_begin(policy, NULL, "", how->on, how->on);
    policy->on_read = on_read;
    policy->ctx = &walk;
    while (more && runs < how->limit) {
        said->effect_count = said->question_count = said->policy_count = 0;
        said->broken = false;
        sandbox_begin(policy->box);
        if (how->step > 0)
            sandbox_step(policy->box, how->step);
        path.outcome = evaluate_rule(policy, rule, said);
        path.fact_count = walk.count;
        runs++;
        more = fn(ctx, &path) && advance(&walk);
        *complete = !more;
    }
    policy->on_read = NULL;
    free(walk.facts);
    free(said);
    return runs;
}

struct checking {
    struct policy *policy;
    struct buf *problems;
    int64_t work; /* left for the whole set */
};

static bool check_path(void *ctx, const struct path *path)
{
    struct checking *checking = ctx;
    const struct fault *fault = &checking->policy->box->fault;

    checking->work -= SANDBOX_INSTRUCTIONS - checking->policy->box->left;
    if (path->outcome == OUTCOME_FAILED || path->outcome == OUTCOME_SPENT)
        set_problem(checking->problems, fault->line > 0 ? fault->file : path->rule->file,
                    fault->line > 0 ? fault->line : path->rule->line, "rule \"%s\": %s",
                    strchr(path->rule->id, '#') + 1, fault->text);
    return path->outcome != OUTCOME_SPENT && checking->work > 0;
}

void explore_set(struct policy_set *set, struct buf *problems)
{
    struct smg_err err = { 0 };
    struct exploration how = { .limit = RUNS_A_RULE };
    struct checking checking = { .problems = problems, .work = WORK_A_SET };
    size_t runs = 0, i;
    bool complete;

    checking.policy = policy_new(set, &err);
    if (checking.policy == NULL) {
        set_problem(problems, "policies", 0, "%s", err.text);
        return;
    }
    /* No case is known here, so a script's own words may be shown. */
    checking.policy->box->trusting = true;
    for (i = 0; i < set->rule_count && runs < RUNS_A_SET && checking.work > 0; i++) {
        how.on = set->regulations[set->rules[i].regulation].from;
        runs += explore_rule(checking.policy, i, &how, check_path, &checking, &complete);
    }
    policy_free(checking.policy);
}
