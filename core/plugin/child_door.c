/* SPDX-License-Identifier: Apache-2.0 */
/* connect(2) in a reader's process: the kernel makes a signal of it, and its handler asks the
 * gateway. What the driver does to handler or memory gets it nothing that the gateway refuses. */
#include "plugin/child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#include "plugin/door.h"

enum { CONNECT_MS = 10 * 1000 };

/* One request at a time; the answers have no names. */
static pthread_mutex_t one = PTHREAD_MUTEX_INITIALIZER;

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
    pthread_mutex_lock(&one);
    code = door_ask(CHILD_DOOR, address, len, &made);
    pthread_mutex_unlock(&one);
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

/* Where a call's arguments lie when it was stopped, and where its result is to be. */
static void on_connect(int signo, siginfo_t *info, void *context)
{
    ucontext_t *stopped = context;
    int before = errno;
#ifdef __x86_64__
    greg_t *at = stopped->uc_mcontext.gregs;

    at[REG_RAX] = info->si_syscall != SYS_connect
                      ? -EPERM
                      : -connect_through_door((int)at[REG_RDI], (const void *)at[REG_RSI],
                                              (size_t)(unsigned)at[REG_RDX]);
#else
    unsigned long long *at = stopped->uc_mcontext.regs;
    int code = info->si_syscall != SYS_connect
                   ? EPERM
                   : connect_through_door((int)at[0], (const void *)at[1], (size_t)(unsigned)at[2]);

    at[0] = (unsigned long long)-(long long)code;
#endif
    (void)signo;
    errno = before;
}

int child_door_open(struct smg_err *err)
{
    struct sigaction action = { .sa_sigaction = on_connect,
                                .sa_flags = SA_SIGINFO | SA_NODEFER | SA_RESTART };

    if (sigaction(SIGSYS, &action, NULL) != 0)
        return smg_fail(err, SMG_E_IO, "sigaction: %s", strerror(errno));
    return SMG_OK;
}

#else

int child_door_open(struct smg_err *err)
{
    return smg_fail(err, SMG_E_UNSUPPORTED, "a reader cannot have sockets on this processor");
}

#endif
