/* SPDX-License-Identifier: Apache-2.0 */
/* Each regulation's text is made to call coverage_met(NUMBER, CONDITION), under a local name that
 * does not occur in it: `local met = ...;` stands before its first line. */
#include "policy/coverage.h"

#include "policy/conditions.h"
#include "policy/explore.h"
#include "policy/reach.h"
#include "policy/testing.h"

#include <lua.h>
#include <stdlib.h>

enum { RUNS_A_RULE = 20000 };

/* ---- counting while rules run ---- */

/* (number, value...): the values are given on as they are. */
int coverage_met(lua_State *lua)
{
    const struct policy *policy = policy_of(lua);
    lua_Integer number = lua_tointeger(lua, 1);

    if (policy != NULL && policy->met != NULL)
        policy->met->conditions[number] |= lua_toboolean(lua, 2) ? MET_TRUE : MET_FALSE;
    return lua_gettop(lua) - 1;
}

/* ---- making the texts ---- */

struct counting {
    struct coverage *out;
    const struct syntax *syntax;
    const struct conditions *conditions;
    const char *name; /* of the local */
    struct buf *text;
    uint32_t copied; /* bytes of the original so far */
};

static void copy_to(struct counting *counting, uint32_t to)
{
    buf_put(counting->text, counting->syntax->text.at + counting->copied, to - counting->copied);
    counting->copied = to;
}

static void add_condition(struct counting *counting, int node, const char *file)
{
    struct coverage *out = counting->out;
    struct covered_condition *grown;

    grown = set_grow(out->conditions, out->condition_count, sizeof *grown);
    if (grown == NULL) {
        counting->text->failed = true;
        return;
    }
    out->conditions = grown;
    grown[out->condition_count++] =
        (struct covered_condition){ .file = file,
                                    .line = counting->syntax->nodes[node].line,
                                    .column = syntax_column(counting->syntax, node),
                                    .text = syntax_text(counting->syntax, node) };
}

/* Children stand inside their parent in the order of the text. */
static void put_node(struct counting *counting, int node, const char *file)
{
    bool condition = counting->conditions->condition[node];
    int child;

    if (condition) {
        copy_to(counting, counting->syntax->nodes[node].from);
        buf_printf(counting->text, "%s(%zu,", counting->name, counting->out->condition_count);
        add_condition(counting, node, file);
    }
    for (child = counting->syntax->nodes[node].first; child != NODE_NONE;
         child = counting->syntax->nodes[child].next)
        put_node(counting, child, file);
    if (condition) {
        copy_to(counting, counting->syntax->nodes[node].to);
        buf_byte(counting->text, ')');
    }
}

static bool takes_arguments(const struct syntax *syntax)
{
    size_t i;

    for (i = 0; i < syntax->count; i++)
        if (syntax->nodes[i].kind == NODE_VARARG && syntax_function(syntax, (int)i) == NODE_NONE)
            return true;
    return false;
}

/* `met`, or with as many underscores as make it new. */
static void choose_name(struct smg_str text, char name[64])
{
    snprintf(name, 64, "met");
    while (strlen(name) < 63 && memmem(text.at, text.len, name, strlen(name)) != NULL)
        strcat(name, "_");
}

static bool count_text(struct coverage *out, struct policy_text from, struct buf *text,
                       struct buf *problems)
{
    struct syntax syntax;
    struct conditions conditions;
    struct counting counting = {
        .out = out, .syntax = &syntax, .conditions = &conditions, .text = text
    };
    char name[64];
    const char *why;
    int line;

    if (!syntax_parse(from.text, &syntax, &why, &line)) {
        set_problem(problems, from.name, line, "its conditions cannot be counted: %s", why);
        return false;
    }
    choose_name(from.text, name);
    counting.name = name;
    if (takes_arguments(&syntax)) {
        set_problem(problems, from.name, 1, "its conditions cannot be counted: it uses ...");
    } else if (conditions_find(&syntax, &conditions)) {
        buf_printf(text, "local %s=...;", name);
        put_node(&counting, syntax.root, from.name);
        copy_to(&counting, (uint32_t)from.text.len);
        conditions_fini(&conditions);
    } else {
        text->failed = true;
    }
    syntax_fini(&syntax);
    if (text->failed)
        set_problem(problems, "policies", 0, "out of memory");
    return text->len > 0 && !text->failed;
}

/* The set again, of counted texts. */
static struct policy_set *count_set(struct coverage *out, struct buf *problems)
{
    const struct policy_set *set = out->set;
    struct policy_text texts[FILE_REGULATIONS + DECISION_POLICIES];
    struct buf counted[DECISION_POLICIES] = { { 0 } };
    const char *stack[DECISION_POLICIES];
    struct policy_set *made = NULL;
    size_t i, before = problems->len;

    for (i = 0; i < set->file_count; i++) {
        texts[i] = (struct policy_text){ set->files[i].name, buf_view(&set->files[i].text) };
        if (i < FILE_REGULATIONS)
            continue;
        stack[i - FILE_REGULATIONS] = set->regulations[i - FILE_REGULATIONS].info.id;
        if (count_text(out, texts[i], &counted[i - FILE_REGULATIONS], problems))
            texts[i].text = buf_view(&counted[i - FILE_REGULATIONS]);
    }
    if (problems->len == before)
        made = set_build_from(texts, set->file_count, stack, set->regulation_count, true, problems);
    for (i = 0; i < set->regulation_count; i++)
        buf_fini(&counted[i]);
    return made;
}

/* ---- what came of it ---- */

static bool look_at_path(void *ctx, const struct path *path)
{
    bool *always = ctx;

    *always = path->said->effect_count > 0;
    return *always;
}

static void add_rules(struct coverage *out, const struct met *met, struct policy *policy)
{
    const struct policy_set *set = out->set;
    size_t i;

    for (i = 0; i < set->rule_count; i++) {
        const struct rule *rule = &set->rules[i];
        struct exploration how = { .limit = RUNS_A_RULE,
                                   .on = set->regulations[rule->regulation].from };
        bool complete = true;
        struct covered_rule *it = &out->rules[i];

        *it = (struct covered_rule){ .id = rule->id,
                                     .file = rule->file,
                                     .line = rule->line,
                                     .applies = (met->rules[i] & MET_APPLIES) != 0,
                                     .speaks = (met->rules[i] & MET_SPEAKS) != 0,
                                     .silent = (met->rules[i] & MET_SILENT) != 0 };
        if (it->speaks && !it->silent)
            explore_rule(policy, i, &how, look_at_path, &it->always, &complete);
        it->always = it->always && complete;
    }
    out->rule_count = set->rule_count;
}

/* "cn-54/2018#9" of "cn-54/2018#9.2/proxy". */
static void name_article(const char *id, char name[96])
{
    size_t len = strcspn(id, "#");

    len += strcspn(id + len, "./");
    snprintf(name, 96, "%.*s", (int)len, id);
}

static void add_articles(struct coverage *out)
{
    size_t i, j;

    for (i = 0; i < out->rule_count; i++) {
        const struct covered_rule *rule = &out->rules[i];
        char name[96];

        name_article(rule->id, name);
        for (j = 0; j < out->article_count && strcmp(out->articles[j].name, name) != 0; j++)
            ;
        if (j == out->article_count) {
            out->articles[out->article_count] =
                (struct covered_article){ .file = rule->file, .line = rule->line };
            memcpy(out->articles[out->article_count++].name, name, sizeof name);
        }
        out->articles[j].applies = out->articles[j].applies || rule->applies;
    }
}

static void add_conditions(struct coverage *out, const struct met *met)
{
    size_t i;

    for (i = 0; i < out->condition_count; i++) {
        out->conditions[i].was_true = (met->conditions[i] & MET_TRUE) != 0;
        out->conditions[i].was_false = (met->conditions[i] & MET_FALSE) != 0;
    }
}

static int run_counted(struct coverage *out, struct policy_set *counted, const char *path,
                       policy_tell_fn tell, void *ctx, struct buf *problems)
{
    struct smg_err err = { 0 };
    struct policy *policy = policy_new(counted, &err);
    struct met met = { .rules = calloc(out->set->rule_count + 1, 1),
                       .conditions = calloc(out->condition_count + 1, 1) };
    int failures = SMG_E_MEMORY;

    out->rules = calloc(out->set->rule_count + 1, sizeof *out->rules);
    out->articles = calloc(out->set->rule_count + 1, sizeof *out->articles);
    if (policy == NULL) {
        set_problem(problems, "policies", 0, "%s", err.text);
    } else if (met.rules == NULL || met.conditions == NULL || out->rules == NULL ||
               out->articles == NULL) {
        set_problem(problems, "policies", 0, "out of memory");
    } else {
        policy->met = &met;
        failures = testing_run_all(policy, path, tell, ctx, problems);
        policy->met = NULL;
        add_rules(out, &met, policy);
        add_articles(out);
        add_conditions(out, &met);
    }
    free(met.rules);
    free(met.conditions);
    policy_free(policy);
    return failures;
}

int policy_test_covered(const char *path, const char *const *stack, size_t count,
                        policy_tell_fn tell, void *ctx, struct coverage *out, struct buf *problems)
{
    struct policy_set *counted;
    int failures;

    *out = (struct coverage){ .set = policy_set_load(path, stack, count, problems) };
    if (out->set == NULL)
        return SMG_E_INVALID;
    counted = count_set(out, problems);
    if (counted == NULL)
        return SMG_E_INVALID;
    failures = run_counted(out, counted, path, tell, ctx, problems);
    policy_set_free(counted);
    return failures;
}

void coverage_fini(struct coverage *coverage)
{
    free(coverage->conditions);
    free(coverage->rules);
    free(coverage->articles);
    policy_set_free(coverage->set);
    *coverage = (struct coverage){ 0 };
}

bool coverage_rule_is_whole(const struct covered_rule *rule)
{
    return rule->applies && rule->speaks && (rule->silent || rule->always);
}

struct share coverage_of_rules(const struct coverage *coverage)
{
    struct share share = { 0, coverage->rule_count };
    size_t i;

    for (i = 0; i < coverage->rule_count; i++)
        share.met += coverage_rule_is_whole(&coverage->rules[i]);
    return share;
}

struct share coverage_of_conditions(const struct coverage *coverage)
{
    struct share share = { 0, 2 * coverage->condition_count };
    size_t i;

    for (i = 0; i < coverage->condition_count; i++)
        share.met += (size_t)coverage->conditions[i].was_true + coverage->conditions[i].was_false;
    return share;
}

struct share coverage_of_articles(const struct coverage *coverage)
{
    struct share share = { 0, coverage->article_count };
    size_t i;

    for (i = 0; i < coverage->article_count; i++)
        share.met += coverage->articles[i].applies;
    return share;
}
