/* SPDX-License-Identifier: Apache-2.0 */
/* The world of one scenario: a gateway made of the real parts (desk, policies, store, audit log,
 * outbox) on one loop in simulated time, and what stands around it: storage, services, recipients.
 */
#ifndef SIMULATE_WORLD_H
#define SIMULATE_WORLD_H

#include "registration/desk.h"
#include "simulate/memory.h"
#include "simulate/scripted.h"
#include "supervision/staff.h"

enum {
    WORLD_SERVICES = 8,
    WORLD_RECIPIENTS = 4,
    WORLD_TOKEN_TTL_MS = 15 * 60 * 1000,
    WORLD_EVIDENCE_KEPT_MS = 24 * 3600 * 1000
};

/* A line of the simulated gateway to the outside. */
struct world_line {
    struct library *library;
    struct instance *instance;
};

struct world {
    const struct keyring *keyring;
    struct rules rules; /* while no gateway runs; else they are the desk's */
    char region[7];

    /* around the gateway */
    struct memory *memory;
    struct scripted_service services[WORLD_SERVICES];
    struct scripted_recipient recipients[WORLD_RECIPIENTS];
    size_t service_count, recipient_count;

    /* the gateway */
    bool running;
    struct loop *loop;
    struct world_line storage, lines[WORLD_SERVICES + WORLD_RECIPIENTS];
    size_t line_count;
    struct audit *audit;
    struct store *store;
    struct services *asked;
    struct outbox *outbox;
    struct desk desk;
    struct tally tally;
    unsigned open; /* calls under way */
    struct {
        struct store_write write;
        struct smg_err err;
        bool over;
    } row; /* what world_apply writes */
};

/* Simulated time begins at at_ms; services and recipients are added before world_start. keyring
 * outlives the world. TAKES the rules, whether it fails or not; world_close gives back those it has
 * then. One world at a time in a process. */
bool world_open(struct world *world, const struct keyring *keyring, struct rules *rules,
                const char *region, int64_t at_ms);
void world_close(struct world *world, struct rules *rules);
/* NULL: there are enough. The name is how policies call it. */
struct scripted_service *world_service(struct world *world, const char *name);
struct scripted_recipient *world_recipient(struct world *world, const char *name);

int world_start(struct world *world, struct smg_err *err);
/* Orderly, or as if somebody pulled the plug: then what was under way is lost, and answered to
 * nobody. Takes some seconds of simulated time. */
void world_stop(struct world *world, bool crash);

/* A request under way. Its outcome is kept until call_fini. */
struct call {
    struct world *world;
    bool over, lost;
    int64_t at_ms; /* when it was answered */
    int status;
    const char *type;
    bool repeated;
    struct buf body;
};
void call_begin(struct world *world, struct call *call);
void call_answer(void *call, struct outcome *outcome); /* an outcome_fn */
void call_fini(struct call *call);

/* Let time pass until the moment, or until *over. over NULL: until the moment. */
void world_run(struct world *world, int64_t until_ms, const bool *over);

/* Write rows as the verbs would: dealers, staff. TAKES unit. */
int world_apply(struct world *world, struct unit *unit, struct smg_err *err);

#endif
