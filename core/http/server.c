/* SPDX-License-Identifier: Apache-2.0 */
/* A server: its listeners, how many connections it takes, and how it comes to rest. */
#include "http/connection.h"

#include "base/log.h"
#include "loop/clock.h"

#include <errno.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <event2/util.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BACKLOG = 1024, SWEEP_MIN_MS = 10, SWEEP_MAX_MS = 1000, ALL_METHODS = 0xFFFF };
enum { CUTS_AT_ONCE = 64 }; /* a crowd whose time is over at once must not hold the loop */

static void switch_listeners(struct http_server *server, bool on)
{
    size_t i;

    for (i = 0; i < server->listener_count; i++) {
        struct evconnlistener *listener = evhttp_bound_socket_get_listener(server->listeners[i]);

        if ((on ? evconnlistener_enable(listener) : evconnlistener_disable(listener)) != 0)
            log_line(SMG_ERROR, "http", "a listening socket could not be switched");
    }
}

void server_accept(struct http_server *server)
{
    bool accepting = !server->draining && server->spare != NULL &&
                     atomic_load(&server->open) < server->limits.connections;

    if (accepting != server->accepting)
        switch_listeners(server, accepting);
    server->accepting = accepting;
}

/* Called by evhttp for each connection it accepted. It must not fail: evhttp would go on with a
 * plain connection of its own making, TLS or not. So there is always a spare bufferevent, good for
 * nothing but to be closed with what was accepted. */
static struct bufferevent *on_accept(struct event_base *base, void *ctx)
{
    struct http_server *server = ctx;
    struct connection *conn = connection_new(server);

    (void)base;
    if (conn == NULL) {
        server->doomed = server->spare;
        server->spare = NULL;
        event_active(server->chores_event, 0, 0);
    }
    server_accept(server);
    return conn == NULL ? server->doomed : conn->bev;
}

/* No descriptors left, most likely: rest until the next sweep instead of spinning. What libevent
 * hands over as ctx is evhttp's. */
static void on_accept_error(struct evconnlistener *listener, void *ctx)
{
    (void)ctx;
    log_line(SMG_WARN, "http", "cannot accept a connection: %s", strerror(errno));
    evconnlistener_disable(listener);
}

static void close_doomed(struct http_server *server)
{
    struct evhttp_connection *evcon = connection_behind(server->doomed);

    log_line(SMG_WARN, "http", "a connection was closed at once: out of memory");
    if (evcon != NULL)
        evhttp_connection_free(evcon);
    server->doomed = NULL;
}

static bool is_drained(const struct http_server *server)
{
    size_t stage;

    for (stage = 0; stage < STAGE_LINGERING; stage++)
        if (!TAILQ_EMPTY(&server->stages[stage]))
            return false;
    return true;
}

static void do_chores(struct http_server *server)
{
    struct connection *conn;

    if (server->doomed != NULL)
        close_doomed(server);
    while ((conn = TAILQ_FIRST(&server->chores)) != NULL)
        connection_do_chore(conn);
}

static void on_chores(evutil_socket_t fd, short what, void *ctx)
{
    struct http_server *server = ctx;
    loop_fn drained = server->drained;

    (void)fd;
    (void)what;
    do_chores(server);
    if (drained == NULL || !is_drained(server))
        return;
    server->drained = NULL;
    drained(server->drained_ctx); /* may free the server */
}

static void cut_all(struct http_server *server, enum stage stage)
{
    struct connection *conn;

    while ((conn = TAILQ_FIRST(&server->stages[stage])) != NULL)
        connection_cut(conn);
}

/* Cut those whose time is over; false: there are more of them. */
static bool cut_late(struct http_server *server)
{
    int64_t now_us = clock_mono_us();
    struct connection *conn;
    size_t stage, cuts = 0;

    for (stage = 0; stage < STAGES; stage++)
        while ((conn = TAILQ_FIRST(&server->stages[stage])) != NULL &&
               conn->deadline_us <= now_us) {
            if (cuts++ == CUTS_AT_ONCE)
                return false;
            connection_cut(conn);
        }
    return true;
}

static void on_sweep_on(void *ctx)
{
    struct http_server *server = ctx;

    server->sweep_on = cut_late(server) ? NULL : loop_after(server->loop, 1, on_sweep_on, server);
}

static void on_sweep(void *ctx)
{
    struct http_server *server = ctx;

    do_chores(server);
    if (server->sweep_on == NULL)
        on_sweep_on(server);
    if (server->spare == NULL)
        server->spare = bufferevent_socket_new(loop_base(server->loop), -1, BEV_OPT_CLOSE_ON_FREE);
    server_accept(server);
    if (server->accepting)
        switch_listeners(server, true); /* those that rested after an error */
}

static int64_t sweep_ms(const struct http_limits *limits)
{
    int64_t ms = (limits->idle_ms < limits->request_ms ? limits->idle_ms : limits->request_ms) / 4;

    return ms < SWEEP_MIN_MS ? SWEEP_MIN_MS : ms > SWEEP_MAX_MS ? SWEEP_MAX_MS : ms;
}

static bool are_sane(const struct http_limits *limits)
{
    return limits->header_bytes > 0 && limits->header_bytes <= INT32_MAX &&
           limits->body_bytes <= INT32_MAX && limits->connections > 0 && limits->idle_ms > 0 &&
           limits->request_ms > 0;
}

static bool set_up_evhttp(struct http_server *server)
{
    server->http = evhttp_new(loop_base(server->loop));
    if (server->http == NULL)
        return false;
    evhttp_set_bevcb(server->http, on_accept, server);
    evhttp_set_gencb(server->http, request_arrived, server);
    evhttp_set_allowed_methods(server->http, ALL_METHODS);
    evhttp_set_default_content_type(server->http, NULL);
    evhttp_set_max_headers_size(server->http, (ev_ssize_t)server->limits.header_bytes);
    evhttp_set_max_body_size(server->http, (ev_ssize_t)server->limits.body_bytes);
    return true;
}

struct http_server *http_server_new(struct loop *loop, struct tls *tls,
                                    const struct http_limits *limits, http_handler_fn handler,
                                    void *ctx, struct smg_err *err)
{
    struct http_server *server;
    size_t i;

    if (!are_sane(limits)) {
        smg_fail(err, SMG_E_INVALID, "the limits of the HTTP server make no sense");
        return NULL;
    }
    server = calloc(1, sizeof *server);
    if (server == NULL)
        goto failed;
    server->loop = loop;
    server->tls = tls;
    server->limits = *limits;
    server->handler = handler;
    server->ctx = ctx;
    TAILQ_INIT(&server->chores);
    for (i = 0; i < STAGES; i++)
        TAILQ_INIT(&server->stages[i]);
    server->chores_event = event_new(loop_base(loop), -1, 0, on_chores, server);
    server->spare = bufferevent_socket_new(loop_base(loop), -1, BEV_OPT_CLOSE_ON_FREE);
    server->sweep = loop_every(loop, sweep_ms(limits), on_sweep, server);
    if (server->chores_event != NULL && server->spare != NULL && server->sweep != NULL &&
        set_up_evhttp(server))
        return server;
failed:
    http_server_free(server);
    smg_fail(err, SMG_E_MEMORY, "out of memory for an HTTP server");
    return NULL;
}

union address {
    struct sockaddr any;
    struct sockaddr_in four;
    struct sockaddr_in6 six;
};

static int bind_socket(const struct sockaddr *address, int len)
{
    int fd = socket(address->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), on = 1;

    if (fd < 0)
        return -1;
    /* Accepted sockets inherit TCP_NODELAY. Without it every answer over TLS, which goes out as two
     * records, waits 40 ms for the client's acknowledgement of the first. */
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
        setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) == 0 &&
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) == 0 &&
        bind(fd, address, (socklen_t)len) == 0)
        return fd;
    close(fd);
    return -1;
}

static uint16_t port_of(int fd)
{
    union address address = { .six = { 0 } };
    socklen_t len = sizeof address;

    if (getsockname(fd, &address.any, &len) != 0)
        return 0;
    return ntohs(address.any.sa_family == AF_INET6 ? address.six.sin6_port : address.four.sin_port);
}

/* The listener is evhttp's from here on. */
static bool add_listener(struct http_server *server, int fd)
{
    struct evconnlistener *listener =
        evconnlistener_new(loop_base(server->loop), NULL, NULL,
                           LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC, BACKLOG, fd);
    struct evhttp_bound_socket *bound;

    if (listener == NULL) {
        close(fd);
        return false;
    }
    bound = evhttp_bind_listener(server->http, listener);
    if (bound == NULL) {
        evconnlistener_free(listener);
        return false;
    }
    evconnlistener_set_error_cb(listener, on_accept_error);
    server->listeners[server->listener_count++] = bound;
    server->accepting = true;
    server_accept(server);
    return true;
}

/* The library's own parser refuses port 0. */
static bool parse_address(const char *address, union address *out, int *len)
{
    const char *colon = strrchr(address, ':');
    int64_t port;
    char host[64];

    if (colon == NULL || (size_t)(colon - address) >= sizeof host ||
        !str_to_int(str_of(colon + 1), &port) || port > UINT16_MAX)
        return false;
    memcpy(host, address, (size_t)(colon - address));
    host[colon - address] = '\0';
    *len = sizeof *out;
    if (evutil_parse_sockaddr_port(host, &out->any, len) != 0)
        return false;
    if (out->any.sa_family == AF_INET6)
        out->six.sin6_port = htons((uint16_t)port);
    else
        out->four.sin_port = htons((uint16_t)port);
    return true;
}

int http_server_listen(struct http_server *server, const char *address, uint16_t *out_port,
                       struct smg_err *err)
{
    union address parsed = { .six = { 0 } };
    int len, fd;

    if (!parse_address(address, &parsed, &len))
        return smg_fail(err, SMG_E_INVALID,
                        "%s: not an address such as 127.0.0.1:8080 or [::1]:8080", address);
    if (server->listener_count == LISTENERS_MAX)
        return smg_fail(err, SMG_E_INVALID, "%s: over %d addresses", address, LISTENERS_MAX);
    fd = bind_socket(&parsed.any, len);
    if (fd < 0)
        return smg_fail(err, SMG_E_IO, "%s: cannot listen: %s", address, strerror(errno));
    *out_port = port_of(fd);
    if (!add_listener(server, fd))
        return smg_fail(err, SMG_E_IO, "%s: cannot listen: %s", address, strerror(errno));
    return SMG_OK;
}

void http_server_drain(struct http_server *server, loop_fn drained, void *ctx)
{
    do_chores(server);
    server->draining = true;
    server->accepting = false;
    while (server->listener_count > 0)
        evhttp_del_accept_socket(server->http, server->listeners[--server->listener_count]);
    cut_all(server, STAGE_HANDSHAKE);
    cut_all(server, STAGE_IDLE);
    server->drained = drained;
    server->drained_ctx = ctx;
    event_active(server->chores_event, 0, 0);
}

void http_server_free(struct http_server *server)
{
    size_t stage;

    if (server == NULL)
        return;
    server->draining = true; /* nothing is accepted while connections go */
    loop_forget(server->sweep);
    loop_forget(server->sweep_on);
    if (server->http != NULL) {
        do_chores(server);
        for (stage = 0; stage < STAGES; stage++)
            cut_all(server, (enum stage)stage);
        evhttp_free(server->http);
    }
    if (server->chores_event != NULL)
        event_free(server->chores_event);
    if (server->spare != NULL)
        bufferevent_free(server->spare);
    free(server->by_fd);
    free(server);
}

unsigned http_server_connections(const struct http_server *server)
{
    return atomic_load(&server->open);
}
