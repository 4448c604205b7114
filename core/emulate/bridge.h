/* SPDX-License-Identifier: Apache-2.0 */
/* A network bridge before the virtual reader: whoever connects has the module's line, one at a
 * time. */
#ifndef EMULATE_BRIDGE_H
#define EMULATE_BRIDGE_H

#include "emulate/line.h"

struct bridge {
    int listener;     /* -1: closed */
    struct line line; /* to the driver that is connected */
    char address[64]; /* where to connect: "127.0.0.1:4001" */
};

/* address: "127.0.0.1:4001"; port 0 takes a free one. SMG_E_INVALID when it is none, SMG_E_IO when
 * it cannot be listened at. A failed open leaves nothing behind. */
int bridge_open(struct bridge *bridge, const char *address, struct smg_err *err);
void bridge_close(struct bridge *bridge);
/* Serve until `wake` is readable (SMG_OK), or the fault "unplug" took the bridge away (SMG_E_GONE).
 */
int bridge_serve(struct bridge *bridge, struct sam *sam, int wake, struct smg_err *err);

#endif
