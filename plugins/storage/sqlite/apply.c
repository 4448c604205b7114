/* SPDX-License-Identifier: Apache-2.0 */
/* Writing: a batch of units as one transaction, durable when COMMIT returns. */
#include "parts.h"

#include <string.h>

enum { RESTART_BUSY_MS = 50 };

/* *holds: whether the row's condition is met. An SQLite status. */
static int judge(struct session *session, const struct smg_row *row, bool *holds)
{
    enum statement kind = row->when == SMG_NEW ? STATEMENT_HAS : STATEMENT_GET;
    sqlite3_stmt *statement = session_statement(session, row->space, kind);
    int status;

    *holds = row->when == SMG_ALWAYS;
    if (*holds)
        return SQLITE_OK;
    if (statement == NULL)
        return SQLITE_MISUSE;
    status = session_bind(statement, 1, row->key);
    if (status == SQLITE_OK)
        status = sqlite3_step(statement);
    if (row->when == SMG_NEW) {
        *holds = status == SQLITE_DONE;
    } else if (status == SQLITE_ROW) {
        const void *at = sqlite3_column_blob(statement, 0);
        size_t len = (size_t)sqlite3_column_bytes(statement, 0);

        *holds = len == row->was.len && (len == 0 || memcmp(at, row->was.at, len) == 0);
    }
    if (status != SQLITE_ROW && status != SQLITE_DONE) {
        sqlite3_reset(statement);
        return status;
    }
    return sqlite3_reset(statement);
}

/* SQLITE_CONSTRAINT: the row was not written for its condition's sake. */
static int write_row(struct session *session, const struct smg_row *row)
{
    enum statement kind = row->act == SMG_ERASE  ? STATEMENT_ERASE
                          : row->when == SMG_NEW ? STATEMENT_PUT_NEW
                          : row->when == SMG_IS  ? STATEMENT_PUT_IF
                                                 : STATEMENT_PUT;
    bool conditional = kind == STATEMENT_PUT_NEW || kind == STATEMENT_PUT_IF;
    sqlite3_stmt *statement;
    int status;

    if (row->act == SMG_KEEP)
        return SQLITE_OK;
    statement = session_statement(session, row->space, kind);
    if (statement == NULL)
        return SQLITE_MISUSE;
    status = session_bind(statement, 1, row->key);
    if (status == SQLITE_OK && row->act == SMG_PUT)
        status = session_bind(statement, 2, row->value);
    if (status == SQLITE_OK && kind == STATEMENT_PUT_IF)
        status = session_bind(statement, 3, row->was);
    if (status == SQLITE_OK)
        status = sqlite3_step(statement);
    sqlite3_reset(statement);
    if (status == SQLITE_DONE && conditional && sqlite3_changes(session->db) == 0)
        return SQLITE_CONSTRAINT;
    return status == SQLITE_DONE ? SQLITE_OK : status;
}

/* All conditions first, so that a unit which is refused has written nothing the units after it
 * could see, and the batch can be gone through to its end without savepoints. At the first try the
 * conditions of rows that are put are left to the statements that put them. */
static int write_unit(struct session *session, const struct smg_unit *unit, bool first_try,
                      bool *refused)
{
    int status = SQLITE_OK;

    for (size_t i = 0; i < unit->count && status == SQLITE_OK; i++) {
        bool holds;

        if (first_try && unit->rows[i].act == SMG_PUT)
            continue;
        status = judge(session, &unit->rows[i], &holds);
        if (status == SQLITE_OK && !holds) {
            *refused = true;
            return SQLITE_OK;
        }
    }
    for (size_t i = 0; i < unit->count && status == SQLITE_OK; i++)
        status = write_row(session, &unit->rows[i]);
    return status;
}

/* Begins a transaction and writes what is not refused. */
static int write_units(struct session *session, const struct smg_unit *units, size_t count,
                       bool first_try, bool *refused, bool *any)
{
    int status = session_run(session, BEGIN_WRITE);

    *any = false;
    for (size_t i = 0; i < count && status == SQLITE_OK; i++) {
        refused[i] = false;
        status = write_unit(session, &units[i], first_try, &refused[i]);
        *any = *any || refused[i];
    }
    return status;
}

/* Before COMMIT nothing can have been written; the session may still be unfit. */
static int give_up(struct session *session, int status, struct smg_err *err)
{
    int code = connection_fail(session->db, status, "writing", err);

    if ((status & 0xff) == SQLITE_CONSTRAINT)
        code = smg_fail(err, SMG_E_INVALID, "a unit names one key twice");
    if (status == SQLITE_MISUSE)
        code = smg_fail(err, SMG_E_INVALID, "a row names no space there is");
    if (sqlite3_get_autocommit(session->db) == 0 && session_run(session, ROLLBACK) != SQLITE_OK)
        code = smg_fail(err, SMG_E_IO, "SQLite cannot roll back");
    if (code == SMG_E_IO)
        connection_mark_failed(session->sqlite, err->text);
    return code;
}

/* A COMMIT that fails may have happened, unless SQLite says that it had no room for the log or no
 * turn. A failed flush can have reached the disk all the same, whatever its cause was. */
static int commit(struct session *session, struct smg_err *err)
{
    int status = session_run(session, COMMIT);
    int primary = status & 0xff;

    if (status == SQLITE_OK)
        return SMG_OK;
    if (primary == SQLITE_FULL || primary == SQLITE_BUSY)
        return give_up(session, status, err);
    smg_fail(err, SMG_E_UNKNOWN, "SQLite, committing: %s (%d)", sqlite3_errstr(status), status);
    connection_mark_failed(session->sqlite, err->text);
    return SMG_E_UNKNOWN;
}

/* Under endless load the checkpointer never sees a moment in which the log could begin anew: the
 * writer makes one. A reader that holds the log open is not waited for; later, then. */
static void bound_log(struct session *session)
{
    int frames = session->wal_frames;
    int status;

    if (frames < WAL_BYTES / PAGE_BYTES || frames < session->wal_retry)
        return;
    sqlite3_busy_timeout(session->db, RESTART_BUSY_MS);
    status = sqlite3_wal_checkpoint_v2(session->db, NULL, SQLITE_CHECKPOINT_RESTART, NULL, NULL);
    sqlite3_busy_timeout(session->db, (int)session->sqlite->config->busy);
    session->wal_retry = status == SQLITE_OK ? 0 : frames + WAL_BYTES / PAGE_BYTES / 4;
    if ((status & 0xff) == SQLITE_IOERR)
        connection_mark_failed(session->sqlite, "a checkpoint failed");
}

int session_apply(void *ctx, const struct smg_unit *units, size_t count, bool *refused,
                  struct smg_err *err)
{
    struct session *session = ctx;
    bool any;
    int status, code;

    if (atomic_load(&session->sqlite->failed))
        return smg_fail(err, SMG_E_IO, "the store failed and was not checked since");
    status = write_units(session, units, count, true, refused, &any);
    if (any || status == SQLITE_CONSTRAINT) { /* whose condition was it? */
        status = session_run(session, ROLLBACK);
        if (status == SQLITE_OK)
            status = write_units(session, units, count, false, refused, &any);
    }
    if (status != SQLITE_OK)
        return give_up(session, status, err);
    if (any) {
        status = session_run(session, ROLLBACK);
        if (status != SQLITE_OK)
            return give_up(session, status, err);
        return smg_fail(err, SMG_E_EXISTS, "a row is not what was expected");
    }
    code = commit(session, err);
    if (code == SMG_OK) {
        bound_log(session);
        checkpoint_wake(session->sqlite);
    }
    return code;
}
