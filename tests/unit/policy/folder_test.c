/* SPDX-License-Identifier: Apache-2.0 */
/* Policy files on disk: a draft over a base, and the regulations a folder holds. */
#include "folder.h"

#include "policy/folder.h"

static const char *path_of(const struct folder *draft, const struct folder *base, char room[160])
{
    snprintf(room, 160, "%s:%s", draft->path, base->path);
    return room;
}

static void test_a_file_is_taken_from_the_first_folder_that_has_it(void **state)
{
    struct folder draft, base;
    struct buf text = { 0 };
    char room[160];

    (void)state;
    folder_init(&draft);
    folder_init(&base);
    folder_write(&draft, "a/2.lua", "draft");
    folder_write(&base, "a/1.lua", "base");
    folder_write(&base, "a/2.lua", "hidden");
    assert_true(folder_read(path_of(&draft, &base, room), "a/1.lua", &text, &base.problems));
    assert_true(folder_read(room, "a/2.lua", &text, &base.problems));
    assert_string_equal(text.at, "basedraft");
    assert_false(folder_read(room, "a/3.lua", &text, &base.problems));
    assert_string_equal(base.problems.at, "a/3.lua: cannot be read: No such file or directory\n");
    buf_fini(&text);
    folder_fini(&draft);
    folder_fini(&base);
}

/* A folder where a file should be is a mistake, not an absent file. */
static void test_a_file_that_cannot_be_read_is_not_looked_for_elsewhere(void **state)
{
    struct folder draft, base;
    struct buf text = { 0 };
    char room[160];

    (void)state;
    folder_init(&draft);
    folder_init(&base);
    folder_write(&draft, "1.lua/x", "");
    folder_write(&base, "1.lua", "base");
    assert_false(folder_read(path_of(&draft, &base, room), "1.lua", &text, &base.problems));
    assert_string_equal(base.problems.at, "1.lua: cannot be read: Is a directory\n");
    buf_fini(&text);
    folder_fini(&draft);
    folder_fini(&base);
}

static void test_the_stack_of_a_folder_is_the_nation_then_its_regions_each_by_name(void **state)
{
    static const char *const wanted[] = { "cn/2013", "cn/2015-reader", "cn-54/2018", "cn-54/2027" };
    struct policy_stack stack;
    struct folder draft, base;
    char room[160];
    size_t i;

    (void)state;
    folder_init(&draft);
    folder_init(&base);
    folder_write(&draft, "cn-54/2027.lua", "");
    folder_write(&draft, "cn-54/2018.lua", "");
    folder_write(&draft, "vocabulary.lua", "");
    folder_write(&base, "cn-54/2018.lua", "");
    folder_write(&base, "cn-54/2018_test.lua", "");
    folder_write(&base, "cn-54/notes.txt", "");
    folder_write(&base, "cn/2015-reader.lua", "");
    folder_write(&base, "cn/2013.lua", "");
    if (!policy_stack_find(path_of(&draft, &base, room), &stack, &base.problems))
        fail_msg("%s", base.problems.at);
    assert_int_equal(stack.count, 4);
    for (i = 0; i < 4; i++)
        assert_string_equal(stack.ids[i], wanted[i]);
    folder_fini(&draft);
    folder_fini(&base);
}

static void test_a_folder_without_regulations_is_a_problem(void **state)
{
    struct policy_stack stack;
    struct folder folder;

    (void)state;
    folder_init(&folder);
    assert_false(policy_stack_find(folder.path, &stack, &folder.problems));
    assert_non_null(strstr(folder.problems.at, ": holds no regulation\n"));
    buf_clear(&folder.problems);
    assert_false(policy_stack_find("/nowhere", &stack, &folder.problems));
    assert_string_equal(folder.problems.at,
                        "/nowhere: cannot be read: No such file or directory\n");
    assert_int_equal(stack.count, 0);
    folder_fini(&folder);
}

static void test_too_many_regulations_are_a_problem(void **state)
{
    struct policy_stack stack;
    struct folder folder;
    char name[32];
    int i;

    (void)state;
    folder_init(&folder);
    for (i = 0; i <= DECISION_POLICIES; i++) {
        snprintf(name, sizeof name, "a/%d.lua", i);
        folder_write(&folder, name, "");
    }
    assert_false(policy_stack_find(folder.path, &stack, &folder.problems));
    assert_non_null(strstr(folder.problems.at, "stack: there are more than 16 regulations"));
    folder_fini(&folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_file_is_taken_from_the_first_folder_that_has_it),
        cmocka_unit_test(test_a_file_that_cannot_be_read_is_not_looked_for_elsewhere),
        cmocka_unit_test(test_the_stack_of_a_folder_is_the_nation_then_its_regions_each_by_name),
        cmocka_unit_test(test_a_folder_without_regulations_is_a_problem),
        cmocka_unit_test(test_too_many_regulations_are_a_problem),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
