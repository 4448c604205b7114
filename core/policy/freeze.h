/* SPDX-License-Identifier: Apache-2.0 */
/* Making what was loaded read-only, so that no script keeps memory of a case. */
#ifndef POLICY_FREEZE_H
#define POLICY_FREEZE_H

#include <lua.h>
#include <stdbool.h>

/* Replace the table on top by an empty one that reads through to it and refuses every write. Only
 * this one table; what it holds stays as it is. */
void freeze_table(lua_State *lua);
/* Is the value at `at` a table made by freeze_table? Then push what it reads through to. */
bool freeze_content(lua_State *lua, int at);

/* Follows every closure and table reachable from the functions it is given, and freezes all tables.
 */
typedef void (*freeze_visit_fn)(void *ctx,
                                lua_State *lua); /* each Lua function, on top of the stack */

/* The functions are the values of the table on top, which is popped. Raises on what cannot be
 * frozen. */
void freeze_reachable(lua_State *lua, freeze_visit_fn visit, void *ctx);

#endif
