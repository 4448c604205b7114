/* SPDX-License-Identifier: Apache-2.0 */
/* The one door to the HTTP library: requests in, answers out. Should the library's price ever
 * matter, this file's other side changes and nothing else. */
#ifndef HTTP_SERVER_H
#define HTTP_SERVER_H

#include "base/buf.h"
#include "crypto/tls.h"
#include "loop/loop.h"

struct http_server;
struct http_request;

struct http_limits {
    size_t header_bytes, body_bytes; /* over them: 431, 413 */
    unsigned connections;            /* more wait to be accepted */
    int64_t idle_ms;                 /* a connection without a request is closed */
    int64_t request_ms; /* from a request's first byte (or TLS handshake) to its last; and as long
                         * again for the client to take the answer */
};

/* Called on the loop for each whole request. It is answered exactly once, now or later, by
 * http_answer; until then its memory stays. */
typedef void (*http_handler_fn)(void *ctx, struct http_request *request);

/* One server a loop; several servers of several loops listen on one address (SO_REUSEPORT). tls
 * NULL: plain. */
struct http_server *http_server_new(struct loop *loop, struct tls *tls,
                                    const struct http_limits *limits, http_handler_fn handler,
                                    void *ctx, struct smg_err *err);
/* "127.0.0.1:8080", "[::1]:0"; out_port gets the port in use. */
int http_server_listen(struct http_server *server, const char *address, uint16_t *out_port,
                       struct smg_err *err);
/* Accept nothing more; requests in progress go on. drained is called on the loop when none is left.
 */
void http_server_drain(struct http_server *server, loop_fn drained, void *ctx);
void http_server_free(struct http_server *server);
unsigned http_server_connections(const struct http_server *server); /* open now; any thread */

/* HEAD is HTTP_GET: the server counts the body of the answer and leaves it out. */
enum http_method { HTTP_GET = 1, HTTP_POST, HTTP_PATCH, HTTP_DELETE, HTTP_OPTIONS, HTTP_OTHER };
enum http_method http_method(const struct http_request *request);
/* As sent, without the query: not decoded, but free of "." and ".." segments, and of encoded
 * slashes, NULs and control characters. */
struct smg_str http_path(const struct http_request *request);
/* A query parameter, percent-decoded once; { NULL, 0 } when absent. */
struct smg_str http_query(struct http_request *request, const char *name);
struct smg_str http_header(const struct http_request *request, const char *name); /* any case */
/* The body, whole. */
struct smg_str http_body(struct http_request *request);
/* The TLS client key (see tls_client_key); "" when there is none, or the client went away. */
const char *http_client_key(struct http_request *request);

/* A header to add to the answer; call before http_answer. Values with control characters are
 * refused (dropped and logged). */
void http_answer_header(struct http_request *request, const char *name, const char *value);
/* TAKES body (it is empty afterwards). type NULL: no body. A client that went away is no error: the
 * answer is dropped. After this the request is gone. */
void http_answer(struct http_request *request, int status, const char *type, struct buf *body);

#endif
