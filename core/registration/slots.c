/* SPDX-License-Identifier: Apache-2.0 */
/* The rows of slots: taken with a registration, given back with the end of its service. */
#include "registration/slots.h"

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

bool slots_is_gain(struct smg_str facts)
{
    return has_line(facts, "customer.kind=person") &&
           (has_line(facts, "operation=mobile.open") ||
            has_line(facts, "operation=mobile.transfer"));
}

int slots_prefix(struct sealer *sealer, struct smg_str identity, uint8_t out[SLOT_PREFIX_BYTES],
                 struct smg_err *err)
{
    int status = record_index_identity(sealer, identity, out, err);

    out[0] = 's';
    return status;
}

void slots_key(const uint8_t prefix[SLOT_PREFIX_BYTES], uint16_t number,
               uint8_t out[SLOT_KEY_BYTES])
{
    memcpy(out, prefix, SLOT_PREFIX_BYTES);
    out[0] = 's';
    out[SLOT_PREFIX_BYTES] = (uint8_t)(number >> 8);
    out[SLOT_PREFIX_BYTES + 1] = (uint8_t)number;
}

bool slots_number(struct smg_str key, uint16_t *out)
{
    if (key.len != SLOT_KEY_BYTES)
        return false;
    key = str_bytes(key.at + SLOT_PREFIX_BYTES, 2);
    return take_u16(&key, out);
}

void slots_owner_key(struct id id, struct buf *out)
{
    buf_str(out, id_view(&id));
    buf_text(out, "/slot");
}

void slots_take(struct unit *unit, const uint8_t key[SLOT_KEY_BYTES], struct id id)
{
    struct smg_str slot = str_bytes(key, SLOT_KEY_BYTES);
    struct buf owner = { 0 };

    slots_owner_key(id, &owner);
    unit_put_new(unit, SMG_SPACE_INDEX, slot, id_view(&id));
    unit_put(unit, SMG_SPACE_CASE, buf_view(&owner), slot);
    buf_fini(&owner);
}

void slots_give_back(struct unit *unit, struct id id, struct smg_str value)
{
    struct buf owner = { 0 };

    slots_owner_key(id, &owner);
    unit_erase(unit, SMG_SPACE_INDEX, value);
    unit_erase(unit, SMG_SPACE_CASE, buf_view(&owner));
    buf_fini(&owner);
}
