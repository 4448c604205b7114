/* SPDX-License-Identifier: Apache-2.0 */
/* The virtual passport as a program, seen from vsmartcard's driver, which the test plays. */
#include "emulate/emulate.h"

#include <arpa/inet.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

enum { PATIENCE_MS = 10000, MESSAGE = 65535 };

#define SELECT_APPLICATION "\x00\xA4\x04\x0C\x07\xA0\x00\x00\x02\x47\x10\x01"

struct bench {
    int listening, slot, out;
    unsigned port;
    pid_t pid;
    char card[64];
    uint8_t message[MESSAGE];
    size_t len;
};

static void write_card(struct bench *bench, const char *more)
{
    FILE *file = fopen(bench->card, "w");

    assert_non_null(file);
    fprintf(file,
            "layout: passport\nname_latin: \"SPECIMEN, ALIYA\"\nnumber: U12345678\n"
            "nationality: UTO\nissuer: UTO\ncountry: UT\nbirth: 1990-12-31\n"
            "valid_from: 2023-05-10\nvalid_to: 2033-05-09\nsigner: ecdsa\n%s",
            more);
    fclose(file);
}

static void listen_as_driver(struct bench *bench)
{
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t len = sizeof address;

    *bench = (struct bench){ .listening = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0),
                             .card = "/tmp/shiming_passport_XXXXXX" };
    assert_int_equal(bind(bench->listening, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(bench->listening, 4), 0);
    assert_int_equal(getsockname(bench->listening, (struct sockaddr *)&address, &len), 0);
    bench->port = ntohs(address.sin_port);
    close(mkstemp(bench->card));
}

static void accept_card(struct bench *bench)
{
    struct pollfd poller = { .fd = bench->listening, .events = POLLIN };

    assert_int_equal(poll(&poller, 1, PATIENCE_MS), 1);
    bench->slot = accept(bench->listening, NULL, NULL);
    assert_true(bench->slot >= 0);
}

static void start(struct bench *bench, const char *more)
{
    int out[2];
    struct pollfd poller;
    char line[64] = "", wanted[64];

    listen_as_driver(bench);
    write_card(bench, more);
    assert_int_equal(pipe(out), 0);
    bench->pid = fork();
    assert_true(bench->pid >= 0);
    if (bench->pid == 0) {
        struct emulate_options options = { .card = bench->card, .vpcd_port = bench->port };
        FILE *stream = fdopen(out[1], "w");

        close(bench->listening);
        _exit(stream == NULL ? 99 : emulate_run(&options, stream, stream));
    }
    close(out[1]);
    bench->out = out[0];
    accept_card(bench);
    poller = (struct pollfd){ .fd = bench->out, .events = POLLIN };
    assert_int_equal(poll(&poller, 1, PATIENCE_MS), 1);
    assert_true(read(bench->out, line, sizeof line - 1) > 0);
    snprintf(wanted, sizeof wanted, "ready 127.0.0.1:%u\n", bench->port);
    assert_string_equal(line, wanted);
}

static int stop(struct bench *bench, int signal)
{
    int status;

    if (signal != 0)
        kill(bench->pid, signal);
    assert_int_equal(waitpid(bench->pid, &status, 0), bench->pid);
    close(bench->slot);
    close(bench->listening);
    close(bench->out);
    unlink(bench->card);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* Length and payload in two writes, as the driver does. */
static void send_message(struct bench *bench, const void *at, size_t len)
{
    uint8_t header[] = { (uint8_t)(len >> 8), (uint8_t)len };

    assert_int_equal(write(bench->slot, header, sizeof header), sizeof header);
    assert_int_equal(write(bench->slot, at, len), len);
}

static bool receive_bytes(struct bench *bench, uint8_t *at, size_t len)
{
    while (len > 0) {
        struct pollfd poller = { .fd = bench->slot, .events = POLLIN };
        ssize_t got;

        assert_int_equal(poll(&poller, 1, PATIENCE_MS), 1);
        got = read(bench->slot, at, len);
        if (got <= 0)
            return false;
        at += got;
        len -= (size_t)got;
    }
    return true;
}

/* true: a whole message came; false: the card left. */
static bool receive(struct bench *bench)
{
    uint8_t header[2];

    if (!receive_bytes(bench, header, sizeof header))
        return false;
    bench->len = (size_t)header[0] << 8 | header[1];
    return receive_bytes(bench, bench->message, bench->len);
}

static void expect(struct bench *bench, const void *command, size_t len, const void *answer,
                   size_t answer_len)
{
    send_message(bench, command, len);
    assert_true(receive(bench));
    assert_int_equal(bench->len, answer_len);
    assert_memory_equal(bench->message, answer, answer_len);
}

static void expect_chip(struct bench *bench)
{
    expect(bench, SELECT_APPLICATION, 12, "\x90\x00", 2);
}

static void test_only_the_atr_is_answered(void **state)
{
    struct bench bench;

    (void)state;
    start(&bench, "");
    send_message(&bench, "\x00", 1); /* power off, on, reset */
    send_message(&bench, "\x01", 1);
    send_message(&bench, "\x02", 1);
    expect(&bench, "\x04", 1, "\x3B\x88\x80\x01\x00\x00\x00\x00\x00\x00\x00\x00\x09", 13);
    expect_chip(&bench);
    assert_int_equal(stop(&bench, SIGTERM), 0);
}

static void test_power_off_forgets_what_was_selected(void **state)
{
    struct bench bench;

    (void)state;
    start(&bench, "");
    expect_chip(&bench);
    expect(&bench, "\x00\xA4\x02\x0C\x02\x01\x01", 7, "\x69\x82", 2);
    send_message(&bench, "\x00", 1);
    send_message(&bench, "\x01", 1);
    expect(&bench, "\x00\xA4\x02\x0C\x02\x01\x01", 7, "\x6A\x82", 2);
    assert_int_equal(stop(&bench, SIGTERM), 0);
}

static void test_messages_in_pieces_and_together(void **state)
{
    static const uint8_t two[] = { 0, 1,    4, 0, 12, 0x00, 0xA4, 0x04, 0x0C,
                                   7, 0xA0, 0, 0, 2,  0x47, 0x10, 0x01 };
    struct bench bench;

    (void)state;
    start(&bench, "");
    for (size_t i = 0; i < sizeof two; i++)
        assert_int_equal(write(bench.slot, two + i, 1), 1);
    assert_true(receive(&bench));
    assert_int_equal(bench.len, 13);
    assert_true(receive(&bench));
    assert_memory_equal(bench.message, "\x90\x00", 2);
    assert_int_equal(write(bench.slot, two, sizeof two), sizeof two);
    assert_true(receive(&bench));
    assert_int_equal(bench.len, 13);
    assert_int_equal(stop(&bench, SIGINT), 0);
}

static void test_signals_lift_and_change_the_passport(void **state)
{
    struct bench bench;

    (void)state;
    start(&bench, "");
    kill(bench.pid, SIGUSR1);
    assert_false(receive(&bench));
    close(bench.slot);
    kill(bench.pid, SIGUSR1);
    accept_card(&bench);
    expect_chip(&bench);
    write_card(&bench, "access: nonsense\n");
    kill(bench.pid, SIGHUP); /* the passport that was stays */
    expect_chip(&bench);
    write_card(&bench, "access: bac\n");
    kill(bench.pid, SIGHUP);
    assert_false(receive(&bench));
    close(bench.slot);
    accept_card(&bench);
    expect(&bench, "\x00\xA4\x02\x0C\x02\x01\x1C", 7, "\x6A\x82", 2);
    assert_int_equal(stop(&bench, SIGTERM), 0);
}

static void test_faults_of_the_field(void **state)
{
    struct bench bench;

    (void)state;
    start(&bench, "fault: closes\nfault_after: 1\n");
    expect_chip(&bench);
    send_message(&bench, SELECT_APPLICATION, 12);
    assert_false(receive(&bench));
    assert_int_equal(stop(&bench, SIGTERM), 0);
    start(&bench, "fault: removed\nfault_after: 1\n");
    expect_chip(&bench);
    expect_chip(&bench);
    assert_false(receive(&bench));
    assert_int_equal(stop(&bench, SIGTERM), 0);
    start(&bench, "fault: silent\nfault_after: 1\n");
    expect_chip(&bench);
    send_message(&bench, SELECT_APPLICATION, 12);
    send_message(&bench, "\x04", 1);
    assert_true(receive(&bench)); /* the ATR, and nothing before it */
    assert_int_equal(bench.len, 13);
    assert_int_equal(stop(&bench, SIGTERM), 0);
}

static void test_the_driver_goes_away(void **state)
{
    struct bench bench;

    (void)state;
    start(&bench, "");
    shutdown(bench.slot, SHUT_RDWR);
    assert_int_equal(stop(&bench, 0), 1);
}

static int run_without(const char *card, const struct emulate_options *more, char *said,
                       size_t size)
{
    struct emulate_options options = *more;
    FILE *messages = fmemopen(said, size, "w");
    int status;

    assert_non_null(messages);
    options.card = card;
    status = emulate_run(&options, messages, messages);
    fclose(messages);
    return status;
}

static void test_what_is_wrong_is_said(void **state)
{
    static const char *const faults[] = { "short" };
    struct emulate_options none = { 0 }, fault = { .faults = faults, .fault_count = 1 };
    struct emulate_options port = { .vpcd_port = 1 };
    char said[1024] = "";
    struct bench bench;

    (void)state;
    listen_as_driver(&bench);
    close(bench.listening);
    write_card(&bench, "");
    none.vpcd_port = bench.port;
    assert_int_equal(run_without(bench.card, &none, said, sizeof said), 2);
    assert_non_null(strstr(said, "is pcscd running"));
    assert_int_equal(run_without(bench.card, &fault, said, sizeof said), 2);
    assert_non_null(strstr(said, "--fault"));
    assert_int_equal(run_without(SOURCE_DIR "/conf/cards/resident.yaml", &port, said, sizeof said),
                     2);
    assert_non_null(strstr(said, "--vpcd"));
    unlink(bench.card);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_only_the_atr_is_answered),
        cmocka_unit_test(test_power_off_forgets_what_was_selected),
        cmocka_unit_test(test_messages_in_pieces_and_together),
        cmocka_unit_test(test_signals_lift_and_change_the_passport),
        cmocka_unit_test(test_faults_of_the_field),
        cmocka_unit_test(test_the_driver_goes_away),
        cmocka_unit_test(test_what_is_wrong_is_said),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
