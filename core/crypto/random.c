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

void digest_sha256(struct smg_str bytes, uint8_t out[32])
{
    unsigned len;

    if (EVP_Digest(bytes.at, bytes.len, out, &len, EVP_sha256(), NULL) != 1 || len != 32)
        give_up("digest");
}
