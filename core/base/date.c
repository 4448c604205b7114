/* SPDX-License-Identifier: Apache-2.0 */
/* The Gregorian calendar, ages, and moments in RFC 3339. */
#include "base/date.h"

enum { MS_A_DAY = 86400000, CHINA_OFFSET_MS = 8 * 3600000 };

bool date_is_none(struct smg_date date)
{
    return date.year == 0 && date.month == 0 && date.day == 0;
}

static bool is_leap(int year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int days_in(int year, int month)
{
    static const int8_t days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

    return month == 2 && is_leap(year) ? 29 : days[month - 1];
}

bool date_is_valid(struct smg_date date)
{
    return date.year >= 1 && date.year <= 9999 && date.month >= 1 && date.month <= 12 &&
           date.day >= 1 && date.day <= days_in(date.year, date.month);
}

static bool take_number(struct smg_str *text, size_t digits, int64_t *out)
{
    struct smg_str part;

    return take_bytes(text, digits, &part) && str_to_int(part, out);
}

static bool take_mark(struct smg_str *text, char mark)
{
    struct smg_str part;

    return take_bytes(text, 1, &part) && part.at[0] == mark;
}

static bool take_date(struct smg_str *text, bool compact, struct smg_date *out)
{
    int64_t year, month, day;
    struct smg_date date;

    if (!take_number(text, 4, &year) || (!compact && !take_mark(text, '-')) ||
        !take_number(text, 2, &month) || (!compact && !take_mark(text, '-')) ||
        !take_number(text, 2, &day))
        return false;
    date = (struct smg_date){ (int16_t)year, (int8_t)month, (int8_t)day };
    if (!date_is_valid(date))
        return false;
    *out = date;
    return true;
}

bool date_parse(struct smg_str text, struct smg_date *out)
{
    return text.len == 10 && take_date(&text, false, out);
}

bool date_parse_compact(struct smg_str text, struct smg_date *out)
{
    return text.len == 8 && take_date(&text, true, out);
}

void date_write(struct smg_date date, struct buf *out)
{
    buf_printf(out, "%04d-%02d-%02d", date.year, date.month, date.day);
}

/* Days from civil and back: counted in eras of 400 years that begin on 1 March. */
int32_t date_to_days(struct smg_date date)
{
    int year = date.month <= 2 ? date.year - 1 : date.year;
    int era = (year >= 0 ? year : year - 399) / 400;
    int year_of_era = year - era * 400;
    int day_of_year = (153 * (date.month + (date.month > 2 ? -3 : 9)) + 2) / 5 + date.day - 1;
    int day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;

    return era * 146097 + day_of_era - 719468;
}

struct smg_date date_from_days(int32_t days)
{
    int shifted = days + 719468;
    int era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
    int day_of_era = shifted - era * 146097;
    int year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int month_index = (5 * day_of_year + 2) / 153;
    int month = month_index < 10 ? month_index + 3 : month_index - 9;
    int year = year_of_era + era * 400 + (month <= 2);

    return (struct smg_date){ (int16_t)year, (int8_t)month,
                              (int8_t)(day_of_year - (153 * month_index + 2) / 5 + 1) };
}

int date_compare(struct smg_date a, struct smg_date b)
{
    int32_t left = date_to_days(a), right = date_to_days(b);

    return (left > right) - (left < right);
}

int date_age(struct smg_date born, struct smg_date on)
{
    bool before_birthday = on.month < born.month || (on.month == born.month && on.day < born.day);

    return on.year - born.year - before_birthday;
}

struct smg_date date_add_years(struct smg_date date, int years)
{
    date.year = (int16_t)(date.year + years);
    if (date.month == 2 && date.day == 29 && !is_leap(date.year)) {
        date.month = 3;
        date.day = 1;
    }
    return date;
}

uint32_t date_pack(struct smg_date date)
{
    return (uint32_t)date.year << 16 | (uint32_t)(uint8_t)date.month << 8 | (uint8_t)date.day;
}

bool date_unpack(uint32_t bits, struct smg_date *out)
{
    struct smg_date date = { (int16_t)(bits >> 16), (int8_t)(bits >> 8 & 0xFF),
                             (int8_t)(bits & 0xFF) };

    if (!date_is_none(date) && !date_is_valid(date))
        return false;
    *out = date;
    return true;
}

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

struct smg_date date_of(int64_t ms)
{
    return date_from_days((int32_t)floor_div(ms + CHINA_OFFSET_MS, MS_A_DAY));
}

void time_write(int64_t ms, struct buf *out)
{
    int64_t day = floor_div(ms, MS_A_DAY);
    int of_day = (int)(ms - day * MS_A_DAY);

    date_write(date_from_days((int32_t)day), out);
    buf_printf(out, "T%02d:%02d:%02d.%03dZ", of_day / 3600000, of_day / 60000 % 60,
               of_day / 1000 % 60, of_day % 1000);
}

/* ".114" as milliseconds; digits beyond the third are read and dropped. */
static bool take_fraction(struct smg_str *text, int64_t *ms)
{
    int64_t scale = 100;
    size_t digits = 0;

    *ms = 0;
    if (text->len == 0 || text->at[0] != '.')
        return true;
    take_mark(text, '.');
    while (text->len > 0 && text->at[0] >= '0' && text->at[0] <= '9') {
        *ms += (text->at[0] - '0') * scale;
        scale /= 10;
        text->at++;
        text->len--;
        digits++;
    }
    return digits > 0 && digits <= 9;
}

static bool take_offset(struct smg_str *text, int64_t *ms)
{
    int64_t hours, minutes;
    struct smg_str sign;

    *ms = 0;
    if (!take_bytes(text, 1, &sign))
        return false;
    if (sign.at[0] == 'Z' || sign.at[0] == 'z')
        return true;
    if ((sign.at[0] != '+' && sign.at[0] != '-') || !take_number(text, 2, &hours) ||
        !take_mark(text, ':') || !take_number(text, 2, &minutes) || hours > 23 || minutes > 59)
        return false;
    *ms = (hours * 60 + minutes) * 60000 * (sign.at[0] == '-' ? -1 : 1);
    return true;
}

bool time_parse(struct smg_str text, int64_t *out_ms)
{
    int64_t hours, minutes, seconds, fraction, offset;
    struct smg_date day;
    struct smg_str mark;

    if (!take_date(&text, false, &day) || !take_bytes(&text, 1, &mark) ||
        (mark.at[0] != 'T' && mark.at[0] != 't') || !take_number(&text, 2, &hours) ||
        !take_mark(&text, ':') || !take_number(&text, 2, &minutes) || !take_mark(&text, ':') ||
        !take_number(&text, 2, &seconds) || hours > 23 || minutes > 59 || seconds > 60 ||
        !take_fraction(&text, &fraction) || !take_offset(&text, &offset) || text.len != 0)
        return false;
    *out_ms = (int64_t)date_to_days(day) * MS_A_DAY +
              ((hours * 60 + minutes) * 60 + seconds) * 1000 + fraction - offset;
    return true;
}
