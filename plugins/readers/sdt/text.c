/* SPDX-License-Identifier: Apache-2.0 */
/* Four tables say where each layout keeps its fields, and what may stand there. */
#include "text.h"

#include <string.h>

enum kind {
    PLAIN = 1, /* any printable text */
    NUMBER,    /* capital letters and digits of ASCII */
    SEX,
    NATION,
    COUNTRY,
    DAY,
    LAST_DAY
};

struct slot {
    const char *name;
    enum kind kind;
    bool required;
    uint16_t from, to;           /* bytes of the block */
    uint16_t more_from, more_to; /* where the text goes on, or 0 */
    size_t at, room;             /* in the document */
};

#define PLACE(field) offsetof(struct document, field), sizeof(((struct document *)0)->field)

static const struct slot resident[] = {
    { "name", PLAIN, true, 0, 30, 0, 0, PLACE(name) },
    { "sex", SEX, true, 30, 32, 0, 0, PLACE(sex) },
    { "nation", NATION, true, 32, 36, 0, 0, PLACE(nation) },
    { "birth", DAY, true, 36, 52, 0, 0, PLACE(birth) },
    { "address", PLAIN, true, 52, 122, 0, 0, PLACE(address) },
    { "number", NUMBER, true, 122, 158, 0, 0, PLACE(number) },
    { "issuer", PLAIN, true, 158, 188, 0, 0, PLACE(issuer) },
    { "valid_from", DAY, true, 188, 204, 0, 0, PLACE(valid_from) },
    { "valid_to", LAST_DAY, true, 204, 220, 0, 0, PLACE(valid_to) },
    { 0 },
};

static const struct slot hmt_permit[] = {
    { "name", PLAIN, true, 0, 30, 0, 0, PLACE(name) },
    { "sex", SEX, true, 30, 32, 0, 0, PLACE(sex) },
    { "birth", DAY, true, 36, 52, 0, 0, PLACE(birth) },
    { "address", PLAIN, true, 52, 122, 0, 0, PLACE(address) },
    { "number", NUMBER, true, 122, 158, 0, 0, PLACE(number) },
    { "issuer", PLAIN, true, 158, 188, 0, 0, PLACE(issuer) },
    { "valid_from", DAY, true, 188, 204, 0, 0, PLACE(valid_from) },
    { "valid_to", LAST_DAY, true, 204, 220, 0, 0, PLACE(valid_to) },
    { "permit_number", NUMBER, false, 220, 238, 0, 0, PLACE(permit_number) },
    { "issue_count", NUMBER, false, 238, 242, 0, 0, PLACE(issue_count) },
    { 0 },
};

static const struct slot foreigner_2017[] = {
    { "name_latin", PLAIN, true, 0, 120, 0, 0, PLACE(latin) },
    { "sex", SEX, true, 120, 122, 0, 0, PLACE(sex) },
    { "number", NUMBER, true, 122, 152, 0, 0, PLACE(number) },
    { "nationality", COUNTRY, true, 152, 158, 0, 0, PLACE(nationality) },
    { "name", PLAIN, false, 158, 188, 0, 0, PLACE(name) },
    { "valid_from", DAY, true, 188, 204, 0, 0, PLACE(valid_from) },
    { "valid_to", LAST_DAY, true, 204, 220, 0, 0, PLACE(valid_to) },
    { "birth", DAY, true, 220, 236, 0, 0, PLACE(birth) },
    { 0 },
};

static const struct slot foreigner_2023[] = {
    { "name", PLAIN, false, 0, 30, 0, 0, PLACE(name) },
    { "sex", SEX, true, 30, 32, 0, 0, PLACE(sex) },
    { "issue_count", NUMBER, false, 32, 36, 0, 0, PLACE(issue_count) },
    { "birth", DAY, true, 36, 52, 0, 0, PLACE(birth) },
    { "name_latin", PLAIN, true, 52, 122, 220, 242, PLACE(latin) },
    { "number", NUMBER, true, 122, 158, 0, 0, PLACE(number) },
    { "valid_from", DAY, true, 188, 204, 0, 0, PLACE(valid_from) },
    { "valid_to", LAST_DAY, true, 204, 220, 0, 0, PLACE(valid_to) },
    { "nationality", COUNTRY, true, 242, 248, 0, 0, PLACE(nationality) },
    { "link", NUMBER, false, 250, 256, 0, 0, PLACE(link) },
    { 0 },
};

/* The flag at byte 248 alone says which layout a block has. */
enum {
    FLAG_AT = 248,
    RESIDENT = ' ',
    HMT_PERMIT = 'J',
    FOREIGNER_2017 = 'I',
    FOREIGNER_2023 = 'Y'
};

static const struct layout {
    uint16_t flag;
    const char *type;
    size_t number_len;
    const struct slot *slots;
} layouts[] = {
    { RESIDENT, "resident_id", 18, resident },
    { HMT_PERMIT, "hmt_residence_permit", 18, hmt_permit },
    { FOREIGNER_2017, "permanent_residence", 15, foreigner_2017 },
    { FOREIGNER_2023, "permanent_residence", 18, foreigner_2023 },
};

static uint16_t unit_at(const uint8_t *at)
{
    return (uint16_t)(at[0] | at[1] << 8);
}

/* Control characters and what Unicode calls no character. Private use is allowed: rare characters
 * of names are still written so. */
static bool is_printable(uint32_t point)
{
    return point >= 0x20 && (point < 0x7F || point > 0x9F) && (point & 0xFFFE) != 0xFFFE &&
           (point < 0xFDD0 || point > 0xFDEF);
}

static size_t put_utf8(uint32_t point, char *out)
{
    if (point < 0x80) {
        out[0] = (char)point;
        return 1;
    }
    if (point < 0x800) {
        out[0] = (char)(0xC0 | point >> 6);
        out[1] = (char)(0x80 | (point & 0x3F));
        return 2;
    }
    if (point < 0x10000) {
        out[0] = (char)(0xE0 | point >> 12);
        out[1] = (char)(0x80 | (point >> 6 & 0x3F));
        out[2] = (char)(0x80 | (point & 0x3F));
        return 3;
    }
    out[0] = (char)(0xF0 | point >> 18);
    out[1] = (char)(0x80 | (point >> 12 & 0x3F));
    out[2] = (char)(0x80 | (point >> 6 & 0x3F));
    out[3] = (char)(0x80 | (point & 0x3F));
    return 4;
}

/* At most 60 units, so that out is always long enough: a unit makes three bytes at most. Spaces at
 * the end are padding; those inside belong to the text. */
static bool decode(const uint8_t *at, size_t units, char out[TEXT_UTF8])
{
    size_t len = 0;

    for (size_t i = 0; i < units; i++) {
        uint32_t point = unit_at(at + 2 * i);

        if (point >= 0xDC00 && point <= 0xDFFF)
            return false;
        if (point >= 0xD800 && point <= 0xDBFF) {
            uint32_t low = ++i < units ? unit_at(at + 2 * i) : 0;

            if (low < 0xDC00 || low > 0xDFFF)
                return false;
            point = 0x10000 + ((point - 0xD800) << 10) + (low - 0xDC00);
        }
        if (!is_printable(point))
            return false;
        len += put_utf8(point, out + len);
    }
    while (len > 0 && out[len - 1] == ' ')
        len--;
    out[len] = '\0';
    return true;
}

static bool is_digits(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (text[i] < '0' || text[i] > '9')
            return false;
    return true;
}

static bool is_number(const char *text)
{
    for (; *text != '\0'; text++)
        if (!is_digits(text, 1) && (*text < 'A' || *text > 'Z'))
            return false;
    return true;
}

static int number_of(const char *digits, size_t len)
{
    int number = 0;

    for (size_t i = 0; i < len; i++)
        number = number * 10 + (digits[i] - '0');
    return number;
}

static bool read_day(const char *text, struct smg_date *out)
{
    static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    int year, month, day, last;

    if (strlen(text) != 8 || !is_digits(text, 8))
        return false;
    year = number_of(text, 4);
    month = number_of(text + 4, 2);
    day = number_of(text + 6, 2);
    if (year < 1 || month < 1 || month > 12)
        return false;
    last = days[month - 1];
    if (month == 2 && year % 4 == 0 && (year % 100 != 0 || year % 400 == 0))
        last = 29;
    if (day < 1 || day > last)
        return false;
    *out = (struct smg_date){ (int16_t)year, (int8_t)month, (int8_t)day };
    return true;
}

/* GB/T 2261.1 */
static const char *sex_of(const char *code)
{
    if (strcmp(code, "1") == 0)
        return "male";
    if (strcmp(code, "2") == 0)
        return "female";
    return strcmp(code, "0") == 0 || strcmp(code, "9") == 0 ? "unknown" : NULL;
}

/* GB/T 3304: 56 nations, 97 others, 98 citizens of foreign descent. */
static bool is_nation(const char *code)
{
    int number;

    if (strlen(code) != 2 || !is_digits(code, 2))
        return false;
    number = number_of(code, 2);
    return (number >= 1 && number <= 56) || number == 97 || number == 98;
}

static bool is_country(const char *code)
{
    return strlen(code) == 3 && is_number(code) && code[0] > '9' && code[1] > '9' && code[2] > '9';
}

/* Put a decoded text where its slot says; false when it may not stand there. */
static bool place(const struct slot *slot, const char *text, struct document *out)
{
    char *to = (char *)out + slot->at;

    switch (slot->kind) {
    case PLAIN:
        break;
    case NUMBER:
        if (!is_number(text))
            return false;
        break;
    case SEX:
        text = sex_of(text);
        if (text == NULL)
            return false;
        break;
    case NATION:
        if (!is_nation(text))
            return false;
        break;
    case COUNTRY:
        if (!is_country(text))
            return false;
        break;
    case LAST_DAY:
        out->long_term = strcmp(text, "长期") == 0;
        if (out->long_term)
            return true;
        return read_day(text, &out->valid_to);
    case DAY:
        return read_day(text, (struct smg_date *)(void *)to);
    }
    if (strlen(text) >= slot->room)
        return false;
    memcpy(to, text, strlen(text) + 1);
    return true;
}

static int read_slot(const uint8_t *block, const struct slot *slot, struct document *out,
                     struct smg_err *err)
{
    uint8_t units[TEXT_BYTES];
    char text[TEXT_UTF8];
    size_t first = (size_t)(slot->to - slot->from);
    size_t more = (size_t)(slot->more_to - slot->more_from);
    int rc = SMG_OK;

    memcpy(units, block + slot->from, first);
    memcpy(units + first, block + slot->more_from, more);
    if (!decode(units, (first + more) / 2, text))
        rc = smg_fail(err, SMG_E_CARD, "the card's %s is not text", slot->name);
    else if (text[0] == '\0' && slot->required)
        rc = smg_fail(err, SMG_E_CARD, "the card has no %s", slot->name);
    else if (text[0] != '\0' && !place(slot, text, out))
        rc = smg_fail(err, SMG_E_CARD, "the card's %s is not one", slot->name);
    explicit_bzero(units, sizeof units);
    explicit_bzero(text, sizeof text);
    return rc;
}

static int order_of(struct smg_date date)
{
    return date.year * 10000 + date.month * 100 + date.day;
}

/* Check digit of the 15-character number: weights 7, 3, 1, letters count from A = 10. */
static char check_digit(const char *text, size_t len)
{
    static const int weights[] = { 7, 3, 1 };
    int sum = 0;

    for (size_t i = 0; i < len; i++)
        sum += weights[i % 3] * (is_digits(text + i, 1) ? text[i] - '0' : text[i] - 'A' + 10);
    return (char)('0' + sum % 10);
}

/* The number on the holder's 2017 card, put together from the 2023 number and its link item:
 * nationality, province, city, birth, order, check digit. */
static void find_old_number(struct document *document)
{
    char *old = document->old_number;

    if (strlen(document->link) != 3 || !is_digits(document->link, 3) ||
        !is_digits(document->number, 17))
        return;
    memcpy(old, document->nationality, 3);
    memcpy(old + 3, document->number + 1, 2);
    memcpy(old + 5, document->link, 2);
    memcpy(old + 7, document->number + 8, 6);
    old[13] = document->link[2];
    old[14] = check_digit(old, 14);
    old[15] = '\0';
}

static int check(const struct layout *layout, struct document *document, struct smg_err *err)
{
    if (strlen(document->number) != layout->number_len)
        return smg_fail(err, SMG_E_CARD, "the card's number has not %zu characters",
                        layout->number_len);
    if (layout->flag == FOREIGNER_2023 && document->number[0] != '9')
        return smg_fail(err, SMG_E_CARD, "the card's number is not a foreigner's");
    if (order_of(document->birth) > order_of(document->valid_from))
        return smg_fail(err, SMG_E_CARD, "the card is older than its holder");
    if (!document->long_term && order_of(document->valid_from) > order_of(document->valid_to))
        return smg_fail(err, SMG_E_CARD, "the card ends before it begins");
    if (layout->flag == FOREIGNER_2023)
        find_old_number(document);
    /* A holder without a Chinese name is called by the Latin one. */
    if (document->name[0] == '\0')
        memcpy(document->name, document->latin, sizeof document->name);
    return SMG_OK;
}

int text_read(const uint8_t block[TEXT_BYTES], struct document *out, struct smg_err *err)
{
    uint16_t flag = unit_at(block + FLAG_AT);
    const struct layout *layout = NULL;
    int rc = SMG_OK;

    memset(out, 0, sizeof *out);
    for (size_t i = 0; i < sizeof layouts / sizeof *layouts && layout == NULL; i++)
        if (layouts[i].flag == flag)
            layout = &layouts[i];
    if (layout == NULL)
        return smg_fail(err, SMG_E_CARD, "no layout of text has the flag %04X", (unsigned)flag);

    out->type = layout->type;
    for (const struct slot *slot = layout->slots; slot->name != NULL && rc == SMG_OK; slot++)
        rc = read_slot(block, slot, out, err);
    if (rc == SMG_OK)
        rc = check(layout, out, err);
    if (rc != SMG_OK)
        explicit_bzero(out, sizeof *out);
    return rc;
}

int text_read_address(const uint8_t *at, size_t len, char out[TEXT_UTF8], struct smg_err *err)
{
    out[0] = '\0';
    if (len == TEXT_ADDRESS_BYTES + 2 && at[0] == 0 && at[1] == TEXT_ADDRESS_BYTES) {
        at += 2;
        len -= 2;
    }
    if (len != TEXT_ADDRESS_BYTES)
        return smg_fail(err, SMG_E_PROTOCOL, "an added address of %zu bytes", len);
    if (decode(at, len / 2, out))
        return SMG_OK;
    out[0] = '\0';
    return smg_fail(err, SMG_E_CARD, "the card's added address is not text");
}
