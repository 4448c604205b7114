/* SPDX-License-Identifier: Apache-2.0 */
/* Lines of 30, 36 or 44 characters; two lines of 36 are never the beginning of anything longer. */
#include "scan.h"

bool scan_take(struct scan *scan, char c)
{
    if ((unsigned char)c < ' ' || c == 0x7F)
        return scan->len == 72 || scan->len == 88 || scan->len == 90;
    if (scan->len < SCAN_LONGEST)
        scan->text[scan->len++] = c;
    return false;
}
