/* SPDX-License-Identifier: Apache-2.0 */
/* A suite: which cipher, MAC and digest go together. Numbers are in every sealed value, for ever.
 */
#ifndef CRYPTO_SUITE_H
#define CRYPTO_SUITE_H

#include "base/str.h"

enum {
    SUITE_KEY_BYTES = 32,
    SUITE_NONCE_LIMIT = 16, /* no suite's nonce or tag is longer */
    SUITE_TAG_LIMIT = 32
};

/* What one sealing works on: `head` and `about` are authenticated, `in` is turned into `out` (as
 * many bytes, another place), and the tag is written when sealing, compared when opening. */
struct suite_message {
    struct smg_str head, about, in;
    const uint8_t *nonce;
    uint8_t *out;
    uint8_t *tag;
};

struct suite {
    uint8_t number;
    const char *name;
    const char *digest; /* of HMAC and HKDF, as OpenSSL calls it */
    size_t nonce_bytes, tag_bytes;

    /* Contexts for one direction, made once and keyed as often as needed. */
    void *(*contexts_new)(bool sealing); /* NULL: out of memory, or OpenSSL lacks the cipher */
    void (*contexts_free)(void *contexts);
    bool (*key)(void *contexts, const uint8_t key[SUITE_KEY_BYTES]);
    bool (*forget)(void *contexts); /* the key; key before the next use */
    bool (*seal)(void *contexts, const struct suite_message *message);
    /* SMG_OK; SMG_E_DENIED: the tag is another, and `out` holds nothing of use; SMG_E_BUG. */
    int (*open)(void *contexts, const struct suite_message *message);
};

extern const struct suite suite_aes, suite_sm4;

enum { SUITE_COUNT = 2 };
const struct suite *suite_at(size_t i);              /* 0 to SUITE_COUNT - 1 */
const struct suite *suite_find(struct smg_str name); /* NULL when there is none */

/* HKDF (RFC 5869) with the suite's digest and no salt: len bytes for this info. */
bool suite_derive(const struct suite *suite, const uint8_t key[SUITE_KEY_BYTES], const char *info,
                  uint8_t *out, size_t len);

#endif
