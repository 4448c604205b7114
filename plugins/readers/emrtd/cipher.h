/* SPDX-License-Identifier: Apache-2.0 */
/* The ciphers chips and readers talk under, and the keys made for them (ICAO 9303-11 section 9). */
#ifndef EMRTD_CIPHER_H
#define EMRTD_CIPHER_H

#include <shiming/plugin.h>

/* Each with its MAC of eight bytes: two-key triple DES with the retail MAC (ISO 9797-1 algorithm
 * 3), AES with CMAC. */
enum suite { SUITE_3DES = 1, SUITE_AES128, SUITE_AES192, SUITE_AES256 };

enum { BLOCK_MAX = 16, KEY_MAX = 32, MAC_BYTES = 8, SHA1_BYTES = 20 };

struct key {
    uint8_t at[KEY_MAX]; /* triple DES: 16 bytes */
};

enum key_use { KEY_ENCRYPT = 1, KEY_MAC = 2, KEY_PASSWORD = 3 }; /* the counter of the derivation */

size_t suite_block(enum suite suite); /* bytes: 8 or 16 */

/* Every function here returns false only when the library fails, which a healthy one does not. */
bool derive_key(enum suite suite, const uint8_t *secret, size_t len, enum key_use use,
                struct key *out);
/* len: whole blocks; in and out may be the same. iv NULL: zeros. */
bool cbc_encrypt(enum suite suite, const struct key *key, const uint8_t *iv, const uint8_t *in,
                 size_t len, uint8_t *out);
bool cbc_decrypt(enum suite suite, const struct key *key, const uint8_t *iv, const uint8_t *in,
                 size_t len, uint8_t *out);
/* Triple DES takes whole blocks only. */
bool make_mac(enum suite suite, const struct key *key, const uint8_t *in, size_t len,
              uint8_t out[MAC_BYTES]);
bool hash_sha1(const void *in, size_t len, uint8_t out[SHA1_BYTES]);

/* 80 and zeros up to a whole block; `at` has room for a block more. Returns the length. */
size_t pad_to_block(uint8_t *at, size_t len, size_t block);
/* What was padded like that, without it; false when it was not. */
bool cut_padding(const uint8_t *at, size_t len, size_t *out);

#endif
