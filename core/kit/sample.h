/* SPDX-License-Identifier: Apache-2.0 */
/* Two cards and two machine readable zones of people who do not exist, and whose an answer is. */
#ifndef KIT_SAMPLE_H
#define KIT_SAMPLE_H

#include "base/fields.h"
#include "emulate/card.h"

enum { SAMPLE_CARDS = 2 };

/* Card 0 or 1; no two fields of them are alike but the type. */
const struct card_sheet *sample_sheet(size_t i);
int sample_card(size_t i, struct card *out, struct smg_err *err);

/* Zone 0 or 1 as a scanner sends it, with the same said of them. */
struct smg_str sample_zone(size_t i);

enum sample_says {
    SAMPLE_NOTHING = 1, /* no field that a card has */
    SAMPLE_FIRST,       /* card 0 and nothing else */
    SAMPLE_SECOND,
    SAMPLE_MIXED, /* fields of both */
    SAMPLE_WRONG  /* a field that is on neither, named in `field` */
};

/* Whose fields are these, of the cards or (scanned) of the zones? field: the one that is wrong, or
 * of the second card in a mixture. */
enum sample_says sample_compare(const struct smg_fields *fields, bool scanned, char field[64]);

/* NULL: every field has a name, a type and a form that the header gives it; else what is wrong of
 * `field`. No value is in the text. */
const char *sample_find_fault(const struct smg_fields *fields, char field[64]);

/* Does the text hold something that stands on one of them, or the same as hex of UTF-16?
 * Returns the field, or NULL. */
const char *sample_find_in(struct smg_str text);

#endif
