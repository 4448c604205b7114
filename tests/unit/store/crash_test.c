/* SPDX-License-Identifier: Apache-2.0 */
/* The store on SQLite under kill -9. Called as "write FOLDER FIRST WANTED" it is the writer itself,
 * and as "check FOLDER ANSWERS" it holds the store against what the writer was told; tests/fault
 * uses both. */
#include "crash_driver.h"

#include <signal.h>
#include <sys/wait.h>

#ifdef SHIMING_SANITIZED
enum { ROUNDS = 15 };
#else
enum { ROUNDS = 50 };
#endif

static const char *program;

static int run_check(const char *folder, const char *path)
{
    FILE *answers = fopen(path, "r");
    struct verdict verdict;
    int status;

    if (answers == NULL)
        return 2;
    status = driver_check(folder, answers, &verdict);
    fclose(answers);
    printf("%u whole, %u half, %u wrong, %u lost, %u denied but there\n", verdict.whole,
           verdict.halves, verdict.wrong, verdict.lost, verdict.denied);
    if (status != 0)
        return status;
    return verdict.halves + verdict.wrong + verdict.lost + verdict.denied > 0 ? 1 : 0;
}

/* The writer in a process of its own; its answers come through *answers. */
static pid_t start_writer(const char *folder, unsigned first, int *answers)
{
    char number[16];
    int ends[2];
    pid_t pid;

    snprintf(number, sizeof number, "%u", first);
    assert_int_equal(pipe(ends), 0);
    pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        dup2(ends[1], STDOUT_FILENO);
        close(ends[0]);
        close(ends[1]);
        execl(program, program, "write", folder, number, "0", (char *)NULL);
        _exit(127);
    }
    close(ends[1]);
    *answers = ends[0];
    return pid;
}

/* Let it write until it has told so many bytes of answers, then kill it; the rest of what it told
 * before it died counts too. */
static void kill_after(pid_t pid, int answers, size_t bytes, FILE *all)
{
    char chunk[512];
    size_t told = 0;
    ssize_t got;
    int status;

    while ((got = read(answers, chunk, sizeof chunk)) > 0) {
        fwrite(chunk, 1, (size_t)got, all);
        if (told < bytes && told + (size_t)got >= bytes)
            kill(pid, SIGKILL);
        told += (size_t)got;
    }
    close(answers);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSIGNALED(status));
}

static void test_nothing_acknowledged_is_lost_when_the_writer_is_killed(void **state)
{
    struct verdict verdict;
    unsigned random = 12345;
    struct lab lab = { .server = NULL };
    char *told = NULL;
    size_t told_len = 0;

    (void)state;
    lab_new(&lab, "sqlite");
    for (unsigned round = 0; round < ROUNDS; round++) {
        FILE *all = open_memstream(&told, &told_len);
        int answers;
        pid_t pid = start_writer(lab.folder, round * 20000 + 1, &answers);

        random = random * 1103515245u + 12345u;
        kill_after(pid, answers, 1 + (random >> 8) % 4000, all);
        fclose(all);
        /* A line may be cut where the process died. */
        while (told_len > 0 && told[told_len - 1] != '\n')
            told[--told_len] = '\0';
        all = fmemopen(told, told_len == 0 ? 1 : told_len, "r");
        assert_int_equal(driver_check(lab.folder, all, &verdict), 0);
        fclose(all);
        free(told);
        assert_int_equal(verdict.lost, 0);
        assert_int_equal(verdict.halves, 0);
        assert_int_equal(verdict.wrong, 0);
        assert_int_equal(verdict.denied, 0);
    }
    assert_true(verdict.whole > ROUNDS);
    lab_free(&lab);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_acknowledged_is_lost_when_the_writer_is_killed),
    };

    program = argv[0];
    if (argc == 5 && strcmp(argv[1], "write") == 0)
        return driver_write(argv[2], (unsigned)strtoul(argv[3], NULL, 10),
                            (unsigned)strtoul(argv[4], NULL, 10));
    if (argc == 4 && strcmp(argv[1], "check") == 0)
        return run_check(argv[2], argv[3]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
