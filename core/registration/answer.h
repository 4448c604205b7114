/* SPDX-License-Identifier: Apache-2.0 */
/* A decision as JSON, for answers and for the record. */
#ifndef REGISTRATION_ANSWER_H
#define REGISTRATION_ANSWER_H

#include "policy/policy.h"

/* What a service said in the course of a case. */
struct check {
    char service[64], of[32], result[32], receipt[64];
};

/* The members of a decision, without the braces: "verdict":…,"needs":[…],… (interface: Decision).
 */
void answer_decision(struct buf *out, const struct decision *decision, const struct check *checks,
                     size_t check_count);

#endif
