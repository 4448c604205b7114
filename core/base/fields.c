/* SPDX-License-Identifier: Apache-2.0 */
/* Fields: an array in the order of setting, an open hash over the names, and blocks that hold names
 * and texts one after the other. */
#include "base/fields.h"

#include "base/date.h"

#include <stdlib.h>

enum { NAME_BYTES = 120, FIELDS_MAX = 4096, BLOCK_BYTES = 2048 };

struct field {
    char *name; /* the text behind it; wiped where it lies when the field goes */
    size_t name_len;
    struct smg_value value;
};

struct block {
    struct block *next;
    size_t used, room;
    char at[];
};

struct smg_fields {
    struct field *at;
    size_t count, room;
    struct block *blocks; /* the one with room first */
    uint16_t *slots;      /* index + 1, or 0 */
    size_t slot_count;
};

struct smg_fields *fields_new(void)
{
    return calloc(1, sizeof(struct smg_fields));
}

static void field_fini(struct field *field)
{
    bool text = field->value.type == SMG_TEXT || field->value.type == SMG_BYTES;

    str_wipe(field->name, field->name_len + (text ? field->value.str.len : 0));
    str_wipe(field, sizeof *field);
}

void fields_free(struct smg_fields *fields)
{
    struct block *block, *next;

    if (fields == NULL)
        return;
    for (block = fields->blocks; block != NULL; block = next) {
        next = block->next;
        str_wipe(block->at, block->used);
        free(block);
    }
    str_wipe(fields->at, fields->count * sizeof *fields->at);
    free(fields->at);
    free(fields->slots);
    free(fields);
}

/* FNV-1a, by eight bytes at a time. */
static size_t hash_of(struct smg_str name)
{
    uint64_t hash = 14695981039346656037u, part;

    for (; name.len >= sizeof part; name.at += sizeof part, name.len -= sizeof part) {
        memcpy(&part, name.at, sizeof part);
        hash = (hash ^ part) * 1099511628211u;
        hash ^= hash >> 32;
    }
    part = 0;
    if (name.len > 0)
        memcpy(&part, name.at, name.len);
    hash = (hash ^ part) * 1099511628211u;
    return (size_t)(hash ^ hash >> 32);
}

static uint16_t *slot_of(const struct smg_fields *fields, struct smg_str name)
{
    size_t i = hash_of(name) & (fields->slot_count - 1);

    for (;; i = (i + 1) & (fields->slot_count - 1)) {
        const struct field *field;

        if (fields->slots[i] == 0)
            return &fields->slots[i];
        field = &fields->at[fields->slots[i] - 1];
        if (str_eq(name, str_bytes(field->name, field->name_len)))
            return &fields->slots[i];
    }
}

static void fill_slots(struct smg_fields *fields)
{
    size_t i;

    memset(fields->slots, 0, fields->slot_count * sizeof *fields->slots);
    for (i = 0; i < fields->count; i++) {
        struct smg_str name = { fields->at[i].name, fields->at[i].name_len };

        *slot_of(fields, name) = (uint16_t)(i + 1);
    }
}

static bool make_room(struct smg_fields *fields)
{
    size_t room = fields->room == 0 ? 32 : fields->room * 2;
    struct field *at;
    uint16_t *slots;

    if (fields->count < fields->room)
        return true;
    at = realloc(fields->at, room * sizeof *at);
    if (at == NULL)
        return false;
    fields->at = at;
    slots = realloc(fields->slots, room * 2 * sizeof *slots);
    if (slots == NULL)
        return false;
    fields->slots = slots;
    fields->slot_count = room * 2;
    fields->room = room;
    fill_slots(fields);
    return true;
}

/* Room for so many bytes, which stay where they are. */
static char *place(struct smg_fields *fields, size_t len)
{
    struct block *block = fields->blocks;
    size_t room = len < BLOCK_BYTES ? BLOCK_BYTES : len;

    if (block == NULL || block->room - block->used < len) {
        block = malloc(sizeof *block + room);
        if (block == NULL)
            return NULL;
        *block = (struct block){ .next = fields->blocks, .room = room };
        fields->blocks = block;
    }
    block->used += len;
    return block->at + block->used - len;
}

static bool field_make(struct smg_fields *fields, struct smg_str name,
                       const struct smg_value *value, struct field *out)
{
    bool text = value->type == SMG_TEXT || value->type == SMG_BYTES;
    size_t len = text ? value->str.len : 0;

    if (name.len == 0 || name.len > NAME_BYTES)
        return false;
    *out = (struct field){ .name = place(fields, name.len + len + 1),
                           .name_len = name.len,
                           .value = *value };
    if (out->name == NULL)
        return false;
    memcpy(out->name, name.at, name.len);
    if (text) {
        if (len > 0)
            memcpy(out->name + name.len, value->str.at, len);
        out->value.str.at = out->name + name.len;
    }
    out->name[name.len + len] = '\0';
    return true;
}

bool fields_set(struct smg_fields *fields, struct smg_str name, const struct smg_value *value)
{
    struct field made;
    uint16_t *slot;

    if (fields->count >= FIELDS_MAX || !make_room(fields) ||
        !field_make(fields, name, value, &made))
        return false;
    slot = slot_of(fields, name);
    if (*slot != 0) {
        field_fini(&fields->at[*slot - 1]);
        fields->at[*slot - 1] = made;
        return true;
    }
    fields->at[fields->count++] = made;
    *slot = (uint16_t)fields->count;
    return true;
}

bool fields_set_text(struct smg_fields *fields, const char *name, struct smg_str text)
{
    return fields_set(fields, str_of(name), &(struct smg_value){ .type = SMG_TEXT, .str = text });
}

bool fields_set_bool(struct smg_fields *fields, const char *name, bool boolean)
{
    return fields_set(fields, str_of(name),
                      &(struct smg_value){ .type = SMG_BOOL, .boolean = boolean });
}

bool fields_set_int(struct smg_fields *fields, const char *name, int64_t integer)
{
    return fields_set(fields, str_of(name),
                      &(struct smg_value){ .type = SMG_INT, .integer = integer });
}

bool fields_set_date(struct smg_fields *fields, const char *name, struct smg_date date)
{
    return fields_set(fields, str_of(name), &(struct smg_value){ .type = SMG_DATE, .date = date });
}

void fields_erase(struct smg_fields *fields, const char *name)
{
    uint16_t *slot;
    size_t i;

    if (fields->count == 0)
        return;
    slot = slot_of(fields, str_of(name));
    if (*slot == 0)
        return;
    i = (size_t)*slot - 1;
    field_fini(&fields->at[i]);
    memmove(&fields->at[i], &fields->at[i + 1], (fields->count - i - 1) * sizeof *fields->at);
    fields->count--;
    fill_slots(fields);
}

const struct smg_value *fields_get(const struct smg_fields *fields, struct smg_str name)
{
    uint16_t slot;

    if (fields->count == 0)
        return NULL;
    slot = *slot_of(fields, name);
    return slot == 0 ? NULL : &fields->at[slot - 1].value;
}

struct smg_str fields_text(const struct smg_fields *fields, const char *name)
{
    const struct smg_value *value = fields_get(fields, str_of(name));

    return value != NULL && value->type == SMG_TEXT ? value->str : (struct smg_str){ NULL, 0 };
}

size_t fields_count(const struct smg_fields *fields)
{
    return fields->count;
}

struct smg_str fields_name(const struct smg_fields *fields, size_t i)
{
    return (struct smg_str){ fields->at[i].name, fields->at[i].name_len };
}

const struct smg_value *fields_value(const struct smg_fields *fields, size_t i)
{
    return &fields->at[i].value;
}

void fields_write(const struct smg_fields *fields, struct buf *out)
{
    size_t i;

    buf_u16(out, (uint16_t)fields->count);
    for (i = 0; i < fields->count; i++) {
        const struct smg_value *value = &fields->at[i].value;

        buf_byte(out, (unsigned char)fields->at[i].name_len);
        buf_put(out, fields->at[i].name, fields->at[i].name_len);
        buf_byte(out, (unsigned char)value->type);
        switch (value->type) {
        case SMG_BOOL:
            buf_byte(out, value->boolean);
            break;
        case SMG_INT:
            buf_u64(out, (uint64_t)value->integer);
            break;
        case SMG_DATE:
            buf_u32(out, date_pack(value->date));
            break;
        case SMG_TEXT:
        case SMG_BYTES:
            buf_u32(out, (uint32_t)value->str.len);
            buf_str(out, value->str);
            break;
        }
    }
}

static bool take_value(struct smg_str *view, struct smg_value *out)
{
    uint8_t type, boolean;
    uint32_t number;
    uint64_t integer;

    if (!take_u8(view, &type))
        return false;
    out->type = (enum smg_type)type;
    switch (type) {
    case SMG_BOOL:
        if (!take_u8(view, &boolean) || boolean > 1)
            return false;
        out->boolean = boolean == 1;
        return true;
    case SMG_INT:
        if (!take_u64(view, &integer))
            return false;
        out->integer = (int64_t)integer;
        return true;
    case SMG_DATE:
        return take_u32(view, &number) && date_unpack(number, &out->date);
    case SMG_TEXT:
    case SMG_BYTES:
        return take_u32(view, &number) && take_bytes(view, number, &out->str) &&
               (type == SMG_BYTES || str_is_utf8(out->str));
    default:
        return false;
    }
}

struct smg_fields *fields_read(struct smg_str bytes, struct smg_err *err)
{
    struct smg_fields *fields = fields_new();
    uint16_t count = 0, i;

    if (fields == NULL || !take_u16(&bytes, &count))
        goto broken;
    for (i = 0; i < count; i++) {
        struct smg_value value;
        struct smg_str name;
        uint8_t name_len;

        if (!take_u8(&bytes, &name_len) || !take_bytes(&bytes, name_len, &name) ||
            !str_is_utf8(name) || !take_value(&bytes, &value) || !fields_set(fields, name, &value))
            goto broken;
    }
    if (bytes.len != 0)
        goto broken;
    return fields;
broken:
    fields_free(fields);
    smg_fail(err, SMG_E_PROTOCOL, "fields: the bytes are not whole");
    return NULL;
}
