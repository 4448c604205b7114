/* SPDX-License-Identifier: Apache-2.0 */
/* The law, article by article: what each says in our words, and what sees to it. */
#include "workbench/doc.h"

#include "workbench/lawtext.h"

#include <stdlib.h>

/* The parts of "120-1.2/3": article, inserted, paragraph, item; 0 where there is none. */
static void take_apart(const char *number, long parts[4])
{
    char *end;

    memset(parts, 0, 4 * sizeof *parts);
    parts[0] = strtol(number, &end, 10);
    if (*end == '-')
        parts[1] = strtol(end + 1, &end, 10);
    if (*end == '.')
        parts[2] = strtol(end + 1, &end, 10);
    if (*end == '/')
        parts[3] = strtol(end + 1, &end, 10);
}

void doc_put_number(const char *number, bool zh, struct buf *out)
{
    long parts[4];

    take_apart(number, parts);
    buf_text(out, zh ? "第" : "article ");
    if (!zh) {
        buf_printf(out, "%ld", parts[0]);
        if (parts[1] > 0)
            buf_printf(out, "-%ld", parts[1]);
        if (parts[2] > 0)
            buf_printf(out, ", paragraph %ld", parts[2]);
        if (parts[3] > 0)
            buf_printf(out, ", item %ld", parts[3]);
        return;
    }
    law_put_number((int)parts[0], out);
    buf_text(out, "条");
    if (parts[1] > 0) {
        buf_text(out, "之");
        law_put_number((int)parts[1], out);
    }
    if (parts[2] > 0) {
        buf_text(out, "第");
        law_put_number((int)parts[2], out);
        buf_text(out, "款");
    }
    if (parts[3] > 0) {
        buf_text(out, "第（");
        law_put_number((int)parts[3], out);
        buf_text(out, "）项");
    }
}

static void put_process(const struct process *process, struct page *page)
{
    size_t i;

    page_open(page, PAGE_PARAGRAPH);
    page_label(page, page_in(page, "软件", "the software"));
    page_text(page, page_in(page, process->zh, process->en));
    page_text(page, page_in(page, "（", " ("));
    for (i = 0; i < process->where_count; i++) {
        page_text(page, i == 0 ? "" : page_in(page, "，", ", "));
        page_code(page, process->where[i]);
    }
    page_text(page, page_in(page, "）", ")"));
    page_close(page, PAGE_PARAGRAPH);
}

static void put_article(const struct doc *doc, const struct article *it, struct page *page)
{
    struct buf id = { 0 }, title = { 0 };
    size_t i;

    buf_printf(&id, "article-%s", it->number);
    doc_put_number(it->number, page->zh, &title);
    buf_text(&title, page_in(page, "：", ": "));
    buf_text(&title, page_in(page, it->zh, it->en));
    if (!id.failed && !title.failed)
        page_heading(page, 3, id.at, title.at);
    buf_fini(&id);
    buf_fini(&title);
    if (it->rule_count > 0) {
        page_open(page, PAGE_PARAGRAPH);
        page_label(page, page_in(page, "规则", "rules"));
        for (i = 0; i < it->rule_count; i++) {
            page_text(page, i == 0 ? "" : page_in(page, "、", ", "));
            doc_put_rule_link(doc, it->rules[i], page);
        }
        page_close(page, PAGE_PARAGRAPH);
    }
    if (it->process != NULL)
        put_process(it->process, page);
    if (it->reason_zh != NULL) {
        page_open(page, PAGE_PARAGRAPH);
        page_label(page, article_binding(it) == BOUND_BY_PEOPLE
                             ? page_in(page, "不由软件办理", "not automated")
                             : page_in(page, "其余不由软件办理", "the rest is not automated"));
        page_text(page, page_in(page, it->reason_zh, it->reason_en));
        page_close(page, PAGE_PARAGRAPH);
    }
}

/* "6", "120-1": what stands before the point. */
static size_t article_len(const char *number)
{
    return strcspn(number, ".");
}

static bool begins_article(const struct articles *articles, size_t i)
{
    size_t len = article_len(articles->articles[i].number);

    return i == 0 ||
           strncmp(articles->articles[i].number, articles->articles[i - 1].number, len + 1) != 0;
}

static void put_title(const struct article *it, bool link, struct page *page)
{
    struct buf id = { 0 }, title = { 0 }, number = { 0 };

    buf_put(&number, it->number, article_len(it->number));
    buf_printf(&id, "%sarticle-%s", link ? "#" : "", number.failed ? "" : number.at);
    if (!number.failed)
        doc_put_number(number.at, page->zh, &title);
    if (!id.failed && !title.failed && !number.failed) {
        if (link)
            page_link(page, id.at, title.at);
        else
            page_heading(page, 2, id.at, title.at);
    }
    buf_fini(&number);
    buf_fini(&title);
    buf_fini(&id);
}

void doc_put_articles(const struct doc *doc, const struct articles *articles, struct page *page)
{
    size_t i;

    page_heading(page, 2, "contents", page_in(page, "目录", "Contents"));
    page_open(page, PAGE_LIST);
    for (i = 0; i < articles->count; i++) {
        if (!begins_article(articles, i))
            continue;
        page_open(page, PAGE_ITEM);
        put_title(&articles->articles[i], true, page);
        page_text(page, page_in(page, "：", ": "));
        page_text(page, page_in(page, articles->articles[i].zh, articles->articles[i].en));
        page_close(page, PAGE_ITEM);
    }
    page_open(page, PAGE_ITEM);
    page_link(page, "#rules", page_in(page, "规则", "Rules"));
    page_close(page, PAGE_ITEM);
    page_close(page, PAGE_LIST);
    for (i = 0; i < articles->count; i++) {
        if (begins_article(articles, i))
            put_title(&articles->articles[i], false, page);
        put_article(doc, &articles->articles[i], page);
    }
}
