/* SPDX-License-Identifier: Apache-2.0 */
/* Socket addresses as they are written, and compared byte by byte. */
#include "base/address.h"

#include <arpa/inet.h>

static const char local_prefix[] = "unix:";

static int refuse(const char *why, struct smg_err *err)
{
    return smg_fail(err, SMG_E_INVALID,
                    "%s; expected unix:/PATH, or HOST:PORT such as 192.0.2.7:4000 or "
                    "[2001:db8::7]:4000",
                    why);
}

static int read_local(const char *text, struct address *out, struct smg_err *err)
{
    const char *path = text + sizeof local_prefix - 1;
    size_t len = strlen(path);

    if (path[0] != '/')
        return refuse("is not an absolute path", err);
    if (len >= sizeof out->local.sun_path)
        return refuse("is longer than the 107 bytes a socket's path may have", err);
    out->local.sun_family = AF_UNIX;
    memcpy(out->local.sun_path, path, len + 1);
    out->len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len + 1);
    return SMG_OK;
}

static bool read_host(const char *host, bool six, struct address *out)
{
    static const struct in6_addr all = IN6ADDR_ANY_INIT;

    if (six) {
        out->six.sin6_family = AF_INET6;
        out->len = sizeof out->six;
        return inet_pton(AF_INET6, host, &out->six.sin6_addr) == 1 &&
               memcmp(&out->six.sin6_addr, &all, sizeof all) != 0;
    }
    out->four.sin_family = AF_INET;
    out->len = sizeof out->four;
    return inet_pton(AF_INET, host, &out->four.sin_addr) == 1 &&
           out->four.sin_addr.s_addr != htonl(INADDR_ANY);
}

int address_read(const char *text, struct address *out, struct smg_err *err)
{
    char host[INET6_ADDRSTRLEN] = "";
    bool six = text[0] == '[';
    const char *colon, *end;
    int64_t port;

    *out = (struct address){ 0 };
    if (str_starts(str_of(text), local_prefix))
        return read_local(text, out, err);
    colon = strrchr(text, ':');
    if (colon == NULL || !str_to_int(str_of(colon + 1), &port) || port < 1 || port > 65535)
        return refuse("has no port from 1 to 65535", err);
    end = six ? colon - 1 : colon;
    text += six;
    if (end >= text && (!six || *end == ']') && (size_t)(end - text) < sizeof host)
        memcpy(host, text, (size_t)(end - text));
    if (!read_host(host, six, out))
        return refuse("does not begin with the number of one host", err);
    if (six)
        out->six.sin6_port = htons((uint16_t)port);
    else
        out->four.sin_port = htons((uint16_t)port);
    return SMG_OK;
}

bool address_is(const struct address *address, struct smg_str sockaddr)
{
    struct address other = { 0 };

    if (sockaddr.len < sizeof(sa_family_t) || sockaddr.len > sizeof other.local)
        return false;
    memcpy(&other.any, sockaddr.at, sockaddr.len);
    if (other.any.sa_family != address->any.sa_family)
        return false;
    switch (address->any.sa_family) {
    case AF_UNIX: /* a path may end with the bytes or with a NUL before */
        return strncmp(other.local.sun_path, address->local.sun_path,
                       sizeof other.local.sun_path) == 0;
    case AF_INET:
        return sockaddr.len >= sizeof other.four && other.four.sin_port == address->four.sin_port &&
               other.four.sin_addr.s_addr == address->four.sin_addr.s_addr;
    default:
        return sockaddr.len >= sizeof other.six && other.six.sin6_port == address->six.sin6_port &&
               memcmp(&other.six.sin6_addr, &address->six.sin6_addr, sizeof other.six.sin6_addr) ==
                   0;
    }
}
