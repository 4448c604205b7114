/* SPDX-License-Identifier: Apache-2.0 */
/* A batch by keys: rows sorted so that all that is said of one key lies together. */
#include "plan.h"

#include <stdlib.h>
#include <string.h>

enum { ASK_KEYS = 256 };

struct plan *plan_new(void)
{
    return calloc(1, sizeof(struct plan));
}

void plan_free(struct plan *plan)
{
    if (plan == NULL)
        return;
    free(plan->pieces);
    free(plan->sorted);
    free(plan->places);
    free(plan);
}

static bool is_same(struct smg_str a, struct smg_str b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0);
}

static int compare_keys(const struct smg_row *a, const struct smg_row *b)
{
    size_t shorter = a->key.len < b->key.len ? a->key.len : b->key.len;
    int order;

    if (a->space != b->space)
        return a->space < b->space ? -1 : 1;
    order = memcmp(a->key.at, b->key.at, shorter);
    if (order != 0)
        return order;
    return a->key.len == b->key.len ? 0 : a->key.len < b->key.len ? -1 : 1;
}

static int compare(const void *a, const void *b)
{
    const struct piece *one = *(struct piece *const *)a, *other = *(struct piece *const *)b;
    int order = compare_keys(one->row, other->row);

    if (order != 0)
        return order;
    return one->number < other->number ? -1 : 1;
}

static int make_room(struct plan *plan, size_t wanted, struct smg_err *err)
{
    size_t room = plan->piece_room == 0 ? 256 : plan->piece_room;

    if (wanted <= plan->piece_room)
        return SMG_OK;
    while (room < wanted)
        room *= 2;
    free(plan->pieces);
    free(plan->sorted);
    free(plan->places);
    plan->pieces = calloc(room, sizeof *plan->pieces);
    plan->sorted = calloc(room, sizeof(struct piece *));
    plan->places = calloc(room, sizeof *plan->places);
    plan->piece_room = room;
    if (plan->pieces != NULL && plan->sorted != NULL && plan->places != NULL)
        return SMG_OK;
    plan->piece_room = 0;
    return smg_fail(err, SMG_E_MEMORY, "out of memory");
}

static int find_places(struct plan *plan, struct smg_err *err)
{
    struct place *place = NULL;

    plan->place_count = 0;
    for (size_t i = 0; i < plan->piece_count; i++) {
        struct piece *piece = plan->sorted[i];

        if (i == 0 || compare_keys(piece->row, plan->sorted[i - 1]->row) != 0) {
            place = &plan->places[plan->place_count++];
            *place = (struct place){ .pieces = &plan->sorted[i] };
        } else if (piece->unit == plan->sorted[i - 1]->unit) {
            return smg_fail(err, SMG_E_INVALID, "a unit names one key twice");
        }
        place->count++;
        piece->place = place;
    }
    return SMG_OK;
}

int plan_make(struct plan *plan, const struct smg_unit *units, size_t count, struct smg_err *err)
{
    size_t wanted = 0, number = 0;
    int code;

    for (size_t u = 0; u < count; u++)
        wanted += units[u].count;
    code = make_room(plan, wanted, err);
    if (code < 0)
        return code;
    for (size_t u = 0; u < count; u++) {
        for (size_t r = 0; r < units[u].count; r++, number++) {
            const struct smg_row *row = &units[u].rows[r];

            if (!layout_has((int)row->space))
                return smg_fail(err, SMG_E_INVALID, "a row names no space there is");
            plan->pieces[number] = (struct piece){ .row = row, .unit = u, .number = number };
            plan->sorted[number] = &plan->pieces[number];
        }
    }
    plan->piece_count = number;
    qsort(plan->sorted, number, sizeof(struct piece *), compare);
    return find_places(plan, err);
}

/* Does row's condition hold after another row was written? */
static bool holds_after(const struct smg_row *row, const struct smg_row *written)
{
    if (row->when == SMG_ALWAYS)
        return true;
    if (row->when == SMG_NEW)
        return written->act == SMG_ERASE;
    return written->act == SMG_PUT && is_same(written->value, row->was);
}

static bool is_same_condition(const struct smg_row *a, const struct smg_row *b)
{
    return a->when == b->when && (a->when == SMG_NEW || is_same(a->was, b->was));
}

static bool place_agrees(struct place *place)
{
    place->base = place->written = NULL;
    for (size_t i = 0; i < place->count; i++) {
        const struct smg_row *row = place->pieces[i]->row, *base = place->base;

        if (place->written != NULL) {
            if (!holds_after(row, place->written))
                return false;
        } else if (row->when != SMG_ALWAYS) {
            if (base != NULL && !is_same_condition(base, row))
                return false;
            place->base = row;
        }
        if (row->act != SMG_KEEP)
            place->written = row;
    }
    return true;
}

bool plan_agrees(struct plan *plan)
{
    bool agrees = true;

    for (size_t i = 0; i < plan->place_count && agrees; i++)
        agrees = place_agrees(&plan->places[i]);
    return agrees;
}

/* ---- judging ---- */

static bool has_condition(const struct place *place)
{
    bool has = false;

    for (size_t i = 0; i < place->count && !has; i++)
        has = place->pieces[i]->row->when != SMG_ALWAYS;
    return has;
}

/* The places asked about, in the order of the keys asked for. */
struct asking {
    struct place *places[ASK_KEYS];
    struct smg_str keys[ASK_KEYS];
    size_t count, next;
};

/* Keys are answered in the order asked; those that are not there are left out. */
static bool see_value(void *ctx, struct smg_str key, struct smg_str value)
{
    struct asking *asking = ctx;
    struct place *place;

    while (!is_same(asking->keys[asking->next], key))
        asking->next++;
    place = asking->places[asking->next];
    for (size_t i = 0; i < place->count; i++) {
        const struct smg_row *row = place->pieces[i]->row;

        place->pieces[i]->holds =
            row->when == SMG_ALWAYS || (row->when == SMG_IS && is_same(row->was, value));
    }
    return true;
}

static int ask(struct session *session, struct asking *asking, struct smg_err *err)
{
    enum smg_space space = asking->places[0]->pieces[0]->row->space;
    size_t count = asking->count;

    asking->count = asking->next = 0;
    return session_get(session, space, asking->keys, count, see_value, asking, err);
}

/* Set `holds` of every row by what is in the tables. */
static int look(struct plan *plan, struct session *session, struct smg_err *err)
{
    struct asking asking = { .count = 0 };
    int code = SMG_OK;

    for (size_t i = 0; i < plan->piece_count; i++)
        plan->pieces[i].holds = plan->pieces[i].row->when != SMG_IS; /* as if nothing were there */
    for (size_t i = 0; i < plan->place_count && code == SMG_OK; i++) {
        struct place *place = &plan->places[i];
        const struct smg_row *row = place->pieces[0]->row;

        if (!has_condition(place))
            continue;
        if (asking.count == ASK_KEYS ||
            (asking.count > 0 && asking.places[0]->pieces[0]->row->space != row->space))
            code = ask(session, &asking, err);
        asking.places[asking.count] = place;
        asking.keys[asking.count++] = row->key;
    }
    if (code == SMG_OK && asking.count > 0)
        code = ask(session, &asking, err);
    return code;
}

static bool unit_holds(const struct piece *pieces, size_t count)
{
    bool holds = true;

    for (size_t i = 0; i < count && holds; i++) {
        const struct smg_row *written = pieces[i].place->written;

        holds = written == NULL ? pieces[i].holds : holds_after(pieces[i].row, written);
    }
    return holds;
}

int plan_judge(struct plan *plan, struct session *session, const struct smg_unit *units,
               size_t count, bool *refused, struct smg_err *err)
{
    struct piece *pieces = plan->pieces;
    int code = look(plan, session, err);

    if (code < 0)
        return code;
    for (size_t i = 0; i < plan->place_count; i++)
        plan->places[i].written = NULL;
    for (size_t u = 0; u < count; pieces += units[u++].count) {
        refused[u] = !unit_holds(pieces, units[u].count);
        for (size_t r = 0; r < units[u].count && !refused[u]; r++) {
            if (pieces[r].row->act != SMG_KEEP)
                pieces[r].place->written = pieces[r].row;
        }
    }
    return SMG_OK;
}
