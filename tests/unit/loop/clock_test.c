/* SPDX-License-Identifier: Apache-2.0 */
/* The clocks: a wall clock that can stand still, and one that only goes forward. */
#include "loop/clock.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <time.h>
#include <cmocka.h>

static void test_a_set_clock_stands_still(void **state)
{
    (void)state;
    clock_set_ms(1514764800000);
    assert_true(clock_now_ms() == 1514764800000);
    assert_true(clock_now_ms() == 1514764800000);
    clock_set_ms(0);
    assert_true(clock_now_ms() == 0);
    clock_set_ms(-1);
}

static void test_a_negative_moment_gives_the_system_clock_back(void **state)
{
    int64_t before = (int64_t)time(NULL) * 1000;

    (void)state;
    clock_set_ms(5);
    clock_set_ms(-1);
    assert_true(clock_now_ms() >= before - 1000);
    assert_true(clock_now_ms() <= ((int64_t)time(NULL) + 1) * 1000);
}

static void test_the_monotonic_clock_is_not_set_and_does_not_go_back(void **state)
{
    int64_t before = clock_mono_us();

    (void)state;
    clock_set_ms(5);
    assert_true(clock_mono_us() >= before);
    clock_set_ms(-1);
    assert_true(clock_mono_us() >= before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_set_clock_stands_still),
        cmocka_unit_test(test_a_negative_moment_gives_the_system_clock_back),
        cmocka_unit_test(test_the_monotonic_clock_is_not_set_and_does_not_go_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
