/* SPDX-License-Identifier: Apache-2.0 */
/* Every rule under every combination of the facts it really reads, one rule at a time. */
#ifndef POLICY_EXPLORE_H
#define POLICY_EXPLORE_H

#include "policy/evaluate.h"

/* One way through a rule: what it read, in order, with the values it saw; and what it said. */
struct path {
    const struct rule *rule;
    const uint16_t *facts;
    size_t fact_count;
    const int16_t *values; /* by fact, as in struct policy */
    const struct decision *said;
    enum ending outcome; /* fault is in the policy's sandbox */
};

/* false ends the exploration of this rule. */
typedef bool (*explore_fn)(void *ctx, const struct path *path);

struct exploration {
    size_t limit;       /* runs */
    struct smg_date on; /* the day of the case */
    bool unknown;       /* also as long as a fact is not known (FACT_UNKNOWN) */
    int step;           /* instructions between two looks at the budget; 0: as always */
};

/* *complete tells whether the limit was enough. Returns the runs made. */
size_t explore_rule(struct policy *policy, size_t rule, const struct exploration *how,
                    explore_fn fn, void *ctx, bool *complete);

/* A bounded look at every rule of a set that was just built: names that turn out unknown and errors
 * become problems with file and line. */
void explore_set(struct policy_set *set, struct buf *problems);

#endif
