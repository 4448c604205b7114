/* SPDX-License-Identifier: Apache-2.0 */
/* What a plugin has answered so far: fields, each checked as if a stranger had sent it. */
#ifndef PLUGIN_REPLY_H
#define PLUGIN_REPLY_H

#include "base/fields.h"

enum {
    REPLY_FIELDS_MAX = 64,
    REPLY_FIELD_BYTES = 128 * 1024,
    REPLY_BYTES = 256 * 1024,
    REPLY_NAME_BYTES = 120
};

/* Start with { 0 }. */
struct reply {
    struct smg_fields *fields; /* NULL: nothing was answered */
    size_t bytes;
};

/* Copy a field in. SMG_E_PROTOCOL when its name, type, text, day or size is not allowed; the reason
 * holds no value. */
int reply_put(struct reply *reply, struct smg_str name, const struct smg_value *value,
              struct smg_err *err);
void reply_fini(struct reply *reply); /* wipes; reply is { 0 } again */

#endif
