/* SPDX-License-Identifier: Apache-2.0 */
/* Every published error frame, to every command, on every kind of bad line: the same outcome when
 * it arrives, in the end, and a failure when it does not. A driver that waits for the 1,295 bytes
 * of a good answer hangs on these 11. */
#include "bench.h"

#include "sam_frames.h"

enum { ERROR_BYTES = 11, PATIENCE_MS = 3000 };

static const char *const commands[] = { "find", "select", "read", "read_fingerprint",
                                        "read_address" };

enum { COMMANDS = sizeof commands / sizeof *commands };

static bool is_error(const struct sam_frame *frame)
{
    return frame->kind == RESPONSE && frame->sw != 0x90 && frame->sw != 0x9F;
}

static struct bench *bench_impatient(void)
{
    struct bench *bench = bench_ready();

    bench->patience_ms = PATIENCE_MS;
    bench->config.find_timeout = bench->config.select_timeout = bench->config.read_timeout = 600;
    return bench;
}

/* One read in which a command is always answered with a frame, on a line with a fault or none. */
static int read_error(struct bench *bench, const char *command, unsigned code, const char *line)
{
    struct sam_fault fault;
    struct smg_err err = { 0 };
    struct sdt *sdt = bench->self;
    char text[64];

    snprintf(text, sizeof text, "error:%s:%u", command, code);
    bench_present(bench, text);
    bench->config.fingerprint = strcmp(command, "read_fingerprint") == 0;
    if (line != NULL) {
        assert_int_equal(sam_fault_parse(line, &fault, &err), SMG_OK);
        assert_true(sam_add_fault(&bench->sam, fault));
    }
    /* As a reader that was just started. */
    sdt->no_fingerprint = sdt->no_address = sdt->lies = sdt->tells_leaving = false;
    sdt->out_of_service = false;
    return bench_read(bench);
}

static int read_over(struct bench *bench, const char *command, unsigned code, const char *kind,
                     unsigned number)
{
    char line[64];

    snprintf(line, sizeof line, "%s:%s:%u", kind, command, number);
    return read_error(bench, command, code, line);
}

/* The emulator says the published bytes, so all below is about these. */
static void test_error_frames_are_the_published_ones(void **state)
{
    size_t count = 0;

    (void)state;
    for (size_t i = 0; i < SAM_FRAME_COUNT; i++) {
        struct sam sam = { 0 };
        struct sam_reply reply = { 0 };
        struct buf request = { 0 }, frame = { 0 };
        bool answered = false;

        if (!is_error(&sam_frames[i]))
            continue;
        sam.faults[sam.fault_count++] =
            (struct sam_fault){ .kind = SAM_ERROR, .number = sam_frames[i].sw };
        assert_true(buf_unhex(&request, SMG_STR("AAAAAA96690003300132")));
        assert_true(buf_unhex(&frame, str_of(sam_frames[i].hex)));
        for (size_t k = 0; k < request.len; k++)
            answered = sam_take(&sam, (uint8_t)request.at[k], &reply);
        assert_true(answered);
        assert_true(str_eq(buf_view(&reply.bytes), buf_view(&frame)));
        assert_int_equal(frame.len, ERROR_BYTES);
        buf_fini(&reply.bytes);
        buf_fini(&request);
        buf_fini(&frame);
        count++;
    }
    assert_int_equal(count, 9);
}

static void expect_same(struct bench *bench, const char *command, unsigned code, int expected)
{
    for (unsigned size = 1; size < ERROR_BYTES; size++)
        assert_int_equal(read_over(bench, command, code, "split", size), expected);
    for (unsigned noise = 1; noise <= 251; noise += 50)
        assert_int_equal(read_over(bench, command, code, "noise", noise), expected);
    /* Whole, and then noise without end: the frame counts. But one that asks for the command again
     * gets it on a line at rest only. */
    assert_int_equal(read_over(bench, command, code, "endless", ERROR_BYTES),
                     expected == SMG_E_IO && (code == 0x10 || code == 0x11) ? SMG_E_PROTOCOL
                                                                            : expected);
    assert_int_equal(read_over(bench, command, code, "drop_aa", 1), expected);
    for (unsigned more = 1; more <= 6; more++)
        assert_int_equal(read_over(bench, command, code, "extra_aa", more), expected);
}

/* What never arrives whole fails the read, but for the added address: that one can be done without.
 */
static void expect_failure(struct bench *bench, const char *command, unsigned code, bool needed)
{
    for (unsigned len = 0; len < ERROR_BYTES; len++) {
        int expected = !needed ? SMG_OK : len == 0 ? SMG_E_IO : SMG_E_PROTOCOL;

        assert_int_equal(read_over(bench, command, code, "short", len), expected);
        assert_int_equal(read_over(bench, command, code, "endless", len),
                         needed ? SMG_E_PROTOCOL : SMG_OK);
        if (needed)
            assert_int_equal(fields_count(bench->fields), 0);
    }
    assert_int_equal(read_over(bench, command, code, "checksum", 0),
                     needed ? SMG_E_PROTOCOL : SMG_OK);
}

static void test_error_frames_on_bad_lines_end_every_read_as_they_should(void **state)
{
    struct bench *bench = bench_impatient();

    (void)state;
    for (size_t i = 0; i < SAM_FRAME_COUNT; i++) {
        if (!is_error(&sam_frames[i]))
            continue;
        for (size_t k = 0; k < COMMANDS; k++) {
            unsigned code = sam_frames[i].sw;
            int expected = read_error(bench, commands[k], code, NULL);

            expect_same(bench, commands[k], code, expected);
            expect_failure(bench, commands[k], code, k < COMMANDS - 1);
        }
    }
    bench_free(bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_error_frames_are_the_published_ones),
        cmocka_unit_test(test_error_frames_on_bad_lines_end_every_read_as_they_should),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
