/* SPDX-License-Identifier: Apache-2.0 */
/* A reader made by `plugin new reader unruly`, with everything in it that no plugin may do: the
 * option `misdeed` says which. MISDEED_AT_LOAD is for the one that comes before any option. */
#include <shiming/plugin.h>
#undef SMG_PLUGIN
#define SMG_PLUGIN(id) static const struct smg_plugin good
#include "unruly.c"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>

struct wicked_config {
    struct config good;
    const char *misdeed;
};

static const struct smg_option wicked_options[] = {
    { .name = "device",
      .type = SMG_OPT_DEVICE,
      .flags = SMG_REQUIRED,
      .offset = offsetof(struct wicked_config, good.device),
      .help = "the line" },
    { .name = "answer_time",
      .type = SMG_OPT_MS,
      .offset = offsetof(struct wicked_config, good.answer_time),
      .preset = "1s",
      .help = "how long an answer may take" },
    { .name = "misdeed",
      .type = SMG_OPT_TEXT,
      .offset = offsetof(struct wicked_config, misdeed),
      .preset = "none",
      .help = "what to do wrong" },
    SMG_OPTIONS_END
};

enum { FIELDS = 16 };

/* The host the good reader sees is this plugin's own, so that it can lie in between. */
struct wicked {
    struct smg_host table;
    const struct smg_host *host;
    const struct wicked_config *config;
    void *good;
    struct {
        char field[32], text[128];
        struct smg_value value;
    } kept[FIELDS]; /* of the first card read */
    size_t kept_count;
    bool was_read;
    uint64_t reads;
};

static bool does(const struct wicked *wicked, const char *misdeed)
{
    return strcmp(wicked->config->misdeed, misdeed) == 0;
}

static struct wicked *wicked_of(const struct smg_host *table)
{
    return table->priv;
}

static void keep(struct wicked *wicked, const char *field, const struct smg_value *value)
{
    size_t i = wicked->kept_count;

    if (wicked->was_read || i == FIELDS || value->type == SMG_BYTES)
        return;
    snprintf(wicked->kept[i].field, sizeof wicked->kept[i].field, "%s", field);
    wicked->kept[i].value = *value;
    if (value->type == SMG_TEXT) {
        snprintf(wicked->kept[i].text, sizeof wicked->kept[i].text, "%.*s", (int)value->str.len,
                 value->str.at);
        wicked->kept[i].value.str = (struct smg_str){ wicked->kept[i].text, value->str.len };
    }
    wicked->kept_count++;
}

static void answer_kept(struct wicked *wicked, struct smg_op *op)
{
    for (size_t i = 0; i < wicked->kept_count; i++)
        wicked->host->answer(wicked->host, op, wicked->kept[i].field, &wicked->kept[i].value);
}

static void tell_hex(struct wicked *wicked)
{
    const struct unruly *reader = wicked->good;
    char line[3 * 200 + 1] = "";

    for (size_t i = 0; i < 160 && i + 122 < sizeof reader->bytes; i++)
        snprintf(line + 3 * i, 4, "%02X ", (unsigned)reader->data[122 + i]);
    wicked->host->log(wicked->host, SMG_DEBUG, "received %s", line);
}

static void lie_answer(const struct smg_host *table, struct smg_op *op, const char *field,
                       const struct smg_value *given)
{
    struct wicked *wicked = wicked_of(table);
    struct smg_value value = *given;

    keep(wicked, field, given);
    if (does(wicked, "not_utf8") && strcmp(field, "name") == 0)
        value.str = SMG_STR("\xff\xfe");
    if (does(wicked, "bad_date") && strcmp(field, "birth") == 0)
        value.date = (struct smg_date){ 2023, 2, 30 };
    if (does(wicked, "wrong_type") && strcmp(field, "birth") == 0)
        value = (struct smg_value){ .type = SMG_TEXT, .str = SMG_STR("1988-03-14") };
    if (does(wicked, "unknown_field") && strcmp(field, "name") == 0)
        field = "full_name";
    if (does(wicked, "mixes") && strcmp(field, "name") == 0)
        value = wicked->kept[2].value;
    if (does(wicked, "tells") && strcmp(field, "document.number") == 0)
        wicked->host->log(wicked->host, SMG_INFO, "read %.*s", (int)given->str.len, given->str.at);
    if (does(wicked, "dumps") && strcmp(field, "name") == 0)
        tell_hex(wicked);
    wicked->host->answer(wicked->host, op, field, &value);
}

static void lie_done(const struct smg_host *table, struct smg_op *op, const struct smg_err *err)
{
    struct wicked *wicked = wicked_of(table);
    struct smg_err told = { .code = SMG_E_IO, .text = "something" };

    if (does(wicked, "old_card") && err != NULL && wicked->was_read) {
        answer_kept(wicked, op);
        err = NULL;
    }
    wicked->was_read |= err == NULL;
    if (does(wicked, "no_done"))
        return;
    if (does(wicked, "not_gone") && err != NULL && err->code == SMG_E_GONE)
        err = &told;
    if (does(wicked, "error_tells") && err == NULL) {
        snprintf(told.text, sizeof told.text, "not today, %s", wicked->kept[2].text);
        err = &told;
    }
    wicked->host->done(wicked->host, op, err);
    if (does(wicked, "second_done"))
        wicked->host->done(wicked->host, op, NULL);
    if (does(wicked, "after_done"))
        smg_answer_text(wicked->host, op, "name", SMG_STR("late"));
}

static int lie_wait(const struct smg_host *table, struct smg_op *op, int fd, unsigned ready,
                    int64_t timeout_ms)
{
    struct wicked *wicked = wicked_of(table);

    return wicked->host->wait(wicked->host, op, fd, ready, timeout_ms);
}

static void lie_log(const struct smg_host *table, enum smg_level level, const char *fmt, ...)
{
    (void)table, (void)level, (void)fmt;
}

static void do_before(struct wicked *wicked)
{
    char *wild = (char *)wicked;

    if (does(wicked, "crash"))
        *(volatile int *)8 = 1;
    if (does(wicked, "wild"))
        for (size_t i = 0; i < 1u << 26; i += 61)
            wild[i] = (char)i;
    if (does(wicked, "exit"))
        exit(0);
    while (does(wicked, "hang"))
        pause();
    if (does(wicked, "blocks"))
        usleep(900000);
    if (does(wicked, "leak_memory"))
        memset(malloc(3000), 1, 3000);
    if (does(wicked, "leak_descriptors"))
        (void)!dup(0);
    if (does(wicked, "fork") && fork() == 0)
        _exit(0);
    if (does(wicked, "open_file"))
        close(open("/etc/passwd", O_RDONLY));
    if (does(wicked, "network"))
        close(socket(AF_INET, SOCK_STREAM, 0));
    if (does(wicked, "executes"))
        execl("/bin/true", "true", (char *)NULL);
    if (does(wicked, "signals"))
        kill(getppid(), SIGUSR2);
    for (int i = 0; does(wicked, "floods") && i < 300; i++)
        wicked->host->log(wicked->host, SMG_WARN, "looking for a card");
    if (does(wicked, "prints"))
        fprintf(stderr, "%s\n", wicked->kept[2].text);
}

static void wicked_read(void *self, struct smg_op *op)
{
    struct wicked *wicked = self;

    wicked->reads++;
    do_before(wicked);
    good.reader->read(wicked->good, op);
}

static int wicked_open(const struct smg_host *host, const void *config, void **self,
                       struct smg_err *err)
{
    struct wicked *wicked = calloc(1, sizeof *wicked);

    if (wicked == NULL)
        return smg_fail(err, SMG_E_MEMORY, "unruly");
    wicked->host = host;
    wicked->config = config;
    wicked->table = *host;
    wicked->table.priv = wicked;
    wicked->table.answer = lie_answer;
    wicked->table.done = lie_done;
    wicked->table.wait = lie_wait;
    wicked->table.log = lie_log;
    *self = wicked;
    while (does(wicked, "hang_open"))
        pause();
    return good.open(&wicked->table, &wicked->config->good, &wicked->good, err);
}

static int wicked_start(void *self, struct smg_err *err)
{
    struct wicked *wicked = self;

    if (does(wicked, "catches"))
        signal(SIGTERM, SIG_IGN);
    if (does(wicked, "crash_start"))
        abort();
    return good.start(wicked->good, err);
}

static void wicked_stop(void *self)
{
    struct wicked *wicked = self;

    while (does(wicked, "hang_stop"))
        pause();
    good.stop(wicked->good);
}

static void wicked_close(void *self)
{
    struct wicked *wicked = self;

    good.close(wicked->good);
    free(wicked);
}

#ifdef MISDEED_AT_LOAD
static void *sleep_on(void *ctx)
{
    pause();
    return ctx;
}

__attribute__((constructor)) static void be_early(void)
{
    pthread_t thread;

    if (pthread_create(&thread, NULL, sleep_on, NULL) == 0)
        pthread_detach(thread);
}
#endif

static const struct smg_reader_ops wicked_ops = { .size = sizeof wicked_ops, .read = wicked_read };

#undef SMG_PLUGIN
#define SMG_PLUGIN(id)                                                                             \
    extern const struct smg_plugin smg_plugin_##id;                                                \
    SMG_EXPORT const struct smg_plugin smg_plugin_##id
SMG_PLUGIN(unruly) = {
    SMG_ABI,
    .kind = SMG_READER,
    .name = "unruly",
    .version = "0.1",
    .summary = "what no plugin may do",
    .config_size = sizeof(struct wicked_config),
    .options = wicked_options,
    .open = wicked_open,
    .start = wicked_start,
    .stop = wicked_stop,
    .close = wicked_close,
    .reader = &wicked_ops,
};
