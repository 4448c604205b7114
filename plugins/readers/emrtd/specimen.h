/* SPDX-License-Identifier: Apache-2.0 */
/* A virtual passport for tests, and the states that issue it, which live as long as a test program.
 */
#ifndef EMRTD_SPECIMEN_H
#define EMRTD_SPECIMEN_H

#include "emulate/chip.h"

#include "passport_sheets.h"

#include <ftw.h>
#include <setjmp.h>
#include <stdlib.h>
#include <cmocka.h>

static char authority[64]; /* the test states' keys and certificates */

/* Where a reader finds the certificates of the test states. */
static inline const char *certificates(void)
{
    static char path[100];

    snprintf(path, sizeof path, "%s/certificates", authority);
    return path;
}

static inline int make_authority(void **state)
{
    (void)state;
    snprintf(authority, sizeof authority, "%s/emrtd.XXXXXX",
             getenv("TMPDIR") == NULL ? P_tmpdir : getenv("TMPDIR"));
    return mkdtemp(authority) == NULL;
}

static inline int remove_one(const char *path, const struct stat *is, int kind, struct FTW *where)
{
    (void)is, (void)kind, (void)where;
    return remove(path);
}

static inline int remove_authority(void **state)
{
    (void)state;
    return nftw(authority, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static inline struct passport_sheet specimen(void)
{
    struct passport_sheet sheet = passport_of_eriksson();

    sheet.number = "L898902C3";
    sheet.birth = "1974-08-12";
    sheet.valid_from = "2022-04-15";
    sheet.valid_to = "2032-04-15";
    sheet.can = "123456";
    return sheet;
}

#endif
