/* SPDX-License-Identifier: Apache-2.0 */
/* What the third status byte of an answer means, and what to do about it. */
#ifndef SDT_CODE_H
#define SDT_CODE_H

#include <stdint.h>

enum code_class {
    CODE_DONE = 1,   /* 90, 9F */
    CODE_EMPTY,      /* the card has no such item */
    CODE_DAMAGED,    /* the command did not arrive whole */
    CODE_UNKNOWN,    /* the reader does not know the command */
    CODE_ORDER,      /* a step is missing: find and select again */
    CODE_DEVICE,     /* the reader failed */
    CODE_BROKEN,     /* the reader must be taken out of service */
    CODE_CARD,       /* this card cannot be read */
    CODE_SUSPICIOUS, /* the chip's data did not verify: forged, altered or failing */
    CODE_MOVED,      /* the card was moved: find it again */
    CODE_IDLE        /* no card */
};

struct code {
    uint8_t number;
    enum code_class class;
    const char *text;
};

/* NULL: in no table. Numbers under 10 and over F0 are made by vendors' host libraries, never sent.
 */
const struct code *code_find(uint8_t number);

#endif
