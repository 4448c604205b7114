/* SPDX-License-Identifier: Apache-2.0 */
/* Adding up a whole store, and the line a terminal sees meanwhile. */
#include "cli/store.h"

#include "crypto/seal.h"
#include "loop/clock.h"
#include "store/copy.h"

#include <inttypes.h>
#include <unistd.h>

enum { TICK_US = 100000, ROWS_A_LOOK = 256, BAR = 30 };

void store_progress_start(struct store_progress *progress, const char *doing, uint64_t total)
{
    *progress = (struct store_progress){ .doing = doing,
                                         .total = total,
                                         .begun_us = clock_mono_us(),
                                         .shown = isatty(STDERR_FILENO) == 1 };
}

static void draw(const struct store_progress *progress, uint64_t rows, int64_t now_us)
{
    double share = progress->total == 0 ? 0 : (double)rows / (double)progress->total;
    int full = (int)(share * BAR);

    fprintf(stderr, "\r%s ", progress->doing);
    if (progress->total > 0) {
        fputc('[', stderr);
        for (int i = 0; i < BAR; i++)
            fputc(i < full ? '#' : ' ', stderr);
        fprintf(stderr, "] %3d %% ", (int)(share * 100));
    }
    fprintf(stderr, " %" PRIu64 " rows, %.0f/s ", rows,
            (double)rows * 1e6 / (double)(now_us - progress->begun_us + 1));
    fflush(stderr);
}

void store_progress_look(struct store_progress *progress, uint64_t rows)
{
    int64_t now_us = progress->shown ? clock_mono_us() : 0;

    if (!progress->shown || now_us - progress->drawn_us < TICK_US)
        return;
    progress->drawn_us = now_us;
    draw(progress, rows, now_us);
}

void store_progress_end(struct store_progress *progress)
{
    if (progress->shown && progress->drawn_us != 0)
        fputs("\r\033[K", stderr);
}

struct adding {
    struct store_sum *sum;
    struct store_progress progress;
};

/* Each row is joined to the sum so far; lengths keep a key from passing for part of a value. */
static bool add(void *ctx, enum smg_space space, struct smg_str key, struct smg_str value)
{
    struct adding *adding = ctx;
    struct store_sum *sum = adding->sum;
    const uint8_t lengths[] = { (uint8_t)space,
                                (uint8_t)key.len,
                                (uint8_t)(value.len >> 24),
                                (uint8_t)(value.len >> 16),
                                (uint8_t)(value.len >> 8),
                                (uint8_t)value.len };
    const struct smg_str parts[] = { str_bytes(sum->sum, sizeof sum->sum),
                                     str_bytes(lengths, sizeof lengths), key, value };

    digest_sha256_parts(parts, 4, sum->sum);
    sum->rows[space]++;
    sum->bytes[space] += key.len + value.len;
    sum->all_bytes += key.len + value.len;
    if (++sum->all_rows % ROWS_A_LOOK == 0)
        store_progress_look(&adding->progress, sum->all_rows);
    return true;
}

int store_sum_up(struct instance *storage, const char *doing, uint64_t total, struct store_sum *out,
                 struct smg_err *err)
{
    struct adding adding = { .sum = out };
    int code;

    *out = (struct store_sum){ .all_rows = 0 };
    store_progress_start(&adding.progress, doing, total);
    code = store_walk(storage, add, &adding, err);
    store_progress_end(&adding.progress);
    return code;
}
