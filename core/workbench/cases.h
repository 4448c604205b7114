/* SPDX-License-Identifier: Apache-2.0 */
/* One rule, whether in force or not: what it may say, and in which cases, exactly. */
#ifndef WORKBENCH_CASES_H
#define WORKBENCH_CASES_H

#include "policy/explore.h"
#include "workbench/diagram.h"

/* Something the rule says. The texts belong to the set. */
struct saying {
    struct effect effect;
    diagram cases; /* variable i is fact i of the set; nothing is unknown */
};

struct cases {
    const struct policy_set *set;
    struct diagrams *all; /* for table_rows */
    bool *reads;          /* by fact of the set */
    struct saying *sayings;
    size_t count;
    bool complete; /* false: the rule has too many ways through to follow them all */
};

/* Explore the rule on the day it bites. false: err says why. */
bool cases_explore(struct policy *policy, size_t rule, struct cases *out, struct smg_err *err);
void cases_fini(struct cases *cases);

#endif
