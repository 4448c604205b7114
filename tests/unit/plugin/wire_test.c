/* SPDX-License-Identifier: Apache-2.0 */
/* Messages survive the way, and nothing else is taken for one. */
#include "fixture.h"

#include "plugin/wire.h"

#include <sys/socket.h>

static struct buf write_message(const struct wire_message *message)
{
    struct buf packet = { 0 };

    wire_write(message, &packet);
    assert_false(packet.failed);
    return packet;
}

static void test_a_start_message_survives(void **state)
{
    struct wire_message out, message = { .kind = WIRE_START,
                                         .file = SMG_STR("/x/sim.so"),
                                         .name = SMG_STR("counter-1"),
                                         .option_count = 2 };
    struct buf packet;

    (void)state;
    message.options[0] = (struct wire_option){ SMG_STR("name"), SMG_STR("测试") };
    message.options[1] = (struct wire_option){ SMG_STR("empty"), SMG_STR("") };
    packet = write_message(&message);
    assert_true(wire_parse(buf_view(&packet), &out));
    assert_true(str_is(out.file, "/x/sim.so"));
    assert_true(str_is(out.name, "counter-1"));
    assert_int_equal(out.option_count, 2);
    assert_true(str_is(out.options[0].value, "测试"));
    assert_true(str_is(out.options[1].name, "empty"));
    assert_int_equal(out.options[1].value.len, 0);
    buf_fini(&packet);
}

static void test_every_value_survives(void **state)
{
    const struct smg_value values[] = {
        { .type = SMG_BOOL, .boolean = true },           { .type = SMG_INT, .integer = INT64_MIN },
        { .type = SMG_DATE, .date = { 9999, 12, 31 } },  { .type = SMG_TEXT, .str = SMG_STR("") },
        { .type = SMG_BYTES, .str = SMG_STR("\0\1\2") },
    };

    (void)state;
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        struct wire_message out, message = {
            .kind = WIRE_ANSWER, .id = UINT64_MAX, .field = SMG_STR("name"), .value = values[i]
        };
        struct buf packet = write_message(&message);

        assert_true(wire_parse(buf_view(&packet), &out));
        assert_true(out.id == UINT64_MAX);
        assert_int_equal(out.value.type, values[i].type);
        if (values[i].type == SMG_INT)
            assert_true(out.value.integer == INT64_MIN);
        if (values[i].type == SMG_DATE)
            assert_int_equal(out.value.date.year, 9999);
        if (values[i].type == SMG_BYTES)
            assert_true(str_eq(out.value.str, values[i].str));
        buf_fini(&packet);
    }
}

static void test_what_a_read_is_given_survives(void **state)
{
    struct wire_message out, message = {
        .kind = WIRE_READ, .id = 3, .deadline_ms = 15000, .given = SMG_STR("\0\0\0\0 flat fields")
    };
    struct buf packet = write_message(&message);

    (void)state;
    assert_true(wire_parse(buf_view(&packet), &out));
    assert_int_equal(out.deadline_ms, 15000);
    assert_true(str_eq(out.given, message.given));
    buf_fini(&packet);
}

static void test_a_message_cut_anywhere_is_none(void **state)
{
    struct wire_message out,
        message = { .kind = WIRE_DONE, .id = 7, .code = SMG_E_IO, .text = SMG_STR("because") };
    struct buf packet = write_message(&message);

    (void)state;
    assert_true(wire_parse(buf_view(&packet), &out));
    assert_int_equal(out.code, SMG_E_IO);
    for (size_t len = 0; len < packet.len; len++)
        assert_false(wire_parse(str_bytes(packet.at, len), &out));
    buf_byte(&packet, 0);
    assert_false(wire_parse(buf_view(&packet), &out));
    buf_fini(&packet);
}

static void test_doubled_missing_and_foreign_items_are_refused(void **state)
{
    /* kind, then tag, length, bytes */
    static const char doubled[] =
        "\x03\x01\0\0\0\x08\0\0\0\0\0\0\0\1\x01\0\0\0\x08\0\0\0\0\0\0\0\1";
    static const char foreign[] = "\x04\x05\0\0\0\0";
    static const char option[] = "\x03\x01\0\0\0\x08\0\0\0\0\0\0\0\1\x0a\0\0\0\0\x0b\0\0\0\0";
    static const char unknown[] = "\x04\x63\0\0\0\0";
    struct wire_message out;

    (void)state;
    assert_false(wire_parse(str_bytes(doubled, sizeof doubled - 1), &out));
    assert_false(wire_parse(str_bytes(foreign, sizeof foreign - 1), &out));
    assert_false(wire_parse(str_bytes(option, sizeof option - 1), &out));
    assert_false(wire_parse(str_bytes(unknown, sizeof unknown - 1), &out));
    assert_false(wire_parse(SMG_STR("\x03"), &out));
    assert_false(wire_parse(SMG_STR("\x00"), &out));
    assert_false(wire_parse(SMG_STR("\x63"), &out));
    assert_true(wire_parse(SMG_STR("\x04"), &out));
}

static void test_an_option_without_its_value_is_refused(void **state)
{
    struct wire_message out, message = { .kind = WIRE_START };
    struct buf packet = write_message(&message);

    (void)state;
    assert_true(wire_parse(buf_view(&packet), &out));
    buf_put(&packet, "\x0a\0\0\0\1a", 6);
    assert_false(wire_parse(buf_view(&packet), &out));
    buf_put(&packet, "\x0b\0\0\0\1b", 6);
    assert_true(wire_parse(buf_view(&packet), &out));
    buf_put(&packet, "\x0b\0\0\0\1b", 6);
    assert_false(wire_parse(buf_view(&packet), &out));
    buf_fini(&packet);
}

static void test_more_options_than_a_plugin_may_have_are_refused(void **state)
{
    struct wire_message out, message = { .kind = WIRE_START };
    struct buf packet = write_message(&message);

    (void)state;
    for (int i = 0; i < WIRE_OPTIONS_MAX; i++)
        buf_put(&packet, "\x0a\0\0\0\1a\x0b\0\0\0\1b", 12);
    assert_true(wire_parse(buf_view(&packet), &out));
    buf_put(&packet, "\x0a\0\0\0\1a\x0b\0\0\0\1b", 12);
    assert_false(wire_parse(buf_view(&packet), &out));
    buf_fini(&packet);
}

static void test_impossible_values_are_refused(void **state)
{
    static const struct smg_date days[] = { { 2001, 2, 29 }, { 0, 1, 1 }, { 2000, 13, 1 } };
    struct wire_message out, message = { .kind = WIRE_ANSWER, .field = SMG_STR("birth") };

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct buf packet;

        message.value = (struct smg_value){ .type = SMG_DATE, .date = days[i] };
        packet = write_message(&message);
        assert_false(wire_parse(buf_view(&packet), &out));
        buf_fini(&packet);
    }
}

static char room[WIRE_BYTES];

static void test_a_packet_that_is_too_long_is_nonsense(void **state)
{
    struct wire_message out;
    struct smg_err err = { 0 };
    size_t used;
    int ends[2];

    (void)state;
    assert_int_equal(wire_pair(ends, &err), SMG_OK);
    assert_int_equal(wire_send(ends[0], str_bytes(room, 600), 0, &err), SMG_OK);
    assert_int_equal(wire_receive(ends[1], 0, room, 512, &used, &out, &err), SMG_E_PROTOCOL);
    assert_int_equal(wire_receive(ends[1], MSG_DONTWAIT, room, 512, &used, &out, &err), 0);
    close(ends[0]);
    assert_int_equal(wire_receive(ends[1], 0, room, 512, &used, &out, &err), SMG_E_GONE);
    close(ends[1]);
}

static void test_the_longest_message_fits(void **state)
{
    struct wire_message *out = calloc(1, sizeof *out);
    struct smg_err err = { 0 };
    struct buf packet = { 0 };
    size_t used;
    int ends[2];

    (void)state;
    assert_non_null(out);
    assert_int_equal(wire_pair(ends, &err), SMG_OK);
    buf_put(&packet, "\x08\x04\0\0\0\x08\0\0\0\0\0\0\0\1\x05", 15);
    buf_u32(&packet, WIRE_BYTES - 19);
    assert_non_null(buf_grow(&packet, WIRE_BYTES - 19));
    assert_int_equal(packet.len, WIRE_BYTES);
    assert_int_equal(wire_send(ends[0], buf_view(&packet), 0, &err), SMG_OK);
    assert_int_equal(wire_receive(ends[1], 0, room, sizeof room, &used, out, &err), 1);
    assert_int_equal(used, WIRE_BYTES);
    assert_int_equal(out->text.len, WIRE_BYTES - 19);
    buf_byte(&packet, 0);
    assert_int_equal(wire_send(ends[0], buf_view(&packet), 0, &err), SMG_E_INVALID);
    close(ends[0]);
    close(ends[1]);
    buf_fini(&packet);
    free(out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_start_message_survives),
        cmocka_unit_test(test_every_value_survives),
        cmocka_unit_test(test_what_a_read_is_given_survives),
        cmocka_unit_test(test_a_message_cut_anywhere_is_none),
        cmocka_unit_test(test_doubled_missing_and_foreign_items_are_refused),
        cmocka_unit_test(test_an_option_without_its_value_is_refused),
        cmocka_unit_test(test_more_options_than_a_plugin_may_have_are_refused),
        cmocka_unit_test(test_impossible_values_are_refused),
        cmocka_unit_test(test_a_packet_that_is_too_long_is_nonsense),
        cmocka_unit_test(test_the_longest_message_fits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
