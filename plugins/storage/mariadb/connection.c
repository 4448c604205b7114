/* SPDX-License-Identifier: Apache-2.0 */
/* Connections: which server, with what proof of who it is, and what its errors mean. */
#include "parts.h"

#include <errmsg.h>
#include <errno.h>
#include <fcntl.h>
#include <mysqld_error.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum {
    PASSWORD_BYTES = 512,
    REST_MIN_MS = 50,
    REST_MAX_MS = 1000,
    SETTLE_MS = 10,

    START_DRIFT_S = 2
};

/* What every session runs first. Conditions are part of the statements themselves, so nothing
 * stronger than READ COMMITTED is needed, and it locks no gaps. A session whose gateway vanished
 * gives its locks back soon. */
static const char settings[] =
    "SET NAMES binary;"
    "SET SESSION autocommit=1, sql_mode='STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION', "
    "tx_isolation='READ-COMMITTED', innodb_lock_wait_timeout=1, lock_wait_timeout=10, "
    "idle_transaction_timeout=5, wait_timeout=604800, max_statement_time=0, wsrep_sync_wait=1";

int connection_fail(unsigned status, const char *doing, struct smg_err *err)
{
    switch (status) {
    case ER_LOCK_DEADLOCK:
    case ER_LOCK_WAIT_TIMEOUT:
        return smg_fail(err, SMG_E_BUSY, "MariaDB, %s: another session holds the rows (%u)", doing,
                        status);
    case ER_DISK_FULL:
    case ER_RECORD_FILE_FULL:
        return smg_fail(err, SMG_E_FULL, "MariaDB, %s: its disk is full (%u)", doing, status);
    case ER_OPTION_PREVENTS_STATEMENT:
    case ER_READ_ONLY_MODE:
        return smg_fail(err, SMG_E_IO, "MariaDB, %s: the server is read-only (%u)", doing, status);
    case ER_DBACCESS_DENIED_ERROR:
    case ER_TABLEACCESS_DENIED_ERROR:
    case ER_COLUMNACCESS_DENIED_ERROR:
    case ER_SPECIFIC_ACCESS_DENIED_ERROR:
        return smg_fail(err, SMG_E_DENIED,
                        "MariaDB, %s: the account lacks a privilege; GRANT SELECT, INSERT, UPDATE, "
                        "DELETE (and CREATE, ALTER for `shiming store`) on its database (%u)",
                        doing, status);
    case ER_NET_PACKET_TOO_LARGE:
    case CR_NET_PACKET_TOO_LARGE:
        return smg_fail(err, SMG_E_IO, "MariaDB, %s: more than max_allowed_packet (%u)", doing,
                        status);
    case ER_UNKNOWN_COM_ERROR: /* a cluster's node that is not part of it */
        return smg_fail(err, SMG_E_IO, "MariaDB, %s: the node is not ready (%u)", doing, status);
    case CR_OUT_OF_MEMORY:
        return smg_fail(err, SMG_E_MEMORY, "out of memory");
    case CR_SERVER_GONE_ERROR:
    case CR_SERVER_LOST:
        return smg_fail(err, SMG_E_IO, "MariaDB, %s: the connection is lost (%u)", doing, status);
    default:
        return smg_fail(err, SMG_E_IO, "MariaDB, %s: error %u", doing, status);
    }
}

int connection_run(MYSQL *db, const char *sql, const char *doing, struct smg_err *err)
{
    if (mysql_real_query(db, sql, (unsigned long)strlen(sql)) != 0)
        return connection_fail(mysql_errno(db), doing, err);
    return SMG_OK;
}

int connection_row(MYSQL *db, const char *sql, char (*cells)[CELL_BYTES], unsigned count,
                   bool *found, struct smg_err *err)
{
    int code = connection_run(db, sql, "asking for settings", err);
    MYSQL_RES *result;
    MYSQL_ROW row;

    if (code < 0)
        return code;
    result = mysql_store_result(db);
    if (result == NULL)
        return connection_fail(mysql_errno(db), "asking for settings", err);
    row = mysql_fetch_row(result);
    *found = row != NULL;
    for (unsigned i = 0; i < count && row != NULL; i++)
        snprintf(cells[i], CELL_BYTES, "%s",
                 i >= mysql_num_fields(result) || row[i] == NULL ? "" : row[i]);
    mysql_free_result(result);
    return SMG_OK;
}

/* ---- one server ---- */

/* Read at each connection, so that a new password needs no restart. */
static int read_password(const char *path, char out[PASSWORD_BYTES], struct smg_err *err)
{
    struct stat about;
    ssize_t len;
    int fd;

    out[0] = '\0';
    if (path == NULL)
        return SMG_OK;
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &about) < 0) {
        smg_fail(err, SMG_E_DENIED, "password_file %s: %s", path, strerror(errno));
        if (fd >= 0)
            close(fd);
        return SMG_E_DENIED;
    }
    len = read(fd, out, PASSWORD_BYTES - 1);
    close(fd);
    if ((about.st_mode & 07) != 0)
        return smg_fail(err, SMG_E_DENIED,
                        "password_file %s can be opened by everybody; chmod 600 it", path);
    if (len < 0 || len == PASSWORD_BYTES - 1)
        return smg_fail(err, SMG_E_DENIED, "password_file %s cannot be read whole", path);
    out[len] = '\0';
    out[strcspn(out, "\r\n")] = '\0';
    return SMG_OK;
}

/* The server may not ask this client for files, nor for the password as it is. */
static void set_options(MYSQL *db, const struct config *config, const struct server *server)
{
    unsigned connect_s = (unsigned)((config->connect_timeout + 999) / 1000);
    unsigned answer_s = (unsigned)((config->timeout + 999) / 1000);
    unsigned no_files = 0,
             protocol = server->port == 0 ? MYSQL_PROTOCOL_SOCKET : MYSQL_PROTOCOL_TCP;
    my_bool yes = 1;

    mysql_options(db, MYSQL_OPT_PROTOCOL, &protocol);
    mysql_options(db, MYSQL_OPT_CONNECT_TIMEOUT, &connect_s);
    mysql_options(db, MYSQL_OPT_READ_TIMEOUT, &answer_s);
    mysql_options(db, MYSQL_OPT_WRITE_TIMEOUT, &answer_s);
    mysql_options(db, MYSQL_OPT_LOCAL_INFILE, &no_files);
    mysql_options(db, MARIADB_OPT_RESTRICTED_AUTH,
                  "mysql_native_password,client_ed25519,caching_sha2_password,auth_gssapi_client");
    if (config->ca == NULL)
        return;
    mysql_ssl_set(db, config->key, config->certificate, config->ca, NULL, NULL);
    mysql_options(db, MYSQL_OPT_SSL_ENFORCE, &yes);
    mysql_options(db, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &yes);
    mysql_options(db, MARIADB_OPT_TLS_VERSION, "TLSv1.2,TLSv1.3");
}

static int run_settings(MYSQL *db, struct smg_err *err)
{
    char part[SQL_BYTES];
    int code = SMG_OK;

    for (const char *at = settings; code == SMG_OK && *at != '\0';) {
        size_t len = strcspn(at, ";");

        snprintf(part, sizeof part, "%.*s", (int)len, at);
        code = connection_run(db, part, "settings of the session", err);
        at += len + (at[len] == ';');
    }
    return code;
}

/* Which connection on which run of which server this is, and whether it can be written on. */
static int identify(MYSQL *db, struct doubt *self, struct smg_err *err)
{
    static const char sql[] =
        "SELECT CONNECTION_ID(), UNIX_TIMESTAMP() - VARIABLE_VALUE, @@read_only, VERSION(), "
        "CONV(LEFT(SHA1(CONCAT(@@hostname, ' ', @@datadir)), 15), 16, 10), @@wsrep_on FROM "
        "information_schema.GLOBAL_STATUS WHERE VARIABLE_NAME='UPTIME'";
    char cells[6][CELL_BYTES];
    bool found = false;
    int code = connection_row(db, sql, cells, 6, &found, err);

    if (code < 0)
        return code;
    if (!found || strstr(cells[3], "MariaDB") == NULL)
        return smg_fail(err, SMG_E_UNSUPPORTED, "the server is not a MariaDB");
    if (strcmp(cells[2], "0") != 0)
        return smg_fail(err, SMG_E_INVALID,
                        "the server is read-only: set read_only=OFF there, or name the one that "
                        "takes writes");
    self->connection = strtoull(cells[0], NULL, 10);
    self->server_start = strtoll(cells[1], NULL, 10);
    self->server = strtoull(cells[4], NULL, 10);
    self->in_cluster = strcmp(cells[5], "0") != 0;
    return SMG_OK;
}

static int connect_to(struct mariadb *mariadb, const struct server *server, MYSQL **out,
                      struct doubt *self, struct smg_err *err)
{
    const struct config *config = mariadb->config;
    char password[PASSWORD_BYTES];
    MYSQL *db = mysql_init(NULL);
    int code;

    if (db == NULL)
        return smg_fail(err, SMG_E_MEMORY, "out of memory");
    set_options(db, config, server);
    code = read_password(config->password_file, password, err);
    if (code == SMG_OK &&
        mysql_real_connect(db, server->port == 0 ? NULL : server->name, config->account, password,
                           config->database, server->port, server->port == 0 ? server->name : NULL,
                           CLIENT_FOUND_ROWS) == NULL)
        code = smg_fail(err, mysql_errno(db) == ER_ACCESS_DENIED_ERROR ? SMG_E_DENIED : SMG_E_IO,
                        "%s", mysql_error(db));
    explicit_bzero(password, sizeof password);
    if (code == SMG_OK)
        code = run_settings(db, err);
    if (code == SMG_OK)
        code = identify(db, self, err);
    if (code < 0) {
        mysql_close(db);
        return code;
    }
    *out = db;
    return SMG_OK;
}

/* ---- several servers ---- */

static int64_t now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static bool may_try(struct mariadb *mariadb, size_t i)
{
    bool may;

    pthread_mutex_lock(&mariadb->lock);
    may = mariadb->servers[i].rest_until_ms <= now_ms();
    pthread_mutex_unlock(&mariadb->lock);
    return may;
}

/* A server that failed rests twice as long each time, with a jitter so that gateways do not come
 * back all at once. */
static void note_outcome(struct mariadb *mariadb, size_t i, bool good)
{
    struct server *server = &mariadb->servers[i];
    int64_t now = now_ms();

    pthread_mutex_lock(&mariadb->lock);
    if (good) {
        server->pause_ms = server->rest_until_ms = 0;
        mariadb->current = i;
    } else {
        server->pause_ms = server->pause_ms == 0 ? REST_MIN_MS : server->pause_ms * 2;
        if (server->pause_ms > REST_MAX_MS)
            server->pause_ms = REST_MAX_MS;
        server->rest_until_ms = now + server->pause_ms / 2 + now % (server->pause_ms / 2);
    }
    pthread_mutex_unlock(&mariadb->lock);
}

/* Say once that every server is away, and once that one is back. */
static void note_away(struct mariadb *mariadb, bool away, const char *why)
{
    bool changed;

    pthread_mutex_lock(&mariadb->lock);
    changed = mariadb->away != away;
    mariadb->away = away;
    pthread_mutex_unlock(&mariadb->lock);
    if (!changed)
        return;
    if (away)
        mariadb->host->log(mariadb->host, SMG_ERROR, "%s", why);
    mariadb->host->state(mariadb->host, away ? SMG_OUT_OF_SERVICE : SMG_READY, away ? why : "");
}

int connection_open(struct mariadb *mariadb, MYSQL **out, struct doubt *self, struct smg_err *err)
{
    char why[sizeof err->text] = "every server failed a moment ago and is tried again soon";
    size_t first, tried = 0;
    int code = SMG_E_IO;

    pthread_mutex_lock(&mariadb->lock);
    first = mariadb->current;
    pthread_mutex_unlock(&mariadb->lock);
    for (size_t n = 0; n < mariadb->server_count; n++) {
        size_t i = (first + n) % mariadb->server_count;
        const struct server *server = &mariadb->servers[i];

        if (!may_try(mariadb, i))
            continue;
        code = connect_to(mariadb, server, out, self, err);
        note_outcome(mariadb, i, code == SMG_OK);
        if (code == SMG_OK) {
            note_away(mariadb, false, "");
            return SMG_OK;
        }
        if (tried++ == 0)
            snprintf(why, sizeof why, "%.60s: %.180s", server->name, err->text);
    }
    if (tried > 0)
        note_away(mariadb, true, why);
    return smg_fail(err, (enum smg_code)code, "%s", why);
}

/* ---- connections that were lost ---- */

void connection_remember(struct mariadb *mariadb, const struct doubt *doubt)
{
    pthread_mutex_lock(&mariadb->lock);
    mariadb->doubts[mariadb->doubt_count % DOUBTS_MAX] = *doubt;
    if (mariadb->doubt_count < DOUBTS_MAX)
        mariadb->doubt_count++;
    pthread_mutex_unlock(&mariadb->lock);
}

static bool next_doubt(struct mariadb *mariadb, struct doubt *out)
{
    bool any;

    pthread_mutex_lock(&mariadb->lock);
    any = mariadb->doubt_count > 0;
    if (any)
        *out = mariadb->doubts[mariadb->doubt_count - 1];
    pthread_mutex_unlock(&mariadb->lock);
    return any;
}

static void drop_doubt(struct mariadb *mariadb, const struct doubt *doubt)
{
    pthread_mutex_lock(&mariadb->lock);
    for (size_t i = mariadb->doubt_count; i-- > 0;) {
        if (mariadb->doubts[i].connection == doubt->connection &&
            mariadb->doubts[i].server == doubt->server)
            mariadb->doubts[i] = mariadb->doubts[--mariadb->doubt_count];
    }
    pthread_mutex_unlock(&mariadb->lock);
}

/* End the connection and wait until its server is done with it. */
static int end_connection(MYSQL *db, uint64_t connection, int64_t until_ms, struct smg_err *err)
{
    const struct timespec moment = { .tv_nsec = SETTLE_MS * 1000000L };
    char sql[SQL_BYTES], cell[1][CELL_BYTES];
    bool there = true;
    int code;

    snprintf(sql, sizeof sql, "KILL %llu", (unsigned long long)connection);
    if (mysql_real_query(db, sql, (unsigned long)strlen(sql)) != 0 &&
        mysql_errno(db) != ER_NO_SUCH_THREAD)
        return connection_fail(mysql_errno(db), "ending a lost connection", err);
    snprintf(sql, sizeof sql, "SELECT ID FROM information_schema.PROCESSLIST WHERE ID=%llu",
             (unsigned long long)connection);
    for (;;) {
        code = connection_row(db, sql, cell, 1, &there, err);
        if (code < 0 || !there)
            return code;
        if (now_ms() >= until_ms)
            return smg_fail(err, SMG_E_BUSY,
                            "the server is still at work on a commit that was cut");
        nanosleep(&moment, NULL);
    }
}

static bool is_same_run(const struct doubt *a, const struct doubt *b)
{
    int64_t drift = a->server_start - b->server_start;

    return a->server == b->server && drift >= -START_DRIFT_S && drift <= START_DRIFT_S;
}

int connection_settle(struct mariadb *mariadb, MYSQL *db, const struct doubt *self,
                      struct smg_err *err)
{
    int64_t until_ms = now_ms() + mariadb->config->connect_timeout;
    struct doubt doubt;

    while (next_doubt(mariadb, &doubt)) {
        int code = is_same_run(&doubt, self) ? end_connection(db, doubt.connection, until_ms, err)
                                             : SMG_OK;

        if (code < 0)
            return code;
        drop_doubt(mariadb, &doubt);
    }
    return SMG_OK;
}
