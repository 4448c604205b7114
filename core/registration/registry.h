/* SPDX-License-Identifier: Apache-2.0 */
/* What the gateway's own records answer to the rules: who a dealer is, how many numbers somebody
 * has. */
#ifndef REGISTRATION_REGISTRY_H
#define REGISTRATION_REGISTRY_H

#include "registration/desk.h"
#include "registration/slots.h"
#include "supervision/dealer.h"

/* dealer: NULL when there is none of this id, or err says why nobody knows. Gone when fn returns.
 */
typedef void (*registry_dealer_fn)(void *ctx, const struct dealer *dealer,
                                   const struct smg_err *err);
/* fn is called once, later, on the desk's loop. */
void registry_dealer(struct desk *desk, struct smg_str id, registry_dealer_fn fn, void *ctx);

/* What somebody holds: `count` mobile numbers, opened for or transferred to the holder of one
 * document, which still serve; and the lowest slot that is free for one more. */
struct held {
    unsigned count;
    uint8_t slot[SLOT_KEY_BYTES];
};
/* held is NULL when err says why nobody knows. */
typedef void (*registry_held_fn)(void *ctx, const struct held *held, const struct smg_err *err);
/* By the document's number. As of the read: who gains a number by it takes the slot. fn is called
 * once, later, on the desk's loop. */
void registry_held(struct desk *desk, struct smg_str identity, registry_held_fn fn, void *ctx);

#endif
