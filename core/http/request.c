/* SPDX-License-Identifier: Apache-2.0 */
/* One request, from evhttp's hands to its answer. It outlives its connection when it must. */
#include "http/connection.h"
#include "http/refusal.h"

#include "base/log.h"

#include <event2/buffer.h>
#include <event2/bufferevent_ssl.h>
#include <event2/http_struct.h>
#include <event2/keyvalq_struct.h>
#include <stdlib.h>

struct http_request {
    struct connection *conn; /* NULL: the client went away */
    struct evhttp_request *evreq;
    struct target target;
    struct buf body;
    struct buf query; /* name NUL value NUL ..., decoded */
    bool query_read;
    bool closing;
};

const char *request_reason(int status)
{
    switch (status) {
    case 400:
        return "Bad Request";
    case 413:
        return "Content Too Large";
    case 417:
        return "Expectation Failed";
    case 422:
        return "Unprocessable Content";
    case 428:
        return "Precondition Required";
    case 429:
        return "Too Many Requests";
    case 431:
        return "Request Header Fields Too Large";
    case 501:
        return "Not Implemented";
    case 505:
        return "HTTP Version Not Supported";
    default:
        return NULL; /* evhttp knows the others */
    }
}

void request_orphan(struct http_request *request)
{
    request->conn = NULL;
}

static void wipe_and_free(const void *at, size_t len, void *ctx)
{
    (void)at;
    (void)len;
    buf_fini(ctx);
    free(ctx);
}

/* Move the body out of evhttp's pieces, which are wiped. */
static bool take_body(struct http_request *request)
{
    struct evbuffer *input = evhttp_request_get_input_buffer(request->evreq);
    size_t length = evbuffer_get_length(input);
    char *to = buf_grow(&request->body, length);

    if (to == NULL)
        return false;
    while (length > 0) {
        struct evbuffer_iovec piece;

        if (evbuffer_peek(input, -1, NULL, &piece, 1) < 1)
            return false;
        memcpy(to, piece.iov_base, piece.iov_len);
        str_wipe(piece.iov_base, piece.iov_len);
        evbuffer_drain(input, piece.iov_len);
        to += piece.iov_len;
        length -= piece.iov_len;
    }
    return true;
}

static void refuse(struct http_request *request, int status)
{
    struct buf body = { 0 };

    request->closing = true;
    request->conn->may_linger = true;
    request_problem(&body, status);
    http_answer(request, status, "application/problem+json", &body);
}

static void on_complete(struct evhttp_request *evreq, void *ctx)
{
    (void)evreq;
    connection_answered(ctx);
}

void request_arrived(struct evhttp_request *evreq, void *ctx)
{
    struct http_server *server = ctx;
    struct connection *conn = connection_find(server, evreq);
    struct http_request *request;
    int status;

    if (conn == NULL || conn->stage != STAGE_READING) {
        evhttp_send_error(evreq, 500, NULL); /* evhttp closes after its own pages */
        return;
    }
    connection_stage(conn, STAGE_HANDLING);
    request = calloc(1, sizeof *request);
    if (request == NULL) {
        connection_cut(conn);
        evhttp_request_free(evreq); /* ours since the handler's turn began */
        return;
    }
    request->conn = conn;
    request->evreq = evreq;
    conn->request = request;
    evhttp_request_set_on_complete_cb(evreq, on_complete, conn);
    status = refusal_of(evreq, &conn->head, &request->target, &request->closing);
    if (status == 0 && !take_body(request))
        status = 503;
    if (status != 0)
        refuse(request, status);
    else
        server->handler(server->ctx, request);
}

enum http_method http_method(const struct http_request *request)
{
    switch (evhttp_request_get_command(request->evreq)) {
    case EVHTTP_REQ_GET:
    case EVHTTP_REQ_HEAD: /* the same answer, its body counted and not sent */
        return HTTP_GET;
    case EVHTTP_REQ_POST:
        return HTTP_POST;
    case EVHTTP_REQ_PATCH:
        return HTTP_PATCH;
    case EVHTTP_REQ_DELETE:
        return HTTP_DELETE;
    case EVHTTP_REQ_OPTIONS:
        return HTTP_OPTIONS;
    default:
        return HTTP_OTHER;
    }
}

struct smg_str http_path(const struct http_request *request)
{
    return request->target.path;
}

struct smg_str http_query(struct http_request *request, const char *name)
{
    const char *at, *end;

    if (!request->query_read)
        target_decode(request->target.query, &request->query);
    request->query_read = true;
    if (request->query.failed || request->query.len == 0)
        return (struct smg_str){ NULL, 0 };
    end = request->query.at + request->query.len;
    for (at = request->query.at; at < end;) {
        const char *value = at + strlen(at) + 1;

        if (strcmp(at, name) == 0)
            return str_of(value);
        at = value + strlen(value) + 1;
    }
    return (struct smg_str){ NULL, 0 };
}

struct smg_str http_header(const struct http_request *request, const char *name)
{
    return str_of(evhttp_find_header(evhttp_request_get_input_headers(request->evreq), name));
}

struct smg_str http_body(struct http_request *request)
{
    return buf_view(&request->body);
}

const char *http_client_key(struct http_request *request)
{
    struct connection *conn = request->conn;
    struct ssl_st *ssl;

    if (conn == NULL)
        return "";
    ssl = bufferevent_openssl_get_ssl(conn->bev);
    if (!conn->knows_client && ssl != NULL && !tls_client_key(ssl, conn->client_key))
        conn->client_key[0] = '\0';
    conn->knows_client = true;
    return conn->client_key;
}

void http_answer_header(struct http_request *request, const char *name, const char *value)
{
    struct evkeyvalq *headers = evhttp_request_get_output_headers(request->evreq);

    if (!header_is_clean(name, value) || evhttp_add_header(headers, name, value) != 0)
        log_line(SMG_WARN, "http", "a header of an answer was left out: its value is not text");
}

static void add_unless_set(struct evkeyvalq *headers, const char *name, const char *value)
{
    if (evhttp_find_header(headers, name) == NULL)
        evhttp_add_header(headers, name, value);
}

/* The body goes out from where it lies, and is wiped when it is out. */
static bool give_body(struct evbuffer *output, struct buf *body)
{
    struct buf *kept = malloc(sizeof *kept);

    if (kept == NULL)
        return false;
    *kept = *body;
    *body = (struct buf){ 0 };
    if (evbuffer_add_reference(output, kept->at, kept->len, wipe_and_free, kept) == 0)
        return true;
    wipe_and_free(NULL, 0, kept);
    return false;
}

static void add_headers(struct http_request *request, const char *type, size_t length)
{
    struct evkeyvalq *headers = evhttp_request_get_output_headers(request->evreq);
    int status = evhttp_request_get_response_code(request->evreq);
    char number[24];

    if (type != NULL)
        add_unless_set(headers, "Content-Type", type);
    add_unless_set(headers, "X-Content-Type-Options", "nosniff");
    add_unless_set(headers, "Cache-Control", "no-store");
    if (status != 204 && status != 304) {
        snprintf(number, sizeof number, "%zu", length);
        add_unless_set(headers, "Content-Length", number);
    }
    if (request->closing || request->conn->server->draining) {
        add_unless_set(headers, "Connection", "close");
        request->conn->closing = true;
    }
}

static void send_answer(struct http_request *request, int status, const char *type,
                        struct buf *body)
{
    struct evhttp_request *evreq = request->evreq;
    struct connection *conn = request->conn;
    size_t length = body == NULL || type == NULL || body->failed ? 0 : body->len;
    bool is_bare =
        status == 204 || status == 304 || evhttp_request_get_command(evreq) == EVHTTP_REQ_HEAD;
    struct evbuffer *output = is_bare || length == 0 ? NULL : evbuffer_new();

    if ((body != NULL && body->failed) || (!is_bare && length > 0 && output == NULL) ||
        (output != NULL && !give_body(output, body))) {
        connection_cut(conn); /* out of memory: no answer is better than half of one */
        evhttp_request_free(evreq);
    } else {
        evreq->response_code = status;
        add_headers(request, type, length);
        conn->request = NULL;
        connection_stage(conn, STAGE_WRITING);
        evhttp_send_reply(evreq, status, request_reason(status), output);
    }
    if (output != NULL)
        evbuffer_free(output);
}

void http_answer(struct http_request *request, int status, const char *type, struct buf *body)
{
    if (request->conn == NULL)
        evhttp_request_free(request->evreq); /* left to us when the connection closed */
    else
        send_answer(request, status, type, body);
    if (body != NULL)
        buf_fini(body);
    buf_fini(&request->body);
    buf_fini(&request->query);
    free(request);
}
