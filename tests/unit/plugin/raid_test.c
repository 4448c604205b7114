/* SPDX-License-Identifier: Apache-2.0 */
/* A driver that wants out tries every call there is. Each is refused in its process, and gets
 * through in one without walls: otherwise the refusal would prove nothing. */
#include "counter.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

enum { RAIDS_MOST = 64 };

/* A host without walls: what the plugin answers goes into a pipe. */
struct tried {
    char name[32];
    int code;
};

static void pass_on(const struct smg_host *host, struct smg_op *op, const char *field,
                    const struct smg_value *value)
{
    struct tried tried = { .code = (int)value->integer };

    (void)op;
    snprintf(tried.name, sizeof tried.name, "%s", field);
    if (write(*(int *)host->priv, &tried, sizeof tried) < 0)
        _exit(2);
}

static void end(const struct smg_host *host, struct smg_op *op, const struct smg_err *err)
{
    (void)host, (void)op, (void)err;
}

static int be_without_walls(const char *raid, int answers)
{
    struct smg_host host = {
        .size = sizeof host, .priv = &answers, .answer = pass_on, .done = end
    };
    struct library *library = NULL;
    struct smg_err err = { 0 };
    void *self = NULL;
    int pair[2];

    if (library_load(PLUGINS, SMG_READER, TEST_PLUGIN("raider"), &library, &err) < 0 ||
        socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0 || dup2(pair[0], 3) < 0)
        return 1;
    if (library_plugin(library)->open(&host, &raid, &self, &err) < 0)
        return 1;
    library_plugin(library)->reader->read(self, NULL);
    return 0;
}

/* Where every raid should get through, but for what this machine has forbidden everybody. */
static size_t raid_freely(const char *raid, struct tried *tried)
{
    int ends[2], status = -1;
    size_t count = 0;
    pid_t pid;

    assert_int_equal(pipe(ends), 0);
    pid = fork();
    if (pid == 0)
        _exit(be_without_walls(raid, fcntl(ends[1], F_DUPFD, 10)));
    close(ends[1]);
    while (count < RAIDS_MOST && read(ends[0], &tried[count], sizeof *tried) == sizeof *tried)
        count++;
    close(ends[0]);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    return count;
}

static bool is_refused(int code)
{
    return code == EPERM || code == EACCES;
}

/* What is refused even to this test says nothing about the walls; to root, nothing of it is. */
static void raid(struct loop *loop, const char *name, size_t at_least)
{
    struct tried free_tries[RAIDS_MOST];
    size_t count = raid_freely(name, free_tries), proven = 0;
    struct counter counter;
    char yaml[64];

    snprintf(yaml, sizeof yaml, "raid: %s\n", name);
    open_counter(&counter, loop, TEST_PLUGIN("raider"), yaml);
    read_card(&counter, 20000);
    if (counter.result.code != SMG_OK)
        fail_msg("%s: %d %s", name, counter.result.code, counter.result.text);
    assert_int_equal(fields_count(counter.result.fields), count);
    for (size_t i = 0; i < count; i++) {
        int code = (int)result_int(&counter.result, free_tries[i].name);

        if (!is_refused(code))
            fail_msg("%s got through: %d", free_tries[i].name, code);
        if (geteuid() == 0 && is_refused(free_tries[i].code))
            fail_msg("%s is refused without walls, too", free_tries[i].name);
        proven += !is_refused(free_tries[i].code);
    }
    assert_in_range(proven, geteuid() == 0 ? at_least : 1, count);
    assert_int_equal(status_of(&counter).restarts, 0);
    close_counter(&counter);
}

static void test_no_file_is_opened_made_or_changed(void **state)
{
    raid(*state, "files", 36);
}

static void test_no_network_of_any_kind_is_reached(void **state)
{
    raid(*state, "network", 25);
}

static void test_no_process_is_made_looked_at_or_signalled(void **state)
{
    raid(*state, "processes", 35);
}

static void test_the_kernel_is_not_asked_for_anything_else(void **state)
{
    raid(*state, "kernel", 35);
}

/* As on a kernel without Landlock. */
static void forget_landlock(void)
{
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0), /* the call's number comes first */
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_landlock_create_ruleset, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = { sizeof filter / sizeof *filter, filter };

    assert_int_equal(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
    assert_int_equal(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program), 0);
}

static int read_without_landlock(bool allowed)
{
    struct smg_err err = { 0 };
    struct loop *loop = loop_new("old", &err);
    struct options options = options_of("counter-1", "raid: one_file\n");
    struct config_errors errors = { 0 };
    struct counter counter = { .loop = loop };

    forget_landlock();
    options.instance.without_landlock = allowed;
    if (library_load(PLUGINS, SMG_READER, TEST_PLUGIN("raider"), &counter.library, &err) < 0)
        return 1;
    counter.reader = reader_new(loop, counter.library, &options.instance, &errors, &err);
    if (!allowed)
        return counter.reader == NULL && err.code == SMG_E_UNSUPPORTED &&
                       strstr(err.text, "Landlock") != NULL
                   ? 0
                   : 2;
    if (counter.reader == NULL || reader_start(counter.reader, &err) < 0)
        return 3;
    read_card(&counter, 20000);
    if (counter.result.code != SMG_OK || result_int(&counter.result, "passwords") != 0)
        return 4;
    return result_int(&counter.result, "chroot") == EPERM ? 0 : 5; /* seccomp is there still */
}

static void test_without_landlock_a_driver_is_refused_unless_that_is_configured(void **state)
{
    (void)state;
    for (int allowed = 0; allowed < 2; allowed++) {
        int status = -1;
        pid_t pid = fork();

        if (pid == 0)
            _exit(read_without_landlock(allowed == 1));
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_int_equal(status, 0);
    }
}

#define ON_A_LOOP(test) cmocka_unit_test_setup_teardown(test, make_loop, free_loop)
static const struct CMUnitTest tests[] = {
    ON_A_LOOP(test_no_file_is_opened_made_or_changed),
    ON_A_LOOP(test_no_network_of_any_kind_is_reached),
    ON_A_LOOP(test_no_process_is_made_looked_at_or_signalled),
    ON_A_LOOP(test_the_kernel_is_not_asked_for_anything_else),
    cmocka_unit_test(test_without_landlock_a_driver_is_refused_unless_that_is_configured),
};

COUNTER_MAIN(tests)
