/* SPDX-License-Identifier: Apache-2.0 */
/* Traces as text: what is written is read again, what is damaged is refused by its line. */
#include "kit/trace.h"

#include <setjmp.h>
#include <stdlib.h>
#include <cmocka.h>

#include "base/fields.h"

#define HEAD "shiming-trace 1\nplugin acme\n"
#define END "end ok\n"

static const char whole[] = HEAD "option find_every: \"50ms\"\n"
                                 "> aaaaaa9669000311ffed\n"
                                 "< aaaaaa9669\n"
                                 "pause 40\n"
                                 "read 3000\n"
                                 "< 00\n"
                                 "unplug\n"
                                 "answer name text \"测*\" sha256:0123456789abcdef\n"
                                 "answer portrait bytes 1024 sha256:fedcba9876543210\n"
                                 "end GONE\n"
                                 "application {\n"
                                 "application \t\"operation\": \"mobile.open\"\n"
                                 "application }\n"
                                 "case 2026-01-05 540102\n"
                                 "decision verdict incomplete\n"
                                 "decision need guardian.present cn-54/2018#6\n";

static void expect_written(const struct trace *trace, const char *text)
{
    struct buf out = { 0 };

    trace_write(trace, &out);
    assert_false(out.failed);
    assert_string_equal(out.at, text);
    buf_fini(&out);
}

static void expect_read(const char *text, struct trace *trace)
{
    struct smg_err err = { 0 };

    if (trace_read(str_of(text), trace, &err) != SMG_OK)
        fail_msg("%s", err.text);
}

/* Refused, and in these words; and nothing is left of it. */
static void expect_refused(struct smg_str text, const char *words)
{
    struct smg_err err = { 0 };
    struct trace trace;

    assert_int_equal(trace_read(text, &trace, &err), SMG_E_INVALID);
    if (strstr(err.text, words) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", err.text, words);
    assert_int_equal(trace.count, 0);
    assert_int_equal(trace.plugin[0], 0);
    assert_null(trace.bytes.at);
    trace_fini(&trace);
}

static void test_what_is_written_is_read_again(void **state)
{
    struct trace trace;

    (void)state;
    expect_read(whole, &trace);
    assert_string_equal(trace.plugin, "acme");
    assert_string_equal(trace.end, "GONE");
    assert_string_equal(trace.region, "540102");
    assert_int_equal(trace.on.year, 2026);
    assert_int_equal(trace.count, 6);
    assert_int_equal(trace.events[0].kind, TRACE_TO_DEVICE);
    assert_int_equal(trace.events[0].len, 10);
    assert_int_equal(trace.events[0].line, 4);
    assert_int_equal(trace.events[1].kind, TRACE_TO_PLUGIN);
    assert_memory_equal(trace.bytes.at + trace.events[1].from, "\xaa\xaa\xaa\x96\x69", 5);
    assert_int_equal(trace.events[2].ms, 40);
    assert_int_equal(trace.events[3].kind, TRACE_READ);
    assert_int_equal(trace.events[3].ms, 3000);
    assert_int_equal(trace.events[5].kind, TRACE_UNPLUG);
    expect_written(&trace, whole);
    trace_fini(&trace);
}

static void test_remarks_blank_lines_and_other_line_ends(void **state)
{
    struct trace trace;

    (void)state;
    expect_read("shiming-trace 1\r\n# of a test card\r\n\r\nplugin acme\r\n> 00\r\nend ok", &trace);
    assert_int_equal(trace.count, 1);
    assert_int_equal(trace.events[0].line, 5);
    expect_written(&trace, HEAD "> 00\n" END);
    trace_fini(&trace);
}

/* Bytes that follow bytes of the same kind are one turn, on as many lines as they need. */
static void test_long_turns(void **state)
{
    struct trace trace;
    struct buf text = { 0 };
    char zeros[70] = { 0 };

    (void)state;
    expect_read(HEAD "< 0000\n< 00\n" END, &trace);
    assert_int_equal(trace.count, 1);
    assert_true(trace_add(&trace, TRACE_TO_PLUGIN, str_bytes(zeros, sizeof zeros), 0));
    assert_int_equal(trace.events[0].len, 73);
    trace_write(&trace, &text);
    trace_fini(&trace);
    expect_read(text.at, &trace);
    assert_int_equal(trace.count, 1);
    assert_int_equal(trace.events[0].len, 73);
    trace_fini(&trace);
    buf_fini(&text);
}

static void test_no_trace_at_all(void **state)
{
    static const char *const texts[] = { "", "\n", "shiming-trace 2\n", ("plugin acme\n" END),
                                         "shiming-trace 1 \n" };

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        expect_refused(str_of(texts[i]), "line 1: it is no trace");
}

static void test_lines_that_are_wrong(void **state)
{
    /* The line after the plugin's, and what is said of it. */
    static const struct {
        const char *line, *said;
    } wrong[] = {
        { "begin", "line 3: it begins with no word" },
        { " > 00", "line 3: it begins with no word" },
        { ">00", "line 3: it begins with no word" },
        { ">", "line 3: bytes are pairs of hex digits" },
        { "> ", "line 3: bytes are pairs of hex digits" },
        { "> 0", "line 3: bytes are pairs of hex digits" },
        { "> zz", "line 3: bytes are pairs of hex digits" },
        { "< 00 00", "line 3: bytes are pairs of hex digits" },
        { "pause", "line 3: a time is milliseconds" },
        { "pause -1", "line 3: a time is milliseconds" },
        { "pause 1s", "line 3: a time is milliseconds" },
        { "pause 3600001", "line 3: a time is milliseconds, at most an hour" },
        { "read 99999999999999999999", "line 3: a time is milliseconds" },
        { "unplug now", "line 3: nothing follows" },
        { "plugin acme", "line 3: it stands there already" },
        { "option", "line 3: an option is NAME" },
        { "option find_every", "line 3: an option is NAME" },
        { "option {a: b}", "line 3: an option is NAME" },
        { "answer", "line 3: an answer is FIELD TYPE VALUE sha256" },
        { "answer name", "line 3: an answer is FIELD TYPE VALUE sha256" },
        { "answer name word \"A\" sha256:0123456789abcdef", "line 3: an answer is" },
        { "answer name text \"A\"", "line 3: an answer is FIELD TYPE VALUE sha256" },
        { "answer name text \"A\" sha256:0123", "line 3: an answer is" },
        { "answer name text \"A\" sha256:0123456789abcdeg", "line 3: an answer is" },
        { "answer  text \"A\" sha256:0123456789abcdef", "line 3: an answer is" },
        { "end", "line 3: a read ends with" },
        { "end fine", "line 3: a read ends with" },
        { "end ok\nend ok", "line 4: it stands there already" },
        { "finding", "line 3: a finding is a text" },
        { "finding a\nfinding b", "line 4: it stands there already" },
        { "case", "line 3: a case is a day and a region" },
        { "case 2026-02-30 540102", "line 3: a case is a day and a region" },
        { "case 2026-01-05", "line 3: a case is a day and a region" },
        { "case 2026-01-05 54010", "line 3: a case is a day and a region" },
        { "case 2026-01-05 54010x", "line 3: a case is a day and a region" },
        { "case 2026-01-05 540102\ncase 2026-01-05 540102", "line 4: it stands there already" },
        { "decision verdict \x1b[2J", "line 3: it holds a control character" },
        { "# \xff\n> \xff", "line 4: it holds a control character, or is not UTF-8" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct buf text = { 0 };

        buf_printf(&text, HEAD "%s\n" END, wrong[i].line);
        expect_refused(buf_view(&text), wrong[i].said);
        buf_fini(&text);
    }
}

/* Which file is loaded is the matter of whoever replays, never of the trace. */
static void test_a_plugin_is_a_name_and_no_path(void **state)
{
    static const char *const names[] = { "", "../acme", "/tmp/acme.so", "acme.so", "ACME", "a b" };

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct buf text = { 0 };

        buf_printf(&text, "shiming-trace 1\nplugin %s\n" END, names[i]);
        expect_refused(buf_view(&text), "line 2: a plugin's name");
        buf_fini(&text);
    }
}

static void test_a_nul_is_refused(void **state)
{
    static const char text[] = HEAD "application {\0}\n" END;

    (void)state;
    expect_refused(str_bytes(text, sizeof text - 1), "line 3: it holds a control character");
}

/* Cut anywhere it is refused, unless nothing but remarks on the decision were lost. */
static void test_a_trace_that_is_cut(void **state)
{
    const char *end = strstr(whole, "end GONE");

    (void)state;
    expect_refused(str_of("shiming-trace 1\n" END), "line 2: it ends here, and no line says which");
    for (size_t len = 0; len < (size_t)(end - whole) + 8; len++) {
        struct smg_err err = { 0 };
        struct trace trace;

        assert_int_equal(trace_read(str_bytes(whole, len), &trace, &err), SMG_E_INVALID);
        assert_memory_equal(err.text, "line ", 5);
        trace_fini(&trace);
    }
}

static void test_more_than_a_trace_may_hold(void **state)
{
    struct buf text = { 0 };
    struct trace trace = { .on = DATE_NONE };
    char *bytes = calloc(1, TRACE_BYTES);

    (void)state;
    buf_text(&text, HEAD);
    for (int i = 0; i <= TRACE_EVENTS; i++)
        buf_text(&text, "pause 1\n");
    expect_refused(buf_view(&text), "line 65539: there is more than a trace may hold");
    assert_true(trace_add(&trace, TRACE_TO_PLUGIN, str_bytes(bytes, TRACE_BYTES), 0));
    assert_false(trace_add(&trace, TRACE_TO_PLUGIN, str_bytes(bytes, 1), 0));
    trace_fini(&trace);
    free(bytes);
    buf_fini(&text);
}

/* ---- answers ---- */

static struct smg_fields *make_card(void)
{
    struct smg_value birth = { .type = SMG_DATE, .date = { 1988, 3, 14 } };
    struct smg_value valid_to = { .type = SMG_DATE, .date = { 2038, 5, 1 } };
    struct smg_value portrait = { .type = SMG_BYTES, .str = SMG_STR("\xff\xd8picture") };
    struct smg_value long_term = { .type = SMG_BOOL, .boolean = false };
    struct smg_fields *fields = fields_new();

    assert_non_null(fields);
    assert_true(fields_set_text(fields, "document.type", SMG_STR("resident_id")));
    assert_true(fields_set_text(fields, "document.number", SMG_STR("540102198803140016")));
    assert_true(fields_set_text(fields, "name", SMG_STR("扎西·示例")));
    assert_true(fields_set_text(fields, "address", SMG_STR("西藏自治区拉萨市示例路1号")));
    assert_true(fields_set_text(fields, "access.mrz", SMG_STR("P<UTOERIKSSON<<ANNA")));
    assert_true(fields_set(fields, SMG_STR("birth"), &birth));
    assert_true(fields_set(fields, SMG_STR("document.valid_to"), &valid_to));
    assert_true(fields_set(fields, SMG_STR("document.long_term"), &long_term));
    assert_true(fields_set(fields, SMG_STR("portrait"), &portrait));
    return fields;
}

static void test_answers_are_masked_and_read_again(void **state)
{
    static const char *const secrets[] = {
        "540102198803140016", "0314", "1988-03-14", "扎西", "示例路", "1号", "picture", "ERIKSSON"
    };
    struct smg_fields *fields = make_card();
    struct trace trace = { .plugin = "acme", .on = DATE_NONE }, again;
    struct buf text = { 0 };

    (void)state;
    trace_answer(&trace, fields, SMG_OK);
    trace_write(&trace, &text);
    for (size_t i = 0; i < sizeof secrets / sizeof *secrets; i++)
        if (strstr(text.at, secrets[i]) != NULL)
            fail_msg("%s is in\n%s", secrets[i], text.at);
    assert_non_null(strstr(text.at, "answer document.type text \"resident_id\" sha256:"));
    assert_non_null(strstr(text.at, "answer portrait bytes 9 sha256:"));
    assert_non_null(strstr(text.at, "answer document.long_term bool false sha256:"));
    expect_read(text.at, &again);
    assert_string_equal(again.answers.at, trace.answers.at);
    trace_fini(&again);
    trace_fini(&trace);
    buf_fini(&text);
    fields_free(fields);
}

/* What is masked alike is told apart by its digest. */
static void test_digests_tell_values_apart(void **state)
{
    struct smg_value one = { .type = SMG_TEXT, .str = SMG_STR("540102198803140016") };
    struct smg_value other = { .type = SMG_TEXT, .str = SMG_STR("540102198803140017") };
    struct smg_value bytes = { .type = SMG_BYTES, .str = SMG_STR("540102198803140016") };
    struct buf first = { 0 }, second = { 0 }, third = { 0 };

    (void)state;
    trace_put_field(SMG_STR("document.number"), &one, &first);
    trace_put_field(SMG_STR("document.number"), &other, &second);
    trace_put_field(SMG_STR("document.number"), &bytes, &third);
    assert_string_not_equal(first.at, second.at);
    assert_string_not_equal(strstr(first.at, "sha256:"), strstr(third.at, "sha256:"));
    buf_clear(&second);
    trace_put_field(SMG_STR("document.number"), &one, &second);
    assert_string_equal(first.at, second.at);
    buf_fini(&first);
    buf_fini(&second);
    buf_fini(&third);
}

static void test_every_end_is_read_again(void **state)
{
    (void)state;
    for (int32_t code = SMG_E_CARD; code <= SMG_OK; code++) {
        struct trace trace = { .plugin = "acme", .on = DATE_NONE }, again;
        struct buf text = { 0 };

        trace_answer(&trace, NULL, code);
        trace_write(&trace, &text);
        expect_read(text.at, &again);
        assert_string_equal(again.end, trace_code_name(code));
        trace_fini(&trace);
        trace_fini(&again);
        buf_fini(&text);
    }
    assert_string_equal(trace_code_name(-99), "?");
}

/* Words of a plugin that died are its own: they cannot forge a line, drive a terminal, or make a
 * trace that is not read again. */
static void test_findings_of_any_words(void **state)
{
    char cut[300];
    const char *const details[] = { "signal 11", "a\nend ok\n\x1b[31m\x7f", "\xff\xfe", cut };

    (void)state;
    memset(cut, 'a', 220);
    for (int i = 220; i + 3 < 300; i += 3)
        memcpy(cut + i, "测", 3);
    cut[298] = '\0';
    for (size_t i = 0; i < sizeof details / sizeof *details; i++) {
        struct trace trace = { .plugin = "acme", .on = DATE_NONE }, again;
        struct buf text = { 0 };

        trace_find(&trace, "its process died", details[i]);
        assert_memory_equal(trace.finding, "its process died: ", 18);
        trace_write(&trace, &text);
        expect_read(text.at, &again);
        assert_string_equal(again.finding, trace.finding);
        assert_int_equal(again.end[0], 0);
        trace_fini(&trace);
        trace_fini(&again);
        buf_fini(&text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_written_is_read_again),
        cmocka_unit_test(test_remarks_blank_lines_and_other_line_ends),
        cmocka_unit_test(test_long_turns),
        cmocka_unit_test(test_no_trace_at_all),
        cmocka_unit_test(test_lines_that_are_wrong),
        cmocka_unit_test(test_a_plugin_is_a_name_and_no_path),
        cmocka_unit_test(test_a_nul_is_refused),
        cmocka_unit_test(test_a_trace_that_is_cut),
        cmocka_unit_test(test_more_than_a_trace_may_hold),
        cmocka_unit_test(test_answers_are_masked_and_read_again),
        cmocka_unit_test(test_digests_tell_values_apart),
        cmocka_unit_test(test_every_end_is_read_again),
        cmocka_unit_test(test_findings_of_any_words),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
