/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of this plugin share: the instance, its sessions, and how SQLite's answers read.
 */
#ifndef SQLITE_PARTS_H
#define SQLITE_PARTS_H

#include <shiming/plugin.h>

#include <pthread.h>
#include <sqlite3.h>
#include <stdatomic.h>

enum {
    PAGE_BYTES = 4096,
    APPLICATION_ID = 0x53686d67, /* "Shmg", so that file(1) and we know the file */
    FORMAT_VERSION = 1,
    SPACE_END = 14,         /* one more than the last space of the public header */
    SMALL_BYTES = 64 << 20, /* a database that is looked through at every check */
    WAL_BYTES = 64 << 20    /* above this the writer has the log begun anew */
};

struct config {
    const char *path, *synchronous;
    int64_t busy, cache, size_limit;
};

struct sqlite {
    const struct smg_host *host;
    const struct config *config;
    /* An I/O error: nothing is written until check has found the store whole again. SQLite itself
     * would go on, although the kernel may have dropped what it could not write. */
    atomic_bool failed;

    pthread_t checkpointer;
    sqlite3 *log;         /* the checkpointer's own connection */
    pthread_mutex_t lock; /* guards the two below */
    pthread_cond_t woken;
    bool grown, ending; /* the log has grown since the last checkpoint */
};

enum statement {
    STATEMENT_GET,
    STATEMENT_HAS,
    STATEMENT_PUT,
    STATEMENT_PUT_NEW,
    STATEMENT_PUT_IF,
    STATEMENT_ERASE,
    STATEMENT_SCAN,
    STATEMENT_SCAN_TO,
    STATEMENT_SCAN_BACK,
    STATEMENT_SCAN_BACK_TO,
    STATEMENT_KINDS
};

enum transaction { BEGIN_WRITE, BEGIN_READ, COMMIT, ROLLBACK, TRANSACTION_KINDS };

struct session {
    struct sqlite *sqlite;
    sqlite3 *db;
    sqlite3_stmt *transactions[TRANSACTION_KINDS];
    sqlite3_stmt *statements[SPACE_END][STATEMENT_KINDS]; /* prepared when first used */
    int wal_frames; /* in the log after the last commit of this session */
    int wal_retry;  /* a new beginning failed: not again below this many frames */
};

/* connection.c: files, connections and what is always asked of them. */
const char *connection_table(int space); /* NULL: there is no such space */
int connection_prepare(struct sqlite *sqlite, struct smg_err *err); /* make the file and tables */
int connection_open(struct sqlite *sqlite, sqlite3 **out, struct smg_err *err);
int connection_check(struct sqlite *sqlite, sqlite3 *db, struct smg_err *err);
/* One number a PRAGMA or SELECT answers. */
int connection_number(sqlite3 *db, const char *sql, int64_t *out, struct smg_err *err);
/* Fill err from SQLite's status. Its own message may quote values, so it is not used. */
int connection_fail(sqlite3 *db, int status, const char *doing, struct smg_err *err);
void connection_mark_failed(struct sqlite *sqlite, const char *why);

/* session.c */
int session_open(void *self, void **session, struct smg_err *err);
void session_close(void *session);
int session_run(struct session *session, enum transaction kind); /* an SQLite status */
/* Prepared, with the key bound; NULL: out of memory or a broken file, see sqlite3_errcode. */
sqlite3_stmt *session_statement(struct session *session, enum smg_space space, enum statement kind);
int session_bind(sqlite3_stmt *statement, int place, struct smg_str bytes);
int session_get(void *session, enum smg_space space, const struct smg_str *keys, size_t count,
                smg_row_fn fn, void *ctx, struct smg_err *err);
int session_scan(void *session, const struct smg_scan *scan, smg_row_fn fn, void *ctx,
                 struct smg_err *err);
int session_check(void *session, struct smg_err *err);

/* apply.c */
int session_apply(void *session, const struct smg_unit *units, size_t count, bool *refused,
                  struct smg_err *err);

/* checkpoint.c: the thread that moves the log into the database. */
int checkpoint_start(struct sqlite *sqlite, struct smg_err *err);
void checkpoint_stop(struct sqlite *sqlite);
void checkpoint_wake(struct sqlite *sqlite);

#endif
