/* SPDX-License-Identifier: Apache-2.0 */
/* A reader that starts a thread when its file is loaded, before any wall is up. */
#include <pthread.h>
#include <shiming/plugin.h>
#include <unistd.h>

static const struct smg_option options[] = { SMG_OPTIONS_END };

static void *sleep_on(void *ctx)
{
    (void)ctx;
    pause();
    return NULL;
}

__attribute__((constructor)) static void be_early(void)
{
    pthread_t thread;

    if (pthread_create(&thread, NULL, sleep_on, NULL) == 0)
        pthread_detach(thread);
}

static void threaded_read(void *self, struct smg_op *op)
{
    (void)self, (void)op;
}

static int threaded_open(const struct smg_host *host, const void *config, void **self,
                         struct smg_err *err)
{
    (void)host, (void)config, (void)err;
    *self = NULL;
    return SMG_OK;
}

static void threaded_close(void *self)
{
    (void)self;
}

static const struct smg_reader_ops ops = { .size = sizeof ops, .read = threaded_read };

SMG_PLUGIN(threaded) = {
    SMG_ABI,
    .kind = SMG_READER,
    .name = "threaded",
    .version = "1.0",
    .summary = "it starts a thread too early, for tests",
    .options = options,
    .open = threaded_open,
    .close = threaded_close,
    .reader = &ops,
};
