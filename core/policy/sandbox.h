/* SPDX-License-Identifier: Apache-2.0 */
/* A Lua state that cannot run for ever, take all memory, keep what it saw, or reach anything but a
 * short list of functions. */
#ifndef POLICY_SANDBOX_H
#define POLICY_SANDBOX_H

#include "base/buf.h"

struct lua_State;

enum {
    SANDBOX_INSTRUCTIONS = 1000000, /* a decision */
    SANDBOX_BYTES = 8 << 20,        /* a decision, over what the loaded set needs */
    SANDBOX_LOAD_INSTRUCTIONS = 10000000,
    SANDBOX_LOAD_BYTES = 32 << 20,
    SANDBOX_STRING_BYTES = 16 << 10, /* one string */
    SANDBOX_BLOCK_BYTES = 256 << 10, /* one table, one stack */
    SANDBOX_LOAD_BLOCK_BYTES = 1 << 20,
    SANDBOX_SPREAD = 250 /* values table.unpack or string.byte may give at once */
};

/* How a call ended. */
enum ending {
    OUTCOME_RAN,
    OUTCOME_STOPPED, /* sandbox_stop: the engine itself ended it */
    OUTCOME_FAILED,  /* an error; where and why is in fault */
    OUTCOME_SPENT    /* the budget; nothing more runs until sandbox_begin */
};

/* Where a script failed, and why, in words that hold no value the script saw. */
struct fault {
    char file[64];
    int line;
    char text[160];
};

struct sandbox {
    struct lua_State *lua;
    void *owner;   /* whoever made it; for the C functions scripts call */
    void *loading; /* the same while files are loaded, else NULL */
    size_t used, base, cap, block_max;
    int64_t left; /* instructions */
    int step;     /* taken off each time the hook is called */
    bool spent;
    bool out_of_memory;
    bool own_text; /* the error being raised was worded by the script */
    bool trusting; /* show such words: while loading, nothing personal is known */
    struct fault fault;
};

/* An empty state with only the string methods; NULL: out of memory. */
struct sandbox *sandbox_new(void *owner);
void sandbox_free(struct sandbox *box);

/* A new budget, for loading or for one decision. */
void sandbox_begin_load(struct sandbox *box);
void sandbox_begin(struct sandbox *box);
/* After sandbox_begin: look at the budget every so many instructions, to measure what a call costs.
 */
void sandbox_step(struct sandbox *box, int instructions);
/* Everything is loaded: what is used now is not counted as a decision's. */
void sandbox_settle(struct sandbox *box);
/* Room for loading again, until the next sandbox_settle. */
void sandbox_unsettle(struct sandbox *box);
/* Collect all garbage, wiped. */
void sandbox_tidy(struct sandbox *box);
/* Call the function below its `args` arguments on the stack; on any other outcome than RAN, nothing
 * is left of them and of the results. */
enum ending sandbox_call(struct sandbox *box, int args, int results);
/* Compile a text (never bytecode) and leave it on the stack, with the value on top as its _ENV. The
 * name is what faults call it. */
enum ending sandbox_compile(struct sandbox *box, struct smg_str text, const char *name);

/* For C functions called by scripts. */
void sandbox_charge(struct lua_State *lua,
                    int64_t work);       /* C work counts as instructions; may raise */
int sandbox_stop(struct lua_State *lua); /* end the running call: OUTCOME_STOPPED */
/* The file and line of the innermost running script function; line 0 when there is none. */
void sandbox_where(struct lua_State *lua, struct fault *out);

/* Push the tables scripts share: `push_allowed` what every file may use, `push_env` an _ENV that
 * reads through the table on top (which it takes) and refuses every other name and every write. */
void sandbox_push_allowed(struct lua_State *lua);
void sandbox_push_env(struct lua_State *lua);

#endif
