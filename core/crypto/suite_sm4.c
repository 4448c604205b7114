/* SPDX-License-Identifier: Apache-2.0 */
/* Suite sm4: SM4-CTR, then HMAC-SM3 over (about, head, nonce, cipher text): GB/T 32907 and 32905.
 * This OpenSSL has no SM4-GCM. */
#include "crypto/suite.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <stdlib.h>

enum { NONCE_BYTES = 16, TAG_BYTES = 32, CIPHER_KEY_BYTES = 16, MAC_KEY_BYTES = 32 };

struct sm4 {
    EVP_CIPHER_CTX *cipher;
    EVP_MAC_CTX *mac;
};

static void sm4_free(void *contexts)
{
    struct sm4 *sm4 = contexts;

    if (sm4 == NULL)
        return;
    EVP_CIPHER_CTX_free(sm4->cipher);
    EVP_MAC_CTX_free(sm4->mac);
    free(sm4);
}

/* Counter mode is its own inverse, so both directions are the same. */
static void *sm4_new(bool sealing)
{
    OSSL_PARAM digest[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, (char *)suite_sm4.digest, 0),
        OSSL_PARAM_construct_end(),
    };
    struct sm4 *sm4 = calloc(1, sizeof *sm4);
    EVP_CIPHER *cipher = EVP_CIPHER_fetch(NULL, "SM4-CTR", NULL);
    EVP_MAC *mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    bool good = false;

    (void)sealing;
    if (sm4 == NULL || cipher == NULL || mac == NULL)
        goto out;
    sm4->cipher = EVP_CIPHER_CTX_new();
    sm4->mac = EVP_MAC_CTX_new(mac);
    good = sm4->cipher != NULL && sm4->mac != NULL &&
           EVP_EncryptInit_ex2(sm4->cipher, cipher, NULL, NULL, NULL) == 1 &&
           EVP_MAC_CTX_set_params(sm4->mac, digest) == 1;
out:
    EVP_CIPHER_free(cipher);
    EVP_MAC_free(mac);
    if (good)
        return sm4;
    sm4_free(sm4);
    return NULL;
}

static bool set_keys(struct sm4 *sm4, const uint8_t keys[CIPHER_KEY_BYTES + MAC_KEY_BYTES])
{
    return EVP_EncryptInit_ex2(sm4->cipher, NULL, keys, NULL, NULL) == 1 &&
           EVP_MAC_init(sm4->mac, keys + CIPHER_KEY_BYTES, MAC_KEY_BYTES, NULL) == 1;
}

static bool mac_bytes(EVP_MAC_CTX *mac, const void *at, size_t len)
{
    return len == 0 || EVP_MAC_update(mac, at, len) == 1;
}

/* HKDF-Expand (RFC 5869, 2.3) by the MAC that is here anyway: a third of what EVP_KDF takes, and a
 * data key is set for every value. */
static bool expand(EVP_MAC_CTX *mac, const uint8_t key[SUITE_KEY_BYTES], uint8_t out[2 * TAG_BYTES])
{
    static const char info[] = "shiming/sm4";
    static const uint8_t counter[] = { 1, 2 };
    size_t len;

    return EVP_MAC_init(mac, key, SUITE_KEY_BYTES, NULL) == 1 &&
           mac_bytes(mac, info, sizeof info - 1) && mac_bytes(mac, counter, 1) &&
           EVP_MAC_final(mac, out, &len, TAG_BYTES) == 1 && EVP_MAC_init(mac, NULL, 0, NULL) == 1 &&
           mac_bytes(mac, out, TAG_BYTES) && mac_bytes(mac, info, sizeof info - 1) &&
           mac_bytes(mac, counter + 1, 1) &&
           EVP_MAC_final(mac, out + TAG_BYTES, &len, TAG_BYTES) == 1;
}

static bool sm4_key(void *contexts, const uint8_t key[SUITE_KEY_BYTES])
{
    struct sm4 *sm4 = contexts;
    uint8_t keys[2 * TAG_BYTES];
    bool good = expand(sm4->mac, key, keys) && set_keys(sm4, keys);

    str_wipe(keys, sizeof keys);
    return good;
}

static bool sm4_forget(void *contexts)
{
    static const uint8_t zeros[CIPHER_KEY_BYTES + MAC_KEY_BYTES];

    return set_keys(contexts, zeros);
}

static bool compute_tag(struct sm4 *sm4, const struct suite_message *message,
                        struct smg_str cipher_text, uint8_t tag[TAG_BYTES])
{
    uint8_t about_len[8];
    size_t i, len;

    for (i = 0; i < sizeof about_len; i++)
        about_len[i] = (uint8_t)((uint64_t)message->about.len >> (56 - 8 * i));
    /* Initialising without a key keeps the one it has. */
    return EVP_MAC_init(sm4->mac, NULL, 0, NULL) == 1 &&
           mac_bytes(sm4->mac, about_len, sizeof about_len) &&
           mac_bytes(sm4->mac, message->about.at, message->about.len) &&
           mac_bytes(sm4->mac, message->head.at, message->head.len) &&
           mac_bytes(sm4->mac, message->nonce, NONCE_BYTES) &&
           mac_bytes(sm4->mac, cipher_text.at, cipher_text.len) &&
           EVP_MAC_final(sm4->mac, tag, &len, TAG_BYTES) == 1 && len == TAG_BYTES;
}

static bool run_cipher(struct sm4 *sm4, const struct suite_message *message)
{
    const uint8_t *in = (const uint8_t *)message->in.at;
    int done;

    return message->in.len == 0 ||
           (EVP_EncryptInit_ex2(sm4->cipher, NULL, NULL, message->nonce, NULL) == 1 &&
            EVP_EncryptUpdate(sm4->cipher, message->out, &done, in, (int)message->in.len) == 1);
}

static bool sm4_seal(void *contexts, const struct suite_message *message)
{
    struct sm4 *sm4 = contexts;

    return run_cipher(sm4, message) &&
           compute_tag(sm4, message, str_bytes(message->out, message->in.len), message->tag);
}

static int sm4_open(void *contexts, const struct suite_message *message)
{
    struct sm4 *sm4 = contexts;
    uint8_t tag[TAG_BYTES];

    if (!compute_tag(sm4, message, message->in, tag))
        return SMG_E_BUG;
    if (!str_eq_secret(str_bytes(tag, TAG_BYTES), str_bytes(message->tag, TAG_BYTES)))
        return SMG_E_DENIED;
    return run_cipher(sm4, message) ? SMG_OK : SMG_E_BUG;
}

const struct suite suite_sm4 = {
    .number = 2,
    .name = "sm4",
    .digest = "SM3",
    .nonce_bytes = NONCE_BYTES,
    .tag_bytes = TAG_BYTES,
    .contexts_new = sm4_new,
    .contexts_free = sm4_free,
    .key = sm4_key,
    .forget = sm4_forget,
    .seal = sm4_seal,
    .open = sm4_open,
};
