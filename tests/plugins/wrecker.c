/* SPDX-License-Identifier: Apache-2.0 */
/* A reader that fails in every way a driver can, in the read that says how, and is fine in others.
 */
#include <pthread.h>
#include <shiming/plugin.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

struct config {
    int64_t nothing;
};

static const struct smg_option options[] = { SMG_OPTION_INT(config, nothing, .help = "nothing"),
                                             SMG_OPTIONS_END };

struct wrecker {
    const struct smg_host *host;
    struct smg_op *op;
};

struct wreck {
    const char *name;
    void (*happen)(struct wrecker *wrecker);
};

static char *volatile nowhere = NULL;

/* Past the sanitizers' handlers, as it is in a driver that was built without. */
static void die_of(int signo)
{
    signal(signo, SIG_DFL);
    raise(signo);
}

__attribute__((no_sanitize("undefined", "address"))) static void wreck_segv(struct wrecker *wrecker)
{
    (void)wrecker;
    signal(SIGSEGV, SIG_DFL);
    *(volatile char *)nowhere = 1;
}

static void wreck_bus(struct wrecker *wrecker)
{
    (void)wrecker;
    die_of(SIGBUS);
}

static void wreck_ill(struct wrecker *wrecker)
{
    (void)wrecker;
    signal(SIGILL, SIG_DFL);
    __builtin_trap();
}

static void wreck_fpe(struct wrecker *wrecker)
{
    (void)wrecker;
    die_of(SIGFPE);
}

static void wreck_abort(struct wrecker *wrecker)
{
    (void)wrecker;
    signal(SIGABRT, SIG_DFL);
    abort();
}

/* A frame a call, and no end: the sum keeps the compiler from making a loop of it. */
static int dig(volatile char *above)
{
    volatile char frame[4096];

    frame[0] = *above;
    return above == NULL ? 0 : dig(frame) + frame[0];
}

static void wreck_stack(struct wrecker *wrecker)
{
    volatile char first = 1;

    (void)wrecker;
    signal(SIGSEGV, SIG_DFL);
    dig(&first);
}

static void wreck_exit(struct wrecker *wrecker)
{
    (void)wrecker;
    exit(0);
}

static void wreck_exit_now(struct wrecker *wrecker)
{
    (void)wrecker;
    _exit(0);
}

static void wreck_exit_thread(struct wrecker *wrecker)
{
    (void)wrecker;
    pthread_exit(NULL);
}

static void wreck_deaf(struct wrecker *wrecker)
{
    sigset_t all;

    (void)wrecker;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, NULL);
    for (;;)
        select(0, NULL, NULL, NULL, NULL);
}

static void wreck_spin(struct wrecker *wrecker)
{
    volatile unsigned count = 0;

    (void)wrecker;
    for (;;)
        count++;
}

static void wreck_stop(struct wrecker *wrecker)
{
    (void)wrecker;
    raise(SIGSTOP);
    for (;;)
        pause();
}

/* Takes what there is and lives on it. */
static void wreck_memory(struct wrecker *wrecker)
{
    size_t taken = 0;
    char *part;

    while (taken < (size_t)1 << 30 &&
           (part = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
                        0)) != MAP_FAILED) {
        memset(part, 1, 1 << 20);
        taken += 1 << 20;
    }
    wreck_deaf(wrecker);
}

static void wreck_descriptors(struct wrecker *wrecker)
{
    int ends[2];

    while (dup(2) >= 0)
        ;
    if (pipe(ends) == 0)
        _exit(1);
    wreck_deaf(wrecker);
}

static void *rest_thread(void *ctx)
{
    wreck_spin(ctx);
    return NULL;
}

static void wreck_threads(struct wrecker *wrecker)
{
    pthread_attr_t attributes;
    pthread_t thread;

    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, 64 * 1024);
    for (int i = 0; i < 2000 && pthread_create(&thread, &attributes, rest_thread, wrecker) == 0;
         i++)
        ;
    wreck_deaf(wrecker);
}

static void wreck_log(struct wrecker *wrecker)
{
    for (;;)
        wrecker->host->log(wrecker->host, SMG_ERROR, "a line without end, and again and again");
}

static void wreck_words(struct wrecker *wrecker)
{
    char words[8192];

    (void)wrecker;
    memset(words, 'w', sizeof words);
    for (;;)
        if (write(2, words, sizeof words) < 0)
            continue; /* when nobody reads, too */
}

static void wreck_states(struct wrecker *wrecker)
{
    for (;;) {
        wrecker->host->state(wrecker->host, SMG_OUT_OF_SERVICE, "it is broken");
        wrecker->host->state(wrecker->host, SMG_READY, "");
    }
}

static void wreck_strays(struct wrecker *wrecker)
{
    for (;;)
        smg_answer_text(wrecker->host, (struct smg_op *)(uintptr_t)4711, "name", SMG_STR("x"));
}

static void wreck_answers(struct wrecker *wrecker)
{
    for (;;)
        smg_answer_text(wrecker->host, wrecker->op, "name", SMG_STR("x"));
}

static void send_frame(const char *frame, size_t len)
{
    if (send(3, frame, len, MSG_NOSIGNAL) < 0)
        _exit(1);
    for (;;)
        pause();
}

static void wreck_frame_empty(struct wrecker *wrecker)
{
    (void)wrecker;
    send_frame("", 0);
}

static void wreck_frame_unknown(struct wrecker *wrecker)
{
    (void)wrecker;
    send_frame("\x7f", 1);
}

/* "done" whose length says four gigabytes. */
static void wreck_frame_long(struct wrecker *wrecker)
{
    (void)wrecker;
    send_frame("\x07\x01\xff\xff\xff\xff", 6);
}

static void wreck_frame_ours(struct wrecker *wrecker)
{
    (void)wrecker;
    send_frame("\x03\x01\x00\x00\x00\x08\x00\x00\x00\x00\x00\x00\x00\x01", 14);
}

static void wreck_frame_huge(struct wrecker *wrecker)
{
    size_t len = 196 * 1024;
    char *frame = calloc(1, len);

    (void)wrecker;
    if (frame != NULL)
        send_frame(frame, len);
}

/* As a stray pointer does: over the heap, and over what is the host's there. */
static void wreck_heap(struct wrecker *wrecker)
{
    char *heap = malloc(64);

    (void)wrecker;
    signal(SIGSEGV, SIG_DFL);
    signal(SIGABRT, SIG_DFL);
    for (ptrdiff_t i = 0;; i++)
        *(volatile char *)(heap - i) = *(volatile char *)(heap + i) = (char)0xa5;
}

static void wreck_host(struct wrecker *wrecker)
{
    volatile char *host = (volatile char *)wrecker->host;

    signal(SIGSEGV, SIG_DFL);
    for (size_t i = 0; i < 4096; i++)
        host[i] = (char)0xa5;
    smg_done(wrecker->host, wrecker->op);
}

static void wreck_own_stack(struct wrecker *wrecker)
{
    volatile char here = 0;

    (void)wrecker;
    signal(SIGSEGV, SIG_DFL);
    for (ptrdiff_t i = 0;; i++)
        (&here)[i] = (char)0xa5;
}

static void wreck_code(struct wrecker *wrecker)
{
    signal(SIGSEGV, SIG_DFL);
    munmap((void *)((uintptr_t)wreck_code & ~(uintptr_t)4095), 4096);
    smg_done(wrecker->host, wrecker->op);
}

static void wreck_socket(struct wrecker *wrecker)
{
    for (int fd = 0; fd < 64; fd++)
        close(fd);
    smg_done(wrecker->host, wrecker->op);
}

/* A call of another processor's programs. */
static void wreck_foreign_call(struct wrecker *wrecker)
{
#ifdef __x86_64__
    long number = 20;

    __asm__ volatile("int $0x80" : "+a"(number) : : "memory", "r8", "r9", "r10", "r11");
#endif
    wreck_deaf(wrecker);
}

#define WRECK(what)                                                                                \
    {                                                                                              \
#what, wreck_##what                                                                        \
    }
static const struct wreck wrecks[] = {
    WRECK(segv),        WRECK(bus),           WRECK(ill),          WRECK(fpe),
    WRECK(abort),       WRECK(stack),         WRECK(exit),         WRECK(exit_now),
    WRECK(exit_thread), WRECK(deaf),          WRECK(spin),         WRECK(stop),
    WRECK(memory),      WRECK(descriptors),   WRECK(threads),      WRECK(log),
    WRECK(words),       WRECK(states),        WRECK(strays),       WRECK(answers),
    WRECK(frame_empty), WRECK(frame_unknown), WRECK(frame_long),   WRECK(frame_ours),
    WRECK(frame_huge),  WRECK(heap),          WRECK(host),         WRECK(own_stack),
    WRECK(code),        WRECK(socket),        WRECK(foreign_call),
};

static void wrecker_read(void *self, struct smg_op *op)
{
    struct wrecker *wrecker = self;
    const struct smg_host *host = wrecker->host;
    const struct smg_fields *given = host->given(host, op);
    struct smg_value how;

    wrecker->op = op;
    for (size_t i = 0; given != NULL && i < sizeof wrecks / sizeof *wrecks; i++)
        if (host->get(host, given, "act", &how) && how.str.len == strlen(wrecks[i].name) &&
            memcmp(how.str.at, wrecks[i].name, how.str.len) == 0)
            wrecks[i].happen(wrecker);
    smg_answer_text(host, op, "name", SMG_STR("测试"));
    smg_done(host, op);
}

static int wrecker_open(const struct smg_host *host, const void *config, void **self,
                        struct smg_err *err)
{
    struct wrecker *wrecker = calloc(1, sizeof *wrecker);

    (void)config;
    if (wrecker == NULL)
        return smg_fail(err, SMG_E_MEMORY, "wrecker");
    wrecker->host = host;
    *self = wrecker;
    return SMG_OK;
}

static const struct smg_reader_ops ops = { .size = sizeof ops, .read = wrecker_read };

SMG_PLUGIN(wrecker) = {
    SMG_ABI,
    .kind = SMG_READER,
    .name = "wrecker",
    .version = "1.0",
    .summary = "a reader that fails in every way, for tests",
    .config_size = sizeof(struct config),
    .options = options,
    .open = wrecker_open,
    .close = free,
    .reader = &ops,
};
