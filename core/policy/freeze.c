/* SPDX-License-Identifier: Apache-2.0 */
/* A frozen table is an empty table whose metatable reads through to the content; scripts have no
 * function that shows a metatable or writes past one. */
#include "policy/freeze.h"

#include "policy/order.h"

#include <lauxlib.h>

static const char content_key; /* its address, in a metatable: the content */

static int refuse_write(lua_State *lua)
{
    return luaL_error(lua, "this table is read-only");
}

static int count_content(lua_State *lua)
{
    freeze_content(lua, 1);
    lua_pushinteger(lua, (lua_Integer)lua_rawlen(lua, -1));
    return 1;
}

bool freeze_content(lua_State *lua, int at)
{
    if (!lua_istable(lua, at) || lua_getmetatable(lua, at) == 0)
        return false;
    if (lua_rawgetp(lua, -1, &content_key) == LUA_TNIL) {
        lua_pop(lua, 2);
        return false;
    }
    lua_remove(lua, -2);
    return true;
}

void freeze_table(lua_State *lua)
{
    lua_newtable(lua);
    lua_createtable(lua, 0, 4);
    lua_pushvalue(lua, -3);
    lua_rawsetp(lua, -2, &content_key);
    lua_pushvalue(lua, -3);
    lua_setfield(lua, -2, "__index");
    lua_pushcfunction(lua, refuse_write);
    lua_setfield(lua, -2, "__newindex");
    lua_pushcfunction(lua, count_content);
    lua_setfield(lua, -2, "__len");
    lua_setmetatable(lua, -2);
    lua_remove(lua, -2);
}

/* Positions in freeze_reachable's frame. */
enum { SEEN = 1, QUEUE, NEXT_FREE };

static void enqueue(lua_State *lua, int at)
{
    lua_pushvalue(lua, at);
    lua_rawseti(lua, QUEUE, (lua_Integer)lua_rawlen(lua, QUEUE) + 1);
}

/* Replace the value on top by its frozen form, and see to its inside later. */
static void freeze_top(lua_State *lua)
{
    int at = lua_gettop(lua), type = lua_type(lua, at);

    if (order_is_iterator(lua, at))
        luaL_error(lua, "a policy cannot keep what pairs gives");
    if (type != LUA_TTABLE && (type != LUA_TFUNCTION || lua_iscfunction(lua, at)))
        return;
    lua_pushvalue(lua, at);
    if (lua_rawget(lua, SEEN) != LUA_TNIL) {
        lua_replace(lua, at);
        return;
    }
    lua_pop(lua, 1);
    /* Tables with a metatable are ours already: frozen, an _ENV, a case. */
    if (type == LUA_TTABLE && lua_getmetatable(lua, at) != 0) {
        lua_pop(lua, 1);
        return;
    }
    enqueue(lua, at);
    lua_pushvalue(lua, at); /* the key of SEEN */
    lua_pushvalue(lua, at);
    if (type == LUA_TTABLE)
        freeze_table(lua);
    lua_pushvalue(lua, -1);
    lua_replace(lua, at);
    lua_rawset(lua, SEEN);
}

static void freeze_upvalues(lua_State *lua, int function)
{
    int i;

    for (i = 1; lua_getupvalue(lua, function, i) != NULL; i++) {
        freeze_top(lua);
        lua_setupvalue(lua, function, i);
    }
}

/* In place: the original is now the content that its frozen form reads through to. */
static void freeze_values(lua_State *lua, int table)
{
    lua_pushnil(lua);
    while (lua_next(lua, table) != 0) {
        int type = lua_type(lua, -2);

        if (type != LUA_TSTRING && type != LUA_TNUMBER && type != LUA_TBOOLEAN)
            luaL_error(lua, "a table kept by a policy has a %s as a key", lua_typename(lua, type));
        freeze_top(lua);
        lua_pushvalue(lua, -2);
        lua_insert(lua, -2);
        lua_rawset(lua, table); /* an existing key: allowed while traversing */
    }
}

void freeze_reachable(lua_State *lua, freeze_visit_fn visit, void *ctx)
{
    lua_Integer i;
    int base = lua_gettop(lua) - 1;

    luaL_argcheck(lua, base == 0, 1, "needs a frame of its own");
    lua_newtable(lua);
    lua_insert(lua, SEEN);
    lua_newtable(lua);
    lua_insert(lua, QUEUE);
    for (i = 1; lua_rawgeti(lua, NEXT_FREE, i) != LUA_TNIL; i++) {
        freeze_top(lua);
        lua_pop(lua, 1);
    }
    lua_settop(lua, QUEUE);
    for (i = 1; lua_rawgeti(lua, QUEUE, i) != LUA_TNIL; i++) {
        if (lua_isfunction(lua, NEXT_FREE)) {
            freeze_upvalues(lua, NEXT_FREE);
            visit(ctx, lua);
        } else {
            freeze_values(lua, NEXT_FREE);
        }
        lua_settop(lua, QUEUE);
    }
    lua_settop(lua, 0);
}
