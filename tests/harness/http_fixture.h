/* SPDX-License-Identifier: Apache-2.0 */
/* For tests of the HTTP server: one server on a loop in a thread of its own, and a client on
 * blocking sockets that sees every byte. */
#ifndef HTTP_FIXTURE_H
#define HTTP_FIXTURE_H

#include "http/server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cmocka.h>

struct fixture {
    struct loop *loop;
    struct http_server *server;
    struct tls *tls;
    pthread_t thread;
    uint16_t port;
    struct loop_call stop, release, drain;
    struct http_request *held; /* the loop's */
    atomic_uint handled, is_held, is_drained;
};

struct answer {
    int status;
    char head[4096];
    char body[65536];
    size_t length;
};

static const struct http_limits usual_limits = { 8192, 65536, 4000, 60000, 60000 };

static inline void answer_text(struct http_request *request, int status, const char *text)
{
    struct buf body = { 0 };

    buf_text(&body, text);
    http_answer(request, status, "text/plain", &body);
}

static inline void on_later(void *ctx)
{
    answer_text(ctx, 200, "later");
}

static inline void answer_echo(struct http_request *request)
{
    static const char *const names[] = { "", "GET", "POST", "PATCH", "DELETE", "OPTIONS", "OTHER" };
    struct smg_str query = http_query(request, "q");
    struct buf body = { 0 };

    buf_text(&body, names[http_method(request)]);
    buf_byte(&body, ' ');
    buf_str(&body, http_path(request));
    buf_text(&body, " q=");
    buf_str(&body, query);
    buf_text(&body, " h=");
    buf_str(&body, http_header(request, "x-test"));
    buf_byte(&body, ' ');
    buf_str(&body, http_body(request));
    if (str_is(http_path(request), "/headers")) {
        http_answer_header(request, "X-Bad", "one\r\nX-Split: two");
        http_answer_header(request, "X-Good", "one");
    }
    http_answer(request, 200, "text/plain", &body);
}

static inline void answer_big(struct http_request *request)
{
    struct buf body = { 0 };
    char *to = buf_grow(&body, 8u << 20);

    if (to != NULL)
        memset(to, 'b', 8u << 20);
    http_answer(request, 200, "application/octet-stream", &body);
}

static inline void on_request(void *ctx, struct http_request *request)
{
    struct fixture *f = ctx;
    struct smg_str path = http_path(request);

    atomic_fetch_add(&f->handled, 1);
    if (str_is(path, "/later")) {
        if (loop_after(f->loop, 20, on_later, request) == NULL)
            abort();
    } else if (str_is(path, "/hold")) {
        f->held = request;
        atomic_store(&f->is_held, 1);
    } else if (str_is(path, "/big")) {
        answer_big(request);
    } else if (str_is(path, "/none")) {
        http_answer(request, 204, NULL, NULL);
    } else if (str_is(path, "/key")) {
        answer_text(request, 200, http_client_key(request));
    } else {
        answer_echo(request);
    }
}

static inline void *run_loop(void *ctx)
{
    struct fixture *f = ctx;
    struct smg_err err;

    if (loop_run(f->loop, &err) != SMG_OK)
        abort();
    return NULL;
}

static inline void open_fixture(struct fixture *f, const struct http_limits *limits,
                                struct tls *tls)
{
    struct smg_err err = { 0 };

    *f = (struct fixture){ .tls = tls };
    f->loop = loop_new("test", &err);
    assert_non_null(f->loop);
    f->server = http_server_new(f->loop, tls, limits, on_request, f, &err);
    assert_non_null(f->server);
    if (http_server_listen(f->server, "127.0.0.1:0", &f->port, &err) != SMG_OK)
        fail_msg("%s", err.text);
    assert_int_not_equal(f->port, 0);
    assert_int_equal(pthread_create(&f->thread, NULL, run_loop, f), 0);
}

static inline void on_stop(void *ctx)
{
    struct fixture *f = ctx;

    http_server_free(f->server);
    if (f->held != NULL)
        answer_text(f->held, 200, "nobody hears this");
    loop_stop(f->loop);
}

static inline void close_fixture(struct fixture *f)
{
    f->stop = (struct loop_call){ .fn = on_stop, .ctx = f };
    loop_post(f->loop, &f->stop);
    assert_int_equal(pthread_join(f->thread, NULL), 0);
    loop_free(f->loop);
}

static inline void on_release(void *ctx)
{
    struct fixture *f = ctx;
    struct http_request *request = f->held;

    f->held = NULL;
    answer_text(request, 200, "released");
}

/* Answer what the handler holds. */
static inline void release_held(struct fixture *f)
{
    f->release = (struct loop_call){ .fn = on_release, .ctx = f };
    loop_post(f->loop, &f->release);
}

static inline void wait_until(const atomic_uint *flag, unsigned value)
{
    int tries;

    for (tries = 0; tries < 5000 && atomic_load(flag) != value; tries++)
        usleep(2000);
    assert_int_equal(atomic_load(flag), value);
}

static inline void wait_for_connections(const struct fixture *f, unsigned count)
{
    int tries;

    for (tries = 0; tries < 5000 && http_server_connections(f->server) != count; tries++)
        usleep(2000);
    assert_int_equal(http_server_connections(f->server), count);
}

static inline int dial(const struct fixture *f)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(f->port) };
    struct timeval patience = { .tv_sec = 20 };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    assert_true(fd >= 0);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience), 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
    return fd;
}

static inline void send_bytes(int fd, const char *at, size_t len)
{
    while (len > 0) {
        ssize_t sent = send(fd, at, len, MSG_NOSIGNAL);

        assert_true(sent > 0);
        at += sent;
        len -= (size_t)sent;
    }
}

static inline void send_text(int fd, const char *text)
{
    send_bytes(fd, text, strlen(text));
}

/* One answer's head, byte by byte so that nothing of the next is taken. false: closed before. */
static inline bool read_head(int fd, struct answer *out)
{
    size_t len = 0;

    out->status = 0;
    while (len < 4 || memcmp(out->head + len - 4, "\r\n\r\n", 4) != 0) {
        assert_true(len < sizeof out->head - 1);
        if (recv(fd, out->head + len, 1, 0) != 1)
            return false;
        len++;
    }
    out->head[len] = '\0';
    assert_memory_equal(out->head, "HTTP/1.", 7);
    out->status = atoi(out->head + 9);
    return true;
}

static inline bool read_body(int fd, struct answer *out)
{
    const char *length = strcasestr(out->head, "\r\nContent-Length: ");

    out->length = length == NULL ? 0 : strtoul(length + 18, NULL, 10);
    assert_true(out->length < sizeof out->body);
    out->body[out->length] = '\0';
    return out->length == 0 ||
           recv(fd, out->body, out->length, MSG_WAITALL) == (ssize_t)out->length;
}

static inline bool read_answer(int fd, struct answer *out)
{
    return read_head(fd, out) && read_body(fd, out);
}

/* The other side closed (or reset): nothing but that is to come. */
static inline bool is_closed(int fd)
{
    char byte;
    ssize_t got = recv(fd, &byte, 1, 0);

    return got == 0 || (got < 0 && errno == ECONNRESET);
}

static inline void expect_answer(int fd, int status, const char *body)
{
    struct answer answer;

    assert_true(read_answer(fd, &answer));
    assert_int_equal(answer.status, status);
    if (body != NULL)
        assert_string_equal(answer.body, body);
}

/* The server said no in its own words, and closed. */
static inline void expect_refusal(int fd, int status)
{
    struct answer answer;

    if (!read_answer(fd, &answer))
        fail_msg("closed without an answer; expected %d", status);
    assert_int_equal(answer.status, status);
    assert_non_null(strstr(answer.head, "\r\nContent-Type: application/problem+json\r\n"));
    assert_non_null(strstr(answer.head, "\r\nConnection: close\r\n"));
    assert_non_null(strstr(answer.body, "\"code\":\""));
    assert_null(strstr(answer.body, "<"));
    assert_int_equal(shutdown(fd, SHUT_WR), 0);
    assert_true(is_closed(fd));
}

#endif
