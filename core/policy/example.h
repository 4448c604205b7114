/* SPDX-License-Identifier: Apache-2.0 */
/* The way back from facts to fields: a case, made up, of which a policy derives the wanted facts.
 */
#ifndef POLICY_EXAMPLE_H
#define POLICY_EXAMPLE_H

#include "policy/policy.h"

/* Fields under which the policy derives the wanted facts, and the answers to give beside them.
 *
 * wanted: names and values; the value NULL: nobody has told it. What is not named is free and
 * becomes what it is in a plain case, as far as that goes with the rest. on, region: of the case.
 * out: an empty set of fields, the caller's. answers: room for count + DECISION_QUESTIONS; the
 * wanted facts of services and registries, then what the rules ask of them besides.
 * *answer_count: how many. missed: the facts that came out otherwise, because they cannot be had
 * together, with commas between; nothing is appended when all is as wanted. The same input gives
 * the same output. SMG_E_INVALID: an unknown fact or value, or an example that fails (err names
 * file and line). Texts of answers belong to the policy's set. */
int policy_example(struct policy *policy, const struct answer *wanted, size_t count,
                   const char *region, struct smg_date on, struct smg_fields *out,
                   struct answer *answers, size_t *answer_count, struct buf *missed,
                   struct smg_err *err);
/* Which of the wanted facts come out otherwise under these fields (an application read back): their
 * names are appended to missed. Answers of services and registries are never missed. */
int policy_missed(struct policy *policy, const struct answer *wanted, size_t count,
                  const char *region, struct smg_date on, const struct smg_fields *fields,
                  struct buf *missed, struct smg_err *err);

#endif
