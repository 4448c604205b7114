/* SPDX-License-Identifier: Apache-2.0 */
/* Running the tests that stand beside a regulation. The test file has a Lua state of its own; cases
 * and decisions cross to the evaluator as plain values. */
#include "policy/testing.h"

#include "policy/evaluate.h"
#include "policy/expect.h"
#include "policy/folder.h"
#include "policy/load.h"
#include "policy/reach.h"

#include <lauxlib.h>
#include <stdlib.h>

struct testing {
    struct policy *policy;
    struct sandbox *box;
    const struct regulation *regulation;
    char file[NAME_BYTES];
    struct smg_fields *fields; /* of the case being told, freed also when telling it raised */
    testing_case_fn on_case;   /* or NULL */
    void *ctx;
};

static struct testing *testing_of(lua_State *lua)
{
    return sandbox_of(lua)->owner;
}

/* What to do with each leaf of a table of names. */
typedef void (*leaf_fn)(lua_State *lua, struct testing *testing, const char *name);

/* The table on top, whose own name is `prefix`: nested tables and dotted keys are the same. */
static void each_leaf(lua_State *lua, struct testing *testing, const char *prefix, leaf_fn fn)
{
    char name[2 * NAME_BYTES];

    luaL_checkstack(lua, 8, "too deep");
    lua_pushnil(lua);
    while (lua_next(lua, -2) != 0) {
        if (lua_type(lua, -2) != LUA_TSTRING)
            luaL_error(lua, "facts and fields are named by texts");
        if (strlen(prefix) + lua_rawlen(lua, -2) > NAME_BYTES)
            luaL_error(lua, "a name is too long");
        snprintf(name, sizeof name, "%s%s%s", prefix, prefix[0] == '\0' ? "" : ".",
                 lua_tostring(lua, -2));
        if (lua_istable(lua, -1))
            each_leaf(lua, testing, name, fn);
        else
            fn(lua, testing, name);
        lua_pop(lua, 1);
    }
}

/* The scalar on top as text. Booleans and numbers are written into number. */
static struct smg_str scalar_text(lua_State *lua, char number[32])
{
    struct smg_str text = { NULL, 0 };

    if (lua_isboolean(lua, -1))
        return str_of(lua_toboolean(lua, -1) ? "true" : "false");
    if (lua_isinteger(lua, -1)) {
        snprintf(number, 32, "%lld", (long long)lua_tointeger(lua, -1));
        return str_of(number);
    }
    if (lua_type(lua, -1) != LUA_TSTRING)
        luaL_error(lua, "a value is a text, a whole number, true or false");
    text.at = lua_tolstring(lua, -1, &text.len);
    return text;
}

static void tell_fact(lua_State *lua, struct testing *testing, const char *name)
{
    const struct policy_set *set = testing->policy->set;
    const struct fact *fact = set_fact(set, str_of(name));
    const char *near = fact == NULL ? set_near_fact(set, str_of(name)) : NULL;
    char number[32];
    struct smg_str value;

    if (fact == NULL && near != NULL)
        luaL_error(lua, "the fact %s is not declared; did you mean %s?", name, near);
    if (fact == NULL)
        luaL_error(lua, "the fact %s is not declared", name);
    value = scalar_text(lua, number);
    if (evaluate_tell(testing->policy, fact, value) != SMG_OK)
        luaL_error(lua, "the fact %s cannot be %s", name, value.at);
}

static bool is_date_name(const char *name)
{
    static const char *const last[] = { "birth", "valid_from", "valid_to", "on" };
    const char *segment = strrchr(name, '.');
    size_t i;

    segment = segment == NULL ? name : segment + 1;
    for (i = 0; i < sizeof last / sizeof last[0]; i++)
        if (strcmp(segment, last[i]) == 0)
            return true;
    return false;
}

static void tell_field(lua_State *lua, struct testing *testing, const char *name)
{
    struct smg_value value = { .type = SMG_TEXT };

    if (lua_isboolean(lua, -1)) {
        value.type = SMG_BOOL;
        value.boolean = lua_toboolean(lua, -1) != 0;
    } else if (lua_isinteger(lua, -1)) {
        value.type = SMG_INT;
        value.integer = lua_tointeger(lua, -1);
    } else if (lua_type(lua, -1) != LUA_TSTRING) {
        luaL_error(lua, "the field %s is a text, a whole number, true or false", name);
    } else {
        value.str.at = lua_tolstring(lua, -1, &value.str.len);
        if (is_date_name(name)) {
            struct smg_date date;

            if (!date_parse(value.str, &date))
                luaL_error(lua, "the field %s is a day: write \"2026-01-31\"", name);
            value.type = SMG_DATE;
            value.date = date;
        }
    }
    if (!fields_set(testing->fields, str_of(name), &value))
        luaL_error(lua, "the field %s cannot be set", name);
}

static void check_options(lua_State *lua)
{
    static const char *const keys[] = { "on", "begun", "region", "stack", "answers", NULL };

    if (lua_isnoneornil(lua, 2))
        return;
    luaL_checktype(lua, 2, LUA_TTABLE);
    lua_pushnil(lua);
    while (lua_next(lua, 2) != 0) {
        size_t i = 0;

        lua_pop(lua, 1);
        while (keys[i] != NULL &&
               (lua_type(lua, -1) != LUA_TSTRING || strcmp(lua_tostring(lua, -1), keys[i]) != 0))
            i++;
        if (keys[i] == NULL)
            luaL_error(lua, "the options are on, begun, region, stack and answers");
    }
}

/* An option's text, kept on the stack; NULL when there is none. */
static const char *option_text(lua_State *lua, const char *key)
{
    if (lua_isnoneornil(lua, 2) || lua_getfield(lua, 2, key) == LUA_TNIL)
        return NULL;
    if (lua_type(lua, -1) != LUA_TSTRING)
        luaL_error(lua, "the option %s is a text", key);
    return lua_tostring(lua, -1);
}

static struct smg_date option_day(lua_State *lua, const char *key, struct smg_date otherwise)
{
    const char *text = option_text(lua, key);
    struct smg_date day = otherwise;

    if (text != NULL && !date_parse(str_of(text), &day))
        luaL_error(lua, "the option %s is a day: write \"2026-01-31\"", key);
    return day;
}

/* The regulations of the option `stack`, or the one the file stands beside, as bits. */
static uint32_t option_stack(lua_State *lua, const struct testing *testing)
{
    const struct policy_set *set = testing->policy->set;
    uint32_t among = 0;
    lua_Integer i;
    size_t j;

    if (lua_isnoneornil(lua, 2) || lua_getfield(lua, 2, "stack") == LUA_TNIL)
        return UINT32_C(1) << (testing->regulation - set->regulations);
    luaL_checktype(lua, -1, LUA_TTABLE);
    for (i = 1; lua_rawgeti(lua, -1, i) != LUA_TNIL; i++) {
        const char *id = lua_type(lua, -1) == LUA_TSTRING ? lua_tostring(lua, -1) : "?";

        for (j = 0; j < set->regulation_count; j++)
            if (strcmp(set->regulations[j].info.id, id) == 0)
                break;
        if (j == set->regulation_count)
            luaL_error(lua, "the regulation %s is not in the stack that is tested", id);
        among |= UINT32_C(1) << j;
        lua_pop(lua, 1);
    }
    return among;
}

/* Begin the case with the days and region of the options, or the regulation's own. */
static void begin_case(lua_State *lua, struct testing *testing)
{
    const char *region = option_text(lua, "region");
    struct smg_date on = option_day(lua, "on", testing->regulation->from);
    struct smg_date begun = option_day(lua, "begun", on);
    char padded[8] = "000000";

    testing->policy->among = option_stack(lua, testing);
    memcpy(padded, testing->regulation->info.region, strlen(testing->regulation->info.region));
    evaluate_begin(testing->policy, testing->fields, region == NULL ? padded : region, on, begun);
}

static int decide_case(lua_State *lua, struct testing *testing)
{
    struct decision *out = lua_newuserdatauv(lua, sizeof *out, 0);

    if (!lua_isnoneornil(lua, 2) && lua_getfield(lua, 2, "answers") != LUA_TNIL) {
        luaL_checktype(lua, -1, LUA_TTABLE);
        each_leaf(lua, testing, "", tell_fact);
    }
    decision_run(testing->policy, out);
    if (testing->on_case != NULL)
        testing->on_case(testing->ctx, testing->policy);
    expect_push_decision(lua, out);
    return 1;
}

/* decide(facts, options) */
static int decide(lua_State *lua)
{
    struct testing *testing = testing_of(lua);

    luaL_checktype(lua, 1, LUA_TTABLE);
    check_options(lua);
    lua_settop(lua, 2);
    fields_free(testing->fields);
    testing->fields = NULL;
    begin_case(lua, testing);
    lua_pushvalue(lua, 1);
    each_leaf(lua, testing, "", tell_fact);
    return decide_case(lua, testing);
}

/* apply(fields, options) */
static int apply(lua_State *lua)
{
    struct testing *testing = testing_of(lua);

    luaL_checktype(lua, 1, LUA_TTABLE);
    check_options(lua);
    lua_settop(lua, 2);
    fields_free(testing->fields);
    testing->fields = fields_new();
    if (testing->fields == NULL)
        return luaL_error(lua, "out of memory");
    lua_pushvalue(lua, 1);
    each_leaf(lua, testing, "", tell_field);
    begin_case(lua, testing);
    return decide_case(lua, testing);
}

static const char tests_key; /* its address, in the registry: names and functions in turn */

/* test(name, function): collected here, run one by one after the file. */
static int test(lua_State *lua)
{
    luaL_checktype(lua, 1, LUA_TSTRING);
    luaL_checktype(lua, 2, LUA_TFUNCTION);
    lua_settop(lua, 2);
    lua_rawgetp(lua, LUA_REGISTRYINDEX, &tests_key);
    lua_pushvalue(lua, 1);
    lua_rawseti(lua, 3, (lua_Integer)lua_rawlen(lua, 3) + 1);
    lua_pushvalue(lua, 2);
    lua_rawseti(lua, 3, (lua_Integer)lua_rawlen(lua, 3) + 1);
    return 0;
}

void testing_push_words(lua_State *lua)
{
    static const luaL_Reg words[] = {
        { "test", test }, { "decide", decide }, { "apply", apply }, { NULL, NULL }
    };

    luaL_setfuncs(lua, words, 0);
    expect_push_words(lua);
}

static int push_env(lua_State *lua)
{
    lua_newtable(lua);
    lua_rawsetp(lua, LUA_REGISTRYINDEX, &tests_key);
    sandbox_push_allowed(lua);
    testing_push_words(lua);
    sandbox_push_env(lua);
    return 1;
}

/* ---- the file ---- */

/* Push name i (from 0) of the list of names and functions; nil after the last. */
static void push_kept(const struct testing *testing, size_t i)
{
    lua_State *lua = testing->box->lua;

    lua_rawgetp(lua, LUA_REGISTRYINDEX, &tests_key);
    lua_rawgeti(lua, -1, (lua_Integer)i + 1);
    lua_remove(lua, -2);
}

static bool load_tests(struct testing *testing, struct smg_str text, struct buf *problems)
{
    struct sandbox *box = testing->box;

    lua_pushcfunction(box->lua, push_env);
    if (sandbox_call(box, 0, 1) == OUTCOME_RAN &&
        sandbox_compile(box, text, testing->file) == OUTCOME_RAN &&
        sandbox_call(box, 0, 0) == OUTCOME_RAN)
        return true;
    set_problem(problems, box->fault.file[0] == '\0' ? testing->file : box->fault.file,
                box->fault.line, "%s", box->fault.text);
    return false;
}

static void name_tests(const struct regulation *regulation, char out[NAME_BYTES])
{
    snprintf(out, NAME_BYTES, "%s_test.lua", regulation->info.id);
}

struct testing *testing_open_text(struct policy *policy, size_t regulation, struct smg_str text,
                                  struct buf *problems)
{
    struct testing *testing = calloc(1, sizeof *testing);

    if (testing != NULL)
        testing->box = sandbox_new(testing);
    if (testing == NULL || testing->box == NULL) {
        set_problem(problems, "policies", 0, "out of memory");
        free(testing);
        return NULL;
    }
    testing->policy = policy;
    testing->regulation = &policy->set->regulations[regulation];
    name_tests(testing->regulation, testing->file);
    if (load_tests(testing, text, problems))
        return testing;
    testing_close(testing);
    return NULL;
}

struct testing *testing_open(struct policy *policy, size_t regulation, const char *path,
                             struct buf *problems)
{
    struct testing *testing = NULL;
    struct buf text = { 0 };
    char name[NAME_BYTES];

    name_tests(&policy->set->regulations[regulation], name);
    if (folder_read(path, name, &text, problems))
        testing = testing_open_text(policy, regulation, buf_view(&text), problems);
    buf_fini(&text);
    return testing;
}

void testing_close(struct testing *testing)
{
    if (testing == NULL)
        return;
    sandbox_free(testing->box);
    fields_free(testing->fields);
    free(testing);
}

void testing_watch(struct testing *testing, testing_case_fn fn, void *ctx)
{
    testing->on_case = fn;
    testing->ctx = ctx;
}

const char *testing_file(const struct testing *testing)
{
    return testing->file;
}

size_t testing_count(const struct testing *testing)
{
    size_t count;

    lua_rawgetp(testing->box->lua, LUA_REGISTRYINDEX, &tests_key);
    count = (size_t)lua_rawlen(testing->box->lua, -1) / 2;
    lua_pop(testing->box->lua, 1);
    return count;
}

/* The text is kept by the list. */
const char *testing_name(const struct testing *testing, size_t i)
{
    const char *name;

    push_kept(testing, 2 * i);
    name = lua_tostring(testing->box->lua, -1);
    lua_pop(testing->box->lua, 1);
    return name;
}

bool testing_run(struct testing *testing, size_t i, const struct fault **why)
{
    sandbox_begin_load(testing->box);
    push_kept(testing, 2 * i + 1);
    *why = &testing->box->fault;
    return sandbox_call(testing->box, 0, 0) == OUTCOME_RAN;
}

int testing_run_all(struct policy *policy, const char *path, policy_tell_fn tell, void *ctx,
                    struct buf *problems)
{
    size_t before = problems->len, i, j;
    int failures = 0;

    for (i = 0; i < policy->set->regulation_count; i++) {
        struct testing *testing = testing_open(policy, i, path, problems);

        for (j = 0; testing != NULL && j < testing_count(testing); j++) {
            const struct fault *fault;
            char why[sizeof fault->file + sizeof fault->text + 16] = "";
            bool passed = testing_run(testing, j, &fault);

            if (!passed)
                snprintf(why, sizeof why, "%s:%d: %s", fault->file, fault->line, fault->text);
            failures += !passed;
            tell(ctx, testing->file, testing_name(testing, j), passed, why);
        }
        testing_close(testing);
    }
    return problems->len == before ? failures : SMG_E_INVALID;
}

int policy_test(const char *path, const char *const *stack, size_t count, policy_tell_fn tell,
                void *ctx, struct buf *problems)
{
    struct policy_set *set = policy_set_load(path, stack, count, problems);
    struct policy *policy;
    struct smg_err err = { 0 };
    int failures;

    if (set == NULL)
        return SMG_E_INVALID;
    policy = policy_new(set, &err);
    policy_set_free(set);
    if (policy == NULL) {
        set_problem(problems, "policies", 0, "%s", err.text);
        return err.code;
    }
    failures = testing_run_all(policy, path, tell, ctx, problems);
    policy_free(policy);
    return failures;
}
