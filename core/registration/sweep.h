/* SPDX-License-Identifier: Apache-2.0 */
/* Once an hour, first answers that are older than two days go: clients no longer repeat those
 * requests. */
#ifndef REGISTRATION_SWEEP_H
#define REGISTRATION_SWEEP_H

#include "store/store.h"

struct sweep;

/* On the loop's thread. The store outlives it. */
struct sweep *sweep_new(struct loop *loop, struct store *store, struct smg_err *err);
void sweep_free(struct sweep *sweep); /* the loop no longer runs, or no walk is under way */
/* Walk through all of them now; every row that is old enough is erased. */
void sweep_run(struct sweep *sweep);

#endif
