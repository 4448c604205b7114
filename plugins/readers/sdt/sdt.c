/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A reader of second-generation identity cards on a serial port.
 *
 * Every such reader holds a security module of the police, which reads the chip, verifies it and
 * says the plain result over one protocol, whatever the brand. So this is one driver for all of
 * them, as long as they hang on a serial port, a serial adapter or a USB serial port.
 *
 *   frame     requests and answers as bytes          code      what status codes mean
 *   port      the tty and its deadlines              dialogue  status, find, select, read
 *   text      the 256 bytes of text on the chip      sdt       options, answers (this file)
 */
#include "dialogue.h"

#include <stdlib.h>
#include <string.h>

static const char *const speed_names[] = {
    "auto", "115200", "57600", "38400", "19200", "9600", NULL
};

static const struct smg_option options[] = {
    SMG_OPTION_DEVICE(config, device, .flags = SMG_REQUIRED,
                      .help = "the serial port, best by a name that stays: "
                              "/dev/serial/by-id/..., /dev/ttyUSB0"),
    SMG_OPTION_TEXT(config, speed, .preset = "auto", .choices = speed_names,
                    .help = "line speed; auto tries 115200 and then the slower ones"),
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
                    .help = "ask for an address added after the card was issued, "
                            "and answer it instead of the printed one"),
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

static int sdt_start(void *self, struct smg_err *err)
{
    struct sdt *sdt = self;
    int rc;

    rc = port_open(&sdt->port, sdt->host, sdt->config->device, err);
    if (rc == SMG_OK)
        rc = dialogue_start(sdt, err);
    if (rc != SMG_OK)
        port_close(&sdt->port);
    return rc;
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
    const char *address = reading->address[0] != '\0' ? reading->address : document->address;

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
    answer_text(reading, "address", address);
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

static void sdt_read(void *self, struct smg_op *op)
{
    struct sdt *sdt = self;
    struct smg_err err = { 0 };
    struct reading reading = { .sdt = sdt, .op = op, .err = &err };
    struct document document = { 0 };
    int rc;

    rc = dialogue_read(&reading);
    if (rc == SMG_OK && reading.verified)
        rc = text_read(reading.text, &document, &err);
    if (rc == SMG_OK) {
        answer_number(&reading);
        answer_text(&reading, "chip.verified", reading.verified ? "yes" : "no");
        if (reading.verified) {
            answer_document(&reading, &document);
            answer_chip(&reading);
        }
    }
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
    .summary = "second-generation identity card readers on a serial port",
    .config_size = sizeof(struct config),
    .options = options,
    .open = sdt_open,
    .start = sdt_start,
    .stop = sdt_stop,
    .close = sdt_close,
    .reader = &ops,
};
