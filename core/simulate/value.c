/* SPDX-License-Identifier: Apache-2.0 */
/* Values: written, pushed, described, compared. */
#include "simulate/value.h"

#include "policy/order.h"

#include <cjson/cJSON.h>
#include <lauxlib.h>

enum { SLOTS_MAX = 600 }; /* each level takes some, and each call of a word begins with few */

void value_check_depth(lua_State *lua)
{
    if (lua_gettop(lua) > SLOTS_MAX)
        luaL_error(lua, "tables lie too deep in each other");
    luaL_checkstack(lua, 16, "values");
}

static bool is_empty(lua_State *lua, int at)
{
    if (!lua_istable(lua, at))
        return false;
    lua_pushnil(lua);
    if (lua_next(lua, at) == 0)
        return true;
    lua_pop(lua, 2);
    return false;
}

static bool is_list(lua_State *lua, int at)
{
    return lua_istable(lua, at) && (lua_rawlen(lua, at) > 0 || is_empty(lua, at));
}

/* ---- to JSON ---- */

/* A name beside the items would be lost without a word. */
static void check_list(lua_State *lua, int at)
{
    lua_Integer left = (lua_Integer)lua_rawlen(lua, at);

    lua_pushnil(lua);
    while (lua_next(lua, at) != 0) {
        lua_pop(lua, 1);
        if (left-- == 0)
            luaL_error(lua, "a table is either a list or has names for keys, not both");
    }
}

static void write_list(lua_State *lua, int at, value_text_fn text, void *ctx, struct buf *out)
{
    lua_Integer count = (lua_Integer)lua_rawlen(lua, at), i;

    check_list(lua, at);
    buf_byte(out, '[');
    for (i = 1; i <= count; i++) {
        if (i > 1)
            buf_byte(out, ',');
        lua_rawgeti(lua, at, i);
        value_write(lua, lua_gettop(lua), text, ctx, out);
        lua_pop(lua, 1);
    }
    buf_byte(out, ']');
}

void value_push_keys(lua_State *lua, int at)
{
    lua_Integer count = 0;

    lua_newtable(lua);
    lua_pushnil(lua);
    while (lua_next(lua, at) != 0) {
        lua_pop(lua, 1);
        if (lua_type(lua, -1) != LUA_TSTRING)
            luaL_error(lua, "a table is either a list or has names for keys, not both");
        lua_pushvalue(lua, -1);
        lua_rawseti(lua, -3, ++count);
    }
    order_sort(lua, lua_gettop(lua), ORDER_KEYS, 0);
}

static void write_object(lua_State *lua, int at, value_text_fn text, void *ctx, struct buf *out)
{
    lua_Integer i;
    bool first = true;
    int keys;

    value_push_keys(lua, at);
    keys = lua_gettop(lua);
    buf_byte(out, '{');
    for (i = 1; lua_rawgeti(lua, keys, i) != LUA_TNIL; i++) {
        struct smg_str key;

        key.at = lua_tolstring(lua, -1, &key.len);
        lua_pushvalue(lua, -1);
        lua_rawget(lua, at);
        if (!is_empty(lua, lua_gettop(lua))) {
            buf_text(out, first ? "" : ",");
            first = false;
            buf_json(out, key);
            buf_byte(out, ':');
            value_write(lua, lua_gettop(lua), text, ctx, out);
        }
        lua_settop(lua, keys);
    }
    buf_byte(out, '}');
    lua_settop(lua, keys - 1);
}

void value_write(lua_State *lua, int at, value_text_fn text, void *ctx, struct buf *out)
{
    struct smg_str string;

    value_check_depth(lua);
    switch (lua_type(lua, at)) {
    case LUA_TBOOLEAN:
        buf_text(out, lua_toboolean(lua, at) ? "true" : "false");
        return;
    case LUA_TNUMBER:
        if (!lua_isinteger(lua, at))
            luaL_error(lua, "numbers are whole here");
        buf_printf(out, "%lld", (long long)lua_tointeger(lua, at));
        return;
    case LUA_TSTRING:
        string.at = lua_tolstring(lua, at, &string.len);
        if (!str_is_utf8(string))
            luaL_error(lua, "a text is not UTF-8");
        buf_json(out, text(ctx, string));
        return;
    case LUA_TTABLE:
        if (is_list(lua, at) && !is_empty(lua, at))
            write_list(lua, at, text, ctx, out);
        else
            write_object(lua, at, text, ctx, out);
        return;
    default:
        luaL_error(lua, "a %s cannot be sent", luaL_typename(lua, at));
    }
}

/* ---- from JSON ---- */

void value_push_json(lua_State *lua, const struct cJSON *json, value_text_fn text, void *ctx)
{
    struct smg_str shown;
    const cJSON *child;
    lua_Integer i = 0;

    luaL_checkstack(lua, 4, "too deep");
    if (cJSON_IsBool(json)) {
        lua_pushboolean(lua, cJSON_IsTrue(json));
    } else if (cJSON_IsNumber(json)) {
        lua_pushinteger(lua, (lua_Integer)json->valuedouble);
    } else if (cJSON_IsString(json)) {
        shown = text(ctx, str_of(json->valuestring));
        lua_pushlstring(lua, shown.at, shown.len);
    } else if (cJSON_IsArray(json) || cJSON_IsObject(json)) {
        lua_newtable(lua);
        cJSON_ArrayForEach(child, json)
        {
            value_push_json(lua, child, text, ctx);
            if (cJSON_IsArray(json))
                lua_rawseti(lua, -2, ++i);
            else
                lua_setfield(lua, -2, child->string);
        }
    } else {
        lua_pushnil(lua);
    }
}

/* ---- to people ---- */

static void describe_table(lua_State *lua, int at, struct buf *out)
{
    bool list = is_list(lua, at), first = true;
    lua_Integer i;
    int keys;

    if (list)
        lua_pushvalue(lua, at);
    else
        value_push_keys(lua, at);
    keys = lua_gettop(lua);
    buf_text(out, "{ ");
    for (i = 1; lua_rawgeti(lua, keys, i) != LUA_TNIL; i++) {
        buf_text(out, first ? "" : ", ");
        first = false;
        if (!list) {
            buf_printf(out, "%s = ", lua_tostring(lua, -1));
            lua_rawget(lua, at);
        }
        value_describe(lua, lua_gettop(lua), out);
        lua_settop(lua, keys);
    }
    buf_text(out, first ? "}" : " }");
    lua_settop(lua, keys - 1);
}

void value_describe(lua_State *lua, int at, struct buf *out)
{
    value_check_depth(lua);
    if (lua_istable(lua, at)) {
        describe_table(lua, at, out);
    } else if (lua_type(lua, at) == LUA_TNUMBER) {
        lua_pushvalue(lua, at);
        buf_text(out, lua_tostring(lua, -1));
        lua_pop(lua, 1);
    } else if (lua_type(lua, at) == LUA_TSTRING) {
        buf_text(out, lua_tostring(lua, at));
    } else if (lua_isboolean(lua, at)) {
        buf_text(out, lua_toboolean(lua, at) ? "true" : "false");
    } else {
        buf_text(out, lua_isnil(lua, at) ? "nothing" : luaL_typename(lua, at));
    }
}

/* ---- compared ---- */

static bool is_scalar_list(lua_State *lua, int at)
{
    lua_Integer count = is_list(lua, at) ? (lua_Integer)lua_rawlen(lua, at) : -1, i;
    bool scalars = count >= 0;

    for (i = 1; scalars && i <= count; i++) {
        lua_rawgeti(lua, at, i);
        scalars = !lua_istable(lua, -1);
        lua_pop(lua, 1);
    }
    return scalars;
}

static bool say_difference(lua_State *lua, int got, int wanted, struct buf *why)
{
    buf_text(why, why->len > 0 ? ": expected " : "expected ");
    value_describe(lua, wanted, why);
    buf_text(why, ", got ");
    value_describe(lua, got, why);
    return false;
}

/* Push a sorted copy of the list. */
static void push_sorted(lua_State *lua, int at)
{
    lua_Integer count = (lua_Integer)lua_rawlen(lua, at), i;

    lua_newtable(lua);
    for (i = 1; i <= count; i++) {
        lua_rawgeti(lua, at, i);
        lua_rawseti(lua, -2, i);
    }
    order_sort(lua, lua_gettop(lua), ORDER_KEYS, 0);
}

static bool same_set(lua_State *lua, int got, int wanted, struct buf *why)
{
    int base = lua_gettop(lua);
    lua_Integer i, count;
    bool same;

    if (!is_scalar_list(lua, got))
        return say_difference(lua, got, wanted, why);
    push_sorted(lua, got);
    push_sorted(lua, wanted);
    count = (lua_Integer)lua_rawlen(lua, base + 1);
    same = count == (lua_Integer)lua_rawlen(lua, base + 2);
    for (i = 1; same && i <= count; i++) {
        lua_rawgeti(lua, base + 1, i);
        lua_rawgeti(lua, base + 2, i);
        same = lua_rawequal(lua, -1, -2) != 0;
        lua_pop(lua, 2);
    }
    lua_settop(lua, base);
    return same || say_difference(lua, got, wanted, why);
}

static bool same_list(lua_State *lua, int got, int wanted, struct buf *why)
{
    lua_Integer count = (lua_Integer)lua_rawlen(lua, wanted), i;
    int base = lua_gettop(lua);
    size_t len = why->len;

    if (!lua_istable(lua, got) || (lua_Integer)lua_rawlen(lua, got) != count)
        return say_difference(lua, got, wanted, why);
    for (i = 1; i <= count; i++) {
        lua_rawgeti(lua, got, i);
        lua_rawgeti(lua, wanted, i);
        buf_printf(why, "%s%lld", len > 0 ? " " : "", (long long)i);
        if (!value_matches(lua, base + 1, base + 2, why))
            return false;
        why->len = len;
        lua_settop(lua, base);
    }
    return true;
}

static bool same_members(lua_State *lua, int got, int wanted, struct buf *why)
{
    int keys = lua_gettop(lua) + 1;
    size_t len = why->len;
    lua_Integer i;

    if (!lua_istable(lua, got))
        return say_difference(lua, got, wanted, why);
    value_push_keys(lua, wanted);
    for (i = 1; lua_rawgeti(lua, keys, i) != LUA_TNIL; i++) {
        buf_printf(why, "%s%s", len > 0 ? "." : "", lua_tostring(lua, -1));
        lua_pushvalue(lua, -1);
        lua_rawget(lua, got);
        lua_pushvalue(lua, -2);
        lua_rawget(lua, wanted);
        if (!value_matches(lua, keys + 2, keys + 3, why))
            return false;
        why->len = len;
        lua_settop(lua, keys);
    }
    lua_settop(lua, keys - 1);
    return true;
}

bool value_matches(lua_State *lua, int got, int wanted, struct buf *why)
{
    value_check_depth(lua);
    if (!lua_istable(lua, wanted))
        return lua_rawequal(lua, got, wanted) != 0 || say_difference(lua, got, wanted, why);
    if (is_scalar_list(lua, wanted))
        return same_set(lua, got, wanted, why);
    return is_list(lua, wanted) ? same_list(lua, got, wanted, why)
                                : same_members(lua, got, wanted, why);
}
