/* SPDX-License-Identifier: Apache-2.0 */
/* From a Lua state back to its sandbox and its evaluator: for the C functions that scripts call. */
#ifndef POLICY_REACH_H
#define POLICY_REACH_H

#include "policy/evaluate.h"

#include <lua.h>

static inline struct sandbox *sandbox_of(lua_State *lua)
{
    return *(struct sandbox **)lua_getextraspace(lua);
}

/* NULL while a set is being learned. */
static inline struct policy *policy_of(lua_State *lua)
{
    return sandbox_of(lua)->owner;
}

#endif
