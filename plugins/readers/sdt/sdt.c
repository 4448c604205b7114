/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A reader of second-generation identity cards.
 *
 * Every such reader holds a security module of the police, which reads the chip, verifies it and
 * says the plain result over one protocol, whatever the brand. So this is one driver for all of
 * them, on a serial port, behind a network bridge or as a USB device.
 *
 *   frame     requests and answers as bytes          code      what status codes mean
 *   port      questions inside their deadlines       dialogue  status, find, select, read
 *   serial, network, usb, hid: what a port is on
 *   text      the 256 bytes of text on the chip      sdt       options, answers (this file)
 */
#include "dialogue.h"

#include <stdlib.h>
#include <string.h>

/* The module's own, and those of makers who changed it: Senter, Senrui, Yishu. */
#define USB_IDS "0400:c35a, 10c4:8a1b, 2015:0008, 9573:4836"

static const char *const speed_names[] = {
    "auto", "115200", "57600", "38400", "19200", "9600", NULL
};

static const struct smg_option options[] = {
    SMG_OPTION_DEVICE(config, device,
                      .help = "the serial port, best by a name that stays: "
                              "/dev/serial/by-id/..., /dev/ttyUSB0"),
    SMG_OPTION_SOCKET(config, address,
                      .help = "instead: a bridge that carries the serial line over TCP, as "
                              "192.0.2.7:4001"),
    SMG_OPTION_DEVICE(config, usb,
                      .help = "instead: a USB reader with bulk endpoints: its file, or "
                              "/dev/bus/usb for the first that is listed"),
    SMG_OPTION_TEXT(config, usb_ids, .preset = USB_IDS,
                    .help = "vendor and product of those in the folder that are readers"),
    SMG_OPTION_DEVICE(config, hid,
                      .help = "instead: a USB reader of the HID class, as /dev/hidraw0"),
    SMG_OPTION_TEXT(config, speed, .preset = "auto", .choices = speed_names,
                    .help = "speed of a serial port; auto tries 115200 and then the slower ones"),
    SMG_OPTION_MS(config, find_every, .preset = "200ms", .min = 20, .max = 5000,
                  .help = "pause between two looks for a card"),
    SMG_OPTION_MS(config, find_timeout, .preset = "1s", .min = 50, .max = 30000,
                  .help = "how long the reader may take to look for a card"),
    SMG_OPTION_MS(config, select_timeout, .preset = "1s", .min = 50, .max = 30000,
                  .help = "how long it may take to select the card, and to read an added address"),
    SMG_OPTION_MS(config, read_timeout, .preset = "5s", .min = 200, .max = 60000,
                  .help = "how long it may take to read text and photo; 1.4 s are needed at 9600"),
    SMG_OPTION_BOOL(config, fingerprint, .preset = "false",
                    .help = "read with the command that verifies fingerprint data too; "
                            "they are thrown away"),
    SMG_OPTION_BOOL(config, added_address, .preset = "true",
                    .help = "ask for an address added after the card was issued; it is the address "
                            "then, and the printed one is told beside it"),
    SMG_OPTIONS_END
};

static int sdt_open(const struct smg_host *host, const void *config, void **self,
                    struct smg_err *err)
{
    struct sdt *sdt = calloc(1, sizeof *sdt);

    if (sdt == NULL)
        return smg_fail(err, SMG_E_MEMORY, "card reader");
    sdt->host = host;
    sdt->config = config;
    sdt->port.fd = -1;
    *self = sdt;
    return SMG_OK;
}

/* Open what the reader is on, and greet it. op NULL: while starting. */
static int connect_reader(struct sdt *sdt, struct smg_op *op, struct smg_err *err)
{
    const struct config *config = sdt->config;
    const struct {
        const char *where;
        const struct transport *transport;
    } places[] = { { config->device, &transport_serial },
                   { config->address, &transport_network },
                   { config->usb, &transport_usb },
                   { config->hid, &transport_hid } };
    const struct transport *transport = NULL;
    const char *where = NULL;
    int count = 0, rc;

    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        if (places[i].where == NULL)
            continue;
        where = places[i].where;
        transport = places[i].transport;
        count++;
    }
    if (count != 1)
        return smg_fail(err, SMG_E_INVALID,
                        "exactly one of device, address, usb and hid is needed");
    sdt->port.usb_ids = config->usb_ids;
    rc = port_open(&sdt->port, sdt->host, op, transport, where, err);
    if (rc == SMG_OK)
        rc = dialogue_start(sdt, op, err);
    if (rc != SMG_OK)
        port_close(&sdt->port);
    return rc;
}

static int sdt_start(void *self, struct smg_err *err)
{
    return connect_reader(self, NULL, err);
}

static void sdt_stop(void *self)
{
    struct sdt *sdt = self;

    port_close(&sdt->port);
}

static void sdt_close(void *self)
{
    struct sdt *sdt = self;

    frame_clear(&sdt->answer);
    free(sdt);
}

static void answer_text(const struct reading *reading, const char *field, const char *text)
{
    if (text[0] != '\0')
        smg_answer_text(reading->sdt->host, reading->op, field,
                        (struct smg_str){ text, strlen(text) });
}

static void answer_number(const struct reading *reading)
{
    static const char digits[] = "0123456789abcdef";
    char hex[2 * READER_NUMBER_BYTES + 1] = "";

    if (!reading->sdt->has_number)
        return;
    for (size_t i = 0; i < READER_NUMBER_BYTES; i++) {
        hex[2 * i] = digits[reading->sdt->number[i] >> 4];
        hex[2 * i + 1] = digits[reading->sdt->number[i] & 15];
    }
    answer_text(reading, "device.id", hex);
}

static void answer_document(const struct reading *reading, const struct document *document)
{
    const struct smg_host *host = reading->sdt->host;
    bool newer = reading->address[0] != '\0';

    answer_text(reading, "document.type", document->type);
    answer_text(reading, "document.number", document->number);
    answer_text(reading, "document.issuer", document->issuer);
    smg_answer_date(host, reading->op, "document.valid_from", document->valid_from);
    smg_answer_bool(host, reading->op, "document.long_term", document->long_term);
    if (!document->long_term)
        smg_answer_date(host, reading->op, "document.valid_to", document->valid_to);
    answer_text(reading, "document.permit_number", document->permit_number);
    answer_text(reading, "document.issue_count", document->issue_count);
    answer_text(reading, "document.old_number", document->old_number);
    answer_text(reading, "name", document->name);
    answer_text(reading, "name_latin", document->latin);
    answer_text(reading, "sex", document->sex);
    answer_text(reading, "nation", document->nation);
    answer_text(reading, "nationality", document->nationality);
    smg_answer_date(host, reading->op, "birth", document->birth);
    answer_text(reading, "address", newer ? reading->address : document->address);
    if (newer)
        answer_text(reading, "printed_address", document->address);
}

static void answer_chip(const struct reading *reading)
{
    const struct smg_host *host = reading->sdt->host;

    smg_answer_bytes(host, reading->op, "chip.text",
                     (struct smg_str){ (const char *)reading->text, TEXT_BYTES });
    if (reading->portrait_len == 0)
        return;
    smg_answer_bytes(host, reading->op, "portrait",
                     (struct smg_str){ (const char *)reading->portrait, reading->portrait_len });
    answer_text(reading, "portrait.format", "wlt");
}

/* A bridge drops idle connections, and nobody looks between reads: one that is found dead is made
 * anew before anyone learns of it. */
static int read_card(struct reading *reading)
{
    struct sdt *sdt = reading->sdt;
    int rc = sdt->port.fd < 0 ? SMG_E_GONE : dialogue_read(reading);

    if (rc != SMG_E_GONE || reading->heard || !sdt->port.transport->silence_is_gone)
        return rc;
    port_close(&sdt->port);
    rc = connect_reader(sdt, reading->op, reading->err);
    return rc == SMG_OK ? dialogue_read(reading) : rc;
}

/* What did not verify is told as far as it can be read: whether to believe it is for the policy. */
static void answer_card(const struct reading *reading, const struct document *document)
{
    answer_number(reading);
    answer_text(reading, "chip.verified", reading->verified ? "yes" : "no");
    if (document->type != NULL)
        answer_document(reading, document);
    if (reading->text != NULL)
        answer_chip(reading);
}

static int read_text(struct reading *reading, struct document *document)
{
    struct smg_err doubt;

    if (reading->text == NULL)
        return SMG_OK;
    if (reading->verified)
        return text_read(reading->text, document, reading->err);
    (void)text_read(reading->text, document, &doubt); /* "chip.verified" says it already */
    return SMG_OK;
}

static void sdt_read(void *self, struct smg_op *op)
{
    struct sdt *sdt = self;
    struct smg_err err = { 0 };
    struct reading reading = { .sdt = sdt, .op = op, .err = &err };
    struct document document = { 0 };
    int rc;

    rc = read_card(&reading);
    if (rc == SMG_OK)
        rc = read_text(&reading, &document);
    if (rc == SMG_OK)
        answer_card(&reading, &document);
    frame_clear(&sdt->answer);
    explicit_bzero(&reading, sizeof reading);
    explicit_bzero(&document, sizeof document);
    sdt->host->done(sdt->host, op, rc == SMG_OK ? NULL : &err);
}

static const struct smg_reader_ops ops = { .size = sizeof ops, .read = sdt_read };

SMG_PLUGIN(sdt) = {
    SMG_ABI,
    .kind = SMG_READER,
    .name = "sdt",
    .version = "1.0",
    .summary = "second-generation identity card readers: serial, network, USB",
    .config_size = sizeof(struct config),
    .options = options,
    .open = sdt_open,
    .start = sdt_start,
    .stop = sdt_stop,
    .close = sdt_close,
    .reader = &ops,
};
