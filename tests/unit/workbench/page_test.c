/* SPDX-License-Identifier: Apache-2.0 */
/* Pages hold whatever text they are given, and only as text. */
#include "workbench/page.h"

#include <setjmp.h>
#include <stdlib.h>
#include <cmocka.h>

static const char hostile[] = "<script>alert('x')</script> & \"q\" | `c` *b* [l](m)\n# h";

static void put_page(struct page *page)
{
    static const char *const heads[] = { "a|b", "c" };

    page_begin(page, hostile, "other.html");
    page_heading(page, 2, "here", hostile);
    page_open(page, PAGE_PARAGRAPH);
    page_label(page, hostile);
    page_text(page, hostile);
    page_code(page, hostile);
    page_foreign(page, hostile);
    page_link(page, "#here", hostile);
    page_close(page, PAGE_PARAGRAPH);
    page_table(page, hostile, heads, 2);
    page_row(page);
    page_cell(page);
    page_text(page, hostile);
    page_break(page);
    page_cell(page);
    page_code(page, "x");
    page_table_end(page);
    page_end(page);
}

static void test_html_shows_marks_and_obeys_none(void **state)
{
    struct buf out = { 0 };
    struct page page = { .out = &out, .format = PAGE_HTML, .zh = true };

    (void)state;
    put_page(&page);
    assert_null(strstr(out.at, "<script"));
    assert_non_null(
        strstr(out.at, "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; &amp; &quot;q"));
    assert_non_null(strstr(out.at, "<html lang=\"zh\">"));
    assert_non_null(strstr(out.at, "<span lang=\"en\">"));
    assert_non_null(
        strstr(out.at, "<a href=\"other.html\" hreflang=\"en\" lang=\"en\">English</a>"));
    assert_non_null(strstr(out.at, "<th scope=\"col\">a|b</th>"));
    assert_non_null(strstr(out.at, "<td><code>x</code></td></tr>\n</tbody></table>"));
    buf_fini(&out);
}

static void test_markdown_shows_marks_and_obeys_none(void **state)
{
    struct buf out = { 0 };
    struct page page = { .out = &out, .format = PAGE_MARKDOWN };
    const char *at;
    size_t lines = 0;

    (void)state;
    put_page(&page);
    for (at = strstr(out.at, "<script"); at != NULL; at = strstr(at + 1, "<script"))
        assert_int_equal(at[-1], '\\');
    assert_null(strstr(out.at, "\n# h")); /* a text stays one line */
    assert_non_null(strstr(out.at,
                           "\\<script\\>alert('x')\\</script\\> \\& \"q\" \\| \\`c\\` \\*b\\* "
                           "\\[l\\](m) \\# h"));
    for (at = strstr(out.at, "\n| a"); (at = strchr(at, '\n')) != NULL && at[1] == '|'; at++)
        lines++;
    assert_int_equal(lines, 3); /* the heads, the rule below them, one row */
    assert_non_null(strstr(out.at, "\n| a\\|b | c |\n| --- | --- |\n| \\<script"));
    assert_non_null(strstr(out.at, "<br> | `x` |\n"));
    buf_fini(&out);
}

static void test_a_listing_stands_as_it_is(void **state)
{
    struct buf out = { 0 };
    struct page html = { .out = &out, .format = PAGE_HTML };
    struct page markdown = { .out = &out, .format = PAGE_MARKDOWN };

    (void)state;
    page_listing(&html, "<s>", str_of("{\n  \"a\": \"<\"\n}\n"));
    assert_string_equal(out.at, "<details><summary>&lt;s&gt;</summary>\n<pre><code>{\n  "
                                "&quot;a&quot;: &quot;&lt;&quot;\n}\n</code></pre></details>\n");
    buf_clear(&out);
    page_listing(&markdown, "s", str_of("{}"));
    assert_string_equal(out.at, "s\n\n```json\n{}\n```\n\n");
    buf_fini(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_html_shows_marks_and_obeys_none),
        cmocka_unit_test(test_markdown_shows_marks_and_obeys_none),
        cmocka_unit_test(test_a_listing_stands_as_it_is),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
