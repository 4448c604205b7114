/* SPDX-License-Identifier: Apache-2.0 */
/* A property file has a Lua state of its own, in which `case` and `decision` are asked name by
 * name; each answer that is new is a branch to be explored. */
#include "policy/property.h"

#include "policy/freeze.h"
#include "policy/load.h"
#include "policy/reach.h"

#include <lauxlib.h>
#include <stdlib.h>

enum { PROPERTIES_MAX = 256, ASKED_MAX = 256 };

struct properties {
    struct policy_set *set;
    struct sandbox *box;
    char *file;
    struct buf *problems;
    bool running; /* declarations are welcome */
    struct property *all;
    int (*functions)[2]; /* when, holds: references in the registry */
    size_t count;
    int case_reference, decision_reference;
    struct asked *asked;
    size_t asked_count;
    bool open; /* never "x", still without its table */
};

static struct properties *properties_of(lua_State *lua)
{
    return sandbox_of(lua)->owner;
}

/* ---- asking ---- */

static bool is_same(const struct asked *a, const struct asked *b)
{
    return a->kind == b->kind && a->index == b->index &&
           strcmp(a->name == NULL ? "" : a->name, b->name == NULL ? "" : b->name) == 0;
}

/* The answer of this path, the first one when it is asked anew. */
static int ask(lua_State *lua, struct asked what)
{
    struct properties *properties = properties_of(lua);
    size_t i;

    for (i = 0; i < properties->asked_count; i++)
        if (is_same(&properties->asked[i], &what))
            return properties->asked[i].value;
    if (i == ASKED_MAX)
        return luaL_error(lua, "reads more than %d different things", ASKED_MAX);
    what.value = what.kind == ASKED_VERDICT ? VERDICT_ACCEPTED : 0;
    properties->asked[properties->asked_count++] = what;
    return what.value;
}

static int last_value(const struct properties *properties, const struct asked *asked)
{
    if (asked->kind == ASKED_FACT)
        return (int)properties->set->facts[asked->index].value_count - 1;
    return asked->kind == ASKED_VERDICT ? VERDICT_REFUSED : 1;
}

static bool advance(struct properties *properties)
{
    while (properties->asked_count > 0) {
        struct asked *asked = &properties->asked[properties->asked_count - 1];

        if (asked->value < last_value(properties, asked)) {
            asked->value++;
            return true;
        }
        properties->asked_count--;
    }
    return false;
}

static const char *key_at(lua_State *lua, int at)
{
    if (lua_type(lua, at) != LUA_TSTRING)
        luaL_error(lua, "facts and words are read by name");
    return lua_tostring(lua, at);
}

static void push_fact(lua_State *lua, const struct properties *properties, size_t i)
{
    const struct fact *fact = &properties->set->facts[i];
    int value = ask(lua, (struct asked){ .kind = ASKED_FACT, .index = i });

    if (fact->kind == VALUE_BOOLEAN)
        lua_pushboolean(lua, fact->values[value].integer != 0);
    else if (fact->kind == VALUE_INTEGER)
        lua_pushinteger(lua, fact->values[value].integer);
    else
        lua_pushstring(lua, fact->values[value].text.at);
}

static int refuse_write(lua_State *lua)
{
    return luaL_error(lua, "a case and its decision are read-only");
}

static void push_part(lua_State *lua, const char *path);

/* case.customer.minor; upvalue 1: the path so far, ended by a dot unless it is empty. */
static int read_part(lua_State *lua)
{
    struct properties *properties = properties_of(lua);
    const char *path = lua_tostring(lua, lua_upvalueindex(1)), *near;
    char name[3 * NAME_BYTES];
    size_t i, len;

    len = (size_t)snprintf(name, sizeof name, "%s%s", path, key_at(lua, 2));
    if (len >= NAME_BYTES)
        return luaL_error(lua, "no fact has so long a name");
    for (i = 0; i < properties->set->fact_count; i++) {
        const char *fact = properties->set->facts[i].name;

        if (strcmp(fact, name) == 0) {
            push_fact(lua, properties, i);
            return 1;
        }
        if (strncmp(fact, name, len) == 0 && fact[len] == '.') {
            strcat(name, ".");
            push_part(lua, name);
            return 1;
        }
    }
    near = set_near_fact(properties->set, str_of(name));
    return luaL_error(lua,
                      near == NULL ? "the fact %s is not declared"
                                   : "the fact %s is not declared; did you mean %s?",
                      name, near);
}

/* A table that is empty, and answers every name by `read` with what is on top (and is taken). */
static void push_reader(lua_State *lua, lua_CFunction read)
{
    lua_newtable(lua);
    lua_createtable(lua, 0, 2);
    lua_pushvalue(lua, -3);
    lua_pushcclosure(lua, read, 1);
    lua_setfield(lua, -2, "__index");
    lua_pushcfunction(lua, refuse_write);
    lua_setfield(lua, -2, "__newindex");
    lua_setmetatable(lua, -2);
    lua_remove(lua, -2);
}

static void push_part(lua_State *lua, const char *path)
{
    lua_pushstring(lua, path);
    push_reader(lua, read_part);
}

/* decision.needs["guardian.present"]; upvalue 1: the kind of effect. */
static int read_said(lua_State *lua)
{
    struct properties *properties = properties_of(lua);
    const struct policy_set *set = properties->set;
    int kind = (int)lua_tointeger(lua, lua_upvalueindex(1));
    struct smg_str name = str_of(key_at(lua, 2));
    const struct fact *fact = set_fact(set, name);
    const struct word *word = set_word(set, name);
    const char *known = NULL, *near;

    if (kind == ASKED_WARN)
        known = word != NULL ? word->name : fact != NULL ? fact->name : NULL;
    else if (kind == ASKED_NEED && fact != NULL)
        known = fact->name;
    else if (word != NULL && (int)word->kind - EFFECT_NEED == kind - ASKED_NEED)
        known = word->name;
    if (known == NULL) {
        near = set_near_word(set, name, (enum effect_kind)(kind - ASKED_NEED + EFFECT_NEED));
        return luaL_error(lua,
                          near == NULL ? "no decision says \"%s\" there"
                                       : "no decision says \"%s\" there; did you mean \"%s\"?",
                          name.at, near);
    }
    lua_pushboolean(lua, ask(lua, (struct asked){ .kind = (enum asked_kind)kind, .name = known }));
    return 1;
}

static int read_rule(lua_State *lua)
{
    struct properties *properties = properties_of(lua);
    const char *id = key_at(lua, 2);
    int rule = set_rule(properties->set, str_of(id));

    if (rule == RULE_NONE)
        return luaL_error(lua, "there is no rule \"%s\"", id);
    lua_pushboolean(lua, ask(lua, (struct asked){ .kind = ASKED_RULE, .index = (size_t)rule }));
    return 1;
}

static int read_decision(lua_State *lua)
{
    static const char *const names[] = { "verdict", "needs", "refuses", "reports",
                                         "obliges", "warns", "rules" };
    const char *key = key_at(lua, 2), *near;
    size_t i;

    for (i = 0; i < sizeof names / sizeof *names && strcmp(key, names[i]) != 0; i++)
        ;
    if (i == sizeof names / sizeof *names) {
        near = str_nearest(str_of(key), names, i);
        return luaL_error(lua, "a decision has no %s%s%s", key,
                          near == NULL ? "" : "; did you mean ", near == NULL ? "" : near);
    }
    if (i == 0) {
        lua_pushstring(
            lua, verdict_name((enum verdict)ask(lua, (struct asked){ .kind = ASKED_VERDICT })));
        return 1;
    }
    lua_pushinteger(lua, (lua_Integer)i + ASKED_VERDICT);
    push_reader(lua, i + ASKED_VERDICT == ASKED_RULE ? read_rule : read_said);
    return 1;
}

/* ---- declaring ---- */

/* The text on top, taken, for as long as the state lives. */
static const char *keep_text(lua_State *lua)
{
    const char *text = lua_tostring(lua, -1);

    luaL_ref(lua, LUA_REGISTRYINDEX);
    return text;
}

static const char *text_of(lua_State *lua, const char *key, const char *name)
{
    if (lua_getfield(lua, 1, key) != LUA_TSTRING || lua_rawlen(lua, -1) == 0)
        luaL_error(lua, "\"%s\" has no %s", name, key);
    return keep_text(lua);
}

static int function_of(lua_State *lua, const char *key, const char *name, bool required)
{
    int type = lua_getfield(lua, 1, key);

    if (type == LUA_TNIL && !required) {
        lua_pop(lua, 1);
        return LUA_NOREF;
    }
    if (type != LUA_TFUNCTION)
        luaL_error(lua, "\"%s\" has no function %s", name, key);
    return luaL_ref(lua, LUA_REGISTRYINDEX);
}

/* Upvalues: the name, whether it is `always`, the line. Argument: the table. */
static int finish(lua_State *lua)
{
    struct properties *properties = properties_of(lua);
    const char *name = lua_tostring(lua, lua_upvalueindex(1)), *key;
    struct property *property = &properties->all[properties->count];

    luaL_checktype(lua, 1, LUA_TTABLE);
    properties->open = false;
    *property = (struct property){ .always = lua_toboolean(lua, lua_upvalueindex(2)) != 0,
                                   .file = properties->file,
                                   .line = (int)lua_tointeger(lua, lua_upvalueindex(3)) };
    lua_pushnil(lua);
    while (lua_next(lua, 1) != 0) {
        key = lua_type(lua, -2) == LUA_TSTRING ? lua_tostring(lua, -2) : "?";
        if (strcmp(key, "zh") != 0 && strcmp(key, "when") != 0 &&
            !(property->always && strcmp(key, "holds") == 0))
            return luaL_error(lua, "\"%s\": there is no key %s", name, key);
        lua_pop(lua, 1);
    }
    lua_pushvalue(lua, lua_upvalueindex(1));
    property->text = keep_text(lua);
    property->zh = text_of(lua, "zh", name);
    properties->functions[properties->count][0] = function_of(lua, "when", name, !property->always);
    properties->functions[properties->count][1] =
        property->always ? function_of(lua, "holds", name, true) : LUA_NOREF;
    properties->count++;
    return 0;
}

/* never "text", always "text"; upvalue 1: which. */
static int declare(lua_State *lua)
{
    struct properties *properties = properties_of(lua);
    struct fault here;

    if (!properties->running)
        return luaL_error(lua, "properties stand at the top of a file");
    if (lua_type(lua, 1) != LUA_TSTRING || lua_rawlen(lua, 1) == 0)
        return luaL_error(lua, "a property says what it is: never \"...\" { ... }");
    if (properties->count == PROPERTIES_MAX)
        return luaL_error(lua, "there are more than %d properties", PROPERTIES_MAX);
    if (properties->open)
        return luaL_error(lua, "the property before is not followed by its table");
    properties->open = true;
    sandbox_where(lua, &here);
    lua_settop(lua, 1);
    lua_pushvalue(lua, lua_upvalueindex(1));
    lua_pushinteger(lua, here.line);
    lua_pushcclosure(lua, finish, 3);
    return 1;
}

void property_push_words(lua_State *lua)
{
    lua_pushboolean(lua, false);
    lua_pushcclosure(lua, declare, 1);
    lua_setfield(lua, -2, "never");
    lua_pushboolean(lua, true);
    lua_pushcclosure(lua, declare, 1);
    lua_setfield(lua, -2, "always");
}

static int push_env(lua_State *lua)
{
    struct properties *properties = properties_of(lua);

    push_part(lua, "");
    properties->case_reference = luaL_ref(lua, LUA_REGISTRYINDEX);
    lua_pushnil(lua);
    push_reader(lua, read_decision);
    properties->decision_reference = luaL_ref(lua, LUA_REGISTRYINDEX);
    sandbox_push_allowed(lua);
    property_push_words(lua);
    sandbox_push_env(lua);
    return 1;
}

static void visit(void *ctx, lua_State *lua)
{
    bytecode_check(lua, ctx);
}

/* What a property remembers of one path would spoil the next. */
static int freeze(lua_State *lua)
{
    struct properties *properties = properties_of(lua);
    lua_Integer count = 0;
    size_t i, part;

    lua_newtable(lua);
    for (i = 0; i < properties->count; i++)
        for (part = 0; part < 2; part++)
            if (properties->functions[i][part] != LUA_NOREF) {
                lua_rawgeti(lua, LUA_REGISTRYINDEX, properties->functions[i][part]);
                lua_rawseti(lua, -2, ++count);
            }
    freeze_reachable(lua, visit, properties->problems);
    return 0;
}

static bool run_file(struct properties *properties, struct smg_str text, struct buf *problems)
{
    struct sandbox *box = properties->box;
    size_t before;
    bool ran;

    lua_pushcfunction(box->lua, push_env);
    properties->running = true;
    ran = sandbox_call(box, 0, 1) == OUTCOME_RAN &&
          sandbox_compile(box, text, properties->file) == OUTCOME_RAN &&
          sandbox_call(box, 0, 0) == OUTCOME_RAN;
    properties->running = false;
    if (ran && !properties->open) {
        before = problems->len;
        lua_pushcfunction(box->lua, freeze);
        ran = sandbox_call(box, 0, 0) == OUTCOME_RAN;
        if (ran && problems->len > before)
            return false;
        sandbox_settle(box);
        box->trusting = true; /* no case is known here */
    }
    if (!ran)
        set_problem(problems, box->fault.file[0] == '\0' ? properties->file : box->fault.file,
                    box->fault.line, "%s", box->fault.text);
    else if (properties->open)
        set_problem(problems, properties->file, 0, "the last property has no table");
    return ran && !properties->open;
}

struct properties *properties_load(struct policy_set *set, const char *name, struct smg_str text,
                                   struct buf *problems)
{
    struct properties *properties = calloc(1, sizeof *properties);

    if (properties != NULL) {
        properties->set = policy_set_share(set);
        properties->file = strdup(name);
        properties->problems = problems;
        properties->all = calloc(PROPERTIES_MAX, sizeof *properties->all);
        properties->functions = calloc(PROPERTIES_MAX, sizeof *properties->functions);
        properties->asked = calloc(ASKED_MAX, sizeof *properties->asked);
        properties->box = sandbox_new(properties);
    }
    if (properties == NULL || properties->file == NULL || properties->all == NULL ||
        properties->functions == NULL || properties->asked == NULL || properties->box == NULL)
        set_problem(problems, name, 0, "out of memory");
    else if (!str_is_utf8(text))
        set_problem(problems, name, 0, "is not UTF-8 text");
    else if (run_file(properties, text, problems))
        return properties;
    properties_free(properties);
    return NULL;
}

void properties_free(struct properties *properties)
{
    if (properties == NULL)
        return;
    sandbox_free(properties->box);
    policy_set_free(properties->set);
    free(properties->file);
    free(properties->all);
    free(properties->functions);
    free(properties->asked);
    free(properties);
}

size_t properties_count(const struct properties *properties)
{
    return properties->count;
}

const struct property *properties_at(const struct properties *properties, size_t i)
{
    return &properties->all[i];
}

/* ---- exploring ---- */

/* Argument: the property's number. Results: meant, violated. */
static int judge(lua_State *lua)
{
    struct properties *properties = properties_of(lua);
    size_t i = (size_t)lua_tointeger(lua, 1);
    bool answer[2] = { true, true };
    int part;

    for (part = 0; part < 2 && answer[0]; part++) {
        if (properties->functions[i][part] == LUA_NOREF)
            continue;
        lua_rawgeti(lua, LUA_REGISTRYINDEX, properties->functions[i][part]);
        lua_rawgeti(lua, LUA_REGISTRYINDEX, properties->case_reference);
        lua_rawgeti(lua, LUA_REGISTRYINDEX, properties->decision_reference);
        lua_call(lua, 2, 1);
        if (!lua_isboolean(lua, -1) && !lua_isnil(lua, -1))
            return luaL_error(lua, "a property gives true or false, not a %s",
                              luaL_typename(lua, -1));
        answer[part] = lua_toboolean(lua, -1) != 0;
        lua_pop(lua, 1);
    }
    if (properties->all[i].always) {
        lua_pushboolean(lua, answer[0]);
        lua_pushboolean(lua, answer[0] && !answer[1]);
    } else {
        lua_pushboolean(lua, true);
        lua_pushboolean(lua, answer[0]);
    }
    return 2;
}

bool properties_explore(struct properties *properties, size_t i, size_t limit, property_fn fn,
                        void *ctx, struct buf *problems)
{
    const struct property *property = &properties->all[i];
    struct sandbox *box = properties->box;
    bool more = true, meant, violated;
    size_t runs = 0;

    properties->asked_count = 0;
    while (more && runs++ < limit) {
        sandbox_begin(box);
        lua_pushcfunction(box->lua, judge);
        lua_pushinteger(box->lua, (lua_Integer)i);
        if (sandbox_call(box, 1, 2) != OUTCOME_RAN) {
            set_problem(problems, property->file,
                        box->fault.line > 0 ? box->fault.line : property->line, "\"%s\": %s",
                        property->text, box->fault.text);
            return false;
        }
        meant = lua_toboolean(box->lua, -2) != 0;
        violated = lua_toboolean(box->lua, -1) != 0;
        lua_pop(box->lua, 2);
        if (!fn(ctx, properties->asked, properties->asked_count, meant, violated))
            return false;
        more = advance(properties);
    }
    if (more)
        set_problem(problems, property->file, property->line,
                    "\"%s\": reads too much to be explored", property->text);
    return !more;
}
