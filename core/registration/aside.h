/* SPDX-License-Identifier: Apache-2.0 */
/* Work that takes the longer the larger a picture is (its checksum, its digest, sealing it) is done
 * aside: on threads that all desks share, so that no loop is late for it. */
#ifndef REGISTRATION_ASIDE_H
#define REGISTRATION_ASIDE_H

#include "registration/desk.h"

/* So little is done at once: handing it over would take longer. */
enum { ASIDE_FROM_BYTES = 64 * 1024 };

/* One piece of work; the caller embeds it and keeps it until `done`. */
struct aside {
    void (*run)(void *ctx, struct sealer *sealer); /* with the sealer of the thread it runs on */
    void (*done)(void *ctx);                       /* on the desk's loop */
    void *ctx;
    struct work_job job; /* aside's */
};

/* bytes: how much there is to do. A little, and whatever a desk without such threads has to do, is
 * done before the call returns. Never fails: who may upload is limited already. */
void aside_do(const struct desk *desk, struct aside *aside, size_t bytes);

/* The threads, for desk->aside; they end before the desks' loops are freed. The key ring outlives
 * them. */
struct work *aside_new(const struct keyring *keyring, size_t threads, struct smg_err *err);

#endif
