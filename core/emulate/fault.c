/* SPDX-License-Identifier: Apache-2.0 */
/* Every way an answer goes wrong on a serial line. */
#include "emulate/fault.h"

#include <stdlib.h>

static const char *const kind_names[] = { "error",    "doubt",  "silence", "garbage",  "noise",
                                          "short",    "split",  "endless", "checksum", "drop_aa",
                                          "extra_aa", "length", "remove",  "lift",     "unplug" };

static const char *const command_names[SAM_COMMANDS] = {
    [SAM_ANY] = "any",
    [SAM_RESET] = "reset",
    [SAM_STATUS] = "status",
    [SAM_NUMBER] = "number",
    [SAM_FIND] = "find",
    [SAM_SELECT] = "select",
    [SAM_READ] = "read",
    [SAM_READ_FINGERPRINT] = "read_fingerprint",
    [SAM_READ_ADDRESS] = "read_address",
    [SAM_SPEED] = "speed",
    [SAM_RF_SIZE] = "rf_size",
};

/* Which name the text is, or -1. */
static int name_index(struct smg_str text, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (str_is(text, names[i]))
            return (int)i;
    return -1;
}

static bool next_part(const char **text, struct smg_str *part)
{
    const char *at = *text;
    size_t len = strcspn(at, ":");

    if (*at == '\0')
        return false;
    *part = (struct smg_str){ at, len };
    *text = at + len + (at[len] == ':');
    return true;
}

static bool read_number(struct smg_str part, unsigned *out)
{
    char digits[12], *end;
    unsigned long number;

    if (part.len == 0 || part.len >= sizeof digits || part.at[0] < '0' || part.at[0] > '9')
        return false;
    memcpy(digits, part.at, part.len);
    digits[part.len] = '\0';
    number = strtoul(digits, &end, 0);
    *out = (unsigned)number;
    return *end == '\0' && number <= 65535;
}

int sam_fault_parse(const char *text, struct sam_fault *out, struct smg_err *err)
{
    size_t kinds = sizeof kind_names / sizeof *kind_names;
    const char *rest = text;
    struct smg_str part;
    int found;

    *out = (struct sam_fault){ 0 };
    found = next_part(&rest, &part) ? name_index(part, kind_names, kinds) : -1;
    if (found < 0)
        return smg_fail(
            err, SMG_E_INVALID,
            "fault %s: expected error, doubt, silence, garbage, noise, short, split, endless, "
            "checksum, drop_aa, extra_aa, length, remove, lift or unplug",
            text);
    out->kind = (enum sam_fault_kind)(found + 1);
    if (next_part(&rest, &part)) {
        found = name_index(part, command_names, SAM_COMMANDS);
        if (found < 0)
            return smg_fail(
                err, SMG_E_INVALID,
                "fault %s: expected a command: any, status, number, find, select, read, "
                "read_fingerprint or read_address",
                text);
        out->command = (enum sam_command)found;
    }
    if (next_part(&rest, &part) && !read_number(part, &out->number))
        return smg_fail(err, SMG_E_INVALID, "fault %s: expected a number from 0 to 65535", text);
    if (next_part(&rest, &part) && !read_number(part, &out->times))
        return smg_fail(err, SMG_E_INVALID, "fault %s: expected how often it happens", text);
    if (*rest != '\0')
        return smg_fail(err, SMG_E_INVALID, "fault %s: expected KIND:COMMAND:NUMBER:TIMES", text);
    return SMG_OK;
}

struct sam_fault *fault_find(struct sam *sam, enum sam_command command, bool of_code)
{
    for (size_t i = 0; i < sam->fault_count; i++) {
        struct sam_fault *fault = &sam->faults[i];

        if ((fault->kind <= SAM_DOUBT) == of_code &&
            (fault->command == SAM_ANY || fault->command == command) &&
            (fault->times == 0 || fault->happened < fault->times)) {
            fault->happened++;
            return fault;
        }
    }
    return NULL;
}

uint8_t fault_noise(size_t i)
{
    return (uint8_t)(0x55 ^ (i % 7));
}

static void put_noise(struct buf *out, size_t count)
{
    for (size_t i = 0; i < count; i++)
        buf_byte(out, fault_noise(i));
}

static void cut(struct buf *bytes, size_t len)
{
    if (len < bytes->len)
        bytes->len = len;
}

/* Put something before the answer. */
static void put_before(struct buf *bytes, size_t noise, size_t preamble)
{
    struct buf before = { 0 };

    put_noise(&before, noise);
    for (size_t i = 0; i < preamble; i++)
        buf_byte(&before, 0xAA);
    buf_str(&before, buf_view(bytes));
    buf_fini(bytes);
    *bytes = before;
}

static void drop_before(struct buf *bytes, size_t len)
{
    if (len > bytes->len)
        len = bytes->len;
    memmove(bytes->at, bytes->at + len, bytes->len - len);
    bytes->len -= len;
}

void fault_apply(const struct sam_fault *fault, struct sam *sam, struct sam_reply *reply)
{
    struct buf *bytes = &reply->bytes;

    if (bytes->failed)
        return;
    switch (fault->kind) {
    case SAM_ERROR:
    case SAM_DOUBT:
        break;
    case SAM_SILENCE:
        buf_clear(bytes);
        break;
    case SAM_GARBAGE:
        buf_clear(bytes);
        put_noise(bytes, fault->number);
        break;
    case SAM_NOISE:
        put_before(bytes, fault->number, 0);
        break;
    case SAM_SPLIT:
        reply->piece = fault->number > 0 ? fault->number : 1;
        break;
    case SAM_CHECKSUM:
        bytes->at[bytes->len - 1] = (char)(bytes->at[bytes->len - 1] ^ 0x01);
        break;
    case SAM_DROP_AA:
        drop_before(bytes, fault->number);
        break;
    case SAM_EXTRA_AA:
        put_before(bytes, 0, fault->number);
        break;
    case SAM_LENGTH:
        bytes->at[5] = (char)(fault->number >> 8);
        bytes->at[6] = (char)(fault->number & 0xFF);
        break;
    case SAM_REMOVE:
        sam_insert(sam, NULL);
        cut(bytes, fault->number);
        break;
    case SAM_LIFT:
        sam_insert(sam, sam->card);
        break;
    case SAM_SHORT:
    case SAM_ENDLESS:
    case SAM_UNPLUG:
        cut(bytes, fault->number);
        reply->endless = fault->kind == SAM_ENDLESS;
        reply->unplug = fault->kind == SAM_UNPLUG;
        break;
    }
}
