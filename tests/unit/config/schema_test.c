/* SPDX-License-Identifier: Apache-2.0 */
/* Options: every type and unit, limits, presets, required keys, and pairs for a plugin's process.
 */
#include "config/load.h"

#include <setjmp.h>
#include <stdlib.h>
#include <cmocka.h>

#define FILE_NAME SOURCE_DIR "/conf/test.yaml"

struct sheet {
    bool beep;
    int64_t count, wait, room;
    const char *mode, *password, *path, *device, *socket;
};

static const char *const modes[] = { "fast", "careful", NULL };

static const struct smg_option options[] = {
    SMG_OPTION_BOOL(sheet, beep, .preset = "true", .help = "make a sound"),
    SMG_OPTION_INT(sheet, count, .preset = "3", .min = -5, .max = 5, .help = "how many"),
    SMG_OPTION_MS(sheet, wait, .preset = "2s", .max = 60000, .help = "how long"),
    SMG_OPTION_BYTES(sheet, room, .preset = "1MiB", .min = 16, .help = "how much"),
    SMG_OPTION_TEXT(sheet, mode, .preset = "fast", .choices = modes, .help = "how"),
    SMG_OPTION_SECRET(sheet, password, .help = "the secret"),
    SMG_OPTION_PATH(sheet, path, .preset = "var/data", .help = "where"),
    SMG_OPTION_DEVICE(sheet, device, .flags = SMG_REQUIRED, .help = "the device"),
    SMG_OPTION_SOCKET(sheet, socket, .help = "the socket"),
    SMG_OPTIONS_END
};

struct filled {
    struct config_tree *tree;
    struct config_errors errors;
    struct sheet sheet;
    bool good;
};

static struct filled fill(const char *text)
{
    struct filled filled = { 0 };

    filled.tree = tree_read(FILE_NAME, str_of(text), &filled.errors);
    assert_non_null(filled.tree);
    filled.good =
        config_fill(config_tree_top(filled.tree), NULL, options, &filled.sheet, &filled.errors);
    return filled;
}

static void empty(struct filled *filled)
{
    config_tree_free(filled->tree);
    config_errors_fini(&filled->errors);
}

static void assert_wrong(const char *text, const char *says)
{
    struct filled filled = fill(text);

    assert_false(filled.good);
    assert_int_equal(filled.errors.count, 1);
    if (strstr(filled.errors.text.at, says) == NULL)
        fail_msg("%s\nexpected %s\ngot %s", text, says, filled.errors.text.at);
    empty(&filled);
}

static void test_every_type_is_filled(void **state)
{
    struct filled filled = fill("beep: false\ncount: -4\nwait: 500ms\nroom: 4KiB\nmode: careful\n"
                                "password: \"p: w\"\npath: /a/b\ndevice: /dev/ttyS0\n"
                                "socket: \"[::1]:4000\"\n");

    (void)state;
    assert_true(filled.good);
    assert_false(filled.sheet.beep);
    assert_int_equal(filled.sheet.count, -4);
    assert_int_equal(filled.sheet.wait, 500);
    assert_int_equal(filled.sheet.room, 4096);
    assert_string_equal(filled.sheet.mode, "careful");
    assert_string_equal(filled.sheet.password, "p: w");
    assert_string_equal(filled.sheet.path, "/a/b");
    assert_string_equal(filled.sheet.device, "/dev/ttyS0");
    assert_string_equal(filled.sheet.socket, "[::1]:4000");
    empty(&filled);
}

static void test_presets_stand_for_absent_keys(void **state)
{
    struct filled filled = fill("device: /dev/ttyS0\n");

    (void)state;
    assert_true(filled.good);
    assert_true(filled.sheet.beep);
    assert_int_equal(filled.sheet.count, 3);
    assert_int_equal(filled.sheet.wait, 2000);
    assert_int_equal(filled.sheet.room, 1048576);
    assert_string_equal(filled.sheet.mode, "fast");
    assert_null(filled.sheet.password);
    assert_string_equal(filled.sheet.path, SOURCE_DIR "/conf/var/data");
    empty(&filled);
}

static void test_every_unit_is_understood(void **state)
{
    static const struct {
        const char *text;
        int64_t number;
    } durations[] = { { "0ms", 0 }, { "7ms", 7 }, { "7s", 7000 }, { "1m", 60000 } }, sizes[] = {
        { "16", 16 }, { "17B", 17 }, { "3KiB", 3072 }, { "5MiB", 5242880 }, { "2GiB", 2147483648 }
    };
    char text[100];
    size_t i;

    (void)state;
    for (i = 0; i < sizeof durations / sizeof durations[0]; i++) {
        struct filled filled;

        snprintf(text, sizeof text, "{ device: /d, wait: %s }", durations[i].text);
        filled = fill(text);
        assert_true(filled.good);
        assert_true(filled.sheet.wait == durations[i].number);
        empty(&filled);
    }
    for (i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct filled filled;

        snprintf(text, sizeof text, "{ device: /d, room: %s }", sizes[i].text);
        filled = fill(text);
        assert_true(filled.good);
        assert_true(filled.sheet.room == sizes[i].number);
        empty(&filled);
    }
}

static void test_hours_and_days_are_units_too(void **state)
{
    static const struct smg_option longer[] = {
        { .name = "wait", .type = SMG_OPT_MS, .offset = SMG_AT(sheet, wait, int64_t) },
        SMG_OPTIONS_END
    };
    static const char *const names[] = { "wait" };
    static const char *const hours[] = { "2h" }, *const days[] = { "30d" };
    struct sheet sheet = { 0 };
    struct smg_err err = { 0 };

    (void)state;
    assert_true(config_fill_pairs(longer, names, hours, 1, &sheet, &err));
    assert_int_equal(sheet.wait, 7200000);
    assert_true(config_fill_pairs(longer, names, days, 1, &sheet, &err));
    assert_true(sheet.wait == 2592000000);
}

static void test_booleans_are_true_and_false_and_nothing_else(void **state)
{
    static const char *const words[] = { "yes", "no", "on", "off", "True", "TRUE", "1", "0", "y" };
    char text[100], says[100];
    size_t i;

    (void)state;
    for (i = 0; i < sizeof words / sizeof words[0]; i++) {
        snprintf(text, sizeof text, "{ device: /d, beep: %s }", words[i]);
        snprintf(says, sizeof says, "beep: \"%s\" is neither true nor false", words[i]);
        assert_wrong(text, says);
    }
}

static void test_limits_are_told_in_their_unit(void **state)
{
    (void)state;
    assert_wrong("{ device: /d, count: 6 }", "expected a whole number of -5 to 5");
    assert_wrong("{ device: /d, count: -6 }", "\"-6\" is out of range");
    assert_wrong("{ device: /d, count: 2.5 }", "\"2.5\" is not a whole number");
    assert_wrong("{ device: /d, count: 99999999999999999999 }", "is not a whole number");
    assert_wrong("{ device: /d, count: -- }", "is not a whole number");
    assert_wrong("{ device: /d, wait: 2m }", "expected a duration such as 15s of 0ms to 1m");
    assert_wrong("{ device: /d, wait: 9223372036854775807s }", "is too large");
    assert_wrong("{ device: /d, wait: 1m30s }", "\"m30s\" is no unit");
    assert_wrong("{ device: /d, wait: 15 s }", "\" s\" is no unit");
    assert_wrong("{ device: /d, room: 15 }", "expected a size such as 64KiB of 16B or more");
}

static void test_a_secret_is_never_repeated(void **state)
{
    struct filled filled = fill("{ device: /d, password: [hush-hush] }");

    (void)state;
    assert_false(filled.good);
    assert_non_null(strstr(filled.errors.text.at, "password: is a list; expected a secret text"));
    assert_null(strstr(filled.errors.text.at, "hush"));
    empty(&filled);
}

static void test_paths_are_seen_from_the_file(void **state)
{
    static const char *const pairs[][2] = {
        { "data", "/conf/data" },     { "./data", "/conf/data" },   { "../data", "/data" },
        { "./../data", "/data" },     { ".././/data", "/data" },    { ".data", "/conf/.data" },
        { "..data", "/conf/..data" }, { "a/../b", "/conf/a/../b" },
    };
    char text[100], path[300];
    size_t i;

    (void)state;
    for (i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        struct filled filled;

        snprintf(text, sizeof text, "{ device: /d, path: %s }", pairs[i][0]);
        snprintf(path, sizeof path, "%s%s", SOURCE_DIR, pairs[i][1]);
        filled = fill(text);
        assert_true(filled.good);
        assert_string_equal(filled.sheet.path, path);
        empty(&filled);
    }
}

static void test_more_steps_up_than_there_are_folders_end_at_the_root(void **state)
{
    struct filled filled = fill("{ device: /d, path: ../../../../../../../../../../../../data }");

    (void)state;
    assert_true(filled.good);
    assert_string_equal(filled.sheet.path, "/data");
    empty(&filled);
}

static void test_a_path_that_is_too_long_is_refused(void **state)
{
    struct buf text = { 0 };
    size_t i;

    (void)state;
    buf_text(&text, "{ device: /d, path: ");
    for (i = 0; i < 2000; i++)
        buf_text(&text, "abc");
    buf_text(&text, " }");
    assert_wrong(text.at, "path: is too long; expected a path of at most 4096 bytes");
    buf_fini(&text);
}

static void test_a_device_is_an_absolute_path_as_written(void **state)
{
    (void)state;
    assert_wrong("device: ttyUSB0", "\"ttyUSB0\" is not absolute; expected a path that begins");
    assert_wrong("device: \"\"", "device: is empty; expected the path of a device");
    assert_wrong("{ device: /d, socket: \"192.0.2.7\" }", "\"192.0.2.7\" has no port");
    assert_wrong("{ device: /d, socket: \"unix:x\" }", "\"unix:x\" is not an absolute path");
    assert_wrong("count: 1", "\"device\" is required; expected the path of a device (the device)");
}

static void test_no_map_is_an_empty_map(void **state)
{
    struct filled filled = { 0 };
    const struct config_node *top;

    (void)state;
    filled.tree = tree_read(FILE_NAME, SMG_STR("a:\n  options:\n"), &filled.errors);
    top = config_tree_top(filled.tree);
    assert_false(config_fill(NULL, config_find(top, "a"), options, &filled.sheet, &filled.errors));
    assert_non_null(strstr(filled.errors.text.at, "test.yaml:2:3: a: \"device\" is required"));
    assert_false(config_fill(NULL, NULL, options, &filled.sheet, &filled.errors));
    assert_false(config_fill(config_find(config_find(top, "a"), "options"), NULL, options,
                             &filled.sheet, &filled.errors));
    assert_true(config_fill(NULL, NULL, NULL, NULL, &filled.errors));
    empty(&filled);
}

static void test_a_plugin_without_options_takes_none(void **state)
{
    struct filled filled = { 0 };

    (void)state;
    filled.tree = tree_read(FILE_NAME, SMG_STR("speed: 9\n"), &filled.errors);
    assert_false(config_fill(config_tree_top(filled.tree), NULL, NULL, NULL, &filled.errors));
    assert_non_null(strstr(filled.errors.text.at, "speed: unknown key; no keys are expected here"));
    empty(&filled);
}

static void test_what_a_hostile_key_or_value_says_is_printed_harmlessly(void **state)
{
    struct filled filled = fill("device: \"\\x1b[2Jx\\u009by\\nz\"\n\"\\e]0;\\n\": 1\n");
    size_t i;

    (void)state;
    assert_false(filled.good);
    assert_non_null(strstr(filled.errors.text.at, "\"?[2Jx?y?z\" is not absolute"));
    for (i = 0; i < filled.errors.text.len; i++)
        assert_true(filled.errors.text.at[i] == '\n' ||
                    (unsigned char)filled.errors.text.at[i] >= 0x20);
    assert_int_equal(filled.errors.count, 2);
    empty(&filled);
}

static void test_a_long_value_is_cut_between_characters(void **state)
{
    struct filled filled = fill("device: 拉萨拉萨拉萨拉萨拉萨拉萨拉萨拉萨\n");

    (void)state;
    assert_non_null(strstr(filled.errors.text.at, "\"拉萨拉萨拉萨拉萨拉萨拉萨拉萨...\""));
    assert_true(str_is_utf8(buf_view(&filled.errors.text)));
    empty(&filled);
}

static void test_pairs_fill_what_a_file_would(void **state)
{
    static const char *const names[] = { "device", "wait", "beep", "path" };
    static const char *const values[] = { "/dev/ttyS0", "9s", "false", "/var/data" };
    struct sheet sheet = { 0 };
    struct smg_err err = { 0 };

    (void)state;
    assert_true(config_fill_pairs(options, names, values, 4, &sheet, &err));
    assert_string_equal(sheet.device, "/dev/ttyS0");
    assert_int_equal(sheet.wait, 9000);
    assert_false(sheet.beep);
    assert_int_equal(sheet.count, 3);
    assert_string_equal(sheet.mode, "fast");
}

static void assert_pair_refused(const char *name, const char *value, const char *says)
{
    const char *names[] = { "device", "path", name };
    const char *values[] = { "/dev/ttyS0", "/p", value };
    struct sheet sheet = { 0 };
    struct smg_err err = { 0 };

    assert_false(config_fill_pairs(options, names, values, 3, &sheet, &err));
    assert_int_equal(err.code, SMG_E_INVALID);
    if (strstr(err.text, says) == NULL)
        fail_msg("expected %s, got %s", says, err.text);
}

static void test_pairs_are_checked_again(void **state)
{
    static const char *const names[] = { "path", "wait" }, *const values[] = { "/p", "1s" };
    static const char *const relative[] = { "p" };
    struct sheet sheet = { 0 };
    struct smg_err err = { 0 };

    (void)state;
    assert_pair_refused("colour", "red", "unknown option \"colour\"");
    assert_pair_refused("wait", "9", "option \"wait\": \"9\" has no unit");
    assert_false(config_fill_pairs(options, names, values, 2, &sheet, &err));
    assert_non_null(strstr(err.text, "option \"device\" is required"));
    assert_false(config_fill_pairs(options, names, relative, 1, &sheet, &err));
    assert_non_null(strstr(err.text, "option \"path\": \"p\" is not absolute"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_type_is_filled),
        cmocka_unit_test(test_presets_stand_for_absent_keys),
        cmocka_unit_test(test_every_unit_is_understood),
        cmocka_unit_test(test_hours_and_days_are_units_too),
        cmocka_unit_test(test_booleans_are_true_and_false_and_nothing_else),
        cmocka_unit_test(test_limits_are_told_in_their_unit),
        cmocka_unit_test(test_a_secret_is_never_repeated),
        cmocka_unit_test(test_paths_are_seen_from_the_file),
        cmocka_unit_test(test_more_steps_up_than_there_are_folders_end_at_the_root),
        cmocka_unit_test(test_a_path_that_is_too_long_is_refused),
        cmocka_unit_test(test_a_device_is_an_absolute_path_as_written),
        cmocka_unit_test(test_no_map_is_an_empty_map),
        cmocka_unit_test(test_a_plugin_without_options_takes_none),
        cmocka_unit_test(test_what_a_hostile_key_or_value_says_is_printed_harmlessly),
        cmocka_unit_test(test_a_long_value_is_cut_between_characters),
        cmocka_unit_test(test_pairs_fill_what_a_file_would),
        cmocka_unit_test(test_pairs_are_checked_again),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
