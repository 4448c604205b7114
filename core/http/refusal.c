/* SPDX-License-Identifier: Apache-2.0 */
/* Requests that two readers could read in two ways are refused (RFC 9112, 6.3 and 11.2).
 *
 * What evhttp 2.1.12 does by itself (distributions have mended part of it since), and what is done
 * about it here:
 *   a line feed alone, a folded line, NUL           takes it; refused
 *   a space before a header's colon                 takes it as part of the name; refused
 *   two lengths                                     takes the first; refused
 *   a length of "+5" or " 5"                        takes it; refused
 *   a length and chunks                             takes the chunks; refused
 *   another coding than "chunked"                   takes it for no body; refused
 *   a body behind HEAD, TRACE or a strange method   takes it for the next request; refused
 *   chunks with "0x5", "+5", blank lines between    takes them; the connection ends after it
 *   chunks without a size                           says 413; 400 is said
 *   trailers                                        takes them for headers; refused
 *   no Host, a version such as 1.9                  takes it; refused
 *   "//host/path"                                   takes it for a host; the target is read here */
#include "http/refusal.h"

#include "http/connection.h"
#include "registration/problem.h"

#include <event2/http_struct.h>
#include <event2/keyvalq_struct.h>

static bool is_token(const char *text)
{
    static const char others[] = "!#$%&'*+-.^_`|~";
    const char *at;

    for (at = text; *at != '\0'; at++) {
        bool is_letter = (*at >= 'a' && *at <= 'z') || (*at >= 'A' && *at <= 'Z');

        if (!is_letter && !(*at >= '0' && *at <= '9') && strchr(others, *at) == NULL)
            return false;
    }
    return at > text;
}

bool header_is_clean(const char *name, const char *value)
{
    const char *at;

    for (at = value; *at != '\0'; at++)
        if ((unsigned char)*at < ' ' || *at == 0x7F)
            return false;
    return is_token(name);
}

/* The headers that decide what the request is. Saying one of them twice is saying two things. */
enum single { CONTENT_LENGTH, TRANSFER_ENCODING, HOST, AUTHORIZATION, CONTENT_TYPE, KEY, SINGLES };
static const char *const singles[SINGLES] = { "Content-Length", "Transfer-Encoding",
                                              "Host",           "Authorization",
                                              "Content-Type",   "Idempotency-Key" };

static bool read_headers(struct evkeyvalq *headers, unsigned expected, const char *values[SINGLES])
{
    struct evkeyval *header;
    unsigned count = 0;
    size_t i;

    TAILQ_FOREACH(header, headers, next)
    {
        count++;
        if (!is_token(header->key))
            return false;
        for (i = 0; i < SINGLES; i++) {
            if (strcasecmp(header->key, singles[i]) != 0)
                continue;
            if (values[i] != NULL)
                return false;
            values[i] = header->value;
        }
    }
    return count == expected; /* more than the head had: they came behind the body */
}

/* Does evhttp read a body behind this method? */
static bool may_have_body(enum evhttp_cmd_type method)
{
    switch (method) {
    case EVHTTP_REQ_GET:
    case EVHTTP_REQ_POST:
    case EVHTTP_REQ_PUT:
    case EVHTTP_REQ_DELETE:
    case EVHTTP_REQ_OPTIONS:
    case EVHTTP_REQ_PATCH:
        return true;
    default:
        return false;
    }
}

static int check_body(const struct evhttp_request *evreq, const char *const values[SINGLES],
                      bool *closing)
{
    const char *length = values[CONTENT_LENGTH], *coding = values[TRANSFER_ENCODING];
    int64_t number = 0;

    if (length != NULL && !str_to_int(str_of(length), &number))
        return 400;
    if (coding != NULL && (length != NULL || evreq->minor == 0))
        return 400;
    if (coding != NULL && strcasecmp(coding, "chunked") != 0)
        return 501;
    if ((coding != NULL || number > 0) && !may_have_body(evreq->type))
        return 400;
    *closing = coding != NULL;
    return 0;
}

int refusal_of(struct evhttp_request *evreq, const struct head *head, struct target *target,
               bool *closing)
{
    const char *values[SINGLES] = { NULL };

    if (evreq->major != 1 || (evreq->minor != 0 && evreq->minor != 1)) {
        evreq->major = evreq->minor = 1; /* of the answer */
        return 505;
    }
    if (head->crooked || !head->whole)
        return 400;
    if (!read_headers(evreq->input_headers, head->lines - 1, values))
        return 400;
    if (values[HOST] == NULL && evreq->minor == 1)
        return 400;
    if (!target_read(str_of(evreq->uri), target))
        return 400;
    return check_body(evreq, values, closing);
}

static const struct {
    int status;
    const char *code, *zh, *en;
} refusals[] = {
    { 400, "request.malformed", "请求不符合 HTTP 标准", "the request is not well-formed HTTP" },
    { 413, "request.too_large", "请求正文过大", "the body of the request is too large" },
    { 417, "request.expectation", "不支持该 Expect 要求", "this expectation is not supported" },
    { 431, "request.head_too_large", "请求头过大", "the head of the request is too large" },
    { 501, "request.coding", "不支持该传输编码或方法", "this coding or method is not supported" },
    { 503, "gateway.busy", "网关繁忙，请稍后再试",
      "the gateway is busy; try again a little later" },
    { 505, "request.version", "仅支持 HTTP/1.0 和 HTTP/1.1", "only HTTP/1.0 and HTTP/1.1" },
};

void request_problem(struct buf *out, int status)
{
    struct problems problems = { 0 };
    size_t i = 0;

    while (i + 1 < sizeof refusals / sizeof refusals[0] && refusals[i].status != status)
        i++;
    if (refusals[i].status != status)
        i = 0;
    problem_add(&problems, "", refusals[i].code, refusals[i].zh, refusals[i].en);
    problem_write(out, status, refusals[i].zh, refusals[i].en, &problems);
    problems_fini(&problems);
}
