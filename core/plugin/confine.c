/* SPDX-License-Identifier: Apache-2.0 */
/* Limits, then Landlock for files, then seccomp for everything else. */
#include "plugin/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <malloc.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Rights newer than the kernel headers we build with: cutting a file short, device ioctls. */
#define RIGHT_REFER (1ull << 13)
#define RIGHT_TRUNCATE (1ull << 14)
#define RIGHT_IOCTL_DEV (1ull << 15)

#define RIGHTS_FIRST ((1ull << 13) - 1) /* all that ABI 1 knows */

static bool set_limit(__rlimit_resource_t what, rlim_t most)
{
    struct rlimit limit = { .rlim_cur = most, .rlim_max = most };

    return setrlimit(what, &limit) == 0;
}

int confine_limit(struct smg_err *err)
{
    /* A parent that ended before this line closed its socket: the child sees that and ends. */
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0)
        return smg_fail(err, SMG_E_IO, "prctl: %s", strerror(errno));
    if (!set_limit(RLIMIT_CORE, 0) || !set_limit(RLIMIT_FSIZE, 0) || !set_limit(RLIMIT_NOFILE, 64))
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

static int allow_device(int ruleset, const char *device, uint64_t rights, struct smg_err *err)
{
    uint64_t wanted = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE |
                      RIGHT_TRUNCATE | RIGHT_IOCTL_DEV;
    struct landlock_path_beneath_attr rule = { .parent_fd = open(device, O_PATH | O_CLOEXEC) };
    struct stat info;
    int code = SMG_OK;

    if (rule.parent_fd < 0)
        return smg_fail(err, errno == ENOENT || errno == ENODEV ? SMG_E_GONE : SMG_E_IO, "%s: %s",
                        device, strerror(errno));
    if (fstat(rule.parent_fd, &info) == 0 && S_ISDIR(info.st_mode))
        wanted |= LANDLOCK_ACCESS_FS_READ_DIR;
    rule.allowed_access = wanted & rights;
    if (syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) != 0)
        code = smg_fail(err, SMG_E_IO, "%s: landlock: %s", device, strerror(errno));
    close(rule.parent_fd);
    return code;
}

static int hold_back_files(const char *const *devices, size_t count, bool *landlocked,
                           struct smg_err *err)
{
    struct landlock_ruleset_attr rules = { 0 };
    int abi = (int)syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
    int ruleset;

    *landlocked = false;
    if (abi < 1)
        return SMG_OK;
    rules.handled_access_fs = rights_of_abi(abi);
    ruleset = (int)syscall(SYS_landlock_create_ruleset, &rules, sizeof rules, 0);
    if (ruleset < 0)
        return smg_fail(err, SMG_E_IO, "landlock: %s", strerror(errno));
    for (size_t i = 0; i < count; i++) {
        if (allow_device(ruleset, devices[i], rules.handled_access_fs, err) < 0) {
            close(ruleset);
            return err->code;
        }
    }
    if (syscall(SYS_landlock_restrict_self, ruleset, 0) != 0)
        smg_fail(err, SMG_E_IO, "landlock: %s", strerror(errno));
    else
        *landlocked = true;
    close(ruleset);
    return *landlocked ? SMG_OK : err->code;
}

/* What a driver of a device needs, and the C library under it. */
static const int allowed[] = {
    /* descriptors it has, and files Landlock lets it open */
    SCMP_SYS(read), SCMP_SYS(write), SCMP_SYS(readv), SCMP_SYS(writev), SCMP_SYS(pread64),
    SCMP_SYS(pwrite64), SCMP_SYS(lseek), SCMP_SYS(ioctl), SCMP_SYS(fcntl), SCMP_SYS(flock),
    SCMP_SYS(fsync), SCMP_SYS(close), SCMP_SYS(dup), SCMP_SYS(dup2), SCMP_SYS(dup3), SCMP_SYS(pipe),
    SCMP_SYS(pipe2), SCMP_SYS(open), SCMP_SYS(openat), SCMP_SYS(access), SCMP_SYS(faccessat),
    SCMP_SYS(faccessat2), SCMP_SYS(stat), SCMP_SYS(lstat), SCMP_SYS(fstat), SCMP_SYS(newfstatat),
    SCMP_SYS(statx), SCMP_SYS(readlink), SCMP_SYS(readlinkat), SCMP_SYS(getdents64),
    SCMP_SYS(getcwd), SCMP_SYS(umask),
    /* the socket to the gateway; there is no other, and none can be made */
    SCMP_SYS(recvfrom), SCMP_SYS(recvmsg), SCMP_SYS(sendto), SCMP_SYS(sendmsg), SCMP_SYS(shutdown),
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

/* Calls allowed with some arguments only. */
static int allow_partly(scmp_filter_ctx filter)
{
    /* a thread, never a process; clone3's arguments cannot be looked at, so glibc falls back */
    int code = seccomp_rule_add(
        filter, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1,
        SCMP_CMP(0, SCMP_CMP_MASKED_EQ, CLONE_THREAD | CLONE_NEWUSER, CLONE_THREAD));

    if (code == 0)
        code = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
    if (code == 0) /* abort() signals the process itself */
        code = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1,
                                SCMP_CMP(0, SCMP_CMP_EQ, (scmp_datum_t)getpid()));
    if (code == 0) /* a thread's name */
        code = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(prctl), 1,
                                SCMP_CMP(0, SCMP_CMP_EQ, PR_SET_NAME));
    if (code == 0) /* to look at a limit, not to change one */
        code = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(prlimit64), 1,
                                SCMP_CMP(2, SCMP_CMP_EQ, 0));
    return code;
}

static int hold_back_calls(struct smg_err *err)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
    int code = 0;

    if (filter == NULL)
        return smg_fail(err, SMG_E_MEMORY, "seccomp: out of memory");
    for (size_t i = 0; code == 0 && i < sizeof allowed / sizeof *allowed; i++)
        code = seccomp_rule_add(filter, SCMP_ACT_ALLOW, allowed[i], 0);
    if (code == 0)
        code = allow_partly(filter);
    if (code == 0)
        code = seccomp_load(filter);
    seccomp_release(filter);
    return code == 0 ? SMG_OK : smg_fail(err, SMG_E_IO, "seccomp: %s", strerror(-code));
}

int confine_enter(const char *const *devices, size_t count, bool *landlocked, struct smg_err *err)
{
    if (refuse_threads(err) < 0)
        return err->code;
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return smg_fail(err, SMG_E_IO, "prctl: %s", strerror(errno));
    if (hold_back_files(devices, count, landlocked, err) < 0)
        return err->code;
    return hold_back_calls(err);
}
