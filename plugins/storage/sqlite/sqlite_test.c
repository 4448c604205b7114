/* SPDX-License-Identifier: Apache-2.0 */
/* What is SQLite's own about this storage: its file, its settings, its log, and I/O errors. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "apply.c"
#include "checkpoint.c"
#include "connection.c"
#include "session.c"
#include "sqlite.c"

#include <dirent.h>

static char folder[64], path[96];
static struct config config;
static struct smg_host host;
static struct sqlite *sqlite;
static struct session *session;
static int warnings, out_of_service, ready;

static void count_log(const struct smg_host *from, enum smg_level level, const char *fmt, ...)
{
    (void)from;
    (void)fmt;
    warnings += level == SMG_WARN;
}

static void count_state(const struct smg_host *from, enum smg_state state, const char *why)
{
    (void)from;
    (void)why;
    out_of_service += state == SMG_OUT_OF_SERVICE;
    ready += state == SMG_READY;
}

static int try_start(struct smg_err *err)
{
    void *self = NULL;
    int code = open_instance(&host, &config, &self, err);

    assert_int_equal(code, SMG_OK);
    code = start(self, err);
    if (code < 0)
        close_instance(self);
    else
        sqlite = self;
    return code;
}

static void begin(void)
{
    struct smg_err err = { 0 };
    void *opened = NULL;

    if (try_start(&err) < 0)
        fail_msg("%s", err.text);
    assert_int_equal(session_open(sqlite, &opened, &err), SMG_OK);
    session = opened;
}

static void end(void)
{
    session_close(session);
    stop(sqlite);
    close_instance(sqlite);
}

static int set_up(void **state)
{
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/shiming-sqlite-XXXXXX");
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/store.db", folder);
    config = (struct config){ .path = path, .synchronous = "full", .busy = 200, .cache = 1 << 20 };
    host = (struct smg_host){ .size = sizeof host, .log = count_log, .state = count_state };
    warnings = out_of_service = ready = 0;
    begin();
    return 0;
}

static void erase_files(void)
{
    DIR *files = opendir(folder);
    struct dirent *entry;

    while (files != NULL && (entry = readdir(files)) != NULL) {
        if (entry->d_name[0] != '.')
            unlinkat(dirfd(files), entry->d_name, 0);
    }
    closedir(files);
    rmdir(folder);
}

static int tear_down(void **state)
{
    (void)state;
    end();
    erase_files();
    return 0;
}

static int apply_row(enum smg_act act, const char *key, const void *at, size_t len)
{
    struct smg_row row = {
        .space = SMG_SPACE_KEY, .act = act, .key = { key, strlen(key) }, .value = { at, len }
    };
    struct smg_unit unit = { &row, 1 };
    struct smg_err err = { 0 };
    bool refused = false;

    return session_apply(session, &unit, 1, &refused, &err);
}

static int put(const char *key, const char *value)
{
    return apply_row(SMG_PUT, key, value, strlen(value));
}

static bool count_row(void *ctx, struct smg_str key, struct smg_str value)
{
    int *count = ctx;

    (void)key;
    (void)value;
    ++*count;
    return true;
}

static bool has(const char *key)
{
    struct smg_str asked = { key, strlen(key) };
    struct smg_err err = { 0 };
    int count = 0;

    assert_int_equal(session_get(session, SMG_SPACE_KEY, &asked, 1, count_row, &count, &err),
                     SMG_OK);
    return count == 1;
}

static off_t size_of(const char *suffix)
{
    char name[128];
    struct stat about;

    snprintf(name, sizeof name, "%s%s", path, suffix);
    return stat(name, &about) == 0 ? about.st_size : -1;
}

/* Change bytes of the file while nobody has it open. */
static void patch(off_t at, const void *bytes, size_t len)
{
    int fd = open(path, O_RDWR);

    assert_true(fd >= 0);
    assert_int_equal(pwrite(fd, bytes, len, at), (ssize_t)len);
    close(fd);
}

static void test_only_the_owner_can_open_the_files(void **state)
{
    static const char *const suffixes[] = { "", "-wal", "-shm" };
    struct stat about;
    char name[128];

    (void)state;
    assert_int_equal(put("a", "1"), SMG_OK);
    for (int i = 0; i < 3; i++) {
        snprintf(name, sizeof name, "%s%s", path, suffixes[i]);
        assert_int_equal(stat(name, &about), 0);
        assert_int_equal(about.st_mode & 0777, 0600);
    }
    assert_int_equal(warnings, 0);
    end();
    chmod(path, 0644);
    begin();
    assert_int_equal(warnings, 1);
}

static void test_a_newer_format_is_refused_in_clear_words(void **state)
{
    struct smg_err err = { 0 };

    (void)state;
    assert_int_equal(put("a", "1"), SMG_OK);
    end();
    patch(60, "\0\0\0\x02", 4); /* user_version */
    assert_int_equal(try_start(&err), SMG_E_UNSUPPORTED);
    assert_non_null(strstr(err.text, "format 2"));
    patch(60, "\0\0\0\x01", 4);
    begin();
    assert_true(has("a"));
}

static void test_another_programs_database_is_left_alone(void **state)
{
    struct smg_err err = { 0 };

    (void)state;
    end();
    patch(68, "\0\0\0\x07", 4); /* application_id */
    assert_int_equal(try_start(&err), SMG_E_INVALID);
    patch(68, "Shmg", 4);
    begin();
}

static void test_a_file_that_is_no_database_is_refused(void **state)
{
    struct smg_err err = { 0 };

    (void)state;
    end();
    patch(0, "not a database, is it", 21);
    assert_int_equal(try_start(&err), SMG_E_IO);
    unlink(path);
    begin();
}

static void test_a_folder_that_is_not_there_is_named(void **state)
{
    struct smg_err err = { 0 };

    (void)state;
    end();
    config.path = "/nonexistent/shiming/store.db";
    assert_int_equal(try_start(&err), SMG_E_IO);
    assert_non_null(strstr(err.text, "/nonexistent/shiming/store.db"));
    config.path = path;
    begin();
}

static void test_a_full_database_says_so_and_takes_rows_again_when_some_are_gone(void **state)
{
    static char large[100000];
    char key[16];
    int code = SMG_OK, i = 0;
    struct smg_err err = { 0 };

    (void)state;
    end();
    config.size_limit = 1 << 20;
    begin();
    while (code == SMG_OK && i < 100) {
        snprintf(key, sizeof key, "k%d", i++);
        code = apply_row(SMG_PUT, key, large, sizeof large);
    }
    assert_int_equal(code, SMG_E_FULL);
    assert_false(has(key));
    assert_true(has("k0"));
    assert_int_equal(session_check(session, &err), SMG_OK);
    assert_int_equal(out_of_service, 0);
    assert_int_equal(apply_row(SMG_ERASE, "k0", NULL, 0), SMG_OK);
    assert_int_equal(apply_row(SMG_PUT, key, large, sizeof large), SMG_OK);
}

static void test_settings_that_would_lose_data_fail_the_check(void **state)
{
    struct smg_err err = { 0 };

    (void)state;
    assert_int_equal(session_check(session, &err), SMG_OK);
    assert_int_equal(sqlite3_exec(session->db, "PRAGMA synchronous=NORMAL", NULL, NULL, NULL),
                     SQLITE_OK);
    assert_int_equal(session_check(session, &err), SMG_E_INVALID);
    sqlite3_exec(session->db, "PRAGMA synchronous=EXTRA", NULL, NULL, NULL);
    assert_int_equal(session_check(session, &err), SMG_OK);
    sqlite3_exec(session->db, "PRAGMA secure_delete=OFF", NULL, NULL, NULL);
    assert_int_equal(session_check(session, &err), SMG_E_INVALID);
}

static void test_after_an_io_error_nothing_is_written_until_the_check(void **state)
{
    struct smg_err err = { 0 };

    (void)state;
    connection_mark_failed(sqlite, "a flush failed");
    connection_mark_failed(sqlite, "another one");
    assert_int_equal(out_of_service, 1);
    assert_int_equal(put("a", "1"), SMG_E_IO);
    assert_int_equal(session_check(session, &err), SMG_OK);
    assert_int_equal(ready, 1);
    assert_int_equal(put("a", "1"), SMG_OK);
    assert_true(has("a"));
}

static void test_the_check_after_an_io_error_settles_the_log(void **state)
{
    struct smg_err err = { 0 };

    (void)state;
    assert_int_equal(put("a", "1"), SMG_OK);
    connection_mark_failed(sqlite, "a flush failed");
    assert_true(size_of("-wal") > 0);
    assert_int_equal(session_check(session, &err), SMG_OK);
    assert_int_equal(size_of("-wal"), 0);
    assert_true(has("a"));
}

static void test_a_damaged_page_fails_the_check(void **state)
{
    struct smg_err err = { 0 };
    char key[16];

    (void)state;
    for (int i = 0; i < 200; i++) {
        snprintf(key, sizeof key, "k%d", i);
        assert_int_equal(put(key, "a value that fills a few pages of the table of keys"), SMG_OK);
    }
    end();
    patch(size_of("") - PAGE_BYTES, "\x55\x55\x55\x55\x55\x55\x55\x55", 8);
    begin();
    assert_int_equal(session_check(session, &err), SMG_E_IO);
    assert_int_equal(put("a", "1"), SMG_E_IO); /* and until it passes, nothing is written */
}

static bool file_contains(const char *suffix, const char *text)
{
    char name[128];
    FILE *file;
    size_t len;
    char *bytes;
    bool found;

    snprintf(name, sizeof name, "%s%s", path, suffix);
    file = fopen(name, "r");
    if (file == NULL)
        return false;
    bytes = calloc(1, 1 << 22);
    len = fread(bytes, 1, 1 << 22, file);
    fclose(file);
    found = memmem(bytes, len, text, strlen(text)) != NULL;
    free(bytes);
    return found;
}

static void test_an_erased_key_is_in_no_file_after_a_quiet_moment(void **state)
{
    static const char secret[] = "wrapped-key-of-a-registration-that-was-destroyed";

    (void)state;
    for (int i = 0; i < 20; i++)
        assert_int_equal(put((char[]){ (char)('A' + i), '\0' }, "another"), SMG_OK);
    assert_int_equal(put("doomed", secret), SMG_OK);
    assert_true(file_contains("", secret) || file_contains("-wal", secret));
    assert_int_equal(apply_row(SMG_ERASE, "doomed", NULL, 0), SMG_OK);
    /* The checkpointer's work, done here so that the test need not wait for its second of quiet. */
    assert_true(move_log(sqlite, SQLITE_CHECKPOINT_TRUNCATE));
    assert_false(file_contains("", secret));
    assert_false(file_contains("-wal", secret));
    assert_true(has("A"));
}

static void test_the_log_begins_anew_when_it_is_large(void **state)
{
    static char large[1 << 20];
    struct smg_err err = { 0 };
    char key[16];

    (void)state;
    checkpoint_stop(sqlite); /* as if it never found its moment */
    for (int i = 0; i < 150; i++) {
        snprintf(key, sizeof key, "k%d", i % 3);
        memset(large, i, sizeof large); /* what stays the same is not written again */
        assert_int_equal(apply_row(SMG_PUT, key, large, sizeof large), SMG_OK);
    }
    assert_true(size_of("-wal") > WAL_BYTES / 2);
    assert_true(size_of("-wal") < WAL_BYTES + (8 << 20));
    assert_int_equal(checkpoint_start(sqlite, &err), SMG_OK);
}

static void test_a_unit_that_names_a_new_key_twice_is_a_mistake(void **state)
{
    struct smg_row rows[2] = { { .space = SMG_SPACE_KEY,
                                 .act = SMG_PUT,
                                 .when = SMG_NEW,
                                 .key = SMG_STR("a"),
                                 .value = SMG_STR("1") } };
    struct smg_unit unit = { rows, 2 };
    struct smg_err err = { 0 };
    bool refused = false;

    (void)state;
    rows[1] = rows[0];
    assert_int_equal(session_apply(session, &unit, 1, &refused, &err), SMG_E_INVALID);
    assert_false(has("a"));
    rows[0].space = (enum smg_space)SPACE_END;
    assert_int_equal(session_apply(session, &unit, 1, &refused, &err), SMG_E_INVALID);
    assert_int_equal(put("a", "1"), SMG_OK);
}

static void test_a_writer_elsewhere_is_waited_for_and_then_told_of(void **state)
{
    sqlite3 *other = NULL;

    (void)state;
    config.busy = 30;
    sqlite3_busy_timeout(session->db, 30);
    assert_int_equal(sqlite3_open(path, &other), SQLITE_OK);
    assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(put("a", "1"), SMG_E_BUSY);
    sqlite3_exec(other, "ROLLBACK", NULL, NULL, NULL);
    sqlite3_close(other);
    assert_int_equal(put("a", "1"), SMG_OK);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_only_the_owner_can_open_the_files),
        CASE(test_a_newer_format_is_refused_in_clear_words),
        CASE(test_another_programs_database_is_left_alone),
        CASE(test_a_file_that_is_no_database_is_refused),
        CASE(test_a_folder_that_is_not_there_is_named),
        CASE(test_a_full_database_says_so_and_takes_rows_again_when_some_are_gone),
        CASE(test_settings_that_would_lose_data_fail_the_check),
        CASE(test_after_an_io_error_nothing_is_written_until_the_check),
        CASE(test_the_check_after_an_io_error_settles_the_log),
        CASE(test_a_damaged_page_fails_the_check),
        CASE(test_an_erased_key_is_in_no_file_after_a_quiet_moment),
        CASE(test_the_log_begins_anew_when_it_is_large),
        CASE(test_a_unit_that_names_a_new_key_twice_is_a_mistake),
        CASE(test_a_writer_elsewhere_is_waited_for_and_then_told_of),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
