/* SPDX-License-Identifier: Apache-2.0 */
/* A resident card, a module and its line, led by signals. */
#include "config/config.h"
#include "emulate/bench.h"
#include "emulate/bridge.h"
#include "emulate/pty.h"

#include <signal.h>

struct bench {
    const struct emulate_options *options;
    FILE *messages;
    struct card card;
    struct sam sam;
    struct pty pty; /* one of the two is open */
    struct bridge bridge;
};

static bool has_card(const struct bench *bench)
{
    return bench->options->card != NULL && strcmp(bench->options->card, "-") != 0;
}

/* Read the card file and put the card into the field. */
static bool insert_card(struct bench *bench)
{
    struct config_errors errors = { 0 };
    struct card card = { 0 };
    bool good;

    if (!has_card(bench))
        return true;
    good = card_load(bench->options->card, &card, &errors);
    if (good) {
        bench->card = card;
        sam_insert(&bench->sam, &bench->card);
    } else {
        fprintf(bench->messages, "%s", errors.text.at == NULL ? "out of memory\n" : errors.text.at);
    }
    config_errors_fini(&errors);
    return good;
}

static bool set_up(struct bench *bench)
{
    const struct emulate_options *options = bench->options;
    struct smg_err err = { 0 };

    bench->sam.delay_ms = options->delay_ms;
    bench->sam.speed = options->speed;
    for (size_t i = 0; i < options->fault_count; i++) {
        struct sam_fault fault;

        if (sam_fault_parse(options->faults[i], &fault, &err) != SMG_OK) {
            fprintf(bench->messages, "%s\n", err.text);
            return false;
        }
        if (!sam_add_fault(&bench->sam, fault)) {
            fprintf(bench->messages, "more than %d faults\n", SAM_FAULTS);
            return false;
        }
    }
    return insert_card(bench);
}

/* What a signal asks for; false to stop. */
static bool obey(struct bench *bench, unsigned signal)
{
    switch (signal) {
    case SIGHUP:
        insert_card(bench);
        return true;
    case SIGUSR1:
        sam_insert(&bench->sam, bench->sam.card == NULL && has_card(bench) ? &bench->card : NULL);
        return true;
    default:
        return false;
    }
}

static int serve_until(struct bench *bench, int wake, struct smg_err *err)
{
    if (bench->bridge.listener >= 0)
        return bridge_serve(&bench->bridge, &bench->sam, wake, err);
    return pty_serve(&bench->pty, &bench->sam, wake, err);
}

static int serve(struct bench *bench, int signals)
{
    struct smg_err err = { 0 };

    for (;;) {
        unsigned signal;

        if (serve_until(bench, signals, &err) != SMG_OK) {
            fprintf(bench->messages, "%s\n", err.text);
            return BENCH_GONE;
        }
        signal = bench_signal(signals);
        if (signal != 0 && !obey(bench, signal))
            return BENCH_STOPPED;
    }
}

/* Open the line and say where it is. */
static bool open_line(struct bench *bench, FILE *out)
{
    const struct emulate_options *options = bench->options;
    struct smg_err err = { 0 };
    const char *where = bench->bridge.address;
    int rc;

    if (options->listen != NULL) {
        rc = bridge_open(&bench->bridge, options->listen, &err);
    } else {
        rc = pty_open(&bench->pty, options->link, &err);
        where = options->link != NULL ? options->link : bench->pty.path;
    }
    if (rc != SMG_OK) {
        fprintf(bench->messages, "%s\n", err.text);
        return false;
    }
    fprintf(out, "ready %s\n", where);
    fflush(out);
    return true;
}

int bench_card(const struct emulate_options *options, int signals, FILE *out, FILE *messages)
{
    struct bench bench = { .options = options,
                           .messages = messages,
                           .pty = { .line = { .fd = -1 }, .slave = -1 },
                           .bridge = { .listener = -1, .line = { .fd = -1 } } };
    int status = BENCH_WRONG;

    if (options->vpcd_port != 0 || options->authority != NULL)
        fprintf(messages, "only a passport has --vpcd and --csca\n");
    else if (set_up(&bench) && open_line(&bench, out))
        status = serve(&bench, signals);
    bridge_close(&bench.bridge);
    pty_close(&bench.pty);
    return status;
}
