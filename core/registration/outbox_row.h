/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of the outbox:
 *
 *   OUTBOX  'w' (waiting) or 'x' (refused by its recipient) + recipient + NUL + id
 *           -> when it is due, in clear; then sealed: when it was written, what it says, and of a
 *           refused one when and why
 *
 * so that a recipient's reports lie together, the oldest first. */
#ifndef REGISTRATION_OUTBOX_ROW_H
#define REGISTRATION_OUTBOX_ROW_H

#include "base/id.h"
#include "crypto/seal.h"
#include "store/store.h"

enum outbox_state { OUTBOX_WAITING = 'w', OUTBOX_REFUSED = 'x' };
enum { OUTBOX_NAME_BYTES = 64 };

struct outbox_row {
    enum outbox_state state;
    char to[OUTBOX_NAME_BYTES]; /* the word of the policies: "public_security" */
    struct id id;
    int64_t at_ms, due_ms; /* due_ms 0: there is no deadline */
    int64_t refused_ms;
    struct smg_str open, closed; /* JSON members; closed leaves sealed only, and may be empty */
    struct smg_str why;          /* refused: what the recipient said */
};

/* Put a row as new. SMG_E_INVALID: the recipient's name is too long. */
int outbox_row_put(struct sealer *sealer, const struct outbox_row *row, struct unit *unit,
                   struct smg_err *err);
/* Take a row apart. The texts lie in plain, which is cleared first and is the caller's. */
int outbox_row_open(struct sealer *sealer, struct smg_str key, struct smg_str value,
                    struct outbox_row *out, struct buf *plain, struct smg_err *err);

/* What is in clear. false: this is no row of the outbox. */
bool outbox_row_key(struct smg_str key, struct outbox_row *out);
int64_t outbox_row_due(struct smg_str value);
/* Where the rows of a recipient begin, or of all when `to` is NULL; and where they end. */
void outbox_row_range(enum outbox_state state, const char *to, struct buf *from, struct buf *until);

#endif
