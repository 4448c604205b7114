/* SPDX-License-Identifier: Apache-2.0 */
/* Plugin files are found by kind and name, and refused with a reason when anything is odd. */
#include "fixture.h"

#include "plugin/guard.h"
#include "plugin/library.h"

struct settings {
    bool flag;
    int64_t number;
    const char *text;
};

static const char *const choices[] = { "one", "two", NULL };

static int open_it(const struct smg_host *host, const void *config, void **self,
                   struct smg_err *err)
{
    (void)host, (void)config, (void)self;
    return smg_fail(err, SMG_E_BUG, "never called");
}

static void read_it(void *self, struct smg_op *op)
{
    (void)self, (void)op;
}

static const struct smg_reader_ops whole_ops = { .size = sizeof whole_ops, .read = read_it };

/* A plugin without a fault; tests put one in. */
static struct smg_option good_options[4];
static struct smg_plugin good(void)
{
    good_options[0] = (struct smg_option)SMG_OPTION_BOOL(settings, flag, .help = "a switch");
    good_options[1] = (struct smg_option)SMG_OPTION_INT(settings, number, .help = "a number");
    good_options[2] =
        (struct smg_option)SMG_OPTION_TEXT(settings, text, .choices = choices, .help = "a text");
    good_options[3] = (struct smg_option)SMG_OPTIONS_END;
    return (struct smg_plugin){
        SMG_ABI,
        .kind = SMG_READER,
        .name = "good",
        .version = "1",
        .summary = "fine",
        .config_size = sizeof(struct settings),
        .options = good_options,
        .open = open_it,
        .close = free,
        .reader = &whole_ops,
    };
}

static void assert_refused(const struct smg_plugin *plugin, const char *why)
{
    struct smg_err err = { 0 };

    assert_int_not_equal(guard_check(plugin, 0, &err), SMG_OK);
    if (strstr(err.text, why) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", err.text, why);
}

static void test_a_whole_descriptor_passes(void **state)
{
    struct smg_plugin plugin = good();
    struct smg_err err = { 0 };

    (void)state;
    assert_int_equal(guard_check(&plugin, 0, &err), SMG_OK);
    assert_int_equal(guard_check(&plugin, SMG_READER, &err), SMG_OK);
}

static void test_another_major_is_refused_before_anything_else_is_read(void **state)
{
    struct smg_plugin plugin = { .abi_major = SMG_ABI_MAJOR + 1 };

    (void)state;
    assert_refused(&plugin, "made for ABI 2");
}

static void test_a_newer_minor_is_refused(void **state)
{
    struct smg_plugin plugin = good();

    (void)state;
    plugin.abi_minor = SMG_ABI_MINOR + 1;
    assert_refused(&plugin, "made for ABI 1.3");
}

static void test_a_short_descriptor_is_refused(void **state)
{
    struct smg_plugin plugin = good();

    (void)state;
    plugin.size = 16;
    assert_refused(&plugin, "16 bytes");
}

static void test_options_of_another_size_are_refused(void **state)
{
    struct smg_plugin plugin = good();

    (void)state;
    plugin.option_size++;
    assert_refused(&plugin, "options have");
}

static void test_an_unknown_kind_is_refused(void **state)
{
    struct smg_plugin plugin = good();

    (void)state;
    plugin.kind = (enum smg_kind)5;
    assert_refused(&plugin, "no known kind");
}

static void test_another_kind_than_asked_for_is_refused(void **state)
{
    struct smg_plugin plugin = good();
    struct smg_err err = { 0 };

    (void)state;
    assert_int_equal(guard_check(&plugin, SMG_VERIFIER, &err), SMG_E_INVALID);
    assert_string_equal(err.text, "it is a reader, a verifier is needed");
}

static void test_odd_names_are_refused(void **state)
{
    static const char *const names[] = { "", "Good", "go od", "../good", "good.so" };
    struct smg_plugin plugin = good();

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        plugin.name = names[i];
        assert_refused(&plugin, "its name");
    }
    plugin.name = NULL;
    assert_refused(&plugin, "its name");
}

static void test_missing_texts_are_refused(void **state)
{
    struct smg_plugin plugin = good();

    (void)state;
    plugin.summary = NULL;
    assert_refused(&plugin, "version or a summary");
}

static void test_missing_calls_are_refused(void **state)
{
    struct smg_reader_ops ops = whole_ops;
    struct smg_plugin plugin = good();

    (void)state;
    plugin.open = NULL;
    assert_refused(&plugin, "open or close");
    plugin = good();
    plugin.close = NULL;
    assert_refused(&plugin, "open or close");
    plugin = good();
    plugin.reader = NULL;
    assert_refused(&plugin, "calls of a reader");
    plugin.reader = &ops;
    ops.read = NULL;
    assert_refused(&plugin, "every reader must have");
    ops = whole_ops;
    ops.size = 4;
    assert_refused(&plugin, "every reader must have");
}

static int session_it(void *self, void **session, struct smg_err *err)
{
    (void)self, (void)session;
    return smg_fail(err, SMG_E_BUG, "never called");
}

static int apply_it(void *session, const struct smg_unit *units, size_t count, bool *refused,
                    struct smg_err *err)
{
    (void)session, (void)units, (void)count, (void)refused;
    return smg_fail(err, SMG_E_BUG, "never called");
}

static int get_it(void *session, enum smg_space space, const struct smg_str *keys, size_t count,
                  smg_row_fn fn, void *ctx, struct smg_err *err)
{
    (void)session, (void)space, (void)keys, (void)count, (void)fn, (void)ctx;
    return smg_fail(err, SMG_E_BUG, "never called");
}

static int scan_it(void *session, const struct smg_scan *scan, smg_row_fn fn, void *ctx,
                   struct smg_err *err)
{
    (void)session, (void)scan, (void)fn, (void)ctx;
    return smg_fail(err, SMG_E_BUG, "never called");
}

static int check_it(void *session, struct smg_err *err)
{
    (void)session;
    return smg_fail(err, SMG_E_BUG, "never called");
}

static void test_a_storage_of_an_older_minor_passes_and_half_a_layout_does_not(void **state)
{
    struct smg_storage_ops ops = { .size = offsetof(struct smg_storage_ops, layout_version),
                                   .session_open = session_it,
                                   .session_close = free,
                                   .apply = apply_it,
                                   .get = get_it,
                                   .scan = scan_it,
                                   .check = check_it,
                                   .layout_make = check_it };
    struct smg_plugin plugin = good();
    struct smg_err err = { 0 };

    (void)state;
    plugin.kind = SMG_STORAGE;
    plugin.storage = &ops;
    assert_int_equal(guard_check(&plugin, 0, &err), SMG_OK);
    ops.size = sizeof ops;
    assert_refused(&plugin, "every storage must have");
    ops.layout_make = NULL;
    assert_int_equal(guard_check(&plugin, 0, &err), SMG_OK);
    ops.size = offsetof(struct smg_storage_ops, check);
    assert_refused(&plugin, "every storage must have");
}

static void test_faulty_options_are_refused(void **state)
{
    struct smg_plugin plugin = good();

    (void)state;
    plugin.options = NULL;
    assert_refused(&plugin, "list of options");
    plugin = good();
    good_options[1].name = "flag";
    assert_refused(&plugin, "there twice");
    plugin = good();
    good_options[1].name = "Flag";
    assert_refused(&plugin, "name of option 2");
    plugin = good();
    good_options[1].type = (enum smg_option_type)99;
    assert_refused(&plugin, "no known type");
    plugin = good();
    good_options[1].offset = sizeof(struct settings);
    assert_refused(&plugin, "outside");
    plugin = good();
    good_options[1].offset = SIZE_MAX - 3;
    assert_refused(&plugin, "outside");
    plugin = good();
    good_options[1].offset = 1;
    assert_refused(&plugin, "outside");
    plugin = good();
    good_options[1].min = 2;
    good_options[1].max = 1;
    assert_refused(&plugin, "nothing meets");
    plugin = good();
    good_options[1].choices = choices;
    assert_refused(&plugin, "not a text");
    plugin = good();
    good_options[2].help = NULL;
    assert_refused(&plugin, "no help");
    plugin = good();
    plugin.config_size = 1 << 30;
    assert_refused(&plugin, "settings have");
}

static int32_t load(enum smg_kind kind, const char *name, struct smg_err *err)
{
    struct library *library = NULL;
    int code = library_load(PLUGINS, kind, name, &library, err);

    library_free(library);
    return code;
}

static void test_a_plugin_is_found_by_kind_and_name(void **state)
{
    struct library *library = NULL;
    struct smg_err err = { 0 };

    (void)state;
    if (library_load(PLUGINS, SMG_VERIFIER, "sim", &library, &err) < 0)
        fail_msg("%s", err.text);
    assert_string_equal(library_file(library), PLUGINS "/verifiers/sim.so");
    assert_string_equal(library_plugin(library)->name, "sim");
    assert_int_equal(library_plugin(library)->kind, SMG_VERIFIER);
    library_free(library);
}

static void test_a_path_is_a_file(void **state)
{
    struct smg_err err = { 0 };

    (void)state;
    assert_int_equal(load(0, PLUGINS "/readers/sim.so", &err), SMG_OK);
    assert_int_equal(load(SMG_READER, PLUGINS "/readers/sim.so", &err), SMG_OK);
    assert_int_equal(load(SMG_STORAGE, PLUGINS "/readers/sim.so", &err), SMG_E_INVALID);
}

static void test_a_name_of_any_kind_must_mean_one_file(void **state)
{
    struct smg_err err = { 0 };

    (void)state;
    assert_int_equal(load(0, "file", &err), SMG_OK);
    assert_int_equal(load(0, "sim", &err), SMG_E_INVALID);
    assert_non_null(strstr(err.text, "both a reader and a verifier"));
    assert_int_equal(load(0, "nobody", &err), SMG_E_NOT_FOUND);
}

static void test_names_that_lead_elsewhere_are_refused(void **state)
{
    struct smg_err err = { 0 };

    (void)state;
    assert_int_equal(load(SMG_READER, "..", &err), SMG_E_INVALID);
    assert_int_equal(load(SMG_READER, "SIM", &err), SMG_E_INVALID);
    assert_int_equal(load(SMG_READER, "", &err), SMG_E_INVALID);
}

static void test_a_missing_file_is_not_found(void **state)
{
    struct smg_err err = { 0 };

    (void)state;
    assert_int_equal(load(SMG_READER, "nobody", &err), SMG_E_NOT_FOUND);
    assert_non_null(strstr(err.text, "readers/nobody.so"));
}

static void test_a_file_that_is_no_library_is_refused_with_the_linkers_words(void **state)
{
    char path[] = "/tmp/shiming-library-XXXXXX", name[64];
    struct smg_err err = { 0 };

    (void)state;
    assert_non_null(mkdtemp(path));
    snprintf(name, sizeof name, "%s/text.so", path);
    FILE *file = fopen(name, "w");
    assert_non_null(file);
    fputs("this is no library\n", file);
    fclose(file);
    assert_int_equal(load(0, name, &err), SMG_E_INVALID);
    assert_non_null(strstr(err.text, "text.so"));
    unlink(name);
    rmdir(path);
}

static void test_bad_plugins_are_refused_with_the_reason(void **state)
{
    struct smg_err err = { 0 };

    (void)state;
    assert_int_equal(load(0, TEST_PLUGIN("nameless"), &err), SMG_E_INVALID);
    assert_non_null(strstr(err.text, "does not export smg_plugin_nameless"));
    assert_int_equal(load(0, TEST_PLUGIN("future"), &err), SMG_E_UNSUPPORTED);
    assert_non_null(strstr(err.text, "made for ABI 2"));
    assert_int_equal(load(0, TEST_PLUGIN("impostor"), &err), SMG_E_INVALID);
    assert_non_null(strstr(err.text, "it calls itself sim"));
}

static void test_every_shipped_plugin_loads(void **state)
{
    static const char *const files[] = { "readers/sdt", "readers/sim", "storage/sqlite",
                                         "verifiers/sim", "reporters/file" };
    struct smg_err err = { 0 };

    (void)state;
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        char path[512];

        snprintf(path, sizeof path, "%s/%s.so", PLUGINS, files[i]);
        if (load(0, path, &err) != SMG_OK)
            fail_msg("%s", err.text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_whole_descriptor_passes),
        cmocka_unit_test(test_another_major_is_refused_before_anything_else_is_read),
        cmocka_unit_test(test_a_newer_minor_is_refused),
        cmocka_unit_test(test_a_short_descriptor_is_refused),
        cmocka_unit_test(test_options_of_another_size_are_refused),
        cmocka_unit_test(test_an_unknown_kind_is_refused),
        cmocka_unit_test(test_another_kind_than_asked_for_is_refused),
        cmocka_unit_test(test_odd_names_are_refused),
        cmocka_unit_test(test_missing_texts_are_refused),
        cmocka_unit_test(test_missing_calls_are_refused),
        cmocka_unit_test(test_a_storage_of_an_older_minor_passes_and_half_a_layout_does_not),
        cmocka_unit_test(test_faulty_options_are_refused),
        cmocka_unit_test(test_a_plugin_is_found_by_kind_and_name),
        cmocka_unit_test(test_a_path_is_a_file),
        cmocka_unit_test(test_a_name_of_any_kind_must_mean_one_file),
        cmocka_unit_test(test_names_that_lead_elsewhere_are_refused),
        cmocka_unit_test(test_a_missing_file_is_not_found),
        cmocka_unit_test(test_a_file_that_is_no_library_is_refused_with_the_linkers_words),
        cmocka_unit_test(test_bad_plugins_are_refused_with_the_reason),
        cmocka_unit_test(test_every_shipped_plugin_loads),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
