/* SPDX-License-Identifier: Apache-2.0 */
/* A request on a socket of its own, closed by the gateway after its answer. */
#include "cli/ask.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <netdb.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { ANSWER_LIMIT = 1 << 20, PATIENCE_S = 60 };

/* "127.0.0.1:8080", "[::1]:8080"; an address for all interfaces is reached at this machine's own.
 */
static int find(const char *listen, struct addrinfo **out, struct smg_err *err)
{
    const struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
                                    .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV };
    const char *colon = strrchr(listen, ':');
    char host[64] = "";
    size_t len = colon == NULL ? 0 : (size_t)(colon - listen);

    if (len >= 2 && listen[0] == '[' && len - 2 < sizeof host)
        snprintf(host, sizeof host, "%.*s", (int)len - 2, listen + 1);
    else if (len < sizeof host)
        snprintf(host, sizeof host, "%.*s", (int)len, listen);
    if (strcmp(host, "0.0.0.0") == 0)
        snprintf(host, sizeof host, "127.0.0.1");
    else if (strcmp(host, "::") == 0)
        snprintf(host, sizeof host, "::1");
    if (colon == NULL || getaddrinfo(host, colon + 1, &hints, out) != 0)
        return smg_fail(err, SMG_E_INVALID, "%.100s is no address to reach a gateway at", listen);
    return SMG_OK;
}

static int open_socket(const char *listen, int *out, struct smg_err *err)
{
    const struct timeval patience = { .tv_sec = PATIENCE_S };
    struct addrinfo *address = NULL;
    int fd, status = find(listen, &address, err);

    if (address == NULL)
        return status;
    fd = socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) < 0 ||
        connect(fd, address->ai_addr, address->ai_addrlen) < 0) {
        status =
            smg_fail(err, SMG_E_GONE, "no gateway answers at %.60s: %s", listen, strerror(errno));
        if (fd >= 0)
            close(fd);
    } else {
        *out = fd;
    }
    freeaddrinfo(address);
    return status;
}

static int plain_ask(int fd, struct smg_str request, struct buf *answer, struct smg_err *err)
{
    char part[4096];
    ssize_t len;

    if (send(fd, request.at, request.len, MSG_NOSIGNAL) != (ssize_t)request.len)
        return smg_fail(err, SMG_E_IO, "the gateway took no request: %s", strerror(errno));
    while ((len = recv(fd, part, sizeof part, 0)) > 0 && answer->len < ANSWER_LIMIT)
        buf_put(answer, part, (size_t)len);
    if (len < 0)
        return smg_fail(err, SMG_E_IO, "the gateway's answer: %s", strerror(errno));
    return SMG_OK;
}

/* "HTTP/1.1 200 OK", headers, an empty line, and the body up to the end. */
static int take_answer(struct smg_str answer, struct ask *ask, struct smg_err *err)
{
    static const char version[] = "HTTP/1.1 ";
    const char *end = answer.len == 0 ? NULL : memmem(answer.at, answer.len, "\r\n\r\n", 4);

    if (end == NULL || !str_starts(answer, version))
        return smg_fail(err, SMG_E_PROTOCOL, "what answers is no gateway");
    ask->status = atoi(answer.at + sizeof version - 1);
    buf_put(&ask->body, end + 4, (size_t)(answer.at + answer.len - end - 4));
    return SMG_OK;
}

/* headers: with their line ends. */
static int ask_gateway(struct ask *ask, const char *method, const char *headers,
                       struct smg_err *err)
{
    struct buf request = { 0 }, answer = { 0 };
    int fd = -1, status;

    signal(SIGPIPE, SIG_IGN); /* a gateway that hangs up is an error, not the end */
    status = open_socket(ask->listen, &fd, err);
    if (status != SMG_OK)
        return status;
    buf_printf(&request, "%s %s HTTP/1.1\r\nHost: localhost\r\n%sConnection: close\r\n\r\n", method,
               ask->path, headers);
    status = ask->tls.expected != NULL
                 ? tls_ask(fd, &ask->tls, buf_view(&request), &answer, ANSWER_LIMIT, err)
                 : plain_ask(fd, buf_view(&request), &answer, err);
    if (status == SMG_OK)
        status = take_answer(buf_view(&answer), ask, err);
    close(fd);
    buf_fini(&request);
    buf_fini(&answer);
    return status;
}

int ask_gateway_post(struct ask *ask, struct smg_err *err)
{
    const char *token = getenv("SHIMING_TOKEN");
    struct buf headers = { 0 };
    int status;

    if (token == NULL)
        return smg_fail(err, SMG_E_INVALID,
                        "put the token of a member of staff into the environment: SHIMING_TOKEN");
    buf_printf(&headers, "Authorization: Bearer %s\r\nContent-Length: 0\r\n", token);
    status = headers.failed ? smg_fail(err, SMG_E_MEMORY, "out of memory")
                            : ask_gateway(ask, "POST", headers.at, err);
    buf_fini(&headers);
    return status;
}

int ask_gateway_get(struct ask *ask, struct smg_err *err)
{
    return ask_gateway(ask, "GET", "", err);
}

void ask_print_problems(const struct ask *ask)
{
    cJSON *answer = cJSON_ParseWithLength(ask->body.at == NULL ? "" : ask->body.at, ask->body.len);
    const cJSON *error;
    int shown = 0;

    cJSON_ArrayForEach(error, cJSON_GetObjectItem(answer, "errors"))
    {
        const char *text = cJSON_GetStringValue(cJSON_GetObjectItem(error, "en"));

        if (text != NULL) {
            fprintf(stderr, "%s\n", text);
            shown++;
        }
    }
    if (shown == 0)
        fprintf(stderr, "shiming: the gateway answers %d\n", ask->status);
    cJSON_Delete(answer);
}
