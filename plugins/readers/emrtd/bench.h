/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of this plugin share: its sources, bytes written in hex, and a chip that answers
 * what a test tells it. */
#ifndef EMRTD_BENCH_H
#define EMRTD_BENCH_H

#include "access.c"
#include "apdu.c"
#include "bac.c"
#include "cipher.c"
#include "country.c"
#include "files.c"
#include "groups.c"
#include "messaging.c"
#include "pace.c"
#include "reading.c"
#include "sod.c"
#include "tlv.c"
#include "trust.c"

#include "base/buf.h"

#include <setjmp.h>
#include <cmocka.h>

/* Bytes from hex; ends the test when it is none. */
static inline struct buf unhex(const char *hex)
{
    struct buf bytes = { 0 };

    assert_true(buf_unhex(&bytes, str_of(hex)));
    return bytes;
}

static inline void assert_hex(const void *at, size_t len, const char *hex)
{
    struct buf wanted = unhex(hex);

    assert_int_equal(len, wanted.len);
    assert_memory_equal(at, wanted.at, len);
    buf_fini(&wanted);
}

/* A chip that knows what it will be asked, and what comes by chance. */
struct script {
    const char *lines[32]; /* command, answer, command, answer, NULL */
    size_t next;
    struct buf chance; /* drawn from its front */
    size_t drawn;
};

static inline int script_transmit(void *ctx, const uint8_t *command, size_t len, uint8_t *answer,
                                  size_t room, size_t *used, struct smg_err *err)
{
    struct script *script = ctx;
    struct buf said;

    (void)err;
    if (script->lines[script->next] == NULL)
        fail_msg("one command too many");
    assert_hex(command, len, script->lines[script->next]);
    said = unhex(script->lines[script->next + 1]);
    script->next += 2;
    assert_true(said.len <= room);
    memcpy(answer, said.at, said.len);
    *used = said.len;
    buf_fini(&said);
    return SMG_OK;
}

static inline bool script_chance(void *ctx, uint8_t *out, size_t len)
{
    struct script *script = ctx;

    assert_true(len <= script->chance.len - script->drawn);
    memcpy(out, script->chance.at + script->drawn, len);
    script->drawn += len;
    return true;
}

static inline struct icc script_icc(struct script *script)
{
    return (struct icc){ .transmit = script_transmit, .chance = script_chance, .ctx = script };
}

#endif
