/* SPDX-License-Identifier: Apache-2.0 */
/* Virtual documents as a program: `shiming reader emulate`, with a reader of its own for resident
 * cards, in vsmartcard's reader for passports. */
#ifndef EMULATE_EMULATE_H
#define EMULATE_EMULATE_H

#include "emulate/sam.h"

struct emulate_options {
    const char *card;          /* a card file; NULL or "-": no card in the field */
    unsigned vpcd_port;        /* of a passport: of vsmartcard's driver; 0: its usual one */
    const char *authority;     /* of a passport: the folder of its test authority, or NULL */
    int64_t delay_ms;          /* before every answer */
    const char *link;          /* of a card: a symbolic link to make to the port, or NULL */
    const char *listen;        /* of a card: instead, an address to be a network bridge at */
    unsigned speed;            /* baud a driver must use; 0: any */
    const char *const *faults; /* as for sam_fault_parse; a passport has its fault in its file */
    size_t fault_count;        /* at most SAM_FAULTS */
};

/*
 * Serve until SIGINT or SIGTERM. Prints "ready PATH" (or the address) on `out` when a driver may
 * open it (of a passport: "ready 127.0.0.1:PORT" when it lies in vsmartcard's reader), and flushes;
 * mistakes go to `messages`. Returns the verb's exit status: 0 after a signal to stop, 1 when the
 * fault "unplug" took the port away or vsmartcard's reader is gone, 2 when the card file or an
 * option is wrong or there is no pty, no such address or no such reader.
 *
 * SIGHUP reads the card file again and puts that card into the field; a file that is wrong now
 * leaves the card that was. SIGUSR1 takes the card out of the field, and the next one puts it back.
 * The four signals are blocked in the calling thread meanwhile; call it with no other threads
 * running.
 */
int emulate_run(const struct emulate_options *options, FILE *out, FILE *messages);

#endif
