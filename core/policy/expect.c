/* SPDX-License-Identifier: Apache-2.0 */
/* A decision as a table, and the words that compare it with what a test expects. */
#include "policy/expect.h"

#include "policy/order.h"
#include "policy/set.h"

#include "base/str.h"

#include <lauxlib.h>

static const char *const lists[] = { "need", "refuse", "report", "oblige",
                                     "warn", "ask",    "rules",  "within" };
enum { LISTS = sizeof lists / sizeof lists[0], ASK = 5, RULES = 6, WITHIN = 7 };

/* Append to the list on top unless it is there. */
static void put(lua_State *lua, const char *text)
{
    lua_Integer count = (lua_Integer)lua_rawlen(lua, -1), i;

    for (i = 1; i <= count; i++) {
        bool same;

        lua_rawgeti(lua, -1, i);
        same = strcmp(lua_tostring(lua, -1), text) == 0;
        lua_pop(lua, 1);
        if (same)
            return;
    }
    lua_pushstring(lua, text);
    lua_rawseti(lua, -2, count + 1);
}

/* "police 1h": a report or a duty, and its deadline. */
static void put_within(lua_State *lua, const struct effect *effect)
{
    char text[NAME_BYTES + 32], within[24];

    if (effect->within_ms == 0)
        return;
    snprintf(text, sizeof text, "%s %s", effect->what, policy_within(effect->within_ms, within));
    put(lua, text);
}

void expect_push_decision(lua_State *lua, const struct decision *decision)
{
    size_t list, i;

    lua_createtable(lua, 0, LISTS + 1);
    lua_pushstring(lua, verdict_name(decision->verdict));
    lua_setfield(lua, -2, "verdict");
    for (list = 0; list < LISTS; list++) {
        lua_newtable(lua);
        for (i = 0; i < decision->effect_count; i++) {
            if (list == RULES && decision->effects[i].rule[0] != '\0')
                put(lua, decision->effects[i].rule);
            else if ((size_t)decision->effects[i].kind == list + EFFECT_NEED)
                put(lua, decision->effects[i].what);
            if (list == WITHIN)
                put_within(lua, &decision->effects[i]);
        }
        for (i = 0; list == ASK && i < decision->question_count; i++)
            put(lua, decision->questions[i].fact);
        order_sort(lua, lua_gettop(lua), ORDER_KEYS, 0);
        lua_setfield(lua, -2, lists[list]);
    }
}

/* Lay the table at `over` over a copy of the table at `under`, either of which may be another
 * value. */
static void push_with(lua_State *lua, int under, int over)
{
    int base;

    luaL_checkstack(lua, 8, "too deep");
    if (!lua_istable(lua, over) && !lua_isnil(lua, over)) {
        lua_pushvalue(lua, over);
        return;
    }
    if (!lua_istable(lua, over) && !lua_istable(lua, under)) {
        lua_pushvalue(lua, under);
        return;
    }
    lua_newtable(lua);
    base = lua_gettop(lua);
    lua_pushnil(lua);
    while (lua_istable(lua, under) && lua_next(lua, under) != 0) {
        lua_pushvalue(lua, base + 1);
        if (lua_istable(lua, over)) {
            lua_rawget(lua, over);
        } else {
            lua_pop(lua, 1);
            lua_pushnil(lua);
        }
        push_with(lua, base + 2, base + 3);
        lua_pushvalue(lua, base + 1);
        lua_insert(lua, -2);
        lua_rawset(lua, base);
        lua_settop(lua, base + 1);
    }
    lua_settop(lua, base);
    lua_pushnil(lua);
    while (lua_istable(lua, over) && lua_next(lua, over) != 0) {
        lua_pushvalue(lua, base + 1);
        if (lua_rawget(lua, base) == LUA_TNIL) {
            push_with(lua, base + 3, base + 2); /* a copy */
            lua_pushvalue(lua, base + 1);
            lua_insert(lua, -2);
            lua_rawset(lua, base);
        }
        lua_settop(lua, base + 1);
    }
    lua_settop(lua, base);
}

/* with(a, b) */
static int with(lua_State *lua)
{
    luaL_checktype(lua, 1, LUA_TTABLE);
    luaL_checktype(lua, 2, LUA_TTABLE);
    lua_settop(lua, 2);
    push_with(lua, 1, 2);
    return 1;
}

/* Push "{ a, b }" for the list at `at`. */
static void push_list(lua_State *lua, int at)
{
    lua_Integer count = luaL_len(lua, at), i;
    luaL_Buffer text;

    luaL_buffinit(lua, &text);
    luaL_addstring(&text, "{ ");
    for (i = 1; i <= count; i++) {
        luaL_addstring(&text, i > 1 ? ", " : "");
        lua_geti(lua, at, i);
        luaL_tolstring(lua, -1, NULL);
        lua_remove(lua, -2);
        luaL_addvalue(&text);
    }
    luaL_addstring(&text, count > 0 ? " }" : "}");
    luaL_pushresult(&text);
}

/* A sorted copy of the expected list at `at`, so that any order may be written. */
static void push_sorted(lua_State *lua, int at, const char *key)
{
    lua_Integer count, i;

    if (!lua_istable(lua, at))
        luaL_error(lua, "%s is a list", key);
    count = luaL_len(lua, at);
    lua_newtable(lua);
    for (i = 1; i <= count; i++) {
        if (lua_geti(lua, at, i) != LUA_TSTRING)
            luaL_error(lua, "%s is a list of texts", key);
        lua_rawseti(lua, -2, i);
    }
    order_sort(lua, lua_gettop(lua), ORDER_KEYS, 0);
}

/* Compare as written; the words are sorted already. */
static void expect_list(lua_State *lua, int got, int wanted, const char *key)
{
    int base = lua_gettop(lua);

    push_sorted(lua, wanted, key);
    push_list(lua, base + 1);
    push_list(lua, got);
    if (lua_rawequal(lua, -1, -2) == 0)
        luaL_error(lua, "%s: expected %s, got %s", key, lua_tostring(lua, -2),
                   lua_tostring(lua, -1));
    lua_settop(lua, base);
}

static void check_decision(lua_State *lua)
{
    luaL_checktype(lua, 1, LUA_TTABLE);
    if (lua_getfield(lua, 1, "verdict") != LUA_TSTRING)
        luaL_error(lua, "the first argument is what decide or apply gave");
    lua_pop(lua, 1);
}

/* expect(decision, { verdict =, need =, ... }) */
static int expect(lua_State *lua)
{
    check_decision(lua);
    luaL_checktype(lua, 2, LUA_TTABLE);
    lua_settop(lua, 2);
    lua_pushnil(lua);
    while (lua_next(lua, 2) != 0) {
        const char *key = lua_type(lua, 3) == LUA_TSTRING ? lua_tostring(lua, 3) : "?";

        if (lua_getfield(lua, 1, key) == LUA_TNIL)
            return luaL_error(lua, "a decision has no %s", key);
        if (strcmp(key, "verdict") != 0)
            expect_list(lua, 5, 4, key);
        else if (lua_rawequal(lua, 4, 5) == 0)
            return luaL_error(lua, "verdict: expected %s, got %s", luaL_tolstring(lua, 4, NULL),
                              lua_tostring(lua, 5));
        lua_settop(lua, 3);
    }
    return 0;
}

/* Is the text at 2 in this list of the decision at 1? */
static bool is_in(lua_State *lua, const char *list)
{
    lua_Integer i;
    bool found = false;

    lua_getfield(lua, 1, list);
    for (i = 1; !found && lua_rawgeti(lua, -1, i) != LUA_TNIL; i++) {
        found = lua_rawequal(lua, -1, 2) != 0;
        lua_pop(lua, 1);
    }
    lua_settop(lua, 2);
    return found;
}

/* Upvalue 1: the list; 2: whether the text must be in it. */
static int expect_one(lua_State *lua)
{
    const char *list = lua_tostring(lua, lua_upvalueindex(1));
    bool wanted = lua_toboolean(lua, lua_upvalueindex(2)) != 0;

    check_decision(lua);
    luaL_checktype(lua, 2, LUA_TSTRING);
    lua_settop(lua, 2);
    if (is_in(lua, list) == wanted)
        return 0;
    lua_getfield(lua, 1, list);
    push_list(lua, 3);
    return luaL_error(lua, "%s: %s %s, got %s", list, wanted ? "expected" : "did not expect",
                      lua_tostring(lua, 2), lua_tostring(lua, -1));
}

/* expect_no(decision, what): no effect says it. */
static int expect_no(lua_State *lua)
{
    size_t i;

    check_decision(lua);
    luaL_checktype(lua, 2, LUA_TSTRING);
    lua_settop(lua, 2);
    for (i = 0; i < ASK; i++)
        if (is_in(lua, lists[i]))
            return luaL_error(lua, "did not expect %s, but it is in %s", lua_tostring(lua, 2),
                              lists[i]);
    return 0;
}

void expect_push_words(lua_State *lua)
{
    static const struct {
        const char *name, *list;
        bool wanted;
    } ones[] = { { "expect_need", "need", true },
                 { "expect_refuse", "refuse", true },
                 { "expect_warn", "warn", true },
                 { "expect_rule", "rules", true },
                 { "expect_no_rule", "rules", false } };
    static const luaL_Reg words[] = {
        { "with", with }, { "expect", expect }, { "expect_no", expect_no }, { NULL, NULL }
    };
    size_t i;

    luaL_setfuncs(lua, words, 0);
    for (i = 0; i < sizeof ones / sizeof ones[0]; i++) {
        lua_pushstring(lua, ones[i].list);
        lua_pushboolean(lua, ones[i].wanted);
        lua_pushcclosure(lua, expect_one, 2);
        lua_setfield(lua, -2, ones[i].name);
    }
}
