/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers of organisations: the unified social credit code and the numbers it replaced. */
#include "policy/number_parts.h"

enum { USCC_LENGTH = 18, LICENCE_LENGTH = 15, CODE_LENGTH = 9 };

/* GB 32100-2015 leaves out I, O, S, V and Z. */
static const char uscc_letters[] = "0123456789ABCDEFGHJKLMNPQRTUWXY";

/* Department and category, first two characters; 36, 54, 55, 82, G, J and Q came after 2015. */
static bool is_category(const char *at)
{
    static const char categories[] =
        "11 12 13 19 21 29 31 32 33 34 35 36 39 41 49 51 52 53 54 55 59 61 62 69 71 72 79 81 82 "
        "89 91 92 93 99 A1 A9 G1 G9 J1 J9 N1 N2 N3 N9 Q1 Q2 Q3 Q9 Y1 ";
    size_t i;

    for (i = 0; i < sizeof categories - 1; i += 3)
        if (memcmp(categories + i, at, 2) == 0)
            return true;
    return false;
}

/* GB 11714: the check character of eight. */
char number_check_code(const char *at)
{
    static const int weights[] = { 3, 7, 9, 10, 5, 8, 4, 2 };
    int sum = 0;
    size_t i;

    for (i = 0; i < CODE_LENGTH - 1; i++)
        sum += (at[i] <= '9' ? at[i] - '0' : at[i] - 'A' + 10) * weights[i];
    return "0123456789X0"[11 - sum % 11];
}

char number_check_uscc(const char *at)
{
    int sum = 0, weight = 1;
    size_t i;

    for (i = 0; i < USCC_LENGTH - 1; i++) {
        sum += (int)(strchr(uscc_letters, at[i]) - uscc_letters) * weight;
        weight = weight * 3 % 31;
    }
    return uscc_letters[(31 - sum % 31) % 31];
}

/* Characters and both check characters of the code in out->normal. */
static enum number_verdict check_both(struct number_says *out)
{
    const char *normal = out->normal;
    size_t i;

    for (i = 0; i < USCC_LENGTH; i++)
        if (strchr(uscc_letters, normal[i]) == NULL)
            return NUMBER_CHARACTER;
    if (!number_digits(normal + 2, 6))
        return NUMBER_CHARACTER;
    if (normal[16] != number_check_code(normal + 8))
        return NUMBER_CHECK;
    if (normal[17] == number_check_uscc(normal))
        return NUMBER_OK;
    /* The pilot of 2015 in Fujian gave out codes by another outer rule; they are legal. */
    if (memcmp(normal + 2, "35", 2) != 0)
        return NUMBER_CHECK;
    out->warnings |= NUMBER_WARN_OUTER;
    return NUMBER_OK;
}

void number_uscc(struct smg_str text, struct smg_date on, struct number_says *out)
{
    enum number_verdict verdict;

    (void)on;
    number_begin(out, "GB 32100-2015");
    if (!number_take(text, out))
        return;
    if (strlen(out->normal) != USCC_LENGTH) {
        number_refuse(out, NUMBER_LENGTH);
        return;
    }
    verdict = check_both(out);
    if (verdict == NUMBER_OK && !is_category(out->normal))
        verdict = NUMBER_CATEGORY;
    if (verdict != NUMBER_OK) {
        number_refuse(out, verdict);
        return;
    }
    memcpy(out->region, out->normal + 2, 6);
    memcpy(out->same, out->normal, sizeof out->same);
    /* 100000 is the nation; departments use some codes of their own, so a place only warns. */
    if (memcmp(out->region, "100000", 6) != 0 &&
        (!number_province(out->region) || number_county_odd(out->region)))
        out->warnings |= NUMBER_WARN_REGION;
}

void number_gb11714(struct smg_str text, struct smg_date on, struct number_says *out)
{
    char joined[CODE_LENGTH];

    (void)on;
    number_begin(out, "GB 11714-1997");
    /* Printed with a hyphen before the check character. */
    if (text.len == CODE_LENGTH + 1 && text.at[CODE_LENGTH - 1] == '-') {
        memcpy(joined, text.at, CODE_LENGTH - 1);
        joined[CODE_LENGTH - 1] = text.at[CODE_LENGTH];
        text = str_bytes(joined, CODE_LENGTH);
    }
    if (!number_take(text, out))
        return;
    if (strlen(out->normal) != CODE_LENGTH)
        number_refuse(out, NUMBER_LENGTH);
    else if (!number_digits(out->normal + 8, 1) && out->normal[8] != 'X')
        number_refuse(out, NUMBER_CHARACTER);
    else if (out->normal[8] != number_check_code(out->normal))
        number_refuse(out, NUMBER_CHECK);
    else
        memcpy(out->same, out->normal, sizeof out->same);
}

/* ISO 7064 MOD 11,10 over all 15 digits: the running product ends at 1. */
static bool fits_mod11_10(const char *at)
{
    int product = 10;
    size_t i;

    for (i = 0; i < LICENCE_LENGTH - 1; i++) {
        int sum = (product + (at[i] - '0')) % 10;

        product = (sum == 0 ? 10 : sum) * 2 % 11;
    }
    return (product + (at[LICENCE_LENGTH - 1] - '0')) % 10 == 1;
}

/* GS 15-2006, on licences from before the unified code. */
static void read_licence(struct number_says *out)
{
    out->standard = "GS 15-2006";
    if (!number_digits(out->normal, LICENCE_LENGTH)) {
        number_refuse(out, NUMBER_CHARACTER);
    } else if (!fits_mod11_10(out->normal)) {
        number_refuse(out, NUMBER_CHECK);
    } else if (memcmp(out->normal, "100000", 6) != 0 && !number_province(out->normal)) {
        number_refuse(out, NUMBER_REGION);
    } else {
        memcpy(out->region, out->normal, 6);
        if (number_county_odd(out->region))
            out->warnings |= NUMBER_WARN_REGION;
    }
}

/* A unified code that must be of one department: its first character. */
static void read_department(struct smg_str text, struct smg_date on, char department,
                            struct number_says *out)
{
    number_uscc(text, on, out);
    if (out->verdict == NUMBER_OK && out->normal[0] != department)
        number_unsuitable(out, "uscc");
}

void number_licence15(struct smg_str text, struct smg_date on, struct number_says *out)
{
    if (text.len == USCC_LENGTH) {
        read_department(text, on, '9', out);
        return;
    }
    number_begin(out, "GB 32100-2015");
    if (!number_take(text, out))
        return;
    if (strlen(out->normal) == LICENCE_LENGTH)
        read_licence(out);
    else
        number_refuse(out, NUMBER_LENGTH);
}

/* The certificates of today carry the unified code; older ones a number of their own without a
 * rule. Eighteen plain characters are taken for the code, so that a slip in it is found. */
static void read_certificate(struct smg_str text, struct smg_date on, char department,
                             struct number_says *out)
{
    bool code = false;

    if (text.len == USCC_LENGTH) {
        number_begin(out, "");
        code = number_take(text, out);
    }
    if (code)
        read_department(text, on, department, out);
    else
        number_free(text, on, out);
}

void number_institution(struct smg_str text, struct smg_date on, struct number_says *out)
{
    read_certificate(text, on, '1', out);
}

void number_association(struct smg_str text, struct smg_date on, struct number_says *out)
{
    read_certificate(text, on, '5', out);
}
