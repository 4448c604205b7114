/* SPDX-License-Identifier: Apache-2.0 */
/* Applications for a case of a space: only what matters is asked for, and what is another case is
 * not given out. */
#include "workbench/application.h"
#include "workbench/sample.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static const char vocabulary[] =
    "fact \"a\" { values = { true, false }, source = \"form\", zh = \"z\", en = \"e\" }\n"
    "fact \"b\" { values = { true, false }, source = \"form\", zh = \"z\", en = \"e\" }\n"
    "fact \"c\" { values = { true, false }, source = \"form\", zh = \"z\", en = \"e\" }\n"
    "word \"w\" { kind = \"need\", zh = \"z\", en = \"e\" }\n";

static const char rules[] = "regulation { id = \"n/1\", region = \"\", from = \"2020-01-01\",\n"
                            "  title = { zh = \"z\", en = \"e\" } }\n"
                            "rule \"1\" { zh = \"z\", en = \"e\", check = function(case)\n"
                            "  if case.a and not case.b then need \"w\" end end }\n"
                            "rule \"2\" { zh = \"z\", en = \"e\", check = function(case)\n"
                            "  if case.a and case.c then need \"w\" end end }\n";

static struct space *make_space(void)
{
    static const char *const stack[] = { "n/1" };
    const struct policy_text texts[] = { { "documents.lua", { "", 0 } },
                                         { "vocabulary.lua", str_of(vocabulary) },
                                         { "n/1.lua", str_of(rules) } };
    const struct smg_date on = { 2026, 1, 1 };
    struct buf problems = { 0 };
    struct smg_err err = { 0 };
    struct policy_set *set = policy_set_from(texts, 3, stack, 1, &problems);
    struct space_of of = { .set = set, .region = "540000", .on = on, .begun = on };
    struct space *space;

    if (set == NULL)
        fail_msg("%s", problems.at);
    space = space_new(&of, 1, &err);
    if (space == NULL)
        fail_msg("%s", err.text);
    policy_set_free(set);
    return space;
}

/* Remembers what it was asked, and comes to the facts it was told to. */
struct maker {
    char asked[100];
    const char *facts;
};

static void make(void *ctx, const struct policy_set *set, const struct answer *facts, size_t count,
                 const char *region, struct smg_date on, struct application_made *made)
{
    struct maker *maker = ctx;
    size_t i;

    assert_non_null(set);
    assert_string_equal(region, "540000");
    assert_int_equal(on.year, 2026);
    maker->asked[0] = '\0';
    for (i = 0; i < count; i++) {
        strcat(maker->asked, facts[i].fact);
        strcat(maker->asked, "=");
        strcat(maker->asked, facts[i].value);
        strcat(maker->asked, " ");
    }
    buf_text(&made->json, "{}");
    buf_text(&made->answers, "x=y");
    buf_text(&made->facts, maker->facts);
}

static bool is_given(struct space *space, diagram cases, struct maker *maker)
{
    struct application_made made = { .json = { 0 } };
    uint8_t values[8];
    bool given;

    assert_true(sample_plain(space, cases, values));
    given = application_of(space, cases, values, make, maker, &made);
    assert_true(given == (made.json.len > 0));
    application_made_fini(&made);
    return given;
}

static void test_only_the_facts_that_matter_are_asked_for(void **state)
{
    struct space *space = make_space();
    struct maker maker = { .facts = "a=false\nb=true\nc=true\n" };

    (void)state;
    /* Without a, nothing else is to the point. */
    assert_true(is_given(space, space_is(space, 0, 0, 1), &maker));
    assert_string_equal(maker.asked, "a=false ");
    maker.facts = "a=true\nb=true\nc=false\n";
    assert_true(is_given(space,
                         diagram_and(space->all, space_verdict(space, 0, VERDICT_ACCEPTED),
                                     space_is(space, 0, 0, 0)),
                         &maker));
    assert_string_equal(maker.asked, "a=true b=true c=false ");
    space_free(space);
}

static void test_an_application_of_another_case_is_not_given_out(void **state)
{
    struct space *space = make_space();
    diagram wanting = space_verdict(space, 0, VERDICT_INCOMPLETE);
    struct maker maker = { .facts = "a=true\nb=true\nc=false\n" };

    (void)state;
    assert_false(is_given(space, wanting, &maker));
    maker.facts = "a=true\nb=false\nc=false\n"; /* not the sample, yet one of the cases */
    assert_true(is_given(space, wanting, &maker));
    maker.facts = "a=true\n"; /* b is not known: that wants something too */
    assert_true(is_given(space, wanting, &maker));
    maker.facts = "";
    assert_false(is_given(space, space_is(space, 0, 0, 0), &maker));
    space_free(space);
}

static void test_as_json_it_is_two_members_or_none(void **state)
{
    struct space *space = make_space();
    diagram cases = space_is(space, 0, 0, 1);
    struct maker maker = { .facts = "a=false\n" };
    struct buf out = { 0 };
    uint8_t values[8];

    (void)state;
    assert_true(sample_plain(space, cases, values));
    application_json(space, cases, values, make, &maker, &out);
    assert_string_equal(out.at, ",\"application\":{},\"answers\":\"x=y\"");
    buf_clear(&out);
    application_json(space, cases, values, NULL, NULL, &out);
    assert_int_equal(out.len, 0);
    maker.facts = "a=true\n";
    application_json(space, cases, values, make, &maker, &out);
    assert_int_equal(out.len, 0);
    buf_fini(&out);
    space_free(space);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_only_the_facts_that_matter_are_asked_for),
        cmocka_unit_test(test_an_application_of_another_case_is_not_given_out),
        cmocka_unit_test(test_as_json_it_is_two_members_or_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
