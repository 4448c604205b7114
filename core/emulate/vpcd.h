/* SPDX-License-Identifier: Apache-2.0 */
/* A slot of vsmartcard's virtual reader driver: the card connects to it, and is out of the field
 * when the connection ends. Inside the room. */
#ifndef EMULATE_VPCD_H
#define EMULATE_VPCD_H

#include "emulate/chip.h"

enum { VPCD_MESSAGE = 65535, VPCD_PORT = 35963 };

struct vpcd {
    int socket;             /* -1: the card is out of the field */
    struct buf received;    /* less than a message */
    struct buf answer, out; /* one answer, and as it is sent */
};

/* Connect to the driver at 127.0.0.1. */
int vpcd_connect(struct vpcd *vpcd, unsigned port, struct smg_err *err);
void vpcd_close(struct vpcd *vpcd); /* the card leaves the field */
/* Answer for the chip until `wake` is readable (SMG_OK) or the driver ends the connection
 * (SMG_E_GONE). When the chip leaves the field by itself, only `wake` is waited for. delay_ms:
 * before every answer. */
int vpcd_serve(struct vpcd *vpcd, struct chip *chip, int64_t delay_ms, int wake,
               struct smg_err *err);

#endif
