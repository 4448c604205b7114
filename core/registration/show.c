/* SPDX-License-Identifier: Apache-2.0 */
/* A record as people may see it: nested JSON, masked unless somebody said why not. */
#include "registration/record.h"

#include <stdlib.h>

enum mask { MASK_NOTHING, MASK_NAME, MASK_NUMBER, MASK_PHONE, MASK_ADDRESS, MASK_DATE, MASK_ALL };

/* What the last part of a field's name says it is. What is not listed is a word of ours
 * ("mobile.open", "resident_id"), a yes or no, or falls under the last line: anything a person
 * wrote is hidden. */
static const struct {
    const char *name;
    enum mask mask;
} masks[] = {
    { "number", MASK_NUMBER },
    { "permit_number", MASK_NUMBER },
    { "old_number", MASK_NUMBER },
    { "phone", MASK_PHONE },
    { "address", MASK_ADDRESS },
    { "printed_address", MASK_ADDRESS },
    { "install_address", MASK_ADDRESS },
    { "birth", MASK_DATE },
    { "name", MASK_NAME },
    { "name_latin", MASK_NAME },
    { "work_unit", MASK_NAME },
    { "operation", MASK_NOTHING },
    { "kind", MASK_NOTHING },
    { "type", MASK_NOTHING },
    { "region", MASK_NOTHING },
    { "outlet", MASK_NOTHING },
    { "dealer", MASK_NOTHING },
    { "staff", MASK_NOTHING },
    { "origin", MASK_NOTHING },
    { "reader", MASK_NOTHING },
    { "valid_from", MASK_NOTHING },
    { "valid_to", MASK_NOTHING },
    { "examined", MASK_NOTHING },
    { "refuses", MASK_NOTHING },
    { "verified", MASK_NOTHING },
    { "authentic", MASK_NOTHING },
    { "signer_trusted", MASK_NOTHING },
    { "issuer", MASK_ADDRESS },
    { "format", MASK_NOTHING },
    { "count", MASK_NOTHING },
    { "sex", MASK_NOTHING },
    { "nationality", MASK_NOTHING },
};

static enum mask mask_of(struct smg_str name)
{
    size_t i = name.len;

    if (str_is(name, "number"))
        return MASK_PHONE; /* the telephone number; a document's is document.number */
    if (str_starts(name, "pictures."))
        return MASK_NOTHING; /* ids and kinds, see pictures_check */
    if (str_starts(name, "extra."))
        return MASK_ALL; /* whatever its name says: it is not ours */
    while (i > 0 && name.at[i - 1] != '.')
        i--;
    name = str_bytes(name.at + i, name.len - i);
    for (i = 0; i < sizeof masks / sizeof *masks; i++)
        if (str_is(name, masks[i].name))
            return masks[i].mask;
    return MASK_ALL;
}

/* The byte at which character `index` of a well-formed text begins. */
static size_t character_at(struct smg_str text, size_t index)
{
    size_t i;

    for (i = 0; i < text.len; i++)
        if (((unsigned char)text.at[i] & 0xC0) != 0x80 && index-- == 0)
            return i;
    return text.len;
}

/* Keep some characters at both ends, stars between; nothing is kept of what is too short to hide.
 */
static void put_stars(struct buf *out, struct smg_str text, size_t head, size_t tail)
{
    size_t length = str_utf8_length(text), i, end;
    struct buf masked = { 0 };

    if (length <= head + tail)
        head = tail = 0;
    buf_put(&masked, text.at, character_at(text, head));
    for (i = 0; i < length - head - tail; i++)
        buf_byte(&masked, '*');
    end = character_at(text, length - tail);
    buf_put(&masked, text.at + end, text.len - end);
    if (!masked.failed)
        buf_json(out, buf_view(&masked));
    buf_fini(&masked);
}

/* "+86139****0001", "139****0001": four digits at least stay hidden. */
static void put_phone(struct smg_str text, struct buf *out)
{
    if (text.len >= 11)
        put_stars(out, text, text.len >= 14 ? 6 : 3, 4);
    else
        put_stars(out, text, 0, 2);
}

static void put_masked_text(struct smg_str name, struct smg_str text, struct buf *out)
{
    switch (mask_of(name)) {
    case MASK_NOTHING:
        buf_json(out, text);
        return;
    case MASK_NAME:
        put_stars(out, text, 1, 0);
        return;
    case MASK_NUMBER:
        /* Region and the last four of a resident number: GB/T 35273's own example. */
        put_stars(out, text, text.len >= 15 ? 6 : 2, text.len >= 15 ? 4 : 2);
        return;
    case MASK_PHONE:
        put_phone(text, out);
        return;
    case MASK_ADDRESS:
        put_stars(out, text, 6, 0);
        return;
    default:
        buf_text(out, "\"***\"");
        return;
    }
}

static void put_value(const struct smg_value *value, struct buf *out)
{
    switch (value->type) {
    case SMG_BOOL:
        buf_text(out, value->boolean ? "true" : "false");
        return;
    case SMG_INT:
        buf_printf(out, "%lld", (long long)value->integer);
        return;
    case SMG_DATE:
        buf_byte(out, '"');
        date_write(value->date, out);
        buf_byte(out, '"');
        return;
    case SMG_TEXT:
        buf_json(out, value->str);
        return;
    case SMG_BYTES:
        buf_text(out, "null");
        return;
    }
}

void record_mask(struct smg_str name, const struct smg_value *value, struct buf *out)
{
    enum mask mask = mask_of(name);

    if (value->type == SMG_TEXT)
        put_masked_text(name, value->str, out);
    else if (value->type == SMG_DATE && mask == MASK_DATE)
        buf_printf(out, "\"%04d-**-**\"", value->date.year);
    else if ((value->type == SMG_DATE || value->type == SMG_INT) && mask != MASK_NOTHING)
        buf_text(out, "\"***\"");
    else
        put_value(value, out);
}

static int by_name(const void *a, const void *b)
{
    return str_compare(*(const struct smg_str *)a, *(const struct smg_str *)b);
}

/* How many dotted parts two names share, and where the first differing part of b begins. */
static size_t shared_parts(struct smg_str a, struct smg_str b, size_t *at)
{
    size_t i, parts = 0;

    *at = 0;
    for (i = 0; i < a.len && i < b.len && a.at[i] == b.at[i]; i++)
        if (a.at[i] == '.') {
            parts++;
            *at = i + 1;
        }
    return parts;
}

static size_t count_dots(struct smg_str name)
{
    size_t i, dots = 0;

    for (i = 0; i < name.len; i++)
        dots += name.at[i] == '.';
    return dots;
}

/* From where the last name left off: close objects, then open those of the next name. */
static void put_path(struct smg_str before, struct smg_str name, bool first, struct buf *out)
{
    size_t at = 0, shared = first ? 0 : shared_parts(before, name, &at), i, from;

    if (!first) {
        for (i = count_dots(before); i > shared; i--)
            buf_byte(out, '}');
        buf_byte(out, ',');
    }
    for (from = i = at; i < name.len; i++) {
        if (name.at[i] != '.')
            continue;
        buf_json(out, str_bytes(name.at + from, i - from));
        buf_text(out, ":{");
        from = i + 1;
    }
    buf_json(out, str_bytes(name.at + from, name.len - from));
    buf_byte(out, ':');
}

void record_show(const struct smg_fields *fields, bool clear, struct buf *out)
{
    size_t count = 0, i;
    struct smg_str *names = calloc(fields_count(fields) + 1, sizeof *names);

    if (names == NULL) {
        out->failed = true;
        return;
    }
    for (i = 0; i < fields_count(fields); i++)
        if (fields_value(fields, i)->type != SMG_BYTES)
            names[count++] = fields_name(fields, i);
    qsort(names, count, sizeof *names, by_name);
    for (i = 0; i < count; i++) {
        const struct smg_value *value = fields_get(fields, names[i]);

        put_path(i == 0 ? names[0] : names[i - 1], names[i], i == 0, out);
        if (clear)
            put_value(value, out);
        else
            record_mask(names[i], value, out);
    }
    for (i = count == 0 ? 0 : count_dots(names[count - 1]); i > 0; i--)
        buf_byte(out, '}');
    free(names);
}
