/* SPDX-License-Identifier: Apache-2.0 */
/* Starting, killing and collecting a child, watched through a pidfd so that nobody else's children
 * are touched. */
#include "plugin/process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "plugin/door.h"
#include "plugin/reader.h"
#include "plugin/wire.h"

enum { CHILD_SOCKET = 3, CHILD_DOOR = 4 };

/* The ends a child gets; -1: it has none. A child without words is a filter. */
struct ends {
    int socket, words, door;
};

/* What of our environment a driver may see: never a secret an operator passed to the gateway. */
static bool may_see(const char *variable)
{
    static const char *const seen[] = {
        "LANG=",         "LC_ALL=",          "TZ=",
        "ASAN_OPTIONS=", "UBSAN_OPTIONS=",   "TSAN_OPTIONS=",
        "LSAN_OPTIONS=", "LD_LIBRARY_PATH=", READER_TELL_WALLS "="
    };

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
    int high = fcntl(*fd, F_DUPFD_CLOEXEC, CHILD_DOOR + 1);

    close(*fd);
    *fd = high;
    return high >= 0;
}

static int fill_filter_actions(posix_spawn_file_actions_t *actions, int socket)
{
    int code = posix_spawn_file_actions_adddup2(actions, socket, 0);

    if (code == 0)
        code = posix_spawn_file_actions_adddup2(actions, socket, 1);
    if (code == 0)
        code = posix_spawn_file_actions_addopen(actions, 2, "/dev/null", O_WRONLY, 0);
    if (code == 0)
        code = posix_spawn_file_actions_addclosefrom_np(actions, 3);
    return code;
}

static int fill_actions(posix_spawn_file_actions_t *actions, const struct ends *ends)
{
    int last = ends->door < 0 ? CHILD_SOCKET : CHILD_DOOR;
    int code = posix_spawn_file_actions_addopen(actions, 0, "/dev/null", O_RDONLY, 0);

    if (code == 0)
        code = posix_spawn_file_actions_addopen(actions, 1, "/dev/null", O_WRONLY, 0);
    if (code == 0)
        code = posix_spawn_file_actions_adddup2(actions, ends->words, 2);
    if (code == 0)
        code = posix_spawn_file_actions_adddup2(actions, ends->socket, CHILD_SOCKET);
    if (code == 0 && ends->door >= 0)
        code = posix_spawn_file_actions_adddup2(actions, ends->door, CHILD_DOOR);
    if (code == 0)
        code = posix_spawn_file_actions_addclosefrom_np(actions, last + 1);
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

static int spawn(pid_t *pid, const char *verb, const char *who, const struct ends *ends)
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
    code = ends->words < 0 ? fill_filter_actions(&actions, ends->socket)
                           : fill_actions(&actions, ends);
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

/* Our ends go to the process, the child's to *theirs. */
static int make_ends(struct process *process, bool with_door, struct ends *theirs,
                     struct smg_err *err)
{
    int pair[2];

    if (wire_pair(pair, err) < 0)
        return err->code;
    process->socket = pair[0];
    theirs->socket = pair[1];
    if (pipe2(pair, O_CLOEXEC) != 0)
        return smg_fail(err, SMG_E_IO, "pipe: %s", strerror(errno));
    process->words = pair[0];
    theirs->words = pair[1];
    /* Whoever writes more than is read loses it, and does not wait. */
    if (fcntl(process->words, F_SETFL, O_NONBLOCK) != 0 ||
        fcntl(theirs->words, F_SETFL, O_NONBLOCK) != 0)
        return smg_fail(err, SMG_E_IO, "fcntl: %s", strerror(errno));
    if (with_door) {
        if (door_pair(pair, err) < 0)
            return err->code;
        process->door = pair[0];
        theirs->door = pair[1];
    }
    if (!lift(&theirs->socket) || !lift(&theirs->words) || (with_door && !lift(&theirs->door)))
        return smg_fail(err, SMG_E_IO, "too many files are open");
    return SMG_OK;
}

static int spawn_and_watch(struct process *process, const char *verb, const char *who,
                           const struct ends *theirs, struct smg_err *err)
{
    int code = spawn(&process->pid, verb, who, theirs);

    if (code != 0) {
        process->pid = -1;
        return smg_fail(err, SMG_E_IO, "it cannot be started: %s", strerror(code));
    }
    process->pidfd = (int)syscall(SYS_pidfd_open, process->pid, 0);
    if (process->pidfd < 0) {
        smg_fail(err, SMG_E_IO, "pidfd_open: %s", strerror(errno));
        kill(process->pid, SIGKILL);
        waitpid(process->pid, NULL, 0);
        return err->code;
    }
    return SMG_OK;
}

int process_start(struct process *process, const char *verb, const char *who, bool with_door,
                  struct smg_err *err)
{
    struct ends theirs = { -1, -1, -1 };
    int code;

    *process = PROCESS_NONE;
    code = make_ends(process, with_door, &theirs, err);
    if (code == SMG_OK)
        code = spawn_and_watch(process, verb, who, &theirs, err);
    close_fd(&theirs.socket);
    close_fd(&theirs.words);
    close_fd(&theirs.door);
    if (code < 0)
        process_close(process);
    return code;
}

int process_start_filter(struct process *process, const char *verb, const char *who,
                         struct smg_err *err)
{
    struct ends theirs = { -1, -1, -1 };
    int pair[2], code = SMG_OK;

    *process = PROCESS_NONE;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
        return smg_fail(err, SMG_E_IO, "socketpair: %s", strerror(errno));
    process->socket = pair[0];
    theirs.socket = pair[1];
    if (fcntl(process->socket, F_SETFL, O_NONBLOCK) != 0 || !lift(&theirs.socket))
        code = smg_fail(err, SMG_E_IO, "too many files are open");
    if (code == SMG_OK)
        code = spawn_and_watch(process, verb, who, &theirs, err);
    close_fd(&theirs.socket);
    if (code < 0)
        process_close(process);
    return code;
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
    process->status = info->si_code == CLD_EXITED ? info->si_status : -1;
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
    close_fd(&process->door);
    close_fd(&process->pidfd);
    *process = PROCESS_NONE;
}
