/* SPDX-License-Identifier: Apache-2.0 */
/* Reads what Lua 5.4 itself dumps of a function, to see two things before it ever runs: global
 * names that do not exist, and variables it changes that outlive it and so would be memory of a
 * case. */
#include "policy/load.h"

#include <lauxlib.h>

enum {
    OP_SETUPVAL = 10,
    OP_GETTABUP = 11,
    OP_SETTABUP = 15,
    UPVALUES = 255,
    HEADER_BYTES = 31, /* signature, version, format, data, three sizes, two numbers */
    ABSOLUTE_LINE = -128
};

enum {
    CONSTANT_INTEGER = 0x03,
    CONSTANT_FLOAT = 0x13,
    CONSTANT_SHORT = 0x04,
    CONSTANT_LONG = 0x14
};

struct reading {
    lua_State *lua; /* the root function at 1, its names at 2 */
    struct smg_str left;
    struct buf *problems;
    const char *file;
    int env; /* the root's upvalue that is its environment, or -1 */
};

/* One function within the dump. */
struct proto {
    int16_t
        outer[UPVALUES]; /* by its upvalue: the root's, or -1 for a variable of the root's call */
    int64_t line;
    struct smg_str code, constants, lines, absolute_lines;
};

static bool take_number(struct smg_str *view, int64_t *out)
{
    uint64_t number = 0;
    uint8_t byte;

    do {
        if (!take_u8(view, &byte) || number >> 50 != 0)
            return false;
        number = number << 7 | (byte & 0x7F);
    } while ((byte & 0x80) == 0);
    *out = (int64_t)number;
    return true;
}

static bool take_times(struct smg_str *view, size_t size, struct smg_str *out)
{
    int64_t count;

    return take_number(view, &count) && take_bytes(view, (size_t)count * size, out);
}

static bool take_string(struct smg_str *view, struct smg_str *out)
{
    int64_t size;

    return take_number(view, &size) && take_bytes(view, size == 0 ? 0 : (size_t)size - 1, out);
}

/* A constant; out is its text, or empty. */
static bool take_constant(struct smg_str *view, struct smg_str *out)
{
    struct smg_str number;
    uint8_t type;

    *out = (struct smg_str){ NULL, 0 };
    if (!take_u8(view, &type))
        return false;
    if (type == CONSTANT_SHORT || type == CONSTANT_LONG)
        return take_string(view, out);
    return (type != CONSTANT_INTEGER && type != CONSTANT_FLOAT) || take_bytes(view, 8, &number);
}

static bool take_constants(struct smg_str *view, struct smg_str *out)
{
    struct smg_str text;
    int64_t count;

    if (!take_number(view, &count))
        return false;
    out->at = view->at;
    for (; count > 0; count--)
        if (!take_constant(view, &text))
            return false;
    out->len = (size_t)(view->at - out->at);
    return true;
}

static struct smg_str constant_at(struct smg_str constants, unsigned i)
{
    struct smg_str text = { NULL, 0 };

    do {
        if (!take_constant(&constants, &text))
            return (struct smg_str){ NULL, 0 };
    } while (i-- > 0);
    return text;
}

/* The line of an instruction: differences from the function's own, with whole numbers in between.
 */
static int line_of(const struct proto *proto, size_t instruction)
{
    struct smg_str absolute = proto->absolute_lines;
    int64_t line = proto->line, at = 0, to = 0;
    size_t i;

    for (i = 0; i <= instruction && i < proto->lines.len; i++) {
        signed char step = (signed char)proto->lines.at[i];

        if (step != ABSOLUTE_LINE)
            line += step;
        else if (take_number(&absolute, &at) && take_number(&absolute, &to))
            line = to;
    }
    return (int)line;
}

static void check_name(struct reading *reading, struct smg_str name, int line)
{
    const char *names[64], *near;
    size_t count = 0;

    lua_pushlstring(reading->lua, name.at, name.len);
    if (lua_rawget(reading->lua, 2) != LUA_TNIL) {
        lua_pop(reading->lua, 1);
        return;
    }
    lua_pop(reading->lua, 1);
    lua_pushnil(reading->lua);
    while (lua_next(reading->lua, 2) != 0) {
        lua_pop(reading->lua, 1);
        if (count < sizeof names / sizeof names[0])
            names[count++] = lua_tostring(reading->lua, -1);
    }
    near = str_nearest(name, names, count);
    set_problem(reading->problems, reading->file, line,
                near == NULL ? "'%.*s' is not a name a policy may use"
                             : "'%.*s' is not a name a policy may use; did you mean '%s'?",
                (int)name.len, name.at, near);
}

/* Is this upvalue of the function the root's environment? */
static bool is_env(const struct reading *reading, const struct proto *proto, unsigned upvalue)
{
    return reading->env >= 0 && upvalue < UPVALUES && proto->outer[upvalue] == reading->env;
}

static void check_code(struct reading *reading, const struct proto *proto)
{
    size_t i;

    for (i = 0; i < proto->code.len / 4; i++) {
        uint32_t word;
        unsigned op, a, b, c;

        memcpy(&word, proto->code.at + 4 * i, sizeof word);
        op = word & 0x7F;
        a = word >> 7 & 0xFF;
        b = word >> 16 & 0xFF;
        c = word >> 24;
        if (op == OP_SETUPVAL && b < UPVALUES && proto->outer[b] >= 0)
            set_problem(reading->problems, reading->file, line_of(proto, i),
                        "changes a variable outside the function: a policy keeps no memory");
        else if (op == OP_SETTABUP && is_env(reading, proto, a))
            set_problem(reading->problems, reading->file, line_of(proto, i),
                        "writing the global '%.*s': make it local",
                        (int)constant_at(proto->constants, b).len,
                        constant_at(proto->constants, b).at);
        else if (op == OP_GETTABUP && is_env(reading, proto, b))
            check_name(reading, constant_at(proto->constants, c), line_of(proto, i));
    }
}

/* The root's own upvalues when outer is NULL. */
static bool take_upvalues(struct smg_str *view, const struct proto *outer, struct proto *out)
{
    struct smg_str upvalues;
    size_t i;

    if (!take_times(view, 3, &upvalues) || upvalues.len / 3 > UPVALUES)
        return false;
    for (i = 0; i < upvalues.len / 3; i++) {
        uint8_t in_stack = (uint8_t)upvalues.at[3 * i], at = (uint8_t)upvalues.at[3 * i + 1];

        out->outer[i] = -1;
        if (outer == NULL)
            out->outer[i] = (int16_t)i;
        else if (in_stack == 0 && at < UPVALUES)
            out->outer[i] = outer->outer[at];
    }
    return true;
}

static bool take_debug(struct smg_str *view, struct proto *out)
{
    int64_t count, number;
    struct smg_str name;

    if (!take_times(view, 1, &out->lines) || !take_number(view, &count))
        return false;
    out->absolute_lines.at = view->at;
    for (count *= 2; count > 0; count--) /* pairs of an instruction and its line */
        if (!take_number(view, &number))
            return false;
    out->absolute_lines.len = (size_t)(view->at - out->absolute_lines.at);
    if (!take_number(view, &count))
        return false;
    for (; count > 0; count--) { /* local variables: a name, where it begins and ends */
        if (!take_string(view, &name) || !take_number(view, &number))
            return false;
        if (!take_number(view, &number))
            return false;
    }
    if (!take_number(view, &count))
        return false;
    for (; count > 0; count--) /* names of upvalues */
        if (!take_string(view, &name))
            return false;
    return true;
}

static bool take_proto(struct reading *reading, const struct proto *outer)
{
    struct smg_str *view = &reading->left, skipped;
    struct proto proto = { .line = 0 };
    int64_t count;

    if (!take_string(view, &skipped) || !take_number(view, &proto.line) ||
        !take_number(view, &count) || !take_bytes(view, 3, &skipped) ||
        !take_times(view, 4, &proto.code) || !take_constants(view, &proto.constants) ||
        !take_upvalues(view, outer, &proto) || !take_number(view, &count))
        return false;
    for (; count > 0; count--)
        if (!take_proto(reading, &proto))
            return false;
    if (!take_debug(view, &proto))
        return false;
    check_code(reading, &proto);
    return true;
}

static int write_dump(lua_State *lua, const void *at, size_t len, void *ctx)
{
    (void)lua;
    buf_put(ctx, at, len);
    return ((struct buf *)ctx)->failed;
}

/* Leave at 2 the names behind the root's _ENV; its upvalue's number, or -1. */
static int find_env(lua_State *lua)
{
    const char *name;
    int i;

    for (i = 1; (name = lua_getupvalue(lua, 1, i)) != NULL; i++) {
        if (strcmp(name, "_ENV") == 0 && luaL_getmetafield(lua, -1, "__index") == LUA_TTABLE) {
            lua_replace(lua, 2);
            lua_settop(lua, 2);
            return i - 1;
        }
        lua_settop(lua, 2);
    }
    return -1;
}

static int check_root(lua_State *lua)
{
    static const char header[] = LUA_SIGNATURE "\x54\x00\x19\x93\r\n\x1a\n\x04\x08\x08";
    struct reading *reading = lua_touserdata(lua, 2);
    struct smg_str start;
    lua_Debug about;

    lua_pushvalue(lua, 1);
    lua_getinfo(lua, ">S", &about);
    reading->lua = lua;
    reading->file = about.source + 1;
    reading->env = find_env(lua);
    if (!take_bytes(&reading->left, HEADER_BYTES + 1, &start) ||
        memcmp(start.at, header, sizeof header - 1) != 0 || !take_proto(reading, NULL) ||
        reading->left.len != 0)
        set_problem(reading->problems, reading->file, about.linedefined,
                    "this Lua's code cannot be checked");
    return 0;
}

void bytecode_check(lua_State *lua, struct buf *problems)
{
    struct reading reading = { .problems = problems };
    struct buf dump = { 0 };

    /* Reading may raise when Lua has no memory left; the dump must be freed all the same. */
    if (lua_dump(lua, write_dump, &dump, 0) == 0) {
        reading.left = buf_view(&dump);
        lua_pushvalue(lua, -1);
        lua_pushcfunction(lua, check_root);
        lua_insert(lua, -2);
        lua_pushlightuserdata(lua, &reading);
        if (lua_pcall(lua, 2, 0, 0) != LUA_OK) {
            lua_pop(lua, 1);
            set_problem(problems, "policies", 0, "out of memory");
        }
    } else {
        set_problem(problems, "policies", 0, "out of memory");
    }
    buf_fini(&dump);
}
