/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers held, as keys. Whoever gains a mobile number takes the lowest free slot of theirs, a row
 * that must be new:
 *
 *   INDEX 's', keyed digest of the identity, slot -> id of the registration
 *   CASE  id "/slot" -> the key above, so that the end of the service finds it
 *
 * Two cases that count the same numbers take the same slot, and only one of them is written,
 * through whatever gateway and storage node they come; the other is decided again by the count as
 * it is then. So a limit in the rules (cn/2016-five#4) holds exactly, whatever number it names, and
 * no slot but the first so many is ever taken. */
#ifndef REGISTRATION_SLOTS_H
#define REGISTRATION_SLOTS_H

#include "base/id.h"
#include "crypto/seal.h"
#include "registration/record.h"
#include "store/store.h"

enum { SLOT_PREFIX_BYTES = INDEX_PREFIX_BYTES, SLOT_KEY_BYTES = SLOT_PREFIX_BYTES + 2 };

/* Does a registration with these facts ("name=value\n" lines) give a person a mobile number, once
 * it is accepted? An organisation's numbers are its users' (cn/2016-five#4). */
bool slots_is_gain(struct smg_str facts);

/* The beginning of the keys of everybody's slots who has this document's number. */
int slots_prefix(struct sealer *sealer, struct smg_str identity, uint8_t out[SLOT_PREFIX_BYTES],
                 struct smg_err *err);
/* The slot with this number. */
void slots_key(const uint8_t prefix[SLOT_PREFIX_BYTES], uint16_t number,
               uint8_t out[SLOT_KEY_BYTES]);
/* The slot's number, of a row of this prefix. */
bool slots_number(struct smg_str key, uint16_t *out);

/* Take the slot, as new: the unit is refused when somebody was faster. */
void slots_take(struct unit *unit, const uint8_t key[SLOT_KEY_BYTES], struct id id);
/* Key in CASE of the row that says which slot a registration has; 21 bytes. */
void slots_owner_key(struct id id, struct buf *out);
/* The service ended: the slot named by that row's value is free again. */
void slots_give_back(struct unit *unit, struct id id, struct smg_str value);

/* Stores made before there were slots have registrations without; they are refused
 * (SMG_E_UNSUPPORTED) until slots_fill was through. A store without registrations is marked as
 * having them all. Both block: for the start and for verbs. */
int slots_expect(struct store *store, struct smg_err *err);
/* Give every number held its slot; *filled: how many did not have one. Called again after a
 * failure, it goes on. No gateway may write meanwhile. */
int slots_fill(struct store *store, struct sealer *sealer, uint64_t *filled, struct smg_err *err);

#endif
