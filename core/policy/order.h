/* SPDX-License-Identifier: Apache-2.0 */
/* Order for scripts: sorting that no comparison can break, and walking a table in the order of its
 * keys, so that a decision never depends on the order of a hash. */
#ifndef POLICY_ORDER_H
#define POLICY_ORDER_H

#include <lua.h>

enum order { ORDER_LUA, ORDER_CALL, ORDER_KEYS };

/* Sort the list at `table` (no metatable), stably, in n log n comparisons whatever they answer: by
 * Lua's
 * <, by the function at `less`, or as keys (false, true, numbers, texts by bytes). */
void order_sort(lua_State *lua, int table, enum order order, int less);

int order_pairs(lua_State *lua); /* pairs and next, for scripts */
int order_next(lua_State *lua);
/* Is the value at `at` what pairs gives? It counts, so it must not outlive a decision. */
int order_is_iterator(lua_State *lua, int at);

#endif
