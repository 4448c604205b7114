/* SPDX-License-Identifier: Apache-2.0 */
/* A card reader in a process of its own: started, watched, killed at the deadline, started again.
 */
#ifndef PLUGIN_READER_H
#define PLUGIN_READER_H

#include "plugin/instance.h"

struct reader;

enum { READER_GIVEN_BYTES = 4096 };

/* The options are checked here; the child is started by reader_start. On the loop's thread, as all
 * but reader_status; a child dies with the thread that started it, so that thread must live as long
 * as the reader. library may be freed afterwards. */
struct reader *reader_new(struct loop *loop, struct library *library,
                          const struct config_instance *config, struct config_errors *errors,
                          struct smg_err *err);
int reader_start(struct reader *reader, struct smg_err *err);
/* Ends the open read (SMG_E_CANCELLED) and the child, which has 500 ms to stop its plugin. */
void reader_free(struct reader *reader);

/* Read one document. One at a time: a second read is answered SMG_E_BUSY at once. fn is called
 * exactly once, inside the deadline plus 200 ms. A child that did not end its operation by then is
 * killed; one that died answers SMG_E_IO and is back within 2 s (at once the first time, then with
 * a growing pause of at most 2 s while it keeps dying). A read asked for while the child starts
 * waits for it; one asked for in a pause is answered with the reason at once. deadline_ms 0: the
 * configured one, or 30 s. given: what is already known of the document, for the plugin; copied,
 * and wiped when the child has it; NULL: nothing. At most READER_GIVEN_BYTES as fields_write makes
 * it (SMG_E_INVALID).
 *
 * A device out of service (the plugin's state) answers SMG_E_IO with the plugin's reason; a read,
 * at most one a second, starts the child again first, so that the plugin's start can see whether it
 * works now. A read that ends with SMG_E_GONE, and a device path that became another file while the
 * reader was idle (looked at twice a second), make the child start again too. */
void reader_read(struct reader *reader, const struct smg_fields *given, int64_t deadline_ms,
                 instance_done_fn fn, void *ctx);
/* The caller went away: the read is told to end. fn is still called. */
void reader_cancel(struct reader *reader);

enum reader_phase {
    READER_STARTING = 1,
    READER_READY,
    READER_READING,
    READER_OUT_OF_SERVICE,
    READER_DOWN
};

struct reader_status {
    const char *name, *plugin; /* live as long as the reader */
    enum reader_phase phase;
    char why[252]; /* out of service or down: the reason */
    uint64_t reads, failures, restarts;
    int pid; /* of its process; not above 0: there is none */
};
/* From any thread. */
void reader_status(struct reader *reader, struct reader_status *out);
const char *reader_phase_name(enum reader_phase phase); /* "ready" */

/* The other end: what the program does when started as a reader's process. Its socket is descriptor
 * 3; returns the exit status. Sandboxed before the plugin is first called: no network, no files but
 * the devices among its options, no new processes, no core dump, 256 MiB; dies with its parent. */
int reader_child(void);
/* In the environment of whoever starts readers: their processes log every call the walls refuse, as
 * "the walls refused ...". */
#define READER_TELL_WALLS "SHIMING_TELL_WALLS"
#define READER_CHILD_VERB "reader-process"

#endif
