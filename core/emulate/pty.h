/* SPDX-License-Identifier: Apache-2.0 */
/* A pseudo-terminal that stands for the serial port of the virtual reader. */
#ifndef EMULATE_PTY_H
#define EMULATE_PTY_H

#include "emulate/sam.h"

struct pty {
    int master, slave; /* -1: unplugged */
    char path[64];     /* what a driver opens */
    char link[256];    /* a symbolic link to it, or "" */
    struct sam_reply reply;
    bool replying;
    size_t sent;    /* of this reply */
    size_t written; /* in all */
    int64_t due_ms; /* when the next piece is sent */
};

/* link NULL: none. A symbolic link already there is replaced; anything else is not. */
int pty_open(struct pty *pty, const char *link, struct smg_err *err);
void pty_close(struct pty *pty);

/* Do what can be done at this moment without waiting: take requests, send what is due. Returns how
 * many milliseconds later there is more to do, or -1 when only a request can bring more. */
int64_t pty_step(struct pty *pty, struct sam *sam, int64_t now_ms);

/* Serve until `wake` is readable (SMG_OK), or the fault "unplug" took the port away (SMG_E_GONE).
 */
int pty_serve(struct pty *pty, struct sam *sam, int wake, struct smg_err *err);

#endif
