/* SPDX-License-Identifier: Apache-2.0 */
/* Writing: a batch as one transaction of a few statements, each with as many rows as there are of
 * its kind. Conditions are part of the statements: a row that must be new is inserted, one that
 * must hold a value is changed where it holds it. So they stand against every other writer, of
 * another node of a cluster too. Only when one fails is it asked which units are to blame. */
#include "plan.h"

#include <mysqld_error.h>
#include <string.h>
#include <time.h>

enum { ROWS_MAX = 512, BYTES_MAX = 8 << 20, TRIES_MAX = 8, PAUSE_MAX_US = 64000 };

/* Rows of one statement, column by column. */
struct columns {
    size_t rows, bytes;
    uint8_t spaces[ROWS_MAX];
    char *keys[ROWS_MAX], *values[ROWS_MAX], *was[ROWS_MAX];
    unsigned long key_lens[ROWS_MAX], value_lens[ROWS_MAX], was_lens[ROWS_MAX];
};

/* Statements a place needs, as bits of enum statement. They run in the order of that enum, which
 * is why a condition that writes nothing is a row put in and taken out, or out and in again: a lock
 * alone would not be seen by the other nodes of a cluster. */
static unsigned steps_of(const struct place *place)
{
    const struct smg_row *base = place->base, *written = place->written;
    bool puts = written != NULL && written->act == SMG_PUT;

    if (base == NULL)
        return written == NULL ? 0 : puts ? 1u << STATEMENT_UPSERT : 1u << STATEMENT_ERASE;
    if (base->when == SMG_NEW)
        return 1u << STATEMENT_INSERT | (puts ? 0 : 1u << STATEMENT_ERASE);
    if (written == NULL)
        return 1u << STATEMENT_ERASE_IF | 1u << STATEMENT_UPSERT;
    return puts ? 1u << STATEMENT_UPDATE_IF : 1u << STATEMENT_ERASE_IF;
}

static void put_cell(char **at, unsigned long *len, struct smg_str bytes)
{
    *at = (char *)(uintptr_t)(bytes.len == 0 ? "" : bytes.at);
    *len = (unsigned long)bytes.len;
}

static void add_row(struct columns *columns, const struct place *place)
{
    const struct smg_row *written = place->written, *base = place->base;
    struct smg_str nothing = { "", 0 };
    struct smg_str was = base != NULL && base->when == SMG_IS ? base->was : nothing;
    struct smg_str value = written == NULL           ? was
                           : written->act == SMG_PUT ? written->value
                                                     : nothing;
    size_t i = columns->rows++;

    columns->spaces[i] = (uint8_t)place->pieces[0]->row->space;
    put_cell(&columns->keys[i], &columns->key_lens[i], place->pieces[0]->row->key);
    put_cell(&columns->values[i], &columns->value_lens[i], value);
    put_cell(&columns->was[i], &columns->was_lens[i], was);
    columns->bytes += columns->key_lens[i] + value.len + was.len;
}

/* cells NULL: the column is that of spaces. */
struct column {
    char **cells;
    unsigned long *lens;
};

enum { WIDTH_MAX = 4 };

/* Which columns a statement takes, in its order; how many. */
static size_t choose_columns(struct columns *columns, enum statement kind,
                             struct column out[WIDTH_MAX])
{
    struct column value = { columns->values, columns->value_lens };
    size_t width = 0;

    if (kind == STATEMENT_UPDATE_IF)
        out[width++] = value;
    out[width++] = (struct column){ NULL, NULL };
    out[width++] = (struct column){ columns->keys, columns->key_lens };
    if (kind == STATEMENT_UPDATE_IF || kind == STATEMENT_ERASE_IF)
        out[width++] = (struct column){ columns->was, columns->was_lens };
    else if (kind != STATEMENT_ERASE)
        out[width++] = value;
    return width;
}

static int fail_write(struct session *session, unsigned status, const char *doing,
                      struct smg_err *err)
{
    if (status == ER_DUP_ENTRY)
        return smg_fail(err, SMG_E_EXISTS, "a row is not what was expected");
    session->in_conflict = status == ER_LOCK_DEADLOCK;
    return connection_fail(status, doing, err);
}

/* Run a statement over `rows` rows; those that have a condition must all have been there to be
 * changed. */
static int execute(struct session *session, MYSQL_STMT *statement, enum statement kind,
                   MYSQL_BIND *binds, size_t rows, struct smg_err *err)
{
    if (mysql_stmt_bind_param(statement, binds) != 0 || mysql_stmt_execute(statement) != 0)
        return fail_write(session, mysql_stmt_errno(statement), "writing", err);
    if ((kind == STATEMENT_UPDATE_IF || kind == STATEMENT_ERASE_IF) &&
        mysql_stmt_affected_rows(statement) != rows)
        return smg_fail(err, SMG_E_EXISTS, "a row is not what was expected");
    return SMG_OK;
}

/* All rows at once, as the protocol's array. */
static int write_array(struct session *session, enum statement kind, struct columns *columns,
                       struct smg_err *err)
{
    MYSQL_STMT *statement = session_statement(session, kind, err);
    unsigned rows = (unsigned)columns->rows;
    struct column chosen[WIDTH_MAX];
    MYSQL_BIND binds[WIDTH_MAX];
    size_t width = choose_columns(columns, kind, chosen);

    if (statement == NULL)
        return err->code;
    for (size_t c = 0; c < width; c++)
        binds[c] = chosen[c].cells == NULL ? session_bind_space(columns->spaces)
                                           : (MYSQL_BIND){ .buffer_type = MYSQL_TYPE_BLOB,
                                                           .buffer = chosen[c].cells,
                                                           .length = chosen[c].lens };
    if (mysql_stmt_attr_set(statement, STMT_ATTR_ARRAY_SIZE, &rows) != 0)
        return connection_fail(mysql_stmt_errno(statement), "writing", err);
    return execute(session, statement, kind, binds, rows, err);
}

/* Rows at..at+count as cells of one statement. */
static int write_some(struct session *session, enum statement kind, size_t at, size_t count,
                      struct columns *columns, struct smg_err *err)
{
    enum statement many = kind == STATEMENT_INSERT ? STATEMENT_INSERT_MANY : STATEMENT_UPSERT_MANY;
    MYSQL_STMT *statement = session_statement(session, count == 1 ? kind : many, err);
    struct column chosen[WIDTH_MAX];
    MYSQL_BIND binds[WIDTH_MAX * MANY_ROWS];
    size_t width = choose_columns(columns, kind, chosen);

    if (statement == NULL)
        return err->code;
    for (size_t i = 0; i < count; i++) {
        for (size_t c = 0; c < width; c++)
            binds[i * width + c] = chosen[c].cells == NULL
                                       ? session_bind_space(&columns->spaces[at + i])
                                       : (MYSQL_BIND){ .buffer_type = MYSQL_TYPE_BLOB,
                                                       .buffer = chosen[c].cells[at + i],
                                                       .buffer_length = chosen[c].lens[at + i] };
    }
    return execute(session, statement, kind, binds, count, err);
}

/* A node of a cluster answers an array with success although the cluster rolled it back for another
 * node's transaction, and then COMMIT succeeds as well: MariaDB 10.11 with Galera 26.4 loses what
 * it acknowledged. Statements without an array report it. */
static int write_rows(struct session *session, enum statement kind, struct columns *columns,
                      struct smg_err *err)
{
    bool many = kind == STATEMENT_INSERT || kind == STATEMENT_UPSERT;
    size_t count;
    int code = SMG_OK;

    for (size_t at = 0; at < columns->rows && code == SMG_OK; at += count) {
        count = many && columns->rows - at >= MANY_ROWS ? MANY_ROWS : 1;
        code = write_some(session, kind, at, count, columns, err);
    }
    return code;
}

/* Write the rows gathered. */
static int flush(struct session *session, enum statement kind, struct columns *columns,
                 struct smg_err *err)
{
    int code = session->self.in_cluster ? write_rows(session, kind, columns, err)
                                        : write_array(session, kind, columns, err);

    columns->rows = columns->bytes = 0;
    return code;
}

/* One kind of statement over all places. */
static int run_step(struct session *session, enum statement kind, struct smg_err *err)
{
    struct plan *plan = session->plan;
    struct columns columns;
    int code = SMG_OK;

    columns.rows = columns.bytes = 0;
    for (size_t i = 0; i < plan->place_count && code == SMG_OK; i++) {
        if ((steps_of(&plan->places[i]) & 1u << kind) == 0)
            continue;
        add_row(&columns, &plan->places[i]);
        if (columns.rows == ROWS_MAX || columns.bytes >= BYTES_MAX)
            code = flush(session, kind, &columns, err);
    }
    if (code == SMG_OK && columns.rows > 0)
        code = flush(session, kind, &columns, err);
    return code;
}

/* Kinds, then spaces and keys in their order, so that two writers seldom wait for each other
 * crosswise. */
static int write_all(struct session *session, struct smg_err *err)
{
    int code = SMG_OK;

    for (int kind = STATEMENT_INSERT; kind < STATEMENT_KINDS && code == SMG_OK; kind++)
        code = run_step(session, (enum statement)kind, err);
    return code;
}

/* Undo; the code that led here comes back, unless undoing fails: then the session is unfit. A
 * cluster's node may say first that it has undone it already, for another node's transaction. */
static int roll_back(struct session *session, int code, struct smg_err *err)
{
    static const char sql[] = "ROLLBACK";
    struct smg_err why;

    if (mysql_real_query(session->db, sql, sizeof sql - 1) == 0)
        return code;
    if (mysql_errno(session->db) == ER_LOCK_DEADLOCK &&
        mysql_real_query(session->db, sql, sizeof sql - 1) == 0)
        return code;
    connection_fail(mysql_errno(session->db), "rolling back", &why);
    *err = why;
    return SMG_E_IO;
}

/* A cluster's node that refuses a batch at COMMIT has rolled it back. Any other error of COMMIT
 * leaves open what happened. */
static int commit(struct session *session, struct smg_err *err)
{
    unsigned status;

    if (mysql_real_query(session->db, "COMMIT", 6) == 0)
        return SMG_OK;
    status = mysql_errno(session->db);
    if (status == ER_LOCK_DEADLOCK)
        return fail_write(session, status, "committing", err);
    session->in_doubt = true;
    return smg_fail(err, SMG_E_UNKNOWN, "MariaDB, committing: error %u", status);
}

static int write_once(struct session *session, struct smg_err *err)
{
    int code;

    session->in_conflict = false;
    code =
        session->by_hand ? SMG_OK : connection_run(session->db, "SET autocommit=0", "writing", err);
    session->by_hand = code == SMG_OK;
    if (code == SMG_OK)
        code = write_all(session, err);
    if (code == SMG_OK)
        return commit(session, err);
    if (code != SMG_E_IO)
        return roll_back(session, code, err);
    session->in_doubt = true; /* the server may not know yet, and hold the rows */
    return code;
}

/* Somewhere below a limit that doubles with each try, so that two do not meet again and again. */
static void pause_before(unsigned tries)
{
    struct timespec moment;
    long limit_us = 1000L << tries < PAUSE_MAX_US ? 1000L << tries : PAUSE_MAX_US;

    clock_gettime(CLOCK_MONOTONIC, &moment);
    moment = (struct timespec){ .tv_nsec = moment.tv_nsec / 16 % limit_us * 1000 };
    nanosleep(&moment, NULL);
}

/* Another transaction was in the way, of this server or of another node: nothing was written, and
 * the same may be written now. */
static int write_again(struct session *session, struct smg_err *err)
{
    int code = write_once(session, err);

    for (unsigned tries = 1; code == SMG_E_BUSY && session->in_conflict && tries < TRIES_MAX;
         tries++) {
        pause_before(tries);
        code = write_once(session, err);
    }
    return code;
}

/* Some condition failed: whose? When none does now, another writer was there a moment ago. */
static int find_refused(struct session *session, const struct smg_unit *units, size_t count,
                        bool *refused, struct smg_err *err)
{
    bool any = false;
    int code = session_snapshot(session, err);

    if (code == SMG_OK)
        code = plan_judge(session->plan, session, units, count, refused, err);
    session_end_snapshot(session);
    for (size_t i = 0; i < count && code == SMG_OK; i++)
        any = any || refused[i];
    if (code < 0)
        return code;
    return any ? smg_fail(err, SMG_E_EXISTS, "a row is not what was expected")
               : smg_fail(err, SMG_E_BUSY, "another session writes the same rows");
}

int session_apply(void *ctx, const struct smg_unit *units, size_t count, bool *refused,
                  struct smg_err *err)
{
    struct session *session = ctx;
    int code = plan_make(session->plan, units, count, err);

    if (code < 0)
        return code;
    code = plan_agrees(session->plan) ? write_again(session, err) : SMG_E_EXISTS;
    return code == SMG_E_EXISTS ? find_refused(session, units, count, refused, err) : code;
}
