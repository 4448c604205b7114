/* SPDX-License-Identifier: Apache-2.0 */
/* Reports show what was found and nothing else: names that look like markup stay names. */
#include "replay/report.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static struct replay_result result;
static struct report report;

static void row(struct tally *tally, const char *name, uint64_t cases, uint64_t changed)
{
    struct tally_row *it = tally_row(tally, str_of(name));

    assert_non_null(it);
    it->cases = cases;
    it->changed = it->added = changed;
}

static int make_result(void **state)
{
    (void)state;
    result = (struct replay_result){ .cases = 10, .same = 7, .changed = 2, .alarms = 1 };
    row(&result.verdicts, "accepted -> refused", 0, 2);
    row(&result.rules, "a/1#<b>&\"1\"", 0, 2);
    row(&result.effects, "a/1#<b>&\"1\" + refuse bad", 0, 2);
    row(&result.dealers, "", 6, 0);
    row(&result.dealers, "D-1", 4, 2);
    row(&result.days, "2026-11-24", 6, 2);
    row(&result.days, "2026-11-25", 4, 0);
    tally_example(&result.effects.rows[0], (struct id){ { 1 } }, SMG_STR("kind=<i>\n"));
    report = (struct report){ .result = &result,
                              .range = { { 2026, 11, 24 }, { 2026, 11, 25 } },
                              .draft = "sha256:00",
                              .as_of = { 2027, 1, 1 },
                              .alarms = SMG_STR("0123 <u>\n") };
    return 0;
}

static int forget_result(void **state)
{
    (void)state;
    tally_fini(&result.verdicts);
    tally_fini(&result.rules);
    tally_fini(&result.effects);
    tally_fini(&result.dealers);
    tally_fini(&result.days);
    return 0;
}

static void expect(const struct buf *text, const char *part)
{
    assert_false(text->failed);
    if (strstr(text->at, part) == NULL)
        fail_msg("%s\nis nowhere in\n%s", part, text->at);
}

static void test_the_text_names_rule_dealer_and_day(void **state)
{
    struct buf out = { 0 };

    (void)state;
    report_text(&report, &out);
    expect(&out, "10 cases from 2026-11-24 to 2026-11-25, decided by sha256:00 as on 2027-01-01\n");
    expect(&out, "2  accepted -> refused");
    expect(&out, "    + refuse bad: 2  e.g. 01000000-0000-0000-0000-000000000000\n");
    expect(&out, "2  of 4: D-1\n");
    expect(&out, "2  of 6: 2026-11-24\n");
    assert_null(strstr(out.at, "of 4: 2026-11-25"));
    buf_fini(&out);
}

static void test_the_page_takes_no_name_for_markup(void **state)
{
    struct buf out = { 0 };

    (void)state;
    report_html(&report, &out);
    expect(&out, "a/1#&lt;b&gt;&amp;");
    expect(&out, "kind=&lt;i&gt;");
    expect(&out, "0123 &lt;u&gt;");
    assert_null(strstr(out.at, "<b>"));
    assert_null(strstr(out.at, "<i>"));
    assert_null(strstr(out.at, "<u>"));
    assert_null(strstr(out.at, "<script"));
    assert_null(strstr(out.at, "src="));
    assert_null(strstr(out.at, "href="));
    buf_fini(&out);
}

static void test_json_holds_the_same_counts(void **state)
{
    struct buf out = { 0 };

    (void)state;
    report_json(&report, &out);
    expect(&out, "\"cases\":10,\"same\":7,\"cited_otherwise\":0,\"changed\":2");
    expect(&out, "{\"rule\":\"a/1#<b>&\\\"1\\\"\",\"changed\":2,\"more\":2,\"less\":0");
    expect(&out, "\"facts\":{\"kind\":\"<i>\"}");
    expect(&out, "{\"dealer\":\"\",\"cases\":6,\"changed\":0}");
    buf_fini(&out);
}

/* More days than fit are drawn as months, and a lone change among many is still to be seen. */
static void test_a_year_is_drawn_by_month(void **state)
{
    struct buf out = { 0 };
    char day[16];
    int i;

    (void)state;
    for (i = 0; i < 120; i++) {
        snprintf(day, sizeof day, "2027-%02d-%02d", 1 + i / 28, 1 + i % 28);
        row(&result.days, day, 100000, i == 119 ? 1 : 0);
    }
    tally_sort_by_name(&result.days);
    report_html(&report, &out);
    expect(&out, "By month");
    expect(&out, "<title>2027-01: 0 / 2800000</title>");
    expect(&out, "<title>2027-05: 1 / 800000</title>");
    expect(&out, "height=\"1.0\" fill=\"#8a1c1c\"");
    buf_fini(&out);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_the_text_names_rule_dealer_and_day, make_result,
                                        forget_result),
        cmocka_unit_test_setup_teardown(test_the_page_takes_no_name_for_markup, make_result,
                                        forget_result),
        cmocka_unit_test_setup_teardown(test_json_holds_the_same_counts, make_result,
                                        forget_result),
        cmocka_unit_test_setup_teardown(test_a_year_is_drawn_by_month, make_result, forget_result),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
