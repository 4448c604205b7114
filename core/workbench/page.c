/* SPDX-License-Identifier: Apache-2.0 */
/* Two ways to write each part of a page. */
#include "workbench/page.h"

const char *const page_endings[] = { "html", "md" };

static const char style[] =
    "body{font:1rem/1.6 \"Noto Sans CJK SC\",\"Noto Sans\",sans-serif;max-width:60rem;"
    "margin:2rem auto;padding:0 1rem;color:#222;background:#fff}\n"
    "h1{font-size:1.6rem}h2{font-size:1.3rem;margin-top:2.5rem;border-bottom:1px solid #bbb}"
    "h3{font-size:1.05rem;margin-top:1.8rem}\n"
    "table{border-collapse:collapse;width:100%;margin:1rem 0}caption{text-align:left}\n"
    "th,td{border:1px solid #bbb;padding:.3rem .6rem;text-align:left;vertical-align:top}"
    "th{background:#eee}\n"
    "code{font-family:monospace;overflow-wrap:anywhere}pre{overflow-x:auto}a{color:#0b4f8a}\n"
    "@media print{body{max-width:none;margin:0}a{color:inherit;text-decoration:none}"
    "h2,h3{break-after:avoid}tr{break-inside:avoid}}\n";

const char *page_in(const struct page *page, const char *zh, const char *en)
{
    return page->zh ? zh : en;
}

static bool is_html(const struct page *page)
{
    return page->format == PAGE_HTML;
}

/* What Markdown would take for a mark stands behind a backslash; a text is one line. */
static void put_markdown(struct buf *out, const char *text)
{
    for (; *text != '\0'; text++) {
        char c = *text;

        if (strchr("\\`*_[]<>|#~&", c) != NULL)
            buf_byte(out, '\\');
        buf_byte(out, (unsigned char)(c == '\n' || c == '\r' ? ' ' : c));
    }
}

void page_text(struct page *page, const char *text)
{
    if (is_html(page))
        buf_html(page->out, str_of(text));
    else if (text != NULL)
        put_markdown(page->out, text);
}

void page_label(struct page *page, const char *text)
{
    buf_text(page->out, is_html(page) ? "<strong>" : "**");
    page_text(page, text);
    buf_text(page->out, page_in(page, "：", ":"));
    buf_text(page->out, is_html(page) ? "</strong> " : "** ");
}

void page_code(struct page *page, const char *text)
{
    if (is_html(page)) {
        buf_text(page->out, "<code>");
        page_text(page, text);
        buf_text(page->out, "</code>");
    } else if (strpbrk(text, "`|\n\r") != NULL) {
        put_markdown(page->out, text);
    } else {
        buf_printf(page->out, "`%s`", text);
    }
}

void page_link(struct page *page, const char *target, const char *text)
{
    if (is_html(page)) {
        buf_text(page->out, "<a href=\"");
        buf_html(page->out, str_of(target));
        buf_text(page->out, "\">");
        page_text(page, text);
        buf_text(page->out, "</a>");
    } else {
        buf_byte(page->out, '[');
        page_text(page, text);
        buf_printf(page->out, "](%s)", target);
    }
}

void page_break(struct page *page)
{
    buf_text(page->out, is_html(page) ? "<br>\n" : page->in_cell ? "<br>" : "  \n");
}

void page_foreign(struct page *page, const char *text)
{
    if (is_html(page))
        buf_printf(page->out, "<span lang=\"%s\">", page_in(page, "en", "zh"));
    page_text(page, text);
    if (is_html(page))
        buf_text(page->out, "</span>");
}

void page_listing(struct page *page, const char *summary, struct smg_str text)
{
    if (is_html(page)) {
        buf_text(page->out, "<details><summary>");
        page_text(page, summary);
        buf_text(page->out, "</summary>\n<pre><code>");
        buf_html(page->out, text);
        buf_text(page->out, "</code></pre></details>\n");
    } else {
        page_text(page, summary);
        buf_text(page->out, "\n\n```json\n");
        buf_str(page->out, text);
        buf_text(page->out,
                 text.len > 0 && text.at[text.len - 1] == '\n' ? "```\n\n" : "\n```\n\n");
    }
}

static void put_other(struct page *page, const char *other)
{
    const char *language = page_in(page, "en", "zh"), *name = page_in(page, "English", "中文");

    if (is_html(page)) {
        buf_text(page->out, "<p><a href=\"");
        buf_html(page->out, str_of(other));
        buf_printf(page->out, "\" hreflang=\"%s\" lang=\"%s\">%s</a></p>\n", language, language,
                   name);
    } else {
        buf_printf(page->out, "[%s](%s)\n\n", name, other);
    }
}

void page_begin(struct page *page, const char *title, const char *other)
{
    if (is_html(page)) {
        buf_printf(page->out,
                   "<!DOCTYPE html>\n<html lang=\"%s\">\n<head>\n<meta charset=\"utf-8\">\n"
                   "<meta name=\"viewport\" content=\"width=device-width\">\n<title>",
                   page_in(page, "zh", "en"));
        page_text(page, title);
        buf_printf(page->out, "</title>\n<style>\n%s</style>\n</head>\n<body>\n<main>\n", style);
    }
    page_heading(page, 1, NULL, title);
    if (other != NULL)
        put_other(page, other);
}

void page_end(struct page *page)
{
    if (is_html(page))
        buf_text(page->out, "</main>\n</body>\n</html>\n");
}

void page_heading(struct page *page, int level, const char *id, const char *text)
{
    if (is_html(page)) {
        buf_printf(page->out, "<h%d", level);
        if (id != NULL) {
            buf_text(page->out, " id=\"");
            buf_html(page->out, str_of(id));
            buf_byte(page->out, '"');
        }
        buf_byte(page->out, '>');
        page_text(page, text);
        buf_printf(page->out, "</h%d>\n", level);
    } else {
        if (id != NULL)
            buf_printf(page->out, "<a id=\"%s\"></a>\n\n", id);
        buf_put(page->out, "######", (size_t)level);
        buf_byte(page->out, ' ');
        page_text(page, text);
        buf_text(page->out, "\n\n");
    }
}

void page_open(struct page *page, enum page_block block)
{
    static const char *const html[] = { "<p>", "<ul>\n", "<li>" };
    static const char *const markdown[] = { "", "", "- " };

    buf_text(page->out, (is_html(page) ? html : markdown)[block]);
}

void page_close(struct page *page, enum page_block block)
{
    static const char *const html[] = { "</p>\n", "</ul>\n", "</li>\n" };
    static const char *const markdown[] = { "\n\n", "\n", "\n" };

    buf_text(page->out, (is_html(page) ? html : markdown)[block]);
}

void page_table(struct page *page, const char *caption, const char *const *heads, size_t count)
{
    size_t i;

    if (is_html(page)) {
        buf_text(page->out, "<table>\n<caption>");
        page_text(page, caption);
        buf_text(page->out, "</caption>\n<thead><tr>");
        for (i = 0; i < count; i++) {
            buf_text(page->out, "<th scope=\"col\">");
            page_text(page, heads[i]);
            buf_text(page->out, "</th>");
        }
        buf_text(page->out, "</tr></thead>\n<tbody>");
        return;
    }
    page_text(page, caption);
    buf_text(page->out, "\n\n|");
    for (i = 0; i < count; i++) {
        buf_byte(page->out, ' ');
        page_text(page, heads[i]);
        buf_text(page->out, " |");
    }
    buf_text(page->out, "\n|");
    for (i = 0; i < count; i++)
        buf_text(page->out, " --- |");
}

static void end_row(struct page *page)
{
    if (page->in_cell)
        buf_text(page->out, is_html(page) ? "</td>" : " |");
    if (page->in_table && is_html(page))
        buf_text(page->out, "</tr>");
    page->in_cell = false;
}

void page_row(struct page *page)
{
    end_row(page);
    page->in_table = true;
    buf_text(page->out, is_html(page) ? "\n<tr>" : "\n|");
}

void page_cell(struct page *page)
{
    if (page->in_cell)
        buf_text(page->out, is_html(page) ? "</td>" : " |");
    page->in_cell = true;
    buf_text(page->out, is_html(page) ? "<td>" : " ");
}

void page_table_end(struct page *page)
{
    end_row(page);
    page->in_table = false;
    buf_text(page->out, is_html(page) ? "\n</tbody></table>\n" : "\n\n");
}
