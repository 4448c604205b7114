/* SPDX-License-Identifier: Apache-2.0 */
/* The logical data structure (ICAO 9303-10): the files of a chip, all but the signed one. Inside
 * the room. */
#ifndef EMULATE_LDS_H
#define EMULATE_LDS_H

#include "emulate/passport.h"

int lds_dg1(const struct passport_sheet *sheet, struct buf *out, struct smg_err *err);
/* The picture in a facial record of ISO/IEC 19794-5. */
void lds_dg2(const struct passport_sheet *sheet, struct smg_str picture, struct buf *out);
/* Nothing when the sheet says none. */
void lds_dg11(const struct passport_sheet *sheet, struct buf *out);
/* EF.COM: which groups there are. */
void lds_com(const struct passport *passport, struct buf *out);

#endif
