/* SPDX-License-Identifier: Apache-2.0 */
/* A picture that arrives in pieces, over a link that breaks: what is kept of it until it is whole,
 * in the store, so that any gateway may take the next piece.
 *
 *   KEY       id -> 'U', how many pieces, the wrapped key, and sealed under it who uploads, how
 * much of how much; when the picture is whole: 'D' and, sealed, who and the answer EVIDENCE  id +
 * number of the piece -> its bytes, sealed under that key
 */
#ifndef REGISTRATION_UPLOAD_H
#define REGISTRATION_UPLOAD_H

#include "base/id.h"
#include "crypto/seal.h"
#include "store/store.h"

enum { UPLOAD_PIECES_MAX = 512, UPLOAD_PIECE_KEY_BYTES = 18 };

struct upload {
    struct id id;
    char staff[64];
    uint32_t length, offset; /* all of it, and what is here: equal when it is done */
    uint16_t pieces;
    struct buf answer; /* done: JSON members of the picture; the caller's */
    /* of an upload that is not done */
    struct data_key key;
    struct buf wrapped;
};

enum upload_state { UPLOAD_ABSENT = 0, UPLOAD_OPEN, UPLOAD_DONE };
enum upload_state upload_state(struct smg_str key_row);

/* A new one into the unit. */
int upload_begin(struct sealer *sealer, const char *staff, uint32_t length, int64_t now_ms,
                 struct unit *unit, struct id *out, struct smg_err *err);
/* upload_fini whatever comes out. */
int upload_open(struct sealer *sealer, struct id id, struct smg_str key_row, struct upload *out,
                struct smg_err *err);
void upload_fini(struct upload *upload);

/* One more piece. The unit fails with SMG_E_EXISTS when another piece came meanwhile. */
int upload_add(struct sealer *sealer, struct upload *upload, struct smg_str key_row,
               struct smg_str piece, struct unit *unit, struct smg_err *err);
/* The key of a piece's row in EVIDENCE; number `pieces` is where they end. */
void upload_piece_key(struct id id, uint16_t number, uint8_t out[UPLOAD_PIECE_KEY_BYTES]);
/* Append the bytes of a piece. */
int upload_piece_open(struct sealer *sealer, const struct upload *upload, uint16_t number,
                      struct smg_str row, struct buf *out, struct smg_err *err);
/* The picture is whole and elsewhere: its pieces go, and the answer stays for whoever asks. */
int upload_finish(struct sealer *sealer, const struct upload *upload, struct smg_str key_row,
                  struct smg_str answer, struct unit *unit, struct smg_err *err);
/* Erase an upload and its pieces, provided that nothing was added meanwhile. */
void upload_drop(struct id id, struct smg_str key_row, struct unit *unit);

#endif
