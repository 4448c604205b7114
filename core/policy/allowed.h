/* SPDX-License-Identifier: Apache-2.0 */
/* The short list of Lua's own functions that scripts may use, each bounded in what one call can
 * cost. */
#ifndef POLICY_ALLOWED_H
#define POLICY_ALLOWED_H

#include <lua.h>

/* Once in a new state: make the shared tables and the methods of strings. Raises on lack of memory.
 */
void allowed_prepare(lua_State *lua);
/* Push a new table with the allowed globals; the libraries in it are read-only and shared. */
void allowed_push(lua_State *lua);

#endif
