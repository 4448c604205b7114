/* SPDX-License-Identifier: Apache-2.0 */
/* From a case of a space to an application somebody can hand in. The workbench knows no forms:
 * whoever does lends it a function. */
#ifndef WORKBENCH_APPLICATION_H
#define WORKBENCH_APPLICATION_H

#include "workbench/space.h"

/* All empty when there is no application at all. */
struct application_made {
    struct buf json;
    struct buf answers; /* what services and registries say of it: "customer.verified=match,..." */
    struct buf facts;   /* what it comes to: "name=value\n" lines */
    struct buf missed;  /* wanted facts that came out otherwise: names, commas between */
};
void application_made_fini(struct application_made *made);

/* Makes an application with these facts, or nearly these (registration/example.h). made: { 0 }. */
typedef void (*application_fn)(void *ctx, const struct policy_set *set, const struct answer *facts,
                               size_t count, const char *region, struct smg_date on,
                               struct application_made *made);

/* An application that is one of `cases`, near the sample: of the last set of the space that knows
 * the facts that make the sample one of them. false, and nothing made, when fn is NULL, or what it
 * makes is another case. */
bool application_of(const struct space *space, diagram cases, const uint8_t *values,
                    application_fn fn, void *ctx, struct application_made *made);
/* The same as members of a JSON object, each after a comma: "application" and "answers", or
 * nothing.
 */
void application_json(const struct space *space, diagram cases, const uint8_t *values,
                      application_fn fn, void *ctx, struct buf *out);

#endif
