/* SPDX-License-Identifier: Apache-2.0 */
/* Places the configuration names: addresses, files, folders. */
#include "config/load.h"

#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

static bool is_port(const char *text)
{
    int64_t port;

    return strlen(text) <= 5 && str_to_int(str_of(text), &port) && port <= UINT16_MAX;
}

/* The host of an address, without brackets; false when it is too long for one. */
static bool cut_host(const char *text, size_t len, char host[INET6_ADDRSTRLEN])
{
    if (len >= INET6_ADDRSTRLEN)
        return false;
    memcpy(host, text, len);
    host[len] = '\0';
    return true;
}

int place_read_listen(const char *text, bool *loopback, struct smg_err *err)
{
    const char *bracket = text[0] == '[' ? strchr(text, ']') : NULL;
    const char *colon = bracket == NULL ? strrchr(text, ':') : bracket + 1;
    char host[INET6_ADDRSTRLEN];
    struct in6_addr six;
    struct in_addr four;

    if (colon == NULL || *colon != ':')
        return smg_fail(err, SMG_E_INVALID,
                        "\"%s\" has no port; write 127.0.0.1:8080 or [::1]:8080",
                        tree_show(text).text);
    if (!is_port(colon + 1))
        return smg_fail(err, SMG_E_INVALID, "\"%s\" is not a port; expected 0 to 65535",
                        tree_show(colon + 1).text);
    if (bracket != NULL && cut_host(text + 1, (size_t)(bracket - text) - 1, host) &&
        inet_pton(AF_INET6, host, &six) == 1) {
        *loopback = memcmp(&six, &in6addr_loopback, sizeof six) == 0;
        return SMG_OK;
    }
    if (bracket == NULL && cut_host(text, (size_t)(colon - text), host) &&
        inet_pton(AF_INET, host, &four) == 1) {
        *loopback = ntohl(four.s_addr) >> 24 == 127;
        return SMG_OK;
    }
    return smg_fail(err, SMG_E_INVALID,
                    "\"%s\" does not begin with an IP address; write 127.0.0.1:8080, [::1]:8080, "
                    "or 0.0.0.0:8443 for every address",
                    tree_show(text).text);
}

void place_expect_file(const char *path, const struct config_node *where,
                       struct config_errors *errors)
{
    struct stat stat_of;

    if (path == NULL)
        return;
    if (stat(path, &stat_of) < 0)
        config_complain(errors, where, "%.300s: %s; expected a file that can be read", path,
                        strerror(errno));
    else if (S_ISDIR(stat_of.st_mode))
        config_complain(errors, where, "%.300s is a folder; expected a file", path);
    else if (access(path, R_OK) < 0)
        config_complain(errors, where, "%.300s: %s; let the gateway's account read it", path,
                        strerror(errno));
}

void place_expect_folder(const char *path, const struct config_node *where,
                         struct config_errors *errors)
{
    struct stat stat_of;

    if (path == NULL)
        return;
    if (stat(path, &stat_of) < 0)
        config_complain(errors, where, "%.300s: %s; expected a folder", path, strerror(errno));
    else if (!S_ISDIR(stat_of.st_mode))
        config_complain(errors, where, "%.300s is not a folder; expected one", path);
}

const char *place_plugins(struct config_tree *tree, struct config_errors *errors)
{
    static const char *const places[] = { "plugins", "lib/shiming/plugins" };
    char program[PATH_MAX], place[PATH_MAX + 32];
    ssize_t len = readlink("/proc/self/exe", program, sizeof program - 1);
    struct stat stat_of;
    char *kept;
    size_t i;

    if (len <= 0)
        return NULL;
    program[len] = '\0';
    /* .../bin/shiming: off with the last two parts. */
    for (i = 0; i < 2; i++) {
        char *slash = strrchr(program, '/');

        if (slash == NULL)
            return NULL;
        *slash = '\0';
    }
    for (i = 0; i < sizeof places / sizeof places[0]; i++) {
        snprintf(place, sizeof place, "%s/%s", program, places[i]);
        if (stat(place, &stat_of) == 0)
            break;
    }
    kept = tree_alloc(tree, strlen(place) + 1, errors);
    if (kept != NULL)
        memcpy(kept, place, strlen(place));
    return kept;
}
