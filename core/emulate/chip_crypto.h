/* SPDX-License-Identifier: Apache-2.0 */
/* The keys, ciphers and checksums of ICAO 9303-11, as a chip computes them. Inside the room; false
 * always means that OpenSSL failed. */
#ifndef EMULATE_CHIP_CRYPTO_H
#define EMULATE_CHIP_CRYPTO_H

#include "base/buf.h"

enum chip_cipher { CHIP_3DES = 1, CHIP_AES_128, CHIP_AES_192, CHIP_AES_256 };

struct chip_key {
    enum chip_cipher cipher;
    uint8_t at[32]; /* as long as the cipher wants it */
};

enum chip_use { CHIP_ENCRYPTION = 1, CHIP_MAC = 2, CHIP_PASSWORD = 3 };
enum { CHIP_MAC_BYTES = 8, CHIP_BLOCK_MAX = 16, CHIP_SHA1 = 20 };

size_t chip_block(enum chip_cipher cipher); /* bytes */
bool chip_sha1(struct smg_str data, uint8_t out[CHIP_SHA1]);
/* The key derivation function of section 9.7.1. */
bool chip_derive(enum chip_cipher cipher, struct smg_str secret, enum chip_use use,
                 struct chip_key *out);
/* CBC without padding; len is a multiple of the block. iv NULL: zeros. */
bool chip_encrypt(const struct chip_key *key, const uint8_t *iv, struct smg_str in, uint8_t *out);
bool chip_decrypt(const struct chip_key *key, const uint8_t *iv, struct smg_str in, uint8_t *out);
/* 3DES: the retail MAC (ISO/IEC 9797-1, algorithm 3) over padded data; AES: CMAC, 8 bytes of it. */
bool chip_mac(const struct chip_key *key, struct smg_str data, uint8_t out[CHIP_MAC_BYTES]);
/* ISO/IEC 9797-1 padding method 2: 80, then zeros up to a full block. */
void chip_pad(struct buf *data, size_t block);

#endif
