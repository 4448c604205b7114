/* SPDX-License-Identifier: Apache-2.0 */
/* Random bytes and the plain digest: what needs no key. */
#include "crypto/seal.h"

#include <limits.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <stdlib.h>

#include "base/log.h"

/* There is no going on without these: a weak key or a wrong digest would be found years later. */
static void give_up(const char *what)
{
    log_line(SMG_ERROR, "crypto", "OpenSSL gives no %s; the program ends", what);
    abort();
}

void random_bytes(void *out, size_t len)
{
    if (len > INT_MAX || RAND_bytes(out, (int)len) != 1)
        give_up("random bytes");
}

void digest_sha256_parts(const struct smg_str *parts, size_t count, uint8_t out[32])
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool good = context != NULL && EVP_DigestInit_ex2(context, EVP_sha256(), NULL) == 1;
    unsigned len = 0;
    size_t i;

    for (i = 0; good && i < count; i++)
        good = parts[i].len == 0 || EVP_DigestUpdate(context, parts[i].at, parts[i].len) == 1;
    if (!good || EVP_DigestFinal_ex(context, out, &len) != 1 || len != 32)
        give_up("digest");
    EVP_MD_CTX_free(context);
}

void digest_sha256(struct smg_str bytes, uint8_t out[32])
{
    digest_sha256_parts(&bytes, 1, out);
}
