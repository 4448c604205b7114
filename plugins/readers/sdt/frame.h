/* SPDX-License-Identifier: Apache-2.0 */
/* Frames of the reader protocol: requests written, answers found in a stream of bytes. */
#ifndef SDT_FRAME_H
#define SDT_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    FRAME_REQUEST_BYTES = 10, /* preamble, length, command, parameter, checksum */
    FRAME_HEAD = 6,           /* AA AA 96 69 and the length */
    FRAME_LENGTH_MIN = 4,     /* three status bytes and the checksum */
    FRAME_LENGTH_MAX = 2314,  /* text, photo and two fingerprints: the largest answer known */
    FRAME_NOISE_MAX = 256     /* bytes before an answer that are passed over */
};

/* Commands: the command byte, then its parameter. */
enum frame_command {
    FRAME_STATUS = 0x11FF,
    FRAME_NUMBER = 0x12FF,
    FRAME_FIND = 0x2001,
    FRAME_SELECT = 0x2002,
    FRAME_READ = 0x3001,
    FRAME_READ_ADDRESS = 0x3003,
    FRAME_READ_FINGERPRINT = 0x3010
};

void frame_request(enum frame_command command, uint8_t out[FRAME_REQUEST_BYTES]);
/* Exclusive or of all bytes: the checksum over length, status and data. */
uint8_t frame_sum(const uint8_t *at, size_t len);

enum frame_said {
    FRAME_MORE = 1, /* no answer yet */
    FRAME_WHOLE,    /* data holds an answer whose checksum is right */
    FRAME_NOISE     /* what came is no answer, and what comes now will not be one */
};

/* What was wrong, so that a reader that went wrong can be told from a silent one. */
enum frame_trouble { FRAME_QUIET = 0, FRAME_BAD_LENGTH, FRAME_BAD_SUM };

/* An answer being received. It holds personal data: frame_clear wipes it. */
struct frame {
    uint8_t bytes[FRAME_NOISE_MAX + FRAME_HEAD + FRAME_LENGTH_MAX];
    size_t count; /* received */
    size_t start; /* before it nothing begins an answer */
    enum frame_trouble trouble;
    uint8_t status[3]; /* SW1 SW2 SW3 of a whole answer */
    const uint8_t *data;
    size_t len;
};

/* What the answer to a read holds, text and photo and perhaps fingerprints: a length of two bytes
 * for each, then the parts. false: they do not add up to len. */
struct frame_part {
    const uint8_t *at;
    size_t len;
};
enum { FRAME_PARTS_MAX = 3 };
bool frame_parts(const uint8_t *at, size_t len, size_t count, struct frame_part *parts);

void frame_clear(struct frame *frame);
/* Bytes behind a whole answer are not taken. */
enum frame_said frame_feed(struct frame *frame, const uint8_t *at, size_t len);

#endif
