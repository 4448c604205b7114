/* SPDX-License-Identifier: Apache-2.0 */
/* The table of suites, and the key derivation they share. */
#include "crypto/suite.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

static const struct suite *const suites[SUITE_COUNT] = { &suite_aes, &suite_sm4 };

const struct suite *suite_at(size_t i)
{
    return suites[i];
}

const struct suite *suite_find(struct smg_str name)
{
    size_t i;

    for (i = 0; i < SUITE_COUNT; i++)
        if (str_is(name, suites[i]->name))
            return suites[i];
    return NULL;
}

bool suite_derive(const struct suite *suite, const uint8_t key[SUITE_KEY_BYTES], const char *info,
                  uint8_t *out, size_t len)
{
    /* OSSL_PARAM has no const; OpenSSL only reads these. */
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, (char *)suite->digest, 0),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, (uint8_t *)key, SUITE_KEY_BYTES),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, (char *)info, strlen(info)),
        OSSL_PARAM_construct_end(),
    };
    EVP_KDF *kdf = EVP_KDF_fetch(NULL, OSSL_KDF_NAME_HKDF, NULL);
    EVP_KDF_CTX *context = kdf == NULL ? NULL : EVP_KDF_CTX_new(kdf);
    bool good = context != NULL && EVP_KDF_derive(context, out, len, params) == 1;

    EVP_KDF_CTX_free(context);
    EVP_KDF_free(kdf);
    return good;
}
