/* SPDX-License-Identifier: Apache-2.0 */
/* What one worker decides by: a set with an evaluator of the worker's own, and perhaps a draft with
 * another beside it. */
#ifndef RELEASE_RULES_H
#define RELEASE_RULES_H

#include "release/shadow.h"

struct rules {
    struct policy_set *set;
    struct policy *policy;
    struct shadow *shadow; /* NULL: there is no draft */
    struct policy *draft;
};

/* Shares set and shadow. Takes milliseconds, and so does giving rules back: not on a loop. */
int rules_make(struct policy_set *set, struct shadow *shadow, struct rules *out,
               struct smg_err *err);
void rules_free(struct rules *rules);

#endif
