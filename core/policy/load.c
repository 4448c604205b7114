/* SPDX-License-Identifier: Apache-2.0 */
/* Compile and run each file in an environment of its own, then freeze all they left behind. */
#include "policy/load.h"
#include "policy/reach.h"

#include "policy/coverage.h"
#include "policy/evaluate.h"
#include "policy/freeze.h"

#include <lauxlib.h>

/* Under pcall: the environment of the file that loads. */
static int push_env(lua_State *lua)
{
    struct loading *loading = sandbox_of(lua)->loading;

    if (loading->kind == KIND_VOCABULARY && loading->names != LUA_NOREF) {
        lua_rawgeti(lua, LUA_REGISTRYINDEX,
                    loading->names); /* one `day` for the whole vocabulary */
        sandbox_push_env(lua);
        return 1;
    }
    sandbox_push_allowed(lua);
    declare_push_words(lua, loading->kind);
    if (loading->kind == KIND_VOCABULARY) {
        words_push_vocabulary(lua, loading->set);
        lua_pushvalue(lua, -1);
        loading->names = luaL_ref(lua, LUA_REGISTRYINDEX);
    }
    if (loading->kind == KIND_REGULATION)
        words_push_rule(lua);
    sandbox_push_env(lua);
    return 1;
}

static void put_fault(struct loading *loading, const struct fault *fault)
{
    const char *file = loading->set->files[loading->file].name;

    set_problem(loading->problems, fault->file[0] == '\0' ? file : fault->file, fault->line, "%s",
                fault->text);
}

/* Everything a text file must be before Lua sees it. */
static bool text_is_sound(struct loading *loading, const struct file *file, struct smg_str rest)
{
    int line = 1;

    while (rest.len > 0) {
        const char *end = memchr(rest.at, '\n', rest.len);
        size_t len = end == NULL ? rest.len : (size_t)(end - rest.at) + 1;

        if (!str_is_utf8((struct smg_str){ rest.at, len })) {
            set_problem(loading->problems, file->name, line, "is not UTF-8 text");
            return false;
        }
        rest.at += len;
        rest.len -= len;
        line++;
    }
    return true;
}

void load_file(struct loading *loading)
{
    const struct file *file = &loading->set->files[loading->file];
    struct sandbox *box = loading->box;
    bool counted = loading->set->counted && loading->file >= FILE_REGULATIONS;
    struct smg_str text = loading->instead.at != NULL ? loading->instead : buf_view(&file->text);

    if (!text_is_sound(loading, file, text))
        return;
    sandbox_begin_load(box);
    loading->open = false;
    lua_pushcfunction(box->lua, push_env);
    if (sandbox_call(box, 0, 1) != OUTCOME_RAN ||
        sandbox_compile(box, text, file->name) != OUTCOME_RAN) {
        put_fault(loading, &box->fault);
        return;
    }
    loading->running = true;
    if (counted)
        lua_pushcfunction(box->lua, coverage_met);
    if (sandbox_call(box, counted ? 1 : 0, 0) != OUTCOME_RAN)
        put_fault(loading, &box->fault);
    else
        declare_check_open(loading);
    loading->running = false;
}

static void push_function(lua_State *lua, int reference, lua_Integer *count)
{
    if (reference == LUA_NOREF)
        return;
    lua_rawgeti(lua, LUA_REGISTRYINDEX, reference);
    lua_rawseti(lua, -2, ++*count);
}

static void visit(void *ctx, lua_State *lua)
{
    struct loading *loading = ctx;

    if (loading->learning)
        bytecode_check(lua, loading->problems);
}

/* Under pcall. */
static int freeze(lua_State *lua)
{
    struct loading *loading = sandbox_of(lua)->loading;
    lua_Integer count = 0;
    size_t i;

    lua_rawgeti(lua, LUA_REGISTRYINDEX, loading->names);
    lua_pushinteger(lua, 0);
    lua_setfield(lua, -2, "day");
    lua_pop(lua, 1);
    lua_newtable(lua);
    for (i = 0; i < loading->set->fact_count; i++) {
        push_function(lua, loading->from[i], &count);
        push_function(lua, loading->example[i], &count);
    }
    for (i = 0; i < loading->set->rule_count; i++) {
        push_function(lua, loading->applies[i], &count);
        push_function(lua, loading->check[i], &count);
    }
    freeze_reachable(lua, visit, loading);
    return 0;
}

/* Under pcall. */
static int freeze_again(lua_State *lua)
{
    struct loading *loading = sandbox_of(lua)->loading;
    lua_Integer count = 0;
    size_t i;

    lua_newtable(lua);
    for (i = 0; i < loading->set->rule_count; i++)
        if (loading->set->rules[i].regulation == loading->file - FILE_REGULATIONS) {
            push_function(lua, loading->applies[i], &count);
            push_function(lua, loading->check[i], &count);
        }
    freeze_reachable(lua, visit, loading);
    return 0;
}

bool load_again(struct loading *loading, size_t file)
{
    struct sandbox *box = loading->box;
    size_t before = loading->problems->len;

    sandbox_unsettle(box);
    box->loading = loading;
    loading->file = file;
    loading->kind = KIND_REGULATION;
    load_file(loading);
    if (loading->problems->len == before) {
        lua_pushcfunction(box->lua, freeze_again);
        if (sandbox_call(box, 0, 0) != OUTCOME_RAN)
            put_fault(loading, &box->fault);
    }
    box->loading = NULL;
    sandbox_settle(box);
    return loading->problems->len == before && !loading->problems->failed;
}

bool load_run(struct loading *loading)
{
    struct sandbox *box = loading->box;
    size_t before = loading->problems->len;

    box->loading = loading;
    loading->names = LUA_NOREF;
    for (loading->file = 0; loading->file < loading->set->file_count; loading->file++) {
        loading->kind = loading->file == FILE_DOCUMENTS    ? KIND_DOCUMENTS
                        : loading->file < FILE_REGULATIONS ? KIND_VOCABULARY
                                                           : KIND_REGULATION;
        load_file(loading);
    }
    if (loading->problems->len == before) {
        sandbox_begin_load(box);
        lua_pushcfunction(box->lua, freeze);
        if (sandbox_call(box, 0, 0) != OUTCOME_RAN)
            set_problem(loading->problems, "policies", 0, "%s", box->fault.text);
    }
    box->loading = NULL;
    sandbox_settle(box);
    return loading->problems->len == before && !loading->problems->failed;
}
