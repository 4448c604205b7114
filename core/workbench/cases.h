/* SPDX-License-Identifier: Apache-2.0 */
/* One rule, whether in force or not: what it may say, and in which cases, exactly, as rows a person
 * can read. */
#ifndef WORKBENCH_CASES_H
#define WORKBENCH_CASES_H

#include "policy/explore.h"
#include "workbench/diagram.h"

/* Something the rule says. The texts belong to the set. */
struct saying {
    struct effect effect;
    diagram cases; /* over the facts of the set, each in its place, nothing unknown */
};

struct cases {
    const struct policy_set *set;
    struct diagrams *all;
    bool *reads; /* by fact of the set */
    struct saying *sayings;
    size_t count;
    bool complete; /* false: the rule has too many ways through to follow them all */
};

/* Explore the rule on the day it bites. false: err says why. */
bool cases_explore(struct policy *policy, size_t rule, struct cases *out, struct smg_err *err);
void cases_fini(struct cases *cases);

/* A row: each fact named has one of the values that are true in `values`. Rows of one saying
 * exclude each other; no conditions: in every case. */
struct condition {
    const struct fact *fact;
    bool values[FACT_VALUES];
};
enum { ROW_CONDITIONS = 64 };
typedef void (*row_fn)(void *ctx, const struct condition *conditions, size_t count);
/* false: there are more rows than `limit`; those were told. */
bool cases_rows(const struct cases *cases, size_t saying, size_t limit, row_fn fn, void *ctx);

#endif
