/* SPDX-License-Identifier: Apache-2.0 */
/* Policies as readable pages: one a regulation, article by article and rule by rule, and one for
 * the vocabulary they share. The same files give the same bytes. */
#ifndef WORKBENCH_DOC_H
#define WORKBENCH_DOC_H

#include "policy/articles.h"
#include "workbench/cases.h"
#include "workbench/diff.h"
#include "workbench/page.h"

struct doc {
    struct policy_set *set;                        /* shared */
    struct articles *registers[DECISION_POLICIES]; /* by regulation; NULL: it has none */
    struct cases *rules;                           /* by rule */
    application_fn example; /* makes applications of cases; NULL: pages show none */
    void *ctx;              /* given to it */
};

/* path: the folder with the registers; a regulation may be without one. NULL: problems says why.
 * `example` and `ctx` are the caller's to set. */
struct doc *doc_new(struct policy_set *set, const char *path, struct buf *problems);
void doc_free(struct doc *doc);

/* Page 0 is the vocabulary; then one page a regulation. */
size_t doc_pages(const struct doc *doc);
/* "index.zh.html", "cn-54-2018.en.md" */
void doc_name(const struct doc *doc, size_t i, const struct page *page, struct buf *out);
/* The page's `out`, `format` and `zh` say what is wanted. */
void doc_write(const struct doc *doc, size_t i, struct page *page);

/* The parts, one file each (doc_law.c, doc_rule.c, doc_words.c). */
void doc_put_articles(const struct doc *doc, const struct articles *articles, struct page *page);
void doc_put_rule(const struct doc *doc, size_t rule, struct page *page);
void doc_put_vocabulary(const struct doc *doc, struct page *page);
/* A link to a rule of the same page: "6.3". */
void doc_put_rule_link(const struct doc *doc, size_t rule, struct page *page);
/* "第六条第三款", "article 6, paragraph 3". */
void doc_put_number(const char *number, bool zh, struct buf *out);

#endif
