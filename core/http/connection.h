/* SPDX-License-Identifier: Apache-2.0 */
/* What server.c, connection.c and request.c share: a server, and the life of each connection from
 * accept to close. Everything runs on the server's loop. */
#ifndef HTTP_CONNECTION_H
#define HTTP_CONNECTION_H

#include "http/head.h"
#include "http/server.h"

#include <event2/bufferevent.h>
#include <event2/http.h>
#include <stdatomic.h>
#include <sys/queue.h>

/* What a connection is at; each has one time limit, so each list stays in the order of deadlines.
 */
enum stage {
    STAGE_HANDSHAKE, /* TLS: no byte of a request yet */
    STAGE_IDLE,
    STAGE_READING,
    STAGE_HANDLING, /* the handler has the request; no limit here */
    STAGE_WRITING,
    STAGE_LINGERING, /* closed on our side; the client may still be sending */
    STAGES
};

struct connection {
    TAILQ_ENTRY(connection) in_stage, in_chores;
    struct http_server *server;
    struct bufferevent *bev; /* a reference of our own */
    struct http_request *request;
    struct loop_watch *lingering;
    int64_t deadline_us;
    struct head head; /* of the request being read */
    struct chunks chunks;
    enum stage stage;
    int fd;            /* -1 until adopted */
    int page;          /* the status of a page evhttp wrote by itself, or 0 */
    bool chore;        /* is in the list of chores */
    bool closing;      /* the answer said so */
    bool may_linger;   /* the client may not have sent all when we close */
    bool knows_client; /* the next is filled */
    char client_key[65];
};

TAILQ_HEAD(connections, connection);

enum { LISTENERS_MAX = 8 };

struct http_server {
    struct loop *loop;
    struct tls *tls;
    struct http_limits limits;
    http_handler_fn handler;
    void *ctx;

    struct evhttp *http;
    struct event *chores_event;
    struct loop_timer *sweep, *sweep_on; /* sweep_on: the last sweep left some */
    struct evhttp_bound_socket *listeners[LISTENERS_MAX];
    size_t listener_count;
    struct connections stages[STAGES], chores;
    struct connection **by_fd;
    size_t by_fd_room;
    struct bufferevent *spare, *doomed; /* see on_accept in server.c */
    atomic_uint open;
    bool accepting, draining;
    loop_fn drained;
    void *drained_ctx;
};

/* For evhttp, in its accept: one reference to conn->bev is evhttp's. NULL: out of memory. */
struct connection *connection_new(struct http_server *server);
void connection_stage(struct connection *conn, enum stage stage);
/* What could not be done inside a callback of evhttp: adopt it, replace a page, close it. */
void connection_do_chore(struct connection *conn);
/* The answer to the request is out: wait for the next one. */
void connection_answered(struct connection *conn);
/* Close it from our side, whatever it is at. A request the handler has stays with the handler. */
void connection_cut(struct connection *conn);
struct connection *connection_find(struct http_server *server, struct evhttp_request *request);

/* What evhttp made of a bufferevent; NULL when it let go of it. */
struct evhttp_connection *connection_behind(struct bufferevent *bev);

/* server.c: accept or stop accepting, as the state of the server asks. */
void server_accept(struct http_server *server);

/* request.c: what evhttp calls with a whole request; ctx is the server. */
void request_arrived(struct evhttp_request *evreq, void *ctx);
/* The client went away. */
void request_orphan(struct http_request *request);
/* The standard's words for a status, or NULL. */
const char *request_reason(int status);
/* Append our own page for an error below the handler; what it says suits status. */
void request_problem(struct buf *out, int status);

#endif
