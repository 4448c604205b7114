/* SPDX-License-Identifier: Apache-2.0 */
/* Commands to a chip and its answers (ISO 7816-4), in the clear or under secure messaging. How they
 * travel is one function, so that a test can be the card. */
#ifndef EMRTD_APDU_H
#define EMRTD_APDU_H

#include "messaging.h"

/* data at most 255 bytes, 223 under secure messaging; expected: 0 none, else 1 to 256 bytes. */
struct command {
    uint8_t cla, ins, p1, p2;
    const uint8_t *data;
    size_t len;
    size_t expected;
};

enum { APDU_BYTES = 5 + 255 + 1, ANSWER_BYTES = 512 };

struct answer {
    uint8_t data[ANSWER_BYTES];
    size_t len;      /* of data, without the status */
    uint16_t status; /* 0x9000 */
};

enum { STATUS_DONE = 0x9000, STATUS_END_OF_FILE = 0x6282, STATUS_NOT_FOUND = 0x6A82 };

struct icc {
    /* Send a command, take what comes back, status included. *used: how much; fewer than two bytes
     * are a failure of the reader's, whatever it says. SMG_OK or an error. */
    int (*transmit)(void *ctx, const uint8_t *command, size_t len, uint8_t *answer, size_t room,
                    size_t *used, struct smg_err *err);
    /* Bytes nobody can guess; false when there are none. */
    bool (*chance)(void *ctx, uint8_t *out, size_t len);
    void *ctx;
    struct channel channel; /* closed at first */
};

/* The channel, once it is open, guards every command; when it breaks, nothing is sent any more. Any
 * status is SMG_OK: look at answer->status. */
int icc_send(struct icc *icc, const struct command *command, struct answer *answer,
             struct smg_err *err);
/* The end of card, channel and keys. */
void icc_wipe(struct icc *icc);

#endif
