/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes between the module and a descriptor, a piece at a time. */
#include "emulate/line.h"
#include "emulate/fault.h"

#include <errno.h>
#include <time.h>
#include <unistd.h>

enum { NOISE_PIECE = 512, NOISE_PAUSE_MS = 1 };

/* A new request ends what was still being sent of an older answer. */
static bool take_requests(struct line *line, struct sam *sam, bool heard, int64_t now_ms)
{
    uint8_t bytes[256];
    ssize_t got;

    while ((got = read(line->fd, bytes, sizeof bytes)) > 0) {
        for (ssize_t i = 0; heard && i < got; i++) {
            if (!sam_take(sam, bytes[i], &line->reply))
                continue;
            line->replying = true;
            line->sent = 0;
            line->due_ms = now_ms + line->reply.delay_ms;
        }
    }
    return got < 0 && (errno == EAGAIN || errno == EINTR);
}

/* One piece; false when the line takes no more now. */
static bool send_piece(struct line *line)
{
    const struct buf *bytes = &line->reply.bytes;
    char noise[NOISE_PIECE];
    const char *at = noise;
    size_t len = sizeof noise;
    ssize_t put;

    if (line->sent < bytes->len) {
        at = bytes->at + line->sent;
        len = bytes->len - line->sent;
        if (line->reply.piece > 0 && len > line->reply.piece)
            len = line->reply.piece;
    } else {
        for (size_t i = 0; i < sizeof noise; i++)
            noise[i] = (char)fault_noise(i);
    }
    put = write(line->fd, at, len);
    if (put <= 0)
        return false;
    line->sent += (size_t)put;
    line->written += (size_t)put;
    return true;
}

/* How long until the next piece; -1 when all is sent. */
static int64_t next_pause(const struct line *line)
{
    if (line->sent < line->reply.bytes.len)
        return line->reply.piece > 0 ? line->reply.pause_ms : 0;
    return line->reply.endless ? NOISE_PAUSE_MS : -1;
}

int64_t line_step(struct line *line, struct sam *sam, bool heard, int64_t now_ms)
{
    if (line->fd < 0)
        return -1;
    if (!take_requests(line, sam, heard, now_ms))
        return LINE_ENDED;
    while (line->replying && now_ms >= line->due_ms) {
        int64_t pause = next_pause(line);
        bool full = pause >= 0 && !send_piece(line);

        pause = next_pause(line);
        line->replying = pause >= 0;
        line->due_ms = now_ms + (full ? NOISE_PAUSE_MS : pause);
    }
    return line->replying ? line->due_ms - now_ms : -1;
}

bool line_is_cut(const struct line *line)
{
    return line->reply.unplug && !line->replying;
}

void line_close(struct line *line)
{
    if (line->fd >= 0)
        close(line->fd);
    line->fd = -1;
    line->replying = false;
}

int64_t line_now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}
