/* SPDX-License-Identifier: Apache-2.0 */
/* A bundle: what a folder holds for a stack, loaded, checked, and held against its signed index.
 * Everything here blocks, for a second or more: never on a loop. */
#ifndef RELEASE_BUNDLE_H
#define RELEASE_BUNDLE_H

#include "crypto/signing.h"
#include "release/index.h"

/* A key whose signatures count on the days from <= day < until; DATE_NONE is open. */
struct trusted_key {
    const struct public_key *key;
    struct smg_date from, until;
};

struct bundle_source {
    const char *path; /* as policy_set_load takes it */
    const char *const *stack;
    size_t count;
    bool must_be_signed; /* else an index is not looked at */
    const struct trusted_key *keys;
    size_t key_count;
};

enum { BUNDLE_EXTRAS = 1 + 3 * DECISION_POLICIES };

struct bundle {
    struct policy_set *set;
    struct policy_text extras[BUNDLE_EXTRAS]; /* tests, properties and registers */
    struct buf extra_bytes[BUNDLE_EXTRAS];
    char extra_names[BUNDLE_EXTRAS][INDEX_NAME_BYTES];
    size_t extra_count;
    struct release_index index; /* sequence 0: it was not looked at */
    struct smg_date until;      /* the day from which key or index no longer count, or DATE_NONE */
};

/* Read, verify and load; false: problems (file:line: what) says all that is wrong. Free the bundle
 * either way. */
bool bundle_load(const struct bundle_source *source, struct smg_date today, struct bundle *out,
                 struct buf *problems);
void bundle_fini(struct bundle *bundle);
/* What must hold before a bundle may go live: its tests, and its properties. */
bool bundle_prove(const struct bundle *bundle, struct buf *problems);

/* The index text of a bundle, signed. valid_until may be DATE_NONE. */
int bundle_sign(const struct bundle *bundle, const struct signing_key *key, uint64_t sequence,
                int64_t now_ms, struct smg_date valid_until, struct buf *index,
                struct smg_err *err);
/* A new folder with the bundle's files and this index (empty: without one); SMG_E_EXISTS rather
 * than touch one. It stands there whole or not at all. */
int bundle_write(const struct bundle *bundle, struct smg_str index, const char *path,
                 struct smg_err *err);

/* Remove such a folder again, as far as its files are the bundle's. */
void bundle_remove(const struct bundle *bundle, const char *path);

#endif
