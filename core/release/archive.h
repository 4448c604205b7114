/* SPDX-License-Identifier: Apache-2.0 */
/* The archive: every policy text that was ever active, in the store's policy space, so that any
 * decision can be made again. The texts are public law and lie there unsealed; their names are
 * their digests, which are checked whenever they are read.
 *
 *   "text/sha256:..." -> a text, once, whichever sets it belongs to
 *   "set/sha256:..."  -> a set by policy_set_hash: when it was first active, and its texts by name,
 *                        digest and order (documents, vocabulary, then the stack)
 */
#ifndef RELEASE_ARCHIVE_H
#define RELEASE_ARCHIVE_H

#include "policy/policy.h"
#include "store/store.h"

/* The rows of a set. The set's own row must be new: a write that ends in SMG_E_EXISTS says that the
 * archive holds the set already, which is as good. A set decides nothing before that is known.
 * at_ms: when it becomes active. */
int archive_put(struct unit *unit, const struct policy_set *set, int64_t at_ms,
                struct smg_err *err);
/* The same, written and waited for; SMG_OK when the archive holds the set. */
int archive_keep(struct store *store, const struct policy_set *set, int64_t at_ms,
                 struct smg_err *err);

/* A set again from its texts, the caller's to free. hash: as policy_set_hash gave it.
 * SMG_E_NOT_FOUND: the archive has no such set; SMG_E_DENIED: a row is missing, or not what its
 * name says. Waits for the storage. */
int archive_load(struct store *store, const char *hash, struct policy_set **set,
                 struct smg_err *err);

#endif
