/* SPDX-License-Identifier: Apache-2.0 */
/* Identifiers: UUID version 7 (RFC 9562), so that rows of one time lie together. */
#ifndef BASE_ID_H
#define BASE_ID_H

#include "base/buf.h"

struct id {
    uint8_t bytes[16];
};

/* Any thread. Ids made by one process ascend. now_ms: milliseconds since 1970 UTC. */
struct id id_new(int64_t now_ms);
int64_t id_time(struct id id);                      /* the milliseconds it was made at */
void id_write(struct id id, struct buf *out);       /* 36 characters, lower case */
bool id_parse(struct smg_str text, struct id *out); /* exactly that form, version 7 */

static inline struct smg_str id_view(const struct id *id)
{
    return (struct smg_str){ (const char *)id->bytes, sizeof id->bytes };
}

#endif
