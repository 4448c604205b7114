/* SPDX-License-Identifier: Apache-2.0 */
/* TLS for the server: TLS 1.2 and up, own certificate, client certificates when a CA is given. */
#ifndef CRYPTO_TLS_H
#define CRYPTO_TLS_H

#include "base/str.h"

struct tls;
struct ssl_st;

/* client_ca NULL: no client certificates. Refuses a key that does not fit, an expired certificate,
 * and says which file. */
struct tls *tls_new(const char *certificate, const char *key, const char *client_ca,
                    struct smg_err *err);
void tls_free(struct tls *tls);
/* Read the same files again. On failure the old ones stay in use. Connections that are open keep
 * what they have. Any thread. */
int tls_reload(struct tls *tls, struct smg_err *err);
/* A new server-side connection, for bufferevent_openssl; NULL: out of memory. Any thread. */
struct ssl_st *tls_accept(struct tls *tls);
/* SHA-256 of the client certificate's public key (DER SubjectPublicKeyInfo), lower-case hex with
 * its NUL; false when the client showed none. */
bool tls_client_key(struct ssl_st *ssl, char out[65]);

#endif
