/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers of people: citizens (GB 11643), residents from Hong Kong, Macau and Taiwan, foreigners
 * with permanent residence, and household registers. */
#include "policy/number_parts.h"

enum { RESIDENT_LENGTH = 18, LEGACY_LENGTH = 15 };

static void keep_region(struct number_says *out)
{
    memcpy(out->region, out->normal, 6);
    if (number_county_odd(out->normal))
        out->warnings |= NUMBER_WARN_REGION;
}

static void keep_sex(struct number_says *out)
{
    out->sex = (out->normal[16] - '0') % 2 != 0 ? 'M' : 'F';
}

/* 18 characters of GB 11643-1999 and of the numbers built like it; the region is the caller's. */
static bool check_eighteen(struct number_says *out)
{
    char last = out->normal[17];

    if (!number_digits(out->normal, 17) || (!number_digits(&last, 1) && last != 'X')) {
        number_refuse(out, NUMBER_CHARACTER);
        return false;
    }
    /* The check digit first: a slip of the finger should not be told as a wrong birthday. */
    if (last != number_mod11_2(out->normal)) {
        number_refuse(out, NUMBER_CHECK);
        return false;
    }
    return true;
}

/* Birth, sequence and sex stand where they stand in all of them. */
static void finish_eighteen(struct smg_date on, struct number_says *out)
{
    if (!number_birth(out->normal + 6, on, out)) {
        number_refuse(out, NUMBER_DATE);
        return;
    }
    keep_sex(out);
    memcpy(out->same, out->normal, sizeof out->same);
}

static void read_eighteen(struct smg_date on, struct number_says *out)
{
    if (!check_eighteen(out))
        return;
    if (out->normal[0] == '9') {
        number_unsuitable(out, "permanent_residence");
        return;
    }
    if (!number_province(out->normal)) {
        number_refuse(out, NUMBER_REGION);
        return;
    }
    finish_eighteen(on, out);
    if (out->verdict == NUMBER_OK) {
        keep_region(out);
        memcpy(out->nationality, "CHN", 4);
    }
}

/* GB 11643-1989: no check digit, always the twentieth century. First-generation cards ended with
 * the year 2012, so the number only leads to its successor. */
static void read_fifteen(struct smg_date on, struct number_says *out)
{
    char *normal = out->normal;

    out->standard = "GB 11643-1989";
    if (!number_digits(normal, LEGACY_LENGTH)) {
        number_refuse(out, NUMBER_CHARACTER);
        return;
    }
    memmove(normal + 8, normal + 6, LEGACY_LENGTH - 6);
    memcpy(normal + 6, "19", 2);
    normal[17] = number_mod11_2(normal);
    normal[18] = '\0';
    read_eighteen(on, out);
    if (out->verdict == NUMBER_OK)
        out->verdict = NUMBER_RETIRED;
}

/* A number that is no resident number at all may be one of another card: say which. */
static void recognise_other(struct smg_str text, struct smg_date on, struct number_says *out)
{
    const char *of = number_home(text);
    struct number_says other;

    if (of == NULL) {
        number_foreigner(text, on, &other);
        if (other.verdict == NUMBER_OK)
            of = "permanent_residence";
        str_wipe(&other, sizeof other);
    }
    if (of != NULL)
        number_unsuitable(out, of);
}

void number_resident(struct smg_str text, struct smg_date on, struct number_says *out)
{
    size_t len;

    number_begin(out, "GB 11643-1999");
    if (number_take(text, out)) {
        len = strlen(out->normal);
        if (len == RESIDENT_LENGTH)
            read_eighteen(on, out);
        else if (len == LEGACY_LENGTH)
            read_fifteen(on, out);
        else
            number_refuse(out, NUMBER_LENGTH);
    }
    if (out->verdict == NUMBER_LENGTH || out->verdict == NUMBER_CHARACTER)
        recognise_other(text, on, out);
}

static bool is_hmt(const char *normal)
{
    return normal[0] == '8' && normal[1] >= '1' && normal[1] <= '3' &&
           memcmp(normal + 2, "0000", 4) == 0;
}

void number_resident_hmt(struct smg_str text, struct smg_date on, struct number_says *out)
{
    number_resident(text, on, out);
    if (out->verdict == NUMBER_RETIRED || (out->verdict == NUMBER_OK && !is_hmt(out->normal)))
        number_unsuitable(out, "resident_id");
    /* The permit says where its holder comes from, not what passport the holder has. */
    out->nationality[0] = '\0';
    out->standard = "State Council Office 2018 No. 81";
}

/* Machine-readable check of ICAO 9303: weights 7 3 1, letters from A = 10. */
static char check_731(const char *at, size_t len)
{
    static const int weights[] = { 7, 3, 1 };
    int sum = 0;
    size_t i;

    for (i = 0; i < len; i++)
        sum += (at[i] <= '9' ? at[i] - '0' : at[i] - 'A' + 10) * weights[i % 3];
    return (char)('0' + sum % 10);
}

/* The cards until 2023: country, place of application, YYMMDD, sequence, check digit. */
static void read_foreigner_old(struct smg_date on, struct number_says *out)
{
    const char *normal = out->normal;
    char birth[9] = "20";
    size_t i;

    for (i = 0; i < 3; i++) {
        if (normal[i] < 'A') {
            number_refuse(out, NUMBER_CHARACTER);
            return;
        }
    }
    if (!number_digits(normal + 3, 12)) {
        number_refuse(out, NUMBER_CHARACTER);
        return;
    }
    if (normal[14] != check_731(normal, 14)) {
        number_refuse(out, NUMBER_CHECK);
        return;
    }
    if (!number_province(normal + 3)) {
        number_refuse(out, NUMBER_REGION);
        return;
    }
    /* Two digits of the year: the latest century that is not in the future. */
    memcpy(birth + 2, normal + 7, 6);
    if (!number_birth(birth, on, out)) {
        birth[0] = '1';
        birth[1] = '9';
        if (!number_birth(birth, on, out)) {
            number_refuse(out, NUMBER_DATE);
            return;
        }
    }
    memcpy(out->nationality, normal, 3);
}

/* The cards since December 2023: 9, province, numeric country, birth, sequence, check. */
static void read_foreigner_new(struct smg_date on, struct number_says *out)
{
    const char *country;

    if (!check_eighteen(out))
        return;
    if (out->normal[0] != '9') {
        number_unsuitable(out, is_hmt(out->normal) ? "hmt_residence_permit" : "resident_id");
        return;
    }
    if (!number_province(out->normal + 1)) {
        number_refuse(out, NUMBER_REGION);
        return;
    }
    /* A country not in ISO 3166 (a stateless holder, a code of ICAO) only stays unnamed. */
    country = number_country(out->normal + 3);
    if (country != NULL)
        memcpy(out->nationality, country, 3);
    finish_eighteen(on, out);
}

void number_foreigner(struct smg_str text, struct smg_date on, struct number_says *out)
{
    const char *of;

    number_begin(out, "permanent residence card");
    if (number_take(text, out)) {
        if (strlen(out->normal) == LEGACY_LENGTH)
            read_foreigner_old(on, out);
        else if (strlen(out->normal) == RESIDENT_LENGTH)
            read_foreigner_new(on, out);
        else
            number_refuse(out, NUMBER_LENGTH);
    }
    of = out->verdict == NUMBER_LENGTH || out->verdict == NUMBER_CHARACTER ? number_home(text)
                                                                           : NULL;
    if (of != NULL)
        number_unsuitable(out, of);
}

/* A page of the register names its person by the resident number; the booklet's own number has no
 * national form. What looks like a resident number is held to be one. */
void number_household(struct smg_str text, struct smg_date on, struct number_says *out)
{
    bool long_enough = text.len == RESIDENT_LENGTH || text.len == LEGACY_LENGTH;

    if (long_enough && number_digits(text.at, text.len - 1))
        number_resident(text, on, out);
    else
        number_free(text, on, out);
}
