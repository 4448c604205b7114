/* SPDX-License-Identifier: Apache-2.0 */
/* Pair the rules of two sets, and subtract what they say. */
#include "workbench/diff.h"

#include "workbench/sample.h"

#include <stdlib.h>

/* Is the second regulation the first, or the one that repeals it? */
static bool succeeds(const struct policy_info *before, const struct policy_info *after)
{
    return strcmp(before->id, after->id) == 0 ||
           (after->repeals != NULL && strcmp(before->id, after->repeals) == 0);
}

static bool is_pair(const struct space *space, const struct rule *before, const struct rule *after)
{
    const struct policy_info *first = &space->readings[0].set->regulations[before->regulation].info;
    const struct policy_info *second = &space->readings[1].set->regulations[after->regulation].info;

    return succeeds(first, second) && strcmp(strchr(before->id, '#'), strchr(after->id, '#')) == 0;
}

static bool is_same_effect(const struct said *a, const struct said *b)
{
    return a->kind == b->kind && a->within_ms == b->within_ms && strcmp(a->what, b->what) == 0 &&
           strcmp(a->to == NULL ? "" : a->to, b->to == NULL ? "" : b->to) == 0;
}

/* When the other set's rule says the same; NONE when it has no such rule or effect. A question is
 * one question whichever rules ask it: a decision does not name them. */
static diagram counterpart(const struct space *space, size_t other, const struct said *said)
{
    const struct reading *reading = &space->readings[other];
    diagram cases = DIAGRAM_NONE;
    size_t i;

    for (i = 0; i < reading->said_count; i++) {
        const struct said *theirs = &reading->said[i];
        bool pair =
            said->kind == SAID_ASKS || (other == 0 ? is_pair(space, theirs->rule, said->rule)
                                                   : is_pair(space, said->rule, theirs->rule));

        if (pair && is_same_effect(theirs, said))
            cases = diagram_or(space->all, cases, theirs->cases);
    }
    return cases;
}

static enum verdict verdict_at(struct space *space, size_t reading, const uint8_t *values)
{
    enum verdict verdict = VERDICT_ACCEPTED;

    while (!diagram_holds(space->all, space_verdict(space, reading, verdict), values))
        verdict++;
    return verdict;
}

/* An example is worth most where the change alone turns the verdict. */
static bool choose_example(struct diff *diff, struct diff_group *group)
{
    struct space *space = diff->space;
    struct diagrams *all = space->all;
    size_t with = group->added ? 0 : 1; /* the set that does not say it */
    diagram cases = diagram_and(all, group->cases, space->known), alone;

    alone = diagram_and(all, cases, space->readings[with].accepted);
    if (alone == DIAGRAM_NONE)
        alone = diagram_minus(all, cases, space->readings[with].refused);
    if (alone == DIAGRAM_NONE)
        alone = cases;
    group->example = malloc(space->variable_count + 1);
    if (group->example == NULL || !sample_plain(space, alone, group->example))
        return false;
    group->before = verdict_at(space, 0, group->example);
    group->after = verdict_at(space, 1, group->example);
    alone = diagram_and(all, group->cases, space_verdict(space, 0, group->before));
    group->like_example = diagram_and(all, alone, space_verdict(space, 1, group->after));
    return true;
}

static bool add_group(struct diff *diff, const struct said *said, bool added)
{
    struct space *space = diff->space;
    struct diff_group group = { .said = said, .added = added };
    struct diff_group *grown;
    diagram known;

    group.cases = diagram_minus(space->all, said->cases, counterpart(space, added ? 0 : 1, said));
    group.cases = diagram_and(space->all, group.cases, space->common);
    if (group.cases == DIAGRAM_NONE)
        return true;
    known = diagram_and(space->all, group.cases, space->known);
    group.while_unknown = known == DIAGRAM_NONE;
    if (!diagram_count(space->all, known, &group.count) ||
        (!group.while_unknown && !choose_example(diff, &group))) {
        free(group.example);
        return false;
    }
    diff->changed = diagram_or(space->all, diff->changed, known);
    grown = set_grow(diff->groups, diff->group_count, sizeof *grown);
    if (grown == NULL) {
        free(group.example);
        return false;
    }
    diff->groups = grown;
    grown[diff->group_count++] = group;
    return true;
}

/* The old set's words first come where the new one's rule stands, so that a change of one rule
 * reads as one: sorted by rule, removed before added. */
static int by_rule(const void *a, const void *b, void *ctx)
{
    const struct diff_group *first = a, *second = b;
    int order;

    (void)ctx;
    order = strcmp(strchr(first->said->rule->id, '#'), strchr(second->said->rule->id, '#'));
    return order != 0 ? order : (int)first->added - (int)second->added;
}

static bool count_moves(struct diff *diff)
{
    struct space *space = diff->space;
    int from, to;
    bool counted = diagram_count(space->all, diff->changed, &diff->differing) &&
                   diagram_count(space->all, diagram_and(space->all, space->common, space->known),
                                 &diff->cases);

    for (from = VERDICT_ACCEPTED; from <= VERDICT_REFUSED; from++)
        for (to = VERDICT_ACCEPTED; counted && to <= VERDICT_REFUSED; to++) {
            diagram both = diagram_and(space->all, space_verdict(space, 0, (enum verdict)from),
                                       space_verdict(space, 1, (enum verdict)to));

            counted = diagram_count(space->all, diagram_and(space->all, both, diff->changed),
                                    &diff->moved[from][to]);
        }
    return counted;
}

struct diff *diff_new(const struct space_of *before, const struct space_of *after,
                      struct smg_err *err)
{
    const struct space_of both[2] = { *before, *after };
    struct diff *diff = calloc(1, sizeof *diff);
    bool good = diff != NULL;
    size_t i;

    if (good)
        diff->space = space_new(both, 2, err);
    if (!good || diff->space == NULL) {
        if (!good)
            smg_fail(err, SMG_E_MEMORY, "out of memory");
        free(diff);
        return NULL;
    }
    for (i = 0; good && i < diff->space->readings[0].said_count; i++)
        good = add_group(diff, &diff->space->readings[0].said[i], false);
    for (i = 0; good && i < diff->space->readings[1].said_count; i++)
        good = add_group(diff, &diff->space->readings[1].said[i], true);
    good = good && count_moves(diff);
    if (good && diff->group_count > 0)
        qsort_r(diff->groups, diff->group_count, sizeof *diff->groups, by_rule, NULL);
    if (!space_failed(diff->space, err) && good)
        return diff;
    if (err->code == SMG_OK)
        smg_fail(err, SMG_E_MEMORY, "out of memory");
    diff_free(diff);
    return NULL;
}

void diff_free(struct diff *diff)
{
    size_t i;

    if (diff == NULL)
        return;
    for (i = 0; i < diff->group_count; i++)
        free(diff->groups[i].example);
    free(diff->groups);
    space_free(diff->space);
    free(diff);
}

bool diff_is_none(const struct diff *diff)
{
    return diff->group_count == 0;
}
