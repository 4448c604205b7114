/* SPDX-License-Identifier: Apache-2.0 */
/* One store copied into another, cut off at every commit. */
#include "lab.h"

#include "store/copy.h"

enum { ROWS = 5000, SPACES = 3 };

static const enum smg_space spaces[SPACES] = { SMG_SPACE_META, SMG_SPACE_INDEX, SMG_SPACE_AUDIT };
static struct lab from, to;

static int set_up(void **state)
{
    (void)state;
    from = to = (struct lab){ .server = NULL };
    lab_new(&from, "sqlite");
    lab_start(&from);
    lab_new(&to, "sqlite");
    lab_start(&to);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    lab_stop(&from);
    lab_free(&from);
    lab_stop(&to);
    lab_free(&to);
    return 0;
}

static void put_rows(struct lab *lab, unsigned count)
{
    struct unit *unit = unit_new();
    struct smg_err err = { 0 };
    struct store *store =
        store_new(&lab->instance, NULL, &(struct store_options){ .readers = 1 }, &err);
    char key[16], value[16];

    assert_non_null(store);
    for (unsigned i = 0; i < count; i++) {
        snprintf(key, sizeof key, "%c%u", (char)(i * 37), i);
        snprintf(value, sizeof value, "v%u", i);
        unit_put(unit, spaces[i % SPACES], str_bytes(key, 1 + strlen(key + 1)),
                 str_bytes(value, i % 10 == 0 ? 0 : strlen(value)));
    }
    assert_int_equal(store_apply_wait(store, unit, &err), SMG_OK);
    unit_free(unit);
    store_free(store);
}

static bool write_down(void *ctx, enum smg_space space, struct smg_str key, struct smg_str value)
{
    struct buf *out = ctx;

    buf_byte(out, (unsigned char)space);
    buf_u32(out, (uint32_t)key.len);
    buf_str(out, key);
    buf_u32(out, (uint32_t)value.len);
    buf_str(out, value);
    return true;
}

static void expect_same(void)
{
    struct buf one = { 0 }, other = { 0 };
    struct smg_err err = { 0 };

    assert_int_equal(store_walk(&from.instance, write_down, &one, &err), SMG_OK);
    assert_int_equal(store_walk(&to.instance, write_down, &other, &err), SMG_OK);
    assert_true(one.len > ROWS && str_eq(buf_view(&one), buf_view(&other)));
    buf_fini(&one);
    buf_fini(&other);
}

static bool go_on(void *ctx, const struct store_copied *so_far)
{
    (void)ctx;
    (void)so_far;
    return true;
}

static bool end_at_once(void *ctx, const struct store_copied *so_far)
{
    uint64_t *before = ctx;

    assert_true(so_far->rows >= *before);
    *before = so_far->rows;
    return false;
}

static void test_a_copy_that_is_cut_off_at_every_commit_gets_there(void **state)
{
    struct store_copied copied = { 0 };
    struct smg_err err = { 0 };
    uint64_t rows = 0;
    int rounds = 0;

    (void)state;
    put_rows(&from, ROWS);
    while (rows < ROWS && rounds++ < ROWS)
        assert_int_equal(
            store_copy(&from.instance, &to.instance, end_at_once, &rows, &copied, &err),
            SMG_E_CANCELLED);
    assert_true(rounds > 5);
    assert_int_equal(store_copy(&from.instance, &to.instance, go_on, NULL, &copied, &err), SMG_OK);
    assert_int_equal(copied.rows, ROWS);
    expect_same();
    assert_int_equal(store_copy_end(&to.instance, &err), SMG_OK);
    expect_same();
}

static void test_a_store_half_filled_is_opened_by_nobody(void **state)
{
    struct store_copied copied = { 0 };
    struct smg_err err = { 0 };
    uint64_t rows = 0;
    struct store *store;

    (void)state;
    put_rows(&from, ROWS);
    store_copy(&from.instance, &to.instance, end_at_once, &rows, &copied, &err);
    assert_null(store_new(&to.instance, NULL, &(struct store_options){ .readers = 1 }, &err));
    assert_non_null(strstr(err.text, "shiming store copy"));
    /* Nor is it copied itself. */
    assert_int_equal(store_copy(&to.instance, &from.instance, go_on, NULL, &copied, &err),
                     SMG_E_INVALID);
    assert_int_equal(store_copy(&from.instance, &to.instance, go_on, NULL, &copied, &err), SMG_OK);
    assert_int_equal(store_copy_end(&to.instance, &err), SMG_OK);
    store = store_new(&to.instance, NULL, &(struct store_options){ .readers = 1 }, &err);
    assert_non_null(store);
    store_free(store);
}

static void test_a_store_with_rows_of_its_own_is_not_filled(void **state)
{
    struct store_copied copied = { 0 };
    struct smg_err err = { 0 };

    (void)state;
    put_rows(&from, 10);
    put_rows(&to, 1);
    assert_int_equal(store_copy(&from.instance, &to.instance, go_on, NULL, &copied, &err),
                     SMG_E_EXISTS);
    assert_non_null(strstr(err.text, "not empty"));
}

static void test_an_empty_store_is_copied_and_can_be_cut_off_too(void **state)
{
    struct store_copied copied = { 0 };
    struct smg_err err = { 0 };
    uint64_t rows = 0;

    (void)state;
    assert_int_equal(store_copy(&from.instance, &to.instance, end_at_once, &rows, &copied, &err),
                     SMG_E_CANCELLED);
    assert_int_equal(store_copy(&from.instance, &to.instance, go_on, NULL, &copied, &err), SMG_OK);
    assert_int_equal(copied.rows, 0);
    assert_int_equal(store_copy_end(&to.instance, &err), SMG_OK);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_a_copy_that_is_cut_off_at_every_commit_gets_there),
        CASE(test_a_store_half_filled_is_opened_by_nobody),
        CASE(test_a_store_with_rows_of_its_own_is_not_filled),
        CASE(test_an_empty_store_is_copied_and_can_be_cut_off_too),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
