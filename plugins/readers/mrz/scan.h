/* SPDX-License-Identifier: Apache-2.0 */
/* One scan: the characters that come, until they are a zone or no more come. */
#ifndef MRZ_SCAN_H
#define MRZ_SCAN_H

#include <stdbool.h>
#include <stddef.h>

enum { SCAN_LONGEST = 256 }; /* more than any zone: a scanner that goes on is cut off */

struct scan {
    char text[SCAN_LONGEST];
    size_t len;
};

/* true: a line ended, and what there is has the length of a zone. Control characters (CR, LF, tab,
 * STX, ETX) end lines; a scanner without any is ended by a pause, which is the caller's. */
bool scan_take(struct scan *scan, char c);

#endif
