/* SPDX-License-Identifier: Apache-2.0 */
/* TLS for the server: a context built whole from its files, then put in the old one's place. */
#include "crypto/tls.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <pthread.h>
#include <stdlib.h>

struct tls {
    char *certificate, *key, *client_ca;
    pthread_mutex_t mutex; /* guards context; connections hold references of their own */
    SSL_CTX *context;
};

/* Resumption of a session with a client certificate fails with an alert when there is no name. */
static const unsigned char SESSION_NAME[] = "shiming";

/* TLS 1.2: forward secrecy and AEAD only. TLS 1.3 has nothing else. */
static const char TLS12_CIPHERS[] = "ECDHE+AESGCM:ECDHE+CHACHA20";

/* Say which file, and OpenSSL's reason where there is one. */
static int blame(struct smg_err *err, enum smg_code code, const char *file, const char *what)
{
    const char *reason = ERR_reason_error_string(ERR_peek_last_error());

    ERR_clear_error();
    if (reason == NULL)
        return smg_fail(err, code, "%s: %s", file, what);
    return smg_fail(err, code, "%s: %s (%s)", file, what, reason);
}

static int check_days(const X509 *certificate, const char *file, struct smg_err *err)
{
    if (X509_cmp_current_time(X509_get0_notBefore(certificate)) >= 0)
        return blame(err, SMG_E_INVALID, file, "the certificate is not valid yet");
    if (X509_cmp_current_time(X509_get0_notAfter(certificate)) <= 0)
        return blame(err, SMG_E_INVALID, file, "the certificate has expired");
    return SMG_OK;
}

/* A key with a passphrase must not make the server ask on its terminal. */
static int no_passphrase(char *room, int size, int writing, void *ctx)
{
    (void)room;
    (void)size;
    (void)writing;
    (void)ctx;
    return -1;
}

static int use_own(SSL_CTX *context, const struct tls *tls, struct smg_err *err)
{
    SSL_CTX_set_default_passwd_cb(context, no_passphrase);
    if (SSL_CTX_use_certificate_chain_file(context, tls->certificate) != 1)
        return blame(err, SMG_E_INVALID, tls->certificate, "no certificate can be read from it");
    if (SSL_CTX_use_PrivateKey_file(context, tls->key, SSL_FILETYPE_PEM) != 1) {
        if (ERR_GET_REASON(ERR_peek_last_error()) == X509_R_KEY_VALUES_MISMATCH)
            return blame(err, SMG_E_INVALID, tls->key, "not the key of the certificate");
        return blame(err, SMG_E_INVALID, tls->key, "no private key can be read from it");
    }
    if (SSL_CTX_check_private_key(context) != 1)
        return blame(err, SMG_E_INVALID, tls->key, "not the key of the certificate");
    return check_days(SSL_CTX_get0_certificate(context), tls->certificate, err);
}

static int use_client_ca(SSL_CTX *context, const struct tls *tls, struct smg_err *err)
{
    STACK_OF(X509_NAME) * names;

    if (SSL_CTX_load_verify_file(context, tls->client_ca) != 1)
        return blame(err, SMG_E_INVALID, tls->client_ca, "no certificate can be read from it");
    names = SSL_load_client_CA_file(tls->client_ca);
    if (names == NULL)
        return blame(err, SMG_E_INVALID, tls->client_ca, "no certificate can be read from it");
    SSL_CTX_set_client_CA_list(context, names);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
    return SMG_OK;
}

static int build(const struct tls *tls, SSL_CTX **out, struct smg_err *err)
{
    SSL_CTX *context;
    int status;

    ERR_clear_error();
    context = SSL_CTX_new(TLS_server_method());
    if (context == NULL)
        return blame(err, SMG_E_MEMORY, tls->certificate, "cannot set up TLS");
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                     SSL_OP_CIPHER_SERVER_PREFERENCE);
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
    if (SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) != 1 ||
        SSL_CTX_set_cipher_list(context, TLS12_CIPHERS) != 1 ||
        SSL_CTX_set_session_id_context(context, SESSION_NAME, sizeof SESSION_NAME - 1) != 1)
        status = blame(err, SMG_E_UNSUPPORTED, tls->certificate, "cannot set up TLS");
    else
        status = use_own(context, tls, err);
    if (status == SMG_OK && tls->client_ca != NULL)
        status = use_client_ca(context, tls, err);
    if (status == SMG_OK)
        *out = context;
    else
        SSL_CTX_free(context);
    return status;
}

struct tls *tls_new(const char *certificate, const char *key, const char *client_ca,
                    struct smg_err *err)
{
    struct tls *tls = calloc(1, sizeof *tls);

    if (tls == NULL) {
        smg_fail(err, SMG_E_MEMORY, "out of memory");
        return NULL;
    }
    if (pthread_mutex_init(&tls->mutex, NULL) != 0) {
        smg_fail(err, SMG_E_MEMORY, "out of memory");
        free(tls);
        return NULL;
    }
    tls->certificate = strdup(certificate);
    tls->key = strdup(key);
    tls->client_ca = client_ca == NULL ? NULL : strdup(client_ca);
    if (tls->certificate == NULL || tls->key == NULL ||
        (client_ca != NULL && tls->client_ca == NULL)) {
        smg_fail(err, SMG_E_MEMORY, "out of memory");
        goto out;
    }
    if (build(tls, &tls->context, err) == SMG_OK)
        return tls;
out:
    tls_free(tls);
    return NULL;
}

void tls_free(struct tls *tls)
{
    if (tls == NULL)
        return;
    SSL_CTX_free(tls->context);
    pthread_mutex_destroy(&tls->mutex);
    free(tls->certificate);
    free(tls->key);
    free(tls->client_ca);
    free(tls);
}

int tls_reload(struct tls *tls, struct smg_err *err)
{
    SSL_CTX *fresh = NULL, *old;
    int status = build(tls, &fresh, err);

    if (status != SMG_OK)
        return status;
    pthread_mutex_lock(&tls->mutex);
    old = tls->context;
    tls->context = fresh;
    pthread_mutex_unlock(&tls->mutex);
    SSL_CTX_free(old);
    return SMG_OK;
}

struct ssl_st *tls_accept(struct tls *tls)
{
    SSL *ssl;

    /* SSL_new takes its own reference, so a reload does not disturb the connection. */
    pthread_mutex_lock(&tls->mutex);
    ssl = SSL_new(tls->context);
    pthread_mutex_unlock(&tls->mutex);
    if (ssl != NULL)
        SSL_set_accept_state(ssl);
    return ssl;
}

bool tls_client_key(struct ssl_st *ssl, char out[65])
{
    X509 *certificate = SSL_get0_peer_certificate(ssl);
    X509_PUBKEY *key = certificate == NULL ? NULL : X509_get_X509_PUBKEY(certificate);
    uint8_t digest[32];
    uint8_t *der = NULL;
    unsigned digest_len = 0;
    int len = key == NULL ? -1 : i2d_X509_PUBKEY(key, &der);
    size_t i;
    bool good = len > 0 &&
                EVP_Digest(der, (size_t)len, digest, &digest_len, EVP_sha256(), NULL) == 1 &&
                digest_len == sizeof digest;

    OPENSSL_free(der);
    for (i = 0; good && i < sizeof digest; i++)
        snprintf(out + 2 * i, 3, "%02x", digest[i]);
    return good;
}
