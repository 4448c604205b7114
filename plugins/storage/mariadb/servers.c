/* SPDX-License-Identifier: Apache-2.0 */
/* The list of servers: "db1, db2:3307, [fd00::1]:3306, /run/mysqld/mysqld.sock". */
#include "parts.h"

#include <stdlib.h>
#include <string.h>

enum { PORT = 3306 };

/* ":3307", or nothing for the usual one. */
static bool parse_port(const char *text, unsigned *out)
{
    char *end;
    unsigned long port;

    *out = PORT;
    if (*text == '\0')
        return true;
    if (*text != ':' || text[1] < '0' || text[1] > '9')
        return false;
    port = strtoul(text + 1, &end, 10);
    *out = (unsigned)port;
    return *end == '\0' && port > 0 && port <= 65535;
}

/* "host:port", "[address]:port", or a path. */
static bool parse_place(struct server *server, const char *text)
{
    bool bracket = text[0] == '[';
    const char *name = bracket ? text + 1 : text;
    size_t len = strcspn(name, bracket ? "]" : ":");

    if (text[0] == '/')
        len = strlen(text);
    else if (bracket && name[len] != ']')
        return false;
    else if (!parse_port(name + len + (bracket ? 1 : 0), &server->port))
        return false;
    snprintf(server->name, sizeof server->name, "%.*s", (int)len, name);
    return len > 0;
}

static int parse_one(struct server *server, const char *at, size_t len, struct smg_err *err)
{
    char text[sizeof server->name];

    if (len == 0 || len >= sizeof text)
        return smg_fail(err, SMG_E_INVALID, "hosts: a name is missing or too long");
    snprintf(text, sizeof text, "%.*s", (int)len, at);
    if (!parse_place(server, text))
        return smg_fail(err, SMG_E_INVALID,
                        "hosts: \"%s\" is not host, host:port, [address]:port or a path", text);
    return SMG_OK;
}

static bool is_this_machine(const struct server *server)
{
    return server->port == 0 || strcmp(server->name, "localhost") == 0 ||
           strncmp(server->name, "127.", 4) == 0 || strcmp(server->name, "::1") == 0;
}

int servers_parse(struct mariadb *mariadb, struct smg_err *err)
{
    const struct config *config = mariadb->config;
    const char *at = config->hosts;

    for (;;) {
        struct server *server = &mariadb->servers[mariadb->server_count];
        size_t len = strcspn(at, ","), from = strspn(at, " "), to = len;
        int code;

        while (to > from && at[to - 1] == ' ')
            to--;
        if (mariadb->server_count == SERVERS_MAX)
            return smg_fail(err, SMG_E_INVALID, "hosts: more than %d", SERVERS_MAX);
        code = parse_one(server, at + from, to > from ? to - from : 0, err);
        if (code < 0)
            return code;
        if (config->ca == NULL && !is_this_machine(server))
            return smg_fail(err, SMG_E_INVALID,
                            "hosts: %s is another machine; name the certificate that vouches for "
                            "it in `ca`",
                            server->name);
        mariadb->server_count++;
        if (at[len] == '\0')
            break;
        at += len + 1;
    }
    if ((config->certificate == NULL) != (config->key == NULL))
        return smg_fail(err, SMG_E_INVALID, "certificate and key go together");
    if (config->certificate != NULL && config->ca == NULL)
        return smg_fail(err, SMG_E_INVALID, "a certificate of ours is only shown with `ca`");
    return SMG_OK;
}
