/* SPDX-License-Identifier: Apache-2.0 */
/* Machine readable zones as a passport office prints them (ICAO 9303-4 and -5). Inside the room. */
#ifndef EMULATE_MRZ_H
#define EMULATE_MRZ_H

#include "emulate/passport.h"

/* The lines, without breaks between them: 88 characters of TD3, 90 of TD1. A number too long for
 * its field goes on in the optional data of TD1. */
int mrz_write(const struct passport_sheet *sheet, struct buf *out, struct smg_err *err);
/* Number, birth and last day with their check digits, as the keys are made from. */
int mrz_key_information(const struct passport_sheet *sheet, char out[PASSPORT_KEY],
                        struct smg_err *err);

#endif
