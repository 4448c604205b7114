/* SPDX-License-Identifier: Apache-2.0 */
/* The tamper-evident log: who did what to which record, a Merkle tree (RFC 6962, 2.1) over leaves
 * written in the same commit as what they tell of. It holds keyed digests, never personal data, so
 * it outlives the data. */
#ifndef AUDIT_AUDIT_H
#define AUDIT_AUDIT_H

#include "crypto/seal.h"
#include "store/store.h"

/* One thing that happened. Texts are ids and words, at most 200 bytes of UTF-8 each, no control
 * characters. What breaks this is written all the same, cut and with '?' for the bytes that may not
 * be there: a bad text must not keep an event out of the log. */
struct audit_event {
    int64_t at_ms;
    struct smg_str actor;   /* staff id, or "gateway" */
    struct smg_str action;  /* "registration.accepted", "registration.read", ... */
    struct smg_str object;  /* id of the record, or "" */
    struct smg_str purpose; /* X-Purpose of a disclosure, or "" */
    uint8_t digest[32]; /* keyed_digest(KEY_AUDIT), one part, of the stored bytes; zeros: none */
};
/* Make the unit carry this event; it becomes a leaf when the unit is committed. */
void audit_note(struct unit *unit, const struct audit_event *event);

/* A stream is one gateway's log (its node name); the verbs write their own ("NODE.cli"). Leaves are
 * rows (stream, sequence) that must be new, so two writers of one stream cannot fork it: the second
 * finds its row taken, reads the stream's head again and goes on. Every batch with events rewrites
 * the head row (size, peaks, MAC); a signed checkpoint row is added at most once a second, and one
 * that was asked for follows with the next batch. All of it goes into the batch's own unit
 * (`last`), so the callers' units are never refused for the log's sake. */
struct audit;
/* stream: 1 to 63 letters, digits, '-', '_', '.'. */
struct audit *audit_new(const struct keyring *keyring, const char *stream, struct smg_err *err);
/* After store_free, before the storage's instance_free. */
void audit_free(struct audit *audit);
/* For store_new. audit_attach must have been called with the storage before the first batch: it
 * reads how far the stream has come, and refuses (SMG_E_DENIED) a head that was altered. */
struct store_stage audit_stage(struct audit *audit);
int audit_attach(struct audit *audit, struct instance *storage, struct smg_err *err);

struct audit_checkpoint {
    char stream[64];
    uint64_t size;
    int64_t at_ms;
    uint8_t root[32];
    uint8_t signature[64]; /* Ed25519 over the text of audit_checkpoint_write without this line */
};
/* The newest signed checkpoint of this process's stream; signs one now when leaves came since. Any
 * thread, never waits for the storage; SMG_E_NOT_FOUND before the first leaf. */
int audit_checkpoint(struct audit *audit, int64_t now_ms, struct audit_checkpoint *out,
                     struct smg_err *err);
/* Five lines: "shiming/STREAM", size, root, time (RFC 3339), signature; root and signature in
 * base64url. */
void audit_checkpoint_write(const struct audit_checkpoint *checkpoint, struct buf *out);
bool audit_checkpoint_read(struct smg_str text, struct audit_checkpoint *out);
bool audit_checkpoint_is_signed(const struct audit_checkpoint *checkpoint,
                                const struct keyring *keyring);

/* Go through every stream of a storage: each leaf's MAC and place, the tree, head, every
 * checkpoint's signature and root; and, with `records`, that each registration's row is the one its
 * newest leaf with a digest ("registration.accepted", ...) tells of, and that none is missing but
 * those that "registration.destroyed" names. What is written meanwhile does no harm. A storage set
 * back as a whole to an earlier day is whole in itself: compare with a checkpoint kept elsewhere.
 *
 * tell is called for each finding: where (stream and sequence, for a checkpoint its size; "" for a
 * row of no stream) and what. Returns SMG_OK when none, SMG_E_DENIED when there were, another code
 * when the storage could not be read. */
struct audit_totals {
    uint64_t streams, leaves, checkpoints, records;
};
typedef void (*audit_tell_fn)(void *ctx, const char *stream, uint64_t sequence, const char *what);
int audit_verify(struct instance *storage, const struct keyring *keyring, bool records,
                 audit_tell_fn tell, void *ctx, struct audit_totals *totals, struct smg_err *err);

/* What a row of the space AUDIT tells, when it is a leaf. Texts point into value. It is taken at
 * its word: audit_verify is what checks it. */
bool audit_event_read(struct smg_str key, struct smg_str value, struct audit_event *out);

/* The tree itself, for proofs and tests. */
void merkle_leaf(struct smg_str leaf, uint8_t out[32]);
void merkle_node(const uint8_t left[32], const uint8_t right[32], uint8_t out[32]);
/* Peaks of a tree that grows: root of `size` leaves from at most 64 hashes. peak[i] is the root of
 * a whole tree of 2^i leaves, and counts when bit i of size is set. */
struct merkle {
    uint64_t size;
    uint8_t peak[64][32];
};
void merkle_add(struct merkle *tree, const uint8_t leaf_hash[32]);
void merkle_root(const struct merkle *tree, uint8_t out[32]);

#endif
