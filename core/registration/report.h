/* SPDX-License-Identifier: Apache-2.0 */
/* What a decision says must be reported (articles 11 and 15), as rows of the outbox in the
 * registration's unit. */
#ifndef REGISTRATION_REPORT_H
#define REGISTRATION_REPORT_H

#include "policy/policy.h"
#include "registration/record.h"

/*
 * One report for each report effect, as members of a JSON object. Every recipient is told what
 * happened, when, where and by which article: "registration", "rule", "operation", "region",
 * "channel.…", "staff", "refusals". Public security is told who it was besides, to act on it:
 * "people": {"customer": {"name", "document": {…}, …}, "proxy": …}, "number". That part only ever
 * leaves the gateway sealed to the recipient's key.
 */
int report_put(struct sealer *sealer, const struct record *record, const struct smg_fields *fields,
               const struct decision *decision, struct unit *unit, struct smg_err *err);

#endif
