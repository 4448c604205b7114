/* SPDX-License-Identifier: Apache-2.0 */
/* An evaluator that keeps what its rules said decides as one that runs them: over applications,
 * over facts that cannot be derived, and over more cases than there is room for. */
#include "folder.h"

enum { CASES = 1200, VALUES = 45 };

static const struct smg_date day = { 2026, 11, 24 };

static const struct {
    const char *name;
    const char *texts[6]; /* "true" is one; ended by NULL */
} some_fields[] = {
    { "operation", { "mobile.open", "mobile.transfer", "fixed.install", "dance", NULL } },
    { "customer.kind", { "person", "person", "organisation", "robot", NULL } },
    { "customer.given", { "true", NULL } },
    { "customer.name", { "甲乙", "", NULL } },
    { "customer.birth", { "2015-02-03", "1980-01-01", NULL } },
    { "customer.sex", { "female", "male", NULL } },
    { "customer.document.type", { "resident_id", "passport", "residence_permit", "none", NULL } },
    { "customer.document.number",
      { "110101198001010037", "54242519400101001X", "E1234567", NULL } },
    { "customer.document.valid_from", { "2015-01-01", "2030-01-01", NULL } },
    { "customer.document.valid_to", { "2035-01-01", "2020-01-01", NULL } },
    { "customer.document.origin", { "chip", "mrz", NULL } },
    { "customer.document.examined", { "genuine", "forged", "odd", NULL } },
    { "customer.document.address", { "示例路1号", NULL } },
    { "customer.work_unit", { "无", NULL } },
    { "customer.chip.verified", { "yes", "no", NULL } },
    { "customer.refuses", { "document", "information", NULL } },
    { "proxy.given", { "true", NULL } },
    { "proxy.document.type", { "resident_id", NULL } },
    { "guardian.present", { "true", NULL } },
    { "channel.kind", { "dealer", "own", NULL } },
    { "channel.disclosed", { "true", NULL } },
    { "install_address", { "示例路2号", NULL } },
    { "evidence.document_photo.customer", { "true", NULL } },
    { "evidence.portrait.customer", { "true", NULL } },
};

static const struct answer some_answers[] = {
    { "customer.verified", "match" },   { "customer.verified", "mismatch" },
    { "customer.face", "match" },       { "customer.numbers_held", "0" },
    { "customer.numbers_held", "5" },   { "dealer.contract", "in_force" },
    { "customer.face", "unavailable" },
};

/* Numbers that are the same in every run. */
static uint32_t next(uint32_t *state)
{
    *state = *state * 1664525 + 1013904223;
    return *state >> 8;
}

static bool set_some(struct smg_fields *fields, const char *name, const char *text)
{
    struct smg_date date;

    if (strcmp(text, "true") == 0)
        return fields_set_bool(fields, name, true);
    if (date_parse(str_of(text), &date))
        return fields_set_date(fields, name, date);
    return fields_set_text(fields, name, str_of(text));
}

/* Some application: each field absent, or one of its texts. */
static struct smg_fields *some_application(uint32_t *state)
{
    struct smg_fields *fields = fields_new();
    size_t i, count;

    for (i = 0; i < sizeof some_fields / sizeof *some_fields; i++) {
        for (count = 0; some_fields[i].texts[count] != NULL; count++)
            ;
        count = next(state) % (count + 1);
        if (some_fields[i].texts[count] != NULL)
            assert_true(set_some(fields, some_fields[i].name, some_fields[i].texts[count]));
    }
    return fields;
}

/* What the evaluator decides, and from which facts. */
static void decide(struct policy *policy, const struct smg_fields *fields, struct smg_date on,
                   const struct answer *answers, size_t count, struct buf *out)
{
    struct decision decision;

    buf_clear(out);
    policy_decide(policy, fields, "540102", on, DATE_NONE, answers, count, &decision);
    policy_outline(&decision, out);
    policy_facts(policy, out);
    assert_false(out->failed);
}

static struct policy *shipped(void)
{
    static const char *const stack[] = { "cn/2013", "cn/2016-five", "cn-54/2018" };
    struct buf problems = { 0 };
    struct policy_set *set = policy_set_load(SOURCE_DIR "/policies", stack, 3, &problems);

    if (set == NULL)
        fail_msg("%s", problems.at);
    return folder_policy_of(set);
}

static void test_applications_are_decided_as_by_running_the_rules(void **state)
{
    static const struct smg_date days[] = { { 2026, 11, 24 }, { 2019, 1, 1 }, { 2010, 1, 1 } };
    struct policy *plain = shipped(), *quick = shipped();
    struct buf was = { 0 }, is = { 0 };
    uint32_t random = 11;
    size_t i, first, refused = 0;

    (void)state;
    assert_true(policy_quicken(quick));
    for (i = 0; i < CASES; i++) {
        struct smg_fields *fields = some_application(&random);
        struct smg_date on = days[next(&random) % 8 == 0 ? next(&random) % 3 : 0];

        first = next(&random) % 7;
        decide(plain, fields, on, some_answers + first, 7 - first, &was);
        decide(quick, fields, on, some_answers + first, 7 - first, &is);
        assert_string_equal(is.at, was.at);
        refused += strncmp(was.at, "verdict refused", 15) == 0 ? 1 : 0;
        fields_free(fields);
    }
    assert_true(refused > CASES / 10 && refused < CASES);
    policy_free(plain);
    policy_free(quick);
    buf_fini(&was);
    buf_fini(&is);
}

static void test_a_case_is_decided_again_by_what_was_kept_of_it(void **state)
{
    struct policy *plain = shipped(), *quick = shipped();
    struct buf was = { 0 }, is = { 0 }, kept = { 0 }, other = { 0 };
    uint32_t random = 5;
    size_t i, asked = 0;

    (void)state;
    assert_true(policy_quicken(quick));
    for (i = 0; i < CASES / 4; i++) {
        struct smg_fields *fields = some_application(&random), *another = some_application(&random);
        struct decision decision;

        decide(plain, fields, day, some_answers + 2, 5, &was);
        policy_decide(quick, fields, "540102", day, DATE_NONE, some_answers + 6, i % 2, &decision);
        asked += decision.question_count > 0 ? 1 : 0;
        policy_keep(quick, &kept);
        decide(quick, another, day, NULL, 0, &other); /* a case between the two */
        policy_decide_again(quick, buf_view(&kept), fields, "540102", day, DATE_NONE,
                            some_answers + 2, 5, &decision);
        buf_clear(&is);
        policy_outline(&decision, &is);
        policy_facts(quick, &is);
        assert_string_equal(is.at, was.at);
        fields_free(fields);
        fields_free(another);
    }
    assert_true(asked > 10);
    policy_free(plain);
    policy_free(quick);
    buf_fini(&was);
    buf_fini(&is);
    buf_fini(&kept);
    buf_fini(&other);
}

/* A fact that fails for some fields only, one that spends the budget, and one that is well. */
static const char brittle[] =
    "fact 'weak' { values = { true, false }, source = 'form', zh = '弱', en = 'weak',\n"
    "  from = function(field) return field 'weak' end }\n"
    "fact 'slow' { values = { true, false }, source = 'form', zh = '慢', en = 'slow',\n"
    "  from = function(field) while field 'slow' do end return true end }\n"
    "fact 'well' { values = { true, false }, source = 'form', zh = '好', en = 'well',\n"
    "  from = function(field) return field 'well' == true end }\n"
    "word 'no' { kind = 'refuse', zh = '否', en = 'no' }\n"
    "word 'retain' { kind = 'oblige', zh = '留', en = 'retain' }\n";
static const char brittle_rules[] = "rule '1' { zh = '一', en = 'one', check = function(case)\n"
                                    "  if case.well then oblige 'retain' end end }\n"
                                    "rule '2' { zh = '二', en = 'two', check = function(case)\n"
                                    "  if case.well and case.weak then refuse 'no' end end }\n"
                                    "rule '3' { zh = '三', en = 'three', check = function(case)\n"
                                    "  if case.well and case.slow then oblige 'retain' end end }\n";

static void test_a_fact_that_cannot_be_derived_breaks_the_same_decisions(void **state)
{
    static const char *const weak[] = { "true", "neither" };
    struct folder folder;
    struct policy *plain, *quick;
    struct buf was = { 0 }, is = { 0 };
    int i, round, broken = 0;

    (void)state;
    folder_init(&folder);
    folder_fill(&folder, brittle, brittle_rules);
    plain = folder_policy_of(set_build(folder.path, some_stack, 1, &folder.problems));
    quick = folder_policy_of(set_build(folder.path, some_stack, 1, &folder.problems));
    assert_true(policy_quicken(quick));
    for (round = 0; round < 2; round++)
        for (i = 0; i < 8; i++) {
            struct smg_fields *fields = fields_new();

            assert_true(set_some(fields, "weak", weak[i & 1]));
            assert_true((i & 2) == 0 || fields_set_bool(fields, "slow", true));
            assert_true((i & 4) == 0 || fields_set_bool(fields, "well", true));
            decide(plain, fields, day, NULL, 0, &was);
            decide(quick, fields, day, NULL, 0, &is);
            assert_string_equal(is.at, was.at);
            broken += strstr(was.at, "policy.available") == NULL ? 0 : 1;
            fields_free(fields);
        }
    assert_int_equal(broken, 2 * 3); /* well, and weak or slow */
    policy_free(plain);
    policy_free(quick);
    folder_fini(&folder);
    buf_fini(&was);
    buf_fini(&is);
}

static void put_fact(struct buf *out, const char *name)
{
    int i;

    buf_printf(out, "fact '%s' { source = 'form', zh = '数', en = '%s', values = {", name, name);
    for (i = 0; i < VALUES; i++)
        buf_printf(out, " %d,", i);
    buf_text(out, " } }\n");
}

static void test_more_cases_than_there_is_room_for(void **state)
{
    struct folder folder;
    struct policy *policy;
    struct buf vocabulary = { 0 };
    struct decision decision;
    int i;

    (void)state;
    folder_init(&folder);
    put_fact(&vocabulary, "a");
    put_fact(&vocabulary, "b");
    put_fact(&vocabulary, "c");
    buf_text(&vocabulary, "word 'no' { kind = 'refuse', zh = '否', en = 'no' }\n");
    folder_fill(&folder, vocabulary.at,
                "rule '1' { zh = '一', en = 'one', check = function(case)\n"
                "  if (case.a + case.b + case.c) % 7 == 0 then refuse 'no' end end }\n");
    policy = folder_policy_of(set_build(folder.path, some_stack, 1, &folder.problems));
    assert_true(policy_quicken(policy));
    for (i = 0; i < VALUES * VALUES * VALUES; i++) {
        int a = i % VALUES, b = i / VALUES % VALUES, c = i / VALUES / VALUES;

        evaluate_begin(policy, NULL, "540102", day, DATE_NONE);
        policy->values[0] = (int16_t)a;
        policy->values[1] = (int16_t)b;
        policy->values[2] = (int16_t)c;
        decision_run(policy, &decision);
        assert_int_equal(decision.effect_count, (a + b + c) % 7 == 0 ? 1 : 0);
        assert_false(decision.broken);
    }
    policy_free(policy);
    folder_fini(&folder);
    buf_fini(&vocabulary);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_applications_are_decided_as_by_running_the_rules),
        cmocka_unit_test(test_a_case_is_decided_again_by_what_was_kept_of_it),
        cmocka_unit_test(test_a_fact_that_cannot_be_derived_breaks_the_same_decisions),
        cmocka_unit_test(test_more_cases_than_there_is_room_for),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
