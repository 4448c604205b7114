/* SPDX-License-Identifier: Apache-2.0 */
/* The words between the gateway and the security module: status at the start, then find, select,
 * read until one card was read. */
#ifndef SDT_DIALOGUE_H
#define SDT_DIALOGUE_H

#include "port.h"
#include "text.h"

enum { READER_NUMBER_BYTES = 16 };

/* One key a line of the YAML file; see the table in sdt.c. */
struct config {
    const char *device, *address, *usb, *hid; /* exactly one: where the reader is */
    const char *usb_ids;
    const char *speed;
    int64_t find_every;
    int64_t find_timeout;
    int64_t select_timeout;
    int64_t read_timeout;
    bool fingerprint;
    bool added_address;
};

struct sdt {
    const struct smg_host *host;
    const struct config *config;
    struct port port;
    bool out_of_service;
    bool no_fingerprint; /* the reader does not know the command with fingerprint */
    bool no_address;     /* nor the one for added addresses */
    bool lies;           /* the card that was read had not left when last looked */
    bool tells_leaving;  /* the reader has shown that it answers whether a card lies there */
    bool has_number;
    uint8_t number[READER_NUMBER_BYTES];
    struct frame answer; /* the newest; wiped when the operation ends */
};

/* Find the line speed and ask for status and number. A reader that says it is broken is no failure:
 * it is put out of service. op NULL: while starting. */
int dialogue_start(struct sdt *sdt, struct smg_op *op, struct smg_err *err);

/* What came of one presentation of a card. */
struct reading {
    struct sdt *sdt;
    struct smg_op *op;
    struct smg_err *err;
    bool heard;       /* the reader answered something */
    bool seen;        /* a card was found */
    unsigned retries; /* from find, after a card moved or an answer strayed */
    bool doubted;     /* a check failed, but not that of text and photo: these can still be had */
    bool verified;    /* false: the chip's data did not verify */
    const uint8_t *text;     /* NULL: the reader did not hand out what did not verify */
    const uint8_t *portrait; /* inside payload */
    size_t portrait_len;
    char address[TEXT_UTF8]; /* added after the card was issued, or "" */
    uint8_t payload[FRAME_LENGTH_MAX];
};

/* Wait for a card and read it; the card that was read before must have left the reader first. */
int dialogue_read(struct reading *reading);

#endif
