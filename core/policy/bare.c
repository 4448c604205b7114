/* SPDX-License-Identifier: Apache-2.0 */
/* Rules called bare, for `shiming bench`. */
#include "policy/bare.h"

#include "policy/evaluate.h"

#include <lauxlib.h>
#include <time.h>

struct bare {
    struct policy *policy;
    struct decision decision;
    int64_t run_us;
    double rate;
};

/* Processor time: what else the machine does is not the rules' doing. */
static int64_t used_us(void)
{
    struct timespec used;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
    return (int64_t)used.tv_sec * 1000000 + used.tv_nsec / 1000;
}

static void push_value(lua_State *lua, const struct fact *fact, int value)
{
    if (fact->kind == VALUE_BOOLEAN)
        lua_pushboolean(lua, fact->values[value].integer != 0);
    else if (fact->kind == VALUE_INTEGER)
        lua_pushinteger(lua, fact->values[value].integer);
    else
        lua_pushlstring(lua, fact->values[value].text.at, fact->values[value].text.len);
}

/* Put the fact's value under its dotted name into the table on top, making the tables between. */
static void put_fact(lua_State *lua, const struct fact *fact, int value)
{
    const char *at = fact->name, *dot;
    int top = lua_gettop(lua);

    while ((dot = strchr(at, '.')) != NULL) {
        lua_pushlstring(lua, at, (size_t)(dot - at));
        lua_pushvalue(lua, -1);
        lua_rawget(lua, -3);
        if (!lua_istable(lua, -1)) {
            lua_pop(lua, 1);
            lua_newtable(lua);
            lua_pushvalue(lua, -2);
            lua_pushvalue(lua, -2);
            lua_rawset(lua, -5);
        }
        lua_remove(lua, -2);
        at = dot + 1;
    }
    lua_pushstring(lua, at);
    push_value(lua, fact, value);
    lua_rawset(lua, -3);
    lua_settop(lua, top);
}

static void call_rule(lua_State *lua, const struct policy *policy, size_t rule, int table)
{
    bool applies = true;

    if (policy->applies[rule] > 0) {
        lua_rawgeti(lua, LUA_REGISTRYINDEX, policy->applies[rule]);
        lua_pushvalue(lua, table);
        lua_call(lua, 1, 1);
        applies = lua_toboolean(lua, -1);
        lua_pop(lua, 1);
    }
    if (applies) {
        lua_rawgeti(lua, LUA_REGISTRYINDEX, policy->check[rule]);
        lua_pushvalue(lua, table);
        lua_call(lua, 1, 0);
    }
}

static int run_bare(lua_State *lua)
{
    struct bare *bare = lua_touserdata(lua, 1);
    struct policy *policy = bare->policy;
    int64_t begun, end;
    size_t i, k, done = 0;
    int table;

    lua_newtable(lua);
    table = lua_gettop(lua);
    for (i = 0; i < policy->set->fact_count; i++)
        if (policy->values[i] >= 0)
            put_fact(lua, &policy->set->facts[i], policy->values[i]);
    policy->out = &bare->decision;
    lua_sethook(lua, NULL, 0, 0);
    begun = used_us();
    for (end = begun; end < begun + bare->run_us; end = used_us(), done += 100)
        for (k = 0; k < 100; k++) {
            bare->decision.effect_count = 0;
            policy->effects = 0;
            for (i = 0; i < policy->in_force_count; i++)
                call_rule(lua, policy, policy->in_force[i], table);
        }
    bare->rate = (double)done * 1e6 / (double)(end - begun);
    return 0;
}

double bare_decisions(struct policy *policy, int64_t run_us, struct smg_err *err)
{
    struct bare bare = { .policy = policy, .run_us = run_us, .rate = -1 };
    lua_State *lua = policy->box->lua;

    sandbox_begin(policy->box);
    lua_pushcfunction(lua, run_bare);
    lua_pushlightuserdata(lua, &bare);
    if (sandbox_call(policy->box, 1, 0) != OUTCOME_RAN)
        smg_fail(err, SMG_E_BUG, "a rule failed when called bare: %s:%d: %s",
                 policy->box->fault.file, policy->box->fault.line, policy->box->fault.text);
    policy->out = NULL;
    return bare.rate;
}
