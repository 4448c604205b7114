/* SPDX-License-Identifier: Apache-2.0 */
/* What the gateway's own records answer to the rules: who a dealer is. */
#ifndef REGISTRATION_REGISTRY_H
#define REGISTRATION_REGISTRY_H

#include "registration/desk.h"
#include "supervision/dealer.h"

/* dealer: NULL when there is none of this id, or err says why nobody knows. Gone when fn returns.
 */
typedef void (*registry_dealer_fn)(void *ctx, const struct dealer *dealer,
                                   const struct smg_err *err);
/* fn is called once, later, on the desk's loop. */
void registry_dealer(struct desk *desk, struct smg_str id, registry_dealer_fn fn, void *ctx);

#endif
