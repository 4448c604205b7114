/* SPDX-License-Identifier: Apache-2.0 */
/* The state, its wiping allocator, and the one budget that keeps firing once it is spent. */
#include "policy/sandbox.h"

#include "policy/allowed.h"
#include "policy/reach.h"

#include <lauxlib.h>
#include <stdlib.h>

enum {
    STEP = 1000,      /* instructions between two looks at the budget */
    BYTES_A_UNIT = 16 /* allocating so many bytes costs as much as one instruction */
};

/* Error values of the engine's own: their addresses. Scripts cannot catch anything. */
static const char stopped, spent;

static void spend(struct sandbox *box, bool out_of_memory)
{
    box->spent = true;
    box->out_of_memory = out_of_memory;
    box->left = 0;
}

/* A refusal is final: were the request repeated after an emergency collection, a script living at
 * the limit could make the collector run without end. Strings have a limit of their own, because
 * comparing two of them is one instruction. */
static bool may_grow(struct sandbox *box, bool is_string, size_t from, size_t to)
{
    if (to <= from)
        return true;
    if (box->out_of_memory)
        return false;
    if (box->used - from + to > box->cap || to > box->block_max ||
        (is_string && to > SANDBOX_STRING_BYTES)) {
        spend(box, true);
        return false;
    }
    box->left -= (int64_t)((to - from) / BYTES_A_UNIT);
    return true;
}

static void *allocate(void *ctx, void *at, size_t from, size_t to)
{
    struct sandbox *box = ctx;
    bool is_string = at == NULL && from == LUA_TSTRING;
    void *moved = NULL;

    if (at == NULL)
        from = 0; /* it was the kind of the new object */
    if (!may_grow(box, is_string, from, to))
        return NULL;
    if (to > 0) {
        moved = malloc(to);
        /* Lua relies on shrinking never to fail. */
        if (moved == NULL && to <= from)
            moved = at;
        if (moved == NULL) {
            spend(box, true);
            return NULL;
        }
    }
    box->used = box->used - from + to;
    if (at != NULL && at != moved) {
        if (moved != NULL)
            memcpy(moved, at, from < to ? from : to);
        str_wipe(at, from);
        free(at);
    }
    return moved;
}

static void on_step(lua_State *lua, lua_Debug *activation)
{
    struct sandbox *box = sandbox_of(lua);

    (void)activation;
    box->left -= box->step;
    if (box->loading != NULL) /* Lua asks nobody for the place when memory runs out */
        sandbox_where(lua, &box->fault);
    if (box->left > 0 && !box->spent)
        return;
    if (!box->spent)
        spend(box, false);
    lua_sethook(lua, on_step, LUA_MASKCOUNT, 1);
    lua_pushlightuserdata(lua, (void *)&spent);
    lua_error(lua);
}

void sandbox_charge(lua_State *lua, int64_t work)
{
    struct sandbox *box = sandbox_of(lua);

    if (work > 0)
        box->left -= work;
    if (box->left > 0 && !box->spent)
        return;
    if (!box->spent)
        spend(box, false);
    lua_pushlightuserdata(lua, (void *)&spent);
    lua_error(lua);
}

int sandbox_stop(lua_State *lua)
{
    lua_pushlightuserdata(lua, (void *)&stopped);
    return lua_error(lua);
}

static int on_panic(lua_State *lua)
{
    /* Reached only through a call of ours outside sandbox_call. */
    (void)lua;
    abort();
}

static int prepare(lua_State *lua)
{
    allowed_prepare(lua);
    return 0;
}

struct sandbox *sandbox_new(void *owner)
{
    struct sandbox *box = calloc(1, sizeof *box);

    if (box == NULL)
        return NULL;
    box->owner = owner;
    box->trusting = true;
    box->cap = SANDBOX_LOAD_BYTES;
    box->block_max = SANDBOX_LOAD_BLOCK_BYTES;
    box->lua = lua_newstate(allocate, box);
    if (box->lua == NULL) {
        free(box);
        return NULL;
    }
    *(struct sandbox **)lua_getextraspace(box->lua) = box;
    lua_atpanic(box->lua, on_panic);
    sandbox_begin_load(box);
    lua_pushcfunction(box->lua, prepare);
    if (sandbox_call(box, 0, 0) != OUTCOME_RAN) {
        sandbox_free(box);
        return NULL;
    }
    return box;
}

void sandbox_free(struct sandbox *box)
{
    if (box == NULL)
        return;
    lua_close(box->lua);
    free(box);
}

static void begin(struct sandbox *box, int64_t instructions)
{
    box->left = instructions;
    box->spent = false;
    box->out_of_memory = false;
    box->own_text = false;
    sandbox_step(box, STEP);
}

void sandbox_step(struct sandbox *box, int instructions)
{
    box->step = instructions;
    lua_sethook(box->lua, on_step, LUA_MASKCOUNT, instructions);
}

void sandbox_begin_load(struct sandbox *box)
{
    begin(box, SANDBOX_LOAD_INSTRUCTIONS);
}

void sandbox_begin(struct sandbox *box)
{
    /* Garbage of earlier decisions must not eat into this one's memory. */
    if (box->used > box->base + SANDBOX_BYTES / 8)
        sandbox_tidy(box);
    begin(box, SANDBOX_INSTRUCTIONS);
}

void sandbox_settle(struct sandbox *box)
{
    sandbox_tidy(box);
    box->base = box->used;
    box->cap = box->base + SANDBOX_BYTES;
    box->block_max = SANDBOX_BLOCK_BYTES;
    box->trusting = false;
}

void sandbox_unsettle(struct sandbox *box)
{
    box->cap = box->used + SANDBOX_LOAD_BYTES;
    box->block_max = SANDBOX_LOAD_BLOCK_BYTES;
    box->trusting = true;
}

void sandbox_tidy(struct sandbox *box)
{
    struct sandbox before = *box;

    /* Lua shrinks its stack by making a smaller one first: that must not be refused. */
    box->out_of_memory = false;
    lua_gc(box->lua, LUA_GCCOLLECT);
    box->out_of_memory = before.out_of_memory;
    box->spent = before.spent;
    box->left = before.left;
}

void sandbox_where(lua_State *lua, struct fault *out)
{
    lua_Debug at;
    int level;

    out->line = 0;
    out->file[0] = '\0';
    for (level = 0; lua_getstack(lua, level, &at) == 1; level++) {
        lua_getinfo(lua, "Sl", &at);
        if (at.currentline <= 0)
            continue;
        out->line = at.currentline;
        snprintf(out->file, sizeof out->file, "%s", at.source + 1);
        return;
    }
}

/* Lua puts "file:line: " before its own texts; the fault has both already. */
static const char *without_place(const char *text, const struct fault *fault)
{
    char place[96];
    size_t len;

    snprintf(place, sizeof place, "%s:%d: ", fault->file, fault->line);
    len = strlen(place);
    return strncmp(text, place, len) == 0 ? text + len : text;
}

/* Runs where the error was raised, so that the place can still be seen. */
static int on_error(lua_State *lua)
{
    struct sandbox *box = sandbox_of(lua);
    struct fault *fault = &box->fault;
    const char *text;

    if (lua_touserdata(lua, 1) == &stopped)
        return 1;
    sandbox_where(lua, fault);
    text = lua_type(lua, 1) == LUA_TSTRING ? lua_tostring(lua, 1) : NULL;
    if (lua_touserdata(lua, 1) == &spent)
        text = "ran out of its budget";
    else if (box->own_text && !box->trusting)
        text = "the script raised an error";
    else if (text == NULL)
        text = "raised an error that is not a text";
    snprintf(fault->text, sizeof fault->text, "%s", without_place(text, fault));
    return 1;
}

enum ending sandbox_call(struct sandbox *box, int args, int results)
{
    lua_State *lua = box->lua;
    int base = lua_gettop(lua) - args, status;
    bool was_stopped;

    if (box->spent) {
        lua_settop(lua, base - 1);
        return OUTCOME_SPENT;
    }
    box->fault = (struct fault){ .text = "failed" };
    box->own_text = false;
    lua_pushcfunction(lua, on_error);
    lua_insert(lua, base);
    status = lua_pcall(lua, args, results, base);
    was_stopped = status != LUA_OK && lua_touserdata(lua, -1) == &stopped;
    lua_remove(lua, base);
    if (status == LUA_OK && !box->spent)
        return OUTCOME_RAN;
    lua_settop(lua, base - 1);
    if (box->spent) {
        if (box->out_of_memory)
            snprintf(box->fault.text, sizeof box->fault.text, "ran out of memory");
        return OUTCOME_SPENT;
    }
    return was_stopped ? OUTCOME_STOPPED : OUTCOME_FAILED;
}

/* A chunk's error begins "file:line: "; there is no running function to ask. */
static void take_place(struct fault *fault, const char *name, const char *text)
{
    size_t len = strlen(name);
    char *end;

    snprintf(fault->file, sizeof fault->file, "%s", name);
    fault->line = 1;
    if (strncmp(text, name, len) == 0 && text[len] == ':') {
        fault->line = (int)strtol(text + len + 1, &end, 10);
        text = end[0] == ':' && end[1] == ' ' ? end + 2 : end;
    }
    snprintf(fault->text, sizeof fault->text, "%s", text);
}

struct chunk {
    struct smg_str text;
    const char *name;
};

static int compile(lua_State *lua)
{
    const struct chunk *chunk = lua_touserdata(lua, 1);

    if (luaL_loadbufferx(lua, chunk->text.at, chunk->text.len, chunk->name, "t") != LUA_OK)
        return lua_error(lua);
    lua_pushvalue(lua, 2);
    lua_setupvalue(lua, -2, 1);
    return 1;
}

static int keep_error(lua_State *lua)
{
    struct sandbox *box = sandbox_of(lua);
    const char *text = lua_tostring(lua, 1);

    snprintf(box->fault.text, sizeof box->fault.text, "%s", text == NULL ? "?" : text);
    return 1;
}

enum ending sandbox_compile(struct sandbox *box, struct smg_str text, const char *name)
{
    lua_State *lua = box->lua;
    int env = lua_gettop(lua), status;
    char chunk_name[80], message[sizeof box->fault.text];
    struct chunk chunk = { text, chunk_name };

    /* "=" and not "@": Lua would shorten a long path. */
    snprintf(chunk_name, sizeof chunk_name, "=%s", name);
    box->fault = (struct fault){ .text = "ran out of memory" };
    lua_pushcfunction(lua, keep_error);
    lua_pushcfunction(lua, compile);
    lua_pushlightuserdata(lua, &chunk);
    lua_pushvalue(lua, env);
    status = box->spent ? LUA_ERRMEM : lua_pcall(lua, 2, 1, env + 1);
    if (status != LUA_OK || box->spent) {
        lua_settop(lua, env - 1);
        memcpy(message, box->fault.text, sizeof message);
        take_place(&box->fault, name, message);
        return OUTCOME_FAILED;
    }
    lua_replace(lua, env);
    lua_settop(lua, env);
    return OUTCOME_RAN;
}

/* "did you mean": the key of the table at `table` nearest to a name, or NULL. */
static const char *nearest_key(lua_State *lua, int table, struct smg_str name)
{
    const char *keys[64];
    size_t count = 0;

    lua_pushnil(lua);
    while (lua_next(lua, table) != 0) {
        lua_pop(lua, 1);
        if (lua_type(lua, -1) == LUA_TSTRING && count < sizeof keys / sizeof keys[0])
            keys[count++] = lua_tostring(lua, -1);
    }
    return str_nearest(name, keys, count);
}

static int refuse_read(lua_State *lua)
{
    struct smg_str name = { NULL, 0 };
    const char *near;

    if (lua_type(lua, 2) != LUA_TSTRING)
        return luaL_error(lua, "no such name");
    name.at = lua_tolstring(lua, 2, &name.len);
    near = nearest_key(lua, 1, name);
    if (near == NULL)
        return luaL_error(lua, "'%s' is not a name a policy may use", name.at);
    return luaL_error(lua, "'%s' is not a name a policy may use; did you mean '%s'?", name.at,
                      near);
}

static int refuse_write(lua_State *lua)
{
    const char *name = lua_type(lua, 2) == LUA_TSTRING ? lua_tostring(lua, 2) : "?";

    return luaL_error(lua, "writing the global '%s': make it local", name);
}

void sandbox_push_env(lua_State *lua)
{
    if (lua_getmetatable(lua, -1) == 0) {
        lua_createtable(lua, 0, 1);
        lua_pushcfunction(lua, refuse_read);
        lua_setfield(lua, -2, "__index");
    }
    lua_setmetatable(lua, -2);
    lua_newtable(lua);
    lua_createtable(lua, 0, 2);
    lua_pushvalue(lua, -3);
    lua_setfield(lua, -2, "__index");
    lua_pushcfunction(lua, refuse_write);
    lua_setfield(lua, -2, "__newindex");
    lua_setmetatable(lua, -2);
    lua_remove(lua, -2);
}

void sandbox_push_allowed(lua_State *lua)
{
    allowed_push(lua);
}
