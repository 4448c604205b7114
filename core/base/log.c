/* SPDX-License-Identifier: Apache-2.0 */
/* The log: one write a line, so that lines of several threads do not mix. */
#include "base/log.h"

#include "base/date.h"

#include <stdatomic.h>
#include <time.h>
#include <unistd.h>

enum { LINE_BYTES = 1000 };

static _Atomic int highest = SMG_INFO;
static log_fn diverted;
static void *diverted_ctx;

void log_level(enum smg_level level)
{
    highest = level;
}

void log_divert(log_fn fn, void *ctx)
{
    diverted = fn;
    diverted_ctx = ctx;
}

/* Only printable ASCII and well-formed UTF-8 reach the log; everything else is shown as \xNN, so no
 * text can forge a line or drive a terminal. */
static void put_safely(struct buf *line, struct smg_str text)
{
    bool whole = str_is_utf8(text);
    size_t i;

    for (i = 0; i < text.len && line->len < LINE_BYTES; i++) {
        unsigned char byte = (unsigned char)text.at[i];

        if (byte < 0x20 || byte == 0x7F || (byte >= 0x80 && !whole))
            buf_printf(line, "\\x%02x", byte);
        else
            buf_byte(line, byte);
    }
}

void log_linev(enum smg_level level, const char *who, const char *fmt, va_list args)
{
    static const char *const names[] = { "?", "error", "warn", "info", "debug" };
    char message[LINE_BYTES];
    struct buf line = { 0 };
    struct timespec now;
    int len;

    if (diverted == NULL && ((int)level > highest || level < SMG_ERROR || level > SMG_DEBUG))
        return;
    len = vsnprintf(message, sizeof message, fmt, args);
    if (len < 0)
        return;
    if (diverted != NULL) {
        diverted(diverted_ctx, level, who, message);
        return;
    }
    clock_gettime(CLOCK_REALTIME, &now);
    time_write((int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000, &line);
    buf_printf(&line, " %s ", names[level]);
    put_safely(&line, str_of(who));
    buf_text(&line, ": ");
    put_safely(&line, str_of(message));
    buf_byte(&line, '\n');
    if (!line.failed && write(STDERR_FILENO, line.at, line.len) < 0) {
        /* A log that cannot be written must not stop the gateway. */
    }
    buf_fini(&line);
}

void log_line(enum smg_level level, const char *who, const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    log_linev(level, who, fmt, args);
    va_end(args);
}
