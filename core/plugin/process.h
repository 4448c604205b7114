/* SPDX-License-Identifier: Apache-2.0 */
/* This program once more, as a child that has nothing but a socket and a pipe for its words; or
 * that becomes another program, between our bytes and its own. */
#ifndef PLUGIN_PROCESS_H
#define PLUGIN_PROCESS_H

#include <sys/types.h>

#include "base/str.h"

/* Descriptors are -1 when there is none. */
struct process {
    pid_t pid;
    int pidfd;  /* readable when the child has ended */
    int socket; /* messages; descriptor 3 in the child */
    int words;  /* what it writes to its standard error */
    int status; /* collected: what it ended with by itself, or -1 */
    int door;   /* requests for connections; descriptor 4 in the child, when it has one */
};

#define PROCESS_NONE                                                                               \
    ((struct process){                                                                             \
        .pid = -1, .pidfd = -1, .socket = -1, .words = -1, .status = -1, .door = -1 })

/* Start /proc/self/exe with `verb` and `who` (for those who look at a list of processes). The child
 * is killed when the calling thread ends, so call it on one that stays. */
int process_start(struct process *process, const char *verb, const char *who, bool with_door,
                  struct smg_err *err);
/* The same, but socket is a stream that never blocks, and in the child standard input and output;
 * it has no words. */
int process_start_filter(struct process *process, const char *verb, const char *who,
                         struct smg_err *err);
void process_kill(const struct process *process);
/* Collect a child that has ended and say how; false: it still runs. */
bool process_reap(struct process *process, char *how, size_t room);
/* Close the socket, give the child a moment, kill it, collect it, close everything. */
void process_end(struct process *process, int moment_ms);
/* Close the descriptors of a child that was collected. */
void process_close(struct process *process);

#endif
