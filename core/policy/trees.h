/* SPDX-License-Identifier: Apache-2.0 */
/* What rules were seen to say, so that they need not be run again. A rule is a pure function, so
 * the facts it reads, one after the other, are a tree: each reading leads on by the value read, to
 * the next reading or to what the rule says. The trees grow as cases come, by running the rule. */
#ifndef POLICY_TREES_H
#define POLICY_TREES_H

#include "policy/evaluate.h"

struct trees;
/* For one evaluator. NULL: out of memory. */
struct trees *trees_new(const struct policy_set *set);
void trees_free(struct trees *trees);

/* What the rules in force say of the case, as running them all would add it to out; facts they read
 * are derived as for them. false: they must be run after all, because something fails here or they
 * might overrun their common budget; the case and out are as they were. */
bool trees_run(struct trees *trees, struct policy *policy, struct decision *out);

#endif
