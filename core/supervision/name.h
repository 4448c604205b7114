/* SPDX-License-Identifier: Apache-2.0 */
/* Ids that people give: of staff and dealers. */
#ifndef SUPERVISION_NAME_H
#define SUPERVISION_NAME_H

#include "base/str.h"

/* 1 to 63 letters, digits, '-', '_', '.'. */
bool name_is_id(struct smg_str text);
/* Copy with a NUL; false when it does not fit. */
bool name_copy(struct smg_str text, char *out, size_t room);

#endif
