/* SPDX-License-Identifier: Apache-2.0 */
/* A listening socket and at most one connection. */
#include "emulate/bridge.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static bool parse_address(const char *text, struct sockaddr_in *out)
{
    const char *colon = strrchr(text, ':');
    char host[INET_ADDRSTRLEN];
    int64_t port;

    *out = (struct sockaddr_in){ .sin_family = AF_INET };
    if (colon == NULL || (size_t)(colon - text) >= sizeof host)
        return false;
    memcpy(host, text, (size_t)(colon - text));
    host[colon - text] = '\0';
    if (inet_pton(AF_INET, host, &out->sin_addr) != 1 || !str_to_int(str_of(colon + 1), &port) ||
        port < 0 || port > 65535)
        return false;
    out->sin_port = htons((uint16_t)port);
    return true;
}

int bridge_open(struct bridge *bridge, const char *address, struct smg_err *err)
{
    struct sockaddr_in at;
    socklen_t len = sizeof at;
    char host[INET_ADDRSTRLEN];
    int yes = 1;

    *bridge = (struct bridge){ .listener = -1, .line = { .fd = -1 } };
    if (!parse_address(address, &at))
        return smg_fail(err, SMG_E_INVALID, "%s: expected an address as 127.0.0.1:4001", address);
    bridge->listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (bridge->listener < 0 ||
        setsockopt(bridge->listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) != 0 ||
        bind(bridge->listener, (struct sockaddr *)&at, sizeof at) != 0 ||
        listen(bridge->listener, 4) != 0 ||
        getsockname(bridge->listener, (struct sockaddr *)&at, &len) != 0) {
        smg_fail(err, SMG_E_IO, "%s: %s", address, strerror(errno));
        bridge_close(bridge);
        return err->code;
    }
    inet_ntop(AF_INET, &at.sin_addr, host, sizeof host);
    snprintf(bridge->address, sizeof bridge->address, "%s:%u", host, (unsigned)ntohs(at.sin_port));
    return SMG_OK;
}

void bridge_close(struct bridge *bridge)
{
    line_close(&bridge->line);
    if (bridge->listener >= 0)
        close(bridge->listener);
    bridge->listener = -1;
    buf_fini(&bridge->line.reply.bytes);
}

static int64_t step(struct bridge *bridge, struct sam *sam)
{
    int64_t next;

    if (bridge->line.fd < 0)
        bridge->line.fd = accept4(bridge->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    next = line_step(&bridge->line, sam, true, line_now_ms());
    if (next == LINE_ENDED)
        line_close(&bridge->line);
    return next < 0 ? -1 : next;
}

int bridge_serve(struct bridge *bridge, struct sam *sam, int wake, struct smg_err *err)
{
    for (;;) {
        int64_t next = step(bridge, sam);
        bool connected = bridge->line.fd >= 0;
        struct pollfd fds[] = { { .fd = connected ? bridge->line.fd : bridge->listener,
                                  .events = POLLIN },
                                { .fd = wake, .events = POLLIN } };

        if (connected && line_is_cut(&bridge->line)) {
            bridge_close(bridge);
            return smg_fail(err, SMG_E_GONE, "the virtual reader was unplugged");
        }
        if (poll(fds, 2, (int)next) < 0 && errno != EINTR)
            return smg_fail(err, SMG_E_IO, "poll: %s", strerror(errno));
        if (fds[1].revents != 0)
            return SMG_OK;
    }
}
