/* SPDX-License-Identifier: Apache-2.0 */
/* The chip of a passport, seen from its contacts: a command in, an answer out. It shares no code
 * with the driver it is there to test. */
#ifndef EMULATE_CHIP_H
#define EMULATE_CHIP_H

#include "emulate/bac.h"
#include "emulate/pace.h"

struct chip {
    const struct passport *passport;
    struct chip_random random; /* RAND_bytes unless a test says otherwise */
    struct session session;
    struct pace pace;
    bool is_selected; /* the eMRTD application */
    const struct buf *file;
    bool is_challenged;
    uint8_t challenge[BAC_CHALLENGE];
    unsigned answers;  /* since the card is in the field */
    struct buf plain;  /* of the command at hand */
    struct buf answer; /* before it is secured */
};

enum chip_deed {
    CHIP_ANSWERS = 1,
    CHIP_ANSWERS_LATE, /* 300 ms */
    CHIP_KEEPS_SILENT,
    CHIP_LEAVES,            /* without an answer */
    CHIP_ANSWERS_AND_LEAVES /* the field */
};

/* Lay the passport on the reader; it must live as long as the chip. */
void chip_insert(struct chip *chip, const struct passport *passport);
void chip_reset(struct chip *chip);  /* power lost: nothing is selected, no session */
void chip_remove(struct chip *chip); /* frees what chip_insert and commands made */
/* What becomes of a command; the answer (cleared before) is data and status. */
enum chip_deed chip_transmit(struct chip *chip, struct smg_str command, struct buf *answer);

#endif
