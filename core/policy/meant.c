/* SPDX-License-Identifier: Apache-2.0 */
/* Names followed to where they begin, a few steps far. */
#include "policy/meant.h"

enum { STEPS = 8, SEGMENTS = 8, LOOKS = 500 };

static const struct node *node_at(const struct syntax *syntax, int node)
{
    return &syntax->nodes[node];
}

/* ---- facts ---- */

/* The end of a fact's name, last segment first. An empty one may be any. */
struct tail {
    struct smg_str segments[SEGMENTS];
    size_t count;
};

static bool add_segment(struct tail *tail, struct smg_str segment)
{
    if (tail->count == SEGMENTS)
        return false;
    tail->segments[tail->count++] = segment;
    return true;
}

static bool is_assigned(const struct syntax *syntax, int declared)
{
    size_t i;
    int target;

    for (i = 0; i < syntax->count; i++)
        for (target = syntax->nodes[i].kind == NODE_ASSIGN ? syntax->nodes[i].first : NODE_NONE;
             target != NODE_NONE && node_at(syntax, target)->from < syntax->nodes[i].mark_from;
             target = node_at(syntax, target)->next)
            if (node_at(syntax, target)->kind == NODE_NAME &&
                node_at(syntax, target)->declared == declared)
                return true;
    return false;
}

/* Is the NAME a variable that is given a value only where it is declared? Then that value. */
static int value_of(const struct syntax *syntax, int name)
{
    int declared = node_at(syntax, name)->declared;

    return declared == NODE_NONE || is_assigned(syntax, declared) ? NODE_NONE
                                                                  : syntax_value(syntax, declared);
}

/* The key of an INDEX when it is a plain text, which must not hold an escape. */
static struct smg_str key_of(const struct syntax *syntax, int index)
{
    int key = syntax_bare(syntax, syntax_child(syntax, index, 1));
    struct smg_str text = syntax_text(syntax, key);

    if (node_at(syntax, key)->kind != NODE_STRING || text.at[0] == '[')
        return (struct smg_str){ NULL, 0 };
    return (struct smg_str){ text.at + 1, text.len - 2 };
}

/* false: it is no reading of a fact. */
static bool find_tail(const struct syntax *syntax, int node, struct tail *tail)
{
    int steps;

    for (steps = 0; steps < STEPS * SEGMENTS; steps++) {
        const struct node *it;

        node = syntax_bare(syntax, node);
        it = node_at(syntax, node);
        if (it->kind == NODE_MEMBER || it->kind == NODE_INDEX) {
            if (!add_segment(tail, it->kind == NODE_MEMBER ? syntax_mark(syntax, node)
                                                           : key_of(syntax, node)))
                return false;
            node = it->first;
        } else if (it->kind != NODE_NAME || it->declared == NODE_NONE) {
            return false;
        } else if (value_of(syntax, node) != NODE_NONE) {
            node = value_of(syntax, node);
        } else { /* a parameter: the case, or a part of it */
            return tail->count > 0 &&
                   node_at(syntax, node_at(syntax, it->declared)->parent)->kind == NODE_FUNCTION;
        }
    }
    return false;
}

/* Does the name end so? whole: and is there no more of it. */
static bool ends_so(const char *name, const struct tail *tail, bool *whole)
{
    size_t end = strlen(name), i;

    for (i = 0; i < tail->count; i++) {
        size_t from = end;

        if (i > 0 && end == 0)
            return false;
        while (from > 0 && name[from - 1] != '.')
            from--;
        if (tail->segments[i].len > 0 &&
            !str_eq((struct smg_str){ name + from, end - from }, tail->segments[i]))
            return false;
        end = from == 0 ? 0 : from - 1;
    }
    *whole = end == 0;
    return true;
}

size_t meant_facts(const struct policy_set *set, const struct syntax *syntax, int node,
                   const struct fact **out, size_t room)
{
    struct tail tail = { .count = 0 };
    bool whole, exact = false;
    size_t count = 0, i;

    if (!find_tail(syntax, node, &tail))
        return 0;
    for (i = 0; i < set->fact_count; i++)
        exact = exact || (ends_so(set->facts[i].name, &tail, &whole) && whole);
    for (i = 0; i < set->fact_count; i++) {
        if (!ends_so(set->facts[i].name, &tail, &whole) || (exact && !whole))
            continue;
        if (count < room)
            out[count] = &set->facts[i];
        count++;
    }
    return count < room ? count : room;
}

/* ---- tables ---- */

struct tables {
    const struct syntax *syntax;
    int *out;
    size_t room, count;
    int looks; /* left: a text may call in circles */
    bool all;
};

static void find_tables(struct tables *tables, int node, int steps);

/* Which argument of its function a parameter is; -1 for another variable. */
static int parameter_place(const struct syntax *syntax, int declared)
{
    int function = node_at(syntax, declared)->parent, child, place = 0;

    if (node_at(syntax, function)->kind != NODE_FUNCTION)
        return -1;
    for (child = node_at(syntax, function)->first; child != declared;
         child = node_at(syntax, child)->next)
        place++;
    return place;
}

/* The NAME that declares the local function, or NODE_NONE. */
static int name_of_function(const struct syntax *syntax, int function)
{
    int parent = node_at(syntax, function)->parent;

    return node_at(syntax, parent)->kind == NODE_LOCAL_FUNCTION ? node_at(syntax, parent)->first
                                                                : NODE_NONE;
}

/* Every use of the function's name must be a call, or somebody else may call it. */
static void find_arguments(struct tables *tables, int function, int place, int steps)
{
    const struct syntax *syntax = tables->syntax;
    int name = name_of_function(syntax, function);
    size_t i;

    if (name == NODE_NONE)
        tables->all = false;
    for (i = 0; name != NODE_NONE && i < syntax->count; i++) {
        const struct node *it = &syntax->nodes[i];
        int argument;

        if (it->kind != NODE_NAME || it->declared != name || (int)i == name)
            continue;
        if (node_at(syntax, it->parent)->kind != NODE_CALL ||
            node_at(syntax, it->parent)->first != (int)i) {
            tables->all = false;
            continue;
        }
        argument = syntax_child(syntax, it->parent, (size_t)place + 1);
        if (argument != NODE_NONE)
            find_tables(tables, argument, steps);
    }
}

static void find_tables(struct tables *tables, int node, int steps)
{
    const struct syntax *syntax = tables->syntax;
    const struct node *it;
    size_t i;
    int place;

    node = syntax_bare(syntax, node);
    it = node_at(syntax, node);
    if (tables->looks-- <= 0) {
        tables->all = false;
    } else if (it->kind == NODE_TABLE) {
        for (i = 0; i < tables->count; i++)
            if (tables->out[i] == node)
                return;
        if (tables->count < tables->room)
            tables->out[tables->count++] = node;
        else
            tables->all = false;
    } else if (it->kind != NODE_NAME || it->declared == NODE_NONE || steps == STEPS) {
        tables->all = false;
    } else if (value_of(syntax, node) != NODE_NONE) {
        find_tables(tables, value_of(syntax, node), steps + 1);
    } else {
        place = parameter_place(syntax, it->declared);
        if (place < 0)
            tables->all = false;
        else
            find_arguments(tables, node_at(syntax, it->declared)->parent, place, steps + 1);
    }
}

size_t meant_tables(const struct syntax *syntax, int node, int *out, size_t room, bool *all)
{
    struct tables tables = {
        .syntax = syntax, .out = out, .room = room, .looks = LOOKS, .all = true
    };

    find_tables(&tables, node, 0);
    *all = tables.all;
    return tables.count;
}
