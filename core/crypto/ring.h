/* SPDX-License-Identifier: Apache-2.0 */
/* What a key ring is made of: its files, and the keys derived from them. For this room only. */
#ifndef CRYPTO_RING_H
#define CRYPTO_RING_H

#include "crypto/seal.h"
#include "crypto/suite.h"

struct evp_pkey_st;

enum { RING_ID_BYTES = 8, RING_ID_DIGITS = 16, RING_SECRET_BYTES = 32, RING_MASTERS = 16 };

/* The folder holds one file "ID.key" for each master key, and these two. */
#define RING_SIGNING "signing.key"
#define RING_ACTIVE "active" /* the id of the master key that seals */

/* One key file. */
struct ring_key {
    uint8_t id[RING_ID_BYTES]; /* follows from suite and secret, so a damaged file is noticed */
    char suite[16];            /* a suite's name, or "ed25519" */
    uint8_t secret[RING_SECRET_BYTES];
};

void ring_key_identify(struct ring_key *key); /* set id from the rest */
/* Write one key as folder/name. */
int ring_key_write(int folder, const char *name, const struct ring_key *key, struct smg_err *err);
int ring_key_read(int folder, const char *name, struct ring_key *key, struct smg_err *err);
/* The file that says which master key seals. */
int ring_active_write(int folder, const uint8_t id[RING_ID_BYTES], struct smg_err *err);
int ring_active_read(int folder, uint8_t id[RING_ID_BYTES], struct smg_err *err);
/* A file of a few lines, never written over; and at most 512 bytes of one. secret: refuse a file
 * that others may read. folder AT_FDCWD: name is a path. */
int ring_file_create(int folder, const char *name, unsigned mode, const struct buf *text,
                     struct smg_err *err);
int ring_file_read(int folder, const char *name, bool secret, struct buf *text,
                   struct smg_err *err);
/* Take "WORD value\n" from the front; the value alone. */
bool ring_take_line(struct smg_str *view, const char *word, struct smg_str *value);
bool ring_read_hex(struct smg_str text, uint8_t *out, size_t len); /* of exactly len bytes */
/* The folder itself, opened; refuses a symbolic link and one that others may enter. */
int ring_folder_open(const char *path, int *folder, struct smg_err *err);

/* A master key's children; the master key itself is forgotten once they are derived. */
struct master {
    uint8_t id[RING_ID_BYTES];
    const struct suite *suite;
    uint8_t seal_key[KEY_USES][SUITE_KEY_BYTES];
    uint8_t digest_key[KEY_USES][SUITE_KEY_BYTES];
};

struct keyring {
    struct master master[RING_MASTERS];
    size_t count, active;
    char id[RING_ID_DIGITS + 1];
    uint8_t seed[RING_SECRET_BYTES];
    uint8_t public_key[32];
    struct evp_pkey_st *public; /* the same, as OpenSSL wants it */
};

#endif
