/* SPDX-License-Identifier: Apache-2.0 */
/* Days, ages and moments. A day is a day in China (UTC+8, no summer time); a moment is UTC. */
#ifndef BASE_DATE_H
#define BASE_DATE_H

#include "base/buf.h"

#define DATE_NONE ((struct smg_date){ 0, 0, 0 })

bool date_is_none(struct smg_date date);
/* A day of the Gregorian calendar, years 1 to 9999. */
bool date_is_valid(struct smg_date date);
/* "YYYY-MM-DD", or "YYYYMMDD" as on a card: exactly that and a valid day. */
bool date_parse(struct smg_str text, struct smg_date *out);
bool date_parse_compact(struct smg_str text, struct smg_date *out);
void date_write(struct smg_date date, struct buf *out); /* "YYYY-MM-DD" */
/* Days since 1970-01-01. */
int32_t date_to_days(struct smg_date date);
struct smg_date date_from_days(int32_t days);
int date_compare(struct smg_date a, struct smg_date b);
/* Completed years on the day `on`. Somebody born on 29 February completes a year on 1 March of a
 * common year. Negative when not yet born. */
int date_age(struct smg_date born, struct smg_date on);
struct smg_date date_add_years(struct smg_date date, int years);

/* A date in 32 bits, for storing; false when the bits are neither a valid day nor no date. */
uint32_t date_pack(struct smg_date date);
bool date_unpack(uint32_t bits, struct smg_date *out);

/* The day in China at a moment (milliseconds since 1970 UTC). */
struct smg_date date_of(int64_t ms);
void time_write(int64_t ms, struct buf *out); /* RFC 3339: "2026-11-23T09:12:03.114Z" */
/* RFC 3339 with any offset. */
bool time_parse(struct smg_str text, int64_t *out_ms);

#endif
