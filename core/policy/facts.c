/* SPDX-License-Identifier: Apache-2.0 */
/* Facts as rules read them. The parts of case.customer.document.type are empty tables, made once,
 * that read through to hidden ones: those hold the parts below, and each fact once it was read.
 * Only the first reading of a fact is a call, which finds it by the address of its name. */
#include "policy/evaluate.h"
#include "policy/number.h"
#include "policy/reach.h"

#include <lauxlib.h>
#include <stdlib.h>

int fact_index_of_text(const struct fact *fact, struct smg_str text)
{
    size_t i;

    for (i = 0; i < fact->value_count; i++)
        if (str_eq(fact->values[i].text, text))
            return (int)i;
    return FACT_BROKEN;
}

int fact_index_of_integer(const struct fact *fact, int64_t integer)
{
    size_t i;

    if (fact->kind != VALUE_INTEGER)
        return FACT_BROKEN;
    for (i = fact->value_count; i > 1 && fact->values[i - 1].integer > integer; i--)
        ;
    return (int)i - 1;
}

/* The index of the derived value on top of the stack. */
static int index_of_top(lua_State *lua, const struct fact *fact)
{
    struct smg_str text;

    switch (lua_type(lua, -1)) {
    case LUA_TNIL:
        return FACT_UNKNOWN;
    case LUA_TBOOLEAN:
        if (fact->kind != VALUE_BOOLEAN)
            return FACT_BROKEN;
        text = str_of(lua_toboolean(lua, -1) ? "true" : "false");
        return fact_index_of_text(fact, text);
    case LUA_TNUMBER:
        if (!lua_isinteger(lua, -1))
            return FACT_BROKEN;
        return fact_index_of_integer(fact, lua_tointeger(lua, -1));
    case LUA_TSTRING:
        if (fact->kind != VALUE_TEXT)
            return FACT_BROKEN;
        text.at = lua_tolstring(lua, -1, &text.len);
        return fact_index_of_text(fact, text);
    default:
        return FACT_BROKEN;
    }
}

/* Derives a fact from fields. An error passes through to whoever called the rule, and `deriving`
 * tells there whose fault it was. */
static int derive(lua_State *lua, struct policy *policy, size_t i)
{
    const struct fact *fact = &policy->set->facts[i];
    int value = FACT_UNKNOWN;

    if (policy->fields != NULL && policy->from[i] != LUA_NOREF) {
        policy->values[i] = FACT_DERIVING;
        policy->deriving = (int)i;
        lua_rawgeti(lua, LUA_REGISTRYINDEX, policy->from[i]);
        lua_pushcfunction(lua, words_field);
        lua_call(lua, 1, 1);
        value = index_of_top(lua, fact);
        if (value == FACT_BROKEN) {
            policy->values[i] = FACT_BROKEN;
            return luaL_error(lua, "gave a value that is not in its list");
        }
        lua_pop(lua, 1);
        policy->deriving = -1;
    }
    policy->values[i] = (int16_t)value;
    return value;
}

/* Under pcall. Begins where it last stopped. */
static int derive_on(lua_State *lua)
{
    struct policy *policy = policy_of(lua);
    size_t i;

    evaluate_set_day(lua, policy); /* no rule may have run before */
    for (i = 0; i < policy->set->fact_count; i++)
        if (policy->values[i] == FACT_UNASKED)
            derive(lua, policy, i);
    return 0;
}

void evaluate_rest(struct policy *policy)
{
    enum ending outcome;

    do {
        lua_pushcfunction(policy->box->lua, derive_on);
        outcome = sandbox_call(policy->box, 0, 0);
        if (policy->deriving >= 0)
            evaluate_blame(policy);
    } while (outcome == OUTCOME_FAILED);
    str_wipe(policy->says, sizeof *policy->says);
}

void facts_push_value(lua_State *lua, const struct fact *fact, int value)
{
    switch (fact->kind) {
    case VALUE_BOOLEAN:
        lua_pushboolean(lua, fact->values[value].integer != 0);
        break;
    case VALUE_INTEGER:
        lua_pushinteger(lua, fact->values[value].integer);
        break;
    case VALUE_TEXT:
        lua_pushstring(lua, fact->values[value].text.at);
        break;
    }
}

int facts_value(lua_State *lua, struct policy *policy, size_t i)
{
    return policy->values[i] == FACT_UNASKED ? derive(lua, policy, i) : policy->values[i];
}

static void ask_source(struct policy *policy, const struct fact *fact)
{
    if (fact->source >= SOURCE_SERVICE)
        evaluate_ask(policy, fact);
    else
        evaluate_add(policy,
                     (struct effect){
                         .kind = EFFECT_NEED, .what = fact->name, .zh = fact->zh, .en = fact->en });
}

/* Leave the value on top in the table of its part (at 1), under the name that was read (at 2), so
 * that the next reading finds it without a call. Whoever listens to readings must hear them all. */
static void remember(lua_State *lua, struct policy *policy, size_t i)
{
    if (policy->on_read != NULL)
        return;
    lua_pushvalue(lua, 2);
    lua_pushvalue(lua, -2);
    lua_rawset(lua, 1);
    policy->remembered[policy->remembered_count++] = (uint16_t)i;
}

void facts_forget(lua_State *lua, struct policy *policy)
{
    while (policy->remembered_count > 0) {
        size_t fact = policy->remembered[--policy->remembered_count];
        const char *name = policy->set->facts[fact].name, *leaf = strrchr(name, '.');

        lua_rawgeti(lua, LUA_REGISTRYINDEX, policy->parts[fact]);
        lua_pushstring(lua, leaf == NULL ? name : leaf + 1);
        lua_pushnil(lua);
        lua_rawset(lua, -3);
        lua_pop(lua, 1);
    }
}

static int read_fact(lua_State *lua, size_t i)
{
    struct policy *policy = policy_of(lua);
    const struct fact *fact = &policy->set->facts[i];
    int value;

    if (policy->deriving >= 0)
        return luaL_error(lua, "a fact is derived from fields, not from other facts");
    if (policy->out == NULL)
        return luaL_error(lua, "facts are known only inside a rule");
    if (policy->on_read != NULL)
        policy->on_read(policy->ctx, i); /* may tell the fact */
    value = facts_value(lua, policy, i);
    if (value >= 0) {
        facts_push_value(lua, fact, value);
        remember(lua, policy, i);
        return 1;
    }
    if (value != FACT_UNKNOWN)
        return luaL_error(lua, "the fact %s could not be derived", fact->name);
    ask_source(policy, fact);
    return sandbox_stop(lua);
}

/* The facts of one part of `case`, found by the addresses of their last segments. */
struct part {
    const char *path; /* "customer.document" */
    size_t count;
    struct {
        const char *key;
        uint16_t fact;
    } leaves[];
};

static const char *nearest_below(const struct policy *policy, const char *path, const char *key)
{
    char name[3 * NAME_BYTES];

    snprintf(name, sizeof name, "%s%s%.*s", path, path[0] == '\0' ? "" : ".", NAME_BYTES, key);
    return set_near_fact(policy->set, str_of(name));
}

/* __index. Upvalue 1: the part. */
static int read_part(lua_State *lua)
{
    const struct part *part = lua_touserdata(lua, lua_upvalueindex(1));
    const char *key = lua_type(lua, 2) == LUA_TSTRING ? lua_tostring(lua, 2) : NULL, *near;
    size_t i;

    for (i = 0; i < part->count; i++)
        if (part->leaves[i].key == key)
            return read_fact(lua, part->leaves[i].fact);
    if (key == NULL)
        return luaL_error(lua, "facts are read by name");
    near = nearest_below(policy_of(lua), part->path, key);
    return luaL_error(lua,
                      near == NULL ? "the fact %s%s%s is not declared"
                                   : "the fact %s%s%s is not declared; did you mean %s?",
                      part->path, part->path[0] == '\0' ? "" : ".", key, near);
}

static int refuse_write(lua_State *lua)
{
    return luaL_error(lua, "a case is read-only");
}

/* Does the name lie directly in the path? Then its last segment. */
static const char *leaf_of(const char *name, const char *path, size_t path_len)
{
    struct smg_str whole = str_of(name);

    if (path_len == 0)
        return name;
    if (whole.len <= path_len || !str_starts(whole, path) || whole.at[path_len] != '.')
        return NULL;
    return whole.at + path_len + 1;
}

/* Push the userdata that holds the part, with its keys anchored in its user value.
 * Its facts will be remembered in the table below the top. */
static void push_leaves(lua_State *lua, const struct policy_set *set, const char *path)
{
    size_t len = strlen(path), i, count = 0;
    int table = lua_gettop(lua) - 1; /* below the metatable */
    struct part *part;

    for (i = 0; i < set->fact_count; i++) {
        const char *leaf = leaf_of(set->facts[i].name, path, len);

        count += leaf != NULL && strchr(leaf, '.') == NULL;
    }
    part = lua_newuserdatauv(lua, sizeof *part + count * sizeof part->leaves[0], 1);
    part->path = path;
    part->count = 0;
    lua_newtable(lua);
    for (i = 0; i < set->fact_count; i++) {
        const char *leaf = leaf_of(set->facts[i].name, path, len);

        if (leaf == NULL || strchr(leaf, '.') != NULL)
            continue;
        lua_pushvalue(lua, table);
        policy_of(lua)->parts[i] = luaL_ref(lua, LUA_REGISTRYINDEX);
        part->leaves[part->count].key = lua_pushstring(lua, leaf);
        part->leaves[part->count++].fact = (uint16_t)i;
        lua_rawseti(lua, -2, (lua_Integer)part->count);
    }
    lua_setiuservalue(lua, -2, 1);
}

static void push_part(lua_State *lua, const struct policy_set *set, const char *path);

/* Put every part that lies directly below the path into the table on top. */
static void push_below(lua_State *lua, const struct policy_set *set, const char *path)
{
    size_t len = strlen(path), i;

    for (i = 0; i < set->fact_count; i++) {
        const char *leaf = leaf_of(set->facts[i].name, path, len), *end;
        const char *below;

        end = leaf == NULL ? NULL : strchr(leaf, '.');
        if (end == NULL)
            continue;
        lua_pushlstring(lua, leaf, (size_t)(end - leaf));
        if (lua_rawget(lua, -2) == LUA_TNIL) {
            lua_pushlstring(lua, leaf, (size_t)(end - leaf));
            /* Interned in the registry, so that the path stays where the part looks for it. */
            below = lua_pushlstring(lua, set->facts[i].name, (size_t)(end - set->facts[i].name));
            luaL_ref(lua, LUA_REGISTRYINDEX);
            push_part(lua, set, below);
            lua_rawset(lua, -4);
        }
        lua_pop(lua, 1);
    }
}

/* An empty table reading through to the parts below it, and from there to its facts. */
static void push_part(lua_State *lua, const struct policy_set *set, const char *path)
{
    luaL_checkstack(lua, 12, "facts");
    lua_newtable(lua);
    lua_createtable(lua, 0, 3);
    lua_newtable(lua);
    push_below(lua, set, path);
    lua_createtable(lua, 0, 1);
    push_leaves(lua, set, path);
    lua_pushcclosure(lua, read_part, 1);
    lua_setfield(lua, -2, "__index");
    lua_setmetatable(lua, -2);
    lua_setfield(lua, -2, "__index");
    lua_pushcfunction(lua, refuse_write);
    lua_setfield(lua, -2, "__newindex");
    lua_setmetatable(lua, -2);
}

void facts_push_case(lua_State *lua, const struct policy_set *set)
{
    push_part(lua, set, "");
}
