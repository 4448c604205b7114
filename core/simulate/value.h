/* SPDX-License-Identifier: Apache-2.0 */
/* Values on their way between a script and the gateway: as JSON, as fields, and compared with what
 * a scenario expects. */
#ifndef SIMULATE_VALUE_H
#define SIMULATE_VALUE_H

#include "base/buf.h"

#include <lua.h>

struct cJSON;

/* Raises when tables lie so deep in each other that following them could go on for ever. */
void value_check_depth(lua_State *lua);

/* What a text becomes on its way: a label the value it stands for, an id its label, or itself. */
typedef struct smg_str (*value_text_fn)(void *ctx, struct smg_str text);

/* Append the value at `at` as JSON. Empty tables are left out. Raises when it cannot be. */
void value_write(lua_State *lua, int at, value_text_fn text, void *ctx, struct buf *out);
/* Push the sorted list of the keys of the table at `at`, which are texts: what is done with each of
 * them is then done in the same order every time. */
void value_push_keys(lua_State *lua, int at);
/* Push what a JSON value says. */
void value_push_json(lua_State *lua, const struct cJSON *json, value_text_fn text, void *ctx);
/* Append the value at `at` as a person would write it: { a, b }. */
void value_describe(lua_State *lua, int at, struct buf *out);
/* Does the value at `got` hold all that `wanted` says? Lists of scalars compare in any order, other
 * lists in theirs, tables by the keys of wanted. false: why says where they differ. */
bool value_matches(lua_State *lua, int got, int wanted, struct buf *why);

#endif
