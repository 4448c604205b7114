/* SPDX-License-Identifier: Apache-2.0 */
/* Connections that take their time, come in crowds or go away: nobody else may notice. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "http_fixture.h"

#include <dirent.h>
#include <poll.h>
#include <sys/resource.h>

enum { CROWD = 1000, SHORT_MS = 300 };

static void ask(int fd)
{
    send_text(fd, "GET /a HTTP/1.1\r\nHost: h\r\n\r\n");
    expect_answer(fd, 200, "GET /a q= h= ");
}

/* Send a byte of `text` every few milliseconds, over and over its last byte, until the server hangs
 * up; a good client is served all the while. */
static void expect_cut(struct fixture *f, const char *text)
{
    int slow = dial(f), good = dial(f), tries;
    size_t i = 0;

    for (tries = 0; tries < 4000; tries++) {
        struct pollfd poll_slow = { .fd = slow, .events = POLLIN };
        ssize_t sent = send(slow, text + i, 1, MSG_NOSIGNAL);

        if (sent < 0 || poll(&poll_slow, 1, 5) > 0)
            break;
        i += text[i + 1] != '\0';
        ask(good);
    }
    assert_true(tries < 4000);
    assert_true(is_closed(slow));
    ask(good);
    close(slow);
    close(good);
}

static const struct http_limits hasty = { 8192, 65536, 4000, 60000, SHORT_MS };

static void test_a_head_that_trickles_is_cut(void **state)
{
    struct fixture f;

    (void)state;
    open_fixture(&f, &hasty, NULL);
    expect_cut(&f, "GET /slow HTTP/1.1\r\nHost: h\r\nX-Slow: aaaa");
    close_fixture(&f);
}

static void test_a_body_that_trickles_is_cut(void **state)
{
    struct fixture f;

    (void)state;
    open_fixture(&f, &hasty, NULL);
    expect_cut(&f, "POST /slow HTTP/1.1\r\nHost: h\r\nContent-Length: 60000\r\n\r\naaaa");
    close_fixture(&f);
}

static void test_chunks_that_trickle_are_cut(void **state)
{
    struct fixture f;

    (void)state;
    open_fixture(&f, &hasty, NULL);
    expect_cut(&f, "POST /slow HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n\n\n\n");
    close_fixture(&f);
}

static void test_a_client_that_does_not_take_its_answer_is_cut(void **state)
{
    struct fixture f;
    int deaf, good, small = 4096;

    (void)state;
    open_fixture(&f, &hasty, NULL);
    deaf = dial(&f);
    assert_int_equal(setsockopt(deaf, SOL_SOCKET, SO_RCVBUF, &small, sizeof small), 0);
    send_text(deaf, "GET /big HTTP/1.1\r\nHost: h\r\n\r\n");
    wait_until(&f.handled, 1);
    wait_for_connections(&f, 0);
    good = dial(&f);
    ask(good);
    close(good);
    close(deaf);
    close_fixture(&f);
}

static void test_what_a_client_sends_while_it_is_answered_does_not_fill_memory(void **state)
{
    struct fixture f;
    struct rusage before, after;
    char *bytes = calloc(1, 1u << 20);
    int fd, i, small = 4096;

    (void)state;
    assert_non_null(bytes);
    open_fixture(&f, &hasty, NULL);
    fd = dial(&f);
    assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small), 0);
    send_text(fd, "GET /big HTTP/1.1\r\nHost: h\r\n\r\n");
    wait_until(&f.handled, 1);
    assert_int_equal(getrusage(RUSAGE_SELF, &before), 0);
    for (i = 0; i < 64; i++)
        if (send(fd, bytes, 1u << 20, MSG_NOSIGNAL) < 0)
            break;
    assert_int_equal(getrusage(RUSAGE_SELF, &after), 0);
    assert_true(after.ru_maxrss - before.ru_maxrss < 16 * 1024);
    close(fd);
    free(bytes);
    close_fixture(&f);
}

static void test_an_idle_connection_is_closed(void **state)
{
    static const struct http_limits limits = { 8192, 65536, 4000, SHORT_MS, 60000 };
    struct fixture f;
    int silent, used;

    (void)state;
    open_fixture(&f, &limits, NULL);
    silent = dial(&f);
    used = dial(&f);
    ask(used);
    assert_true(is_closed(silent));
    assert_true(is_closed(used));
    wait_for_connections(&f, 0);
    close(silent);
    close(used);
    close_fixture(&f);
}

static void test_a_request_in_the_handler_has_no_deadline_here(void **state)
{
    static const struct http_limits limits = { 8192, 65536, 4000, 50, 50 };
    struct fixture f;
    int fd, idle, i;

    (void)state;
    open_fixture(&f, &limits, NULL);
    fd = dial(&f);
    send_text(fd, "GET /hold HTTP/1.1\r\nHost: h\r\n\r\n");
    wait_until(&f.is_held, 1);
    for (i = 0; i < 3; i++) { /* three idle limits pass */
        idle = dial(&f);
        assert_true(is_closed(idle));
        close(idle);
    }
    release_held(&f);
    expect_answer(fd, 200, "released");
    close(fd);
    close_fixture(&f);
}

static unsigned open_descriptors(void)
{
    DIR *folder = opendir("/proc/self/fd");
    unsigned count = 0;

    assert_non_null(folder);
    while (readdir(folder) != NULL)
        count++;
    closedir(folder);
    return count;
}

static void test_a_crowd_of_idle_connections_disturbs_nobody(void **state)
{
    unsigned before = open_descriptors();
    struct fixture f;
    int crowd[CROWD], good, i;

    (void)state;
    open_fixture(&f, &usual_limits, NULL);
    for (i = 0; i < CROWD; i++) {
        crowd[i] = dial(&f);
        if (i % 2 == 0)
            send_text(crowd[i], "GET /half HTTP/1.1\r\nHo");
    }
    wait_for_connections(&f, CROWD);
    good = dial(&f);
    for (i = 0; i < 200; i++)
        ask(good);
    close(good);
    for (i = 0; i < CROWD; i++)
        close(crowd[i]);
    wait_for_connections(&f, 0);
    close_fixture(&f);
    assert_int_equal(open_descriptors(), before);
}

static void test_connections_over_the_cap_wait_their_turn(void **state)
{
    static const struct http_limits limits = { 8192, 65536, 2, 60000, 60000 };
    struct fixture f;
    int first, second, third;

    (void)state;
    open_fixture(&f, &limits, NULL);
    first = dial(&f);
    second = dial(&f);
    ask(first);
    ask(second);
    third = dial(&f); /* the kernel takes it, the server does not yet */
    send_text(third, "GET /a HTTP/1.1\r\nHost: h\r\n\r\n");
    ask(first);
    assert_int_equal(http_server_connections(f.server), 2);
    assert_int_equal(atomic_load(&f.handled), 3);
    close(second);
    expect_answer(third, 200, "GET /a q= h= ");
    close(first);
    close(third);
    close_fixture(&f);
}

static void test_the_server_survives_running_out_of_descriptors(void **state)
{
    struct rlimit was, none;
    struct fixture f;
    int good, waiting;

    (void)state;
    open_fixture(&f, &usual_limits, NULL);
    good = dial(&f);
    ask(good);
    waiting = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &was), 0);
    none = (struct rlimit){ .rlim_cur = (rlim_t)waiting + 1, .rlim_max = was.rlim_max };
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    close(waiting);
    waiting = dial(&f); /* takes the last one */
    send_text(waiting, "GET /a HTTP/1.1\r\nHost: h\r\n\r\n");
    ask(good);
    ask(good);
    assert_int_equal(atomic_load(&f.handled), 3);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &was), 0);
    expect_answer(waiting, 200, "GET /a q= h= ");
    close(good);
    close(waiting);
    close_fixture(&f);
}

static void test_an_answer_may_come_later(void **state)
{
    struct fixture f;
    int fd, i;

    (void)state;
    open_fixture(&f, &usual_limits, NULL);
    fd = dial(&f);
    for (i = 0; i < 5; i++) {
        send_text(fd, "GET /later HTTP/1.1\r\nHost: h\r\n\r\n");
        expect_answer(fd, 200, "later");
    }
    close(fd);
    close_fixture(&f);
}

static void reset(int fd)
{
    struct linger hard = { .l_onoff = 1 };

    assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard), 0);
    close(fd);
}

static void test_an_answer_to_a_client_that_went_away_is_dropped(void **state)
{
    struct fixture f;
    int fd;

    (void)state;
    open_fixture(&f, &usual_limits, NULL);
    fd = dial(&f);
    send_text(fd, "GET /hold HTTP/1.1\r\nHost: h\r\n\r\n");
    wait_until(&f.is_held, 1);
    reset(fd);
    release_held(&f);
    wait_for_connections(&f, 0);
    fd = dial(&f);
    ask(fd);
    close(fd);
    close_fixture(&f);
}

static void test_a_client_may_go_away_in_the_middle_of_a_large_answer(void **state)
{
    struct fixture f;
    struct answer answer;
    int fd;

    (void)state;
    open_fixture(&f, &usual_limits, NULL);
    fd = dial(&f);
    send_text(fd, "GET /big HTTP/1.1\r\nHost: h\r\n\r\n");
    assert_true(read_head(fd, &answer));
    reset(fd);
    wait_for_connections(&f, 0);
    close_fixture(&f);
}

static void test_a_request_outlives_its_server(void **state)
{
    struct fixture f;
    int fd;

    (void)state;
    open_fixture(&f, &usual_limits, NULL);
    fd = dial(&f);
    send_text(fd, "GET /hold HTTP/1.1\r\nHost: h\r\n\r\n");
    wait_until(&f.is_held, 1);
    close_fixture(&f); /* answers after the server is gone */
    assert_true(is_closed(fd));
    close(fd);
}

static void test_an_address_in_nonsense_is_refused(void **state)
{
    static const char *const addresses[] = { "",         "8080",          "127.0.0.1",
                                             "[::1]",    "127.0.0.1:",    "127.0.0.1:65536",
                                             "host:80",  "127.0.0.1:8a",  "127.0.0.256:80",
                                             "[::1]:-1", "1.2.3.4:5:6:7", "::1:80:" };
    struct fixture f;
    struct smg_err err;
    uint16_t port;
    size_t i;

    (void)state;
    open_fixture(&f, &usual_limits, NULL);
    for (i = 0; i < sizeof addresses / sizeof addresses[0]; i++)
        assert_int_equal(http_server_listen(f.server, addresses[i], &port, &err), SMG_E_INVALID);
    close_fixture(&f);
}

static void test_an_address_of_ip_version_6_is_listened_on(void **state)
{
    struct sockaddr_in6 address = { .sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT };
    struct smg_err err;
    struct loop *loop = loop_new("test", &err);
    struct http_server *server = http_server_new(loop, NULL, &usual_limits, on_request, NULL, &err);
    uint16_t port = 0;
    int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);

    (void)state;
    assert_non_null(server);
    if (fd >= 0 && bind(fd, (struct sockaddr *)&address, sizeof address) == 0) {
        assert_int_equal(http_server_listen(server, "[::1]:0", &port, &err), SMG_OK);
        address.sin6_port = htons(port);
        assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
    } /* else this machine has none */
    close(fd);
    http_server_free(server);
    loop_free(loop);
}

static void raise_descriptor_limit(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max < 8192 ? limit.rlim_max : 8192;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_head_that_trickles_is_cut),
        cmocka_unit_test(test_a_body_that_trickles_is_cut),
        cmocka_unit_test(test_chunks_that_trickle_are_cut),
        cmocka_unit_test(test_a_client_that_does_not_take_its_answer_is_cut),
        cmocka_unit_test(test_what_a_client_sends_while_it_is_answered_does_not_fill_memory),
        cmocka_unit_test(test_an_idle_connection_is_closed),
        cmocka_unit_test(test_a_request_in_the_handler_has_no_deadline_here),
        cmocka_unit_test(test_a_crowd_of_idle_connections_disturbs_nobody),
        cmocka_unit_test(test_connections_over_the_cap_wait_their_turn),
        cmocka_unit_test(test_the_server_survives_running_out_of_descriptors),
        cmocka_unit_test(test_an_answer_may_come_later),
        cmocka_unit_test(test_an_answer_to_a_client_that_went_away_is_dropped),
        cmocka_unit_test(test_a_client_may_go_away_in_the_middle_of_a_large_answer),
        cmocka_unit_test(test_a_request_outlives_its_server),
        cmocka_unit_test(test_an_address_in_nonsense_is_refused),
        cmocka_unit_test(test_an_address_of_ip_version_6_is_listened_on),
    };
    int failed;

    raise_descriptor_limit();
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    loop_shutdown();
    return failed;
}
