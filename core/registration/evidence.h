/* SPDX-License-Identifier: Apache-2.0 */
/* Evidence: pictures of documents and people, each sealed under a key of its own the moment it
 * arrives. When a registration takes a picture, the picture's key is sealed under the
 * registration's key: when that one dies, its pictures die with it (article 12). */
#ifndef REGISTRATION_EVIDENCE_H
#define REGISTRATION_EVIDENCE_H

#include "audit/audit.h"
#include "base/id.h"
#include "crypto/seal.h"
#include "registration/image.h"

/* Rows for a new picture; its id is out. sha256: of the bytes as they came. */
int evidence_put(struct sealer *sealer, struct smg_str bytes, const struct image_info *info,
                 const char *by, int64_t now_ms, struct unit *unit, struct id *out,
                 uint8_t sha256[32], struct smg_err *err);

/* What is answered of it, as JSON members: id, sha256, type, width and height in pixels. */
void evidence_show(struct id id, const uint8_t sha256[32], const struct image_info *info,
                   struct buf *out);

/* What the KEY row of a picture says. */
enum evidence_state { EVIDENCE_ABSENT = 0, EVIDENCE_LOOSE, EVIDENCE_TAKEN };
enum evidence_state evidence_state(struct smg_str key_row);
/* The registration that took it, when EVIDENCE_TAKEN. */
bool evidence_owner(struct smg_str key_row, struct id *registration);

/* Take a loose picture into a registration: its key row is sealed again under the registration's
 * key. The unit fails with SMG_E_EXISTS when another registration was faster. */
int evidence_take(struct sealer *sealer, struct id id, struct smg_str key_row,
                  struct id registration, const struct data_key *registration_key,
                  struct unit *unit, struct smg_err *err);

/* The SHA-256 of a loose picture, without its bytes. */
int evidence_digest(struct sealer *sealer, struct id id, struct smg_str key_row, uint8_t sha256[32],
                    struct smg_err *err);
/* Erase a loose picture, provided that nobody took it meanwhile. */
void evidence_drop(struct id id, struct smg_str key_row, struct unit *unit);

/* Open a picture: key_row and row from the spaces KEY and EVIDENCE; registration_key NULL when it
 * is loose. type ("image/jpeg") is a constant. */
int evidence_open(struct sealer *sealer, struct id id, struct smg_str key_row, struct smg_str row,
                  const struct data_key *registration_key, struct buf *out, const char **type,
                  struct smg_err *err);

#endif
