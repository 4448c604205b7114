/* SPDX-License-Identifier: Apache-2.0 */
/* Command APDUs of ISO/IEC 7816-3, short and extended. Inside the room. */
#ifndef EMULATE_APDU_H
#define EMULATE_APDU_H

#include "base/buf.h"

enum {
    SW_DONE = 0x9000,
    SW_END_OF_FILE = 0x6282,
    SW_AUTHENTICATION_FAILED = 0x6300,
    SW_WRONG_LENGTH = 0x6700,
    SW_NOT_ALLOWED = 0x6982, /* security status not satisfied */
    SW_CONDITIONS = 0x6985,
    SW_NO_FILE_SELECTED = 0x6986,
    SW_OBJECT_MISSING = 0x6987,
    SW_OBJECT_WRONG = 0x6988,
    SW_WRONG_DATA = 0x6A80,
    SW_NOT_FOUND = 0x6A82,
    SW_WRONG_P1_P2 = 0x6A86,
    SW_REFERENCE_NOT_FOUND = 0x6A88,
    SW_WRONG_OFFSET = 0x6B00,
    SW_UNKNOWN_INS = 0x6D00,
    SW_UNKNOWN_CLA = 0x6E00,
    SW_BROKEN = 0x6F00
};

struct apdu {
    uint8_t cla, ins, p1, p2;
    struct smg_str data; /* points into the command */
    bool has_le;
    size_t le; /* bytes wanted; 256 or 65536 where the field was zero */
    bool extended;
};

/* false: none of the forms. */
bool apdu_parse(struct smg_str command, struct apdu *out);

#endif
