/* SPDX-License-Identifier: Apache-2.0 */
/* The circuit breaker, with a clock of the test's own. */
#include "breaker.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static struct breaker fresh(void)
{
    return (struct breaker){ .limit = 3, .rest_ms = 1000 };
}

/* Three failures at 100 ms. */
static struct breaker opened(void)
{
    struct breaker breaker = fresh();

    for (int i = 0; i < 3; i++) {
        assert_true(breaker_admits(&breaker, 100));
        assert_int_equal(breaker_failed(&breaker, 100), i == 2);
    }
    return breaker;
}

static void test_it_opens_after_failures_in_a_row(void **state)
{
    struct breaker breaker = opened();

    (void)state;
    assert_false(breaker_admits(&breaker, 100));
    assert_false(breaker_admits(&breaker, 1099));
}

static void test_a_success_between_failures_counts_from_the_beginning(void **state)
{
    struct breaker breaker = fresh();

    (void)state;
    for (int i = 0; i < 10; i++) {
        assert_false(breaker_failed(&breaker, i));
        assert_false(breaker_failed(&breaker, i));
        assert_false(breaker_succeeded(&breaker));
    }
    assert_true(breaker_admits(&breaker, 10));
}

static void test_after_its_rest_one_request_tries(void **state)
{
    struct breaker breaker = opened();

    (void)state;
    assert_true(breaker_admits(&breaker, 1100));
    assert_false(breaker_admits(&breaker, 1100));
    assert_false(breaker_admits(&breaker, 99999));
    assert_true(breaker_succeeded(&breaker));
    assert_true(breaker_admits(&breaker, 1101));
    assert_true(breaker_admits(&breaker, 1101));
}

static void test_a_trial_that_fails_lets_it_rest_again(void **state)
{
    struct breaker breaker = opened();

    (void)state;
    assert_true(breaker_admits(&breaker, 1100));
    assert_false(breaker_failed(&breaker, 1200)); /* it was open before */
    assert_false(breaker_admits(&breaker, 2199));
    assert_true(breaker_admits(&breaker, 2200));
}

static void test_a_trial_that_was_withdrawn_is_made_by_the_next(void **state)
{
    struct breaker breaker = opened();

    (void)state;
    assert_true(breaker_admits(&breaker, 1100));
    breaker_withdrew(&breaker);
    assert_true(breaker_admits(&breaker, 1101));
    assert_false(breaker_admits(&breaker, 1101));
}

static void test_late_ends_of_earlier_requests(void **state)
{
    struct breaker breaker = opened();

    (void)state;
    assert_false(breaker_failed(&breaker, 900)); /* does not make the rest longer */
    assert_true(breaker_admits(&breaker, 1100));
    breaker = opened();
    assert_true(breaker_succeeded(&breaker)); /* but who answers is there */
    assert_true(breaker_admits(&breaker, 101));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_it_opens_after_failures_in_a_row),
        cmocka_unit_test(test_a_success_between_failures_counts_from_the_beginning),
        cmocka_unit_test(test_after_its_rest_one_request_tries),
        cmocka_unit_test(test_a_trial_that_fails_lets_it_rest_again),
        cmocka_unit_test(test_a_trial_that_was_withdrawn_is_made_by_the_next),
        cmocka_unit_test(test_late_ends_of_earlier_requests),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
