/* SPDX-License-Identifier: Apache-2.0 */
/* A copy keeps a mark in the store it fills: how far it came, written with the rows it tells of. */
#include "store/copy.h"

#include "store/inside.h"

enum { COPY_ROWS = 512, COPY_BYTES = 4 << 20 };

static const enum smg_space spaces[] = {
#define SPACE_NUMBER(name, number, text) number,
    SMG_SPACES(SPACE_NUMBER)
#undef SPACE_NUMBER
};
enum { SPACES = sizeof spaces / sizeof *spaces };

static struct smg_str mark_key(void)
{
    return SMG_STR("copy");
}

static bool is_mark(enum smg_space space, struct smg_str key)
{
    return space == SMG_SPACE_META && str_eq(key, mark_key());
}

static int open_link(struct link *link, struct instance *storage, struct smg_err *err)
{
    *link = (struct link){ .ops = NULL };
    link->ops = instance_storage(storage, &link->self);
    return link_open(link, err);
}

/* ---- seeing ---- */

struct walk {
    enum smg_space space;
    store_seen_fn fn;
    void *ctx;
    bool ended;
};

static bool show(void *ctx, struct smg_str key, struct smg_str value)
{
    struct walk *walk = ctx;

    if (!is_mark(walk->space, key))
        walk->ended = !walk->fn(walk->ctx, walk->space, key, value);
    return !walk->ended;
}

/* From a place on: a space, and the first key in it. */
static int walk_from(const struct link *link, size_t first, struct smg_str from, store_seen_fn fn,
                     void *ctx, struct smg_err *err)
{
    struct walk walk = { .fn = fn, .ctx = ctx };
    int code = SMG_OK;

    for (size_t i = first; i < SPACES && code == SMG_OK && !walk.ended; i++) {
        struct smg_scan scan = { .space = spaces[i] };

        if (i == first)
            scan.from = from;
        walk.space = spaces[i];
        code = link->ops->scan(link->session, &scan, show, &walk, err);
    }
    return code;
}

int store_walk(struct instance *storage, store_seen_fn fn, void *ctx, struct smg_err *err)
{
    struct link link;
    int code = open_link(&link, storage, err);

    if (code == SMG_OK)
        code = walk_from(&link, 0, (struct smg_str){ NULL, 0 }, fn, ctx, err);
    link_close(&link);
    return code;
}

/* ---- the mark ---- */

struct mark {
    bool there;
    uint8_t space; /* of the last row copied; its number */
    struct store_copied copied;
    char next[256]; /* the first key that was not: the last one with a zero behind it */
    size_t next_len;
};

static bool read_mark(void *ctx, struct smg_str key, struct smg_str value)
{
    struct mark *mark = ctx;

    (void)key;
    mark->there = true;
    if (!take_u8(&value, &mark->space) || !take_u64(&value, &mark->copied.rows) ||
        !take_u64(&value, &mark->copied.bytes) || value.len > sizeof mark->next)
        return false;
    memcpy(mark->next, value.at, value.len);
    mark->next_len = value.len;
    return true;
}

static int find_mark(const struct link *link, struct mark *mark, struct smg_err *err)
{
    struct smg_str key = mark_key();

    *mark = (struct mark){ .there = false };
    return link->ops->get(link->session, SMG_SPACE_META, &key, 1, read_mark, mark, err);
}

int copy_expect_whole(const struct link *link, struct smg_err *err)
{
    struct mark mark;
    int code = find_mark(link, &mark, err);

    if (code < 0 || !mark.there)
        return code;
    return smg_fail(err, SMG_E_INVALID,
                    "a copy into this store was begun and not finished; go on with: shiming store "
                    "copy FROM TO");
}

/* ---- copying ---- */

struct copy {
    struct link to;
    struct mark mark;
    struct unit *unit;
    size_t rows, bytes; /* in the unit */
    store_copied_fn fn;
    void *ctx;
    int code;
    struct smg_err *err;
};

static void put_mark(struct copy *copy)
{
    struct buf value = { 0 };

    buf_byte(&value, copy->mark.space);
    buf_u64(&value, copy->mark.copied.rows);
    buf_u64(&value, copy->mark.copied.bytes);
    buf_put(&value, copy->mark.next, copy->mark.next_len);
    unit_put(copy->unit, SMG_SPACE_META, mark_key(), buf_view(&value));
    if (value.failed)
        copy->code = smg_fail(copy->err, SMG_E_MEMORY, "out of memory");
    buf_fini(&value);
}

/* The rows gathered, and the mark that tells of them, in one commit. */
static bool commit(struct copy *copy)
{
    struct smg_unit view;
    bool refused = false;

    put_mark(copy);
    if (copy->code == SMG_OK && unit_failed(copy->unit) != SMG_OK)
        copy->code = smg_fail(copy->err, unit_failed(copy->unit), "a row cannot be copied");
    if (copy->code < 0)
        return false;
    view = unit_view(copy->unit);
    copy->code = copy->to.ops->apply(copy->to.session, &view, 1, &refused, copy->err);
    unit_free(copy->unit);
    copy->unit = unit_new();
    copy->rows = copy->bytes = 0;
    if (copy->code == SMG_OK && !copy->fn(copy->ctx, &copy->mark.copied))
        copy->code = smg_fail(copy->err, SMG_E_CANCELLED, "the copy was ended; it can go on later");
    return copy->code == SMG_OK;
}

static bool copy_row(void *ctx, enum smg_space space, struct smg_str key, struct smg_str value)
{
    struct copy *copy = ctx;
    struct mark *mark = &copy->mark;

    unit_put(copy->unit, space, key, value);
    copy->rows++;
    copy->bytes += key.len + value.len;
    mark->copied.rows++;
    mark->copied.bytes += key.len + value.len;
    mark->space = (uint8_t)space;
    memcpy(mark->next, key.at, key.len);
    mark->next[key.len] = '\0';
    mark->next_len = key.len + 1;
    return (copy->rows < COPY_ROWS && copy->bytes < COPY_BYTES) || commit(copy);
}

static bool note_any(void *ctx, enum smg_space space, struct smg_str key, struct smg_str value)
{
    bool *any = ctx;

    (void)space;
    (void)key;
    (void)value;
    *any = true;
    return false;
}

/* May rows be put there? Where from shall they be read on? */
static int begin(struct copy *copy, const struct link *from, size_t *first)
{
    bool any = false;
    int code = copy_expect_whole(from, copy->err);

    if (code == SMG_OK)
        code = copy->to.ops->check(copy->to.session, copy->err);
    if (code == SMG_OK)
        code = find_mark(&copy->to, &copy->mark, copy->err);
    if (code == SMG_OK && !copy->mark.there)
        code = walk_from(&copy->to, 0, (struct smg_str){ NULL, 0 }, note_any, &any, copy->err);
    if (code == SMG_OK && any)
        code = smg_fail(copy->err, SMG_E_EXISTS, "the store to fill is not empty");
    if (!copy->mark.there)
        copy->mark.space = (uint8_t)spaces[0];
    *first = 0;
    while (*first < SPACES && spaces[*first] != copy->mark.space)
        ++*first;
    if (code == SMG_OK && *first == SPACES)
        code = smg_fail(copy->err, SMG_E_INVALID, "the store to fill holds a copy of a newer kind");
    return code;
}

int store_copy(struct instance *from, struct instance *to, store_copied_fn fn, void *ctx,
               struct store_copied *out, struct smg_err *err)
{
    struct copy copy = { .fn = fn, .ctx = ctx, .err = err, .unit = unit_new() };
    struct link source;
    struct smg_str next;
    size_t first = 0;
    int code = open_link(&source, from, err);

    if (code == SMG_OK)
        code = open_link(&copy.to, to, err);
    if (code == SMG_OK)
        code = begin(&copy, &source, &first);
    if (code == SMG_OK) {
        char begun[sizeof copy.mark.next];

        memcpy(begun, copy.mark.next, sizeof begun);
        next = str_bytes(begun, copy.mark.next_len);
        code = walk_from(&source, first, next, copy_row, &copy, err);
    }
    if (code == SMG_OK)
        code = copy.code;
    if (code == SMG_OK && !commit(&copy))
        code = copy.code;
    *out = copy.mark.copied;
    unit_free(copy.unit);
    link_close(&copy.to);
    link_close(&source);
    return code;
}

int store_copy_end(struct instance *to, struct smg_err *err)
{
    struct smg_row mark = { .space = SMG_SPACE_META, .act = SMG_ERASE, .key = mark_key() };
    struct smg_unit unit = { &mark, 1 };
    struct link link;
    bool refused = false;
    int code = open_link(&link, to, err);

    if (code == SMG_OK)
        code = link.ops->apply(link.session, &unit, 1, &refused, err);
    link_close(&link);
    return code;
}
