/* SPDX-License-Identifier: Apache-2.0 */
/* One case out of a set of cases, as plain as can be: what is not to the point is as on any day. */
#ifndef WORKBENCH_SAMPLE_H
#define WORKBENCH_SAMPLE_H

#include "workbench/space.h"

enum { SAMPLE_FACTS = SET_FACTS };

/* Nothing that is read is unknown in it. false: the set has no such case, or no memory. values: one
 * a variable. */
bool sample_plain(const struct space *space, diagram cases, uint8_t *values);
/* The facts of a sample that some rule reads, as answers; texts belong to the space. Returns how
 * many; out has room for SAMPLE_FACTS. */
size_t sample_facts(const struct space *space, const uint8_t *values, struct answer *out);
/* The facts that make a sample one of `cases`: whatever the others are, it stays one. Of fewer
 * facts an application is made more easily. As sample_facts; the value NULL: not known. */
size_t sample_pinned(const struct space *space, diagram cases, const uint8_t *values,
                     struct answer *out);
/* "customer.minor=true guardian.present=false": the facts of it that are not plain. */
void sample_write(const struct space *space, const uint8_t *values, struct buf *out);

#endif
