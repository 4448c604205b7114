/* SPDX-License-Identifier: Apache-2.0 */
/* One rule: what it reads, and exactly when it says what. */
#include "workbench/doc.h"

#include "workbench/show.h"
#include "workbench/table.h"

enum { ROWS = 40, FIRST_FACTS = 64 };

struct rule_names {
    char id[2 * NAME_BYTES]; /* of its heading: "rule-6.3/age" */
    const char *paragraph;   /* "6.3/age" */
};

static struct rule_names names_of(const struct doc *doc, size_t rule)
{
    struct rule_names names;

    names.paragraph = strchr(doc->set->rules[rule].id, '#') + 1;
    snprintf(names.id, sizeof names.id, "#rule-%s", names.paragraph);
    return names;
}

void doc_put_rule_link(const struct doc *doc, size_t rule, struct page *page)
{
    struct rule_names names = names_of(doc, rule);

    page_link(page, names.id, names.paragraph);
}

/* The rule's articles, as links. */
static void put_articles(const struct doc *doc, size_t rule, struct page *page)
{
    const struct articles *articles = doc->registers[doc->set->rules[rule].regulation];
    bool any = false;
    size_t i, k;

    for (i = 0; articles != NULL && i < articles->count; i++)
        for (k = 0; k < articles->articles[i].rule_count; k++) {
            const char *number = articles->articles[i].number;
            struct buf target = { 0 }, text = { 0 };

            if (articles->articles[i].rules[k] != rule)
                continue;
            if (any)
                page_text(page, page_in(page, "、", "; "));
            else {
                page_open(page, PAGE_PARAGRAPH);
                page_label(page, page_in(page, "依据", "carries out"));
            }
            any = true;
            buf_printf(&target, "#article-%s", number);
            doc_put_number(number, page->zh, &text);
            if (!target.failed && !text.failed)
                page_link(page, target.at, text.at);
            buf_fini(&target);
            buf_fini(&text);
        }
    if (any)
        page_close(page, PAGE_PARAGRAPH);
}

static void put_dates(const struct rule *rule, struct page *page)
{
    if (rule->replaces != NULL) {
        page_open(page, PAGE_PARAGRAPH);
        page_label(page, page_in(page, "替代", "in place of"));
        page_code(page, rule->replaces);
        page_close(page, PAGE_PARAGRAPH);
    }
    if (rule->bites_from != NULL) {
        page_open(page, PAGE_PARAGRAPH);
        page_label(page, page_in(page, "此前只作提示", "only warns before"));
        page_text(page, rule->bites_from);
        page_close(page, PAGE_PARAGRAPH);
    }
}

static void put_reads(const struct cases *cases, struct page *page)
{
    bool any = false;
    size_t i;

    page_open(page, PAGE_PARAGRAPH);
    page_label(page, page_in(page, "所依事实", "looks at"));
    for (i = 0; i < cases->set->fact_count; i++) {
        if (!cases->reads[i])
            continue;
        page_text(page, any ? page_in(page, "；", "; ") : "");
        page_text(page, page_in(page, cases->set->facts[i].zh, cases->set->facts[i].en));
        page_text(page, " ");
        page_code(page, cases->set->facts[i].name);
        any = true;
    }
    if (!any)
        page_text(page, page_in(page, "无", "nothing"));
    page_close(page, PAGE_PARAGRAPH);
}

/* A value in words where there are some: yes and no, kinds of document; else as it is written. */
static void put_value(const struct cases *cases, const struct fact *fact, size_t value,
                      struct page *page)
{
    const struct document_info *document =
        policy_document_find(cases->set, fact->values[value].text);

    if (fact->kind == VALUE_BOOLEAN)
        page_text(page, fact->values[value].integer != 0 ? page_in(page, "是", "yes")
                                                         : page_in(page, "否", "no"));
    else if (fact->kind == VALUE_TEXT && document != NULL)
        page_text(page, page_in(page, document->zh, document->en));
    else
        page_code(page, fact->values[value].text.at);
}

static bool has_value(const struct table_row *row, const struct table_condition *condition,
                      size_t value)
{
    return memchr(row->values + condition->first, (int)value, condition->count) != NULL;
}

static void put_condition(const struct cases *cases, const struct table_row *row,
                          const struct table_condition *condition, struct page *page)
{
    const struct fact *fact = &cases->set->facts[condition->variable];
    /* What is left out is said where that is shorter. */
    bool but = fact->value_count > 3 && 2 * (size_t)condition->count > fact->value_count,
         any = false;
    size_t i;

    page_text(page, page_in(page, fact->zh, fact->en));
    page_text(page, but ? page_in(page, "：不是 ", ": not ") : page_in(page, "：", ": "));
    for (i = 0; i < fact->value_count; i++) {
        if (has_value(row, condition, i) == but)
            continue;
        page_text(page, any ? page_in(page, "、", " or ") : "");
        put_value(cases, fact, i, page);
        any = true;
    }
}

struct putting {
    const struct cases *cases;
    struct page *page;
    size_t rows;
};

static void put_case(void *ctx, const struct table_row *row)
{
    struct putting *putting = ctx;
    struct page *page = putting->page;
    size_t i;

    if (putting->rows++ >= ROWS)
        return;
    if (putting->rows > 1) {
        page_break(page);
        page_text(page, page_in(page, "或者：", "or: "));
    }
    if (row->condition_count == 0)
        page_text(page, page_in(page, "任何情形", "in every case"));
    for (i = 0; i < row->condition_count; i++) {
        page_text(page, i == 0 ? "" : page_in(page, "；", "; "));
        put_condition(putting->cases, row, &row->conditions[i], page);
    }
}

static void put_what(const struct effect *effect, struct page *page)
{
    static const struct {
        const char *zh, *en;
    } kinds[] = { [EFFECT_NEED] = { "须提供", "needs" },
                  [EFFECT_REFUSE] = { "不予办理", "refuses" },
                  [EFFECT_REPORT] = { "报告", "reports to" },
                  [EFFECT_OBLIGE] = { "义务", "obliges" } };

    page_cell(page);
    page_text(page, page_in(page, kinds[effect->kind].zh, kinds[effect->kind].en));
    page_cell(page);
    page_text(page, page_in(page, effect->zh, effect->en));
    page_text(page, " ");
    page_code(page, effect->what);
    if (effect->within_ms > 0) {
        char within[24];

        page_text(page, page_in(page, "，时限 ", ", within "));
        page_text(page, policy_within(effect->within_ms, within));
    }
}

static void put_sayings(const struct cases *cases, struct page *page)
{
    const char *heads[] = { page_in(page, "结果", "does"), page_in(page, "内容", "what"),
                            page_in(page, "情形", "when") };
    size_t i;

    page_table(page, page_in(page, "何时提出什么", "when it says what"), heads, 3);
    for (i = 0; i < cases->count; i++) {
        struct putting putting = { .cases = cases, .page = page };

        page_row(page);
        put_what(&cases->sayings[i].effect, page);
        page_cell(page);
        table_rows(cases->all, cases->sayings[i].cases, put_case, &putting);
        if (putting.rows > ROWS) {
            page_break(page);
            page_text(page, page_in(page, "以及更多情形", "and in more cases"));
        }
    }
    page_table_end(page);
}

/* The first case of what a rule says, with its first values, as answers. */
struct first_case {
    const struct policy_set *set;
    struct answer facts[FIRST_FACTS];
    size_t count;
    bool taken;
};

static void take_first(void *ctx, const struct table_row *row)
{
    struct first_case *first = ctx;
    size_t i;

    if (first->taken || row->condition_count > FIRST_FACTS)
        return;
    for (i = 0; i < row->condition_count; i++) {
        const struct fact *fact = &first->set->facts[row->conditions[i].variable];

        first->facts[i] =
            (struct answer){ fact->name,
                             fact->values[row->values[row->conditions[i].first]].text.at };
    }
    first->count = row->condition_count;
    first->taken = true;
}

/* What services and registries must answer in this case: "customer.verified=mismatch". */
static void put_answers(const struct doc *doc, const struct first_case *first, struct page *page,
                        struct buf *out)
{
    bool any = false;
    size_t i;

    for (i = 0; i < first->count; i++) {
        const struct fact *fact = set_fact(doc->set, str_of(first->facts[i].fact));

        if (fact->source < SOURCE_SERVICE)
            continue;
        buf_text(out, any ? "," : page_in(page, "；答复：", "; answers: "));
        buf_printf(out, "%s=%s", fact->name, first->facts[i].value);
        any = true;
    }
}

/* An application in which the rule needs or refuses something, where there is one. */
static void put_example(const struct doc *doc, size_t rule, struct page *page)
{
    const struct rule *it = &doc->set->rules[rule];
    const struct regulation *regulation = &doc->set->regulations[it->regulation];
    const struct cases *cases = &doc->rules[rule];
    struct first_case first = { .set = doc->set };
    struct application_made made = { .json = { 0 } };
    struct buf summary = { 0 };
    char region[8] = "000000";
    size_t i;

    for (i = 0; i < cases->count && cases->sayings[i].effect.kind > EFFECT_REFUSE; i++)
        ;
    if (doc->example == NULL || i == cases->count)
        return;
    table_rows(cases->all, cases->sayings[i].cases, take_first, &first);
    if (!first.taken)
        return;
    memcpy(region, regulation->info.region, strlen(regulation->info.region));
    doc->example(doc->ctx, doc->set, first.facts, first.count, region,
                 date_is_none(it->bites) ? regulation->from : it->bites, &made);
    buf_printf(&summary, "%s%s", page_in(page, "示例申请：", "An application for example: "),
               page_in(page, cases->sayings[i].effect.zh, cases->sayings[i].effect.en));
    put_answers(doc, &first, page, &summary);
    if (made.json.len > 0 && made.missed.len == 0 && !made.json.failed && !summary.failed)
        page_listing(page, summary.at, buf_view(&made.json));
    application_made_fini(&made);
    buf_fini(&summary);
}

void doc_put_rule(const struct doc *doc, size_t rule, struct page *page)
{
    const struct rule *it = &doc->set->rules[rule];
    const struct cases *cases = &doc->rules[rule];
    struct rule_names names = names_of(doc, rule);
    struct buf title = { 0 };

    buf_printf(&title, "%s%s%s", names.paragraph, page_in(page, "：", ": "),
               page_in(page, it->zh, it->en));
    if (!title.failed)
        page_heading(page, 3, names.id + 1, title.at);
    buf_fini(&title);
    put_articles(doc, rule, page);
    put_dates(it, page);
    put_reads(cases, page);
    if (cases->count > 0)
        put_sayings(cases, page);
    put_example(doc, rule, page);
    if (!cases->complete) {
        page_open(page, PAGE_PARAGRAPH);
        page_text(page, page_in(page, "此规则情形过多，以上并不完全。",
                                "This rule has too many cases: the above is not all."));
        page_close(page, PAGE_PARAGRAPH);
    }
}
