/* SPDX-License-Identifier: Apache-2.0 */
/* Identity cards of Hong Kong, Macau and Taiwan: they prove nothing in a registration, but people
 * bring them, and a clerk who sees which card it is can ask for the right permit. */
#include "policy/number_parts.h"

static bool is_letter(char c)
{
    return c >= 'A' && c <= 'Z';
}

/* Upper case, without the marks the cards print; 0 when it is none of their numbers. */
static size_t strip(struct smg_str text, char out[12])
{
    size_t len = 0, i;

    for (i = 0; i < text.len; i++) {
        char c = text.at[i];

        if (c == '(' || c == ')' || c == '/')
            continue;
        if (c >= 'a' && c <= 'z')
            c = (char)(c - 'a' + 'A');
        if ((!is_letter(c) && !number_digits(&c, 1)) || len == 11)
            return 0;
        out[len++] = c;
    }
    out[len] = '\0';
    return len;
}

/* One or two letters, six digits, a check character: weights 9 to 1, sum divisible by 11; a missing
 * first letter counts as 36, A as 10. */
static bool is_hong_kong(const char *at, size_t len)
{
    size_t letters = len == 9 ? 2 : 1, i;
    int weight, sum;

    if (len != 8 && len != 9)
        return false;
    for (i = 0; i < letters; i++)
        if (!is_letter(at[i]))
            return false;
    if (!number_digits(at + letters, 6) || (!number_digits(at + len - 1, 1) && at[len - 1] != 'A'))
        return false;
    sum = letters == 1 ? 36 * 9 : (at[0] - 'A' + 10) * 9;
    sum += (at[letters - 1] - 'A' + 10) * 8;
    for (i = letters, weight = 7; i < len; i++, weight--)
        sum += (at[i] == 'A' ? 10 : at[i] - '0') * weight;
    return sum % 11 == 0;
}

/* A letter that stands for two digits, then 1, 2, 8 or 9, seven digits and a check digit. */
static bool is_taiwan(const char *at, size_t len)
{
    static const char letters[] = "ABCDEFGHJKLMNPQRSTUVXYWZIO"; /* 10, 11, ... 35 */
    const char *place;
    int value, sum;
    size_t i;

    if (len != 10 || !is_letter(at[0]) || !number_digits(at + 1, 9) ||
        strchr("1289", at[1]) == NULL)
        return false;
    place = strchr(letters, at[0]);
    value = 10 + (int)(place - letters);
    sum = value / 10 + value % 10 * 9 + (at[9] - '0');
    for (i = 1; i < 9; i++)
        sum += (at[i] - '0') * (int)(9 - i);
    return sum % 10 == 0;
}

/* Eight digits, the first 1, 5 or 7, and no public check: so only when written as the card prints
 * it. */
static bool is_macau(struct smg_str text, const char *at, size_t len)
{
    bool printed = text.len == 10 && ((text.at[7] == '(' && text.at[9] == ')') ||
                                      (text.at[1] == '/' && text.at[8] == '/'));

    return printed && len == 8 && number_digits(at, 8) && strchr("157", at[0]) != NULL;
}

const char *number_home(struct smg_str text)
{
    char at[12];
    size_t len = text.len > 14 ? 0 : strip(text, at);
    const char *of = NULL;

    if (len == 0)
        return NULL;
    if (is_hong_kong(at, len))
        of = "hk_identity_card";
    else if (is_taiwan(at, len))
        of = "taiwan_identity_card";
    else if (is_macau(text, at, len))
        of = "macau_identity_card";
    str_wipe(at, sizeof at);
    return of;
}
