/* SPDX-License-Identifier: Apache-2.0 */
/* How diagrams are kept, for the files that make them and walk them. */
#ifndef WORKBENCH_DIAGRAM_INSIDE_H
#define WORKBENCH_DIAGRAM_INSIDE_H

#include "workbench/diagram.h"

struct node {
    uint32_t first; /* where its branches begin */
    uint16_t variable;
};

struct entry; /* of the operations' cache */

struct diagrams {
    uint8_t *values;
    uint8_t *counted; /* by variable: the values that make cases different */
    size_t variables;
    unsigned unknown;
    struct node *nodes;
    size_t count, room;
    diagram *branches;
    size_t branch_count, branch_room;
    uint32_t *table; /* open hashing; 0 is empty, as NONE is never looked for */
    size_t table_size;
    struct entry *cache;
    bool failed;
};

#endif
