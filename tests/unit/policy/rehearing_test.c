/* SPDX-License-Identifier: Apache-2.0 */
/* A decision made again from its kept facts is the decision that was made; where other texts ask
 * for what was not kept, that is said, never guessed. */
#include "folder.h"

#include "policy/rehearing.h"

enum { CASES = 3000 };

static const struct smg_date day = { 2026, 11, 24 };

static struct policy *shipped(void)
{
    static const char *const stack[] = { "cn-54/2018" };
    struct buf problems = { 0 };
    struct policy_set *set = policy_set_load(SOURCE_DIR "/policies", stack, 1, &problems);

    if (set == NULL)
        fail_msg("%s", problems.at);
    return folder_policy_of(set);
}

/* Numbers that are the same in every run. */
static uint32_t next(uint32_t *state)
{
    *state = *state * 1664525 + 1013904223;
    return *state >> 8;
}

/* Some case: each fact with some value, or, one in nine, unknown. */
static void tell_some(struct policy *policy, uint32_t *state)
{
    size_t i;

    evaluate_begin(policy, NULL, "540102", day, DATE_NONE);
    for (i = 0; i < policy->set->fact_count; i++) {
        const struct fact *fact = &policy->set->facts[i];

        if (next(state) % 9 > 0)
            evaluate_tell(policy, fact, fact->values[next(state) % fact->value_count].text);
    }
}

static void test_a_decision_is_made_again_from_its_facts(void **state)
{
    struct policy *first = shipped(), *again = shipped();
    struct rehearing *rehearing = rehearing_new(first->set, again);
    struct buf facts = { 0 }, was = { 0 }, is = { 0 };
    struct decision decision;
    uint32_t random = 7;
    int i, refused = 0;

    (void)state;
    assert_non_null(rehearing);
    for (i = 0; i < CASES; i++) {
        tell_some(first, &random);
        decision_run(first, &decision);
        buf_clear(&was);
        policy_outline(&decision, &was);
        buf_clear(&facts);
        policy_facts(first, &facts);
        assert_true(
            rehearing_decide(rehearing, buf_view(&facts), "540102", day, DATE_NONE, &decision));
        buf_clear(&is);
        policy_outline(&decision, &is);
        assert_string_equal(was.at, is.at);
        assert_int_equal(rehearing_missing(rehearing, NULL, 0), 0);
        refused += decision.verdict == VERDICT_REFUSED ? 1 : 0;
    }
    assert_true(refused > CASES / 10 && refused < CASES);
    rehearing_free(rehearing);
    policy_free(first);
    policy_free(again);
    buf_fini(&facts);
    buf_fini(&was);
    buf_fini(&is);
}

static void test_the_outline_says_all_of_a_decision(void **state)
{
    struct folder folder;
    struct policy *policy;
    struct rehearing *rehearing;
    struct decision decision;
    struct buf outline = { 0 };

    (void)state;
    folder_init(&folder);
    folder_fill(
        &folder,
        "fact 'genuine' { values = { true, false }, source = 'form', zh = '真', en = 'genuine' }\n"
        "fact 'verified' { values = { 'match', 'unknown' }, source = 'service', service = 'ps', zh "
        "= '核', en = 'verified' }\n"
        "word 'forged' { kind = 'refuse', zh = '伪', en = 'forged' }\n"
        "word 'retain' { kind = 'oblige', zh = '留', en = 'retain' }\n"
        "word 'police' { kind = 'report', zh = '警', en = 'police' }\n",
        "rule '1' { zh = '一', en = 'one', check = function(case)\n"
        "  if not case.genuine then refuse 'forged'; report { to = 'police', within = '1h' } end\n"
        "  oblige 'retain'\nend }\n"
        "rule '2' { zh = '二', en = 'two', bites_from = '2027-01-01',\n"
        "  check = function(case) if not case.genuine then refuse 'forged' end end }\n"
        "rule '3' { zh = '三', en = 'three', check = function(case)\n"
        "  if case.verified == 'unknown' then refuse 'forged' end end }\n");
    policy = folder_load(&folder, some_stack, 1);
    rehearing = rehearing_new(policy->set, policy);
    assert_true(rehearing_decide(rehearing, SMG_STR("genuine=false\n"), "540102", day, DATE_NONE,
                                 &decision));
    policy_outline(&decision, &outline);
    assert_string_equal(outline.at, "verdict refused\n"
                                    "refuse forged a/1#1\n"
                                    "report police a/1#1 to=police within=3600000\n"
                                    "oblige retain a/1#1\n"
                                    "warn forged a/1#2 from=2027-01-01\n"
                                    "ask verified\n");
    rehearing_free(rehearing);
    policy_free(policy);
    folder_fini(&folder);
    buf_fini(&outline);
}

static const char small_vocabulary[] =
    "fact 'minor' { values = { true, false }, source = 'form', zh = '未', en = 'minor' }\n"
    "fact 'held' { values = { 0, 4, 5 }, source = 'registry', registry = 'held', zh = '持', en = "
    "'held' }\n"
    "fact 'kind' { values = { 'card', 'other' }, source = 'form', zh = '类', en = 'kind' }\n"
    "word 'many' { kind = 'refuse', zh = '多', en = 'many' }\n";
static const char small_rules[] = "rule '1' { zh = '一', en = 'one', check = function(case)\n"
                                  "  if case.held >= 5 then refuse 'many' end end }\n";

static void test_lines_that_no_such_set_wrote_are_refused(void **state)
{
    static const char *const wrong[] = {
        "minor=maybe\n",
        "minor=true",
        "minor\n",
        "young=true\n",
        "minor=true\nminor=true\n",
        "kind=card\nminor=true\n",
        "minor=true\n\n",
        "held=3\n",
        "=true\n",
    };
    struct folder folder;
    struct policy *policy;
    struct rehearing *rehearing;
    struct decision decision;
    size_t i;

    (void)state;
    folder_init(&folder);
    folder_fill(&folder, small_vocabulary, small_rules);
    policy = folder_load(&folder, some_stack, 1);
    rehearing = rehearing_new(policy->set, policy);
    assert_true(rehearing_decide(rehearing, SMG_STR("minor=true\nheld=4\nkind=other\n"), "540102",
                                 day, DATE_NONE, &decision));
    assert_true(rehearing_decide(rehearing, SMG_STR(""), "540102", day, DATE_NONE, &decision));
    for (i = 0; i < sizeof wrong / sizeof *wrong; i++)
        if (rehearing_decide(rehearing, str_of(wrong[i]), "540102", day, DATE_NONE, &decision))
            fail_msg("taken for facts: %s", wrong[i]);
    rehearing_free(rehearing);
    policy_free(policy);
    folder_fini(&folder);
}

/* Which facts were missing, in one text. */
static void expect_missing(struct rehearing *rehearing, const char *facts, const char *wanted)
{
    const char *names[4];
    char all[256] = "";
    struct decision decision;
    size_t count, i;

    assert_true(rehearing_decide(rehearing, str_of(facts), "540102", day, DATE_NONE, &decision));
    count = rehearing_missing(rehearing, names, 4);
    for (i = 0; i < count; i++)
        snprintf(all + strlen(all), sizeof all - strlen(all), "%s%s", i == 0 ? "" : " ", names[i]);
    assert_string_equal(all, wanted);
}

static void test_what_was_not_kept_is_missing_only_where_a_rule_reads_it(void **state)
{
    struct folder old_folder, new_folder;
    struct policy *old, *new;
    struct rehearing *rehearing;

    (void)state;
    folder_init(&old_folder);
    folder_fill(&old_folder, small_vocabulary, small_rules);
    old = folder_load(&old_folder, some_stack, 1);
    folder_init(&new_folder);
    folder_fill(
        &new_folder,
        "fact 'minor' { values = { true, false }, source = 'form', zh = '未', en = 'minor' }\n"
        "fact 'held' { values = { 0, 2, 5 }, source = 'registry', registry = 'held', zh = '持', en "
        "= 'held' }\n"
        "fact 'kind' { values = { 'card', 'paper' }, source = 'form', zh = '类', en = 'kind' }\n"
        "fact 'living' { values = { true, false }, source = 'form', zh = '活', en = 'living' }\n"
        "fact 'unread' { values = { true, false }, source = 'form', zh = '余', en = 'unread' }\n"
        "word 'many' { kind = 'refuse', zh = '多', en = 'many' }\n",
        "rule '1' { zh = '一', en = 'one', check = function(case)\n"
        "  if case.held >= 2 then refuse 'many' end end }\n"
        "rule '2' { zh = '二', en = 'two', check = function(case)\n"
        "  if case.minor and not case.living then refuse 'many' end end }\n"
        "rule '3' { zh = '三', en = 'three', check = function(case)\n"
        "  if case.kind == 'paper' then refuse 'many' end end }\n");
    new = folder_load(&new_folder, some_stack, 1);
    rehearing = rehearing_new(old->set, new);
    /* 5 is 5 and more now as then; 4 was 4 exactly, which is from 2 to 4 now. */
    expect_missing(rehearing, "minor=false\nheld=5\nkind=card\n", "");
    expect_missing(rehearing, "minor=false\nheld=4\nkind=card\n", "");
    /* 0 was up to 3: that is two values now. */
    expect_missing(rehearing, "minor=false\nheld=0\nkind=card\n", "held");
    expect_missing(rehearing, "minor=true\nheld=5\nkind=card\n", "living");
    expect_missing(rehearing, "minor=true\nheld=0\nkind=other\n", "held kind living");
    /* Unknown then is unknown now: the clerk or the registry would have been asked. */
    expect_missing(rehearing, "kind=card\n", "");
    rehearing_free(rehearing);
    policy_free(old);
    policy_free(new);
    folder_fini(&old_folder);
    folder_fini(&new_folder);
}

/* What an evaluator says of lines, running every rule, and one that remembers what rules said. */
static void expect_same(struct policy *plain, struct rehearing *rehearing, const char *facts,
                        struct smg_date on, const char *holds)
{
    struct decision decision;
    struct buf was = { 0 }, is = { 0 };
    const char *at = facts;

    evaluate_begin(plain, NULL, "540102", on, DATE_NONE);
    while (*at != '\0') {
        const char *equals = strchr(at, '='), *end = strchr(at, '\n');

        evaluate_tell(plain, set_fact(plain->set, str_bytes(at, (size_t)(equals - at))),
                      str_bytes(equals + 1, (size_t)(end - equals) - 1));
        at = end + 1;
    }
    decision_run(plain, &decision);
    policy_outline(&decision, &was);
    assert_true(rehearing_decide(rehearing, str_of(facts), "540102", on, DATE_NONE, &decision));
    policy_outline(&decision, &is);
    assert_string_equal(was.at, is.at);
    if (strstr(is.at, holds) == NULL)
        fail_msg("%s does not say %s", is.at, holds);
    buf_fini(&was);
    buf_fini(&is);
}

/* Five rules that each cost a good quarter of the budget when there are many, one that fails where
 * nobody looked while loading, and one that only warns before 2027. */
static const char costly_rules[] =
    "local function work(case)\n"
    "  if case.many then local n = 0; for i = 1, 90000 do n = n + i % 7 end end\n"
    "end\n"
    "for i = 1, 5 do\n"
    "  rule('1.' .. i) { zh = '一', en = 'one', check = work }\n"
    "end\n"
    "rule '2' { zh = '二', en = 'two', check = function(case)\n"
    "  local all = 0\n"
    "  for i = 1, 15 do if case.bit['b' .. i] then all = all + 1 end end\n"
    "  if all == 15 then error 'nobody tried this' end\n"
    "end }\n"
    "rule '3' { zh = '三', en = 'three', bites_from = '2027-01-01', check = function(case)\n"
    "  need 'more'; need 'more'; oblige 'retain'\n"
    "end }\n";
static const char costly_vocabulary[] =
    "fact 'many' { values = { true, false }, source = 'form', zh = '多', en = 'many' }\n"
    "for i = 1, 15 do\n"
    "  fact('bit.b' .. i) { values = { false, true }, source = 'form', zh = '位', en = 'bit' }\n"
    "end\n"
    "word 'more' { kind = 'need', zh = '更', en = 'more' }\n"
    "word 'retain' { kind = 'oblige', zh = '留', en = 'retain' }\n";

static void test_remembering_what_rules_said_changes_nothing(void **state)
{
    static const struct smg_date later = { 2027, 1, 1 };
    struct folder folder;
    struct policy *plain, *remembering;
    struct rehearing *rehearing;
    struct buf facts = { 0 };
    int i, times;

    (void)state;
    folder_init(&folder);
    folder_fill(&folder, costly_vocabulary, costly_rules);
    plain = folder_load(&folder, some_stack, 1);
    remembering = folder_load(&folder, some_stack, 1);
    rehearing = rehearing_new(remembering->set, remembering);
    buf_text(&facts, "many=false\n");
    for (i = 1; i <= 15; i++)
        buf_printf(&facts, "bit.b%d=true\n", i);
    for (times = 0; times < 3; times++) {
        expect_same(plain, rehearing, "many=true\n", day, "need policy.available a/1#1.4\n");
        expect_same(plain, rehearing, "many=false\n", day, "warn more a/1#3 from=2027-01-01\n");
        expect_same(plain, rehearing, "many=false\n", later, "oblige retain a/1#3\n");
        expect_same(plain, rehearing, "", later, "need bit.b1 a/1#2\n");
        expect_same(plain, rehearing, facts.at, later, "need policy.available a/1#2\n");
    }
    rehearing_free(rehearing);
    policy_free(plain);
    policy_free(remembering);
    folder_fini(&folder);
    buf_fini(&facts);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_decision_is_made_again_from_its_facts),
        cmocka_unit_test(test_the_outline_says_all_of_a_decision),
        cmocka_unit_test(test_lines_that_no_such_set_wrote_are_refused),
        cmocka_unit_test(test_what_was_not_kept_is_missing_only_where_a_rule_reads_it),
        cmocka_unit_test(test_remembering_what_rules_said_changes_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
