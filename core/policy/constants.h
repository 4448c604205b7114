/* SPDX-License-Identifier: Apache-2.0 */
/* A static check: constants that a regulation compares with a fact, but that the fact can never
 * be. */
#ifndef POLICY_CONSTANTS_H
#define POLICY_CONSTANTS_H

#include "policy/policy.h"

/* Append "file:line: ..." for each comparison, and each key of a table that is looked up by a fact,
 * whose constant is none of the values the fact lists; and for whole numbers, where the listed
 * values cannot tell one side of the comparison from the other. Where a name may be several facts,
 * only what none of them can be is said. */
void constants_check(const struct policy_set *set, struct buf *problems);

#endif
