/* SPDX-License-Identifier: Apache-2.0 */
/* Dealers and their contracts (article 15): without one in force, or without the means to protect
 * the data, a dealer cannot register. */
#ifndef SUPERVISION_DEALER_H
#define SUPERVISION_DEALER_H

#include "audit/audit.h"
#include "base/date.h"

struct dealer {
    char id[64];
    char name[200]; /* of the business, UTF-8 */
    struct smg_date contract_from,
        contract_to; /* first and last day; DATE_NONE: no written contract */
    bool able;       /* can meet the duties of registration and protection */
};

/* Put the dealer as it is now (adds or replaces) into the unit, with its audit event. */
int dealer_put(struct sealer *sealer, const struct dealer *dealer, const char *by, int64_t now_ms,
               struct unit *unit, struct smg_err *err);
bool dealer_key(struct smg_str id, struct buf *key); /* false: not an id */
int dealer_open(struct sealer *sealer, struct smg_str key, struct smg_str value, struct dealer *out,
                struct smg_err *err);
/* The registry's answer to "dealer.contract": "in_force", "expired", "not_yet", "none". dealer
 * NULL: nobody by that id, "none". */
const char *dealer_contract(const struct dealer *dealer, struct smg_date on);

#endif
