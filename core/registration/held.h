/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers held, as one row for each holder, by the number of the holder's document:
 *
 *   INDEX 'h', keyed digest of the identity -> ids of the registrations that gave the numbers
 *
 * Whoever gains a mobile number puts it there, provided that the row is as it was counted. Of two
 * cases that counted the same numbers only one is written, through whatever gateway and storage
 * node they come; the other is decided again by the count as it is then. So a limit in the rules
 * (cn/2016-five#4) holds exactly, whatever number it names. The case keeps the row's key, so that
 * the end of the service finds it. */
#ifndef REGISTRATION_HELD_H
#define REGISTRATION_HELD_H

#include "base/id.h"
#include "crypto/seal.h"
#include "registration/record.h"
#include "store/store.h"

enum { HELD_KEY_BYTES = INDEX_PREFIX_BYTES };

/* Does a registration with these facts ("name=value\n" lines) give a person a mobile number, once
 * it is accepted? An organisation's numbers are its users' (cn/2016-five#4). */
bool held_is_gain(struct smg_str facts);

/* The key of the row of everybody who has this document's number. */
int held_key(struct sealer *sealer, struct smg_str identity, uint8_t out[HELD_KEY_BYTES],
             struct smg_err *err);

/* In what follows row is as it was read: { NULL, 0 } when there is none. */
unsigned held_count(struct smg_str row);
/* The unit is refused when the row is another by then. */
void held_add(struct unit *unit, struct smg_str key, struct smg_str row, struct id id);
/* The same; nothing when the registration is not among them. */
void held_remove(struct unit *unit, struct smg_str key, struct smg_str row, struct id id);

#endif
