/* SPDX-License-Identifier: Apache-2.0 */
/* Do the tests beside a regulation notice a fault in it? Each fault is planted, and is killed when
 * a test fails or the text no longer loads; proved equivalent when no case at all is decided
 * otherwise; or alive, with a case that no test holds. */
#ifndef WORKBENCH_MUTATE_H
#define WORKBENCH_MUTATE_H

#include "workbench/mutants.h"

enum fate { FATE_KILLED, FATE_EQUIVALENT, FATE_ALIVE };

/* One fault's fate; everything lasts as long as the call it is told by. */
struct fated {
    const char *file;
    const struct mutant *mutant;
    struct smg_str was, with; /* the bytes changed, and what they became */
    enum fate fate;
    const char *killer;  /* killed: the test's name, or why it does not load */
    double cases;        /* equivalent: how many were compared */
    const char *rule;    /* alive: the rule that decides otherwise */
    const char *facts;   /* alive: "customer.kind = person\n" for each fact of such a case */
    const char *says[2]; /* alive: "need guardian.present\n" for each effect, before and after */
};

struct mutation {
    size_t killed, equivalent, alive;
    size_t cases;     /* decided by the tests */
    size_t rule_runs; /* to compare and to find the tests concerned */
    size_t test_runs;
};

/* Called once for each fault, in the order of the text; `at` of `of` are done. */
typedef void (*mutate_fn)(void *ctx, const struct fated *fated, size_t at, size_t of);

/* Plant all faults in one regulation of the set. path: the folder its tests are in. false: its
 * tests fail as it is, or it could not be done; problems says which. */
bool mutate(struct policy_set *set, size_t regulation, const char *path, mutate_fn fn, void *ctx,
            struct mutation *out, struct buf *problems);

#endif
