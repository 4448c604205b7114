/* SPDX-License-Identifier: Apache-2.0 */
/* Document numbers: format, check digits, and what a number says of its holder. Pure functions,
 * offered to policies/documents.lua by name. */
#ifndef POLICY_NUMBER_H
#define POLICY_NUMBER_H

#include "base/date.h"

/* NUMBER_OK may carry warnings; everything else refuses the number. */
enum number_verdict {
    NUMBER_OK = 0,
    NUMBER_LENGTH,    /* wrong length */
    NUMBER_CHARACTER, /* a character that cannot stand there (full-width digits included) */
    NUMBER_CHECK,     /* the check digit is wrong */
    NUMBER_DATE,      /* no such day, or in the future */
    NUMBER_REGION,    /* no such province */
    NUMBER_CATEGORY,  /* no such department, category or prefix */
    NUMBER_RETIRED,   /* well formed, but no longer valid: a 15-digit resident number */
    NUMBER_UNSUITABLE /* well formed, but of another kind of document */
};
const char *number_verdict_name(enum number_verdict verdict); /* "check_digit" */

enum {
    NUMBER_WARN_REGION = 1, /* county not in our tables: first registered long ago, or elsewhere */
    NUMBER_WARN_OUTER =
        2 /* USCC: outer check fails, inner passes: early pilot codes; see the licence */
};

struct number_says {
    enum number_verdict verdict;
    unsigned warnings;
    char normal[64];       /* the number as it is stored: upper case, without printed hyphens */
    char same[64];         /* equal for the same holder across renewals, to be compared with
                            * numbers of the same format only; "" when unknown */
    struct smg_date birth; /* or DATE_NONE */
    char sex;              /* 'M', 'F' or 0 */
    char region[8];        /* six digits, or "" */
    char nationality[4];   /* ISO alpha-3, or "" */
    const char *standard;  /* "GB 11643-1999", ...; "" when there is no public one */
    const char *of;        /* NUMBER_UNSUITABLE: the kind of document it belongs to, a type of
                            * documents.lua; NULL when it was not recognised */
};
/* A refused number says nothing but its verdict, standard and `of`; NUMBER_RETIRED says everything,
 * and `normal` is the number that replaced it. */

/* What the clerk is told: what is wrong with the number, and what to bring instead. Empty texts for
 * NUMBER_OK without warnings. */
struct number_text {
    const char *zh, *en;
};
struct number_text number_text(const struct number_says *says);

/* on: the day of the case (births after it are refused). */
typedef void (*number_fn)(struct smg_str text, struct smg_date on, struct number_says *out);

/* By the name used in documents.lua: gb11643, gb11643_hmt, foreigner, household, hk_macau_permit,
 * hk_macau_exit_permit, taiwan_permit, passport_cn, passport_hk_macau, passport_taiwan, passport,
 * uscc, gb11714, licence15, institution, association, free. NULL: no such format. */
number_fn number_format(struct smg_str name);
/* The i-th name, NULL after the last; for error messages and documentation. */
const char *number_format_name(size_t i);

/* What a made-up number should be; its own format says exactly that of it. */
enum number_wish_kind { NUMBER_GOOD, NUMBER_WRONG, NUMBER_OLD, NUMBER_OF_OTHERS };
struct number_wish {
    enum number_wish_kind kind; /* OK; refused for its form; NUMBER_RETIRED; NUMBER_UNSUITABLE */
    struct smg_date birth;      /* DATE_NONE: any. Only formats that tell a birth heed it. */
    char sex;                   /* 'M', 'F', or 0: any. The same holds. */
};
/* A number nobody has, for examples and tests; always the same for the same wish. false: the format
 * has no such number (only resident numbers are ever retired), or no such format. */
bool number_example(struct smg_str format, const struct number_wish *wish, struct smg_date on,
                    char out[64]);
/* By the name policies use: "good", "wrong", "retired", "unsuitable". */
bool number_wish_named(struct smg_str name, enum number_wish_kind *out);

#endif
