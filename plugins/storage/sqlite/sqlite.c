/* SPDX-License-Identifier: Apache-2.0 */
/* Storage in one SQLite database beside its write-ahead log: the embedded default. */
#include "parts.h"

#include <stdlib.h>

static const char *const synchronous_choices[] = { "full", "extra", NULL };

static const struct smg_option options[] = {
    SMG_OPTION_PATH(config, path, .flags = SMG_REQUIRED, .help = "the database file"),
    SMG_OPTION_TEXT(config, synchronous, .preset = "full", .choices = synchronous_choices,
                    .help =
                        "how SQLite waits for the disk; anything less could lose registrations"),
    SMG_OPTION_MS(config, busy, .preset = "1s", .min = 10, .max = 60000,
                  .help = "how long to wait while another process writes"),
    SMG_OPTION_BYTES(config, cache, .preset = "8MiB", .min = 1 << 20, .max = 1ll << 32,
                     .help = "page cache of each session"),
    SMG_OPTION_BYTES(config, size_limit, .max = 1ll << 46,
                     .help = "the database grows no larger than this; 0 is no limit"),
    SMG_OPTIONS_END
};

static int open_instance(const struct smg_host *host, const void *config, void **self,
                         struct smg_err *err)
{
    struct sqlite *sqlite = calloc(1, sizeof *sqlite);
    pthread_condattr_t monotonic;

    if (sqlite == NULL)
        return smg_fail(err, SMG_E_MEMORY, "out of memory");
    sqlite->host = host;
    sqlite->config = config;
    pthread_mutex_init(&sqlite->lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&sqlite->woken, &monotonic);
    pthread_condattr_destroy(&monotonic);
    *self = sqlite;
    return SMG_OK;
}

static int start(void *self, struct smg_err *err)
{
    int code = connection_prepare(self, err);

    return code < 0 ? code : checkpoint_start(self, err);
}

static void stop(void *self)
{
    checkpoint_stop(self);
}

static void close_instance(void *self)
{
    struct sqlite *sqlite = self;

    pthread_cond_destroy(&sqlite->woken);
    pthread_mutex_destroy(&sqlite->lock);
    free(sqlite);
}

static const struct smg_storage_ops ops = {
    .size = sizeof ops,
    .session_open = session_open,
    .session_close = session_close,
    .apply = session_apply,
    .get = session_get,
    .scan = session_scan,
    .check = session_check,
};

SMG_PLUGIN(sqlite) = {
    SMG_ABI,
    .kind = SMG_STORAGE,
    .name = "sqlite",
    .version = "1.0",
    .summary = "one SQLite database on this machine, for a single gateway",
    .config_size = sizeof(struct config),
    .options = options,
    .open = open_instance,
    .start = start,
    .stop = stop,
    .close = close_instance,
    .storage = &ops,
};
