/* SPDX-License-Identifier: Apache-2.0 */
/* So much a second and no more. */
#ifndef PLUGIN_PACE_H
#define PLUGIN_PACE_H

#include <stdbool.h>
#include <stdint.h>

struct pace {
    int64_t second_us; /* when the current second began */
    uint64_t count;    /* in it */
};

/* `more` came: is that over `most` in this second? */
static inline bool pace_passes(struct pace *pace, uint64_t more, uint64_t most, int64_t now_us)
{
    if (now_us - pace->second_us >= 1000 * 1000) {
        pace->second_us = now_us;
        pace->count = 0;
    }
    pace->count += more;
    return pace->count > most;
}

#endif
