/* SPDX-License-Identifier: Apache-2.0 */
/* A session: one connection with its prepared statements; reading through it. */
#include "parts.h"

#include <stdlib.h>

enum { STATEMENT_BYTES = 160 };

static const char *const statement_texts[STATEMENT_KINDS] = {
    [STATEMENT_GET] = "SELECT v FROM \"%s\" WHERE k=?1",
    [STATEMENT_HAS] = "SELECT 1 FROM \"%s\" WHERE k=?1",
    [STATEMENT_PUT] =
        "INSERT INTO \"%s\"(k,v) VALUES(?1,?2) ON CONFLICT(k) DO UPDATE SET v=excluded.v",
    [STATEMENT_PUT_NEW] = "INSERT INTO \"%s\"(k,v) VALUES(?1,?2) ON CONFLICT(k) DO NOTHING",
    [STATEMENT_PUT_IF] = "UPDATE \"%s\" SET v=?2 WHERE k=?1 AND v=?3",
    [STATEMENT_ERASE] = "DELETE FROM \"%s\" WHERE k=?1",
    [STATEMENT_SCAN] = "SELECT k,v FROM \"%s\" WHERE k>=?1 ORDER BY k LIMIT ?3",
    [STATEMENT_SCAN_TO] = "SELECT k,v FROM \"%s\" WHERE k>=?1 AND k<?2 ORDER BY k LIMIT ?3",
    [STATEMENT_SCAN_BACK] = "SELECT k,v FROM \"%s\" WHERE k>=?1 ORDER BY k DESC LIMIT ?3",
    [STATEMENT_SCAN_BACK_TO] =
        "SELECT k,v FROM \"%s\" WHERE k>=?1 AND k<?2 ORDER BY k DESC LIMIT ?3",
};

static const char *const transaction_texts[TRANSACTION_KINDS] = {
    [BEGIN_WRITE] = "BEGIN IMMEDIATE",
    [BEGIN_READ] = "BEGIN",
    [COMMIT] = "COMMIT",
    [ROLLBACK] = "ROLLBACK",
};

static int note_frames(void *ctx, sqlite3 *db, const char *name, int frames)
{
    struct session *session = ctx;

    (void)db;
    (void)name;
    session->wal_frames = frames;
    return SQLITE_OK;
}

int session_open(void *self, void **out, struct smg_err *err)
{
    struct session *session = calloc(1, sizeof *session);
    int code;

    if (session == NULL)
        return smg_fail(err, SMG_E_MEMORY, "out of memory");
    session->sqlite = self;
    code = connection_open(self, &session->db, err);
    if (code < 0) {
        free(session);
        return code;
    }
    sqlite3_wal_hook(session->db, note_frames, session);
    *out = session;
    return SMG_OK;
}

void session_close(void *ctx)
{
    struct session *session = ctx;

    for (int kind = 0; kind < TRANSACTION_KINDS; kind++)
        sqlite3_finalize(session->transactions[kind]);
    for (int space = 0; space < SPACE_END; space++) {
        for (int kind = 0; kind < STATEMENT_KINDS; kind++)
            sqlite3_finalize(session->statements[space][kind]);
    }
    sqlite3_close(session->db);
    free(session);
}

int session_run(struct session *session, enum transaction kind)
{
    sqlite3_stmt **place = &session->transactions[kind];
    int status = SQLITE_OK;

    if (*place == NULL)
        status = sqlite3_prepare_v3(session->db, transaction_texts[kind], -1,
                                    SQLITE_PREPARE_PERSISTENT, place, NULL);
    if (status != SQLITE_OK)
        return status;
    status = sqlite3_step(*place);
    sqlite3_reset(*place);
    return status == SQLITE_DONE ? SQLITE_OK : status;
}

sqlite3_stmt *session_statement(struct session *session, enum smg_space space, enum statement kind)
{
    const char *table = connection_table((int)space);
    sqlite3_stmt **place;
    char sql[STATEMENT_BYTES];

    if (table == NULL)
        return NULL;
    place = &session->statements[space][kind];
    if (*place == NULL) {
        snprintf(sql, sizeof sql, statement_texts[kind], table);
        sqlite3_prepare_v3(session->db, sql, -1, SQLITE_PREPARE_PERSISTENT, place, NULL);
    }
    return *place;
}

int session_bind(sqlite3_stmt *statement, int place, struct smg_str bytes)
{
    return sqlite3_bind_blob64(statement, place, bytes.len == 0 ? "" : bytes.at, bytes.len,
                               SQLITE_STATIC);
}

static struct smg_str column(sqlite3_stmt *statement, int place)
{
    const char *at = sqlite3_column_blob(statement, place); /* NULL for no bytes */
    size_t len = (size_t)sqlite3_column_bytes(statement, place);

    return (struct smg_str){ at == NULL ? "" : at, at == NULL ? 0 : len };
}

/* A failed read: the status told, and what it says about the store remembered. */
static int fail_read(struct session *session, int status, struct smg_err *err)
{
    int code = connection_fail(session->db, status, "reading", err);

    if (code == SMG_E_IO)
        connection_mark_failed(session->sqlite, err->text);
    return code;
}

static int statement_missing(struct session *session, struct smg_err *err)
{
    int status = sqlite3_errcode(session->db);

    if (status == SQLITE_OK)
        return smg_fail(err, SMG_E_INVALID, "there is no such space");
    return fail_read(session, status, err);
}

int session_get(void *ctx, enum smg_space space, const struct smg_str *keys, size_t count,
                smg_row_fn fn, void *fn_ctx, struct smg_err *err)
{
    struct session *session = ctx;
    sqlite3_stmt *statement = session_statement(session, space, STATEMENT_GET);
    int status = SQLITE_OK;
    bool more = true;

    if (statement == NULL)
        return statement_missing(session, err);
    /* One read transaction: the keys are seen at one moment, and locks are taken once. */
    if (count > 1)
        status = session_run(session, BEGIN_READ);
    for (size_t i = 0; i < count && more && status == SQLITE_OK; i++) {
        status = session_bind(statement, 1, keys[i]);
        if (status == SQLITE_OK)
            status = sqlite3_step(statement);
        if (status == SQLITE_ROW)
            more = fn(fn_ctx, keys[i], column(statement, 0));
        if (status == SQLITE_ROW || status == SQLITE_DONE)
            status = sqlite3_reset(statement);
        else
            sqlite3_reset(statement);
    }
    if (count > 1 && sqlite3_get_autocommit(session->db) == 0)
        session_run(session, status == SQLITE_OK ? COMMIT : ROLLBACK);
    return status == SQLITE_OK ? SMG_OK : fail_read(session, status, err);
}

int session_scan(void *ctx, const struct smg_scan *scan, smg_row_fn fn, void *fn_ctx,
                 struct smg_err *err)
{
    struct session *session = ctx;
    bool open = scan->to.len == 0;
    enum statement kind = scan->backward ? (open ? STATEMENT_SCAN_BACK : STATEMENT_SCAN_BACK_TO)
                                         : (open ? STATEMENT_SCAN : STATEMENT_SCAN_TO);
    sqlite3_stmt *statement = session_statement(session, scan->space, kind);
    int status;

    if (statement == NULL)
        return statement_missing(session, err);
    status = session_bind(statement, 1, scan->from);
    if (status == SQLITE_OK && !open)
        status = session_bind(statement, 2, scan->to);
    if (status == SQLITE_OK)
        status = sqlite3_bind_int64(statement, 3, scan->limit == 0 ? -1 : (int64_t)scan->limit);
    if (status == SQLITE_OK) {
        do {
            status = sqlite3_step(statement);
        } while (status == SQLITE_ROW && fn(fn_ctx, column(statement, 0), column(statement, 1)));
    }
    sqlite3_reset(statement);
    if (status == SQLITE_ROW || status == SQLITE_DONE)
        return SMG_OK;
    return fail_read(session, status, err);
}

int session_check(void *ctx, struct smg_err *err)
{
    struct session *session = ctx;
    int code = connection_check(session->sqlite, session->db, err);

    if (code == SMG_E_IO)
        connection_mark_failed(session->sqlite, err->text);
    return code;
}
