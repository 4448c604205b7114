/* SPDX-License-Identifier: Apache-2.0 */
/* Cases lie in the order of their ids, which begin with the time. */
#include "replay/cases.h"

enum { PAGE = 64, TIME_BYTES = 6, FROM_UTC_MS = 8 * 3600 * 1000, DAY_MS = 86400000 };

/* The beginning of the ids made from this moment on. */
static void put_time(int64_t ms, struct buf *out)
{
    struct buf bytes = { 0 };

    buf_u64(&bytes, ms < 0 ? 0 : (uint64_t)ms);
    if (!bytes.failed)
        buf_put(out, bytes.at + 8 - TIME_BYTES, TIME_BYTES);
    buf_fini(&bytes);
}

static int64_t day_begins(struct smg_date day)
{
    return (int64_t)date_to_days(day) * DAY_MS - FROM_UTC_MS;
}

static void put_range(const struct cases_range *range, struct buf *from, struct buf *to)
{
    put_time(date_is_none(range->from) ? 0 : day_begins(range->from), from);
    if (!date_is_none(range->to))
        put_time(day_begins(range->to) + DAY_MS, to);
}

/* A walk along the rows of a space whose keys are ids, a page at a time. Longer keys, which say
 * that a service ended, are passed over. */
struct cursor {
    struct store *store;
    enum smg_space space;
    struct buf from, to;
    struct store_read page;
    size_t at;
    bool last; /* the page */
};

static void cursor_open(struct cursor *cursor, struct store *store, enum smg_space space,
                        const struct cases_range *range)
{
    *cursor = (struct cursor){ .store = store, .space = space };
    put_range(range, &cursor->from, &cursor->to);
}

static void cursor_close(struct cursor *cursor)
{
    store_read_fini(&cursor->page);
    buf_fini(&cursor->from);
    buf_fini(&cursor->to);
}

static bool turn_page(struct cursor *cursor, bool backward, struct smg_err *err)
{
    if (cursor->page.count > 0) { /* on from just behind the last key */
        buf_clear(&cursor->from);
        buf_str(&cursor->from, cursor->page.rows[cursor->page.count - 1].key);
        buf_byte(&cursor->from, 0);
    }
    if (cursor->from.failed || cursor->to.failed) {
        smg_fail(err, SMG_E_MEMORY, "replay: out of memory");
        return false;
    }
    cursor->page.scan = (struct smg_scan){ .space = cursor->space,
                                           .from = buf_view(&cursor->from),
                                           .to = buf_view(&cursor->to),
                                           .backward = backward,
                                           .limit = PAGE };
    cursor->at = 0;
    if (store_read_wait(cursor->store, &cursor->page, err) != SMG_OK)
        return false;
    cursor->last = cursor->page.count < PAGE;
    return true;
}

/* The next row of the page and its id; NULL after the last. */
static const struct store_row *next_on_page(struct cursor *cursor, struct id *id)
{
    while (cursor->at < cursor->page.count) {
        const struct store_row *row = &cursor->page.rows[cursor->at++];

        if (row->key.len == sizeof id->bytes) {
            memcpy(id->bytes, row->key.at, sizeof id->bytes);
            return row;
        }
    }
    return NULL;
}

/* The next row; NULL at the end, and after a failure, which is in err. */
static const struct store_row *next_row(struct cursor *cursor, struct id *id, struct smg_err *err)
{
    const struct store_row *row = next_on_page(cursor, id);

    while (row == NULL && !cursor->last && turn_page(cursor, false, err))
        row = next_on_page(cursor, id);
    return row;
}

int cases_scan(struct store *store, struct sealer *sealer, const struct cases_range *range,
               cases_fn fn, void *ctx, struct smg_err *err)
{
    const struct store_row *row;
    struct cursor cursor;
    struct buf plain = { 0 };
    struct kept_case kept;
    struct id id;
    bool more = true;

    *err = (struct smg_err){ 0 };
    cursor_open(&cursor, store, SMG_SPACE_CASE, range);
    while (more && (row = next_row(&cursor, &id, err)) != NULL) {
        struct smg_err wrong = { 0 };
        int status = record_case_open(sealer, id, row->value, &plain, &kept, &wrong);

        more = fn(ctx, id, status == SMG_OK ? &kept : NULL, &wrong);
    }
    cursor_close(&cursor);
    buf_fini(&plain);
    return err->code;
}

/* A gateway may have written both rows since the page was read. */
static bool is_there(struct store *store, struct id id, struct smg_err *err)
{
    struct smg_str key = id_view(&id);
    struct store_read read = { .space = SMG_SPACE_CASE, .keys = &key, .key_count = 1 };
    bool there = store_read_wait(store, &read, err) == SMG_OK && read.count == 1;

    store_read_fini(&read);
    return there;
}

int cases_absent(struct store *store, const struct cases_range *range,
                 void (*fn)(void *ctx, struct id id), void *ctx, struct smg_err *err)
{
    struct cursor registrations, cases;
    struct id wanted, id = { { 0 } };
    bool some = true;

    *err = (struct smg_err){ 0 };
    cursor_open(&registrations, store, SMG_SPACE_REGISTRATION, range);
    cursor_open(&cases, store, SMG_SPACE_CASE, range);
    while (next_row(&registrations, &wanted, err) != NULL && err->code == SMG_OK) {
        while (some && str_compare(id_view(&id), id_view(&wanted)) < 0)
            some = next_row(&cases, &id, err) != NULL;
        if (err->code == SMG_OK && str_compare(id_view(&id), id_view(&wanted)) != 0 &&
            !is_there(store, wanted, err) && err->code == SMG_OK)
            fn(ctx, wanted);
    }
    cursor_close(&registrations);
    cursor_close(&cases);
    return err->code;
}

int cases_last(struct store *store, const struct cases_range *range, int64_t *ms,
               struct smg_err *err)
{
    struct cursor cursor;
    struct id id;

    *err = (struct smg_err){ 0 };
    cursor_open(&cursor, store, SMG_SPACE_CASE, range);
    *ms = turn_page(&cursor, true, err) && next_on_page(&cursor, &id) != NULL ? id_time(id) : 0;
    cursor_close(&cursor);
    return err->code;
}
