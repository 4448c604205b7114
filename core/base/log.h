/* SPDX-License-Identifier: Apache-2.0 */
/* One line, one event, on stderr: time, level, who, what. Never personal data. */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include "base/str.h"

/* Any thread. who: the room or the instance ("store", "counter-1"). Control characters and invalid
 * UTF-8 in the message are escaped, and a line is cut at 1,000 bytes. */
void log_line(enum smg_level level, const char *who, const char *fmt, ...) SMG_PRINTF(3, 4);
void log_linev(enum smg_level level, const char *who, const char *fmt, va_list args);
/* Lines above this level are dropped; SMG_INFO to begin with. */
void log_level(enum smg_level level);
/* Lines of every level go to fn in place of stderr, uncut and unescaped; NULL: to stderr again. For
 * a program of one thread that looks at what others say. */
typedef void (*log_fn)(void *ctx, enum smg_level level, const char *who, const char *message);
void log_divert(log_fn fn, void *ctx);

#endif
