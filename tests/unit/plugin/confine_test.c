/* SPDX-License-Identifier: Apache-2.0 */
/* The walls around a reader's process, tried from the inside by a driver that wants out. */
#include "counter.h"

#include <errno.h>
#include <linux/landlock.h>
#include <sys/syscall.h>

static bool has_landlock(void)
{
    return syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION) >= 1;
}

static void test_a_driver_reaches_its_device_and_nothing_else(void **state)
{
    static const char *const calls[] = {
        "inet", "unix", "netlink", "fork", "exec", "kill", "ptrace"
    };
    static const char *const files[] = { "open", "create", "memory_of_parent" };
    char device[] = "/tmp/shiming-device-XXXXXX", yaml[96];
    struct counter counter;
    int fd = mkstemp(device);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, "G", 1), 1);
    close(fd);
    snprintf(yaml, sizeof yaml, "act: sandbox\ndevice: %s\n", device);
    open_counter(&counter, *state, TEST_PLUGIN("probe"), yaml);
    read_card(&counter, 20000);
    assert_int_equal(counter.result.code, SMG_OK);
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++)
        if (result_int(&counter.result, calls[i]) != EPERM)
            fail_msg("%s: %d", calls[i], (int)result_int(&counter.result, calls[i]));
    for (size_t i = 0; has_landlock() && i < sizeof files / sizeof *files; i++)
        if (result_int(&counter.result, files[i]) != EACCES)
            fail_msg("%s: %d", files[i], (int)result_int(&counter.result, files[i]));
    assert_int_equal(result_int(&counter.result, "device"), 0);
    assert_int_equal(result_int(&counter.result, "thread"), 0);
    assert_int_equal(result_int(&counter.result, "core"), 0);
    assert_int_equal(result_int(&counter.result, "files"), 64);
    close_counter(&counter);
    unlink(device);
}

static void test_a_driver_gets_no_more_than_256_mib(void **state)
{
#ifdef SHIMING_SANITIZED
    (void)state;
    skip(); /* sanitizers need more for themselves */
#else
    struct counter counter;

    open_probe(&counter, *state, "memory");
    read_card(&counter, 20000);
    assert_int_equal(counter.result.code, SMG_OK);
    assert_in_range(result_int(&counter.result, "mib"), 64, 256);
    close_counter(&counter);
#endif
}

/* The gateway is killed: a copy of this program that has a reader, and is killed with it. */
static int be_gateway(int tell)
{
    struct smg_err err = { 0 };
    struct loop *loop = loop_new("gateway", &err);
    struct counter counter;
    pid_t child = 0;

    open_probe(&counter, loop, "stubborn");
    run_until(loop, is_ready, &counter);
    reader_read(counter.reader, NULL, 600000, take_result, &counter.result);
    run_until(loop, is_reading, &counter);
    if (find_children(&child, 1) != 1 || write(tell, &child, sizeof child) < 0)
        return 1;
    for (;;)
        pause();
}

static bool is_dead(pid_t pid)
{
    char path[64], line[512], *end;
    FILE *file;
    bool dead = true;

    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    file = fopen(path, "r");
    if (file == NULL)
        return true;
    if (fgets(line, sizeof line, file) != NULL && (end = strrchr(line, ')')) != NULL)
        dead = end[2] == 'Z' || end[2] == 'X';
    fclose(file);
    return dead;
}

static bool child_is_dead(void *ctx)
{
    return is_dead(*(pid_t *)ctx);
}

static void test_a_driver_dies_with_the_gateway(void **state)
{
    pid_t gateway, child = 0;
    int ends[2];

    assert_int_equal(pipe(ends), 0);
    gateway = fork();
    if (gateway == 0)
        _exit(be_gateway(ends[1]));
    close(ends[1]);
    assert_int_equal(read(ends[0], &child, sizeof child), sizeof child);
    close(ends[0]);
    assert_false(is_dead(child));
    assert_int_equal(kill(gateway, SIGKILL), 0);
    run_until(*state, child_is_dead, &child);
}

#define ON_A_LOOP(test) cmocka_unit_test_setup_teardown(test, make_loop, free_loop)
static const struct CMUnitTest tests[] = {
    ON_A_LOOP(test_a_driver_reaches_its_device_and_nothing_else),
    ON_A_LOOP(test_a_driver_gets_no_more_than_256_mib),
    ON_A_LOOP(test_a_driver_dies_with_the_gateway),
};

COUNTER_MAIN(tests)
