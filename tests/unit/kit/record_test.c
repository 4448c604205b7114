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
#include "emulate/scanner.h"
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

/* Run it in a process of its own until it says where it is ready, which may be news. */
static void start(struct counter *counter, int (*run)(const void *options, FILE *out),
                  const void *options)
{
    char line[300], where[256];
    FILE *stream;
    int out[2];

    assert_int_equal(pipe(out), 0);
    counter->pid = fork();
    assert_true(counter->pid >= 0);
    if (counter->pid == 0) {
        close(out[0]);
        stream = fdopen(out[1], "w");
        _exit(stream == NULL ? 99 : run(options, stream));
    }
    close(out[1]);
    stream = fdopen(out[0], "r");
    assert_non_null(stream);
    assert_non_null(fgets(line, sizeof line, stream));
    assert_int_equal(sscanf(line, "ready %255s", where), 1);
    memcpy(counter->port, where, sizeof where);
    fclose(stream);
}

static int run_emulator(const void *options, FILE *out)
{
    return emulate_run(options, out, out);
}

static int run_scanner(const void *options, FILE *out)
{
    return scanner_run(options, out, out);
}

static void start_emulator(struct counter *counter, const char *card, const char *fault)
{
    const char *faults[] = { fault, NULL };
    char path[512];
    struct emulate_options options = { .card = card_path(card, path),
                                       .link = counter->port,
                                       .faults = faults,
                                       .fault_count = fault != NULL };

    start(counter, run_emulator, &options);
}

static void start_bridge(struct counter *counter, const char *card)
{
    char path[512];
    struct emulate_options options = { .card = card_path(card, path), .listen = "127.0.0.1:0" };

    start(counter, run_emulator, &options);
}

static void start_scanner(struct counter *counter, const char *zone)
{
    struct scanner_options options = { .zone = zone, .link = counter->port, .every_ms = 400 };

    start(counter, run_scanner, &options);
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

/* ---- zones ---- */

static void expect_zone(struct counter *counter, const char *lines, const char *wanted)
{
    struct record_numbers numbers = { 0 };
    struct config_errors errors = { 0 };
    char path[300];
    FILE *file;
    bool good;

    snprintf(path, sizeof path, "%s/zone.yaml", counter->folder);
    file = fopen(path, "w");
    assert_non_null(file);
    fputs(lines, file);
    fclose(file);
    good = record_allow_card(&numbers, path, &errors);
    unlink(path);
    if (wanted == NULL)
        assert_non_null(strstr(errors.text.at, "no machine readable zone"));
    else
        assert_string_equal(numbers.number[0], wanted);
    assert_int_equal(good, wanted != NULL);
    assert_int_equal(numbers.number_count, wanted != NULL);
    config_errors_fini(&errors);
}

static void test_the_number_of_a_test_zone(void **state)
{
    struct counter *counter = *state;

    expect_zone(counter,
                "line1: P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\n"
                "line2: L898902C36UTO7408122F1204159ZE184226B<<<<<10\n",
                "L898902C3");
    expect_zone(counter,
                "line1: I<UTOD231458907<<<<<<<<<<<<<<<\nline2: 7408122F1204159UTO<<<<<<<<<<<6\n"
                "line3: ERIKSSON<<ANNA<MARIA<<<<<<<<<<\n",
                "D23145890");
    /* Of more than nine characters, with its check digit behind it (ICAO 9303-5). */
    expect_zone(counter,
                "line1: I<UTOD23145890<7349<<<<<<<<<<<\nline2: 3407127M9507122UTO<<<<<<<<<<<2\n"
                "line3: STEVENSON<<PETER<JOHN<<<<<<<<<\n",
                "D23145890734");
    expect_zone(counter, "line1: P<UTO\nline2: L898902C3\n", NULL);
}

/* A scanner speaks unasked: what it said is played when the read has begun. */
static void test_a_scan_is_recorded_and_replayed(void **state)
{
    struct counter *counter = *state;
    struct record_numbers numbers = { 0 };
    struct config_errors errors = { 0 };
    struct replay_result result;
    struct smg_fields *card;
    struct smg_err err;
    struct trace trace;

    snprintf(counter->options_text, sizeof counter->options_text, "device: \"%s\"\n",
             counter->port);
    configure(counter, "mrz", counter->options_text);
    start_scanner(counter, SOURCE_DIR "/conf/zones/foreign-passport.yaml");
    assert_int_equal(record(counter, &numbers, &trace, &card, &err), SMG_E_DENIED);
    expect_nothing_kept(&trace, card, &err);
    assert_true(
        record_allow_card(&numbers, SOURCE_DIR "/conf/zones/foreign-passport.yaml", &errors));
    assert_int_equal(record(counter, &numbers, &trace, &card, &err), SMG_OK);
    assert_true(str_is(fields_text(card, "document.number"), "00AB12345"));
    stop_emulator(counter);
    assert_int_equal(replay_trace(&trace, BINARY_DIR "/plugins", "mrz", &result, &err), SMG_OK);
    if (result.changed || result.wrong)
        fail_msg("%s", result.said.at);
    assert_int_equal(result.fields, fields_count(card));
    replay_result_fini(&result);
    trace_fini(&trace);
    fields_free(card);
}

/* ---- lines there are none of ---- */

/* What passes a bridge is what would pass the line behind it. */
static void test_a_reader_behind_a_bridge_is_recorded(void **state)
{
    struct counter *counter = *state;
    struct record_numbers numbers = { 0 };
    struct replay_result result;
    struct smg_fields *card;
    struct smg_err err;
    struct trace trace;

    allow(&numbers, "resident");
    start_bridge(counter, "resident");
    snprintf(counter->options_text, sizeof counter->options_text,
             "address: \"%s\"\nfind_every: 50ms\n", counter->port);
    configure(counter, "sdt", counter->options_text);
    if (record(counter, &numbers, &trace, &card, &err) != SMG_OK)
        fail_msg("%s", err.text);
    assert_true(str_is(fields_text(card, "document.number"), number));
    assert_null(strstr(trace.options.at, "address"));
    stop_emulator(counter);
    assert_int_equal(replay_trace(&trace, BINARY_DIR "/plugins", "sdt", &result, &err), SMG_OK);
    if (result.changed || result.wrong)
        fail_msg("%s", result.said.at);
    replay_result_fini(&result);
    trace_fini(&trace);
    fields_free(card);
    counter->port[0] = '\0';
}

static void test_what_cannot_be_recorded_is_refused_with_the_reason(void **state)
{
    static const struct {
        const char *plugin, *options, *said;
    } cases[] = {
        { "emrtd", "reader: x\n", "has no option for a device" },
        { "sdt", "hid: /dev/hidraw0\n", "hangs on \"hid\"; only a serial line (\"device\")" },
        { "sdt", "find_every: 50ms\n", "hangs on \"nothing\"" },
        { "sdt", "device: /dev/null\n", "/dev/null is no serial line" },
        { "mrz", "device: /dev/null\n", "/dev/null is no serial line" },
    };
    struct counter *counter = *state;
    struct record_numbers numbers = { 0 };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct smg_fields *card;
        struct smg_err err;
        struct trace trace;

        configure(counter, cases[i].plugin, cases[i].options);
        assert_int_equal(record(counter, &numbers, &trace, &card, &err), SMG_E_UNSUPPORTED);
        if (strstr(err.text, cases[i].said) == NULL)
            fail_msg("\"%s\" does not say \"%s\"", err.text, cases[i].said);
        expect_nothing_kept(&trace, card, &err);
    }
}

static void test_a_trace_cannot_be_played_to_what_has_no_line(void **state)
{
    struct trace trace = { .plugin = "emrtd", .end = "ok", .on = DATE_NONE };
    struct replay_result result;
    struct smg_err err = { 0 };

    (void)state;
    assert_int_equal(replay_trace(&trace, BINARY_DIR "/plugins", "emrtd", &result, &err),
                     SMG_E_UNSUPPORTED);
    assert_non_null(strstr(err.text, "no option for a device"));
    replay_result_fini(&result);
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
        cmocka_unit_test_setup_teardown(test_the_number_of_a_test_zone, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_scan_is_recorded_and_replayed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_reader_behind_a_bridge_is_recorded, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_what_cannot_be_recorded_is_refused_with_the_reason,
                                        set_up, tear_down),
        cmocka_unit_test(test_a_trace_cannot_be_played_to_what_has_no_line),
        cmocka_unit_test_setup_teardown(test_a_failed_read_of_a_test_card_is_replayed, set_up,
                                        tear_down),
    };

    /* The drivers' processes are this program. */
    if (argc > 1 && strcmp(argv[1], READER_CHILD_VERB) == 0)
        return reader_child();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
