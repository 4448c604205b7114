/* SPDX-License-Identifier: Apache-2.0 */
/* PACE with generic mapping on elliptic curves, from the chip's side (ICAO 9303-11, section 4.4).
 * Inside the room. */
#ifndef EMULATE_PACE_H
#define EMULATE_PACE_H

#include "emulate/secure_messaging.h"

#include <openssl/ec.h>

struct pace_offer {
    enum chip_cipher cipher; /* an AES */
    int curve;               /* standardised domain parameters, 8 to 18 */
};

enum { PACE_NONCE = 16 };

/* Where random bytes come from: RAND_bytes, or in a test what a worked example had. */
struct chip_random {
    bool (*fill)(void *context, uint8_t *out, size_t len);
    void *context;
};

struct pace {
    int step; /* 0: not begun; then the next step */
    struct pace_offer offer;
    EC_GROUP *curve;
    EC_POINT *generator;  /* the mapped one */
    EC_POINT *peer, *own; /* of the agreement */
    BIGNUM *nonce;
    struct chip_key password;
    struct session keys; /* not open before the tokens are exchanged */
};

/* The curve of standardised domain parameters, or NULL when it is none of 8 to 18. */
EC_GROUP *pace_curve(int parameters);
/* EF.CardAccess with one offer. */
void pace_card_access(const struct pace_offer *offer, struct buf *out);
/* Forget everything. */
void pace_reset(struct pace *pace);
/* MSE:SET AT. The passwords: MRZ information, and the card access number or "" when there is none.
 */
unsigned pace_choose(struct pace *pace, const struct pace_offer *offer, struct smg_str data,
                     const char *key_information, const char *can);
/* GENERAL AUTHENTICATE, `last` when the command ends the chain. SW_DONE after the fourth: the
 * session is open. */
unsigned pace_authenticate(struct pace *pace, bool last, struct smg_str data,
                           struct chip_random random, enum passport_fault fault, struct buf *answer,
                           struct session *session);

#endif
