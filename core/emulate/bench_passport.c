/* SPDX-License-Identifier: Apache-2.0 */
/* A passport in vsmartcard's virtual reader, led by signals. */
#include "config/config.h"
#include "emulate/bench.h"
#include "emulate/vpcd.h"

#include <signal.h>

struct bench {
    const struct emulate_options *options;
    unsigned port;
    FILE *messages;
    struct passport passport;
    struct chip chip;
    struct vpcd vpcd;
};

static void withdraw(struct bench *bench)
{
    vpcd_close(&bench->vpcd);
    chip_remove(&bench->chip);
}

static bool lay_down(struct bench *bench)
{
    struct smg_err err = { 0 };

    withdraw(bench);
    chip_insert(&bench->chip, &bench->passport);
    if (vpcd_connect(&bench->vpcd, bench->port, &err) == SMG_OK)
        return true;
    fprintf(bench->messages, "%s\n", err.text);
    return false;
}

/* Read the card file; one that is wrong leaves the passport that was. */
static bool load(struct bench *bench)
{
    struct config_errors errors = { 0 };
    struct passport passport = { 0 };
    bool good = passport_load(bench->options->card, bench->options->authority, &passport, &errors);

    if (good) {
        withdraw(bench);
        passport_free(&bench->passport);
        bench->passport = passport;
    } else {
        fprintf(bench->messages, "%s", errors.text.at == NULL ? "out of memory\n" : errors.text.at);
    }
    config_errors_fini(&errors);
    return good;
}

/* false: the reader is gone. */
static bool obey(struct bench *bench, unsigned signal)
{
    if (signal == SIGHUP)
        return !load(bench) || lay_down(bench);
    if (bench->vpcd.socket < 0)
        return lay_down(bench);
    withdraw(bench);
    return true;
}

static int serve(struct bench *bench, int signals)
{
    struct smg_err err = { 0 };

    for (;;) {
        unsigned signal;

        if (vpcd_serve(&bench->vpcd, &bench->chip, bench->options->delay_ms, signals, &err) !=
            SMG_OK) {
            fprintf(bench->messages, "%s\n", err.text);
            return BENCH_GONE;
        }
        signal = bench_signal(signals);
        if (signal == SIGINT || signal == SIGTERM)
            return BENCH_STOPPED;
        if (signal != 0 && !obey(bench, signal))
            return BENCH_GONE;
    }
}

int bench_passport(const struct emulate_options *options, int signals, FILE *out, FILE *messages)
{
    struct bench bench = { .options = options,
                           .port = options->vpcd_port == 0 ? VPCD_PORT : options->vpcd_port,
                           .messages = messages,
                           .vpcd = { .socket = -1 } };
    int status = BENCH_WRONG;

    if (options->link != NULL || options->speed != 0 || options->fault_count > 0) {
        fprintf(messages, "a passport has no --link, --speed or --fault (its file says fault)\n");
    } else if (load(&bench) && lay_down(&bench)) {
        fprintf(out, "ready 127.0.0.1:%u\n", bench.port);
        fflush(out);
        status = serve(&bench, signals);
    }
    withdraw(&bench);
    passport_free(&bench.passport);
    return status;
}
