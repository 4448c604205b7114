/* SPDX-License-Identifier: Apache-2.0 */
/* What a request must be before the handler sees it: said in one way only, so that no proxy in
 * front can have read it in another. For request.c only. */
#ifndef HTTP_REFUSAL_H
#define HTTP_REFUSAL_H

#include "base/buf.h"
#include "http/head.h"

struct evhttp_request;

/* A request's target, as sent; part of evhttp's request. */
struct target {
    struct smg_str path, query; /* query without its question mark; at NULL: none */
};

/* 0, or the status of the refusal. closing: nothing more may be read from this connection, because
 * evhttp's idea of where this request ends is not to be trusted. */
int refusal_of(struct evhttp_request *evreq, const struct head *head, struct target *target,
               bool *closing);

/* "/path?query" or "http://host/path?query"; false when it could mean two things. */
bool target_read(struct smg_str text, struct target *out);
/* Each parameter: name NUL value NUL, percent-decoded once, a plus sign being a space. */
void target_decode(struct smg_str query, struct buf *out);

/* May this go into the head of an answer? */
bool header_is_clean(const char *name, const char *value);

#endif
