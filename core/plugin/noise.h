/* SPDX-License-Identifier: Apache-2.0 */
/* What a reader's process writes to its standard error, let into our log in measure. */
#ifndef PLUGIN_NOISE_H
#define PLUGIN_NOISE_H

#include "base/str.h"

enum { NOISE_LINE_BYTES = 500, NOISE_LINES_A_SECOND = 20 };

struct noise {
    const char *who;
    char line[NOISE_LINE_BYTES + 1];
    size_t len;
    int64_t second_us; /* when the current second began */
    unsigned passed;   /* lines in it */
    uint64_t dropped;  /* lines not yet told of */
};

void noise_init(struct noise *noise, const char *who);
/* More bytes came. Lines a plugin gave to host->log carry their level as "<2>text"; what its
 * libraries print by themselves may hold anything, a name too, and is logged as debug only. */
void noise_take(struct noise *noise, struct smg_str bytes, int64_t now_us);
/* The writer has ended: its last line, and how many were dropped. */
void noise_end(struct noise *noise, int64_t now_us);

#endif
