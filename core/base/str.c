/* SPDX-License-Identifier: Apache-2.0 */
/* Comparing, checking and wiping bytes that belong to someone else. */
#include "base/str.h"

#include <limits.h>

bool str_eq(struct smg_str a, struct smg_str b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0);
}

bool str_is(struct smg_str a, const char *text)
{
    return str_eq(a, str_of(text));
}

bool str_starts(struct smg_str a, const char *prefix)
{
    size_t len = strlen(prefix);

    return a.len >= len && memcmp(a.at, prefix, len) == 0;
}

int str_compare(struct smg_str a, struct smg_str b)
{
    size_t common = a.len < b.len ? a.len : b.len;
    int order = common == 0 ? 0 : memcmp(a.at, b.at, common);

    if (order != 0)
        return order;
    return (a.len > b.len) - (a.len < b.len);
}

bool str_eq_secret(struct smg_str a, struct smg_str b)
{
    unsigned char differ = 0;
    size_t i;

    if (a.len != b.len)
        return false;
    for (i = 0; i < a.len; i++)
        differ |= (unsigned char)(a.at[i] ^ b.at[i]);
    return differ == 0;
}

/* The length of the well-formed sequence at `at`, or 0 (Unicode 15, table 3-7). */
static size_t utf8_sequence(const unsigned char *at, size_t left)
{
    unsigned char low = 0x80, high = 0xBF;
    size_t len, i;

    if (at[0] < 0x80)
        return at[0] != 0;
    if (at[0] < 0xC2 || at[0] > 0xF4)
        return 0;
    len = at[0] < 0xE0 ? 2 : at[0] < 0xF0 ? 3 : 4;
    if (left < len)
        return 0;
    if (at[0] == 0xE0)
        low = 0xA0;
    else if (at[0] == 0xED)
        high = 0x9F;
    else if (at[0] == 0xF0)
        low = 0x90;
    else if (at[0] == 0xF4)
        high = 0x8F;
    if (at[1] < low || at[1] > high)
        return 0;
    for (i = 2; i < len; i++)
        if ((at[i] & 0xC0) != 0x80)
            return 0;
    return len;
}

bool str_is_utf8(struct smg_str a)
{
    size_t i = 0, step;

    for (; i < a.len; i += step) {
        step = utf8_sequence((const unsigned char *)a.at + i, a.len - i);
        if (step == 0)
            return false;
    }
    return true;
}

size_t str_utf8_length(struct smg_str a)
{
    size_t i, length = 0;

    for (i = 0; i < a.len; i++)
        length += ((unsigned char)a.at[i] & 0xC0) != 0x80;
    return length;
}

bool str_to_int(struct smg_str a, int64_t *out)
{
    int64_t number = 0;
    size_t i;

    if (a.len == 0)
        return false;
    for (i = 0; i < a.len; i++) {
        int digit = a.at[i] - '0';

        if (digit < 0 || digit > 9 || number > (INT64_MAX - digit) / 10)
            return false;
        number = number * 10 + digit;
    }
    *out = number;
    return true;
}

enum { NAME_MAX_LENGTH = 96 };

/* Levenshtein distance, rows kept in two fixed arrays; names are short. */
static size_t edit_distance(struct smg_str a, struct smg_str b)
{
    size_t rows[2][NAME_MAX_LENGTH + 1];
    size_t i, j;

    for (j = 0; j <= b.len; j++)
        rows[0][j] = j;
    for (i = 1; i <= a.len; i++) {
        size_t *above = rows[(i - 1) % 2], *row = rows[i % 2];

        row[0] = i;
        for (j = 1; j <= b.len; j++) {
            size_t best = above[j - 1] + (a.at[i - 1] != b.at[j - 1]);

            if (above[j] + 1 < best)
                best = above[j] + 1;
            if (row[j - 1] + 1 < best)
                best = row[j - 1] + 1;
            row[j] = best;
        }
    }
    return rows[a.len % 2][b.len];
}

const char *str_nearest(struct smg_str a, const char *const *candidates, size_t count)
{
    const char *nearest = NULL;
    size_t best = SIZE_MAX, i;

    if (a.len == 0 || a.len > NAME_MAX_LENGTH)
        return NULL;
    for (i = 0; i < count; i++) {
        struct smg_str candidate = str_of(candidates[i]);
        size_t distance;

        if (candidate.len > NAME_MAX_LENGTH)
            continue;
        distance = edit_distance(a, candidate);
        if (distance < best) {
            best = distance;
            nearest = candidates[i];
        }
    }
    /* One slip in a short word, a third of a long one. */
    return best <= (a.len < 4 ? 1 : 1 + a.len / 3) ? nearest : NULL;
}

void str_wipe(void *at, size_t len)
{
    if (len > 0)
        explicit_bzero(at, len);
}
