/* SPDX-License-Identifier: Apache-2.0 */
/* The HTTP server as a client sees it: requests whole and in pieces, answers, sizes. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "http_fixture.h"

static int set_up(void **state)
{
    struct fixture *f = malloc(sizeof *f);

    assert_non_null(f);
    open_fixture(f, &usual_limits, NULL);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    close_fixture(*state);
    free(*state);
    return 0;
}

static void test_a_get_is_answered_and_the_connection_serves_on(void **state)
{
    struct answer answer;
    int fd = dial(*state), i;

    for (i = 0; i < 3; i++) {
        send_text(fd, "GET /a?q=x%20y+z%2526 HTTP/1.1\r\nHost: h\r\nX-Test: t\r\n\r\n");
        assert_true(read_answer(fd, &answer));
        assert_int_equal(answer.status, 200);
        assert_string_equal(answer.body, "GET /a q=x y z%26 h=t ");
    }
    close(fd);
}

static void test_answers_carry_the_fixed_headers_and_name_no_server(void **state)
{
    struct answer answer;
    int fd = dial(*state);

    send_text(fd, "GET /headers HTTP/1.1\r\nHost: h\r\n\r\n");
    assert_true(read_answer(fd, &answer));
    assert_non_null(strstr(answer.head, "\r\nX-Content-Type-Options: nosniff\r\n"));
    assert_non_null(strstr(answer.head, "\r\nCache-Control: no-store\r\n"));
    assert_non_null(strstr(answer.head, "\r\nContent-Type: text/plain\r\n"));
    assert_non_null(strstr(answer.head, "\r\nDate: "));
    assert_non_null(strstr(answer.head, "\r\nX-Good: one\r\n"));
    assert_null(strcasestr(answer.head, "\r\nServer:"));
    assert_null(strcasestr(answer.head, "x-bad"));
    assert_null(strcasestr(answer.head, "x-split"));
    close(fd);
}

static void test_a_request_may_come_a_byte_at_a_time(void **state)
{
    static const char text[] = "POST /p HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello"
                               "GET /n HTTP/1.1\r\nHost: h\r\n\r\n";
    int fd = dial(*state), on = 1;
    size_t i;

    assert_int_equal(setsockopt(fd, IPPROTO_TCP, 1 /* TCP_NODELAY */, &on, sizeof on), 0);
    for (i = 0; i < sizeof text - 1; i++)
        send_bytes(fd, text + i, 1);
    expect_answer(fd, 200, "POST /p q= h= hello");
    expect_answer(fd, 200, "GET /n q= h= ");
    close(fd);
}

static void test_a_request_may_be_split_anywhere(void **state)
{
    static const char text[] = "POST /p HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello";
    size_t cut;

    for (cut = 1; cut < sizeof text - 1; cut++) {
        int fd = dial(*state);

        send_bytes(fd, text, cut);
        send_bytes(fd, text + cut, sizeof text - 1 - cut);
        expect_answer(fd, 200, "POST /p q= h= hello");
        close(fd);
    }
}

static void test_pipelined_requests_are_answered_in_order(void **state)
{
    static const char post[] = "POST /b HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc";
    int fd = dial(*state), i;

    for (i = 0; i < 100; i++)
        send_text(fd, i % 20 == 0 ? "GET /later HTTP/1.1\r\nHost: h\r\n\r\n" : post);
    for (i = 0; i < 100; i++)
        expect_answer(fd, 200, i % 20 == 0 ? "later" : "POST /b q= h= abc");
    close(fd);
}

static void test_an_old_client_is_answered_and_hung_up_on(void **state)
{
    struct answer answer;
    int fd = dial(*state);

    send_text(fd, "GET /old HTTP/1.0\r\n\r\n");
    assert_true(read_answer(fd, &answer));
    assert_string_equal(answer.body, "GET /old q= h= ");
    assert_true(is_closed(fd));
    close(fd);
}

static void test_a_client_that_wants_the_connection_closed_gets_that(void **state)
{
    int fd = dial(*state);

    send_text(fd, "GET /c HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    expect_answer(fd, 200, "GET /c q= h= ");
    assert_true(is_closed(fd));
    close(fd);
}

static void test_head_is_get_without_the_body(void **state)
{
    struct answer answer;
    int fd = dial(*state);

    send_text(fd, "HEAD /h HTTP/1.1\r\nHost: h\r\n\r\nGET /n HTTP/1.1\r\nHost: h\r\n\r\n");
    assert_true(read_head(fd, &answer));
    assert_int_equal(answer.status, 200);
    assert_non_null(strstr(answer.head, "\r\nContent-Length: 13\r\n"));
    expect_answer(fd, 200, "GET /n q= h= ");
    close(fd);
}

static void test_other_methods_reach_the_handler(void **state)
{
    static const struct {
        const char *sent, *known_as;
    } methods[] = {
        { "PUT", "OTHER /m q= h= " },   { "DELETE", "DELETE /m q= h= " },
        { "PATCH", "PATCH /m q= h= " }, { "OPTIONS", "OPTIONS /m q= h= " },
        { "TRACE", "OTHER /m q= h= " }, { "BREW", "OTHER /m q= h= " },
    };
    int fd = dial(*state);
    size_t i;

    for (i = 0; i < sizeof methods / sizeof methods[0]; i++) {
        send_text(fd, methods[i].sent);
        send_text(fd, " /m HTTP/1.1\r\nHost: h\r\n\r\n");
        expect_answer(fd, 200, methods[i].known_as);
    }
    close(fd);
}

static void test_connect_is_refused_and_the_connection_closed(void **state)
{
    int fd = dial(*state);

    send_text(fd, "CONNECT example.test:443 HTTP/1.1\r\nHost: h\r\n\r\n");
    expect_refusal(fd, 400);
    close(fd);
}

static void test_an_answer_without_a_body_ends_where_it_ends(void **state)
{
    struct answer answer;
    int fd = dial(*state);

    send_text(fd, "GET /none HTTP/1.1\r\nHost: h\r\n\r\nGET /n HTTP/1.1\r\nHost: h\r\n\r\n");
    assert_true(read_answer(fd, &answer));
    assert_int_equal(answer.status, 204);
    assert_null(strcasestr(answer.head, "Content-Length"));
    assert_null(strcasestr(answer.head, "\r\nContent-Type"));
    expect_answer(fd, 200, "GET /n q= h= ");
    close(fd);
}

static void test_a_form_for_proxies_is_understood(void **state)
{
    int fd = dial(*state);

    send_text(fd, "GET http://gate.test/p?q=1 HTTP/1.1\r\nHost: gate.test\r\n\r\n");
    expect_answer(fd, 200, "GET /p q=1 h= ");
    close(fd);
}

static void test_a_path_that_starts_with_two_slashes_is_a_path(void **state)
{
    int fd = dial(*state);

    send_text(fd, "GET //host/p HTTP/1.1\r\nHost: h\r\n\r\n");
    expect_answer(fd, 200, "GET //host/p q= h= ");
    close(fd);
}

static void send_post(int fd, size_t declared, size_t sent)
{
    char head[128], *body = malloc(sent + 1);

    assert_non_null(body);
    memset(body, 'x', sent);
    snprintf(head, sizeof head, "POST /s HTTP/1.1\r\nHost: h\r\nContent-Length: %zu\r\n\r\n",
             declared);
    send_text(fd, head);
    /* The server may hang up on a body it does not want. */
    while (sent > 0) {
        ssize_t some = send(fd, body, sent, MSG_NOSIGNAL);

        if (some <= 0)
            break;
        sent -= (size_t)some;
    }
    free(body);
}

static void test_a_body_at_the_limit_is_taken(void **state)
{
    int fd = dial(*state);

    send_post(fd, usual_limits.body_bytes - 64, usual_limits.body_bytes - 64);
    expect_answer(fd, 200, NULL);
    close(fd);
}

static void test_a_body_over_the_limit_is_refused_in_our_words(void **state)
{
    int fd = dial(*state);

    send_post(fd, usual_limits.body_bytes + 1, usual_limits.body_bytes + 1);
    expect_refusal(fd, 413);
    close(fd);
}

static void test_a_body_declared_too_large_is_refused_before_it_comes(void **state)
{
    int fd = dial(*state);

    send_post(fd, (size_t)1 << 40, 0);
    expect_refusal(fd, 413);
    close(fd);
}

static void test_a_client_that_sends_on_still_hears_why_it_was_refused(void **state)
{
    int fd = dial(*state);

    send_post(fd, 16u << 20, 16u << 20);
    expect_refusal(fd, 413);
    close(fd);
}

static void test_chunks_over_the_limit_are_refused(void **state)
{
    int fd = dial(*state);

    send_text(fd, "POST /s HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n10001\r\n");
    expect_refusal(fd, 413);
    close(fd);
}

static void test_a_body_that_stops_short_never_reaches_the_handler(void **state)
{
    struct fixture *f = *state;
    int fd = dial(f);

    send_post(fd, 100, 99);
    assert_int_equal(shutdown(fd, SHUT_WR), 0);
    assert_true(is_closed(fd));
    assert_int_equal(atomic_load(&f->handled), 0);
    close(fd);
}

static void test_a_head_over_the_limit_is_refused(void **state)
{
    char line[1024];
    int fd = dial(*state), i;

    memset(line, 'y', sizeof line);
    send_text(fd, "GET / HTTP/1.1\r\nHost: h\r\nX-Long: ");
    for (i = 0; i < 9; i++)
        send_bytes(fd, line, sizeof line);
    expect_refusal(fd, 431);
    close(fd);
}

static void test_a_target_over_the_limit_is_refused(void **state)
{
    char line[1024];
    int fd = dial(*state), i;

    memset(line, 'y', sizeof line);
    send_text(fd, "GET /");
    for (i = 0; i < 9; i++)
        send_bytes(fd, line, sizeof line);
    expect_refusal(fd, 431);
    close(fd);
}

static void test_continue_is_said_when_a_body_is_wanted(void **state)
{
    struct answer answer;
    int fd = dial(*state);

    send_text(fd, "POST /e HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n"
                  "Expect: 100-continue\r\n\r\n");
    assert_true(read_head(fd, &answer));
    assert_int_equal(answer.status, 100);
    send_text(fd, "hi");
    expect_answer(fd, 200, "POST /e q= h= hi");
    close(fd);
}

static void test_continue_is_not_said_to_a_body_that_is_too_large(void **state)
{
    int fd = dial(*state);

    send_text(fd, "POST /e HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999\r\n"
                  "Expect: 100-continue\r\n\r\n");
    expect_refusal(fd, 413);
    close(fd);
}

static void test_a_strange_expectation_is_refused(void **state)
{
    int fd = dial(*state);

    send_text(fd, "POST /e HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nExpect: gold\r\n\r\n");
    expect_refusal(fd, 417);
    close(fd);
}

static void test_a_large_answer_arrives_whole(void **state)
{
    struct answer answer;
    char bytes[65536];
    size_t total = 0;
    int fd = dial(*state);

    send_text(fd, "GET /big HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    assert_true(read_head(fd, &answer));
    for (;;) {
        ssize_t got = recv(fd, bytes, sizeof bytes, 0);

        if (got <= 0)
            break;
        total += (size_t)got;
    }
    assert_int_equal(total, 8u << 20);
    close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        TEST(test_a_get_is_answered_and_the_connection_serves_on),
        TEST(test_answers_carry_the_fixed_headers_and_name_no_server),
        TEST(test_a_request_may_come_a_byte_at_a_time),
        TEST(test_a_request_may_be_split_anywhere),
        TEST(test_pipelined_requests_are_answered_in_order),
        TEST(test_an_old_client_is_answered_and_hung_up_on),
        TEST(test_a_client_that_wants_the_connection_closed_gets_that),
        TEST(test_head_is_get_without_the_body),
        TEST(test_other_methods_reach_the_handler),
        TEST(test_connect_is_refused_and_the_connection_closed),
        TEST(test_an_answer_without_a_body_ends_where_it_ends),
        TEST(test_a_form_for_proxies_is_understood),
        TEST(test_a_path_that_starts_with_two_slashes_is_a_path),
        TEST(test_a_body_at_the_limit_is_taken),
        TEST(test_a_body_over_the_limit_is_refused_in_our_words),
        TEST(test_a_body_declared_too_large_is_refused_before_it_comes),
        TEST(test_a_client_that_sends_on_still_hears_why_it_was_refused),
        TEST(test_chunks_over_the_limit_are_refused),
        TEST(test_a_body_that_stops_short_never_reaches_the_handler),
        TEST(test_a_head_over_the_limit_is_refused),
        TEST(test_a_target_over_the_limit_is_refused),
        TEST(test_continue_is_said_when_a_body_is_wanted),
        TEST(test_continue_is_not_said_to_a_body_that_is_too_large),
        TEST(test_a_strange_expectation_is_refused),
        TEST(test_a_large_answer_arrives_whole),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);

    loop_shutdown();
    return failed;
}
