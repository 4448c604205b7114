/* SPDX-License-Identifier: Apache-2.0 */
/* Asking the environments themselves, so that no second list can be wrong. */
#include "policy/names.h"

#include "policy/evaluate.h"
#include "policy/expect.h"
#include "policy/freeze.h"
#include "policy/load.h"
#include "policy/order.h"
#include "policy/reach.h"

#include <lauxlib.h>

struct listing {
    const struct policy_set *set;
    enum names_of kind;
    names_fn fn;
    void *ctx;
};

static void push_words(lua_State *lua, const struct listing *listing)
{
    static const enum file_kind kinds[] = { [NAMES_DOCUMENTS] = KIND_DOCUMENTS,
                                            [NAMES_VOCABULARY] = KIND_VOCABULARY,
                                            [NAMES_REGULATION] = KIND_REGULATION,
                                            [NAMES_PROCESSES] = KIND_PROCESSES,
                                            [NAMES_ARTICLES] = KIND_ARTICLES };

    if (listing->kind == NAMES_EVERYWHERE) {
        sandbox_push_allowed(lua);
        return;
    }
    lua_newtable(lua);
    if (listing->kind == NAMES_TEST)
        testing_push_words(lua);
    else if (listing->kind == NAMES_PROPERTIES)
        property_push_words(lua);
    else
        declare_push_words(lua, kinds[listing->kind]);
    if (listing->kind == NAMES_VOCABULARY) {
        words_push_vocabulary(lua, listing->set);
        lua_pushinteger(lua, 0); /* a case gives it its day */
        lua_setfield(lua, -2, "day");
    }
    if (listing->kind == NAMES_REGULATION)
        words_push_rule(lua);
}

/* The texts among the keys of the table on top, sorted, as a list on top of it. */
static void push_keys(lua_State *lua)
{
    lua_Integer count = 0;

    lua_newtable(lua);
    lua_pushnil(lua);
    while (lua_next(lua, -3) != 0) {
        lua_pop(lua, 1);
        if (lua_type(lua, -1) != LUA_TSTRING)
            continue;
        lua_pushvalue(lua, -1);
        lua_rawseti(lua, -3, ++count);
    }
    order_sort(lua, lua_gettop(lua), ORDER_KEYS, 0);
}

/* The fields of the value on top, which is popped. */
static void list_fields(lua_State *lua, const struct listing *listing, const char *name)
{
    int top = lua_gettop(lua);
    lua_Integer i;

    if (lua_istable(lua, -1)) {
        freeze_content(lua, -1);
        push_keys(lua);
        for (i = 1; lua_rawgeti(lua, -1, i) == LUA_TSTRING; i++) {
            listing->fn(listing->ctx, name, lua_tostring(lua, -1));
            lua_pop(lua, 1);
        }
    }
    lua_settop(lua, top - 1);
}

/* Under pcall. Argument: the listing. */
static int list(lua_State *lua)
{
    const struct listing *listing = lua_touserdata(lua, 1);
    lua_Integer i;
    int words;

    push_words(lua, listing);
    words = lua_gettop(lua);
    push_keys(lua);
    for (i = 1; lua_rawgeti(lua, words + 1, i) == LUA_TSTRING; i++) {
        const char *name = lua_tostring(lua, -1);

        listing->fn(listing->ctx, name, NULL);
        lua_getfield(lua, words, name);
        list_fields(lua, listing, name);
        lua_pop(lua, 1);
    }
    return 0;
}

bool names_each(const struct policy_set *set, enum names_of kind, names_fn fn, void *ctx)
{
    struct listing listing = { set, kind, fn, ctx };
    struct sandbox *box = sandbox_new(NULL);
    bool listed;

    if (box == NULL)
        return false;
    sandbox_begin_load(box);
    lua_pushcfunction(box->lua, list);
    lua_pushlightuserdata(box->lua, &listing);
    listed = sandbox_call(box, 1, 0) == OUTCOME_RAN;
    sandbox_free(box);
    return listed;
}
