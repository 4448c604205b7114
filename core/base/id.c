/* SPDX-License-Identifier: Apache-2.0 */
/* UUID version 7: 48 bits of time, then a counter and random bits, so that ids ascend. */
#include "base/id.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/random.h>

/* The one piece of state ids need: the last one given out. Two gateways in one process may share
 * it, since all it does is keep ids apart. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static uint64_t last_high; /* time and counter: the first 60 bits that count */

struct id id_new(int64_t now_ms)
{
    struct id id;
    uint8_t random[10];
    uint64_t high;
    size_t i;

    if (getrandom(random, sizeof random, 0) != (ssize_t)sizeof random)
        abort(); /* no randomness: an id could be another's */
    /* 48 bits of milliseconds, 12 bits of counter that starts at random in its lower half. */
    high = (uint64_t)now_ms << 12 | (((uint64_t)random[0] << 8 | random[1]) & 0x7FF);
    pthread_mutex_lock(&lock);
    if (high <= last_high && last_high - high < (uint64_t)10000 << 12)
        high = last_high + 1;
    last_high = high;
    pthread_mutex_unlock(&lock);

    for (i = 0; i < 6; i++)
        id.bytes[i] = (uint8_t)(high >> (52 - 8 * i));
    id.bytes[6] = (uint8_t)(0x70 | (high >> 8 & 0x0F));
    id.bytes[7] = (uint8_t)high;
    memcpy(id.bytes + 8, random + 2, 8);
    id.bytes[8] = (uint8_t)(0x80 | (id.bytes[8] & 0x3F));
    return id;
}

int64_t id_time(struct id id)
{
    int64_t ms = 0;
    size_t i;

    for (i = 0; i < 6; i++)
        ms = ms << 8 | id.bytes[i];
    return ms;
}

void id_write(struct id id, struct buf *out)
{
    static const uint8_t parts[] = { 4, 2, 2, 2, 6 };
    size_t i, at = 0;

    for (i = 0; i < sizeof parts; i++) {
        if (i > 0)
            buf_byte(out, '-');
        buf_hex(out, str_bytes(id.bytes + at, parts[i]));
        at += parts[i];
    }
}

bool id_parse(struct smg_str text, struct id *out)
{
    struct buf bytes = { 0 }, again = { 0 };
    char hex[32];
    size_t i, len = 0;
    bool good = false;

    if (text.len != 36)
        return false;
    for (i = 0; i < 36; i++) {
        if (text.at[i] != '-' && len < sizeof hex)
            hex[len++] = text.at[i];
    }
    if (len == sizeof hex && buf_unhex(&bytes, str_bytes(hex, len)) && bytes.len == 16) {
        memcpy(out->bytes, bytes.at, 16);
        id_write(*out, &again);
        good = str_eq(buf_view(&again), text) && out->bytes[6] >> 4 == 7;
    }
    buf_fini(&bytes);
    buf_fini(&again);
    return good;
}
