/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of document numbers share: reading one, and expecting what it says. */
#ifndef NUMBER_SHEET_H
#define NUMBER_SHEET_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "policy/number.h"

static const struct smg_date today = { 2026, 1, 1 };

static inline struct number_says read_on(const char *format, struct smg_str text,
                                         struct smg_date on)
{
    number_fn fn = number_format(str_of(format));
    struct number_says says;

    memset(&says, 0xA5, sizeof says);
    assert_non_null(fn);
    fn(text, on, &says);
    assert_non_null(says.standard);
    return says;
}

static inline struct number_says read_number(const char *format, const char *text)
{
    return read_on(format, str_of(text), today);
}

static inline void expect_verdict(const char *format, const char *text, enum number_verdict verdict)
{
    struct number_says says = read_number(format, text);

    if (says.verdict != verdict)
        fail_msg("%s %s: %s, not %s", format, text, number_verdict_name(says.verdict),
                 number_verdict_name(verdict));
    /* A refused number keeps nothing. */
    if (verdict != NUMBER_OK && verdict != NUMBER_RETIRED) {
        assert_string_equal(says.normal, "");
        assert_string_equal(says.same, "");
        assert_true(date_is_none(says.birth));
    }
}

static inline void expect_ok(const char *format, const char *text)
{
    expect_verdict(format, text, NUMBER_OK);
}

static inline void expect_of(const char *format, const char *text, const char *of)
{
    struct number_says says = read_number(format, text);

    assert_int_equal(says.verdict, NUMBER_UNSUITABLE);
    assert_non_null(says.of);
    assert_string_equal(says.of, of);
    assert_true(strlen(number_text(&says).zh) > 0);
    assert_true(strlen(number_text(&says).en) > 0);
}

static inline bool same_day(struct smg_date a, int year, int month, int day)
{
    return a.year == year && a.month == month && a.day == day;
}

/* Every change of one character to another of the alphabet is refused. */
static inline void expect_substitutions_caught(const char *format, const char *good,
                                               const char *alphabet)
{
    char text[40];
    size_t i, j;

    expect_ok(format, good);
    for (i = 0; good[i] != '\0'; i++) {
        for (j = 0; alphabet[j] != '\0'; j++) {
            if (alphabet[j] == good[i])
                continue;
            snprintf(text, sizeof text, "%s", good);
            text[i] = alphabet[j];
            if (read_number(format, text).verdict == NUMBER_OK)
                fail_msg("%s accepts %s for %s", format, text, good);
        }
    }
}

static inline void expect_transpositions_caught(const char *format, const char *good)
{
    char text[40];
    size_t i;

    for (i = 0; good[i + 1] != '\0'; i++) {
        if (good[i] == good[i + 1])
            continue;
        snprintf(text, sizeof text, "%s", good);
        text[i] = good[i + 1];
        text[i + 1] = good[i];
        if (read_number(format, text).verdict == NUMBER_OK)
            fail_msg("%s accepts %s for %s", format, text, good);
    }
}

#endif
