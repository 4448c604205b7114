/* SPDX-License-Identifier: Apache-2.0 */
/* Decided again by their own texts, cases are what they were, or an alarm says which is not. */
#include "lab.h"

static void test_own_texts_decide_as_they_did(void **state)
{
    struct lab lab;
    struct replay *replay;

    (void)state;
    lab_open(&lab);
    fill(&lab, CASES);
    replay = replay_all(&lab, NULL, DATE_NONE, NULL);
    assert_int_equal(replay_result(replay)->cases, CASES);
    assert_int_equal(replay_result(replay)->same, CASES);
    assert_int_equal(replay_result(replay)->alarms, 0);
    assert_int_equal(row_named(&replay_result(replay)->dealers, "D-1")->cases, (CASES + 1) / 3);
    assert_int_equal(row_named(&replay_result(replay)->days, "2026-11-24")->cases, CASES / DAYS);
    replay_free(replay);
    lab_close(&lab);
}

/* One alarm, about the i-th case. */
static void expect_alarm(struct lab *lab, size_t i, const char *what)
{
    struct replay *replay = replay_all(lab, NULL, DATE_NONE, NULL);

    assert_int_equal(replay_result(replay)->alarms, 1);
    assert_int_equal(replay_result(replay)->same, replay_result(replay)->cases - 1);
    assert_memory_equal(&lab->alarmed, &lab->ids[i], sizeof lab->alarmed);
    if (strstr(lab->what, what) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", lab->what, what);
    replay_free(replay);
}

static struct memory_row *case_row(struct lab *lab, size_t i)
{
    return memory_find(&lab->storage.memory->rows, SMG_SPACE_CASE, id_view(&lab->ids[i]));
}

static void test_an_altered_row_is_an_alarm_named_by_its_id(void **state)
{
    struct lab lab;
    struct memory_row *row;

    (void)state;
    lab_open(&lab);
    fill(&lab, 20);
    row = case_row(&lab, 7);
    row->value[row->value_len / 2] ^= 1;
    expect_alarm(&lab, 7, "altered");
    row->value[row->value_len / 2] ^= 1;
    row->value_len -= 1;
    expect_alarm(&lab, 7, "altered");
    lab_close(&lab);
}

static void test_a_row_of_another_case_is_an_alarm(void **state)
{
    struct lab lab;
    struct memory_row *from, *to;

    (void)state;
    lab_open(&lab);
    fill(&lab, 20);
    from = case_row(&lab, 3);
    to = case_row(&lab, 11);
    free(to->value);
    to->value = memory_copy(from->value, from->value_len);
    to->value_len = from->value_len;
    expect_alarm(&lab, 11, "of another place");
    lab_close(&lab);
}

/* Whoever has the keys may seal another history; the law of the day still says what it said. */
static void test_a_decision_sealed_anew_is_an_alarm_that_says_what_differs(void **state)
{
    struct lab lab;
    struct facts facts = { .minor = false, .guardian = false, .kind = 1 };
    struct buf outline = { 0 }, text = { 0 };
    struct kept_case kept;

    (void)state;
    lab_open(&lab);
    fill(&lab, 20);
    write_facts(&facts, &text);
    buf_text(&outline, "verdict accepted\noblige retain a/1#4\n");
    kept = kept_of(&lab, 20, &outline, &text);
    lab.ids[20] = id_new(kept.at_ms);
    put_case(&lab, lab.ids[20], &kept);
    expect_alarm(
        &lab, 20,
        "was decided accepted, and its own texts say refused; + refuse bad a/1#2; + report "
        "police a/1#2 to=police within=3600000");
    lab_close(&lab);
    buf_fini(&outline);
    buf_fini(&text);
}

static void test_facts_of_no_vocabulary_and_unknown_texts_are_alarms(void **state)
{
    static const struct {
        const char *set, *facts, *what;
    } wrong[] = {
        { NULL, "minor=perhaps\n", "not of the vocabulary" },
        { "sha256:00", "minor=true\n", "there is no set sha256:00" },
    };
    struct buf outline = { 0 }, text = { 0 };
    size_t i;

    (void)state;
    buf_text(&outline, "verdict accepted\n");
    for (i = 0; i < 2; i++) {
        struct lab lab;
        struct kept_case kept;

        lab_open(&lab);
        fill(&lab, 5);
        kept = kept_of(&lab, 5, &outline, &text);
        kept.facts = str_of(wrong[i].facts);
        if (wrong[i].set != NULL)
            kept.set = str_of(wrong[i].set);
        lab.ids[5] = id_new(kept.at_ms);
        put_case(&lab, lab.ids[5], &kept);
        expect_alarm(&lab, 5, wrong[i].what);
        lab_close(&lab);
    }
    buf_fini(&outline);
}

static void test_an_altered_text_of_the_archive_alarms_every_case_under_it(void **state)
{
    struct lab lab;
    struct memory_rows *rows;
    struct replay *replay;

    (void)state;
    lab_open(&lab);
    fill(&lab, 20);
    rows = &lab.storage.memory->rows;
    rows->at[memory_seek(rows, SMG_SPACE_POLICY, SMG_STR("text/"))].value[3] ^= 1;
    replay = replay_all(&lab, NULL, DATE_NONE, NULL);
    assert_int_equal(replay_result(replay)->alarms, 20);
    assert_non_null(strstr(lab.what, "not the one it was"));
    replay_free(replay);
    lab_close(&lab);
}

static void test_a_case_whose_rule_failed_is_set_apart(void **state)
{
    struct lab lab;
    struct buf outline = { 0 }, text = { 0 };
    struct kept_case kept;
    struct replay *replay;

    (void)state;
    lab_open(&lab);
    buf_text(&outline, "verdict refused\nneed policy.available a/1#1\nrefuse bad a/1#2\n");
    kept = kept_of(&lab, 0, &outline, &text);
    kept.broken = true;
    put_case(&lab, id_new(kept.at_ms), &kept);
    replay = replay_all(&lab, NULL, DATE_NONE, NULL);
    assert_int_equal(replay_result(replay)->broken, 1);
    assert_int_equal(replay_result(replay)->alarms, 0);
    replay_free(replay);
    lab_close(&lab);
    buf_fini(&outline);
}

/* ---- which cases ---- */

static void test_a_range_holds_its_first_and_its_last_day(void **state)
{
    static const struct cases_range middle = { { 2026, 11, 25 }, { 2026, 11, 27 } };
    struct lab lab;
    struct replay *replay;
    struct smg_err err = { 0 };
    int64_t last_ms;

    (void)state;
    lab_open(&lab);
    assert_int_equal(cases_last(lab.store, &middle, &last_ms, &err), SMG_OK);
    assert_int_equal(last_ms, 0);
    fill(&lab, CASES);
    replay = replay_all(&lab, NULL, DATE_NONE, &middle);
    assert_int_equal(replay_result(replay)->cases, 3 * CASES / DAYS);
    assert_string_equal(replay_result(replay)->days.rows[0].name, "2026-11-25");
    assert_string_equal(replay_result(replay)->days.rows[2].name, "2026-11-27");
    assert_int_equal(cases_last(lab.store, &middle, &last_ms, &err), SMG_OK);
    assert_int_equal(last_ms, id_time(lab.ids[4 * CASES / DAYS - 1]));
    replay_free(replay);
    lab_close(&lab);
}

static void test_a_row_that_says_a_service_ended_is_no_case(void **state)
{
    struct lab lab;
    struct unit *unit = unit_new();
    struct smg_date due;
    struct smg_err err = { 0 };
    struct replay *replay;

    (void)state;
    lab_open(&lab);
    fill(&lab, 3);
    assert_int_equal(record_terminate(lab.keys.sealer, lab.ids[1], FIRST_MS + DAY_MS, "S-1",
                                      FIRST_MS + DAY_MS, unit, &due, &err),
                     SMG_OK);
    assert_int_equal(store_apply_wait(lab.store, unit, &err), SMG_OK);
    replay = replay_all(&lab, NULL, DATE_NONE, NULL);
    assert_int_equal(replay_result(replay)->cases, 3);
    assert_int_equal(replay_result(replay)->same, 3);
    replay_free(replay);
    unit_free(unit);
    lab_close(&lab);
}

struct absent {
    struct id last;
    size_t count;
};

static void on_absent(void *ctx, struct id id)
{
    struct absent *absent = ctx;

    absent->last = id;
    absent->count++;
}

static struct absent find_absent(struct lab *lab, const struct cases_range *range)
{
    struct absent absent = { .count = 0 };
    struct smg_err err = { 0 };

    assert_int_equal(cases_absent(lab->store, range, on_absent, &absent, &err), SMG_OK);
    return absent;
}

static void test_an_erased_row_is_missed_and_a_destroyed_registration_is_not(void **state)
{
    static const struct cases_range all = { { 0, 0, 0 }, { 0, 0, 0 } };
    static const struct cases_range first_day = { { 0, 0, 0 }, { 2026, 11, 24 } };
    static const size_t erased[] = { 0, 500, CASES - 1 };
    struct memory_rows *rows;
    struct absent absent;
    struct lab lab;
    size_t i;

    (void)state;
    lab_open(&lab);
    fill(&lab, CASES);
    rows = &lab.storage.memory->rows;
    assert_int_equal(find_absent(&lab, &all).count, 0);
    for (i = 0; i < 3; i++) {
        struct smg_str key = id_view(&lab.ids[erased[i]]);

        memory_erase(rows, memory_seek(rows, SMG_SPACE_CASE, key));
        absent = find_absent(&lab, &all);
        assert_int_equal(absent.count, i + 1);
        assert_memory_equal(&absent.last, &lab.ids[erased[i]], sizeof absent.last);
    }
    assert_int_equal(find_absent(&lab, &first_day).count, 1);
    memory_erase(rows, memory_seek(rows, SMG_SPACE_REGISTRATION, id_view(&lab.ids[0])));
    memory_erase(rows, memory_seek(rows, SMG_SPACE_REGISTRATION, id_view(&lab.ids[1])));
    assert_int_equal(find_absent(&lab, &all).count, 2);
    lab_close(&lab);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_own_texts_decide_as_they_did),
        cmocka_unit_test(test_an_altered_row_is_an_alarm_named_by_its_id),
        cmocka_unit_test(test_a_row_of_another_case_is_an_alarm),
        cmocka_unit_test(test_a_decision_sealed_anew_is_an_alarm_that_says_what_differs),
        cmocka_unit_test(test_facts_of_no_vocabulary_and_unknown_texts_are_alarms),
        cmocka_unit_test(test_an_altered_text_of_the_archive_alarms_every_case_under_it),
        cmocka_unit_test(test_a_case_whose_rule_failed_is_set_apart),
        cmocka_unit_test(test_a_range_holds_its_first_and_its_last_day),
        cmocka_unit_test(test_a_row_that_says_a_service_ended_is_no_case),
        cmocka_unit_test(test_an_erased_row_is_missed_and_a_destroyed_registration_is_not),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
