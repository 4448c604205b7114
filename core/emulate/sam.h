/* SPDX-License-Identifier: Apache-2.0 */
/* The security module of a card reader, seen from its serial line: bytes of a request in, bytes of
 * an answer out, and faults on demand. It shares no code with the driver it is there to test. */
#ifndef EMULATE_SAM_H
#define EMULATE_SAM_H

#include "emulate/card.h"

enum sam_command {
    SAM_ANY = 0, /* in a fault: whatever the command */
    SAM_RESET,
    SAM_STATUS,
    SAM_NUMBER,
    SAM_FIND,
    SAM_SELECT,
    SAM_READ,
    SAM_READ_FINGERPRINT,
    SAM_READ_ADDRESS,
    SAM_SPEED,
    SAM_RF_SIZE,
    SAM_COMMANDS
};

enum sam_fault_kind {
    SAM_ERROR = 1, /* answers the code `number` */
    SAM_DOUBT,     /* the code `number`, and the data all the same */
    SAM_SILENCE,   /* answers nothing */
    SAM_GARBAGE,   /* `number` bytes of noise instead of the answer */
    SAM_NOISE,     /* the same before the answer */
    SAM_SHORT,     /* the first `number` bytes of the answer */
    SAM_SPLIT,     /* `number` bytes at a time, with a pause */
    SAM_ENDLESS,   /* the first `number` bytes of the answer, then noise without end */
    SAM_CHECKSUM,  /* a wrong checksum */
    SAM_DROP_AA,   /* `number` leading AA are missing */
    SAM_EXTRA_AA,  /* `number` more of them */
    SAM_LENGTH,    /* the length says `number` */
    SAM_REMOVE, /* the card leaves the field after `number` bytes of the answer, which end there */
    SAM_LIFT,   /* the card leaves the field and is put back once the answer was sent */
    SAM_UNPLUG  /* the port vanishes after `number` bytes of the answer */
};

struct sam_fault {
    enum sam_fault_kind kind;
    enum sam_command command;
    unsigned number;
    unsigned times; /* how often; 0: always */
    unsigned happened;
};

/* "KIND[:COMMAND[:NUMBER[:TIMES]]]", kinds and commands in lower case: "short:read:600",
 * "error:find:0x31", "silence:any:0:1". What is answered (error, doubt) and what becomes of it on
 * the line are told apart: one fault of each may happen to the same answer. */
int sam_fault_parse(const char *text, struct sam_fault *out, struct smg_err *err);

enum { SAM_FAULTS = 8, SAM_REQUEST = 64, SAM_NUMBER_BYTES = 16 };

struct sam {
    const struct card *card; /* in the field, or NULL */
    bool found, selected, was_read;
    bool told_address; /* since it was read */
    unsigned speed;    /* baud the line must have; 0: any */
    int64_t delay_ms;  /* before every answer */
    struct sam_fault faults[SAM_FAULTS];
    size_t fault_count;
    uint8_t request[SAM_REQUEST]; /* being received */
    size_t received;
    unsigned counts[SAM_COMMANDS]; /* commands understood, for tests */
};

struct sam_reply {
    struct buf bytes;
    int64_t delay_ms;
    size_t piece; /* bytes at a time; 0: all at once */
    int64_t pause_ms;
    bool endless; /* then noise */
    bool unplug;  /* then the port vanishes */
};

/* The module's own number, made up. */
extern const uint8_t sam_number[SAM_NUMBER_BYTES];

void sam_insert(struct sam *sam, const struct card *card);   /* NULL: the card leaves the field */
bool sam_add_fault(struct sam *sam, struct sam_fault fault); /* false: there are eight already */
/* Take one byte of a request; true when it completed one, and reply (cleared before) says what to
 * do. */
bool sam_take(struct sam *sam, uint8_t byte, struct sam_reply *reply);

#endif
