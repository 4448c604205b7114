/* SPDX-License-Identifier: Apache-2.0 */
/* The choices of a run: each a number below a limit, made at random from a seed or given again. A
 * run is a function of them, so a failing one is made smaller by making its choices smaller. */
#ifndef SIMULATE_CHOICES_H
#define SIMULATE_CHOICES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CHOICES_MAX = 1024 };

struct choices {
    uint64_t state; /* of the random numbers */
    bool random;    /* else what is not given is 0 */
    size_t given;   /* the first so many of `made` are */
    size_t count;   /* made so far in this run */
    uint32_t made[CHOICES_MAX];
};

void choices_begin(struct choices *choices, uint64_t seed);
/* The same choices again, the first `count` of `made`; after them, zeros. */
void choices_repeat(struct choices *choices, const uint32_t *made, size_t count);
/* A number below limit (at least 1). After CHOICES_MAX it is 0. */
uint32_t choices_make(struct choices *choices, uint32_t limit);

/* Make the failing choices in `made` smaller while `fails` says of the changed ones that they fail
 * too. fails leaves in them what the run really made. Returns the number of runs it took, at most
 * `most`. */
typedef bool (*choices_fails_fn)(void *ctx, struct choices *choices);
unsigned choices_shrink(struct choices *choices, choices_fails_fn fails, void *ctx, unsigned most);

/* A seed of its own for each of many runs. */
uint64_t choices_seed(uint64_t seed, uint64_t which);

#endif
