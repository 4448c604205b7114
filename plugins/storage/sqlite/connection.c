/* SPDX-License-Identifier: Apache-2.0 */
/* The database file: made, opened with the settings the promises rest on, and checked. */
#include "parts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SQL_BYTES = 512 };

static const char *const tables[SPACE_END] = {
#define SPACE_NAME(name, number, text) [number] = text,
    SMG_SPACES(SPACE_NAME)
#undef SPACE_NAME
};

const char *connection_table(int space)
{
    return space > 0 && space < SPACE_END ? tables[space] : NULL;
}

static bool is_full(sqlite3 *db)
{
    int cause = sqlite3_system_errno(db);

    return cause == ENOSPC || cause == EDQUOT;
}

int connection_fail(sqlite3 *db, int status, const char *doing, struct smg_err *err)
{
    enum smg_code code = SMG_E_IO;

    switch (status & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        code = SMG_E_BUSY;
        break;
    case SQLITE_FULL:
        code = SMG_E_FULL;
        break;
    case SQLITE_IOERR:
        code = is_full(db) ? SMG_E_FULL : SMG_E_IO;
        break;
    case SQLITE_NOMEM:
        code = SMG_E_MEMORY;
        break;
    case SQLITE_TOOBIG:
        code = SMG_E_INVALID;
        break;
    default:
        break;
    }
    return smg_fail(err, code, "SQLite, %s: %s (%d)", doing, sqlite3_errstr(status), status);
}

void connection_mark_failed(struct sqlite *sqlite, const char *why)
{
    if (atomic_exchange(&sqlite->failed, true))
        return;
    sqlite->host->log(sqlite->host, SMG_ERROR, "nothing is written until the store was checked: %s",
                      why);
    sqlite->host->state(sqlite->host, SMG_OUT_OF_SERVICE, why);
}

static int run(sqlite3 *db, const char *sql, const char *doing, struct smg_err *err)
{
    int status = sqlite3_exec(db, sql, NULL, NULL, NULL);

    return status == SQLITE_OK ? SMG_OK : connection_fail(db, status, doing, err);
}

/* The first column of the first row, as text in out. */
static int ask(sqlite3 *db, const char *sql, char *out, size_t room, struct smg_err *err)
{
    sqlite3_stmt *statement = NULL;
    int status = sqlite3_prepare_v2(db, sql, -1, &statement, NULL);
    int code = SMG_OK;

    if (status == SQLITE_OK)
        status = sqlite3_step(statement);
    if (status == SQLITE_ROW) {
        const unsigned char *text = sqlite3_column_text(statement, 0);

        snprintf(out, room, "%s", text == NULL ? "" : (const char *)text);
    } else {
        code = connection_fail(db, status, "reading a setting", err);
    }
    sqlite3_finalize(statement);
    return code;
}

int connection_number(sqlite3 *db, const char *sql, int64_t *out, struct smg_err *err)
{
    char text[32];
    int code = ask(db, sql, text, sizeof text, err);

    if (code == SMG_OK)
        *out = strtoll(text, NULL, 10);
    return code;
}

static int identify(sqlite3 *db, bool *fresh, struct smg_err *err)
{
    int64_t application = 0, version = 0, objects = 0;
    int code = connection_number(db, "PRAGMA application_id", &application, err);

    if (code == SMG_OK)
        code = connection_number(db, "PRAGMA user_version", &version, err);
    if (code == SMG_OK)
        code = connection_number(db, "SELECT count(*) FROM sqlite_schema", &objects, err);
    if (code < 0)
        return code;
    *fresh = application == 0 && version == 0 && objects == 0;
    if (*fresh)
        return SMG_OK;
    if (application != APPLICATION_ID)
        return smg_fail(err, SMG_E_INVALID, "this database was not made by Shiming");
    if (version > FORMAT_VERSION)
        return smg_fail(
            err, SMG_E_UNSUPPORTED,
            "this store has format %lld; this version of Shiming knows formats up to %d",
            (long long)version, FORMAT_VERSION);
    return SMG_OK;
}

static int apply_settings(struct sqlite *sqlite, sqlite3 *db, struct smg_err *err)
{
    const struct config *config = sqlite->config;
    int64_t pages = config->size_limit / PAGE_BYTES;
    char sql[SQL_BYTES];
    int code;

    sqlite3_busy_timeout(db, (int)config->busy);
    sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    snprintf(sql, sizeof sql,
             "PRAGMA page_size=%d; PRAGMA synchronous=%s; PRAGMA secure_delete=ON; PRAGMA "
             "temp_store=MEMORY;"
             "PRAGMA cell_size_check=ON; PRAGMA wal_autocheckpoint=0; PRAGMA cache_size=-%lld;",
             PAGE_BYTES, config->synchronous, (long long)(config->cache / 1024));
    code = run(db, sql, "settings", err);
    if (code < 0 || pages == 0)
        return code;
    snprintf(sql, sizeof sql, "PRAGMA max_page_count=%lld", (long long)pages);
    return run(db, sql, "settings", err);
}

static int open_file(struct sqlite *sqlite, sqlite3 **out, struct smg_err *err)
{
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    int status = sqlite3_open_v2(sqlite->config->path, out, flags, NULL);
    int code = status == SQLITE_OK ? apply_settings(sqlite, *out, err)
                                   : connection_fail(*out, status, "opening the database", err);

    if (code < 0) {
        sqlite3_close(*out);
        *out = NULL;
    }
    return code;
}

int connection_open(struct sqlite *sqlite, sqlite3 **out, struct smg_err *err)
{
    bool fresh = false;
    int code = open_file(sqlite, out, err);

    if (code < 0)
        return code;
    code = identify(*out, &fresh, err);
    if (code == SMG_OK && fresh)
        code = smg_fail(err, SMG_E_INVALID, "the database is empty");
    if (code < 0) {
        sqlite3_close(*out);
        *out = NULL;
    }
    return code;
}

/* Made here and not by SQLite, so that nobody else can ever read it; its log gets the same mode.
 * Only a file that was not there is opened: closing one would drop the locks of this process on it.
 */
static int make_file(const char *path, struct smg_err *err)
{
    char folder[4096];
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    const char *slash = strrchr(path, '/');
    int failed;

    if (fd < 0 && errno == EEXIST)
        return SMG_OK;
    if (fd < 0)
        return smg_fail(err, errno == ENOSPC ? SMG_E_FULL : SMG_E_IO, "cannot make %s: %s", path,
                        strerror(errno));
    close(fd);
    snprintf(folder, sizeof folder, "%.*s", slash == NULL ? 1 : (int)(slash - path) + 1,
             slash == NULL ? "." : path);
    fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    failed = fd < 0 || fsync(fd) < 0;
    if (fd >= 0)
        close(fd);
    return failed ? smg_fail(err, SMG_E_IO, "cannot make the new file durable in %s", folder)
                  : SMG_OK;
}

/* Pictures and records are large: in a table without row ids they would leave no room for keys in
 * the pages a look-up walks through. */
static bool is_large(int space)
{
    return space == SMG_SPACE_EVIDENCE || space == SMG_SPACE_REGISTRATION ||
           space == SMG_SPACE_CASE || space == SMG_SPACE_POLICY;
}

static int make_tables(sqlite3 *db, struct smg_err *err)
{
    char sql[SQL_BYTES];
    bool fresh = false;
    int code = identify(db, &fresh, err);

    for (int space = 1; code == SMG_OK && space < SPACE_END; space++) {
        snprintf(
            sql, sizeof sql,
            "CREATE TABLE IF NOT EXISTS \"%s\"(k BLOB NOT NULL PRIMARY KEY, v BLOB NOT NULL)%s",
            tables[space], is_large(space) ? "" : " WITHOUT ROWID");
        code = run(db, sql, "making tables", err);
    }
    if (code < 0 || !fresh)
        return code;
    snprintf(sql, sizeof sql, "PRAGMA application_id=%d; PRAGMA user_version=%d", APPLICATION_ID,
             FORMAT_VERSION);
    return run(db, sql, "making tables", err);
}

int connection_prepare(struct sqlite *sqlite, struct smg_err *err)
{
    sqlite3 *db = NULL;
    struct stat about;
    char mode[16];
    int code = make_file(sqlite->config->path, err);

    if (code < 0)
        return code;
    if (stat(sqlite->config->path, &about) == 0 && (about.st_mode & 077) != 0)
        sqlite->host->log(sqlite->host, SMG_WARN, "%s can be opened by others; chmod 600 it",
                          sqlite->config->path);
    code = open_file(sqlite, &db, err);
    if (code < 0)
        return code;
    code = ask(db, "PRAGMA journal_mode=WAL", mode, sizeof mode, err);
    if (code == SMG_OK && strcmp(mode, "wal") != 0)
        code = smg_fail(err, SMG_E_UNSUPPORTED, "SQLite cannot keep a write-ahead log there");
    if (code == SMG_OK)
        code = run(db, "BEGIN IMMEDIATE", "making tables", err);
    if (code == SMG_OK)
        code = make_tables(db, err);
    if (code == SMG_OK)
        code = run(db, "COMMIT", "making tables", err);
    sqlite3_close(db); /* rolls back what was not committed */
    return code;
}

/* After a failure the log may end in a commit whose fate is open: not seen by anyone now, but found
 * by a recovery. Moving the log into the database and cutting it settles that, and writes again
 * what the kernel may have dropped. */
static int settle_log(sqlite3 *db, struct smg_err *err)
{
    int status = sqlite3_wal_checkpoint_v2(db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);

    return status == SQLITE_OK ? SMG_OK : connection_fail(db, status, "settling the log", err);
}

static int check_settings(sqlite3 *db, struct smg_err *err)
{
    int64_t synchronous = 0, secure = 0;
    char mode[16];
    int code = ask(db, "PRAGMA journal_mode", mode, sizeof mode, err);

    if (code == SMG_OK)
        code = connection_number(db, "PRAGMA synchronous", &synchronous, err);
    if (code == SMG_OK)
        code = connection_number(db, "PRAGMA secure_delete", &secure, err);
    if (code < 0)
        return code;
    if (strcmp(mode, "wal") != 0 || synchronous < 2 || secure != 1)
        return smg_fail(err, SMG_E_INVALID,
                        "the store would lose what it acknowledges: journal_mode %s, synchronous "
                        "%lld, secure_delete %lld",
                        mode, (long long)synchronous, (long long)secure);
    if (sqlite3_db_readonly(db, "main") != 0)
        return smg_fail(err, SMG_E_DENIED, "the database cannot be written");
    return SMG_OK;
}

static int look_through(sqlite3 *db, struct smg_err *err)
{
    char verdict[200];
    int code = ask(db, "PRAGMA quick_check(1)", verdict, sizeof verdict, err);

    if (code == SMG_OK && strcmp(verdict, "ok") != 0)
        return smg_fail(err, SMG_E_IO, "the database is damaged: %s", verdict);
    return code;
}

int connection_check(struct sqlite *sqlite, sqlite3 *db, struct smg_err *err)
{
    bool failed = atomic_load(&sqlite->failed);
    int64_t pages = 0;
    int code = failed ? settle_log(db, err) : SMG_OK;

    if (code == SMG_OK)
        code = check_settings(db, err);
    if (code == SMG_OK)
        code = connection_number(db, "PRAGMA page_count", &pages, err);
    /* A look through a large database takes minutes; `shiming check` of a backup is the place. */
    if (code == SMG_OK && pages * PAGE_BYTES <= (failed ? 16ll : 1ll) * SMALL_BYTES)
        code = look_through(db, err);
    if (code == SMG_OK && failed) {
        atomic_store(&sqlite->failed, false);
        sqlite->host->state(sqlite->host, SMG_READY, "");
    }
    return code;
}
