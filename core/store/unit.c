/* SPDX-License-Identifier: Apache-2.0 */
/* Units: rows built one by one, their bytes copied into chunks that are wiped when freed. */
#include "store/unit.h"

#include <stdlib.h>

enum { KEY_MAX = 255, VALUE_MAX = 16 << 20, CHUNK_MIN = 2048 };

struct unit_chunk {
    struct unit_chunk *next;
    size_t used, room;
    char at[];
};

struct unit *unit_new(void)
{
    return calloc(1, sizeof(struct unit));
}

void unit_free(struct unit *unit)
{
    if (unit == NULL)
        return;
    while (unit->chunks != NULL) {
        struct unit_chunk *next = unit->chunks->next;

        str_wipe(unit->chunks->at, unit->chunks->used);
        free(unit->chunks);
        unit->chunks = next;
    }
    free(unit->rows);
    free(unit->notes);
    free(unit);
}

/* Sticky: the first thing that went wrong is what store_apply answers. */
static void spoil(struct unit *unit, enum smg_code code)
{
    if (unit->failed == SMG_OK)
        unit->failed = code;
}

static char *reserve(struct unit *unit, size_t len)
{
    struct unit_chunk *chunk = unit->chunks;
    size_t room = len > CHUNK_MIN ? len : CHUNK_MIN;

    if (chunk == NULL || chunk->room - chunk->used < len) {
        chunk = malloc(sizeof *chunk + room);
        if (chunk == NULL)
            return NULL;
        *chunk = (struct unit_chunk){ .next = unit->chunks, .room = room };
        unit->chunks = chunk;
    }
    chunk->used += len;
    return chunk->at + chunk->used - len;
}

static struct smg_str copy(struct unit *unit, struct smg_str bytes)
{
    char *at;

    if (bytes.len == 0)
        return (struct smg_str){ "", 0 };
    at = reserve(unit, bytes.len);
    if (at == NULL) {
        spoil(unit, SMG_E_MEMORY);
        return (struct smg_str){ "", 0 };
    }
    memcpy(at, bytes.at, bytes.len);
    return (struct smg_str){ at, bytes.len };
}

/* Room for one more element; the array doubles. */
static bool make_room(struct unit *unit, void **array, size_t *room, size_t count, size_t size)
{
    size_t wanted = *room == 0 ? 8 : *room * 2;
    void *grown;

    if (count < *room)
        return true;
    grown = realloc(*array, wanted * size);
    if (grown == NULL) {
        spoil(unit, SMG_E_MEMORY);
        return false;
    }
    *array = grown;
    *room = wanted;
    return true;
}

static bool is_space(enum smg_space space)
{
    switch (space) {
#define SPACE_CASE(name, number, text) case SMG_SPACE_##name:
        SMG_SPACES(SPACE_CASE)
#undef SPACE_CASE
        return true;
    default:
        return false;
    }
}

static void add(struct unit *unit, const struct smg_row *row)
{
    void *rows;

    if (unit == NULL || unit->failed != SMG_OK)
        return;
    if (!is_space(row->space) || row->key.len == 0 || row->key.len > KEY_MAX ||
        row->value.len > VALUE_MAX || row->was.len > VALUE_MAX) {
        spoil(unit, SMG_E_INVALID);
        return;
    }
    rows = unit->rows;
    if (!make_room(unit, &rows, &unit->room, unit->count, sizeof *row))
        return;
    unit->rows = rows;
    unit->rows[unit->count] = *row;
    unit->rows[unit->count].key = copy(unit, row->key);
    unit->rows[unit->count].value = copy(unit, row->value);
    unit->rows[unit->count].was = copy(unit, row->was);
    unit->count++;
    unit->bytes += row->key.len + row->value.len + row->was.len;
}

void unit_put(struct unit *unit, enum smg_space space, struct smg_str key, struct smg_str value)
{
    add(unit, &(struct smg_row){ .space = space, .act = SMG_PUT, .key = key, .value = value });
}

void unit_put_new(struct unit *unit, enum smg_space space, struct smg_str key, struct smg_str value)
{
    add(unit, &(struct smg_row){
                  .space = space, .act = SMG_PUT, .when = SMG_NEW, .key = key, .value = value });
}

void unit_put_if(struct unit *unit, enum smg_space space, struct smg_str key, struct smg_str was,
                 struct smg_str value)
{
    add(unit, &(struct smg_row){ .space = space,
                                 .act = SMG_PUT,
                                 .when = SMG_IS,
                                 .key = key,
                                 .value = value,
                                 .was = was });
}

void unit_erase(struct unit *unit, enum smg_space space, struct smg_str key)
{
    add(unit, &(struct smg_row){ .space = space, .act = SMG_ERASE, .key = key });
}

void unit_erase_if(struct unit *unit, enum smg_space space, struct smg_str key, struct smg_str was)
{
    add(unit, &(struct smg_row){
                  .space = space, .act = SMG_ERASE, .when = SMG_IS, .key = key, .was = was });
}

void unit_keep_if(struct unit *unit, enum smg_space space, struct smg_str key, struct smg_str was)
{
    add(unit, &(struct smg_row){
                  .space = space, .act = SMG_KEEP, .when = SMG_IS, .key = key, .was = was });
}

void unit_note(struct unit *unit, struct smg_str note)
{
    void *notes;

    if (unit == NULL || unit->failed != SMG_OK)
        return;
    notes = unit->notes;
    if (!make_room(unit, &notes, &unit->note_room, unit->note_count, sizeof *unit->notes))
        return;
    unit->notes = notes;
    unit->notes[unit->note_count++] = copy(unit, note);
}

size_t unit_notes(const struct unit *unit)
{
    return unit == NULL ? 0 : unit->note_count;
}

struct smg_str unit_note_at(const struct unit *unit, size_t i)
{
    return unit->notes[i];
}

enum smg_code unit_failed(const struct unit *unit)
{
    return unit == NULL ? SMG_E_MEMORY : unit->failed;
}

void unit_close(struct unit *unit)
{
    unit->own = unit->count;
}

void unit_unstage(struct unit *unit)
{
    unit->count = unit->own;
}
