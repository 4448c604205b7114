/* SPDX-License-Identifier: Apache-2.0 */
/* Travel permits and passports: forms without a check digit, so a form is all there is to check. */
#include "policy/number_parts.h"

/* A form is written as its characters, where '#' is a digit and '@' a letter but I and O. */
struct form {
    const char *shape;
    size_t same; /* this many first characters stay with the holder; 0: unknown */
};

static bool fits(const char *normal, const char *shape)
{
    size_t i;

    if (strlen(normal) != strlen(shape))
        return false;
    for (i = 0; shape[i] != '\0'; i++) {
        char c = normal[i];

        if (shape[i] == '#'   ? !number_digits(&c, 1)
            : shape[i] == '@' ? c < 'A' || c == 'I' || c == 'O'
                              : c != shape[i])
            return false;
    }
    return true;
}

static const struct form *find_form(const char *normal, const struct form *forms, size_t count)
{
    size_t i;

    for (i = 0; i < count; i++)
        if (fits(normal, forms[i].shape))
            return &forms[i];
    return NULL;
}

/* Why a number has none of the forms: no form of that length, or a wrong character or prefix in
 * one. */
static enum number_verdict why_not(const char *normal, const struct form *forms, size_t count)
{
    enum number_verdict verdict = NUMBER_LENGTH;
    size_t i;

    for (i = 0; i < count; i++) {
        if (strlen(normal) != strlen(forms[i].shape))
            continue;
        if (forms[i].shape[0] != '#' && normal[0] != forms[i].shape[0]) {
            if (verdict == NUMBER_LENGTH)
                verdict = NUMBER_CATEGORY;
        } else {
            verdict = NUMBER_CHARACTER;
        }
    }
    return verdict;
}

/* True when the number has one of the forms; else it is refused. */
static bool read_form(struct smg_str text, const struct form *forms, size_t count,
                      struct number_says *out)
{
    const struct form *form;

    if (!number_take(text, out))
        return false;
    form = find_form(out->normal, forms, count);
    if (form == NULL) {
        number_refuse(out, why_not(out->normal, forms, count));
        return false;
    }
    memcpy(out->same, out->normal, form->same);
    return true;
}

static const struct form exit_permits[] = { { "C########", 0 }, { "C@#######", 0 } };
enum { EXIT_PERMITS = sizeof exit_permits / sizeof *exit_permits };

/* Since 2013 the count of renewals stands apart; before, it made up the last two digits. */
static const struct form hk_macau_permits[] = {
    { "H########", 9 },   { "M########", 9 }, { "H##########", 9 },
    { "M##########", 9 }, { "HA#######", 9 }, { "MA#######", 9 },
};
enum { HK_MACAU_PERMITS = sizeof hk_macau_permits / sizeof *hk_macau_permits };

void number_hk_macau_permit(struct smg_str text, struct smg_date on, struct number_says *out)
{
    const char *of = number_home(text);
    struct number_says other;

    (void)on;
    number_begin(out, "");
    if (read_form(text, hk_macau_permits, HK_MACAU_PERMITS, out))
        return;
    number_begin(&other, "");
    if (of == NULL && read_form(text, exit_permits, EXIT_PERMITS, &other))
        of = "hk_macau_exit_permit";
    str_wipe(&other, sizeof other);
    /* Here eight bare digits that begin as a Macau card's do are one, most likely. */
    if (of == NULL && text.len == 8 && number_digits(text.at, 8) &&
        (text.at[0] == '1' || text.at[0] == '5' || text.at[0] == '7'))
        of = "macau_identity_card";
    if (of != NULL)
        number_unsuitable(out, of);
}

/* Citizens from the mainland who visit Hong Kong and Macau. */
void number_hk_macau_exit_permit(struct smg_str text, struct smg_date on, struct number_says *out)
{
    (void)on;
    number_begin(out, "");
    read_form(text, exit_permits, EXIT_PERMITS, out);
}

static bool is_office(char c)
{
    return c == 'A' || c == 'B' || c == 'D';
}

/* Booklets print the letter of the office behind the number, some of them in brackets. */
static struct smg_str without_office(struct smg_str text)
{
    if (text.len >= 3 && text.at[text.len - 1] == ')' && text.at[text.len - 3] == '(' &&
        is_office(text.at[text.len - 2]))
        text.len -= 3;
    else if (text.len >= 1 && is_office(text.at[text.len - 1]))
        text.len -= 1;
    return text;
}

void number_taiwan_permit(struct smg_str text, struct smg_date on, struct number_says *out)
{
    static const struct form forms[] = { { "########", 8 }, { "##########", 8 } };
    const char *of = number_home(text);
    struct smg_str number = without_office(text);

    (void)on;
    number_begin(out, "");
    /* Only the booklets with renewals in the number have the letter. */
    if (number.len != text.len && number.len != strlen(forms[1].shape))
        number = text;
    if (!read_form(number, forms, sizeof forms / sizeof *forms, out) && of != NULL)
        number_unsuitable(out, of);
}

/* Ordinary; diplomatic, service, public affairs. */
static const struct form chinese_passports[] = {
    { "E########", 0 }, { "E@#######", 0 }, { "G########", 0 }, { "14#######", 0 },
    { "15#######", 0 }, { "D#######", 0 },  { "D########", 0 }, { "DE#######", 0 },
    { "S#######", 0 },  { "S########", 0 }, { "SE#######", 0 }, { "P#######", 0 },
    { "P########", 0 }, { "PE#######", 0 },
};
static const struct form hk_macau_passports[] = {
    { "K########", 0 }, { "H########", 0 }, { "KJ#######", 0 },
    { "M########", 0 }, { "MA#######", 0 },
};
static const struct form taiwan_passports[] = { { "#########", 0 } };

static const struct {
    const char *type;
    const struct form *forms;
    size_t count;
} passports[] = {
    { "prc_passport", chinese_passports, sizeof chinese_passports / sizeof *chinese_passports },
    { "hk_macau_passport", hk_macau_passports,
      sizeof hk_macau_passports / sizeof *hk_macau_passports },
    { "taiwan_passport", taiwan_passports, sizeof taiwan_passports / sizeof *taiwan_passports },
};
enum { CHINESE, HK_MACAU, TAIWAN, PASSPORTS };

/* A number of nine digits that begins 14 or 15 is an old ordinary passport, so the order counts. */
static size_t passport_of(const char *normal)
{
    size_t i = 0;

    while (i < PASSPORTS && find_form(normal, passports[i].forms, passports[i].count) == NULL)
        i++;
    return i;
}

/* One of the three; what is another's is named, for the holder has a document that serves. */
static void read_passport(struct smg_str text, size_t wanted, struct number_says *out)
{
    const char *of = number_home(text);
    size_t found;

    number_begin(out, "ICAO 9303");
    if (number_take(text, out)) {
        found = passport_of(out->normal);
        if (found == wanted)
            return;
        if (found < PASSPORTS)
            of = passports[found].type;
        number_refuse(out, why_not(out->normal, passports[wanted].forms, passports[wanted].count));
    }
    if (of != NULL)
        number_unsuitable(out, of);
}

void number_passport_cn(struct smg_str text, struct smg_date on, struct number_says *out)
{
    (void)on;
    read_passport(text, CHINESE, out);
    if (out->verdict == NUMBER_OK)
        memcpy(out->nationality, "CHN", 4);
}

void number_passport_hk_macau(struct smg_str text, struct smg_date on, struct number_says *out)
{
    (void)on;
    read_passport(text, HK_MACAU, out);
    if (out->verdict == NUMBER_OK)
        memcpy(out->nationality, "CHN", 4);
}

void number_passport_taiwan(struct smg_str text, struct smg_date on, struct number_says *out)
{
    (void)on;
    read_passport(text, TAIWAN, out);
}

/* Countries number their passports as they like. */
void number_passport(struct smg_str text, struct smg_date on, struct number_says *out)
{
    enum { LONGEST = 20 };

    (void)on;
    number_begin(out, "ICAO 9303");
    if (number_take(text, out) && strlen(out->normal) > LONGEST)
        number_refuse(out, NUMBER_LENGTH);
}
