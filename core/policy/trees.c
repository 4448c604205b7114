/* SPDX-License-Identifier: Apache-2.0 */
/* All nodes lie in one pool of numbers: a fact, then one slot for each of its values and one for
 * not knowing it. A slot holds 0 (nobody came this way yet), a node's place, or a leaf's, negative.
 */
#include "policy/trees.h"

#include <stdlib.h>

enum {
    POOL = 1 << 20, /* numbers, leaves and effects: only what is used takes memory */
    LEAVES = 1 << 16,
    EFFECTS = 1 << 16,
    STEP = 1000,                         /* costs are seen in steps of the sandbox */
    COST_MAX = SANDBOX_INSTRUCTIONS / 2, /* far from where a decision would run out */
};

struct leaf {
    uint32_t effect, question; /* the first of each */
    uint16_t effect_count, question_count;
    int32_t cost; /* instructions, rounded up; COST_MAX: run the rule */
};

struct trees {
    const struct policy_set *set;
    int32_t *roots; /* two a rule: as it bites, and as it only warns so far */
    int32_t *pool;
    struct leaf *leaves;
    struct effect *effects;
    uint16_t *questions; /* facts */
    size_t pool_count, leaf_count, effect_count, question_count;

    uint16_t *path; /* facts the rule that runs has read, in order */
    size_t path_len;
    bool *on_path;
};

struct trees *trees_new(const struct policy_set *set)
{
    struct trees *trees = calloc(1, sizeof *trees);

    if (trees == NULL)
        return NULL;
    trees->set = set;
    trees->roots = calloc(2 * set->rule_count + 1, sizeof *trees->roots);
    trees->pool = calloc(POOL, sizeof *trees->pool);
    trees->leaves = calloc(LEAVES, sizeof *trees->leaves);
    trees->effects = calloc(EFFECTS, sizeof *trees->effects);
    trees->questions = calloc(EFFECTS, sizeof *trees->questions);
    trees->path = calloc(set->fact_count + 1, sizeof *trees->path);
    trees->on_path = calloc(set->fact_count + 1, sizeof *trees->on_path);
    trees->pool_count = 1; /* 0 is no node */
    if (trees->roots == NULL || trees->pool == NULL || trees->leaves == NULL ||
        trees->effects == NULL || trees->questions == NULL || trees->path == NULL ||
        trees->on_path == NULL) {
        trees_free(trees);
        return NULL;
    }
    return trees;
}

void trees_free(struct trees *trees)
{
    if (trees == NULL)
        return;
    free(trees->roots);
    free(trees->pool);
    free(trees->leaves);
    free(trees->effects);
    free(trees->questions);
    free(trees->path);
    free(trees->on_path);
    free(trees);
}

static int32_t *root_of(struct trees *trees, const struct policy *policy, size_t rule)
{
    const struct smg_date bites = trees->set->rules[rule].bites;
    bool warns = !date_is_none(bites) && date_compare(policy->on, bites) < 0;

    return &trees->roots[2 * rule + (warns ? 1 : 0)];
}

/* The slot of a fact's value below its node. */
static int32_t *slot_below(struct trees *trees, struct policy *policy, int32_t node)
{
    size_t fact = (size_t)trees->pool[node];
    int16_t *value = &policy->values[fact];

    if (*value >= 0)
        return &trees->pool[node + 1 + *value];
    *value = FACT_UNKNOWN; /* it was read */
    return &trees->pool[node + 1 + (int32_t)trees->set->facts[fact].value_count];
}

static void on_read(void *ctx, size_t fact)
{
    struct trees *trees = ctx;

    if (trees->on_path[fact])
        return;
    trees->on_path[fact] = true;
    trees->path[trees->path_len++] = (uint16_t)fact;
}

/* Make the nodes of the path just taken; NULL: there is no room. */
static int32_t *grow(struct trees *trees, struct policy *policy, int32_t *slot)
{
    size_t i;

    for (i = 0; i < trees->path_len; i++) {
        size_t fact = trees->path[i], room = trees->set->facts[fact].value_count + 2;

        if (*slot == 0) {
            if (trees->pool_count + room > POOL)
                return NULL;
            *slot = (int32_t)trees->pool_count;
            trees->pool[*slot] = (int32_t)fact;
            trees->pool_count += room;
        }
        slot = slot_below(trees, policy, *slot);
    }
    return slot;
}

/* Keep what the rule added to out, which is empty but for it. */
static void keep(struct trees *trees, int32_t *slot, const struct decision *said, int64_t cost)
{
    struct leaf *leaf = &trees->leaves[trees->leaf_count];
    size_t i;

    if (slot == NULL || trees->leaf_count == LEAVES ||
        trees->effect_count + said->effect_count > EFFECTS ||
        trees->question_count + said->question_count > EFFECTS)
        return;
    *leaf = (struct leaf){ .effect = (uint32_t)trees->effect_count,
                           .question = (uint32_t)trees->question_count,
                           .effect_count = (uint16_t)said->effect_count,
                           .question_count = (uint16_t)said->question_count,
                           .cost = (int32_t)(cost < COST_MAX ? cost : COST_MAX) };
    for (i = 0; i < said->effect_count; i++)
        trees->effects[trees->effect_count++] = said->effects[i];
    for (i = 0; i < said->question_count; i++)
        trees->questions[trees->question_count++] =
            (uint16_t)(set_fact(trees->set, str_of(said->questions[i].fact)) - trees->set->facts);
    trees->leaf_count++;
    *slot = -(int32_t)trees->leaf_count;
}

/* Run the rule alone, see what it reads and says, and keep that. The leaf, or NULL. */
static const struct leaf *run_rule(struct trees *trees, struct policy *policy, size_t rule)
{
    struct decision *said = malloc(sizeof *said);
    int32_t *slot = NULL;
    enum ending outcome;
    int64_t left;
    size_t i;

    if (said == NULL)
        return NULL;
    said->effect_count = said->question_count = said->policy_count = 0;
    said->broken = false;
    trees->path_len = 0;
    sandbox_begin(policy->box);
    left = policy->box->left;
    policy->on_read = on_read;
    policy->ctx = trees;
    outcome = evaluate_rule(policy, rule, said);
    policy->on_read = NULL;
    for (i = 0; i < trees->path_len; i++)
        trees->on_path[trees->path[i]] = false;
    left -= policy->box->left;
    slot = grow(trees, policy, root_of(trees, policy, rule));
    if ((outcome != OUTCOME_RAN && outcome != OUTCOME_STOPPED) || said->broken)
        left = COST_MAX;
    keep(trees, slot, said, left + STEP);
    free(said);
    return slot == NULL || *slot == 0 ? NULL : &trees->leaves[-*slot - 1];
}

static const struct leaf *leaf_of(struct trees *trees, struct policy *policy, size_t rule)
{
    int32_t at = *root_of(trees, policy, rule);

    while (at > 0)
        at = *slot_below(trees, policy, at);
    return at == 0 ? run_rule(trees, policy, rule) : &trees->leaves[-at - 1];
}

/* Add what the leaf says; false: there is no room for it. */
static bool say(const struct trees *trees, struct policy *policy, const struct leaf *leaf,
                struct decision *out)
{
    size_t i;

    if (out->effect_count + leaf->effect_count > DECISION_EFFECTS - 1 ||
        out->question_count + leaf->question_count > DECISION_QUESTIONS)
        return false;
    memcpy(&out->effects[out->effect_count], &trees->effects[leaf->effect],
           leaf->effect_count * sizeof *out->effects);
    out->effect_count += leaf->effect_count;
    policy->out = out;
    for (i = 0; i < leaf->question_count; i++)
        evaluate_ask(policy, &trees->set->facts[trees->questions[leaf->question + i]]);
    policy->out = NULL;
    return true;
}

bool trees_run(struct trees *trees, struct policy *policy, struct decision *out)
{
    size_t effects = out->effect_count, questions = out->question_count, i;
    int64_t cost = 0;

    for (i = 0; i < policy->in_force_count; i++) {
        const struct leaf *leaf = leaf_of(trees, policy, policy->in_force[i]);

        cost += leaf == NULL ? COST_MAX : leaf->cost;
        if (cost >= COST_MAX || !say(trees, policy, leaf, out)) {
            out->effect_count = effects;
            out->question_count = questions;
            sandbox_begin(policy->box);
            return false;
        }
    }
    return true;
}
