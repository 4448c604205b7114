/* SPDX-License-Identifier: Apache-2.0 */
/* The inside of a unit, for this room: the caller's rows first, then what the stage added. */
#ifndef STORE_UNIT_H
#define STORE_UNIT_H

#include "store/store.h"

struct unit_chunk;

struct unit {
    struct smg_row *rows;
    size_t count, room;
    size_t own; /* rows before this one are the caller's, the others were staged */
    struct smg_str *notes;
    size_t note_count, note_room;
    struct unit_chunk *chunks; /* the bytes rows and notes point to; they never move */
    size_t bytes;              /* of all keys and values, to keep a batch within bounds */
    enum smg_code failed;
};

/* SMG_OK, or what went wrong while the unit was built. unit may be NULL: out of memory. */
enum smg_code unit_failed(const struct unit *unit);
/* From here on rows are staged ones. */
void unit_close(struct unit *unit);
/* Drop the staged rows. */
void unit_unstage(struct unit *unit);

static inline struct smg_unit unit_view(const struct unit *unit)
{
    return (struct smg_unit){ unit->rows, unit->count };
}

#endif
