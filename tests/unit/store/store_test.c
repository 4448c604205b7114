/* SPDX-License-Identifier: Apache-2.0 */
/* The store over a storage that fails on command: every write gets the one answer that is true. */
#include "fake_storage.h"

enum { MANY = 64 };

static struct fake *fake;
static struct store *store;
static struct loop *loop;

/* A write and what became of it. */
struct
try {
    struct store_write write;
    int code, answers, place; /* place: as the how-many-th it was answered */
};

static struct try tries[MANY];
static int try_count, answered, stop_after;

static void on_done(void *ctx, const struct smg_err *err)
{
    struct try *try = ctx;

    try->code = err->code;
    try->answers++;
    try->place = answered++;
    if (answered == stop_after)
        loop_stop(loop);
}

static int set_up_with(const struct store_stage *stage, const struct store_options *options)
{
    struct smg_err err = { 0 };

    fake = fake_new();
    loop = loop_new("test", &err);
    store = store_new(&fake->instance, stage, options, &err);
    assert_non_null(loop);
    assert_non_null(store);
    memset(tries, 0, sizeof tries);
    try_count = answered = stop_after = 0;
    return 0;
}

static int set_up(void **state)
{
    (void)state;
    return set_up_with(NULL, &(struct store_options){ 0 });
}

static int tear_down(void **state)
{
    (void)state;
    store_free(store);
    for (int i = 0; i < try_count; i++)
        unit_free(tries[i].write.unit);
    loop_free(loop);
    fake_free(fake);
    return 0;
}

static struct try *apply(struct unit *unit)
{
    struct try *try = &tries[try_count++];

    assert_true(try_count <= MANY);
    try->code = 1;
    try->write = (struct store_write){ .unit = unit, .loop = loop, .done = on_done, .ctx = try };
    store_apply(store, &try->write);
    return try;
}

static struct try *apply_new(const char *key, const char *value)
{
    struct unit *unit = unit_new();

    unit_put_new(unit, SMG_SPACE_INDEX, str_of(key), str_of(value));
    return apply(unit);
}

/* Run the loop until every write was answered. */
static void settle(void)
{
    struct smg_err err = { 0 };

    stop_after = try_count;
    if (answered < stop_after)
        assert_int_equal(loop_run(loop, &err), SMG_OK);
    assert_int_equal(answered, try_count);
    for (int i = 0; i < try_count; i++)
        assert_int_equal(tries[i].answers, 1);
}

static struct store_figures figures(void)
{
    struct store_figures out;

    store_figures(store, &out);
    return out;
}

static void test_a_lone_write_is_answered_when_it_is_there(void **state)
{
    struct try *try = apply_new("a", "1");

    (void)state;
    assert_int_equal(try->answers, 0);
    settle();
    assert_int_equal(try->code, SMG_OK);
    assert_true(fake_has(fake, SMG_SPACE_INDEX, "a", "1"));
    assert_int_equal(figures().batches, 1);
    assert_int_equal(figures().units, 1);
}

static void test_writes_that_wait_share_a_commit_and_keep_their_order(void **state)
{
    char key[16];

    (void)state;
    fake_hold(fake, true);
    apply_new("first", "1");
    fake_await_apply(fake);
    for (int i = 0; i < 20; i++) {
        snprintf(key, sizeof key, "k%d", i);
        apply_new(key, "1");
    }
    assert_int_equal(figures().waiting, 20);
    fake_hold(fake, false);
    settle();
    assert_int_equal(fake->applies, 2);
    assert_int_equal(fake->most_units, 20);
    for (int i = 0; i < try_count; i++) {
        assert_int_equal(tries[i].code, SMG_OK);
        assert_int_equal(tries[i].place, i);
    }
}

static void test_a_later_write_builds_on_an_earlier_one_of_its_batch(void **state)
{
    struct unit *unit = unit_new();

    (void)state;
    fake_hold(fake, true);
    apply_new("first", "1");
    fake_await_apply(fake);
    apply_new("a", "1");
    unit_put_if(unit, SMG_SPACE_INDEX, SMG_STR("a"), SMG_STR("1"), SMG_STR("2"));
    apply(unit);
    fake_hold(fake, false);
    settle();
    assert_int_equal(tries[2].code, SMG_OK);
    assert_true(fake_has(fake, SMG_SPACE_INDEX, "a", "2"));
}

static void test_a_refused_unit_harms_no_other(void **state)
{
    (void)state;
    fake_hold(fake, true);
    apply_new("a", "1");
    fake_await_apply(fake);
    apply_new("b", "1");
    apply_new("a", "2");
    apply_new("b", "2");
    apply_new("c", "1");
    fake_hold(fake, false);
    settle();
    assert_int_equal(tries[1].code, SMG_OK);
    assert_int_equal(tries[2].code, SMG_E_EXISTS);
    assert_int_equal(tries[3].code, SMG_E_EXISTS);
    assert_int_equal(tries[4].code, SMG_OK);
    assert_true(fake_has(fake, SMG_SPACE_INDEX, "b", "1"));
    assert_true(fake_has(fake, SMG_SPACE_INDEX, "c", "1"));
    assert_int_equal(figures().refused, 2);
}

static void test_a_full_storage_is_told_and_written_to_again(void **state)
{
    (void)state;
    fake_plan(fake, FAULT_FULL);
    apply_new("a", "1");
    settle();
    assert_int_equal(tries[0].code, SMG_E_FULL);
    assert_false(fake_has(fake, SMG_SPACE_INDEX, "a", "1"));
    assert_true(figures().trusted);
    apply_new("a", "1");
    settle();
    assert_int_equal(tries[1].code, SMG_OK);
}

static void test_a_busy_storage_is_asked_again(void **state)
{
    (void)state;
    fake_plan(fake, FAULT_BUSY);
    fake_plan(fake, FAULT_BUSY);
    apply_new("a", "1");
    settle();
    assert_int_equal(tries[0].code, SMG_OK);
    assert_int_equal(fake->applies, 3);
}

static void test_a_commit_found_after_its_failure_is_acknowledged(void **state)
{
    (void)state;
    fake_plan(fake, FAULT_COMMITTED);
    apply_new("a", "1");
    settle();
    assert_int_equal(tries[0].code, SMG_OK);
    assert_int_equal(fake->applies, 1);
    assert_int_equal(fake->checks, 2);
    assert_true(figures().trusted);
    assert_int_equal(figures().failures, 1);
    assert_int_equal(figures().recoveries, 1);
}

static void test_a_commit_not_found_after_its_failure_is_made_again(void **state)
{
    (void)state;
    fake_plan(fake, FAULT_LOST);
    fake_plan(fake, FAULT_IO);
    apply_new("a", "1");
    settle();
    assert_int_equal(tries[0].code, SMG_OK);
    assert_int_equal(fake->applies, 3);
    assert_true(fake_has(fake, SMG_SPACE_INDEX, "a", "1"));
    assert_int_equal(figures().recoveries, 2);
}

static void test_a_commit_that_comes_through_late_is_not_refused(void **state)
{
    (void)state;
    fake_plan(fake, FAULT_LATE);
    apply_new("a", "1");
    settle();
    assert_int_equal(tries[0].code, SMG_OK);
    assert_true(fake_has(fake, SMG_SPACE_INDEX, "a", "1"));
}

static void test_a_batch_in_doubt_without_new_rows_is_compared_row_by_row(void **state)
{
    struct unit *put = unit_new(), *erase = unit_new();

    (void)state;
    apply_new("old", "1");
    settle();
    fake_plan(fake, FAULT_COMMITTED);
    unit_put(put, SMG_SPACE_INDEX, SMG_STR("a"), SMG_STR("1"));
    apply(put);
    settle();
    assert_int_equal(fake->applies, 2);
    fake_plan(fake, FAULT_LOST);
    unit_erase(erase, SMG_SPACE_INDEX, SMG_STR("old"));
    apply(erase);
    settle();
    assert_int_equal(fake->applies, 4);
    assert_int_equal(tries[2].code, SMG_OK);
    assert_false(fake_has(fake, SMG_SPACE_INDEX, "old", "1"));
}

static void test_a_storage_that_fails_its_check_is_not_written_to(void **state)
{
    (void)state;
    fake->unfit = 3;
    fake_plan(fake, FAULT_LOST);
    apply_new("a", "1");
    settle();
    assert_int_equal(tries[0].code, SMG_OK);
    assert_int_equal(fake->checks, 5); /* at the start, three failures, the good one */
    assert_int_equal(figures().recoveries, 1);
}

/* Takes the 3 s that nobody waits longer than. */
static void test_a_storage_that_stays_away_is_told_and_comes_back_by_itself(void **state)
{
    (void)state;
    fake_hold(fake, true);
    fake_plan(fake, FAULT_COMMITTED);
    apply_new("a", "1");
    fake_await_apply(fake);
    fake->away = -1;
    apply_new("b", "1");
    fake_hold(fake, false);
    settle();
    assert_int_equal(tries[0].code, SMG_E_UNKNOWN);
    assert_int_equal(tries[1].code, SMG_E_BUSY);
    assert_false(figures().trusted);
    pthread_mutex_lock(&fake->lock);
    fake->away = 0;
    pthread_mutex_unlock(&fake->lock);
    apply_new("c", "1");
    settle();
    assert_int_equal(tries[2].code, SMG_OK);
    assert_true(figures().trusted);
    assert_false(fake_has(fake, SMG_SPACE_INDEX, "b", "1"));
}

/* Takes 3 s. The batch in the storage's hands cannot be answered, the others can. */
static void test_nobody_waits_long_behind_a_storage_that_hangs(void **state)
{
    (void)state;
    fake_hold(fake, true);
    apply_new("a", "1");
    fake_await_apply(fake);
    apply_new("b", "1");
    stop_after = 1;
    assert_int_equal(loop_run(loop, &tries[0].write.err), SMG_OK);
    assert_int_equal(tries[1].code, SMG_E_BUSY);
    assert_int_equal(tries[0].answers, 0);
    fake_hold(fake, false);
    settle();
    assert_int_equal(tries[0].code, SMG_OK);
}

static void test_too_many_waiting_writes_are_turned_away(void **state)
{
    (void)state;
    fake_hold(fake, true);
    apply_new("a", "1");
    fake_await_apply(fake);
    apply_new("b", "1");
    apply_new("c", "1");
    apply_new("d", "1");
    fake_hold(fake, false);
    settle();
    assert_int_equal(tries[2].code, SMG_OK);
    assert_int_equal(tries[3].code, SMG_E_BUSY);
    assert_int_equal(tries[3].place, 0);
    assert_int_equal(fake->most_units, 1);
    assert_int_equal(fake->applies, 3);
}

static int set_up_narrow(void **state)
{
    (void)state;
    return set_up_with(NULL, &(struct store_options){ .queue_limit = 2, .batch_limit = 1 });
}

static void test_a_row_no_storage_can_keep_is_refused_before_it(void **state)
{
    static char long_key[256];
    struct unit *empty_key = unit_new(), *long_one = unit_new(), *space = unit_new();

    (void)state;
    unit_put(empty_key, SMG_SPACE_INDEX, SMG_STR(""), SMG_STR("1"));
    unit_put(long_one, SMG_SPACE_INDEX, str_bytes(long_key, 256), SMG_STR("1"));
    unit_put(space, (enum smg_space)99, SMG_STR("a"), SMG_STR("1"));
    apply(empty_key);
    apply(long_one);
    apply(space);
    apply(NULL);
    settle();
    assert_int_equal(tries[0].code, SMG_E_INVALID);
    assert_int_equal(tries[1].code, SMG_E_INVALID);
    assert_int_equal(tries[2].code, SMG_E_INVALID);
    assert_int_equal(tries[3].code, SMG_E_MEMORY);
    assert_int_equal(fake->applies, 0);
}

static void test_what_waits_is_written_before_the_store_ends(void **state)
{
    (void)state;
    fake_hold(fake, true);
    apply_new("a", "1");
    fake_await_apply(fake);
    apply_new("b", "1");
    fake_hold(fake, false);
    store_free(store);
    settle();
    assert_int_equal(tries[1].code, SMG_OK);
    assert_true(fake_has(fake, SMG_SPACE_INDEX, "b", "1"));
    store = NULL;
}

static void test_a_verb_waits_for_its_write(void **state)
{
    struct unit *unit = unit_new();
    struct smg_err err = { 0 };

    (void)state;
    unit_put_new(unit, SMG_SPACE_INDEX, SMG_STR("a"), SMG_STR("1"));
    assert_int_equal(store_apply_wait(store, unit, &err), SMG_OK);
    assert_int_equal(store_apply_wait(store, unit, &err), SMG_E_EXISTS);
    assert_int_equal(err.code, SMG_E_EXISTS);
    assert_int_equal(store_apply_wait(store, NULL, &err), SMG_E_MEMORY);
    unit_free(unit);
}

static void test_a_store_on_a_damaged_storage_does_not_open(void **state)
{
    struct fake *other = fake_new();
    struct smg_err err = { 0 };

    (void)state;
    other->unfit = 1;
    assert_null(store_new(&other->instance, NULL, &(struct store_options){ 0 }, &err));
    assert_string_equal(err.text, "damaged");
    other->away = -1;
    assert_null(store_new(&other->instance, NULL, &(struct store_options){ 0 }, &err));
    assert_int_equal(err.code, SMG_E_IO);
    fake_free(other);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_a_lone_write_is_answered_when_it_is_there),
        CASE(test_writes_that_wait_share_a_commit_and_keep_their_order),
        CASE(test_a_later_write_builds_on_an_earlier_one_of_its_batch),
        CASE(test_a_refused_unit_harms_no_other),
        CASE(test_a_full_storage_is_told_and_written_to_again),
        CASE(test_a_busy_storage_is_asked_again),
        CASE(test_a_commit_found_after_its_failure_is_acknowledged),
        CASE(test_a_commit_not_found_after_its_failure_is_made_again),
        CASE(test_a_commit_that_comes_through_late_is_not_refused),
        CASE(test_a_batch_in_doubt_without_new_rows_is_compared_row_by_row),
        CASE(test_a_storage_that_fails_its_check_is_not_written_to),
        CASE(test_a_storage_that_stays_away_is_told_and_comes_back_by_itself),
        CASE(test_nobody_waits_long_behind_a_storage_that_hangs),
        cmocka_unit_test_setup_teardown(test_too_many_waiting_writes_are_turned_away, set_up_narrow,
                                        tear_down),
        CASE(test_a_row_no_storage_can_keep_is_refused_before_it),
        CASE(test_what_waits_is_written_before_the_store_ends),
        CASE(test_a_verb_waits_for_its_write),
        CASE(test_a_store_on_a_damaged_storage_does_not_open),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
