/* SPDX-License-Identifier: Apache-2.0 */
/* What a batch comes to: for each key it names, what must be there before it and what is there
 * after it. */
#ifndef MARIADB_PLAN_H
#define MARIADB_PLAN_H

#include "parts.h"

struct place;

/* One row of one unit. */
struct piece {
    const struct smg_row *row;
    struct place *place;
    size_t unit, number; /* the unit's place in the batch, the row's place among all */
    bool holds;          /* its condition, by what was in the table before the batch */
};

/* One key of one space, and the rows that name it, in the order of the batch. */
struct place {
    struct piece **pieces;
    size_t count;
    const struct smg_row *base;    /* the condition on what is there before; NULL: none */
    const struct smg_row *written; /* the last row that writes; NULL: none does */
};

/* Memory is kept from batch to batch. */
struct plan {
    struct piece *pieces;
    struct piece **sorted;
    size_t piece_count, piece_room;
    struct place *places; /* by space, then by key */
    size_t place_count;
};

struct plan *plan_new(void);
void plan_free(struct plan *plan);

/* Lay out a batch. SMG_E_INVALID: a row names no space there is, or a unit names a key twice. */
int plan_make(struct plan *plan, const struct smg_unit *units, size_t count, struct smg_err *err);
/* Can all conditions hold at once? If so each place's base and written are set. */
bool plan_agrees(struct plan *plan);
/* Judge every unit by what is in the tables now, in the order of the batch. */
int plan_judge(struct plan *plan, struct session *session, const struct smg_unit *units,
               size_t count, bool *refused, struct smg_err *err);

#endif
