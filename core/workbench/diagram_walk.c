/* SPDX-License-Identifier: Apache-2.0 */
/* Walks over whole diagrams, from the leaves up: counting, the nearest case, taking sets apart. */
#include "workbench/diagram_inside.h"

#include <stdlib.h>
#include <string.h>

/* The nodes a set is made of. A branch leads to a node made earlier, so going up by number every
 * node comes after those below it. */
struct ordered {
    diagram *nodes;
    size_t count;
    uint32_t *index; /* where each node stands; by node */
};

static bool order_below(const struct diagrams *all, diagram a, struct ordered *out)
{
    diagram i;
    size_t value;

    out->index = calloc((size_t)a + 2, sizeof *out->index);
    out->nodes = malloc(((size_t)a + 2) * sizeof *out->nodes);
    if (out->index == NULL || out->nodes == NULL)
        return false;
    out->index[a] = 1;
    for (i = a; i > DIAGRAM_ALL; i--)
        for (value = 0; out->index[i] != 0 && value < all->values[all->nodes[i].variable]; value++)
            out->index[diagram_branch(all, i, value)] = 1;
    for (i = DIAGRAM_ALL + 1; i <= a; i++)
        if (out->index[i] != 0) {
            out->index[i] = (uint32_t)out->count;
            out->nodes[out->count++] = i;
        }
    return true;
}

static void ordered_fini(struct ordered *ordered)
{
    free(ordered->nodes);
    free(ordered->index);
}

/* The cases over the variables from `from` up to before `to`. */
static void scale(const struct diagrams *all, struct natural *n, size_t from, size_t to)
{
    for (; from < to; from++)
        natural_multiply(n, all->counted[from]);
}

static void count_node(const struct diagrams *all, const struct ordered *ordered,
                       const struct natural *counts, diagram a, struct natural *out)
{
    size_t variable = all->nodes[a].variable, i;
    struct natural part;

    natural_set(out, 0);
    for (i = 0; i + all->unknown < all->values[variable]; i++) {
        diagram next = diagram_branch(all, a, i);

        if (next == DIAGRAM_NONE)
            continue;
        if (next == DIAGRAM_ALL)
            natural_set(&part, 1);
        else
            part = counts[ordered->index[next]];
        scale(all, &part, variable + 1, all->nodes[next].variable);
        natural_add(out, &part);
    }
}

bool diagram_count(struct diagrams *all, diagram a, struct natural *out)
{
    struct ordered ordered = { 0 };
    struct natural *counts = NULL;
    bool counted = false;
    size_t i;

    natural_set(out, a == DIAGRAM_NONE ? 0 : 1);
    if (a <= DIAGRAM_ALL) {
        scale(all, out, 0, all->variables);
        return true;
    }
    if (order_below(all, a, &ordered))
        counts = malloc(ordered.count * sizeof *counts);
    if (counts != NULL) {
        for (i = 0; i < ordered.count; i++)
            count_node(all, &ordered, counts, ordered.nodes[i], &counts[i]);
        *out = counts[ordered.count - 1];
        scale(all, out, 0, all->nodes[a].variable);
        counted = true;
    }
    free(counts);
    ordered_fini(&ordered);
    return counted;
}

/* ---- the nearest case ---- */

enum { NEVER = INT32_MAX }; /* no path, or a value that is not to be had */

struct search {
    const struct diagrams *all;
    struct ordered ordered;
    diagram_cost_fn cost;
    void *ctx;
    long *free; /* by variable: the cheapest values of all variables before it, together */
    long *best; /* by place in `ordered` */
};

/* The first of the cheapest values, or -1 when none is to be had. */
static int cheapest(const struct search *search, size_t variable)
{
    int best = -1, least = 0, i;

    for (i = 0; i < search->all->values[variable]; i++) {
        int cost = search->cost(search->ctx, variable, (size_t)i);

        if (cost >= 0 && (best < 0 || cost < least)) {
            best = i;
            least = cost;
        }
    }
    return best;
}

static long add_costs(long a, long b)
{
    return a >= NEVER || b >= NEVER ? NEVER : a + b;
}

/* From this value of the node's variable to ALL. */
static long through(const struct search *search, diagram a, size_t value)
{
    size_t variable = search->all->nodes[a].variable, to;
    diagram next = diagram_branch(search->all, a, value);
    int cost = search->cost(search->ctx, variable, value);
    long rest;

    if (next == DIAGRAM_NONE || cost < 0)
        return NEVER;
    to = search->all->nodes[next].variable;
    rest = next == DIAGRAM_ALL ? 0 : search->best[search->ordered.index[next]];
    return add_costs(add_costs(cost, rest), search->free[to] - search->free[variable + 1]);
}

static void find_costs(struct search *search)
{
    size_t i, value;

    for (i = 0; i < search->ordered.count; i++) {
        diagram a = search->ordered.nodes[i];

        search->best[i] = NEVER;
        for (value = 0; value < search->all->values[search->all->nodes[a].variable]; value++) {
            long cost = through(search, a, value);

            if (cost < search->best[i])
                search->best[i] = cost;
        }
    }
}

/* The cheaper, then the earlier of the values that lead to the best. */
static size_t best_value(const struct search *search, diagram a)
{
    size_t variable = search->all->nodes[a].variable, value, best = 0;
    long least = search->best[search->ordered.index[a]];
    int least_cost = -1;

    for (value = 0; value < search->all->values[variable]; value++) {
        int cost = search->cost(search->ctx, variable, value);

        if (through(search, a, value) == least && (least_cost < 0 || cost < least_cost)) {
            best = value;
            least_cost = cost;
        }
    }
    return best;
}

static void follow(const struct search *search, diagram a, uint8_t *values)
{
    size_t i;

    for (i = 0; i < search->all->variables; i++) {
        if (search->all->nodes[a].variable != i) {
            values[i] = (uint8_t)cheapest(search, i);
            continue;
        }
        values[i] = (uint8_t)best_value(search, a);
        a = diagram_branch(search->all, a, values[i]);
    }
}

/* false: some variable has no value to be had at all. */
static bool find_free(struct search *search)
{
    size_t i;

    for (i = 0; i < search->all->variables; i++) {
        int value = cheapest(search, i);

        if (value < 0)
            return false;
        search->free[i + 1] = search->free[i] + search->cost(search->ctx, i, (size_t)value);
    }
    return true;
}

long diagram_nearest(const struct diagrams *all, diagram a, diagram_cost_fn cost, void *ctx,
                     uint8_t *values)
{
    struct search search = { .all = all, .cost = cost, .ctx = ctx };
    long found = -2;

    if (a == DIAGRAM_NONE)
        return -1;
    search.free = calloc(all->variables + 1, sizeof *search.free);
    if (search.free != NULL && order_below(all, a, &search.ordered))
        search.best = calloc(search.ordered.count + 1, sizeof *search.best);
    if (search.best != NULL) {
        found = -1;
        if (find_free(&search)) {
            find_costs(&search);
            found = a == DIAGRAM_ALL ? 0 : search.best[search.ordered.count - 1];
            found = add_costs(found, search.free[all->nodes[a].variable]);
            found = found >= NEVER ? -1 : found;
        }
        if (found >= 0)
            follow(&search, a, values);
    }
    free(search.free);
    free(search.best);
    ordered_fini(&search.ordered);
    return found;
}

/* ---- sets apart ---- */

/* The node of one diagram in another's terms; what lies below it was moved before. */
static void move(const struct diagrams *all, diagram from, struct diagrams *apart, diagram *moved)
{
    size_t variable = all->nodes[from].variable, value;
    diagram branches[256];

    for (value = 0; value < all->values[variable]; value++)
        branches[value] = moved[diagram_branch(all, from, value)];
    moved[from] = diagram_node(apart, variable, branches);
}

struct diagrams *diagrams_apart(const struct diagrams *all, diagram *roots, size_t count)
{
    struct diagrams *apart = diagrams_new(all->values, all->variables, all->unknown);
    diagram *moved = calloc(all->count, sizeof *moved);
    bool good = apart != NULL && moved != NULL;
    size_t root, i;

    if (moved != NULL)
        moved[DIAGRAM_ALL] = DIAGRAM_ALL;
    for (root = 0; good && root < count; root++) {
        struct ordered ordered = { 0 };

        good = order_below(all, roots[root], &ordered);
        for (i = 0; good && i < ordered.count; i++)
            move(all, ordered.nodes[i], apart, moved);
        ordered_fini(&ordered);
        roots[root] = moved[roots[root]];
    }
    free(moved);
    if (good && !apart->failed)
        return apart;
    diagrams_free(apart);
    return NULL;
}

bool diagram_tests(const struct diagrams *all, diagram a, bool *tests)
{
    struct ordered ordered = { 0 };
    bool good = order_below(all, a, &ordered);
    size_t i;

    for (i = 0; good && i < ordered.count; i++)
        tests[all->nodes[ordered.nodes[i]].variable] = true;
    ordered_fini(&ordered);
    return good;
}
