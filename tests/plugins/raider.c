/* SPDX-License-Identifier: Apache-2.0 */
/* A reader that wants out: each raid is one call, answered as the errno it ended with (0: none).
 * The arguments are such that the calls do no harm where they get through. */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <shiming/plugin.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

struct config {
    const char *raid;
};

static const struct smg_option options[] = {
    SMG_OPTION_TEXT(config, raid, .flags = SMG_REQUIRED, .help = "what to try"), SMG_OPTIONS_END
};

struct raider {
    const struct smg_host *host;
    const struct config *config;
    struct smg_op *op;
};

#define NOWHERE "/nonexistent/shiming"

static void say(const struct raider *raider, const char *name, long result)
{
    struct smg_value value = { .type = SMG_INT, .integer = result < 0 ? errno : 0 };

    raider->host->answer(raider->host, raider->op, name, &value);
}

#define TRY(number, ...) say(raider, #number, syscall(SYS_##number, __VA_ARGS__))
#define TRY_AS(name, number, ...) say(raider, name, syscall(SYS_##number, __VA_ARGS__))

static long try_open(const char *path, int flags)
{
    return open(path, flags | O_CLOEXEC, 0600);
}

static long try_parent(const char *file, int flags)
{
    char path[64];

    snprintf(path, sizeof path, "/proc/%d/%s", (int)getppid(), file);
    return open(path, flags | O_CLOEXEC);
}

static void raid_one_file(const struct raider *raider)
{
    say(raider, "passwords", try_open("/etc/passwd", O_RDONLY));
    TRY(chroot, NOWHERE);
}

static void raid_files(const struct raider *raider)
{
    raid_one_file(raider);
    say(raider, "folder", try_open("/tmp", O_RDONLY | O_DIRECTORY));
    say(raider, "create", try_open("/tmp/shiming-raid", O_WRONLY | O_CREAT | O_EXCL));
    unlink("/tmp/shiming-raid");
    say(raider, "nameless", try_open("/tmp", O_TMPFILE | O_RDWR));
    say(raider, "own_memory", try_open("/proc/self/mem", O_RDWR));
    say(raider, "own_files", try_open("/proc/self/fd/1", O_RDWR));
    say(raider, "parents_memory", try_parent("mem", O_RDWR));
    say(raider, "parents_secrets", try_parent("environ", O_RDONLY));
    say(raider, "parents_files", try_parent("fd", O_RDONLY | O_DIRECTORY));
    say(raider, "shared_memory", try_open("/dev/shm", O_RDONLY | O_DIRECTORY));
    TRY(truncate, NOWHERE, 0);
    TRY(mkdirat, AT_FDCWD, NOWHERE, 0700);
    TRY(mknodat, AT_FDCWD, NOWHERE, S_IFIFO, 0);
    TRY(unlinkat, AT_FDCWD, NOWHERE, 0);
    TRY(renameat2, AT_FDCWD, NOWHERE, AT_FDCWD, NOWHERE "2", 0);
    TRY(linkat, AT_FDCWD, NOWHERE, AT_FDCWD, NOWHERE "2", 0);
    TRY(symlinkat, "x", AT_FDCWD, NOWHERE);
    TRY(fchmodat, AT_FDCWD, NOWHERE, 0777);
    TRY(fchmod, -1, 0777);
    TRY(fchownat, AT_FDCWD, NOWHERE, 0, 0, 0);
    TRY(utimensat, AT_FDCWD, NOWHERE, NULL, 0);
    TRY(setxattr, NOWHERE, "user.x", "x", 1, 0);
    TRY(chdir, "/");
    TRY(pivot_root, NOWHERE, NOWHERE);
    TRY(mount, "none", NOWHERE, "tmpfs", 0, NULL);
    TRY(umount2, NOWHERE, 0);
    TRY(open_tree, AT_FDCWD, NOWHERE, 0);
    TRY(fsopen, "nothing", 0);
    TRY(name_to_handle_at, AT_FDCWD, NOWHERE, NULL, NULL, 0);
    TRY(open_by_handle_at, AT_FDCWD, NULL, 0);
    TRY(inotify_init1, 0);
    TRY(fanotify_init, 0, 0);
    TRY(swapon, NOWHERE, 0);
    TRY(acct, NOWHERE);
    TRY(quotactl, 0, NOWHERE, 0, NULL);
}

static long try_socket(int family, int type, int protocol)
{
    return socket(family, type | SOCK_CLOEXEC, protocol);
}

/* Descriptor 3 is a socket in either case: the one to the gateway, or the test's. */
static void raid_network(const struct raider *raider)
{
    struct ifconf nothing = { 0 };
    struct sockaddr_in any = { .sin_family = AF_INET };
    int parent = getppid(), pair[2];

    say(raider, "inet", try_socket(AF_INET, SOCK_STREAM, 0));
    say(raider, "inet_packets", try_socket(AF_INET, SOCK_DGRAM, 0));
    say(raider, "inet_raw", try_socket(AF_INET, SOCK_RAW, IPPROTO_ICMP));
    say(raider, "inet6", try_socket(AF_INET6, SOCK_STREAM, 0));
    say(raider, "unix", try_socket(AF_UNIX, SOCK_STREAM, 0));
    say(raider, "unix_packets", try_socket(AF_UNIX, SOCK_DGRAM, 0));
    say(raider, "netlink", try_socket(AF_NETLINK, SOCK_RAW, 0));
    say(raider, "packet", try_socket(AF_PACKET, SOCK_RAW, 0));
    say(raider, "socketpair", socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
    say(raider, "connect", connect(-1, (void *)&any, sizeof any));
    say(raider, "bind", bind(-1, (void *)&any, sizeof any));
    say(raider, "listen", listen(-1, 1));
    say(raider, "accept", accept4(-1, NULL, NULL, 0));
    TRY(sendmmsg, -1, NULL, 0, 0);
    TRY(recvmmsg, -1, NULL, 0, 0, NULL);
    say(raider, "interfaces", ioctl(3, SIOCGIFCONF, &nothing));
    /* whose descriptor has an owner, signals him when something comes */
    say(raider, "owner", ioctl(3, FIOSETOWN, &parent));
    say(raider, "owner_fcntl", fcntl(3, F_SETOWN, parent));
    say(raider, "owner_signal", fcntl(3, F_SETSIG, SIGKILL));
    say(raider, "owner_high", syscall(SYS_fcntl, 3, 0x700000000ul + F_SETOWN, parent));
    say(raider, "ioctl_high", syscall(SYS_ioctl, 3, 0x700000000ul + FIOSETOWN, &parent));
    say(raider, "lease", fcntl(3, F_SETLEASE, F_RDLCK));
    say(raider, "keys_pressed", ioctl(0, TIOCSTI, "x"));
    say(raider, "line_discipline", ioctl(0, TIOCSETD, &parent));
    say(raider, "console", ioctl(0, TIOCCONS));
}

static long try_fork(bool lend_memory)
{
    pid_t pid = lend_memory ? vfork() : fork();

    if (pid == 0)
        _exit(0);
    if (pid > 0)
        waitpid(pid, NULL, 0);
    return pid;
}

static long try_clone(unsigned long flags)
{
    long pid = syscall(SYS_clone, flags, NULL, NULL, NULL, NULL);

    if (pid == 0)
        _exit(0);
    if (pid > 0)
        waitpid((pid_t)pid, NULL, 0);
    return pid;
}

static void raid_processes(const struct raider *raider)
{
    char *none[] = { NULL }, byte;
    struct iovec here = { &byte, 1 }, there = { (void *)8, 1 };
    siginfo_t info = { .si_code = SI_QUEUE };
    struct rlimit limit = { 0, RLIM_INFINITY };
    struct sched_param plain = { 0 };
    unsigned long mask = 1;
    int parent = getppid();

    info.si_signo = 0;
    say(raider, "fork", try_fork(false));
    say(raider, "vfork", try_fork(true));
    say(raider, "clone", try_clone(SIGCHLD));
    say(raider, "clone_spaces", try_clone(SIGCHLD | CLONE_NEWUSER | CLONE_THREAD));
    TRY(execve, NOWHERE, none, none);
    TRY(execveat, AT_FDCWD, NOWHERE, none, none, 0);
    TRY(memfd_create, "x", 0);
    say(raider, "ptrace", ptrace(PTRACE_SEIZE, parent, NULL, NULL));
    TRY(kill, parent, 0);
    TRY(tkill, parent, 0);
    TRY(tgkill, parent, parent, 0);
    TRY(rt_sigqueueinfo, parent, 0, &info);
    TRY(pidfd_open, parent, 0);
    TRY(pidfd_send_signal, -1, 0, NULL, 0);
    TRY(pidfd_getfd, -1, 0, 0);
    TRY(process_vm_readv, parent, &here, 1, &there, 1, 0);
    TRY(process_vm_writev, parent, &here, 1, &there, 1, 0);
    TRY(process_madvise, -1, NULL, 0, 0, 0);
    TRY(kcmp, parent, parent, 0, 0, 0);
    TRY(move_pages, 0, 0, NULL, NULL, NULL, 0);
    TRY(setns, -1, 0);
    TRY(unshare, CLONE_FILES);
    TRY_AS("outlive", prctl, PR_SET_PDEATHSIG, 0, 0, 0, 0);
    TRY_AS("be_dumped", prctl, PR_SET_DUMPABLE, 1, 0, 0, 0);
    TRY(setpriority, PRIO_PROCESS, parent, 0);
    TRY(sched_setaffinity, 0, sizeof mask, &mask);
    TRY(sched_setscheduler, 0, SCHED_OTHER, &plain);
    TRY(ioprio_set, 1, 0, 2 << 13);
    TRY(setrlimit, RLIMIT_CORE, &limit);
    TRY_AS("limit_64", prlimit64, 0, RLIMIT_CORE, &limit, NULL);
    TRY_AS("limit_parent", prlimit64, parent, RLIMIT_CORE, &limit, &limit);
    TRY(setuid, getuid());
    TRY(setgid, getgid());
    TRY(setpgid, 0, 0);
    TRY(personality, 0xffffffffu);
}

static void raid_kernel(const struct raider *raider)
{
    struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
    char room[8], timer[64] = { 0 };

    TRY(io_uring_setup, 0, NULL);
    TRY(io_uring_enter, -1, 0, 0, 0, NULL, 0);
    TRY(bpf, 0, NULL, 0);
    TRY(perf_event_open, NULL, 0, 0, -1, 0);
    TRY(userfaultfd, 0xffff);
    TRY(keyctl, 0, -3, 0);
    TRY(add_key, NULL, NULL, NULL, 0, 0);
    TRY(request_key, NULL, NULL, NULL, 0);
    TRY(seccomp, 3, 0, NULL);
    TRY(landlock_restrict_self, -1, 0);
    TRY(capset, &header, NULL);
    TRY(init_module, NULL, 0, NULL);
    TRY(finit_module, -1, "", 0);
    TRY(delete_module, NULL, 0);
    TRY(kexec_load, 0, 99999, NULL, 0);
    TRY(reboot, 0, 0, 0, NULL);
    TRY(syslog, 10, NULL, 0);
    TRY(sethostname, "", -1);
    TRY(settimeofday, NULL, NULL);
    TRY(clock_settime, 9999, NULL);
    TRY(clock_adjtime, 9999, NULL);
    TRY(timer_create, 1, NULL, timer);
    TRY(setitimer, 9999, NULL, NULL);
    TRY(mq_open, "shiming", 0, 0, NULL);
    TRY(shmget, 0x53484d47, 0, 0);
    TRY(semget, 0x53484d47, 0, 0);
    TRY(msgget, 0x53484d47, 0);
    TRY(mlockall, 0);
    TRY(mbind, 0, 0, 0, NULL, 0, 0);
    TRY(set_mempolicy, 0, NULL, 0);
    TRY(vmsplice, -1, NULL, 0, 0);
    TRY(splice, -1, NULL, -1, NULL, 0, 0);
    TRY(sendfile, -1, -1, NULL, 0);
    TRY(copy_file_range, -1, NULL, -1, NULL, 0, 0);
    TRY(lookup_dcookie, 0ul, room, sizeof room);
#ifdef __x86_64__
    TRY(iopl, 0);
    TRY(ioperm, 0, 0, 0);
    TRY(modify_ldt, 0, room, 0);
#endif
}

static void raider_read(void *self, struct smg_op *op)
{
    struct raider *raider = self;
    const char *raid = raider->config->raid;

    raider->op = op;
    if (strcmp(raid, "one_file") == 0)
        raid_one_file(raider);
    if (strcmp(raid, "files") == 0)
        raid_files(raider);
    if (strcmp(raid, "network") == 0)
        raid_network(raider);
    if (strcmp(raid, "processes") == 0)
        raid_processes(raider);
    if (strcmp(raid, "kernel") == 0)
        raid_kernel(raider);
    smg_done(raider->host, op);
}

static int raider_open(const struct smg_host *host, const void *config, void **self,
                       struct smg_err *err)
{
    struct raider *raider = calloc(1, sizeof *raider);

    if (raider == NULL)
        return smg_fail(err, SMG_E_MEMORY, "raider");
    raider->host = host;
    raider->config = config;
    *self = raider;
    return SMG_OK;
}

static const struct smg_reader_ops ops = { .size = sizeof ops, .read = raider_read };

SMG_PLUGIN(raider) = {
    SMG_ABI,
    .kind = SMG_READER,
    .name = "raider",
    .version = "1.0",
    .summary = "a reader that tries to get out of its process, for tests",
    .config_size = sizeof(struct config),
    .options = options,
    .open = raider_open,
    .close = free,
    .reader = &ops,
};
