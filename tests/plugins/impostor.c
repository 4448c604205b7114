/* SPDX-License-Identifier: Apache-2.0 */
/* A whole plugin whose descriptor bears another name than its file. */
#include <shiming/plugin.h>

static const struct smg_option options[] = { SMG_OPTIONS_END };

static void impostor_read(void *self, struct smg_op *op)
{
    (void)self, (void)op;
}

static int impostor_open(const struct smg_host *host, const void *config, void **self,
                         struct smg_err *err)
{
    (void)host, (void)config, (void)self;
    return smg_fail(err, SMG_E_BUG, "it must never be opened");
}

static void impostor_close(void *self)
{
    (void)self;
}

static const struct smg_reader_ops ops = { .size = sizeof ops, .read = impostor_read };

SMG_PLUGIN(impostor) = {
    SMG_ABI,
    .kind = SMG_READER,
    .name = "sim",
    .version = "1.0",
    .summary = "it bears another's name, for tests",
    .options = options,
    .open = impostor_open,
    .close = impostor_close,
    .reader = &ops,
};
