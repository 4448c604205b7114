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

static struct smg_scan scan_of(const struct buf *from, const struct buf *to)
{
    return (struct smg_scan){
        .space = SMG_SPACE_CASE, .from = buf_view(from), .to = buf_view(to), .limit = PAGE
    };
}

/* Longer keys say that a service ended. */
static bool is_case(const struct store_row *row, struct id *id)
{
    if (row->key.len != sizeof id->bytes)
        return false;
    memcpy(id->bytes, row->key.at, sizeof id->bytes);
    return true;
}

static bool show_page(const struct store_read *page, struct sealer *sealer, struct buf *plain,
                      cases_fn fn, void *ctx)
{
    struct kept_case kept;
    struct smg_err err;
    struct id id;
    size_t i;
    int status;

    for (i = 0; i < page->count; i++) {
        if (!is_case(&page->rows[i], &id))
            continue;
        err = (struct smg_err){ 0 };
        status = record_case_open(sealer, id, page->rows[i].value, plain, &kept, &err);
        if (!fn(ctx, id, status == SMG_OK ? &kept : NULL, &err))
            return false;
    }
    return true;
}

int cases_scan(struct store *store, struct sealer *sealer, const struct cases_range *range,
               cases_fn fn, void *ctx, struct smg_err *err)
{
    struct buf from = { 0 }, to = { 0 }, plain = { 0 };
    struct store_read page = { 0 };
    bool more = true;
    int status = SMG_OK;

    put_range(range, &from, &to);
    while (more && status == SMG_OK) {
        page.scan = scan_of(&from, &to);
        status = store_read_wait(store, &page, err);
        if (status != SMG_OK)
            break;
        more = show_page(&page, sealer, &plain, fn, ctx) && page.count == PAGE;
        if (more) { /* on from just behind the last key */
            buf_clear(&from);
            buf_str(&from, page.rows[page.count - 1].key);
            buf_byte(&from, 0);
        }
        if (from.failed || to.failed || plain.failed)
            status = smg_fail(err, SMG_E_MEMORY, "replay: out of memory");
    }
    store_read_fini(&page);
    buf_fini(&from);
    buf_fini(&to);
    buf_fini(&plain);
    return status;
}

int cases_last(struct store *store, const struct cases_range *range, int64_t *ms,
               struct smg_err *err)
{
    struct buf from = { 0 }, to = { 0 };
    struct store_read page;
    struct id id;
    size_t i;
    int status;

    *ms = 0;
    put_range(range, &from, &to);
    page = (struct store_read){ .scan = scan_of(&from, &to) };
    page.scan.backward = true;
    status = store_read_wait(store, &page, err);
    for (i = 0; status == SMG_OK && *ms == 0 && i < page.count; i++)
        if (is_case(&page.rows[i], &id))
            *ms = id_time(id);
    store_read_fini(&page);
    buf_fini(&from);
    buf_fini(&to);
    return status;
}
