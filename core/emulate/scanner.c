/* SPDX-License-Identifier: Apache-2.0 */
/* A document, a pty, and signals that stand for the hand that scans. */
#include "emulate/scanner.h"
#include "config/config.h"
#include "emulate/bench.h"
#include "emulate/pty.h"

#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { LINES = 3, IDLE_MS = 200 };

/* A zone file, one key a line of the zone. */
struct sheet {
    const char *line1, *line2, *line3, *end;
};

static const char *const ends[] = { "cr", "lf", "crlf", "none", NULL };

static const struct smg_option keys[] = {
    SMG_OPTION_TEXT(sheet, line1, .flags = SMG_REQUIRED, .help = "first line of the zone"),
    SMG_OPTION_TEXT(sheet, line2, .flags = SMG_REQUIRED, .help = "second line"),
    SMG_OPTION_TEXT(sheet, line3, .help = "third line, of a card"),
    SMG_OPTION_TEXT(sheet, end, .preset = "cr", .choices = ends,
                    .help = "what the scanner sends behind each line"),
    SMG_OPTIONS_END
};

struct bench {
    const struct scanner_options *options;
    FILE *out, *messages;
    struct buf zone; /* as it is sent */
    struct pty pty;
};

static void put_line(const char *line, const char *end, struct buf *zone)
{
    if (line == NULL)
        return;
    buf_text(zone, line);
    if (strncmp(end, "cr", 2) == 0)
        buf_byte(zone, '\r');
    if (strcmp(end, "lf") == 0 || strcmp(end, "crlf") == 0)
        buf_byte(zone, '\n');
}

bool scanner_load(const char *path, struct buf *zone, struct config_errors *errors)
{
    struct config_tree *tree = config_tree_load(path, errors);
    struct sheet sheet = { 0 };
    const struct config_node *top = tree == NULL ? NULL : config_tree_top(tree);
    bool good = top != NULL && config_fill(top, top, keys, &sheet, errors);

    if (good) {
        const char *lines[LINES] = { sheet.line1, sheet.line2, sheet.line3 };

        buf_clear(zone);
        for (int i = 0; i < LINES; i++)
            put_line(lines[i], sheet.end, zone);
    }
    config_tree_free(tree);
    return good && !zone->failed;
}

static bool load(struct bench *bench)
{
    struct config_errors errors = { 0 };
    bool good = scanner_load(bench->options->zone, &bench->zone, &errors);

    if (!good)
        fprintf(bench->messages, "%s", errors.text.at == NULL ? "out of memory\n" : errors.text.at);
    config_errors_fini(&errors);
    return good;
}

/* A driver that reads too slowly loses what the line cannot hold, as with a real scanner. */
static void scan(struct bench *bench)
{
    char asked[256];

    while (read(bench->pty.line.fd, asked, sizeof asked) > 0)
        continue; /* a scanner does not listen */
    if (write(bench->pty.line.fd, bench->zone.at, bench->zone.len) != (ssize_t)bench->zone.len)
        fprintf(bench->messages, "the line is full: the scan is lost\n");
}

/* What a signal asks for; false to stop. */
static bool obey(struct bench *bench, uint32_t signal)
{
    if (signal == SIGUSR1 || (signal == SIGHUP && load(bench)))
        scan(bench);
    return signal == SIGUSR1 || signal == SIGHUP;
}

static void serve(struct bench *bench, int signals)
{
    struct pollfd poller = { .fd = signals, .events = POLLIN };
    int64_t rested_ms = 0, every_ms = bench->options->every_ms;
    bool going = true;

    while (going) {
        int rest =
            every_ms > 0 && every_ms - rested_ms < IDLE_MS ? (int)(every_ms - rested_ms) : IDLE_MS;

        /* A driver that was killed leaves its exclusive mode behind, as no real port does. */
        (void)ioctl(bench->pty.slave, TIOCNXCL);
        if (poll(&poller, 1, rest) > 0) {
            unsigned signal = bench_signal(signals);

            going = signal == 0 || obey(bench, signal);
            continue;
        }
        rested_ms += rest;
        if (every_ms > 0 && rested_ms >= every_ms) {
            scan(bench);
            rested_ms = 0;
        }
    }
}

static int run(void *ctx, int signals)
{
    struct bench *bench = ctx;
    const char *link = bench->options->link;
    struct smg_err err = { 0 };
    int status = BENCH_WRONG;

    if (load(bench) && pty_open(&bench->pty, link, &err) == SMG_OK) {
        fprintf(bench->out, "ready %s\n", link != NULL ? link : bench->pty.path);
        fflush(bench->out);
        serve(bench, signals);
        status = BENCH_STOPPED;
    } else if (err.code != SMG_OK) {
        fprintf(bench->messages, "%s\n", err.text);
    }
    pty_close(&bench->pty);
    return status;
}

int scanner_run(const struct scanner_options *options, FILE *out, FILE *messages)
{
    struct bench bench = {
        .options = options, .out = out, .messages = messages, .pty = { .line.fd = -1, .slave = -1 }
    };
    int status = bench_with_signals(run, &bench, messages);

    buf_fini(&bench.zone);
    return status;
}
