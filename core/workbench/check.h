/* SPDX-License-Identifier: Apache-2.0 */
/* What is wrong with a set as a whole, found over every case: rules that never or always bite,
 * facts nobody reads, effects that contradict each other, a region that loosens the nation's rules.
 */
#ifndef WORKBENCH_CHECK_H
#define WORKBENCH_CHECK_H

#include "workbench/space.h"

/* What was looked at, for the report. */
struct check_figures {
    size_t epochs;        /* days and regions on which other rules are in force */
    size_t runs;          /* of rules */
    struct natural cases; /* of the epoch with the most rules */
    int64_t cost;         /* no decision costs more instructions: the worst of each rule together */
};

/* Findings go to problems as "file:line: what". false: it could not be looked at (in problems,
 * too).
 */
bool check_exact(struct policy_set *set, struct check_figures *figures, struct buf *problems);

#endif
