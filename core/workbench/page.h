/* SPDX-License-Identifier: Apache-2.0 */
/* Writing one readable page, in one language, as HTML or as Markdown. */
#ifndef WORKBENCH_PAGE_H
#define WORKBENCH_PAGE_H

#include "base/buf.h"

enum page_format { PAGE_HTML, PAGE_MARKDOWN, PAGE_FORMATS };
extern const char *const page_endings[]; /* "html", "md"; by enum page_format */

struct page {
    struct buf *out;
    enum page_format format;
    bool zh;                /* in Chinese; else in English */
    bool in_table, in_cell; /* what is being written */
};

/* Of two texts the one in the page's language. */
const char *page_in(const struct page *page, const char *zh, const char *en);

/* The page's frame. HTML needs nothing else: no script, no file, no font. other: the same page in
 * the other language, a file beside this one, or NULL. */
void page_begin(struct page *page, const char *title, const char *other);
void page_end(struct page *page);

/* id: a place links lead to, or NULL. */
void page_heading(struct page *page, int level, const char *id, const char *text);

/* Blocks, which are opened and closed in turn; items stand in a list. */
enum page_block { PAGE_PARAGRAPH, PAGE_LIST, PAGE_ITEM };
void page_open(struct page *page, enum page_block block);
void page_close(struct page *page, enum page_block block);

/* A table: page_table, then for each row page_row and its cells, each page_cell and what stands in
 * it, then page_table_end. */
void page_table(struct page *page, const char *caption, const char *const *heads, size_t count);
void page_row(struct page *page);
void page_cell(struct page *page);
void page_table_end(struct page *page);

/* A text of several lines, as it is, under a line that says what it is; shown on demand. */
void page_listing(struct page *page, const char *summary, struct smg_str text);

/* What stands in blocks and cells; every text is escaped. */
void page_text(struct page *page, const char *text);
void page_label(struct page *page, const char *text); /* in bold, with a colon */
void page_code(struct page *page, const char *text);
void page_link(struct page *page, const char *target, const char *text); /* "#rule-6.3", a file */
void page_break(struct page *page);
/* A text in the other language. */
void page_foreign(struct page *page, const char *text);

#endif
