/* SPDX-License-Identifier: Apache-2.0 */
/* A difference as text, JSON and HTML. */
#include "workbench/diff.h"

#include "workbench/sample.h"
#include "workbench/show.h"

static const enum verdict verdicts[] = { VERDICT_ACCEPTED, VERDICT_INCOMPLETE, VERDICT_REFUSED };
enum { VERDICT_COUNT = sizeof verdicts / sizeof *verdicts };

/* What only one vocabulary knows: cases with it were not compared. fn: once for each fact or value.
 */
typedef void (*only_fn)(struct buf *out, bool in_new, const char *fact, const char *value);

static void each_only(const struct diff *diff, only_fn fn, struct buf *out)
{
    const struct space *space = diff->space;
    size_t i, j;

    for (i = 0; i < space->variable_count; i++) {
        const struct variable *variable = &space->variables[i];
        const struct fact *before = set_fact(space->readings[0].set, str_of(variable->name));
        const struct fact *after = set_fact(space->readings[1].set, str_of(variable->name));

        if (!variable->read)
            continue;
        if (before == NULL || after == NULL) {
            fn(out, before == NULL, variable->name, NULL);
            continue;
        }
        for (j = 0; j + 1 < variable->value_count; j++) {
            struct smg_str text = str_of(variable->values[j]);
            bool in_old =
                before->kind == VALUE_INTEGER || fact_index_of_text(before, text) != FACT_BROKEN;
            bool in_new =
                after->kind == VALUE_INTEGER || fact_index_of_text(after, text) != FACT_BROKEN;

            if (in_old != in_new)
                fn(out, in_new, variable->name, variable->values[j]);
        }
    }
}

/* ---- text ---- */

static void only_text(struct buf *out, bool in_new, const char *fact, const char *value)
{
    buf_printf(out, "only in the %s vocabulary: %s%s%s\n", in_new ? "new" : "old", fact,
               value == NULL ? "" : " = ", value == NULL ? "" : value);
}

static void group_text(const struct diff *diff, const struct diff_group *group, struct buf *out)
{
    buf_printf(out, "  %c ", group->added ? '+' : '-');
    show_said(group->said, out);
    buf_text(out, ": ");
    if (group->while_unknown) {
        buf_text(out, "only while something is not known yet\n");
        return;
    }
    natural_write_short(&group->count, out);
    buf_printf(out, " cases; for example (%s -> %s)\n      ", verdict_name(group->before),
               verdict_name(group->after));
    sample_write(diff->space, group->example, out);
    buf_byte(out, '\n');
}

void diff_text(const struct diff *diff, struct buf *out)
{
    const char *rule = "";
    size_t i, from, to;

    buf_text(out, "old: ");
    show_reading(&diff->space->readings[0], out);
    buf_text(out, "\nnew: ");
    show_reading(&diff->space->readings[1], out);
    buf_text(out, "\n");
    each_only(diff, only_text, out);
    natural_write(&diff->cases, out);
    if (diff_is_none(diff)) {
        buf_text(out, " cases: no difference, and that is a proof\n");
        return;
    }
    buf_text(out, " cases compared, ");
    natural_write(&diff->differing, out);
    buf_text(out, " are decided otherwise\n");
    for (from = 0; from < VERDICT_COUNT; from++)
        for (to = 0; to < VERDICT_COUNT; to++) {
            const struct natural *count = &diff->moved[verdicts[from]][verdicts[to]];

            if (natural_is_zero(count))
                continue;
            buf_printf(out, "  %-10s -> %-10s ", verdict_name(verdicts[from]),
                       verdict_name(verdicts[to]));
            natural_write_short(count, out);
            buf_byte(out, '\n');
        }
    for (i = 0; i < diff->group_count; i++) {
        const struct said *said = diff->groups[i].said;

        if (strcmp(said->rule->id, rule) != 0)
            buf_printf(out, "%s  %s  %s\n", said->rule->id, said->rule->zh, said->rule->en);
        rule = said->rule->id;
        group_text(diff, &diff->groups[i], out);
    }
}

/* ---- JSON ---- */

static void only_json(struct buf *out, bool in_new, const char *fact, const char *value)
{
    buf_text(out, out->at[out->len - 1] == '[' ? "" : ",");
    buf_printf(out, "{\"in\":\"%s\",\"fact\":", in_new ? "new" : "old");
    buf_json(out, str_of(fact));
    if (value != NULL) {
        buf_text(out, ",\"value\":");
        buf_json(out, str_of(value));
    }
    buf_byte(out, '}');
}

static void group_json(const struct diff *diff, const struct diff_group *group, application_fn fn,
                       void *ctx, struct buf *out)
{
    buf_printf(out, "{\"change\":\"%s\",", group->added ? "added" : "removed");
    show_said_json(group->said, out);
    if (group->while_unknown) {
        buf_text(out, ",\"while_unknown\":true}");
        return;
    }
    buf_text(out, ",\"cases\":");
    show_count_json(&group->count, out);
    buf_printf(out, ",\"example\":{\"old\":\"%s\",\"new\":\"%s\",\"facts\":",
               verdict_name(group->before), verdict_name(group->after));
    show_facts_json(diff->space, group->example, out);
    application_json(diff->space, group->like_example, group->example, fn, ctx, out);
    buf_text(out, "}}");
}

void diff_json(const struct diff *diff, application_fn fn, void *ctx, struct buf *out)
{
    bool first = true;
    size_t i, from, to;

    buf_text(out, "{\"old\":");
    show_reading_json(&diff->space->readings[0], out);
    buf_text(out, ",\"new\":");
    show_reading_json(&diff->space->readings[1], out);
    buf_printf(out, ",\"same\":%s,\"cases\":", diff_is_none(diff) ? "true" : "false");
    show_count_json(&diff->cases, out);
    buf_text(out, ",\"changed\":");
    show_count_json(&diff->differing, out);
    buf_text(out, ",\"not_compared\":[");
    each_only(diff, only_json, out);
    buf_text(out, "],\"verdicts\":[");
    for (from = 0; from < VERDICT_COUNT; from++)
        for (to = 0; to < VERDICT_COUNT; to++) {
            if (natural_is_zero(&diff->moved[verdicts[from]][verdicts[to]]))
                continue;
            buf_printf(out, "%s{\"old\":\"%s\",\"new\":\"%s\",\"cases\":", first ? "" : ",",
                       verdict_name(verdicts[from]), verdict_name(verdicts[to]));
            show_count_json(&diff->moved[verdicts[from]][verdicts[to]], out);
            buf_byte(out, '}');
            first = false;
        }
    buf_text(out, "],\"groups\":[");
    for (i = 0; i < diff->group_count; i++) {
        buf_text(out, i == 0 ? "" : ",");
        group_json(diff, &diff->groups[i], fn, ctx, out);
    }
    buf_text(out, "]}\n");
}

/* ---- HTML ---- */

static void only_html(struct buf *out, bool in_new, const char *fact, const char *value)
{
    buf_printf(out, "<li>%s <code>",
               in_new ? "仅新词汇表 only in the new vocabulary:"
                      : "仅旧词汇表 only in the old vocabulary:");
    buf_html(out, str_of(fact));
    if (value != NULL) {
        buf_text(out, " = ");
        buf_html(out, str_of(value));
    }
    buf_text(out, "</code></li>\n");
}

static void moves_html(const struct diff *diff, struct buf *out)
{
    static const char *const words[] = { "", "受理 accepted", "材料不全 incomplete",
                                         "不予办理 refused" };
    size_t from, to;

    buf_text(out, "<table><tr><th>旧 old</th><th>新 new</th><th>情形数 cases</th></tr>\n");
    for (from = 0; from < VERDICT_COUNT; from++)
        for (to = 0; to < VERDICT_COUNT; to++) {
            const struct natural *count = &diff->moved[verdicts[from]][verdicts[to]];

            if (natural_is_zero(count))
                continue;
            buf_printf(out, "<tr><td>%s</td><td>%s</td><td class=\"n\">", words[verdicts[from]],
                       words[verdicts[to]]);
            natural_write_short(count, out);
            buf_text(out, "</td></tr>\n");
        }
    buf_text(out, "</table>\n");
}

static void group_html(const struct diff *diff, const struct diff_group *group, application_fn fn,
                       void *ctx, struct buf *out)
{
    struct application_made made = { .json = { 0 } };
    struct buf text = { 0 };

    buf_printf(out, "<tr><td>%s</td><td class=\"%s\">%s ", strchr(group->said->rule->id, '#') + 1,
               group->added ? "added" : "removed", group->added ? "＋" : "－");
    show_said(group->said, &text);
    buf_html(out, buf_view(&text));
    if (group->said->zh != NULL) {
        buf_text(out, "<br>");
        buf_html(out, str_of(group->said->zh));
        buf_text(out, " <span lang=\"en\">");
        buf_html(out, str_of(group->said->en));
        buf_text(out, "</span>");
    }
    buf_text(out, "</td><td class=\"n\">");
    if (group->while_unknown) {
        buf_text(out, "–</td><td>仅在信息未齐时 only while something is not known</td></tr>\n");
        buf_fini(&text);
        return;
    }
    natural_write_short(&group->count, out);
    buf_printf(out, "</td><td>%s → %s<br><code>", verdict_name(group->before),
               verdict_name(group->after));
    buf_clear(&text);
    sample_write(diff->space, group->example, &text);
    buf_html(out, buf_view(&text));
    buf_text(out, "</code>");
    if (application_of(diff->space, group->like_example, group->example, fn, ctx, &made)) {
        buf_text(out, "<details><summary>申请 application</summary><pre><code>");
        buf_html(out, buf_view(&made.json));
        buf_text(out, "</code></pre>--answers ");
        buf_html(out, buf_view(&made.answers));
        buf_text(out, "</details>");
    }
    buf_text(out, "</td></tr>\n");
    buf_fini(&text);
    application_made_fini(&made);
}

void diff_html(const struct diff *diff, application_fn fn, void *ctx, struct buf *out)
{
    struct buf text = { 0 };
    size_t i;

    show_html_begin("规则修订的影响", "What the revision changes", out);
    for (i = 0; i < 2; i++) {
        buf_text(out, i == 0 ? "<p>旧 old: " : "<p>新 new: ");
        buf_clear(&text);
        show_reading(&diff->space->readings[i], &text);
        buf_html(out, buf_view(&text));
        buf_text(out, "</p>\n");
    }
    buf_fini(&text);
    buf_text(out, "<ul>\n");
    each_only(diff, only_html, out);
    buf_text(out, "</ul>\n<p>");
    natural_write(&diff->cases, out);
    if (diff_is_none(diff)) {
        buf_text(out, " 种情形全部比较，结论无任何差异（已证明）。 cases compared: no difference, "
                      "proved.</p>\n");
        show_html_end(out);
        return;
    }
    buf_text(out, " 种情形中，结论不同的有 ");
    natural_write(&diff->differing, out);
    buf_text(out, " 种。 So many cases are decided otherwise.</p>\n");
    moves_html(diff, out);
    buf_text(out, "<table><tr><th>条款 rule</th><th>变化 change</th><th>情形数 cases</th>"
                  "<th>例 example</th></tr>\n");
    for (i = 0; i < diff->group_count; i++)
        group_html(diff, &diff->groups[i], fn, ctx, out);
    buf_text(out, "</table>\n");
    show_html_end(out);
}
