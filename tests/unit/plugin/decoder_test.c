/* SPDX-License-Identifier: Apache-2.0 */
/* Programs that make pictures: good ones, bad ones, and ones that try to get out. */
#include "plugin/decoder.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/buf.h"
#include "loop/clock.h"

enum { TIMEOUT_MS = 10000, SHORT_MS = 300, PORTRAIT = 1024, RUNS_AT_ONCE = 8 };

static char folder[] = "/tmp/shiming-decoder-XXXXXX";
static char program[64];
static uint8_t portrait[PORTRAIT];

struct shown {
    struct loop *loop;
    unsigned calls, wanted; /* the loop ends with the last */
    char type[16];
    struct buf picture;
};

static void take_shown(void *ctx, const char *type, struct smg_str picture)
{
    struct shown *shown = ctx;

    shown->calls++;
    snprintf(shown->type, sizeof shown->type, "%s", type == NULL ? "" : type);
    buf_clear(&shown->picture);
    buf_str(&shown->picture, picture);
    if (shown->calls == shown->wanted)
        loop_stop(shown->loop);
}

/* The program is a script of the shell. */
static void write_program(const char *interpreter, const char *text)
{
    FILE *file;

    (void)unlink(program);
    file = fopen(program, "w");
    assert_non_null(file);
    assert_true(fprintf(file, "#!%s\n%s\n", interpreter, text) > 0);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(chmod(program, 0700), 0);
}

static struct shown run_program(const char *path, int64_t timeout_ms)
{
    struct smg_err err = { 0 };
    struct shown shown = { .loop = loop_new("test", &err), .wanted = 1 };
    struct decoder *decoder = decoder_new(shown.loop, path, timeout_ms);

    assert_non_null(decoder);
    decoder_run(decoder, str_bytes(portrait, sizeof portrait), take_shown, &shown);
    assert_int_equal(loop_run(shown.loop, &err), SMG_OK);
    assert_int_equal(shown.calls, 1);
    decoder_free(decoder);
    assert_int_equal(shown.calls, 1);
    loop_free(shown.loop);
    return shown;
}

static void expect_picture(const char *path, const char *type)
{
    struct shown shown = run_program(path, TIMEOUT_MS);

    assert_string_equal(shown.type, type);
    assert_true(shown.picture.len > 0);
    buf_fini(&shown.picture);
}

static void expect_none(const char *path, int64_t timeout_ms)
{
    struct shown shown = run_program(path, timeout_ms);

    assert_string_equal(shown.type, "");
    assert_int_equal(shown.picture.len, 0);
    buf_fini(&shown.picture);
}

static void test_pictures_of_three_kinds_are_taken(void **state)
{
    static const struct {
        const char *text, *type;
    } cases[] = { { "printf 'BM and the rest'", "image/bmp" },
                  { "printf '\\377\\330\\377 and the rest'", "image/jpeg" },
                  { "printf '\\211PNG\\r\\n\\032\\n and the rest'", "image/png" } };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        write_program("/bin/sh", cases[i].text);
        expect_picture(program, cases[i].type);
    }
}

static void test_program_gets_the_portrait_and_nothing_else(void **state)
{
    struct shown shown;

    (void)state;
    shown = run_program("/usr/bin/cat", TIMEOUT_MS);
    assert_string_equal(shown.type, "image/bmp");
    assert_true(str_eq(buf_view(&shown.picture), str_bytes(portrait, sizeof portrait)));
    buf_fini(&shown.picture);
    assert_int_equal(setenv("SHIMING_TEST_SECRET", "secret", 1), 0);
    write_program("/bin/sh", "[ $# = 0 ] && [ -z \"$SHIMING_TEST_SECRET\" ] && printf BM");
    expect_picture(program, "image/bmp");
    unsetenv("SHIMING_TEST_SECRET");
}

static void test_failing_programs_cost_the_picture_alone(void **state)
{
    static const char *const texts[] = {
        "exit 0",                          /* nothing at all */
        "printf 'a page of text'",         /* no picture */
        "printf '<svg onload=alert(1)/>'", /* nor is this */
        "printf BM; exit 1",               /* a picture, and then an error */
        "ulimit -t 1; printf BM; exec /nonexistent/program",
    };

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        write_program("/bin/sh", texts[i]);
        expect_none(program, TIMEOUT_MS);
    }
    write_program("/nonexistent/interpreter", "");
    expect_none(program, TIMEOUT_MS);
    expect_none("/usr/bin/false", TIMEOUT_MS);
    expect_none("/nonexistent/decoder", TIMEOUT_MS);
    expect_none("/usr/bin/yes", TIMEOUT_MS); /* without end: more than 256 KiB */
}

static void test_program_that_does_not_end_is_killed_at_the_deadline(void **state)
{
    static const char *const texts[] = { "printf BM; while :; do :; done",
                                         "printf BM; exec >&- <&-; while :; do :; done" };

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        int64_t began = clock_mono_us();

        write_program("/bin/sh", texts[i]);
        expect_none(program, SHORT_MS);
        /* The loop counts from its own clock, which is as of its last turn. */
        assert_true(clock_mono_us() - began >= SHORT_MS * 1000 / 2);
    }
}

/* What the script says without walls; the control of what follows. */
static bool says_picture_outside(void)
{
    char said[8] = "";
    FILE *out = popen(program, "r");

    assert_non_null(out);
    if (fgets(said, sizeof said, out) == NULL)
        said[0] = '\0';
    (void)pclose(out);
    return strncmp(said, "BM", 2) == 0;
}

static void expect_walled(const char *interpreter, const char *text)
{
    write_program(interpreter, text);
    if (!says_picture_outside())
        fail_msg("without walls it should work: %s", text);
    expect_none(program, TIMEOUT_MS);
}

static void test_program_reaches_no_file_no_process_and_no_network(void **state)
{
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
    socklen_t len = sizeof at;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    char text[256];

    (void)state;
    expect_walled("/bin/sh", "read line < /etc/passwd && printf BM");
    expect_walled("/bin/sh", "ls / > /dev/null && printf BM");
    snprintf(text, sizeof text, "(: > %s/left) 2> /dev/null && printf BM", folder);
    expect_walled("/bin/sh", text);
    snprintf(text, sizeof text, "%s/left", folder);
    assert_int_equal(unlink(text), 0); /* the control's */
    snprintf(text, sizeof text, ": > %s/left || exit 1; printf BM", folder);
    expect_walled("/bin/sh", text);
    snprintf(text, sizeof text, "%s/left", folder);
    assert_int_equal(unlink(text), 0);
    snprintf(text, sizeof text, "kill -0 %d && printf BM", (int)getpid());
    expect_walled("/bin/sh", text);

    assert_int_equal(bind(listener, (struct sockaddr *)&at, len), 0);
    assert_int_equal(listen(listener, 8), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)&at, &len), 0);
    snprintf(text, sizeof text, "exec 3<>/dev/tcp/127.0.0.1/%u && printf BM",
             (unsigned)ntohs(at.sin_port));
    expect_walled("/bin/bash", text);
    close(listener);
}

static void test_many_portraits_at_once_are_decoded_and_too_many_are_not(void **state)
{
    struct smg_err err = { 0 };
    struct shown shown = { .loop = loop_new("test", &err), .wanted = RUNS_AT_ONCE + 1 };
    struct shown late = { .loop = shown.loop, .wanted = 2 };
    struct decoder *decoder;

    (void)state;
    write_program("/bin/sh", "printf BM");
    decoder = decoder_new(shown.loop, program, TIMEOUT_MS);
    assert_non_null(decoder);
    for (int i = 0; i < RUNS_AT_ONCE; i++)
        decoder_run(decoder, str_bytes(portrait, sizeof portrait), take_shown, &shown);
    assert_int_equal(shown.calls, 0);
    decoder_run(decoder, str_bytes(portrait, sizeof portrait), take_shown, &late);
    assert_int_equal(late.calls, 1);
    assert_string_equal(late.type, "");
    shown.wanted = RUNS_AT_ONCE;
    assert_int_equal(loop_run(shown.loop, &err), SMG_OK);
    assert_int_equal(shown.calls, RUNS_AT_ONCE);
    assert_string_equal(shown.type, "image/bmp");
    /* There is room again; the end of all ends this one too. */
    decoder_run(decoder, str_bytes(portrait, sizeof portrait), take_shown, &late);
    assert_int_equal(late.calls, 1);
    decoder_free(decoder);
    assert_int_equal(late.calls, 2);
    assert_string_equal(late.type, "");
    loop_free(shown.loop);
    buf_fini(&shown.picture);
    buf_fini(&late.picture);
}

static int make_folder(void **state)
{
    (void)state;
    assert_non_null(mkdtemp(folder));
    snprintf(program, sizeof program, "%s/decode", folder);
    for (size_t i = 0; i < sizeof portrait; i++)
        portrait[i] = (uint8_t)(i * 31 + i / 256);
    memcpy(portrait, "BM", 2); /* so that what only copies it makes a picture */
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    (void)unlink(program);
    loop_shutdown();
    return rmdir(folder);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pictures_of_three_kinds_are_taken),
        cmocka_unit_test(test_program_gets_the_portrait_and_nothing_else),
        cmocka_unit_test(test_failing_programs_cost_the_picture_alone),
        cmocka_unit_test(test_program_that_does_not_end_is_killed_at_the_deadline),
        cmocka_unit_test(test_program_reaches_no_file_no_process_and_no_network),
        cmocka_unit_test(test_many_portraits_at_once_are_decoded_and_too_many_are_not),
    };

    if (argc == 3 && strcmp(argv[1], DECODER_CHILD_VERB) == 0)
        return decoder_child(argv[2]);
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
