/* SPDX-License-Identifier: Apache-2.0 */
/* How far a store has come: the highest sequence whose bundle ever went live there, and which set
 * that was. Sealed, in the store's policy space, so that yesterday's bundle stays refused after a
 * restart, and nobody sets the number back by writing a row. */
#ifndef RELEASE_MARK_H
#define RELEASE_MARK_H

#include "crypto/seal.h"
#include "release/index.h"
#include "store/store.h"

struct mark {
    uint64_t sequence; /* 0: no signed bundle went live here yet */
    char set[DIGEST_TEXT_BYTES];
};

/* Waits for the storage. row: the bytes it was read from, for mark_put; the caller's to free. */
int mark_read(struct store *store, struct sealer *sealer, struct mark *out, struct buf *row,
              struct smg_err *err);
/* May this bundle go live after what the mark says? Else the problem names both sequences. */
bool mark_allows(const struct mark *mark, const struct release_index *index, struct buf *problems);
/* The mark as the bundle leaves it. The unit fails with SMG_E_EXISTS when somebody else moved the
 * mark since it was read. */
int mark_put(struct unit *unit, struct sealer *sealer, const struct release_index *index,
             struct smg_str was, struct smg_err *err);

#endif
