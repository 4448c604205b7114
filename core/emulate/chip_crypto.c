/* SPDX-License-Identifier: Apache-2.0 */
/* Key derivation, CBC and MACs on OpenSSL's default provider. */
#include "emulate/chip_crypto.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>

static const struct {
    const char *name;
    size_t block, key;
} ciphers[] = {
    [CHIP_3DES] = { "DES-EDE-CBC", 8, 16 },
    [CHIP_AES_128] = { "AES-128-CBC", 16, 16 },
    [CHIP_AES_192] = { "AES-192-CBC", 16, 24 },
    [CHIP_AES_256] = { "AES-256-CBC", 16, 32 },
};

size_t chip_block(enum chip_cipher cipher)
{
    return ciphers[cipher].block;
}

bool chip_sha1(struct smg_str data, uint8_t out[CHIP_SHA1])
{
    return EVP_Digest(data.at, data.len, out, NULL, EVP_sha1(), NULL) == 1;
}

static void set_odd_parity(uint8_t *key, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        uint8_t bits = key[i] & 0xFE;

        bits ^= (uint8_t)(bits >> 4);
        bits ^= (uint8_t)(bits >> 2);
        bits ^= (uint8_t)(bits >> 1);
        key[i] = (uint8_t)((key[i] & 0xFE) | (~bits & 1));
    }
}

bool chip_derive(enum chip_cipher cipher, struct smg_str secret, enum chip_use use,
                 struct chip_key *out)
{
    bool is_long = cipher == CHIP_AES_192 || cipher == CHIP_AES_256;
    struct buf input = { 0 };
    uint8_t digest[32];
    bool good;

    buf_str(&input, secret);
    buf_u32(&input, (uint32_t)use);
    good = !input.failed && EVP_Digest(input.at, input.len, digest, NULL,
                                       is_long ? EVP_sha256() : EVP_sha1(), NULL) == 1;
    buf_fini(&input);
    *out = (struct chip_key){ .cipher = cipher };
    if (good)
        memcpy(out->at, digest, ciphers[cipher].key);
    if (cipher == CHIP_3DES)
        set_odd_parity(out->at, ciphers[cipher].key);
    return good;
}

static bool run(const struct chip_key *key, bool encrypt, const uint8_t *iv, struct smg_str in,
                uint8_t *out)
{
    static const uint8_t zeros[CHIP_BLOCK_MAX];
    EVP_CIPHER *cipher = EVP_CIPHER_fetch(NULL, ciphers[key->cipher].name, NULL);
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    int len = 0;
    bool good =
        cipher != NULL && context != NULL && in.len <= INT32_MAX &&
        EVP_CipherInit_ex2(context, cipher, key->at, iv == NULL ? zeros : iv, encrypt, NULL) == 1 &&
        EVP_CIPHER_CTX_set_padding(context, 0) == 1 &&
        EVP_CipherUpdate(context, out, &len, (const uint8_t *)in.at, (int)in.len) == 1 &&
        (size_t)len == in.len;

    EVP_CIPHER_CTX_free(context);
    EVP_CIPHER_free(cipher);
    return good;
}

bool chip_encrypt(const struct chip_key *key, const uint8_t *iv, struct smg_str in, uint8_t *out)
{
    return run(key, true, iv, in, out);
}

bool chip_decrypt(const struct chip_key *key, const uint8_t *iv, struct smg_str in, uint8_t *out)
{
    return run(key, false, iv, in, out);
}

/* Single DES over all blocks but the last, which gets both keys. Single DES is triple DES with one
 * key: OpenSSL keeps the plain one in a provider that is rarely loaded. */
static bool retail_mac(const struct chip_key *key, struct smg_str data, uint8_t out[CHIP_MAC_BYTES])
{
    struct chip_key single = { .cipher = CHIP_3DES };
    struct buf chained = { 0 };
    const uint8_t *iv = NULL;
    size_t before = data.len < 8 ? 0 : data.len - 8;
    bool good = data.len >= 8 && data.len % 8 == 0;

    memcpy(single.at, key->at, 8);
    memcpy(single.at + 8, key->at, 8);
    if (good && before > 0) {
        uint8_t *at = (uint8_t *)buf_grow(&chained, before);

        good = at != NULL && run(&single, true, NULL, str_bytes(data.at, before), at);
        iv = good ? at + before - 8 : NULL;
    }
    good = good && run(key, true, iv, str_bytes(data.at + before, 8), out);
    buf_fini(&chained);
    return good;
}

static bool cmac(const struct chip_key *key, struct smg_str data, uint8_t out[CHIP_MAC_BYTES])
{
    char name[16];
    OSSL_PARAM parameters[] = { OSSL_PARAM_END, OSSL_PARAM_END };
    EVP_MAC *mac = EVP_MAC_fetch(NULL, "CMAC", NULL);
    EVP_MAC_CTX *context = mac == NULL ? NULL : EVP_MAC_CTX_new(mac);
    uint8_t full[CHIP_BLOCK_MAX];
    size_t len = 0;
    bool good;

    snprintf(name, sizeof name, "%s", ciphers[key->cipher].name);
    parameters[0] = OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_CIPHER, name, 0);
    good = context != NULL &&
           EVP_MAC_init(context, key->at, ciphers[key->cipher].key, parameters) == 1 &&
           EVP_MAC_update(context, (const uint8_t *)data.at, data.len) == 1 &&
           EVP_MAC_final(context, full, &len, sizeof full) == 1;
    if (good)
        memcpy(out, full, CHIP_MAC_BYTES);
    EVP_MAC_CTX_free(context);
    EVP_MAC_free(mac);
    return good;
}

bool chip_mac(const struct chip_key *key, struct smg_str data, uint8_t out[CHIP_MAC_BYTES])
{
    return key->cipher == CHIP_3DES ? retail_mac(key, data, out) : cmac(key, data, out);
}

void chip_pad(struct buf *data, size_t block)
{
    buf_byte(data, 0x80);
    while (!data->failed && data->len % block != 0)
        buf_byte(data, 0);
}
