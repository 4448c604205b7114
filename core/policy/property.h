/* SPDX-License-Identifier: Apache-2.0 */
/* Properties: what must never, or always, come of a case, as functions of facts and decision. They
 * are explored like rules, over what they really read. */
#ifndef POLICY_PROPERTY_H
#define POLICY_PROPERTY_H

#include "policy/set.h"

struct property {
    const char *text, *zh; /* what it says; the first is its name */
    bool always;           /* always { when, holds }; else never { when } */
    const char *file;
    int line;
};

struct properties;

/* The properties of one file over the facts and words of a set (shared). name: what faults call the
 * file. NULL: problems says why, with file and line. */
struct properties *properties_load(struct policy_set *set, const char *name, struct smg_str text,
                                   struct buf *problems);
void properties_free(struct properties *properties);
size_t properties_count(const struct properties *properties);
const struct property *properties_at(const struct properties *properties, size_t i);

/* What a property read. A fact has the index of its value; a verdict is an enum verdict; all else
 * is 0 or 1: whether the decision says it, or the rule had a part in it. */
enum asked_kind {
    ASKED_FACT,
    ASKED_VERDICT,
    ASKED_NEED, /* and on, in the order of enum effect_kind */
    ASKED_REFUSE,
    ASKED_REPORT,
    ASKED_OBLIGE,
    ASKED_WARN,
    ASKED_RULE
};
struct asked {
    enum asked_kind kind;
    size_t index;     /* of the fact or the rule in the set */
    const char *name; /* the word said; kept by the set or the properties */
    int value;
};

/* One way through a property. meant: its `when` holds (a never property means every case). */
typedef bool (*property_fn)(void *ctx, const struct asked *asked, size_t count, bool meant,
                            bool violated);
/* Every way; false: it failed, ran out of its budget or of `limit` runs, and problems says so. */
bool properties_explore(struct properties *properties, size_t i, size_t limit, property_fn fn,
                        void *ctx, struct buf *problems);

#endif
