/* SPDX-License-Identifier: Apache-2.0 */
/* Frames: the published ones, every trap of length and checksum, noise and pieces. */
#include "frame.c"

#include "base/buf.h"
#include "sam_frames.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

static struct buf bytes_of(const char *hex)
{
    struct buf bytes = { 0 };

    assert_true(buf_unhex(&bytes, str_of(hex)));
    return bytes;
}

static enum frame_said feed(struct frame *frame, const struct buf *bytes)
{
    return frame_feed(frame, (const uint8_t *)bytes->at, bytes->len);
}

static void put_answer(struct buf *out, uint8_t code, size_t data)
{
    size_t from = out->len + 4;

    buf_put(out, "\xAA\xAA\x96\x69", 4);
    buf_u16(out, (uint16_t)(data + 4));
    buf_u16(out, 0);
    buf_byte(out, code);
    for (size_t i = 0; i < data; i++)
        buf_byte(out, (unsigned char)i);
    buf_byte(out, frame_sum((const uint8_t *)out->at + from, out->len - from));
}

static void test_requests_are_the_published_ones(void **state)
{
    static const struct {
        enum frame_command command;
        const char *meaning;
    } commands[] = {
        { FRAME_STATUS, "SAM status" },
        { FRAME_NUMBER, "SAM id" },
        { FRAME_FIND, "find card" },
        { FRAME_SELECT, "select card" },
        { FRAME_READ, "read text+photo" },
        { FRAME_READ_FINGERPRINT, "read text+photo+fingerprint" },
        { FRAME_READ_ADDRESS, "read newest address" },
    };
    size_t found = 0;

    (void)state;
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        uint8_t request[FRAME_REQUEST_BYTES];

        frame_request(commands[i].command, request);
        for (size_t k = 0; k < SAM_FRAME_COUNT; k++) {
            struct buf bytes = bytes_of(sam_frames[k].hex);

            if (sam_frames[k].kind == REQUEST &&
                strcmp(sam_frames[k].meaning, commands[i].meaning) == 0) {
                assert_int_equal(bytes.len, sizeof request);
                assert_memory_equal(bytes.at, request, sizeof request);
                found++;
            }
            buf_fini(&bytes);
        }
    }
    assert_int_equal(found, sizeof commands / sizeof *commands);
}

static void test_published_checksums_follow_the_rule(void **state)
{
    (void)state;
    for (size_t i = 0; i < SAM_FRAME_COUNT; i++) {
        struct buf bytes = bytes_of(sam_frames[i].hex);

        if (sam_frames[i].kind == REQUEST || sam_frames[i].kind == RESPONSE)
            assert_int_equal(frame_sum((const uint8_t *)bytes.at + 5, bytes.len - 5), 0);
        buf_fini(&bytes);
    }
}

static void test_published_answers_are_whole_in_one_piece_and_byte_by_byte(void **state)
{
    (void)state;
    for (size_t i = 0; i < SAM_FRAME_COUNT; i++) {
        struct buf bytes = bytes_of(sam_frames[i].hex);
        struct frame frame = { 0 };

        if (sam_frames[i].kind == RESPONSE) {
            assert_int_equal(feed(&frame, &bytes), FRAME_WHOLE);
            frame_clear(&frame);
            for (size_t k = 0; k + 1 < bytes.len; k++)
                assert_int_equal(frame_feed(&frame, (const uint8_t *)bytes.at + k, 1), FRAME_MORE);
            assert_int_equal(frame_feed(&frame, (const uint8_t *)bytes.at + bytes.len - 1, 1),
                             FRAME_WHOLE);
            assert_int_equal(frame.status[0] << 16 | frame.status[1] << 8 | frame.status[2],
                             sam_frames[i].sw);
            assert_int_equal(frame.len, bytes.len - 11);
        }
        buf_fini(&bytes);
    }
}

static void test_published_heads_ask_for_the_rest_they_announce(void **state)
{
    (void)state;
    for (size_t i = 0; i < SAM_FRAME_COUNT; i++) {
        struct buf bytes = bytes_of(sam_frames[i].hex);
        struct frame frame = { 0 };

        if (sam_frames[i].kind == RESPONSE_HEAD) {
            size_t length = (size_t)(unsigned char)bytes.at[5] << 8 | (unsigned char)bytes.at[6];
            size_t rest = 7 + length - bytes.len - 1;

            assert_int_equal(feed(&frame, &bytes), FRAME_MORE);
            for (size_t k = 0; k < rest; k++)
                buf_byte(&bytes, (unsigned char)(k * 5));
            buf_byte(&bytes, frame_sum((const uint8_t *)bytes.at + 5, bytes.len - 5));
            frame_clear(&frame);
            assert_int_equal(feed(&frame, &bytes), FRAME_WHOLE);
            assert_int_equal(frame.len, length - 4);
            assert_int_equal(frame.status[2], sam_frames[i].sw);
        }
        buf_fini(&bytes);
    }
}

static void test_published_wrong_frames_are_never_answers(void **state)
{
    (void)state;
    for (size_t i = 0; i < SAM_FRAME_COUNT; i++) {
        struct buf bytes = bytes_of(sam_frames[i].hex);
        struct frame frame = { 0 };

        if (sam_frames[i].kind == INVALID)
            assert_int_not_equal(feed(&frame, &bytes), FRAME_WHOLE);
        buf_fini(&bytes);
    }
}

static void test_echo_of_our_own_request_is_no_answer(void **state)
{
    static const enum frame_command commands[] = { FRAME_STATUS,      FRAME_NUMBER,
                                                   FRAME_FIND,        FRAME_SELECT,
                                                   FRAME_READ,        FRAME_READ_FINGERPRINT,
                                                   FRAME_READ_ADDRESS };

    (void)state;
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        uint8_t request[FRAME_REQUEST_BYTES];
        struct frame frame = { 0 };

        frame_request(commands[i], request);
        assert_int_equal(frame_feed(&frame, request, sizeof request), FRAME_MORE);
    }
}

static void test_every_length_but_4_to_2314_is_refused(void **state)
{
    (void)state;
    for (unsigned length = 0; length <= 0xFFFF; length++) {
        uint8_t head[] = { 0xAA, 0xAA, 0x96, 0x69, (uint8_t)(length >> 8), (uint8_t)length };
        struct frame frame = { 0 };

        assert_int_equal(frame_feed(&frame, head, sizeof head), FRAME_MORE);
        assert_int_equal(frame.trouble == FRAME_BAD_LENGTH, length < 4 || length > 2314);
    }
}

static void test_longest_answer_fits_behind_the_most_noise(void **state)
{
    struct buf bytes = { 0 };
    struct frame frame = { 0 };

    (void)state;
    for (size_t i = 0; i < FRAME_NOISE_MAX; i++)
        buf_byte(&bytes, 0x33);
    put_answer(&bytes, 0x90, FRAME_LENGTH_MAX - 4);
    assert_int_equal(feed(&frame, &bytes), FRAME_WHOLE);
    assert_int_equal(frame.len, FRAME_LENGTH_MAX - 4);
    assert_int_equal(frame.data[7], 7);
    buf_fini(&bytes);
}

static void test_leading_aa_may_be_missing_or_repeated(void **state)
{
    (void)state;
    for (size_t extra = 0; extra <= 6; extra++) {
        struct buf bytes = { 0 };
        struct frame frame = { 0 };

        for (size_t i = 0; i < extra; i++)
            buf_byte(&bytes, 0xAA);
        put_answer(&bytes, 0x80, 0);
        assert_int_equal(feed(&frame, &bytes), FRAME_WHOLE);
        assert_int_equal(frame.status[2], 0x80);
        buf_fini(&bytes);
    }
}

static void test_noise_without_end_is_given_up(void **state)
{
    struct frame frame = { 0 };
    uint8_t noise = 0x55;
    size_t taken = 0;

    (void)state;
    while (frame_feed(&frame, &noise, 1) == FRAME_MORE)
        assert_true(++taken <= FRAME_NOISE_MAX);
    assert_int_equal(taken, FRAME_NOISE_MAX);
}

static void test_preambles_without_end_are_given_up(void **state)
{
    static const uint8_t trap[] = { 0xAA, 0xAA, 0x96, 0x69, 0xFF, 0xFF };
    struct frame frame = { 0 };
    size_t taken = 0;

    (void)state;
    while (frame_feed(&frame, trap, sizeof trap) == FRAME_MORE)
        assert_true(++taken < 100);
}

static void test_answer_is_found_behind_a_false_preamble(void **state)
{
    struct buf bytes = bytes_of("AAAA9669FFFFAAAA96690003AAAA");
    struct frame frame = { 0 };

    (void)state;
    put_answer(&bytes, 0x9F, 4);
    assert_int_equal(feed(&frame, &bytes), FRAME_WHOLE);
    assert_int_equal(frame.status[2], 0x9F);
    assert_int_equal(frame.len, 4);
    buf_fini(&bytes);
}

static void test_false_preamble_may_overlap_the_true_one(void **state)
{
    /* The length AAAA of the false one is the beginning of the true one. */
    struct buf bytes = bytes_of("AAAA9669");
    struct frame frame = { 0 };

    (void)state;
    put_answer(&bytes, 0x80, 0);
    assert_int_equal(feed(&frame, &bytes), FRAME_WHOLE);
    buf_fini(&bytes);
}

static void test_answer_inside_a_broken_answer_is_not_taken(void **state)
{
    struct buf inner = { 0 }, outer = { 0 };
    struct frame frame = { 0 };

    (void)state;
    put_answer(&inner, 0x90, 0);
    buf_put(&outer, "\xAA\xAA\x96\x69", 4);
    buf_u16(&outer, (uint16_t)(inner.len + 4));
    buf_put(&outer, "\0\0\x90", 3);
    buf_str(&outer, buf_view(&inner));
    buf_byte(&outer, frame_sum((const uint8_t *)outer.at + 4, outer.len - 4) ^ 1);
    assert_int_equal(feed(&frame, &outer), FRAME_NOISE);
    assert_int_equal(frame.trouble, FRAME_BAD_SUM);
    buf_fini(&inner);
    buf_fini(&outer);
}

static void test_any_changed_bit_of_an_answer_is_noticed(void **state)
{
    struct buf bytes = { 0 };

    (void)state;
    put_answer(&bytes, 0x90, 24);
    for (size_t bit = 0; bit < bytes.len * 8; bit++) {
        struct frame frame = { 0 };

        bytes.at[bit / 8] = (char)(bytes.at[bit / 8] ^ 1 << bit % 8);
        assert_int_not_equal(feed(&frame, &bytes), FRAME_WHOLE);
        bytes.at[bit / 8] = (char)(bytes.at[bit / 8] ^ 1 << bit % 8);
    }
    buf_fini(&bytes);
}

static void test_feeding_after_the_end_never_overruns(void **state)
{
    struct frame frame = { 0 };
    uint8_t noise[97];

    (void)state;
    memset(noise, 0x11, sizeof noise);
    for (size_t i = 0; i < 100; i++)
        (void)frame_feed(&frame, noise, sizeof noise);
    assert_true(frame.count <= sizeof frame.bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_requests_are_the_published_ones),
        cmocka_unit_test(test_published_checksums_follow_the_rule),
        cmocka_unit_test(test_published_answers_are_whole_in_one_piece_and_byte_by_byte),
        cmocka_unit_test(test_published_heads_ask_for_the_rest_they_announce),
        cmocka_unit_test(test_published_wrong_frames_are_never_answers),
        cmocka_unit_test(test_echo_of_our_own_request_is_no_answer),
        cmocka_unit_test(test_every_length_but_4_to_2314_is_refused),
        cmocka_unit_test(test_longest_answer_fits_behind_the_most_noise),
        cmocka_unit_test(test_leading_aa_may_be_missing_or_repeated),
        cmocka_unit_test(test_noise_without_end_is_given_up),
        cmocka_unit_test(test_preambles_without_end_are_given_up),
        cmocka_unit_test(test_answer_is_found_behind_a_false_preamble),
        cmocka_unit_test(test_false_preamble_may_overlap_the_true_one),
        cmocka_unit_test(test_answer_inside_a_broken_answer_is_not_taken),
        cmocka_unit_test(test_any_changed_bit_of_an_answer_is_noticed),
        cmocka_unit_test(test_feeding_after_the_end_never_overruns),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
