/* SPDX-License-Identifier: Apache-2.0 */
/* Fields of fixed width, filled up with <, and check digits over them. */
#include "emulate/mrz.h"

#include <ctype.h>

enum { NUMBER = 9, TD3_LINE = 44, TD1_LINE = 30, TD3_OPTIONAL = 14, TD1_OPTIONAL = 15 };

static char check_digit(struct smg_str text)
{
    static const unsigned weights[] = { 7, 3, 1 };
    unsigned sum = 0;

    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.at[i];
        unsigned value = isdigit(c) ? c - '0' + 0U : isupper(c) ? c - 'A' + 10U : 0U;

        sum += value * weights[i % 3];
    }
    return (char)('0' + sum % 10);
}

/* Text in a field of `width`, filled up; what a field cannot hold becomes <, what is too long is
 * cut. */
static void put_field(struct buf *out, const char *text, size_t width)
{
    size_t used = 0;

    for (; text != NULL && *text != '\0' && used < width; text++, used++)
        buf_byte(out, isupper((unsigned char)*text) || isdigit((unsigned char)*text)
                          ? (unsigned char)*text
                          : '<');
    for (; used < width; used++)
        buf_byte(out, '<');
}

/* A field and its digit, from where it begins in out. */
static void put_check(struct buf *out, size_t from)
{
    if (!out->failed)
        buf_byte(out, (unsigned char)check_digit(str_bytes(out->at + from, out->len - from)));
}

static void put_checked(struct buf *out, const char *text, size_t width)
{
    size_t from = out->len;

    put_field(out, text, width);
    put_check(out, from);
}

static int put_day(struct buf *out, const char *name, const char *text, struct smg_err *err)
{
    struct smg_date day;
    char digits[24];

    if (!date_parse(str_of(text), &day))
        return smg_fail(err, SMG_E_INVALID, "%s is not a day like 2030-01-31", name);
    snprintf(digits, sizeof digits, "%02d%02u%02u", day.year % 100, (unsigned)day.month,
             (unsigned)day.day);
    put_checked(out, digits, 6);
    return SMG_OK;
}

static char sex_letter(const char *sex)
{
    if (sex != NULL && strcmp(sex, "male") == 0)
        return 'M';
    return sex != NULL && strcmp(sex, "female") == 0 ? 'F' : '<';
}

/* "SURNAME, GIVEN NAMES" as SURNAME<<GIVEN<NAMES. */
static void put_names(struct buf *out, const char *name, size_t width)
{
    struct buf text = { 0 };

    for (; *name != '\0'; name++) {
        if (name[0] == ',') {
            buf_text(&text, "<<");
            name += name[1] == ' ';
        } else if (*name != '\'') {
            buf_byte(&text, (unsigned char)toupper((unsigned char)*name));
        }
    }
    put_field(out, text.at, width);
    buf_fini(&text);
}

static int write_td3(const struct passport_sheet *sheet, struct buf *out, struct smg_err *err)
{
    size_t line, optional;
    struct buf covered = { 0 };
    int rc;

    if (strlen(sheet->number) > NUMBER)
        return smg_fail(err, SMG_E_INVALID, "number has more than %d characters: mrz td1 has room",
                        NUMBER);
    put_field(out, sheet->code == NULL ? "P" : sheet->code, 2);
    put_field(out, sheet->issuer, 3);
    put_names(out, sheet->name_latin, TD3_LINE - 5);
    line = out->len;
    put_checked(out, sheet->number, NUMBER);
    put_field(out, sheet->nationality, 3);
    rc = put_day(out, "birth", sheet->birth, err);
    buf_byte(out, (unsigned char)sex_letter(sheet->sex));
    if (rc == SMG_OK)
        rc = put_day(out, "valid_to", sheet->valid_to, err);
    if (rc != SMG_OK)
        return rc;
    optional = out->len;
    put_field(out, sheet->personal_number, TD3_OPTIONAL);
    put_check(out, optional);
    if (!out->failed) {
        buf_put(&covered, out->at + line, 10);
        buf_put(&covered, out->at + line + 13, 7);
        buf_put(&covered, out->at + line + 21, 22);
        buf_byte(out, (unsigned char)check_digit(buf_view(&covered)));
    }
    buf_fini(&covered);
    return SMG_OK;
}

/* The number of TD1: a longer one leaves < at the check digit's place, and its rest, its digit and
 * < stand at the head of the optional data. */
static void put_long_number(struct buf *out, const char *number)
{
    struct buf optional = { 0 };

    if (strlen(number) <= NUMBER) {
        put_checked(out, number, NUMBER);
    } else {
        put_field(out, number, NUMBER);
        buf_byte(out, '<');
        buf_text(&optional, number + NUMBER);
        buf_byte(&optional, (unsigned char)check_digit(str_of(number)));
    }
    put_field(out, optional.at, TD1_OPTIONAL);
    buf_fini(&optional);
}

static int write_td1(const struct passport_sheet *sheet, struct buf *out, struct smg_err *err)
{
    size_t number, birth, until;
    struct buf covered = { 0 };
    int rc;

    if (strlen(sheet->number) > NUMBER + TD1_OPTIONAL - 2)
        return smg_fail(err, SMG_E_INVALID, "number has more than %d characters",
                        NUMBER + TD1_OPTIONAL - 2);
    put_field(out, sheet->code == NULL ? "I" : sheet->code, 2);
    put_field(out, sheet->issuer, 3);
    number = out->len;
    put_long_number(out, sheet->number);
    birth = out->len;
    rc = put_day(out, "birth", sheet->birth, err);
    buf_byte(out, (unsigned char)sex_letter(sheet->sex));
    until = out->len;
    if (rc == SMG_OK)
        rc = put_day(out, "valid_to", sheet->valid_to, err);
    if (rc != SMG_OK)
        return rc;
    put_field(out, sheet->nationality, 3);
    put_field(out, NULL, 11);
    if (!out->failed) {
        buf_put(&covered, out->at + number, TD1_LINE - 5);
        buf_put(&covered, out->at + birth, 7);
        buf_put(&covered, out->at + until, 7);
        buf_put(&covered, out->at + until + 10, 11);
        buf_byte(out, (unsigned char)check_digit(buf_view(&covered)));
    }
    buf_fini(&covered);
    put_names(out, sheet->name_latin, TD1_LINE);
    return SMG_OK;
}

int mrz_write(const struct passport_sheet *sheet, struct buf *out, struct smg_err *err)
{
    return strcmp(sheet->mrz, "td1") == 0 ? write_td1(sheet, out, err) : write_td3(sheet, out, err);
}

int mrz_key_information(const struct passport_sheet *sheet, char out[PASSPORT_KEY],
                        struct smg_err *err)
{
    size_t len = strlen(sheet->number);
    struct buf text = { 0 };
    int rc;

    put_checked(&text, sheet->number, len > NUMBER ? len : NUMBER);
    rc = put_day(&text, "birth", sheet->birth, err);
    if (rc == SMG_OK)
        rc = put_day(&text, "valid_to", sheet->valid_to, err);
    if (rc == SMG_OK && (text.failed || text.len >= PASSPORT_KEY))
        rc = smg_fail(err, SMG_E_INVALID, "number is too long");
    if (rc == SMG_OK)
        memcpy(out, text.at, text.len + 1);
    buf_fini(&text);
    return rc;
}
