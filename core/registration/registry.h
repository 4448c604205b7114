/* SPDX-License-Identifier: Apache-2.0 */
/* What the gateway's own records answer to the rules: who a dealer is, how many numbers somebody
 * has. */
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

typedef void (*registry_held_fn)(void *ctx, unsigned count, const struct smg_err *err);
/* How many mobile numbers were opened for, or transferred to, the holder of the document with this
 * number, and still serve: accepted registrations whose service has not ended. As of the reads: two
 * registrations of one person under way at the same time do not see each other. fn is called once,
 * later, on the desk's loop. */
void registry_held(struct desk *desk, struct smg_str identity, registry_held_fn fn, void *ctx);

#endif
