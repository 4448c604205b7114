/* SPDX-License-Identifier: Apache-2.0 */
/* Sets of cases, held exactly: decision diagrams with a branch for each value of a fact.
 *
 * A case gives every variable one of its values. A diagram is a set of cases; equal sets are equal
 * numbers, so "no difference" is a comparison, and a proof. Variables are tested in their order,
 * and one that makes no difference is not tested at all; that keeps the sets of a regulation small
 * although the cases are beyond counting one by one. */
#ifndef WORKBENCH_DIAGRAM_H
#define WORKBENCH_DIAGRAM_H

#include "workbench/natural.h"

struct diagrams;
typedef uint32_t diagram; /* belongs to its diagrams, for as long as they live */

enum { DIAGRAM_NONE = 0, DIAGRAM_ALL = 1 };

/* values[i]: how many values variable i has, 1 to 255. The last `unknown` of them (0 or 1) stand
 * for "not known", and are not counted. NULL: out of memory. */
struct diagrams *diagrams_new(const uint8_t *values, size_t variables, unsigned unknown);
void diagrams_free(struct diagrams *all);
/* Memory ran out or more than 4,000,000 nodes were needed: every diagram made since is worthless.
 */
bool diagrams_failed(const struct diagrams *all);

/* How many values a variable has besides "not known". */
size_t diagrams_known(const struct diagrams *all, size_t variable);

/* No diagram tests the variable: cases are not counted apart by it. */
void diagrams_leave_out(struct diagrams *all, size_t variable);

/* The cases that each value of the variable leads to: one branch a value, testing later variables
 * only. */
diagram diagram_node(struct diagrams *all, size_t variable, const diagram *branches);
diagram diagram_and(struct diagrams *all, diagram a, diagram b);
diagram diagram_or(struct diagrams *all, diagram a, diagram b);
diagram diagram_minus(struct diagrams *all, diagram a, diagram b);
/* The cases that give the named variables these values; `variables` ascend. */
diagram diagram_cube(struct diagrams *all, const size_t *variables, const size_t *values,
                     size_t count);
/* The cases that stay in the set whatever value the variable takes. */
diagram diagram_for_all(struct diagrams *all, diagram a, size_t variable);

/* These sets alone, the first of them lowest, in diagrams of their own; roots are replaced. NULL:
 * out of memory. */
struct diagrams *diagrams_apart(const struct diagrams *all, diagram *roots, size_t count);

/* Looking inside: the variable tested first, and where its value leads. Not for NONE and ALL. */
size_t diagram_variable(const struct diagrams *all, diagram a);
diagram diagram_branch(const struct diagrams *all, diagram a, size_t value);
/* tests[i] becomes true for every variable the set tests; false: out of memory. */
bool diagram_tests(const struct diagrams *all, diagram a, bool *tests);
bool diagram_holds(const struct diagrams *all, diagram a, const uint8_t *values);

/* How many cases with nothing unknown the set holds; false: out of memory. */
bool diagram_count(struct diagrams *all, diagram a, struct natural *out);

/* The case of least cost: cost(ctx, variable, value) each, negative for a value that is not to be
 * had. Of several the one with the cheaper, then the earlier listed value in the first variable
 * that differs. Variables the set does not test take their cheapest value. Returns the cost, or
 * negative: there is none (or no memory: -2). values: one a variable. */
typedef int (*diagram_cost_fn)(void *ctx, size_t variable, size_t value);
long diagram_nearest(const struct diagrams *all, diagram a, diagram_cost_fn cost, void *ctx,
                     uint8_t *values);

#endif
