/* SPDX-License-Identifier: Apache-2.0 */
/* TLS: what is refused at start, handshakes over memory, client keys, resumption, reload. */
#include "crypto/tls.h"

#include <setjmp.h>
#include <cmocka.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/buf.h"

enum { DAY = 24 * 3600 };

/* Certificates of a made-up authority, in a folder of their own. */
struct authority {
    char folder[64];
    EVP_PKEY *key;
    X509 *certificate;
};

static void path_of(const struct authority *authority, const char *name, char out[96])
{
    snprintf(out, 96, "%s/%s", authority->folder, name);
}

static void write_pem(const struct authority *authority, const char *name, X509 *certificate,
                      EVP_PKEY *key)
{
    char path[96];
    FILE *file;

    path_of(authority, name, path);
    file = fopen(path, "w");
    assert_non_null(file);
    if (certificate != NULL)
        assert_int_equal(PEM_write_X509(file, certificate), 1);
    if (key != NULL)
        assert_int_equal(PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL), 1);
    assert_int_equal(fclose(file), 0);
}

/* A certificate for key, valid between two moments seen from now; issuer NULL: signed by itself. */
static X509 *certify(const struct authority *issuer, EVP_PKEY *key, const char *name, long from_s,
                     long to_s)
{
    X509 *certificate = X509_new();
    X509_NAME *subject = X509_NAME_new();
    X509_EXTENSION *ca;

    assert_true(certificate != NULL && subject != NULL);
    assert_int_equal(X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8,
                                                (const unsigned char *)name, -1, -1, 0),
                     1);
    X509_set_version(certificate, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), random() + 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate), from_s);
    X509_gmtime_adj(X509_getm_notAfter(certificate), to_s);
    X509_set_subject_name(certificate, subject);
    X509_set_issuer_name(certificate,
                         issuer == NULL ? subject : X509_get_subject_name(issuer->certificate));
    X509_set_pubkey(certificate, key);
    if (issuer == NULL) {
        ca = X509V3_EXT_conf_nid(NULL, NULL, NID_basic_constraints, "critical,CA:TRUE");
        assert_int_equal(X509_add_ext(certificate, ca, -1), 1);
        X509_EXTENSION_free(ca);
    }
    assert_true(X509_sign(certificate, issuer == NULL ? key : issuer->key, EVP_sha256()) > 0);
    X509_NAME_free(subject);
    return certificate;
}

static void make_pair(const struct authority *issuer, const char *name, long from_s, long to_s)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *certificate = certify(issuer, key, name, from_s, to_s);
    char file[64];

    snprintf(file, sizeof file, "%s.pem", name);
    write_pem(issuer, file, certificate, NULL);
    snprintf(file, sizeof file, "%s.key", name);
    write_pem(issuer, file, NULL, key);
    X509_free(certificate);
    EVP_PKEY_free(key);
}

static int set_up(void **state)
{
    struct authority *authority = calloc(1, sizeof *authority);

    assert_non_null(authority);
    strcpy(authority->folder, "/tmp/shiming-tls-XXXXXX");
    assert_non_null(mkdtemp(authority->folder));
    authority->key = EVP_EC_gen("P-256");
    authority->certificate = certify(NULL, authority->key, "Test Authority", -DAY, DAY);
    write_pem(authority, "ca.pem", authority->certificate, NULL);
    make_pair(authority, "server", -DAY, DAY);
    make_pair(authority, "renewed", -DAY, DAY);
    make_pair(authority, "client", -DAY, DAY);
    make_pair(authority, "expired", -2 * DAY, -DAY);
    make_pair(authority, "future", DAY, 2 * DAY);
    *state = authority;
    return 0;
}

static int tear_down(void **state)
{
    struct authority *authority = *state;
    char command[96];

    X509_free(authority->certificate);
    EVP_PKEY_free(authority->key);
    snprintf(command, sizeof command, "rm -rf %s", authority->folder);
    assert_int_equal(system(command), 0);
    free(authority);
    return 0;
}

/* ca NULL: no client certificates. */
static struct tls *serve(const struct authority *authority, const char *certificate,
                         const char *key, const char *ca, struct smg_err *err)
{
    char paths[3][96];

    path_of(authority, certificate, paths[0]);
    path_of(authority, key, paths[1]);
    path_of(authority, ca == NULL ? "" : ca, paths[2]);
    return tls_new(paths[0], paths[1], ca == NULL ? NULL : paths[2], err);
}

static SSL_CTX *be_client(const struct authority *authority, const char *name)
{
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    char path[96];

    assert_non_null(context);
    path_of(authority, "ca.pem", path);
    assert_int_equal(SSL_CTX_load_verify_file(context, path), 1);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
    if (name != NULL) {
        snprintf(path, sizeof path, "%s/%s.pem", authority->folder, name);
        assert_int_equal(SSL_CTX_use_certificate_file(context, path, SSL_FILETYPE_PEM), 1);
        snprintf(path, sizeof path, "%s/%s.key", authority->folder, name);
        assert_int_equal(SSL_CTX_use_PrivateKey_file(context, path, SSL_FILETYPE_PEM), 1);
    }
    return context;
}

struct connection {
    SSL *server, *client;
    bool greeted; /* a byte went from the server to the client, so both believe in it */
};

/* A handshake over memory, and one byte across: in TLS 1.3 a client learns of its refusal only when
 * it reads. */
static struct connection connect_to(struct tls *tls, SSL_CTX *client, SSL_SESSION *session)
{
    struct connection connection = { .server = tls_accept(tls), .client = SSL_new(client) };
    BIO *near_end, *far_end;
    char byte;
    int i;

    assert_true(connection.server != NULL && connection.client != NULL);
    assert_int_equal(BIO_new_bio_pair(&near_end, 0, &far_end, 0), 1);
    SSL_set_bio(connection.server, near_end, near_end);
    SSL_set_bio(connection.client, far_end, far_end);
    SSL_set_connect_state(connection.client);
    if (session != NULL)
        assert_int_equal(SSL_set_session(connection.client, session), 1);
    for (i = 0; i < 20 && !connection.greeted; i++) {
        SSL_do_handshake(connection.client);
        if (SSL_do_handshake(connection.server) == 1)
            SSL_write(connection.server, "!", 1);
        connection.greeted = SSL_read(connection.client, &byte, 1) == 1;
    }
    return connection;
}

static void disconnect(struct connection *connection)
{
    SSL_shutdown(connection->client);
    SSL_free(connection->server);
    SSL_free(connection->client);
}

static void test_what_cannot_serve_is_refused_and_its_file_named(void **state)
{
    static const struct {
        const char *certificate, *key, *ca, *named;
    } bad[] = {
        { "nowhere.pem", "server.key", NULL, "nowhere.pem" },
        { "server.key", "server.key", NULL, "server.key" },
        { "server.pem", "nowhere.key", NULL, "nowhere.key" },
        { "server.pem", "server.pem", NULL, "server.pem" },
        { "server.pem", "client.key", NULL, "client.key" },
        { "expired.pem", "expired.key", NULL, "expired.pem" },
        { "future.pem", "future.key", NULL, "future.pem" },
        { "server.pem", "server.key", "nowhere.pem", "nowhere.pem" },
        { "server.pem", "server.key", "server.key", "server.key" },
    };
    size_t i;

    for (i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct smg_err err = { 0 };

        assert_null(serve(*state, bad[i].certificate, bad[i].key, bad[i].ca, &err));
        assert_int_equal(err.code, SMG_E_INVALID);
        assert_non_null(strstr(err.text, bad[i].named));
    }
}

static void test_a_client_without_certificate_is_served_when_none_is_asked_for(void **state)
{
    struct smg_err err = { 0 };
    struct tls *tls = serve(*state, "server.pem", "server.key", NULL, &err);
    SSL_CTX *client = be_client(*state, NULL);
    struct connection connection = connect_to(tls, client, NULL);
    char key[65];

    assert_true(connection.greeted);
    assert_int_equal(SSL_version(connection.client), TLS1_3_VERSION);
    assert_false(tls_client_key(connection.server, key));
    disconnect(&connection);
    SSL_CTX_free(client);
    tls_free(tls);
}

static void test_versions_before_1_2_and_weak_ciphers_are_refused(void **state)
{
    static const struct {
        int version;
        const char *ciphers;
        bool good;
    } cases[] = {
        { TLS1_1_VERSION, "ALL:@SECLEVEL=0", false },
        { TLS1_2_VERSION, "ECDHE+AESGCM", true },
        { TLS1_2_VERSION, "AES128-GCM-SHA256", false },         /* no forward secrecy */
        { TLS1_2_VERSION, "ECDHE-ECDSA-AES128-SHA256", false }, /* CBC */
    };
    struct smg_err err = { 0 };
    struct tls *tls = serve(*state, "server.pem", "server.key", NULL, &err);
    size_t i;

    for (i = 0; i < sizeof cases / sizeof *cases; i++) {
        SSL_CTX *client = be_client(*state, NULL);
        struct connection connection;

        assert_int_equal(SSL_CTX_set_max_proto_version(client, cases[i].version), 1);
        SSL_CTX_set_min_proto_version(client, TLS1_VERSION);
        assert_int_equal(SSL_CTX_set_cipher_list(client, cases[i].ciphers), 1);
        connection = connect_to(tls, client, NULL);
        assert_int_equal(connection.greeted, cases[i].good);
        disconnect(&connection);
        SSL_CTX_free(client);
    }
    tls_free(tls);
}

static void test_a_client_certificate_is_compulsory_when_a_ca_is_given(void **state)
{
    struct smg_err err = { 0 };
    struct authority other = *(struct authority *)*state;
    struct tls *tls = serve(*state, "server.pem", "server.key", "ca.pem", &err);
    SSL_CTX *clients[3];
    size_t i;

    /* none, expired, and one of another authority that took the same name */
    other.key = EVP_EC_gen("P-256");
    other.certificate = certify(NULL, other.key, "Test Authority", -DAY, DAY);
    make_pair(&other, "stranger", -DAY, DAY);
    clients[0] = be_client(*state, NULL);
    clients[1] = be_client(*state, "expired");
    clients[2] = be_client(*state, "stranger");
    for (i = 0; i < 3; i++) {
        struct connection connection = connect_to(tls, clients[i], NULL);

        assert_false(connection.greeted);
        disconnect(&connection);
        SSL_CTX_free(clients[i]);
    }
    X509_free(other.certificate);
    EVP_PKEY_free(other.key);
    tls_free(tls);
}

/* The key's digest, computed the other way: from the file. */
static void expect_key(const struct authority *authority, const char *name, char out[65])
{
    unsigned char digest[32], *der = NULL;
    struct buf hex = { 0 };
    char path[96];
    EVP_PKEY *key;
    FILE *file;
    int len;

    path_of(authority, name, path);
    file = fopen(path, "r");
    assert_non_null(file);
    key = PEM_read_PrivateKey(file, NULL, NULL, NULL);
    fclose(file);
    len = i2d_PUBKEY(key, &der);
    assert_true(len > 0);
    assert_int_equal(EVP_Digest(der, (size_t)len, digest, NULL, EVP_sha256(), NULL), 1);
    buf_hex(&hex, str_bytes(digest, sizeof digest));
    memcpy(out, hex.at, 65);
    buf_fini(&hex);
    OPENSSL_free(der);
    EVP_PKEY_free(key);
}

static void test_a_client_is_known_by_its_public_key(void **state)
{
    struct smg_err err = { 0 };
    struct tls *tls = serve(*state, "server.pem", "server.key", "ca.pem", &err);
    SSL_CTX *client = be_client(*state, "client");
    struct connection connection = connect_to(tls, client, NULL);
    char key[65], expected[65];

    assert_true(connection.greeted);
    assert_true(tls_client_key(connection.server, key));
    expect_key(*state, "client.key", expected);
    assert_string_equal(key, expected);
    disconnect(&connection);
    SSL_CTX_free(client);
    tls_free(tls);
}

static void test_a_resumed_session_keeps_the_client(void **state)
{
    static const int versions[] = { TLS1_2_VERSION, TLS1_3_VERSION };
    struct smg_err err = { 0 };
    struct tls *tls = serve(*state, "server.pem", "server.key", "ca.pem", &err);
    char expected[65];
    size_t i;

    expect_key(*state, "client.key", expected);
    for (i = 0; i < 2; i++) {
        SSL_CTX *client = be_client(*state, "client");
        struct connection first, second;
        SSL_SESSION *session;
        char key[65];

        assert_int_equal(SSL_CTX_set_max_proto_version(client, versions[i]), 1);
        first = connect_to(tls, client, NULL);
        assert_true(first.greeted);
        session = SSL_get1_session(first.client);
        disconnect(&first);
        second = connect_to(tls, client, session);
        assert_true(second.greeted);
        assert_int_equal(SSL_session_reused(second.server), 1);
        assert_true(tls_client_key(second.server, key));
        assert_string_equal(key, expected);
        disconnect(&second);
        SSL_SESSION_free(session);
        SSL_CTX_free(client);
    }
    tls_free(tls);
}

static void replace(const struct authority *authority, const char *from, const char *to)
{
    char command[256];

    snprintf(command, sizeof command, "cp %s/%s %s/%s", authority->folder, from, authority->folder,
             to);
    assert_int_equal(system(command), 0);
}

/* The name on the certificate the client was shown. */
static void assert_shown(const struct connection *connection, const char *name)
{
    char shown[64] = "";

    assert_true(connection->greeted);
    X509_NAME_get_text_by_NID(X509_get_subject_name(SSL_get0_peer_certificate(connection->client)),
                              NID_commonName, shown, sizeof shown);
    assert_string_equal(shown, name);
}

static void test_a_reload_serves_the_new_certificate_and_keeps_open_connections(void **state)
{
    struct smg_err err = { 0 };
    struct connection before, after;
    SSL_CTX *client = be_client(*state, NULL);
    struct tls *tls;
    char byte;

    replace(*state, "server.pem", "own.pem");
    replace(*state, "server.key", "own.key");
    tls = serve(*state, "own.pem", "own.key", NULL, &err);
    before = connect_to(tls, client, NULL);
    replace(*state, "renewed.pem", "own.pem");
    replace(*state, "renewed.key", "own.key");
    assert_int_equal(tls_reload(tls, &err), SMG_OK);
    after = connect_to(tls, client, NULL);
    assert_shown(&before, "server");
    assert_shown(&after, "renewed");
    assert_int_equal(SSL_write(before.server, "?", 1), 1);
    assert_int_equal(SSL_read(before.client, &byte, 1), 1);
    disconnect(&before);
    disconnect(&after);
    SSL_CTX_free(client);
    tls_free(tls);
}

static void test_a_reload_that_fails_changes_nothing(void **state)
{
    struct smg_err err = { 0 };
    SSL_CTX *client = be_client(*state, NULL);
    struct connection connection;
    struct tls *tls;

    replace(*state, "server.pem", "own.pem");
    replace(*state, "server.key", "own.key");
    tls = serve(*state, "own.pem", "own.key", NULL, &err);
    /* The certificate is new, its key has not come yet. */
    replace(*state, "renewed.pem", "own.pem");
    assert_int_equal(tls_reload(tls, &err), SMG_E_INVALID);
    assert_non_null(strstr(err.text, "own.key"));
    connection = connect_to(tls, client, NULL);
    assert_shown(&connection, "server");
    disconnect(&connection);
    SSL_CTX_free(client);
    tls_free(tls);
}

static void *reload_often(void *ctx)
{
    struct smg_err err = { 0 };
    int i;

    for (i = 0; i < 20; i++)
        if (tls_reload(ctx, &err) != SMG_OK)
            return NULL;
    return ctx;
}

static void test_connections_come_in_while_another_thread_reloads(void **state)
{
    struct smg_err err = { 0 };
    struct tls *tls = serve(*state, "server.pem", "server.key", NULL, &err);
    SSL_CTX *client = be_client(*state, NULL);
    pthread_t thread;
    void *good;
    int i;

    assert_int_equal(pthread_create(&thread, NULL, reload_often, tls), 0);
    for (i = 0; i < 20; i++) {
        struct connection connection = connect_to(tls, client, NULL);

        assert_true(connection.greeted);
        disconnect(&connection);
    }
    assert_int_equal(pthread_join(thread, &good), 0);
    assert_ptr_equal(good, tls);
    SSL_CTX_free(client);
    tls_free(tls);
}

static void test_a_client_cannot_renegotiate(void **state)
{
    struct smg_err err = { 0 };
    struct tls *tls = serve(*state, "server.pem", "server.key", NULL, &err);
    SSL_CTX *client = be_client(*state, NULL);
    struct connection connection;
    char byte;

    assert_int_equal(SSL_CTX_set_max_proto_version(client, TLS1_2_VERSION), 1);
    connection = connect_to(tls, client, NULL);
    assert_true(connection.greeted);
    SSL_renegotiate(connection.client);
    SSL_do_handshake(connection.client);
    SSL_read(connection.server, &byte, 1);
    SSL_write(connection.server, "x", 1);
    SSL_do_handshake(connection.client);
    assert_int_equal(SSL_num_renegotiations(connection.server), 0);
    assert_int_not_equal(SSL_renegotiate_pending(connection.client), 0);
    disconnect(&connection);
    SSL_CTX_free(client);
    tls_free(tls);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_cannot_serve_is_refused_and_its_file_named),
        cmocka_unit_test(test_a_client_without_certificate_is_served_when_none_is_asked_for),
        cmocka_unit_test(test_versions_before_1_2_and_weak_ciphers_are_refused),
        cmocka_unit_test(test_a_client_certificate_is_compulsory_when_a_ca_is_given),
        cmocka_unit_test(test_a_client_is_known_by_its_public_key),
        cmocka_unit_test(test_a_resumed_session_keeps_the_client),
        cmocka_unit_test(test_a_reload_serves_the_new_certificate_and_keeps_open_connections),
        cmocka_unit_test(test_a_reload_that_fails_changes_nothing),
        cmocka_unit_test(test_connections_come_in_while_another_thread_reloads),
        cmocka_unit_test(test_a_client_cannot_renegotiate),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
