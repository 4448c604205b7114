/* SPDX-License-Identifier: Apache-2.0 */
/* Writing: a batch as one transaction of a few statements, each with as many rows as there are of
 * its kind. Conditions are part of the statements: a row that must be new is inserted, one that
 * must hold a value is changed where it holds it. So they stand against every other writer, of
 * another node of a cluster too. Only when one fails is it asked which units are to blame. */
#include "plan.h"

#include <mysqld_error.h>
#include <string.h>

enum { ROWS_MAX = 512, BYTES_MAX = 8 << 20 };

/* Rows of one statement, column by column. */
struct columns {
    size_t rows, bytes;
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

    put_cell(&columns->keys[i], &columns->key_lens[i], place->pieces[0]->row->key);
    put_cell(&columns->values[i], &columns->value_lens[i], value);
    put_cell(&columns->was[i], &columns->was_lens[i], was);
    columns->bytes += columns->key_lens[i] + value.len + was.len;
}

static MYSQL_BIND column(char **cells, unsigned long *lens)
{
    return (MYSQL_BIND){ .buffer_type = MYSQL_TYPE_BLOB, .buffer = cells, .length = lens };
}

/* Which columns a statement takes, in its order. */
static void bind_columns(struct columns *columns, enum statement kind, MYSQL_BIND binds[3])
{
    MYSQL_BIND key = column(columns->keys, columns->key_lens);
    MYSQL_BIND value = column(columns->values, columns->value_lens);
    MYSQL_BIND was = column(columns->was, columns->was_lens);

    binds[0] = kind == STATEMENT_UPDATE_IF ? value : key;
    binds[1] = kind == STATEMENT_UPDATE_IF ? key : kind == STATEMENT_ERASE_IF ? was : value;
    binds[2] = was;
}

static int fail_write(unsigned status, struct smg_err *err)
{
    if (status == ER_DUP_ENTRY)
        return smg_fail(err, SMG_E_EXISTS, "a row is not what was expected");
    return connection_fail(status, "writing", err);
}

/* Write the rows gathered; those that have a condition must all have been there to be changed. */
static int flush(struct session *session, int space, enum statement kind, struct columns *columns,
                 struct smg_err *err)
{
    MYSQL_STMT *statement = session_statement(session, space, kind, err);
    unsigned rows = (unsigned)columns->rows;
    MYSQL_BIND binds[3];

    if (statement == NULL)
        return err->code;
    columns->rows = columns->bytes = 0;
    bind_columns(columns, kind, binds);
    if (mysql_stmt_attr_set(statement, STMT_ATTR_ARRAY_SIZE, &rows) != 0 ||
        mysql_stmt_bind_param(statement, binds) != 0 || mysql_stmt_execute(statement) != 0)
        return fail_write(mysql_stmt_errno(statement), err);
    if ((kind == STATEMENT_UPDATE_IF || kind == STATEMENT_ERASE_IF) &&
        mysql_stmt_affected_rows(statement) != rows)
        return smg_fail(err, SMG_E_EXISTS, "a row is not what was expected");
    return SMG_OK;
}

/* One kind of statement over the places of one space, from..to. */
static int run_step(struct session *session, enum statement kind, size_t from, size_t to,
                    struct smg_err *err)
{
    struct plan *plan = session->plan;
    int space = (int)plan->places[from].pieces[0]->row->space;
    struct columns columns;
    int code = SMG_OK;

    columns.rows = columns.bytes = 0;
    for (size_t i = from; i < to && code == SMG_OK; i++) {
        if ((steps_of(&plan->places[i]) & 1u << kind) == 0)
            continue;
        add_row(&columns, &plan->places[i]);
        if (columns.rows == ROWS_MAX || columns.bytes >= BYTES_MAX)
            code = flush(session, space, kind, &columns, err);
    }
    if (code == SMG_OK && columns.rows > 0)
        code = flush(session, space, kind, &columns, err);
    return code;
}

/* Spaces and keys in their order, so that two writers seldom wait for each other crosswise. */
static int write_all(struct session *session, struct smg_err *err)
{
    struct plan *plan = session->plan;
    int code = SMG_OK;

    for (size_t from = 0, to; from < plan->place_count && code == SMG_OK; from = to) {
        enum smg_space space = plan->places[from].pieces[0]->row->space;

        for (to = from; to < plan->place_count && plan->places[to].pieces[0]->row->space == space;)
            to++;
        for (int kind = STATEMENT_INSERT; kind < STATEMENT_KINDS && code == SMG_OK; kind++)
            code = run_step(session, (enum statement)kind, from, to, err);
    }
    return code;
}

/* Undo; the code that led here comes back, unless undoing fails: then the session is unfit. */
static int roll_back(struct session *session, int code, struct smg_err *err)
{
    struct smg_err why;

    if (connection_run(session->db, "ROLLBACK", "rolling back", &why) == SMG_OK)
        return code;
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
        return connection_fail(status, "committing", err);
    session->in_doubt = true;
    return smg_fail(err, SMG_E_UNKNOWN, "MariaDB, committing: error %u", status);
}

static int write_once(struct session *session, struct smg_err *err)
{
    int code = connection_run(session->db, "START TRANSACTION", "writing", err);

    if (code == SMG_OK)
        code = write_all(session, err);
    if (code == SMG_OK)
        return commit(session, err);
    if (code != SMG_E_IO)
        return roll_back(session, code, err);
    session->in_doubt = true; /* the server may not know yet, and hold the rows */
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
    code = plan_agrees(session->plan) ? write_once(session, err) : SMG_E_EXISTS;
    return code == SMG_E_EXISTS ? find_refused(session, units, count, refused, err) : code;
}
