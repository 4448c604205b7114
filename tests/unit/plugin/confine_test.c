/* SPDX-License-Identifier: Apache-2.0 */
/* The walls around a reader's process, tried from the inside by a driver that wants out. */
#include "counter.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/syscall.h>
#include <sys/wait.h>

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

static bool says(pid_t pid, const char *name, const char *line)
{
    char path[64], text[4096] = "";
    FILE *file;

    snprintf(path, sizeof path, "/proc/%d/%s", pid, name);
    file = fopen(path, "r");
    assert_non_null(file);
    assert_true(fread(text, 1, sizeof text - 1, file) > 0);
    fclose(file);
    return strstr(text, line) != NULL;
}

static void test_a_driver_has_no_powers_and_narrow_limits(void **state)
{
    struct counter counter;
    pid_t pids[4];

    open_probe(&counter, *state, "look");
    run_until(*state, is_ready, &counter);
    assert_int_equal(find_children(pids, 4), 1);
    assert_true(says(pids[0], "status", "CapPrm:\t0000000000000000\n"));
    assert_true(says(pids[0], "status", "CapEff:\t0000000000000000\n"));
    assert_true(says(pids[0], "status", "CapInh:\t0000000000000000\n"));
    assert_true(says(pids[0], "status", "CapAmb:\t0000000000000000\n"));
    assert_true(says(pids[0], "status", "NoNewPrivs:\t1\n"));
    /* of all that its user has: threads without end leave some */
    assert_true(says(pids[0], "limits", "Max processes             1024                 1024"));
    assert_true(says(pids[0], "limits", "Max core file size        0                    0"));
    close_counter(&counter);
}

#ifndef SHIMING_SANITIZED /* which must look at their own process, and so let others look */
/* 0: everything was as it should be. The user is plain, as the gateway's is. */
static int be_plain_user(void)
{
    struct smg_err err = { 0 };
    struct loop *loop;
    struct counter counter;
    char path[64];
    pid_t pids[4];

    if (geteuid() == 0 && (setgid(65534) != 0 || setuid(65534) != 0))
        return 1;
    loop = loop_new("plain", &err);
    open_probe(&counter, loop, "look");
    run_until(loop, is_ready, &counter);
    if (find_children(pids, 4) != 1)
        return 2;
    snprintf(path, sizeof path, "/proc/%d/mem", pids[0]);
    if (open(path, O_RDONLY) >= 0 || errno != EACCES)
        return 3; /* a core dump is refused for the same reason */
    read_card(&counter, 20000);
    return counter.result.code == SMG_OK ? 0 : 4;
}

static void test_nobody_looks_into_a_driver(void **state)
{
    int status = -1;
    pid_t pid = fork();

    (void)state;
    if (pid == 0)
        _exit(be_plain_user());
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}
#endif

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
    ON_A_LOOP(test_a_driver_has_no_powers_and_narrow_limits),
#ifndef SHIMING_SANITIZED
    cmocka_unit_test(test_nobody_looks_into_a_driver),
#endif
};

COUNTER_MAIN(tests)
