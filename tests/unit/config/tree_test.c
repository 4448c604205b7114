/* SPDX-License-Identifier: Apache-2.0 */
/* Trees: nodes that know their place, and files that are refused before they are looked at. */
#include "config/load.h"

#include <setjmp.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>
#include <cmocka.h>

#define FILE_NAME SOURCE_DIR "/conf/test.yaml"

static struct config_tree *read_text(const char *text, struct config_errors *errors)
{
    return tree_read(FILE_NAME, str_of(text), errors);
}

static void test_nodes_are_found_by_key_and_by_number(void **state)
{
    struct config_errors errors = { 0 };
    struct config_tree *tree = read_text("a: 1\nb: [x, 'y z', \"\"]\nc: { d: e }\n", &errors);
    const struct config_node *top, *b;

    (void)state;
    assert_non_null(tree);
    top = config_tree_top(tree);
    assert_int_equal(config_kind(top), CONFIG_MAP);
    assert_int_equal(config_length(top), 3);
    assert_string_equal(config_key(top, 1), "b");
    assert_string_equal(config_scalar(config_find(top, "a")), "1");
    b = config_item(top, 1);
    assert_int_equal(config_kind(b), CONFIG_LIST);
    assert_int_equal(config_length(b), 3);
    assert_int_equal(config_kind(config_item(b, 0)), CONFIG_SCALAR);
    assert_string_equal(config_scalar(config_item(b, 1)), "y z");
    assert_string_equal(config_scalar(config_item(b, 2)), "");
    assert_string_equal(config_scalar(config_find(config_find(top, "c"), "d")), "e");
    assert_null(config_find(top, "d"));
    config_tree_free(tree);
}

static void test_nothing_is_found_in_nothing(void **state)
{
    struct config_errors errors = { 0 };
    struct config_tree *tree = read_text("a: [1]\n", &errors);
    const struct config_node *a = config_find(config_tree_top(tree), "a");

    (void)state;
    assert_int_equal(config_kind(NULL), 0);
    assert_int_equal(config_length(NULL), 0);
    assert_string_equal(config_scalar(NULL), "");
    assert_null(config_item(NULL, 0));
    assert_null(config_find(NULL, "a"));
    assert_string_equal(config_key(NULL, 0), "");
    assert_null(config_item(a, 1));
    assert_null(config_find(a, "1"));
    assert_string_equal(config_key(a, 0), "");
    assert_string_equal(config_scalar(a), "");
    config_complain(&errors, NULL, "of nothing");
    assert_string_equal(errors.text.at, "of nothing\n");
    config_tree_free(tree);
    config_tree_free(NULL);
    config_errors_fini(&errors);
}

static void test_a_complaint_names_file_line_column_and_path(void **state)
{
    struct config_errors errors = { 0 };
    struct config_tree *tree =
        read_text("\xEF\xBB\xBF# 注释\na:\n  - b: { 键: [1, 2, 三] }\n", &errors);
    const struct config_node *b;

    (void)state;
    assert_non_null(tree);
    b = config_find(config_item(config_find(config_tree_top(tree), "a"), 0), "b");
    config_complain(&errors, config_item(config_find(b, "键"), 2), "is %d", 3);
    config_complain(&errors, config_tree_top(tree), "top");
    assert_string_equal(errors.text.at,
                        FILE_NAME ":3:20: a[0].b.键[2]: is 3\n" FILE_NAME ":2:1: top\n");
    assert_int_equal(errors.count, 2);
    config_tree_free(tree);
    config_errors_fini(&errors);
}

static void put_levels(struct buf *text, size_t levels, const char *open, const char *close)
{
    size_t i;

    buf_clear(text);
    buf_text(text, "a: ");
    for (i = 0; i < levels; i++)
        buf_text(text, open);
    for (i = 0; i < levels; i++)
        buf_text(text, close);
}

static void test_levels_are_counted(void **state)
{
    struct config_errors errors = { 0 };
    struct config_tree *tree;
    struct buf text = { 0 };

    (void)state;
    put_levels(&text, 31, "[", "]");
    tree = tree_read(FILE_NAME, buf_view(&text), &errors);
    assert_non_null(tree);
    config_tree_free(tree);
    put_levels(&text, 32, "[", "]");
    assert_null(tree_read(FILE_NAME, buf_view(&text), &errors));
    assert_string_equal(errors.text.at,
                        FILE_NAME ":1:35: nested too deep; expected at most 32 levels\n");
    put_levels(&text, 100000, "{ a: ", "}");
    assert_null(tree_read(FILE_NAME, buf_view(&text), &errors));
    config_errors_fini(&errors);
    buf_fini(&text);
}

static void test_a_map_has_at_most_a_thousand_keys(void **state)
{
    struct config_errors errors = { 0 };
    struct buf text = { 0 };
    int i;

    (void)state;
    for (i = 0; i < 1001; i++)
        buf_printf(&text, "k%d: 1\n", i);
    assert_null(tree_read(FILE_NAME, buf_view(&text), &errors));
    assert_string_equal(errors.text.at, FILE_NAME ":1001:1: a map with more than 1000 keys\n");
    config_errors_fini(&errors);
    buf_fini(&text);
}

static void test_anchors_aliases_and_tags_are_all_told(void **state)
{
    struct config_errors errors = { 0 };
    struct config_tree *tree =
        read_text("a: &x [1]\nb: &y { c: 1 }\nd: *x\ne: !t 1\nf: !!map {}\n", &errors);

    (void)state;
    assert_int_equal(errors.count, 5);
    config_tree_free(tree);
    config_errors_fini(&errors);
}

/* A file that has no name, under a name. */
static int make_file(const char *text, size_t len, char *name, size_t room)
{
    int fd = memfd_create("config", MFD_CLOEXEC);
    size_t done = 0;

    assert_true(fd >= 0);
    while (done < len) {
        ssize_t put = write(fd, text + done, len - done);

        assert_true(put > 0);
        done += (size_t)put;
    }
    snprintf(name, room, "/proc/self/fd/%d", fd);
    return fd;
}

static void test_a_file_may_have_one_mebibyte_and_not_a_byte_more(void **state)
{
    enum { MEBIBYTE = 1024 * 1024 };
    struct config_errors errors = { 0 };
    struct config_tree *tree;
    char *text = malloc(MEBIBYTE + 1), name[64];
    int fd;

    (void)state;
    assert_non_null(text);
    memset(text, '#', MEBIBYTE + 1);
    memcpy(text, "a: 1\n", 5);
    fd = make_file(text, MEBIBYTE, name, sizeof name);
    tree = config_tree_load(name, &errors);
    assert_non_null(tree);
    config_tree_free(tree);
    close(fd);
    fd = make_file(text, MEBIBYTE + 1, name, sizeof name);
    assert_null(config_tree_load(name, &errors));
    assert_non_null(strstr(errors.text.at, ": is larger than 1 MiB"));
    assert_null(config_load(name, &errors));
    close(fd);
    free(text);
    config_errors_fini(&errors);
}

static void test_a_file_that_is_not_there_or_is_a_folder_is_told(void **state)
{
    struct config_errors errors = { 0 };

    (void)state;
    assert_null(config_load(SOURCE_DIR "/conf/nowhere.yaml", &errors));
    assert_string_equal(errors.text.at,
                        SOURCE_DIR "/conf/nowhere.yaml: cannot be read: No such file or directory; "
                                   "expected a configuration file\n");
    assert_null(config_tree_load(SOURCE_DIR "/conf", &errors));
    assert_int_equal(errors.count, 2);
    assert_non_null(strstr(errors.text.at, "cannot be read: Is a directory"));
    config_errors_fini(&errors);
}

static void test_another_file_is_refused_for_what_the_configuration_is(void **state)
{
    static const char twice[] = "a: 1\na: 2\n";
    struct config_errors errors = { 0 };
    char name[64];
    int fd = make_file(twice, strlen(twice), name, sizeof name);

    (void)state;
    assert_null(config_tree_load(name, &errors));
    assert_int_equal(errors.count, 1);
    assert_non_null(strstr(errors.text.at, ":2:1: a: the key stands in line 1 already"));
    close(fd);
    config_errors_fini(&errors);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nodes_are_found_by_key_and_by_number),
        cmocka_unit_test(test_nothing_is_found_in_nothing),
        cmocka_unit_test(test_a_complaint_names_file_line_column_and_path),
        cmocka_unit_test(test_levels_are_counted),
        cmocka_unit_test(test_a_map_has_at_most_a_thousand_keys),
        cmocka_unit_test(test_anchors_aliases_and_tags_are_all_told),
        cmocka_unit_test(test_a_file_may_have_one_mebibyte_and_not_a_byte_more),
        cmocka_unit_test(test_a_file_that_is_not_there_or_is_a_folder_is_told),
        cmocka_unit_test(test_another_file_is_refused_for_what_the_configuration_is),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
