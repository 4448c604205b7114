/* SPDX-License-Identifier: Apache-2.0 */
/* A walk over the table of members that takes each field where it belongs; what nobody took is no
 * part of any application. */
#include "registration/application_write.h"

#include "registration/application.h"
#include "registration/member.h"

#include <stdlib.h>

enum { NAME_BYTES = 160, INDENT = 2 };

struct writing {
    const struct smg_fields *fields;
    struct buf *out;
    struct smg_err *err;
    bool *taken; /* by field */
    bool failed; /* err says why */
    bool first;  /* in the object or list that is open */
    int level;
};

/* ---- JSON ---- */

static void put_line(struct writing *writing)
{
    buf_printf(writing->out, "%s%*s", writing->level == 0 ? "" : "\n", writing->level * INDENT, "");
}

static void put_name(struct writing *writing, const char *name)
{
    if (!writing->first)
        buf_byte(writing->out, ',');
    writing->first = false;
    put_line(writing);
    if (name == NULL)
        return; /* an item of a list */
    buf_json(writing->out, str_of(name));
    buf_text(writing->out, ": ");
}

static void open_with(struct writing *writing, char mark)
{
    buf_byte(writing->out, (unsigned char)mark);
    writing->first = true;
    writing->level++;
}

static void close_with(struct writing *writing, char mark)
{
    writing->level--;
    if (!writing->first)
        buf_printf(writing->out, "\n%*s", writing->level * INDENT, "");
    buf_byte(writing->out, (unsigned char)mark);
    writing->first = false;
}

static void put_value(struct writing *writing, const struct smg_value *value)
{
    switch (value->type) {
    case SMG_BOOL:
        buf_text(writing->out, value->boolean ? "true" : "false");
        return;
    case SMG_INT:
        buf_printf(writing->out, "%lld", (long long)value->integer);
        return;
    case SMG_DATE:
        buf_byte(writing->out, '"');
        date_write(value->date, writing->out);
        buf_byte(writing->out, '"');
        return;
    default:
        buf_json(writing->out, value->str);
    }
}

/* ---- fields ---- */

SMG_PRINTF(2, 3)
static void fail(struct writing *writing, const char *fmt, ...)
{
    char text[240];
    va_list args;

    if (writing->failed)
        return; /* the first reason counts */
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    writing->failed = true;
    smg_fail(writing->err, SMG_E_INVALID, "application: %s", text);
}

/* The field of this name, which is now taken; NULL: there is none. */
static const struct smg_value *take(struct writing *writing, const char *name)
{
    const struct smg_value *value = fields_get(writing->fields, str_of(name));
    size_t i;

    for (i = 0; value != NULL && i < fields_count(writing->fields); i++)
        if (fields_value(writing->fields, i) == value)
            writing->taken[i] = true;
    return value;
}

static bool is_below(struct smg_str name, const char *path)
{
    size_t len = strlen(path);

    return name.len > len && str_starts(name, path) && name.at[len] == '.';
}

/* Is there a field below the path, but for `but`? */
static bool has_below(const struct writing *writing, const char *path, const char *but)
{
    size_t i;

    for (i = 0; i < fields_count(writing->fields); i++)
        if (is_below(fields_name(writing->fields, i), path) &&
            !str_is(fields_name(writing->fields, i), but))
            return true;
    return false;
}

/* Can reading give this text, at most `limit` bytes? */
static bool is_text(const struct smg_value *value, size_t limit)
{
    return value->type == SMG_TEXT && value->str.len > 0 && value->str.len <= limit &&
           str_is_utf8(value->str);
}

static bool is_day(const struct smg_value *value)
{
    return value->type == SMG_DATE && date_is_valid(value->date);
}

/* Append ".part"; false: the name is too long to be a field's. */
static void join(char out[NAME_BYTES], const char *path, const char *part)
{
    snprintf(out, NAME_BYTES, "%s%s%s", path, path[0] == '\0' ? "" : ".", part);
}

/* ---- cards ---- */

static struct smg_str origin_of(const struct writing *writing, const char *who)
{
    char name[NAME_BYTES];

    join(name, who, "document.origin");
    return fields_text(writing->fields, name);
}

static bool is_read(const struct writing *writing, const char *who)
{
    struct smg_str origin = origin_of(writing, who);

    return str_is(origin, "chip") || str_is(origin, "mrz");
}

static void write_card_field(struct writing *writing, size_t i, const char *part)
{
    const struct smg_value *value = fields_value(writing->fields, i);
    struct smg_str name = fields_name(writing->fields, i);
    bool good = member_is_name(str_of(part));

    if (member_is_date(str_of(part)))
        good = good && is_day(value);
    else
        good = good &&
               (value->type == SMG_BOOL || (value->type == SMG_TEXT && str_is_utf8(value->str)));
    if (!good) {
        fail(writing, "%.*s cannot be told of a card", (int)name.len, name.at);
        return;
    }
    writing->taken[i] = true;
    put_name(writing, part);
    put_value(writing, value);
}

/* "read": all fields of the holder that nobody types, and what it was read by unless that is a
 * chip. */
static void write_card(struct writing *writing, const char *who)
{
    size_t i, skip = strlen(who) + 1;
    char part[NAME_BYTES];

    put_name(writing, "read");
    open_with(writing, '{');
    for (i = 0; i < fields_count(writing->fields); i++) {
        struct smg_str name = fields_name(writing->fields, i);

        if (!is_below(name, who))
            continue;
        name = str_bytes(name.at + skip, name.len - skip);
        snprintf(part, sizeof part, "%.*s", (int)name.len, name.at);
        if (member_is_typed(name) &&
            !(str_is(name, "document.origin") && str_is(origin_of(writing, who), "mrz")))
            continue;
        write_card_field(writing, i, part);
    }
    close_with(writing, '}');
}

/* ---- members ---- */

static void write_members(struct writing *writing, const struct member *members, const char *path,
                          const char *who);

static void write_scalar(struct writing *writing, const struct member *member, const char *name)
{
    const struct smg_value *value = take(writing, name);
    bool good;

    if (value == NULL)
        return;
    good = member->type == MEMBER_TEXT   ? is_text(value, member->limit)
           : member->type == MEMBER_DATE ? is_day(value)
                                         : value->type == SMG_BOOL;
    if (!good) {
        fail(writing, "%s has a value that no application gives it", name);
        return;
    }
    put_name(writing, member->name);
    put_value(writing, value);
}

/* Somebody who comes, or something brought: there when told, or when anything is known of it. */
static bool is_brought(struct writing *writing, const char *path)
{
    char name[NAME_BYTES];
    const struct smg_value *given;
    bool more;

    join(name, path, "given");
    given = take(writing, name);
    more = has_below(writing, path, name);
    if (given == NULL)
        return more;
    if (given->type != SMG_BOOL || (more && !given->boolean))
        fail(writing, "%s is not true, yet more is told of it", name);
    return given->boolean;
}

static void write_object(struct writing *writing, const struct member *member, const char *name,
                         const char *who)
{
    bool there =
        member_is_told(member->members) ? is_brought(writing, name) : has_below(writing, name, "");

    if (!there)
        return;
    put_name(writing, member->name);
    open_with(writing, '{');
    write_members(writing, member->members, name, member_is_told(member->members) ? name : who);
    close_with(writing, '}');
}

static void write_people(struct writing *writing, const struct member *member, const char *name)
{
    char count_name[NAME_BYTES], path[NAME_BYTES], number[24];
    const struct smg_value *count;
    int64_t i;

    join(count_name, name, "count");
    count = take(writing, count_name);
    if (count == NULL)
        return;
    if (count->type != SMG_INT || count->integer < 0 || count->integer > (int64_t)member->limit) {
        fail(writing, "%s is no number of people an application names", count_name);
        return;
    }
    put_name(writing, member->name);
    open_with(writing, '[');
    for (i = 1; i <= count->integer; i++) {
        snprintf(number, sizeof number, "%d", (int)i);
        join(path, name, number);
        is_brought(writing, path); /* who is listed comes */
        put_name(writing, NULL);
        open_with(writing, '{');
        write_members(writing, member->members, path, path);
        close_with(writing, '}');
    }
    close_with(writing, ']');
}

/* "document_photo.customer" as kind and of, each short enough for the other reader. */
static bool split_picture(struct smg_str name, struct evidence_link *link)
{
    size_t i;

    for (i = 0; i < name.len; i++)
        if (name.at[i] == '.' && i < sizeof link->kind && name.len - i - 1 < sizeof link->of) {
            snprintf(link->kind, sizeof link->kind, "%.*s", (int)i, name.at);
            snprintf(link->of, sizeof link->of, "%.*s", (int)(name.len - i - 1), name.at + i + 1);
            return member_is_name(name);
        }
    return false;
}

static void write_pictures(struct writing *writing, const struct member *member, const char *path)
{
    size_t skip = strlen(path) + 1, count = 0, i;
    bool authorized =
        fields_get(writing->fields, SMG_STR("organisation.authorization.evidence")) != NULL;

    for (i = 0; i < fields_count(writing->fields); i++) {
        struct smg_str name = fields_name(writing->fields, i);
        const struct smg_value *value = fields_value(writing->fields, i);
        struct evidence_link link;

        if (!is_below(name, path))
            continue;
        writing->taken[i] = true;
        if (authorized && str_is(name, "evidence.authorization.organisation") && value->boolean)
            continue; /* told with the organisation */
        if (value->type != SMG_BOOL || !value->boolean || count == member->limit ||
            !split_picture(str_bytes(name.at + skip, name.len - skip), &link)) {
            fail(writing, "%.*s is no picture an application names", (int)name.len, name.at);
            return;
        }
        if (count++ == 0) {
            put_name(writing, member->name);
            open_with(writing, '[');
        }
        put_name(writing, NULL);
        buf_printf(writing->out,
                   "{\"id\": \"01890000-0000-7000-8000-%012zu\", \"kind\": \"%s\", \"of\": \"%s\"}",
                   count, link.kind, link.of);
    }
    if (count > 0)
        close_with(writing, ']');
}

/* Any members of one's own: words, without a level below. */
static void write_free(struct writing *writing, const struct member *member, const char *path)
{
    size_t skip = strlen(path) + 1, i;
    char part[NAME_BYTES];
    bool first = true;

    for (i = 0; i < fields_count(writing->fields); i++) {
        struct smg_str name = fields_name(writing->fields, i);
        const struct smg_value *value = fields_value(writing->fields, i);

        if (!is_below(name, path))
            continue;
        snprintf(part, sizeof part, "%.*s", (int)(name.len - skip), name.at + skip);
        if (strchr(part, '.') != NULL || !member_is_name(str_of(part)) ||
            strlen(part) >= MEMBER_FREE_BYTES ||
            !(value->type == SMG_BOOL || value->type == SMG_INT || is_text(value, SIZE_MAX))) {
            fail(writing, "%.*s cannot be told", (int)name.len, name.at);
            return;
        }
        writing->taken[i] = true;
        if (first) {
            put_name(writing, member->name);
            open_with(writing, '{');
        }
        first = false;
        put_name(writing, part);
        put_value(writing, value);
    }
    if (!first)
        close_with(writing, '}');
}

static void write_member(struct writing *writing, const struct member *member, const char *name,
                         const char *who)
{
    switch (member->type) {
    case MEMBER_TEXT:
    case MEMBER_BOOLEAN:
    case MEMBER_DATE:
        write_scalar(writing, member, name);
        return;
    case MEMBER_OBJECT:
        write_object(writing, member, name, who);
        return;
    case MEMBER_PEOPLE:
        write_people(writing, member, name);
        return;
    case MEMBER_PICTURES:
        write_pictures(writing, member, name);
        return;
    case MEMBER_FREE:
        write_free(writing, member, name);
        return;
    case MEMBER_CARD:
        if (is_read(writing, who))
            write_card(writing, who);
        return;
    }
}

static bool is_scalar(const struct member *member)
{
    return member->type == MEMBER_TEXT || member->type == MEMBER_BOOLEAN ||
           member->type == MEMBER_DATE;
}

static void write_members(struct writing *writing, const struct member *members, const char *path,
                          const char *who)
{
    char name[NAME_BYTES];
    bool read = who[0] != '\0' && is_read(writing, who);
    size_t skip = strlen(who) + 1;

    for (; members->name != NULL && !writing->failed; members++) {
        join(name, path, members->name);
        if (read && is_scalar(members) && !member_is_typed(str_of(name + skip)))
            continue; /* what was read says it */
        write_member(writing, members, name, who);
    }
}

/* The origin of a document is not written: reading finds it. */
static void take_origins(struct writing *writing)
{
    size_t i;

    for (i = 0; i < fields_count(writing->fields); i++) {
        struct smg_str name = fields_name(writing->fields, i), who = name;
        const struct smg_value *value = fields_value(writing->fields, i);
        char type[NAME_BYTES];
        static const char origin[] = ".document.origin";

        if (name.len < sizeof origin ||
            memcmp(name.at + name.len - sizeof origin + 1, origin, sizeof origin - 1) != 0)
            continue;
        who.len -= sizeof origin - 1;
        snprintf(type, sizeof type, "%.*s.document.type", (int)who.len, who.at);
        writing->taken[i] =
            value->type == SMG_TEXT &&
            (str_is(value->str, "chip") ||
             (str_is(value->str, "typed") && fields_text(writing->fields, type).len > 0));
    }
}

static void find_untaken(struct writing *writing)
{
    size_t i;

    for (i = 0; i < fields_count(writing->fields); i++)
        if (!writing->taken[i])
            fail(writing, "no member of it tells %.*s", (int)fields_name(writing->fields, i).len,
                 fields_name(writing->fields, i).at);
}

int application_write(const struct smg_fields *fields, struct buf *out, struct smg_err *err)
{
    struct writing writing = { .fields = fields,
                               .out = out,
                               .err = err,
                               .taken = calloc(fields_count(fields) + 1, sizeof(bool)) };
    size_t before = out->len;

    if (writing.taken == NULL)
        return smg_fail(err, SMG_E_MEMORY, "application: out of memory");
    take_origins(&writing);
    open_with(&writing, '{');
    write_members(&writing, application_members, "", "");
    close_with(&writing, '}');
    buf_byte(out, '\n');
    find_untaken(&writing);
    free(writing.taken);
    if (writing.failed) {
        str_wipe(out->at + before, out->len - before);
        out->len = before;
        return SMG_E_INVALID;
    }
    return out->failed ? smg_fail(err, SMG_E_MEMORY, "application: out of memory") : SMG_OK;
}
