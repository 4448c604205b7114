/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of number*.c share: taking a number apart, and its tables. */
#ifndef POLICY_NUMBER_PARTS_H
#define POLICY_NUMBER_PARTS_H

#include "policy/number.h"

/* number.c */
void number_begin(struct number_says *out, const char *standard);
/* Forget what was found; only the verdict and the standard stay. */
void number_refuse(struct number_says *out, enum number_verdict verdict);
void number_unsuitable(struct number_says *out, const char *of);
/* The text in upper case into out->normal: ASCII letters and digits, at most 32 of them. Refuses
 * and returns false when there is anything else. */
bool number_take(struct smg_str text, struct number_says *out);
bool number_digits(const char *at, size_t len); /* '0' to '9' only */
/* YYYYMMDD into out->birth: a day of the calendar, 1800 or later, not after `on`. */
bool number_birth(const char *at, struct smg_date on, struct number_says *out);
char number_mod11_2(const char *at); /* ISO 7064 MOD 11-2 over 17 digits: '0' to '9' or 'X' */
void number_free(struct smg_str text, struct smg_date on, struct number_says *out);

/* number_region.c */
bool number_province(const char *at); /* two digits of a province, region or municipality */
bool number_county_odd(
    const char *at); /* six digits in Tibet, but no county there, now or earlier */
const char *number_country(const char *at); /* three digits: ISO 3166-1 alpha-3, or NULL */

/* number_person.c */
void number_resident(struct smg_str text, struct smg_date on, struct number_says *out);
void number_resident_hmt(struct smg_str text, struct smg_date on, struct number_says *out);
void number_foreigner(struct smg_str text, struct smg_date on, struct number_says *out);
void number_household(struct smg_str text, struct smg_date on, struct number_says *out);

/* number_home.c: cards of Hong Kong, Macau and Taiwan that prove nothing here, recognised so that
 * the clerk can say which permit to bring. Their type in documents.lua, or NULL. */
const char *number_home(struct smg_str text);

/* number_permit.c */
void number_hk_macau_permit(struct smg_str text, struct smg_date on, struct number_says *out);
void number_hk_macau_exit_permit(struct smg_str text, struct smg_date on, struct number_says *out);
void number_taiwan_permit(struct smg_str text, struct smg_date on, struct number_says *out);
void number_passport_cn(struct smg_str text, struct smg_date on, struct number_says *out);
void number_passport_hk_macau(struct smg_str text, struct smg_date on, struct number_says *out);
void number_passport_taiwan(struct smg_str text, struct smg_date on, struct number_says *out);
void number_passport(struct smg_str text, struct smg_date on, struct number_says *out);

/* number_organisation.c */
char number_check_code(const char *at); /* GB 11714: the check character of eight */
char number_check_uscc(const char *at); /* GB 32100: the last character, of seventeen */
void number_uscc(struct smg_str text, struct smg_date on, struct number_says *out);
void number_gb11714(struct smg_str text, struct smg_date on, struct number_says *out);
void number_licence15(struct smg_str text, struct smg_date on, struct number_says *out);
void number_institution(struct smg_str text, struct smg_date on, struct number_says *out);
void number_association(struct smg_str text, struct smg_date on, struct number_says *out);

#endif
