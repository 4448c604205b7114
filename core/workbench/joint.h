/* SPDX-License-Identifier: Apache-2.0 */
/* One rule under two texts of its regulation, in every case at once: do both always say the same?
 */
#ifndef WORKBENCH_JOINT_H
#define WORKBENCH_JOINT_H

#include "policy/variant.h"

enum joint {
    JOINT_SAME,       /* in every case */
    JOINT_OTHERWISE,  /* in some case, which is left to be looked at */
    JOINT_FAILS,      /* the variant fails in some case; the fault is in the policy's sandbox */
    JOINT_UNFINISHED, /* too many cases, or no memory */
};

struct comparison {
    struct variant *variant;
    struct decision *said[2]; /* by the evaluator's own text, by the variant; of the last case */
    uint16_t *facts;          /* the facts that were read in it, in order; values in the policy */
    size_t fact_count;
    double cases; /* compared: every value, and not known, of every fact that either reads */
    size_t runs;  /* of the rule, ever */
    bool *read;   /* by fact: in some case */
};

/* false: out of memory. joint_end in any case. */
bool joint_begin(struct comparison *comparison, struct variant *variant);
void joint_end(struct comparison *comparison);

/* Every combination of the facts either text reads, each also not known. Exact: kinds, words,
 * recipients and deadlines of effects, and open questions, in any order. */
enum joint joint_compare(struct comparison *comparison, size_t rule);
/* In one case: the values of all facts, as in struct policy. */
enum joint joint_compare_in(struct comparison *comparison, size_t rule, const int16_t *values);

#endif
