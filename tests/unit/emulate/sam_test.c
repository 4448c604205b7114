/* SPDX-License-Identifier: Apache-2.0 */
/* The virtual module by itself: published frames, the order of steps, and its faults. */
#include "emulate/sam.h"
#include "sam_frames.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

static struct card card_with(const char *added_address)
{
    struct card_sheet sheet = { .layout = "resident",
                                .name = "示例",
                                .number = "540102198803140016",
                                .fingerprint = "512",
                                .added_address = added_address };
    struct card card;
    struct smg_err err = { 0 };

    assert_int_equal(card_encode(&sheet, &card, &err), SMG_OK);
    return card;
}

/* How many answers the bytes bring; the last is in reply. */
static unsigned send_hex(struct sam *sam, const char *hex, struct sam_reply *reply)
{
    struct buf bytes = { 0 };
    unsigned answers = 0;

    assert_true(buf_unhex(&bytes, str_of(hex)));
    for (size_t i = 0; i < bytes.len; i++)
        answers += sam_take(sam, (uint8_t)bytes.at[i], reply);
    buf_fini(&bytes);
    return answers;
}

/* SW3 of the answer to one request, whose frame must be right. */
static unsigned ask(struct sam *sam, const char *hex, struct sam_reply *reply)
{
    const unsigned char *at;
    unsigned char sum = 0;
    size_t len;

    assert_int_equal(send_hex(sam, hex, reply), 1);
    at = (const unsigned char *)reply->bytes.at;
    len = reply->bytes.len;
    assert_true(len >= 11);
    assert_memory_equal(at, "\xAA\xAA\xAA\x96\x69", 5);
    assert_int_equal(at[5] << 8 | at[6], len - 7);
    for (size_t i = 5; i < len; i++)
        sum ^= at[i];
    assert_int_equal(sum, 0);
    return at[9];
}

#define STATUS "AAAAAA9669000311FFED"
#define NUMBER "AAAAAA9669000312FFEE"
#define FIND "AAAAAA96690003200122"
#define SELECT "AAAAAA96690003200221"
#define READ "AAAAAA96690003300132"
#define READ_FINGERPRINT "AAAAAA96690003301023"
#define READ_ADDRESS "AAAAAA96690003300330"

static void test_every_published_request_is_understood(void **state)
{
    (void)state;
    for (size_t i = 0; i < SAM_FRAME_COUNT; i++) {
        struct sam sam = { 0 };
        struct sam_reply reply = { 0 };

        if (sam_frames[i].kind != REQUEST)
            continue;
        assert_int_not_equal(ask(&sam, sam_frames[i].hex, &reply), 0x21);
        assert_int_equal(sam.counts[SAM_ANY], 0);
        buf_fini(&reply.bytes);
    }
}

static void test_published_wrong_requests_are_never_obeyed(void **state)
{
    (void)state;
    for (size_t i = 0; i < SAM_FRAME_COUNT; i++) {
        struct sam sam = { 0 };
        struct sam_reply reply = { 0 };

        if (sam_frames[i].kind != INVALID)
            continue;
        if (send_hex(&sam, sam_frames[i].hex, &reply) > 0)
            assert_in_range((unsigned char)reply.bytes.at[9], 0x10, 0x11);
        for (size_t k = 0; k < SAM_COMMANDS; k++)
            assert_int_equal(sam.counts[k], 0);
        buf_fini(&reply.bytes);
    }
}

static void expect_frame(struct sam *sam, const char *request, const char *meaning)
{
    struct sam_reply reply = { 0 };
    struct buf expected = { 0 };

    (void)ask(sam, request, &reply);
    for (size_t i = 0; i < SAM_FRAME_COUNT; i++)
        if (strcmp(sam_frames[i].meaning, meaning) == 0)
            assert_true(buf_unhex(&expected, str_of(sam_frames[i].hex)));
    assert_true(expected.len > 0 && reply.bytes.len >= expected.len);
    assert_memory_equal(reply.bytes.at, expected.at, expected.len);
    buf_fini(&reply.bytes);
    buf_fini(&expected);
}

static void test_answers_are_the_published_ones(void **state)
{
    struct card card = card_with(NULL);
    struct sam sam = { 0 };
    struct smg_err err = { 0 };

    (void)state;
    expect_frame(&sam, STATUS, "status ok / command ok");
    expect_frame(&sam, FIND, "no card");
    expect_frame(&sam, SELECT, "select failed");
    expect_frame(&sam, READ, "read failed");
    sam_insert(&sam, &card);
    expect_frame(&sam, FIND, "card found");
    expect_frame(&sam, SELECT, "selected");
    expect_frame(&sam, READ, "read text+photo ok");
    expect_frame(&sam, READ_ADDRESS, "item not on card");
    expect_frame(&sam, "AAAAAA96690003777700", "checksum error");
    expect_frame(&sam, "AAAAAA96690003777703", "unknown command");
    expect_frame(&sam, "AAAAAA96690002", "length error");
    assert_int_equal(sam_fault_parse("error:status:0x60", &sam.faults[0], &err), SMG_OK);
    sam.fault_count = 1;
    expect_frame(&sam, STATUS, "self-test failed");
}

static void test_fingerprint_answers_have_the_published_heads(void **state)
{
    static const struct {
        const char *length, *meaning;
    } cases[] = { { "1024", "read text+photo+fingerprint ok (1024)" },
                  { "512", "read text+photo+fingerprint ok (512)" },
                  { "none", "read text+photo+fingerprint ok (none)" } };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct card_sheet sheet = { .layout = "resident", .fingerprint = cases[i].length };
        struct card card;
        struct sam sam = { 0 };
        struct sam_reply reply = { 0 };
        struct smg_err err = { 0 };

        assert_int_equal(card_encode(&sheet, &card, &err), SMG_OK);
        sam_insert(&sam, &card);
        assert_int_equal(ask(&sam, FIND, &reply), 0x9F);
        assert_int_equal(ask(&sam, SELECT, &reply), 0x90);
        expect_frame(&sam, READ_FINGERPRINT, cases[i].meaning);
        buf_fini(&reply.bytes);
    }
}

static void test_a_card_must_be_found_and_selected_before_it_is_read(void **state)
{
    struct card card = card_with("示例路");
    struct sam sam = { 0 };
    struct sam_reply reply = { 0 };

    (void)state;
    sam_insert(&sam, &card);
    assert_int_equal(ask(&sam, SELECT, &reply), 0x81);
    assert_int_equal(ask(&sam, READ, &reply), 0x23);
    assert_int_equal(ask(&sam, FIND, &reply), 0x9F);
    assert_int_equal(ask(&sam, READ, &reply), 0x23);
    assert_int_equal(ask(&sam, READ_ADDRESS, &reply), 0x23);
    assert_int_equal(ask(&sam, SELECT, &reply), 0x90);
    assert_int_equal(ask(&sam, READ, &reply), 0x90);
    assert_int_equal(reply.bytes.len, 1295);
    assert_int_equal(ask(&sam, READ_ADDRESS, &reply), 0x90);
    assert_int_equal(reply.bytes.len, 11 + CARD_ADDRESS);
    assert_int_equal(ask(&sam, FIND, &reply), 0x80);
    sam_insert(&sam, NULL);
    assert_int_equal(ask(&sam, READ, &reply), 0x41);
    sam_insert(&sam, &card);
    assert_int_equal(ask(&sam, FIND, &reply), 0x9F);
    buf_fini(&reply.bytes);
}

static void test_requests_in_noise_and_behind_cut_ones_are_found(void **state)
{
    struct sam sam = { 0 };
    struct sam_reply reply = { 0 };

    (void)state;
    assert_int_equal(ask(&sam, "00AA13AAAA" STATUS, &reply), 0x90);
    assert_int_equal(ask(&sam, "AAAAAA96AA" STATUS, &reply), 0x90);
    assert_int_equal(ask(&sam, "AAAA" STATUS, &reply), 0x90);
    assert_int_equal(ask(&sam, NUMBER, &reply), 0x90);
    assert_memory_equal(reply.bytes.at + 10, sam_number, SAM_NUMBER_BYTES);
    buf_fini(&reply.bytes);
}

static void test_faults_happen_as_often_as_they_say(void **state)
{
    struct sam sam = { 0 };
    struct sam_reply reply = { 0 };
    struct sam_fault fault;
    struct smg_err err = { 0 };

    (void)state;
    assert_int_equal(sam_fault_parse("error:status:0x60:2", &fault, &err), SMG_OK);
    assert_true(sam_add_fault(&sam, fault));
    assert_int_equal(ask(&sam, NUMBER, &reply), 0x90);
    assert_int_equal(ask(&sam, STATUS, &reply), 0x60);
    assert_int_equal(ask(&sam, STATUS, &reply), 0x60);
    assert_int_equal(ask(&sam, STATUS, &reply), 0x90);
    buf_fini(&reply.bytes);
}

static void test_faults_change_the_answer_as_they_say(void **state)
{
    static const struct {
        const char *fault;
        size_t len;
        bool endless, unplug;
    } cases[] = {
        { "silence", 0, false, false },        { "garbage:any:20", 20, false, false },
        { "noise:any:20", 31, false, false },  { "short:any:4", 4, false, false },
        { "short:any:400", 11, false, false }, { "endless:any:3", 3, true, false },
        { "drop_aa:any:1", 10, false, false }, { "extra_aa:any:2", 13, false, false },
        { "remove:any:6", 6, false, false },   { "unplug:any:6", 6, false, true },
        { "lift:any", 11, false, false },      { "doubt:any:0x33", 11, false, false },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct card card = card_with(NULL);
        struct sam sam = { 0 };
        struct sam_reply reply = { 0 };
        struct smg_err err = { 0 };

        sam_insert(&sam, &card);
        assert_int_equal(sam_fault_parse(cases[i].fault, &sam.faults[0], &err), SMG_OK);
        sam.fault_count = 1;
        assert_int_equal(send_hex(&sam, STATUS, &reply), 1);
        assert_int_equal(reply.bytes.len, cases[i].len);
        assert_int_equal(reply.endless, cases[i].endless);
        assert_int_equal(reply.unplug, cases[i].unplug);
        assert_int_equal(sam.card == NULL, strstr(cases[i].fault, "remove") != NULL);
        buf_fini(&reply.bytes);
    }
}

/* What is answered and what becomes of it on the line are two faults. */
static void test_an_error_may_happen_on_a_bad_line(void **state)
{
    static const char *const faults[] = { "error:status:0x60", "short:status:7" };
    struct sam sam = { 0 };
    struct sam_reply reply = { 0 };
    struct smg_err err = { 0 };

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct sam_fault fault;

        assert_int_equal(sam_fault_parse(faults[i], &fault, &err), SMG_OK);
        assert_true(sam_add_fault(&sam, fault));
    }
    assert_int_equal(send_hex(&sam, STATUS, &reply), 1);
    assert_int_equal(reply.bytes.len, 7);
    sam.faults[1].command = SAM_FIND;
    assert_int_equal(ask(&sam, STATUS, &reply), 0x60);
    buf_fini(&reply.bytes);
}

static void test_doubtful_card_is_handed_out_with_its_code(void **state)
{
    struct card card = card_with(NULL);
    struct sam sam = { 0 };
    struct sam_reply reply = { 0 };
    struct smg_err err = { 0 };

    (void)state;
    sam_insert(&sam, &card);
    assert_int_equal(sam_fault_parse("doubt:read:0x33", &sam.faults[0], &err), SMG_OK);
    sam.fault_count = 1;
    assert_int_equal(ask(&sam, FIND, &reply), 0x9F);
    assert_int_equal(ask(&sam, SELECT, &reply), 0x90);
    assert_int_equal(ask(&sam, READ, &reply), 0x33);
    assert_int_equal(reply.bytes.len, 1295);
    assert_memory_equal(reply.bytes.at + 14, card.text, sizeof card.text);
    buf_fini(&reply.bytes);
}

static void test_lifted_card_is_another_presentation(void **state)
{
    struct card card = card_with(NULL);
    struct sam sam = { 0 };
    struct sam_reply reply = { 0 };
    struct smg_err err = { 0 };

    (void)state;
    sam_insert(&sam, &card);
    assert_int_equal(sam_fault_parse("lift:select:0:1", &sam.faults[0], &err), SMG_OK);
    sam.fault_count = 1;
    assert_int_equal(ask(&sam, FIND, &reply), 0x9F);
    assert_int_equal(ask(&sam, SELECT, &reply), 0x90);
    assert_int_equal(ask(&sam, READ, &reply), 0x23);
    assert_int_equal(ask(&sam, SELECT, &reply), 0x81);
    assert_int_equal(ask(&sam, FIND, &reply), 0x9F);
    buf_fini(&reply.bytes);
}

/* For drivers that look whether the card lies there still, and for those that do not. */
static void test_card_that_is_laid_again_is_another_presentation_after_each_read(void **state)
{
    struct card card = card_with(NULL);
    struct sam sam = { 0 };
    struct sam_reply reply = { 0 };

    (void)state;
    card.laid_again = true;
    sam_insert(&sam, &card);
    for (int looks = 0; looks < 3; looks++) {
        assert_int_equal(ask(&sam, FIND, &reply), 0x9F);
        assert_int_equal(ask(&sam, SELECT, &reply), 0x90);
        assert_int_equal(ask(&sam, READ, &reply), 0x90);
        for (int i = 0; i < looks; i++)
            assert_int_equal(ask(&sam, READ_ADDRESS, &reply), i == 0 ? 0x91 : 0x23);
    }
    buf_fini(&reply.bytes);
}

static void test_wrong_faults_are_refused_with_what_was_expected(void **state)
{
    static const struct {
        const char *text, *expected;
    } cases[] = {
        { "", "expected error" },
        { "nonsense", "expected error" },
        { "short:nothing", "a command" },
        { "short:read:x", "a number" },
        { "short:read:-1", "a number" },
        { "short:read:65536", "a number" },
        { "short:read:1:often", "how often" },
        { "short:read:1:2:3", "TIMES" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct sam_fault fault;
        struct smg_err err = { 0 };
        int rc = sam_fault_parse(cases[i].text, &fault, &err);

        assert_int_equal(rc, SMG_E_INVALID);
        assert_non_null(strstr(err.text, cases[i].expected));
    }
}

static void test_a_ninth_fault_is_refused(void **state)
{
    struct sam sam = { 0 };
    struct sam_fault fault = { .kind = SAM_SILENCE };

    (void)state;
    for (int i = 0; i < SAM_FAULTS; i++)
        assert_true(sam_add_fault(&sam, fault));
    assert_false(sam_add_fault(&sam, fault));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_published_request_is_understood),
        cmocka_unit_test(test_published_wrong_requests_are_never_obeyed),
        cmocka_unit_test(test_answers_are_the_published_ones),
        cmocka_unit_test(test_fingerprint_answers_have_the_published_heads),
        cmocka_unit_test(test_a_card_must_be_found_and_selected_before_it_is_read),
        cmocka_unit_test(test_requests_in_noise_and_behind_cut_ones_are_found),
        cmocka_unit_test(test_faults_happen_as_often_as_they_say),
        cmocka_unit_test(test_faults_change_the_answer_as_they_say),
        cmocka_unit_test(test_an_error_may_happen_on_a_bad_line),
        cmocka_unit_test(test_doubtful_card_is_handed_out_with_its_code),
        cmocka_unit_test(test_lifted_card_is_another_presentation),
        cmocka_unit_test(test_card_that_is_laid_again_is_another_presentation_after_each_read),
        cmocka_unit_test(test_wrong_faults_are_refused_with_what_was_expected),
        cmocka_unit_test(test_a_ninth_fault_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
