/* SPDX-License-Identifier: Apache-2.0 */
/* The key ring: master keys on disk and what is derived from them. The only room that knows
 * OpenSSL. */
#ifndef CRYPTO_KEYS_H
#define CRYPTO_KEYS_H

#include "base/buf.h"

struct keyring;

/* Make a folder with one master key and one signing key (Ed25519), readable by its owner only.
 * Fails with SMG_E_EXISTS rather than touch what is there. suite: "aes-256-gcm" or "sm4". */
int keyring_init(const char *path, const char *suite, struct smg_err *err);
/* Refuses a folder or file that others may read. suite NULL: whatever the ring was made for. The
 * ring is read-only afterwards and may be used from any thread. Its memory is locked and not
 * dumped. */
struct keyring *keyring_open(const char *path, const char *suite, struct smg_err *err);
void keyring_free(struct keyring *keyring);
const char *keyring_suite(const struct keyring *keyring);
const char *keyring_id(const struct keyring *keyring); /* of the active master key, 16 hex digits */

/* Ed25519 (RFC 8032). */
int keyring_sign(const struct keyring *keyring, struct smg_str message, uint8_t out[64],
                 struct smg_err *err);
bool keyring_verify(const struct keyring *keyring, struct smg_str message,
                    const uint8_t signature[64]);
void keyring_public_key(const struct keyring *keyring, uint8_t out[32]);

#endif
