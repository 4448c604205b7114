/* SPDX-License-Identifier: Apache-2.0 */
/* A row of supervision: fields, sealed under the store's key for the place and key they stand at.
 */
#ifndef SUPERVISION_ROW_H
#define SUPERVISION_ROW_H

#include "base/fields.h"
#include "crypto/seal.h"

/* place: "staff/", "dealer/". fields NULL: out of memory. */
int row_seal(struct sealer *sealer, const char *place, struct smg_str key,
             const struct smg_fields *fields, struct buf *out, struct smg_err *err);
/* NULL: err says why. The caller frees the fields. */
struct smg_fields *row_open(struct sealer *sealer, const char *place, struct smg_str key,
                            struct smg_str value, struct smg_err *err);

#endif
