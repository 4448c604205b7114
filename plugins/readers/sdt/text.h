/* SPDX-License-Identifier: Apache-2.0 */
/* The text of a chip: 256 bytes of UTF-16LE in one of four layouts, made into a document. */
#ifndef SDT_TEXT_H
#define SDT_TEXT_H

#include <shiming/plugin.h>

enum {
    TEXT_BYTES = 256,
    TEXT_ADDRESS_BYTES = 70, /* an address added after the card was issued */
    TEXT_UTF8 = 60 * 3 + 1   /* the longest field, 60 units, and its NUL */
};

/* UTF-8 ended by NUL, spaces at the end gone; "" is not on the card. */
struct document {
    const char *type; /* as document.type */
    char number[19];
    char name[TEXT_UTF8];
    char latin[TEXT_UTF8];
    char sex[8];
    char nation[3];
    char nationality[4];
    char address[TEXT_UTF8];
    char issuer[TEXT_UTF8];
    char permit_number[10];
    char issue_count[3];
    char link[4]; /* names the number on the card before a 2023 card */
    char old_number[16];
    struct smg_date birth, valid_from, valid_to;
    bool long_term;
};

/* SMG_E_CARD when it is not such a text; the reason names the field, never what it holds. */
int text_read(const uint8_t block[TEXT_BYTES], struct document *out, struct smg_err *err);
/* The answer to "newest added address": with or without a length before it. "" when it is blank. */
int text_read_address(const uint8_t *at, size_t len, char out[TEXT_UTF8], struct smg_err *err);

#endif
