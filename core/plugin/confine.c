/* SPDX-License-Identifier: Apache-2.0 */
/* Limits, then Landlock for files, then seccomp for everything else. */
#include "plugin/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/landlock.h>
#include <linux/sockios.h>
#include <malloc.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Rights newer than the kernel headers we build with: cutting a file short, device ioctls. */
#define RIGHT_REFER (1ull << 13)
#define RIGHT_TRUNCATE (1ull << 14)
#define RIGHT_IOCTL_DEV (1ull << 15)

#define RIGHTS_FIRST ((1ull << 13) - 1) /* all that ABI 1 knows */
#define RIGHTS_OF_DEVICE                                                                           \
    (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE | RIGHT_TRUNCATE |               \
     RIGHT_IOCTL_DEV)

/* Since ABI 4 and 6: walls behind the walls that seccomp is. */
#define PORTS_BIND (1ull << 0)
#define PORTS_CONNECT (1ull << 1)
#define SCOPE_ABSTRACT_SOCKETS (1ull << 0)
#define SCOPE_SIGNALS (1ull << 1)

/* Of all the gateway's user has: a driver that starts threads without end must leave some. */
enum { TASKS_MOST = 1024 };

/* Never more than there was. */
static bool set_limit(__rlimit_resource_t what, rlim_t most)
{
    struct rlimit limit;

    if (getrlimit(what, &limit) != 0)
        return false;
    if (limit.rlim_max < most)
        most = limit.rlim_max;
    limit = (struct rlimit){ .rlim_cur = most, .rlim_max = most };
    return setrlimit(what, &limit) == 0;
}

int confine_limit(struct smg_err *err)
{
    /* A parent that ended before this line closed its socket: the child sees that and ends. */
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0)
        return smg_fail(err, SMG_E_IO, "prctl: %s", strerror(errno));
    if (!set_limit(RLIMIT_CORE, 0) || !set_limit(RLIMIT_FSIZE, 0) ||
        !set_limit(RLIMIT_NOFILE, 64) || !set_limit(RLIMIT_NPROC, TASKS_MOST))
        return smg_fail(err, SMG_E_IO, "setrlimit: %s", strerror(errno));
#ifndef SHIMING_SANITIZED
    /* Sanitizers map terabytes of shadow, and look at their own process to report. */
    if (!set_limit(RLIMIT_AS, 256u << 20))
        return smg_fail(err, SMG_E_IO, "setrlimit: %s", strerror(errno));
    if (prctl(PR_SET_DUMPABLE, 0) != 0)
        return smg_fail(err, SMG_E_IO, "prctl: %s", strerror(errno));
#endif
    mallopt(M_ARENA_MAX, 1); /* an arena a thread would eat the address space */
    return SMG_OK;
}

/* Less than 1: there is none. */
static int landlock_abi(void)
{
    return (int)syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
}

bool confine_has_landlock(void)
{
    return landlock_abi() >= 1;
}

/* Landlock holds back the calling thread and those it starts later, no others. */
static int refuse_threads(struct smg_err *err)
{
#ifndef SHIMING_SANITIZED /* some sanitizers have a thread of their own */
    struct stat task;

    if (stat("/proc/self/task", &task) == 0 && task.st_nlink > 3)
        return smg_fail(err, SMG_E_INVALID, "the plugin starts threads when it is loaded");
#endif
    (void)err;
    return SMG_OK;
}

/* As the newest kernel we know has it; an older one is given less of it. */
struct rules {
    uint64_t files, ports, scopes;
};

static uint64_t rights_of_abi(int abi)
{
    uint64_t rights = RIGHTS_FIRST;

    if (abi >= 2)
        rights |= RIGHT_REFER;
    if (abi >= 3)
        rights |= RIGHT_TRUNCATE;
    if (abi >= 5)
        rights |= RIGHT_IOCTL_DEV;
    return rights;
}

static int make_rules(int abi, struct rules *rules, struct smg_err *err)
{
    size_t size = abi >= 6   ? sizeof *rules
                  : abi >= 4 ? offsetof(struct rules, scopes)
                             : offsetof(struct rules, ports);
    int ruleset;

    *rules = (struct rules){ .files = rights_of_abi(abi),
                             .ports = PORTS_BIND | PORTS_CONNECT,
                             .scopes = SCOPE_ABSTRACT_SOCKETS | SCOPE_SIGNALS };
    ruleset = (int)syscall(SYS_landlock_create_ruleset, rules, size, 0);
    return ruleset >= 0 ? ruleset : smg_fail(err, SMG_E_IO, "landlock: %s", strerror(errno));
}

static int allow_path(int ruleset, const char *path, uint64_t wanted, uint64_t rights,
                      struct smg_err *err)
{
    struct landlock_path_beneath_attr rule = { .parent_fd = open(path, O_PATH | O_CLOEXEC) };
    struct stat info;
    int code = SMG_OK;

    if (rule.parent_fd < 0)
        return smg_fail(err, errno == ENOENT || errno == ENODEV ? SMG_E_GONE : SMG_E_IO, "%s: %s",
                        path, strerror(errno));
    if (fstat(rule.parent_fd, &info) == 0 && S_ISDIR(info.st_mode))
        wanted |= LANDLOCK_ACCESS_FS_READ_DIR;
    rule.allowed_access = wanted & rights;
    if (syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) != 0)
        code = smg_fail(err, SMG_E_IO, "%s: landlock: %s", path, strerror(errno));
    close(rule.parent_fd);
    return code;
}

static int allow_paths(int ruleset, const struct confine_reach *reach, uint64_t rights,
                       struct smg_err *err)
{
    int code = SMG_OK;

    for (size_t i = 0; code == SMG_OK && i < reach->device_count; i++)
        code = allow_path(ruleset, reach->devices[i], RIGHTS_OF_DEVICE, rights, err);
    for (size_t i = 0; code == SMG_OK && i < reach->path_count; i++)
        code = allow_path(ruleset, reach->paths[i], LANDLOCK_ACCESS_FS_READ_FILE, rights, err);
    for (size_t i = 0; code == SMG_OK && i < reach->program_count; i++)
        code = allow_path(ruleset, reach->programs[i],
                          LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_EXECUTE, rights, err);
    return code;
}

static int hold_back_files(const struct confine_reach *reach, bool *landlocked, struct smg_err *err)
{
    int abi = landlock_abi();
    struct rules rules;
    int ruleset, code;

    *landlocked = abi >= 1;
    if (abi < 1)
        return SMG_OK;
    ruleset = make_rules(abi, &rules, err);
    if (ruleset < 0)
        return err->code;
    code = allow_paths(ruleset, reach, rules.files, err);
    if (code == SMG_OK && syscall(SYS_landlock_restrict_self, ruleset, 0) != 0)
        code = smg_fail(err, SMG_E_IO, "landlock: %s", strerror(errno));
    close(ruleset);
    return code;
}

/* What a driver of a device needs, and the C library under it. */
static const int allowed[] = {
    /* descriptors it has, and files Landlock lets it open */
    SCMP_SYS(read), SCMP_SYS(write), SCMP_SYS(readv), SCMP_SYS(writev), SCMP_SYS(pread64),
    SCMP_SYS(pwrite64), SCMP_SYS(lseek), SCMP_SYS(ioctl), SCMP_SYS(flock), SCMP_SYS(fsync),
    SCMP_SYS(close), SCMP_SYS(dup), SCMP_SYS(dup2), SCMP_SYS(dup3), SCMP_SYS(pipe), SCMP_SYS(pipe2),
    SCMP_SYS(open), SCMP_SYS(openat), SCMP_SYS(access), SCMP_SYS(faccessat), SCMP_SYS(faccessat2),
    SCMP_SYS(stat), SCMP_SYS(lstat), SCMP_SYS(fstat), SCMP_SYS(newfstatat), SCMP_SYS(statx),
    SCMP_SYS(readlink), SCMP_SYS(readlinkat), SCMP_SYS(getdents64), SCMP_SYS(getcwd),
    SCMP_SYS(umask),
    /* the socket to the gateway; there is no other, and none can be made */
    SCMP_SYS(recvfrom), SCMP_SYS(recvmsg), SCMP_SYS(shutdown),
    /* waiting */
    SCMP_SYS(poll), SCMP_SYS(ppoll), SCMP_SYS(select), SCMP_SYS(pselect6), SCMP_SYS(epoll_create),
    SCMP_SYS(epoll_create1), SCMP_SYS(epoll_ctl), SCMP_SYS(epoll_wait), SCMP_SYS(epoll_pwait),
    SCMP_SYS(eventfd2), SCMP_SYS(timerfd_create), SCMP_SYS(timerfd_settime),
    SCMP_SYS(timerfd_gettime), SCMP_SYS(nanosleep), SCMP_SYS(clock_nanosleep),
    SCMP_SYS(restart_syscall), SCMP_SYS(sched_yield),
    /* memory */
    SCMP_SYS(brk), SCMP_SYS(mmap), SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(mprotect),
    SCMP_SYS(madvise), SCMP_SYS(membarrier),
    /* time and chance */
    SCMP_SYS(clock_gettime), SCMP_SYS(clock_getres), SCMP_SYS(gettimeofday), SCMP_SYS(time),
    SCMP_SYS(times), SCMP_SYS(getrandom),
    /* threads and signals of its own */
    SCMP_SYS(futex), SCMP_SYS(set_robust_list), SCMP_SYS(rseq), SCMP_SYS(set_tid_address),
    SCMP_SYS(sched_getaffinity), SCMP_SYS(sched_getparam), SCMP_SYS(sched_getscheduler),
    SCMP_SYS(rt_sigaction), SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigreturn),
    SCMP_SYS(rt_sigtimedwait), SCMP_SYS(sigaltstack), SCMP_SYS(exit), SCMP_SYS(exit_group),
    /* who am I */
    SCMP_SYS(getpid), SCMP_SYS(getppid), SCMP_SYS(gettid), SCMP_SYS(getuid), SCMP_SYS(geteuid),
    SCMP_SYS(getgid), SCMP_SYS(getegid), SCMP_SYS(uname), SCMP_SYS(sysinfo), SCMP_SYS(getrlimit),
    SCMP_SYS(getrusage)
};

/* What may be asked of a descriptor; not to whom its signals go. */
static const int fcntl_commands[] = { F_DUPFD,     F_DUPFD_CLOEXEC, F_GETFD,     F_SETFD,
                                      F_GETFL,     F_SETFL,         F_GETLK,     F_SETLK,
                                      F_SETLKW,    F_OFD_GETLK,     F_OFD_SETLK, F_OFD_SETLKW,
                                      F_GETPIPE_SZ };

/* A bit or a number in the lower half of an argument; the kernel looks at no other. */
#define LOW_BITS(argument, mask, bits) SCMP_CMP(argument, SCMP_CMP_MASKED_EQ, mask, bits)
#define LOW_NUMBER(argument, number) LOW_BITS(argument, UINT32_MAX, (uint32_t)(number))

#define NEW_SPACES                                                                                 \
    (CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS |     \
     CLONE_NEWCGROUP)

/* Calls allowed with some arguments only. */
static int allow_partly(scmp_filter_ctx filter)
{
    const scmp_datum_t self = (scmp_datum_t)getpid();
    /* a thread, never a process; clone3's arguments cannot be looked at, so glibc falls back */
    int code = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1,
                                LOW_BITS(0, CLONE_THREAD | NEW_SPACES, CLONE_THREAD));

    if (code == 0)
        code = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
    if (code == 0) /* abort() signals the process itself */
        code = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1, LOW_NUMBER(0, self));
    if (code == 0) /* with data on its way, a socket would connect by itself */
        code = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(sendto), 1,
                                LOW_BITS(3, MSG_FASTOPEN, 0));
    if (code == 0)
        code = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(sendmsg), 1,
                                LOW_BITS(2, MSG_FASTOPEN, 0));
    if (code == 0) /* a thread's name */
        code = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(prctl), 1,
                                LOW_NUMBER(0, PR_SET_NAME));
    if (code == 0) /* to look at a limit, not to change one */
        code = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(prlimit64), 1,
                                SCMP_CMP(2, SCMP_CMP_EQ, 0));
    for (size_t i = 0; code == 0 && i < sizeof fcntl_commands / sizeof *fcntl_commands; i++)
        code = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(fcntl), 1,
                                LOW_NUMBER(1, fcntl_commands[i]));
    return code;
}

/* An option of a socket that changes how it waits and nothing else. */
static const struct {
    int level, name;
} socket_options[] = {
    { SOL_SOCKET, SO_RCVTIMEO },  { SOL_SOCKET, SO_SNDTIMEO },       { SOL_SOCKET, SO_RCVBUF },
    { SOL_SOCKET, SO_SNDBUF },    { SOL_SOCKET, SO_KEEPALIVE },      { SOL_SOCKET, SO_LINGER },
    { IPPROTO_TCP, TCP_NODELAY }, { IPPROTO_TCP, TCP_KEEPIDLE },     { IPPROTO_TCP, TCP_KEEPINTVL },
    { IPPROTO_TCP, TCP_KEEPCNT }, { IPPROTO_TCP, TCP_USER_TIMEOUT },
};

#define FLAGS_OF_SOCKET (SOCK_CLOEXEC | SOCK_NONBLOCK)

static int allow_socket(scmp_filter_ctx filter, int family, int protocol)
{
    return seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(socket), 3, LOW_NUMBER(0, family),
                            LOW_BITS(1, UINT32_MAX & ~(scmp_datum_t)FLAGS_OF_SOCKET, SOCK_STREAM),
                            LOW_NUMBER(2, protocol));
}

static int allow_sockets(scmp_filter_ctx filter, const struct confine_reach *reach)
{
    /* connect is the gateway's: child_door.c asks it when the signal comes */
    int code = reach->tells ? 0 : seccomp_rule_add(filter, SCMP_ACT_TRAP, SCMP_SYS(connect), 0);

    if (code == 0 && reach->local)
        code = allow_socket(filter, AF_UNIX, 0);
    for (int protocol = 0; protocol <= IPPROTO_TCP; protocol += IPPROTO_TCP) {
        if (code == 0 && reach->four)
            code = allow_socket(filter, AF_INET, protocol);
        if (code == 0 && reach->six)
            code = allow_socket(filter, AF_INET6, protocol);
    }
    for (size_t i = 0; code == 0 && i < sizeof socket_options / sizeof *socket_options; i++)
        code = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(setsockopt), 2,
                                SCMP_CMP(1, SCMP_CMP_EQ, (scmp_datum_t)socket_options[i].level),
                                SCMP_CMP(2, SCMP_CMP_EQ, (scmp_datum_t)socket_options[i].name));
    if (code == 0)
        code = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(getsockopt), 0);
    if (code == 0)
        code = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(getsockname), 0);
    if (code == 0)
        code = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(getpeername), 0);
    return code;
}

static const unsigned long forbidden_ioctls[] = { TIOCSTI, TIOCLINUX, TIOCCONS, TIOCSETD };

/* ioctl is every driver's own language, so all of it is allowed but this: the network's (which any
 * socket understands, and which signal their owner), keys pressed for others, another line
 * discipline. A filter of its own, because an allowing one cannot say "but". */
static int forbid_ioctls(struct smg_err *err)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
    int code = 0;

    if (filter == NULL)
        return smg_fail(err, SMG_E_MEMORY, "seccomp: out of memory");
    code = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(ioctl), 1,
                            LOW_BITS(1, 0xff00, SIOCSPGRP & 0xff00));
    for (size_t i = 0; code == 0 && i < sizeof forbidden_ioctls / sizeof *forbidden_ioctls; i++)
        code = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(ioctl), 1,
                                LOW_NUMBER(1, forbidden_ioctls[i]));
    if (code == 0)
        code = seccomp_load(filter);
    seccomp_release(filter);
    return code == 0 ? SMG_OK : smg_fail(err, SMG_E_IO, "seccomp: %s", strerror(-code));
}

/* Another program instead of this one, and how it sets up its first thread. */
static int allow_becoming(scmp_filter_ctx filter)
{
    int code = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(execve), 0);

    return code == 0 ? seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(arch_prctl), 0) : code;
}

static int hold_back_calls(const struct confine_reach *reach, struct smg_err *err)
{
    scmp_filter_ctx filter = seccomp_init(reach->tells ? SCMP_ACT_TRAP : SCMP_ACT_ERRNO(EPERM));
    int code = 0;

    if (filter == NULL)
        return smg_fail(err, SMG_E_MEMORY, "seccomp: out of memory");
    for (size_t i = 0; code == 0 && i < sizeof allowed / sizeof *allowed; i++)
        if (!reach->tells || (allowed[i] != SCMP_SYS(open) && allowed[i] != SCMP_SYS(openat)))
            code = seccomp_rule_add(filter, SCMP_ACT_ALLOW, allowed[i], 0);
    if (code == 0 && reach->tells) /* how the signal's handler opens what Landlock allows */
        code = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(openat2), 0);
    if (code == 0)
        code = allow_partly(filter);
    if (code == 0) /* the calls of other processors' programs: no C library makes them here */
        code = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
    if (code == 0 && (reach->local || reach->four || reach->six))
        code = allow_sockets(filter, reach);
    if (code == 0 && reach->program_count > 0)
        code = allow_becoming(filter);
    if (code == 0)
        code = seccomp_load(filter);
    seccomp_release(filter);
    return code == 0 ? SMG_OK : smg_fail(err, SMG_E_IO, "seccomp: %s", strerror(-code));
}

/* Run as root, the gateway would give its children powers that files and walls do not stop. */
static int drop_capabilities(struct smg_err *err)
{
    struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
    struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = { 0 };

    if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) != 0 ||
        syscall(SYS_capset, &header, none) != 0)
        return smg_fail(err, SMG_E_IO, "capset: %s", strerror(errno));
    return SMG_OK;
}

int confine_enter(const struct confine_reach *reach, bool *landlocked, struct smg_err *err)
{
    if (refuse_threads(err) < 0)
        return err->code;
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return smg_fail(err, SMG_E_IO, "prctl: %s", strerror(errno));
    if (hold_back_files(reach, landlocked, err) < 0 || drop_capabilities(err) < 0 ||
        forbid_ioctls(err) < 0)
        return err->code;
    return hold_back_calls(reach, err);
}
