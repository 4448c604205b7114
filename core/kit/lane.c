/* SPDX-License-Identifier: Apache-2.0 */
/* The virtual reader or scanner behind a line, and one trial after the other. */
#include "kit/lane.h"

#include <stdlib.h>

#include "emulate/fault.h"

enum { SCAN_AGAIN_MS = 700, SCAN_OTHER_MS = 5 };

/* The code's name in the header: "NO_CARD". */
static const char *code_name(int32_t code)
{
    switch (code) {
#define CODE_NAME(name, number, text)                                                              \
    case -(number):                                                                                \
        return #name;
        SMG_ERRORS(CODE_NAME)
#undef CODE_NAME
    default:
        return "?";
    }
}

const char *sam_command_name(enum sam_command command)
{
    static const char *const names[SAM_COMMANDS] = {
        "any",          "reset", "status", "number", "find", "select", "read", "read_fingerprint",
        "read_address", "speed", "rf_size"
    };

    return names[command];
}

/* An answer is on its way: what was last measured of this command's answers counts when a fault is
 * placed in one. */
static void on_request(void *ctx, enum cable_way way, struct smg_str bytes)
{
    struct lane *lane = ctx;
    unsigned before[SAM_COMMANDS];

    (void)way;
    lane->heard = true;
    if (lane->stand.plugin->scanner)
        return; /* it does not listen */
    /* The other card is on the reader when the plugin next asks for one. */
    if (lane->sam.card == NULL && lane->second >= 0) {
        sam_insert(&lane->sam, &lane->cards[lane->second]);
        lane->second = -1;
    }
    for (size_t i = 0; i < bytes.len && cable_is_plugged(&lane->stand.cable); i++) {
        struct sam_reply reply = { 0 };

        memcpy(before, lane->sam.counts, sizeof before);
        if (!sam_take(&lane->sam, (uint8_t)bytes.at[i], &reply)) {
            buf_fini(&reply.bytes);
            continue;
        }
        for (size_t k = 0; k < SAM_COMMANDS && lane->trial.fault.kind == 0; k++)
            if (lane->sam.counts[k] != before[k])
                lane->lengths[k] = reply.bytes.len;
        if (lane->mutate != NULL)
            lane->mutate(lane->own_ctx, &reply);
        cable_send(&lane->stand.cable, &reply);
    }
}

/* One scan of a zone, as the trial has it. */
static void send_zone(struct lane *lane, size_t zone, bool damaged)
{
    struct sam_reply reply = { .delay_ms = lane->repeating ? 0 : lane->trial.delay_ms };

    buf_str(&reply.bytes, sample_zone(zone));
    if (damaged)
        fault_apply(&lane->trial.fault, &lane->sam, &reply);
    else if (zone == 0) /* faults are placed in that one */
        lane->lengths[SAM_READ] = reply.bytes.len;
    if (lane->mutate != NULL)
        lane->mutate(lane->own_ctx, &reply);
    cable_send(&lane->stand.cable, &reply);
}

/* Somebody scans until the read is over. Of a damaged scan there is one, for the plugin has to cope
 * with it alone; unless all of it comes in the end. */
static void scan(void *ctx)
{
    struct lane *lane = ctx;
    const struct trial *trial = &lane->trial;
    bool damaged = !lane->repeating && trial->fault.kind != 0;
    int card = lane->repeating ? trial->first == 0 : trial->first;
    int64_t again_ms = 0;

    lane->scan = NULL;
    if (!cable_is_plugged(&lane->stand.cable))
        return;
    if (!cable_is_quiet(&lane->stand.cable)) {
        again_ms = SCAN_AGAIN_MS;
    } else if (damaged && trial->second >= 0 && lane->second < 0) {
        send_zone(lane, (size_t)trial->second, false);
    } else {
        send_zone(lane, (size_t)card, damaged);
        if (damaged && lane->second >= 0)
            again_ms = SCAN_OTHER_MS;
        else if (!damaged || trial->fault.kind == SAM_SPLIT)
            again_ms = SCAN_AGAIN_MS;
        lane->second = -1;
    }
    if (again_ms > 0)
        lane->scan = loop_after(lane->stand.plugin->loop, again_ms, scan, lane);
}

/* What was scanned before the read was asked for is another customer's. */
static void leave_old_scan(struct lane *lane, int card)
{
    struct sam_reply old = { .delay_ms = 0 };

    buf_str(&old.bytes, lane->mutate != NULL ? SMG_STR("\r") : sample_zone(card == 0 ? 1 : 0));
    cable_send(&lane->stand.cable, &old);
}

static void when_listening(void *ctx)
{
    struct lane *lane = ctx;

    if ((lane->repeating ? 0 : lane->trial.first) >= 0)
        scan(lane);
}

int lane_open(struct lane *lane, const struct stand_plugin *plugin, unsigned number,
              struct smg_err *err)
{
    memset(lane, 0, sizeof *lane);
    for (size_t i = 0; i < SAMPLE_CARDS; i++)
        if (sample_card(i, &lane->cards[i], err) != SMG_OK)
            return err->code;
    lane->second = -1;
    return stand_open(&lane->stand, plugin, number, on_request, lane, err);
}

int64_t lane_close(struct lane *lane)
{
    loop_forget(lane->scan);
    lane->scan = NULL;
    return lane->stand.plugin == NULL ? 0 : stand_close(&lane->stand);
}

static const char *say(char *room, size_t size, const char *fmt, ...) SMG_PRINTF(3, 4);

static const char *say(char *room, size_t size, const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    vsnprintf(room, size, fmt, args);
    va_end(args);
    return room;
}

static const char *judge_fields(const struct trial *trial, bool scanned,
                                const struct stand_read *read, char *room, size_t size)
{
    char field[64];
    const char *fault = sample_find_fault(read->fields, field);
    enum sample_says says;
    bool first;

    if (fault != NULL)
        return say(room, size, "its field %s %s", field, fault);
    if (trial->may & MAY_ELSE)
        return NULL;
    says = sample_compare(read->fields, scanned, field);
    first =
        (says == SAMPLE_FIRST && trial->first == 0) || (says == SAMPLE_SECOND && trial->first == 1);
    if (says == SAMPLE_WRONG)
        return say(room, size, "its field %s is not what the card says", field);
    if (says == SAMPLE_MIXED)
        return say(room, size, "it mixed two cards: %s is of the other one", field);
    if (says == SAMPLE_NOTHING)
        return trial->may & MAY_NOTHING ? NULL : "it answered no field of the card";
    if (first)
        return trial->may & MAY_FIRST ? NULL : "it answered although not enough came for it";
    return trial->may & MAY_SECOND ? NULL : "it answered a card that is not there";
}

const char *trial_judge(const struct trial *trial, bool scanned, const struct stand_read *read,
                        char *room, size_t size)
{
    if (read->code == SMG_OK && read->fields == NULL)
        return "out of memory";
    if (read->code == SMG_OK)
        return judge_fields(trial, scanned, read, room, size);
    if ((trial->may & MAY_FAIL) == 0)
        return say(room, size, "it failed with %s: %s", code_name(read->code), read->text);
    if (trial->code != 0 && read->code != trial->code)
        return say(room, size, "it failed with %s (%s), expected %s", code_name(read->code),
                   read->text, code_name(trial->code));
    return NULL;
}

static void begin(struct lane *lane);

static void on_read(void *ctx)
{
    struct lane *lane = ctx;
    struct trial plain = TRIAL_PLAIN;
    bool scanned = lane->stand.plugin->scanner;
    char room[256];
    const char *problem;

    loop_forget(lane->scan);
    lane->scan = NULL;
    if (lane->repeating) {
        plain.first = lane->trial.first == 0;
        problem = trial_judge(&plain, scanned, &lane->stand.read, room, sizeof room);
    } else {
        problem = trial_judge(&lane->trial, scanned, &lane->stand.read, room, sizeof room);
    }
    lane->tell(lane->ctx, lane, &lane->trial, problem);
    stand_read_clear(&lane->stand.read);
    lane->repeating = lane->trial.again && !lane->repeating;
    begin(lane);
}

/* Lay the card and plan the fault. */
static void set_up(struct lane *lane)
{
    const struct trial *trial = &lane->trial;
    int card = lane->repeating ? trial->first == 0 : trial->first;

    lane->sam.fault_count = 0;
    lane->sam.received = 0;
    lane->sam.delay_ms = lane->repeating ? 0 : trial->delay_ms;
    lane->second = lane->repeating ? -1 : trial->second;
    if (trial->fault.kind != 0 && !lane->repeating)
        sam_add_fault(&lane->sam, trial->fault);
    sam_insert(&lane->sam, card < 0 ? NULL : &lane->cards[card]);
}

static void on_prepared(void *ctx)
{
    struct lane *lane = ctx;

    if (lane->stand.read.wrongs != 0) {
        bool down = (lane->stand.read.wrongs & 1u << STAND_NOT_UP) != 0;

        lane->tell(lane->ctx, lane, &lane->trial, NULL);
        stand_read_clear(&lane->stand.read);
        if (down) { /* no other trial will fare better */
            lane->idle(lane->ctx);
            return;
        }
    }
    set_up(lane);
    if (lane->up != NULL)
        lane->up(lane->own_ctx);
    if (lane->stand.plugin->scanner)
        leave_old_scan(lane, lane->repeating ? lane->trial.first == 0 : lane->trial.first);
    if (lane->repeating)
        stand_read(&lane->stand, TRIAL_PLAIN.deadline_ms, -1, on_read, lane);
    else
        stand_read(&lane->stand, lane->trial.deadline_ms, lane->trial.cancel_ms, on_read, lane);
    if (lane->stand.plugin->scanner)
        stand_listen(&lane->stand, when_listening, lane);
}

static void begin(struct lane *lane)
{
    struct smg_err err = { 0 };

    if (!lane->repeating && !lane->next(lane->ctx, lane, &lane->trial)) {
        lane->idle(lane->ctx);
        return;
    }
    if (lane->stand.plugin->device != NULL) {
        lane->sam.fault_count = 0;
        lane->sam.delay_ms = 0;
        if (!cable_is_plugged(&lane->stand.cable) &&
            cable_plug(&lane->stand.cable, &err) != SMG_OK) {
            lane->tell(lane->ctx, lane, &lane->trial, err.text);
            lane->idle(lane->ctx);
            return;
        }
    }
    stand_prepare(&lane->stand, on_prepared, lane);
}

void lane_run(struct lane *lane, lane_next_fn next, lane_tell_fn tell, void (*idle)(void *ctx),
              void *ctx)
{
    lane->next = next;
    lane->tell = tell;
    lane->idle = idle;
    lane->ctx = ctx;
    lane->repeating = false;
    begin(lane);
}
