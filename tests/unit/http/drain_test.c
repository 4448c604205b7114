/* SPDX-License-Identifier: Apache-2.0 */
/* A server at its end: nothing new, everything that was begun. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "http_fixture.h"

static void on_drained(void *ctx)
{
    struct fixture *f = ctx;

    atomic_fetch_add(&f->is_drained, 1);
}

static void on_drain(void *ctx)
{
    struct fixture *f = ctx;

    http_server_drain(f->server, on_drained, f);
}

static void start_draining(struct fixture *f)
{
    f->drain = (struct loop_call){ .fn = on_drain, .ctx = f };
    loop_post(f->loop, &f->drain);
}

static void test_an_idle_server_is_drained_at_once(void **state)
{
    struct fixture f;
    int idle;

    (void)state;
    open_fixture(&f, &usual_limits, NULL);
    idle = dial(&f);
    wait_for_connections(&f, 1);
    start_draining(&f);
    wait_until(&f.is_drained, 1);
    assert_true(is_closed(idle));
    close(idle);
    close_fixture(&f);
}

static void test_a_held_request_is_answered_before_the_server_is_drained(void **state)
{
    struct fixture f;
    struct answer answer;
    int held, idle;

    (void)state;
    open_fixture(&f, &usual_limits, NULL);
    held = dial(&f);
    idle = dial(&f);
    wait_for_connections(&f, 2);
    send_text(held, "GET /hold HTTP/1.1\r\nHost: h\r\n\r\n");
    wait_until(&f.is_held, 1);
    start_draining(&f);
    assert_true(is_closed(idle));
    assert_int_equal(atomic_load(&f.is_drained), 0);
    release_held(&f);
    assert_true(read_answer(held, &answer));
    assert_string_equal(answer.body, "released");
    assert_non_null(strstr(answer.head, "\r\nConnection: close\r\n"));
    wait_until(&f.is_drained, 1);
    assert_true(is_closed(held));
    close(held);
    close(idle);
    close_fixture(&f);
}

static void test_a_request_half_read_is_read_and_answered(void **state)
{
    struct fixture f;
    int fd, idle;

    (void)state;
    open_fixture(&f, &usual_limits, NULL);
    fd = dial(&f);
    idle = dial(&f);
    send_text(fd, "GET /a HTTP/1.1\r\nHost: h\r\n\r\nPOST /b HTTP/1.1\r\nHost: h\r\n");
    expect_answer(fd, 200, "GET /a q= h= ");
    start_draining(&f);
    assert_true(is_closed(idle));
    send_text(fd, "Content-Length: 1\r\n\r\nb");
    expect_answer(fd, 200, "POST /b q= h= b");
    assert_true(is_closed(fd));
    wait_until(&f.is_drained, 1);
    close(fd);
    close(idle);
    close_fixture(&f);
}

static void test_nothing_is_accepted_any_more(void **state)
{
    struct sockaddr_in address = { .sin_family = AF_INET };
    struct fixture f;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    (void)state;
    assert_true(fd >= 0);
    open_fixture(&f, &usual_limits, NULL);
    start_draining(&f);
    wait_until(&f.is_drained, 1);
    address.sin_port = htons(f.port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), -1);
    close(fd);
    close_fixture(&f);
    assert_int_equal(atomic_load(&f.is_drained), 1);
}

static void test_an_answer_under_way_when_draining_starts_arrives_whole(void **state)
{
    struct fixture f;
    struct answer answer;
    char bytes[65536];
    size_t total = 0;
    int fd;

    (void)state;
    open_fixture(&f, &usual_limits, NULL);
    fd = dial(&f);
    send_text(fd, "GET /big HTTP/1.1\r\nHost: h\r\n\r\n");
    assert_true(read_head(fd, &answer));
    start_draining(&f);
    for (;;) {
        ssize_t got = recv(fd, bytes, sizeof bytes, 0);

        if (got <= 0)
            break;
        total += (size_t)got;
    }
    assert_int_equal(total, 8u << 20);
    wait_until(&f.is_drained, 1);
    close(fd);
    close_fixture(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_idle_server_is_drained_at_once),
        cmocka_unit_test(test_a_held_request_is_answered_before_the_server_is_drained),
        cmocka_unit_test(test_a_request_half_read_is_read_and_answered),
        cmocka_unit_test(test_nothing_is_accepted_any_more),
        cmocka_unit_test(test_an_answer_under_way_when_draining_starts_arrives_whole),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);

    loop_shutdown();
    return failed;
}
