/* SPDX-License-Identifier: Apache-2.0 */
/* Reports in a file: whole lines, each id once, also after a restart and a power cut. */
#include <semaphore.h>
#include <stdbool.h>
#include <unistd.h>

/* A disk that takes its time when a test says so: it has it when `on_disk` is posted. */
static bool slow;
static sem_t syncing, on_disk;

static int sync_data(int fd)
{
    if (slow) {
        sem_post(&syncing);
        sem_wait(&on_disk);
    }
    return fdatasync(fd);
}

#define fdatasync sync_data
#include "file.c"
#undef fdatasync

#include "base/str.h"

#include <poll.h>
#include <setjmp.h>
#include <sys/resource.h>
#include <signal.h>
#include <cmocka.h>

struct bench {
    struct smg_host host;
    struct config config;
    char folder[32], path[64];
    void *self;
    void (*ready)(void *ctx, int fd, unsigned ready); /* the loop's one watch */
    void *ready_ctx;
    int fd;
    unsigned dones;
    struct smg_op *done; /* the last one */
    struct smg_err err;
    char text[4096];
};

static void bench_done(const struct smg_host *host, struct smg_op *op, const struct smg_err *err)
{
    struct bench *bench = host->priv;

    bench->done = op;
    bench->dones++;
    bench->err = err == NULL ? (struct smg_err){ 0 } : *err;
}

static void bench_log(const struct smg_host *host, enum smg_level level, const char *fmt, ...)
{
    (void)host, (void)level, (void)fmt;
}

static struct smg_watch *bench_watch(const struct smg_host *host, int fd, unsigned ready,
                                     void (*fn)(void *ctx, int fd, unsigned ready), void *ctx)
{
    struct bench *bench = host->priv;

    assert_int_equal(ready, SMG_READABLE);
    bench->fd = fd;
    bench->ready = fn;
    bench->ready_ctx = ctx;
    return (struct smg_watch *)bench;
}

static void bench_unwatch(const struct smg_host *host, struct smg_watch *watch)
{
    assert_ptr_equal(watch, host->priv);
}

/* A turn of the loop, once something is ready; a minute is more than any disk takes. */
static void turn(struct bench *bench)
{
    struct pollfd ready = { .fd = bench->fd, .events = POLLIN };

    assert_int_equal(poll(&ready, 1, 60000), 1);
    bench->ready(bench->ready_ctx, bench->fd, SMG_READABLE);
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
        .size = sizeof bench->host,
        .priv = bench,
        .log = bench_log,
        .done = bench_done,
        .watch = bench_watch,
        .unwatch = bench_unwatch,
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

/* Ops are only told apart. */
static struct smg_op *op(size_t number)
{
    static char places[JOBS_MAX + 2];

    return (struct smg_op *)(void *)&places[number];
}

static void hand_in(struct bench *bench, size_t number, const char *id, const char *report)
{
    smg_plugin_file.reporter->submit(bench->self, op(number), str_of(id), str_of(report));
}

static int submit_report(struct bench *bench, const char *id, const char *report)
{
    unsigned before = bench->dones;

    hand_in(bench, 0, id, report);
    if (bench->dones == before)
        turn(bench);
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

/* A report whose line is written, but not on disk yet. */
static void hand_in_slowly(struct bench *bench)
{
    assert_int_equal(start(bench), SMG_OK);
    assert_int_equal(sem_init(&syncing, 0, 0), 0);
    assert_int_equal(sem_init(&on_disk, 0, 0), 0);
    slow = true;
    hand_in(bench, 1, "r-1", "{\"n\":1}");
    sem_wait(&syncing);
}

static void let_disk_go(void)
{
    slow = false;
    sem_post(&on_disk);
}

static void test_a_slow_disk_holds_nobody_and_is_waited_for(void **state)
{
    struct bench *bench = *state;
    struct pollfd ready = { .events = POLLIN };

    hand_in_slowly(bench); /* it came back, so the loop goes on */
    assert_int_equal(bench->dones, 0);
    ready.fd = bench->fd;
    assert_int_equal(poll(&ready, 1, 0), 0);
    let_disk_go();
    turn(bench);
    assert_int_equal(bench->dones, 1);
    assert_ptr_equal(bench->done, op(1));
    assert_int_equal(bench->err.code, SMG_OK);
    stop(bench);
}

static void test_who_waits_no_longer_is_told_and_the_line_is_written_once(void **state)
{
    struct bench *bench = *state;

    hand_in_slowly(bench);
    smg_plugin_file.reporter->cancel(bench->self, op(1));
    assert_int_equal(bench->dones, 1);
    assert_ptr_equal(bench->done, op(1));
    assert_int_equal(bench->err.code, SMG_E_CANCELLED);
    hand_in(bench, 2, "r-1", "{\"n\":1}");
    let_disk_go();
    while (bench->dones == 1)
        turn(bench);
    assert_int_equal(bench->dones, 2);
    assert_ptr_equal(bench->done, op(2));
    assert_int_equal(bench->err.code, SMG_OK);
    assert_string_equal(contents(bench), "{\"report_id\":\"r-1\",\"n\":1}\n");
    stop(bench);
}

static void test_only_so_many_wait_for_a_slow_disk(void **state)
{
    struct bench *bench = *state;
    char id[16];

    hand_in_slowly(bench);
    for (size_t i = 2; i <= JOBS_MAX; i++) {
        snprintf(id, sizeof id, "r-%zu", i);
        hand_in(bench, i, id, "{}");
    }
    assert_int_equal(bench->dones, 0);
    hand_in(bench, JOBS_MAX + 1, "r-more", "{}");
    assert_int_equal(bench->dones, 1);
    assert_int_equal(bench->err.code, SMG_E_BUSY);
    let_disk_go();
    while (bench->dones < JOBS_MAX + 1)
        turn(bench);
    assert_null(strstr(contents(bench), "r-more"));
    assert_non_null(strstr(contents(bench), "\"r-16\"}\n"));
    stop(bench);
}

static void test_a_stop_waits_for_the_line_that_is_being_written(void **state)
{
    struct bench *bench = *state;

    hand_in_slowly(bench);
    smg_plugin_file.reporter->cancel(bench->self, op(1));
    let_disk_go();
    stop(bench);
    assert_string_equal(contents(bench), "{\"report_id\":\"r-1\",\"n\":1}\n");
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
        ON_BENCH(test_a_slow_disk_holds_nobody_and_is_waited_for),
        ON_BENCH(test_who_waits_no_longer_is_told_and_the_line_is_written_once),
        ON_BENCH(test_only_so_many_wait_for_a_slow_disk),
        ON_BENCH(test_a_stop_waits_for_the_line_that_is_being_written),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
