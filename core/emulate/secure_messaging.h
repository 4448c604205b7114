/* SPDX-License-Identifier: Apache-2.0 */
/* Secure messaging from the chip's side (ICAO 9303-11, section 9.8). Inside the room. */
#ifndef EMULATE_SECURE_MESSAGING_H
#define EMULATE_SECURE_MESSAGING_H

#include "emulate/apdu.h"
#include "emulate/chip_crypto.h"
#include "emulate/passport.h"

struct session {
    bool is_open;
    struct chip_key encryption, mac;
    uint8_t counter[CHIP_BLOCK_MAX]; /* the send sequence counter, a block long */
};

/* Start with the keys derived from a shared secret and a counter of zero. */
bool session_open(struct session *session, enum chip_cipher cipher, struct smg_str secret);
void session_close(struct session *session); /* wipes the keys */

/* Check and open a protected command. `plain` holds what the command's data points into. The status
 * to answer with unless SW_DONE; the session is then over. */
unsigned session_unwrap(struct session *session, struct smg_str command, struct apdu *out,
                        struct buf *plain);
/* Protect an answer; `odd` after an odd instruction byte. What the fault does to secured answers is
 * done to it. false: OpenSSL failed. */
bool session_wrap(struct session *session, enum passport_fault fault, bool odd, struct smg_str data,
                  unsigned status, struct buf *out);

#endif
