/* SPDX-License-Identifier: Apache-2.0 */
/* What rules say (need, refuse, report, oblige) and what derivations may ask (field, age, number,
 * ...). */
#include "policy/document.h"
#include "policy/evaluate.h"
#include "policy/freeze.h"
#include "policy/number.h"
#include "policy/reach.h"

#include <lauxlib.h>

/* ---- rules ---- */

static struct policy *speaking(lua_State *lua)
{
    struct policy *policy = policy_of(lua);

    if (policy == NULL || policy->out == NULL || policy->deriving >= 0) {
        luaL_error(lua, "only the check of a rule says this");
        return NULL;
    }
    if (policy->applying)
        luaL_error(lua, "applies only asks; check says");
    return policy;
}

static struct smg_str text_at(lua_State *lua, int at, const char *what)
{
    struct smg_str text = { NULL, 0 };

    if (lua_type(lua, at) != LUA_TSTRING)
        luaL_error(lua, "%s needs a word in quotes", what);
    text.at = lua_tolstring(lua, at, &text.len);
    return text;
}

static const struct word *find_word(lua_State *lua, const struct policy *policy,
                                    struct smg_str name, enum effect_kind kind)
{
    static const char *const kinds[] = { "?", "need", "refuse", "report", "oblige" };
    const struct word *word = set_word(policy->set, name);
    const char *near;

    if (word != NULL && word->kind == kind)
        return word;
    if (word != NULL)
        luaL_error(lua, "%s \"%s\": this word is declared for %s", kinds[kind], word->name,
                   kinds[word->kind]);
    near = set_near_word(policy->set, name, kind);
    if (near != NULL)
        luaL_error(lua, "%s \"%s\": no such word; did you mean \"%s\"?", kinds[kind], name.at,
                   near);
    luaL_error(lua, "%s \"%s\": no such word", kinds[kind], name.at);
    return NULL;
}

static int say_need(lua_State *lua)
{
    struct policy *policy = speaking(lua);
    struct smg_str name = text_at(lua, 1, "need");
    const struct fact *fact = set_fact(policy->set, name);
    const struct word *word;

    if (fact != NULL) {
        evaluate_add(policy,
                     (struct effect){
                         .kind = EFFECT_NEED, .what = fact->name, .zh = fact->zh, .en = fact->en });
        return 0;
    }
    word = find_word(lua, policy, name, EFFECT_NEED);
    evaluate_add(
        policy,
        (struct effect){ .kind = EFFECT_NEED, .what = word->name, .zh = word->zh, .en = word->en });
    return 0;
}

static int say_refuse(lua_State *lua)
{
    struct policy *policy = speaking(lua);
    const struct word *word = find_word(lua, policy, text_at(lua, 1, "refuse"), EFFECT_REFUSE);

    evaluate_add(policy,
                 (struct effect){
                     .kind = EFFECT_REFUSE, .what = word->name, .zh = word->zh, .en = word->en });
    return 0;
}

/* "90s", "30m", "24h", "3d" in milliseconds; 0 when it is none of them. */
static int64_t duration(struct smg_str text)
{
    static const struct {
        char letter;
        int64_t ms;
    } units[] = { { 's', 1000 }, { 'm', 60000 }, { 'h', 3600000 }, { 'd', 86400000 } };
    int64_t number;
    size_t i;

    if (text.len < 2 || !str_to_int((struct smg_str){ text.at, text.len - 1 }, &number) ||
        number > 36500)
        return 0;
    for (i = 0; i < sizeof units / sizeof units[0]; i++)
        if (units[i].letter == text.at[text.len - 1])
            return number * units[i].ms;
    return 0;
}

/* The table of report and oblige: one word under `key` (a name, or 1), and `within`. */
static void check_keys(lua_State *lua, const char *what, const char *key)
{
    lua_pushnil(lua);
    while (lua_next(lua, 1) != 0) {
        bool known;

        lua_pop(lua, 1);
        if (lua_type(lua, -1) == LUA_TSTRING)
            known = str_is(text_at(lua, -1, what), "within") ||
                    (key != NULL && str_is(text_at(lua, -1, what), key));
        else
            known = key == NULL && lua_isinteger(lua, -1) && lua_tointeger(lua, -1) == 1;
        if (!known && lua_type(lua, -1) == LUA_TSTRING)
            luaL_error(lua, "%s: unknown key \"%s\"", what, lua_tostring(lua, -1));
        if (!known)
            luaL_error(lua, "%s: takes one word", what);
    }
}

static int64_t take_within(lua_State *lua, const char *what)
{
    int64_t within = 0;

    if (lua_getfield(lua, 1, "within") != LUA_TNIL) {
        within = duration(text_at(lua, -1, what));
        if (within == 0)
            luaL_error(lua, "%s: within is written as \"30m\", \"24h\" or \"3d\"", what);
    }
    lua_pop(lua, 1);
    return within;
}

/* What a rule writes is a literal, or a frozen table from the top of its file. */
static void take_table(lua_State *lua, const char *what)
{
    lua_settop(lua, 1);
    if (!lua_istable(lua, 1))
        luaL_error(lua, "%s needs a table in braces", what);
    if (freeze_content(lua, 1))
        lua_replace(lua, 1);
}

static int say_report(lua_State *lua)
{
    struct policy *policy = speaking(lua);
    const struct word *word;
    int64_t within;

    take_table(lua, "report");
    check_keys(lua, "report", "to");
    within = take_within(lua, "report");
    lua_getfield(lua, 1, "to");
    word = find_word(lua, policy, text_at(lua, -1, "report { to = }"), EFFECT_REPORT);
    evaluate_add(policy, (struct effect){ .kind = EFFECT_REPORT,
                                          .what = word->name,
                                          .zh = word->zh,
                                          .en = word->en,
                                          .to = word->name,
                                          .within_ms = within });
    return 0;
}

static int say_oblige(lua_State *lua)
{
    struct policy *policy = speaking(lua);
    const struct word *word;
    int64_t within = 0;

    if (lua_type(lua, 1) == LUA_TSTRING) {
        lua_settop(lua, 1);
    } else {
        take_table(lua, "oblige");
        check_keys(lua, "oblige", NULL);
        within = take_within(lua, "oblige");
        lua_rawgeti(lua, 1, 1);
    }
    word = find_word(lua, policy, text_at(lua, -1, "oblige"), EFFECT_OBLIGE);
    evaluate_add(policy, (struct effect){ .kind = EFFECT_OBLIGE,
                                          .what = word->name,
                                          .zh = word->zh,
                                          .en = word->en,
                                          .within_ms = within });
    return 0;
}

void words_push_rule(lua_State *lua)
{
    static const luaL_Reg words[] = { { "need", say_need },
                                      { "refuse", say_refuse },
                                      { "report", say_report },
                                      { "oblige", say_oblige },
                                      { NULL, NULL } };

    luaL_setfuncs(lua, words, 0);
}

/* ---- derivations ---- */

/* Names and values given here may be personal (a mixed-up argument), so no text of ours repeats
 * them. */

static struct policy *deriving(lua_State *lua)
{
    struct policy *policy = policy_of(lua);

    if (policy == NULL || policy->deriving < 0)
        luaL_error(lua, "this is known only inside `from`");
    return policy;
}

int words_field(lua_State *lua)
{
    struct policy *policy = deriving(lua);
    const struct smg_value *value;
    struct smg_str name;

    if (lua_type(lua, 1) != LUA_TSTRING)
        return luaL_error(lua, "field needs a name in quotes");
    name.at = lua_tolstring(lua, 1, &name.len);
    value = fields_get(policy->fields, name);
    if (value == NULL) {
        lua_pushnil(lua);
        return 1;
    }
    switch (value->type) {
    case SMG_BOOL:
        lua_pushboolean(lua, value->boolean);
        break;
    case SMG_INT:
        lua_pushinteger(lua, value->integer);
        break;
    case SMG_DATE:
        if (date_is_none(value->date))
            lua_pushnil(lua);
        else
            lua_pushinteger(lua, date_to_days(value->date));
        break;
    case SMG_TEXT:
        lua_pushlstring(lua, value->str.at, value->str.len);
        break;
    case SMG_BYTES: /* a picture says only that it is there */
        lua_pushboolean(lua, 1);
        break;
    default:
        lua_pushnil(lua);
    }
    return 1;
}

static int say_date(lua_State *lua)
{
    struct smg_date date;

    if (!date_parse(text_at(lua, 1, "date"), &date))
        return luaL_error(lua, "date is written as \"2026-01-31\"");
    lua_pushinteger(lua, date_to_days(date));
    return 1;
}

static struct smg_date day_at(lua_State *lua, int at)
{
    static const struct smg_date first = { 1, 1, 1 }, last = { 9999, 12, 31 };
    lua_Integer days;

    if (!lua_isinteger(lua, at))
        luaL_error(lua, "a day is a whole number of days since 1970-01-01");
    days = lua_tointeger(lua, at);
    if (days < date_to_days(first) || days > date_to_days(last))
        luaL_error(lua, "a day lies between the years 1 and 9999");
    return date_from_days((int32_t)days);
}

static int say_age(lua_State *lua)
{
    struct policy *policy = deriving(lua);

    lua_pushinteger(lua, date_age(day_at(lua, 1), policy->on));
    return 1;
}

static int say_years_before(lua_State *lua)
{
    struct policy *policy = deriving(lua);

    if (!lua_isinteger(lua, 1) || lua_tointeger(lua, 1) < 0 ||
        lua_tointeger(lua, 1) >= policy->on.year)
        return luaL_error(lua, "years_before needs a number of years, 0 or more");
    lua_pushinteger(lua, date_to_days(date_add_years(policy->on, -(int)lua_tointeger(lua, 1))));
    return 1;
}

static void set_text(lua_State *lua, const char *key, const char *text)
{
    if (text[0] == '\0')
        return;
    lua_pushstring(lua, text);
    lua_setfield(lua, -2, key);
}

/* The answer lies in Lua's memory, which is wiped when freed: filling the table may raise past us.
 */
static int say_number(lua_State *lua)
{
    struct policy *policy = deriving(lua);
    number_fn format;
    struct number_says *says = policy->says;

    if (lua_type(lua, 1) != LUA_TSTRING || lua_type(lua, 2) != LUA_TSTRING)
        return luaL_error(lua, "number needs a format and a text");
    format = number_format(text_at(lua, 1, "number"));
    if (format == NULL)
        return luaL_error(lua, "number: no such format");
    *says = (struct number_says){ 0 };
    sandbox_charge(lua, 20);
    format(text_at(lua, 2, "number"), policy->on, says);
    lua_createtable(lua, 0, 8);
    set_text(lua, "verdict", number_verdict_name(says->verdict));
    set_text(lua, "normal", says->normal);
    set_text(lua, "same", says->same);
    set_text(lua, "sex", says->sex == 'M' ? "male" : says->sex == 'F' ? "female" : "");
    set_text(lua, "region", says->region);
    set_text(lua, "nationality", says->nationality);
    lua_pushinteger(lua, says->warnings);
    lua_setfield(lua, -2, "warnings");
    if (!date_is_none(says->birth)) {
        lua_pushinteger(lua, date_to_days(says->birth));
        lua_setfield(lua, -2, "birth");
    }
    str_wipe(says, sizeof *says);
    return 1;
}

void words_push_vocabulary(lua_State *lua, const struct policy_set *set)
{
    static const luaL_Reg words[] = { { "date", say_date },
                                      { "age", say_age },
                                      { "years_before", say_years_before },
                                      { "number", say_number },
                                      { "number_example", example_number },
                                      { NULL, NULL } };

    luaL_setfuncs(lua, words, 0);
    document_push_all(lua, set);
    lua_setfield(lua, -2, "documents");
}
