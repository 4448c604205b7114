/* SPDX-License-Identifier: Apache-2.0 */
/* The decision table: for every effect of every rule, the cases in which it is said, as rows of
 * conditions. Exact: rows of one effect never overlap, and together are all its cases. */
#ifndef WORKBENCH_TABLE_H
#define WORKBENCH_TABLE_H

#include "workbench/space.h"

struct table_condition {
    size_t variable;
    uint16_t first; /* place in the row's `values` */
    uint8_t count;
};

/* One row: every condition holds, each with one of its values. Nothing is unknown in it. */
struct table_row {
    const struct table_condition *conditions;
    size_t condition_count;
    const uint8_t *values;
};
typedef void (*table_row_fn)(void *ctx, const struct table_row *row);

/* Every row of a set of cases, in the order of the variables. */
void table_rows(const struct diagrams *all, diagram cases, table_row_fn fn, void *ctx);
/* "customer.kind = person, customer.document.type = passport or resident_id"; "always" for a row
 * without conditions. */
void table_write_row(const struct space *space, const struct table_row *row, struct buf *out);

/* Reading 0 of the space as a whole. */
enum table_form { TABLE_TEXT, TABLE_MARKDOWN, TABLE_HTML, TABLE_JSON };
void table_write(const struct space *space, enum table_form form, struct buf *out);

#endif
