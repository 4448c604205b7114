/* SPDX-License-Identifier: Apache-2.0 */
/* A key ring made for one test, and a look into the rows of a unit. */
#ifndef HARNESS_FRESH_KEYS_H
#define HARNESS_FRESH_KEYS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "crypto/seal.h"
#include "store/unit.h"

struct fresh_keys {
    char folder[64];
    struct keyring *keyring;
    struct sealer *sealer;
};

static inline void fresh_keys_make(struct fresh_keys *keys)
{
    struct smg_err err = { 0 };
    char ring[80];

    strcpy(keys->folder, "/tmp/shiming-keys-XXXXXX");
    assert_non_null(mkdtemp(keys->folder));
    snprintf(ring, sizeof ring, "%s/ring", keys->folder);
    assert_int_equal(keyring_init(ring, "aes-256-gcm", &err), SMG_OK);
    keys->keyring = keyring_open(ring, NULL, &err);
    assert_non_null(keys->keyring);
    keys->sealer = sealer_new(keys->keyring, &err);
    assert_non_null(keys->sealer);
}

static inline void fresh_keys_remove(struct fresh_keys *keys)
{
    char command[96];

    sealer_free(keys->sealer);
    keyring_free(keys->keyring);
    snprintf(command, sizeof command, "rm -rf %s", keys->folder);
    assert_int_equal(system(command), 0);
}

/* The unit's row of this key, or NULL. */
static inline const struct smg_row *row_of(const struct unit *unit, enum smg_space space,
                                           struct smg_str key)
{
    size_t i;

    for (i = 0; i < unit->count; i++)
        if (unit->rows[i].space == space && str_eq(unit->rows[i].key, key))
            return &unit->rows[i];
    return NULL;
}

static inline size_t rows_in(const struct unit *unit, enum smg_space space)
{
    size_t i, count = 0;

    for (i = 0; i < unit->count; i++)
        count += unit->rows[i].space == space;
    return count;
}

static inline bool bytes_hold(struct smg_str bytes, struct smg_str wanted)
{
    return bytes.len >= wanted.len && memmem(bytes.at, bytes.len, wanted.at, wanted.len) != NULL;
}

/* Do these bytes lie open anywhere in what the unit would have written? */
static inline bool unit_holds(const struct unit *unit, struct smg_str wanted)
{
    size_t i;

    for (i = 0; i < unit->count; i++)
        if (bytes_hold(unit->rows[i].key, wanted) || bytes_hold(unit->rows[i].value, wanted))
            return true;
    for (i = 0; i < unit->note_count; i++)
        if (bytes_hold(unit->notes[i], wanted))
            return true;
    return false;
}

#endif
