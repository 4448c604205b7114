/* SPDX-License-Identifier: Apache-2.0 */
/* Recording: the shipped driver on the virtual reader, and whose cards leave a trace. */
#include "kit/record.h"

#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "emulate/emulate.h"
#include "kit/replay.h"
#include "plugin/reader.h"

static const char number[] = "540102198803140016";

/* The virtual reader in a process of its own, and a configuration that names it. */
struct counter {
    char folder[200], port[256], options_text[320];
    pid_t pid;
    struct config config;
    struct config_instance reader;
    struct config_tree *options;
};

static const char *card_path(const char *card, char room[512])
{
    snprintf(room, 512, SOURCE_DIR "/conf/cards/%s.yaml", card);
    return room;
}

static void start_emulator(struct counter *counter, const char *card, const char *fault)
{
    const char *faults[] = { fault, NULL };
    struct emulate_options options = { .link = counter->port };
    char path[512], line[300];
    FILE *stream;
    int out[2];

    options.card = card_path(card, path);
    options.faults = faults;
    options.fault_count = fault != NULL;
    assert_int_equal(pipe(out), 0);
    counter->pid = fork();
    assert_true(counter->pid >= 0);
    if (counter->pid == 0) {
        close(out[0]);
        stream = fdopen(out[1], "w");
        _exit(stream == NULL ? 99 : emulate_run(&options, stream, stream));
    }
    close(out[1]);
    stream = fdopen(out[0], "r");
    assert_non_null(stream);
    assert_non_null(fgets(line, sizeof line, stream));
    assert_memory_equal(line, "ready", 5);
    fclose(stream);
}

static int set_up(void **state)
{
    struct counter *counter = calloc(1, sizeof *counter);
    const char *place = getenv("TMPDIR");

    if (counter == NULL)
        return -1;
    snprintf(counter->folder, sizeof counter->folder, "%.150s/record-test-XXXXXX",
             place == NULL ? "/tmp" : place);
    if (mkdtemp(counter->folder) == NULL)
        return -1;
    snprintf(counter->port, sizeof counter->port, "%s/port", counter->folder);
    counter->config.gateway.plugins = BINARY_DIR "/plugins";
    *state = counter;
    return 0;
}

static void stop_emulator(struct counter *counter)
{
    int status;

    if (counter->pid <= 0)
        return;
    kill(counter->pid, SIGTERM);
    waitpid(counter->pid, &status, 0);
    counter->pid = 0;
}

static int tear_down(void **state)
{
    struct counter *counter = *state;

    stop_emulator(counter);
    config_tree_free(counter->options);
    unlink(counter->port);
    rmdir(counter->folder);
    free(counter);
    return 0;
}

/* A reader of the configuration with these options. */
static void configure(struct counter *counter, const char *plugin, const char *options)
{
    struct config_errors errors = { 0 };

    config_tree_free(counter->options);
    counter->options = config_tree_read("./shiming.yaml", str_of(options), &errors);
    assert_non_null(counter->options);
    config_errors_fini(&errors);
    counter->reader = (struct config_instance){ .name = "counter-1",
                                                .plugin = plugin,
                                                .deadline_ms = 10000,
                                                .options = config_tree_top(counter->options) };
}

static void configure_port(struct counter *counter)
{
    snprintf(counter->options_text, sizeof counter->options_text,
             "device: \"%s\"\nfind_every: 50ms\n", counter->port);
    configure(counter, "sdt", counter->options_text);
}

static void allow(struct record_numbers *numbers, const char *card)
{
    struct config_errors errors = { 0 };
    char path[512];

    assert_true(record_allow_card(numbers, card_path(card, path), &errors));
    config_errors_fini(&errors);
}

static int record(struct counter *counter, const struct record_numbers *numbers,
                  struct trace *trace, struct smg_fields **card, struct smg_err *err)
{
    *err = (struct smg_err){ 0 };
    return record_read(&counter->config, &counter->reader, "shiming.yaml", numbers, trace, card,
                       err);
}

static void expect_nothing_kept(const struct trace *trace, const struct smg_fields *card,
                                const struct smg_err *err)
{
    assert_null(card);
    assert_null(trace->bytes.at);
    assert_null(trace->events);
    assert_int_equal(trace->answers.len, 0);
    assert_null(strstr(err->text, number));
}

static void test_a_declared_card_leaves_a_trace(void **state)
{
    struct counter *counter = *state;
    struct record_numbers numbers = { 0 };
    struct smg_fields *card;
    struct buf text = { 0 };
    struct smg_err err;
    struct trace trace;

    allow(&numbers, "minor");
    allow(&numbers, "resident");
    start_emulator(counter, "resident", NULL);
    configure_port(counter);
    assert_int_equal(record(counter, &numbers, &trace, &card, &err), SMG_OK);
    assert_true(str_is(fields_text(card, "document.number"), number));
    trace_write(&trace, &text);
    assert_null(strstr(text.at, number));
    assert_null(strstr(text.at, counter->folder));
    assert_non_null(strstr(text.at, "\nread 10000\n"));
    assert_non_null(strstr(text.at, "\nend ok\n"));
    trace_fini(&trace);
    fields_free(card);
    buf_fini(&text);
}

static void test_an_undeclared_card_leaves_nothing(void **state)
{
    struct counter *counter = *state;
    struct record_numbers none = { 0 }, other = { 0 };
    const struct record_numbers *declared[] = { &none, &other };
    static const char *const faults[] = { NULL, "checksum:read" };
    struct smg_fields *card;
    struct smg_err err;
    struct trace trace;

    allow(&other, "minor");
    for (size_t i = 0; i < 4; i++) {
        start_emulator(counter, "resident", faults[i / 2]);
        configure_port(counter);
        assert_int_equal(record(counter, declared[i % 2], &trace, &card, &err), SMG_E_DENIED);
        assert_non_null(strstr(err.text, "nothing was kept"));
        expect_nothing_kept(&trace, card, &err);
        stop_emulator(counter);
    }
}

static void test_a_number_is_declared_by_its_digest(void **state)
{
    /* sha256sum of another number, and of this one. */
    static const char *const digests[] = {
        "# test cards\n\nae448ac86c4e8e4dec645729708ef41873ae79c6dff84eff73360989487f08e5  "
        "another\n",
        "6ddd8e49aa093f3227cfec49232f11347a9c723edac4341bf21c4d4f5c0a0d86"
    };
    struct counter *counter = *state;
    struct record_numbers numbers = { 0 };

    for (size_t i = 0; i < 2; i++) {
        struct smg_fields *card;
        struct smg_err err = { 0 };
        struct trace trace;

        assert_int_equal(record_allow_digests(&numbers, str_of(digests[i]), &err), SMG_OK);
        assert_int_equal(numbers.digest_count, i + 1);
        start_emulator(counter, "resident", NULL);
        configure_port(counter);
        assert_int_equal(record(counter, &numbers, &trace, &card, &err),
                         i == 0 ? SMG_E_DENIED : SMG_OK);
        trace_fini(&trace);
        fields_free(card);
        stop_emulator(counter);
    }
}

static void test_lines_that_are_no_digest_are_refused(void **state)
{
    static const char *const texts[] = {
        "540102198803140016\n", "4f0deee9\n", "\n \n",
        "zz0deee9ef1db5ab5ebf6b5a7e41a1e3e0e0ac1f5e2a2ac1a1e2d1c0b0a09080\n"
    };
    struct record_numbers numbers = { 0 };

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct smg_err err = { 0 };

        assert_int_equal(record_allow_digests(&numbers, str_of(texts[i]), &err), SMG_E_INVALID);
        assert_non_null(strstr(err.text, "no SHA-256"));
        assert_null(strstr(err.text, number));
    }
    assert_int_equal(numbers.digest_count, 0);
}

static void test_a_failed_read_of_a_test_card_is_replayed(void **state)
{
    struct counter *counter = *state;
    struct record_numbers numbers = { 0 };
    struct replay_result result;
    struct smg_fields *card;
    struct smg_err err;
    struct trace trace;

    allow(&numbers, "resident");
    start_emulator(counter, "resident", "checksum:read");
    configure_port(counter);
    assert_int_equal(record(counter, &numbers, &trace, &card, &err), SMG_OK);
    assert_null(card);
    assert_string_equal(trace.end, "PROTOCOL");
    assert_int_equal(trace.answers.len, 0);
    assert_int_equal(replay_trace(&trace, BINARY_DIR "/plugins", "sdt", &result, &err), SMG_OK);
    assert_string_equal(result.end, "PROTOCOL");
    assert_false(result.changed);
    replay_result_fini(&result);
    trace_fini(&trace);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_declared_card_leaves_a_trace, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_an_undeclared_card_leaves_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_number_is_declared_by_its_digest, set_up, tear_down),
        cmocka_unit_test(test_lines_that_are_no_digest_are_refused),
        cmocka_unit_test_setup_teardown(test_a_failed_read_of_a_test_card_is_replayed, set_up,
                                        tear_down),
    };

    /* The drivers' processes are this program. */
    if (argc > 1 && strcmp(argv[1], READER_CHILD_VERB) == 0)
        return reader_child();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
