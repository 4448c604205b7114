/* SPDX-License-Identifier: Apache-2.0 */
/* A connection that is cut at every call there is, while its server is not told: whatever the
 * session says of a batch is true, and a batch that was given up never comes through later. */
#include "fixture.h"

#include "cut_proxy.h"

static struct cut_proxy proxy;

static int start_server(void **state)
{
    char path[108];

    (void)state;
    mariadb_start(&server, NULL);
    snprintf(path, sizeof path, "%s/proxy.sock", server.folder);
    cut_start(&proxy, path, server.socket);
    return 0;
}

static int end_server(void **state)
{
    (void)state;
    cut_end(&proxy);
    mariadb_end(&server);
    return 0;
}

/* A plugin's instance that goes through the proxy. */
static int set_up_cut(void **state)
{
    set_up(state);
    config.hosts = proxy.path;
    open_again();
    return 0;
}

static int tear_down_cut(void **state)
{
    cut_forget(&proxy);
    return tear_down(state);
}

/* The session may be tried until the servers' rest is over. */
static struct session *begin_soon(void)
{
    const struct timespec moment = { .tv_nsec = 20000000 };
    struct smg_err err = { 0 };
    void *opened = NULL;

    for (int i = 0; i < 500; i++) {
        if (session_open(mariadb, &opened, &err) == SMG_OK)
            return opened;
        nanosleep(&moment, NULL);
    }
    fail_msg("%s", err.text);
    return NULL;
}

/* Two rows in two spaces: half a unit would show. */
static int put_unit(struct session *session, const char *key)
{
    struct smg_row rows[2] = { { .space = SMG_SPACE_KEY,
                                 .act = SMG_PUT,
                                 .when = SMG_NEW,
                                 .key = { key, strlen(key) },
                                 .value = SMG_STR("1") } };
    struct smg_unit unit = { rows, 2 };
    struct smg_err err = { 0 };
    bool refused = false;

    rows[1] = rows[0];
    rows[1].space = SMG_SPACE_INDEX;
    return session_apply(session, &unit, 1, &refused, &err);
}

static bool has_in(struct session *session, enum smg_space space, const char *key)
{
    struct smg_str asked = { key, strlen(key) };
    struct smg_err err = { 0 };
    int count = 0;

    assert_int_equal(session_get(session, space, &asked, 1, count_seen, &count, &err), SMG_OK);
    return count == 1;
}

/* One round; false when the batch was through before the call at which to cut. */
static bool cut_and_ask(int call, bool after, int *unknown)
{
    struct session *session;
    struct smg_err err = { 0 };
    void *opened = NULL;
    char key[32];
    int code;
    bool there, again;

    snprintf(key, sizeof key, "k%d-%d", call, after);
    cut_next(&proxy, call, after);
    code = session_open(mariadb, &opened, &err);
    session = opened;
    if (code == SMG_OK) {
        code = put_unit(session, key);
        session_close(session);
    }
    cut_next(&proxy, 0, false);
    again = atomic_load(&proxy.calls) >= call;
    session = begin_soon();
    there = has_in(session, SMG_SPACE_KEY, key);
    assert_int_equal(there, has_in(session, SMG_SPACE_INDEX, key));
    if (code != SMG_E_UNKNOWN)
        assert_int_equal(there, code == SMG_OK);
    *unknown += code == SMG_E_UNKNOWN;
    /* The lost connection holds no rows of it: the batch can be written at once. */
    assert_int_equal(put_unit(session, key), there ? SMG_E_EXISTS : SMG_OK);
    session_close(session);
    return again;
}

static void test_what_is_said_of_a_batch_is_true_whichever_call_is_cut(void **state)
{
    int rounds = 0, unknown = 0;

    (void)state;
    for (int after = 0; after < 2; after++) {
        for (int call = 1; cut_and_ask(call, after == 1, &unknown); call++)
            rounds++;
    }
    assert_true(rounds > 12);
    assert_int_equal(unknown, 2); /* COMMIT, on its way there and on its way back */
}

static void test_a_read_that_is_cut_fails_and_shows_nothing_twice(void **state)
{
    struct session *session = begin_soon();
    struct smg_scan scan = { .space = SMG_SPACE_KEY };
    struct smg_err err = { 0 };
    char key[16];
    int code = SMG_E_IO;

    (void)state;
    for (int i = 0; i < 300; i++) {
        snprintf(key, sizeof key, "k%03d", i);
        assert_int_equal(put(session, key, "v", SMG_NEW), SMG_OK);
    }
    session_close(session);
    for (int call = 1; code != SMG_OK && call < 100; call++) {
        void *opened = NULL;
        int seen = 0;

        cut_next(&proxy, call, call % 2 == 0);
        code = session_open(mariadb, &opened, &err);
        if (code == SMG_OK) {
            code = session_scan(opened, &scan, count_seen, &seen, &err);
            session_close(opened);
        }
        assert_true(code == SMG_OK ? seen == 300 : seen < 300);
        cut_next(&proxy, 0, false);
        session_close(begin_soon());
    }
    assert_int_equal(code, SMG_OK);
}

/* ---- a commit that hangs in the server ---- */

static MYSQL *blocker;

static void run(MYSQL *db, const char *sql)
{
    if (mysql_query(db, sql) != 0)
        fail_msg("%s: %s", sql, mysql_error(db));
}

/* Commits wait from now on; this one is known to have arrived when somebody waits. */
static void block_commits(void *ctx, const char *at, size_t len)
{
    (void)ctx;
    if (len == 11 && memcmp(at + 5, "COMMIT", 6) == 0 && proxy.cut_at == -1) {
        run(blocker, "FLUSH TABLES WITH READ LOCK");
        atomic_store(&proxy.cut_at, atomic_load(&proxy.calls));
        atomic_store(&proxy.cut_after, true);
    }
}

static void wait_for_waiting_commit(void)
{
    const struct timespec moment = { .tv_nsec = 5000000 };
    struct smg_err err = { 0 };
    char cells[1][CELL_BYTES];
    bool found = false;

    for (int i = 0; i < 2000 && !found; i++) {
        assert_int_equal(connection_row(blocker,
                                        "SELECT ID FROM information_schema.PROCESSLIST WHERE "
                                        "INFO='COMMIT' AND STATE LIKE 'Waiting%'",
                                        cells, 1, &found, &err),
                         SMG_OK);
        nanosleep(&moment, NULL);
    }
    assert_true(found);
}

/* *later: is the row there once the server goes on? */
static void hang_a_commit(bool settle, bool *later)
{
    struct session *session;

    blocker = mysql_init(NULL);
    assert_non_null(mysql_real_connect(blocker, NULL, "root", "", NULL, 0, server.socket, 0));
    proxy.before = block_commits;
    cut_next(&proxy, -1, false);
    session = begin_soon();
    assert_int_equal(put(session, "hung", "1", SMG_NEW), SMG_E_UNKNOWN);
    wait_for_waiting_commit();
    session_close(session);
    cut_next(&proxy, 0, false);
    proxy.before = NULL;
    if (!settle)
        mariadb->doubt_count = 0;
    session = begin_soon();
    assert_false(has(session, "hung")); /* so the store is told that nothing was written */
    run(blocker, "UNLOCK TABLES");
    mysql_close(blocker);
    /* A batch after it, so that the hung one has had its turn. */
    assert_int_equal(put(session, "next", "1", SMG_ALWAYS), SMG_OK);
    *later = has(session, "hung");
    for (int i = 0; i < 500 && !settle && !*later; i++)
        *later = has(session, "hung");
    session_close(session);
}

static void test_a_commit_that_was_given_up_never_comes_through(void **state)
{
    bool later = true;

    (void)state;
    hang_a_commit(true, &later);
    assert_false(later);
}

static void test_control_without_ending_the_lost_connection_it_would(void **state)
{
    bool later = false;

    (void)state;
    hang_a_commit(false, &later);
    assert_true(later);
}

#define CUT_CASE(test) cmocka_unit_test_setup_teardown(test, set_up_cut, tear_down_cut)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CUT_CASE(test_what_is_said_of_a_batch_is_true_whichever_call_is_cut),
        CUT_CASE(test_a_read_that_is_cut_fails_and_shows_nothing_twice),
        CUT_CASE(test_a_commit_that_was_given_up_never_comes_through),
        CUT_CASE(test_control_without_ending_the_lost_connection_it_would),
    };

    return cmocka_run_group_tests(tests, start_server, end_server);
}
