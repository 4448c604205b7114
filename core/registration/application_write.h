/* SPDX-License-Identifier: Apache-2.0 */
/* An application out of fields: the way back of application_read. */
#ifndef REGISTRATION_APPLICATION_WRITE_H
#define REGISTRATION_APPLICATION_WRITE_H

#include "base/fields.h"

/* Append the JSON whose reading gives these fields again, indented, its members in the order of the
 * table. SMG_E_INVALID: no application says this; err names the field.
 *
 * A picture (evidence.KIND.OF) becomes an entry with a made-up id: for a gateway, put in the id it
 * answered when the picture was handed in. A document whose origin is "chip" or "mrz" becomes
 * "read", with what was read: only `shiming decide` believes that, a gateway wants the token of a
 * real read in its place. Fields that reading adds by itself (WHO.given, a typed document's origin)
 * may be missing. */
int application_write(const struct smg_fields *fields, struct buf *out, struct smg_err *err);

#endif
