/* SPDX-License-Identifier: Apache-2.0 */
/* What is large is done aside, with that thread's own sealer; what is small, at once. */
#include "registration/aside.h"

#include "fresh_keys.h"

#include <pthread.h>

struct seen {
    struct loop *loop;
    struct sealer *sealer;
    pthread_t ran, done;
    unsigned dones;
};

static struct fresh_keys keys;

static void run(void *ctx, struct sealer *sealer)
{
    struct seen *seen = ctx;
    struct buf sealed = { 0 };
    struct smg_err err;

    seen->ran = pthread_self();
    seen->sealer = sealer;
    assert_int_equal(seal(sealer, KEY_STORE, SMG_STR("x"), SMG_STR("y"), &sealed, &err), SMG_OK);
    buf_fini(&sealed);
}

static void done(void *ctx)
{
    struct seen *seen = ctx;

    seen->done = pthread_self();
    seen->dones++;
    loop_stop(seen->loop);
}

/* So many bytes, at a desk with threads for large pictures or without. */
static struct seen do_bytes(size_t bytes, bool threads)
{
    struct smg_err err = { 0 };
    struct seen seen = { .loop = loop_new("desk", &err) };
    struct desk desk = { .loop = seen.loop, .sealer = keys.sealer };
    struct aside aside = { .run = run, .done = done, .ctx = &seen };

    if (threads) {
        desk.aside = aside_new(keys.keyring, 2, &err);
        assert_non_null(desk.aside);
    }
    aside_do(&desk, &aside, bytes);
    assert_int_equal(loop_run(seen.loop, &err), SMG_OK);
    work_free(desk.aside);
    loop_free(seen.loop);
    return seen;
}

static bool is_here(pthread_t thread)
{
    return pthread_equal(thread, pthread_self()) != 0;
}

static void test_what_is_large_runs_on_another_thread_and_ends_on_the_loop(void **state)
{
    struct seen seen = do_bytes(ASIDE_FROM_BYTES, true);

    (void)state;
    assert_false(is_here(seen.ran));
    assert_true(is_here(seen.done));
    assert_ptr_not_equal(seen.sealer, keys.sealer);
    assert_int_equal(seen.dones, 1);
}

static void test_what_is_small_is_done_at_once(void **state)
{
    struct seen seen = do_bytes(ASIDE_FROM_BYTES - 1, true);

    (void)state;
    assert_true(is_here(seen.ran));
    assert_ptr_equal(seen.sealer, keys.sealer);
    assert_int_equal(seen.dones, 1);
}

static void test_a_desk_without_threads_does_everything_itself(void **state)
{
    struct seen seen = do_bytes(100 * ASIDE_FROM_BYTES, false);

    (void)state;
    assert_true(is_here(seen.ran));
    assert_int_equal(seen.dones, 1);
}

static int make_keys(void **state)
{
    (void)state;
    fresh_keys_make(&keys);
    return 0;
}

static int remove_keys(void **state)
{
    (void)state;
    fresh_keys_remove(&keys);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_large_runs_on_another_thread_and_ends_on_the_loop),
        cmocka_unit_test(test_what_is_small_is_done_at_once),
        cmocka_unit_test(test_a_desk_without_threads_does_everything_itself),
    };

    return cmocka_run_group_tests(tests, make_keys, remove_keys);
}
