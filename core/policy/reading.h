/* SPDX-License-Identifier: Apache-2.0 */
/* Deciding again from facts that were kept, under the texts they were kept under or under others.
 */
#ifndef POLICY_READING_H
#define POLICY_READING_H

#include "policy/policy.h"

/* How facts kept by one set are read by an evaluator, of the same set or of another. */
struct reading;
/* Both outlive it; the evaluator only decides kept cases from now on. NULL: out of memory. */
struct reading *reading_new(const struct policy_set *kept, struct policy *policy);
void reading_free(struct reading *reading);

/* Decide from lines that policy_facts wrote for the kept set; a fact without a line was unknown.
 * false: they are no such lines. A rule that fails or overruns makes the decision broken, as in
 * policy_decide. */
bool reading_decide(struct reading *reading, struct smg_str facts, const char *region,
                    struct smg_date on, struct smg_date begun, struct decision *out);

/* Facts that the last decision read and that the kept lines cannot tell: the kept set does not have
 * them, or what it says of them can be several of the values they have now. Names belong to the
 * evaluator's set. How many; at most `room` are written. */
size_t reading_missing(const struct reading *reading, const char **names, size_t room);

#endif
