/* SPDX-License-Identifier: Apache-2.0 */
/* Suite aes-256-gcm: AES-256-GCM (NIST SP 800-38D), 12-byte nonce, 16-byte tag. */
#include "crypto/suite.h"

#include <openssl/evp.h>
#include <stdlib.h>

enum { NONCE_BYTES = 12, TAG_BYTES = 16 };

/* One direction: turning an OpenSSL context round needs its key again. */
struct aes {
    EVP_CIPHER_CTX *context;
    int sealing;
};

static void aes_free(void *contexts)
{
    struct aes *aes = contexts;

    if (aes == NULL)
        return;
    EVP_CIPHER_CTX_free(aes->context);
    free(aes);
}

static void *aes_new(bool sealing)
{
    struct aes *aes = calloc(1, sizeof *aes);
    EVP_CIPHER *cipher = EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL);
    bool good = false;

    if (aes == NULL || cipher == NULL)
        goto out;
    aes->sealing = sealing ? 1 : 0;
    aes->context = EVP_CIPHER_CTX_new();
    good = aes->context != NULL &&
           EVP_CipherInit_ex2(aes->context, cipher, NULL, NULL, aes->sealing, NULL) == 1;
out:
    EVP_CIPHER_free(cipher);
    if (good)
        return aes;
    aes_free(aes);
    return NULL;
}

static bool aes_key(void *contexts, const uint8_t key[SUITE_KEY_BYTES])
{
    struct aes *aes = contexts;

    return EVP_CipherInit_ex2(aes->context, NULL, key, NULL, aes->sealing, NULL) == 1;
}

static bool aes_forget(void *contexts)
{
    static const uint8_t zeros[SUITE_KEY_BYTES];

    return aes_key(contexts, zeros);
}

/* Everything up to the tag. */
static bool run(struct aes *aes, const struct suite_message *message)
{
    EVP_CIPHER_CTX *context = aes->context;
    const uint8_t *head = (const uint8_t *)message->head.at;
    const uint8_t *about = (const uint8_t *)message->about.at;
    const uint8_t *in = (const uint8_t *)message->in.at;
    int done;

    /* The head's length is fixed, so head and about cannot run into each other. */
    return EVP_CipherInit_ex2(context, NULL, NULL, message->nonce, aes->sealing, NULL) == 1 &&
           EVP_CipherUpdate(context, NULL, &done, head, (int)message->head.len) == 1 &&
           (message->about.len == 0 ||
            EVP_CipherUpdate(context, NULL, &done, about, (int)message->about.len) == 1) &&
           (message->in.len == 0 ||
            EVP_CipherUpdate(context, message->out, &done, in, (int)message->in.len) == 1);
}

static bool aes_seal(void *contexts, const struct suite_message *message)
{
    struct aes *aes = contexts;
    uint8_t none[TAG_BYTES];
    int done;

    return run(aes, message) && EVP_CipherFinal_ex(aes->context, none, &done) == 1 &&
           EVP_CIPHER_CTX_ctrl(aes->context, EVP_CTRL_AEAD_GET_TAG, TAG_BYTES, message->tag) == 1;
}

static int aes_open(void *contexts, const struct suite_message *message)
{
    struct aes *aes = contexts;
    uint8_t none[TAG_BYTES];
    int done;

    if (!run(aes, message) ||
        EVP_CIPHER_CTX_ctrl(aes->context, EVP_CTRL_AEAD_SET_TAG, TAG_BYTES, message->tag) != 1)
        return SMG_E_BUG;
    return EVP_CipherFinal_ex(aes->context, none, &done) == 1 ? SMG_OK : SMG_E_DENIED;
}

const struct suite suite_aes = {
    .number = 1,
    .name = "aes-256-gcm",
    .digest = "SHA256",
    .nonce_bytes = NONCE_BYTES,
    .tag_bytes = TAG_BYTES,
    .contexts_new = aes_new,
    .contexts_free = aes_free,
    .key = aes_key,
    .forget = aes_forget,
    .seal = aes_seal,
    .open = aes_open,
};
