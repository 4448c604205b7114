/* SPDX-License-Identifier: Apache-2.0 */
/* Looking at bytes that belong to someone else: compare, check, find the nearest name. */
#ifndef BASE_STR_H
#define BASE_STR_H

#include <shiming/plugin.h>
#include <string.h>

/* The struct smg_err every core function takes last; callers that do not care pass one anyway. */

static inline struct smg_str str_of(const char *text) /* NULL is the empty string */
{
    return (struct smg_str){ text, text == NULL ? 0 : strlen(text) };
}

static inline struct smg_str str_bytes(const void *at, size_t len)
{
    return (struct smg_str){ at, len };
}

bool str_eq(struct smg_str a, struct smg_str b);
bool str_is(struct smg_str a, const char *text);
bool str_starts(struct smg_str a, const char *prefix);
/* As memcmp over the common length, then the shorter first. */
int str_compare(struct smg_str a, struct smg_str b);
/* Equal, in a time that depends on the lengths only. For tokens and MACs. */
bool str_eq_secret(struct smg_str a, struct smg_str b);
/* Well-formed UTF-8 (no surrogates, no overlong forms, no NUL). */
bool str_is_utf8(struct smg_str a);
/* Characters of a well-formed UTF-8 text. */
size_t str_utf8_length(struct smg_str a);
/* Decimal digits only, no sign, at most INT64_MAX. */
bool str_to_int(struct smg_str a, int64_t *out);
/* The candidate nearest to a by edit distance, or NULL when none is near enough to be meant. */
const char *str_nearest(struct smg_str a, const char *const *candidates, size_t count);
/* Overwrite with zeros in a way the compiler keeps. */
void str_wipe(void *at, size_t len);

#endif
