/* SPDX-License-Identifier: Apache-2.0 */
/* Writing a sheet into the 256 bytes of a chip, UTF-16LE padded with spaces. */
#include "emulate/card.h"

/* Where a text goes and how many characters (UTF-16 units) there are. */
struct place {
    const char *name;
    unsigned at, units;
};

static void put_unit(uint8_t *at, uint32_t unit)
{
    at[0] = (uint8_t)(unit & 0xFF);
    at[1] = (uint8_t)(unit >> 8);
}

static void blank(uint8_t *at, size_t len)
{
    for (size_t i = 0; i < len; i += 2)
        put_unit(at + i, ' ');
}

/* The next character of well-formed UTF-8. */
static uint32_t next_point(const unsigned char **text)
{
    const unsigned char *at = *text;
    unsigned more = at[0] < 0x80 ? 0 : at[0] < 0xE0 ? 1 : at[0] < 0xF0 ? 2 : 3;
    uint32_t point = more == 0 ? at[0] : at[0] & (0x3FU >> more);

    for (unsigned i = 1; i <= more; i++)
        point = point << 6 | (at[i] & 0x3FU);
    *text = at + more + 1;
    return point;
}

/* Write text over `units` characters; the characters beyond go to `rest`, if there is one. */
static int put_text(uint8_t *at, unsigned units, const char *text, const char **rest)
{
    const unsigned char *next = (const unsigned char *)text;
    size_t used = 0;

    while (*next != '\0') {
        const unsigned char *before = next;
        uint32_t point = next_point(&next);

        if (used + (point > 0xFFFF ? 2 : 1) > units) {
            if (rest == NULL)
                return SMG_E_INVALID;
            *rest = (const char *)before;
            return SMG_OK;
        }
        if (point > 0xFFFF) {
            put_unit(at + 2 * used++, 0xD800 + ((point - 0x10000) >> 10));
            point = 0xDC00 + ((point - 0x10000) & 0x3FF);
        }
        put_unit(at + 2 * used++, point);
    }
    return SMG_OK;
}

static int put(struct card *card, struct place place, const char *text, struct smg_err *err)
{
    if (text == NULL)
        return SMG_OK;
    if (!str_is_utf8(str_of(text)))
        return smg_fail(err, SMG_E_INVALID, "%s is not UTF-8", place.name);
    if (put_text(card->text + place.at, place.units, text, NULL) != SMG_OK)
        return smg_fail(err, SMG_E_INVALID, "%s has more than %u characters", place.name,
                        place.units);
    return SMG_OK;
}

static int put_day(struct card *card, struct place place, const char *text, struct smg_err *err)
{
    char digits[9];
    size_t count = 0;

    if (text == NULL)
        return SMG_OK;
    if (strcmp(text, "long_term") == 0 || strcmp(text, "长期") == 0)
        return put(card, place, "长期", err);
    for (; *text != '\0' && count < 8; text++)
        if (*text != '-')
            digits[count++] = *text;
    digits[count] = '\0';
    if (count != 8 || *text != '\0')
        return smg_fail(err, SMG_E_INVALID, "%s is not a day like 2030-01-31", place.name);
    return put(card, place, digits, err);
}

static const char *sex_code(const char *sex)
{
    static const char *const codes[][2] = {
        { "unknown", "0" }, { "male", "1" }, { "female", "2" }, { "not_stated", "9" }
    };

    for (size_t i = 0; sex != NULL && i < sizeof codes / sizeof *codes; i++)
        if (strcmp(codes[i][0], sex) == 0)
            return codes[i][1];
    return sex;
}

static int put_validity(struct card *card, const struct card_sheet *sheet, struct smg_err *err)
{
    int rc = put_day(card, (struct place){ "valid_from", 188, 8 }, sheet->valid_from, err);

    if (rc == SMG_OK)
        rc = put_day(card, (struct place){ "valid_to", 204, 8 }, sheet->valid_to, err);
    return rc;
}

static int encode_resident(const struct card_sheet *sheet, struct card *card, struct smg_err *err)
{
    int rc = put(card, (struct place){ "name", 0, 15 }, sheet->name, err);

    if (rc == SMG_OK)
        rc = put(card, (struct place){ "sex", 30, 1 }, sex_code(sheet->sex), err);
    if (rc == SMG_OK && *sheet->layout != 'J')
        rc = put(card, (struct place){ "nation", 32, 2 }, sheet->nation, err);
    if (rc == SMG_OK)
        rc = put_day(card, (struct place){ "birth", 36, 8 }, sheet->birth, err);
    if (rc == SMG_OK)
        rc = put(card, (struct place){ "address", 52, 35 }, sheet->address, err);
    if (rc == SMG_OK)
        rc = put(card, (struct place){ "number", 122, 18 }, sheet->number, err);
    if (rc == SMG_OK)
        rc = put(card, (struct place){ "issuer", 158, 15 }, sheet->issuer, err);
    if (rc == SMG_OK && *sheet->layout == 'J')
        rc = put(card, (struct place){ "permit_number", 220, 9 }, sheet->permit_number, err);
    if (rc == SMG_OK && *sheet->layout == 'J')
        rc = put(card, (struct place){ "issue_count", 238, 2 }, sheet->issue_count, err);
    return rc;
}

static int encode_2017(const struct card_sheet *sheet, struct card *card, struct smg_err *err)
{
    int rc = put(card, (struct place){ "name_latin", 0, 60 }, sheet->name_latin, err);

    if (rc == SMG_OK)
        rc = put(card, (struct place){ "sex", 120, 1 }, sex_code(sheet->sex), err);
    if (rc == SMG_OK)
        rc = put(card, (struct place){ "number", 122, 15 }, sheet->number, err);
    if (rc == SMG_OK)
        rc = put(card, (struct place){ "nationality", 152, 3 }, sheet->nationality, err);
    if (rc == SMG_OK)
        rc = put(card, (struct place){ "name", 158, 15 }, sheet->name, err);
    if (rc == SMG_OK)
        rc = put_day(card, (struct place){ "birth", 220, 8 }, sheet->birth, err);
    if (rc == SMG_OK)
        rc = put(card, (struct place){ "version", 236, 2 }, sheet->version, err);
    if (rc == SMG_OK)
        rc = put(card, (struct place){ "old_authority", 240, 4 }, sheet->old_authority, err);
    return rc;
}

/* The Latin name of a 2023 card stands in two places: 35 characters, then 11. */
static int put_split_name(const char *name, struct card *card, struct smg_err *err)
{
    const char *rest = NULL;

    if (name == NULL)
        return SMG_OK;
    if (!str_is_utf8(str_of(name)))
        return smg_fail(err, SMG_E_INVALID, "name_latin is not UTF-8");
    put_text(card->text + 52, 35, name, &rest);
    return put(card, (struct place){ "name_latin, behind character 35,", 220, 11 }, rest, err);
}

static int encode_2023(const struct card_sheet *sheet, struct card *card, struct smg_err *err)
{
    int rc = put(card, (struct place){ "name", 0, 15 }, sheet->name, err);

    if (rc == SMG_OK)
        rc = put(card, (struct place){ "sex", 30, 1 }, sex_code(sheet->sex), err);
    if (rc == SMG_OK)
        rc = put(card, (struct place){ "renewal_count", 32, 2 }, sheet->renewal_count, err);
    if (rc == SMG_OK)
        rc = put_day(card, (struct place){ "birth", 36, 8 }, sheet->birth, err);
    if (rc == SMG_OK)
        rc = put_split_name(sheet->name_latin, card, err);
    if (rc == SMG_OK)
        rc = put(card, (struct place){ "number", 122, 18 }, sheet->number, err);
    if (rc == SMG_OK)
        rc = put(card, (struct place){ "nationality", 242, 3 }, sheet->nationality, err);
    if (rc == SMG_OK)
        rc = put(card, (struct place){ "link", 250, 3 }, sheet->link, err);
    return rc;
}

/* Patterns that any mix-up of offsets would show, with the preamble of a frame among them. */
static void make_pictures(const struct card_sheet *sheet, struct card *card)
{
    static const uint8_t preamble[] = {
        0xAA, 0xAA, 0xAA, 0x96, 0x69, 0x00, 0x04, 0x00, 0x00, 0x80
    };

    card->photo_len = CARD_PHOTO;
    for (size_t i = 0; i < CARD_PHOTO; i++)
        card->photo[i] = (uint8_t)(i * 7 + i / 256);
    memcpy(card->photo + 500, preamble, sizeof preamble);
    for (size_t i = 0; i < CARD_FINGERPRINT; i++)
        card->fingerprint[i] = (uint8_t)(0xF0 ^ i);
    if (sheet->fingerprint != NULL && strcmp(sheet->fingerprint, "512") == 0)
        card->fingerprint_len = 512;
    if (sheet->fingerprint != NULL && strcmp(sheet->fingerprint, "1024") == 0)
        card->fingerprint_len = 1024;
}

int card_encode(const struct card_sheet *sheet, struct card *out, struct smg_err *err)
{
    int rc;

    memset(out, 0, sizeof *out);
    blank(out->text, sizeof out->text);
    blank(out->address, sizeof out->address);
    out->find_again = sheet->find_again;
    out->laid_again = sheet->laid_again;
    make_pictures(sheet, out);
    if (strcmp(sheet->layout, "resident") == 0 || strcmp(sheet->layout, "J") == 0)
        rc = encode_resident(sheet, out, err);
    else if (strcmp(sheet->layout, "I") == 0)
        rc = encode_2017(sheet, out, err);
    else if (strcmp(sheet->layout, "Y") == 0)
        rc = encode_2023(sheet, out, err);
    else
        rc = smg_fail(err, SMG_E_INVALID, "layout is none of resident, J, I, Y");
    if (rc == SMG_OK)
        rc = put_validity(out, sheet, err);
    if (rc == SMG_OK && *sheet->layout != 'r')
        rc = put(out, (struct place){ "layout", 248, 1 }, sheet->layout, err);
    if (rc != SMG_OK || sheet->added_address == NULL)
        return rc;
    out->has_address = true;
    if (!str_is_utf8(str_of(sheet->added_address)) ||
        put_text(out->address, CARD_ADDRESS / 2, sheet->added_address, NULL) != SMG_OK)
        return smg_fail(err, SMG_E_INVALID, "added_address has more than %d characters",
                        CARD_ADDRESS / 2);
    return SMG_OK;
}
