/* SPDX-License-Identifier: Apache-2.0 */
/* Nodes are kept once each (a hash table finds an equal one), so equal sets are equal numbers. */
#include "workbench/diagram_inside.h"

#include <stdlib.h>
#include <string.h>

enum { NODES_MAX = 4000000, CACHE = 1 << 16 };

enum operation { AND = 1, OR, MINUS, FOR_ALL };

struct entry {
    diagram a, b, result;
    uint32_t operation; /* 0: empty */
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

size_t diagrams_known(const struct diagrams *all, size_t variable)
{
    return all->values[variable] - all->unknown;
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
