/* SPDX-License-Identifier: Apache-2.0 */
/* Sealing, keyed digests and random bytes, with contexts that are made once. */
#ifndef CRYPTO_SEAL_H
#define CRYPTO_SEAL_H

#include "crypto/keys.h"

/* One sealer a thread: it holds keyed cipher and MAC contexts, and a pool of random bytes; so it is
 * never used on both sides of a fork. The key ring must outlive it. */
struct sealer;
struct sealer *sealer_new(const struct keyring *keyring, struct smg_err *err);
void sealer_free(struct sealer *sealer);

/* Each purpose has a key of its own, derived from the master key (HKDF), so a value sealed for one
 * never opens as another. */
enum key_use {
    KEY_WRAP = 1,    /* data keys */
    KEY_STORE,       /* store-wide values: facts, decisions, dealers, staff */
    KEY_TOKEN,       /* card-read tokens */
    KEY_INDEX,       /* blind indexes */
    KEY_AUDIT,       /* audit digests and MACs */
    KEY_STAFF,       /* digests of staff tokens */
    KEY_IDEMPOTENCY, /* first answers */
    KEY_REPORT,      /* reports waiting in the outbox */
    KEY_USES
};

/* Append the sealed form: format, suite, key id, nonce, cipher text, tag. `about` is authenticated
 * and not stored: name the place ("registration/" + id), so that a value moved elsewhere does not
 * open. */
int seal(struct sealer *sealer, enum key_use use, struct smg_str about, struct smg_str plain,
         struct buf *out, struct smg_err *err);
/* SMG_E_DENIED: altered, of another place, purpose or key. Nothing is appended then. */
int unseal(struct sealer *sealer, enum key_use use, struct smg_str about, struct smg_str sealed,
           struct buf *out, struct smg_err *err);

/* A data key: one a registration. Its death (the wrapped form erased) is the data's destruction. */
struct data_key {
    uint8_t bytes[32];
};
/* A fresh key, and its wrapped form appended to out. */
int data_key_new(struct sealer *sealer, struct smg_str about, struct data_key *key,
                 struct buf *wrapped, struct smg_err *err);
int data_key_open(struct sealer *sealer, struct smg_str about, struct smg_str wrapped,
                  struct data_key *key, struct smg_err *err);
void data_key_wipe(struct data_key *key);
int seal_with(struct sealer *sealer, const struct data_key *key, struct smg_str about,
              struct smg_str plain, struct buf *out, struct smg_err *err);
int unseal_with(struct sealer *sealer, const struct data_key *key, struct smg_str about,
                struct smg_str sealed, struct buf *out, struct smg_err *err);

/* HMAC (SHA-256, or SM3 in suite sm4) of the parts, each preceded by its length so that they cannot
 * run into each other. The blind index of an identity is the first 16 bytes under KEY_INDEX. */
int keyed_digest(struct sealer *sealer, enum key_use use, const struct smg_str *parts, size_t count,
                 uint8_t out[32], struct smg_err *err);

/* These never fail: when OpenSSL cannot, the process ends. */
void digest_sha256(struct smg_str bytes, uint8_t out[32]);
void digest_sha256_parts(const struct smg_str *parts, size_t count, uint8_t out[32]); /* joined */
void random_bytes(void *out, size_t len);

#endif
