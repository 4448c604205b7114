/* SPDX-License-Identifier: Apache-2.0 */
/* What is MariaDB's own about this storage: which servers, set how, with which tables. */
#include "fixture.h"

static int start_server(void **state)
{
    (void)state;
    mariadb_start(&server, NULL);
    return 0;
}

static int end_server(void **state)
{
    (void)state;
    mariadb_end(&server);
    return 0;
}

static void expect_words(const struct smg_err *err, const char *words)
{
    if (strstr(err->text, words) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", err->text, words);
}

/* A session cannot be opened, and is told why. */
static void expect_no_session(const char *words)
{
    struct smg_err err = { 0 };
    void *session = NULL;

    open_again();
    assert_true(session_open(mariadb, &session, &err) < 0);
    expect_words(&err, words);
}

/* A session is opened, and its check says why the store is not to be trusted. */
static void expect_refusal(const char *words)
{
    struct session *session = begin();
    struct smg_err err = { 0 };

    assert_true(session_check(session, &err) < 0);
    expect_words(&err, words);
    session_close(session);
}

static void expect_trust(void)
{
    struct session *session = begin();
    struct smg_err err = { 0 };

    if (session_check(session, &err) < 0)
        fail_msg("%s", err.text);
    session_close(session);
}

/* ---- which servers ---- */

static void test_servers_are_named_by_host_port_address_or_path(void **state)
{
    (void)state;
    config.hosts = "localhost, 127.0.0.1:3307 ,[::1]:3308,[::1], /run/a:b,localhost:1";
    open_again();
    assert_int_equal(mariadb->server_count, 6);
    assert_string_equal(mariadb->servers[0].name, "localhost");
    assert_int_equal(mariadb->servers[0].port, 3306);
    assert_string_equal(mariadb->servers[1].name, "127.0.0.1");
    assert_int_equal(mariadb->servers[1].port, 3307);
    assert_string_equal(mariadb->servers[2].name, "::1");
    assert_int_equal(mariadb->servers[2].port, 3308);
    assert_int_equal(mariadb->servers[3].port, 3306);
    assert_string_equal(mariadb->servers[4].name, "/run/a:b");
    assert_int_equal(mariadb->servers[4].port, 0);
    assert_int_equal(mariadb->servers[5].port, 1);
}

static void test_names_that_are_no_servers_are_refused(void **state)
{
    static const char *const bad[] = { "",
                                       ",localhost",
                                       "localhost,",
                                       ":3306",
                                       "localhost:",
                                       "localhost:0",
                                       "localhost:65536",
                                       "localhost:33x",
                                       "localhost:-1",
                                       "[::1",
                                       "[::1]3306",
                                       "[]:3306",
                                       "::1",
                                       "localhost:3306:3307",
                                       "/a,/b,/c,/d,/e,/f,/g,/h,/i" };
    struct smg_err err = { 0 };

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        tear_down(NULL);
        config.hosts = bad[i];
        assert_int_equal(try_open(&err), SMG_E_INVALID);
        expect_words(&err, "hosts");
    }
}

static void test_another_machine_is_only_reached_with_proof_of_who_it_is(void **state)
{
    struct smg_err err = { 0 };

    (void)state;
    tear_down(NULL);
    config.hosts = "localhost, db.example";
    assert_int_equal(try_open(&err), SMG_E_INVALID);
    expect_words(&err, "db.example is another machine; name the certificate");
    config.ca = "/nowhere/ca.pem";
    config.certificate = "/nowhere/own.pem";
    assert_int_equal(try_open(&err), SMG_E_INVALID);
    expect_words(&err, "certificate and key go together");
    config.key = "/nowhere/own.key";
    assert_int_equal(try_open(&err), SMG_OK);
}

static void test_the_next_server_is_taken_when_one_is_away(void **state)
{
    char hosts[300];
    struct session *session;

    (void)state;
    snprintf(hosts, sizeof hosts, "/nowhere/s.sock, 127.0.0.1:1, %s", server.socket);
    config.hosts = hosts;
    open_again();
    session = begin();
    assert_int_equal(put(session, "a", "1", SMG_NEW), SMG_OK);
    session_close(session);
    assert_int_equal(mariadb->current, 2); /* and stays the first choice */
    assert_int_equal(out_of_service, 0);
}

static void test_every_server_away_is_said_once_with_the_first_ones_reason(void **state)
{
    struct smg_err err = { 0 };
    void *session = NULL;

    (void)state;
    config.hosts = "/nowhere/s.sock, 127.0.0.1:1";
    open_again();
    assert_int_equal(session_open(mariadb, &session, &err), SMG_E_IO);
    expect_words(&err, "/nowhere/s.sock");
    for (int i = 0; i < 20; i++)
        assert_int_equal(session_open(mariadb, &session, &err), SMG_E_IO);
    assert_int_equal(out_of_service, 1);
    assert_non_null(strstr(said, "/nowhere/s.sock"));
}

/* ---- who we are ---- */

static void test_a_wrong_password_is_told_and_not_shown(void **state)
{
    static const char secret[] = "correct-horse-battery";
    char path[128];
    FILE *file;

    (void)state;
    snprintf(path, sizeof path, "%s/wrong", server.folder);
    file = fopen(path, "w");
    assert_non_null(file);
    fprintf(file, "%s\n", secret);
    fclose(file);
    chmod(path, 0600);
    config.password_file = path;
    expect_no_session("Access denied");
    assert_null(strstr(said, secret));
    chmod(path, 0604);
    expect_no_session("chmod 600");
    config.password_file = "/nowhere/password";
    expect_no_session("password_file /nowhere/password");
}

static void test_a_changed_password_needs_no_restart(void **state)
{
    char path[128];

    (void)state;
    snprintf(path, sizeof path, "%s/changed", server.folder);
    mariadb_shell("umask 077; echo first > %s", path);
    config.password_file = path;
    mariadb_sql(&server, "CREATE OR REPLACE USER other@localhost IDENTIFIED BY 'first'; "
                         "GRANT ALL ON shiming.* TO other@localhost");
    config.account = "other";
    open_again();
    session_close(begin());
    mariadb_shell("echo second > %s", path);
    mariadb_sql(&server, "ALTER USER other@localhost IDENTIFIED BY 'second'");
    session_close(begin());
}

/* ---- how they are set ---- */

static void test_a_server_that_forgets_is_refused(void **state)
{
    (void)state;
    expect_trust();
    mariadb_sql(&server, "SET GLOBAL innodb_flush_log_at_trx_commit=2");
    expect_refusal("innodb_flush_log_at_trx_commit is 2; set it to 1");
    mariadb_sql(&server, "SET GLOBAL innodb_flush_log_at_trx_commit=0");
    expect_refusal("innodb_flush_log_at_trx_commit is 0; set it to 1");
    mariadb_sql(&server, "SET GLOBAL innodb_flush_log_at_trx_commit=1");
    expect_trust();
}

static void test_a_server_with_small_packets_is_refused(void **state)
{
    (void)state;
    mariadb_sql(&server, "SET GLOBAL max_allowed_packet=16777216");
    expect_refusal("max_allowed_packet is 16777216, values may have 16 MiB; set it to 64M");
    mariadb_sql(&server, "SET GLOBAL max_allowed_packet=67108864");
    expect_trust();
}

static void test_a_read_only_server_is_refused(void **state)
{
    (void)state;
    mariadb_sql(&server, "SET GLOBAL read_only=1");
    expect_no_session("set read_only=OFF");
    mariadb_sql(&server, "SET GLOBAL read_only=0");
    open_again();
    expect_trust();
}

/* Settings a server takes only when it starts: as it would tell them. */
static void test_settings_that_lose_data_are_each_named(void **state)
{
    static const struct {
        int which;
        const char *value, *words;
    } bad[] = {
        { DOUBLEWRITE, "0", "set innodb_doublewrite=ON" },
        { METHOD, "nosync", "innodb_flush_method is nosync" },
        { RECOVERY, "1", "innodb_force_recovery is 1" },
        { READ_ONLY, "1", "innodb_read_only 1" },
        { SYNC_BINLOG, "0", "sync_binlog is 0; set it to 1" },
        { FORMAT, "STATEMENT", "set it to ROW or MIXED" },
        { ISOLATION, "READ-UNCOMMITTED", "isolation READ-UNCOMMITTED" },
        { ISOLATION, "REPEATABLE-READ", "isolation REPEATABLE-READ" },
        { CHARSET, "utf8mb4", "charset utf8mb4" },
        { MODE, "", "strict" },
        { COMMITTING, "0", "autocommit 0" },
    };
    static const char *const good[SETTINGS] = { "1",
                                                "1",
                                                "O_DIRECT",
                                                "0",
                                                "1",
                                                "1",
                                                "ROW",
                                                "67108864",
                                                "READ-COMMITTED",
                                                "binary",
                                                "STRICT_ALL_TABLES",
                                                "1",
                                                "0" };

    (void)state;
    for (size_t i = 0; i <= sizeof bad / sizeof *bad; i++) {
        bool spoilt = i < sizeof bad / sizeof *bad;
        char cells[SETTINGS][CELL_BYTES];
        struct smg_err err = { 0 };

        for (int which = 0; which < SETTINGS; which++)
            snprintf(cells[which], CELL_BYTES, "%s",
                     spoilt && which == bad[i].which ? bad[i].value : good[which]);
        assert_int_equal(check_settings(cells, false, &err), spoilt ? SMG_E_INVALID : SMG_OK);
        if (spoilt)
            expect_words(&err, bad[i].words);
    }
}

static void test_a_session_whose_settings_changed_is_refused(void **state)
{
    static const char *const changes[] = { "SET SESSION tx_isolation='READ-UNCOMMITTED'",
                                           "SET NAMES utf8mb4", "SET SESSION sql_mode=''",
                                           "SET SESSION autocommit=0" };

    (void)state;
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        struct session *session = begin();
        struct smg_err err = { 0 };

        assert_int_equal(session_check(session, &err), SMG_OK);
        assert_int_equal(connection_run(session->db, changes[i], "test", &err), SMG_OK);
        assert_int_equal(session_check(session, &err), SMG_E_INVALID);
        session_close(session);
    }
}

static void test_an_account_without_a_privilege_is_told_which_to_grant(void **state)
{
    static const char *const privileges[] = { "SELECT", "INSERT", "UPDATE", "DELETE" };
    char sql[128];

    (void)state;
    mariadb_sql(&server, "CREATE OR REPLACE USER poor@localhost");
    config.account = "poor";
    config.password_file = NULL;
    for (size_t i = 0; i < 4; i++) {
        mariadb_sql(&server, "GRANT SELECT, INSERT, UPDATE, DELETE ON shiming.* TO poor@localhost");
        open_again();
        expect_trust();
        snprintf(sql, sizeof sql, "REVOKE %s ON shiming.* FROM poor@localhost", privileges[i]);
        mariadb_sql(&server, sql);
        if (i == 0)
            expect_no_session("GRANT SELECT, INSERT, UPDATE, DELETE");
        else
            expect_refusal("GRANT SELECT, INSERT, UPDATE, DELETE");
    }
}

/* ---- the tables ---- */

static void test_without_a_store_the_way_to_make_one_is_told(void **state)
{
    (void)state;
    mariadb_sql(&server, "DROP DATABASE shiming; CREATE DATABASE shiming");
    expect_no_session("shiming store init");
}

static void test_a_store_of_another_layout_is_refused_with_the_way_out(void **state)
{
    struct smg_err err = { 0 };
    uint32_t found = 0, wanted = 0;

    (void)state;
    mariadb_sql(&server, "UPDATE layout SET version=2");
    expect_no_session("layout 2");
    assert_int_equal(layout_version(mariadb, &found, &wanted, &err), SMG_OK);
    assert_int_equal(found, 2);
    assert_int_equal(wanted, LAYOUT);
    assert_int_equal(layout_make(mariadb, &err), SMG_E_UNSUPPORTED);
    mariadb_sql(&server, "UPDATE layout SET version=1");
    expect_trust();
}

static void test_a_store_half_made_is_finished(void **state)
{
    struct smg_err err = { 0 };

    (void)state;
    mariadb_sql(&server, "DROP TABLE entry; DELETE FROM layout");
    expect_no_session("shiming store init");
    assert_int_equal(layout_make(mariadb, &err), SMG_OK);
    expect_trust();
}

static void test_tables_that_would_lose_or_mix_up_rows_are_refused(void **state)
{
    static const struct {
        const char *change, *words;
    } bad[] = {
        { "ALTER TABLE entry ENGINE=MyISAM", "kept by MyISAM" },
        { "ALTER TABLE entry MODIFY k VARCHAR(255) CHARSET latin1", "varchar(255)" },
        { "ALTER TABLE entry MODIFY v MEDIUMBLOB", "mediumblob" },
        { "ALTER TABLE entry DROP PRIMARY KEY", "k varbinary(255) PRI" },
        { "DROP TABLE entry", "entry` is missing" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        tear_down(NULL);
        set_up(NULL);
        mariadb_sql(&server, bad[i].change);
        expect_refusal(bad[i].words);
    }
}

/* ---- other writers ---- */

static void run(MYSQL *db, const char *sql)
{
    if (mysql_query(db, sql) != 0)
        fail_msg("%s: %s", sql, mysql_error(db));
}

static int put_two(struct session *session)
{
    struct smg_row rows[2] = {
        { .space = SMG_SPACE_KEY, .act = SMG_PUT, .key = SMG_STR("a"), .value = SMG_STR("ours") },
        { .space = SMG_SPACE_CASE, .act = SMG_PUT, .key = SMG_STR("x"), .value = SMG_STR("ours") }
    };
    struct smg_unit unit = { rows, 2 };
    struct smg_err err = { 0 };
    bool refused = false;

    return session_apply(session, &unit, 1, &refused, &err);
}

static void *put_in_thread(void *ctx)
{
    return (void *)(intptr_t)put_two(ctx);
}

/* The other holds the second row of a batch and asks for the first: of the two, InnoDB gives up the
 * one that has written less. It has when this returns. */
static void lose_deadlock(struct session *session, MYSQL *other, pthread_t *thread)
{
    char cells[1][CELL_BYTES] = { "" };
    struct smg_err err = { 0 };
    bool found = false;

    assert_non_null(mysql_real_connect(other, NULL, "root", "", "shiming", 0, server.socket, 0));
    run(other, "START TRANSACTION");
    run(other, "INSERT INTO entry SELECT 12, seq, 'heavy' FROM seq_1_to_500");
    run(other, "INSERT INTO entry VALUES(12, 'x', 'theirs')");
    assert_int_equal(pthread_create(thread, NULL, put_in_thread, session), 0);
    for (int i = 0; i < 500 && !found; i++) {
        connection_row(other,
                       "SELECT 1 FROM information_schema.GLOBAL_STATUS WHERE VARIABLE_NAME="
                       "'INNODB_ROW_LOCK_CURRENT_WAITS' AND VARIABLE_VALUE>0",
                       cells, 1, &found, &err);
        usleep(1000);
    }
    assert_true(found);
    run(other, "INSERT INTO entry VALUES(5, 'a', 'theirs')");
}

static void test_a_deadlock_writes_nothing_and_the_batch_can_be_tried_again(void **state)
{
    struct session *session = begin();
    MYSQL *other = mysql_init(NULL);
    pthread_t thread;
    void *code = NULL;

    (void)state;
    lose_deadlock(session, other, &thread);
    pthread_join(thread, &code); /* the other keeps the rows: waited for once more, and told of */
    assert_int_equal((intptr_t)code, SMG_E_BUSY);
    run(other, "ROLLBACK");
    mysql_close(other);
    assert_false(has(session, "a"));
    assert_int_equal(put_two(session), SMG_OK);
    assert_true(has(session, "a"));
    session_close(session);
}

static void test_a_deadlock_that_was_lost_is_tried_again_by_itself(void **state)
{
    struct session *session = begin();
    MYSQL *other = mysql_init(NULL);
    pthread_t thread;
    void *code = NULL;

    (void)state;
    lose_deadlock(session, other, &thread);
    run(other, "ROLLBACK");
    mysql_close(other);
    pthread_join(thread, &code);
    assert_int_equal((intptr_t)code, SMG_OK);
    assert_true(has(session, "a"));
    session_close(session);
}

/* ---- rows as a cluster's node is sent them ---- */

enum { ROWS_SENT = 2 * MANY_ROWS + 5 };

static int put_rows(struct session *session, enum smg_act act, enum smg_when when, const char *was,
                    const char *value)
{
    struct smg_row rows[ROWS_SENT];
    struct smg_unit unit = { rows, ROWS_SENT };
    struct smg_err err = { 0 };
    char keys[ROWS_SENT][8];
    bool refused = false;

    for (size_t i = 0; i < ROWS_SENT; i++) {
        snprintf(keys[i], sizeof keys[i], "r%02zu", i);
        rows[i] = (struct smg_row){ .space = SMG_SPACE_KEY,
                                    .act = act,
                                    .when = when,
                                    .key = { keys[i], strlen(keys[i]) },
                                    .value = { value, strlen(value) },
                                    .was = { was, strlen(was) } };
    }
    return session_apply(session, &unit, 1, &refused, &err);
}

static int count_rows(struct session *session, const char *value)
{
    char sql[SQL_BYTES], cells[1][CELL_BYTES] = { "" };
    struct smg_err err = { 0 };
    bool found = false;

    snprintf(sql, sizeof sql, "SELECT COUNT(*) FROM entry WHERE v='%s'", value);
    assert_int_equal(connection_row(session->db, sql, cells, 1, &found, &err), SMG_OK);
    return atoi(cells[0]);
}

static void test_many_rows_without_an_array_are_written_as_with_one(void **state)
{
    struct session *session = begin();

    (void)state;
    session->self.in_cluster = true;
    assert_int_equal(put_rows(session, SMG_PUT, SMG_NEW, "", "one"), SMG_OK);
    assert_int_equal(count_rows(session, "one"), ROWS_SENT);
    assert_int_equal(put_rows(session, SMG_PUT, SMG_NEW, "", "two"), SMG_E_EXISTS);
    assert_int_equal(put_rows(session, SMG_PUT, SMG_ALWAYS, "", "three"), SMG_OK);
    assert_int_equal(put_rows(session, SMG_PUT, SMG_IS, "one", "four"), SMG_E_EXISTS);
    assert_int_equal(count_rows(session, "three"), ROWS_SENT);
    assert_int_equal(put_rows(session, SMG_PUT, SMG_IS, "three", "four"), SMG_OK);
    assert_int_equal(put_rows(session, SMG_KEEP, SMG_IS, "four", ""), SMG_OK);
    assert_int_equal(count_rows(session, "four"), ROWS_SENT);
    assert_int_equal(put_rows(session, SMG_ERASE, SMG_ALWAYS, "", ""), SMG_OK);
    assert_false(has(session, "r00"));
    assert_int_equal(put_rows(session, SMG_KEEP, SMG_NEW, "", ""), SMG_OK);
    assert_false(has(session, "r36"));
    session_close(session);
}

static void test_rows_held_by_another_are_waited_for_and_then_told_of(void **state)
{
    struct session *session = begin();
    MYSQL *other = mysql_init(NULL);

    (void)state;
    assert_non_null(mysql_real_connect(other, NULL, "root", "", "shiming", 0, server.socket, 0));
    run(other, "START TRANSACTION");
    run(other, "INSERT INTO entry VALUES(12, 'x', 'theirs')");
    assert_int_equal(put_two(session), SMG_E_BUSY);
    assert_false(has(session, "a"));
    run(other, "ROLLBACK");
    mysql_close(other);
    assert_int_equal(put_two(session), SMG_OK);
    session_close(session);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_servers_are_named_by_host_port_address_or_path),
        CASE(test_names_that_are_no_servers_are_refused),
        CASE(test_another_machine_is_only_reached_with_proof_of_who_it_is),
        CASE(test_the_next_server_is_taken_when_one_is_away),
        CASE(test_every_server_away_is_said_once_with_the_first_ones_reason),
        CASE(test_a_wrong_password_is_told_and_not_shown),
        CASE(test_a_changed_password_needs_no_restart),
        CASE(test_a_server_that_forgets_is_refused),
        CASE(test_a_server_with_small_packets_is_refused),
        CASE(test_a_read_only_server_is_refused),
        CASE(test_settings_that_lose_data_are_each_named),
        CASE(test_a_session_whose_settings_changed_is_refused),
        CASE(test_an_account_without_a_privilege_is_told_which_to_grant),
        CASE(test_without_a_store_the_way_to_make_one_is_told),
        CASE(test_a_store_of_another_layout_is_refused_with_the_way_out),
        CASE(test_a_store_half_made_is_finished),
        CASE(test_tables_that_would_lose_or_mix_up_rows_are_refused),
        CASE(test_a_deadlock_writes_nothing_and_the_batch_can_be_tried_again),
        CASE(test_a_deadlock_that_was_lost_is_tried_again_by_itself),
        CASE(test_rows_held_by_another_are_waited_for_and_then_told_of),
        CASE(test_many_rows_without_an_array_are_written_as_with_one),
    };

    return cmocka_run_group_tests(tests, start_server, end_server);
}
