/* SPDX-License-Identifier: Apache-2.0 */
/* Many HTTP clients on one thread, by epoll. */
#include "cli/client.h"

#include "loop/clock.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { ANSWER_BYTES = 65536, SAMPLES = 1 << 20, PATIENCE_MS = 15000 };

struct connection {
    int fd;
    struct buf request;
    char *answer; /* ANSWER_BYTES */
    size_t have;
    int64_t sent_us;
    bool busy;
};

struct clients {
    struct client_load *load;
    struct connection *at;
    int epoll;
    unsigned busy;
    int64_t *samples;
};

static int fail(struct smg_err *err, const char *what)
{
    return smg_fail(err, SMG_E_IO, "bench client: %s: %s", what, strerror(errno));
}

static int open_connection(struct clients *clients, size_t i, struct smg_err *err)
{
    struct sockaddr_in to = { .sin_family = AF_INET,
                              .sin_port = htons(clients->load->port),
                              .sin_addr = { htonl(INADDR_LOOPBACK) } };
    struct epoll_event event = { .events = EPOLLIN, .data = { .u64 = i } };
    struct connection *connection = &clients->at[i];
    int one = 1;

    connection->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    connection->answer = malloc(ANSWER_BYTES);
    if (connection->fd < 0 || connection->answer == NULL)
        return fail(err, "socket");
    if (connect(connection->fd, (const struct sockaddr *)&to, sizeof to) != 0)
        return fail(err, "connect");
    if (setsockopt(connection->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one) != 0 ||
        epoll_ctl(clients->epoll, EPOLL_CTL_ADD, connection->fd, &event) != 0)
        return fail(err, "epoll");
    return SMG_OK;
}

static int send_next(struct clients *clients, struct connection *connection, struct smg_err *err)
{
    size_t sent = 0;

    buf_clear(&connection->request);
    if (!clients->load->next(clients->load->ctx, &connection->request))
        return SMG_OK;
    connection->have = 0;
    connection->busy = true;
    clients->busy++;
    connection->sent_us = clock_mono_us();
    while (sent < connection->request.len) {
        ssize_t len = send(connection->fd, connection->request.at + sent,
                           connection->request.len - sent, MSG_NOSIGNAL);

        if (len < 0)
            return fail(err, "send");
        sent += (size_t)len;
    }
    return SMG_OK;
}

/* The answer is whole when its Content-Length has come; 0 until then, else its status. */
static int whole_status(const struct connection *connection)
{
    const char *end = memmem(connection->answer, connection->have, "\r\n\r\n", 4);
    const char *length;
    size_t body = 0;

    if (end == NULL)
        return 0;
    length = memmem(connection->answer, (size_t)(end - connection->answer), "Content-Length: ", 16);
    if (length != NULL)
        body = strtoul(length + 16, NULL, 10);
    if (connection->have < (size_t)(end + 4 - connection->answer) + body)
        return 0;
    return (int)strtol(connection->answer + 9, NULL, 10);
}

static int receive(struct clients *clients, struct connection *connection, bool more,
                   struct smg_err *err)
{
    struct client_load *load = clients->load;
    ssize_t len = recv(connection->fd, connection->answer + connection->have,
                       ANSWER_BYTES - 1 - connection->have, 0);
    int status;

    if (len <= 0)
        return smg_fail(err, SMG_E_IO, "bench client: the server closed a connection");
    connection->have += (size_t)len;
    connection->answer[connection->have] = '\0';
    status = whole_status(connection);
    if (status == 0)
        return SMG_OK;
    clients->samples[load->answers % SAMPLES] = clock_mono_us() - connection->sent_us;
    load->answers++;
    load->wrong += status != load->wanted;
    connection->busy = false;
    clients->busy--;
    return more ? send_next(clients, connection, err) : SMG_OK;
}

static int by_size(const void *a, const void *b)
{
    int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;

    return (left > right) - (left < right);
}

static void summarize(struct clients *clients)
{
    struct client_load *load = clients->load;
    size_t count = load->answers < SAMPLES ? (size_t)load->answers : SAMPLES;

    if (count == 0)
        return;
    qsort(clients->samples, count, sizeof *clients->samples, by_size);
    load->p50_us = clients->samples[count / 2];
    load->p99_us = clients->samples[count * 99 / 100];
}

static int drive(struct clients *clients, struct smg_err *err)
{
    struct client_load *load = clients->load;
    int64_t begun = clock_mono_us(), end = begun + load->run_us;
    struct epoll_event events[64];
    size_t i;

    for (i = 0; i < load->connections; i++)
        if (send_next(clients, &clients->at[i], err) != SMG_OK)
            return err->code;
    while (clients->busy > 0) {
        int count = epoll_wait(clients->epoll, events, 64, PATIENCE_MS);
        bool more = clock_mono_us() < end;

        if (count == 0)
            return smg_fail(err, SMG_E_TIMEOUT, "bench client: no answer for 15 s");
        if (count < 0 && errno != EINTR)
            return fail(err, "epoll_wait");
        for (i = 0; count > 0 && i < (size_t)count; i++)
            if (receive(clients, &clients->at[events[i].data.u64], more, err) != SMG_OK)
                return err->code;
    }
    load->took_us = clock_mono_us() - begun;
    summarize(clients);
    return SMG_OK;
}

int client_run(struct client_load *load, struct smg_err *err)
{
    struct clients clients = { .load = load,
                               .at = calloc(load->connections, sizeof *clients.at),
                               .samples = malloc(SAMPLES * sizeof *clients.samples),
                               .epoll = epoll_create1(EPOLL_CLOEXEC) };
    int status = SMG_OK;
    size_t i;

    load->answers = load->wrong = 0;
    if (clients.at == NULL || clients.samples == NULL || clients.epoll < 0) {
        free(clients.at);
        free(clients.samples);
        return smg_fail(err, SMG_E_MEMORY, "bench client: out of memory");
    }
    for (i = 0; i < load->connections; i++)
        clients.at[i].fd = -1;
    for (i = 0; status == SMG_OK && i < load->connections; i++)
        status = open_connection(&clients, i, err);
    if (status == SMG_OK)
        status = drive(&clients, err);
    for (i = 0; i < load->connections; i++) {
        if (clients.at[i].fd >= 0)
            close(clients.at[i].fd);
        free(clients.at[i].answer);
        buf_fini(&clients.at[i].request);
    }
    close(clients.epoll);
    free(clients.at);
    free(clients.samples);
    return status;
}
