/* SPDX-License-Identifier: Apache-2.0 */
/* Words, rules and recipients hold no spaces, so a line falls apart at them. */
#include "replay/lines.h"

/* Up to the next `end`, which goes too; false: there is none. */
static bool take_until(struct smg_str *rest, char end, struct smg_str *out)
{
    const char *at = rest->len == 0 ? NULL : memchr(rest->at, end, rest->len);

    if (at == NULL)
        return false;
    *out = (struct smg_str){ rest->at, (size_t)(at - rest->at) };
    rest->at = at + 1;
    rest->len -= out->len + 1;
    return true;
}

static bool take_line(struct smg_str whole, struct line *out)
{
    struct smg_str rest = whole, kind, what;

    out->whole = whole;
    if (!take_until(&rest, ' ', &kind) || !take_until(&rest, ' ', &what))
        return false;
    out->says = (struct smg_str){ whole.at, kind.len + 1 + what.len };
    out->rule = rest;
    out->how = (struct smg_str){ rest.at, 0 };
    if (take_until(&rest, ' ', &out->rule))
        out->how = rest;
    return out->rule.len > 0;
}

bool lines_take(struct smg_str outline, struct lines *out)
{
    static const char verdict[] = "verdict ";
    struct smg_str line;

    out->effect_count = 0;
    if (!take_until(&outline, '\n', &line) || !str_starts(line, verdict))
        return false;
    out->verdict = str_bytes(line.at + strlen(verdict), line.len - strlen(verdict));
    while (outline.len > 0 && !str_starts(outline, "ask ")) {
        if (out->effect_count == LINES_MAX || !take_until(&outline, '\n', &line) ||
            !take_line(line, &out->effects[out->effect_count]))
            return false;
        out->effect_count++;
    }
    out->asks = outline;
    return true;
}

bool lines_say(const struct lines *lines, const struct line *line)
{
    size_t i;

    for (i = 0; i < lines->effect_count; i++)
        if (str_eq(lines->effects[i].says, line->says) && str_eq(lines->effects[i].how, line->how))
            return true;
    return false;
}

bool lines_ask(const struct lines *lines, const char *fact)
{
    struct smg_str rest = lines->asks, line;

    while (take_until(&rest, '\n', &line))
        if (str_is(str_bytes(line.at + 4, line.len < 4 ? 0 : line.len - 4), fact))
            return true;
    return false;
}
