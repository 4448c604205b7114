/* SPDX-License-Identifier: Apache-2.0 */
/* The storage in memory: order, conditions, all or nothing, and faults that end when they should.
 */
#include "simulate/memory.h"

#include "base/buf.h"
#include "loop/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#define NOON INT64_C(1772424000000)

static struct memory *memory;
static void *self, *session;

static int begin(void **state)
{
    struct smg_err err = { 0 };

    (void)state;
    clock_set_ms(NOON);
    memory = memory_new();
    assert_int_equal(memory_plugin.open(NULL, NULL, &self, &err), SMG_OK);
    memory_lend(memory, self);
    return memory_plugin.storage->session_open(self, &session, &err);
}

static int end(void **state)
{
    (void)state;
    memory_plugin.storage->session_close(session);
    memory_plugin.close(self);
    memory_free(memory);
    clock_set_ms(-1);
    return 0;
}

static struct smg_row row(enum smg_act act, enum smg_when when, const char *key, const char *value,
                          const char *was)
{
    return (struct smg_row){ .space = SMG_SPACE_CASE,
                             .act = act,
                             .when = when,
                             .key = str_of(key),
                             .value = str_of(value),
                             .was = str_of(was) };
}

static int apply(const struct smg_unit *units, size_t count, bool *refused)
{
    struct smg_err err = { 0 };

    return memory_plugin.storage->apply(session, units, count, refused, &err);
}

static int put(const char *key, const char *value)
{
    struct smg_row one = row(SMG_PUT, SMG_ALWAYS, key, value, NULL);
    struct smg_unit unit = { &one, 1 };
    bool refused;

    return apply(&unit, 1, &refused);
}

static bool note(void *ctx, struct smg_str key, struct smg_str value)
{
    buf_str(ctx, key);
    buf_byte(ctx, '=');
    buf_str(ctx, value);
    buf_byte(ctx, ' ');
    return true;
}

static void expect_rows(bool backward, const char *wanted)
{
    struct smg_scan scan = { .space = SMG_SPACE_CASE, .backward = backward };
    struct buf found = { 0 };
    struct smg_err err = { 0 };

    buf_text(&found, "");
    assert_int_equal(memory_plugin.storage->scan(session, &scan, note, &found, &err), SMG_OK);
    assert_string_equal(found.at == NULL ? "" : found.at, wanted);
    buf_fini(&found);
}

static void test_rows_are_ordered_as_unsigned_bytes(void **state)
{
    (void)state;
    put("\x80", "3");
    put("ab", "2");
    put("a", "1");
    expect_rows(false, "a=1 ab=2 \x80=3 ");
    expect_rows(true, "\x80=3 ab=2 a=1 ");
}

static void test_one_refused_unit_undoes_the_whole_batch(void **state)
{
    struct smg_row rows[4] = { row(SMG_PUT, SMG_ALWAYS, "a", "new", NULL),
                               row(SMG_ERASE, SMG_ALWAYS, "b", NULL, NULL),
                               row(SMG_PUT, SMG_NEW, "c", "new", NULL),
                               row(SMG_PUT, SMG_IS, "a", "other", "old") };
    struct smg_unit units[2] = { { rows, 3 }, { &rows[3], 1 } };
    bool refused[2];

    (void)state;
    put("a", "old");
    put("b", "old");
    assert_int_equal(apply(units, 2, refused), SMG_E_EXISTS);
    assert_false(refused[0]);
    assert_true(refused[1]); /* it sees the unit before it */
    expect_rows(false, "a=old b=old ");
    assert_int_equal(apply(units, 1, refused), SMG_OK);
    expect_rows(false, "a=new c=new ");
}

static void test_a_full_storage_writes_nothing_and_reads_on(void **state)
{
    (void)state;
    put("a", "1");
    memory_break(memory, MEMORY_FULL, INT64_MAX, 0, 0);
    assert_int_equal(put("b", "2"), SMG_E_FULL);
    expect_rows(false, "a=1 ");
}

static void test_a_cut_before_writes_nothing_and_a_cut_after_writes_all(void **state)
{
    (void)state;
    memory_break(memory, MEMORY_CUT, INT64_MAX, 1, 0);
    assert_int_equal(put("a", "1"), SMG_E_IO);
    expect_rows(false, "");
    memory_break(memory, MEMORY_CUT_AFTER, INT64_MAX, 1, 0);
    assert_int_equal(put("a", "1"), SMG_E_UNKNOWN);
    expect_rows(false, "a=1 ");
    assert_int_equal(put("a", "2"), SMG_OK); /* once was enough */
}

static void test_a_fault_ends_at_its_moment(void **state)
{
    struct smg_err err = { 0 };
    void *other;

    (void)state;
    memory_break(memory, MEMORY_DOWN, NOON + 1000, 0, 0);
    assert_int_equal(put("a", "1"), SMG_E_IO);
    assert_int_equal(memory_plugin.storage->session_open(self, &other, &err), SMG_E_IO);
    assert_int_equal(memory_plugin.storage->check(session, &err), SMG_E_IO);
    clock_set_ms(NOON + 1000);
    assert_int_equal(put("a", "1"), SMG_OK);
}

static void test_whoever_is_cut_off_is_while_others_are_served(void **state)
{
    struct smg_err err = { 0 };
    void *again, *other;

    (void)state;
    put("a", "1");
    memory_cut_off(self, true);
    assert_int_equal(put("b", "2"), SMG_E_IO);
    assert_int_equal(memory_plugin.open(NULL, NULL, &again, &err), SMG_OK);
    memory_lend(memory, again);
    assert_int_equal(memory_plugin.storage->session_open(again, &other, &err), SMG_OK);
    memory_plugin.close(again);
    memory_cut_off(self, false);
    expect_rows(false, "a=1 ");
}

static void test_a_lost_row_is_gone_once(void **state)
{
    (void)state;
    put("a", "1");
    assert_true(memory_lose(memory, SMG_SPACE_CASE, SMG_STR("a")));
    assert_false(memory_lose(memory, SMG_SPACE_CASE, SMG_STR("a")));
    expect_rows(false, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_rows_are_ordered_as_unsigned_bytes, begin, end),
        cmocka_unit_test_setup_teardown(test_one_refused_unit_undoes_the_whole_batch, begin, end),
        cmocka_unit_test_setup_teardown(test_a_full_storage_writes_nothing_and_reads_on, begin,
                                        end),
        cmocka_unit_test_setup_teardown(test_a_cut_before_writes_nothing_and_a_cut_after_writes_all,
                                        begin, end),
        cmocka_unit_test_setup_teardown(test_a_fault_ends_at_its_moment, begin, end),
        cmocka_unit_test_setup_teardown(test_whoever_is_cut_off_is_while_others_are_served, begin,
                                        end),
        cmocka_unit_test_setup_teardown(test_a_lost_row_is_gone_once, begin, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
