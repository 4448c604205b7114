/* SPDX-License-Identifier: Apache-2.0 */
/* What editors and linters need to know of a policy set: definitions for the Lua language server
 * and the configuration of luacheck, out of the vocabulary as it is loaded. */
#ifndef WORKBENCH_DEFINITIONS_H
#define WORKBENCH_DEFINITIONS_H

#include "policy/set.h"

/* The i-th file, NULL after the last: its place below the folder that holds the policies, and its
 * text, the same bytes for the same set. */
const char *definitions_name(size_t i);
/* false: out of memory. */
bool definitions_write(const struct policy_set *set, size_t i, struct buf *out);

#endif
