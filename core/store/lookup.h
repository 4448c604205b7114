/* SPDX-License-Identifier: Apache-2.0 */
/* Asking the storage about units it was handed: whose fault a conflict is, and whether a batch
 * whose commit failed is there all the same. */
#ifndef STORE_LOOKUP_H
#define STORE_LOOKUP_H

#include "store/inside.h"

/* Does a condition of one of the caller's own rows of units[i] fail? Seen as the storage sees it:
 * after the units before it, leaving out those already `refused`. */
int lookup_conflict(const struct link *link, struct unit *const *units, const bool *refused,
                    size_t i, bool *out, struct smg_err *err);

/* Was the batch committed? It is there whole or not at all, so one row that only this batch can
 * have put there (new, with a value) answers for all of it: one of the callers' own, or else one of
 * those staged (then units[count] is the stage's own unit). A batch without such a row counts as
 * committed when all its rows are as it would have left them. */
int lookup_committed(const struct link *link, struct unit *const *units, size_t count, bool staged,
                     bool *out, struct smg_err *err);

#endif
