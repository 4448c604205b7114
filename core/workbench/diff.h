/* SPDX-License-Identifier: Apache-2.0 */
/* What one policy set changes against another: every case whose decision differs, counted exactly
 * and grouped by rule and effect. */
#ifndef WORKBENCH_DIFF_H
#define WORKBENCH_DIFF_H

#include "workbench/application.h"

/* One effect of one rule that is said in other cases than before. */
struct diff_group {
    const struct said *said; /* as the new set says it; as the old one when it is only removed */
    bool added;              /* said now, and not before; else the other way round */
    bool while_unknown;      /* differs only as long as some fact is not known */
    diagram cases;
    diagram like_example; /* those of them that are decided as the example is, before and after */
    struct natural count; /* of cases with nothing unknown */
    uint8_t *example;     /* by variable; NULL: while_unknown */
    enum verdict before, after;
};

struct diff {
    struct space *space; /* reading 0 is the old set, 1 the new one */
    struct diff_group *groups;
    size_t group_count;
    diagram changed;                 /* nothing unknown */
    struct natural cases, differing; /* compared; and of these, decided otherwise */
    struct natural moved[4][4];      /* by verdict before and after */
};

/* Every case is compared whose values both sets know. NULL: err says why. */
struct diff *diff_new(const struct space_of *before, const struct space_of *after,
                      struct smg_err *err);
void diff_free(struct diff *diff);
/* No case is decided otherwise, whether everything is known or not: proved. */
bool diff_is_none(const struct diff *diff);

void diff_text(const struct diff *diff, struct buf *out);
void diff_json(const struct diff *diff, application_fn fn, void *ctx, struct buf *out);
void diff_html(const struct diff *diff, application_fn fn, void *ctx, struct buf *out);

#endif
