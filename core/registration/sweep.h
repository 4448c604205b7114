/* SPDX-License-Identifier: Apache-2.0 */
/* Once an hour, what nobody will come back for goes: first answers older than two days, pictures
 * that no registration took, and uploads that never became whole. */
#ifndef REGISTRATION_SWEEP_H
#define REGISTRATION_SWEEP_H

#include "store/store.h"

struct sweep;

/* On the loop's thread. The store outlives it. evidence_kept_ms: how long a picture may wait for
 * its registration. Several gateways on one store sweep side by side. */
struct sweep *sweep_new(struct loop *loop, struct store *store, int64_t evidence_kept_ms,
                        struct smg_err *err);
void sweep_free(struct sweep *sweep); /* the loop no longer runs, or no walk is under way */
/* Walk through all of it now, unless a walk is under way; ended, if not NULL, is called when it is
 * over. */
void sweep_run(struct sweep *sweep, loop_fn ended, void *ctx);

struct sweep_figures {
    uint64_t answers, pictures, uploads; /* erased since the start */
};
void sweep_figures(const struct sweep *sweep, struct sweep_figures *out); /* any thread */

#endif
