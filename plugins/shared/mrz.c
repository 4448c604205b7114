/* SPDX-License-Identifier: Apache-2.0 */
/* A zone is a layout, checked character by character, then digit by digit, then taken apart. */
#include "mrz.h"

#include "mrz_country.h"

#include <string.h>

struct span {
    uint8_t from, to; /* to: one past the end */
};

/* Places in the lines joined together. A span that is empty is not in that form. */
struct layout {
    enum mrz_form form;
    uint8_t length, line;
    struct span names, number, birth, expiry, optional, more_optional;
    uint8_t number_check, nationality, birth_check, sex, expiry_check, optional_check, composite;
    struct span composed[4]; /* what the composite check digit is over */
};

static const struct layout layouts[] = {
    { MRZ_TD1,
      90,
      30,
      { 60, 90 },
      { 5, 14 },
      { 30, 36 },
      { 38, 44 },
      { 15, 30 },
      { 48, 59 },
      .number_check = 14,
      .nationality = 45,
      .birth_check = 36,
      .sex = 37,
      .expiry_check = 44,
      .composite = 59,
      .composed = { { 5, 30 }, { 30, 37 }, { 38, 45 }, { 48, 59 } } },
    { MRZ_TD2,
      72,
      36,
      { 5, 36 },
      { 36, 45 },
      { 49, 55 },
      { 57, 63 },
      { 64, 71 },
      { 0, 0 },
      .number_check = 45,
      .nationality = 46,
      .birth_check = 55,
      .sex = 56,
      .expiry_check = 63,
      .composite = 71,
      .composed = { { 36, 46 }, { 49, 56 }, { 57, 71 } } },
    { MRZ_TD3,
      88,
      44,
      { 5, 44 },
      { 44, 53 },
      { 57, 63 },
      { 65, 71 },
      { 72, 86 },
      { 0, 0 },
      .number_check = 53,
      .nationality = 54,
      .birth_check = 63,
      .sex = 64,
      .expiry_check = 71,
      .optional_check = 86,
      .composite = 87,
      .composed = { { 44, 54 }, { 57, 64 }, { 65, 87 } } },
};

enum { CODE = 0, ISSUER = 2 };

struct reading {
    const struct layout *layout;
    struct mrz *mrz;
    struct smg_err *err;
};

static bool is_letter(char c)
{
    return c >= 'A' && c <= 'Z';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Where on the paper the fault is, for whoever holds it. */
static int fail_at(struct reading *reading, unsigned at, const char *what)
{
    unsigned line = reading->layout->line;

    return smg_fail(reading->err, SMG_E_CARD,
                    "machine readable zone, line %u, character %u: %s; scan it again",
                    at / line + 1, at % line + 1, what);
}

static unsigned weigh(struct smg_str text, unsigned *place)
{
    static const unsigned weights[] = { 7, 3, 1 };
    unsigned sum = 0;

    for (size_t i = 0; i < text.len; i++) {
        char c = text.at[i];
        unsigned value = is_digit(c)    ? (unsigned)(c - '0')
                         : is_letter(c) ? (unsigned)(c - 'A') + 10
                                        : 0;

        sum += value * weights[(*place)++ % 3];
    }
    return sum;
}

char mrz_check_digit(struct smg_str text)
{
    unsigned place = 0;

    return (char)('0' + weigh(text, &place) % 10);
}

static struct smg_str at_span(const struct mrz *mrz, struct span span)
{
    return (struct smg_str){ mrz->zone + span.from, (size_t)(span.to - span.from) };
}

/* The text without line breaks, into the zone; which layout it has follows from its length. */
static int join_lines(struct smg_str text, struct mrz *mrz, const struct layout **layout,
                      struct smg_err *err)
{
    size_t len = 0;

    for (size_t i = 0; i < text.len; i++) {
        char c = text.at[i];

        if (c == '\r' || c == '\n')
            continue;
        if (!is_letter(c) && !is_digit(c) && c != '<')
            return smg_fail(err, SMG_E_CARD,
                            "machine readable zone: character %zu is none of A-Z, 0-9, <; scan "
                            "it again",
                            len + 1);
        if (len < MRZ_LONGEST)
            mrz->zone[len] = c;
        len++;
    }
    for (size_t i = 0; i < sizeof layouts / sizeof *layouts; i++)
        if (layouts[i].length == len) {
            *layout = &layouts[i];
            return SMG_OK;
        }
    return smg_fail(
        err, SMG_E_CARD,
        "machine readable zone: %zu characters where 90, 72 or 88 belong; scan it again", len);
}

/* 9303-7: a visa has V where a passport has P. What else may stand there is said by parts 4 to 6.
 */
static int read_code(struct reading *reading)
{
    const char *code = reading->mrz->zone + CODE;
    const char *first = reading->layout->form == MRZ_TD3 ? "P" : "ACIP";

    if (code[0] == 'V' && reading->layout->form != MRZ_TD1)
        return smg_fail(reading->err, SMG_E_UNSUPPORTED,
                        "this is a visa (%s), which proves nobody's identity; scan the passport it "
                        "was issued for",
                        reading->layout->form == MRZ_TD3 ? "MRV-A" : "MRV-B");
    if (strchr(first, code[0]) == NULL)
        return fail_at(reading, CODE, "no code of a passport or identity card");
    if (!is_letter(code[1]) && code[1] != '<')
        return fail_at(reading, CODE + 1, "a digit in the document's code");
    reading->mrz->code[0] = code[0];
    if (code[1] != '<')
        reading->mrz->code[1] = code[1];
    return SMG_OK;
}

/* A place that holds a digit: what a camera takes for one is put right, and the check digits say
 * whether that was so. */
static bool correct(struct mrz *mrz, unsigned at)
{
    static const char confused[] = "O0I1Z2S5B8G6";
    const char *found;

    if (is_digit(mrz->zone[at]))
        return true;
    for (found = confused; *found != '\0'; found += 2)
        if (*found == mrz->zone[at]) {
            mrz->zone[at] = found[1];
            mrz->corrected = true;
            return true;
        }
    return false;
}

static int correct_digits(struct reading *reading)
{
    const struct layout *layout = reading->layout;
    const struct span dates[] = { layout->birth, layout->expiry };
    struct mrz *mrz = reading->mrz;

    for (size_t i = 0; i < 2; i++)
        for (unsigned at = dates[i].from; at < dates[i].to; at++)
            if (mrz->zone[at] != '<' && !correct(mrz, at))
                return fail_at(reading, at, "a letter in a date");
    if (mrz->zone[layout->number_check] != '<' && !correct(mrz, layout->number_check))
        return fail_at(reading, layout->number_check, "a check digit is no digit");
    if (!correct(mrz, layout->birth_check))
        return fail_at(reading, layout->birth_check, "a check digit is no digit");
    if (!correct(mrz, layout->expiry_check))
        return fail_at(reading, layout->expiry_check, "a check digit is no digit");
    if (layout->optional_check != 0 && mrz->zone[layout->optional_check] != '<' &&
        !correct(mrz, layout->optional_check))
        return fail_at(reading, layout->optional_check, "a check digit is no digit");
    if (!correct(mrz, layout->composite))
        return fail_at(reading, layout->composite, "a check digit is no digit");
    return SMG_OK;
}

/* The same as printed, without what stands for spaces and hyphens. */
static void put_number(struct reading *reading, struct smg_str part)
{
    struct mrz *mrz = reading->mrz;
    size_t len = strlen(mrz->number);

    for (size_t i = 0; i < part.len; i++)
        if (part.at[i] != '<')
            mrz->number[len++] = part.at[i];
}

/* Parts 5 and 6, note to the document number: one of more than nine characters goes on in the
 * optional data, with the check digit and a filler behind it. */
static int read_long_number(struct reading *reading, struct smg_str first)
{
    const struct layout *layout = reading->layout;
    struct mrz *mrz = reading->mrz;
    struct smg_str optional = at_span(mrz, layout->optional);
    const char *end = memchr(optional.at, '<', optional.len);
    char joined[32];
    size_t rest = end == NULL ? 0 : (size_t)(end - optional.at);

    if (layout->form == MRZ_TD3 || rest < 2 || memchr(first.at, '<', first.len) != NULL)
        return fail_at(reading, layout->number_check, "the document number has no check digit");
    rest--;
    if (!correct(mrz, (unsigned)(layout->optional.from + rest)))
        return fail_at(reading, (unsigned)(layout->optional.from + rest),
                       "a check digit is no digit");
    memcpy(joined, first.at, first.len);
    memcpy(joined + first.len, optional.at, rest);
    if (mrz_check_digit((struct smg_str){ joined, first.len + rest }) != optional.at[rest]) {
        joined[first.len] = '<';
        memcpy(joined + first.len + 1, optional.at, rest);
        mrz->filler_counted = true;
        if (mrz_check_digit((struct smg_str){ joined, first.len + 1 + rest }) != optional.at[rest])
            return fail_at(reading, layout->number_check,
                           "the document number and its check digit disagree");
    }
    put_number(reading, first);
    put_number(reading, (struct smg_str){ optional.at, rest });
    memcpy(mrz->optional, optional.at + rest + 1, optional.len - rest - 1);
    return SMG_OK;
}

static int read_number(struct reading *reading)
{
    const struct layout *layout = reading->layout;
    struct mrz *mrz = reading->mrz;
    struct smg_str number = at_span(mrz, layout->number);
    struct smg_str optional = at_span(mrz, layout->optional);

    if (number.at[0] == '<')
        return fail_at(reading, layout->number.from, "there is no document number");
    if (mrz->zone[layout->number_check] == '<')
        return read_long_number(reading, number);
    if (mrz_check_digit(number) != mrz->zone[layout->number_check])
        return fail_at(reading, layout->number_check,
                       "the document number and its check digit disagree");
    put_number(reading, number);
    memcpy(mrz->optional, optional.at, optional.len);
    return SMG_OK;
}

static bool is_empty(struct smg_str text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.at[i] != '<')
            return false;
    return true;
}

static void trim_fillers(char *text)
{
    size_t len = strlen(text);

    while (len > 0 && text[len - 1] == '<')
        text[--len] = '\0';
}

/* The digit of an optional field that is empty may be left out (9303-4 section 4.2.2). */
static int check_optional(struct reading *reading)
{
    const struct layout *layout = reading->layout;
    struct smg_str optional = at_span(reading->mrz, layout->optional);
    char digit = reading->mrz->zone[layout->optional_check];

    if (layout->optional_check == 0 || digit == mrz_check_digit(optional) ||
        (digit == '<' && is_empty(optional)))
        return SMG_OK;
    return fail_at(reading, layout->optional_check,
                   "the optional data and its check digit disagree");
}

static int check_composite(struct reading *reading)
{
    const struct layout *layout = reading->layout;
    unsigned sum = 0, place = 0;

    for (size_t i = 0; i < 4; i++)
        sum += weigh(at_span(reading->mrz, layout->composed[i]), &place);
    if (reading->mrz->zone[layout->composite] != (char)('0' + sum % 10))
        return fail_at(reading, layout->composite, "the composite check digit disagrees");
    return SMG_OK;
}

/* Two characters: a number, or -1 for fillers, or -2. */
static int pair(const char *at)
{
    if (at[0] == '<' && at[1] == '<')
        return -1;
    if (!is_digit(at[0]) || !is_digit(at[1]))
        return -2;
    return (at[0] - '0') * 10 + at[1] - '0';
}

static int days_in(int year, int month)
{
    static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

    return days[month - 1] + (month == 2 && leap ? 1 : 0);
}

static bool is_day(int year, int month, int day)
{
    return month >= 1 && month <= 12 && day >= 1 && day <= days_in(year, month);
}

struct smg_date mrz_day_in_china(int64_t at_s)
{
    enum { CHINA_AHEAD_S = 8 * 3600, DAY_S = 86400 };
    int64_t left = (at_s + CHINA_AHEAD_S) / DAY_S;
    int year = 1970, month = 1;

    while (year < 9999 && left >= days_in(year, month)) {
        left -= days_in(year, month);
        year += month == 12;
        month = month == 12 ? 1 : month + 1;
    }
    return (struct smg_date){ (int16_t)year, (int8_t)month, (int8_t)(left + 1) };
}

/* What is left out of a day is taken as early as it can be: January, the first. */
static long order(int year, int month, int day)
{
    return year * 400L + (month < 1 ? 1 : month) * 32L + (day < 1 ? 1 : day);
}

/* YYMMDD with fillers for what is not known; latest: the order of the last day it may be. */
static bool read_date(const char *at, int century, long latest, struct smg_date *out)
{
    int year = pair(at), month = pair(at + 2), day = pair(at + 4);

    if (year < -1 || month < -1 || day < -1 || (month == -1 && day != -1))
        return false;
    if (year == -1)
        return month == -1 || is_day(2000, month, day == -1 ? 1 : day);
    year += century;
    if (order(year, month, day) > latest)
        year -= 100;
    if (month != -1 && !is_day(year, month, day == -1 ? 1 : day))
        return false;
    *out = (struct smg_date){ (int16_t)year, (int8_t)(month == -1 ? 0 : month),
                              (int8_t)(day == -1 ? 0 : day) };
    return true;
}

static int read_dates(struct reading *reading, struct smg_date today)
{
    const struct layout *layout = reading->layout;
    struct mrz *mrz = reading->mrz;
    int half = today.year + 50;

    if (mrz_check_digit(at_span(mrz, layout->birth)) != mrz->zone[layout->birth_check])
        return fail_at(reading, layout->birth_check,
                       "the day of birth and its check digit disagree");
    if (!read_date(mrz->zone + layout->birth.from, today.year - today.year % 100,
                   order(today.year, today.month, today.day), &mrz->birth))
        return fail_at(reading, layout->birth.from, "the day of birth is no day");
    if (mrz_check_digit(at_span(mrz, layout->expiry)) != mrz->zone[layout->expiry_check])
        return fail_at(reading, layout->expiry_check,
                       "the last valid day and its check digit disagree");
    if (!is_empty(at_span(mrz, layout->expiry)) &&
        (memchr(mrz->zone + layout->expiry.from, '<', 6) != NULL ||
         !read_date(mrz->zone + layout->expiry.from, half - half % 100,
                    order(half, today.month, today.day), &mrz->expiry)))
        return fail_at(reading, layout->expiry.from, "the last valid day is no day");
    return SMG_OK;
}

static int read_states(struct reading *reading)
{
    struct mrz *mrz = reading->mrz;
    unsigned nationality = reading->layout->nationality;

    if (!mrz_country(mrz->zone + ISSUER, mrz->issuer))
        return fail_at(reading, ISSUER, "no state has this code");
    if (!mrz_country(mrz->zone + nationality, mrz->nationality))
        return fail_at(reading, nationality, "no state has this code");
    return SMG_OK;
}

/* Runs of fillers become one space; out has room, which is more than the field has. */
static void put_name(const char *at, size_t len, char *out)
{
    size_t used = 0;

    for (size_t i = 0; i < len; i++) {
        if (at[i] != '<')
            out[used++] = at[i];
        else if (used > 0 && out[used - 1] != ' ')
            out[used++] = ' ';
    }
    while (used > 0 && out[used - 1] == ' ')
        used--;
    out[used] = '\0';
}

/* 9303-3 section 4.6: the first << ends the surname. No check digit guards a name. */
static int read_names(struct reading *reading)
{
    struct smg_str names = at_span(reading->mrz, reading->layout->names);
    const char *split = memmem(names.at, names.len, "<<", 2);
    size_t surname = split == NULL ? names.len : (size_t)(split - names.at);

    for (size_t i = 0; i < names.len; i++)
        if (is_digit(names.at[i]))
            return fail_at(reading, (unsigned)(reading->layout->names.from + i),
                           "a digit in the name");
    if (names.at[0] == '<')
        return fail_at(reading, reading->layout->names.from, "there is no name");
    put_name(names.at, surname, reading->mrz->surname);
    put_name(names.at + surname, names.len - surname, reading->mrz->given);
    reading->mrz->name_cut = names.at[names.len - 1] != '<';
    return SMG_OK;
}

static int read_sex(struct reading *reading)
{
    char sex = reading->mrz->zone[reading->layout->sex];

    /* X is what the page says where the zone should have a filler; some zones have it too. */
    if (sex != 'M' && sex != 'F' && sex != '<' && sex != 'X')
        return fail_at(reading, reading->layout->sex, "the sex is none of M, F, <");
    reading->mrz->sex = sex == 'X' ? '<' : sex;
    return SMG_OK;
}

static void read_more_optional(struct reading *reading)
{
    struct smg_str more = at_span(reading->mrz, reading->layout->more_optional);

    memcpy(reading->mrz->more_optional, more.at, more.len);
    trim_fillers(reading->mrz->optional);
    trim_fillers(reading->mrz->more_optional);
}

int mrz_read(struct smg_str text, struct smg_date today, struct mrz *out, struct smg_err *err)
{
    struct reading reading = { .mrz = out, .err = err };
    int code;

    *out = (struct mrz){ 0 };
    code = join_lines(text, out, &reading.layout, err);
    if (code == SMG_OK)
        code = read_code(&reading);
    if (code == SMG_OK)
        code = correct_digits(&reading);
    if (code == SMG_OK)
        code = read_number(&reading);
    if (code == SMG_OK)
        code = check_optional(&reading);
    if (code == SMG_OK)
        code = read_dates(&reading, today);
    if (code == SMG_OK)
        code = check_composite(&reading);
    if (code == SMG_OK)
        code = read_states(&reading);
    if (code == SMG_OK)
        code = read_names(&reading);
    if (code == SMG_OK)
        code = read_sex(&reading);
    if (code == SMG_OK) {
        read_more_optional(&reading);
        out->form = reading.layout->form;
    } else
        *out = (struct mrz){ 0 };
    return code;
}
