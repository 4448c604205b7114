/* SPDX-License-Identifier: Apache-2.0 */
/* Scenarios: scripts that drive a whole gateway through simulated time, with readers, services,
 * dealers and storage that do as they are told. docs/simulation.md is the language. */
#ifndef SIMULATE_SIMULATE_H
#define SIMULATE_SIMULATE_H

#include "registration/record.h"

struct simulate_options {
    const char *policies; /* the folder of the policies, when a scenario names no other */
    uint64_t seed;
    unsigned runs; /* of each scenario that makes choices; 0: as many as it says */
    bool shrink;   /* make the choices of a failing run as small as they can be */
};

/* How one scenario went. Texts are gone when tell returns. */
struct simulate_result {
    const char *file, *name, *article; /* article: "" when it names none */
    bool passed;
    const char *why;     /* "file:line: what was expected, and what came" */
    const char *steps;   /* of the run that failed, or the last: lines of what happened when */
    const char *choices; /* of the run that failed: lines, "" when it made none */
    unsigned runs, shrinking;
    int64_t simulated_ms; /* the time that passed in the scenario's world, all runs together */
};
typedef void (*simulate_tell_fn)(void *ctx, const struct simulate_result *result);

/* One of these a process at a time: simulated time is the process's. */
struct simulation;
struct simulation *simulation_new(const struct simulate_options *options, struct smg_err *err);
void simulation_free(struct simulation *simulation);
/* Run every scenario of the file, in its order. The number of failures; negative when the file does
 * not load, or says nothing: then problems says why, as "file:line: what". */
int simulation_run(struct simulation *simulation, const char *path, struct smg_str text,
                   simulate_tell_fn tell, void *ctx, struct buf *problems);

/* Append a scenario that decides a kept case's facts again, by the texts of the stack, on the day
 * it was decided, and expects the same. It holds nothing of the person. */
void simulate_from(struct id id, const struct kept_case *kept, const char *const *stack,
                   size_t count, struct buf *out);

#endif
