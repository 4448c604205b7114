/* SPDX-License-Identifier: Apache-2.0 */
/* The kinds of document: the word that declares one, and the table that policies read. Inside the
 * room. */
#ifndef POLICY_DOCUMENT_H
#define POLICY_DOCUMENT_H

#include "policy/spec.h"

/* Learn what documents.lua says of one kind; false: out of memory, or too many. */
bool document_learn(struct spec *spec);
/* Under pcall: push `documents`, both the list of types and the table by type, frozen. */
void document_push_all(struct lua_State *lua, const struct policy_set *set);

#endif
