/* SPDX-License-Identifier: Apache-2.0 */
/* Storage on a MariaDB server or a cluster of them, shared by any number of gateways. */
#include "parts.h"

#include <stdlib.h>

static const struct smg_option options[] = {
    SMG_OPTION_TEXT(config, hosts, .flags = SMG_REQUIRED,
                    .help = "servers in the order they are tried: host, host:port or the path of a "
                            "socket, with commas between"),
    SMG_OPTION_TEXT(config, database, .preset = "shiming",
                    .help = "the database that holds the tables"),
    SMG_OPTION_TEXT(config, account, .preset = "shiming", .help = "the account to connect as"),
    SMG_OPTION_PATH(config, password_file,
                    .help = "file whose first line is the password; without it there is none"),
    SMG_OPTION_PATH(config, ca,
                    .help = "certificates (PEM) that vouch for the servers; connections "
                            "are encrypted and names verified"),
    SMG_OPTION_PATH(config, certificate,
                    .help = "our own certificate (PEM), where servers ask for one"),
    SMG_OPTION_PATH(config, key, .help = "the private key of our certificate"),
    SMG_OPTION_MS(config, connect_timeout, .preset = "2s", .min = 1000, .max = 60000,
                  .help = "how long a server may take to take a connection, in whole seconds"),
    SMG_OPTION_MS(config, timeout, .preset = "10s", .min = 1000, .max = 600000,
                  .help = "how long a server may take to answer, in whole seconds"),
    SMG_OPTIONS_END
};

static int open_instance(const struct smg_host *host, const void *config, void **self,
                         struct smg_err *err)
{
    struct mariadb *mariadb = calloc(1, sizeof *mariadb);
    int code;

    if (mariadb == NULL)
        return smg_fail(err, SMG_E_MEMORY, "out of memory");
    mariadb->host = host;
    mariadb->config = config;
    code = servers_parse(mariadb, err);
    if (code < 0) {
        free(mariadb);
        return code;
    }
    pthread_mutex_init(&mariadb->lock, NULL);
    *self = mariadb;
    return SMG_OK;
}

static int start(void *self, struct smg_err *err)
{
    (void)self;
    if (mysql_library_init(0, NULL, NULL) != 0)
        return smg_fail(err, SMG_E_MEMORY, "MariaDB's library does not start");
    return SMG_OK;
}

static void close_instance(void *self)
{
    struct mariadb *mariadb = self;

    pthread_mutex_destroy(&mariadb->lock);
    free(mariadb);
}

static const struct smg_storage_ops ops = {
    .size = sizeof ops,
    .session_open = session_open,
    .session_close = session_close,
    .apply = session_apply,
    .get = session_get,
    .scan = session_scan,
    .check = session_check,
    .layout_version = layout_version,
    .layout_make = layout_make,
};

SMG_PLUGIN(mariadb) = {
    SMG_ABI,
    .kind = SMG_STORAGE,
    .name = "mariadb",
    .version = "1.0",
    .summary = "a MariaDB server or cluster, for any number of gateways",
    .config_size = sizeof(struct config),
    .options = options,
    .open = open_instance,
    .start = start,
    .close = close_instance,
    .storage = &ops,
};
