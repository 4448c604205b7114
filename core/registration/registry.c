/* SPDX-License-Identifier: Apache-2.0 */
/* Looking up what rules ask of the gateway's own records. */
#include "registration/registry.h"

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

enum { SLOTS_AT_ONCE = 64 };

struct held_lookup {
    struct store *store;
    registry_held_fn fn;
    void *ctx;
    uint8_t from[SLOT_PREFIX_BYTES], to[SLOT_PREFIX_BYTES];
    struct store_read slots;
    struct smg_err err;
    struct loop_call call;
};

static void held_end(struct held_lookup *lookup, const struct held *held)
{
    lookup->fn(lookup->ctx, lookup->err.code == SMG_OK ? held : NULL, &lookup->err);
    store_read_fini(&lookup->slots);
    free(lookup);
}

/* Slots come in order: the lowest free one is where the first gap is. */
static void on_slots(void *ctx, const struct smg_err *err)
{
    struct held_lookup *lookup = ctx;
    struct held held = { .count = 0 };
    uint16_t number, lowest = 0;
    size_t i;

    if (err->code == SMG_OK && lookup->slots.count == lookup->slots.scan.limit) {
        lookup->slots.scan.limit = 0; /* there may be more than anybody should hold */
        store_read(lookup->store, &lookup->slots);
        return;
    }
    lookup->err = *err;
    held.count = (unsigned)lookup->slots.count;
    for (i = 0; lookup->err.code == SMG_OK && i < lookup->slots.count; i++) {
        if (!slots_number(lookup->slots.rows[i].key, &number))
            smg_fail(&lookup->err, SMG_E_PROTOCOL, "registration: the index is damaged");
        else if (number == lowest)
            lowest++;
    }
    if (lowest == UINT16_MAX)
        smg_fail(&lookup->err, SMG_E_FULL, "registration: one holder has every slot there is");
    slots_key(lookup->from, lowest, held.slot);
    held_end(lookup, &held);
}

static void on_no_prefix(void *ctx)
{
    held_end(ctx, NULL);
}

void registry_held(struct desk *desk, struct smg_str identity, registry_held_fn fn, void *ctx)
{
    struct held_lookup *lookup = calloc(1, sizeof *lookup);
    size_t i;

    if (lookup == NULL)
        abort(); /* as above */
    *lookup = (struct held_lookup){ .store = desk->store, .fn = fn, .ctx = ctx };
    if (slots_prefix(desk->sealer, identity, lookup->from, &lookup->err) != SMG_OK) {
        lookup->call = (struct loop_call){ .fn = on_no_prefix, .ctx = lookup };
        loop_post(desk->loop, &lookup->call);
        return;
    }
    memcpy(lookup->to, lookup->from, sizeof lookup->to);
    for (i = sizeof lookup->to; i > 0 && ++lookup->to[i - 1] == 0; i--)
        ; /* the next prefix: carry */
    lookup->slots = (struct store_read){
        .scan = { .space = SMG_SPACE_INDEX,
                  .from = str_bytes(lookup->from, sizeof lookup->from),
                  .to = str_bytes(lookup->to, sizeof lookup->to),
                  .limit = SLOTS_AT_ONCE },
        .loop = desk->loop,
        .done = on_slots,
        .ctx = lookup,
    };
    store_read(desk->store, &lookup->slots);
}
