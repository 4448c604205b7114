/* SPDX-License-Identifier: Apache-2.0 */
/* Rows in an array, found through an open table of their places. */
#include "replay/tally.h"

#include <stdlib.h>

static size_t slot_of(const struct tally *tally, struct smg_str name)
{
    uint64_t hash = UINT64_C(14695981039346656037); /* FNV-1a */
    size_t i;

    for (i = 0; i < name.len; i++)
        hash = (hash ^ (unsigned char)name.at[i]) * UINT64_C(1099511628211);
    i = (size_t)(hash % tally->slot_count);
    while (tally->slots[i] != 0 && !str_is(name, tally->rows[tally->slots[i] - 1].name))
        i = (i + 1) % tally->slot_count;
    return i;
}

static bool grow(struct tally *tally)
{
    size_t room = tally->room == 0 ? 32 : 2 * tally->room, i;
    struct tally_row *rows = realloc(tally->rows, room * sizeof *rows);
    uint32_t *slots = calloc(2 * room, sizeof *slots);

    if (rows != NULL)
        tally->rows = rows;
    if (rows == NULL || slots == NULL) {
        free(slots);
        return false;
    }
    free(tally->slots);
    tally->slots = slots;
    tally->slot_count = 2 * room;
    tally->room = room;
    for (i = 0; i < tally->count; i++)
        slots[slot_of(tally, str_of(rows[i].name))] = (uint32_t)i + 1;
    return true;
}

struct tally_row *tally_row(struct tally *tally, struct smg_str name)
{
    struct tally_row *row;
    size_t slot;

    /* Cases of one day, and often of one dealer, come one after the other. */
    if (tally->count > 0 && str_is(name, tally->rows[tally->last].name))
        return &tally->rows[tally->last];
    if (tally->count == tally->room && !grow(tally)) {
        tally->failed = true;
        return NULL;
    }
    slot = slot_of(tally, name);
    if (tally->slots[slot] == 0) {
        row = &tally->rows[tally->count];
        *row = (struct tally_row){ .name = strndup(name.len == 0 ? "" : name.at, name.len) };
        if (row->name == NULL) {
            tally->failed = true;
            return NULL;
        }
        tally->slots[slot] = (uint32_t)++tally->count;
    }
    tally->last = tally->slots[slot] - 1;
    return &tally->rows[tally->last];
}

void tally_example(struct tally_row *row, struct id id, struct smg_str facts)
{
    if (row->example_count == TALLY_EXAMPLES)
        return;
    if (row->example_count == 0 && facts.len > 0)
        row->facts = strndup(facts.at, facts.len);
    row->examples[row->example_count++] = id;
}

static int compare_names(const void *a, const void *b)
{
    const struct tally_row *x = a, *y = b;

    return strcmp(x->name, y->name);
}

static int compare_changed(const void *a, const void *b)
{
    const struct tally_row *x = a, *y = b;

    return x->changed != y->changed ? (x->changed < y->changed) - (x->changed > y->changed)
                                    : compare_names(a, b);
}

void tally_sort_by_name(struct tally *tally)
{
    if (tally->count > 0)
        qsort(tally->rows, tally->count, sizeof *tally->rows, compare_names);
}

void tally_sort_by_changed(struct tally *tally)
{
    if (tally->count > 0)
        qsort(tally->rows, tally->count, sizeof *tally->rows, compare_changed);
}

void tally_fini(struct tally *tally)
{
    size_t i;

    for (i = 0; i < tally->count; i++) {
        free(tally->rows[i].name);
        free(tally->rows[i].facts);
    }
    free(tally->rows);
    free(tally->slots);
    *tally = (struct tally){ 0 };
}
