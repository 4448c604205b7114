/* SPDX-License-Identifier: Apache-2.0 */
/* LD_PRELOAD for Debian's mrtdreader: the dozen libnfc calls it makes, answered by a PC/SC reader
 * instead of an NFC device. The reader is the first whose name begins with $PCSC_READER. */
#include <nfc/nfc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <winscard.h>

static SCARDCONTEXT context;
static SCARDHANDLE card;

void nfc_init(nfc_context **out)
{
    *out = SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &context) == SCARD_S_SUCCESS
               ? (nfc_context *)&context
               : NULL;
}

void nfc_exit(nfc_context *nfc)
{
    (void)nfc;
    SCardReleaseContext(context);
}

size_t nfc_list_devices(nfc_context *nfc, nfc_connstring names[], size_t room)
{
    (void)nfc;
    if (room == 0)
        return 0;
    snprintf(names[0], sizeof names[0], "pcsc");
    return 1;
}

static const char *find_reader(const char *names)
{
    const char *wanted = getenv("PCSC_READER");

    for (; *names != '\0'; names += strlen(names) + 1)
        if (wanted == NULL || strncmp(names, wanted, strlen(wanted)) == 0)
            return names;
    return NULL;
}

nfc_device *nfc_open(nfc_context *nfc, const nfc_connstring name)
{
    char readers[4096];
    DWORD len = sizeof readers, protocol;
    const char *reader;

    (void)nfc;
    (void)name;
    if (SCardListReaders(context, NULL, readers, &len) != SCARD_S_SUCCESS)
        return NULL;
    reader = find_reader(readers);
    if (reader == NULL || SCardConnect(context, reader, SCARD_SHARE_EXCLUSIVE, SCARD_PROTOCOL_T1,
                                       &card, &protocol) != SCARD_S_SUCCESS)
        return NULL;
    return (nfc_device *)&card;
}

void nfc_close(nfc_device *device)
{
    (void)device;
    SCardDisconnect(card, SCARD_RESET_CARD);
}

int nfc_initiator_init(nfc_device *device)
{
    (void)device;
    return NFC_SUCCESS;
}

int nfc_device_set_property_bool(nfc_device *device, const nfc_property property, const bool on)
{
    (void)device;
    (void)property;
    (void)on;
    return NFC_SUCCESS;
}

const char *nfc_device_get_name(nfc_device *device)
{
    (void)device;
    return "pcsc";
}

void nfc_perror(const nfc_device *device, const char *text)
{
    (void)device;
    fprintf(stderr, "%s\n", text);
}

/* There is always one: nfc_open connected to it. */
int nfc_initiator_select_passive_target(nfc_device *device, const nfc_modulation modulation,
                                        const uint8_t *init, const size_t len, nfc_target *target)
{
    (void)device;
    (void)init;
    (void)len;
    if (target != NULL) {
        memset(target, 0, sizeof *target);
        target->nm = modulation;
        target->nti.nai.btSak = 0x20; /* speaks ISO/IEC 14443-4 */
    }
    return 1;
}

int nfc_initiator_transceive_bytes(nfc_device *device, const uint8_t *command, const size_t len,
                                   uint8_t *answer, const size_t room, int timeout)
{
    DWORD got = room;

    (void)device;
    (void)timeout;
    if (SCardTransmit(card, SCARD_PCI_T1, command, len, NULL, answer, &got) != SCARD_S_SUCCESS)
        return NFC_EIO;
    return (int)got;
}
