/* SPDX-License-Identifier: Apache-2.0 */
/* Properties proved over every case, or refuted by one. */
#ifndef WORKBENCH_PROVE_H
#define WORKBENCH_PROVE_H

#include "policy/property.h"
#include "workbench/space.h"

enum proof_outcome {
    PROOF_HOLDS,
    PROOF_FAILS,  /* there is a counterexample */
    PROOF_VACUOUS /* its `when` never holds: it says nothing */
};
struct proof {
    const struct property *property;
    enum proof_outcome outcome;
    struct natural meant; /* cases it speaks of, nothing unknown */
    struct natural failing;
    uint8_t *counterexample;     /* by variable of the space; NULL unless it fails */
    enum verdict verdict;        /* of the counterexample */
    diagram violated;            /* in the space */
    diagram like_counterexample; /* and decided as it is; something else may be unknown */
};

/* Property i over reading 0 of the space. false: problems says why it cannot be judged. proof_fini
 * in any case. */
bool prove(struct space *space, struct properties *properties, size_t i, struct proof *out,
           struct buf *problems);
void proof_fini(struct proof *proof);

/* Told of each property; the proof lives during the call. */
typedef void (*proof_fn)(void *ctx, struct space *space, const struct proof *proof);
/* Every property of a file, or of the files ID_properties.lua beside the regulations in force.
 * Returns how many do not hold; negative: some cannot be judged, and problems says why. */
int prove_file(struct space *space, const char *name, struct smg_str text, proof_fn tell, void *ctx,
               struct buf *problems);
int prove_beside(struct space *space, const char *path, proof_fn tell, void *ctx,
                 struct buf *problems);

#endif
