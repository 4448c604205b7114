/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers and their units: read, and written again for complaints. */
#include "config/units.h"

#include <inttypes.h>

struct unit {
    const char *name;
    int64_t factor;
};

static const struct unit durations[] = {
    { "ms", 1 }, { "s", 1000 }, { "m", 60000 }, { "h", 3600000 }, { "d", 86400000 },
};

static const struct unit sizes[] = {
    { "B", 1 },
    { "KiB", 1024 },
    { "MiB", 1048576 },
    { "GiB", 1073741824 },
};

enum { DURATIONS = sizeof durations / sizeof durations[0], SIZES = sizeof sizes / sizeof sizes[0] };

int units_read_int(const char *text, int64_t *out, struct smg_err *err)
{
    const char *digits = text[0] == '-' ? text + 1 : text;
    int64_t number;

    if (!str_to_int(str_of(digits), &number))
        return smg_fail(err, SMG_E_INVALID, "\"%s\" is not a whole number; expected digits only",
                        tree_show(text).text);
    if (digits[0] == '0' && digits[1] != '\0')
        return smg_fail(err, SMG_E_INVALID,
                        "\"%s\" begins with a zero; write %" PRId64 " (numbers are decimal)",
                        tree_show(text).text, number);
    *out = text[0] == '-' ? -number : number;
    return SMG_OK;
}

/* The number before a unit; rest gets what follows it. */
static bool read_digits(const char *text, int64_t *number, const char **rest)
{
    size_t digits = strspn(text, "0123456789");

    *rest = text + digits;
    return str_to_int(str_bytes(text, digits), number);
}

static int read_unit(const char *rest, const char *text, int64_t number, const struct unit *units,
                     size_t count, int64_t *out, struct smg_err *err)
{
    char known[40] = "";
    size_t i;

    for (i = 0; i < count; i++) {
        size_t len = strlen(known);

        if (strcmp(rest, units[i].name) == 0) {
            if (number > INT64_MAX / units[i].factor)
                return smg_fail(err, SMG_E_INVALID, "\"%s\" is too large", tree_show(text).text);
            *out = number * units[i].factor;
            return SMG_OK;
        }
        snprintf(known + len, sizeof known - len, "%s%s", i == 0 ? "" : ", ", units[i].name);
    }
    return smg_fail(err, SMG_E_INVALID, "\"%s\": \"%s\" is no unit; expected one of %s",
                    tree_show(text).text, tree_show(rest).text, known);
}

int units_read_ms(const char *text, int64_t *out, struct smg_err *err)
{
    const char *rest;
    int64_t number;

    if (!read_digits(text, &number, &rest) || rest[0] == '.')
        return smg_fail(err, SMG_E_INVALID,
                        "\"%s\" is not a duration; expected a whole number and a unit, as in 15s "
                        "or 500ms",
                        tree_show(text).text);
    if (rest[0] == '\0')
        return smg_fail(err, SMG_E_INVALID,
                        "\"%s\" has no unit; write %" PRId64 "s or %" PRId64 "%sms",
                        tree_show(text).text, number, number, number == 0 ? "" : "000");
    return read_unit(rest, text, number, durations, DURATIONS, out, err);
}

int units_read_bytes(const char *text, int64_t *out, struct smg_err *err)
{
    const char *rest;
    int64_t number;

    if (!read_digits(text, &number, &rest) || rest[0] == '.')
        return smg_fail(err, SMG_E_INVALID,
                        "\"%s\" is not a size; expected a whole number of bytes or with a unit, "
                        "as in 4096 or 64KiB",
                        tree_show(text).text);
    return read_unit(rest[0] == '\0' ? "B" : rest, text, number, sizes, SIZES, out, err);
}

static struct shown show_number(int64_t number, const struct unit *units, size_t count)
{
    struct shown shown;
    size_t i = count;

    while (--i > 0)
        if (number != 0 && number % units[i].factor == 0)
            break;
    snprintf(shown.text, sizeof shown.text, "%" PRId64 "%s", number / units[i].factor,
             units[i].name);
    return shown;
}

struct shown units_show_ms(int64_t ms)
{
    return show_number(ms, durations, DURATIONS);
}

struct shown units_show_bytes(int64_t bytes)
{
    return show_number(bytes, sizes, SIZES);
}
