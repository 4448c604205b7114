/* SPDX-License-Identifier: Apache-2.0 */
/* The space of cases, and what policy sets decide in it: every rule run under every combination of
 * the facts it really reads, kept as diagrams.
 *
 * A variable is a fact, its values the fact's, and last "not known". Two sets stand in one space
 * over the facts of both, so that they can be compared. Exact: nothing is sampled. */
#ifndef WORKBENCH_SPACE_H
#define WORKBENCH_SPACE_H

#include "policy/explore.h"
#include "workbench/diagram.h"

/* Something one rule says, and when. kind SAID_ASKS: a service or a registry must be asked for the
 * fact `what`. */
enum { SAID_ASKS = 0 };
struct said {
    const struct rule *rule;
    int kind; /* an effect_kind, or SAID_ASKS */
    const char *what, *zh, *en, *to;
    int64_t within_ms;
    diagram cases;
};

/* One set on one day in one region. Texts belong to the set. */
struct reading {
    struct policy_set *set; /* shared */
    struct smg_date on, begun;
    char region[8];
    struct policy *policy; /* an evaluator of the set */
    const uint16_t *rules; /* in force, by index in the set */
    size_t rule_count;
    struct said *said; /* in the order of the rules */
    size_t said_count;
    diagram refused, wanting, accepted; /* wanting: something is needed or asked, refused or not */
    size_t runs;                        /* of rules */
    bool *reads;                        /* by fact of the set: some rule in force reads it */
};

struct variable {
    const char *name;
    const struct fact *fact; /* of the first set that has it */
    const char **values;     /* texts; the last one stands for "not known" */
    size_t value_count;      /* with that one */
    bool read;               /* by some rule of some reading */
};

enum { READINGS = 2 };

struct space {
    struct diagrams *all;
    struct variable *variables;
    size_t variable_count;
    struct reading readings[READINGS];
    size_t reading_count;
    diagram common;   /* the values every set knows; "not known" included */
    diagram known;    /* nothing that is read is unknown */
    struct map *maps; /* from each set's values to the space's */
};

struct space_of {
    struct policy_set *set;
    const char *region;        /* six digits */
    struct smg_date on, begun; /* begun: DATE_NONE when on the same day */
};

/* Explore one or two sets. NULL: err says why (a rule that fails, too many cases, no memory). It
 * takes some milliseconds for a regulation; never on a loop's thread. */
struct space *space_new(const struct space_of *of, size_t count, struct smg_err *err);
void space_free(struct space *space);
/* After operations of the caller's: still exact? */
bool space_failed(const struct space *space, struct smg_err *err);

/* The variable of a name, or variable_count. */
size_t space_variable(const struct space *space, const char *name);
struct variable *space_fact(struct space *space, size_t reading, size_t fact);
/* The cases in which one of a set's facts has the value of this index. */
diagram space_is(struct space *space, size_t reading, size_t fact, int value);
/* Is it said in some case with nothing unknown? */
bool space_is_said_known(const struct space *space, const struct said *said);
/* Refused when any rule refuses, else incomplete when any needs or asks, else accepted. */
diagram space_verdict(struct space *space, size_t reading, enum verdict verdict);

/* The first day and region on which as much as possible of a set is in force: the latest `from`,
 * the longest region. */
void space_place(const struct policy_set *set, struct smg_date *on, char region[8]);

/* The same for one regulation: the last day on which anything changes while it is in force, so that
 * all that ever stands beside it does. false: it is never in force, or no memory. */
bool space_place_of(struct policy_set *set, size_t regulation, struct smg_date *on, char region[8]);

#endif
