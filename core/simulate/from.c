/* SPDX-License-Identifier: Apache-2.0 */
/* A scenario out of a recorded decision. */
#include "simulate/simulate.h"

/* The next line of the text; false after the last. */
static bool take_line(struct smg_str *text, struct smg_str *line)
{
    const char *end = text->len == 0 ? NULL : memchr(text->at, '\n', text->len);
    size_t len = end == NULL ? text->len : (size_t)(end - text->at);

    if (text->len == 0)
        return false;
    *line = str_bytes(text->at, len);
    len += end != NULL;
    *text = str_bytes(text->at + len, text->len - len);
    return true;
}

/* The part before the mark, which is taken from the front of line. */
static struct smg_str take_part(struct smg_str *line, char mark)
{
    const char *end = line->len == 0 ? NULL : memchr(line->at, mark, line->len);
    size_t len = end == NULL ? line->len : (size_t)(end - line->at);
    struct smg_str part = str_bytes(line->at, len);

    len += end != NULL;
    *line = str_bytes(line->at + len, line->len - len);
    return part;
}

/* Facts and words are letters, digits and the marks of names; anything else is left out. */
static void put_plain(struct buf *out, struct smg_str text)
{
    size_t i;

    for (i = 0; i < text.len; i++)
        if ((unsigned char)text.at[i] >= 0x20 && text.at[i] != '"' && text.at[i] != '\\')
            buf_byte(out, (unsigned char)text.at[i]);
}

static void put_text(struct buf *out, struct smg_str text)
{
    buf_byte(out, '"');
    put_plain(out, text);
    buf_byte(out, '"');
}

static void put_value(struct buf *out, struct smg_str value)
{
    int64_t number;

    if (str_is(value, "true") || str_is(value, "false") || str_to_int(value, &number))
        buf_str(out, value);
    else
        put_text(out, value);
}

static void put_facts(struct buf *out, struct smg_str facts)
{
    struct smg_str line;

    while (take_line(&facts, &line)) {
        struct smg_str name = take_part(&line, '=');

        buf_text(out, "      [");
        put_text(out, name);
        buf_text(out, "] = ");
        put_value(out, line);
        buf_text(out, ",\n");
    }
}

/* All lines of the outline that begin with the word, as a list of what they say, without doubles.
 */
static void put_list(struct buf *out, const char *word, struct smg_str outline)
{
    struct smg_str rest = outline, line;
    bool first = true;

    buf_printf(out, ", %s = {", word);
    while (take_line(&rest, &line)) {
        struct smg_str before = outline, earlier, what;
        bool known = false;

        if (!str_is(take_part(&line, ' '), word))
            continue;
        what = take_part(&line, ' ');
        while (take_line(&before, &earlier) && earlier.at < what.at && !known)
            known = str_is(take_part(&earlier, ' '), word) && earlier.at < what.at &&
                    str_eq(take_part(&earlier, ' '), what);
        if (known)
            continue;
        buf_text(out, first ? " " : ", ");
        first = false;
        put_text(out, what);
    }
    buf_text(out, first ? "}" : " }");
}

static void put_expected(struct buf *out, struct smg_str outline)
{
    static const char *const words[] = { "need", "refuse", "report", "oblige", "warn" };
    struct smg_str rest = outline, line = { "", 0 };
    size_t i;

    take_line(&rest, &line);
    take_part(&line, ' '); /* "verdict" */
    buf_text(out, "    expect(d, { verdict = ");
    put_text(out, line);
    for (i = 0; i < sizeof words / sizeof *words; i++)
        put_list(out, words[i], outline);
    buf_text(out, " })\n");
}

static void put_moment(struct buf *out, int64_t ms)
{
    int64_t of_day = (ms + INT64_C(8) * 3600 * 1000) % 86400000 / 1000;

    date_write(date_of(ms), out);
    buf_printf(out, " %02d:%02d:%02d", (int)(of_day / 3600), (int)(of_day / 60 % 60),
               (int)(of_day % 60));
}

void simulate_from(struct id id, const struct kept_case *kept, const char *const *stack,
                   size_t count, struct buf *out)
{
    size_t i;

    buf_text(out, "-- A recorded decision: its facts, decided again on its day. The texts that "
                  "decided it were\n"
                  "-- ");
    put_plain(out, kept->set);
    buf_text(out, ".\nscenario \"registration ");
    id_write(id, out);
    buf_text(out, " is decided as it was\" {\n  at = \"");
    put_moment(out, kept->at_ms);
    buf_text(out, "\", region = ");
    put_text(out, kept->region);
    buf_text(out, ",\n  policies = {");
    for (i = 0; i < count; i++) {
        buf_text(out, i == 0 ? " " : ", ");
        put_text(out, str_of(stack[i]));
    }
    buf_text(out, " },\n  run = function(s)\n    local d = s:facts({\n");
    put_facts(out, kept->facts);
    buf_text(out, "    }, { begun = \"");
    date_write(date_is_none(kept->begun) ? kept->on : kept->begun, out);
    buf_text(out, "\" })\n");
    put_expected(out, kept->outline);
    buf_text(out, "  end,\n}\n");
}
