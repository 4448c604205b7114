/* SPDX-License-Identifier: Apache-2.0 */
/* What is tried: each check as a numbered list of trials, the same for every run. */
#include "kit/check_inside.h"

#define COUNT(list) (sizeof(list) / sizeof *(list))

/* The commands a plugin asks between the beginning and the end of a read. */
static const enum sam_command asked[] = { SAM_FIND, SAM_SELECT, SAM_READ, SAM_READ_FINGERPRINT,
                                          SAM_READ_ADDRESS };

/* Turn i into one command of those this plugin asks and a number below `each`. */
static bool split_turn(const struct check *check, uint64_t i, uint64_t each,
                       enum sam_command *command, unsigned *number)
{
    for (size_t k = 0; k < COUNT(asked); k++) {
        if (check->lengths[asked[k]] == 0)
            continue;
        if (i < each) {
            *command = asked[k];
            *number = (unsigned)i;
            return true;
        }
        i -= each;
    }
    return false;
}

static bool make_start(const struct check *check, uint64_t i, struct trial *trial)
{
    *trial = TRIAL_PLAIN;
    trial->deadline_ms = 300;
    trial->first = -1;
    trial->may = MAY_FAIL | (check->line ? 0 : MAY_ELSE);
    snprintf(trial->what, sizeof trial->what, "start");
    return i < 1;
}

static bool make_read(const struct check *check, uint64_t i, struct trial *trial)
{
    (void)check;
    *trial = TRIAL_PLAIN;
    trial->first = (int)(i % SAMPLE_CARDS);
    snprintf(trial->what, sizeof trial->what, "read %u", (unsigned)i + 1);
    return i < 10;
}

static bool make_no_card(const struct check *check, uint64_t i, struct trial *trial)
{
    static const int64_t deadlines[] = { 300, 700, 60 };

    (void)check;
    *trial = TRIAL_PLAIN;
    trial->first = -1;
    trial->may = MAY_FAIL;
    trial->code = SMG_E_NO_CARD;
    if (i < COUNT(deadlines))
        trial->deadline_ms = deadlines[i];
    snprintf(trial->what, sizeof trial->what, "no card for %d ms", (int)trial->deadline_ms);
    return i < COUNT(deadlines);
}

/* Read, taken away, the other one laid, taken away. */
static bool make_taken(const struct check *check, uint64_t i, struct trial *trial)
{
    *trial = TRIAL_PLAIN;
    (void)check;
    if (i % 2 == 0) {
        trial->first = (int)(i / 2 % SAMPLE_CARDS);
        snprintf(trial->what, sizeof trial->what, "a card, read %u", (unsigned)i + 1);
    } else {
        trial->first = -1;
        trial->deadline_ms = 300;
        trial->may = MAY_FAIL;
        snprintf(trial->what, sizeof trial->what, "no card after one was read, read %u",
                 (unsigned)i + 1);
    }
    return i < 8;
}

/* The first card is taken at every byte of every answer, and another one laid in its place. */
static bool make_two_cards(const struct check *check, uint64_t i, struct trial *trial)
{
    *trial = TRIAL_PLAIN;
    for (size_t k = 0; k < COUNT(asked); k++) {
        size_t length = check->lengths[asked[k]];

        if (length == 0 || i > length) {
            i -= length == 0 ? 0 : length + 1;
            continue;
        }
        trial->fault = (struct sam_fault){
            .kind = SAM_REMOVE, .command = asked[k], .number = (unsigned)i, .times = 1
        };
        trial->second = 1;
        trial->may = MAY_FIRST | MAY_SECOND | MAY_FAIL;
        /* One that was taken before a byte of its data was read is not known. */
        if (asked[k] == SAM_FIND || asked[k] == SAM_SELECT || (asked[k] == SAM_READ && i < length))
            trial->may = MAY_SECOND | MAY_FAIL;
        snprintf(trial->what, sizeof trial->what,
                 "a card changed for another at byte %u of the answer to %s", (unsigned)i,
                 sam_command_name(asked[k]));
        return true;
    }
    return false;
}

static bool make_cancel(const struct check *check, uint64_t i, struct trial *trial)
{
    static const struct {
        const char *when;
        int card;
        enum sam_fault_kind fault;
    } scenes[] = { { "while the card is read", 0, 0 },
                   { "without a card", -1, 0 },
                   { "while the device is silent", 0, SAM_SILENCE },
                   { "while the device sends without end", 0, SAM_ENDLESS } };
    enum { STEPS = 24 };
    size_t scene = i / STEPS;

    *trial = TRIAL_PLAIN;
    if (scene >= COUNT(scenes) || (scene > 0 && !check->line))
        return false;
    trial->first = scenes[scene].card;
    trial->delay_ms = scene == 0 ? 12 : 0;
    trial->fault.kind = scenes[scene].fault;
    trial->cancel_ms = (int64_t)(i % STEPS) * (scene == 0 ? 4 : 17);
    trial->deadline_ms = 5000;
    trial->may = MAY_FAIL | (trial->first == 0 ? MAY_FIRST : 0) | (check->line ? 0 : MAY_ELSE);
    trial->again = check->line && i % STEPS == 0;
    snprintf(trial->what, sizeof trial->what, "cancelled after %d ms, %s", (int)trial->cancel_ms,
             scenes[scene].when);
    return true;
}

static bool make_deadline(const struct check *check, uint64_t i, struct trial *trial)
{
    static const int64_t deadlines[] = { 1, 5, 20, 60, 150, 300, 600 };
    static const enum sam_fault_kind kinds[] = { SAM_SILENCE, SAM_ENDLESS, SAM_SPLIT };
    static const char *const names[] = { "silent", "sending noise without end", "slow" };
    enum sam_command command = SAM_ANY;
    unsigned number = 0;

    *trial = TRIAL_PLAIN;
    trial->deadline_ms = deadlines[i % COUNT(deadlines)];
    if (!check->line) {
        trial->may = MAY_ELSE | MAY_FAIL;
        snprintf(trial->what, sizeof trial->what, "a deadline of %d ms", (int)trial->deadline_ms);
        return i < COUNT(deadlines);
    }
    if (!split_turn(check, i / COUNT(deadlines), COUNT(kinds), &command, &number))
        return false;
    trial->fault =
        (struct sam_fault){ .kind = kinds[number], .command = command, .number = number == 2 };
    trial->may = MAY_ANSWER;
    trial->again = i % COUNT(deadlines) == 0;
    snprintf(trial->what, sizeof trial->what, "a deadline of %d ms, the device %s at %s",
             (int)trial->deadline_ms, names[number], sam_command_name(command));
    return true;
}

static const struct {
    enum sam_fault_kind kind;
    unsigned number;
    bool must; /* what is so may still be read */
    const char *name;
} damages[] = {
    { SAM_GARBAGE, 1, false, "%u bytes of garbage" },
    { SAM_GARBAGE, 7, false, "%u bytes of garbage" },
    { SAM_GARBAGE, 300, false, "%u bytes of garbage" },
    { SAM_GARBAGE, 5000, false, "%u bytes of garbage" },
    { SAM_NOISE, 1, false, "%u bytes of noise before the answer" },
    { SAM_NOISE, 64, false, "%u bytes of noise before the answer" },
    { SAM_NOISE, 2000, false, "%u bytes of noise before the answer" },
    { SAM_SPLIT, 500, true, "in pieces of %u bytes" },
    { SAM_SPLIT, 64, true, "in pieces of %u bytes" },
    { SAM_SPLIT, 7, true, "in pieces of %u bytes" },
    { SAM_SPLIT, 1, false, "in pieces of %u bytes" },
    { SAM_ENDLESS, 0, false, "noise without end after %u bytes" },
    { SAM_ENDLESS, 5, false, "noise without end after %u bytes" },
    { SAM_ENDLESS, 100, false, "noise without end after %u bytes" },
    { SAM_ENDLESS, 4000, false, "noise without end after %u bytes" },
    /* of frames */
    { SAM_CHECKSUM, 0, false, "a wrong checksum" },
    { SAM_DROP_AA, 1, false, "%u bytes of the preamble missing" },
    { SAM_DROP_AA, 4, false, "%u bytes of the preamble missing" },
    { SAM_EXTRA_AA, 2, false, "%u bytes more of the preamble" },
    { SAM_LENGTH, 0, false, "a length of %u" },
    { SAM_LENGTH, 1, false, "a length of %u" },
    { SAM_LENGTH, 4, false, "a length of %u" },
    { SAM_LENGTH, 255, false, "a length of %u" },
    { SAM_LENGTH, 8000, false, "a length of %u" },
    { SAM_LENGTH, 65535, false, "a length of %u" },
};

enum { DAMAGES_OF_FRAMES = 10 };

static bool make_damage(const struct check *check, uint64_t i, struct trial *trial)
{
    enum sam_command command;
    unsigned number;
    int len;

    *trial = TRIAL_PLAIN;
    if (!split_turn(check, i,
                    check->plugin.scanner ? COUNT(damages) - DAMAGES_OF_FRAMES : COUNT(damages),
                    &command, &number))
        return false;
    trial->fault = (struct sam_fault){ .kind = damages[number].kind,
                                       .command = command,
                                       .number = damages[number].number };
    trial->deadline_ms = damages[number].must ? 5000 : 1200;
    trial->may = damages[number].must ? MAY_FIRST : MAY_ANSWER;
    trial->again = true;
    len =
        snprintf(trial->what, sizeof trial->what, "the answer to %s: ", sam_command_name(command));
    if (damages[number].kind == SAM_CHECKSUM)
        snprintf(trial->what + len, sizeof trial->what - (size_t)len, "a wrong checksum");
    else
        snprintf(trial->what + len, sizeof trial->what - (size_t)len, damages[number].name,
                 damages[number].number);
    return true;
}

/* Every length an answer may be cut to, where its structure is; of what follows, some. */
static bool make_short(const struct check *check, uint64_t i, struct trial *trial)
{
    enum sam_command command;
    size_t length;
    unsigned at;

    *trial = TRIAL_PLAIN;
    if (!split_turn(check, i, 40, &command, &at))
        return false;
    length = check->lengths[command];
    if (at >= 24 && length > 60)
        at = at < 36 ? (unsigned)(24 + (length - 32) * (at - 24) / 12)
                     : (unsigned)(length - (40 - at));
    trial->fault = (struct sam_fault){ .kind = SAM_SHORT, .command = command, .number = at };
    trial->deadline_ms = 900;
    trial->may = at >= length ? MAY_ANSWER : MAY_FAIL;
    if (check->plugin.scanner && at + 1 >= length)
        trial->may = MAY_ANSWER; /* but for the end of its last line */
    if (command == SAM_READ_ADDRESS || command == SAM_READ_FINGERPRINT)
        trial->may = MAY_ANSWER; /* one may do without */
    trial->again = i % 8 == 0;
    snprintf(trial->what, sizeof trial->what, "the answer to %s cut after %u of %u bytes",
             sam_command_name(command), at, (unsigned)length);
    return true;
}

static bool make_codes(const struct check *check, uint64_t i, struct trial *trial)
{
    static const uint8_t codes[] = { 0x00, 0x10, 0x11, 0x21, 0x23, 0x24, 0x31,
                                     0x32, 0x33, 0x3F, 0x40, 0x41, 0x47, 0x60,
                                     0x66, 0x80, 0x81, 0x90, 0x91, 0x9F, 0xFF };
    enum sam_command command;
    unsigned number;

    *trial = TRIAL_PLAIN;
    if (!split_turn(check, i, COUNT(codes), &command, &number))
        return false;
    trial->fault =
        (struct sam_fault){ .kind = SAM_ERROR, .command = command, .number = codes[number] };
    trial->deadline_ms = 500;
    trial->may = MAY_ANSWER | MAY_NOTHING;
    trial->again = i % 4 == 0;
    snprintf(trial->what, sizeof trial->what, "the device answers %02X to %s",
             (unsigned)codes[number], sam_command_name(command));
    return true;
}

static bool make_unplug(const struct check *check, uint64_t i, struct trial *trial)
{
    enum { PLACES = 8 };
    enum sam_command command;
    unsigned at;
    size_t length;

    *trial = TRIAL_PLAIN;
    if (!split_turn(check, i, PLACES, &command, &at))
        return false;
    length = check->lengths[command];
    at = at < 4 ? at : (unsigned)(length * (at - 3) / (PLACES - 4));
    trial->fault = (struct sam_fault){ .kind = SAM_UNPLUG, .command = command, .number = at };
    trial->may = MAY_FAIL | (at >= length || command == SAM_READ_ADDRESS ? MAY_FIRST : 0);
    trial->code = SMG_E_GONE;
    trial->again = at < length; /* later nobody can notice before the next read */
    snprintf(trial->what, sizeof trial->what, "unplugged at byte %u of the answer to %s", at,
             sam_command_name(command));
    return true;
}

static bool make_cycles(const struct check *check, uint64_t i, struct trial *trial)
{
    *trial = TRIAL_PLAIN;
    if (!check->line)
        trial->may = MAY_ELSE | MAY_FAIL;
    trial->first = (int)(i % SAMPLE_CARDS);
    snprintf(trial->what, sizeof trial->what, "read %llu", (unsigned long long)i + 1);
    return i < (uint64_t)check->options->cycles;
}

const struct check_group check_groups[] = {
    { "file", "a plugin's file: descriptor, ABI, options", NULL, 0, false, false },
    { "start", "opens and starts inside the walls", make_start, 1, false, false },
    { "read", "reads the card that is there", make_read, 1, true, false },
    { "empty", "says NO_CARD when there is none", make_no_card, 1, true, false },
    { "taken", "forgets a card that was taken away", make_taken, 1, true, false },
    { "two", "never mixes two cards", make_two_cards, CHECK_LANES, true, false },
    { "cancel", "ends when it is cancelled", make_cancel, 16, false, false },
    { "deadline", "ends at the deadline", make_deadline, 24, false, false },
    { "damage", "bears garbage, pieces, noise, endless answers", make_damage, CHECK_LANES, true,
      false },
    { "short", "bears answers that are cut", make_short, CHECK_LANES, true, false },
    { "codes", "bears every code of the device", make_codes, CHECK_LANES, true, true },
    { "unplug", "says GONE when unplugged, and comes back", make_unplug, 12, true, false },
    { "leaks", "leaves memory and descriptors as they were", make_cycles, 1, false, false },
    { "walls", "stays inside the walls of its process", NULL, 0, false, false },
    { "stop", "stops when the gateway ends", NULL, 0, false, false },
    { "dones", "one done a read, and answers that are allowed", NULL, 0, false, false },
    { "words", "says nothing of the person, and not too much", NULL, 0, false, false },
};

const size_t check_group_count = COUNT(check_groups);

const char *const *check_names(void)
{
    static const char *names[COUNT(check_groups) + 1];

    for (size_t i = 0; i < COUNT(check_groups); i++)
        names[i] = check_groups[i].name;
    return names;
}
