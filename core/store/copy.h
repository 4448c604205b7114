/* SPDX-License-Identifier: Apache-2.0 */
/* Whole stores, row by row, while no gateway uses them: all of one seen, all of one put into
 * another. The calls block; never on a loop's thread. */
#ifndef STORE_COPY_H
#define STORE_COPY_H

#include "store/store.h"

/* Shown each row; false ends it. */
typedef bool (*store_seen_fn)(void *ctx, enum smg_space space, struct smg_str key,
                              struct smg_str value);

/* Show every row, by space and key. Each space is seen at one moment. */
int store_walk(struct instance *storage, store_seen_fn fn, void *ctx, struct smg_err *err);

struct store_copied {
    uint64_t rows, bytes; /* of keys and values, by this call and those that were cut off before */
};

/* Called after each commit; false ends the copy, which can go on later. */
typedef bool (*store_copied_fn)(void *ctx, const struct store_copied *so_far);

/* Put every row of `from` into `to`, which must be empty (SMG_E_EXISTS) or hold the beginning of
 * such a copy: then it goes on where that one was cut off, at any moment, by whatever. Until
 * store_copy_end no store opens `to`. SMG_E_CANCELLED: fn ended it. */
int store_copy(struct instance *from, struct instance *to, store_copied_fn fn, void *ctx,
               struct store_copied *out, struct smg_err *err);
int store_copy_end(struct instance *to, struct smg_err *err);

#endif
