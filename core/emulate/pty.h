/* SPDX-License-Identifier: Apache-2.0 */
/* A pseudo-terminal that stands for the serial port of the virtual reader. */
#ifndef EMULATE_PTY_H
#define EMULATE_PTY_H

#include "emulate/line.h"

struct pty {
    struct line line; /* on the master; -1: unplugged */
    int slave;
    char path[64];  /* what a driver opens */
    char link[256]; /* a symbolic link to it, or "" */
};

/* link NULL: none. A symbolic link already there is replaced; anything else is not. */
int pty_open(struct pty *pty, const char *link, struct smg_err *err);
void pty_close(struct pty *pty);

/* line_step, for a module that hears its own speed only, and vanishes when it is unplugged. */
int64_t pty_step(struct pty *pty, struct sam *sam, int64_t now_ms);

/* Serve until `wake` is readable (SMG_OK), or the fault "unplug" took the port away (SMG_E_GONE).
 */
int pty_serve(struct pty *pty, struct sam *sam, int wake, struct smg_err *err);

#endif
