/* SPDX-License-Identifier: Apache-2.0 */
/* Over a network: encrypted, and only to a server that proves the name it was called by. */
#include "fixture.h"

#include <arpa/inet.h>
#include <sys/socket.h>

static char ca[128], other_ca[128], own[128], own_key[128], name[64], address[64];

static unsigned free_port(void)
{
    struct sockaddr_in place = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
    socklen_t len = sizeof place;
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (const struct sockaddr *)&place, len), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&place, &len), 0);
    close(fd);
    return ntohs(place.sin_port);
}

#define NEW_KEY "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 "

/* Two authorities, and certificates of the first for the server (localhost, by name only) and us.
 */
static void make_certificates(const char *folder)
{
    static const char *const authorities[] = { "ca", "other" };

    for (int i = 0; i < 2; i++)
        mariadb_shell("cd %s && " NEW_KEY "-keyout %s.key -out %s.pem -subj /CN=%s 2>/dev/null",
                      folder, authorities[i], authorities[i], authorities[i]);
    mariadb_shell("cd %s && " NEW_KEY "-CA ca.pem -CAkey ca.key -keyout server.key -out server.pem "
                  "-subj /CN=db -addext subjectAltName=DNS:localhost 2>/dev/null",
                  folder);
    mariadb_shell("cd %s && " NEW_KEY "-CA ca.pem -CAkey ca.key -keyout own.key -out own.pem -subj "
                  "/CN=gateway 2>/dev/null",
                  folder);
    snprintf(ca, sizeof ca, "%s/ca.pem", folder);
    snprintf(other_ca, sizeof other_ca, "%s/other.pem", folder);
    snprintf(own, sizeof own, "%s/own.pem", folder);
    snprintf(own_key, sizeof own_key, "%s/own.key", folder);
}

static int start_server(void **state)
{
    char key[128], certificate[128], authority[128], port[32];
    const char *words[] = {
        "--skip-networking=0", "--bind-address=127.0.0.1", port, key, certificate, authority, NULL
    };
    unsigned number = free_port();

    (void)state;
    mariadb_folder(&server);
    make_certificates(server.folder);
    snprintf(key, sizeof key, "--ssl-key=%s/server.key", server.folder);
    snprintf(certificate, sizeof certificate, "--ssl-cert=%s/server.pem", server.folder);
    snprintf(authority, sizeof authority, "--ssl-ca=%s/ca.pem", server.folder);
    snprintf(port, sizeof port, "--port=%u", number);
    snprintf(name, sizeof name, "localhost:%u", number);
    snprintf(address, sizeof address, "127.0.0.1:%u", number);
    mariadb_start(&server, words);
    return 0;
}

static int end_server(void **state)
{
    (void)state;
    mariadb_end(&server);
    return 0;
}

static void expect_no_session(void)
{
    struct smg_err err = { 0 };
    void *session = NULL;

    open_again();
    assert_true(session_open(mariadb, &session, &err) < 0);
}

static void expect_cipher(bool wanted)
{
    struct session *session;

    open_again();
    session = begin();
    assert_int_equal(mysql_get_ssl_cipher(session->db) != NULL, wanted);
    assert_int_equal(put(session, "a", "1", SMG_ALWAYS), SMG_OK);
    assert_true(has(session, "a"));
    session_close(session);
}

static void test_a_server_with_the_right_name_is_spoken_to_in_cipher(void **state)
{
    (void)state;
    config.hosts = name;
    config.ca = ca;
    expect_cipher(true);
}

static void test_this_machine_needs_no_cipher(void **state)
{
    (void)state;
    config.hosts = address;
    expect_cipher(false);
}

static void test_a_server_under_another_name_is_refused(void **state)
{
    (void)state;
    config.hosts = address; /* the certificate names localhost only */
    config.ca = ca;
    expect_no_session();
}

static void test_a_server_nobody_known_vouches_for_is_refused(void **state)
{
    (void)state;
    config.hosts = name;
    config.ca = other_ca;
    expect_no_session();
}

static void test_a_server_that_speaks_no_tls_is_refused(void **state)
{
    struct mariadb_server plain = { .pid = 0 };
    char port[32], place[64];
    const char *words[] = { "--skip-networking=0", "--bind-address=127.0.0.1", port, NULL };
    unsigned number = free_port();

    (void)state;
    snprintf(port, sizeof port, "--port=%u", number);
    snprintf(place, sizeof place, "localhost:%u", number);
    mariadb_start(&plain, words);
    config.hosts = place;
    config.password_file = plain.password;
    config.ca = ca;
    expect_no_session();
    mariadb_end(&plain);
}

static void test_a_server_that_asks_for_our_certificate_gets_it(void **state)
{
    (void)state;
    mariadb_sql(&server, "ALTER USER shiming@127.0.0.1 REQUIRE SUBJECT '/CN=gateway'");
    config.hosts = name;
    config.ca = ca;
    expect_no_session();
    config.certificate = own;
    config.key = own_key;
    expect_cipher(true);
    mariadb_sql(&server, "ALTER USER shiming@127.0.0.1 REQUIRE NONE");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_a_server_with_the_right_name_is_spoken_to_in_cipher),
        CASE(test_this_machine_needs_no_cipher),
        CASE(test_a_server_under_another_name_is_refused),
        CASE(test_a_server_nobody_known_vouches_for_is_refused),
        CASE(test_a_server_that_speaks_no_tls_is_refused),
        CASE(test_a_server_that_asks_for_our_certificate_gets_it),
    };

    return cmocka_run_group_tests(tests, start_server, end_server);
}
