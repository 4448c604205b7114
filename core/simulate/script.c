/* SPDX-License-Identifier: Apache-2.0 */
/* A scenario file in its sandbox: the scenarios it declares, and one of them run. */
#include "simulate/script.h"

#include "config/config.h"
#include "loop/clock.h"
#include "policy/reach.h"
#include "simulate/value.h"

#include <lauxlib.h>
#include <stdlib.h>

#define DURATION_MAX_MS (INT64_C(36525) * 24 * 3600 * 1000)

static const char scenarios_key; /* its address, in the registry: the scenarios, as tables */

struct script *script_of(lua_State *lua)
{
    return sandbox_of(lua)->owner;
}

/* ---- for words ---- */

static void write_moment(int64_t ms, struct buf *out)
{
    int64_t local = ms + INT64_C(8) * 3600 * 1000;
    int64_t day_ms = local % 86400000;

    date_write(date_of(ms), out);
    buf_printf(out, " %02d:%02d:%02d", (int)(day_ms / 3600000), (int)(day_ms / 60000 % 60),
               (int)(day_ms / 1000 % 60));
    if (day_ms % 1000 != 0)
        buf_printf(out, ".%03d", (int)(day_ms % 1000));
}

void script_step(struct script *script, const char *fmt, ...)
{
    char line[512];
    va_list args;

    va_start(args, fmt);
    vsnprintf(line, sizeof line, fmt, args);
    va_end(args);
    write_moment(clock_now_ms(), &script->steps);
    buf_printf(&script->steps, " %s\n", line);
}

int script_fail(lua_State *lua, const char *fmt, ...)
{
    struct script *script = script_of(lua);
    struct fault at;
    char line[2048];
    va_list args;

    va_start(args, fmt);
    vsnprintf(line, sizeof line, fmt, args);
    va_end(args);
    sandbox_where(lua, &at);
    buf_clear(&script->why);
    buf_printf(&script->why, "%s:%d: %s", at.file, at.line, line);
    return luaL_error(lua, "failed");
}

const char *script_label(lua_State *lua, const char *kind, struct smg_str value)
{
    struct script *script = script_of(lua);
    struct label *label = &script->labels[script->label_count];
    size_t i, same = 1;

    for (i = 0; i < script->label_count; i++)
        if (str_eq(value, buf_view(&script->labels[i].value)))
            return script->labels[i].name;
    if (script->label_count == SCRIPT_LABELS)
        script_fail(lua, "more than %d cards, pictures and registrations in one run",
                    SCRIPT_LABELS);
    for (i = 0; i < script->label_count; i++)
        same += str_starts(str_of(script->labels[i].name), kind);
    script->label_count++;
    snprintf(label->name, sizeof label->name, "%s %zu", kind, same);
    buf_str(&label->value, value);
    return label->name;
}

struct smg_str script_shown(void *ctx, struct smg_str text)
{
    struct id id;

    return id_parse(text, &id) ? str_of(script_label(ctx, "id", text)) : text;
}

struct smg_str script_value(void *ctx, struct smg_str text)
{
    const struct script *script = ctx;
    size_t i;

    for (i = 0; i < script->label_count; i++)
        if (str_is(text, script->labels[i].name))
            return buf_view(&script->labels[i].value);
    return text;
}

const char *script_text(lua_State *lua, int at, const char *key, const char *fallback)
{
    int type = lua_getfield(lua, at, key);
    const char *text;

    if (type != LUA_TNIL && type != LUA_TSTRING)
        script_fail(lua, "%s is a text", key);
    text = type == LUA_TNIL ? fallback : lua_tostring(lua, -1);
    lua_pop(lua, 1); /* its table keeps it */
    return text;
}

int64_t script_duration(lua_State *lua, const char *text)
{
    static const struct smg_option option[] = { { .name = "time", .type = SMG_OPT_MS },
                                                SMG_OPTIONS_END };
    static const char *const names[] = { "time" };
    struct smg_err err = { 0 };
    int64_t ms = 0;

    if (!config_fill_pairs(option, names, &text, 1, &ms, &err))
        script_fail(lua, "%s", err.text);
    if (ms > DURATION_MAX_MS)
        script_fail(lua, "%s is more than a hundred years", text);
    return ms;
}

int64_t script_ms(lua_State *lua, int at, const char *key, int64_t fallback)
{
    const char *text = script_text(lua, at, key, NULL);

    return text == NULL ? fallback : script_duration(lua, text);
}

int64_t script_moment(lua_State *lua, const char *text)
{
    char whole[40];
    size_t len = strlen(text);
    int64_t ms = 0;

    snprintf(whole, sizeof whole, "%s%s+08:00", text,
             len == 16   ? ":00"
             : len == 10 ? " 00:00:00"
                         : "");
    if (len >= 10)
        whole[10] = 'T';
    if (len > 24 || !time_parse(str_of(whole), &ms))
        script_fail(lua,
                    "\"%.40s\" is no moment: write \"2026-03-02 10:00\" or \"2026-03-02 10:00:00\"",
                    text);
    return ms;
}

void script_keys(lua_State *lua, int at, const char *what, const char *const *keys)
{
    size_t i, count;
    const char *near;

    for (count = 0; keys[count] != NULL; count++)
        ;
    lua_pushnil(lua);
    while (lua_next(lua, at) != 0) {
        lua_pop(lua, 1);
        if (lua_type(lua, -1) != LUA_TSTRING)
            script_fail(lua, "%s has names for keys", what);
        for (i = 0; i < count && strcmp(keys[i], lua_tostring(lua, -1)) != 0; i++)
            ;
        if (i < count)
            continue;
        near = str_nearest(str_of(lua_tostring(lua, -1)), keys, count);
        script_fail(lua, "%s has no key %s%s%s", what, lua_tostring(lua, -1),
                    near == NULL ? "" : "; did you mean ", near == NULL ? "" : near);
    }
}

/* ---- words of every file ---- */

static const char *const header_keys[] = { "article", "at",         "policies", "region",
                                           "staff",   "counter",    "dealers",  "services",
                                           "runs",    "recipients", "run",      NULL };

/* Upvalue 1: the name. */
static int declare_scenario(lua_State *lua)
{
    luaL_checktype(lua, 1, LUA_TTABLE);
    script_keys(lua, 1, "a scenario", header_keys);
    if (lua_getfield(lua, 1, "run") != LUA_TFUNCTION)
        return script_fail(lua, "a scenario has a function run");
    if (script_text(lua, 1, "at", NULL) == NULL)
        return script_fail(lua, "a scenario begins at a moment: at = \"2026-03-02 10:00\"");
    lua_settop(lua, 1);
    lua_rawgetp(lua, LUA_REGISTRYINDEX, &scenarios_key);
    lua_pushvalue(lua, lua_upvalueindex(1));
    lua_setfield(lua, 1, "name");
    lua_pushvalue(lua, 1);
    lua_rawseti(lua, 2, (lua_Integer)lua_rawlen(lua, 2) + 1);
    return 0;
}

/* scenario "name" { ... } */
static int scenario(lua_State *lua)
{
    if (lua_type(lua, 1) != LUA_TSTRING || lua_gettop(lua) != 1)
        return script_fail(lua, "write: scenario \"what happens\" { ... }");
    lua_pushcclosure(lua, declare_scenario, 1);
    return 1;
}

/* expect(got, wanted) */
static int expect(lua_State *lua)
{
    struct script *script = script_of(lua);

    luaL_checkany(lua, 2);
    lua_settop(lua, 2);
    buf_clear(&script->difference);
    if (value_matches(lua, 1, 2, &script->difference))
        return 0;
    return script_fail(lua, "%.1900s", script->difference.at);
}

/* with(a, b): a copy of a with b laid over it. */
static void push_with(lua_State *lua, int under, int over)
{
    int copy;

    value_check_depth(lua);
    lua_newtable(lua);
    copy = lua_gettop(lua);
    lua_pushnil(lua);
    while (lua_next(lua, under) != 0) {
        lua_pushvalue(lua, -2);
        lua_insert(lua, -2);
        lua_rawset(lua, copy);
    }
    lua_pushnil(lua);
    while (lua_next(lua, over) != 0) {
        int value = lua_gettop(lua);

        lua_pushvalue(lua, value - 1);
        lua_pushvalue(lua, value - 1);
        if (lua_rawget(lua, copy) == LUA_TTABLE && lua_istable(lua, value) &&
            lua_rawlen(lua, value) == 0)
            push_with(lua, value + 2, value);
        else
            lua_pushvalue(lua, value);
        lua_remove(lua, value + 2);
        lua_rawset(lua, copy);
        lua_settop(lua, value - 1);
    }
}

static int with(lua_State *lua)
{
    luaL_checktype(lua, 1, LUA_TTABLE);
    luaL_checktype(lua, 2, LUA_TTABLE);
    lua_settop(lua, 2);
    push_with(lua, 1, 2);
    return 1;
}

/* ---- choices ---- */

static struct choices *choices_of(lua_State *lua)
{
    struct script *script = script_of(lua);

    if (script->choices == NULL)
        script_fail(lua, "choices are made inside run");
    return script->choices;
}

/* any(a, b, ...): one of them; when a run is made smaller, rather an earlier one. */
static int any(lua_State *lua)
{
    struct choices *choices = choices_of(lua);
    struct script *script = script_of(lua);
    int count = lua_gettop(lua);

    luaL_checkany(lua, 1);
    lua_pushvalue(lua, (int)choices_make(choices, (uint32_t)count) + 1);
    buf_text(&script->choice_lines, "any: ");
    value_describe(lua, count + 1, &script->choice_lines);
    buf_byte(&script->choice_lines, '\n');
    return 1;
}

/* maybe(): true or false; when a run is made smaller, rather false. */
static int maybe(lua_State *lua)
{
    bool chosen = choices_make(choices_of(lua), 2) == 1;

    buf_printf(&script_of(lua)->choice_lines, "maybe: %s\n", chosen ? "true" : "false");
    lua_pushboolean(lua, chosen);
    return 1;
}

/* between(low, high): a whole number. */
static int between(lua_State *lua)
{
    lua_Integer low = luaL_checkinteger(lua, 1), high = luaL_checkinteger(lua, 2);
    struct choices *choices = choices_of(lua);
    lua_Integer chosen;

    if (low > high || (lua_Unsigned)high - (lua_Unsigned)low > 1000000)
        return script_fail(lua, "between(low, high): at most a million numbers, low first");
    chosen = low + choices_make(choices, (uint32_t)(high - low + 1));
    buf_printf(&script_of(lua)->choice_lines, "between: %lld\n", (long long)chosen);
    lua_pushinteger(lua, chosen);
    return 1;
}

static int push_env(lua_State *lua)
{
    static const luaL_Reg words[] = {
        { "scenario", scenario }, { "expect", expect },   { "with", with }, { "any", any },
        { "maybe", maybe },       { "between", between }, { NULL, NULL }
    };

    lua_newtable(lua);
    lua_rawsetp(lua, LUA_REGISTRYINDEX, &scenarios_key);
    sandbox_push_allowed(lua);
    luaL_setfuncs(lua, words, 0);
    person_push_words(lua);
    sandbox_push_env(lua);
    return 1;
}

static bool load_file(struct script *script, struct smg_str text)
{
    script->box = sandbox_new(script);
    if (script->box == NULL)
        return false;
    lua_pushcfunction(script->box->lua, push_env);
    return sandbox_call(script->box, 0, 1) == OUTCOME_RAN &&
           sandbox_compile(script->box, text, script->file) == OUTCOME_RAN &&
           sandbox_call(script->box, 0, 0) == OUTCOME_RAN;
}

/* "file:line: what", from what script_fail said or from the sandbox. */
static void put_fault(const struct script *script, struct buf *out)
{
    const struct fault *fault = &script->box->fault;

    if (script->box == NULL)
        buf_printf(out, "%s: out of memory", script->file);
    else if (script->why.len > 0)
        buf_str(out, buf_view(&script->why));
    else
        buf_printf(out, "%s:%d: %s", fault->file[0] == '\0' ? script->file : fault->file,
                   fault->line, fault->text);
}

/* ---- listing ---- */

struct listing {
    struct scenario *scenarios;
    size_t count;
};

static void list_one(lua_State *lua, struct scenario *out)
{
    lua_getfield(lua, -1, "runs");
    if (!lua_isnil(lua, -1) &&
        (!lua_isinteger(lua, -1) || lua_tointeger(lua, -1) < 1 || lua_tointeger(lua, -1) > 1000000))
        script_fail(lua, "runs is a number from 1 to 1000000");
    out->runs = lua_isnil(lua, -1) ? 1 : (unsigned)lua_tointeger(lua, -1);
    lua_pop(lua, 1);
    out->name = strdup(script_text(lua, lua_gettop(lua), "name", ""));
    out->article = strdup(script_text(lua, lua_gettop(lua), "article", ""));
    if (out->name == NULL || out->article == NULL)
        luaL_error(lua, "out of memory");
}

static int list_all(lua_State *lua)
{
    struct listing *listing = lua_touserdata(lua, 1);
    lua_Integer i, count;

    lua_rawgetp(lua, LUA_REGISTRYINDEX, &scenarios_key);
    count = (lua_Integer)lua_rawlen(lua, 2);
    listing->scenarios = calloc((size_t)count + 1, sizeof *listing->scenarios);
    if (listing->scenarios == NULL)
        return luaL_error(lua, "out of memory");
    for (i = 1; i <= count; i++) {
        lua_rawgeti(lua, 2, i);
        list_one(lua, &listing->scenarios[listing->count++]);
        lua_settop(lua, 2);
    }
    return 0;
}

void script_list_free(struct scenario *scenarios, size_t count)
{
    size_t i;

    for (i = 0; i < count; i++) {
        free(scenarios[i].name);
        free(scenarios[i].article);
    }
    free(scenarios);
}

bool script_list(struct simulation *simulation, const char *file, struct smg_str text,
                 struct scenario **out, size_t *count, struct buf *problems)
{
    struct script *script = calloc(1, sizeof *script);
    struct listing listing = { .scenarios = NULL };
    bool good = false;

    if (script == NULL)
        return false;
    script->simulation = simulation;
    script->file = file;
    if (load_file(script, text)) {
        lua_pushcfunction(script->box->lua, list_all);
        lua_pushlightuserdata(script->box->lua, &listing);
        good = sandbox_call(script->box, 1, 0) == OUTCOME_RAN;
    }
    if (!good)
        put_fault(script, problems);
    else if (listing.count == 0)
        buf_printf(problems, "%s: there is no scenario in it", file);
    good = good && listing.count > 0;
    if (!good) {
        buf_byte(problems, '\n');
        script_list_free(listing.scenarios, listing.count);
    } else {
        *out = listing.scenarios;
        *count = listing.count;
    }
    script_fini(script);
    free(script);
    return good;
}

/* ---- running ---- */

typedef void (*entry_fn)(lua_State *lua, const char *name, int at);

/* Each entry of the header's table `key`, by name, in the order of the names. */
static void each_entry(lua_State *lua, int header, const char *key, entry_fn fn)
{
    lua_Integer i;

    if (lua_getfield(lua, header, key) == LUA_TTABLE) {
        int table = lua_gettop(lua);

        value_push_keys(lua, table);
        for (i = 1; lua_rawgeti(lua, table + 1, i) != LUA_TNIL; i++) {
            lua_pushvalue(lua, -1);
            lua_rawget(lua, table);
            fn(lua, lua_tostring(lua, table + 2), table + 3);
            lua_settop(lua, table + 1);
        }
    } else if (!lua_isnil(lua, -1)) {
        script_fail(lua, "%s is a table", key);
    }
    lua_settop(lua, header);
}

static void add_recipient(lua_State *lua, const char *name, int at)
{
    (void)at;
    if (world_recipient(&script_of(lua)->world, name) == NULL)
        script_fail(lua, "there are too many recipients");
}

static void open_world(lua_State *lua, int header)
{
    struct script *script = script_of(lua);
    const char *region = script_text(lua, header, "region", "540102");
    struct rules rules;
    struct smg_err err = { 0 };

    if (strlen(region) != 6)
        script_fail(lua, "region is a six-digit code");
    script->began_ms = script_moment(lua, script_text(lua, header, "at", ""));
    if (lua_getfield(lua, header, "policies") != LUA_TTABLE)
        script_fail(lua, "a scenario names its policies: policies = { \"cn/2013\" }");
    simulation_rules(lua, lua_gettop(lua), &rules);
    lua_settop(lua, header);
    if (!world_open(&script->world, script->simulation->keyring, &rules, region, script->began_ms))
        luaL_error(lua, "out of memory");
    script->has_world = true;
    each_entry(lua, header, "services", outside_set_service);
    each_entry(lua, header, "recipients", add_recipient);
    add_recipient(lua, "public-security", header);
    add_recipient(lua, "regulator", header);
    if (world_start(&script->world, &err) < 0)
        script_fail(lua, "the gateway does not start: %s", err.text);
}

/* Under pcall, with the number of the scenario: open its world and run it. */
static int run_one(lua_State *lua)
{
    const char *counter;

    lua_rawgetp(lua, LUA_REGISTRYINDEX, &scenarios_key);
    lua_rawgeti(lua, -1, lua_tointeger(lua, 1));
    lua_replace(lua, 1);
    lua_settop(lua, 1);
    open_world(lua, 1);
    each_entry(lua, 1, "dealers", outside_put_dealer);
    each_entry(lua, 1, "staff", outside_put_staff);
    counter = script_text(lua, 1, "counter", NULL);
    if (counter == NULL) {
        counter = "S-1";
        lua_newtable(lua);
        outside_put_staff(lua, counter, lua_gettop(lua));
    }
    outside_stand(lua, counter);
    lua_getfield(lua, 1, "run");
    lua_newtable(lua);
    counter_push_words(lua);
    outside_push_words(lua);
    lua_call(lua, 1, 0);
    return 0;
}

bool script_run(struct script *script, struct smg_str text, size_t which, struct choices *choices)
{
    bool passed = false;

    if (load_file(script, text)) {
        lua_State *lua = script->box->lua;

        script->choices = choices;
        sandbox_begin_load(script->box);
        lua_pushcfunction(lua, run_one);
        lua_pushinteger(lua, (lua_Integer)which + 1);
        passed = sandbox_call(script->box, 1, 0) == OUTCOME_RAN;
    }
    if (!passed && script->why.len == 0)
        put_fault(script, &script->why);
    return passed;
}

int64_t script_fini(struct script *script)
{
    int64_t took_ms = script->has_world ? clock_now_ms() - script->began_ms : 0;
    struct rules rules;
    size_t i;

    if (script->has_world) {
        world_close(&script->world, &rules);
        simulation_give_back(script->simulation, &rules);
    }
    script->has_world = false;
    for (i = 0; i < script->call_count; i++)
        call_fini(&script->calls[i]);
    for (i = 0; i < script->label_count; i++)
        buf_fini(&script->labels[i].value);
    sandbox_free(script->box);
    script->box = NULL;
    reply_fini(&script->card);
    buf_fini(&script->body);
    buf_fini(&script->choice_lines);
    buf_fini(&script->steps);
    buf_fini(&script->difference);
    buf_fini(&script->why);
    return took_ms;
}
