/* SPDX-License-Identifier: Apache-2.0 */
/* Effects, readings and cases in words. */
#include "workbench/show.h"

#include "workbench/sample.h"

#include <inttypes.h>

const char *show_kind(int kind)
{
    static const char *const names[] = { "ask", "need", "refuse", "report", "oblige", "warn" };

    return kind >= 0 && kind < (int)(sizeof names / sizeof *names) ? names[kind] : "?";
}

void show_said(const struct said *said, struct buf *out)
{
    char within[24];

    buf_printf(out, "%s %s", show_kind(said->kind), said->what);
    if (said->to != NULL && strcmp(said->to, said->what) != 0)
        buf_printf(out, " to %s", said->to);
    if (said->within_ms > 0)
        buf_printf(out, " within %s", policy_within(said->within_ms, within));
}

static void member(const char *name, const char *text, struct buf *out)
{
    if (text == NULL)
        return;
    buf_printf(out, ",\"%s\":", name);
    buf_json(out, str_of(text));
}

void show_said_json(const struct said *said, struct buf *out)
{
    buf_text(out, "\"rule\":");
    buf_json(out, str_of(said->rule->id));
    member("kind", show_kind(said->kind), out);
    member("what", said->what, out);
    member("to", said->to, out);
    if (said->within_ms > 0)
        buf_printf(out, ",\"within_s\":%" PRId64, said->within_ms / 1000);
    member("zh", said->zh, out);
    member("en", said->en, out);
}

void show_reading_json(const struct reading *reading, struct buf *out)
{
    size_t i;

    buf_text(out, "{\"on\":\"");
    date_write(reading->on, out);
    buf_printf(out, "\",\"region\":\"%s\",\"hash\":\"%s\",\"policies\":[", reading->region,
               policy_set_hash(reading->set));
    for (i = 0; i < reading->policy->policy_count; i++) {
        buf_text(out, i == 0 ? "{\"id\":" : ",{\"id\":");
        buf_json(out, str_of(reading->policy->policies[i]->id));
        member("hash", reading->policy->policies[i]->hash, out);
        buf_byte(out, '}');
    }
    buf_text(out, "]}");
}

void show_reading(const struct reading *reading, struct buf *out)
{
    size_t i;

    for (i = 0; i < reading->policy->policy_count; i++)
        buf_printf(out, "%s%s", i == 0 ? "" : " + ", reading->policy->policies[i]->id);
    buf_text(out, reading->policy->policy_count == 0 ? "nothing in force on " : " on ");
    date_write(reading->on, out);
    buf_printf(out, " in %s", reading->region);
}

void show_facts_json(const struct space *space, const uint8_t *values, struct buf *out)
{
    struct answer facts[SAMPLE_FACTS];
    size_t count = sample_facts(space, values, facts), i;

    buf_byte(out, '{');
    for (i = 0; i < count; i++) {
        const struct variable *variable = &space->variables[space_variable(space, facts[i].fact)];

        buf_text(out, i == 0 ? "" : ",");
        buf_json(out, str_of(facts[i].fact));
        buf_byte(out, ':');
        if (variable->fact->kind == VALUE_TEXT)
            buf_json(out, str_of(facts[i].value));
        else
            buf_text(out, facts[i].value);
    }
    buf_byte(out, '}');
}

void show_count_json(const struct natural *count, struct buf *out)
{
    struct buf digits = { 0 };
    size_t i;

    natural_write(count, &digits);
    buf_byte(out, '"');
    for (i = 0; i < digits.len; i++)
        if (digits.at[i] != ',')
            buf_byte(out, (unsigned char)digits.at[i]);
    buf_byte(out, '"');
    out->failed = out->failed || digits.failed;
    buf_fini(&digits);
}

void show_html_begin(const char *title_zh, const char *title_en, struct buf *out)
{
    buf_text(out, "<!DOCTYPE html>\n<html lang=\"zh\"><head><meta charset=\"utf-8\">\n"
                  "<meta name=\"viewport\" content=\"width=device-width\"><title>");
    buf_html(out, str_of(title_zh));
    buf_text(out, " · ");
    buf_html(out, str_of(title_en));
    buf_text(out,
             "</title>\n<style>\n"
             "body{font:16px/1.5 \"Noto Sans CJK SC\",\"Noto Sans\",sans-serif;max-width:70em;"
             "margin:2em auto;padding:0 1em;color:#222;background:#fff}\n"
             "table{border-collapse:collapse;width:100%;margin:1em 0}\n"
             "th,td{border:1px solid #bbb;padding:.3em .6em;text-align:left;vertical-align:top}\n"
             "th{background:#eee}td.n{text-align:right;white-space:nowrap}\n"
             "code{font-family:monospace;overflow-wrap:anywhere}\n"
             ".added{color:#8a1c1c}.removed{color:#1c5c2a}\n"
             "@media print{body{max-width:none;margin:0}}\n"
             "</style></head><body>\n<h1>");
    buf_html(out, str_of(title_zh));
    buf_text(out, " <span lang=\"en\">");
    buf_html(out, str_of(title_en));
    buf_text(out, "</span></h1>\n");
}

void show_html_end(struct buf *out)
{
    buf_text(out, "</body></html>\n");
}
