/* SPDX-License-Identifier: Apache-2.0 */
/* The policies of this repository: all of them together, and the example draft laid over them. */
#include "folder.h"

#define SHIPPED SOURCE_DIR "/policies"
#define DRAFT SOURCE_DIR "/examples/cn-54-draft"

static void tell(void *ctx, const char *file, const char *test, bool passed, const char *why)
{
    size_t *count = ctx;

    (void)why;
    if (!passed)
        print_error("%s: %s: %s\n", file, test, why);
    ++*count;
}

static void expect_tests_pass(const char *path)
{
    struct policy_stack stack;
    struct buf problems = { 0 };
    size_t count = 0;

    if (!policy_stack_find(path, &stack, &problems) ||
        policy_test(path, stack.ids, stack.count, tell, &count, &problems) != 0)
        fail_msg("%s", problems.len == 0 ? "a policy test failed" : problems.at);
    assert_true(count > 0);
    buf_fini(&problems);
}

static void test_the_tests_beside_every_shipped_regulation_pass(void **state)
{
    (void)state;
    expect_tests_pass(SHIPPED);
}

static void test_under_the_drafts_additions_they_and_the_drafts_own_pass(void **state)
{
    (void)state;
    expect_tests_pass(DRAFT ":" SHIPPED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_tests_beside_every_shipped_regulation_pass),
        cmocka_unit_test(test_under_the_drafts_additions_they_and_the_drafts_own_pass),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
