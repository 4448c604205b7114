/* SPDX-License-Identifier: Apache-2.0 */
/* A reader behind a bridge that carries its serial line over TCP, byte by byte. The bridge keeps
 * the line's speed; addresses are numbers, because a reader's process knows no names. */
#include "port.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CONNECT_MS = 3000, ADDRESS_MAX = 64 };

union address {
    struct sockaddr any;
    struct sockaddr_in ip4;
    struct sockaddr_in6 ip6;
};

static bool parse_port(const char *text, in_port_t *out)
{
    char *end;
    unsigned long number = *text >= '0' && *text <= '9' ? strtoul(text, &end, 10) : 0;

    *out = htons((uint16_t)number);
    return number >= 1 && number <= 65535 && *end == '\0';
}

/* "192.0.2.7:4001" and "[2001:db8::7]:4001". */
static bool parse_address(const char *where, union address *out, socklen_t *len)
{
    const char *colon = strrchr(where, ':');
    bool bracketed = where[0] == '[';
    char host[ADDRESS_MAX];
    size_t host_len = colon == NULL ? 0 : (size_t)(colon - where);

    memset(out, 0, sizeof *out);
    if (host_len == 0 || host_len >= sizeof host || (bracketed && where[host_len - 1] != ']'))
        return false;
    memcpy(host, where, host_len);
    host[bracketed ? host_len - 1 : host_len] = '\0';
    if (bracketed) {
        *len = sizeof out->ip6;
        out->ip6.sin6_family = AF_INET6;
        return inet_pton(AF_INET6, host + 1, &out->ip6.sin6_addr) == 1 &&
               parse_port(colon + 1, &out->ip6.sin6_port);
    }
    *len = sizeof out->ip4;
    out->ip4.sin_family = AF_INET;
    return inet_pton(AF_INET, host, &out->ip4.sin_addr) == 1 &&
           parse_port(colon + 1, &out->ip4.sin_port);
}

static int fail_connect(struct smg_err *err, const char *where)
{
    /* Not there now, but it may be in a moment: the host tries again. */
    return smg_fail(err, SMG_E_GONE, "%s: %s", where, strerror(errno));
}

static int await_connection(struct port *port, struct smg_op *op, const char *where,
                            struct smg_err *err)
{
    int rc = port_wait(port, op, SMG_WRITABLE, CONNECT_MS, err), error = 0;
    socklen_t len = sizeof error;

    if (rc < 0)
        return rc;
    if (rc == 0)
        return smg_fail(err, SMG_E_GONE, "%s: no connection within %d s", where, CONNECT_MS / 1000);
    if (getsockopt(port->fd, SOL_SOCKET, SO_ERROR, &error, &len) == 0 && error == 0)
        return SMG_OK;
    errno = error != 0 ? error : errno;
    return fail_connect(err, where);
}

static int network_open(struct port *port, struct smg_op *op, const char *where,
                        struct smg_err *err)
{
    union address address;
    socklen_t len = 0;
    int yes = 1, rc = SMG_OK;

    if (!parse_address(where, &address, &len))
        return smg_fail(err, SMG_E_INVALID, "%s: expected ADDRESS:PORT with an address in numbers",
                        where);
    port->fd = socket(address.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (port->fd < 0)
        return smg_fail(err, SMG_E_IO, "%s: %s", where, strerror(errno));
    if (connect(port->fd, &address.any, len) != 0)
        rc = errno == EINPROGRESS ? await_connection(port, op, where, err)
                                  : fail_connect(err, where);
    /* Requests are ten bytes and wait for their answers: nothing is won by collecting them. */
    if (rc == SMG_OK)
        (void)setsockopt(port->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    return rc;
}

static void network_close(struct port *port)
{
    if (port->fd >= 0)
        close(port->fd);
    port->fd = -1;
}

static ssize_t network_get(struct port *port, uint8_t *at, size_t room)
{
    return recv(port->fd, at, room, 0);
}

static ssize_t network_put(struct port *port, const uint8_t *at, size_t len)
{
    return send(port->fd, at, len, MSG_NOSIGNAL);
}

const struct transport transport_network = { .open = network_open,
                                             .close = network_close,
                                             .get = network_get,
                                             .put = network_put,
                                             .silence_is_gone = true };
