/* SPDX-License-Identifier: Apache-2.0 */
/* Threads for large pictures, each with a sealer. */
#include "registration/aside.h"

static int take_sealer(void *keyring, void **sealer, struct smg_err *err)
{
    *sealer = sealer_new(keyring, err);
    return *sealer == NULL ? err->code : SMG_OK;
}

static void free_sealer(void *sealer)
{
    sealer_free(sealer);
}

struct work *aside_new(const struct keyring *keyring, size_t threads, struct smg_err *err)
{
    return work_new("pictures", (unsigned)threads, UINT32_MAX, take_sealer, free_sealer,
                    (void *)keyring, err);
}

static void run(void *ctx, void *sealer)
{
    struct aside *aside = ctx;

    aside->run(aside->ctx, sealer);
}

static void done(void *ctx)
{
    struct aside *aside = ctx;

    aside->done(aside->ctx);
}

void aside_do(const struct desk *desk, struct aside *aside, size_t bytes)
{
    aside->job = (struct work_job){ .run = run, .done = done, .ctx = aside, .loop = desk->loop };
    if (bytes >= ASIDE_FROM_BYTES && desk->aside != NULL && work_submit(desk->aside, &aside->job))
        return;
    aside->run(aside->ctx, desk->sealer);
    aside->done(aside->ctx);
}
