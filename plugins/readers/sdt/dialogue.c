/* SPDX-License-Identifier: Apache-2.0 */
/* Each answer of the reader leads to one of a few outcomes, and the outcome to the next step. */
#include "dialogue.h"
#include "code.h"

#include <string.h>

enum {
    STATUS_MS = 500,  /* a reader of the right speed answers in a few milliseconds */
    RETRIES_MAX = 10, /* a card that fails so often at one presentation is not just moving */
    FOUND = 0x9F,
    DONE = 0x90,
    NOT_ON_CARD = 0x91,
    FALSE_FINGERPRINT = 0x37
};

enum outcome {
    OUTCOME_DONE = 1,
    OUTCOME_EMPTY,   /* the card has no such item */
    OUTCOME_UNKNOWN, /* the reader does not know the command */
    OUTCOME_AGAIN,   /* from find */
    OUTCOME_FALSE,   /* the chip's data did not verify */
    OUTCOME_FAILED   /* err says why */
};

static void leave_service(struct sdt *sdt, const char *why)
{
    sdt->out_of_service = true;
    sdt->host->state(sdt->host, SMG_OUT_OF_SERVICE, why);
}

/* After an answer to the status command: in service or out of it. */
static int judge_status(struct sdt *sdt, struct smg_err *err)
{
    uint8_t number = sdt->answer.status[2];
    const struct code *code = code_find(number);

    if (code == NULL)
        return smg_fail(err, SMG_E_PROTOCOL, "status: the unknown code %02X", (unsigned)number);
    if (code->class == CODE_BROKEN) {
        leave_service(sdt, code->text);
        return SMG_OK;
    }
    if (number != DONE)
        return smg_fail(err, SMG_E_IO, "status: %s (code %02X)", code->text, (unsigned)number);
    if (sdt->out_of_service)
        sdt->host->state(sdt->host, SMG_READY, "the security module works again");
    sdt->out_of_service = false;
    return SMG_OK;
}

static int ask_status(struct sdt *sdt, struct smg_op *op, struct smg_err *err)
{
    int rc = port_ask(&sdt->port, op, FRAME_STATUS, STATUS_MS, &sdt->answer, err);

    return rc == SMG_OK ? judge_status(sdt, err) : rc;
}

/* Every speed once; a wrong one gives silence or noise. */
static int find_speed(struct sdt *sdt, struct smg_op *op, struct smg_err *err)
{
    static const char *const rates[] = { "115200", "57600", "38400", "19200", "9600" };
    int rc = SMG_E_IO;

    for (size_t i = 0; i < sizeof rates / sizeof *rates; i++) {
        rc = port_set_speed(&sdt->port, rates[i], err);
        if (rc == SMG_OK)
            rc = port_try(&sdt->port, op, FRAME_STATUS, STATUS_MS, &sdt->answer, err);
        if (rc == SMG_OK) {
            sdt->host->log(sdt->host, SMG_INFO, "the reader answers at %s baud", rates[i]);
            return judge_status(sdt, err);
        }
        if (rc != SMG_E_IO && rc != SMG_E_PROTOCOL)
            return rc;
    }
    return smg_fail(err, SMG_E_IO, "no reader answers at any speed");
}

/* A reader that does not tell its number is still a reader. */
static int ask_number(struct sdt *sdt, struct smg_op *op, struct smg_err *err)
{
    int rc = port_ask(&sdt->port, op, FRAME_NUMBER, STATUS_MS, &sdt->answer, err);

    if (rc != SMG_OK)
        return rc;
    sdt->has_number = sdt->answer.status[2] == DONE && sdt->answer.len == sizeof sdt->number;
    if (sdt->has_number)
        memcpy(sdt->number, sdt->answer.data, sizeof sdt->number);
    else
        sdt->host->log(sdt->host, SMG_WARN, "the reader does not tell its number (code %02X)",
                       (unsigned)sdt->answer.status[2]);
    return SMG_OK;
}

int dialogue_start(struct sdt *sdt, struct smg_op *op, struct smg_err *err)
{
    int rc;

    if (sdt->port.transport->set_speed != NULL && strcmp(sdt->config->speed, "auto") == 0) {
        rc = find_speed(sdt, op, err);
    } else {
        rc = port_set_speed(&sdt->port, sdt->config->speed, err);
        if (rc == SMG_OK)
            rc = ask_status(sdt, op, err);
    }
    if (rc == SMG_OK)
        rc = ask_number(sdt, op, err);
    return rc;
}

static enum outcome fail(struct reading *reading, enum smg_code code, const char *text,
                         uint8_t number)
{
    smg_fail(reading->err, code, "%s (code %02X)", text, (unsigned)number);
    return OUTCOME_FAILED;
}

/* From find once more, unless there were too many tries. An empty field may stay empty. */
static enum outcome again(struct reading *reading, const struct code *code)
{
    if (code->class == CODE_IDLE || ++reading->retries <= RETRIES_MAX)
        return OUTCOME_AGAIN;
    if (code->class == CODE_MOVED)
        return fail(reading, SMG_E_CARD, code->text, code->number);
    if (code->class == CODE_ORDER)
        return fail(reading, SMG_E_PROTOCOL, code->text, code->number);
    return fail(reading, SMG_E_PROTOCOL, "the reader answers other questions", code->number);
}

static enum outcome judge(struct reading *reading, uint8_t expected)
{
    const uint8_t *status = reading->sdt->answer.status;
    const struct code *code = code_find(status[2]);

    if (code == NULL)
        return fail(reading, SMG_E_PROTOCOL, "the reader answered an unknown code", status[2]);
    switch (code->class) {
    case CODE_DONE:
        if (status[2] != expected)
            return again(reading, code);
        if (status[0] != 0 || status[1] != 0)
            return fail(reading, SMG_E_CARD, "the card answered with an error", status[0]);
        return OUTCOME_DONE;
    case CODE_EMPTY:
        return OUTCOME_EMPTY;
    case CODE_UNKNOWN:
        return OUTCOME_UNKNOWN;
    case CODE_ORDER:
    case CODE_MOVED:
    case CODE_IDLE:
        return again(reading, code);
    case CODE_SUSPICIOUS:
        reading->sdt->host->log(reading->sdt->host, SMG_WARN, "%s (code %02X)", code->text,
                                (unsigned)code->number);
        return OUTCOME_FALSE;
    case CODE_CARD:
        return fail(reading, SMG_E_CARD, code->text, code->number);
    case CODE_BROKEN:
        leave_service(reading->sdt, code->text);
        return fail(reading, SMG_E_IO, code->text, code->number);
    case CODE_DAMAGED:
    case CODE_DEVICE:
        break;
    }
    return fail(reading, SMG_E_IO, code->text, code->number);
}

static enum outcome ask(struct reading *reading, enum frame_command command, int64_t timeout_ms,
                        uint8_t expected)
{
    struct sdt *sdt = reading->sdt;

    if (port_ask(&sdt->port, reading->op, command, timeout_ms, &sdt->answer, reading->err) !=
        SMG_OK)
        return OUTCOME_FAILED;
    reading->heard = true;
    return judge(reading, expected);
}

/* An answer that makes no sense where a card is needed. */
static enum outcome insist(struct reading *reading, enum outcome outcome)
{
    uint8_t number = reading->sdt->answer.status[2];

    if (outcome == OUTCOME_EMPTY)
        return fail(reading, SMG_E_CARD, "the card is empty", number);
    if (outcome == OUTCOME_UNKNOWN)
        return fail(reading, SMG_E_UNSUPPORTED, "the reader does not know the command", number);
    return outcome;
}

/* Text and photo, kept until they were answered. Fingerprints are wiped here and now. */
static enum outcome unpack(struct reading *reading, size_t count)
{
    const struct frame *answer = &reading->sdt->answer;
    struct frame_part parts[FRAME_PARTS_MAX];

    memcpy(reading->payload, answer->data, answer->len);
    if (!frame_parts(reading->payload, answer->len, count, parts) || parts[0].len != TEXT_BYTES) {
        smg_fail(reading->err, SMG_E_PROTOCOL, "the parts of the card's data do not add up");
        return OUTCOME_FAILED;
    }
    reading->text = parts[0].at;
    reading->portrait = parts[1].at;
    reading->portrait_len = parts[1].len;
    if (count > 2)
        explicit_bzero(reading->payload + (parts[2].at - reading->payload), parts[2].len);
    return OUTCOME_DONE;
}

/* With fingerprints where that is wanted and known. When these alone do not verify, text and photo
 * are read without them. */
static enum outcome read_chip(struct reading *reading)
{
    struct sdt *sdt = reading->sdt;
    int64_t timeout_ms = sdt->config->read_timeout;
    enum outcome outcome = OUTCOME_UNKNOWN;
    size_t parts = 3;

    if (sdt->config->fingerprint && !sdt->no_fingerprint && !reading->doubted) {
        outcome = ask(reading, FRAME_READ_FINGERPRINT, timeout_ms, DONE);
        sdt->no_fingerprint = outcome == OUTCOME_UNKNOWN;
        reading->doubted = outcome == OUTCOME_FALSE && sdt->answer.status[2] == FALSE_FINGERPRINT &&
                           sdt->answer.len == 0;
    }
    if (outcome == OUTCOME_UNKNOWN || reading->doubted) {
        parts = 2;
        outcome = ask(reading, FRAME_READ, timeout_ms, DONE);
    }
    outcome = insist(reading, outcome);
    if (outcome == OUTCOME_DONE)
        return unpack(reading, parts);
    /* Some modules hand out what did not verify, most do not. */
    if (outcome == OUTCOME_FALSE && unpack(reading, parts) != OUTCOME_DONE)
        reading->text = NULL;
    return outcome;
}

/* Is this answer about the newest address one of a card that is there? */
static bool tells_of_card(struct sdt *sdt)
{
    char address[TEXT_UTF8];
    struct smg_err err;
    bool there =
        sdt->answer.status[2] == NOT_ON_CARD ||
        (sdt->answer.status[2] == DONE &&
         text_read_address(sdt->answer.data, sdt->answer.len, address, &err) != SMG_E_PROTOCOL);

    explicit_bzero(address, sizeof address);
    sdt->tells_leaving |= there;
    return there;
}

/* The printed address stands when there is no newer one, and when the card was lifted too soon to
 * tell: what was read before is whole and verified. */
static enum outcome read_address(struct reading *reading)
{
    struct sdt *sdt = reading->sdt;
    uint16_t flag = (uint16_t)(reading->text[248] | reading->text[249] << 8);
    int rc;

    if (!sdt->config->added_address || sdt->no_address || (flag != ' ' && flag != 'J'))
        return OUTCOME_DONE;
    rc = port_ask(&sdt->port, reading->op, FRAME_READ_ADDRESS, sdt->config->select_timeout,
                  &sdt->answer, reading->err);
    if (rc == SMG_E_CANCELLED || rc == SMG_E_TIMEOUT || rc == SMG_E_GONE)
        return OUTCOME_FAILED;
    if (rc == SMG_OK)
        (void)tells_of_card(sdt);
    if (rc == SMG_OK && sdt->answer.status[2] == DONE)
        rc = text_read_address(sdt->answer.data, sdt->answer.len, reading->address, reading->err);
    else if (rc == SMG_OK && sdt->answer.status[2] != NOT_ON_CARD)
        rc = smg_fail(reading->err, SMG_E_IO, "code %02X", (unsigned)sdt->answer.status[2]);
    sdt->no_address = rc == SMG_E_IO && sdt->answer.status[2] == 0x21;
    if (rc != SMG_OK)
        sdt->host->log(sdt->host, SMG_WARN, "no added address was read: %s", reading->err->text);
    return OUTCOME_DONE;
}

/* One presentation of a card is read once. The module cannot be relied on for that: some find a
 * card again that was read. But the newest address is told of the selected card alone. */
static enum outcome look_for_leaving(struct reading *reading)
{
    struct sdt *sdt = reading->sdt;
    uint8_t number;
    int rc = port_ask(&sdt->port, reading->op, FRAME_READ_ADDRESS, sdt->config->select_timeout,
                      &sdt->answer, reading->err);
    const struct code *code;

    if (rc != SMG_OK) {
        if (sdt->tells_leaving || (rc != SMG_E_IO && rc != SMG_E_PROTOCOL))
            return OUTCOME_FAILED;
        sdt->lies = false;
        return OUTCOME_DONE;
    }
    reading->heard = true;
    number = sdt->answer.status[2];
    code = code_find(number);
    if (code != NULL && (code->class == CODE_BROKEN || code->class == CODE_DEVICE))
        return judge(reading, DONE);
    sdt->no_address = number == 0x21;
    sdt->lies = tells_of_card(sdt);
    return sdt->lies ? OUTCOME_AGAIN : OUTCOME_DONE;
}

static enum outcome try_card(struct reading *reading)
{
    struct sdt *sdt = reading->sdt;
    enum outcome outcome = sdt->lies ? look_for_leaving(reading) : OUTCOME_DONE;

    if (outcome != OUTCOME_DONE)
        return outcome;
    outcome = insist(reading, ask(reading, FRAME_FIND, sdt->config->find_timeout, FOUND));
    if (outcome != OUTCOME_DONE)
        return outcome;
    reading->seen = true;
    outcome = insist(reading, ask(reading, FRAME_SELECT, sdt->config->select_timeout, DONE));
    if (outcome == OUTCOME_DONE)
        outcome = read_chip(reading);
    if (outcome == OUTCOME_DONE)
        outcome = read_address(reading);
    return outcome;
}

/* The deadline passed: say what was missing. */
static int fail_late(const struct reading *reading)
{
    if (!reading->heard)
        return smg_fail(reading->err, SMG_E_TIMEOUT, "the reader did not answer in time");
    if (reading->sdt->lies)
        return smg_fail(reading->err, SMG_E_NO_CARD,
                        "no card was presented: the one that was read before has not been lifted");
    if (!reading->seen)
        return smg_fail(reading->err, SMG_E_NO_CARD, "no card was presented");
    if (reading->retries > 0)
        return smg_fail(reading->err, SMG_E_CARD, "the card was taken away before it was read");
    return smg_fail(reading->err, SMG_E_TIMEOUT, "the card was not read in time");
}

static int pause_between(struct reading *reading)
{
    const struct smg_host *host = reading->sdt->host;
    int rc = host->wait(host, reading->op, -1, 0, reading->sdt->config->find_every);

    if (rc == SMG_E_CANCELLED)
        return smg_fail(reading->err, SMG_E_CANCELLED, "the read was cancelled");
    if (rc < 0)
        return smg_fail(reading->err, SMG_E_TIMEOUT, "the deadline passed");
    return SMG_OK;
}

int dialogue_read(struct reading *reading)
{
    struct sdt *sdt = reading->sdt;
    int rc = SMG_OK;

    if (sdt->out_of_service) {
        rc = ask_status(sdt, reading->op, reading->err);
        if (rc == SMG_OK && sdt->out_of_service)
            rc = smg_fail(reading->err, SMG_E_IO, "the reader is out of service");
    }
    while (rc == SMG_OK) {
        enum outcome outcome = try_card(reading);

        if (outcome == OUTCOME_DONE || outcome == OUTCOME_FALSE) {
            reading->verified = outcome == OUTCOME_DONE && !reading->doubted;
            sdt->lies = reading->text != NULL && !sdt->no_address;
            break;
        }
        if (outcome == OUTCOME_FAILED)
            rc = reading->err->code;
        else
            rc = pause_between(reading);
    }
    return rc == SMG_E_TIMEOUT ? fail_late(reading) : rc;
}
