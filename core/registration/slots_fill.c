/* SPDX-License-Identifier: Apache-2.0 */
/* Slots for registrations that were made before there were any: page by page through the index of
 * identities, which has all numbers of one holder side by side. */
#include "registration/slots.h"

#include <stdlib.h>

enum { PAGE = 64, INDEX_KEY_BYTES = INDEX_PREFIX_BYTES + 16, CASE_KEYS = 3 };

static const char mark[] = "slots"; /* in META: every number held has its slot */

struct filling {
    struct store *store;
    struct sealer *sealer;
    struct smg_err *err;
    struct store_read index, cases;
    uint8_t from[INDEX_KEY_BYTES + 1];
    size_t from_len;
    struct id ids[PAGE];
    struct buf ended[PAGE], owner[PAGE];
    struct smg_str keys[CASE_KEYS * PAGE]; /* of each: the case, its end, its slot */
    uint8_t holder[SLOT_PREFIX_BYTES];     /* whose numbers are being looked at */
    uint16_t next;                         /* the holder's next slot */
    struct buf plain;
    uint64_t filled;
};

static int put_mark(struct store *store, struct smg_err *err)
{
    struct unit *unit = unit_new();
    int status;

    unit_put(unit, SMG_SPACE_META, str_of(mark), SMG_STR("1"));
    status = store_apply_wait(store, unit, err);
    unit_free(unit);
    return status;
}

static int read_mark(struct store *store, bool *found, struct smg_err *err)
{
    struct smg_str key = str_of(mark);
    struct store_read read = { .space = SMG_SPACE_META, .keys = &key, .key_count = 1 };
    int status = store_read_wait(store, &read, err);

    *found = status == SMG_OK && store_read_value(&read, key).at != NULL;
    store_read_fini(&read);
    return status;
}

int slots_expect(struct store *store, struct smg_err *err)
{
    struct store_read read = { .scan = { .space = SMG_SPACE_INDEX, .limit = 1 } };
    bool marked = false, empty;
    int status = read_mark(store, &marked, err);

    if (status != SMG_OK || marked)
        return status;
    status = store_read_wait(store, &read, err);
    empty = read.count == 0;
    store_read_fini(&read);
    if (status != SMG_OK)
        return status;
    if (empty)
        return put_mark(store, err);
    return smg_fail(err, SMG_E_UNSUPPORTED,
                    "the store is of a version that did not count numbers by slots; stop all "
                    "gateways, then: shiming store upgrade -c FILE");
}

static int read_page(struct filling *fill)
{
    store_read_fini(&fill->index);
    fill->index = (struct store_read){ .scan = { .space = SMG_SPACE_INDEX,
                                                 .from = str_bytes(fill->from, fill->from_len),
                                                 .to = SMG_STR("j"),
                                                 .limit = PAGE } };
    return store_read_wait(fill->store, &fill->index, fill->err);
}

static int read_cases(struct filling *fill)
{
    size_t i;

    for (i = 0; i < fill->index.count; i++) {
        struct smg_str key = fill->index.rows[i].key;

        if (key.len != INDEX_KEY_BYTES)
            return smg_fail(fill->err, SMG_E_PROTOCOL, "the index of identities is damaged");
        memcpy(fill->ids[i].bytes, key.at + INDEX_PREFIX_BYTES, sizeof fill->ids[i].bytes);
        buf_clear(&fill->ended[i]);
        buf_clear(&fill->owner[i]);
        record_ended_key(fill->ids[i], &fill->ended[i]);
        slots_owner_key(fill->ids[i], &fill->owner[i]);
        fill->keys[CASE_KEYS * i] = id_view(&fill->ids[i]);
        fill->keys[CASE_KEYS * i + 1] = buf_view(&fill->ended[i]);
        fill->keys[CASE_KEYS * i + 2] = buf_view(&fill->owner[i]);
        memcpy(fill->from, key.at, INDEX_KEY_BYTES); /* the next page begins right after it */
        fill->from[INDEX_KEY_BYTES] = 0;
        fill->from_len = INDEX_KEY_BYTES + 1;
    }
    store_read_fini(&fill->cases);
    fill->cases = (struct store_read){ .space = SMG_SPACE_CASE,
                                       .keys = fill->keys,
                                       .key_count = CASE_KEYS * fill->index.count };
    return store_read_wait(fill->store, &fill->cases, fill->err);
}

static struct smg_str case_value(const struct filling *fill, size_t i, size_t which)
{
    return store_read_value(&fill->cases, fill->keys[CASE_KEYS * i + which]);
}

/* Accepted, a gain, and its service has not ended. */
static int is_held(struct filling *fill, size_t i, bool *out)
{
    struct smg_str row = case_value(fill, i, 0);
    struct kept_case kept;
    int status;

    *out = false;
    if (row.at == NULL || case_value(fill, i, 1).at != NULL)
        return SMG_OK;
    status = record_case_open(fill->sealer, fill->ids[i], row, &fill->plain, &kept, fill->err);
    if (status == SMG_OK)
        *out = str_starts(kept.outline, "verdict accepted\n") && slots_is_gain(kept.facts);
    return status;
}

/* Rows come by holder, then by id: an earlier try that was cut off gave the same numbers. */
static int fill_one(struct filling *fill, size_t i, struct unit *unit)
{
    struct smg_str key = fill->index.rows[i].key, owned = case_value(fill, i, 2);
    uint8_t slot[SLOT_KEY_BYTES];
    uint16_t number;
    bool held = false;
    int status = SMG_OK;

    if (memcmp(fill->holder + 1, key.at + 1, SLOT_PREFIX_BYTES - 1) != 0) {
        memcpy(fill->holder, key.at, SLOT_PREFIX_BYTES);
        fill->next = 0;
    }
    if (owned.at == NULL)
        status = is_held(fill, i, &held);
    else if (slots_number(owned, &number) && number >= fill->next)
        fill->next = (uint16_t)(number + 1);
    if (!held)
        return status;
    slots_key(fill->holder, fill->next++, slot);
    slots_take(unit, slot, fill->ids[i]);
    fill->filled++;
    return status;
}

static int fill_page(struct filling *fill)
{
    struct unit *unit = unit_new();
    uint64_t before = fill->filled;
    int status = read_cases(fill);
    size_t i;

    for (i = 0; status == SMG_OK && i < fill->index.count; i++)
        status = fill_one(fill, i, unit);
    if (status == SMG_OK && fill->filled > before)
        status = store_apply_wait(fill->store, unit, fill->err);
    unit_free(unit);
    return status;
}

int slots_fill(struct store *store, struct sealer *sealer, uint64_t *filled, struct smg_err *err)
{
    struct filling *fill = calloc(1, sizeof *fill);
    bool marked = false;
    int status;
    size_t i;

    *filled = 0;
    if (fill == NULL)
        return smg_fail(err, SMG_E_MEMORY, "out of memory");
    *fill = (struct filling){ .store = store, .sealer = sealer, .err = err, .from = { 'i' } };
    fill->from_len = 1;
    status = read_mark(store, &marked, err);
    if (status == SMG_OK && !marked) {
        do {
            status = read_page(fill);
            if (status == SMG_OK && fill->index.count > 0)
                status = fill_page(fill);
        } while (status == SMG_OK && fill->index.count > 0);
        if (status == SMG_OK && fill->from_len > 1) /* an empty store stays so */
            status = put_mark(store, err);
    }
    *filled = fill->filled;
    store_read_fini(&fill->index);
    store_read_fini(&fill->cases);
    for (i = 0; i < PAGE; i++) {
        buf_fini(&fill->ended[i]);
        buf_fini(&fill->owner[i]);
    }
    buf_fini(&fill->plain);
    free(fill);
    return status;
}
