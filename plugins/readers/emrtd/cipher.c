/* SPDX-License-Identifier: Apache-2.0 */
/* Triple DES and AES from OpenSSL. Single DES, which the retail MAC is made of, is triple DES with
 * one key three times: the legacy provider is not needed. */
#include "cipher.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <string.h>

enum { DES_KEY = 8, THIRD_KEY = 2 * DES_KEY, DES_BLOCK = 8, CHUNK = 512 };

size_t suite_block(enum suite suite)
{
    return suite == SUITE_3DES ? 8 : 16;
}

static size_t key_bytes(enum suite suite)
{
    return suite == SUITE_AES192 ? 24 : suite == SUITE_AES256 ? 32 : 16;
}

static void set_odd_parity(uint8_t *at, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        unsigned ones = 0;

        for (unsigned bit = 1; bit < 8; bit++)
            ones += (unsigned)at[i] >> bit & 1u;
        at[i] = (uint8_t)((at[i] & 0xFE) | (ones % 2 == 0));
    }
}

bool derive_key(enum suite suite, const uint8_t *secret, size_t len, enum key_use use,
                struct key *out)
{
    const uint8_t counter[4] = { 0, 0, 0, (uint8_t)use };
    const bool long_key = suite == SUITE_AES192 || suite == SUITE_AES256;
    uint8_t digest[EVP_MAX_MD_SIZE];
    EVP_MD_CTX *hash = EVP_MD_CTX_new();
    bool good = hash != NULL &&
                EVP_DigestInit_ex(hash, long_key ? EVP_sha256() : EVP_sha1(), NULL) == 1 &&
                EVP_DigestUpdate(hash, secret, len) == 1 &&
                EVP_DigestUpdate(hash, counter, sizeof counter) == 1 &&
                EVP_DigestFinal_ex(hash, digest, NULL) == 1;

    EVP_MD_CTX_free(hash);
    *out = (struct key){ 0 };
    if (good)
        memcpy(out->at, digest, key_bytes(suite));
    if (suite == SUITE_3DES)
        set_odd_parity(out->at, key_bytes(suite));
    OPENSSL_cleanse(digest, sizeof digest);
    return good;
}

static const EVP_CIPHER *cbc_of(enum suite suite)
{
    switch (suite) {
    case SUITE_3DES:
        return EVP_des_ede3_cbc();
    case SUITE_AES128:
        return EVP_aes_128_cbc();
    case SUITE_AES192:
        return EVP_aes_192_cbc();
    case SUITE_AES256:
        return EVP_aes_256_cbc();
    }
    return NULL;
}

static bool run_cbc(const EVP_CIPHER *cipher, const uint8_t *key, const uint8_t *iv, bool encrypt,
                    const uint8_t *in, size_t len, uint8_t *out)
{
    static const uint8_t zeros[BLOCK_MAX];
    EVP_CIPHER_CTX *run = EVP_CIPHER_CTX_new();
    int written = 0;
    bool good = run != NULL && len <= INT32_MAX &&
                EVP_CipherInit_ex(run, cipher, NULL, key, iv == NULL ? zeros : iv, encrypt) == 1 &&
                EVP_CIPHER_CTX_set_padding(run, 0) == 1 &&
                EVP_CipherUpdate(run, out, &written, in, (int)len) == 1 && (size_t)written == len;

    EVP_CIPHER_CTX_free(run);
    return good;
}

static bool run_suite(enum suite suite, const struct key *key, const uint8_t *iv, bool encrypt,
                      const uint8_t *in, size_t len, uint8_t *out)
{
    uint8_t whole[KEY_MAX];
    bool good;

    memcpy(whole, key->at, sizeof whole);
    if (suite == SUITE_3DES)
        memcpy(whole + THIRD_KEY, key->at, DES_KEY); /* the first key is the third one too */
    good = run_cbc(cbc_of(suite), whole, iv, encrypt, in, len, out);
    OPENSSL_cleanse(whole, sizeof whole);
    return good;
}

bool cbc_encrypt(enum suite suite, const struct key *key, const uint8_t *iv, const uint8_t *in,
                 size_t len, uint8_t *out)
{
    return run_suite(suite, key, iv, true, in, len, out);
}

bool cbc_decrypt(enum suite suite, const struct key *key, const uint8_t *iv, const uint8_t *in,
                 size_t len, uint8_t *out)
{
    return run_suite(suite, key, iv, false, in, len, out);
}

static void repeat_key(const uint8_t *one, uint8_t three[3 * DES_KEY])
{
    for (size_t i = 0; i < 3; i++)
        memcpy(three + i * DES_KEY, one, DES_KEY);
}

static bool make_retail_mac(const struct key *key, const uint8_t *in, size_t len,
                            uint8_t out[MAC_BYTES])
{
    uint8_t first[3 * DES_KEY], second[3 * DES_KEY], block[DES_BLOCK] = { 0 }, chunk[CHUNK];
    bool good = len > 0 && len % DES_BLOCK == 0;

    repeat_key(key->at, first);
    repeat_key(key->at + DES_KEY, second);
    while (good && len > 0) {
        size_t part = len < CHUNK ? len : CHUNK;

        good = run_cbc(EVP_des_ede3_cbc(), first, block, true, in, part, chunk);
        memcpy(block, chunk + part - DES_BLOCK, DES_BLOCK);
        in += part;
        len -= part;
    }
    good = good && run_cbc(EVP_des_ede3_cbc(), second, NULL, false, block, DES_BLOCK, chunk) &&
           run_cbc(EVP_des_ede3_cbc(), first, NULL, true, chunk, DES_BLOCK, out);
    OPENSSL_cleanse(first, sizeof first);
    OPENSSL_cleanse(second, sizeof second);
    return good;
}

static bool make_cmac(enum suite suite, const struct key *key, const uint8_t *in, size_t len,
                      uint8_t out[MAC_BYTES])
{
    char cipher[16];
    OSSL_PARAM parameters[2];
    EVP_MAC *cmac = EVP_MAC_fetch(NULL, "CMAC", NULL);
    EVP_MAC_CTX *run = EVP_MAC_CTX_new(cmac);
    uint8_t whole[BLOCK_MAX];
    size_t written = 0;
    bool good;

    snprintf(cipher, sizeof cipher, "AES-%zu-CBC", 8 * key_bytes(suite));
    parameters[0] = OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_CIPHER, cipher, 0);
    parameters[1] = OSSL_PARAM_construct_end();
    good = run != NULL && EVP_MAC_init(run, key->at, key_bytes(suite), parameters) == 1 &&
           EVP_MAC_update(run, in, len) == 1 &&
           EVP_MAC_final(run, whole, &written, sizeof whole) == 1 && written == sizeof whole;
    EVP_MAC_CTX_free(run);
    EVP_MAC_free(cmac);
    if (good)
        memcpy(out, whole, MAC_BYTES);
    return good;
}

bool make_mac(enum suite suite, const struct key *key, const uint8_t *in, size_t len,
              uint8_t out[MAC_BYTES])
{
    return suite == SUITE_3DES ? make_retail_mac(key, in, len, out)
                               : make_cmac(suite, key, in, len, out);
}

bool hash_sha1(const void *in, size_t len, uint8_t out[SHA1_BYTES])
{
    return EVP_Digest(in, len, out, NULL, EVP_sha1(), NULL) == 1;
}

size_t pad_to_block(uint8_t *at, size_t len, size_t block)
{
    at[len++] = 0x80;
    while (len % block != 0)
        at[len++] = 0;
    return len;
}

bool cut_padding(const uint8_t *at, size_t len, size_t *out)
{
    while (len > 0 && at[len - 1] == 0)
        len--;
    if (len == 0 || at[len - 1] != 0x80)
        return false;
    *out = len - 1;
    return true;
}
