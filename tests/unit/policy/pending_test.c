/* SPDX-License-Identifier: Apache-2.0 */
/* Which regulations decide a case that began on one day and is decided on another: the days around
 * a change, one by one. */
#include "folder.h"

static const char vocabulary[] = "word 'old' { kind = 'need', zh = '旧', en = 'old' }\n"
                                 "word 'new' { kind = 'need', zh = '新', en = 'new' }\n"
                                 "word 'local' { kind = 'need', zh = '地', en = 'local' }\n";

/* n/1 until somebody repeals it, n/2 repeals it, r/1 is of region 54 and apart from both. */
static const char *const stack[] = { "n/1", "n/2", "r/1" };

struct change {
    struct folder folder;
    struct policy *policy;
    struct smg_fields *fields;
};

static void write_regulation(struct folder *folder, const char *id, const char *keys,
                             const char *says)
{
    struct buf text = { 0 };
    char name[32];

    buf_printf(&text,
               "regulation { id = '%s', %s, title = { zh = '令', en = 'order' } }\n"
               "rule '1' { zh = '一', en = 'one', check = function() need '%s' end }\n",
               id, keys, says);
    snprintf(name, sizeof name, "%s.lua", id);
    folder_write(folder, name, text.at);
    buf_fini(&text);
}

static void begin(struct change *change, const char *old_keys, const char *new_keys)
{
    folder_init(&change->folder);
    folder_write(&change->folder, "vocabulary.lua", vocabulary);
    write_regulation(&change->folder, "n/1", old_keys, "old");
    write_regulation(&change->folder, "n/2", new_keys, "new");
    write_regulation(&change->folder, "r/1", "region = '54', from = '2018-01-01'", "local");
    change->policy = folder_load(&change->folder, stack, 3);
    change->fields = fields_new();
    assert_non_null(change->fields);
}

static void end(struct change *change)
{
    policy_free(change->policy);
    fields_free(change->fields);
    folder_fini(&change->folder);
}

/* What is in force, as the first letters of the words said. */
static void expect_says(struct change *change, const char *region, const char *on,
                        const char *begun, const char *letters)
{
    struct decision decision;
    struct smg_date day, first = DATE_NONE;
    char said[8] = "";
    size_t i;

    assert_true(date_parse(str_of(on), &day));
    assert_true(begun == NULL || date_parse(str_of(begun), &first));
    policy_decide(change->policy, change->fields, region, day, first, NULL, 0, &decision);
    for (i = 0; i < decision.effect_count && i < 7; i++)
        said[i] = decision.effects[i].what[0];
    if (strcmp(said, letters) != 0)
        fail_msg("region %s, on %s, begun %s: %s, not %s", region, on, begun == NULL ? "-" : begun,
                 said, letters);
    assert_int_equal(date_compare(decision.on, day), 0);
    assert_true(date_compare(decision.begun, day) <= 0);
}

#define OLD "region = '', from = '2010-05-01'"
#define NEW "region = '', published = '2020-01-15', from = '2020-03-01', repeals = 'n/1'"

static void test_a_regulation_decides_cases_decided_from_its_first_day_on(void **state)
{
    struct change change;

    (void)state;
    begin(&change, OLD, NEW);
    expect_says(&change, "110105", "2020-02-29", "2020-02-29", "o");
    expect_says(&change, "110105", "2020-03-01", "2020-02-29", "n");
    expect_says(&change, "110105", "2020-03-01", "2020-03-01", "n");
    expect_says(&change, "110105", "2020-03-01", NULL, "n");
    end(&change);
}

static void test_cases_begun_before_it_are_left_to_the_one_before_it(void **state)
{
    struct change change;

    (void)state;
    begin(&change, OLD, NEW ", pending = 'begun'");
    expect_says(&change, "110105", "2020-02-29", "2020-02-29", "o");
    expect_says(&change, "110105", "2020-03-01", "2020-02-29", "o");
    expect_says(&change, "110105", "2020-12-31", "2010-05-01", "o");
    expect_says(&change, "110105", "2020-03-01", "2020-03-01", "n");
    expect_says(&change, "110105", "2020-03-02", "2020-03-01", "n");
    expect_says(&change, "110105", "2020-03-01", NULL, "n");
    end(&change);
}

static void test_a_case_does_not_begin_after_its_decision(void **state)
{
    struct change change;

    (void)state;
    begin(&change, OLD, NEW ", pending = 'begun'");
    expect_says(&change, "110105", "2020-02-29", "2020-03-01", "o");
    end(&change);
}

static void test_a_last_day_of_the_old_one_does_not_cut_pending_cases_off(void **state)
{
    struct change change;

    (void)state;
    begin(&change, OLD ", ['until'] = '2020-03-01'", NEW ", pending = 'begun'");
    expect_says(&change, "110105", "2020-03-01", "2020-02-29", "o");
    expect_says(&change, "110105", "2020-03-01", "2020-03-01", "n");
    end(&change);
    begin(&change, OLD ", ['until'] = '2020-02-01'", NEW ", pending = 'begun'");
    expect_says(&change, "110105", "2020-02-01", "2020-02-01", "r");
    expect_says(&change, "110105", "2020-03-01", "2020-02-29", "r");
    end(&change);
}

static void test_a_successor_ends_the_one_before_it_only_where_it_holds_itself(void **state)
{
    struct change change;

    (void)state;
    begin(&change, OLD, "region = '11', from = '2020-03-01', repeals = 'n/1'");
    expect_says(&change, "110105", "2020-03-01", NULL, "n");
    expect_says(&change, "510105", "2020-03-01", NULL, "o");
    expect_says(&change, "540102", "2020-03-01", NULL, "ol");
    end(&change);
}

static void test_a_repealed_one_does_not_rise_again(void **state)
{
    struct change change;

    (void)state;
    begin(&change, OLD, NEW ", ['until'] = '2021-01-01'");
    expect_says(&change, "540102", "2020-12-31", NULL, "nl");
    expect_says(&change, "540102", "2021-01-01", NULL, "l");
    expect_says(&change, "110105", "2021-01-01", NULL, "r");
    end(&change);
}

static void test_outside_all_days_nothing_is_in_force_whenever_the_case_began(void **state)
{
    struct change change;

    (void)state;
    begin(&change, OLD, NEW ", pending = 'begun'");
    expect_says(&change, "110105", "2010-04-30", NULL, "r");
    expect_says(&change, "110105", "2010-05-01", "2010-04-30", "o");
    expect_says(&change, "", "2020-03-01", NULL, "n");
    end(&change);
}

static void test_a_set_tells_its_days(void **state)
{
    struct change change;
    const struct policy_info *info;

    (void)state;
    begin(&change, OLD, NEW ", pending = 'begun'");
    info = policy_set_info(change.policy->set, 1);
    assert_string_equal(info->published, "2020-01-15");
    assert_string_equal(info->from, "2020-03-01");
    assert_string_equal(info->pending, "begun");
    assert_string_equal(info->repeals, "n/1");
    end(&change);
}

static void tell(void *ctx, const char *file, const char *test, bool passed, const char *why)
{
    if (!passed)
        fail_msg("%s: %s: %s", file, test, why);
    ++*(int *)ctx;
}

static void test_a_test_file_is_about_its_own_regulation_unless_it_names_others(void **state)
{
    struct change change;
    int count = 0;

    (void)state;
    begin(&change, OLD, NEW ", pending = 'begun'");
    folder_write(
        &change.folder, "n/1_test.lua",
        "test('alone', function()\n"
        "  expect(decide({}, { on = '2020-03-01', region = '540102' }), { need = { 'old' } })\n"
        "end)\n");
    folder_write(
        &change.folder, "n/2_test.lua",
        "local all = { 'n/1', 'n/2', 'r/1' }\n"
        "test('stacked', function()\n"
        "  expect(decide({}, { region = '540102', stack = all }), { need = { 'new', 'local' } })\n"
        "  expect(decide({}, { begun = '2020-02-29', region = '540102', stack = all }),\n"
        "    { need = { 'old', 'local' } })\n"
        "  expect(decide({}, { begun = '2020-02-29', stack = { 'n/2' } }),\n"
        "    { refuse = { 'regulation.none_in_force' } })\n"
        "end)\n");
    folder_write(
        &change.folder, "r/1_test.lua",
        "test('its own region', function() expect(decide {}, { need = { 'local' } }) end)\n");
    if (policy_test(change.folder.path, stack, 3, tell, &count, &change.folder.problems) != 0)
        fail_msg("%s", change.folder.problems.len == 0 ? "" : change.folder.problems.at);
    assert_int_equal(count, 3);
    end(&change);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_regulation_decides_cases_decided_from_its_first_day_on),
        cmocka_unit_test(test_cases_begun_before_it_are_left_to_the_one_before_it),
        cmocka_unit_test(test_a_case_does_not_begin_after_its_decision),
        cmocka_unit_test(test_a_last_day_of_the_old_one_does_not_cut_pending_cases_off),
        cmocka_unit_test(test_a_successor_ends_the_one_before_it_only_where_it_holds_itself),
        cmocka_unit_test(test_a_repealed_one_does_not_rise_again),
        cmocka_unit_test(test_outside_all_days_nothing_is_in_force_whenever_the_case_began),
        cmocka_unit_test(test_a_set_tells_its_days),
        cmocka_unit_test(test_a_test_file_is_about_its_own_regulation_unless_it_names_others),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
