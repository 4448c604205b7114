/* SPDX-License-Identifier: Apache-2.0 */
/* Nodes are kept once each (a hash table finds an equal one), so equal sets are equal numbers. */
#include "workbench/diagram.h"

#include <stdlib.h>
#include <string.h>

enum { NODES_MAX = 4000000, CACHE = 1 << 16 };

struct node {
    uint32_t first; /* where its branches begin */
    uint16_t variable;
};

enum operation { AND = 1, OR, MINUS, XOR, FOR_ALL };

struct entry {
    diagram a, b, result;
    uint32_t operation; /* 0: empty */
};

struct diagrams {
    uint8_t *values;
    uint8_t *counted; /* by variable: the values that make cases different */
    size_t variables;
    unsigned unknown;
    struct node *nodes;
    size_t count, room;
    diagram *branches;
    size_t branch_count, branch_room;
    uint32_t *table; /* open hashing; 0 is empty, as NONE is never looked for */
    size_t table_size;
    struct entry *cache;
    bool failed;
};

struct diagrams *diagrams_new(const uint8_t *values, size_t variables, unsigned unknown)
{
    struct diagrams *all = calloc(1, sizeof *all);
    size_t i;

    if (all == NULL)
        return NULL;
    all->variables = variables;
    all->unknown = unknown;
    all->table_size = 1 << 12;
    all->room = 1 << 11;
    all->branch_room = 1 << 13;
    all->values = malloc(variables + 1);
    all->counted = malloc(variables + 1);
    all->nodes = calloc(all->room, sizeof *all->nodes);
    all->branches = calloc(all->branch_room, sizeof *all->branches);
    all->table = calloc(all->table_size, sizeof *all->table);
    all->cache = calloc(CACHE, sizeof *all->cache);
    if (all->values == NULL || all->counted == NULL || all->nodes == NULL ||
        all->branches == NULL || all->table == NULL || all->cache == NULL) {
        diagrams_free(all);
        return NULL;
    }
    for (i = 0; i < variables; i++) {
        all->values[i] = values[i];
        all->counted[i] = (uint8_t)(values[i] - unknown);
    }
    all->nodes[DIAGRAM_NONE].variable = all->nodes[DIAGRAM_ALL].variable = (uint16_t)variables;
    all->count = 2;
    return all;
}

void diagrams_free(struct diagrams *all)
{
    if (all == NULL)
        return;
    free(all->values);
    free(all->counted);
    free(all->nodes);
    free(all->branches);
    free(all->table);
    free(all->cache);
    free(all);
}

void diagrams_leave_out(struct diagrams *all, size_t variable)
{
    all->counted[variable] = 1;
}

bool diagrams_failed(const struct diagrams *all)
{
    return all->failed;
}

size_t diagrams_size(const struct diagrams *all)
{
    return all->count;
}

/* ---- nodes ---- */

static uint64_t mix(uint64_t hash, uint64_t value)
{
    hash = (hash ^ value) * 0x9e3779b97f4a7c15u;
    return hash ^ hash >> 29;
}

static size_t place_of(const struct diagrams *all, size_t variable, const diagram *branches)
{
    uint64_t hash = mix(1, variable);
    size_t i;

    for (i = 0; i < all->values[variable]; i++)
        hash = mix(hash, branches[i]);
    return (size_t)hash & (all->table_size - 1);
}

static const diagram *branches_of(const struct diagrams *all, diagram a)
{
    return all->branches + all->nodes[a].first;
}

static bool widen_table(struct diagrams *all)
{
    size_t size = all->table_size * 2, i;
    uint32_t *table = calloc(size, sizeof *table);

    if (table == NULL)
        return false;
    free(all->table);
    all->table = table;
    all->table_size = size;
    for (i = 2; i < all->count; i++) {
        size_t at = place_of(all, all->nodes[i].variable, branches_of(all, (diagram)i));

        while (all->table[at] != 0)
            at = (at + 1) & (size - 1);
        all->table[at] = (uint32_t)i;
    }
    return true;
}

/* Room for one more node with so many branches. */
static bool make_room(struct diagrams *all, size_t branches)
{
    void *grown;

    if (all->count >= NODES_MAX)
        return false;
    if (all->count == all->room) {
        grown = realloc(all->nodes, all->room * 2 * sizeof *all->nodes);
        if (grown == NULL)
            return false;
        all->nodes = grown;
        all->room *= 2;
    }
    if (all->branch_count + branches > all->branch_room) {
        grown = realloc(all->branches, all->branch_room * 2 * sizeof *all->branches);
        if (grown == NULL)
            return false;
        all->branches = grown;
        all->branch_room *= 2;
    }
    return all->count * 2 < all->table_size || widen_table(all);
}

/* The node with these branches; the one they all lead to when they are equal. */
diagram diagram_node(struct diagrams *all, size_t variable, const diagram *branches)
{
    size_t count = all->values[variable], at, i;

    for (i = 1; i < count && branches[i] == branches[0]; i++)
        ;
    if (i == count)
        return branches[0];
    at = place_of(all, variable, branches);
    for (; all->table[at] != 0; at = (at + 1) & (all->table_size - 1)) {
        diagram found = all->table[at];

        if (all->nodes[found].variable == variable &&
            memcmp(branches_of(all, found), branches, count * sizeof *branches) == 0)
            return found;
    }
    if (!make_room(all, count)) {
        all->failed = true;
        return DIAGRAM_NONE;
    }
    at = place_of(all, variable, branches);
    while (all->table[at] != 0)
        at = (at + 1) & (all->table_size - 1);
    all->table[at] = (uint32_t)all->count;
    all->nodes[all->count] =
        (struct node){ .first = (uint32_t)all->branch_count, .variable = (uint16_t)variable };
    memcpy(all->branches + all->branch_count, branches, count * sizeof *branches);
    all->branch_count += count;
    return (diagram)all->count++;
}

/* ---- operations ---- */

/* What is settled without looking inside; the result in *out. */
static bool is_settled(enum operation operation, diagram a, diagram b, diagram *out)
{
    switch (operation) {
    case AND:
        *out = a == DIAGRAM_ALL ? b : b == DIAGRAM_ALL || a == b ? a : DIAGRAM_NONE;
        return a <= DIAGRAM_ALL || b <= DIAGRAM_ALL || a == b;
    case OR:
        *out = a == DIAGRAM_NONE ? b : b == DIAGRAM_NONE || a == b ? a : DIAGRAM_ALL;
        return a <= DIAGRAM_ALL || b <= DIAGRAM_ALL || a == b;
    case MINUS:
        *out = b == DIAGRAM_NONE ? a : DIAGRAM_NONE;
        return a == DIAGRAM_NONE || b <= DIAGRAM_ALL || a == b;
    case XOR:
        *out = a == b ? DIAGRAM_NONE : a == DIAGRAM_NONE ? b : a;
        return a == DIAGRAM_NONE || b == DIAGRAM_NONE || a == b;
    case FOR_ALL:
        break;
    }
    return false;
}

static struct entry *cached(struct diagrams *all, enum operation operation, diagram a, diagram b)
{
    return &all->cache[mix(mix(operation, a), b) & (CACHE - 1)];
}

static diagram combine(struct diagrams *all, enum operation operation, diagram a, diagram b)
{
    diagram branches[256], result;
    struct entry *entry;
    size_t variable, i;

    if (is_settled(operation, a, b, &result))
        return result;
    entry = cached(all, operation, a, b);
    if (entry->operation == operation && entry->a == a && entry->b == b)
        return entry->result;
    variable = all->nodes[a].variable;
    if (all->nodes[b].variable < variable)
        variable = all->nodes[b].variable;
    for (i = 0; i < all->values[variable]; i++)
        branches[i] = combine(all, operation,
                              all->nodes[a].variable == variable ? diagram_branch(all, a, i) : a,
                              all->nodes[b].variable == variable ? diagram_branch(all, b, i) : b);
    result = diagram_node(all, variable, branches);
    *entry = (struct entry){ a, b, result, operation };
    return result;
}

diagram diagram_and(struct diagrams *all, diagram a, diagram b)
{
    return combine(all, AND, a < b ? a : b, a < b ? b : a);
}

diagram diagram_or(struct diagrams *all, diagram a, diagram b)
{
    return combine(all, OR, a < b ? a : b, a < b ? b : a);
}

diagram diagram_minus(struct diagrams *all, diagram a, diagram b)
{
    return combine(all, MINUS, a, b);
}

diagram diagram_xor(struct diagrams *all, diagram a, diagram b)
{
    return combine(all, XOR, a < b ? a : b, a < b ? b : a);
}

diagram diagram_is(struct diagrams *all, size_t variable, size_t value)
{
    return diagram_cube(all, &variable, &value, 1);
}

diagram diagram_cube(struct diagrams *all, const size_t *variables, const size_t *values,
                     size_t count)
{
    diagram below = DIAGRAM_ALL, branches[256];

    while (count-- > 0) {
        memset(branches, 0, sizeof branches); /* NONE */
        branches[values[count]] = below;
        below = diagram_node(all, variables[count], branches);
    }
    return below;
}

diagram diagram_for_all(struct diagrams *all, diagram a, size_t variable)
{
    diagram branches[256], result;
    struct entry *entry;
    size_t here = all->nodes[a].variable, i;

    if (here > variable)
        return a;
    entry = cached(all, FOR_ALL, a, (diagram)variable);
    if (entry->operation == FOR_ALL && entry->a == a && entry->b == variable)
        return entry->result;
    result = DIAGRAM_ALL;
    for (i = 0; i < all->values[here]; i++) {
        branches[i] = diagram_branch(all, a, i);
        if (here < variable)
            branches[i] = diagram_for_all(all, branches[i], variable);
        else if (i + all->unknown < all->values[here])
            result = diagram_and(all, result, branches[i]);
    }
    if (here < variable)
        result = diagram_node(all, here, branches);
    *entry = (struct entry){ a, (diagram)variable, result, FOR_ALL };
    return result;
}

size_t diagram_variable(const struct diagrams *all, diagram a)
{
    return all->nodes[a].variable;
}

diagram diagram_branch(const struct diagrams *all, diagram a, size_t value)
{
    return branches_of(all, a)[value];
}

bool diagram_holds(const struct diagrams *all, diagram a, const uint8_t *values)
{
    while (a > DIAGRAM_ALL)
        a = diagram_branch(all, a, values[all->nodes[a].variable]);
    return a == DIAGRAM_ALL;
}

/* ---- walks from the leaves up ---- */

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
