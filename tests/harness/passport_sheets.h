/* SPDX-License-Identifier: Apache-2.0 */
/* The passport of somebody who does not exist: what tests begin with, and change where they differ.
 */
#ifndef HARNESS_PASSPORT_SHEETS_H
#define HARNESS_PASSPORT_SHEETS_H

#include "emulate/passport.h"

static inline struct passport_sheet passport_of_nobody(void)
{
    return (struct passport_sheet){ .layout = "passport",
                                    .name_latin = "SPECIMEN, ALIYA",
                                    .number = "U12345678",
                                    .nationality = "UTO",
                                    .issuer = "UTO",
                                    .country = "UT",
                                    .birth = "1990-12-31",
                                    .valid_from = "2023-05-10",
                                    .valid_to = "2033-05-09",
                                    .mrz = "td3",
                                    .dg11 = "none",
                                    .access = "both",
                                    .pace_curve = 12,
                                    .pace_cipher = "aes-128",
                                    .signer = "ecdsa",
                                    .digest = "sha256",
                                    .curve_parameters = "named",
                                    .content_type = "lds",
                                    .encoding = "der",
                                    .signer_name = "same" };
}

/* The holder of the worked examples of ICAO 9303. */
static inline struct passport_sheet passport_of_eriksson(void)
{
    struct passport_sheet sheet = passport_of_nobody();

    sheet.name_latin = "ERIKSSON, ANNA MARIA";
    sheet.sex = "female";
    return sheet;
}

#endif
