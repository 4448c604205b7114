/* SPDX-License-Identifier: Apache-2.0 */
/* A merge sort over a copy, and pairs and next in the order of the keys. */
#include "policy/order.h"

#include "policy/freeze.h"
#include "policy/sandbox.h"

#include <lauxlib.h>

static int rank(lua_State *lua, int at)
{
    switch (lua_type(lua, at)) {
    case LUA_TBOOLEAN:
        return lua_toboolean(lua, at);
    case LUA_TNUMBER:
        return 2;
    case LUA_TSTRING:
        return 3;
    default:
        return luaL_error(lua, "a %s as a key has no order", luaL_typename(lua, at));
    }
}

static bool key_is_less(lua_State *lua, int a, int b)
{
    int rank_a = rank(lua, a), rank_b = rank(lua, b);
    struct smg_str left, right;

    if (rank_a != rank_b)
        return rank_a < rank_b;
    if (rank_a < 2)
        return false;
    if (rank_a == 2)
        return lua_compare(lua, a, b, LUA_OPLT) != 0;
    left.at = lua_tolstring(lua, a, &left.len);
    right.at = lua_tolstring(lua, b, &right.len);
    return str_compare(left, right) < 0;
}

/* Is the value on top less than the one below it? Both stay. */
static bool top_is_less(lua_State *lua, enum order order, int less)
{
    bool answer;

    sandbox_charge(lua, 1);
    if (order == ORDER_LUA)
        return lua_compare(lua, -1, -2, LUA_OPLT) != 0;
    if (order == ORDER_KEYS)
        return key_is_less(lua, lua_gettop(lua), lua_gettop(lua) - 1);
    lua_pushvalue(lua, less);
    lua_pushvalue(lua, -2);
    lua_pushvalue(lua, -4);
    lua_call(lua, 2, 1);
    answer = lua_toboolean(lua, -1) != 0;
    lua_pop(lua, 1);
    return answer;
}

struct merge {
    int from, to; /* tables */
    lua_Integer count, width;
    enum order order;
    int less;
};

/* Merge the two runs that begin at `start` (counted from 0). */
static void merge_runs(lua_State *lua, const struct merge *merge, lua_Integer start)
{
    lua_Integer middle = start + merge->width, end = middle + merge->width;
    lua_Integer left = start, right, put;

    middle = middle > merge->count ? merge->count : middle;
    end = end > merge->count ? merge->count : end;
    right = middle;
    for (put = start; put < end; put++) {
        bool take_right = left >= middle;

        if (left < middle && right < end) {
            lua_rawgeti(lua, merge->from, left + 1);
            lua_rawgeti(lua, merge->from, right + 1);
            take_right = top_is_less(lua, merge->order, merge->less);
            lua_pop(lua, 2);
        }
        lua_rawgeti(lua, merge->from, (take_right ? right++ : left++) + 1);
        lua_rawseti(lua, merge->to, put + 1);
    }
}

void order_sort(lua_State *lua, int table, enum order order, int less)
{
    lua_Integer count = (lua_Integer)lua_rawlen(lua, table), i;
    int base = lua_gettop(lua);
    struct merge merge = { base + 1, base + 2, count, 1, order, less };

    luaL_checkstack(lua, 16, "sort");
    sandbox_charge(lua, 2 * count);
    lua_createtable(lua, (int)count, 0);
    lua_createtable(lua, (int)count, 0);
    for (i = 1; i <= count; i++) {
        lua_rawgeti(lua, table, i);
        lua_rawseti(lua, merge.from, i);
    }
    for (; merge.width < count; merge.width *= 2) {
        int swap = merge.from;

        for (i = 0; i < count; i += 2 * merge.width)
            merge_runs(lua, &merge, i);
        merge.from = merge.to;
        merge.to = swap;
    }
    for (i = 1; i <= count; i++) {
        lua_rawgeti(lua, merge.from, i);
        lua_rawseti(lua, table, i);
    }
    lua_settop(lua, base);
}

/* Leave at 1 the raw table behind the argument. */
static void take_content(lua_State *lua)
{
    luaL_checktype(lua, 1, LUA_TTABLE);
    if (freeze_content(lua, 1))
        lua_replace(lua, 1);
    else if (lua_getmetatable(lua, 1) != 0)
        luaL_error(lua, "the facts of a case cannot be listed");
}

/* Upvalues: the content, its sorted keys, how many were shown. */
static int show_next(lua_State *lua)
{
    lua_Integer i = lua_tointeger(lua, lua_upvalueindex(3));

    for (;;) {
        i++;
        if (lua_rawgeti(lua, lua_upvalueindex(2), i) == LUA_TNIL)
            return 1;
        lua_pushvalue(lua, -1);
        if (lua_rawget(lua, lua_upvalueindex(1)) != LUA_TNIL)
            break;
        lua_pop(lua, 2); /* erased while walking */
        sandbox_charge(lua, 1);
    }
    lua_pushinteger(lua, i);
    lua_replace(lua, lua_upvalueindex(3));
    return 2;
}

int order_is_iterator(lua_State *lua, int at)
{
    return lua_tocfunction(lua, at) == show_next;
}

int order_pairs(lua_State *lua)
{
    lua_Integer count = 0;

    lua_settop(lua, 1);
    take_content(lua);
    lua_newtable(lua);
    lua_pushnil(lua);
    while (lua_next(lua, 1) != 0) {
        lua_pop(lua, 1);
        lua_pushvalue(lua, -1);
        lua_rawseti(lua, 2, ++count);
    }
    sandbox_charge(lua, count);
    order_sort(lua, 2, ORDER_KEYS, 0);
    lua_pushinteger(lua, 0);
    lua_pushcclosure(lua, show_next, 3);
    return 1;
}

/* The smallest key above the given one. */
int order_next(lua_State *lua)
{
    enum { GIVEN = 2, BEST, KEY };
    lua_Integer count = 0;

    lua_settop(lua, 2);
    take_content(lua);
    lua_pushnil(lua);
    lua_pushnil(lua);
    while (lua_next(lua, 1) != 0) {
        lua_pop(lua, 1);
        count++;
        if ((lua_isnil(lua, GIVEN) || key_is_less(lua, GIVEN, KEY)) &&
            (lua_isnil(lua, BEST) || key_is_less(lua, KEY, BEST))) {
            lua_pushvalue(lua, KEY);
            lua_replace(lua, BEST);
        }
    }
    sandbox_charge(lua, count);
    lua_settop(lua, BEST);
    if (lua_isnil(lua, BEST))
        return 1;
    lua_pushvalue(lua, BEST);
    lua_rawget(lua, 1);
    return 2;
}
