/* SPDX-License-Identifier: Apache-2.0 */
/* A virtual passport for tests, and the states that issue it, which live as long as a test program.
 */
#ifndef EMRTD_SPECIMEN_H
#define EMRTD_SPECIMEN_H

#include "emulate/chip.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdlib.h>
#include <unistd.h>
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

static inline void remove_folder(const char *path)
{
    DIR *folder = opendir(path);
    struct dirent *entry;

    assert_non_null(folder);
    while ((entry = readdir(folder)) != NULL) {
        char name[400];

        snprintf(name, sizeof name, "%s/%s", path, entry->d_name);
        if (entry->d_type == DT_DIR && entry->d_name[0] != '.')
            remove_folder(name);
        else if (entry->d_type != DT_DIR)
            unlink(name);
    }
    closedir(folder);
    rmdir(path);
}

static inline int remove_authority(void **state)
{
    (void)state;
    remove_folder(authority);
    return 0;
}

static inline struct passport_sheet specimen(void)
{
    return (struct passport_sheet){ .layout = "passport",
                                    .name_latin = "ERIKSSON, ANNA MARIA",
                                    .number = "L898902C3",
                                    .nationality = "UTO",
                                    .issuer = "UTO",
                                    .country = "UT",
                                    .birth = "1974-08-12",
                                    .sex = "female",
                                    .valid_from = "2022-04-15",
                                    .valid_to = "2032-04-15",
                                    .mrz = "td3",
                                    .dg11 = "none",
                                    .access = "both",
                                    .can = "123456",
                                    .pace_curve = 12,
                                    .pace_cipher = "aes-128",
                                    .signer = "ecdsa",
                                    .digest = "sha256",
                                    .curve_parameters = "named",
                                    .content_type = "lds",
                                    .encoding = "der",
                                    .signer_name = "same" };
}

#endif
