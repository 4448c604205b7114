/* SPDX-License-Identifier: Apache-2.0 */
/* A virtual passport: what a person writes down about it, and the files its chip holds (ICAO
 * 9303-10), signed by a test authority of our own. */
#ifndef EMULATE_PASSPORT_H
#define EMULATE_PASSPORT_H

#include "base/date.h"

struct config_errors;

/* What is wrong with the chip. Words in card files are those of passport_fault_words, in this
 * order. */
enum passport_fault {
    PASSPORT_SOUND = 0,
    /* after signing */
    PASSPORT_DG1_ALTERED,       /* another name */
    PASSPORT_DG2_ALTERED,       /* another picture */
    PASSPORT_DG1_NOT_IN_SOD,    /* its hash is not among the signed ones */
    PASSPORT_SOD_ALTERED,       /* the signature does not fit */
    PASSPORT_UNKNOWN_ALGORITHM, /* ... is said to be of a kind that nobody has heard of */
    PASSPORT_WRONG_DIGEST,      /* hashes by another algorithm than the one that is named */
    PASSPORT_UNKNOWN_CSCA,      /* the signer's certificate is by somebody of the same name */
    PASSPORT_SELF_SIGNED,       /* ... is by the signer */
    PASSPORT_FOREIGN_SIGNER,    /* ... and its authority are of another country (ZZ) */
    PASSPORT_EXPIRED_SIGNER,    /* ... was no longer valid on the day of signing */
    PASSPORT_DG2_TRUNCATED,     /* half of the picture's file is missing */
    PASSPORT_LENGTH_65535,      /* the picture's file says it is so long, and noise follows */
    PASSPORT_LENGTH_4GIB,       /* the same, as long as four bytes can say */
    /* in secured answers, after fault_after of all answers */
    PASSPORT_WRONG_MAC,
    PASSPORT_NO_MAC,       /* 8E is missing */
    PASSPORT_WRONG_STATUS, /* 99 is another than the one outside */
    PASSPORT_NO_STATUS,    /* 99 is missing */
    PASSPORT_PLAIN,        /* not secured at all */
    /* in PACE */
    PASSPORT_PACE_WRONG_TOKEN,
    PASSPORT_PACE_BROKEN, /* offered, and refused at its first step */
    /* in any answer, after fault_after of them */
    PASSPORT_SILENT,  /* none comes any more */
    PASSPORT_CLOSES,  /* leaves instead of an answer */
    PASSPORT_REMOVED, /* leaves after an answer */
    PASSPORT_GARBAGE, /* noise instead of the answer */
    PASSPORT_SLOW,    /* 300 ms before each answer */
    PASSPORT_FAULTS
};
extern const char *const passport_fault_words[PASSPORT_FAULTS + 1];

/* A card file of layout "passport", one key a line (see passport_file.c); NULL is not on it. */
struct passport_sheet {
    const char *layout;
    const char *name;       /* in Chinese, for DG11 */
    const char *name_latin; /* "SURNAME, GIVEN NAMES" */
    const char *number, *nationality, *issuer;
    const char *country; /* of the certificates, two letters */
    const char *birth, *sex, *valid_from, *valid_to;
    const char *personal_number, *birth_place, *address;
    const char *mrz;  /* "td3", or "td1" */
    const char *code; /* of the document, one or two letters */
    const char *dg11; /* "none", "china", "a0" */
    const char *portrait;
    int64_t portrait_size; /* the picture is made at least so long */
    const char *access;    /* "bac", "pace", "both" */
    const char *can;
    int64_t pace_curve;
    const char *pace_cipher;
    const char *signer, *digest, *curve_parameters;
    const char *content_type, *encoding, *signer_name;
    const char *fault;
    int64_t fault_after;
};

enum { PASSPORT_GROUPS = 16, PASSPORT_KEY = 64, PASSPORT_PORTRAIT = 262144 };

struct passport {
    struct buf card_access; /* empty: no PACE */
    struct buf com, sod;
    struct buf group[PASSPORT_GROUPS + 1]; /* DG1 is group[1]; empty: there is none */
    char key_information[PASSPORT_KEY];    /* of the MRZ, what BAC and PACE take their keys from */
    char can[7];                           /* "" when there is none */
    bool basic_access;
    int pace_curve;
    int pace_cipher; /* an enum chip_cipher */
    enum passport_fault fault;
    unsigned fault_after;
    size_t endless_length; /* of DG2, whose file goes on in noise so far; 0: it does not */
};

/*
 * Write a sheet onto a chip; `portrait` is a picture, or empty for one that is made up. Keys and
 * certificates of the test authority are kept in the folder `authority`, and made when they are not
 * there; NULL: made for this once. Nothing is checked beyond what fits: a virtual passport may lie.
 */
int passport_encode(const struct passport_sheet *sheet, struct smg_str portrait,
                    const char *authority, struct passport *out, struct smg_err *err);
void passport_free(struct passport *passport); /* wipes what it holds */

/* Does the file say that its layout is a passport? Other mistakes in it are not looked for. */
bool passport_is_file(const char *path);
/* From a file; false: all mistakes are in errors. */
bool passport_load(const char *path, const char *authority, struct passport *out,
                   struct config_errors *errors);

#endif
