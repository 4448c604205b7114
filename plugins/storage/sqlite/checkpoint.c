/* SPDX-License-Identifier: Apache-2.0 */
/* The checkpointer: moves the log into the database beside the writer, so that no commit pays for
 * it. */
#include "parts.h"

#include <time.h>

enum { PACE_MS = 50, IDLE_MS = 1000 };

/* Sleep until woken or ms are over. false: the time is over. */
static bool doze(struct sqlite *sqlite, int64_t ms)
{
    struct timespec until;

    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += ms % 1000 * 1000000;
    until.tv_sec += ms / 1000 + until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    return pthread_cond_timedwait(&sqlite->woken, &sqlite->lock, &until) == 0;
}

/* A full disk or a reader in the way only put it off; an I/O error is taken for what it is. */
static bool move_log(struct sqlite *sqlite, int mode)
{
    int status;

    if (atomic_load(&sqlite->failed))
        return false;
    status = sqlite3_wal_checkpoint_v2(sqlite->log, NULL, mode, NULL, NULL);
    if ((status & 0xff) == SQLITE_IOERR || (status & 0xff) == SQLITE_CORRUPT)
        connection_mark_failed(sqlite, "a checkpoint failed");
    return status == SQLITE_OK;
}

static void *keep_moving(void *ctx)
{
    struct sqlite *sqlite = ctx;
    bool filled = true; /* the log may hold something that was not cut off yet */

    pthread_mutex_lock(&sqlite->lock);
    while (!sqlite->ending) {
        bool idle = false;

        while (!sqlite->grown && !sqlite->ending && !idle) {
            if (filled)
                idle = !doze(sqlite, IDLE_MS);
            else
                pthread_cond_wait(&sqlite->woken, &sqlite->lock);
        }
        if (sqlite->ending)
            break;
        while (!idle && !sqlite->ending && doze(sqlite, PACE_MS))
            continue;
        sqlite->grown = false;
        pthread_mutex_unlock(&sqlite->lock);
        /* In quiet the log is cut: what was destroyed must not live on in it. */
        filled = !move_log(sqlite, idle ? SQLITE_CHECKPOINT_TRUNCATE : SQLITE_CHECKPOINT_PASSIVE) ||
                 !idle;
        pthread_mutex_lock(&sqlite->lock);
    }
    pthread_mutex_unlock(&sqlite->lock);
    return NULL;
}

int checkpoint_start(struct sqlite *sqlite, struct smg_err *err)
{
    int code = connection_open(sqlite, &sqlite->log, err);

    if (code < 0)
        return code;
    sqlite3_busy_timeout(sqlite->log, 0);
    sqlite->grown = sqlite->ending = false;
    if (pthread_create(&sqlite->checkpointer, NULL, keep_moving, sqlite) != 0) {
        sqlite3_close(sqlite->log);
        return smg_fail(err, SMG_E_MEMORY, "no thread for checkpoints");
    }
    return SMG_OK;
}

void checkpoint_stop(struct sqlite *sqlite)
{
    pthread_mutex_lock(&sqlite->lock);
    sqlite->ending = true;
    pthread_cond_signal(&sqlite->woken);
    pthread_mutex_unlock(&sqlite->lock);
    pthread_join(sqlite->checkpointer, NULL);
    sqlite3_close(sqlite->log);
    sqlite->log = NULL;
}

void checkpoint_wake(struct sqlite *sqlite)
{
    pthread_mutex_lock(&sqlite->lock);
    if (!sqlite->grown) {
        sqlite->grown = true;
        pthread_cond_signal(&sqlite->woken);
    }
    pthread_mutex_unlock(&sqlite->lock);
}
