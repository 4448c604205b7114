/* SPDX-License-Identifier: Apache-2.0 */
/* One connection: its stages with their deadlines, and its end. */
#include "http/connection.h"

#include "loop/clock.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent_ssl.h>
#include <event2/event.h>
#include <event2/util.h>
#include <stdlib.h>
#include <unistd.h>

enum { READ_BYTES = 4096, PIECES = 8, DRAIN_BYTES = 16384 };

static int64_t stage_ms(const struct http_limits *limits, enum stage stage)
{
    switch (stage) {
    case STAGE_IDLE:
        return limits->idle_ms;
    case STAGE_HANDLING:
        return INT64_MAX / 1000 / 2;
    default:
        return limits->request_ms;
    }
}

void connection_stage(struct connection *conn, enum stage stage)
{
    struct http_server *server = conn->server;

    TAILQ_REMOVE(&server->stages[conn->stage], conn, in_stage);
    TAILQ_INSERT_TAIL(&server->stages[stage], conn, in_stage);
    conn->stage = stage;
    conn->deadline_us = clock_mono_us() + 1000 * stage_ms(&server->limits, stage);
}

static void want_chore(struct connection *conn)
{
    if (conn->chore)
        return;
    conn->chore = true;
    TAILQ_INSERT_TAIL(&conn->server->chores, conn, in_chores);
    event_active(conn->server->chores_event, 0, 0);
}

static void watch_bytes(struct connection *conn, struct smg_str bytes)
{
    size_t used = head_watch(&conn->head, bytes);

    if (conn->head.chunked)
        chunks_watch(&conn->chunks, str_bytes(bytes.at + used, bytes.len - used));
}

/* Show the watchers everything in the buffer from `from` on. */
static void watch_input(struct connection *conn, struct evbuffer *input, size_t from)
{
    size_t length = evbuffer_get_length(input);

    while (from < length && (!conn->head.whole || conn->head.chunked)) {
        struct evbuffer_iovec pieces[PIECES];
        struct evbuffer_ptr start;
        int i, count;

        if (evbuffer_ptr_set(input, &start, from, EVBUFFER_PTR_SET) != 0)
            return;
        count = evbuffer_peek(input, -1, &start, pieces, PIECES);
        for (i = 0; i < count && i < PIECES; i++) {
            watch_bytes(conn, str_bytes(pieces[i].iov_base, pieces[i].iov_len));
            from += pieces[i].iov_len;
        }
        if (count <= 0)
            return;
    }
}

static void begin_request(struct connection *conn)
{
    conn->head = (struct head){ 0 };
    conn->chunks = (struct chunks){ 0 };
    connection_stage(conn, STAGE_READING);
}

static void on_input(struct evbuffer *input, const struct evbuffer_cb_info *info, void *ctx)
{
    struct connection *conn = ctx;

    if (info->n_added == 0)
        return;
    if (conn->stage == STAGE_HANDSHAKE || conn->stage == STAGE_IDLE)
        begin_request(conn);
    if (conn->stage == STAGE_READING)
        watch_input(conn, input, evbuffer_get_length(input) - info->n_added);
}

/* While a request is read nothing of ours is written, so this is evhttp speaking: "100 Continue",
 * or a page of its own about what it does not like. */
static void on_output(struct evbuffer *output, const struct evbuffer_cb_info *info, void *ctx)
{
    static const char form[] = "HTTP/1.1 400";
    struct connection *conn = ctx;
    struct evbuffer_iovec piece;
    const char *line;

    if (conn->stage != STAGE_READING || info->n_added == 0 || info->orig_size != 0)
        return;
    if (evbuffer_peek(output, -1, NULL, &piece, 1) < 1 || piece.iov_len < sizeof form)
        return;
    line = piece.iov_base;
    if (conn->page != 0 || memcmp(line, "HTTP/", 5) != 0 || line[9] < '4' || line[9] > '5')
        return;
    conn->page = (line[9] - '0') * 100 + (line[10] - '0') * 10 + (line[11] - '0');
    want_chore(conn);
}

static struct bufferevent *make_bufferevent(struct http_server *server)
{
    struct event_base *base = loop_base(server->loop);
    struct bufferevent *bev;
    struct ssl_st *ssl;

    if (server->tls == NULL)
        return bufferevent_socket_new(base, -1, BEV_OPT_CLOSE_ON_FREE);
    ssl = tls_accept(server->tls);
    if (ssl == NULL)
        return NULL;
    bev = bufferevent_openssl_socket_new(base, -1, ssl, BUFFEREVENT_SSL_ACCEPTING,
                                         BEV_OPT_CLOSE_ON_FREE);
    /* Few clients say goodbye before they hang up; HTTP counts its bytes, so nothing is lost. */
    if (bev != NULL)
        bufferevent_openssl_set_allow_dirty_shutdown(bev, 1);
    return bev;
}

struct connection *connection_new(struct http_server *server)
{
    const struct http_limits *limits = &server->limits;
    struct connection *conn = calloc(1, sizeof *conn);

    if (conn == NULL)
        return NULL;
    conn->server = server;
    conn->fd = -1;
    conn->bev = make_bufferevent(server);
    if (conn->bev == NULL)
        goto failed;
    /* evhttp reads on while it writes: a client that sends and never listens must not fill memory.
     */
    bufferevent_setwatermark(conn->bev, EV_READ, 0,
                             limits->header_bytes + limits->body_bytes + READ_BYTES);
    if (bufferevent_set_max_single_read(conn->bev, READ_BYTES) != 0 ||
        evbuffer_add_cb(bufferevent_get_input(conn->bev), on_input, conn) == NULL ||
        evbuffer_add_cb(bufferevent_get_output(conn->bev), on_output, conn) == NULL)
        goto failed;
    bufferevent_incref(conn->bev);
    conn->stage = server->tls == NULL ? STAGE_IDLE : STAGE_HANDSHAKE;
    TAILQ_INSERT_TAIL(&server->stages[conn->stage], conn, in_stage);
    connection_stage(conn, conn->stage);
    atomic_fetch_add(&server->open, 1);
    want_chore(conn);
    return conn;
failed:
    if (conn->bev != NULL)
        bufferevent_free(conn->bev);
    free(conn);
    return NULL;
}

/* A server that drains waits for this. */
static void tell_server(struct http_server *server)
{
    if (server->draining)
        event_active(server->chores_event, 0, 0);
    server_accept(server);
}

static void free_connection(struct connection *conn)
{
    struct http_server *server = conn->server;

    loop_unwatch(conn->lingering);
    TAILQ_REMOVE(&server->stages[conn->stage], conn, in_stage);
    if (conn->chore)
        TAILQ_REMOVE(&server->chores, conn, in_chores);
    evbuffer_remove_cb(bufferevent_get_input(conn->bev), on_input, conn);
    evbuffer_remove_cb(bufferevent_get_output(conn->bev), on_output, conn);
    bufferevent_decref(conn->bev); /* closes the descriptor when evhttp has let go too */
    free(conn);
    atomic_fetch_sub(&server->open, 1);
    tell_server(server);
}

/* Closing a socket with unread bytes resets it, and the client loses the answer that says why it
 * was refused. So what still comes is thrown away for a while. */
static void on_lingering(void *ctx, int fd, unsigned ready)
{
    struct connection *conn = ctx;
    char bytes[DRAIN_BYTES];
    ssize_t got = read(fd, bytes, sizeof bytes);

    (void)ready;
    str_wipe(bytes, got > 0 ? (size_t)got : 0);
    if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR))
        free_connection(conn);
}

/* evhttp lets go of it. Our reference keeps the descriptor open until we do. */
static void on_close(struct evhttp_connection *evcon, void *ctx)
{
    struct connection *conn = ctx;

    (void)evcon;
    conn->server->by_fd[conn->fd] = NULL;
    if (conn->request != NULL)
        request_orphan(conn->request);
    conn->request = NULL;
    bufferevent_disable(conn->bev, EV_READ | EV_WRITE);
    if (conn->stage == STAGE_WRITING && conn->may_linger)
        conn->lingering =
            loop_watch(conn->server->loop, conn->fd, SMG_READABLE, on_lingering, conn);
    if (conn->lingering == NULL) {
        free_connection(conn);
        return;
    }
    connection_stage(conn, STAGE_LINGERING);
    tell_server(conn->server);
}

static bool remember_fd(struct http_server *server, struct connection *conn)
{
    size_t room = server->by_fd_room == 0 ? 64 : server->by_fd_room;
    struct connection **by_fd;

    while (room <= (size_t)conn->fd)
        room *= 2;
    if (room > server->by_fd_room) {
        by_fd = realloc(server->by_fd, room * sizeof(void *));
        if (by_fd == NULL)
            return false;
        memset(by_fd + server->by_fd_room, 0, (room - server->by_fd_room) * sizeof(void *));
        server->by_fd = by_fd;
        server->by_fd_room = room;
    }
    server->by_fd[conn->fd] = conn;
    return true;
}

struct evhttp_connection *connection_behind(struct bufferevent *bev)
{
    void *behind = NULL;

    /* evhttp shows nothing of a connection before its first request, and a client that sends none
     * must be closed too; but the connection is what the bufferevent's callbacks are called with.
     */
    bufferevent_getcb(bev, NULL, NULL, NULL, &behind);
    return behind;
}

/* evhttp has it now: be told of its end. */
static void adopt(struct connection *conn)
{
    struct evhttp_connection *evcon = connection_behind(conn->bev);

    conn->fd = bufferevent_getfd(conn->bev);
    if (evcon != NULL && conn->fd >= 0 && remember_fd(conn->server, conn)) {
        evhttp_connection_set_closecb(evcon, on_close, conn);
        return;
    }
    if (evcon != NULL)
        evhttp_connection_free(evcon);
    free_connection(conn);
}

struct connection *connection_find(struct http_server *server, struct evhttp_request *request)
{
    struct evhttp_connection *evcon = evhttp_request_get_connection(request);
    int fd = bufferevent_getfd(evhttp_connection_get_bufferevent(evcon));

    return fd < 0 || (size_t)fd >= server->by_fd_room ? NULL : server->by_fd[fd];
}

/* evhttp's page is HTML and says 400 to a head that is too big. It lies whole in the output buffer
 * and nothing of it was sent: put ours in its place. evhttp closes when it is out. */
static void replace_page(struct connection *conn)
{
    struct evbuffer *output = bufferevent_get_output(conn->bev);
    struct buf body = { 0 }, page = { 0 };
    int status = conn->page;
    char date[50];

    if (status == 400 && conn->head.bytes > conn->server->limits.header_bytes)
        status = 431;
    if (status == 413 && conn->chunks.crooked)
        status = 400;
    request_problem(&body, status);
    evutil_date_rfc1123(date, sizeof date, NULL);
    buf_printf(&page,
               "HTTP/1.1 %d %s\r\nDate: %s\r\nContent-Type: application/problem+json\r\n"
               "Content-Length: %zu\r\nConnection: close\r\nCache-Control: no-store\r\n"
               "X-Content-Type-Options: nosniff\r\n\r\n",
               status, request_reason(status), date, body.len);
    buf_str(&page, buf_view(&body));
    if (!page.failed && !body.failed) {
        /* A socket's output is frozen against everybody but the socket. */
        evbuffer_unfreeze(output, 1);
        evbuffer_drain(output, evbuffer_get_length(output));
        evbuffer_add(output, page.at, page.len);
        if (conn->server->tls == NULL)
            evbuffer_freeze(output, 1);
    }
    buf_fini(&page);
    buf_fini(&body);
    conn->closing = conn->may_linger = true;
    connection_stage(conn, STAGE_WRITING);
}

void connection_do_chore(struct connection *conn)
{
    TAILQ_REMOVE(&conn->server->chores, conn, in_chores);
    conn->chore = false;
    if (conn->fd < 0)
        adopt(conn);
    else if (conn->stage == STAGE_READING && conn->page != 0)
        replace_page(conn);
    else if (conn->stage == STAGE_IDLE || conn->stage == STAGE_WRITING)
        connection_cut(conn);
}

void connection_answered(struct connection *conn)
{
    struct evbuffer *input = bufferevent_get_input(conn->bev);

    if (conn->closing) {
        want_chore(conn); /* evhttp closes next by itself, but not after a CONNECT */
        return;
    }
    if (evbuffer_get_length(input) > 0) {
        begin_request(conn);
        watch_input(conn, input, 0);
        return;
    }
    connection_stage(conn, STAGE_IDLE);
    if (conn->server->draining)
        want_chore(conn);
}

void connection_cut(struct connection *conn)
{
    conn->may_linger = false;
    /* A time-out is what evhttp knows to end in a close, at any stage. */
    if (conn->stage == STAGE_LINGERING)
        free_connection(conn);
    else
        bufferevent_trigger_event(conn->bev, BEV_EVENT_READING | BEV_EVENT_TIMEOUT, 0);
}
