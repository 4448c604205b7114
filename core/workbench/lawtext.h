/* SPDX-License-Identifier: Apache-2.0 */
/* The official text of a regulation, taken apart: articles, their paragraphs, and the items of a
 * paragraph, each with a digest of its words. */
#ifndef WORKBENCH_LAWTEXT_H
#define WORKBENCH_LAWTEXT_H

#include "base/buf.h"

enum { LAW_NUMBER_BYTES = 48, LAW_UNITS = 4096, LAW_TEXT_BYTES = 1 << 20, LAW_ARTICLE_MAX = 9999 };

/* An article's paragraph "6.3", or an item of one "7.1/2". An article put in later, 第六条之一, has
 * the number 6-1. */
struct law_unit {
    char number[LAW_NUMBER_BYTES];
    char digest[72];     /* "sha256:..." */
    struct smg_str text; /* without white space; belongs to the law_text */
    int line;            /* where it begins in the file */
};

struct law_text {
    struct law_unit *units; /* in the order of the text */
    size_t count, articles;
    struct buf words; /* what the units' texts point into */
};

/* Take a text apart. An article begins a line with 第…条 and a space; an item with （一）; every
 * other line of an article is a paragraph, and what stands before the first article, like headings
 * of chapters, with or without the # of Markdown, is left out. false: every mistake is in problems
 * ("file:line: ..."), and out is empty. out->units is the caller's, to be given to law_text_fini in
 * either case. */
bool law_text_read(struct smg_str text, const char *file, struct law_text *out,
                   struct buf *problems);
void law_text_fini(struct law_text *law);

/* "sha256:..." of the words of a text, in which copies of one law agree: without white space of any
 * kind, marks nobody sees, bookmarks a word processor left ("[bookmark: x]") and punctuation, and
 * with full-width letters and digits in their narrow form. What stands inside a number counts: the
 * point, the hyphen, the percent sign. UTF-8. false: out of memory. */
bool law_digest(struct smg_str text, char out[72]);
/* A Chinese number at the front of text, 一 to 九千九百九十九: it is taken off. 0: there is none,
 * or it is not written as numbers are (十十, 百二). */
int law_take_number(struct smg_str *text);
/* The other way: append 一 to 九千九百九十九. */
void law_put_number(int number, struct buf *out);

#endif
