/* SPDX-License-Identifier: Apache-2.0 */
/* Passports and travel permits with a contactless chip (ICAO 9303), on a PC/SC reader. */
#include "pcsc.h"
#include "reading.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    MOVES = 10,                  /* how often a document may be moved in one read */
    TRIES = 3,                   /* wrong access data, until the document is lifted */
    PORTRAIT_BYTES = 128 * 1024, /* the host takes no longer field */
    CHINA_AHEAD_S = 8 * 3600
};

struct config {
    const char *reader, *socket, *csca;
    bool portrait;
};

static const struct smg_option options[] = {
    SMG_OPTION_TEXT(config, reader,
                    .help = "part of the reader's name in PC/SC; without it the first one"),
    SMG_OPTION_SOCKET(config, socket, .preset = "unix:/run/pcscd/pcscd.comm",
                      .help = "where pcscd listens"),
    SMG_OPTION_PATH(config, csca,
                    .help = "country signing certificates and master lists: a file, or a folder"),
    SMG_OPTION_BOOL(config, portrait, .preset = "true", .help = "read the portrait too (DG2)"),
    SMG_OPTIONS_END
};

struct emrtd {
    const struct smg_host *host;
    const struct config *config;
    struct anchors anchors;
    unsigned presentation, refusals; /* how often one document refused what was given */
};

static const char *finding_word(enum finding finding)
{
    return finding == FINDING_YES ? "yes" : finding == FINDING_NO ? "no" : "unknown";
}

static void say(const struct emrtd *emrtd, struct smg_op *op, const char *field, const char *text)
{
    if (text[0] != '\0')
        smg_answer_text(emrtd->host, op, field, (struct smg_str){ text, strlen(text) });
}

/* A day of which the zone leaves something out is not answered. */
static void say_day(const struct emrtd *emrtd, struct smg_op *op, const char *field,
                    struct smg_date day)
{
    if (day.day != 0)
        smg_answer_date(emrtd->host, op, field, day);
}

/* A reader's name in PC/SC has its serial number in it, and ends with the place it got: " 00 00".
 */
static size_t name_without_place(const char *reader)
{
    size_t len = strlen(reader);

    return len > 6 && reader[len - 6] == ' ' && reader[len - 3] == ' ' ? len - 6 : len;
}

static void say_device(const struct emrtd *emrtd, struct smg_op *op, const char *reader)
{
    uint8_t digest[EVP_MAX_MD_SIZE];
    char hex[33];
    size_t len = name_without_place(reader);

    if (EVP_Digest(reader, len, digest, NULL, EVP_sha256(), NULL) != 1)
        return;
    for (size_t i = 0; i < 16; i++)
        snprintf(hex + 2 * i, 3, "%02x", digest[i]);
    say(emrtd, op, "device.id", hex);
}

static void say_person(const struct emrtd *emrtd, struct smg_op *op,
                       const struct chip_reading *reading)
{
    const struct mrz *mrz = &reading->mrz;
    char latin[sizeof mrz->surname + sizeof mrz->given + 2];

    snprintf(latin, sizeof latin, "%s%s%s", mrz->surname, mrz->given[0] == '\0' ? "" : ", ",
             mrz->given);
    say(emrtd, op, "document.type", reading->type);
    say(emrtd, op, "document.number", mrz->number);
    say(emrtd, op, "document.issuer", mrz->issuer);
    say_day(emrtd, op, "document.valid_to", mrz->expiry);
    say(emrtd, op, "name", reading->name);
    say(emrtd, op, "name_latin", latin);
    say(emrtd, op, "nationality", mrz->nationality);
    say(emrtd, op, "sex", mrz->sex == 'M' ? "male" : mrz->sex == 'F' ? "female" : "unknown");
    say_day(emrtd, op, "birth", mrz->birth);
    OPENSSL_cleanse(latin, sizeof latin);
    if (reading->format == NULL)
        return;
    if (reading->picture.len > PORTRAIT_BYTES) {
        emrtd->host->log(emrtd->host, SMG_WARN, "the portrait has %zu bytes and is left out",
                         reading->picture.len);
        return;
    }
    smg_answer_bytes(emrtd->host, op, "portrait", reading->picture);
    say(emrtd, op, "portrait.format", reading->format);
}

static void say_findings(const struct emrtd *emrtd, struct smg_op *op,
                         const struct chip_reading *reading)
{
    enum finding verified = reading_verified(reading);

    say(emrtd, op, "chip.authentic", finding_word(reading->authentic));
    say(emrtd, op, "chip.signer_trusted", finding_word(reading->trusted));
    if (verified != FINDING_UNKNOWN)
        say(emrtd, op, "chip.verified", finding_word(verified));
    if (reading->why != NULL)
        emrtd->host->log(emrtd->host, SMG_WARN, "a chip was not verified: %s", reading->why);
}

static bool draw_chance(void *ctx, uint8_t *out, size_t len)
{
    (void)ctx;
    return len <= INT32_MAX && RAND_priv_bytes(out, (int)len) == 1;
}

/* A chip that is asked with one zone after the other is being guessed at. */
static int count_refusals(struct emrtd *emrtd, const struct pcsc *pcsc, struct smg_err *err)
{
    if (emrtd->presentation != pcsc->presentation)
        emrtd->refusals = 0;
    emrtd->presentation = pcsc->presentation;
    if (emrtd->refusals < TRIES)
        return SMG_OK;
    return smg_fail(err, SMG_E_DENIED,
                    "the MRZ or CAN was wrong %d times: lift the document off the reader first",
                    TRIES);
}

/* One presentation of the document, from the first command to the last. */
static int read_once(struct emrtd *emrtd, struct pcsc *pcsc, const struct reading_wish *wish,
                     struct chip_reading *reading, struct smg_err *err)
{
    struct icc icc = { .transmit = pcsc_transmit, .chance = draw_chance, .ctx = pcsc };
    int code = count_refusals(emrtd, pcsc, err);

    if (code == SMG_OK) {
        code = reading_take(&icc, wish, reading, err);
        emrtd->refusals += code == SMG_E_DENIED;
    }
    icc_wipe(&icc);
    return code;
}

/* A document that was moved is read from the beginning; nothing of a half read is answered. */
static int read_document(struct emrtd *emrtd, struct smg_op *op, struct pcsc *pcsc,
                         const struct reading_wish *wish, struct smg_err *err)
{
    struct chip_reading reading = { 0 };
    int code = pcsc_wait(pcsc, op, err);

    for (int moves = 0; code == SMG_OK; moves++) {
        code = read_once(emrtd, pcsc, wish, &reading, err);
        if (code != SMG_E_CARD || !pcsc->lost || moves == MOVES)
            break;
        reading_free(&reading);
        pcsc_release(pcsc);
        code = pcsc_wait(pcsc, op, err);
    }
    if (code == SMG_OK) {
        emrtd->refusals = 0;
        if (reading.legible)
            say_person(emrtd, op, &reading);
        say_findings(emrtd, op, &reading);
        say_device(emrtd, op, pcsc->reader);
    }
    reading_free(&reading);
    return code;
}

static void emrtd_read(void *self, struct smg_op *op)
{
    struct emrtd *emrtd = self;
    const struct smg_host *host = emrtd->host;
    struct pcsc pcsc = { .host = host, .wanted = emrtd->config->reader };
    struct access access;
    struct reading_wish wish = { .access = &access,
                                 .anchors = &emrtd->anchors,
                                 .today = mrz_day_in_china(time(NULL)),
                                 .portrait = emrtd->config->portrait };
    struct smg_err err = { 0 };
    int code = access_take(host, host->given(host, op), wish.today, &access, &err);

    if (code == SMG_OK) {
        code = pcsc_open(&pcsc, &err);
        if (code < 0) /* the next read starts the process again, which looks whether it is back */
            host->state(host, SMG_OUT_OF_SERVICE, err.text);
    }
    if (code == SMG_OK) {
        code = read_document(emrtd, op, &pcsc, &wish, &err);
        pcsc_close(&pcsc);
    }
    access_wipe(&access);
    if (code == SMG_OK)
        smg_done(host, op);
    else
        host->done(host, op, &err);
}

static int emrtd_open(const struct smg_host *host, const void *config, void **self,
                      struct smg_err *err)
{
    struct emrtd *emrtd = calloc(1, sizeof *emrtd);

    if (emrtd == NULL)
        return smg_fail(err, SMG_E_MEMORY, "out of memory");
    emrtd->host = host;
    emrtd->config = config;
    if (strncmp(emrtd->config->socket, "unix:", 5) != 0) {
        free(emrtd);
        return smg_fail(err, SMG_E_INVALID, "socket is unix:/PATH: pcscd has no other");
    }
    /* The configuration file of OpenSSL is out of reach. */
    if (OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL) != 1 ||
        setenv("PCSCLITE_CSOCK_NAME", emrtd->config->socket + 5, 1) != 0) {
        free(emrtd);
        return smg_fail(err, SMG_E_MEMORY, "out of memory");
    }
    *self = emrtd;
    return SMG_OK;
}

static int emrtd_start(void *self, struct smg_err *err)
{
    struct emrtd *emrtd = self;
    struct pcsc pcsc = { .host = emrtd->host, .wanted = emrtd->config->reader };
    struct smg_err why = { 0 };

    if (emrtd->config->csca != NULL) {
        if (anchors_load(emrtd->config->csca, &emrtd->anchors, err) < 0)
            return err->code;
        emrtd->host->log(emrtd->host, SMG_INFO, "%zu country signing certificates",
                         anchors_count(&emrtd->anchors));
    } else {
        emrtd->host->log(emrtd->host, SMG_WARN,
                         "no country signing certificates (csca): no signer will be trusted");
    }
    if (pcsc_open(&pcsc, &why) == SMG_OK)
        pcsc_close(&pcsc);
    else
        emrtd->host->state(emrtd->host, SMG_OUT_OF_SERVICE, why.text);
    return SMG_OK;
}

static void emrtd_stop(void *self)
{
    struct emrtd *emrtd = self;

    anchors_free(&emrtd->anchors);
}

static const struct smg_reader_ops ops = { .size = sizeof ops, .read = emrtd_read };

SMG_PLUGIN(emrtd) = {
    SMG_ABI,
    .kind = SMG_READER,
    .name = "emrtd",
    .version = "1.0",
    .summary = "passports and travel permits with a chip (ICAO 9303), on a PC/SC reader",
    .config_size = sizeof(struct config),
    .options = options,
    .open = emrtd_open,
    .start = emrtd_start,
    .stop = emrtd_stop,
    .close = free,
    .reader = &ops,
};
