/* SPDX-License-Identifier: Apache-2.0 */
/* Where characters come from: a serial port, or a keyboard that is nobody else's. */
#ifndef MRZ_SOURCE_H
#define MRZ_SOURCE_H

#include "keyboard.h"

#include <shiming/plugin.h>

struct source {
    int fd; /* -1: closed */
    bool is_keyboard;
    struct keyboard keyboard;
};

/* speed: "9600". SMG_E_GONE when nothing is plugged in. */
int source_open_serial(struct source *source, const char *device, const char *speed,
                       struct smg_err *err);
/* A Linux input event device, grabbed: what it types goes to no other program. */
int source_open_keyboard(struct source *source, const char *device, struct smg_err *err);
void source_close(struct source *source);

/* The characters that are there, at most room (64 at least); 0: none yet. Never waits. SMG_E_GONE
 * when it was unplugged. */
int source_take(struct source *source, char *out, size_t room, struct smg_err *err);
/* Forget what came before anybody asked: it is another customer's. */
int source_drain(struct source *source, struct smg_err *err);

#endif
