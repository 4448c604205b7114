/* SPDX-License-Identifier: Apache-2.0 */
/* A draft beside the active set: every case that was answered is decided once more by the draft,
 * and what would have been different is counted by rule and shown with a few examples: facts only,
 * nothing of a person. Whatever the draft does, the answer is out already. */
#ifndef RELEASE_SHADOW_H
#define RELEASE_SHADOW_H

#include "policy/policy.h"

/* The counts, shared by all workers; any thread. */
struct shadow;
/* Shares both sets. NULL: out of memory. */
struct shadow *shadow_new(struct policy_set *active, struct policy_set *draft, int64_t now_ms);
struct shadow *shadow_share(struct shadow *shadow); /* one more owner */
void shadow_free(struct shadow *shadow);            /* one owner less; NULL is fine */
struct policy_set *shadow_draft(struct shadow *shadow);

/* A case as the active set decided it. */
struct shadow_case {
    const struct smg_fields *fields;
    const char *region;
    struct smg_date begun;
    const struct answer *answers;
    size_t answer_count;
    const struct decision *decision;
    struct smg_str facts; /* as policy_facts gave them */
    int64_t decided_us;   /* what that decision took */
    int64_t at_ms;
};
/* Decide it by the draft (an evaluator of shadow_draft, the calling thread's own) and count. */
void shadow_decide(struct shadow *shadow, struct policy *draft, const struct shadow_case *it);

/* A JSON object, and Prometheus text. */
void shadow_write(struct shadow *shadow, struct buf *out);
void shadow_metrics(struct shadow *shadow, struct buf *out);

#endif
