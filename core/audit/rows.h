/* SPDX-License-Identifier: Apache-2.0 */
/* What the log's rows look like: keys, leaves, heads, checkpoints, and the MACs that bind them. For
 * this room only. All numbers are big-endian. */
#ifndef AUDIT_ROWS_H
#define AUDIT_ROWS_H

#include "audit/audit.h"

enum {
    ROW_MAC_BYTES = 32,
    ROW_TEXT_LIMIT = 200, /* bytes of one text in a leaf */
    ROW_STREAM_LIMIT = 63,
    ROW_LEAF_LIMIT = 1 + 8 + 4 * (1 + ROW_TEXT_LIMIT) + 32,
};

/* Keys: 'L' stream NUL sequence, 'C' stream NUL size, 'H' stream. */
enum row_kind { ROW_CHECKPOINT = 'C', ROW_HEAD = 'H', ROW_LEAF = 'L' };

bool row_is_stream(struct smg_str name);
void row_key(enum row_kind kind, const char *stream, uint64_t number, struct buf *out);
/* Where the keys of this stream and kind end. */
void row_key_end(enum row_kind kind, const char *stream, struct buf *out);
/* The number in a leaf's or checkpoint's key of this stream. */
bool row_key_number(struct smg_str key, const char *stream, uint64_t *out);

/* A leaf: version, moment, four texts with their lengths, digest. Its row adds the MAC. */
size_t leaf_write(const struct audit_event *event, uint8_t out[ROW_LEAF_LIMIT]);
bool leaf_read(struct smg_str leaf, struct audit_event *out); /* texts point into leaf */
/* Over the leaf, its place and the MAC before it (zeros before the first). */
int leaf_mac(struct sealer *sealer, const char *stream, uint64_t sequence,
             const uint8_t before[ROW_MAC_BYTES], struct smg_str leaf, uint8_t out[ROW_MAC_BYTES],
             struct smg_err *err);

/* How far a stream has come. */
struct head {
    struct merkle tree;
    uint8_t mac[ROW_MAC_BYTES]; /* of the newest leaf */
    uint64_t checkpoint;        /* size of the newest checkpoint row, 0: none */
};
int head_write(struct sealer *sealer, const char *stream, const struct head *head, struct buf *out,
               struct smg_err *err);
/* SMG_E_DENIED: altered. */
int head_read(struct sealer *sealer, const char *stream, struct smg_str value, struct head *out,
              struct smg_err *err);

/* A checkpoint's row names the one before it, so that none can be taken out. */
int checkpoint_row_write(struct sealer *sealer, const struct audit_checkpoint *checkpoint,
                         uint64_t previous, struct buf *out, struct smg_err *err);
/* SMG_E_DENIED: altered, or not this stream's checkpoint of this size. The signature is the
 * caller's to check. */
int checkpoint_row_read(struct sealer *sealer, const char *stream, uint64_t size,
                        struct smg_str value, struct audit_checkpoint *out, uint64_t *previous,
                        struct smg_err *err);
/* Fill everything but the stream from a tree and sign it. */
int checkpoint_sign(const struct keyring *keyring, const struct merkle *tree, int64_t now_ms,
                    struct audit_checkpoint *checkpoint, struct smg_err *err);

#endif
