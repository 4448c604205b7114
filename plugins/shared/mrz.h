/* SPDX-License-Identifier: Apache-2.0 */
/* Machine readable zones of travel documents: ICAO 9303 parts 3 (all), 4 (TD3), 5 (TD1), 6 (TD2).
 */
#ifndef SHARED_MRZ_H
#define SHARED_MRZ_H

#include <shiming/plugin.h>

enum mrz_form {
    MRZ_TD1 = 1, /* three lines of 30: cards */
    MRZ_TD2,     /* two lines of 36 */
    MRZ_TD3      /* two lines of 44: passports */
};

enum { MRZ_LONGEST = 90 };

/* Texts are ended by NUL and have the filler `<` taken off; "" is not in the zone. */
struct mrz {
    enum mrz_form form;
    char zone[MRZ_LONGEST + 1]; /* the lines one after another, no breaks, corrected */
    char code[3];               /* the document's: "P", "PO", "I" */
    char issuer[4];             /* ISO 3166 alpha-3 or a code of 9303-3 section 5; Germany is DEU */
    char nationality[4];        /* likewise */
    char number[23];            /* whole, wherever the zone keeps the end of it */
    char surname[40];           /* capital letters and spaces, not the true spelling */
    char given[40];             /* "" when the holder has one name only */
    char sex;                   /* 'M', 'F', '<': not said */
    char optional[16];          /* the issuer's own, as it stands, without a number's end */
    char more_optional[12];     /* the second field of TD1 */
    struct smg_date birth;      /* 0 in what the zone leaves out: {1950, 0, 0}, {0, 0, 0} */
    struct smg_date expiry;     /* {0, 0, 0}: none */
    bool name_cut;              /* the name fills its field: it may go on */
    bool corrected;             /* a letter stood where only a digit can; the check digits agree */
    bool filler_counted; /* a long number whose check digit counts the filler (old Belgian) */
};

/*
 * Read a zone with or without line breaks (CR, LF). Every check digit there is must agree.
 *
 * A two-digit year of birth is the latest day that is not after `today`; one of expiry is in the
 * hundred years around `today`, half of them before it.
 *
 * SMG_E_CARD when it is no such zone or was misread: scan it again. SMG_E_UNSUPPORTED when it is a
 * visa: ask for the passport. The reason names the field, never what it holds; out is then empty.
 */
int mrz_read(struct smg_str text, struct smg_date today, struct mrz *out, struct smg_err *err);

/* The day it is in China so many seconds after 1970 began in Greenwich, to read a zone by. The C
 * library would look for /etc/localtime, which is behind the walls of a reader's process. */
struct smg_date mrz_day_in_china(int64_t at_s);

/* The check digit of 9303-3 section 4.9 over A-Z, 0-9 and `<`, as a character. */
char mrz_check_digit(struct smg_str text);

#endif
