/* SPDX-License-Identifier: Apache-2.0 */
/* The names each kind of policy file may use, as its environment really has them: for editors and
 * linters. */
#ifndef POLICY_NAMES_H
#define POLICY_NAMES_H

#include "policy/set.h"

enum names_of {
    NAMES_EVERYWHERE, /* what Lua itself offers here */
    NAMES_DOCUMENTS,
    NAMES_VOCABULARY,
    NAMES_REGULATION,
    NAMES_PROCESSES,
    NAMES_ARTICLES,
    NAMES_PROPERTIES,
    NAMES_TEST,
    NAMES_KINDS
};

/* Call fn for each name, in the order of the alphabet, and for each field of one that is a table,
 * right after it; field is NULL for the name itself. Beyond NAMES_EVERYWHERE, a kind gives only
 * what it has on top of that. false: out of memory. */
typedef void (*names_fn)(void *ctx, const char *name, const char *field);
bool names_each(const struct policy_set *set, enum names_of kind, names_fn fn, void *ctx);

#endif
