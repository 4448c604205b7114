/* SPDX-License-Identifier: Apache-2.0 */
/* Stored cases, opened one after the other in the order they were made. */
#ifndef REPLAY_CASES_H
#define REPLAY_CASES_H

#include "registration/record.h"
#include "store/store.h"

/* First and last day; DATE_NONE: open. */
struct cases_range {
    struct smg_date from, to;
};

/* One case; kept is NULL when its row does not open, and err says why: SMG_E_DENIED altered or
 * moved here, SMG_E_PROTOCOL not of our form. All of it is gone when fn returns; false ends the
 * scan. */
typedef bool (*cases_fn)(void *ctx, struct id id, const struct kept_case *kept,
                         const struct smg_err *err);
/* Reads a few rows at a time, whatever their number; a gateway may write meanwhile. Waits
 * for the storage. */
int cases_scan(struct store *store, struct sealer *sealer, const struct cases_range *range,
               cases_fn fn, void *ctx, struct smg_err *err);

/* Registrations of the range without a case: each has one, and it outlives the registration. */
int cases_absent(struct store *store, const struct cases_range *range,
                 void (*fn)(void *ctx, struct id id), void *ctx, struct smg_err *err);

/* When the last case of the range was made, in milliseconds; 0 when there is none. */
int cases_last(struct store *store, const struct cases_range *range, int64_t *ms,
               struct smg_err *err);

#endif
