/* SPDX-License-Identifier: Apache-2.0 */
/* SHA-256 (FIPS 180-4), for naming a text by its content. Secrets are core/crypto's matter. */
#ifndef BASE_SHA256_H
#define BASE_SHA256_H

#include "base/buf.h"

enum { SHA256_BYTES = 32 };

struct sha256 {
    uint32_t state[8];
    uint64_t length; /* bytes put so far */
    unsigned char block[64];
};

void sha256_init(struct sha256 *hash);
void sha256_put(struct sha256 *hash, struct smg_str bytes);
/* Gives the digest; hash must be initialised again before it takes more. */
void sha256_end(struct sha256 *hash, unsigned char digest[SHA256_BYTES]);

#endif
