/* SPDX-License-Identifier: Apache-2.0 */
/* A socket between a client and its server that cuts the client off at a chosen call. The server is
 * not told: its side stays open until the end, as when a network swallows everything. */
#ifndef HARNESS_CUT_PROXY_H
#define HARNESS_CUT_PROXY_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { CUT_LEFT_OPEN = 1024, CUT_CHUNK = 1 << 16 };

struct cut_proxy {
    char path[108], upstream[108];
    int listener;
    pthread_t thread;
    atomic_bool serving;   /* a client is connected, or was until a moment ago */
    atomic_int calls;      /* messages of this client so far */
    atomic_int cut_at;     /* the call at which it is cut; 0: none */
    atomic_bool cut_after; /* the call reaches the server, its answer is lost */
    /* Called before a message of the client goes on, when set. */
    void (*before)(void *ctx, const char *at, size_t len);
    void *ctx;
    int left_open[CUT_LEFT_OPEN];
    int left_count;
};

static inline int cut_socket(const char *path, int (*what)(int, const struct sockaddr *, socklen_t))
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    memcpy(address.sun_path, path, strlen(path) + 1);
    if (fd >= 0 && what(fd, (const struct sockaddr *)&address, sizeof address) < 0) {
        close(fd);
        return -1;
    }
    return fd;
}

static inline bool cut_send(int to, const char *at, ssize_t len)
{
    while (len > 0) {
        ssize_t sent = send(to, at, (size_t)len, MSG_NOSIGNAL);

        if (sent <= 0)
            return false;
        at += sent;
        len -= sent;
    }
    return true;
}

/* One message of the client; false: it is cut off. */
static inline bool cut_forward(struct cut_proxy *proxy, int client, int upstream)
{
    static char chunk[CUT_CHUNK];
    ssize_t len = recv(client, chunk, sizeof chunk, 0);
    int call = len > 0 ? atomic_fetch_add(&proxy->calls, 1) + 1 : 0;
    bool cut;

    if (call != 0 && proxy->before != NULL)
        proxy->before(proxy->ctx, chunk, (size_t)len);
    cut = call != 0 && call == atomic_load(&proxy->cut_at);
    if (len <= 0 || (cut && !atomic_load(&proxy->cut_after)))
        return false;
    return cut_send(upstream, chunk, len) && !cut;
}

/* Until one side ends. */
static inline void cut_pump(struct cut_proxy *proxy, int client, int upstream)
{
    static char chunk[CUT_CHUNK];
    struct pollfd sides[2] = { { .fd = client, .events = POLLIN },
                               { .fd = upstream, .events = POLLIN } };

    while (poll(sides, 2, -1) > 0) {
        if (sides[0].revents != 0 && !cut_forward(proxy, client, upstream))
            return;
        if (sides[1].revents != 0) {
            ssize_t len = recv(upstream, chunk, sizeof chunk, 0);

            if (len <= 0 || !cut_send(client, chunk, len))
                return;
        }
    }
}

/* One client after the other. */
static inline void *cut_run(void *ctx)
{
    struct cut_proxy *proxy = ctx;
    int client;

    while ((client = accept(proxy->listener, NULL, NULL)) >= 0) {
        int upstream = cut_socket(proxy->upstream, connect);

        atomic_store(&proxy->calls, 0);
        atomic_store(&proxy->serving, true);
        if (upstream >= 0)
            cut_pump(proxy, client, upstream);
        if (upstream >= 0 && atomic_load(&proxy->cut_at) != 0 && proxy->left_count < CUT_LEFT_OPEN)
            proxy->left_open[proxy->left_count++] = upstream;
        else if (upstream >= 0)
            close(upstream);
        close(client);
        atomic_store(&proxy->serving, false);
    }
    return NULL;
}

/* The last client is gone: cut the next one. */
static inline void cut_next(struct cut_proxy *proxy, int call, bool after)
{
    while (atomic_load(&proxy->serving))
        usleep(1000);
    atomic_store(&proxy->cut_after, after);
    atomic_store(&proxy->cut_at, call);
}

/* Let the servers know of all the clients that were cut. */
static inline void cut_forget(struct cut_proxy *proxy)
{
    cut_next(proxy, 0, false);
    while (proxy->left_count > 0)
        close(proxy->left_open[--proxy->left_count]);
}

/* path, upstream: sockets in the file system; the first is made. */
static inline void cut_start(struct cut_proxy *proxy, const char *path, const char *upstream)
{
    *proxy = (struct cut_proxy){ .listener = -1 };
    snprintf(proxy->path, sizeof proxy->path, "%s", path);
    snprintf(proxy->upstream, sizeof proxy->upstream, "%s", upstream);
    unlink(path);
    proxy->listener = cut_socket(path, bind);
    assert_true(proxy->listener >= 0);
    assert_int_equal(listen(proxy->listener, 8), 0);
    assert_int_equal(pthread_create(&proxy->thread, NULL, cut_run, proxy), 0);
}

static inline void cut_end(struct cut_proxy *proxy)
{
    shutdown(proxy->listener, SHUT_RDWR);
    pthread_join(proxy->thread, NULL);
    close(proxy->listener);
    unlink(proxy->path);
    cut_forget(proxy);
}

#endif
