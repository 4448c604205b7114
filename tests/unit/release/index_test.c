/* SPDX-License-Identifier: Apache-2.0 */
/* The index of a bundle: one text for one index, and nothing else is read. */
#include "release/index.h"

#include <setjmp.h>
#include <cmocka.h>
#include <stdlib.h>

#define DIGEST "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static const char signed_part[] = "shiming-policies 1\n"
                                  "sequence 7\n"
                                  "signed_at 2026-11-25T10:00:00.000Z\n"
                                  "valid_until 2027-07-01\n"
                                  "stack cn/2013\n"
                                  "stack cn-54/2018\n"
                                  "set " DIGEST "\n"
                                  "file " DIGEST " documents.lua\n"
                                  "file " DIGEST " cn-54/2018_test.lua\n"
                                  "key 0123456789abcdef\n";

static bool read_text(const char *text, struct release_index *out, struct buf *problems)
{
    size_t signed_len;

    return index_read(str_of(text), out, &signed_len, problems);
}

static void test_what_was_written_is_read_again(void **state)
{
    struct release_index *index = malloc(sizeof *index);
    struct buf text = { 0 }, again = { 0 }, problems = { 0 };
    size_t signed_len;

    (void)state;
    assert_non_null(index);
    buf_printf(&text, "%ssignature 00ff\n", signed_part);
    assert_true(index_read(buf_view(&text), index, &signed_len, &problems));
    assert_int_equal(signed_len, sizeof signed_part - 1);
    assert_int_equal(index->sequence, 7);
    assert_int_equal(index->valid_until.year, 2027);
    assert_int_equal(index->stack_count, 2);
    assert_string_equal(index->stack[1], "cn-54/2018");
    assert_int_equal(index->file_count, 2);
    assert_string_equal(index_find(index, "cn-54/2018_test.lua")->digest, DIGEST);
    assert_null(index_find(index, "vocabulary.lua"));
    assert_int_equal(index->signature_len, 2);
    index_write(index, &again);
    assert_string_equal(again.at, signed_part);
    buf_fini(&text);
    buf_fini(&again);
    buf_fini(&problems);
    free(index);
}

/* The text with `old` replaced by `new` is refused at this line (0: as a whole). */
static void expect_refused(const char *old, const char *new, int line)
{
    struct release_index *index = malloc(sizeof *index);
    struct buf whole = { 0 }, text = { 0 }, problems = { 0 };
    const char *at;
    char place[40];

    assert_non_null(index);
    buf_printf(&whole, "%ssignature 00ff\n", signed_part);
    at = strstr(whole.at, old);
    assert_non_null(at);
    buf_put(&text, whole.at, (size_t)(at - whole.at));
    buf_text(&text, new);
    buf_text(&text, at + strlen(old));
    if (read_text(text.at, index, &problems))
        fail_msg("read: %s", text.at);
    snprintf(place, sizeof place, line > 0 ? INDEX_NAME ":%d: " : INDEX_NAME ": ", line);
    if (strncmp(problems.at, place, strlen(place)) != 0)
        fail_msg("expected %s..., got %s", place, problems.at);
    buf_fini(&whole);
    buf_fini(&text);
    buf_fini(&problems);
    free(index);
}

static void test_any_other_text_is_refused_at_its_line(void **state)
{
    (void)state;
    expect_refused("shiming-policies 1", "shiming-policies 2", 1);
    expect_refused("sequence 7", "sequence 0", 2);
    expect_refused("sequence 7", "sequence -7", 2);
    expect_refused("sequence 7", "sequence 99999999999999999999", 2);
    expect_refused("sequence 7", "sequence 07", 0);
    expect_refused("sequence 7\n", "", 2);
    expect_refused("10:00:00.000Z", "25:00:00.000Z", 3);
    expect_refused("10:00:00.000Z", "10:00:00Z", 0);
    expect_refused("2027-07-01", "2027-02-30", 4);
    expect_refused("stack cn/2013\nstack cn-54/2018\n", "", 5);
    expect_refused("stack cn/2013", "stack ../2013", 5);
    expect_refused("stack cn/2013", "stack CN/2013", 5);
    expect_refused("stack cn/2013", "stack cn/2013 ", 5);
    expect_refused("set " DIGEST "\n", "", 7);
    expect_refused("documents.lua", "../documents.lua", 8);
    expect_refused("documents.lua", "/documents.lua", 8);
    expect_refused("documents.lua", "documents", 8);
    expect_refused("documents.lua", "cn-54/2018_test.lua", 9);
    expect_refused("documents.lua", "documents.lua ", 8);
    expect_refused(DIGEST " documents", "sha256:01 documents", 8);
    expect_refused("key 0123456789abcdef", "key 0123456789abcdef0", 10);
    expect_refused("key 0123456789abcdef\n", "", 10);
    expect_refused("signature 00ff", "signature 00f", 11);
    expect_refused("signature 00ff", "signature ", 11);
    expect_refused("signature 00ff\n", "signature 00ff", 11);
    expect_refused("signature 00ff\n", "signature 00ff\nmore\n", 11);
    expect_refused("\n", "\r\n", 1);
}

static void test_an_index_that_is_cut_anywhere_is_none(void **state)
{
    struct release_index *index = malloc(sizeof *index);
    struct buf text = { 0 };
    size_t i;

    (void)state;
    assert_non_null(index);
    buf_printf(&text, "%ssignature 00ff\n", signed_part);
    for (i = 0; i < text.len; i++) {
        struct buf problems = { 0 };
        size_t signed_len;

        assert_false(index_read(str_bytes(text.at, i), index, &signed_len, &problems));
        assert_true(problems.len > 0);
        buf_fini(&problems);
    }
    buf_fini(&text);
    free(index);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_was_written_is_read_again),
        cmocka_unit_test(test_any_other_text_is_refused_at_its_line),
        cmocka_unit_test(test_an_index_that_is_cut_anywhere_is_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
