/* SPDX-License-Identifier: Apache-2.0 */
/* All nodes lie in one pool of numbers: a fact, then one slot for each of its values and one for
 * not knowing it. A slot holds 0 (nobody came this way yet), a node's place, or a leaf's, negative.
 * The first slots are the roots: after one that stands for none, two a rule, as it bites and as it
 * only warns so far.
 */
#include "policy/trees.h"

#include "policy/reach.h"

#include <stdlib.h>

enum {
    POOL = 1 << 20, /* the most of each; when that does not suffice, all is forgotten */
    LEAVES = 1 << 16,
    EFFECTS = 1 << 16,
    FIRST_ROOM = 1024,
    STEP = 50,                           /* instructions: how exactly costs are seen */
    COST_MAX = SANDBOX_INSTRUCTIONS / 2, /* far from where a decision would run out */
};

struct leaf {
    uint32_t effect, question; /* the first of each */
    uint16_t effect_count, question_count;
    int32_t cost; /* instructions, rounded up; COST_MAX: run the rule */
};

struct trees {
    const struct policy_set *set;
    int32_t *pool;
    struct leaf *leaves;
    struct effect *effects;
    uint16_t *questions; /* facts */
    size_t pool_count, leaf_count, effect_count, question_count;
    size_t pool_room, leaf_room, effect_room, question_room;
    bool full;

    int16_t *told;  /* the facts as they were before the run */
    uint16_t *path; /* facts the rule that runs has read, in order */
    size_t path_len;
    bool *on_path;
};

/* Room for `more` beyond `count` elements of `size` bytes, `most` in all. */
static bool reserve(void *array, size_t *room, size_t count, size_t more, size_t size, size_t most)
{
    size_t wanted = *room == 0 ? FIRST_ROOM : *room;
    void *at;

    if (count + more <= *room)
        return true;
    if (count + more > most)
        return false;
    while (wanted < count + more)
        wanted *= 2;
    memcpy(&at, array, sizeof at);
    at = realloc(at, wanted * size);
    if (at == NULL)
        return false;
    memcpy(array, &at, sizeof at);
    *room = wanted;
    return true;
}

static size_t roots(const struct trees *trees)
{
    return 1 + 2 * trees->set->rule_count;
}

static bool begin(struct trees *trees)
{
    if (!reserve(&trees->pool, &trees->pool_room, 0, roots(trees), sizeof *trees->pool, POOL))
        return false;
    memset(trees->pool, 0, roots(trees) * sizeof *trees->pool);
    trees->pool_count = roots(trees);
    trees->leaf_count = trees->effect_count = trees->question_count = 0;
    trees->full = false;
    return true;
}

struct trees *trees_new(const struct policy_set *set)
{
    struct trees *trees = calloc(1, sizeof *trees);

    if (trees == NULL)
        return NULL;
    trees->set = set;
    trees->told = calloc(set->fact_count + 1, sizeof *trees->told);
    trees->path = calloc(set->fact_count + 1, sizeof *trees->path);
    trees->on_path = calloc(set->fact_count + 1, sizeof *trees->on_path);
    if (trees->told == NULL || trees->path == NULL || trees->on_path == NULL || !begin(trees)) {
        trees_free(trees);
        return NULL;
    }
    return trees;
}

void trees_free(struct trees *trees)
{
    if (trees == NULL)
        return;
    free(trees->pool);
    free(trees->leaves);
    free(trees->effects);
    free(trees->questions);
    free(trees->told);
    free(trees->path);
    free(trees->on_path);
    free(trees);
}

/* Slots are told by their place, for the pool moves when it grows. */
static size_t root_of(const struct policy *policy, size_t rule)
{
    return 1 + 2 * rule + (evaluate_bites(policy, rule) ? 0 : 1);
}

/* The slot of a fact's value below its node; 0: the fact cannot be derived. */
static size_t slot_below(const struct trees *trees, struct policy *policy, size_t node)
{
    size_t fact = (size_t)trees->pool[node];
    int value = facts_value(policy->box->lua, policy, fact);

    if (value >= 0)
        return node + 1 + (size_t)value;
    return value == FACT_UNKNOWN ? node + 1 + trees->set->facts[fact].value_count : 0;
}

static void on_read(void *ctx, size_t fact)
{
    struct trees *trees = ctx;

    if (trees->on_path[fact])
        return;
    trees->on_path[fact] = true;
    trees->path[trees->path_len++] = (uint16_t)fact;
}

/* A node of the fact, below the slot. */
static bool add_node(struct trees *trees, size_t slot, size_t fact)
{
    size_t size = trees->set->facts[fact].value_count + 2;
    int32_t *node;

    if (!reserve(&trees->pool, &trees->pool_room, trees->pool_count, size, sizeof *trees->pool,
                 POOL))
        return false;
    node = &trees->pool[trees->pool_count];
    memset(node, 0, size * sizeof *node);
    node[0] = (int32_t)fact;
    trees->pool[slot] = (int32_t)trees->pool_count;
    trees->pool_count += size;
    return true;
}

/* Make the nodes of the path just taken; 0: there is no room. */
static size_t grow(struct trees *trees, struct policy *policy, size_t slot)
{
    size_t i;

    for (i = 0; slot > 0 && i < trees->path_len; i++) {
        if (trees->pool[slot] == 0 && !add_node(trees, slot, trees->path[i]))
            return 0;
        slot = slot_below(trees, policy, (size_t)trees->pool[slot]);
    }
    return slot;
}

/* Keep what the rule added to out, which is empty but for it. */
static bool keep(struct trees *trees, size_t slot, const struct decision *said, int64_t cost)
{
    struct leaf leaf = { .effect = (uint32_t)trees->effect_count,
                         .question = (uint32_t)trees->question_count,
                         .effect_count = (uint16_t)said->effect_count,
                         .question_count = (uint16_t)said->question_count,
                         .cost = (int32_t)(cost < COST_MAX ? cost : COST_MAX) };
    size_t i;

    if (slot == 0 ||
        !reserve(&trees->leaves, &trees->leaf_room, trees->leaf_count, 1, sizeof *trees->leaves,
                 LEAVES) ||
        !reserve(&trees->effects, &trees->effect_room, trees->effect_count, said->effect_count,
                 sizeof *trees->effects, EFFECTS) ||
        !reserve(&trees->questions, &trees->question_room, trees->question_count,
                 said->question_count, sizeof *trees->questions, EFFECTS))
        return false;
    for (i = 0; i < said->effect_count; i++)
        trees->effects[trees->effect_count++] = said->effects[i];
    for (i = 0; i < said->question_count; i++)
        trees->questions[trees->question_count++] =
            (uint16_t)(set_fact(trees->set, str_of(said->questions[i].fact)) - trees->set->facts);
    trees->leaves[trees->leaf_count++] = leaf;
    trees->pool[slot] = -(int32_t)trees->leaf_count;
    return true;
}

/* Run the rule with a budget of its own; what it costs. */
static int64_t hear(struct trees *trees, struct policy *policy, size_t rule, struct decision *said)
{
    struct sandbox *box = policy->box;
    int64_t left = box->left, cost;
    int step = box->step;
    enum ending outcome;
    size_t i;

    trees->path_len = 0;
    sandbox_begin(box);
    sandbox_step(box, STEP);
    policy->on_read = on_read;
    policy->ctx = trees;
    outcome = evaluate_rule(policy, rule, said);
    policy->on_read = NULL;
    for (i = 0; i < trees->path_len; i++)
        trees->on_path[trees->path[i]] = false;
    cost = SANDBOX_INSTRUCTIONS - box->left + STEP;
    sandbox_step(box, step);
    box->left = left - step; /* the step that had begun is not counted on */
    return (outcome == OUTCOME_RAN || outcome == OUTCOME_STOPPED) && !said->broken ? cost
                                                                                   : COST_MAX;
}

/* Run the rule alone, see what it reads and says, and keep that. The leaf, or NULL. */
static const struct leaf *learn(struct trees *trees, struct policy *policy, size_t rule)
{
    struct decision *said = malloc(sizeof *said);
    int64_t cost;
    bool kept;

    if (said == NULL)
        return NULL;
    said->effect_count = said->question_count = said->policy_count = 0;
    said->broken = false;
    cost = hear(trees, policy, rule, said);
    kept = policy->deriving < 0 && /* else it is not the rule that failed */
           keep(trees, grow(trees, policy, root_of(policy, rule)), said, cost);
    trees->full = trees->full || (!kept && policy->deriving < 0);
    free(said);
    return kept ? &trees->leaves[trees->leaf_count - 1] : NULL;
}

static const struct leaf *leaf_of(struct trees *trees, struct policy *policy, size_t rule)
{
    size_t slot = root_of(policy, rule);

    while (slot > 0 && trees->pool[slot] > 0)
        slot = slot_below(trees, policy, (size_t)trees->pool[slot]);
    if (slot == 0)
        return NULL;
    return trees->pool[slot] == 0 ? learn(trees, policy, rule)
                                  : &trees->leaves[-trees->pool[slot] - 1];
}

/* Add what the leaf says; false: there is no room for it. */
static bool say(const struct trees *trees, struct policy *policy, const struct leaf *leaf,
                struct decision *out)
{
    size_t i;

    if (out->effect_count + leaf->effect_count > DECISION_EFFECTS - 1 ||
        out->question_count + leaf->question_count > DECISION_QUESTIONS)
        return false;
    if (leaf->effect_count > 0)
        memcpy(&out->effects[out->effect_count], &trees->effects[leaf->effect],
               leaf->effect_count * sizeof *out->effects);
    out->effect_count += leaf->effect_count;
    policy->out = out;
    for (i = 0; i < leaf->question_count; i++)
        evaluate_ask(policy, &trees->set->facts[trees->questions[leaf->question + i]]);
    policy->out = NULL;
    return true;
}

static bool visit(struct trees *trees, struct policy *policy, struct decision *out)
{
    int64_t cost = 0;
    size_t i;

    for (i = 0; i < policy->in_force_count; i++) {
        const struct leaf *leaf = leaf_of(trees, policy, policy->in_force[i]);

        cost += leaf == NULL ? COST_MAX : leaf->cost;
        if (cost + (SANDBOX_INSTRUCTIONS - policy->box->left) >= COST_MAX ||
            !say(trees, policy, leaf, out))
            return false;
    }
    return true;
}

/* For a case with fields, whose derivation may fail. */
struct visit {
    struct decision *out;
    bool done;
};

static int run_visit(lua_State *lua)
{
    struct visit *it = lua_touserdata(lua, 1);
    struct policy *policy = policy_of(lua);

    evaluate_set_day(lua, policy);
    it->done = visit(policy->trees, policy, it->out);
    return 0;
}

static bool visit_protected(struct policy *policy, struct decision *out)
{
    struct visit it = { .out = out };

    lua_pushcfunction(policy->box->lua, run_visit);
    lua_pushlightuserdata(policy->box->lua, &it);
    return sandbox_call(policy->box, 1, 0) == OUTCOME_RAN && it.done;
}

bool trees_run(struct trees *trees, struct policy *policy, struct decision *out)
{
    size_t effects = out->effect_count, questions = out->question_count;
    size_t size = trees->set->fact_count * sizeof *trees->told;

    if (trees->full)
        begin(trees); /* never fails: the roots had room before */
    memcpy(trees->told, policy->values, size);
    if (policy->fields == NULL ? visit(trees, policy, out) : visit_protected(policy, out))
        return true;
    memcpy(policy->values, trees->told, size);
    out->effect_count = effects;
    out->question_count = questions;
    out->broken = false;
    policy->out = NULL;
    policy->deriving = -1;
    sandbox_begin(policy->box);
    return false;
}
