/* SPDX-License-Identifier: Apache-2.0 */
/* Schoolbook arithmetic on limbs of 32 bits, lowest first. */
#include "workbench/natural.h"

#include <math.h>
#include <stdlib.h>

/* The largest count there is fits (natural.h); more limbs would be a bug of ours. */
static void push(struct natural *n, uint32_t limb)
{
    if (n->count == NATURAL_LIMBS)
        abort();
    n->limb[n->count++] = limb;
}

static void trim(struct natural *n)
{
    while (n->count > 0 && n->limb[n->count - 1] == 0)
        n->count--;
}

void natural_set(struct natural *n, uint32_t value)
{
    n->count = 0;
    if (value > 0)
        push(n, value);
}

void natural_add(struct natural *n, const struct natural *more)
{
    uint64_t carry = 0;
    size_t i;

    while (n->count < more->count)
        push(n, 0);
    for (i = 0; i < n->count; i++) {
        carry += (uint64_t)n->limb[i] + (i < more->count ? more->limb[i] : 0);
        n->limb[i] = (uint32_t)carry;
        carry >>= 32;
    }
    if (carry > 0)
        push(n, (uint32_t)carry);
}

void natural_multiply(struct natural *n, uint32_t factor)
{
    uint64_t carry = 0;
    size_t i;

    for (i = 0; i < n->count; i++) {
        carry += (uint64_t)n->limb[i] * factor;
        n->limb[i] = (uint32_t)carry;
        carry >>= 32;
    }
    if (carry > 0)
        push(n, (uint32_t)carry);
    trim(n);
}

bool natural_is_zero(const struct natural *n)
{
    return n->count == 0;
}

int natural_compare(const struct natural *a, const struct natural *b)
{
    size_t i;

    if (a->count != b->count)
        return a->count < b->count ? -1 : 1;
    for (i = a->count; i-- > 0;)
        if (a->limb[i] != b->limb[i])
            return a->limb[i] < b->limb[i] ? -1 : 1;
    return 0;
}

static uint32_t divide(struct natural *n, uint32_t by)
{
    uint64_t rest = 0;
    size_t i;

    for (i = n->count; i-- > 0;) {
        rest = rest << 32 | n->limb[i];
        n->limb[i] = (uint32_t)(rest / by);
        rest %= by;
    }
    trim(n);
    return (uint32_t)rest;
}

void natural_write(const struct natural *n, struct buf *out)
{
    enum { GROUPS = NATURAL_LIMBS * 32 / 9 };
    struct natural left = *n;
    uint32_t group[GROUPS];
    size_t count = 0;

    while (left.count > 0)
        group[count++] = divide(&left, 1000);
    buf_printf(out, "%u", count == 0 ? 0 : group[count - 1]);
    while (count-- > 1)
        buf_printf(out, ",%03u", group[count - 1]);
}

void natural_write_short(const struct natural *n, struct buf *out)
{
    struct natural left = *n;
    unsigned tens = 0;

    if (n->count < 2 || (n->count == 2 && natural_double(n) < 1e10)) {
        natural_write(n, out);
        return;
    }
    while (left.count > 1) {
        divide(&left, 10);
        tens++;
    }
    while (left.limb[0] >= 100) {
        divide(&left, 10);
        tens++;
    }
    buf_printf(out, "%u.%ue%u", left.limb[0] / 10, left.limb[0] % 10, tens + 1);
}

double natural_double(const struct natural *n)
{
    double value = 0;
    size_t i;

    for (i = n->count; i-- > 0;)
        value = value * 4294967296.0 + n->limb[i];
    return isfinite(value) ? value : INFINITY;
}
