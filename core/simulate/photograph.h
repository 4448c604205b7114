/* SPDX-License-Identifier: Apache-2.0 */
/* A picture of nobody, for scenarios. */
#ifndef SIMULATE_PHOTOGRAPH_H
#define SIMULATE_PHOTOGRAPH_H

#include "base/buf.h"

/* No two pictures that somebody takes are the same: each has its number in a text chunk. */
void photograph(unsigned number, struct buf *out);

#endif
