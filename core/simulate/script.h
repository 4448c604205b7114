/* SPDX-License-Identifier: Apache-2.0 */
/* One run of one scenario: the Lua state with its words, and the world they act on. */
#ifndef SIMULATE_SCRIPT_H
#define SIMULATE_SCRIPT_H

#include "plugin/reply.h"
#include "policy/sandbox.h"
#include "simulate/choices.h"
#include "simulate/simulate.h"
#include "simulate/world.h"

#include <lua.h>

enum { SCRIPT_LABELS = 512, SCRIPT_CALLS = 256, SCRIPT_SETS = 16 };

/* What runs share: keys and policies. */
struct simulation {
    struct simulate_options options;
    struct keyring *keyring;
    struct {
        char *name; /* the folder and the stack */
        struct policy_set *set;
        struct rules spare; /* made once, used in one run after another */
    } sets[SCRIPT_SETS];
    size_t set_count;
};
/* Rules of the stack at `at` (a list of ids, with `from`, a folder seen from the file, perhaps), to
 * be given back; raises. */
void simulation_rules(lua_State *lua, int at, struct rules *out);
void simulation_give_back(struct simulation *simulation, struct rules *rules);

/* What a script calls "card 1" and what it stands for. */
struct label {
    char name[32];
    struct buf value;
};

struct script {
    struct simulation *simulation;
    const char *file;
    struct sandbox *box;
    struct world world;
    bool has_world;
    char counter[64], dealer[64]; /* who stands at the counter */
    struct choices *choices;
    struct buf choice_lines, steps, why;
    struct buf body;       /* of the newest request */
    struct buf difference; /* what the newest expect found */
    struct reply card;     /* the newest one read */
    struct label labels[SCRIPT_LABELS];
    size_t label_count;
    struct call calls[SCRIPT_CALLS];
    size_t call_count;
    unsigned pictures; /* taken so far */
    int64_t began_ms;
};
struct script *script_of(lua_State *lua);

/* A scenario of a file, as its header says. */
struct scenario {
    char *name, *article;
    unsigned runs;
};
/* Load the file and list its scenarios; false: problems says why. */
bool script_list(struct simulation *simulation, const char *file, struct smg_str text,
                 struct scenario **out, size_t *count, struct buf *problems);
void script_list_free(struct scenario *scenarios, size_t count);
/* Load the file anew and run one. script: zeroed; script_fini whatever comes. true: it passed. */
bool script_run(struct script *script, struct smg_str text, size_t which, struct choices *choices);
int64_t script_fini(struct script *script); /* how much time passed in its world, in ms */

/* For words: a line of what happened; an error with a whole text, which Lua's would cut. */
void script_step(struct script *script, const char *fmt, ...) SMG_PRINTF(2, 3);
int script_fail(lua_State *lua, const char *fmt, ...) SMG_PRINTF(2, 3);
/* The label of a value, or a new one, "KIND 1"; its text stays. Ids and tokens differ in every run,
 * so scripts see labels in their place. */
const char *script_label(lua_State *lua, const char *kind, struct smg_str value);
/* The label of an id, or the text itself; ctx is the Lua state. */
struct smg_str script_shown(void *ctx, struct smg_str text);
/* What a text stands for, or the text itself; ctx is the script. */
struct smg_str script_value(void *ctx, struct smg_str text);

/* Reading options: the text of a key of the table at `at`, or fallback; raises on another type. */
const char *script_text(lua_State *lua, int at, const char *key, const char *fallback);
int64_t script_ms(lua_State *lua, int at, const char *key, int64_t fallback); /* "15m" */
int64_t script_duration(lua_State *lua, const char *text);
int64_t script_moment(lua_State *lua, const char *text); /* "2026-03-02 10:00[:00]", in China */
/* Raises unless every key of the table at `at` is among those. */
void script_keys(lua_State *lua, int at, const char *what, const char *const *keys);

/* The words: of a person at the counter (counter.c), of what stands around (outside.c), of made-up
 * people (person.c). Each puts its functions into the table on top. */
void counter_push_words(lua_State *lua);
void outside_push_words(lua_State *lua);
void person_push_words(lua_State *lua);
/* Push a decision as scripts see it: verdict, lists of words, checks. */
struct cJSON;
void counter_push_decision(lua_State *lua, const struct cJSON *body);
/* Rows of the table at `at`, by id, as a scenario's header gives them. */
void outside_put_staff(lua_State *lua, const char *id, int at);
void outside_put_dealer(lua_State *lua, const char *id, int at);
void outside_set_service(lua_State *lua, const char *name, int at);
/* Who stands at the counter from now on; raises when the store knows no such person. */
void outside_stand(lua_State *lua, const char *id);

#endif
