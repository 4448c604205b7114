/* SPDX-License-Identifier: Apache-2.0 */
/* A session: one connection with its prepared statements; reading through it. */
#include "parts.h"
#include "plan.h"

#include <errmsg.h>
#include <mysqld_error.h>
#include <stdlib.h>
#include <string.h>

enum { VALUE_ROOM = 64 << 10, GET_MANY = 64 };

#define EIGHT "?,?,?,?,?,?,?,?"
#define GET "SELECT k,v FROM entry WHERE space=? AND k IN"
#define FOUR_ROWS "(?,?,?),(?,?,?),(?,?,?),(?,?,?)"
#define ROWS FOUR_ROWS "," FOUR_ROWS "," FOUR_ROWS "," FOUR_ROWS /* MANY_ROWS of them */
#define INSERT "INSERT INTO entry(space,k,v) VALUES"
#define OR_UPDATE " ON DUPLICATE KEY UPDATE v=VALUES(v)"

static const char *const texts[STATEMENT_KINDS] = {
    [STATEMENT_GET] = "SELECT k,v FROM entry WHERE space=? AND k=?",
    [STATEMENT_GET_2] = GET "(?,?)",
    [STATEMENT_GET_4] = GET "(?,?,?,?)",
    [STATEMENT_GET_8] = GET "(" EIGHT ")",
    [STATEMENT_GET_16] = GET "(" EIGHT "," EIGHT ")",
    [STATEMENT_GET_32] = GET "(" EIGHT "," EIGHT "," EIGHT "," EIGHT ")",
    [STATEMENT_GET_64] =
        GET "(" EIGHT "," EIGHT "," EIGHT "," EIGHT "," EIGHT "," EIGHT "," EIGHT "," EIGHT ")",
    [STATEMENT_SCAN] =
        "SELECT k,v FROM entry WHERE space=? AND k>=? AND k<? ORDER BY space,k LIMIT ?",
    [STATEMENT_SCAN_BACK] = "SELECT k,v FROM entry WHERE space=? AND k>=? AND k<? ORDER BY space "
                            "DESC,k DESC LIMIT ?",
    [STATEMENT_INSERT_MANY] = INSERT ROWS,
    [STATEMENT_UPSERT_MANY] = INSERT ROWS OR_UPDATE,
    [STATEMENT_INSERT] = INSERT "(?,?,?)",
    [STATEMENT_UPDATE_IF] = "UPDATE entry SET v=? WHERE space=? AND k=? AND v=?",
    [STATEMENT_ERASE_IF] = "DELETE FROM entry WHERE space=? AND k=? AND v=?",
    [STATEMENT_UPSERT] = INSERT "(?,?,?)" OR_UPDATE,
    [STATEMENT_ERASE] = "DELETE FROM entry WHERE space=? AND k=?",
};

int session_open(void *self, void **out, struct smg_err *err)
{
    struct mariadb *mariadb = self;
    struct session *session = calloc(1, sizeof *session);
    int code;

    if (session == NULL)
        return smg_fail(err, SMG_E_MEMORY, "out of memory");
    session->mariadb = mariadb;
    session->value = malloc(VALUE_ROOM);
    session->value_room = VALUE_ROOM;
    session->plan = plan_new();
    if (session->value == NULL || session->plan == NULL)
        code = smg_fail(err, SMG_E_MEMORY, "out of memory");
    else
        code = connection_open(mariadb, &session->db, &session->self, err);
    if (code == SMG_OK)
        code = layout_expect(session->db, mariadb->config->database, err);
    if (code == SMG_OK)
        code = connection_settle(mariadb, session->db, &session->self, err);
    if (code < 0) {
        session_close(session);
        return code;
    }
    *out = session;
    return SMG_OK;
}

void session_close(void *ctx)
{
    struct session *session = ctx;

    if (session->in_doubt)
        connection_remember(session->mariadb, &session->self);
    for (int kind = 0; kind < STATEMENT_KINDS; kind++) {
        if (session->statements[kind] != NULL)
            mysql_stmt_close(session->statements[kind]);
    }
    if (session->db != NULL)
        mysql_close(session->db);
    plan_free(session->plan);
    free(session->value);
    free(session);
}

MYSQL_STMT *session_statement(struct session *session, enum statement kind, struct smg_err *err)
{
    MYSQL_STMT *statement = session->statements[kind];

    if (statement != NULL)
        return statement;
    statement = mysql_stmt_init(session->db);
    if (statement == NULL) {
        smg_fail(err, SMG_E_MEMORY, "out of memory");
        return NULL;
    }
    if (mysql_stmt_prepare(statement, texts[kind], (unsigned long)strlen(texts[kind])) != 0) {
        connection_fail(mysql_stmt_errno(statement), "preparing a statement", err);
        mysql_stmt_close(statement);
        return NULL;
    }
    session->statements[kind] = statement;
    return statement;
}

/* ---- one moment ---- */

int session_snapshot(struct session *session, struct smg_err *err)
{
    int code = connection_run(session->db, "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ",
                              "reading", err);

    if (code == SMG_OK)
        code = connection_run(session->db, "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY",
                              "reading", err);
    session->in_snapshot = code == SMG_OK;
    return code;
}

void session_end_snapshot(struct session *session)
{
    struct smg_err err;

    if (session->in_snapshot)
        connection_run(session->db, "ROLLBACK", "reading", &err);
    session->in_snapshot = false;
}

/* ---- rows ---- */

static int bind_row(struct session *session, MYSQL_STMT *statement)
{
    MYSQL_BIND row[2] = { { .buffer_type = MYSQL_TYPE_BLOB,
                            .buffer = session->key,
                            .buffer_length = sizeof session->key,
                            .length = &session->key_len },
                          { .buffer_type = MYSQL_TYPE_BLOB,
                            .buffer = session->value,
                            .buffer_length = (unsigned long)session->value_room,
                            .length = &session->value_len } };

    return mysql_stmt_bind_result(statement, row);
}

/* The value did not fit: make room, and fetch it again. SMG_OK or a code. */
static int fetch_large(struct session *session, MYSQL_STMT *statement, struct smg_err *err)
{
    size_t room = (size_t)session->value_len + session->value_len / 4;
    char *larger = realloc(session->value, room);
    MYSQL_BIND value = { .buffer_type = MYSQL_TYPE_BLOB, .length = &session->value_len };

    if (larger == NULL)
        return smg_fail(err, SMG_E_MEMORY, "out of memory");
    session->value = larger;
    session->value_room = room;
    value.buffer = larger;
    value.buffer_length = (unsigned long)room;
    if (mysql_stmt_fetch_column(statement, &value, 1, 0) != 0 || bind_row(session, statement) != 0)
        return connection_fail(mysql_stmt_errno(statement), "reading", err);
    return SMG_OK;
}

/* Run a statement that was bound and show its rows as they come. *more: fn wants to see more;
 * *seen: rows. */
static int show_rows(struct session *session, MYSQL_STMT *statement, smg_row_fn fn, void *ctx,
                     bool *more, size_t *seen, struct smg_err *err)
{
    int status, code = SMG_OK;

    *seen = 0;
    if (mysql_stmt_execute(statement) != 0 || bind_row(session, statement) != 0)
        return connection_fail(mysql_stmt_errno(statement), "reading", err);
    while (*more && code == SMG_OK) {
        status = mysql_stmt_fetch(statement);
        if (status == MYSQL_NO_DATA)
            break;
        if (session->key_len > KEY_BYTES)
            code = smg_fail(err, SMG_E_PROTOCOL, "the table holds a key that is too long");
        else if (status == MYSQL_DATA_TRUNCATED)
            code = fetch_large(session, statement, err);
        else if (status != 0)
            code = connection_fail(mysql_stmt_errno(statement), "reading", err);
        if (code < 0)
            break;
        ++*seen;
        *more = fn(ctx, (struct smg_str){ session->key, session->key_len },
                   (struct smg_str){ session->value, session->value_len });
    }
    mysql_stmt_free_result(statement);
    return code;
}

static void bind_bytes(MYSQL_BIND *bind, struct smg_str bytes)
{
    *bind = (MYSQL_BIND){ .buffer_type = MYSQL_TYPE_BLOB,
                          .buffer = (void *)(uintptr_t)(bytes.len == 0 ? "" : bytes.at),
                          .buffer_length = (unsigned long)bytes.len };
}

MYSQL_BIND session_bind_space(uint8_t *spaces)
{
    return (MYSQL_BIND){ .buffer_type = MYSQL_TYPE_TINY, .buffer = spaces, .is_unsigned = 1 };
}

/* ---- get ---- */

/* Rows come in the order of the table; they are wanted in the order asked. */
struct sorting {
    const struct smg_str *keys;
    size_t count;
    struct smg_str values[GET_MANY]; /* copies; at NULL: none */
    bool failed;
};

static bool is_key(struct smg_str a, struct smg_str b)
{
    return a.len == b.len && memcmp(a.at, b.at, a.len) == 0;
}

static bool sort_row(void *ctx, struct smg_str key, struct smg_str value)
{
    struct sorting *sorting = ctx;

    for (size_t i = 0; i < sorting->count; i++) {
        char *copy;

        if (!is_key(sorting->keys[i], key))
            continue;
        copy = malloc(value.len + 1);
        if (copy == NULL) {
            sorting->failed = true;
            return false;
        }
        memcpy(copy, value.at, value.len);
        sorting->values[i] = (struct smg_str){ copy, value.len };
    }
    return true;
}

static int get_one(struct session *session, enum smg_space space, struct smg_str key, smg_row_fn fn,
                   void *ctx, bool *more, struct smg_err *err)
{
    MYSQL_STMT *statement = session_statement(session, STATEMENT_GET, err);
    uint8_t number = (uint8_t)space;
    MYSQL_BIND binds[2];
    size_t seen;

    if (statement == NULL)
        return err->code;
    binds[0] = session_bind_space(&number);
    bind_bytes(&binds[1], key);
    if (mysql_stmt_bind_param(statement, binds) != 0)
        return connection_fail(mysql_stmt_errno(statement), "reading", err);
    return show_rows(session, statement, fn, ctx, more, &seen, err);
}

/* At most GET_MANY keys by one statement; places left over ask for the last key again. */
static int get_some(struct session *session, enum smg_space space, const struct smg_str *keys,
                    size_t count, smg_row_fn fn, void *ctx, bool *more, struct smg_err *err)
{
    size_t places = 1, seen;
    int kind = STATEMENT_GET;
    struct sorting sorting = { .keys = keys, .count = count };
    MYSQL_STMT *statement;
    uint8_t number = (uint8_t)space;
    MYSQL_BIND binds[1 + GET_MANY];
    bool all = true;
    int code;

    for (; places < count; places *= 2)
        kind++;
    statement = session_statement(session, (enum statement)kind, err);
    if (statement == NULL)
        return err->code;
    binds[0] = session_bind_space(&number);
    for (size_t i = 0; i < places; i++)
        bind_bytes(&binds[1 + i], keys[i < count ? i : count - 1]);
    if (mysql_stmt_bind_param(statement, binds) != 0)
        return connection_fail(mysql_stmt_errno(statement), "reading", err);
    code = show_rows(session, statement, sort_row, &sorting, &all, &seen, err);
    if (code == SMG_OK && sorting.failed)
        code = smg_fail(err, SMG_E_MEMORY, "out of memory");
    for (size_t i = 0; i < count; i++) {
        if (sorting.values[i].at != NULL && code == SMG_OK && *more)
            *more = fn(ctx, keys[i], sorting.values[i]);
        free((char *)(uintptr_t)sorting.values[i].at);
    }
    return code;
}

int session_get(void *ctx, enum smg_space space, const struct smg_str *keys, size_t count,
                smg_row_fn fn, void *fn_ctx, struct smg_err *err)
{
    struct session *session = ctx;
    bool mine = (count > GET_MANY || session->by_hand) && !session->in_snapshot, more = true;
    int code = mine ? session_snapshot(session, err) : SMG_OK;

    if (!layout_has((int)space))
        code = smg_fail(err, SMG_E_INVALID, "there is no such space");
    if (count == 1 && code == SMG_OK) {
        code = get_one(session, space, keys[0], fn, fn_ctx, &more, err);
        count = 0;
    }
    for (size_t at = 0; code == SMG_OK && at < count && more; at += GET_MANY)
        code = get_some(session, space, keys + at, count - at < GET_MANY ? count - at : GET_MANY,
                        fn, fn_ctx, &more, err);
    if (mine)
        session_end_snapshot(session);
    return code;
}

/* ---- scan ---- */

/* Where the next page goes on: behind the last row shown. */
struct page {
    smg_row_fn fn;
    void *ctx;
    char last[KEY_BYTES + 1];
    size_t last_len;
};

static bool show_and_note(void *ctx, struct smg_str key, struct smg_str value)
{
    struct page *page = ctx;

    memcpy(page->last, key.at, key.len);
    page->last_len = key.len;
    return page->fn(page->ctx, key, value);
}

static int scan_page(struct session *session, const struct smg_scan *scan, uint32_t limit,
                     struct page *page, bool *more, size_t *seen, struct smg_err *err)
{
    enum statement kind = scan->backward ? STATEMENT_SCAN_BACK : STATEMENT_SCAN;
    MYSQL_STMT *statement = session_statement(session, kind, err);
    uint8_t number = (uint8_t)scan->space;
    MYSQL_BIND binds[4];

    if (statement == NULL)
        return err->code;
    binds[0] = session_bind_space(&number);
    bind_bytes(&binds[1], scan->from);
    bind_bytes(&binds[2], scan->to);
    binds[3] = (MYSQL_BIND){ .buffer_type = MYSQL_TYPE_LONG, .buffer = &limit, .is_unsigned = 1 };
    if (mysql_stmt_bind_param(statement, binds) != 0)
        return connection_fail(mysql_stmt_errno(statement), "reading", err);
    return show_rows(session, statement, show_and_note, page, more, seen, err);
}

/* Page by page, so that a reader who has seen enough leaves little unread; all pages see the moment
 * the first one saw. */
int session_scan(void *ctx, const struct smg_scan *scan, smg_row_fn fn, void *fn_ctx,
                 struct smg_err *err)
{
    struct session *session = ctx;
    struct smg_scan rest = *scan;
    struct page page = { .fn = fn, .ctx = fn_ctx };
    char above_all[KEY_BYTES + 1];
    bool one = scan->limit != 0 && scan->limit <= PAGE_ROWS && !session->by_hand, more = true;
    uint32_t left = scan->limit == 0 ? UINT32_MAX : scan->limit;
    size_t seen = PAGE_ROWS;
    int code = one ? SMG_OK : session_snapshot(session, err);

    if (!layout_has((int)scan->space))
        code = smg_fail(err, SMG_E_INVALID, "there is no such space");
    memset(above_all, 0xff, sizeof above_all);
    if (scan->to.len == 0)
        rest.to = (struct smg_str){ above_all, sizeof above_all };
    while (code == SMG_OK && more && left > 0 && seen == PAGE_ROWS) {
        code = scan_page(session, &rest, left < PAGE_ROWS ? left : PAGE_ROWS, &page, &more, &seen,
                         err);
        if (scan->limit != 0)
            left -= (uint32_t)seen;
        if (scan->backward) {
            rest.to = (struct smg_str){ page.last, page.last_len };
        } else {
            page.last[page.last_len] = '\0'; /* the first key after it */
            rest.from = (struct smg_str){ page.last, page.last_len + 1 };
        }
    }
    if (!one)
        session_end_snapshot(session);
    return code;
}
