/* SPDX-License-Identifier: Apache-2.0 */
/* The ceiling decisions are measured against: the same rules, called bare on a ready Lua table. */
#ifndef POLICY_BARE_H
#define POLICY_BARE_H

#include "policy/policy.h"

/* After a policy_decide: call the rules in force on a plain table of the facts just derived, again
 * and again for run_us (monotonic microseconds, read every 100 runs), without derivation, budget or
 * decision. Runs a second; negative when a rule failed, and err says why. The evaluator is of no
 * further use. */
double bare_decisions(struct policy *policy, int64_t run_us, struct smg_err *err);

#endif
