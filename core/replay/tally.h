/* SPDX-License-Identifier: Apache-2.0 */
/* Counting cases by a name: a rule, a dealer, a day. */
#ifndef REPLAY_TALLY_H
#define REPLAY_TALLY_H

#include "base/id.h"

enum { TALLY_EXAMPLES = 3 };

struct tally_row {
    char *name;
    uint64_t cases, changed; /* what each counts is said where the tally is kept */
    uint64_t added, gone;
    struct id examples[TALLY_EXAMPLES]; /* the first of them */
    size_t example_count;
    char *facts; /* of the first example, or NULL */
};

struct tally {
    struct tally_row *rows;
    size_t count, room;
    uint32_t *slots; /* of a table of places in rows, 0: none */
    size_t slot_count, last;
    bool failed; /* out of memory: the counts are not whole */
};

/* The row of a name, made when it is new; valid until the next call. NULL: out of memory. */
struct tally_row *tally_row(struct tally *tally, struct smg_str name);
void tally_example(struct tally_row *row, struct id id, struct smg_str facts);
/* By name, or the most changed first. No more rows are made afterwards. */
void tally_sort_by_name(struct tally *tally);
void tally_sort_by_changed(struct tally *tally);
void tally_fini(struct tally *tally);

#endif
