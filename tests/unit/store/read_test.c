/* SPDX-License-Identifier: Apache-2.0 */
/* Reads through the store: on a loop and waited for, over sessions that break. */
#include "fake_storage.h"

static struct fake *fake;
static struct store *store;
static struct loop *loop;

static int set_up(void **state)
{
    struct smg_err err = { 0 };

    (void)state;
    fake = fake_new();
    fake_put(fake, SMG_SPACE_INDEX, SMG_STR("a"), SMG_STR("1"));
    fake_put(fake, SMG_SPACE_INDEX, SMG_STR("b"), SMG_STR(""));
    fake_put(fake, SMG_SPACE_INDEX, SMG_STR("c"), SMG_STR("3"));
    loop = loop_new("test", &err);
    store = store_new(&fake->instance, NULL, &(struct store_options){ .readers = 1 }, &err);
    assert_non_null(loop);
    assert_non_null(store);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    store_free(store);
    loop_free(loop);
    fake_free(fake);
    return 0;
}

static void on_done(void *ctx, const struct smg_err *err)
{
    int *code = ctx;

    *code = err->code;
    loop_stop(loop);
}

static int read_on_loop(struct store_read *read)
{
    struct smg_err err = { 0 };
    int code = 1;

    read->loop = loop;
    read->done = on_done;
    read->ctx = &code;
    store_read(store, read);
    assert_int_equal(loop_run(loop, &err), SMG_OK);
    return code;
}

static void test_a_get_finds_the_keys_there_are(void **state)
{
    struct smg_str keys[] = { SMG_STR("c"), SMG_STR("x"), SMG_STR("b") };
    struct store_read read = { .space = SMG_SPACE_INDEX, .keys = keys, .key_count = 3 };

    (void)state;
    assert_int_equal(read_on_loop(&read), SMG_OK);
    assert_int_equal(read.count, 2);
    assert_true(str_is(read.rows[0].key, "c"));
    assert_true(str_is(store_read_value(&read, SMG_STR("c")), "3"));
    assert_non_null(store_read_value(&read, SMG_STR("b")).at); /* there, and empty */
    assert_null(store_read_value(&read, SMG_STR("x")).at);
    store_read_fini(&read);
    store_read_fini(&read);
}

enum { TOGETHER = 100 };

struct together {
    struct store_read reads[TOGETHER];
    struct smg_str keys[TOGETHER][3];
    int codes[TOGETHER], done;
};

struct one_of {
    struct together *all;
    int number;
};

static void on_one_done(void *ctx, const struct smg_err *err)
{
    struct one_of *one = ctx;

    one->all->codes[one->number] = err->code;
    if (++one->all->done == TOGETHER)
        loop_stop(loop);
}

/* Reads that pile up while the storage is busy; each asks for other keys, in another order. */
static void read_together(struct together *all, struct one_of ones[TOGETHER])
{
    struct smg_err err = { 0 };

    pthread_mutex_lock(&fake->lock);
    for (int i = 0; i < TOGETHER; i++) {
        static const char letters[] = "abcx";

        for (int k = 0; k < 3; k++)
            all->keys[i][k] = str_bytes(&letters[(i + k) % 4], 1);
        ones[i] = (struct one_of){ all, i };
        all->reads[i] = (struct store_read){ .space = SMG_SPACE_INDEX,
                                             .keys = all->keys[i],
                                             .key_count = 3,
                                             .loop = loop,
                                             .done = on_one_done,
                                             .ctx = &ones[i] };
        store_read(store, &all->reads[i]);
    }
    pthread_mutex_unlock(&fake->lock);
    assert_int_equal(loop_run(loop, &err), SMG_OK);
}

static void expect_each_its_own(void)
{
    struct together all = { .done = 0 };
    struct one_of ones[TOGETHER];

    read_together(&all, ones);
    for (int i = 0; i < TOGETHER; i++) {
        size_t expected = 0;

        assert_int_equal(all.codes[i], SMG_OK);
        for (int k = 0; k < 3; k++) {
            struct smg_str key = all.keys[i][k], value = store_read_value(&all.reads[i], key);

            if (str_is(key, "x")) {
                assert_null(value.at);
                continue;
            }
            assert_true(str_eq(all.reads[i].rows[expected++].key, key));
            assert_true(str_is(value, str_is(key, "a") ? "1" : str_is(key, "c") ? "3" : ""));
        }
        assert_int_equal(all.reads[i].count, expected);
        store_read_fini(&all.reads[i]);
    }
}

static void test_gets_that_wait_together_get_each_its_own(void **state)
{
    (void)state;
    expect_each_its_own();
}

static void test_gets_that_wait_together_outlive_their_session(void **state)
{
    (void)state;
    fake->breaks = 1;
    expect_each_its_own();
}

static void test_a_scan_keeps_every_row(void **state)
{
    struct store_read read = { .scan = { .space = SMG_SPACE_OUTBOX } };
    char key[16], value[64];

    (void)state;
    for (int i = 0; i < 500; i++) {
        snprintf(key, sizeof key, "k%03d", i);
        snprintf(value, sizeof value, "%0*d", i % 60 + 1, i);
        fake_put(fake, SMG_SPACE_OUTBOX, str_of(key), str_of(value));
    }
    assert_int_equal(read_on_loop(&read), SMG_OK);
    assert_int_equal(read.count, 500);
    for (int i = 0; i < 500; i++) {
        snprintf(key, sizeof key, "k%03d", i);
        snprintf(value, sizeof value, "%0*d", i % 60 + 1, i);
        assert_true(str_is(read.rows[i].key, key));
        assert_true(str_is(read.rows[i].value, value));
    }
    store_read_fini(&read);
}

static void test_a_read_that_finds_nothing_is_no_error(void **state)
{
    struct store_read read = { .scan = { .space = SMG_SPACE_CASE } };

    (void)state;
    assert_int_equal(read_on_loop(&read), SMG_OK);
    assert_int_equal(read.count, 0);
    store_read_fini(&read);
}

static void test_a_broken_session_is_replaced_within_the_read(void **state)
{
    struct store_read read = { .scan = { .space = SMG_SPACE_INDEX } };
    unsigned before = fake->opens;

    (void)state;
    fake->breaks = 1;
    assert_int_equal(read_on_loop(&read), SMG_OK);
    assert_int_equal(read.count, 3);
    assert_int_equal(fake->opens, before + 1);
    store_read_fini(&read);
}

static void test_a_storage_that_is_gone_fails_the_read_and_the_next_one_tries_again(void **state)
{
    struct store_read read = { .scan = { .space = SMG_SPACE_INDEX } };

    (void)state;
    fake->breaks = 2;
    assert_int_equal(read_on_loop(&read), SMG_E_GONE);
    assert_int_equal(read.count, 0);
    fake->away = 1;
    assert_int_equal(read_on_loop(&read), SMG_OK); /* the second opening works */
    assert_int_equal(read.count, 3);
    fake->breaks = 1;
    fake->away = -1;
    assert_int_equal(read_on_loop(&read), SMG_E_IO);
    fake->away = 0;
    assert_int_equal(read_on_loop(&read), SMG_OK);
    store_read_fini(&read);
}

static void test_reads_are_served_while_writes_are_not(void **state)
{
    struct store_read read = { .scan = { .space = SMG_SPACE_INDEX } };
    struct unit *unit = unit_new();
    struct store_write write = { .unit = unit, .loop = loop, .done = on_done };
    int code = 1;

    (void)state;
    write.ctx = &code;
    fake_hold(fake, true);
    unit_put(unit, SMG_SPACE_INDEX, SMG_STR("d"), SMG_STR("4"));
    store_apply(store, &write);
    pthread_mutex_lock(&fake->lock);
    while (!fake->entered)
        pthread_cond_wait(&fake->changed, &fake->lock);
    pthread_mutex_unlock(&fake->lock);
    assert_int_equal(read_on_loop(&read), SMG_OK);
    assert_int_equal(read.count, 3);
    assert_int_equal(code, 1);
    fake_hold(fake, false);
    assert_int_equal(loop_run(loop, &write.err), SMG_OK);
    assert_int_equal(code, SMG_OK);
    store_read_fini(&read);
    unit_free(unit);
}

static void test_a_verb_waits_for_its_read(void **state)
{
    struct smg_str key = SMG_STR("a");
    struct store_read read = { .space = SMG_SPACE_INDEX, .keys = &key, .key_count = 1 };
    struct smg_err err = { 0 };

    (void)state;
    assert_int_equal(store_read_wait(store, &read, &err), SMG_OK);
    assert_true(str_is(store_read_value(&read, key), "1"));
    fake->breaks = 2;
    assert_int_equal(store_read_wait(store, &read, &err), SMG_E_GONE);
    assert_int_equal(err.code, SMG_E_GONE);
    assert_int_equal(store_read_wait(store, &read, &err), SMG_OK);
    assert_int_equal(err.code, SMG_OK);
    store_read_fini(&read);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_a_get_finds_the_keys_there_are),
        CASE(test_gets_that_wait_together_get_each_its_own),
        CASE(test_gets_that_wait_together_outlive_their_session),
        CASE(test_a_scan_keeps_every_row),
        CASE(test_a_read_that_finds_nothing_is_no_error),
        CASE(test_a_broken_session_is_replaced_within_the_read),
        CASE(test_a_storage_that_is_gone_fails_the_read_and_the_next_one_tries_again),
        CASE(test_reads_are_served_while_writes_are_not),
        CASE(test_a_verb_waits_for_its_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
