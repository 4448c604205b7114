/* SPDX-License-Identifier: Apache-2.0 */
/* The cards as tables: what was written on them is what may be answered. */
#include "kit/sample.h"

#include "base/date.h"

/* The cards, then what is in the zones. */
static const struct card_sheet sheets[2 * SAMPLE_CARDS] = {
    { .layout = "resident",
      .name = "扎西·示例",
      .sex = "male",
      .nation = "04",
      .birth = "1988-03-14",
      .address = "西藏自治区拉萨市城关区示例路1号",
      .number = "540102198803140016",
      .issuer = "拉萨市公安局城关分局",
      .valid_from = "2018-05-01",
      .valid_to = "2038-05-01" },
    { .layout = "resident",
      .name = "测试人",
      .sex = "female",
      .nation = "01",
      .birth = "1949-12-31",
      .address = "北京市朝阳区样品街22号",
      .number = "11010519491231002X",
      .issuer = "北京市公安局朝阳分局",
      .valid_from = "2011-02-28",
      .valid_to = "2031-02-28" },
    { .name_latin = "SPECIMEN, CAMILLE MARIE",
      .sex = "female",
      .nationality = "FRA",
      .birth = "1988-03-14",
      .number = "00AB12345",
      .issuer = "FRA",
      .valid_to = "2035-04-30" },
    { .name_latin = "YANGBEN, DAWEI",
      .sex = "male",
      .nationality = "CHN",
      .birth = "1949-12-31",
      .number = "H76543210",
      .issuer = "CHN",
      .valid_to = "2031-02-28" },
};

static const char *const zones[SAMPLE_CARDS] = {
    "P<FRASPECIMEN<<CAMILLE<MARIE<<<<<<<<<<<<<<<<\r00AB123450FRA8803148F3504303<<<<<<<<<<<<<<00\r",
    "CRCHNH76543210301<<<<<<<<<<<<<\r4912310M3102282CHN<<<<<<<<<<<1\r"
    "YANGBEN<<DAWEI<<<<<<<<<<<<<<<<\r",
};

enum shape { ANY, SEX, NATION, COUNTRY, FORMAT, YES_NO, YES_NO_UNKNOWN, ORIGIN };

/* The fields of the header, section 4; at: where a sheet has what the card says; 0: it has not. */
static const struct known {
    const char *name;
    enum smg_type type;
    enum shape shape;
    size_t at;
} known[] = {
    { "document.type", SMG_TEXT, ANY, 0 },
    { "document.number", SMG_TEXT, ANY, offsetof(struct card_sheet, number) },
    { "document.issuer", SMG_TEXT, ANY, offsetof(struct card_sheet, issuer) },
    { "document.valid_from", SMG_DATE, ANY, offsetof(struct card_sheet, valid_from) },
    { "document.valid_to", SMG_DATE, ANY, offsetof(struct card_sheet, valid_to) },
    { "document.long_term", SMG_BOOL, ANY, 0 },
    { "document.permit_number", SMG_TEXT, ANY, 0 },
    { "document.issue_count", SMG_TEXT, ANY, 0 },
    { "document.old_number", SMG_TEXT, ANY, 0 },
    { "name", SMG_TEXT, ANY, offsetof(struct card_sheet, name) },
    { "name_latin", SMG_TEXT, ANY, offsetof(struct card_sheet, name_latin) },
    { "sex", SMG_TEXT, SEX, offsetof(struct card_sheet, sex) },
    { "nation", SMG_TEXT, NATION, offsetof(struct card_sheet, nation) },
    { "nationality", SMG_TEXT, COUNTRY, offsetof(struct card_sheet, nationality) },
    { "birth", SMG_DATE, ANY, offsetof(struct card_sheet, birth) },
    { "address", SMG_TEXT, ANY, offsetof(struct card_sheet, address) },
    { "printed_address", SMG_TEXT, ANY, 0 },
    { "portrait", SMG_BYTES, ANY, 0 },
    { "portrait.format", SMG_TEXT, FORMAT, 0 },
    { "document.origin", SMG_TEXT, ORIGIN, 0 },
    { "chip.verified", SMG_TEXT, YES_NO, 0 },
    { "chip.authentic", SMG_TEXT, YES_NO_UNKNOWN, 0 },
    { "chip.signer_trusted", SMG_TEXT, YES_NO_UNKNOWN, 0 },
    { "chip.text", SMG_BYTES, ANY, 0 },
    { "device.id", SMG_TEXT, ANY, 0 },
    { "access.mrz", SMG_TEXT, ANY, 0 },
};

enum { KNOWN = sizeof known / sizeof *known };

const struct card_sheet *sample_sheet(size_t i)
{
    return &sheets[i];
}

int sample_card(size_t i, struct card *out, struct smg_err *err)
{
    return card_encode(&sheets[i], out, err);
}

struct smg_str sample_zone(size_t i)
{
    return str_of(zones[i]);
}

static const struct known *find_known(struct smg_str name)
{
    for (size_t i = 0; i < KNOWN; i++)
        if (str_is(name, known[i].name))
            return &known[i];
    return NULL;
}

/* What the card says of the field; NULL: nothing that is compared. */
static const char *on_card(const struct known *field, size_t sheet)
{
    const char *text;

    if (field->at == 0)
        return NULL;
    memcpy(&text, (const char *)&sheets[sheet] + field->at, sizeof text);
    return text;
}

static bool is_on_card(const struct known *field, const struct smg_value *value, size_t sheet)
{
    struct smg_date date;
    const char *text = on_card(field, sheet);

    if (field->type == SMG_DATE)
        return value->type == SMG_DATE && date_parse(str_of(text), &date) &&
               date_compare(date, value->date) == 0;
    return value->type == SMG_TEXT && str_is(value->str, text);
}

static void keep_name(struct smg_str name, char field[64])
{
    snprintf(field, 64, "%.*s", (int)name.len, name.at);
}

enum sample_says sample_compare(const struct smg_fields *fields, bool scanned, char field[64])
{
    size_t first = scanned ? SAMPLE_CARDS : 0;
    bool seen[SAMPLE_CARDS] = { false, false };

    field[0] = '\0';
    for (size_t i = 0; i < fields_count(fields); i++) {
        struct smg_str name = fields_name(fields, i);
        const struct known *is = find_known(name);
        const struct smg_value *value = fields_value(fields, i);
        size_t card = 0;

        if (is == NULL || on_card(is, first) == NULL)
            continue;
        while (card < SAMPLE_CARDS && !is_on_card(is, value, first + card))
            card++;
        if (card == SAMPLE_CARDS || (card == 1 && seen[0]))
            keep_name(name, field);
        if (card == SAMPLE_CARDS)
            return SAMPLE_WRONG;
        seen[card] = true;
    }
    if (seen[0] && seen[1])
        return SAMPLE_MIXED;
    return seen[0] ? SAMPLE_FIRST : seen[1] ? SAMPLE_SECOND : SAMPLE_NOTHING;
}

static bool has_shape(enum shape shape, struct smg_str text)
{
    switch (shape) {
    case SEX:
        return str_is(text, "male") || str_is(text, "female") || str_is(text, "unknown");
    case NATION:
        return text.len == 2 && text.at[0] >= '0' && text.at[0] <= '9' && text.at[1] >= '0' &&
               text.at[1] <= '9';
    case COUNTRY:
        return text.len == 3 && text.at[0] >= 'A' && text.at[0] <= 'Z';
    case FORMAT:
        return str_is(text, "wlt") || str_is(text, "jpeg") || str_is(text, "jp2");
    case YES_NO:
        return str_is(text, "yes") || str_is(text, "no");
    case YES_NO_UNKNOWN:
        return str_is(text, "yes") || str_is(text, "no") || str_is(text, "unknown");
    case ORIGIN:
        return str_is(text, "chip") || str_is(text, "mrz");
    case ANY:
        break;
    }
    return text.len > 0;
}

const char *sample_find_fault(const struct smg_fields *fields, char field[64])
{
    static const char *const types[] = { [SMG_BOOL] = "must be a BOOL",
                                         [SMG_INT] = "must be an INT",
                                         [SMG_DATE] = "must be a DATE",
                                         [SMG_TEXT] = "must be TEXT",
                                         [SMG_BYTES] = "must be BYTES" };

    for (size_t i = 0; i < fields_count(fields); i++) {
        const struct known *is = find_known(fields_name(fields, i));
        const struct smg_value *value = fields_value(fields, i);

        keep_name(fields_name(fields, i), field);
        if (is == NULL)
            return "is no field of the header, section 4";
        if (value->type != is->type)
            return types[is->type];
        if (is->type == SMG_TEXT && !has_shape(is->shape, value->str))
            return "does not have the form the header gives it";
    }
    return NULL;
}

/* "1988-03-14" as on the chip: "19880314". */
static void make_compact(const char *day, char out[9])
{
    size_t len = 0;

    for (; *day != '\0' && len < 8; day++)
        if (*day != '-')
            out[len++] = *day;
    out[len] = '\0';
}

/* The digits of a number as a dump of the line shows them: "35003400...", in either case. */
static void make_dump(const char *number, char out[80])
{
    size_t len = 0;

    for (; *number != '\0' && len + 5 < 80; number++)
        len += (size_t)snprintf(out + len, 80 - len, "%02x00", (unsigned char)*number);
}

static bool holds(struct smg_str text, const char *part)
{
    return part != NULL && part[0] != '\0' && memmem(text.at, text.len, part, strlen(part)) != NULL;
}

/* A dump, whatever it writes between the bytes. */
static bool holds_dump(struct smg_str text, const char *dump)
{
    char digits[512];
    size_t len = 0;

    for (size_t i = 0; i < text.len && len < sizeof digits; i++) {
        char c = text.at[i];

        if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))
            digits[len++] = c;
        else if (c >= 'A' && c <= 'F')
            digits[len++] = (char)(c - 'A' + 'a');
    }
    return memmem(digits, len, dump, strlen(dump)) != NULL;
}

const char *sample_find_in(struct smg_str text)
{
    for (size_t i = 0; text.len > 0 && i < 2 * SAMPLE_CARDS; i++) {
        const struct card_sheet *sheet = &sheets[i];
        char day[9], dump[80];

        make_compact(sheet->birth, day);
        make_dump(sheet->number, dump);
        if (holds(text, sheet->number) || holds_dump(text, dump))
            return "document.number";
        if (holds(text, sheet->name))
            return "name";
        if (holds(text, sheet->name_latin))
            return "name_latin";
        if (holds(text, sheet->address))
            return "address";
        if (holds(text, sheet->birth) || holds(text, day))
            return "birth";
    }
    return NULL;
}
