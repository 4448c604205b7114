/* SPDX-License-Identifier: Apache-2.0 */
/* A TLS server that cannot make a TLS connection closes what it accepted, and never speaks plain.
 * The two functions of crypto/tls.h that the server uses are played by this file. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "http_fixture.h"

struct tls {
    atomic_uint asked;
};

struct ssl_st *tls_accept(struct tls *tls)
{
    atomic_fetch_add(&tls->asked, 1);
    return NULL; /* out of memory */
}

bool tls_client_key(struct ssl_st *ssl, char out[65])
{
    (void)ssl;
    (void)out;
    return false;
}

static void test_without_memory_for_tls_nothing_is_served_in_the_clear(void **state)
{
    static const struct http_limits limits = { 8192, 65536, 4000, 100, 100 };
    struct tls tls = { 0 };
    struct fixture f;
    unsigned i;

    (void)state;
    open_fixture(&f, &limits, &tls);
    for (i = 0; i < 5; i++) {
        int fd = dial(&f);

        send_text(fd, "GET /a HTTP/1.1\r\nHost: h\r\n\r\n");
        assert_true(is_closed(fd));
        close(fd);
        assert_int_equal(atomic_load(&tls.asked), i + 1);
    }
    assert_int_equal(atomic_load(&f.handled), 0);
    assert_int_equal(http_server_connections(f.server), 0);
    close_fixture(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_without_memory_for_tls_nothing_is_served_in_the_clear),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);

    loop_shutdown();
    return failed;
}
