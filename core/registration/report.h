/* SPDX-License-Identifier: Apache-2.0 */
/* What a decision says must be reported (article 11), as rows of the outbox in the registration's
 * unit. */
#ifndef REGISTRATION_REPORT_H
#define REGISTRATION_REPORT_H

#include "policy/policy.h"
#include "registration/record.h"

/* One report for each report effect. It names the registration, the channel and the articles, and
 * holds nothing of the person: who must know more asks for the record, and that is audited. */
int report_put(struct sealer *sealer, const struct record *record, const struct smg_fields *fields,
               const struct decision *decision, struct unit *unit, struct smg_err *err);

#endif
