/* SPDX-License-Identifier: Apache-2.0 */
/* Starting, killing and collecting a child, watched through a pidfd so that nobody else's children
 * are touched. */
#include "plugin/process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "plugin/wire.h"

enum { CHILD_SOCKET = 3 };

/* What of our environment a driver may see: never a secret an operator passed to the gateway. */
static bool may_see(const char *variable)
{
    static const char *const seen[] = { "LANG=",         "LC_ALL=",         "TZ=",
                                        "ASAN_OPTIONS=", "UBSAN_OPTIONS=",  "TSAN_OPTIONS=",
                                        "LSAN_OPTIONS=", "LD_LIBRARY_PATH=" };

    for (size_t i = 0; i < sizeof seen / sizeof *seen; i++)
        if (strncmp(variable, seen[i], strlen(seen[i])) == 0)
            return true;
    return false;
}

static void fill_environment(char **out, size_t room)
{
    size_t count = 0;

    for (char **variable = environ; *variable != NULL && count + 1 < room; variable++)
        if (may_see(*variable))
            out[count++] = *variable;
    out[count] = NULL;
}

/* Ends the child gets are moved out of the way of the numbers they will have there. */
static bool lift(int *fd)
{
    int high = fcntl(*fd, F_DUPFD_CLOEXEC, CHILD_SOCKET + 1);

    close(*fd);
    *fd = high;
    return high >= 0;
}

static int fill_actions(posix_spawn_file_actions_t *actions, int socket, int words)
{
    int code = posix_spawn_file_actions_addopen(actions, 0, "/dev/null", O_RDONLY, 0);

    if (code == 0)
        code = posix_spawn_file_actions_addopen(actions, 1, "/dev/null", O_WRONLY, 0);
    if (code == 0)
        code = posix_spawn_file_actions_adddup2(actions, words, 2);
    if (code == 0)
        code = posix_spawn_file_actions_adddup2(actions, socket, CHILD_SOCKET);
    if (code == 0)
        code = posix_spawn_file_actions_addclosefrom_np(actions, CHILD_SOCKET + 1);
    return code;
}

/* A session of its own, so that a terminal's Ctrl-C reaches the gateway and not the driver. */
static int fill_attributes(posix_spawnattr_t *attributes)
{
    sigset_t none, all;
    int code;

    sigemptyset(&none);
    sigfillset(&all);
    code = posix_spawnattr_setsigmask(attributes, &none);
    if (code == 0)
        code = posix_spawnattr_setsigdefault(attributes, &all);
    if (code == 0)
        code = posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
                                                        POSIX_SPAWN_SETSID);
    return code;
}

static int spawn(pid_t *pid, const char *verb, const char *who, int socket, int words)
{
    char *argv[] = { (char *)"shiming", (char *)verb, (char *)who, NULL };
    char *variables[16];
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    int code = posix_spawn_file_actions_init(&actions);

    if (code != 0)
        return code;
    code = posix_spawnattr_init(&attributes);
    if (code != 0) {
        posix_spawn_file_actions_destroy(&actions);
        return code;
    }
    fill_environment(variables, sizeof variables / sizeof *variables);
    code = fill_actions(&actions, socket, words);
    if (code == 0)
        code = fill_attributes(&attributes);
    if (code == 0)
        code = posix_spawn(pid, "/proc/self/exe", &actions, &attributes, argv, variables);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return code;
}

static void close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

int process_start(struct process *process, const char *verb, const char *who, struct smg_err *err)
{
    int ends[2] = { -1, -1 }, pipe_ends[2] = { -1, -1 };
    int code;

    *process = PROCESS_NONE;
    if (wire_pair(ends, err) < 0)
        return err->code;
    process->socket = ends[0];
    if (pipe2(pipe_ends, O_CLOEXEC) != 0 || fcntl(pipe_ends[0], F_SETFL, O_NONBLOCK) != 0) {
        smg_fail(err, SMG_E_IO, "pipe: %s", strerror(errno));
        goto fail;
    }
    process->words = pipe_ends[0];
    pipe_ends[0] = -1;
    if (!lift(&ends[1]) || !lift(&pipe_ends[1])) {
        smg_fail(err, SMG_E_IO, "too many files are open");
        goto fail;
    }
    code = spawn(&process->pid, verb, who, ends[1], pipe_ends[1]);
    if (code != 0) {
        process->pid = -1;
        smg_fail(err, SMG_E_IO, "it cannot be started: %s", strerror(code));
        goto fail;
    }
    process->pidfd = (int)syscall(SYS_pidfd_open, process->pid, 0);
    if (process->pidfd < 0) {
        smg_fail(err, SMG_E_IO, "pidfd_open: %s", strerror(errno));
        kill(process->pid, SIGKILL);
        waitpid(process->pid, NULL, 0);
        goto fail;
    }
    close_fd(&ends[1]);
    close_fd(&pipe_ends[1]);
    return SMG_OK;
fail:
    close_fd(&ends[1]);
    close_fd(&pipe_ends[0]);
    close_fd(&pipe_ends[1]);
    process_close(process);
    return err->code;
}

void process_kill(const struct process *process)
{
    if (process->pidfd >= 0)
        syscall(SYS_pidfd_send_signal, process->pidfd, SIGKILL, NULL, 0);
}

static bool collect(struct process *process, int flags, siginfo_t *info)
{
    int code;

    *info = (siginfo_t){ 0 };
    do
        code = waitid(P_PIDFD, (id_t)process->pidfd, info, WEXITED | flags);
    while (code != 0 && errno == EINTR);
    if (code == 0 && info->si_pid == 0)
        return false;
    process->pid = -1;
    return true;
}

bool process_reap(struct process *process, char *how, size_t room)
{
    siginfo_t info;

    if (!collect(process, WNOHANG, &info))
        return false;
    if (info.si_code == CLD_EXITED)
        snprintf(how, room, "its process ended with status %d", info.si_status);
    else
        snprintf(how, room, "its process died of signal %d (%s)", info.si_status,
                 sigabbrev_np(info.si_status) == NULL ? "?" : sigabbrev_np(info.si_status));
    return true;
}

void process_end(struct process *process, int moment_ms)
{
    struct pollfd ended = { .fd = process->pidfd, .events = POLLIN };
    siginfo_t info;

    close_fd(&process->socket);
    if (process->pidfd >= 0 && process->pid >= 0) {
        if (poll(&ended, 1, moment_ms) <= 0)
            process_kill(process);
        collect(process, 0, &info);
    }
    process_close(process);
}

void process_close(struct process *process)
{
    close_fd(&process->socket);
    close_fd(&process->words);
    close_fd(&process->pidfd);
    *process = PROCESS_NONE;
}
