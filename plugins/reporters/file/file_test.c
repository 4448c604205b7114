/* SPDX-License-Identifier: Apache-2.0 */
/* Reports in a file: whole lines, each id once, also after a restart and a power cut. */
#include "file.c"

#include "base/str.h"

#include <setjmp.h>
#include <sys/resource.h>
#include <signal.h>
#include <cmocka.h>

struct bench {
    struct smg_host host;
    struct config config;
    char folder[32], path[64];
    void *self;
    unsigned dones;
    struct smg_err err;
    char text[4096];
};

static void bench_done(const struct smg_host *host, struct smg_op *op, const struct smg_err *err)
{
    struct bench *bench = host->priv;

    (void)op;
    bench->dones++;
    bench->err = err == NULL ? (struct smg_err){ 0 } : *err;
}

static void bench_log(const struct smg_host *host, enum smg_level level, const char *fmt, ...)
{
    (void)host, (void)level, (void)fmt;
}

static int start(struct bench *bench)
{
    return smg_plugin_file.start(bench->self, &bench->err);
}

static void stop(struct bench *bench)
{
    smg_plugin_file.stop(bench->self);
}

static int make_bench(void **state)
{
    struct bench *bench = calloc(1, sizeof *bench);

    if (bench == NULL)
        return -1;
    strcpy(bench->folder, "/tmp/shiming-file-XXXXXX");
    if (mkdtemp(bench->folder) == NULL)
        return -1;
    snprintf(bench->path, sizeof bench->path, "%s/reports.jsonl", bench->folder);
    bench->host = (struct smg_host){
        .size = sizeof bench->host, .priv = bench, .log = bench_log, .done = bench_done
    };
    bench->config.path = bench->path;
    *state = bench;
    return smg_plugin_file.open(&bench->host, &bench->config, &bench->self, &bench->err);
}

static int free_bench(void **state)
{
    struct bench *bench = *state;

    smg_plugin_file.close(bench->self);
    unlink(bench->path);
    rmdir(bench->folder);
    free(bench);
    return 0;
}

static int submit_report(struct bench *bench, const char *id, const char *report)
{
    unsigned before = bench->dones;

    smg_plugin_file.reporter->submit(bench->self, NULL, str_of(id), str_of(report));
    assert_int_equal(bench->dones, before + 1);
    return bench->err.code;
}

static const char *contents(struct bench *bench)
{
    int fd = open(bench->path, O_RDONLY | O_CLOEXEC);
    ssize_t len = read(fd, bench->text, sizeof bench->text - 1);

    assert_true(len >= 0);
    close(fd);
    bench->text[len] = '\0';
    return bench->text;
}

static void put_contents(struct bench *bench, const char *text)
{
    int fd = open(bench->path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    close(fd);
}

static void test_a_report_is_a_line_that_begins_with_its_id(void **state)
{
    struct bench *bench = *state;

    assert_int_equal(start(bench), SMG_OK);
    assert_int_equal(submit_report(bench, "r-1", "{\"what\":\"x\"}"), SMG_OK);
    assert_int_equal(submit_report(bench, "r-2", "{}"), SMG_OK);
    assert_string_equal(contents(bench),
                        "{\"report_id\":\"r-1\",\"what\":\"x\"}\n{\"report_id\":\"r-2\"}\n");
    stop(bench);
}

static void test_only_the_owner_may_read_it(void **state)
{
    struct bench *bench = *state;
    struct stat info;

    assert_int_equal(start(bench), SMG_OK);
    assert_int_equal(stat(bench->path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
    stop(bench);
}

static void test_an_id_is_written_once_also_after_a_restart(void **state)
{
    struct bench *bench = *state;

    for (int i = 0; i < 2; i++) {
        assert_int_equal(start(bench), SMG_OK);
        assert_int_equal(submit_report(bench, "r-1", "{\"n\":1}"), SMG_OK);
        assert_int_equal(submit_report(bench, "r-1", "{\"n\":2}"), SMG_OK);
        stop(bench);
    }
    assert_string_equal(contents(bench), "{\"report_id\":\"r-1\",\"n\":1}\n");
}

static void test_a_line_torn_by_a_power_cut_is_written_again(void **state)
{
    struct bench *bench = *state;

    put_contents(bench, "{\"report_id\":\"r-1\"}\n{\"report_id\":\"r-2\",\"wh");
    assert_int_equal(start(bench), SMG_OK);
    assert_int_equal(submit_report(bench, "r-2", "{\"what\":1}"), SMG_OK);
    assert_string_equal(contents(bench),
                        "{\"report_id\":\"r-1\"}\n{\"report_id\":\"r-2\",\"what\":1}\n");
    stop(bench);
}

static void test_strange_lines_are_left_alone(void **state)
{
    struct bench *bench = *state;

    put_contents(bench, "\n{}\n{\"report_id\":\"\"}\n{\"report_id\":\"unended\n");
    assert_int_equal(start(bench), SMG_OK);
    assert_int_equal(submit_report(bench, "unended", "{}"), SMG_OK);
    assert_string_equal(contents(bench), "\n{}\n{\"report_id\":\"\"}\n{\"report_id\":\"unended\n"
                                         "{\"report_id\":\"unended\"}\n");
    stop(bench);
}

static void test_what_cannot_be_one_line_of_json_is_refused(void **state)
{
    static const char *const reports[] = { "", "{", "[]", "{\n}", "x{}", "{}x" };
    static const char *const ids[] = { "", "a b", "a\"b", "a\nb" };
    char long_id[ID_BYTES + 1];
    struct bench *bench = *state;

    assert_int_equal(start(bench), SMG_OK);
    for (size_t i = 0; i < sizeof reports / sizeof *reports; i++)
        assert_int_equal(submit_report(bench, "r-1", reports[i]), SMG_E_INVALID);
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++)
        assert_int_equal(submit_report(bench, ids[i], "{}"), SMG_E_INVALID);
    memset(long_id, '7', ID_BYTES);
    long_id[ID_BYTES] = '\0';
    assert_int_equal(submit_report(bench, long_id, "{}"), SMG_E_INVALID);
    assert_string_equal(contents(bench), "");
    stop(bench);
}

static void test_a_second_writer_is_kept_out(void **state)
{
    struct bench *bench = *state;
    struct smg_err err = { 0 };
    void *other = NULL;

    assert_int_equal(start(bench), SMG_OK);
    assert_int_equal(smg_plugin_file.open(&bench->host, &bench->config, &other, &err), SMG_OK);
    assert_int_equal(smg_plugin_file.start(other, &err), SMG_E_BUSY);
    smg_plugin_file.close(other);
    stop(bench);
}

static void test_a_folder_or_a_missing_folder_does_not_start(void **state)
{
    struct bench *bench = *state;

    bench->config.path = bench->folder;
    assert_int_equal(start(bench), SMG_E_IO);
    bench->config.path = "/tmp/shiming-no-such-folder/reports.jsonl";
    assert_int_equal(start(bench), SMG_E_IO);
    bench->config.path = "/dev/null";
    assert_int_equal(start(bench), SMG_E_INVALID);
}

static void test_a_full_disk_leaves_no_piece_of_a_line(void **state)
{
    struct rlimit before, small;
    struct bench *bench = *state;

    assert_int_equal(start(bench), SMG_OK);
    assert_int_equal(submit_report(bench, "r-1", "{}"), SMG_OK);
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    small = (struct rlimit){ .rlim_cur = 30, .rlim_max = before.rlim_max };
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    assert_int_equal(submit_report(bench, "r-2", "{\"long\":\"enough\"}"), SMG_E_FULL);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_string_equal(contents(bench), "{\"report_id\":\"r-1\"}\n");
    assert_int_equal(submit_report(bench, "r-2", "{}"), SMG_OK);
    assert_string_equal(contents(bench), "{\"report_id\":\"r-1\"}\n{\"report_id\":\"r-2\"}\n");
    stop(bench);
}

static void test_the_last_ten_thousand_ids_are_known(void **state)
{
    struct bench *bench = *state;
    struct file *file = bench->self;
    char id[32];

    assert_int_equal(start(bench), SMG_OK);
    for (int i = 0; i < IDS_KEPT + 5; i++) {
        snprintf(id, sizeof id, "r-%d", i);
        keep_id(file, str_of(id));
    }
    assert_int_equal(file->count, IDS_KEPT);
    assert_false(has_id(file, str_of("r-4")));
    assert_true(has_id(file, str_of("r-5")));
    assert_true(has_id(file, str_of(id)));
    stop(bench);
}

int main(void)
{
#define ON_BENCH(test) cmocka_unit_test_setup_teardown(test, make_bench, free_bench)
    const struct CMUnitTest tests[] = {
        ON_BENCH(test_a_report_is_a_line_that_begins_with_its_id),
        ON_BENCH(test_only_the_owner_may_read_it),
        ON_BENCH(test_an_id_is_written_once_also_after_a_restart),
        ON_BENCH(test_a_line_torn_by_a_power_cut_is_written_again),
        ON_BENCH(test_strange_lines_are_left_alone),
        ON_BENCH(test_what_cannot_be_one_line_of_json_is_refused),
        ON_BENCH(test_a_second_writer_is_kept_out),
        ON_BENCH(test_a_folder_or_a_missing_folder_does_not_start),
        ON_BENCH(test_a_full_disk_leaves_no_piece_of_a_line),
        ON_BENCH(test_the_last_ten_thousand_ids_are_known),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
