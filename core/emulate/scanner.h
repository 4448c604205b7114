/* SPDX-License-Identifier: Apache-2.0 */
/* A scanner of machine readable zones without hardware: `shiming reader emulate --scanner`. It
 * shares no code with the driver it tests. */
#ifndef EMULATE_SCANNER_H
#define EMULATE_SCANNER_H

#include "base/buf.h"

struct scanner_options {
    const char *zone; /* a zone file, see scanner.c */
    const char *link; /* a symbolic link to make to the port, or NULL */
    int64_t every_ms; /* somebody scans the document again and again; 0: nobody does */
};

/* A zone file as a scanner sends it, in place of what is in zone. false: all mistakes are in
 * errors, and what there was stays. */
struct config_errors;
bool scanner_load(const char *path, struct buf *zone, struct config_errors *errors);

/*
 * Serve until SIGINT or SIGTERM. Prints "ready PATH" on `out` when a driver may open PATH, and
 * flushes; mistakes go to `messages`. Returns the verb's exit status: 0 after a signal to stop, 2
 * when the file is wrong or there is no pty.
 *
 * SIGUSR1 scans the document; SIGHUP reads the file again first, and scans nothing when it is
 * wrong. What is sent is not checked: a document may lie. The four signals are blocked in the
 * calling thread meanwhile; call it with no other threads running.
 */
int scanner_run(const struct scanner_options *options, FILE *out, FILE *messages);

#endif
