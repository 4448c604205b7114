/* SPDX-License-Identifier: Apache-2.0 */
/* One request over TLS. No authority vouches for the gateway: its certificate is at hand, and the
 * one it shows must be the same. */
#include "crypto/tls_ask.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

static int blame(struct smg_err *err, enum smg_code code, const char *what)
{
    const char *reason = ERR_reason_error_string(ERR_peek_last_error());

    ERR_clear_error();
    return smg_fail(err, code, "%.150s%s%s%s", what, reason == NULL ? "" : " (",
                    reason == NULL ? "" : reason, reason == NULL ? "" : ")");
}

static int check_shown(SSL *ssl, const char *expected, struct smg_err *err)
{
    BIO *file = BIO_new_file(expected, "r");
    X509 *wanted = file == NULL ? NULL : PEM_read_bio_X509(file, NULL, NULL, NULL);
    X509 *shown = SSL_get1_peer_certificate(ssl);
    int status = SMG_OK;

    if (wanted == NULL)
        status = blame(err, SMG_E_INVALID, expected);
    else if (shown == NULL || X509_cmp(wanted, shown) != 0)
        status =
            smg_fail(err, SMG_E_DENIED,
                     "what answers does not show the certificate of %.120s; after a renewal the "
                     "gateway needs a SIGHUP",
                     expected);
    X509_free(wanted);
    X509_free(shown);
    BIO_free(file);
    return status;
}

static int set_up(SSL_CTX *context, const struct tls_ask *how, struct smg_err *err)
{
    if (SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) != 1)
        return blame(err, SMG_E_UNSUPPORTED, "cannot set up TLS");
    if (how->certificate != NULL &&
        (SSL_CTX_use_certificate_chain_file(context, how->certificate) != 1 ||
         SSL_CTX_use_PrivateKey_file(context, how->key, SSL_FILETYPE_PEM) != 1))
        return blame(err, SMG_E_INVALID, how->certificate);
    return SMG_OK;
}

static int exchange(SSL *ssl, struct smg_str request, struct buf *answer, size_t limit,
                    struct smg_err *err)
{
    char part[4096];
    size_t len;

    if (SSL_write_ex(ssl, request.at, request.len, &len) != 1)
        return blame(err, SMG_E_IO, "the gateway took no request");
    while (answer->len < limit && SSL_read_ex(ssl, part, sizeof part, &len) == 1)
        buf_put(answer, part, len);
    if (answer->len == 0)
        return blame(err, SMG_E_IO, "the gateway did not answer");
    return answer->failed ? smg_fail(err, SMG_E_MEMORY, "out of memory") : SMG_OK;
}

int tls_ask(int fd, const struct tls_ask *how, struct smg_str request, struct buf *answer,
            size_t limit, struct smg_err *err)
{
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    SSL *ssl = NULL;
    int status;

    ERR_clear_error();
    status =
        context == NULL ? blame(err, SMG_E_MEMORY, "cannot set up TLS") : set_up(context, how, err);
    if (status == SMG_OK) {
        ssl = SSL_new(context);
        if (ssl == NULL || SSL_set_fd(ssl, fd) != 1 || SSL_connect(ssl) != 1)
            status = blame(err, SMG_E_GONE, "no TLS with what answers");
    }
    if (status == SMG_OK)
        status = check_shown(ssl, how->expected, err);
    if (status == SMG_OK)
        status = exchange(ssl, request, answer, limit, err);
    SSL_free(ssl);
    SSL_CTX_free(context);
    return status;
}
