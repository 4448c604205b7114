/* SPDX-License-Identifier: Apache-2.0 */
/* Choices: the same from the same seed, repeated as given, and made as small as still fails. */
#include "simulate/choices.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static void test_the_same_seed_makes_the_same_choices(void **state)
{
    static struct choices a, b;
    size_t i, different = 0;

    (void)state;
    choices_begin(&a, 7);
    choices_begin(&b, 7);
    for (i = 0; i < 100; i++)
        assert_int_equal(choices_make(&a, 1000), choices_make(&b, 1000));
    choices_begin(&b, 8);
    for (i = 0; i < 100; i++)
        different += choices_make(&b, 1000) != a.made[i];
    assert_true(different > 90);
}

static void test_every_number_below_the_limit_comes_and_none_above(void **state)
{
    static struct choices choices;
    unsigned seen[6] = { 0 };
    size_t i;

    (void)state;
    choices_begin(&choices, 1);
    for (i = 0; i < 1000; i++) {
        uint32_t choice = choices_make(&choices, 6);

        assert_true(choice < 6);
        seen[choice]++;
    }
    for (i = 0; i < 6; i++)
        assert_true(seen[i] > 100);
}

static void test_given_choices_are_made_again_cut_to_their_limits_then_zeros(void **state)
{
    static const uint32_t given[] = { 3, 9 };
    static struct choices choices;

    (void)state;
    choices_repeat(&choices, given, 2);
    assert_int_equal(choices_make(&choices, 10), 3);
    assert_int_equal(choices_make(&choices, 5), 4);
    assert_int_equal(choices_make(&choices, 10), 0);
    assert_int_equal(choices.count, 3);
}

static void test_seeds_of_many_runs_differ(void **state)
{
    (void)state;
    assert_true(choices_seed(1, 0) != choices_seed(1, 1));
    assert_true(choices_seed(1, 0) != choices_seed(2, 0));
}

/* Fails when the numbers of a list add up to 50 or more. */
static bool sum_is_big(void *ctx, struct choices *choices)
{
    uint32_t count = choices_make(choices, 20), sum = 0, i;
    unsigned *runs = ctx;

    (*runs)++;
    for (i = 0; i < count; i++)
        sum += choices_make(choices, 100);
    return sum >= 50;
}

static void test_a_failure_is_made_as_small_as_it_can_be(void **state)
{
    static struct choices choices;
    unsigned runs = 0;
    uint64_t seed = 0;

    (void)state;
    do
        choices_begin(&choices, ++seed);
    while (!sum_is_big(&runs, &choices) || choices.count < 5);
    choices_shrink(&choices, sum_is_big, &runs, 2000);
    assert_int_equal(choices.count, 2);
    assert_int_equal(choices.made[0], 1);
    assert_int_equal(choices.made[1], 50);
}

static void test_shrinking_stops_when_it_has_run_often_enough(void **state)
{
    static struct choices choices;
    unsigned runs = 0;
    uint64_t seed = 0;

    (void)state;
    do
        choices_begin(&choices, ++seed);
    while (!sum_is_big(&runs, &choices) || choices.count < 5);
    runs = 0;
    assert_int_equal(choices_shrink(&choices, sum_is_big, &runs, 7), 7);
    assert_int_equal(runs, 7);
    assert_true(choices.count > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_same_seed_makes_the_same_choices),
        cmocka_unit_test(test_every_number_below_the_limit_comes_and_none_above),
        cmocka_unit_test(test_given_choices_are_made_again_cut_to_their_limits_then_zeros),
        cmocka_unit_test(test_seeds_of_many_runs_differ),
        cmocka_unit_test(test_a_failure_is_made_as_small_as_it_can_be),
        cmocka_unit_test(test_shrinking_stops_when_it_has_run_often_enough),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
