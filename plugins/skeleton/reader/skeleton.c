/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A reader of identity cards on a serial line, made to be copied.
 *
 * It speaks to the virtual card of `shiming reader emulate`, so it reads from the first minute; put
 * your device in place of it. From the top: the line, questions and answers, what is on a card,
 * and the calls of the plugin.
 */
#include <errno.h>
#include <fcntl.h>
#include <shiming/plugin.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

struct config {
    const char *device;
    int64_t answer_time;
};

static const struct smg_option options[] = {
    SMG_OPTION_DEVICE(config, device, .flags = SMG_REQUIRED, .help = "serial port of the reader"),
    SMG_OPTION_MS(config, answer_time, .preset = "1s", .min = 50, .max = 10000,
                  .help = "how long the reader may take to answer"),
    SMG_OPTIONS_END
};

/* The driver's own errors: the card is not there (any more), look for it again. */
enum {
    AGAIN = 1,
    GAP_MS = 150,
    STILL_MS = 20,
    LOOK_EVERY_MS = 100,
    ANSWER_MAX = 4096,
    TEXT_BYTES = 256
};

struct skeleton {
    const struct smg_host *host;
    const struct config *config;
    int fd;
    uint8_t bytes[ANSWER_MAX]; /* the newest answer, wiped when the read ends */
    size_t received;
    uint8_t status;
    const uint8_t *data; /* of the answer, inside bytes */
    size_t len;
    bool owes; /* a question was given up before its answer was here */
};

/* ---- the line --------------------------------------------------------------------- */

static int64_t now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* A port that was unplugged shows in several ways; the host starts the plugin again until it is
 * back. */
static int fail_line(const char *what, struct smg_err *err)
{
    if (errno == EIO || errno == ENXIO || errno == ENODEV)
        return smg_fail(err, SMG_E_GONE, "the reader was unplugged");
    return smg_fail(err, SMG_E_IO, "%s: %s", what, strerror(errno));
}

static int open_line(struct skeleton *reader, struct smg_err *err)
{
    struct termios mode;

    reader->fd = open(reader->config->device, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    if (reader->fd < 0)
        return smg_fail(err, errno == ENOENT ? SMG_E_GONE : SMG_E_IO, "%s: %s",
                        reader->config->device, strerror(errno));
    if (tcgetattr(reader->fd, &mode) != 0)
        return fail_line("not a serial port", err);
    cfmakeraw(&mode);
    mode.c_cflag |= CLOCAL | CREAD;
    mode.c_cc[VMIN] = 1; /* so that 0 bytes mean unplugged */
    mode.c_cc[VTIME] = 0;
    if (cfsetspeed(&mode, B115200) != 0 || tcsetattr(reader->fd, TCSANOW, &mode) != 0)
        return fail_line("setting the line's speed", err);
    return SMG_OK;
}

/* More bytes, at most timeout_ms from now. Waiting is the host's: it knows when the read must end.
 */
static int receive(struct skeleton *reader, struct smg_op *op, int64_t timeout_ms,
                   struct smg_err *err)
{
    int rc = reader->host->wait(reader->host, op, reader->fd, SMG_READABLE,
                                timeout_ms > 0 ? timeout_ms : 0);
    ssize_t got;

    if (rc < 0)
        return smg_fail(err, (enum smg_code)rc, "the read was ended");
    if (rc == 0 && reader->received == 0)
        return smg_fail(err, SMG_E_IO, "the reader does not answer");
    if (rc == 0 || reader->received == sizeof reader->bytes)
        return smg_fail(err, SMG_E_PROTOCOL, "the answer is no answer");
    got =
        read(reader->fd, reader->bytes + reader->received, sizeof reader->bytes - reader->received);
    if (got == 0)
        return smg_fail(err, SMG_E_GONE, "the reader was unplugged");
    if (got < 0 && errno != EAGAIN && errno != EINTR)
        return fail_line("reading", err);
    reader->received += got > 0 ? (size_t)got : 0;
    return SMG_OK;
}

/* ---- questions and answers --------------------------------------------------------- */

static uint8_t sum_of(const uint8_t *at, size_t len)
{
    uint8_t sum = 0;

    while (len-- > 0)
        sum ^= *at++;
    return sum;
}

/* AA 96 69, length, three bytes of status, data, sum. 1: it is whole; 0: more must come. */
static int find_answer(struct skeleton *reader, struct smg_err *err)
{
    static const uint8_t preamble[] = { 0xAA, 0x96, 0x69 };
    const uint8_t *at = memmem(reader->bytes, reader->received, preamble, sizeof preamble);
    size_t left = at == NULL ? 0 : (size_t)(reader->bytes + reader->received - at) - 3, length;

    if (left < 2)
        return 0;
    at += sizeof preamble;
    length = (size_t)at[0] << 8 | at[1];
    if (length < 4 || length > ANSWER_MAX - 16)
        return smg_fail(err, SMG_E_PROTOCOL, "the answer's length is impossible");
    if (left < 2 + length)
        return 0;
    if (sum_of(at, 2 + length) != 0)
        return smg_fail(err, SMG_E_PROTOCOL, "the answer was damaged on the line");
    reader->status = at[4];
    reader->data = at + 5;
    reader->len = length - 4;
    return 1;
}

/* A question that was given up is answered all the same: let that pass, until the line is still. A
 * device that sends without end is not waited for. */
static int let_pass(struct skeleton *reader, struct smg_op *op, struct smg_err *err)
{
    int64_t until = now_ms() + GAP_MS;
    int rc;

    do
        rc = reader->host->wait(reader->host, op, reader->fd, SMG_READABLE, STILL_MS);
    while (rc > 0 && read(reader->fd, reader->bytes, sizeof reader->bytes) > 0 && now_ms() < until);
    return rc < 0 ? smg_fail(err, (enum smg_code)rc, "the read was ended") : SMG_OK;
}

static int ask(struct skeleton *reader, struct smg_op *op, uint8_t command, uint8_t parameter,
               struct smg_err *err)
{
    uint8_t request[10] = { 0xAA, 0xAA, 0xAA, 0x96, 0x69, 0x00, 0x03, command, parameter };
    int64_t until;
    int rc;

    if (reader->owes && let_pass(reader, op, err) < 0)
        return err->code;
    until = now_ms() + reader->config->answer_time;
    request[9] = sum_of(request + 5, 4);
    reader->received = 0;
    tcflush(reader->fd, TCIFLUSH); /* what came too late for an earlier question */
    if (write(reader->fd, request, sizeof request) != (ssize_t)sizeof request)
        return fail_line("writing", err);
    do {
        int64_t left = until - now_ms();

        if (reader->received > 0 && left > GAP_MS)
            left = GAP_MS; /* an answer that began does not pause */
        rc = receive(reader, op, left, err);
        if (rc == SMG_OK)
            rc = find_answer(reader, err);
    } while (rc == 0);
    reader->owes = rc < 0;
    return rc < 0 ? rc : SMG_OK;
}

/* SMG_OK: the text of the card that lies on the reader is in data. */
static int read_chip(struct skeleton *reader, struct smg_op *op, struct smg_err *err)
{
    static const struct step {
        uint8_t command, parameter, good;
    } steps[] = { { 0x20, 0x01, 0x9F }, { 0x20, 0x02, 0x90 }, { 0x30, 0x01, 0x90 } };

    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        int rc = ask(reader, op, steps[i].command, steps[i].parameter, err);

        if (rc != SMG_OK)
            return rc;
        if (reader->status == 0x80 || reader->status == 0x81 || reader->status == 0x41)
            return AGAIN; /* no card, or it was moved */
        if (reader->status != steps[i].good)
            return smg_fail(err, SMG_E_CARD, "the reader answers with code %02X",
                            (unsigned)reader->status);
    }
    if (reader->len < 4 + TEXT_BYTES)
        return smg_fail(err, SMG_E_PROTOCOL, "the card's data is too short");
    reader->data += 4; /* the lengths of text and portrait */
    return SMG_OK;
}

/* ---- what is on a card ------------------------------------------------------------- */

/* Where each field stands in the text: bytes of UTF-16, padded with spaces. */
enum kind { PLAIN, SEX, DAY };

static const struct place {
    const char *field;
    enum kind kind;
    size_t at, len;
} places[] = {
    { "name", PLAIN, 0, 30 },
    { "sex", SEX, 30, 2 },
    { "nation", PLAIN, 32, 4 },
    { "birth", DAY, 36, 16 },
    { "address", PLAIN, 52, 70 },
    { "document.number", PLAIN, 122, 36 },
    { "document.issuer", PLAIN, 158, 30 },
    { "document.valid_from", DAY, 188, 16 },
    { "document.valid_to", DAY, 204, 16 },
};

enum { PLACES = sizeof places / sizeof *places, UTF8_BYTES = 35 * 3 + 1, LAYOUT_AT = 248 };

/* Every byte of a card is a stranger's: what is no text is refused. */
static bool to_utf8(const uint8_t *at, size_t len, char out[UTF8_BYTES])
{
    char *end = out, *text = out;

    for (size_t i = 0; i < len; i += 2) {
        unsigned unit = (unsigned)at[i] | (unsigned)at[i + 1] << 8;

        if (unit < 0x20 || (unit >= 0x7F && unit < 0xA0) || (unit >= 0xD800 && unit < 0xE000) ||
            unit >= 0xFFFE)
            return false;
        if (unit < 0x80) {
            *text++ = (char)unit;
        } else if (unit < 0x800) {
            *text++ = (char)(0xC0 | unit >> 6);
            *text++ = (char)(0x80 | (unit & 0x3F));
        } else {
            *text++ = (char)(0xE0 | unit >> 12);
            *text++ = (char)(0x80 | (unit >> 6 & 0x3F));
            *text++ = (char)(0x80 | (unit & 0x3F));
        }
        if (unit != ' ')
            end = text; /* spaces at the end are padding */
    }
    *end = '\0';
    return true;
}

static bool to_day(const char *text, struct smg_date *day)
{
    long number;

    if (strlen(text) != 8 || strspn(text, "0123456789") != 8)
        return false;
    number = strtol(text, NULL, 10);
    *day = (struct smg_date){ (int16_t)(number / 10000), (int8_t)(number / 100 % 100),
                              (int8_t)(number % 100) };
    return day->year > 0 && day->month >= 1 && day->month <= 12 && day->day >= 1 && day->day <= 31;
}

/* A card as the host wants it: all of it is understood before any of it is answered. */
struct document {
    char text[PLACES][UTF8_BYTES];
    struct smg_date day[PLACES];
    bool long_term;
};

static int understand(const uint8_t *chip, struct document *document, struct smg_err *err)
{
    if (chip[LAYOUT_AT] != ' ')
        return smg_fail(err, SMG_E_CARD, "not a resident identity card");
    for (size_t i = 0; i < PLACES; i++) {
        char *text = document->text[i];

        if (!to_utf8(chip + places[i].at, places[i].len, text) || text[0] == '\0')
            return smg_fail(err, SMG_E_CARD, "%s on the card cannot be read", places[i].field);
        if (places[i].kind == SEX)
            strcpy(text, text[0] == '1' ? "male" : text[0] == '2' ? "female" : "unknown");
        if (places[i].kind != DAY)
            continue;
        if (i == PLACES - 1 && strcmp(text, "长期") == 0)
            document->long_term = true;
        else if (!to_day(text, &document->day[i]))
            return smg_fail(err, SMG_E_CARD, "%s on the card is no day", places[i].field);
    }
    return SMG_OK;
}

static void answer(const struct skeleton *reader, struct smg_op *op,
                   const struct document *document)
{
    const struct smg_host *host = reader->host;

    smg_answer_text(host, op, "document.type", SMG_STR("resident_id"));
    smg_answer_bool(host, op, "document.long_term", document->long_term);
    for (size_t i = 0; i < PLACES; i++) {
        const char *text = document->text[i];

        if (places[i].kind != DAY)
            smg_answer_text(host, op, places[i].field, (struct smg_str){ text, strlen(text) });
        else if (document->day[i].year != 0)
            smg_answer_date(host, op, places[i].field, document->day[i]);
    }
}

/* ---- the plugin -------------------------------------------------------------------- */

/* Look for a card until one was read, something fails, or the host ends the read. */
static int wait_for_card(struct skeleton *reader, struct smg_op *op, struct document *document,
                         struct smg_err *err)
{
    for (;;) {
        int rc = read_chip(reader, op, err);

        if (rc == SMG_OK)
            return understand(reader->data, document, err);
        if (rc == AGAIN)
            rc = reader->host->wait(reader->host, op, -1, 0, LOOK_EVERY_MS);
        if (rc == SMG_E_TIMEOUT)
            return smg_fail(err, SMG_E_NO_CARD, "no card was presented");
        if (rc == SMG_E_CANCELLED)
            return smg_fail(err, SMG_E_CANCELLED, "the read was cancelled");
        if (rc < 0)
            return rc;
    }
}

static void skeleton_read(void *self, struct smg_op *op)
{
    struct skeleton *reader = self;
    struct document document = { 0 };
    struct smg_err err = { 0 };
    int rc = wait_for_card(reader, op, &document, &err);

    if (rc == SMG_OK)
        answer(reader, op, &document);
    explicit_bzero(reader->bytes, sizeof reader->bytes);
    explicit_bzero(&document, sizeof document);
    reader->host->done(reader->host, op, rc == SMG_OK ? NULL : &err);
}

/* open owns memory. */
static int skeleton_open(const struct smg_host *host, const void *config, void **self,
                         struct smg_err *err)
{
    struct skeleton *reader = calloc(1, sizeof *reader);

    if (reader == NULL)
        return smg_fail(err, SMG_E_MEMORY, "card reader");
    reader->host = host;
    reader->config = config;
    reader->fd = -1;
    *self = reader;
    return SMG_OK;
}

static void skeleton_stop(void *self)
{
    struct skeleton *reader = self;

    if (reader->fd >= 0)
        close(reader->fd);
    reader->fd = -1;
}

/* start owns the device: it is opened and greeted, or nothing is left behind. */
static int skeleton_start(void *self, struct smg_err *err)
{
    struct skeleton *reader = self;
    int rc = open_line(reader, err);

    if (rc == SMG_OK)
        rc = ask(reader, NULL, 0x11, 0xFF, err);
    if (rc == SMG_OK && reader->status != 0x90)
        rc = smg_fail(err, SMG_E_IO, "the reader says it is broken (%02X)",
                      (unsigned)reader->status);
    if (rc != SMG_OK)
        skeleton_stop(reader);
    return rc;
}

static const struct smg_reader_ops ops = { .size = sizeof ops, .read = skeleton_read };

SMG_PLUGIN(skeleton) = {
    SMG_ABI,
    .kind = SMG_READER,
    .name = "skeleton",
    .version = "0.1",
    .summary = "identity cards on a serial line",
    .config_size = sizeof(struct config),
    .options = options,
    .open = skeleton_open,
    .start = skeleton_start,
    .stop = skeleton_stop,
    .close = free,
    .reader = &ops,
};
