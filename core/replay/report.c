/* SPDX-License-Identifier: Apache-2.0 */
/* The findings as text and as JSON. */
#include "replay/report.h"

#include <inttypes.h>

/* ---- text ---- */

static void put_range(const struct report *report, struct buf *out)
{
    if (!date_is_none(report->range.from)) {
        buf_text(out, " from ");
        date_write(report->range.from, out);
    }
    if (!date_is_none(report->range.to)) {
        buf_text(out, " to ");
        date_write(report->range.to, out);
    }
}

static void put_count(struct buf *out, uint64_t count, const char *what)
{
    if (count > 0)
        buf_printf(out, "  %10" PRIu64 "  %s\n", count, what);
}

static void put_examples(const struct tally_row *row, struct buf *out)
{
    size_t i;

    buf_text(out, row->example_count == 0 ? "" : "  e.g.");
    for (i = 0; i < row->example_count; i++) {
        buf_byte(out, ' ');
        id_write(row->examples[i], out);
    }
    buf_byte(out, '\n');
}

/* The effects of a rule stand together, since their names begin with its. */
static void put_effects(const struct report *report, const char *rule, struct buf *out)
{
    const struct tally *effects = &report->result->effects;
    size_t len = strlen(rule), i;

    for (i = 0; i < effects->count; i++) {
        const struct tally_row *row = &effects->rows[i];

        if (strncmp(row->name, rule, len) != 0 || row->name[len] != ' ')
            continue;
        buf_printf(out, "    %s: %" PRIu64, row->name + len + 1, row->changed);
        put_examples(row, out);
    }
}

static void put_rules(const struct report *report, struct buf *out)
{
    const struct tally *rules = &report->result->rules;
    size_t i;

    buf_text(out, rules->count == 0 ? "" : "by rule\n");
    for (i = 0; i < rules->count; i++) {
        const struct tally_row *row = &rules->rows[i];

        buf_printf(out, "  %10" PRIu64 "  %s (more in %" PRIu64 ", less in %" PRIu64 ")\n",
                   row->changed, row->name, row->added, row->gone);
        put_effects(report, row->name, out);
    }
}

/* "3 of 88  D-17", for those with a change. */
static void put_shares(const struct tally *tally, const char *title, struct buf *out)
{
    bool first = true;
    size_t i;

    for (i = 0; i < tally->count; i++) {
        const struct tally_row *row = &tally->rows[i];

        if (row->changed == 0)
            continue;
        buf_text(out, first ? title : "");
        first = false;
        buf_printf(out, "  %10" PRIu64 "  of %" PRIu64 ": %s\n", row->changed, row->cases,
                   row->name[0] == '\0' ? "(no dealer)" : row->name);
    }
}

static void put_draft(const struct report *report, struct buf *out)
{
    const struct replay_result *result = report->result;
    size_t i;

    put_count(out, result->cited, "the same, founded on other rules");
    put_count(out, result->changed, "changed");
    put_count(out, result->undecided, "cannot be decided: a fact was not kept");
    buf_text(out, result->verdicts.count == 0 ? "" : "by verdict\n");
    for (i = 0; i < result->verdicts.count; i++) {
        buf_printf(out, "  %10" PRIu64 "  %s", result->verdicts.rows[i].changed,
                   result->verdicts.rows[i].name);
        put_examples(&result->verdicts.rows[i], out);
    }
    put_rules(report, out);
    buf_text(out, result->missing.count == 0 ? "" : "cannot be decided without\n");
    for (i = 0; i < result->missing.count; i++) {
        buf_printf(out, "  %10" PRIu64 "  %s", result->missing.rows[i].cases,
                   result->missing.rows[i].name);
        put_examples(&result->missing.rows[i], out);
    }
    put_shares(&result->dealers, "by dealer\n", out);
    put_shares(&result->days, "by day\n", out);
}

void report_text(const struct report *report, struct buf *out)
{
    const struct replay_result *result = report->result;

    buf_printf(out, "%" PRIu64 " cases", result->cases);
    put_range(report, out);
    if (report->draft == NULL) {
        buf_printf(out, ", decided again by their own texts (%zu sets)\n", result->sets.count);
    } else {
        buf_printf(out, ", decided by %s", report->draft);
        if (!date_is_none(report->as_of)) {
            buf_text(out, " as on ");
            date_write(report->as_of, out);
        }
        buf_byte(out, '\n');
    }
    put_count(out, result->same, "the same");
    if (report->draft != NULL)
        put_draft(report, out);
    put_count(out, result->broken, "a rule failed when they were decided: not comparable");
    put_count(out, result->alarms, "ALARMS: not what they were");
}

/* ---- JSON ---- */

static void put_examples_json(const struct tally_row *row, struct buf *out)
{
    size_t i;

    buf_text(out, ",\"examples\":[");
    for (i = 0; i < row->example_count; i++) {
        buf_text(out, i == 0 ? "\"" : ",\"");
        id_write(row->examples[i], out);
        buf_byte(out, '"');
    }
    buf_byte(out, ']');
}

/* "name=value\n" lines as an object of texts. */
static void put_facts_json(const char *facts, struct buf *out)
{
    const char *at = facts, *equals, *end;

    buf_text(out, ",\"facts\":{");
    while (at != NULL && (equals = strchr(at, '=')) != NULL &&
           (end = strchr(equals, '\n')) != NULL) {
        buf_text(out, at == facts ? "" : ",");
        buf_json(out, str_bytes(at, (size_t)(equals - at)));
        buf_byte(out, ':');
        buf_json(out, str_bytes(equals + 1, (size_t)(end - equals) - 1));
        at = end + 1;
    }
    buf_byte(out, '}');
}

static void put_tally_json(const char *member, const char *name, const struct tally *tally,
                           void (*put)(const struct tally_row *, struct buf *), struct buf *out)
{
    size_t i;

    buf_printf(out, ",\n\"%s\":[", member);
    for (i = 0; i < tally->count; i++) {
        buf_printf(out, "%s{\"%s\":", i == 0 ? "" : ",\n ", name);
        buf_json(out, str_of(tally->rows[i].name));
        put(&tally->rows[i], out);
        buf_byte(out, '}');
    }
    buf_byte(out, ']');
}

static void put_changed(const struct tally_row *row, struct buf *out)
{
    buf_printf(out, ",\"changed\":%" PRIu64, row->changed);
    put_examples_json(row, out);
}

static void put_rule(const struct tally_row *row, struct buf *out)
{
    buf_printf(out, ",\"changed\":%" PRIu64 ",\"more\":%" PRIu64 ",\"less\":%" PRIu64, row->changed,
               row->added, row->gone);
    put_examples_json(row, out);
}

static void put_effect(const struct tally_row *row, struct buf *out)
{
    put_changed(row, out);
    put_facts_json(row->facts, out);
}

static void put_missing(const struct tally_row *row, struct buf *out)
{
    buf_printf(out, ",\"cases\":%" PRIu64, row->cases);
    put_examples_json(row, out);
    put_facts_json(row->facts, out);
}

static void put_share(const struct tally_row *row, struct buf *out)
{
    buf_printf(out, ",\"cases\":%" PRIu64 ",\"changed\":%" PRIu64, row->cases, row->changed);
}

static void put_day_json(const char *member, struct smg_date day, struct buf *out)
{
    buf_printf(out, ",\"%s\":", member);
    if (date_is_none(day)) {
        buf_text(out, "null");
        return;
    }
    buf_byte(out, '"');
    date_write(day, out);
    buf_byte(out, '"');
}

void report_json(const struct report *report, struct buf *out)
{
    const struct replay_result *result = report->result;

    buf_text(out, "\"policy\":");
    if (report->draft == NULL)
        buf_text(out, "null");
    else
        buf_json(out, str_of(report->draft));
    put_day_json("from", report->range.from, out);
    put_day_json("to", report->range.to, out);
    put_day_json("on", report->as_of, out);
    buf_printf(out,
               ",\n\"cases\":%" PRIu64 ",\"same\":%" PRIu64 ",\"cited_otherwise\":%" PRIu64
               ",\"changed\":%" PRIu64 ",\"undecided\":%" PRIu64 ",\"broken\":%" PRIu64
               ",\"alarmed\":%" PRIu64,
               result->cases, result->same, result->cited, result->changed, result->undecided,
               result->broken, result->alarms);
    put_tally_json("sets", "set", &result->sets, put_share, out);
    put_tally_json("verdicts", "verdict", &result->verdicts, put_changed, out);
    put_tally_json("rules", "rule", &result->rules, put_rule, out);
    put_tally_json("effects", "effect", &result->effects, put_effect, out);
    put_tally_json("missing", "fact", &result->missing, put_missing, out);
    put_tally_json("dealers", "dealer", &result->dealers, put_share, out);
    put_tally_json("days", "day", &result->days, put_share, out);
}
