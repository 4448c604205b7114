/* SPDX-License-Identifier: Apache-2.0 */
/* Secure messaging (ICAO 9303-11 section 9.8): every command and answer enciphered, counted and
 * signed with keys that BAC or PACE agreed on. */
#ifndef EMRTD_MESSAGING_H
#define EMRTD_MESSAGING_H

#include "cipher.h"

struct command;
struct answer;
struct writer;

enum channel_state {
    CHANNEL_CLOSED = 0,
    CHANNEL_OPEN,
    CHANNEL_BROKEN /* what came back was not the chip's: nothing is sent any more */
};

struct channel {
    enum channel_state state;
    enum suite suite;
    struct key encrypt, mac;
    uint8_t counter[BLOCK_MAX]; /* the send sequence counter, one block long */
    bool odd;                   /* the command that waits for its answer had an odd INS */
};

/* Open under the secret that was agreed on; counter: one block of the suite, NULL is zeros. */
int channel_open(struct channel *channel, enum suite suite, const uint8_t *secret, size_t len,
                 const uint8_t *counter, struct smg_err *err);
int channel_protect(struct channel *channel, const struct command *command, struct writer *out,
                    struct smg_err *err);
/* Anything but an answer guarded as it must be is SMG_E_CARD and breaks the channel: a wrong or
 * missing MAC, a status in the clear only, objects missing, doubled or out of order. */
int channel_open_answer(struct channel *channel, const uint8_t *raw, size_t len,
                        struct answer *answer, struct smg_err *err);

#endif
