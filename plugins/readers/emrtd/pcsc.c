/* SPDX-License-Identifier: Apache-2.0 */
/* The PC/SC client. */
#include "pcsc.h"

#include <string.h>

enum {
    LOOK_EVERY_MS = 100, /* for a document, or whether it lies better now */
    NAMES_BYTES = 4096
};

static int pcsc_fail(struct smg_err *err, LONG code, const char *what)
{
    enum smg_code ours = SMG_E_IO;

    switch (code) {
    case SCARD_E_NO_SMARTCARD:
    case SCARD_W_REMOVED_CARD:
    case SCARD_W_RESET_CARD:
    case SCARD_W_UNPOWERED_CARD:
    case SCARD_W_UNRESPONSIVE_CARD:
    case SCARD_E_NOT_TRANSACTED:
    case SCARD_E_PROTO_MISMATCH:
        ours = SMG_E_CARD;
        break;
    case SCARD_E_UNKNOWN_READER:
    case SCARD_E_READER_UNAVAILABLE:
    case SCARD_E_NO_READERS_AVAILABLE:
        ours = SMG_E_GONE;
        break;
    default:
        break;
    }
    return smg_fail(err, ours, "%s: %s", what, pcsc_stringify_error(code));
}

static int choose_reader(struct pcsc *pcsc, struct smg_err *err)
{
    char names[NAMES_BYTES];
    DWORD len = sizeof names;
    LONG code = SCardListReaders(pcsc->context, NULL, names, &len);

    if (code == SCARD_E_NO_READERS_AVAILABLE)
        len = 0;
    else if (code != SCARD_S_SUCCESS)
        return pcsc_fail(err, code, "pcscd lists no readers");
    for (const char *name = names; len > 0 && *name != '\0'; name += strlen(name) + 1)
        if (pcsc->wanted == NULL || strstr(name, pcsc->wanted) != NULL) {
            snprintf(pcsc->reader, sizeof pcsc->reader, "%.*s", MAX_READERNAME - 1, name);
            return SMG_OK;
        }
    if (pcsc->wanted == NULL || pcsc->wanted[0] == '\0')
        return smg_fail(err, SMG_E_GONE, "pcscd knows no reader: is it plugged in?");
    return smg_fail(err, SMG_E_GONE,
                    "pcscd knows no reader with \"%.100s\" in its name: is it plugged in?",
                    pcsc->wanted);
}

int pcsc_open(struct pcsc *pcsc, struct smg_err *err)
{
    LONG code = SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &pcsc->context);

    if (code != SCARD_S_SUCCESS)
        return pcsc_fail(err, code, "pcscd does not answer");
    if (choose_reader(pcsc, err) < 0) {
        SCardReleaseContext(pcsc->context);
        return err->code;
    }
    return SMG_OK;
}

void pcsc_release(struct pcsc *pcsc)
{
    if (!pcsc->connected)
        return;
    SCardEndTransaction(pcsc->handle, SCARD_LEAVE_CARD);
    SCardDisconnect(pcsc->handle, SCARD_RESET_CARD);
    pcsc->connected = false;
}

void pcsc_close(struct pcsc *pcsc)
{
    pcsc_release(pcsc);
    SCardReleaseContext(pcsc->context);
}

/* false: the host wants the read to end, and err says how. */
static bool may_go_on(struct pcsc *pcsc, struct smg_op *op, int64_t ms, struct smg_err *err)
{
    int code = pcsc->host->wait(pcsc->host, op, -1, 0, ms);

    if (code == SMG_E_TIMEOUT && pcsc->moved)
        smg_fail(err, SMG_E_CARD, "the document was moved: leave it on the reader");
    else if (code == SMG_E_TIMEOUT)
        smg_fail(err, SMG_E_NO_CARD, "no document was laid on the reader");
    else if (code < 0)
        smg_fail(err, (enum smg_code)code, "the read was ended");
    return code >= 0;
}

/* Looking and waiting are two calls: the host's wait ends at the deadline to the millisecond, and
 * PC/SC's would not. */
static int wait_for_document(struct pcsc *pcsc, struct smg_op *op, struct smg_err *err)
{
    SCARD_READERSTATE state = { .szReader = pcsc->reader, .dwCurrentState = SCARD_STATE_UNAWARE };

    for (;;) {
        LONG code = SCardGetStatusChange(pcsc->context, 0, &state, 1);

        if (code != SCARD_S_SUCCESS && code != SCARD_E_TIMEOUT)
            return pcsc_fail(err, code, "waiting for a document");
        if (state.dwEventState & (SCARD_STATE_UNKNOWN | SCARD_STATE_UNAVAILABLE))
            return smg_fail(err, SMG_E_GONE, "the reader was unplugged");
        pcsc->presentation = (unsigned)(state.dwEventState >> 16);
        if (state.dwEventState & SCARD_STATE_PRESENT)
            return SMG_OK;
        if (!may_go_on(pcsc, op, LOOK_EVERY_MS, err))
            return err->code;
    }
}

/* Another program on the card, or one of ours that was killed, and a document not laid down well
 * yet, or another one than a moment ago: all of that passes. */
static bool passes(LONG code)
{
    return code == SCARD_E_SHARING_VIOLATION || code == SCARD_E_NO_SMARTCARD ||
           code == SCARD_W_UNRESPONSIVE_CARD || code == SCARD_W_UNPOWERED_CARD ||
           code == SCARD_W_REMOVED_CARD || code == SCARD_W_RESET_CARD ||
           code == SCARD_E_PROTO_MISMATCH;
}

static LONG connect_to_chip(struct pcsc *pcsc)
{
    LONG code = SCardConnect(pcsc->context, pcsc->reader, SCARD_SHARE_SHARED,
                             SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1, &pcsc->handle, &pcsc->protocol);

    if (code != SCARD_S_SUCCESS)
        return code;
    code = SCardBeginTransaction(pcsc->handle);
    pcsc->connected = code == SCARD_S_SUCCESS;
    if (!pcsc->connected)
        SCardDisconnect(pcsc->handle, SCARD_RESET_CARD);
    return code;
}

int pcsc_wait(struct pcsc *pcsc, struct smg_op *op, struct smg_err *err)
{
    LONG code = SCARD_S_SUCCESS;

    do {
        if ((code != SCARD_S_SUCCESS || pcsc->lost) && !may_go_on(pcsc, op, LOOK_EVERY_MS, err))
            return err->code;
        if (wait_for_document(pcsc, op, err) < 0)
            return err->code;
        code = connect_to_chip(pcsc);
    } while (passes(code));
    pcsc->answered = pcsc->lost = false;
    return code == SCARD_S_SUCCESS ? SMG_OK : pcsc_fail(err, code, "the chip");
}

int pcsc_transmit(void *ctx, const uint8_t *command, size_t len, uint8_t *answer, size_t room,
                  size_t *used, struct smg_err *err)
{
    struct pcsc *pcsc = ctx;
    const SCARD_IO_REQUEST how = { .dwProtocol = pcsc->protocol, .cbPciLength = sizeof how };
    DWORD got = room;
    LONG code = SCardTransmit(pcsc->handle, &how, command, len, NULL, answer, &got);

    *used = code == SCARD_S_SUCCESS ? got : 0;
    pcsc->lost = *used < 2;
    pcsc->moved = pcsc->moved || (pcsc->lost && pcsc->answered);
    pcsc->answered = !pcsc->lost;
    return code == SCARD_S_SUCCESS ? SMG_OK : pcsc_fail(err, code, "the chip");
}
