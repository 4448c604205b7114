/* SPDX-License-Identifier: Apache-2.0 */
/* The virtual scanner as a program: what it sends, and when. */
#include "emulate/scanner.h"

#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

enum { PATIENCE_MS = 10000, QUIET_MS = 100 };

struct program {
    pid_t pid;
    int port;
};

static void start(struct program *program, const struct scanner_options *options)
{
    char line[300], path[256];
    FILE *stream;
    int out[2];

    assert_int_equal(pipe(out), 0);
    program->pid = fork();
    assert_true(program->pid >= 0);
    if (program->pid == 0) {
        stream = fdopen(out[1], "w");
        close(out[0]);
        _exit(stream == NULL ? 99 : scanner_run(options, stream, stream));
    }
    close(out[1]);
    stream = fdopen(out[0], "r");
    assert_non_null(stream);
    assert_non_null(fgets(line, sizeof line, stream));
    fclose(stream);
    assert_int_equal(sscanf(line, "ready %255s", path), 1);
    program->port = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC);
    assert_true(program->port >= 0);
}

static void stop(struct program *program)
{
    int status;

    kill(program->pid, SIGTERM);
    assert_int_equal(waitpid(program->pid, &status, 0), program->pid);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    close(program->port);
}

static void expect_scan(const struct program *program, const char *text)
{
    struct pollfd poller = { .fd = program->port, .events = POLLIN };
    char got[512] = "";
    size_t len = 0;

    while (len < strlen(text)) {
        ssize_t count;

        assert_int_equal(poll(&poller, 1, PATIENCE_MS), 1);
        count = read(program->port, got + len, sizeof got - 1 - len);
        assert_true(count > 0);
        len += (size_t)count;
    }
    assert_string_equal(got, text);
}

static void expect_silence(const struct program *program)
{
    struct pollfd poller = { .fd = program->port, .events = POLLIN };

    assert_int_equal(poll(&poller, 1, QUIET_MS), 0);
}

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static int make_file(void **state)
{
    const char *folder = getenv("TMPDIR");
    char *path = malloc(200);
    int fd;

    assert_non_null(path);
    snprintf(path, 200, "%s/shiming_zone_XXXXXX", folder == NULL ? "/tmp" : folder);
    fd = mkstemp(path);
    assert_true(fd >= 0);
    close(fd);
    *state = path;
    return 0;
}

static int remove_file(void **state)
{
    (void)unlink(*state);
    free(*state);
    return 0;
}

static void test_usr1_scans_the_document(void **state)
{
    struct scanner_options options = { .zone = *state };
    struct program program;

    write_file(*state, "line1: ONE\nline2: TWO\nline3: THREE\n");
    start(&program, &options);
    expect_silence(&program);
    kill(program.pid, SIGUSR1);
    expect_scan(&program, "ONE\rTWO\rTHREE\r");
    kill(program.pid, SIGUSR1);
    expect_scan(&program, "ONE\rTWO\rTHREE\r");
    stop(&program);
}

static void test_hup_scans_what_the_file_says_now(void **state)
{
    struct scanner_options options = { .zone = *state };
    struct program program;

    write_file(*state, "line1: ONE\nline2: TWO\n");
    start(&program, &options);
    write_file(*state, "line1: ONE\nline2: FOUR\nend: crlf\n");
    kill(program.pid, SIGHUP);
    expect_scan(&program, "ONE\r\nFOUR\r\n");
    write_file(*state, "line1: nothing else\n");
    kill(program.pid, SIGHUP);
    expect_silence(&program);
    kill(program.pid, SIGUSR1);
    expect_scan(&program, "ONE\r\nFOUR\r\n");
    stop(&program);
}

static void test_every_so_often_it_is_scanned_again(void **state)
{
    struct scanner_options options = { .zone = *state, .every_ms = 20 };
    struct program program;

    write_file(*state, "line1: ONE\nline2: TWO\nend: none\n");
    start(&program, &options);
    expect_scan(&program, "ONETWO");
    expect_scan(&program, "ONETWO");
    stop(&program);
}

static void test_a_wrong_file_ends_with_status_2_and_a_message(void **state)
{
    struct scanner_options options = { .zone = *state };
    char *text = NULL;
    size_t len = 0;
    FILE *messages = open_memstream(&text, &len);

    assert_non_null(messages);
    write_file(*state, "line1: ONE\nline2: TWO\nend: bell\n");
    assert_int_equal(scanner_run(&options, stdout, messages), 2);
    assert_int_equal(fclose(messages), 0);
    assert_non_null(strstr(text, "end"));
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_usr1_scans_the_document, make_file, remove_file),
        cmocka_unit_test_setup_teardown(test_hup_scans_what_the_file_says_now, make_file,
                                        remove_file),
        cmocka_unit_test_setup_teardown(test_every_so_often_it_is_scanned_again, make_file,
                                        remove_file),
        cmocka_unit_test_setup_teardown(test_a_wrong_file_ends_with_status_2_and_a_message,
                                        make_file, remove_file),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
