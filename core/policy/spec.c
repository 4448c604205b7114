/* SPDX-License-Identifier: Apache-2.0 */
/* One accessor for each kind of value a declaration may hold. */
#include "policy/spec.h"

#include <lauxlib.h>

enum { TEXT_BYTES = 2000 };

void spec_problem(struct spec *spec, const char *fmt, ...)
{
    char text[300];
    va_list args;

    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    if (spec->name.len == 0)
        set_problem(spec->loading->problems, spec->file, spec->line, "%s: %s", spec->what, text);
    else
        set_problem(spec->loading->problems, spec->file, spec->line, "%s \"%.*s\": %s", spec->what,
                    (int)(spec->name.len > NAME_BYTES ? NAME_BYTES : spec->name.len), spec->name.at,
                    text);
}

void spec_check_keys(struct spec *spec, const char *const *keys)
{
    size_t count = 0, i;

    while (keys[count] != NULL)
        count++;
    lua_pushnil(spec->lua);
    while (lua_next(spec->lua, spec->table) != 0) {
        struct smg_str key = { NULL, 0 };
        const char *near;

        lua_pop(spec->lua, 1);
        if (lua_type(spec->lua, -1) != LUA_TSTRING) {
            spec_problem(spec, "only named keys can stand in it");
            continue;
        }
        key.at = lua_tolstring(spec->lua, -1, &key.len);
        for (i = 0; i < count && !str_is(key, keys[i]); i++)
            ;
        if (i < count)
            continue;
        near = str_nearest(key, keys, count);
        if (near != NULL)
            spec_problem(spec, "unknown key \"%.40s\"; did you mean \"%s\"?", key.at, near);
        else
            spec_problem(spec, "unknown key \"%.40s\"", key.at);
    }
}

/* Push the value; false (and nothing pushed) when absent or of another type. */
static bool push_value(struct spec *spec, const char *key, int type, bool required)
{
    int found;

    lua_pushstring(spec->lua, key);
    found = lua_rawget(spec->lua, spec->table);
    if (found == type)
        return true;
    lua_pop(spec->lua, 1);
    if (found != LUA_TNIL)
        spec_problem(spec, "%s must be a %s, not a %s", key, lua_typename(spec->lua, type),
                     lua_typename(spec->lua, found));
    else if (required)
        spec_problem(spec, "has no %s", key);
    return false;
}

const char *spec_text(struct spec *spec, const char *key, bool required)
{
    struct smg_str text;
    const char *kept = NULL;

    if (!push_value(spec, key, LUA_TSTRING, required))
        return NULL;
    text.at = lua_tolstring(spec->lua, -1, &text.len);
    if (required && text.len == 0)
        spec_problem(spec, "%s is empty", key);
    else if (text.len > TEXT_BYTES || !str_is_utf8(text))
        spec_problem(spec, "%s is no text of at most %d bytes", key, TEXT_BYTES);
    else
        kept = set_keep(spec->loading->set, text);
    lua_pop(spec->lua, 1);
    return kept;
}

int spec_choice(struct spec *spec, const char *key, const char *const *choices, bool required)
{
    const char *text = spec_text(spec, key, required), *near;
    size_t count = 0;
    int i;

    if (text == NULL)
        return required ? -1 : 0;
    for (i = 0; choices[i] != NULL; i++, count++)
        if (strcmp(text, choices[i]) == 0)
            return i;
    near = str_nearest(str_of(text), choices, count);
    if (near != NULL)
        spec_problem(spec, "%s = \"%.40s\" is unknown; did you mean \"%s\"?", key, text, near);
    else
        spec_problem(spec, "%s = \"%.40s\" is unknown", key, text);
    return -1;
}

bool spec_bool(struct spec *spec, const char *key, bool required)
{
    bool value;

    if (!push_value(spec, key, LUA_TBOOLEAN, required))
        return false;
    value = lua_toboolean(spec->lua, -1) != 0;
    lua_pop(spec->lua, 1);
    return value;
}

struct smg_date spec_date(struct spec *spec, const char *key, bool required)
{
    const char *text = spec_text(spec, key, required);
    struct smg_date date = DATE_NONE;

    if (text != NULL && !date_parse(str_of(text), &date))
        spec_problem(spec, "%s = \"%.40s\" is not a day: write \"2026-01-31\"", key, text);
    return date;
}

int64_t spec_positive(struct spec *spec, const char *key)
{
    int64_t number = 0;

    if (!push_value(spec, key, LUA_TNUMBER, false))
        return 0;
    if (!lua_isinteger(spec->lua, -1) || lua_tointeger(spec->lua, -1) <= 0)
        spec_problem(spec, "%s must be a whole number above 0", key);
    else
        number = lua_tointeger(spec->lua, -1);
    lua_pop(spec->lua, 1);
    return number;
}

int spec_function(struct spec *spec, const char *key, bool required)
{
    if (!push_value(spec, key, LUA_TFUNCTION, required))
        return LUA_NOREF;
    if (lua_iscfunction(spec->lua, -1)) {
        lua_pop(spec->lua, 1);
        spec_problem(spec, "%s must be a function written in this language", key);
        return LUA_NOREF;
    }
    return luaL_ref(spec->lua, LUA_REGISTRYINDEX);
}
