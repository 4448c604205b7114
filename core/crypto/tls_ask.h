/* SPDX-License-Identifier: Apache-2.0 */
/* The other side of TLS, for a verb that asks the gateway of its own configuration. */
#ifndef CRYPTO_TLS_ASK_H
#define CRYPTO_TLS_ASK_H

#include "base/buf.h"

/* What the verb knows: PEM files. */
struct tls_ask {
    const char *expected;          /* the certificate the gateway shows: no other is talked to */
    const char *certificate, *key; /* the verb's own, for a gateway that asks for one; or NULL */
};

/* Send the request over a connected socket, which stays the caller's, and append what comes back
 * until the other side ends; at most `limit` bytes. Blocks. */
int tls_ask(int fd, const struct tls_ask *how, struct smg_str request, struct buf *answer,
            size_t limit, struct smg_err *err);

#endif
