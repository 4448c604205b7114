/* SPDX-License-Identifier: Apache-2.0 */
/* What all regulations share: kinds of document, facts, words. */
#include "workbench/doc.h"

static void put_regulations(const struct doc *doc, struct page *page)
{
    size_t i;

    page_open(page, PAGE_LIST);
    for (i = 0; i < doc->set->regulation_count; i++) {
        const struct policy_info *info = &doc->set->regulations[i].info;
        struct buf name = { 0 };

        doc_name(doc, i + 1, page, &name);
        page_open(page, PAGE_ITEM);
        if (!name.failed)
            page_link(page, name.at, page_in(page, info->zh, info->en));
        page_text(page, page_in(page, "，", ", "));
        page_code(page, info->id);
        page_text(page, page_in(page, "，施行 ", ", in force from "));
        page_text(page, info->from);
        page_close(page, PAGE_ITEM);
        buf_fini(&name);
    }
    page_close(page, PAGE_LIST);
}

static void put_yes(struct page *page, bool yes)
{
    page_cell(page);
    page_text(page, yes ? page_in(page, "是", "yes") : page_in(page, "否", "no"));
}

static void put_documents(const struct doc *doc, struct page *page)
{
    const char *heads[] = { page_in(page, "证件", "document"),
                            page_in(page, "代号", "type"),
                            page_in(page, "号码格式", "number"),
                            page_in(page, "个人", "of a person"),
                            page_in(page, "单位", "of an organisation"),
                            page_in(page, "机读方式", "read by"),
                            page_in(page, "有效期", "dated") };
    size_t i;

    page_heading(page, 2, "documents", page_in(page, "证件种类", "Kinds of document"));
    page_table(page,
               page_in(page, "可能出示的证件；哪些有效由各规定列明",
                       "what somebody may bring; each regulation lists what it accepts"),
               heads, 7);
    for (i = 0; i < doc->set->document_count; i++) {
        const struct document *it = &doc->set->documents[i];

        page_row(page);
        page_cell(page);
        page_text(page, page_in(page, it->info.zh, it->info.en));
        page_cell(page);
        page_code(page, it->info.type);
        page_cell(page);
        page_code(page, it->info.number);
        put_yes(page, it->info.person);
        put_yes(page, it->info.organisation);
        page_cell(page);
        page_code(page, it->info.machine);
        put_yes(page, it->info.dated);
    }
    page_table_end(page);
}

static void put_source(const struct fact *fact, struct page *page)
{
    static const char *const zh[] = { "申请表", "证件芯片", "现场采集", "核验服务", "登记系统" };

    page_cell(page);
    page_text(page, page_in(page, zh[fact->source], source_names[fact->source]));
    if (fact->ask == NULL)
        return;
    page_text(page, " ");
    page_code(page, fact->ask);
}

static void put_facts(const struct doc *doc, struct page *page)
{
    const char *heads[] = { page_in(page, "事实", "fact"), page_in(page, "名称", "name"),
                            page_in(page, "取值", "values"), page_in(page, "来源", "source") };
    size_t i, k;

    page_heading(page, 2, "facts", page_in(page, "事实", "Facts"));
    page_table(
        page,
        page_in(page, "规则所能知道的，不含个人信息", "all that rules can know; nothing personal"),
        heads, 4);
    for (i = 0; i < doc->set->fact_count; i++) {
        const struct fact *fact = &doc->set->facts[i];

        page_row(page);
        page_cell(page);
        page_text(page, page_in(page, fact->zh, fact->en));
        page_cell(page);
        page_code(page, fact->name);
        page_cell(page);
        for (k = 0; k < fact->value_count; k++) {
            page_text(page, k == 0 ? "" : " ");
            page_code(page, fact->values[k].text.at);
        }
        put_source(fact, page);
    }
    page_table_end(page);
}

static void put_words(const struct doc *doc, struct page *page)
{
    static const struct {
        const char *zh, *en;
    } kinds[] = { [EFFECT_NEED] = { "须提供", "need" },
                  [EFFECT_REFUSE] = { "不予办理", "refuse" },
                  [EFFECT_REPORT] = { "报告", "report" },
                  [EFFECT_OBLIGE] = { "义务", "oblige" } };
    const char *heads[] = { page_in(page, "用语", "word"), page_in(page, "名称", "name"),
                            page_in(page, "类别", "kind") };
    size_t i;

    page_heading(page, 2, "words", page_in(page, "用语", "Words"));
    page_table(page,
               page_in(page, "规则所能提出的，事实亦可要求提供",
                       "all that rules can say, besides needing a fact"),
               heads, 3);
    for (i = 0; i < doc->set->word_count; i++) {
        const struct word *word = &doc->set->words[i];

        page_row(page);
        page_cell(page);
        page_text(page, page_in(page, word->zh, word->en));
        page_cell(page);
        page_code(page, word->name);
        page_cell(page);
        page_text(page, page_in(page, kinds[word->kind].zh, kinds[word->kind].en));
    }
    page_table_end(page);
}

void doc_put_vocabulary(const struct doc *doc, struct page *page)
{
    put_regulations(doc, page);
    put_documents(doc, page);
    put_facts(doc, page);
    put_words(doc, page);
}
