/* SPDX-License-Identifier: Apache-2.0 */
/* Rows staged with a batch: made in commit order, made again when the batch is, and never the
 * caller's fault. The stage here numbers units, as the audit log does. */
#include "fake_storage.h"

struct numbers {
    struct fake *fake;
    bool known; /* next is the storage's */
    unsigned next, staged;
    unsigned stages, settles, unstages;
    int fails; /* so often */
    enum smg_code code;
};

static struct fake *fake;
static struct store *store;
static struct numbers numbers;

static unsigned read_head(struct fake *from)
{
    size_t place;
    unsigned head = 0;

    pthread_mutex_lock(&from->lock);
    if (fake_find(from, SMG_SPACE_AUDIT, SMG_STR("head"), &place))
        head = (unsigned)strtoul(from->rows[place].value.at, NULL, 10);
    pthread_mutex_unlock(&from->lock);
    return head;
}

static struct smg_str number_key(char *out, size_t room, unsigned number)
{
    snprintf(out, room, "n%04u", number);
    return str_of(out);
}

/* One numbered row for each note of each unit, and the head in a unit of its own. */
static int stage(void *ctx, struct unit *const *units, size_t count, struct unit *last,
                 struct smg_err *err)
{
    struct numbers *self = ctx;
    char text[16];

    self->stages++;
    if (self->fails > 0) {
        self->fails--;
        return smg_fail(err, self->code, "cannot stage");
    }
    if (!self->known)
        self->next = read_head(self->fake);
    self->known = true;
    self->staged = 0;
    for (size_t i = 0; i < count; i++) {
        for (size_t n = 0; n < unit_notes(units[i]); n++)
            unit_put_new(units[i], SMG_SPACE_AUDIT,
                         number_key(text, sizeof text, self->next + self->staged++),
                         unit_note_at(units[i], n));
    }
    snprintf(text, sizeof text, "%u", self->next + self->staged);
    unit_put(last, SMG_SPACE_AUDIT, SMG_STR("head"), str_of(text));
    return SMG_OK;
}

static void settle_numbers(void *ctx)
{
    struct numbers *self = ctx;

    self->settles++;
    self->next += self->staged;
}

static void unstage(void *ctx)
{
    struct numbers *self = ctx;

    self->unstages++;
    self->known = false;
}

static int set_up(void **state)
{
    struct store_stage hooks = { stage, settle_numbers, unstage, &numbers };
    struct smg_err err = { 0 };

    (void)state;
    fake = fake_new();
    numbers = (struct numbers){ .fake = fake };
    store = store_new(&fake->instance, &hooks, &(struct store_options){ 0 }, &err);
    assert_non_null(store);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    store_free(store);
    fake_free(fake);
    return 0;
}

static struct unit *noted(const char *key)
{
    struct unit *unit = unit_new();

    unit_put_new(unit, SMG_SPACE_INDEX, str_of(key), SMG_STR("v"));
    unit_note(unit, str_of(key));
    return unit;
}

static int apply(const char *key)
{
    struct unit *unit = noted(key);
    struct smg_err err = { 0 };
    int code = store_apply_wait(store, unit, &err);

    unit_free(unit);
    return code;
}

/* Another process numbers a row while our next apply is on its way. */
static void let_stranger_take(const char *number)
{
    pthread_mutex_lock(&fake->lock);
    fake->stranger = (struct fake_row){ SMG_SPACE_AUDIT, fake_copy(str_of(number)),
                                        fake_copy(SMG_STR("stranger")) };
    fake_put(fake, SMG_SPACE_AUDIT, SMG_STR("head"), SMG_STR("1"));
    pthread_mutex_unlock(&fake->lock);
}

static void test_notes_become_rows_in_commit_order(void **state)
{
    (void)state;
    assert_int_equal(apply("a"), SMG_OK);
    assert_int_equal(apply("b"), SMG_OK);
    assert_true(fake_has(fake, SMG_SPACE_AUDIT, "n0000", "a"));
    assert_true(fake_has(fake, SMG_SPACE_AUDIT, "n0001", "b"));
    assert_true(fake_has(fake, SMG_SPACE_AUDIT, "head", "2"));
    assert_int_equal(numbers.settles, 2);
    assert_int_equal(numbers.unstages, 0);
}

static void test_a_refused_unit_leaves_no_number_out(void **state)
{
    (void)state;
    assert_int_equal(apply("a"), SMG_OK);
    assert_int_equal(apply("a"), SMG_E_EXISTS);
    assert_int_equal(apply("b"), SMG_OK);
    assert_true(fake_has(fake, SMG_SPACE_AUDIT, "n0001", "b"));
    assert_true(fake_has(fake, SMG_SPACE_AUDIT, "head", "2"));
    assert_int_equal(numbers.unstages, 1);
}

static void test_a_number_taken_by_another_process_refuses_nobody(void **state)
{
    (void)state;
    numbers.known = true; /* the stage believes that it is at number 0 */
    let_stranger_take("n0000");
    assert_int_equal(apply("a"), SMG_OK);
    assert_true(fake_has(fake, SMG_SPACE_AUDIT, "n0000", "stranger"));
    assert_true(fake_has(fake, SMG_SPACE_AUDIT, "n0001", "a"));
    assert_true(fake_has(fake, SMG_SPACE_AUDIT, "head", "2"));
    assert_int_equal(numbers.stages, 2);
}

static void test_a_conflict_of_the_callers_own_is_told_from_the_stages(void **state)
{
    (void)state;
    assert_int_equal(apply("a"), SMG_OK);
    numbers.next = 0; /* a stage that has fallen behind: every staged row is taken */
    assert_int_equal(apply("a"), SMG_E_EXISTS);
    numbers.next = 0;
    assert_int_equal(apply("b"), SMG_OK);
    assert_true(fake_has(fake, SMG_SPACE_AUDIT, "n0001", "b"));
    assert_true(fake_has(fake, SMG_SPACE_AUDIT, "head", "2"));
}

static void test_a_stream_that_is_always_taken_is_given_up_for_now(void **state)
{
    (void)state;
    pthread_mutex_lock(&fake->lock);
    fake_put(fake, SMG_SPACE_AUDIT, SMG_STR("n0000"), SMG_STR("no head tells of it"));
    pthread_mutex_unlock(&fake->lock);
    assert_int_equal(apply("a"), SMG_E_BUSY);
    assert_false(fake_has(fake, SMG_SPACE_INDEX, "a", "v"));
}

static void test_a_batch_found_committed_is_settled(void **state)
{
    (void)state;
    fake_plan(fake, FAULT_COMMITTED);
    assert_int_equal(apply("a"), SMG_OK);
    assert_int_equal(numbers.settles, 1);
    assert_int_equal(numbers.unstages, 0);
    assert_int_equal(apply("b"), SMG_OK);
    assert_true(fake_has(fake, SMG_SPACE_AUDIT, "n0001", "b"));
}

static void test_a_staged_row_bears_witness_where_the_caller_put_nothing_new(void **state)
{
    struct unit *unit = unit_new();
    struct smg_err err = { 0 };

    (void)state;
    /* Nothing tells from its own rows whether this was done: the row is gone before and after. */
    unit_erase(unit, SMG_SPACE_OUTBOX, SMG_STR("a"));
    unit_note(unit, SMG_STR("erased a"));
    fake_plan(fake, FAULT_LOST);
    fake_plan(fake, FAULT_COMMITTED);
    assert_int_equal(store_apply_wait(store, unit, &err), SMG_OK);
    assert_int_equal(fake->applies, 2);
    assert_int_equal(numbers.settles, 1);
    assert_true(fake_has(fake, SMG_SPACE_AUDIT, "n0000", "erased a"));
    assert_true(fake_has(fake, SMG_SPACE_AUDIT, "head", "1"));
    unit_free(unit);
}

static void test_a_batch_not_found_is_staged_again(void **state)
{
    (void)state;
    fake_plan(fake, FAULT_LOST);
    assert_int_equal(apply("a"), SMG_OK);
    assert_int_equal(numbers.stages, 2);
    assert_int_equal(numbers.settles, 1);
    assert_int_equal(numbers.unstages, 1);
    assert_true(fake_has(fake, SMG_SPACE_AUDIT, "head", "1"));
}

static void test_a_full_storage_unstages(void **state)
{
    (void)state;
    fake_plan(fake, FAULT_FULL);
    assert_int_equal(apply("a"), SMG_E_FULL);
    assert_int_equal(numbers.unstages, 1);
    assert_int_equal(apply("b"), SMG_OK);
    assert_true(fake_has(fake, SMG_SPACE_AUDIT, "n0000", "b"));
}

static void test_a_stage_that_fails_writes_nothing(void **state)
{
    (void)state;
    numbers.fails = 1;
    numbers.code = SMG_E_MEMORY;
    assert_int_equal(apply("a"), SMG_E_MEMORY);
    assert_int_equal(fake->applies, 0);
    assert_int_equal(numbers.unstages, 1);
    numbers.fails = 1;
    numbers.code = SMG_E_IO;
    assert_int_equal(apply("a"), SMG_OK);
    assert_int_equal(fake->checks, 2); /* the storage was not trusted without a look */
}

static void test_units_come_back_without_the_rows_staged_in_them(void **state)
{
    struct unit *unit = noted("a");
    struct smg_err err = { 0 };

    (void)state;
    fake_plan(fake, FAULT_FULL);
    fake_plan(fake, FAULT_LOST);
    assert_int_equal(store_apply_wait(store, unit, &err), SMG_E_FULL);
    assert_int_equal(store_apply_wait(store, unit, &err), SMG_OK);
    assert_int_equal(store_apply_wait(store, unit, &err), SMG_E_EXISTS);
    assert_int_equal(fake->count, 3); /* the unit's row, its number, the head */
    unit_free(unit);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_notes_become_rows_in_commit_order),
        CASE(test_a_refused_unit_leaves_no_number_out),
        CASE(test_a_number_taken_by_another_process_refuses_nobody),
        CASE(test_a_conflict_of_the_callers_own_is_told_from_the_stages),
        CASE(test_a_stream_that_is_always_taken_is_given_up_for_now),
        CASE(test_a_batch_found_committed_is_settled),
        CASE(test_a_staged_row_bears_witness_where_the_caller_put_nothing_new),
        CASE(test_a_batch_not_found_is_staged_again),
        CASE(test_a_full_storage_unstages),
        CASE(test_a_stage_that_fails_writes_nothing),
        CASE(test_units_come_back_without_the_rows_staged_in_them),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
