/* SPDX-License-Identifier: Apache-2.0 */
/* What the pages are of, what they are called, and how each begins. */
#include "workbench/doc.h"

#include "policy/folder.h"

#include <stdlib.h>

static bool load_registers(struct doc *doc, const char *path, struct buf *problems)
{
    bool loaded = true;
    size_t i;

    for (i = 0; i < doc->set->regulation_count; i++) {
        char name[NAME_BYTES];

        snprintf(name, sizeof name, "%s_articles.lua", doc->set->regulations[i].info.id);
        if (!folder_has(path, name))
            continue;
        doc->registers[i] = articles_load(path, doc->set, i, problems);
        loaded = loaded && doc->registers[i] != NULL;
    }
    return loaded;
}

static bool explore_rules(struct doc *doc, struct buf *problems)
{
    struct smg_err err = { 0 };
    struct policy *policy = policy_new(doc->set, &err);
    bool explored = policy != NULL;
    size_t i;

    for (i = 0; explored && i < doc->set->rule_count; i++)
        explored = cases_explore(policy, i, &doc->rules[i], &err);
    if (!explored)
        set_problem(problems, "policies", 0, "%s", err.text);
    policy_free(policy);
    return explored;
}

struct doc *doc_new(struct policy_set *set, const char *path, struct buf *problems)
{
    struct doc *doc = calloc(1, sizeof *doc);

    if (doc != NULL) {
        doc->set = policy_set_share(set);
        doc->rules = calloc(set->rule_count + 1, sizeof *doc->rules);
    }
    if (doc == NULL || doc->rules == NULL)
        set_problem(problems, "policies", 0, "out of memory");
    else if (load_registers(doc, path, problems) && explore_rules(doc, problems))
        return doc;
    doc_free(doc);
    return NULL;
}

void doc_free(struct doc *doc)
{
    size_t i;

    if (doc == NULL)
        return;
    for (i = 0; i < doc->set->regulation_count; i++)
        articles_free(doc->registers[i]);
    for (i = 0; doc->rules != NULL && i < doc->set->rule_count; i++)
        cases_fini(&doc->rules[i]);
    free(doc->rules);
    policy_set_free(doc->set);
    free(doc);
}

size_t doc_pages(const struct doc *doc)
{
    return doc->set->regulation_count + 1;
}

static void put_name(const struct doc *doc, size_t i, bool zh, enum page_format format,
                     struct buf *out)
{
    const char *id = i == 0 ? "index" : doc->set->regulations[i - 1].info.id;

    for (; *id != '\0'; id++)
        buf_byte(out, (unsigned char)(*id == '/' ? '-' : *id));
    buf_printf(out, ".%s.%s", zh ? "zh" : "en", page_endings[format]);
}

void doc_name(const struct doc *doc, size_t i, const struct page *page, struct buf *out)
{
    put_name(doc, i, page->zh, page->format, out);
}

static void put_pair(struct page *page, const char *label, const char *text)
{
    if (text == NULL || text[0] == '\0')
        return;
    page_open(page, PAGE_ITEM);
    page_label(page, label);
    page_text(page, text);
    page_close(page, PAGE_ITEM);
}

static void put_head(const struct regulation *regulation, const struct articles *articles,
                     struct page *page)
{
    const struct policy_info *info = &regulation->info;
    struct buf checked = { 0 };

    page_open(page, PAGE_PARAGRAPH);
    page_foreign(page, page_in(page, info->en, info->zh));
    page_close(page, PAGE_PARAGRAPH);
    page_open(page, PAGE_LIST);
    put_pair(page, page_in(page, "编号", "id"), info->id);
    put_pair(page, page_in(page, "文号", "order"), info->order);
    put_pair(page, page_in(page, "地区", "region"),
             info->region[0] == '\0' ? page_in(page, "全国", "the nation") : info->region);
    put_pair(page, page_in(page, "公布", "published"), info->published);
    put_pair(page, page_in(page, "施行", "in force from"), info->from);
    put_pair(page, page_in(page, "失效", "no longer in force from"), info->until);
    put_pair(page, page_in(page, "替代", "in place of"), info->repeals);
    put_pair(page, page_in(page, "办理中的业务", "cases begun before"),
             regulation->by_begin
                 ? page_in(page, "适用开始之日有效的规定", "keep to what held then")
                 : page_in(page, "适用办理完成之日有效的规定",
                           "are decided by what holds when they are finished"));
    put_pair(page, page_in(page, "规则内容", "text of the rules"), info->hash);
    if (articles != NULL) {
        put_pair(page, page_in(page, "条文来源", "source of the law's text"),
                 articles->at_hand
                     ? page_in(page, articles->source_zh, articles->source_en)
                     : page_in(page, "原文不在手边", "the official text is not at hand"));
        date_write(articles->checked, &checked);
        put_pair(page, page_in(page, "核对日期", "held to it on"), checked.at);
    }
    page_close(page, PAGE_LIST);
    buf_fini(&checked);
}

static void put_regulation(const struct doc *doc, size_t i, struct page *page)
{
    const struct articles *articles = doc->registers[i];
    size_t rule;

    put_head(&doc->set->regulations[i], articles, page);
    if (articles != NULL)
        doc_put_articles(doc, articles, page);
    page_heading(page, 2, "rules", page_in(page, "规则", "Rules"));
    page_open(page, PAGE_PARAGRAPH);
    page_text(
        page,
        page_in(page,
                "下表精确列出每条规则在何种情形下提出什么要求；尚不知道的事实，规则先行询问。",
                "The tables say exactly in which cases a rule says what. A fact that is "
                "not known yet is asked for first."));
    page_close(page, PAGE_PARAGRAPH);
    for (rule = 0; rule < doc->set->rule_count; rule++)
        if (doc->set->rules[rule].regulation == i)
            doc_put_rule(doc, rule, page);
}

void doc_write(const struct doc *doc, size_t i, struct page *page)
{
    const struct policy_info *info = i == 0 ? NULL : &doc->set->regulations[i - 1].info;
    struct buf other = { 0 };

    put_name(doc, i, !page->zh, page->format, &other);
    page_begin(page,
               info == NULL ? page_in(page, "规定与词汇", "Regulations and vocabulary")
                            : page_in(page, info->zh, info->en),
               other.at);
    if (i == 0)
        doc_put_vocabulary(doc, page);
    else
        put_regulation(doc, i - 1, page);
    page_end(page);
    buf_fini(&other);
}
