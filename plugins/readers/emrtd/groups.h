/* SPDX-License-Identifier: Apache-2.0 */
/* What the data groups say (ICAO 9303-10 section 4.7): DG1 the machine readable zone, DG2 the face,
 * DG11 the name in the holder's own script. */
#ifndef EMRTD_GROUPS_H
#define EMRTD_GROUPS_H

#include "mrz.h"

#include <shiming/plugin.h>

enum { NAME_BYTES = 256 };

/* The zone in DG1, which must be right in every check digit. */
int dg1_read(struct smg_str file, struct smg_date today, struct mrz *out, struct smg_err *err);

/* The picture in DG2, a view into the file; format: "jpeg" or "jp2". false: there is none. */
bool dg2_read(struct smg_str file, struct smg_str *picture, const char **format);

/* The full name in DG11: UTF-8, its parts separated by a space, or by nothing where it is written
 * in Chinese characters. false: there is none, or it is malformed. */
bool dg11_read(struct smg_str file, char name[NAME_BYTES]);

#endif
