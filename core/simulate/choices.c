/* SPDX-License-Identifier: Apache-2.0 */
/* Choices, made and made smaller. */
#include "simulate/choices.h"

#include <string.h>

/* SplitMix64: every seed is a good one, and it is the same on every machine. */
static uint64_t next_random(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9E3779B97F4A7C15);

    z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
    return z ^ z >> 31;
}

uint64_t choices_seed(uint64_t seed, uint64_t which)
{
    uint64_t state = seed + which * UINT64_C(0xD1342543DE82EF95);

    return next_random(&state);
}

void choices_begin(struct choices *choices, uint64_t seed)
{
    choices->state = seed;
    choices->random = true;
    choices->given = choices->count = 0;
}

void choices_repeat(struct choices *choices, const uint32_t *made, size_t count)
{
    choices->random = false;
    choices->given = count;
    choices->count = 0;
    memmove(choices->made, made, count * sizeof *made);
}

uint32_t choices_make(struct choices *choices, uint32_t limit)
{
    uint32_t choice = 0;

    if (choices->count == CHOICES_MAX)
        return 0;
    if (choices->count < choices->given)
        choice = choices->made[choices->count];
    else if (choices->random)
        choice = (uint32_t)(next_random(&choices->state) % limit);
    if (choice >= limit)
        choice = limit - 1;
    choices->made[choices->count++] = choice;
    return choice;
}

struct shrinking {
    struct choices *best;
    choices_fails_fn fails;
    void *ctx;
    unsigned runs, most;
};

/* Fewer choices are smaller, then the first smaller one decides. */
static bool is_smaller(const struct choices *a, const struct choices *b)
{
    size_t i;

    if (a->count != b->count)
        return a->count < b->count;
    for (i = 0; i < a->count; i++)
        if (a->made[i] != b->made[i])
            return a->made[i] < b->made[i];
    return false;
}

/* Does this still fail, and is it really smaller? Then it is the best. */
static bool take(struct shrinking *shrinking, const uint32_t *made, size_t count)
{
    struct choices attempt;

    if (shrinking->runs == shrinking->most)
        return false;
    shrinking->runs++;
    choices_repeat(&attempt, made, count);
    if (!shrinking->fails(shrinking->ctx, &attempt) || !is_smaller(&attempt, shrinking->best))
        return false;
    memcpy(shrinking->best->made, attempt.made, attempt.count * sizeof *attempt.made);
    shrinking->best->count = attempt.count;
    return true;
}

/* Leave out `size` choices at a time, from the end. */
static bool leave_out(struct shrinking *shrinking, size_t size)
{
    const struct choices *best = shrinking->best;
    uint32_t made[CHOICES_MAX];
    bool any = false;
    size_t at;

    for (at = best->count; at-- > 0;) {
        if (at + size > best->count)
            continue;
        memcpy(made, best->made, at * sizeof *made);
        memcpy(made + at, best->made + at + size, (best->count - at - size) * sizeof *made);
        any = take(shrinking, made, best->count - size) || any;
    }
    return any;
}

/* A choice may say how many others follow: make one smaller by one, and leave out `size` after it.
 */
static bool shorten(struct shrinking *shrinking, size_t size)
{
    const struct choices *best = shrinking->best;
    uint32_t made[CHOICES_MAX];
    bool any = false;
    size_t at, out;

    for (at = 0; at < best->count; at++)
        for (out = at + 1; best->made[at] > 0 && out + size <= best->count; out++) {
            memcpy(made, best->made, out * sizeof *made);
            memcpy(made + out, best->made + out + size, (best->count - out - size) * sizeof *made);
            made[at]--;
            any = take(shrinking, made, best->count - size) || any;
        }
    return any;
}

/* Make each choice as small as it can be, the others staying. */
static bool lower(struct shrinking *shrinking)
{
    const struct choices *best = shrinking->best;
    uint32_t made[CHOICES_MAX];
    bool any = false;
    size_t at;

    for (at = 0; at < best->count; at++) {
        uint32_t low = 0;

        while (at < best->count && low < best->made[at]) {
            uint32_t middle = low + (best->made[at] - low) / 2;

            memcpy(made, best->made, best->count * sizeof *made);
            made[at] = middle;
            if (take(shrinking, made, best->count))
                any = true;
            else
                low = middle + 1;
        }
    }
    return any;
}

unsigned choices_shrink(struct choices *choices, choices_fails_fn fails, void *ctx, unsigned most)
{
    struct shrinking shrinking = { .best = choices, .fails = fails, .ctx = ctx, .most = most };
    bool any = true;
    size_t size;

    while (any && shrinking.runs < most) {
        any = false;
        for (size = 8; size > 0; size /= 2)
            any = leave_out(&shrinking, size) || any;
        any = lower(&shrinking) || any;
        for (size = 4; size > 0 && !any; size /= 2)
            any = shorten(&shrinking, size);
    }
    return shrinking.runs;
}
