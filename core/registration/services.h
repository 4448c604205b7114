/* SPDX-License-Identifier: Apache-2.0 */
/* Verification services (article 10): verifier instances live on one loop, cases on others. A
 * question goes over, its answer comes back, always and in time. */
#ifndef REGISTRATION_SERVICES_H
#define REGISTRATION_SERVICES_H

#include "plugin/decoder.h"
#include "plugin/instance.h"
#include "registration/answer.h"

struct services;

/* loop: where the instances live. */
struct services *services_new(struct loop *loop);
void services_free(struct services *services); /* not the instances */
/* Before the first question. deadline_ms 0: 3 s. */
bool services_add(struct services *services, struct instance *instance, int64_t deadline_ms);

/* Portraits of the form WLT are shown as the picture this makes of them, or as they are when it
 * makes none. Before the first question; NULL: they are never decoded. */
void services_decode_with(struct services *services, struct decoder *decoder);

/* Pictures a service may look at, by the field each has for it (see the plugin header). */
enum services_picture {
    PICTURE_PORTRAIT = 1,      /* portrait */
    PICTURE_CHIP_PORTRAIT = 2, /* document.portrait */
    PICTURE_DOCUMENT = 4       /* document.photo */
};
/* The pictures it looks at: a mask; 0 when there is no such service. */
unsigned services_pictures(const struct services *services, const char *name);

typedef void (*services_done_fn)(void *ctx, const struct check *check);

/* Ask service `name` about the person `of` ("customer"): the fields under that name, without it,
 * and the card's portrait as document.portrait if the service looks at it. Fields of `stored` are
 * added as they are: pictures that were opened for this; NULL: none. fn is called once, later, on
 * `loop`. check.result: "match", "mismatch", "unknown" as the service said, or "unavailable": no
 * such service, no answer in time, or an answer that is none of these. */
void services_ask(struct services *services, const char *name, const char *of,
                  const struct smg_fields *fields, const struct smg_fields *stored,
                  struct loop *loop, services_done_fn fn, void *ctx);

/* How a service is doing since the start; any thread may look. */
enum { SERVICES_RESULTS = 4, SERVICES_BOUNDS = 9 };
extern const char *const services_results[SERVICES_RESULTS]; /* "match", ..., "unavailable" */
extern const int64_t services_bounds_ms[SERVICES_BOUNDS];    /* of the histogram below */
struct service_status {
    const char *name;
    bool in_service; /* as the plugin says: false while its breaker is open */
    char why[256];   /* not, or "" */
    uint64_t results[SERVICES_RESULTS], waiting, took_us;
    uint64_t within[SERVICES_BOUNDS]; /* answers that took at most so long, unavailable ones too */
};
size_t services_count(const struct services *services);
void services_status(const struct services *services, size_t i, struct service_status *out);

#endif
