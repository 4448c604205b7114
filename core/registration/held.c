/* SPDX-License-Identifier: Apache-2.0 */
/* The rows of holders: longer by a registration, shorter by the end of its service. */
#include "registration/held.h"

/* One whole line of the "name=value\n" lines. */
static bool has_line(struct smg_str lines, const char *line)
{
    size_t len = strlen(line);

    while (lines.len > 0) {
        const char *end = memchr(lines.at, '\n', lines.len);
        size_t here = end == NULL ? lines.len : (size_t)(end - lines.at);

        if (here == len && memcmp(lines.at, line, len) == 0)
            return true;
        here += end != NULL;
        lines = (struct smg_str){ lines.at + here, lines.len - here };
    }
    return false;
}

bool held_is_gain(struct smg_str facts)
{
    return has_line(facts, "customer.kind=person") &&
           (has_line(facts, "operation=mobile.open") ||
            has_line(facts, "operation=mobile.transfer"));
}

int held_key(struct sealer *sealer, struct smg_str identity, uint8_t out[HELD_KEY_BYTES],
             struct smg_err *err)
{
    int status = record_index_identity(sealer, identity, out, err);

    out[0] = 'h';
    return status;
}

enum { ID_BYTES = sizeof((struct id *)NULL)->bytes };

unsigned held_count(struct smg_str row)
{
    return (unsigned)(row.len / ID_BYTES);
}

void held_add(struct unit *unit, struct smg_str key, struct smg_str row, struct id id)
{
    struct buf ids = { 0 };

    buf_str(&ids, row);
    buf_str(&ids, id_view(&id));
    if (row.at == NULL)
        unit_put_new(unit, SMG_SPACE_INDEX, key, buf_view(&ids));
    else
        unit_put_if(unit, SMG_SPACE_INDEX, key, row, buf_view(&ids));
    buf_fini(&ids);
}

void held_remove(struct unit *unit, struct smg_str key, struct smg_str row, struct id id)
{
    struct buf rest = { 0 };
    struct smg_str view = row, one;

    while (take_bytes(&view, ID_BYTES, &one))
        if (!str_eq(one, id_view(&id)))
            buf_str(&rest, one);
    if (rest.len == 0 && row.len > 0)
        unit_erase_if(unit, SMG_SPACE_INDEX, key, row);
    else if (rest.len < row.len)
        unit_put_if(unit, SMG_SPACE_INDEX, key, row, buf_view(&rest));
    buf_fini(&rest);
}
