/* SPDX-License-Identifier: Apache-2.0 */
/* The reader in this process, with a host of a few lines, against the virtual card. */
#include "skeleton.c"

#include <poll.h>
#include <signal.h>
#include <sys/wait.h>

#ifndef SHIMING
#define SHIMING "shiming" /* the program, where the virtual card is */
#endif

#define EXPECT(what)                                                                               \
    do {                                                                                           \
        if (!(what)) {                                                                             \
            fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #what);                     \
            exit(1);                                                                               \
        }                                                                                          \
    } while (0)

/* What the plugin says. */
static struct {
    char name[64], number[32], birth[20];
    unsigned answers, dones;
    int32_t code;
    int64_t deadline;
} heard;

static void on_log(const struct smg_host *host, enum smg_level level, const char *fmt, ...)
{
    va_list args;

    (void)host, (void)level;
    va_start(args, fmt);
    vfprintf(stderr, fmt, args);
    va_end(args);
    fputc('\n', stderr);
}

static void on_answer(const struct smg_host *host, struct smg_op *op, const char *field,
                      const struct smg_value *value)
{
    (void)host, (void)op;
    heard.answers++;
    if (strcmp(field, "name") == 0)
        snprintf(heard.name, sizeof heard.name, "%.*s", (int)value->str.len, value->str.at);
    if (strcmp(field, "document.number") == 0)
        snprintf(heard.number, sizeof heard.number, "%.*s", (int)value->str.len, value->str.at);
    if (strcmp(field, "birth") == 0)
        snprintf(heard.birth, sizeof heard.birth, "%04d-%02d-%02d", value->date.year,
                 value->date.month, value->date.day);
}

static void on_done(const struct smg_host *host, struct smg_op *op, const struct smg_err *err)
{
    (void)host, (void)op;
    heard.dones++;
    heard.code = err == NULL ? SMG_OK : err->code;
}

static int on_wait(const struct smg_host *host, struct smg_op *op, int fd, unsigned ready,
                   int64_t timeout_ms)
{
    struct pollfd wanted = { .fd = fd, .events = ready & SMG_READABLE ? POLLIN : POLLOUT };
    int64_t left = op == NULL ? timeout_ms : heard.deadline - now_ms();

    (void)host;
    if (left <= 0)
        return SMG_E_TIMEOUT;
    if (timeout_ms >= 0 && timeout_ms < left)
        left = timeout_ms;
    return poll(&wanted, 1, (int)left) > 0 ? (int)ready : 0;
}

static const struct smg_host host = {
    .size = sizeof host, .log = on_log, .answer = on_answer, .done = on_done, .wait = on_wait
};

/* Start the virtual reader and wait until its port can be opened. */
static pid_t emulate(const char *card, const char *fault, char *port, size_t room)
{
    int ends[2];
    pid_t pid;
    FILE *out;
    char line[256] = "";

    EXPECT(pipe(ends) == 0);
    pid = fork();
    EXPECT(pid >= 0);
    if (pid == 0) {
        dup2(ends[1], 1);
        execlp(SHIMING, SHIMING, "reader", "emulate", card, fault == NULL ? NULL : "--fault", fault,
               NULL);
        _exit(127);
    }
    close(ends[1]);
    out = fdopen(ends[0], "r");
    EXPECT(out != NULL && fgets(line, sizeof line, out) != NULL);
    fclose(out);
    EXPECT(sscanf(line, "ready %255s", port) == 1 && strlen(port) < room);
    return pid;
}

/* Open, start, one read, stop, close: against this card, with this fault. */
static void read_once(const char *card, const char *fault)
{
    char port[256];
    pid_t pid = emulate(card, fault, port, sizeof port);
    struct config config = { .device = port, .answer_time = 500 };
    struct smg_err err = { 0 };
    void *self = NULL;

    memset(&heard, 0, sizeof heard);
    EXPECT(smg_plugin_skeleton.open(&host, &config, &self, &err) == SMG_OK);
    EXPECT(smg_plugin_skeleton.start(self, &err) == SMG_OK);
    heard.deadline = now_ms() + 1000;
    smg_plugin_skeleton.reader->read(self, (struct smg_op *)&heard);
    smg_plugin_skeleton.stop(self);
    smg_plugin_skeleton.close(self);
    EXPECT(heard.dones == 1);
    kill(pid, SIGTERM);
    waitpid(pid, NULL, 0);
}

int main(void)
{
    read_once("card.yaml", NULL);
    EXPECT(heard.code == SMG_OK);
    EXPECT(strcmp(heard.name, "测试") == 0);
    EXPECT(strcmp(heard.number, "11010519491231002X") == 0);
    EXPECT(strcmp(heard.birth, "1949-12-31") == 0);

    read_once("-", NULL);
    EXPECT(heard.code == SMG_E_NO_CARD && heard.answers == 0);

    read_once("card.yaml", "checksum:read");
    EXPECT(heard.code == SMG_E_PROTOCOL && heard.answers == 0);

    read_once("card.yaml", "unplug:read:600");
    EXPECT(heard.code == SMG_E_GONE && heard.answers == 0);

    puts("skeleton: reads the virtual card");
    return 0;
}
