/* SPDX-License-Identifier: Apache-2.0 */
/* What an expression of a regulation stands for, as far as its text tells without running it: which
 * facts it may read, which tables it may be. */
#ifndef POLICY_MEANT_H
#define POLICY_MEANT_H

#include "policy/set.h"
#include "policy/syntax.h"

/* The facts that case.customer.kind, case[who].document.type, or document.type of a parameter may
 * read, by the end of their names; also through local names for parts of the case. How many; at
 * most `room` are written. */
size_t meant_facts(const struct policy_set *set, const struct syntax *syntax, int node,
                   const struct fact **out, size_t room);

/* The tables an expression may be: itself, what a local begins with, or what the calls of a local
 * function give its parameter. How many; at most `room` are written. *all tells whether these are
 * all it can be. */
size_t meant_tables(const struct syntax *syntax, int node, int *out, size_t room, bool *all);

#endif
