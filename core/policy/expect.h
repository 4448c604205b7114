/* SPDX-License-Identifier: Apache-2.0 */
/* What a policy's tests say about a decision: with, expect and its kin. */
#ifndef POLICY_EXPECT_H
#define POLICY_EXPECT_H

#include "policy/policy.h"

#include <lua.h>

/* Push the decision as tests see it: verdict, and sorted lists without doubles. */
void expect_push_decision(lua_State *lua, const struct decision *decision);
/* Put the words into the environment table on top. */
void expect_push_words(lua_State *lua);
/* The same for all the words of a test file, these and decide, apply, test (testing.c). */
void testing_push_words(lua_State *lua);

#endif
