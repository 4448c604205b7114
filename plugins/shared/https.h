/* SPDX-License-Identifier: Apache-2.0 */
/* An HTTPS client for plugins that live on the event loop: it asks one server, never blocks, and
 * tells each end exactly once. */
#ifndef SHARED_HTTPS_H
#define SHARED_HTTPS_H

#include <shiming/plugin.h>

struct https;          /* one server and the connections to it */
struct https_exchange; /* one request under way */

/* The texts are the caller's and stay valid until https_free: an instance's config does. */
struct https_settings {
    const char *url; /* https://name[:port]/path; what is secret or personal never goes here */
    const char *ca;  /* PEM: the only authorities a certificate of the server may come from */
    const char *certificate; /* PEM, our own first; NULL: we show none */
    const char *key;      /* PEM, of the certificate; the files are read at each new connection */
    int64_t connections;  /* at the same time, 1 or more; further requests wait for one */
    int64_t answer_bytes; /* a larger body is refused; all headers together may have 64 KiB */
};

/* Checks the URL and that the files fit each other; connects to nobody. One client belongs to one
 * loop's thread, as everything below. */
int https_new(const struct smg_host *host, const struct https_settings *settings,
              struct https **out, struct smg_err *err);
/* Requests under way end without a word; cancel them before if somebody waits. NULL is fine. */
void https_free(struct https *https);

struct https_request {
    const char *method;         /* "POST"; any other sends its body the same way */
    const char *const *headers; /* "Name: value" each, ended by NULL; copied. Content-Type is one */
    struct smg_str body;        /* the caller's, unchanged until the end; it wipes it */
    int64_t deadline_ms;        /* from now to the last byte of the answer */
};

/* What came back, whatever its status. It is wiped when the callback returns. */
struct https_answer {
    int status; /* 100 to 599; redirects are answers like any other, nobody follows them */
    struct smg_str body;
    struct smg_str headers; /* the lines as they came */
};

/* Called once, on the loop, never inside https_send. answer NULL: there is none, and err says why,
 * in words without anything of the request or the answer:
 *   SMG_E_TIMEOUT   the deadline passed
 *   SMG_E_IO        no connection, or it broke
 *   SMG_E_DENIED    the server's certificate is not accepted (RFC 9525), or ours was not
 *   SMG_E_PROTOCOL  this is not HTTP, or larger than is allowed
 *   SMG_E_MEMORY, SMG_E_BUG
 * It may send and cancel, but not free the client. */
typedef void (*https_done_fn)(void *ctx, const struct https_answer *answer,
                              const struct smg_err *err);

/* NULL: out of memory, or a header that is none (err says so); fn is not called then. */
struct https_exchange *https_send(struct https *https, const struct https_request *request,
                                  https_done_fn fn, void *ctx, struct smg_err *err);
/* End it now; fn is not called. Not after fn was. */
void https_cancel(struct https_exchange *exchange);

/* The value of a header, without the blanks around it; false: there is none, or there are two that
 * differ in place (nobody shall choose). name without the colon, in any case. */
bool https_header(const struct https_answer *answer, const char *name, struct smg_str *value);

#endif
