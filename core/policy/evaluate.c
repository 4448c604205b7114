/* SPDX-License-Identifier: Apache-2.0 */
/* Running rules over a case: which are in force, one after the other, and what becomes of one that
 * fails. */
#include "policy/evaluate.h"
#include "policy/reach.h"

#include "base/log.h"
#include "policy/load.h"
#include "policy/number.h"
#include "policy/trees.h"

#include <lauxlib.h>
#include <stdlib.h>

static const char need_policy[] = "policy.available";
static const char none_in_force[] = "regulation.none_in_force";

static int prepare(lua_State *lua)
{
    struct policy *policy = policy_of(lua);

    facts_push_case(lua, policy->set);
    policy->root = luaL_ref(lua, LUA_REGISTRYINDEX);
    return 0;
}

static struct policy *allocate(struct policy_set *set)
{
    struct policy *policy = calloc(1, sizeof *policy);
    size_t facts = set->fact_count + 1, rules = set->rule_count + 1;

    if (policy == NULL)
        return NULL;
    policy->set = policy_set_share(set);
    policy->from = calloc(facts, sizeof *policy->from);
    policy->example = calloc(facts, sizeof *policy->example);
    policy->says = calloc(1, sizeof *policy->says);
    policy->parts = calloc(facts, sizeof *policy->parts);
    policy->remembered = calloc(facts, sizeof *policy->remembered);
    policy->values = calloc(facts, sizeof *policy->values);
    policy->applies = calloc(rules, sizeof *policy->applies);
    policy->check = calloc(rules, sizeof *policy->check);
    policy->in_force = calloc(rules, sizeof *policy->in_force);
    policy->box = sandbox_new(policy);
    policy->deriving = -1;
    policy->among = UINT32_MAX;
    if (policy->says == NULL || policy->from == NULL || policy->example == NULL ||
        policy->parts == NULL || policy->remembered == NULL || policy->values == NULL ||
        policy->applies == NULL || policy->check == NULL || policy->in_force == NULL ||
        policy->box == NULL) {
        policy_free(policy);
        return NULL;
    }
    return policy;
}

struct policy *policy_new(struct policy_set *set, struct smg_err *err)
{
    struct policy *policy = allocate(set);
    struct buf problems = { 0 };
    struct loading loading;

    if (policy == NULL) {
        smg_fail(err, SMG_E_MEMORY, "policy: out of memory");
        return NULL;
    }
    loading = (struct loading){ .set = set,
                                .box = policy->box,
                                .problems = &problems,
                                .from = policy->from,
                                .example = policy->example,
                                .applies = policy->applies,
                                .check = policy->check };
    if (!load_run(&loading)) {
        smg_fail(err, SMG_E_BUG, "policy: %.*s", (int)problems.len,
                 problems.at == NULL ? "" : problems.at);
        goto out;
    }
    policy->names = loading.names;
    sandbox_begin_load(policy->box);
    lua_pushcfunction(policy->box->lua, prepare);
    if (sandbox_call(policy->box, 0, 0) != OUTCOME_RAN) {
        smg_fail(err, SMG_E_MEMORY, "policy: %s", policy->box->fault.text);
        goto out;
    }
    sandbox_settle(policy->box);
    buf_fini(&problems);
    return policy;
out:
    buf_fini(&problems);
    policy_free(policy);
    return NULL;
}

bool policy_quicken(struct policy *policy)
{
    if (policy->trees == NULL)
        policy->trees = trees_new(policy->set);
    return policy->trees != NULL;
}

void policy_free(struct policy *policy)
{
    if (policy == NULL)
        return;
    sandbox_free(policy->box);
    trees_free(policy->trees);
    policy_set_free(policy->set);
    free(policy->from);
    free(policy->example);
    free(policy->says);
    free(policy->parts);
    free(policy->remembered);
    free(policy->values);
    free(policy->applies);
    free(policy->check);
    free(policy->in_force);
    free(policy);
}

struct policy_set *policy_set_of(const struct policy *policy)
{
    return policy->set;
}

void policy_tidy(struct policy *policy)
{
    sandbox_tidy(policy->box);
}

/* ---- effects ---- */

static bool is_same(const struct effect *a, const struct effect *b)
{
    return a->kind == b->kind && strcmp(a->what, b->what) == 0;
}

/* The last place is kept for saying that the others did not suffice. */
static void add(struct policy *policy, const struct effect *effect, size_t room)
{
    struct decision *out = policy->out;
    size_t i;

    for (i = policy->effects; i < out->effect_count; i++)
        if (is_same(&out->effects[i], effect))
            return;
    if (out->effect_count < room)
        out->effects[out->effect_count++] = *effect;
    else
        out->broken = true;
}

bool evaluate_bites(const struct policy *policy, size_t rule)
{
    const struct rule *it = &policy->set->rules[rule];

    return date_is_none(it->bites) || date_compare(it->bites, policy->on) <= 0;
}

void evaluate_add(struct policy *policy, struct effect effect)
{
    const struct rule *rule = &policy->set->rules[policy->rule];

    /* A rule that only warns so far asks nothing of anybody: no report, no obligation. */
    if (!evaluate_bites(policy, policy->rule)) {
        if (effect.kind != EFFECT_NEED && effect.kind != EFFECT_REFUSE)
            return;
        effect.kind = EFFECT_WARN;
        effect.bites_from = rule->bites_from;
    }
    effect.rule = rule->id;
    effect.rule_zh = rule->zh;
    effect.rule_en = rule->en;
    add(policy, &effect, DECISION_EFFECTS - 1);
}

void evaluate_ask(struct policy *policy, const struct fact *fact)
{
    struct decision *out = policy->out;
    size_t i;

    for (i = 0; i < out->question_count; i++)
        if (out->questions[i].fact == fact->name)
            return;
    if (i == DECISION_QUESTIONS) {
        out->broken = true;
        return;
    }
    out->questions[out->question_count++] = (struct question){
        .fact = fact->name, .source = source_names[fact->source], .ask = fact->ask, .of = fact->of
    };
}

/* A word the engine itself says; a vocabulary may give it better texts. */
static struct effect own_word(const struct policy_set *set, enum effect_kind kind, const char *name,
                              const char *zh, const char *en)
{
    const struct word *word = set_word(set, str_of(name));
    bool declared = word != NULL && word->kind == kind;

    return (struct effect){ .kind = kind,
                            .what = name,
                            .rule = "",
                            .zh = declared ? word->zh : zh,
                            .en = declared ? word->en : en };
}

static void add_none_in_force(struct policy *policy)
{
    struct effect effect =
        own_word(policy->set, EFFECT_REFUSE, none_in_force, "该地区在该日没有有效的登记规定",
                 "no regulation is in force for this region on this day");

    add(policy, &effect, DECISION_EFFECTS);
}

/* `of_rule`: the rule that runs is to blame. Else it is said only if no rule said it. */
static void add_unavailable(struct policy *policy, bool of_rule)
{
    struct effect effect =
        own_word(policy->set, EFFECT_NEED, need_policy, "规则无法执行，须人工处理",
                 "a rule could not be run: a person must look at this case");

    policy->out->broken = true;
    if (of_rule) {
        effect.rule = policy->set->rules[policy->rule].id;
        effect.rule_zh = policy->set->rules[policy->rule].zh;
        effect.rule_en = policy->set->rules[policy->rule].en;
    }
    add(policy, &effect, DECISION_EFFECTS);
}

/* ---- the case ---- */

void evaluate_begin(struct policy *policy, const struct smg_fields *fields, const char *region,
                    struct smg_date on, struct smg_date begun)
{
    size_t i;

    for (i = 0; i < policy->set->fact_count; i++)
        policy->values[i] = FACT_UNASKED;
    policy->fields = fields;
    policy->on = on;
    policy->begun = date_is_none(begun) || date_compare(begun, on) > 0 ? on : begun;
    snprintf(policy->region, sizeof policy->region, "%s", region == NULL ? "" : region);
    policy->deriving = -1;
    policy->at = 0;
    sandbox_begin(policy->box);
}

int evaluate_tell(struct policy *policy, const struct fact *fact, struct smg_str value)
{
    size_t i = (size_t)(fact - policy->set->facts);
    int index = fact_index_of_text(fact, value);
    bool negative = value.len > 1 && value.at[0] == '-';
    int64_t integer;

    if (negative)
        value = (struct smg_str){ value.at + 1, value.len - 1 };
    if (index == FACT_BROKEN && fact->kind == VALUE_INTEGER && str_to_int(value, &integer))
        index = fact_index_of_integer(fact, negative ? -integer : integer);
    policy->values[i] = (int16_t)index;
    return index == FACT_BROKEN ? SMG_E_INVALID : SMG_OK;
}

static bool is_of_place(const struct policy *policy, size_t i)
{
    return (policy->among >> i & 1) != 0 &&
           str_starts(str_of(policy->region), policy->set->regulations[i].info.region);
}

/* Has it begun for this case? */
static bool has_begun(const struct policy *policy, size_t i)
{
    const struct regulation *it = &policy->set->regulations[i];

    return date_compare(it->from, it->by_begin ? policy->begun : policy->on) <= 0;
}

/* It ends for a case where the one that repeals it begins for that case, and on its own last day;
 * but a successor that leaves pending cases alone leaves them to it. */
static bool has_ended(const struct policy *policy, size_t i)
{
    const struct policy_set *set = policy->set;
    struct smg_date day = policy->on;
    size_t j;

    for (j = 0; j < set->regulation_count; j++) {
        const struct regulation *other = &set->regulations[j];

        if (other->repeals != (int)i || !is_of_place(policy, j))
            continue;
        if (has_begun(policy, j))
            return true;
        if (other->by_begin)
            day = policy->begun;
    }
    return !date_is_none(set->regulations[i].until) &&
           date_compare(set->regulations[i].until, day) <= 0;
}

void evaluate_choose(struct policy *policy)
{
    const struct policy_set *set = policy->set;
    bool in_force[DECISION_POLICIES] = { false }, replaced[SET_RULES] = { false };
    size_t i;

    if (policy->force_on.year != 0 && date_compare(policy->force_on, policy->on) == 0 &&
        date_compare(policy->force_begun, policy->begun) == 0 &&
        policy->force_among == policy->among && strcmp(policy->force_region, policy->region) == 0)
        return;
    policy->policy_count = 0;
    policy->in_force_count = 0;
    for (i = 0; i < set->regulation_count; i++) {
        in_force[i] = is_of_place(policy, i) && has_begun(policy, i) && !has_ended(policy, i);
        if (in_force[i])
            policy->policies[policy->policy_count++] = &set->regulations[i].info;
    }
    for (i = 0; i < set->rule_count; i++)
        if (set->rules[i].replaced != RULE_NONE && in_force[set->rules[i].regulation])
            replaced[set->rules[i].replaced] = true;
    for (i = 0; i < set->rule_count; i++)
        if (in_force[set->rules[i].regulation] && !replaced[i])
            policy->in_force[policy->in_force_count++] = (uint16_t)i;
    policy->force_on = policy->on;
    policy->force_begun = policy->begun;
    policy->force_among = policy->among;
    memcpy(policy->force_region, policy->region, sizeof policy->region);
}

/* ---- rules ---- */

void evaluate_set_day(lua_State *lua, const struct policy *policy)
{
    lua_rawgeti(lua, LUA_REGISTRYINDEX, policy->names);
    lua_pushinteger(lua, date_to_days(policy->on));
    lua_setfield(lua, -2, "day");
    lua_pop(lua, 1);
}

/* Does the rule apply? The case is at 1. */
static bool applies(lua_State *lua, struct policy *policy)
{
    bool answer;

    if (policy->applies[policy->rule] == LUA_NOREF)
        return true;
    lua_rawgeti(lua, LUA_REGISTRYINDEX, policy->applies[policy->rule]);
    lua_pushvalue(lua, 1);
    policy->applying = true;
    lua_call(lua, 1, 1);
    policy->applying = false;
    if (!lua_isboolean(lua, -1) && !lua_isnil(lua, -1))
        luaL_error(lua, "applies gives true or false, not a %s", luaL_typename(lua, -1));
    answer = lua_toboolean(lua, -1) != 0;
    lua_pop(lua, 1);
    return answer;
}

static void run_rule(lua_State *lua, struct policy *policy)
{
    if (applies(lua, policy)) {
        if (policy->met != NULL)
            policy->met->rules[policy->rule] |= MET_APPLIES;
        lua_rawgeti(lua, LUA_REGISTRYINDEX, policy->check[policy->rule]);
        lua_pushvalue(lua, 1);
        lua_call(lua, 1, 0);
    }
}

static void enter_rule(struct policy *policy, size_t rule)
{
    policy->rule = rule;
    policy->effects = policy->out->effect_count;
}

static int run_one(lua_State *lua)
{
    struct policy *policy = policy_of(lua);

    facts_forget(lua, policy);
    evaluate_set_day(lua, policy);
    lua_rawgeti(lua, LUA_REGISTRYINDEX, policy->root);
    run_rule(lua, policy);
    return 0;
}

/* All rules from `at` on, in one protected call; it is entered again after one that ended early. */
static int run_on(lua_State *lua)
{
    struct policy *policy = policy_of(lua);

    if (policy->at == 0) {
        facts_forget(lua, policy);
        evaluate_set_day(lua, policy);
    }
    lua_rawgeti(lua, LUA_REGISTRYINDEX, policy->root);
    for (; policy->at < policy->in_force_count; policy->at++) {
        enter_rule(policy, policy->in_force[policy->at]);
        run_rule(lua, policy);
        if (policy->met != NULL)
            policy->met->rules[policy->rule] |=
                policy->out->effect_count > policy->effects ? MET_SPEAKS : MET_SILENT;
    }
    return 0;
}

/* What is logged names the fact or the rule, and a place in a file: never a value. */
static void log_fault(const struct policy *policy, const char *kind, const char *name,
                      const char *file, int line)
{
    log_line(SMG_ERROR, "policy", "%s %s: %s:%d: %s", kind, name, file, line,
             policy->box->fault.text);
}

void evaluate_blame(struct policy *policy)
{
    const struct fault *fault = &policy->box->fault;
    const struct rule *rule = &policy->set->rules[policy->rule];
    const struct fact *fact;
    bool placed = fault->line > 0;

    if (policy->deriving < 0) {
        log_fault(policy, "rule", rule->id, placed ? fault->file : rule->file,
                  placed ? fault->line : rule->line);
        return;
    }
    fact = &policy->set->facts[policy->deriving];
    /* A value outside the list was seen after `from` had returned: its place is the declaration. */
    placed = placed && policy->values[policy->deriving] == FACT_DERIVING;
    policy->values[policy->deriving] = FACT_BROKEN;
    policy->deriving = -1;
    log_fault(policy, "fact", fact->name, placed ? fault->file : fact->file,
              placed ? fault->line : fact->line);
}

static void run_rules(struct policy *policy, struct decision *out)
{
    enum ending outcome;

    policy->at = 0; /* a case may be run again */
    policy->out = out;
    while (policy->at < policy->in_force_count) {
        lua_pushcfunction(policy->box->lua, run_on);
        outcome = sandbox_call(policy->box, 0, 0);
        policy->applying = false;
        if (outcome == OUTCOME_RAN)
            break;
        if (outcome != OUTCOME_STOPPED) {
            evaluate_blame(policy);
            add_unavailable(policy, true);
        }
        if (outcome == OUTCOME_SPENT)
            break;
        policy->at++;
    }
}

void evaluate_run(struct policy *policy, struct decision *out)
{
    size_t i;

    evaluate_choose(policy);
    out->policy_count = policy->policy_count;
    for (i = 0; i < policy->policy_count; i++)
        out->policies[i] = policy->policies[i];
    if (policy->trees == NULL || !trees_run(policy->trees, policy, out))
        run_rules(policy, out);
    str_wipe(policy->says, sizeof *policy->says);
    policy->out = out;
    policy->effects = 0;
    if (policy->policy_count == 0)
        add_none_in_force(policy);
    if (out->broken)
        add_unavailable(policy, false);
    policy->out = NULL;
}

enum ending evaluate_rule(struct policy *policy, size_t rule, struct decision *out)
{
    enum ending outcome;

    policy->out = out;
    enter_rule(policy, rule);
    lua_pushcfunction(policy->box->lua, run_one);
    outcome = sandbox_call(policy->box, 0, 0);
    policy->applying = false;
    policy->out = NULL;
    return outcome;
}
