/* SPDX-License-Identifier: Apache-2.0 */
/* The policies of this repository: all of them together, and the example draft laid over them. */
#include "folder.h"

#include "policy/folder.h"

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

static void test_under_the_drafts_vocabulary_they_and_the_drafts_own_pass(void **state)
{
    (void)state;
    expect_tests_pass(DRAFT ":" SHIPPED);
}

/* A draft that lags behind would show differences nobody made. */
static void test_the_drafts_vocabulary_is_the_shipped_one_and_more(void **state)
{
    struct buf shipped = { 0 }, draft = { 0 }, problems = { 0 };

    (void)state;
    assert_true(folder_read(SHIPPED, "vocabulary.lua", &shipped, &problems));
    assert_true(folder_read(DRAFT, "vocabulary.lua", &draft, &problems));
    assert_false(shipped.failed || draft.failed);
    if (!str_starts(buf_view(&draft), shipped.at))
        fail_msg("examples/cn-54-draft/vocabulary.lua must begin with policies/vocabulary.lua");
    buf_fini(&shipped);
    buf_fini(&draft);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_tests_beside_every_shipped_regulation_pass),
        cmocka_unit_test(test_under_the_drafts_vocabulary_they_and_the_drafts_own_pass),
        cmocka_unit_test(test_the_drafts_vocabulary_is_the_shipped_one_and_more),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
