/* SPDX-License-Identifier: Apache-2.0 */
/* Calling the `example` of one fact, and what it may ask. */
#include "policy/evaluate.h"
#include "policy/freeze.h"
#include "policy/number.h"
#include "policy/reach.h"

#include <lauxlib.h>

/* ---- what an example may ask ---- */

/* want(NAME): the wanted value of a fact, or nil. */
static int say_want(lua_State *lua)
{
    const struct policy *policy = policy_of(lua);
    struct smg_str name = { NULL, 0 };
    const struct fact *fact;
    const char *near;
    int value;

    if (policy->wanted == NULL || lua_type(lua, 1) != LUA_TSTRING)
        return luaL_error(lua, "want needs a fact's name, inside `example`");
    name.at = lua_tolstring(lua, 1, &name.len);
    fact = set_fact(policy->set, name);
    if (fact == NULL) {
        near = set_near_fact(policy->set, name);
        return luaL_error(lua,
                          near == NULL ? "want: no fact %s" : "want: no fact %s; did you mean %s?",
                          name.at, near);
    }
    value = policy->wanted[fact - policy->set->facts];
    if (value < 0)
        lua_pushnil(lua);
    else
        facts_push_value(lua, fact, value);
    return 1;
}

static bool is_day(lua_Integer days)
{
    static const struct smg_date first = { 1, 1, 1 }, last = { 9999, 12, 31 };

    return days >= date_to_days(first) && days <= date_to_days(last);
}

/* number_example(FORMAT, { birth =, sex =, kind = }): a number nobody has, or nil. */
int example_number(lua_State *lua)
{
    const struct policy *policy = policy_of(lua);
    struct number_wish wish = { .kind = NUMBER_GOOD };
    struct smg_str format = { NULL, 0 }, kind = SMG_STR("good");
    char number[64];

    if (policy == NULL || policy->deriving < 0)
        return luaL_error(lua, "this is known only inside `example`");
    if (lua_type(lua, 1) != LUA_TSTRING || !lua_istable(lua, 2))
        return luaL_error(lua, "number_example needs a format and a table");
    format.at = lua_tolstring(lua, 1, &format.len);
    if (number_format(format) == NULL)
        return luaL_error(lua, "number_example: no such format");
    if (lua_getfield(lua, 2, "birth") != LUA_TNIL) {
        if (!lua_isinteger(lua, -1) || !is_day(lua_tointeger(lua, -1)))
            return luaL_error(lua, "number_example: birth is a day");
        wish.birth = date_from_days((int32_t)lua_tointeger(lua, -1));
    }
    if (lua_getfield(lua, 2, "sex") == LUA_TSTRING)
        wish.sex = strcmp(lua_tostring(lua, -1), "female") == 0 ? 'F' : 'M';
    if (lua_getfield(lua, 2, "kind") == LUA_TSTRING)
        kind.at = lua_tolstring(lua, -1, &kind.len);
    if (!number_wish_named(kind, &wish.kind))
        return luaL_error(lua, "number_example: kind is good, wrong, retired or unsuitable");
    sandbox_charge(lua, 40);
    if (number_example(format, &wish, policy->on, number))
        lua_pushstring(lua, number);
    else
        lua_pushnil(lua);
    return 1;
}

struct asking {
    size_t fact;
    int value; /* its index */
    struct smg_fields *fields;
};

static bool ends_in(struct smg_str name, const char *end)
{
    size_t len = strlen(end);

    return name.len >= len && memcmp(name.at + name.len - len, end, len) == 0;
}

static bool is_date(struct smg_str name)
{
    return ends_in(name, "birth") || ends_in(name, "valid_from") || ends_in(name, "valid_to");
}

/* The value on top as the field of this name. */
static struct smg_value take_field(lua_State *lua, struct smg_str name)
{
    struct smg_value value = { .type = SMG_TEXT };

    switch (lua_type(lua, -1)) {
    case LUA_TBOOLEAN:
        value.type = SMG_BOOL;
        value.boolean = lua_toboolean(lua, -1) != 0;
        return value;
    case LUA_TSTRING:
        value.str.at = lua_tolstring(lua, -1, &value.str.len);
        return value;
    case LUA_TNUMBER:
        if (!lua_isinteger(lua, -1))
            break;
        value.type = SMG_INT;
        value.integer = lua_tointeger(lua, -1);
        if (is_date(name) && is_day(value.integer)) {
            value.date = date_from_days((int32_t)value.integer);
            value.type = SMG_DATE;
        }
        return value;
    default:
        break;
    }
    luaL_error(lua, "example: a field is a text, true, false, a whole number or a day");
    return value;
}

/* The table on top: field names and values. */
static void take_fields(lua_State *lua, struct smg_fields *fields)
{
    if (freeze_content(lua, lua_gettop(lua)))
        lua_replace(lua, -2);
    lua_pushnil(lua);
    while (lua_next(lua, -2) != 0) {
        struct smg_str name = { NULL, 0 };
        struct smg_value value;

        if (lua_type(lua, -2) != LUA_TSTRING)
            luaL_error(lua, "example gives fields by name");
        name.at = lua_tolstring(lua, -2, &name.len);
        value = take_field(lua, name);
        if (!fields_set(fields, name, &value))
            luaL_error(lua, "example: too many fields, or a name that is too long");
        lua_pop(lua, 1);
    }
}

/* Under pcall. At 1: struct asking. */
static int ask(lua_State *lua)
{
    struct policy *policy = policy_of(lua);
    const struct asking *asking = lua_touserdata(lua, 1);

    evaluate_set_day(lua, policy);
    policy->deriving = (int)asking->fact;
    lua_rawgeti(lua, LUA_REGISTRYINDEX, policy->example[asking->fact]);
    facts_push_value(lua, &policy->set->facts[asking->fact], asking->value);
    lua_pushcfunction(lua, say_want);
    lua_call(lua, 2, 1);
    policy->deriving = -1;
    if (lua_isnil(lua, -1))
        return 0;
    if (!lua_istable(lua, -1))
        return luaL_error(lua, "example gives a table of fields, or nil");
    take_fields(lua, asking->fields);
    return 0;
}

struct smg_fields *example_ask(struct policy *policy, size_t fact, int value, const int16_t *wanted,
                               struct smg_err *err)
{
    const struct fact *its = &policy->set->facts[fact];
    const struct fault *fault = &policy->box->fault;
    struct asking asking = { .fact = fact, .value = value, .fields = fields_new() };
    enum ending outcome;
    bool trusting = policy->box->trusting;

    if (asking.fields == NULL) {
        smg_fail(err, SMG_E_MEMORY, "example: out of memory");
        return NULL;
    }
    policy->wanted = wanted;
    policy->box->trusting = true; /* it sees nothing personal */
    lua_pushcfunction(policy->box->lua, ask);
    lua_pushlightuserdata(policy->box->lua, &asking);
    outcome = sandbox_call(policy->box, 1, 0);
    policy->box->trusting = trusting;
    policy->wanted = NULL;
    policy->deriving = -1;
    if (outcome == OUTCOME_RAN)
        return asking.fields;
    smg_fail(err, SMG_E_INVALID, "%s:%d: example of %s: %s",
             fault->line > 0 ? fault->file : its->file, fault->line > 0 ? fault->line : its->line,
             its->name, fault->text);
    fields_free(asking.fields);
    return NULL;
}
