/* SPDX-License-Identifier: Apache-2.0 */
/* How a question becomes a request and an answer becomes a verdict, as the configuration says: one
 * service differs from another in its options and in nothing else. */
#ifndef HTTP_MAPPING_H
#define HTTP_MAPPING_H

#include "https.h"
#include "template.h"

struct config {
    /* the server */
    const char *url, *ca, *certificate, *key;
    /* the request */
    const char *request, *request_type, *headers, *picture_formats;
    const char *sign, *sign_key, *sign_digest;
    /* the answer */
    const char *answer_type, *verdict, *match, *mismatch, *unknown, *receipt;
    const char *score, *score_match, *score_mismatch;
    const char *answer_sign, *answer_signature, *answer_time;
    int64_t answer_age, answer_limit;
    /* patience */
    int64_t attempt, attempts, pause, in_flight, queue, breaker_failures, breaker_rest;
};

enum { BODY_BYTES = 32 * 1024 * 1024, ID_BYTES = 32, RECEIPT_BYTES = 64, HEADERS_MAX = 16 };

struct mapping;

/* Checks what can be checked without asking: types, places, templates, the key. config stays valid.
 */
int mapping_open(const struct config *config, struct mapping **out, struct smg_err *err);
void mapping_close(struct mapping *mapping); /* NULL is fine */

/* Whether the request has a place for this field. */
bool mapping_wants(const struct mapping *mapping, struct smg_str field);

/* One question, the same in each of its attempts. */
struct inquiry {
    char id[ID_BYTES + 1]; /* random, hexadecimal */
    struct bytes body;
};

/* The id, and the body from the person's fields. */
int mapping_write(const struct mapping *mapping, const struct smg_host *host,
                  const struct smg_fields *subject, struct inquiry *inquiry, struct smg_err *err);

/* The headers of one attempt: lines for https_send, signed as of now. */
struct header_lines {
    struct bytes text;
    const char *lines[HEADERS_MAX + 2];
};
int mapping_headers(const struct mapping *mapping, const struct inquiry *inquiry, int64_t now_ms,
                    struct header_lines *out, struct smg_err *err);

struct verdict {
    const char *verdict; /* "match", "mismatch", "unknown" */
    char receipt[RECEIPT_BYTES];
};

/* SMG_E_IO and SMG_E_BUSY may be better in another attempt, others not. A status of 4xx that is
 * about this one question (400, 404, 409, 413, 422) is SMG_E_INVALID: the service is well. */
int mapping_read(const struct mapping *mapping, const struct inquiry *inquiry,
                 const struct https_answer *answer, int64_t now_ms, struct verdict *out,
                 struct smg_err *err);

#endif
