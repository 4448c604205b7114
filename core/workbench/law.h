/* SPDX-License-Identifier: Apache-2.0 */
/* An official text against the register of its regulation: which articles are new, changed, moved
 * or gone, and what rests on each. */
#ifndef WORKBENCH_LAW_H
#define WORKBENCH_LAW_H

#include "policy/articles.h"
#include "workbench/lawtext.h"

enum law_change {
    LAW_SAME,
    LAW_CHANGED,
    LAW_MOVED,   /* the same words under another number */
    LAW_NEW,     /* in the text only */
    LAW_GONE,    /* in the register only */
    LAW_UNKNOWN, /* the register has no digest to compare with */
    LAW_OUTSIDE  /* the register is an extract without it */
};
extern const char *const law_change_names[]; /* "same", "changed", ...; by enum law_change */

struct law_difference {
    enum law_change change;
    const struct law_unit *unit;   /* NULL: LAW_GONE */
    const struct article *article; /* of the register; NULL: LAW_NEW */
};

struct law_differences {
    struct law_difference *list; /* in the order of the text; what is gone stands at the end */
    size_t count;
    size_t of[LAW_OUTSIDE + 1]; /* how many of each */
};

/* Both must live as long as the differences. false: out of memory. */
bool law_compare(const struct articles *articles, const struct law_text *law,
                 struct law_differences *out);
/* Is there anything to be done about it? */
bool law_is_difference(enum law_change change);
/* Nothing differs, and nothing is unknown. */
bool law_is_same(const struct law_differences *differences);
void law_differences_fini(struct law_differences *differences);

#endif
