/* SPDX-License-Identifier: Apache-2.0 */
/* Decided by a draft: what changes, held against a count made by hand. */
#include "lab.h"

/* 1 lets a minor with a card pass, 2 asks instead of refusing, 4 is 5 now, 6 wants what nobody
 * kept.
 */
static const char new_vocabulary[] =
    FACTS "fact 'living' { values = { true, false }, source = 'form', zh = '活', en = 'living' }\n";
#define NEW_RULES                                                                                  \
    RULE("1", "if case.minor and not case.guardian and case.kind ~= 'card' then refuse 'alone' "   \
              "end")                                                                               \
    RULE("2", "if case.kind == 'paper' then need 'better' end")                                    \
    RULE("3", "if case.verified == 'mismatch' then refuse 'bad' end")                              \
    RULE("5", "oblige 'retain'")                                                                   \
    RULE("6", "if case.kind == 'other' and not case.living then refuse 'alone' end")
static const char new_rules[] = HEADER("2018-01-01") NEW_RULES;
static const char later_rules[] = HEADER("2027-01-01") NEW_RULES;

/* What the new rules change, counted by hand. */
struct count {
    uint64_t same, cited, changed, undecided, to_accepted, to_incomplete, to_refused;
    uint64_t rule_1, rule_2;
    uint64_t dealers[DEALERS], days[DAYS];
};

static void count_case(size_t i, struct count *count)
{
    struct facts facts = facts_of(i);
    bool was_alone = facts.minor && !facts.guardian, is_alone = was_alone && facts.kind != 0;
    bool paper = facts.kind == 1, other = facts.kind == 2;
    bool was_refused = was_alone || paper || facts.mismatch,
         is_refused = is_alone || facts.mismatch;

    if (other && !(is_refused && !was_refused)) { /* living was never asked */
        count->undecided++;
        return;
    }
    if (was_alone == is_alone && !paper) { /* only the rule that obliges has another number */
        count->cited++;
        return;
    }
    count->changed++;
    count->dealers[i % DEALERS]++;
    count->days[i * DAYS / CASES]++;
    count->rule_1 += was_alone != is_alone;
    count->rule_2 += paper;
    if (is_refused)
        count->to_refused++;
    else if (paper)
        count->to_incomplete++;
    else
        count->to_accepted++;
}

static void expect_counts(const struct replay_result *result, const struct count *count)
{
    static const char *const dealers[DEALERS] = { "", "D-1", "D-2" };
    size_t i;

    assert_int_equal(result->same, count->same);
    assert_int_equal(result->cited, count->cited);
    assert_int_equal(result->changed, count->changed);
    assert_int_equal(result->undecided, count->undecided);
    assert_int_equal(row_named(&result->missing, "living")->cases, count->undecided);
    assert_int_equal(row_named(&result->verdicts, "refused -> accepted")->changed,
                     count->to_accepted);
    assert_int_equal(row_named(&result->verdicts, "refused -> incomplete")->changed,
                     count->to_incomplete);
    assert_int_equal(row_named(&result->verdicts, "refused -> refused")->changed,
                     count->to_refused);
    assert_int_equal(row_named(&result->rules, "a/1#1")->changed, count->rule_1);
    assert_int_equal(row_named(&result->rules, "a/1#1")->gone, count->rule_1);
    assert_int_equal(row_named(&result->rules, "a/1#2")->changed, count->rule_2);
    assert_int_equal(row_named(&result->rules, "a/1#2")->added, count->rule_2);
    assert_int_equal(row_named(&result->effects, "a/1#2 + need better")->changed, count->rule_2);
    assert_int_equal(
        row_named(&result->effects, "a/1#2 - report police to=police within=3600000")->changed,
        count->rule_2);
    assert_int_equal(row_named(&result->effects, "a/1#1 - refuse alone")->changed, count->rule_1);
    for (i = 0; i < DEALERS; i++)
        assert_int_equal(row_named(&result->dealers, dealers[i])->changed, count->dealers[i]);
    for (i = 0; i < DAYS; i++)
        assert_int_equal(row_named(&result->days, result->days.rows[i].name)->changed,
                         count->days[i]);
}

static void test_a_draft_changes_what_a_count_by_hand_says(void **state)
{
    struct lab lab;
    struct policy_set *draft = make_set(new_vocabulary, new_rules);
    struct count count = { 0 };
    const struct replay_result *result;
    struct replay *replay;
    size_t i;

    (void)state;
    lab_open(&lab);
    fill(&lab, CASES);
    for (i = 0; i < CASES; i++)
        count_case(i, &count);
    assert_true(count.changed > 50 && count.undecided > 50 && count.cited > 50);
    replay = replay_all(&lab, draft, DATE_NONE, NULL);
    result = replay_result(replay);
    assert_int_equal(result->alarms, 0);
    assert_int_equal(result->days.count, DAYS);
    expect_counts(result, &count);
    /* The first example of the first rule is one of the cases, with its facts beside its effect. */
    assert_int_equal(result->rules.rows[0].example_count, TALLY_EXAMPLES);
    assert_non_null(
        strstr(row_named(&result->effects, "a/1#2 + need better")->facts, "kind=paper"));
    replay_free(replay);
    policy_set_free(draft);
    lab_close(&lab);
}

static void test_the_same_texts_as_a_draft_change_nothing(void **state)
{
    struct lab lab;
    struct policy_set *draft = make_set(FACTS, old_rules);
    struct replay *replay;

    (void)state;
    lab_open(&lab);
    fill(&lab, CASES);
    replay = replay_all(&lab, draft, DATE_NONE, NULL);
    assert_int_equal(replay_result(replay)->same, CASES);
    replay_free(replay);
    policy_set_free(draft);
    lab_close(&lab);
}

/* A refusal stands whatever else is asked; an acceptance does not. */
static void test_a_service_nobody_asked_leaves_open_only_what_depends_on_it(void **state)
{
    static const char rules[] =
        HEADER("2018-01-01") RULE("1", "if case.minor then refuse 'alone' end")
            RULE("7", "if case.verified == 'mismatch' then refuse 'bad' end");
    struct lab lab;
    struct policy_set *draft = make_set(FACTS, rules);
    struct buf outline = { 0 };
    struct replay *replay;
    size_t i;

    (void)state;
    lab_open(&lab);
    buf_text(&outline, "verdict accepted\n");
    for (i = 0; i < 2; i++) {
        struct buf text = { 0 };
        struct kept_case kept;

        buf_printf(&text, "minor=%s\nguardian=true\nkind=card\n", i == 0 ? "true" : "false");
        kept = kept_of(&lab, i, &outline, &text);
        put_case(&lab, id_new(kept.at_ms), &kept);
        buf_fini(&text);
    }
    replay = replay_all(&lab, draft, DATE_NONE, NULL);
    assert_int_equal(replay_result(replay)->changed, 1);
    assert_int_equal(row_named(&replay_result(replay)->verdicts, "accepted -> refused")->changed,
                     1);
    assert_int_equal(replay_result(replay)->undecided, 1);
    assert_int_equal(row_named(&replay_result(replay)->missing, "verified")->cases, 1);
    replay_free(replay);
    policy_set_free(draft);
    lab_close(&lab);
    buf_fini(&outline);
}

static void test_a_draft_of_next_year_is_tried_as_of_its_first_day(void **state)
{
    static const struct smg_date first = { 2027, 1, 1 };
    struct lab lab;
    struct policy_set *draft = make_set(new_vocabulary, later_rules);
    struct count count = { 0 };
    struct replay *replay;
    size_t i;

    (void)state;
    lab_open(&lab);
    fill(&lab, CASES);
    for (i = 0; i < CASES; i++)
        count_case(i, &count);
    replay = replay_all(&lab, draft, first, NULL);
    expect_counts(replay_result(replay), &count);
    replay_free(replay);
    replay = replay_all(&lab, draft, DATE_NONE, NULL); /* on their own days nothing is in force */
    assert_int_equal(replay_result(replay)->changed, CASES);
    assert_int_equal(
        row_named(&replay_result(replay)->effects, "- + refuse regulation.none_in_force")->changed,
        CASES);
    replay_free(replay);
    policy_set_free(draft);
    lab_close(&lab);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_draft_changes_what_a_count_by_hand_says),
        cmocka_unit_test(test_the_same_texts_as_a_draft_change_nothing),
        cmocka_unit_test(test_a_service_nobody_asked_leaves_open_only_what_depends_on_it),
        cmocka_unit_test(test_a_draft_of_next_year_is_tried_as_of_its_first_day),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
