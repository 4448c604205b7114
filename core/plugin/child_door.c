/* SPDX-License-Identifier: Apache-2.0 */
/* connect(2) in a reader's process: the kernel makes a signal of it, and its handler asks the
 * gateway; what else is stopped is told of, when the kit wants to know. What the driver does to
 * handler or memory gets it nothing that the gateway refuses. */
#include "plugin/child.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#include "plugin/door.h"
#include "plugin/reader.h"

enum { CONNECT_MS = 10 * 1000, AGAIN_MS = 20 };

/* One request at a time; the answers have no names. */
static pthread_mutex_t one = PTHREAD_MUTEX_INITIALIZER;
static bool door_is_open;

static int wait_for_connection(int fd)
{
    struct pollfd connected = { .fd = fd, .events = POLLOUT };
    int code = 0, got;
    socklen_t len = sizeof code;

    do
        got = poll(&connected, 1, CONNECT_MS);
    while (got < 0 && errno == EINTR);
    if (got <= 0)
        return got == 0 ? ETIMEDOUT : errno;
    return getsockopt(fd, SOL_SOCKET, SO_ERROR, &code, &len) == 0 ? code : errno;
}

/* The socket that was made takes the place of the driver's, and blocks when that did. */
static int replace(int fd, int made)
{
    int flags = fcntl(fd, F_GETFL), close_on_exec = fcntl(fd, F_GETFD), made_flags;

    if (flags < 0 || close_on_exec < 0)
        return errno;
    made_flags = fcntl(made, F_GETFL);
    if (!(flags & O_NONBLOCK) && fcntl(made, F_SETFL, made_flags & ~O_NONBLOCK) != 0)
        return errno;
    if (dup3(made, fd, close_on_exec & FD_CLOEXEC ? O_CLOEXEC : 0) < 0)
        return errno;
    return 0;
}

/* A local server whose queue is full is EAGAIN to the gateway, which does not wait; connect(2) of a
 * socket that blocks would have. */
static int ask_until_there_is_room(bool blocks, const void *address, size_t len, int *made)
{
    int code;

    for (int waited = 0;; waited += AGAIN_MS) {
        pthread_mutex_lock(&one);
        code = door_ask(CHILD_DOOR, address, len, made);
        pthread_mutex_unlock(&one);
        if (code != EAGAIN || !blocks || waited >= CONNECT_MS)
            return code;
        (void)poll(NULL, 0, AGAIN_MS);
    }
}

/* As connect(2), but returns an errno. */
static int connect_through_door(int fd, const void *address, size_t len)
{
    struct sockaddr_storage peer;
    socklen_t peer_len = sizeof peer;
    int made, code, flags, failed = 0;

    if (getpeername(fd, (struct sockaddr *)&peer, &peer_len) == 0)
        return EISCONN;
    if (errno != ENOTCONN)
        return errno;
    flags = fcntl(fd, F_GETFL);
    if (len < sizeof(sa_family_t) || flags < 0)
        return EINVAL;
    code = ask_until_there_is_room(!(flags & O_NONBLOCK), address, len, &made);
    if (made < 0)
        return code;
    if (code == EINPROGRESS && !(flags & O_NONBLOCK))
        code = wait_for_connection(made);
    if (code == 0 || code == EINPROGRESS)
        failed = replace(fd, made);
    close(made);
    return failed != 0 ? failed : code;
}

#if defined(__x86_64__) || defined(__aarch64__)

/* Refused, and told of where the kit asked for it; only calls a signal's handler may make. */
static int refuse(int call)
{
    static const struct {
        int call;
        const char *name;
    } names[] = {
        { SYS_socket, "socket" }, { SYS_connect, "connect" }, { SYS_bind, "bind" },
        { SYS_clone, "fork" },    { SYS_execve, "execve" },   { SYS_kill, "kill" },
        { SYS_ptrace, "ptrace" }, { SYS_mount, "mount" },     { SYS_unlinkat, "unlink" },
        { SYS_setuid, "setuid" }, { SYS_prctl, "prctl" },     { SYS_tgkill, "tgkill" },
        { SYS_setsid, "setsid" },
#ifdef __x86_64__
        { SYS_fork, "fork" },     { SYS_vfork, "vfork" },     { SYS_unlink, "unlink" },
#endif
    };
    char line[80];
    const char *name = NULL;
    int len;

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (names[i].call == call)
            name = names[i].name;
    len = name == NULL ? snprintf(line, sizeof line, "<2>the walls refused call %d\n", call)
                       : snprintf(line, sizeof line, "<2>the walls refused %s\n", name);
    if (getenv(READER_TELL_WALLS) != NULL && write(STDERR_FILENO, line, (size_t)len) < 0)
        return EPERM;
    return EPERM;
}

/* Open it the one way that raises no signal. Returns a descriptor or a negative errno. */
static long open_for(int folder, const char *path, int flags, unsigned mode)
{
    struct open_how how = { .flags = (unsigned)flags & ~(unsigned)O_LARGEFILE,
                            .mode = flags & O_CREAT ? mode : 0 };
    long got = syscall(SYS_openat2, folder, path, &how, sizeof how);
    char line[300];
    int len;

    if (got >= 0)
        return got;
    got = -errno;
    if (got == -EACCES || got == -EPERM) {
        len = snprintf(line, sizeof line, "<2>the walls refused open %.200s\n", path);
        if (write(STDERR_FILENO, line, (size_t)len) < 0)
            return got;
    }
    return got;
}

/* What a stopped call returns. */
static long answer(int call, const unsigned long *at)
{
#ifdef __x86_64__
    if (call == SYS_open)
        return open_for(AT_FDCWD, (const char *)at[0], (int)at[1], (unsigned)at[2]);
#endif
    if (call == SYS_openat)
        return open_for((int)at[0], (const char *)at[1], (int)at[2], (unsigned)at[3]);
    if (call == SYS_connect && door_is_open)
        return -connect_through_door((int)at[0], (const void *)at[1], (size_t)(unsigned)at[2]);
    return -refuse(call);
}

/* Where a call's arguments lie when it was stopped, and where its result is to be. */
static void on_call(int signo, siginfo_t *info, void *context)
{
    ucontext_t *stopped = context;
    int before = errno;
#ifdef __x86_64__
    greg_t *at = stopped->uc_mcontext.gregs;
    const unsigned long arguments[] = { (unsigned long)at[REG_RDI], (unsigned long)at[REG_RSI],
                                        (unsigned long)at[REG_RDX], (unsigned long)at[REG_R10] };

    at[REG_RAX] = answer(info->si_syscall, arguments);
#else
    unsigned long long *at = stopped->uc_mcontext.regs;
    const unsigned long arguments[] = { at[0], at[1], at[2], at[3] };

    at[0] = (unsigned long long)answer(info->si_syscall, arguments);
#endif
    (void)signo;
    errno = before;
}

int child_door_open(bool to_gateway, struct smg_err *err)
{
    struct sigaction action = { .sa_sigaction = on_call,
                                .sa_flags = SA_SIGINFO | SA_NODEFER | SA_RESTART };

    door_is_open = to_gateway;
    if (sigaction(SIGSYS, &action, NULL) != 0)
        return smg_fail(err, SMG_E_IO, "sigaction: %s", strerror(errno));
    return SMG_OK;
}

#else

int child_door_open(bool to_gateway, struct smg_err *err)
{
    if (!to_gateway)
        return SMG_OK; /* nothing is told there */
    return smg_fail(err, SMG_E_UNSUPPORTED, "a reader cannot have sockets on this processor");
}

#endif
