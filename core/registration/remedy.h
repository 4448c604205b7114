/* SPDX-License-Identifier: Apache-2.0 */
/* What would make a case pass, for whoever is told that it does not (law of 2022, article 32). */
#ifndef REGISTRATION_REMEDY_H
#define REGISTRATION_REMEDY_H

#include "loop/work.h"
#include "workbench/pass.h"

/* The acceptable cases of the sets that decide now, each worked out once, on a thread of its own.
 */
struct remedies;
struct remedies *remedies_new(struct smg_err *err);
void remedies_free(struct remedies *remedies);
/* Work them out before a set decides, for cases that begin in this region on this day, so that
 * nobody waits for it. Any thread but a loop's. */
void remedies_prepare(struct remedies *remedies, struct policy_set *set, const char *region,
                      struct smg_date on);

/* One case's request; the caller embeds it and sets these first. */
struct remedy_errand {
    struct loop *loop;
    void (*done)(void *ctx); /* on `loop`: decide again, and call remedies_write again */
    void *ctx;
    /* the remedies' */
    bool asked;
    struct remedies *remedies;
    struct policy_set *set;
    char region[8];
    struct smg_date on, begun;
    struct work_job job;
};
/* Append what would make the case pass that the evaluator has decided last (remedy_write). false:
 * the acceptable cases are being worked out first, the errand must live on, and its done will be
 * called. Appends nothing when remedies is NULL or they cannot be worked out. */
bool remedies_write(struct remedies *remedies, const struct policy *policy,
                    struct remedy_errand *errand, struct buf *out);

/* The member "to_pass" of a decision: the steps to the nearest acceptable case, or null when
 * nothing that can be brought makes it pass. passing fits the evaluator, which has derived every
 * fact. */
void remedy_write(const struct passing *passing, const struct policy *policy, struct buf *out);

#endif
