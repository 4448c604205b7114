/* SPDX-License-Identifier: Apache-2.0 */
/* Tag, length, value as chips and certificates write them (ISO/IEC 7816-4, X.690): definite
 * lengths, tags of one or two bytes. Inside the room. */
#ifndef EMULATE_TLV_H
#define EMULATE_TLV_H

#include "base/buf.h"

void tlv_put(struct buf *out, unsigned tag, struct smg_str value);
void tlv_length(struct buf *out, size_t length);
/* What stands in `out` from `from` on becomes the value of this tag. */
void tlv_wrap(struct buf *out, size_t from, unsigned tag);
/* A small whole number as an INTEGER. */
void tlv_integer(struct buf *out, unsigned number);
/* An OBJECT IDENTIFIER from its dotted form; the buffer fails when it is none. */
void tlv_oid(struct buf *out, const char *dotted);

/* Take one from the front of view; false when what stands there is not a whole one. */
bool tlv_take(struct smg_str *view, unsigned *tag, struct smg_str *value);
/* The first of this tag in view, not looking inside others. */
bool tlv_find(struct smg_str view, unsigned tag, struct smg_str *value);

#endif
