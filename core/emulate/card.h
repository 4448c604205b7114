/* SPDX-License-Identifier: Apache-2.0 */
/* A card for the virtual reader: what a person writes down about it, and the bytes a chip would
 * hold. */
#ifndef EMULATE_CARD_H
#define EMULATE_CARD_H

#include "base/buf.h"

struct config_errors;

/* A card file, one key a line (see card_file.c); NULL is not on the card. Days are YYYY-MM-DD. */
struct card_sheet {
    const char *layout; /* "resident", "J", "I" or "Y" */
    const char *name;
    const char *name_latin;
    const char *sex;    /* "male", "female", "unknown", "not_stated" */
    const char *nation; /* GB/T 3304 */
    const char *birth;
    const char *address;
    const char *number;
    const char *issuer;
    const char *valid_from;
    const char *valid_to; /* a day, or "long_term", or "长期" */
    const char *permit_number;
    const char *issue_count;
    const char *nationality;
    const char *renewal_count;
    const char *link; /* three digits that lead to the number on the card before a 2023 card */
    const char *version;
    const char *old_authority; /* accepting authority of a 2017 card */
    const char *added_address;
    const char *fingerprint; /* "none", "512" or "1024" bytes */
    const char *photo;       /* a file of at most 1024 bytes; NULL: a made-up pattern */
    bool find_again;         /* answers find again without leaving the field */
    bool laid_again;         /* is lifted after every read and laid down anew */
};

enum { CARD_TEXT = 256, CARD_PHOTO = 1024, CARD_FINGERPRINT = 1024, CARD_ADDRESS = 70 };

struct card {
    uint8_t text[CARD_TEXT];
    uint8_t photo[CARD_PHOTO];
    uint8_t fingerprint[CARD_FINGERPRINT];
    uint8_t address[CARD_ADDRESS];
    size_t photo_len, fingerprint_len;
    bool has_address;
    bool find_again, laid_again;
};

/* Nothing is checked beyond what fits: a virtual card may lie. The photo is not read from its file.
 */
int card_encode(const struct card_sheet *sheet, struct card *out, struct smg_err *err);
/* From a file; false: all mistakes are in errors. */
bool card_load(const char *path, struct card *out, struct config_errors *errors);

#endif
