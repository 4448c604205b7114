/* SPDX-License-Identifier: Apache-2.0 */
/* Looking up what rules ask of the gateway's own records. */
#include "registration/registry.h"

#include <stdlib.h>

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
