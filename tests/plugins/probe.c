/* SPDX-License-Identifier: Apache-2.0 */
/* A reader that does what a test tells it, mostly what no reader should, and answers what came of
 * it. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <shiming/plugin.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

struct config {
    const char *act, *device, *word, *secret;
    bool flag;
    int64_t number, bytes;
};

static const struct smg_option options[] = {
    SMG_OPTION_TEXT(config, act, .flags = SMG_REQUIRED, .help = "what to do in a read"),
    SMG_OPTION_DEVICE(config, device, .help = "a file: G in it is a good device, B a broken one"),
    SMG_OPTION_TEXT(config, word, .preset = "preset", .help = "a text"),
    SMG_OPTION_SECRET(config, secret, .help = "a secret"),
    SMG_OPTION_BOOL(config, flag, .help = "a switch"),
    SMG_OPTION_INT(config, number, .preset = "7", .help = "a number"),
    SMG_OPTION_BYTES(config, bytes, .preset = "1KiB", .help = "a size"),
    SMG_OPTIONS_END
};

struct probe {
    const struct smg_host *host;
    const struct config *config;
};

struct act {
    const char *name;
    void (*run)(struct probe *probe, struct smg_op *op);
};

static void say(struct probe *probe, struct smg_op *op, const char *field, int64_t number)
{
    struct smg_value value = { .type = SMG_INT, .integer = number };

    probe->host->answer(probe->host, op, field, &value);
}

static void say_text(struct probe *probe, struct smg_op *op, const char *field, const char *text)
{
    if (text != NULL)
        smg_answer_text(probe->host, op, field, (struct smg_str){ text, strlen(text) });
}

/* 0 when it was allowed, else errno. */
static int try_open(const char *path, int flags)
{
    int fd = open(path, flags, 0600);

    if (fd < 0)
        return errno;
    close(fd);
    return 0;
}

static int try_socket(int family, int type)
{
    int fd = socket(family, type, 0);

    if (fd < 0)
        return errno;
    close(fd);
    return 0;
}

static int try_fork(void)
{
    pid_t pid = fork();

    if (pid < 0)
        return errno;
    if (pid == 0)
        _exit(0);
    waitpid(pid, NULL, 0);
    return 0;
}

static int try_exec(void)
{
    char *argv[] = { (char *)"true", NULL }, *none[] = { NULL };

    execve("/bin/true", argv, none);
    return errno;
}

static void *count_up(void *number)
{
    ++*(int *)number;
    return NULL;
}

static int try_thread(void)
{
    pthread_t thread;
    int number = 0, code = pthread_create(&thread, NULL, count_up, &number);

    if (code == 0)
        pthread_join(thread, NULL);
    return code == 0 && number != 1 ? EINVAL : code;
}

static int64_t count_memory(void)
{
    int64_t mib = 0;

    while (mib < 1024 &&
           mmap(NULL, 1 << 20, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED)
        mib++;
    return mib;
}

static int64_t limit_of(__rlimit_resource_t what)
{
    struct rlimit limit;

    return getrlimit(what, &limit) == 0 ? (int64_t)limit.rlim_cur : -1;
}

static int64_t count_files(void)
{
    int64_t count = 0;

    for (int fd = 0; fd < 64; fd++)
        count += fcntl(fd, F_GETFD) >= 0;
    return count;
}

static void act_sandbox(struct probe *probe, struct smg_op *op)
{
    say(probe, op, "open", try_open("/etc/passwd", O_RDONLY));
    say(probe, op, "create", try_open("/tmp/shiming-probe", O_WRONLY | O_CREAT));
    say(probe, op, "memory_of_parent", try_open("/proc/self/mem", O_RDWR));
    say(probe, op, "device", try_open(probe->config->device, O_RDWR));
    say(probe, op, "inet", try_socket(AF_INET, SOCK_STREAM));
    say(probe, op, "unix", try_socket(AF_UNIX, SOCK_STREAM));
    say(probe, op, "netlink", try_socket(AF_NETLINK, SOCK_RAW));
    say(probe, op, "fork", try_fork());
    say(probe, op, "exec", try_exec());
    say(probe, op, "kill", kill(getppid(), 0) == 0 ? 0 : errno);
    say(probe, op, "ptrace", ptrace(PTRACE_ATTACH, getppid(), 0, 0) == 0 ? 0 : errno);
    say(probe, op, "thread", try_thread());
    say(probe, op, "core", limit_of(RLIMIT_CORE));
    say(probe, op, "files", limit_of(RLIMIT_NOFILE));
    say(probe, op, "session", getsid(0) == getpid() || errno == EPERM);
    smg_done(probe->host, op);
}

static void act_memory(struct probe *probe, struct smg_op *op)
{
    int64_t mib = count_memory();

    say(probe, op, "mib", mib);
    smg_done(probe->host, op);
    _exit(0);
}

static void act_look(struct probe *probe, struct smg_op *op)
{
    say(probe, op, "descriptors", count_files());
    say(probe, op, "secret_seen", getenv("SHIMING_TEST_SECRET") != NULL);
    say_text(probe, op, "word", probe->config->word);
    say_text(probe, op, "secret", probe->config->secret);
    say_text(probe, op, "device", probe->config->device);
    say(probe, op, "flag", probe->config->flag);
    say(probe, op, "number", probe->config->number);
    say(probe, op, "bytes", probe->config->bytes);
    smg_done(probe->host, op);
}

static void act_types(struct probe *probe, struct smg_op *op)
{
    smg_answer_text(probe->host, op, "name", SMG_STR("测试"));
    smg_answer_bytes(probe->host, op, "portrait", SMG_STR("\0\xff\n"));
    smg_answer_date(probe->host, op, "birth", (struct smg_date){ 1949, 12, 31 });
    smg_answer_bool(probe->host, op, "document.long_term", true);
    say(probe, op, "number", -42);
    smg_done(probe->host, op);
}

static void act_twice(struct probe *probe, struct smg_op *op)
{
    smg_done(probe->host, op);
    smg_failed(probe->host, op, SMG_E_IO, "a second end");
    smg_answer_text(probe->host, op, "name", SMG_STR("too late"));
}

static void act_nothing(struct probe *probe, struct smg_op *op)
{
    (void)probe, (void)op;
}

static void act_obey(struct probe *probe, struct smg_op *op)
{
    int code = probe->host->wait(probe->host, op, -1, 0, -1);

    smg_failed(probe->host, op, SMG_E_CANCELLED, "wait returned %d", code);
}

static void act_stubborn(struct probe *probe, struct smg_op *op)
{
    (void)probe, (void)op;
    for (;;)
        pause();
}

static void act_wait(struct probe *probe, struct smg_op *op)
{
    const struct smg_host *host = probe->host;
    int ends[2];

    if (pipe(ends) != 0 || write(ends[1], "x", 1) != 1) {
        smg_failed(host, op, SMG_E_IO, "pipe");
        return;
    }
    say(probe, op, "readable", host->wait(host, op, ends[0], SMG_READABLE, 10000));
    say(probe, op, "writable", host->wait(host, op, ends[1], SMG_WRITABLE, 10000));
    say(probe, op, "time_up", host->wait(host, op, -1, 0, 1));
    close(ends[1]);
    say(probe, op, "hung_up", host->wait(host, op, ends[0], SMG_READABLE, 10000));
    close(ends[0]);
    smg_done(host, op);
}

static void act_many(struct probe *probe, struct smg_op *op)
{
    char name[16];

    for (int i = 0; i < 65; i++) {
        snprintf(name, sizeof name, "field_%d", i);
        say(probe, op, name, i);
    }
    smg_done(probe->host, op);
}

static void answer_big(struct probe *probe, struct smg_op *op, const char *field, size_t len)
{
    char *bytes = calloc(1, len);

    if (bytes != NULL)
        smg_answer_bytes(probe->host, op, field, (struct smg_str){ bytes, len });
    free(bytes);
}

static void act_big(struct probe *probe, struct smg_op *op)
{
    answer_big(probe, op, "portrait", 131072);
    smg_done(probe->host, op);
}

static void act_too_big(struct probe *probe, struct smg_op *op)
{
    answer_big(probe, op, "portrait", 131073);
    smg_done(probe->host, op);
}

static void act_too_much(struct probe *probe, struct smg_op *op)
{
    for (int i = 0; i < 3; i++)
        answer_big(probe, op, i == 0 ? "one" : i == 1 ? "two" : "three", 102400);
    smg_done(probe->host, op);
}

static void act_bad_name(struct probe *probe, struct smg_op *op)
{
    say(probe, op, "Name With Spaces", 1);
    smg_done(probe->host, op);
}

static void act_bad_date(struct probe *probe, struct smg_op *op)
{
    smg_answer_date(probe->host, op, "birth", (struct smg_date){ 2001, 2, 29 });
    smg_done(probe->host, op);
}

static void act_bad_type(struct probe *probe, struct smg_op *op)
{
    struct smg_value value = { .type = (enum smg_type)77 };

    probe->host->answer(probe->host, op, "name", &value);
    smg_done(probe->host, op);
}

/* Past the host, straight onto the socket. */
static void act_garbage(struct probe *probe, struct smg_op *op)
{
    (void)probe, (void)op;
    if (send(3, "\xff\xff\xff\xff nonsense", 13, 0) < 0)
        _exit(1);
    for (;;)
        pause();
}

static void act_pretend(struct probe *probe, struct smg_op *op)
{
    (void)probe, (void)op;
    if (send(3, "\x04", 1, 0) < 0) /* "ready", a second time */
        _exit(1);
    for (;;)
        pause();
}

static void act_hang_up(struct probe *probe, struct smg_op *op)
{
    (void)probe, (void)op;
    close(3);
    for (;;)
        pause();
}

static void act_exit(struct probe *probe, struct smg_op *op)
{
    (void)probe, (void)op;
    _exit(7);
}

static void act_crash(struct probe *probe, struct smg_op *op)
{
    (void)probe, (void)op;
    signal(SIGSEGV, SIG_DFL);
    raise(SIGSEGV);
}

static void act_break(struct probe *probe, struct smg_op *op)
{
    probe->host->state(probe->host, SMG_OUT_OF_SERVICE, "its module is broken");
    smg_failed(probe->host, op, SMG_E_IO, "the module is broken");
}

static void say_again(struct probe *probe, struct smg_op *op, const struct smg_fields *given,
                      const char *field)
{
    struct smg_value value;

    if (probe->host->get(probe->host, given, field, &value))
        probe->host->answer(probe->host, op, field, &value);
}

static void act_given(struct probe *probe, struct smg_op *op)
{
    const struct smg_fields *given = probe->host->given(probe->host, op);
    struct smg_op *other = (struct smg_op *)((uintptr_t)op + 1);

    say(probe, op, "something", given != NULL);
    say(probe, op, "of_another_read", probe->host->given(probe->host, other) != NULL);
    if (given != NULL) {
        say_again(probe, op, given, "access.mrz");
        say_again(probe, op, given, "birth");
    }
    smg_done(probe->host, op);
}

static const struct act acts[] = {
    { "sandbox", act_sandbox },   { "memory", act_memory },     { "look", act_look },
    { "types", act_types },       { "twice", act_twice },       { "nothing", act_nothing },
    { "obey", act_obey },         { "stubborn", act_stubborn }, { "wait", act_wait },
    { "many", act_many },         { "big", act_big },           { "too_big", act_too_big },
    { "too_much", act_too_much }, { "bad_name", act_bad_name }, { "bad_date", act_bad_date },
    { "bad_type", act_bad_type }, { "garbage", act_garbage },   { "pretend", act_pretend },
    { "hang_up", act_hang_up },   { "exit", act_exit },         { "crash", act_crash },
    { "break", act_break },       { "given", act_given },
};

static void probe_read(void *self, struct smg_op *op)
{
    struct probe *probe = self;

    for (size_t i = 0; i < sizeof acts / sizeof *acts; i++)
        if (strcmp(acts[i].name, probe->config->act) == 0) {
            acts[i].run(probe, op);
            return;
        }
    smg_failed(probe->host, op, SMG_E_INVALID, "no such act");
}

static int probe_open(const struct smg_host *host, const void *config, void **self,
                      struct smg_err *err)
{
    struct probe *probe = calloc(1, sizeof *probe);

    if (probe == NULL)
        return smg_fail(err, SMG_E_MEMORY, "probe");
    probe->host = host;
    probe->config = config;
    *self = probe;
    return SMG_OK;
}

static int probe_start(void *self, struct smg_err *err)
{
    struct probe *probe = self;
    char mark = 'G';
    int fd;

    if (strcmp(probe->config->act, "no_start") == 0)
        return smg_fail(err, SMG_E_DENIED, "it does not want to");
    if (strcmp(probe->config->act, "die_in_start") == 0)
        _exit(9);
    if (probe->config->device == NULL)
        return SMG_OK;
    fd = open(probe->config->device, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return smg_fail(err, SMG_E_IO, "%s: %s", probe->config->device, strerror(errno));
    if (read(fd, &mark, 1) < 0)
        mark = 'B';
    close(fd);
    if (mark == 'B')
        probe->host->state(probe->host, SMG_OUT_OF_SERVICE, "the self-test failed");
    return SMG_OK;
}

static const struct smg_reader_ops ops = { .size = sizeof ops, .read = probe_read };

SMG_PLUGIN(probe) = {
    SMG_ABI,
    .kind = SMG_READER,
    .name = "probe",
    .version = "1.0",
    .summary = "a reader that does what no reader should, for tests",
    .config_size = sizeof(struct config),
    .options = options,
    .open = probe_open,
    .start = probe_start,
    .close = free,
    .reader = &ops,
};
