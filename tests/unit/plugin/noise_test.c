/* SPDX-License-Identifier: Apache-2.0 */
/* What a driver prints comes into the log in measure, and a vendor's words only for debugging. */
#include "fixture.h"

#include "base/log.h"
#include "plugin/noise.h"

/* The log is standard error: send it to a file and read it back. */
static char log_text[64 * 1024];
static int saved = -1, file = -1;

static int catch_log(void **state)
{
    char path[] = "/tmp/shiming-log-XXXXXX";

    (void)state;
    file = mkstemp(path);
    unlink(path);
    saved = dup(2);
    return file >= 0 && saved >= 0 && dup2(file, 2) == 2 ? 0 : -1;
}

static int release_log(void **state)
{
    (void)state;
    dup2(saved, 2);
    close(saved);
    close(file);
    log_level(SMG_INFO);
    return 0;
}

static size_t lines_with(const char *text)
{
    ssize_t len = pread(file, log_text, sizeof log_text - 1, 0);
    size_t count = 0;

    assert_true(len >= 0);
    log_text[len] = '\0';
    for (const char *at = log_text; (at = strstr(at, text)) != NULL; at++)
        count++;
    return count;
}

static void take(struct noise *noise, const char *text, int64_t now_us)
{
    noise_take(noise, str_of(text), now_us);
}

static void test_the_plugins_own_lines_keep_their_level(void **state)
{
    struct noise noise;

    (void)state;
    noise_init(&noise, "counter-1");
    take(&noise, "<2>be careful\n<1>it failed\n<4>details\n", 0);
    assert_int_equal(lines_with("warn counter-1: be careful"), 1);
    assert_int_equal(lines_with("error counter-1: it failed"), 1);
    assert_int_equal(lines_with("details"), 0);
}

static void test_a_vendors_words_are_for_debugging_only(void **state)
{
    struct noise noise;

    (void)state;
    noise_init(&noise, "counter-1");
    take(&noise, "a vendor prints a name\n<9>a forged level\n", 0);
    assert_int_equal(lines_with("vendor"), 0);
    assert_int_equal(lines_with("forged"), 0);
    log_level(SMG_DEBUG);
    take(&noise, "a vendor prints a name\n", 0);
    assert_int_equal(lines_with("debug counter-1: a vendor prints a name"), 1);
}

static void test_pieces_make_lines_and_the_last_one_needs_no_end(void **state)
{
    struct noise noise;

    (void)state;
    noise_init(&noise, "counter-1");
    take(&noise, "<2>one", 0);
    take(&noise, " line\n<2>and", 0);
    assert_int_equal(lines_with("one line"), 1);
    assert_int_equal(lines_with("and"), 0);
    noise_end(&noise, 0);
    assert_int_equal(lines_with("and"), 1);
}

static void test_twenty_lines_a_second_pass_and_the_rest_is_counted(void **state)
{
    struct noise noise;

    (void)state;
    noise_init(&noise, "counter-1");
    for (int i = 0; i < 1000; i++)
        take(&noise, "<2>flood\n", 5000000 + i);
    assert_int_equal(lines_with("flood"), NOISE_LINES_A_SECOND);
    take(&noise, "<2>later\n", 6000000);
    assert_int_equal(lines_with("980 more lines were dropped"), 1);
    assert_int_equal(lines_with("later"), 1);
    noise_end(&noise, 7000000);
    assert_int_equal(lines_with("dropped"), 1);
}

static void test_a_long_line_is_cut(void **state)
{
    struct noise noise;
    char line[2000];

    (void)state;
    memset(line, 'x', sizeof line);
    memcpy(line, "<2>", 3);
    line[sizeof line - 2] = '\n';
    line[sizeof line - 1] = '\0';
    noise_init(&noise, "counter-1");
    take(&noise, line, 0);
    assert_int_equal(lines_with("x"), NOISE_LINE_BYTES - 3);
}

int main(void)
{
#define WITH_LOG(test) cmocka_unit_test_setup_teardown(test, catch_log, release_log)
    const struct CMUnitTest tests[] = {
        WITH_LOG(test_the_plugins_own_lines_keep_their_level),
        WITH_LOG(test_a_vendors_words_are_for_debugging_only),
        WITH_LOG(test_pieces_make_lines_and_the_last_one_needs_no_end),
        WITH_LOG(test_twenty_lines_a_second_pass_and_the_rest_is_counted),
        WITH_LOG(test_a_long_line_is_cut),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
