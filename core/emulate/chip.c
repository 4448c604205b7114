/* SPDX-License-Identifier: Apache-2.0 */
/* Selecting, reading and authenticating, in the clear and secured. */
#include "emulate/chip.h"
#include "emulate/tlv.h"

#include <openssl/rand.h>

enum {
    MANAGE_SECURITY = 0x22,
    EXTERNAL_AUTHENTICATE = 0x82,
    GET_CHALLENGE = 0x84,
    GENERAL_AUTHENTICATE = 0x86,
    SELECT = 0xA4,
    READ_BINARY = 0xB0,
    READ_BINARY_ODD = 0xB1
};
enum { PLAIN_CLA = 0x00, SECURED_CLA = 0x0C, CHAINED_CLA = 0x10 };
enum { MASTER_FILE = 0x3F00, CARD_ACCESS = 0x1C, SOD = 0x1D, COM = 0x1E };

static bool fill_random(void *context, uint8_t *out, size_t len)
{
    (void)context;
    return len <= INT32_MAX && RAND_bytes(out, (int)len) == 1;
}

void chip_insert(struct chip *chip, const struct passport *passport)
{
    *chip = (struct chip){ .passport = passport, .random = { fill_random, NULL } };
}

void chip_reset(struct chip *chip)
{
    session_close(&chip->session);
    pace_reset(&chip->pace);
    chip->is_selected = chip->is_challenged = false;
    chip->file = NULL;
}

void chip_remove(struct chip *chip)
{
    chip_reset(chip);
    buf_fini(&chip->plain);
    buf_fini(&chip->answer);
}

/* A file by the low byte of its identifier, of the master file or of the application. */
static const struct buf *find_file(const struct chip *chip, unsigned id)
{
    const struct passport *passport = chip->passport;
    const struct buf *file = NULL;

    if (!chip->is_selected)
        file = id == CARD_ACCESS ? &passport->card_access : NULL;
    else if (id == COM)
        file = &passport->com;
    else if (id == SOD)
        file = &passport->sod;
    else if (id >= 1 && id <= PASSPORT_GROUPS)
        file = &passport->group[id];
    return file == NULL || file->len == 0 ? NULL : file;
}

/* What is in the application is for those who authenticated. */
static bool may_read(const struct chip *chip)
{
    return !chip->is_selected || chip->session.is_open;
}

static unsigned select_application(struct chip *chip, struct smg_str name)
{
    static const uint8_t application[] = { 0xA0, 0x00, 0x00, 0x02, 0x47, 0x10, 0x01 };

    if (!str_eq(name, str_bytes(application, sizeof application)))
        return SW_NOT_FOUND;
    chip->is_selected = true;
    chip->file = NULL;
    return SW_DONE;
}

static unsigned select_file(struct chip *chip, const struct apdu *apdu)
{
    unsigned id;
    const struct buf *file;

    if (apdu->p1 == 0x04)
        return select_application(chip, apdu->data);
    if (apdu->p1 != 0x00 && apdu->p1 != 0x02)
        return SW_WRONG_P1_P2;
    if (apdu->data.len != 2 && (apdu->p1 != 0x00 || apdu->data.len != 0))
        return SW_WRONG_LENGTH;
    id = apdu->data.len == 0
             ? MASTER_FILE
             : (unsigned)((uint8_t)apdu->data.at[0] << 8 | (uint8_t)apdu->data.at[1]);
    if (apdu->p1 == 0x00 && id == MASTER_FILE) {
        chip->is_selected = false;
        chip->file = NULL;
        return SW_DONE;
    }
    if (!may_read(chip))
        return SW_NOT_ALLOWED;
    file = id >> 8 == 0x01 ? find_file(chip, id & 0xFF) : NULL;
    if (file == NULL)
        return SW_NOT_FOUND;
    chip->file = file;
    return SW_DONE;
}

/* How much of the file there is; one of endless length goes on in noise. */
static size_t file_size(const struct chip *chip)
{
    if (chip->passport->endless_length > 0 && chip->file == &chip->passport->group[2])
        return chip->passport->endless_length;
    return chip->file->len;
}

/* How much data fits into an answer of 256 bytes: secured, it is padded and has three objects
 * around it. */
static size_t answer_room(const struct chip *chip, bool extended)
{
    enum { SHORT_PLAIN = 256, SHORT_3DES = 231, SHORT_AES = 223, EXTENDED = 65000 };

    if (extended)
        return EXTENDED;
    if (!chip->session.is_open)
        return SHORT_PLAIN;
    return chip->session.mac.cipher == CHIP_3DES ? SHORT_3DES : SHORT_AES;
}

static unsigned read_bytes(const struct chip *chip, size_t offset, size_t wanted, struct buf *out)
{
    size_t size = file_size(chip), count;

    if (offset >= size)
        return SW_WRONG_OFFSET;
    count = size - offset < wanted ? size - offset : wanted;
    for (size_t i = offset; i < offset + count; i++)
        buf_byte(out, i < chip->file->len ? (unsigned char)chip->file->at[i]
                                          : (unsigned char)(0x55 ^ i));
    return count < wanted ? SW_END_OF_FILE : SW_DONE;
}

static unsigned read_binary(struct chip *chip, const struct apdu *apdu, struct buf *out)
{
    size_t offset = (size_t)apdu->p1 << 8 | apdu->p2, room = answer_room(chip, apdu->extended);

    if (!may_read(chip))
        return SW_NOT_ALLOWED;
    if (!apdu->has_le)
        return SW_WRONG_LENGTH;
    if ((apdu->p1 & 0x80) != 0) { /* a short file identifier */
        chip->file = find_file(chip, apdu->p1 & 0x1FU);
        if (chip->file == NULL)
            return SW_NOT_FOUND;
        offset = apdu->p2;
    }
    if (chip->file == NULL)
        return SW_NO_FILE_SELECTED;
    return read_bytes(chip, offset, apdu->le < room ? apdu->le : room, out);
}

/* How much data an object of so many bytes holds, its tag and length beside it. */
static size_t object_room(size_t bytes)
{
    size_t header = bytes <= 0x7F + 2 ? 2 : bytes <= 0xFF + 3 ? 3 : 4;

    return bytes < header ? 0 : bytes - header;
}

/* With the offset in a data object: what lies beyond 32767 bytes. */
static unsigned read_binary_odd(struct chip *chip, const struct apdu *apdu, struct buf *out)
{
    size_t offset = 0, room = answer_room(chip, apdu->extended);
    struct smg_str value;
    unsigned status;

    if (!may_read(chip))
        return SW_NOT_ALLOWED;
    if (!tlv_find(apdu->data, 0x54, &value) || value.len == 0 || value.len > 4)
        return SW_WRONG_DATA;
    if (!apdu->has_le)
        return SW_WRONG_LENGTH;
    if (apdu->p1 != 0 || apdu->p2 != 0) {
        chip->file = apdu->p1 == 0 || apdu->p1 == 1 ? find_file(chip, apdu->p2 & 0x1FU) : NULL;
        if (chip->file == NULL)
            return SW_NOT_FOUND;
    }
    if (chip->file == NULL)
        return SW_NO_FILE_SELECTED;
    for (size_t i = 0; i < value.len; i++)
        offset = offset << 8 | (uint8_t)value.at[i];
    status = read_bytes(chip, offset, object_room(apdu->le < room ? apdu->le : room), out);
    if (status == SW_DONE || status == SW_END_OF_FILE)
        tlv_wrap(out, 0, 0x53);
    return status;
}

static unsigned get_challenge(struct chip *chip, const struct apdu *apdu, struct buf *out)
{
    if (!chip->is_selected || !chip->passport->basic_access)
        return SW_NOT_ALLOWED;
    if (apdu->le != BAC_CHALLENGE)
        return SW_WRONG_LENGTH;
    if (!chip->random.fill(chip->random.context, chip->challenge, sizeof chip->challenge))
        return SW_BROKEN;
    chip->is_challenged = true;
    buf_put(out, chip->challenge, sizeof chip->challenge);
    return SW_DONE;
}

static unsigned external_authenticate(struct chip *chip, const struct apdu *apdu, struct buf *out)
{
    uint8_t key_share[BAC_KEY], message[BAC_MESSAGE];
    unsigned status;

    if (!chip->is_challenged)
        return SW_CONDITIONS;
    chip->is_challenged = false;
    if (!chip->random.fill(chip->random.context, key_share, sizeof key_share))
        return SW_BROKEN;
    status = bac_authenticate(str_of(chip->passport->key_information), chip->challenge, key_share,
                              apdu->data, message, &chip->session);
    if (status == SW_DONE)
        buf_put(out, message, sizeof message);
    return status;
}

static unsigned choose_pace(struct chip *chip, const struct apdu *apdu)
{
    struct pace_offer offer = { .cipher = (enum chip_cipher)chip->passport->pace_cipher,
                                .curve = chip->passport->pace_curve };

    if (chip->passport->card_access.len == 0 || apdu->p1 != 0xC1 || apdu->p2 != 0xA4)
        return SW_WRONG_P1_P2;
    return pace_choose(&chip->pace, &offer, apdu->data, chip->passport->key_information,
                       chip->passport->can);
}

/* A command without protection ends a session; the fourth step of PACE begins one. */
static unsigned obey(struct chip *chip, const struct apdu *apdu, struct buf *out)
{
    switch (apdu->ins) {
    case SELECT:
        return select_file(chip, apdu);
    case READ_BINARY:
        return read_binary(chip, apdu, out);
    case READ_BINARY_ODD:
        return read_binary_odd(chip, apdu, out);
    case GET_CHALLENGE:
        return get_challenge(chip, apdu, out);
    case EXTERNAL_AUTHENTICATE:
        return external_authenticate(chip, apdu, out);
    case MANAGE_SECURITY:
        return choose_pace(chip, apdu);
    case GENERAL_AUTHENTICATE:
        return pace_authenticate(&chip->pace, apdu->cla == PLAIN_CLA, apdu->data, chip->random,
                                 chip->passport->fault, out, &chip->session);
    default:
        return SW_UNKNOWN_INS;
    }
}

static void put_plain(struct buf *answer, struct smg_str data, unsigned status)
{
    buf_str(answer, data);
    buf_u16(answer, (uint16_t)status);
}

static void answer_plain(struct chip *chip, struct smg_str command, struct buf *answer)
{
    struct apdu apdu;
    unsigned status;

    session_close(&chip->session);
    if (!apdu_parse(command, &apdu))
        status = SW_WRONG_LENGTH;
    else if (apdu.cla != PLAIN_CLA && (apdu.cla != CHAINED_CLA || apdu.ins != GENERAL_AUTHENTICATE))
        status = SW_UNKNOWN_CLA;
    else
        status = obey(chip, &apdu, &chip->answer);
    put_plain(answer, buf_view(&chip->answer), status);
}

static void answer_secured(struct chip *chip, struct smg_str command, bool at_fault,
                           struct buf *answer)
{
    struct apdu apdu;
    unsigned status = session_unwrap(&chip->session, command, &apdu, &chip->plain);

    if (status != SW_DONE) {
        put_plain(answer, (struct smg_str){ "", 0 }, status);
        return;
    }
    status = obey(chip, &apdu, &chip->answer);
    if (!session_wrap(&chip->session, at_fault ? chip->passport->fault : PASSPORT_SOUND,
                      (apdu.ins & 1) != 0, buf_view(&chip->answer), status, answer)) {
        buf_clear(answer);
        put_plain(answer, (struct smg_str){ "", 0 }, SW_BROKEN);
    }
}

static enum chip_deed spoil(struct chip *chip, bool at_fault, struct buf *answer)
{
    if (!at_fault)
        return CHIP_ANSWERS;
    switch (chip->passport->fault) {
    case PASSPORT_SILENT:
        return CHIP_KEEPS_SILENT;
    case PASSPORT_CLOSES:
        return CHIP_LEAVES;
    case PASSPORT_REMOVED:
        return CHIP_ANSWERS_AND_LEAVES;
    case PASSPORT_SLOW:
        return CHIP_ANSWERS_LATE;
    case PASSPORT_GARBAGE:
        for (size_t i = 0; i < answer->len; i++)
            answer->at[i] = (char)(0xA5 ^ (i * 31 + chip->answers));
        return CHIP_ANSWERS;
    default:
        return CHIP_ANSWERS;
    }
}

enum chip_deed chip_transmit(struct chip *chip, struct smg_str command, struct buf *answer)
{
    bool at_fault = chip->answers >= chip->passport->fault_after;

    buf_clear(answer);
    buf_clear(&chip->answer);
    chip->answers++;
    if (chip->session.is_open && command.len > 0 && (uint8_t)command.at[0] == SECURED_CLA)
        answer_secured(chip, command, at_fault, answer);
    else
        answer_plain(chip, command, answer);
    return answer->failed ? CHIP_LEAVES : spoil(chip, at_fault, answer);
}
