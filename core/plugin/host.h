/* SPDX-License-Identifier: Apache-2.0 */
/* The host table of a plugin that runs in this process. */
#ifndef PLUGIN_HOST_H
#define PLUGIN_HOST_H

#include "loop/loop.h"
#include "plugin/op.h"

struct host {
    struct smg_host table; /* what the plugin sees; priv is this host */
    const char *who;
    struct loop *loop;         /* NULL for storage, which has no use for one */
    struct ops *ops;           /* NULL as well */
    struct smg_watch *watches; /* not yet unwatched */
    struct smg_timer *timers;  /* not yet fired or forgotten */
};

void host_init(struct host *host, const char *who, struct loop *loop, struct ops *ops);
/* After the plugin's close: whatever it still waits for would call into freed memory. */
void host_fini(struct host *host);

#endif
