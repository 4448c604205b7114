/* SPDX-License-Identifier: Apache-2.0 */
/* What would make a case pass: the nearest case that is accepted.
 *
 * Nearest means the fewest facts that must be other than they are, a fact not known yet counting as
 * one; a value its fact `keeps` (a minor is a minor) is never other. Of several nearest cases it is
 * the one that keeps more of the first facts of the vocabulary, and takes the values listed first.
 */
#ifndef WORKBENCH_PASS_H
#define WORKBENCH_PASS_H

#include "policy/set.h"

/* The accepted cases of a set under the rules in force on a day in a region. Immutable: any number
 * of threads may ask. */
struct passing;
/* NULL: err says why. Some milliseconds; never on a loop's thread. */
struct passing *passing_new(struct policy_set *set, const char *region, struct smg_date on,
                            struct smg_date begun, struct smg_err *err);
struct passing *passing_share(struct passing *passing); /* one more owner */
void passing_free(struct passing *passing);             /* one owner less */
/* Were the same rules in force, biting alike, when the evaluator last decided? */
bool passing_fits(const struct passing *passing, const struct policy *policy);

struct pass_step {
    const struct fact *fact;
    int from, to;            /* indices of its values; from: negative when not known */
    const struct rule *rule; /* that asks for it */
};
enum { PASS_STEPS = 64 };

/* For the case the evaluator has decided last, every fact of it derived (policy_facts). Returns
 * how many steps, 0 for a case that passes, negative when nothing that can be brought makes it pass
 * (or memory ran out). steps has room for PASS_STEPS; more are not told. */
int passing_find(const struct passing *passing, const struct policy *policy,
                 struct pass_step *steps);

#endif
