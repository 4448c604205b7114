/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers and their units, in one place; for this room only. */
#ifndef CONFIG_UNITS_H
#define CONFIG_UNITS_H

#include "config/tree.h"

/* The text of err says what is wrong and how to write it. */
int units_read_int(const char *text, int64_t *out, struct smg_err *err);
int units_read_ms(const char *text, int64_t *out, struct smg_err *err);    /* ms s m h d */
int units_read_bytes(const char *text, int64_t *out, struct smg_err *err); /* B KiB MiB GiB, none */
/* As a person would write it: 15s, 64KiB. */
struct shown units_show_ms(int64_t ms);
struct shown units_show_bytes(int64_t bytes);

#endif
