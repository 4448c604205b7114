/* SPDX-License-Identifier: Apache-2.0 */
/* Inside a reader's process: what its two threads share, and the host table made of it. */
#ifndef PLUGIN_CHILD_H
#define PLUGIN_CHILD_H

#include <pthread.h>
#include <sys/stat.h>

#include "base/fields.h"
#include "plugin/confine.h"
#include "plugin/library.h"

enum { CHILD_SOCKET = 3, CHILD_DOOR = 4 };

/* A device among the options, and which file it was when the plugin started. */
struct child_device {
    const char *path;
    struct stat was;
};

struct child {
    struct smg_host table; /* priv is this child */
    const struct smg_plugin *plugin;
    void *config, *self;
    struct child_device devices[CONFINE_DEVICES_MAX];
    size_t device_count;
    char *texts;              /* of the start message; the options point into it */
    struct smg_fields *given; /* with the read that runs; NULL: nothing */
    int wake;                 /* an eventfd: readable when a wait must look at what follows again */

    pthread_mutex_t lock; /* for everything below */
    pthread_cond_t changed;
    uint64_t asked, running;        /* ids of reads; 0: none */
    struct smg_fields *asked_given; /* with the read that was asked for */
    int64_t deadline_us;            /* of that read */
    bool cancelled;                 /* that read */
    bool over;                      /* the gateway closed the socket */
};

void child_host_init(struct child *child);
/* read returned: when it did not call done, the read ends with SMG_E_BUG. */
void child_host_owe(struct child *child, uint64_t id);

/* child_door.c: from now on what the filter stops comes to a handler: connect(2) goes through the
 * door (to_gateway), everything else is refused and told of. */
int child_door_open(bool to_gateway, struct smg_err *err);

#endif
