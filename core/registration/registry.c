/* SPDX-License-Identifier: Apache-2.0 */
/* Looking up what rules ask of the gateway's own records. */
#include "registration/registry.h"

#include "registration/record.h"

#include <stdlib.h>

/* ---- dealers ---- */

struct dealer_lookup {
    struct desk *desk;
    registry_dealer_fn fn;
    void *ctx;
    struct buf key_bytes;
    struct smg_str key;
    struct store_read row;
};

static void on_dealer(void *ctx, const struct smg_err *err)
{
    struct dealer_lookup *lookup = ctx;
    struct smg_str row = store_read_value(&lookup->row, lookup->key);
    struct smg_err failure = *err;
    struct dealer dealer;
    bool known = false;

    if (failure.code == SMG_OK && row.at != NULL)
        known = dealer_open(lookup->desk->sealer, lookup->key, row, &dealer, &failure) == SMG_OK;
    lookup->fn(lookup->ctx, known ? &dealer : NULL, &failure);
    store_read_fini(&lookup->row);
    buf_fini(&lookup->key_bytes);
    free(lookup);
}

void registry_dealer(struct desk *desk, struct smg_str id, registry_dealer_fn fn, void *ctx)
{
    struct dealer_lookup *lookup = calloc(1, sizeof *lookup);

    if (lookup == NULL)
        abort(); /* the case would wait for ever: better to fall and be started again */
    *lookup = (struct dealer_lookup){ .desk = desk, .fn = fn, .ctx = ctx };
    if (!dealer_key(id, &lookup->key_bytes))
        buf_text(&lookup->key_bytes, "D"); /* no such dealer can be */
    lookup->key = buf_view(&lookup->key_bytes);
    lookup->row = (struct store_read){ .space = SMG_SPACE_DEALER,
                                       .keys = &lookup->key,
                                       .key_count = 1,
                                       .loop = desk->loop,
                                       .done = on_dealer,
                                       .ctx = lookup };
    store_read(desk->store, &lookup->row);
}

/* ---- numbers held ---- */

enum { PAGE = 32, INDEX_KEY_BYTES = INDEX_PREFIX_BYTES + 16 };

/* Page by page through the index of one identity, each page's cases beside it. */
struct held_lookup {
    struct desk *desk;
    registry_held_fn fn;
    void *ctx;
    uint8_t from[INDEX_KEY_BYTES + 1], to[INDEX_PREFIX_BYTES];
    size_t from_len;
    struct store_read index, cases;
    struct id ids[PAGE];
    struct buf ended[PAGE]; /* keys of the rows that say a service ended */
    struct smg_str keys[2 * PAGE];
    size_t page;
    unsigned count;
};

static void scan(struct held_lookup *lookup);

static void held_end(struct held_lookup *lookup, const struct smg_err *err)
{
    size_t i;

    lookup->fn(lookup->ctx, lookup->count, err);
    store_read_fini(&lookup->index);
    store_read_fini(&lookup->cases);
    for (i = 0; i < PAGE; i++)
        buf_fini(&lookup->ended[i]);
    free(lookup);
}

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

/* Was a mobile number gained by this case? */
static bool is_gain(const struct kept_case *kept)
{
    return has_line(kept->outline, "verdict accepted") &&
           (has_line(kept->facts, "operation=mobile.open") ||
            has_line(kept->facts, "operation=mobile.transfer"));
}

static void on_cases(void *ctx, const struct smg_err *err)
{
    struct held_lookup *lookup = ctx;
    struct buf plain = { 0 };
    struct smg_err failure = *err;
    bool last = lookup->page < PAGE;
    size_t i;

    for (i = 0; failure.code == SMG_OK && i < lookup->page; i++) {
        struct smg_str row = store_read_value(&lookup->cases, lookup->keys[2 * i]);
        struct kept_case kept;

        /* A case that was destroyed ended years ago. */
        if (row.at != NULL &&
            store_read_value(&lookup->cases, lookup->keys[2 * i + 1]).at == NULL &&
            record_case_open(lookup->desk->sealer, lookup->ids[i], row, &plain, &kept, &failure) ==
                SMG_OK)
            lookup->count += is_gain(&kept);
    }
    buf_fini(&plain);
    if (failure.code != SMG_OK || last) {
        held_end(lookup, &failure);
        return;
    }
    scan(lookup);
}

static void read_cases(struct held_lookup *lookup)
{
    size_t i;

    store_read_fini(&lookup->cases);
    for (i = 0; i < lookup->page; i++) {
        buf_clear(&lookup->ended[i]);
        record_ended_key(lookup->ids[i], &lookup->ended[i]);
        lookup->keys[2 * i] = id_view(&lookup->ids[i]);
        lookup->keys[2 * i + 1] = buf_view(&lookup->ended[i]);
    }
    lookup->cases = (struct store_read){ .space = SMG_SPACE_CASE,
                                         .keys = lookup->keys,
                                         .key_count = 2 * lookup->page,
                                         .loop = lookup->desk->loop,
                                         .done = on_cases,
                                         .ctx = lookup };
    store_read(lookup->desk->store, &lookup->cases);
}

static void on_index(void *ctx, const struct smg_err *err)
{
    struct held_lookup *lookup = ctx;
    struct smg_err failure = *err;
    size_t i;

    lookup->page = failure.code == SMG_OK ? lookup->index.count : 0;
    for (i = 0; i < lookup->page; i++) {
        struct smg_str key = lookup->index.rows[i].key;

        if (key.len != INDEX_KEY_BYTES) {
            smg_fail(&failure, SMG_E_PROTOCOL, "registration: the index is damaged");
            break;
        }
        memcpy(lookup->ids[i].bytes, key.at + INDEX_PREFIX_BYTES, sizeof lookup->ids[i].bytes);
        /* The next page begins right after the last key of this one. */
        memcpy(lookup->from, key.at, INDEX_KEY_BYTES);
        lookup->from[INDEX_KEY_BYTES] = 0;
        lookup->from_len = INDEX_KEY_BYTES + 1;
    }
    if (failure.code != SMG_OK || lookup->page == 0)
        held_end(lookup, &failure);
    else
        read_cases(lookup);
}

static void scan(struct held_lookup *lookup)
{
    store_read_fini(&lookup->index);
    lookup->index = (struct store_read){
        .scan = { .space = SMG_SPACE_INDEX,
                  .from = str_bytes(lookup->from, lookup->from_len),
                  .to = str_bytes(lookup->to, sizeof lookup->to),
                  .limit = PAGE },
        .loop = lookup->desk->loop,
        .done = on_index,
        .ctx = lookup,
    };
    store_read(lookup->desk->store, &lookup->index);
}

void registry_held(struct desk *desk, struct smg_str identity, registry_held_fn fn, void *ctx)
{
    struct held_lookup *lookup = calloc(1, sizeof *lookup);
    struct smg_err err;
    size_t i;

    if (lookup == NULL)
        abort(); /* as above */
    *lookup = (struct held_lookup){ .desk = desk, .fn = fn, .ctx = ctx };
    if (record_index_identity(desk->sealer, identity, lookup->from, &err) != SMG_OK) {
        held_end(lookup, &err);
        return;
    }
    lookup->from_len = INDEX_PREFIX_BYTES;
    memcpy(lookup->to, lookup->from, sizeof lookup->to);
    for (i = sizeof lookup->to; i > 0 && ++lookup->to[i - 1] == 0; i--)
        ; /* the next prefix: carry */
    scan(lookup);
}
