/* SPDX-License-Identifier: Apache-2.0 */
/* What the module does for each command. A card must be found, then selected, then read. */
#include "emulate/sam.h"
#include "emulate/fault.h"

enum { HEAD = 7, SPLIT_PAUSE_MS = 2 };

const uint8_t sam_number[SAM_NUMBER_BYTES] = { 0x05, 0x00, 0x01, 0x00, 0x2A, 0x5B, 0x32, 0x01,
                                               0x39, 0x30, 0x00, 0x00, 0x87, 0xD6, 0x12, 0x00 };

static const uint8_t preamble[] = { 0xAA, 0xAA, 0xAA, 0x96, 0x69 };

void sam_insert(struct sam *sam, const struct card *card)
{
    sam->card = card;
    sam->found = sam->selected = sam->was_read = sam->told_address = false;
}

bool sam_add_fault(struct sam *sam, struct sam_fault fault)
{
    if (sam->fault_count == SAM_FAULTS)
        return false;
    sam->faults[sam->fault_count++] = fault;
    return true;
}

static void put_frame(struct buf *out, uint8_t code, struct smg_str data)
{
    size_t length = 3 + data.len + 1;
    uint8_t sum = (uint8_t)(length >> 8 ^ length ^ code);

    for (size_t i = 0; i < data.len; i++)
        sum ^= (uint8_t)data.at[i];
    buf_put(out, preamble, sizeof preamble);
    buf_u16(out, (uint16_t)length);
    buf_byte(out, 0);
    buf_byte(out, 0);
    buf_byte(out, code);
    buf_str(out, data);
    buf_byte(out, sum);
}

/* A card that comes again is lifted when a read is over: at the next find, or when the address is
 * asked for a second time. */
static void lay_again(struct sam *sam)
{
    if (sam->card != NULL && sam->card->laid_again && sam->was_read)
        sam_insert(sam, sam->card);
}

static uint8_t answer_find(struct sam *sam, struct buf *data)
{
    lay_again(sam);
    if (sam->card == NULL || (sam->was_read && !sam->card->find_again))
        return 0x80;
    sam->found = true;
    sam->selected = false;
    buf_u32(data, 0);
    return 0x9F;
}

static uint8_t answer_select(struct sam *sam, struct buf *data)
{
    if (sam->card == NULL || !sam->found)
        return 0x81;
    sam->selected = true;
    buf_u64(data, 0);
    return 0x90;
}

static uint8_t answer_read(struct sam *sam, bool fingerprint, struct buf *data)
{
    const struct card *card = sam->card;

    if (card == NULL)
        return 0x41;
    if (!sam->selected)
        return 0x23;
    buf_u16(data, sizeof card->text);
    buf_u16(data, (uint16_t)card->photo_len);
    if (fingerprint)
        buf_u16(data, (uint16_t)card->fingerprint_len);
    buf_put(data, card->text, sizeof card->text);
    buf_put(data, card->photo, card->photo_len);
    if (fingerprint)
        buf_put(data, card->fingerprint, card->fingerprint_len);
    sam->was_read = true;
    return 0x90;
}

static uint8_t answer_address(struct sam *sam, struct buf *data)
{
    if (sam->told_address)
        lay_again(sam);
    if (sam->card == NULL)
        return 0x41;
    if (!sam->selected)
        return 0x23;
    sam->told_address = sam->was_read;
    if (!sam->card->has_address)
        return 0x91;
    buf_put(data, sam->card->address, sizeof sam->card->address);
    return 0x90;
}

static uint8_t answer(struct sam *sam, enum sam_command command, struct buf *data)
{
    static const unsigned speeds[] = { 115200, 57600, 38400, 19200, 9600 };

    switch (command) {
    case SAM_RESET:
        sam->found = sam->selected = sam->was_read = false;
        return 0x90;
    case SAM_STATUS:
    case SAM_RF_SIZE:
        return 0x90;
    case SAM_NUMBER:
        buf_put(data, sam_number, sizeof sam_number);
        return 0x90;
    case SAM_FIND:
        return answer_find(sam, data);
    case SAM_SELECT:
        return answer_select(sam, data);
    case SAM_READ:
    case SAM_READ_FINGERPRINT:
        return answer_read(sam, command == SAM_READ_FINGERPRINT, data);
    case SAM_READ_ADDRESS:
        return answer_address(sam, data);
    case SAM_SPEED:
        if (sam->speed != 0)
            sam->speed = speeds[sam->request[HEAD + 1]];
        return 0x90;
    case SAM_ANY:
    case SAM_COMMANDS:
        break;
    }
    return 0x21;
}

/* SAM_ANY: not a command of this module. */
static enum sam_command command_of(const uint8_t *request, size_t length)
{
    static const struct {
        uint8_t code, parameter;
        enum sam_command command;
    } commands[] = {
        { 0x10, 0xFF, SAM_RESET },
        { 0x11, 0xFF, SAM_STATUS },
        { 0x12, 0xFF, SAM_NUMBER },
        { 0x20, 0x01, SAM_FIND },
        { 0x20, 0x02, SAM_SELECT },
        { 0x30, 0x01, SAM_READ },
        { 0x30, 0x10, SAM_READ_FINGERPRINT },
        { 0x30, 0x03, SAM_READ_ADDRESS },
    };

    if (length == 4 && request[0] == 0x61 && request[1] == 0xFF && request[2] == 0x50)
        return SAM_RF_SIZE;
    if (length != 3)
        return SAM_ANY;
    if (request[0] == 0x60 && request[1] <= 4)
        return SAM_SPEED;
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        if (commands[i].code == request[0] && commands[i].parameter == request[1])
            return commands[i].command;
    return SAM_ANY;
}

static void obey(struct sam *sam, size_t length, struct sam_reply *reply)
{
    enum sam_command command = command_of(sam->request + HEAD, length);
    struct sam_fault *other = fault_find(sam, command, true);
    struct sam_fault *fault = fault_find(sam, command, false);
    struct buf data = { 0 };
    uint8_t code = 0;

    sam->counts[command]++;
    reply->delay_ms = sam->delay_ms;
    reply->pause_ms = SPLIT_PAUSE_MS;
    if (other == NULL || other->kind == SAM_DOUBT)
        code = answer(sam, command, &data);
    if (other != NULL)
        code = (uint8_t)other->number;
    put_frame(&reply->bytes, code, buf_view(&data));
    if (fault != NULL)
        fault_apply(fault, sam, reply);
    buf_fini(&data);
}

/* Bytes before a preamble are nobody's; a repeated first byte is part of none. */
static void hunt(struct sam *sam)
{
    while (sam->received > 0 &&
           memcmp(sam->request, preamble,
                  sam->received < sizeof preamble ? sam->received : sizeof preamble) != 0) {
        sam->received--;
        memmove(sam->request, sam->request + 1, sam->received);
    }
}

bool sam_take(struct sam *sam, uint8_t byte, struct sam_reply *reply)
{
    size_t length;
    uint8_t sum = 0;

    sam->request[sam->received++] = byte;
    hunt(sam);
    if (sam->received < HEAD)
        return false;
    length = (size_t)sam->request[5] << 8 | sam->request[6];
    if (length >= 3 && length <= SAM_REQUEST - HEAD && sam->received < HEAD + length)
        return false;

    buf_clear(&reply->bytes);
    *reply = (struct sam_reply){ .bytes = reply->bytes, .delay_ms = sam->delay_ms };
    sam->received = 0;
    if (length < 3 || length > SAM_REQUEST - HEAD) {
        put_frame(&reply->bytes, 0x11, (struct smg_str){ 0 });
        return true;
    }
    for (size_t i = 5; i < HEAD + length; i++)
        sum ^= sam->request[i];
    if (sum != 0)
        put_frame(&reply->bytes, 0x10, (struct smg_str){ 0 });
    else
        obey(sam, length, reply);
    return true;
}
