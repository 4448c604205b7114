/* SPDX-License-Identifier: Apache-2.0 */
/* Whole numbers as large as a count of cases can be. */
#ifndef WORKBENCH_NATURAL_H
#define WORKBENCH_NATURAL_H

#include "base/buf.h"

enum { NATURAL_LIMBS = 224 }; /* 1024 facts of 64 values and one more: 7,168 bits hold it */

struct natural {
    size_t count; /* limbs in use, the highest of them not 0 */
    uint32_t limb[NATURAL_LIMBS];
};

void natural_set(struct natural *n, uint32_t value);
void natural_add(struct natural *n, const struct natural *more);
void natural_multiply(struct natural *n, uint32_t factor);
bool natural_is_zero(const struct natural *n);
int natural_compare(const struct natural *a, const struct natural *b);

/* "1,234,567": every digit. */
void natural_write(const struct natural *n, struct buf *out);
/* "1.2e31" above ten digits, else every digit: for people. */
void natural_write_short(const struct natural *n, struct buf *out);
/* The nearest double; infinity when there is none. */
double natural_double(const struct natural *n);

#endif
