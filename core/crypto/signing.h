/* SPDX-License-Identifier: Apache-2.0 */
/* Keys that sign policies, in files of their own: the private half stays with the signer, the
 * public one is listed in the configuration. Ed25519 (RFC 8032), or SM2 with SM3 (GB/T 32918, the
 * standard's default identity). */
#ifndef CRYPTO_SIGNING_H
#define CRYPTO_SIGNING_H

#include "base/buf.h"

/* Make PATH, readable by its owner only, and PATH.pub. SMG_E_EXISTS rather than touch what is
 * there. suite: "ed25519" or "sm2". */
int signing_key_init(const char *path, const char *suite, struct smg_err *err);

/* The private half. Its memory is locked and not dumped. */
struct signing_key;
struct signing_key *signing_key_open(const char *path, struct smg_err *err);
void signing_key_free(struct signing_key *key);            /* NULL is fine */
const char *signing_key_id(const struct signing_key *key); /* 16 hex digits, of the public half */
/* Append the signature: 64 bytes (Ed25519), or DER of at most 72 (SM2). */
int signing_key_sign(const struct signing_key *key, struct smg_str message, struct buf *out,
                     struct smg_err *err);

/* The public half: read-only, from any thread. */
struct public_key;
struct public_key *public_key_open(const char *path, struct smg_err *err);
void public_key_free(struct public_key *key); /* NULL is fine */
const char *public_key_id(const struct public_key *key);
const char *public_key_suite(const struct public_key *key);
bool public_key_verifies(const struct public_key *key, struct smg_str message,
                         struct smg_str signature);

#endif
