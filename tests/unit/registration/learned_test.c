/* SPDX-License-Identifier: Apache-2.0 */
/* What a case keeps of its answers when it is decided once more. */
#include "registration/learned.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>

static void test_what_our_rows_said_is_forgotten_and_what_services_said_stays(void **state)
{
    struct learned learned = { .count = 0 };

    (void)state;
    learned_add(&learned, "customer.numbers_held", "4", true);
    learned_add(&learned, "customer.verified", "match", false);
    learned_add(&learned, "dealer.contract", "in_force", true);
    learned_add(&learned, "customer.face", "mismatch", false);
    learned_forget_registers(&learned);
    assert_int_equal(learned.count, 2);
    assert_string_equal(learned.answers[0].fact, "customer.verified");
    assert_string_equal(learned.answers[0].value, "match");
    assert_string_equal(learned.answers[1].fact, "customer.face");
    assert_string_equal(learned.answers[1].value, "mismatch");
    learned_forget_registers(&learned);
    assert_int_equal(learned.count, 2);
    learned_add(&learned, "customer.numbers_held", "5", true);
    assert_string_equal(learned.answers[2].value, "5");
}

static void test_answers_are_copies(void **state)
{
    struct learned learned = { .count = 0 };
    char fact[] = "customer.verified", value[] = "match";

    (void)state;
    learned_add(&learned, fact, value, false);
    fact[0] = value[0] = 'x';
    assert_string_equal(learned.answers[0].fact, "customer.verified");
    assert_string_equal(learned.answers[0].value, "match");
}

static void test_more_answers_than_there_is_room_for_are_left_out(void **state)
{
    struct learned learned = { .count = 0 };
    char fact[16];

    (void)state;
    for (int i = 0; i < LEARNED_MAX + 3; i++) {
        snprintf(fact, sizeof fact, "fact.%d", i);
        learned_add(&learned, fact, "true", false);
    }
    assert_int_equal(learned.count, LEARNED_MAX);
    assert_string_equal(learned.answers[LEARNED_MAX - 1].fact, "fact.31");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_our_rows_said_is_forgotten_and_what_services_said_stays),
        cmocka_unit_test(test_answers_are_copies),
        cmocka_unit_test(test_more_answers_than_there_is_room_for_are_left_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
