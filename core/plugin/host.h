/* SPDX-License-Identifier: Apache-2.0 */
/* The host table of a plugin that runs in this process. */
#ifndef PLUGIN_HOST_H
#define PLUGIN_HOST_H

#include <pthread.h>

#include "loop/loop.h"
#include "plugin/op.h"

struct host {
    struct smg_host table; /* what the plugin sees; priv is this host */
    const char *who;
    struct loop *loop;         /* NULL for storage, which has no use for one */
    struct ops *ops;           /* NULL as well */
    struct smg_watch *watches; /* not yet unwatched */
    struct smg_timer *timers;  /* not yet fired or forgotten */
    pthread_mutex_t lock;      /* over the two below, which any thread may set and read */
    bool out_of_service;
    char why[256];
};

void host_init(struct host *host, const char *who, struct loop *loop, struct ops *ops);
/* What the plugin said last; why is cut to fit. From any thread. */
bool host_in_service(const struct host *host, char why[256]);
/* After the plugin's close: whatever it still waits for would call into freed memory. */
void host_fini(struct host *host);

#endif
