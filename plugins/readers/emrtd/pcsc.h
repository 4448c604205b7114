/* SPDX-License-Identifier: Apache-2.0 */
/* Contactless readers behind pcscd: find one, wait for a document on it, talk to its chip. */
#ifndef EMRTD_PCSC_H
#define EMRTD_PCSC_H

#include <shiming/plugin.h>
#include <winscard.h>

struct pcsc {
    const struct smg_host *host;
    const char *wanted; /* part of the reader's name; "" or NULL: the first one */
    bool connected;
    bool answered, lost; /* the chip: it said something; it does not any more */
    bool moved;          /* a document, in this read */
    SCARDCONTEXT context;
    SCARDHANDLE handle;
    DWORD protocol;
    char reader[MAX_READERNAME];
    unsigned presentation; /* counts documents laid down; another number is another time */
};

/* Reach the daemon and find the reader. SMG_E_IO: pcscd does not answer; SMG_E_GONE: it has no such
 * reader. */
int pcsc_open(struct pcsc *pcsc, struct smg_err *err);
void pcsc_close(struct pcsc *pcsc); /* the document too */
/* Wait for a document and connect to its chip, until the operation's deadline: SMG_E_NO_CARD, or
 * SMG_E_CARD when one was there and was moved. */
int pcsc_wait(struct pcsc *pcsc, struct smg_op *op, struct smg_err *err);
/* Let go of the document; the chip forgets its keys. */
void pcsc_release(struct pcsc *pcsc);
/* As icc.transmit; ctx is a struct pcsc. It blocks for as long as the chip takes, and a chip that
 * never answers blocks it for ever: the host ends the process then. */
int pcsc_transmit(void *ctx, const uint8_t *command, size_t len, uint8_t *answer, size_t room,
                  size_t *used, struct smg_err *err);

#endif
