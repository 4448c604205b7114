/* SPDX-License-Identifier: Apache-2.0 */
/* Verification services (article 10): verifier instances live on one loop, cases on others. A
 * question goes over, its answer comes back, always and in time. */
#ifndef REGISTRATION_SERVICES_H
#define REGISTRATION_SERVICES_H

#include "plugin/instance.h"
#include "registration/answer.h"

struct services;

/* loop: where the instances live. */
struct services *services_new(struct loop *loop);
void services_free(struct services *services); /* not the instances */
/* Before the first question. deadline_ms 0: 3 s. */
bool services_add(struct services *services, struct instance *instance, int64_t deadline_ms);
bool services_knows(const struct services *services, const char *name);

typedef void (*services_done_fn)(void *ctx, const struct check *check);

/* Ask service `name` about the person `of` ("customer"): the fields under that name, without it. fn
 * is called once, later, on `loop`. check.result: "match", "mismatch", "unknown" as the service
 * said, or "unavailable": no such service, no answer in time, or an answer that is none of these.
 */
void services_ask(struct services *services, const char *name, const char *of,
                  const struct smg_fields *fields, struct loop *loop, services_done_fn fn,
                  void *ctx);

#endif
