/* SPDX-License-Identifier: Apache-2.0 */
/* What scripts may call. Lua's own functions where one call does bounded work; ours where Lua's
 * could run long inside one instruction, show an address, or depend on the order of a hash. */
#include "policy/allowed.h"

#include "policy/freeze.h"
#include "policy/order.h"
#include "policy/reach.h"

#include <lauxlib.h>
#include <lualib.h>

/* Upvalue 1: Lua's own function. Calls it with the arguments as they are. */
static int call_original(lua_State *lua)
{
    lua_pushvalue(lua, lua_upvalueindex(1));
    lua_insert(lua, 1);
    lua_call(lua, lua_gettop(lua) - 1, LUA_MULTRET);
    return lua_gettop(lua);
}

/* error, assert: the words are the script's own, so they may hold a value and stay out of the log.
 */
static int call_raising(lua_State *lua)
{
    struct sandbox *box = sandbox_of(lua);

    if (!lua_isnil(lua, lua_upvalueindex(2)) && lua_toboolean(lua, 1))
        return lua_gettop(lua);
    box->own_text = true;
    if (lua_type(lua, 1) == LUA_TSTRING && lua_isnoneornil(lua, 2) &&
        lua_isnil(lua, lua_upvalueindex(2))) {
        luaL_where(lua, 1);
        lua_pushvalue(lua, 1);
        lua_concat(lua, 2);
        return lua_error(lua);
    }
    return call_original(lua);
}

/* As Lua's, without addresses: a decision must be the same on every machine. */
static int to_string(lua_State *lua)
{
    luaL_checkany(lua, 1);
    switch (lua_type(lua, 1)) {
    case LUA_TNUMBER:
    case LUA_TSTRING:
    case LUA_TBOOLEAN:
    case LUA_TNIL:
        luaL_tolstring(lua, 1, NULL);
        break;
    default:
        lua_pushstring(lua, luaL_typename(lua, 1));
    }
    return 1;
}

/* Charges for the longest walk Lua's function can make over the table, then calls it. */
static int call_over_table(lua_State *lua)
{
    lua_Integer from, to;

    luaL_checktype(lua, 1, LUA_TTABLE);
    sandbox_charge(lua, luaL_len(lua, 1));
    if (lua_isinteger(lua, 3) && lua_isinteger(lua, 4)) {
        from = lua_tointeger(lua, 3);
        to = lua_tointeger(lua, 4);
        if (to > from)
            sandbox_charge(lua, (lua_Unsigned)to - (lua_Unsigned)from > INT32_MAX ? INT32_MAX
                                                                                  : to - from);
    }
    return call_original(lua);
}

static int call_over_text(lua_State *lua)
{
    size_t len;

    luaL_checklstring(lua, 1, &len);
    sandbox_charge(lua, (lua_Integer)len / 4);
    return call_original(lua);
}

static int unpack(lua_State *lua)
{
    lua_Integer from = luaL_optinteger(lua, 2, 1), to, i;

    luaL_checktype(lua, 1, LUA_TTABLE);
    to = lua_isnoneornil(lua, 3) ? luaL_len(lua, 1) : luaL_checkinteger(lua, 3);
    if (from > to)
        return 0;
    if ((lua_Unsigned)to - (lua_Unsigned)from >= SANDBOX_SPREAD)
        return luaL_error(lua, "too many values to unpack: at most %d", SANDBOX_SPREAD);
    luaL_checkstack(lua, SANDBOX_SPREAD, "unpack");
    sandbox_charge(lua, to - from);
    for (i = 0; i <= to - from; i++)
        lua_geti(lua, 1, from + i);
    return (int)(to - from) + 1;
}

static int sort(lua_State *lua)
{
    luaL_checktype(lua, 1, LUA_TTABLE);
    if (lua_getmetatable(lua, 1) != 0)
        return luaL_error(lua, "this table is read-only");
    if (!lua_isnoneornil(lua, 2))
        luaL_checktype(lua, 2, LUA_TFUNCTION);
    lua_settop(lua, 2);
    order_sort(lua, 1, lua_isnil(lua, 2) ? ORDER_LUA : ORDER_CALL, 2);
    return 0;
}

/* Letters of ASCII only, whatever the locale. */
static int change_case(lua_State *lua)
{
    bool up = lua_toboolean(lua, lua_upvalueindex(1)) != 0;
    size_t len, i;
    const char *text = luaL_checklstring(lua, 1, &len);
    luaL_Buffer out;
    char *to;

    sandbox_charge(lua, (lua_Integer)len / 4);
    to = luaL_buffinitsize(lua, &out, len);
    for (i = 0; i < len; i++) {
        bool letter = up ? text[i] >= 'a' && text[i] <= 'z' : text[i] >= 'A' && text[i] <= 'Z';

        to[i] = (char)(letter ? text[i] ^ 0x20 : text[i]);
    }
    luaL_pushresultsize(&out, len);
    return 1;
}

static int bytes(lua_State *lua)
{
    size_t len;
    const unsigned char *text = (const unsigned char *)luaL_checklstring(lua, 1, &len);
    lua_Integer from = luaL_optinteger(lua, 2, 1), to = luaL_optinteger(lua, 3, from), i;

    if (from < 0)
        from = from < -(lua_Integer)len ? 1 : (lua_Integer)len + from + 1;
    if (to < 0)
        to = (lua_Integer)len + to + 1;
    from = from < 1 ? 1 : from;
    to = to > (lua_Integer)len ? (lua_Integer)len : to;
    if (from > to)
        return 0;
    if (to - from >= SANDBOX_SPREAD)
        return luaL_error(lua, "too many bytes: at most %d", SANDBOX_SPREAD);
    luaL_checkstack(lua, SANDBOX_SPREAD, "byte");
    for (i = from; i <= to; i++)
        lua_pushinteger(lua, text[i - 1]);
    return (int)(to - from) + 1;
}

/* Move NAME of the library on top into the table below it; wrap (if any) stands before it. */
static void take(lua_State *lua, const char *name, lua_CFunction wrap)
{
    lua_getfield(lua, -1, name);
    if (wrap != NULL) {
        lua_pushnil(lua);
        lua_pushcclosure(lua, wrap, 2);
    }
    lua_setfield(lua, -3, name);
}

static void open_library(lua_State *lua, lua_CFunction open)
{
    lua_newtable(lua);
    lua_pushcfunction(lua, open);
    lua_call(lua, 0, 1);
}

/* Drop the library, freeze the table made of it, and keep it in the one `allowed` table at 1. */
static void close_library(lua_State *lua, const char *name)
{
    lua_pop(lua, 1);
    freeze_table(lua);
    lua_setfield(lua, 1, name);
}

static void prepare_base(lua_State *lua)
{
    lua_pushvalue(lua, 1);
    lua_pushcfunction(lua, luaopen_base);
    lua_call(lua, 0, 1);
    take(lua, "ipairs", NULL);
    take(lua, "select", NULL);
    take(lua, "type", NULL);
    take(lua, "tonumber", NULL);
    take(lua, "error", call_raising);
    lua_getfield(lua, -1, "assert");
    lua_pushboolean(lua, 1);
    lua_pushcclosure(lua, call_raising, 2);
    lua_setfield(lua, -3, "assert");
    lua_pop(lua, 1);
    lua_pushcfunction(lua, to_string);
    lua_setfield(lua, -2, "tostring");
    lua_pushcfunction(lua, order_pairs);
    lua_setfield(lua, -2, "pairs");
    lua_pushcfunction(lua, order_next);
    lua_setfield(lua, -2, "next");
    lua_pop(lua, 1);
}

static void prepare_string(lua_State *lua)
{
    open_library(lua, luaopen_string);
    take(lua, "sub", NULL);
    take(lua, "len", NULL);
    lua_pushboolean(lua, 1);
    lua_pushcclosure(lua, change_case, 1);
    lua_setfield(lua, -3, "upper");
    lua_pushboolean(lua, 0);
    lua_pushcclosure(lua, change_case, 1);
    lua_setfield(lua, -3, "lower");
    lua_pushcfunction(lua, bytes);
    lua_setfield(lua, -3, "byte");
    close_library(lua, "string");
    /* Methods of a string come from the same short list, and arithmetic on strings goes. */
    lua_pushliteral(lua, "");
    lua_newtable(lua);
    lua_getfield(lua, 1, "string");
    lua_setfield(lua, -2, "__index");
    lua_setmetatable(lua, -2);
    lua_pop(lua, 1);
}

static void prepare_libraries(lua_State *lua)
{
    open_library(lua, luaopen_table);
    take(lua, "concat", call_over_table);
    take(lua, "insert", call_over_table);
    lua_pushcfunction(lua, unpack);
    lua_setfield(lua, -3, "unpack");
    lua_pushcfunction(lua, sort);
    lua_setfield(lua, -3, "sort");
    close_library(lua, "table");
    open_library(lua, luaopen_math);
    take(lua, "floor", NULL);
    take(lua, "min", NULL);
    take(lua, "max", NULL);
    take(lua, "tointeger", NULL);
    take(lua, "huge", NULL);
    close_library(lua, "math");
    open_library(lua, luaopen_utf8);
    take(lua, "len", call_over_text);
    close_library(lua, "utf8");
}

static const char allowed_key; /* its address, in the registry */

void allowed_prepare(lua_State *lua)
{
    lua_settop(lua, 0);
    lua_newtable(lua);
    prepare_base(lua);
    prepare_string(lua);
    prepare_libraries(lua);
    lua_rawsetp(lua, LUA_REGISTRYINDEX, &allowed_key);
    /* What was not taken goes: nothing must lead to it. */
    lua_newtable(lua);
    lua_rawseti(lua, LUA_REGISTRYINDEX, LUA_RIDX_GLOBALS);
}

void allowed_push(lua_State *lua)
{
    lua_newtable(lua);
    lua_rawgetp(lua, LUA_REGISTRYINDEX, &allowed_key);
    lua_pushnil(lua);
    while (lua_next(lua, -2) != 0) {
        lua_pushvalue(lua, -2);
        lua_insert(lua, -2);
        lua_rawset(lua, -5);
    }
    lua_pop(lua, 1);
}
