/* SPDX-License-Identifier: Apache-2.0 */
/* Kinds of document: what they are called, how a machine reads them, how long they are good for. */
#include "policy/document.h"

#include "policy/freeze.h"
#include "policy/number.h"
#include "policy/set.h"

#include <lauxlib.h>

enum { OLDEST = 150, YEARS_MOST = 99 };

static const char *const machines[] = { "none", "sdt", "emrtd", "mrz", NULL };

/* Where a term of another age belongs in the list, which is by age. */
static struct document_term *make_room(struct document_info *info, int age)
{
    size_t i = info->term_count;

    if (info->term_count == DOCUMENT_TERMS)
        return NULL;
    for (; i > 0 && info->terms[i - 1].age > age; i--)
        info->terms[i] = info->terms[i - 1];
    info->term_count++;
    return &info->terms[i];
}

/* A key and a value are on top: an age, and years or "long_term". */
static bool take_term(lua_State *lua, struct document_info *info)
{
    lua_Integer age = lua_isinteger(lua, -2) ? lua_tointeger(lua, -2) : -1;
    bool endless =
        lua_type(lua, -1) == LUA_TSTRING && strcmp(lua_tostring(lua, -1), "long_term") == 0;
    lua_Integer years = lua_isinteger(lua, -1) ? lua_tointeger(lua, -1) : 0;
    struct document_term *term;

    if (age < 0 || age > OLDEST || (!endless && (years < 1 || years > YEARS_MOST)))
        return false;
    term = make_room(info, (int)age);
    if (term == NULL)
        return false;
    *term = (struct document_term){ .age = (int)age, .years = endless ? 0 : (int)years };
    return true;
}

/* terms = { [0] = 5, [16] = 10, [46] = "long_term" } */
static void take_terms(struct spec *spec, struct document_info *info)
{
    lua_State *lua = spec->lua;
    bool good = true;

    if (lua_getfield(lua, spec->table, "terms") == LUA_TTABLE) {
        lua_pushnil(lua);
        while (lua_next(lua, -2) != 0) {
            good = good && take_term(lua, info);
            lua_pop(lua, 1);
        }
        good = good && info->term_count > 0 && info->terms[0].age == 0;
    } else {
        good = lua_isnil(lua, -1);
    }
    lua_pop(lua, 1);
    if (!good)
        spec_problem(spec,
                     "terms must be years (1 to %d, or \"long_term\") by age, from age 0 on and at "
                     "most %d of them",
                     YEARS_MOST, DOCUMENT_TERMS);
}

static void take_number(struct spec *spec, struct document_info *info)
{
    const char *formats[64];
    size_t i = 0;

    for (; i < 63 && number_format_name(i) != NULL; i++)
        formats[i] = number_format_name(i);
    formats[i] = NULL;
    if (spec_choice(spec, "number", formats, true) >= 0)
        info->number = spec_text(spec, "number", true);
}

static void take_all(struct spec *spec, struct document *document)
{
    static const char *const keys[] = { "zh",           "en",      "number", "person",
                                        "organisation", "machine", "dated",  "longest_days",
                                        "terms",        "since",   NULL };
    struct document_info *info = &document->info;
    int machine;

    spec_check_keys(spec, keys);
    *document = (struct document){ .info.type = set_keep(spec->loading->set, spec->name) };
    info->zh = spec_text(spec, "zh", true);
    info->en = spec_text(spec, "en", true);
    take_number(spec, info);
    info->person = spec_bool(spec, "person", true);
    info->organisation = spec_bool(spec, "organisation", true);
    machine = spec_choice(spec, "machine", machines, false);
    info->machine = machines[machine < 0 ? 0 : machine];
    info->dated = spec_bool(spec, "dated", false);
    take_terms(spec, info);
    document->longest_days = spec_positive(spec, "longest_days");
    document->since = spec_text(spec, "since", false);
    spec_date(spec, "since", false);
    if (!info->person && !info->organisation)
        spec_problem(spec, "is nobody's: person or organisation must be true");
}

bool document_learn(struct spec *spec)
{
    struct policy_set *set = spec->loading->set;
    struct document *documents;

    if (policy_document_find(set, spec->name) != NULL) {
        spec_problem(spec, "is declared twice");
        return true;
    }
    documents = set_grow(set->documents, set->document_count, sizeof *documents);
    if (documents == NULL || set->document_count == SET_DOCUMENTS)
        return false;
    set->documents = documents;
    take_all(spec, &documents[set->document_count]);
    return documents[set->document_count++].info.type != NULL;
}

bool document_has_chip(const struct document_info *info)
{
    return strcmp(info->machine, "sdt") == 0 || strcmp(info->machine, "emrtd") == 0;
}

static void set_text(lua_State *lua, const char *name, const char *text)
{
    if (text == NULL || text[0] == '\0')
        return;
    lua_pushstring(lua, text);
    lua_setfield(lua, -2, name);
}

static void set_bool(lua_State *lua, const char *name, bool truth)
{
    lua_pushboolean(lua, truth);
    lua_setfield(lua, -2, name);
}

/* A list of { age =, years = }, by age; long-term has no years. */
static void push_terms(lua_State *lua, const struct document_info *info)
{
    lua_createtable(lua, (int)info->term_count, 0);
    for (size_t i = 0; i < info->term_count; i++) {
        lua_createtable(lua, 0, 2);
        lua_pushinteger(lua, info->terms[i].age);
        lua_setfield(lua, -2, "age");
        if (info->terms[i].years > 0) {
            lua_pushinteger(lua, info->terms[i].years);
            lua_setfield(lua, -2, "years");
        }
        freeze_table(lua);
        lua_rawseti(lua, -2, (lua_Integer)i + 1);
    }
    freeze_table(lua);
}

static void push_document(lua_State *lua, const struct document *document)
{
    const struct document_info *info = &document->info;

    lua_createtable(lua, 0, 12);
    set_text(lua, "type", info->type);
    set_text(lua, "zh", info->zh);
    set_text(lua, "en", info->en);
    set_text(lua, "number", info->number);
    set_bool(lua, "person", info->person);
    set_bool(lua, "organisation", info->organisation);
    set_text(lua, "machine", info->machine);
    set_bool(lua, "chip", document_has_chip(info));
    set_bool(lua, "dated", info->dated);
    push_terms(lua, info);
    lua_setfield(lua, -2, "terms");
    if (document->longest_days > 0) {
        lua_pushinteger(lua, document->longest_days);
        lua_setfield(lua, -2, "longest_days");
    }
    set_text(lua, "since", document->since);
    freeze_table(lua);
}

void document_push_all(lua_State *lua, const struct policy_set *set)
{
    lua_createtable(lua, (int)set->document_count, (int)set->document_count);
    for (size_t i = 0; i < set->document_count; i++) {
        lua_pushstring(lua, set->documents[i].info.type);
        lua_rawseti(lua, -2, (lua_Integer)i + 1);
        push_document(lua, &set->documents[i]);
        lua_setfield(lua, -2, set->documents[i].info.type);
    }
    freeze_table(lua);
}
