/* SPDX-License-Identifier: Apache-2.0 */
/* A walk down the diagram of an effect, in which the values that lead to the same place go
 * together.
 */
#include "workbench/table.h"

#include "workbench/show.h"

enum { CONDITIONS_MAX = 64, ROW_VALUES = 2048 };

struct walk {
    const struct diagrams *all;
    table_row_fn fn;
    void *ctx;
    struct table_condition conditions[CONDITIONS_MAX];
    uint8_t values[ROW_VALUES];
    size_t condition_count, value_count;
};

static void rows(struct walk *walk, diagram cases);

/* The row with one more condition: the known values that lead to `next`. */
static void narrow(struct walk *walk, diagram cases, diagram next)
{
    const struct diagrams *all = walk->all;
    size_t variable = diagram_variable(all, cases), known = diagrams_known(all, variable), i;
    struct table_condition *condition = &walk->conditions[walk->condition_count];

    if (walk->condition_count == CONDITIONS_MAX || walk->value_count + known > ROW_VALUES)
        return; /* no rule reads so many facts on one path: explore_rule is bounded long before */
    *condition =
        (struct table_condition){ .variable = variable, .first = (uint16_t)walk->value_count };
    for (i = 0; i < known; i++)
        if (diagram_branch(all, cases, i) == next) {
            walk->values[walk->value_count++] = (uint8_t)i;
            condition->count++;
        }
    if (condition->count == known) { /* it makes no difference */
        walk->value_count -= known;
        rows(walk, next);
        return;
    }
    walk->condition_count++;
    rows(walk, next);
    walk->condition_count--;
    walk->value_count -= condition->count;
}

static void rows(struct walk *walk, diagram cases)
{
    const struct diagrams *all = walk->all;
    size_t known, i, j;

    if (cases == DIAGRAM_NONE)
        return;
    if (cases == DIAGRAM_ALL) {
        walk->fn(walk->ctx, &(struct table_row){ .conditions = walk->conditions,
                                                 .condition_count = walk->condition_count,
                                                 .values = walk->values });
        return;
    }
    known = diagrams_known(all, diagram_variable(all, cases));
    for (i = 0; i < known; i++) {
        for (j = 0; j < i; j++)
            if (diagram_branch(all, cases, j) == diagram_branch(all, cases, i))
                break;
        if (j == i)
            narrow(walk, cases, diagram_branch(all, cases, i));
    }
}

void table_rows(const struct diagrams *all, diagram cases, table_row_fn fn, void *ctx)
{
    struct walk walk = { .all = all, .fn = fn, .ctx = ctx };

    rows(&walk, cases);
}

void table_write_row(const struct space *space, const struct table_row *row, struct buf *out)
{
    size_t i, j;

    if (row->condition_count == 0)
        buf_text(out, "always");
    for (i = 0; i < row->condition_count; i++) {
        const struct table_condition *condition = &row->conditions[i];
        const struct variable *variable = &space->variables[condition->variable];
        bool most = condition->count * 2u > variable->value_count && variable->value_count > 5;
        const char *between = "";

        buf_printf(out, "%s%s %s ", i == 0 ? "" : ", ", variable->name, most ? "is not" : "=");
        for (j = 0; j + 1 < variable->value_count; j++) {
            bool in = memchr(row->values + condition->first, (int)j, condition->count) != NULL;

            if (in == most)
                continue;
            buf_printf(out, "%s%s", between, variable->values[j]);
            between = " or ";
        }
    }
}

/* ---- the whole, in four forms ---- */

struct writing {
    const struct space *space;
    enum table_form form;
    struct buf *out;
    size_t told;
};

static void row_json(struct writing *writing, const struct table_row *row)
{
    struct buf *out = writing->out;
    size_t i, j;

    buf_text(out, writing->told == 0 ? "{" : ",{");
    for (i = 0; i < row->condition_count; i++) {
        const struct table_condition *condition = &row->conditions[i];
        const struct variable *variable = &writing->space->variables[condition->variable];

        buf_printf(out, "%s\"%s\":[", i == 0 ? "" : ",", variable->name);
        for (j = 0; j < condition->count; j++) {
            buf_text(out, j == 0 ? "" : ",");
            buf_json(out, str_of(variable->values[row->values[condition->first + j]]));
        }
        buf_byte(out, ']');
    }
    buf_byte(out, '}');
}

static void on_row(void *ctx, const struct table_row *row)
{
    struct writing *writing = ctx;
    struct buf text = { 0 };

    if (writing->form == TABLE_JSON) {
        row_json(writing, row);
        writing->told++;
        return;
    }
    table_write_row(writing->space, row, &text);
    if (writing->form == TABLE_HTML) {
        buf_text(writing->out, writing->told == 0 ? "<code>" : "<br><code>");
        buf_html(writing->out, buf_view(&text));
        buf_text(writing->out, "</code>");
    } else if (writing->form == TABLE_MARKDOWN) {
        buf_printf(writing->out, "%s`%s`", writing->told == 0 ? "" : "<br>", text.at);
    } else {
        buf_printf(writing->out, "      %s\n", text.at);
    }
    writing->told++;
    buf_fini(&text);
}

static void write_said(const struct space *space, const struct said *said, enum table_form form,
                       bool first, struct buf *out)
{
    struct writing writing = { .space = space, .form = form, .out = out };
    struct buf text = { 0 };

    show_said(said, &text);
    if (form == TABLE_TEXT)
        buf_printf(out, "    %s  %s\n", text.at, said->zh);
    else if (form == TABLE_MARKDOWN)
        buf_printf(out, "| %s<br>%s %s | ", text.at, said->zh, said->en);
    else if (form == TABLE_HTML) {
        buf_text(out, "<tr><td>");
        buf_html(out, buf_view(&text));
        buf_text(out, "<br>");
        buf_html(out, str_of(said->zh));
        buf_text(out, " <span lang=\"en\">");
        buf_html(out, str_of(said->en));
        buf_text(out, "</span></td><td>");
    } else {
        buf_text(out, first ? "{" : ",{");
        show_said_json(said, out);
        buf_text(out, ",\"rows\":[");
    }
    table_rows(space->all, said->cases, on_row, &writing);
    buf_text(out, form == TABLE_MARKDOWN ? " |\n"
                  : form == TABLE_HTML   ? "</td></tr>\n"
                  : form == TABLE_JSON   ? "]}"
                                         : "");
    buf_fini(&text);
}

static void begin_rule(const struct rule *rule, enum table_form form, struct buf *out)
{
    if (form == TABLE_TEXT)
        buf_printf(out, "%s  %s  %s\n", rule->id, rule->zh, rule->en);
    else if (form == TABLE_MARKDOWN)
        buf_printf(out, "\n### %s\n%s — %s\n\n| effect | cases |\n|---|---|\n", rule->id, rule->zh,
                   rule->en);
    else if (form == TABLE_HTML) {
        buf_text(out, "<h3>");
        buf_html(out, str_of(rule->id));
        buf_text(out, "</h3>\n<p>");
        buf_html(out, str_of(rule->zh));
        buf_text(out, " <span lang=\"en\">");
        buf_html(out, str_of(rule->en));
        buf_text(out, "</span></p>\n<table><tr><th>结论 effect</th><th>情形 cases</th></tr>\n");
    }
}

static void write_rule(const struct space *space, size_t rule, enum table_form form,
                       struct buf *out)
{
    const struct reading *reading = &space->readings[0];
    bool first = true;
    size_t i;

    begin_rule(&reading->set->rules[rule], form, out);
    for (i = 0; i < reading->said_count; i++) {
        const struct said *said = &reading->said[i];

        /* Only while something is not known: that is the vocabulary's to tell, not the rule's. */
        if (said->rule != &reading->set->rules[rule] || said->kind == SAID_ASKS ||
            !space_is_said_known(space, said))
            continue;
        write_said(space, said, form, first, out);
        first = false;
    }
    if (form == TABLE_HTML)
        buf_text(out, "</table>\n");
}

void table_write(const struct space *space, enum table_form form, struct buf *out)
{
    const struct reading *reading = &space->readings[0];
    struct buf title = { 0 };
    size_t i;

    show_reading(reading, &title);
    if (form == TABLE_JSON) {
        buf_text(out, "{\"of\":");
        show_reading_json(reading, out);
        buf_text(out, ",\"effects\":[");
        for (i = 0; i < reading->said_count; i++)
            if (reading->said[i].kind != SAID_ASKS &&
                space_is_said_known(space, &reading->said[i])) {
                write_said(space, &reading->said[i], form, out->at[out->len - 1] == '[', out);
            }
        buf_text(out, "]}\n");
    } else if (form == TABLE_HTML) {
        show_html_begin("决定表", "Decision table", out);
        buf_text(out, "<p>");
        buf_html(out, buf_view(&title));
        buf_text(out, "</p>\n");
    } else {
        buf_printf(out, "%s%s\n", form == TABLE_MARKDOWN ? "## " : "", title.at);
    }
    for (i = 0; form != TABLE_JSON && i < reading->rule_count; i++)
        write_rule(space, reading->rules[i], form, out);
    if (form == TABLE_HTML)
        show_html_end(out);
    buf_fini(&title);
}
