/* SPDX-License-Identifier: Apache-2.0 */
/* The signals of the program, and which kind of document its file is about. */
#include "emulate/emulate.h"
#include "emulate/bench.h"
#include "emulate/passport.h"

#include <errno.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

unsigned bench_signal(int signals)
{
    struct signalfd_siginfo info;

    return read(signals, &info, sizeof info) == (ssize_t)sizeof info ? info.ssi_signo : 0;
}

int bench_with_signals(int (*run)(void *ctx, int signals), void *ctx, FILE *messages)
{
    int signals, status = BENCH_WRONG;
    sigset_t set, before;

    sigemptyset(&set);
    sigaddset(&set, SIGHUP);
    sigaddset(&set, SIGUSR1);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &set, &before);
    signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    if (signals < 0) {
        fprintf(messages, "signals: %s\n", strerror(errno));
    } else {
        status = run(ctx, signals);
        close(signals);
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return status;
}

struct emulation {
    const struct emulate_options *options;
    FILE *out, *messages;
};

static int run(void *ctx, int signals)
{
    const struct emulation *it = ctx;
    bool is_passport = it->options->card != NULL && passport_is_file(it->options->card);

    return (is_passport ? bench_passport : bench_card)(it->options, signals, it->out, it->messages);
}

int emulate_run(const struct emulate_options *options, FILE *out, FILE *messages)
{
    struct emulation emulation = { options, out, messages };

    return bench_with_signals(run, &emulation, messages);
}
