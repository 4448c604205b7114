/* SPDX-License-Identifier: Apache-2.0 */
/* The findings as one page with two pictures, drawn here: by day, and by rule. */
#include "replay/report.h"
#include "workbench/show.h"

#include <inttypes.h>

enum {
    WIDTH = 900,      /* of a picture */
    HEIGHT = 160,     /* of the bars by day */
    DAYS_MOST = 100,  /* more are drawn by month */
    RULES_MOST = 25,  /* bars */
    LINE = 22,        /* from bar to bar */
    NAMES_WIDTH = 300 /* room for the names of rules */
};

static void put_number(struct buf *out, uint64_t count)
{
    buf_printf(out, "<td class=\"n\">%" PRIu64 "</td>", count);
}

static void put_heading(struct buf *out, const char *zh, const char *en)
{
    buf_printf(out, "<h2>%s <span lang=\"en\">%s</span></h2>\n", zh, en);
}

static void put_name(struct buf *out, const char *name)
{
    buf_text(out, "<td><code>");
    buf_html(out, str_of(name[0] == '\0' ? "—" : name));
    buf_text(out, "</code></td>");
}

static void put_examples(const struct tally_row *row, struct buf *out)
{
    size_t i;

    buf_text(out, "<td>");
    for (i = 0; i < row->example_count; i++) {
        buf_text(out, i == 0 ? "<code>" : "<br><code>");
        id_write(row->examples[i], out);
        buf_text(out, "</code>");
    }
    if (row->facts != NULL) {
        buf_text(out, "<details><summary>第一例的事实 <span lang=\"en\">facts of the first</span>"
                      "</summary><pre>");
        buf_html(out, str_of(row->facts));
        buf_text(out, "</pre></details>");
    }
    buf_text(out, "</td>");
}

/* ---- pictures ---- */

/* Days, or months when there are many: neighbours whose names begin with the same letters. */
struct bars {
    size_t name_len, count;
    uint64_t most;
};

static bool next_bar(const struct tally *days, size_t name_len, size_t *at, struct tally_row *bar)
{
    if (*at == days->count)
        return false;
    *bar = (struct tally_row){ .name = days->rows[*at].name };
    do {
        bar->cases += days->rows[*at].cases;
        bar->changed += days->rows[*at].changed;
        (*at)++;
    } while (*at < days->count && strncmp(days->rows[*at].name, bar->name, name_len) == 0);
    return true;
}

static struct bars measure_days(const struct tally *days)
{
    struct bars bars = { .name_len = days->count > DAYS_MOST ? 7 : 10 };
    struct tally_row bar;
    size_t at = 0;

    while (next_bar(days, bars.name_len, &at, &bar)) {
        bars.count++;
        if (bar.cases > bars.most)
            bars.most = bar.cases;
    }
    return bars;
}

static void put_bar(struct buf *out, const struct bars *bars, size_t i, const struct tally_row *bar)
{
    double step = (double)WIDTH / (double)bars->count, wide = step > 3 ? step - 1 : step;
    double all = (double)bar->cases * HEIGHT / (double)bars->most;
    double changed = (double)bar->changed * HEIGHT / (double)bars->most;

    if (bar->changed > 0 && changed < 1)
        changed = 1; /* a change is never too small to be seen */
    buf_printf(
        out,
        "<g><title>%.*s: %" PRIu64 " / %" PRIu64 "</title>"
        "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" fill=\"#c8d3df\"/>"
        "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" fill=\"#8a1c1c\"/></g>\n",
        (int)bars->name_len, bar->name, bar->changed, bar->cases, (double)i * step, HEIGHT - all,
        wide, all, (double)i * step, HEIGHT - changed, wide, changed);
}

static void put_days_picture(const struct tally *days, struct buf *out)
{
    struct bars bars = measure_days(days);
    struct tally_row bar;
    size_t at = 0, i;

    if (bars.count == 0 || bars.most == 0)
        return;
    put_heading(out, bars.name_len == 10 ? "按日" : "按月",
                bars.name_len == 10 ? "By day" : "By month");
    buf_printf(
        out,
        "<p>灰：全部案件；红：有变化 <span lang=\"en\">grey: all cases; red: changed</span></p>\n"
        "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" viewBox=\"0 0 %d %d\" "
        "width=\"100%%\"><title>changed decisions over time</title>\n",
        WIDTH, HEIGHT + 20);
    for (i = 0; next_bar(days, bars.name_len, &at, &bar); i++)
        put_bar(out, &bars, i, &bar);
    buf_printf(out,
               "<text x=\"0\" y=\"%d\" font-size=\"12\">%.*s</text>"
               "<text x=\"%d\" y=\"%d\" font-size=\"12\" text-anchor=\"end\">%.*s</text></svg>\n",
               HEIGHT + 15, (int)bars.name_len, days->rows[0].name, WIDTH, HEIGHT + 15,
               (int)bars.name_len, days->rows[days->count - 1].name);
}

static void put_rules_picture(const struct tally *rules, struct buf *out)
{
    size_t count = rules->count < RULES_MOST ? rules->count : RULES_MOST, i;

    if (count == 0)
        return;
    buf_printf(out,
               "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" viewBox=\"0 0 %d %zu\" "
               "width=\"100%%\"><title>changed decisions by rule</title>\n",
               WIDTH, count * LINE);
    for (i = 0; i < count; i++) {
        const struct tally_row *row = &rules->rows[i];
        double wide =
            (double)row->changed * (WIDTH - NAMES_WIDTH - 100) / (double)rules->rows[0].changed;

        buf_printf(out, "<text x=\"%d\" y=\"%zu\" font-size=\"13\" text-anchor=\"end\">",
                   NAMES_WIDTH - 8, i * LINE + 15);
        buf_html(out, str_of(row->name));
        buf_printf(out,
                   "</text><rect x=\"%d\" y=\"%zu\" width=\"%.1f\" height=\"%d\" fill=\"#8a1c1c\"/>"
                   "<text x=\"%.1f\" y=\"%zu\" font-size=\"13\">%" PRIu64 "</text>\n",
                   NAMES_WIDTH, i * LINE + 3, wide < 1 ? 1 : wide, LINE - 6, NAMES_WIDTH + wide + 6,
                   i * LINE + 15, row->changed);
    }
    buf_text(out, "</svg>\n");
}

/* ---- tables ---- */

static void put_row(struct buf *out, const char *zh, const char *en, uint64_t count)
{
    buf_printf(out, "<tr><td>%s <span lang=\"en\">%s</span></td>", zh, en);
    put_number(out, count);
    buf_text(out, "</tr>\n");
}

static void put_summary(const struct report *report, struct buf *out)
{
    const struct replay_result *result = report->result;

    buf_text(out, "<table>\n");
    put_row(out, "案件", "cases", result->cases);
    put_row(out, "相同", "the same", result->same);
    if (report->draft != NULL) {
        put_row(out, "结果相同，依据的条款不同", "the same, founded on other rules", result->cited);
        put_row(out, "有变化", "changed", result->changed);
        put_row(out, "缺少当时未留存的事实，无法判定", "cannot be decided: a fact was not kept",
                result->undecided);
    }
    put_row(out, "当时规则执行失败，不可比较", "a rule failed at the time: not comparable",
            result->broken);
    put_row(out, "警报：与当时不符", "alarms: not what they were", result->alarms);
    buf_text(out, "</table>\n");
}

static void put_alarms(const struct report *report, struct buf *out)
{
    const char *at = report->alarms.at, *end = at == NULL ? NULL : at + report->alarms.len, *stop;

    if (report->alarms.len == 0)
        return;
    put_heading(out, "警报", "Alarms");
    buf_text(out, "<ul>\n");
    for (; at < end && (stop = memchr(at, '\n', (size_t)(end - at))) != NULL; at = stop + 1) {
        buf_text(out, "<li class=\"added\"><code>");
        buf_html(out, str_bytes(at, (size_t)(stop - at)));
        buf_text(out, "</code></li>\n");
    }
    buf_text(out, "</ul>\n");
}

static void put_table(const struct tally *tally, const char *zh, const char *en, bool by_cases,
                      struct buf *out)
{
    size_t i;

    if (tally->count == 0)
        return;
    put_heading(out, zh, en);
    buf_text(out, "<table>\n");
    for (i = 0; i < tally->count; i++) {
        const struct tally_row *row = &tally->rows[i];

        buf_text(out, "<tr>");
        put_name(out, row->name);
        put_number(out, by_cases ? row->cases : row->changed);
        put_examples(row, out);
        buf_text(out, "</tr>\n");
    }
    buf_text(out, "</table>\n");
}

static void put_dealers(const struct tally *dealers, struct buf *out)
{
    size_t i;

    put_heading(out, "按代理商", "By dealer");
    buf_text(out, "<table><tr><th>代理商 <span lang=\"en\">dealer</span></th>"
                  "<th>有变化 <span lang=\"en\">changed</span></th>"
                  "<th>全部 <span lang=\"en\">of</span></th></tr>\n");
    for (i = 0; i < dealers->count; i++) {
        buf_text(out, "<tr>");
        put_name(out, dealers->rows[i].name);
        put_number(out, dealers->rows[i].changed);
        put_number(out, dealers->rows[i].cases);
        buf_text(out, "</tr>\n");
    }
    buf_text(out, "</table>\n");
}

static void put_asked(const struct report *report, struct buf *out)
{
    buf_text(out, "<p>");
    if (report->draft == NULL) {
        buf_text(out, "依各自当时的文本 <span lang=\"en\">by their own texts</span>");
    } else {
        buf_text(out, "依 <span lang=\"en\">by</span> <code>");
        buf_html(out, str_of(report->draft));
        buf_text(out, "</code>");
    }
    if (!date_is_none(report->as_of)) {
        buf_text(out, "，按此日 <span lang=\"en\">as on</span> ");
        date_write(report->as_of, out);
    }
    if (!date_is_none(report->range.from)) {
        buf_text(out, "；自 <span lang=\"en\">from</span> ");
        date_write(report->range.from, out);
    }
    if (!date_is_none(report->range.to)) {
        buf_text(out, "；至 <span lang=\"en\">to</span> ");
        date_write(report->range.to, out);
    }
    buf_text(out, "</p>\n");
}

void report_html(const struct report *report, struct buf *out)
{
    const struct replay_result *result = report->result;

    show_html_begin("重判报告", "Replay", out);
    put_asked(report, out);
    put_summary(report, out);
    put_alarms(report, out);
    put_days_picture(&result->days, out);
    if (report->draft != NULL) {
        put_table(&result->verdicts, "按结论", "By verdict", false, out);
        put_table(&result->rules, "按条款", "By rule", false, out);
        put_rules_picture(&result->rules, out);
        put_table(&result->effects, "按效果（+ 新增，- 不再）", "By effect (+ now, - no longer)",
                  false, out);
        put_table(&result->missing, "缺少的事实", "Facts that were not kept", true, out);
        put_dealers(&result->dealers, out);
    }
    show_html_end(out);
}
