/* SPDX-License-Identifier: Apache-2.0 */
/* What could be read in two ways is refused, and nothing behind it is ever read as a request. */
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

/* The bytes are refused, and the request smuggled behind them reaches nobody. */
static void expect_refused(struct fixture *f, const char *bytes, size_t len, int status)
{
    int fd = dial(f);

    send_bytes(fd, bytes, len);
    send_text(fd, "GET /smuggled HTTP/1.1\r\nHost: h\r\n\r\n");
    expect_refusal(fd, status);
    assert_int_equal(atomic_load(&f->handled), 0);
    close(fd);
}

#define REFUSED(f, text, status) expect_refused(f, text, sizeof(text) - 1, status)

static void test_a_length_and_chunks_together_are_refused(void **state)
{
    REFUSED(*state,
            "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n"
            "0\r\n\r\n",
            400);
    REFUSED(*state,
            "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n"
            "0\r\n\r\n",
            400);
}

static void test_two_lengths_are_refused_even_when_equal(void **state)
{
    REFUSED(*state,
            "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nContent-Length: 5\r\n\r\nabc", 400);
    REFUSED(*state,
            "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\ncontent-length: 3\r\n\r\nabc", 400);
    REFUSED(*state, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3, 3\r\n\r\nabc", 400);
}

static void test_a_length_that_is_not_plain_digits_is_refused(void **state)
{
    REFUSED(*state, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: +3\r\n\r\nabc", 400);
    REFUSED(*state, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: -3\r\n\r\nabc", 400);
    REFUSED(*state, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 0x3\r\n\r\nabc", 400);
    REFUSED(*state, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: \r\n\r\nabc", 400);
    REFUSED(*state, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3 0\r\n\r\nabc", 400);
    REFUSED(*state, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: \t3\r\n\r\nabc", 400);
    REFUSED(*state, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999999999999999\r\n\r\n",
            413);
}

static void test_codings_other_than_chunked_are_refused(void **state)
{
    REFUSED(*state,
            "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 501);
    REFUSED(*state, "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: xchunked\r\n\r\n", 501);
    REFUSED(*state, "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: \tchunked\r\n\r\n0\r\n\r\n",
            501);
    REFUSED(*state,
            "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n"
            "Transfer-Encoding: identity\r\n\r\n0\r\n\r\n",
            400);
    REFUSED(*state, "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400);
}

static void test_a_name_with_a_space_before_its_colon_is_refused(void **state)
{
    REFUSED(*state, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length : 36\r\n\r\n", 400);
    REFUSED(*state, "POST / HTTP/1.1\r\nHost: h\r\n: empty\r\n\r\n", 400);
    REFUSED(*state, "POST / HTTP/1.1\r\nHost: h\r\nX\"Y: 1\r\n\r\n", 400);
}

static void test_folded_lines_are_refused(void **state)
{
    REFUSED(*state, "GET / HTTP/1.1\r\nHost: h\r\nX: a\r\n b\r\n\r\n", 400);
    REFUSED(*state, "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n",
            400);
}

static void test_line_feeds_alone_are_refused(void **state)
{
    REFUSED(*state, "GET / HTTP/1.1\nHost: h\n\n", 400);
    REFUSED(*state, "GET / HTTP/1.1\r\nHost: h\r\nX: a\nContent-Length: 35\r\n\r\n", 400);
    REFUSED(*state, "GET / HTTP/1.1\r\nHost: h\r\n\n", 400);
}

static void test_carriage_returns_alone_are_refused(void **state)
{
    REFUSED(*state, "GET / HTTP/1.1\r\nHost: h\r\nX: a\rb: c\r\n\r\n", 400);
    REFUSED(*state, "GET / HTTP/1.1\r\nHost: h\r\nX: a\r b\r\n\r\n", 400);
}

static void test_control_characters_in_a_head_are_refused(void **state)
{
    REFUSED(*state, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 0\000, 35\r\n\r\n", 400);
    REFUSED(*state, "POST / HTTP/1.1\r\nHost: h\r\n\000Content-Length: 35\r\n\r\n", 400);
    REFUSED(*state, "GET / HTTP/1.1\r\nHost: h\r\nX: \001\r\n\r\n", 400);
    REFUSED(*state, "GET /\000 HTTP/1.1\r\nHost: h\r\n\r\n", 400);
}

static void test_a_body_evhttp_would_take_for_a_request_is_refused(void **state)
{
    REFUSED(*state, "TRACE / HTTP/1.1\r\nHost: h\r\nContent-Length: 35\r\n\r\n", 400);
    REFUSED(*state, "BREW / HTTP/1.1\r\nHost: h\r\nContent-Length: 35\r\n\r\n", 400);
}

static void test_a_head_request_with_a_body_is_refused(void **state)
{
    static const char *const bodies[] = { "Content-Length: 35", "Transfer-Encoding: chunked" };
    struct fixture *f = *state;
    struct answer answer;
    size_t i;

    for (i = 0; i < 2; i++) {
        int fd = dial(f);

        send_text(fd, "HEAD / HTTP/1.1\r\nHost: h\r\n");
        send_text(fd, bodies[i]);
        send_text(fd, "\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: h\r\n\r\n");
        assert_true(read_head(fd, &answer));
        assert_int_equal(answer.status, 400);
        assert_int_equal(shutdown(fd, SHUT_WR), 0);
        assert_true(is_closed(fd));
        assert_int_equal(atomic_load(&f->handled), 0);
        close(fd);
    }
}

static void test_trailers_are_never_headers(void **state)
{
    struct answer answer;
    int fd = dial(*state);

    /* evhttp may have dropped them already, or they are refused. */
    send_text(fd, "POST /t HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
                  "0\r\nX-Test: late\r\n\r\n");
    assert_true(read_answer(fd, &answer));
    assert_true(answer.status == 400 || strcmp(answer.body, "POST /t q= h= ") == 0);
    assert_true(is_closed(fd));
    close(fd);
}

static void test_hosts_and_tokens_may_be_given_once(void **state)
{
    REFUSED(*state, "GET / HTTP/1.1\r\n\r\n", 400);
    REFUSED(*state, "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400);
    REFUSED(*state,
            "GET / HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer a\r\n"
            "Authorization: Bearer b\r\n\r\n",
            400);
}

static void test_other_versions_are_refused(void **state)
{
    REFUSED(*state, "GET / HTTP/1.9\r\nHost: h\r\n\r\n", 505);
    REFUSED(*state, "GET / HTTP/0.9\r\nHost: h\r\n\r\n", 505);
    REFUSED(*state, "GET / HTTP/1.-1\r\nHost: h\r\n\r\n", 505);
    REFUSED(*state, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400);
    REFUSED(*state, "GET / HTTP/1.1 x\r\nHost: h\r\n\r\n", 400);
    REFUSED(*state, "\x16\x03\x01\x02\x01\x01\r\n\r\n", 400);
    REFUSED(*state, "\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n", 400);
}

static void test_targets_that_climb_or_hide_bytes_are_refused(void **state)
{
    REFUSED(*state, "GET /a/../b HTTP/1.1\r\nHost: h\r\n\r\n", 400);
    REFUSED(*state, "GET /a/%2e%2E/b HTTP/1.1\r\nHost: h\r\n\r\n", 400);
    REFUSED(*state, "GET /a%00b HTTP/1.1\r\nHost: h\r\n\r\n", 400);
    REFUSED(*state, "GET /a?q=%00 HTTP/1.1\r\nHost: h\r\n\r\n", 400);
    REFUSED(*state, "GET /a%2fb HTTP/1.1\r\nHost: h\r\n\r\n", 400);
    REFUSED(*state, "GET ftp://h/a HTTP/1.1\r\nHost: h\r\n\r\n", 400);
}

static void test_chunks_are_read_and_the_connection_ends_with_them(void **state)
{
    struct fixture *f = *state;
    struct answer answer;
    int fd = dial(f);

    send_text(fd, "POST /c HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
                  "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: h\r\n\r\n");
    assert_true(read_answer(fd, &answer));
    assert_string_equal(answer.body, "POST /c q= h= abcde");
    assert_non_null(strstr(answer.head, "\r\nConnection: close\r\n"));
    assert_true(is_closed(fd));
    assert_int_equal(atomic_load(&f->handled), 1);
    close(fd);
}

#define CHUNKS "POST / HTTP/1.1\r\nHost: h\r\nTransfer-ENCODING: chunked\r\n\r\n"

static void test_crooked_chunks_are_refused(void **state)
{
    static const char *const crooked[] = { "z\r\n",
                                           "-1\r\n",
                                           "5;a=b\r\n",
                                           "5x\r\n",
                                           "\"\r\n",
                                           "3\r\nabc\r\n-5\r\n",
                                           "A\r\n0123456789\r\ng\r\n" };
    char request[256];
    size_t i;

    for (i = 0; i < sizeof crooked / sizeof *crooked; i++) {
        snprintf(request, sizeof request, CHUNKS "%s", crooked[i]);
        expect_refused(*state, request, strlen(request), 400);
    }
}

static void test_chunks_that_are_only_too_large_are_called_so(void **state)
{
    REFUSED(*state, CHUNKS "10001\r\n", 413);
    REFUSED(*state, CHUNKS "ffffffffffffffff\r\n", 413);
    REFUSED(*state, CHUNKS "fffffffffffffffffffff\r\n", 413);
    REFUSED(*state, CHUNKS "3\r\nz\r\n\r\nFFFE \r\n", 413);
    /* A body that has a length has no chunks. */
    REFUSED(*state, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 99999\r\n\r\nz\r\n", 413);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        TEST(test_a_length_and_chunks_together_are_refused),
        TEST(test_two_lengths_are_refused_even_when_equal),
        TEST(test_a_length_that_is_not_plain_digits_is_refused),
        TEST(test_codings_other_than_chunked_are_refused),
        TEST(test_a_name_with_a_space_before_its_colon_is_refused),
        TEST(test_folded_lines_are_refused),
        TEST(test_line_feeds_alone_are_refused),
        TEST(test_carriage_returns_alone_are_refused),
        TEST(test_control_characters_in_a_head_are_refused),
        TEST(test_a_body_evhttp_would_take_for_a_request_is_refused),
        TEST(test_a_head_request_with_a_body_is_refused),
        TEST(test_trailers_are_never_headers),
        TEST(test_hosts_and_tokens_may_be_given_once),
        TEST(test_other_versions_are_refused),
        TEST(test_targets_that_climb_or_hide_bytes_are_refused),
        TEST(test_chunks_are_read_and_the_connection_ends_with_them),
        TEST(test_crooked_chunks_are_refused),
        TEST(test_chunks_that_are_only_too_large_are_called_so),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);

    loop_shutdown();
    return failed;
}
