/* SPDX-License-Identifier: Apache-2.0 */
/* Deciding again from facts that were kept, under the texts they were kept under or under others.
 */
#ifndef POLICY_REHEARING_H
#define POLICY_REHEARING_H

#include "policy/policy.h"

/* How facts kept by one set are read by an evaluator, of the same set or of another. */
struct rehearing;
/* Both outlive it; the evaluator only decides kept cases from now on. NULL: out of memory. */
struct rehearing *rehearing_new(const struct policy_set *kept, struct policy *policy);
void rehearing_free(struct rehearing *rehearing);

/* Decide from lines that policy_facts wrote for the kept set; a fact without a line was unknown.
 * false: they are no such lines. A rule that fails or overruns makes the decision broken, as in
 * policy_decide. */
bool rehearing_decide(struct rehearing *rehearing, struct smg_str facts, const char *region,
                      struct smg_date on, struct smg_date begun, struct decision *out);

/* Facts that the last decision read and that the kept lines cannot tell: the kept set does not have
 * them, or what it says of them can be several of the values they have now. Names belong to the
 * evaluator's set. How many; at most `room` are written. */
size_t rehearing_missing(const struct rehearing *rehearing, const char **names, size_t room);

#endif
