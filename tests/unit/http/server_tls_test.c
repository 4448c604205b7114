/* SPDX-License-Identifier: Apache-2.0 */
/* The same server behind TLS, with certificates made for the run. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "http_fixture.h"

#include <openssl/ssl.h>
#include <sys/wait.h>

static char folder[] = "/tmp/shiming-tls-XXXXXX";

static const char *file(const char *name)
{
    static char path[128];

    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

/* Two certificates that sign themselves: the server's, and a client's. */
static int make_certificates(void **state)
{
    static const char *const names[] = { "server", "client" };
    char command[512];
    size_t i;

    (void)state;
    if (mkdtemp(folder) == NULL)
        return -1;
    for (i = 0; i < 2; i++) {
        snprintf(command, sizeof command,
                 "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 "
                 "-subj /CN=%s.test -keyout %s/%s.key -out %s/%s.pem 2>/dev/null",
                 names[i], folder, names[i], folder, names[i]);
        if (system(command) != 0)
            return -1;
    }
    return 0;
}

static int drop_certificates(void **state)
{
    static const char *const names[] = { "server.key", "server.pem", "client.key", "client.pem" };
    size_t i;

    (void)state;
    for (i = 0; i < 4; i++)
        unlink(file(names[i]));
    return rmdir(folder);
}

struct secure {
    struct fixture f;
    struct tls *tls;
    SSL_CTX *context;
};

/* client_ca NULL: nobody is asked for a certificate. */
static void open_secure(struct secure *s, const struct http_limits *limits, const char *client_ca)
{
    char certificate[128], key[128];
    struct smg_err err;

    snprintf(certificate, sizeof certificate, "%s", file("server.pem"));
    snprintf(key, sizeof key, "%s", file("server.key"));
    s->tls = tls_new(certificate, key, client_ca == NULL ? NULL : file(client_ca), &err);
    if (s->tls == NULL)
        fail_msg("%s", err.text);
    open_fixture(&s->f, limits, s->tls);
    s->context = SSL_CTX_new(TLS_client_method());
    assert_non_null(s->context);
}

static void close_secure(struct secure *s)
{
    close_fixture(&s->f);
    SSL_CTX_free(s->context);
    tls_free(s->tls);
}

static SSL *dial_secure(struct secure *s)
{
    SSL *ssl = SSL_new(s->context);

    assert_non_null(ssl);
    assert_int_equal(SSL_set_fd(ssl, dial(&s->f)), 1);
    return ssl;
}

static void hang_up(SSL *ssl)
{
    close(SSL_get_fd(ssl));
    SSL_free(ssl);
}

/* One answer; its body is what comes behind the empty line. */
static void ask(SSL *ssl, const char *request, const char *status, const char *body)
{
    char text[8192];
    size_t len = 0;

    assert_int_equal(SSL_write(ssl, request, (int)strlen(request)), (int)strlen(request));
    for (;;) {
        int got = SSL_read(ssl, text + len, (int)(sizeof text - 1 - len));
        const char *end, *length;

        assert_true(got > 0);
        len += (size_t)got;
        text[len] = '\0';
        end = strstr(text, "\r\n\r\n");
        length = strstr(text, "\r\nContent-Length: ");
        if (end == NULL || length == NULL || strlen(end + 4) < strtoul(length + 18, NULL, 10))
            continue;
        assert_memory_equal(text, status, strlen(status));
        if (body != NULL)
            assert_string_equal(end + 4, body);
        return;
    }
}

static void test_requests_are_served_over_tls(void **state)
{
    struct secure s;
    SSL *ssl;
    int i;

    (void)state;
    open_secure(&s, &usual_limits, NULL);
    ssl = dial_secure(&s);
    assert_int_equal(SSL_connect(ssl), 1);
    for (i = 0; i < 20; i++)
        ask(ssl, "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nhi", "HTTP/1.1 200",
            "POST /a q= h= hi");
    ask(ssl, "GET /key HTTP/1.1\r\nHost: h\r\n\r\n", "HTTP/1.1 200", "");
    hang_up(ssl);
    close_secure(&s);
}

static void test_a_client_certificate_gives_a_key_that_stays_the_same(void **state)
{
    char expected[256], command[512], key[65];
    struct secure s;
    FILE *pipe;
    SSL *ssl;
    int i;

    (void)state;
    snprintf(command, sizeof command,
             "openssl x509 -in %s -noout -pubkey | openssl pkey -pubin -outform DER | sha256sum",
             file("client.pem"));
    pipe = popen(command, "re");
    assert_non_null(pipe);
    assert_non_null(fgets(expected, sizeof expected, pipe));
    assert_int_equal(pclose(pipe), 0);
    memcpy(key, expected, 64);
    key[64] = '\0';

    open_secure(&s, &usual_limits, "client.pem");
    assert_int_equal(SSL_CTX_use_certificate_file(s.context, file("client.pem"), SSL_FILETYPE_PEM),
                     1);
    assert_int_equal(SSL_CTX_use_PrivateKey_file(s.context, file("client.key"), SSL_FILETYPE_PEM),
                     1);
    ssl = dial_secure(&s);
    assert_int_equal(SSL_connect(ssl), 1);
    for (i = 0; i < 2; i++)
        ask(ssl, "GET /key HTTP/1.1\r\nHost: h\r\n\r\n", "HTTP/1.1 200", key);
    hang_up(ssl);
    close_secure(&s);
}

static void test_refusals_are_in_our_words_over_tls_too(void **state)
{
    struct secure s;
    SSL *ssl;
    char byte;

    (void)state;
    open_secure(&s, &usual_limits, NULL);
    ssl = dial_secure(&s);
    assert_int_equal(SSL_connect(ssl), 1);
    ask(ssl, "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999\r\n\r\n", "HTTP/1.1 413",
        NULL);
    assert_true(SSL_read(ssl, &byte, 1) <= 0);
    hang_up(ssl);
    close_secure(&s);
}

static void test_a_handshake_that_stalls_is_cut(void **state)
{
    static const struct http_limits limits = { 8192, 65536, 4000, 60000, 2000 };
    struct secure s;
    SSL *good;
    int silent, half;

    (void)state;
    open_secure(&s, &limits, NULL);
    silent = dial(&s.f);
    half = dial(&s.f);
    send_bytes(half, "\x16\x03\x01\x02\x00\x01", 6);
    good = dial_secure(&s);
    assert_int_equal(SSL_connect(good), 1);
    ask(good, "GET /a HTTP/1.1\r\nHost: h\r\n\r\n", "HTTP/1.1 200", NULL);
    assert_true(is_closed(silent));
    assert_true(is_closed(half));
    ask(good, "GET /a HTTP/1.1\r\nHost: h\r\n\r\n", "HTTP/1.1 200", NULL);
    hang_up(good);
    close(silent);
    close(half);
    wait_for_connections(&s.f, 0);
    close_secure(&s);
}

static void test_plain_requests_are_not_served_where_tls_is_spoken(void **state)
{
    struct secure s;
    char bytes[256];
    ssize_t got;
    int fd;

    (void)state;
    open_secure(&s, &usual_limits, NULL);
    fd = dial(&s.f);
    send_text(fd, "GET /a HTTP/1.1\r\nHost: h\r\n\r\n");
    while ((got = recv(fd, bytes, sizeof bytes, 0)) > 0)
        assert_null(memmem(bytes, (size_t)got, "HTTP", 4));
    assert_int_equal(atomic_load(&s.f.handled), 0);
    close(fd);
    close_secure(&s);
}

static void test_an_answer_to_a_tls_client_that_went_away_is_dropped(void **state)
{
    struct secure s;
    SSL *ssl;

    (void)state;
    open_secure(&s, &usual_limits, NULL);
    ssl = dial_secure(&s);
    assert_int_equal(SSL_connect(ssl), 1);
    assert_true(SSL_write(ssl, "GET /hold HTTP/1.1\r\nHost: h\r\n\r\n", 31) == 31);
    wait_until(&s.f.is_held, 1);
    hang_up(ssl);
    release_held(&s.f);
    wait_for_connections(&s.f, 0);
    close_secure(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_requests_are_served_over_tls),
        cmocka_unit_test(test_a_client_certificate_gives_a_key_that_stays_the_same),
        cmocka_unit_test(test_refusals_are_in_our_words_over_tls_too),
        cmocka_unit_test(test_a_handshake_that_stalls_is_cut),
        cmocka_unit_test(test_plain_requests_are_not_served_where_tls_is_spoken),
        cmocka_unit_test(test_an_answer_to_a_tls_client_that_went_away_is_dropped),
    };
    int failed = cmocka_run_group_tests(tests, make_certificates, drop_certificates);

    loop_shutdown();
    return failed;
}
