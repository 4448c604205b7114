/* SPDX-License-Identifier: Apache-2.0 */
/* At most twenty lines a second, each of at most 500 bytes; the rest is counted. */
#include "plugin/noise.h"

#include "base/log.h"

enum { SECOND_US = 1000 * 1000 };

void noise_init(struct noise *noise, const char *who)
{
    *noise = (struct noise){ .who = who, .second_us = INT64_MIN / 2 };
}

static void tell_dropped(struct noise *noise)
{
    if (noise->dropped > 0)
        log_line(SMG_WARN, noise->who, "%llu more lines were dropped",
                 (unsigned long long)noise->dropped);
    noise->dropped = 0;
}

static void pass_line(struct noise *noise, int64_t now_us)
{
    enum smg_level level = SMG_DEBUG;
    const char *text = noise->line;

    noise->line[noise->len] = '\0';
    noise->len = 0;
    if (now_us - noise->second_us >= SECOND_US) {
        tell_dropped(noise);
        noise->second_us = now_us;
        noise->passed = 0;
    }
    if (noise->passed == NOISE_LINES_A_SECOND) {
        noise->dropped++;
        return;
    }
    noise->passed++;
    if (text[0] == '<' && text[1] >= '0' + SMG_ERROR && text[1] <= '0' + SMG_DEBUG &&
        text[2] == '>') {
        level = (enum smg_level)(text[1] - '0');
        text += 3;
    }
    log_line(level, noise->who, "%s", text);
}

void noise_take(struct noise *noise, struct smg_str bytes, int64_t now_us)
{
    for (size_t i = 0; i < bytes.len; i++) {
        char c = bytes.at[i];

        if (c == '\0')
            c = ' ';
        if (c == '\n')
            pass_line(noise, now_us);
        else if (noise->len < NOISE_LINE_BYTES)
            noise->line[noise->len++] = c;
    }
}

void noise_end(struct noise *noise, int64_t now_us)
{
    if (noise->len > 0)
        pass_line(noise, now_us);
    tell_dropped(noise);
    str_wipe(noise->line, sizeof noise->line);
}
