/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A scanner of machine readable zones: passports, and travel permits with three lines on the back.
 *
 * Scanners either send the lines over a serial port or type them like a keyboard. What they read is
 * print, not a chip: it is checked against its own check digits and nothing more, and so it is
 * answered with the origin "mrz". It also opens the chip of the same document, see access.mrz.
 *
 *   source    the two kinds of device            scan   when a scan is over
 *   keyboard  input events into characters       mrz    options, answers (this file)
 */
#include "mrz_document.h"
#include "scan.h"
#include "source.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

struct config {
    const char *device, *connection, *speed;
    int64_t pause;
};

static const char *const connections[] = { "serial", "keyboard", NULL };
static const char *const speeds[] = { "115200", "57600", "38400", "19200", "9600", NULL };

static const struct smg_option options[] = {
    SMG_OPTION_DEVICE(config, device, .flags = SMG_REQUIRED,
                      .help = "the scanner, best by a name that stays: /dev/serial/by-id/..., "
                              "/dev/input/by-id/...-event-kbd"),
    SMG_OPTION_TEXT(config, connection, .preset = "serial", .choices = connections,
                    .help = "serial port, or keyboard: a scanner that types, on the US layout; "
                            "it is grabbed, so that nothing is typed elsewhere"),
    SMG_OPTION_TEXT(config, speed, .preset = "9600", .choices = speeds,
                    .help = "line speed of a serial port; a USB one has none"),
    SMG_OPTION_MS(config, pause, .preset = "500ms", .min = 50, .max = 10000,
                  .help = "silence that ends a scan whose last line does not end"),
    SMG_OPTIONS_END
};

struct scanner {
    const struct smg_host *host;
    const struct config *config;
    struct source source;
};

static int scanner_open(const struct smg_host *host, const void *config, void **self,
                        struct smg_err *err)
{
    struct scanner *scanner = calloc(1, sizeof *scanner);

    if (scanner == NULL)
        return smg_fail(err, SMG_E_MEMORY, "scanner");
    scanner->host = host;
    scanner->config = config;
    scanner->source.fd = -1;
    *self = scanner;
    return SMG_OK;
}

static int scanner_start(void *self, struct smg_err *err)
{
    struct scanner *scanner = self;
    const struct config *config = scanner->config;

    return strcmp(config->connection, "keyboard") == 0
               ? source_open_keyboard(&scanner->source, config->device, err)
               : source_open_serial(&scanner->source, config->device, config->speed, err);
}

static void scanner_stop(void *self)
{
    struct scanner *scanner = self;

    source_close(&scanner->source);
}

static void answer_text(struct scanner *scanner, struct smg_op *op, const char *field,
                        const char *text)
{
    if (text[0] != '\0')
        smg_answer_text(scanner->host, op, field, (struct smg_str){ text, strlen(text) });
}

/* A day of which the zone leaves something out is not answered: somebody asks for it. */
static void answer_day(struct scanner *scanner, struct smg_op *op, const char *field,
                       struct smg_date day)
{
    if (day.day != 0)
        smg_answer_date(scanner->host, op, field, day);
}

static void answer_document(struct scanner *scanner, struct smg_op *op, const struct mrz *mrz,
                            const char *type)
{
    char name[sizeof mrz->surname + sizeof mrz->given + 2];

    snprintf(name, sizeof name, "%s%s%s", mrz->surname, mrz->given[0] == '\0' ? "" : ", ",
             mrz->given);
    answer_text(scanner, op, "document.origin", "mrz");
    answer_text(scanner, op, "document.type", type);
    answer_text(scanner, op, "document.number", mrz->number);
    answer_text(scanner, op, "document.issuer", mrz->issuer);
    answer_day(scanner, op, "document.valid_to", mrz->expiry);
    answer_text(scanner, op, "name_latin", name);
    answer_text(scanner, op, "nationality", mrz->nationality);
    answer_text(scanner, op, "sex",
                mrz->sex == 'M'   ? "male"
                : mrz->sex == 'F' ? "female"
                                  : "unknown");
    answer_day(scanner, op, "birth", mrz->birth);
    answer_text(scanner, op, "access.mrz", mrz->zone);
    if (mrz->corrected)
        scanner->host->log(scanner->host, SMG_INFO,
                           "letters were scanned where digits stand; corrected, and the check "
                           "digits agree");
    explicit_bzero(name, sizeof name);
}

/* Wait for a scan and its end. */
static int take_scan(struct scanner *scanner, struct smg_op *op, struct scan *scan,
                     struct smg_err *err)
{
    for (;;) {
        char bytes[64];
        int64_t patience = scan->len > 0 ? scanner->config->pause : -1;
        int rc = scanner->host->wait(scanner->host, op, scanner->source.fd, SMG_READABLE, patience);

        if (rc == SMG_E_TIMEOUT)
            return smg_fail(err, SMG_E_NO_CARD, "no document was scanned");
        if (rc < 0)
            return smg_fail(err, (enum smg_code)rc, "the read was ended");
        if (rc == 0)
            return SMG_OK;
        rc = source_take(&scanner->source, bytes, sizeof bytes, err);
        if (rc < 0)
            return rc;
        for (int i = 0; i < rc; i++)
            if (scan_take(scan, bytes[i]))
                return SMG_OK;
    }
}

static void scanner_read(void *self, struct smg_op *op)
{
    struct scanner *scanner = self;
    struct scan scan = { .len = 0 };
    struct mrz mrz = { 0 };
    struct smg_err err = { 0 };
    const char *type = NULL;
    int rc = source_drain(&scanner->source, &err);

    if (rc == SMG_OK)
        rc = take_scan(scanner, op, &scan, &err);
    if (rc == SMG_OK)
        rc = mrz_read((struct smg_str){ scan.text, scan.len }, mrz_day_in_china(time(NULL)), &mrz,
                      &err);
    if (rc == SMG_OK)
        type = mrz_document_type(&mrz, &err);
    if (type != NULL)
        answer_document(scanner, op, &mrz, type);
    explicit_bzero(&scan, sizeof scan);
    explicit_bzero(&mrz, sizeof mrz);
    scanner->host->done(scanner->host, op, type != NULL ? NULL : &err);
}

static const struct smg_reader_ops ops = { .size = sizeof ops, .read = scanner_read };

SMG_PLUGIN(mrz) = {
    SMG_ABI,
    .kind = SMG_READER,
    .name = "mrz",
    .version = "1.0",
    .summary = "scanners of machine readable zones, on a serial port or typing",
    .config_size = sizeof(struct config),
    .options = options,
    .open = scanner_open,
    .start = scanner_start,
    .stop = scanner_stop,
    .close = free,
    .reader = &ops,
};
