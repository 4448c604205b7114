/* SPDX-License-Identifier: Apache-2.0 */
/* From a card that was read to a decision, as `shiming decide` makes it, without a gateway. */
#ifndef KIT_VERDICT_H
#define KIT_VERDICT_H

#include "base/date.h"
#include "base/fields.h"
#include "policy/policy.h"

struct verdict_case {
    struct smg_str application; /* without the customer's document */
    const char *region;         /* six digits */
    struct smg_date on;
};

/* The card's fields become the customer's document. Services answer "unavailable", registries
 * nothing. outline: as policy_outline writes it, appended. SMG_E_INVALID: the application is wrong.
 */
int verdict_make(struct policy_set *set, const struct verdict_case *what,
                 const struct smg_fields *card, struct buf *outline, struct smg_err *err);

#endif
