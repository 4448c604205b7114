/* SPDX-License-Identifier: Apache-2.0 */
/* The virtual reader as a program: its port or address, its signals, and how it ends. */
#include "emulate/emulate.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

enum { PATIENCE_MS = 10000 };

#define RESIDENT SOURCE_DIR "/conf/cards/resident.yaml"

struct program {
    pid_t pid;
    int out;        /* what it prints */
    char path[256]; /* after "ready " */
    int port;
};

/* What "ready" said is an address: connect to it. */
static int connect_to(const char *address)
{
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    unsigned port;

    assert_int_equal(sscanf(address, "127.0.0.1:%u", &port), 1);
    at.sin_port = htons((uint16_t)port);
    assert_true(fd >= 0);
    return connect(fd, (struct sockaddr *)&at, sizeof at) == 0 ? fd : (close(fd), -1);
}

static void start(struct program *program, const struct emulate_options *options)
{
    int out[2];
    FILE *stream;
    char line[300];

    assert_int_equal(pipe(out), 0);
    program->pid = fork();
    assert_true(program->pid >= 0);
    if (program->pid == 0) {
        stream = fdopen(out[1], "w");
        close(out[0]);
        _exit(stream == NULL ? 99 : emulate_run(options, stream, stream));
    }
    close(out[1]);
    program->out = out[0];
    stream = fdopen(dup(out[0]), "r");
    assert_non_null(stream);
    assert_non_null(fgets(line, sizeof line, stream));
    fclose(stream);
    assert_int_equal(sscanf(line, "ready %255s", program->path), 1);
    program->port = options->listen != NULL ? connect_to(program->path)
                                            : open(program->path, O_RDWR | O_NOCTTY | O_CLOEXEC);
    assert_true(program->port >= 0);
}

static int stop(struct program *program, int signal)
{
    int status;

    if (signal != 0)
        kill(program->pid, signal);
    assert_int_equal(waitpid(program->pid, &status, 0), program->pid);
    close(program->port);
    close(program->out);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* SW3 of the answer to a request of ten bytes. */
static int ask(const struct program *program, const char *hex)
{
    struct buf request = { 0 };
    unsigned char answer[2400];
    size_t got = 0;

    assert_true(buf_unhex(&request, str_of(hex)));
    assert_int_equal(write(program->port, request.at, request.len), request.len);
    buf_fini(&request);
    while (got < 7 || got < 7 + ((size_t)answer[5] << 8 | answer[6])) {
        struct pollfd poller = { .fd = program->port, .events = POLLIN };
        ssize_t count;

        assert_int_equal(poll(&poller, 1, PATIENCE_MS), 1);
        count = read(program->port, answer + got, sizeof answer - got);
        if (count <= 0)
            return -1;
        got += (size_t)count;
    }
    return answer[9];
}

#define FIND "AAAAAA96690003200122"

/* Signals arrive when they arrive: ask until the answer is the one that must come. */
static void await(const struct program *program, int expected)
{
    for (int i = 0; i < PATIENCE_MS; i++) {
        if (ask(program, FIND) == expected)
            return;
        poll(NULL, 0, 1);
    }
    fail_msg("find never answered %02X", (unsigned)expected);
}

static void test_card_is_served_until_the_signal_to_stop(void **state)
{
    static const int signals[] = { SIGTERM, SIGINT };
    struct emulate_options options = { .card = RESIDENT };

    (void)state;
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) {
        struct program program;

        start(&program, &options);
        assert_int_equal(ask(&program, "AAAAAA9669000311FFED"), 0x90);
        assert_int_equal(ask(&program, FIND), 0x9F);
        assert_int_equal(ask(&program, "AAAAAA96690003200221"), 0x90);
        assert_int_equal(ask(&program, "AAAAAA96690003300132"), 0x90);
        assert_int_equal(stop(&program, signals[i]), 0);
    }
}

static void test_without_a_card_file_the_field_is_empty(void **state)
{
    static const char *const cards[] = { NULL, "-" };

    (void)state;
    for (size_t i = 0; i < sizeof cards / sizeof *cards; i++) {
        struct emulate_options options = { .card = cards[i] };
        struct program program;

        start(&program, &options);
        assert_int_equal(ask(&program, FIND), 0x80);
        assert_int_equal(stop(&program, SIGTERM), 0);
    }
}

static void test_usr1_takes_the_card_away_and_brings_it_back(void **state)
{
    struct emulate_options options = { .card = RESIDENT };
    struct program program;

    (void)state;
    start(&program, &options);
    assert_int_equal(ask(&program, FIND), 0x9F);
    kill(program.pid, SIGUSR1);
    await(&program, 0x80);
    kill(program.pid, SIGUSR1);
    await(&program, 0x9F);
    assert_int_equal(stop(&program, SIGTERM), 0);
}

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void test_hup_reads_the_card_file_again_and_a_wrong_one_changes_nothing(void **state)
{
    char path[] = "/tmp/shiming_card_XXXXXX";
    int fd = mkstemp(path);
    struct emulate_options options = { .card = path };
    struct program program;

    (void)state;
    assert_true(fd >= 0);
    close(fd);
    write_file(path, "layout: J\nnumber: \"810000199408230021\"\n");
    start(&program, &options);
    kill(program.pid, SIGUSR1);
    await(&program, 0x80);
    write_file(path, "layout: nonsense\n");
    kill(program.pid, SIGHUP);
    assert_int_equal(ask(&program, FIND), 0x80);
    write_file(path, "layout: J\nnumber: \"810000199408230021\"\n");
    kill(program.pid, SIGHUP);
    await(&program, 0x9F);
    assert_int_equal(stop(&program, SIGTERM), 0);
    unlink(path);
}

static void test_link_leads_to_the_port_and_goes_with_it(void **state)
{
    char folder[] = "/tmp/shiming_port_XXXXXX", link[64];
    struct emulate_options options = { .card = RESIDENT, .link = link };
    struct program program;
    struct stat stat;

    (void)state;
    assert_non_null(mkdtemp(folder));
    snprintf(link, sizeof link, "%s/reader", folder);
    assert_int_equal(symlink("/nowhere", link), 0); /* left by one that was killed */
    start(&program, &options);
    assert_string_equal(program.path, link);
    assert_int_equal(ask(&program, FIND), 0x9F);
    assert_int_equal(stop(&program, SIGTERM), 0);
    assert_int_equal(lstat(link, &stat), -1);
    assert_int_equal(rmdir(folder), 0);
}

static void test_bridge_serves_one_driver_after_another(void **state)
{
    struct emulate_options options = { .card = RESIDENT, .listen = "127.0.0.1:0" };
    struct program program;

    (void)state;
    start(&program, &options);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(ask(&program, "AAAAAA9669000311FFED"), 0x90);
        assert_int_equal(ask(&program, FIND), 0x9F);
        close(program.port);
        program.port = connect_to(program.path);
        assert_true(program.port >= 0);
    }
    assert_int_equal(stop(&program, SIGTERM), 0);
    assert_int_equal(connect_to(program.path), -1);
}

static void test_unplugged_bridge_ends_with_status_1(void **state)
{
    static const char *const faults[] = { "unplug:find:3" };
    struct emulate_options options = {
        .card = RESIDENT, .listen = "127.0.0.1:0", .faults = faults, .fault_count = 1
    };
    struct program program;

    (void)state;
    start(&program, &options);
    assert_int_equal(ask(&program, FIND), -1);
    assert_int_equal(stop(&program, 0), 1);
}

static int run_wrong(const struct emulate_options *options, const char *expected)
{
    char *text = NULL;
    size_t len = 0;
    FILE *messages = open_memstream(&text, &len);
    int status;

    assert_non_null(messages);
    status = emulate_run(options, stdout, messages);
    assert_int_equal(fclose(messages), 0);
    assert_non_null(strstr(text, expected));
    free(text);
    return status;
}

static void test_wrong_options_end_with_status_2_and_a_message(void **state)
{
    static const char *const nonsense[] = { "nonsense" };
    static const char *const many[] = { "split", "split", "split", "split", "split",
                                        "split", "split", "split", "split" };
    struct emulate_options options = { .card = "/no/such/card.yaml" };

    (void)state;
    assert_int_equal(run_wrong(&options, "/no/such/card.yaml"), 2);
    options = (struct emulate_options){ .faults = nonsense, .fault_count = 1 };
    assert_int_equal(run_wrong(&options, "nonsense"), 2);
    options = (struct emulate_options){ .faults = many, .fault_count = 9 };
    assert_int_equal(run_wrong(&options, "more than 8"), 2);
    options = (struct emulate_options){ .link = "/tmp" };
    assert_int_equal(run_wrong(&options, "/tmp"), 2);
    options = (struct emulate_options){ .listen = "reader.example:4001" };
    assert_int_equal(run_wrong(&options, "127.0.0.1:4001"), 2);
    options = (struct emulate_options){ .listen = "192.0.2.1:4001" };
    assert_int_equal(run_wrong(&options, "192.0.2.1:4001"), 2);
    options = (struct emulate_options){ .link = "/no/such/folder/reader" };
    assert_int_equal(run_wrong(&options, "/no/such/folder"), 2);
}

static void test_unplugged_port_ends_with_status_1(void **state)
{
    static const char *const faults[] = { "unplug:find:3" };
    struct emulate_options options = { .card = RESIDENT, .faults = faults, .fault_count = 1 };
    struct program program;

    (void)state;
    start(&program, &options);
    assert_int_equal(ask(&program, FIND), -1);
    assert_int_equal(stop(&program, 0), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_card_is_served_until_the_signal_to_stop),
        cmocka_unit_test(test_without_a_card_file_the_field_is_empty),
        cmocka_unit_test(test_usr1_takes_the_card_away_and_brings_it_back),
        cmocka_unit_test(test_hup_reads_the_card_file_again_and_a_wrong_one_changes_nothing),
        cmocka_unit_test(test_link_leads_to_the_port_and_goes_with_it),
        cmocka_unit_test(test_bridge_serves_one_driver_after_another),
        cmocka_unit_test(test_unplugged_bridge_ends_with_status_1),
        cmocka_unit_test(test_wrong_options_end_with_status_2_and_a_message),
        cmocka_unit_test(test_unplugged_port_ends_with_status_1),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
