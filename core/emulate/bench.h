/* SPDX-License-Identifier: Apache-2.0 */
/* What the program does with either kind of document. Inside the room. */
#ifndef EMULATE_BENCH_H
#define EMULATE_BENCH_H

#include "emulate/emulate.h"

enum { BENCH_STOPPED = 0, BENCH_GONE = 1, BENCH_WRONG = 2 };

/* Each says when it is ready, obeys the signals that `signals` (a signalfd) reads, and returns one
 * of the above. */
int bench_card(const struct emulate_options *options, int signals, FILE *out, FILE *messages);
int bench_passport(const struct emulate_options *options, int signals, FILE *out, FILE *messages);

/* Call run with a signalfd of the signals a hand would send (HUP, USR1, INT, TERM), which are held
 * back meanwhile; what it returns, or BENCH_WRONG. */
int bench_with_signals(int (*run)(void *ctx, int signals), void *ctx, FILE *messages);
/* The next signal, or 0. */
unsigned bench_signal(int signals);

#endif
