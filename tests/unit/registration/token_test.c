/* SPDX-License-Identifier: Apache-2.0 */
/* Card-read tokens: they open for whom they were made, while they last, and not otherwise. */
#include "fresh_keys.h"

#include "registration/token.h"

enum { TTL_MS = 600000 };
#define NOW INT64_C(1800000000000)

static struct fresh_keys keys;

static int make_keys(void **state)
{
    (void)state;
    fresh_keys_make(&keys);
    return 0;
}

static int remove_keys(void **state)
{
    (void)state;
    fresh_keys_remove(&keys);
    return 0;
}

static struct smg_fields *specimen(void)
{
    struct smg_fields *card = fields_new();
    struct smg_value picture = { .type = SMG_BYTES, .str = SMG_STR("\x00\xFF picture") };

    assert_non_null(card);
    assert_true(fields_set_text(card, "document.type", SMG_STR("resident_id")));
    assert_true(fields_set_text(card, "document.number", SMG_STR("11010519491231002X")));
    assert_true(fields_set_date(card, "birth", (struct smg_date){ 1949, 12, 31 }));
    assert_true(fields_set_bool(card, "document.long_term", true));
    assert_true(fields_set(card, SMG_STR("portrait"), &picture));
    return card;
}

static void make_token(struct buf *out)
{
    struct smg_fields *card = specimen();
    struct smg_err err = { 0 };

    assert_int_equal(token_make(keys.sealer, card, "desk-1", "S-9", NOW, out, &err), SMG_OK);
    fields_free(card);
}

static enum token_verdict open_at(struct smg_str text, const char *staff, int64_t now_ms)
{
    char reader[TOKEN_NAME_BYTES];
    struct smg_fields *card = NULL;
    int64_t read_ms = 0;
    enum token_verdict verdict =
        token_open(keys.sealer, text, staff, now_ms, TTL_MS, &card, &read_ms, reader);

    assert_true((verdict == TOKEN_OK) == (card != NULL));
    assert_int_equal(read_ms, verdict == TOKEN_OK ? NOW : 0);
    fields_free(card);
    return verdict;
}

static void test_token_gives_back_what_the_reader_read(void **state)
{
    struct smg_fields *made = specimen(), *card = NULL;
    struct buf token = { 0 }, before = { 0 }, after = { 0 };
    char reader[TOKEN_NAME_BYTES];
    int64_t read_ms = 0;

    (void)state;
    make_token(&token);
    assert_int_equal(
        token_open(keys.sealer, buf_view(&token), "S-9", NOW + 1, TTL_MS, &card, &read_ms, reader),
        TOKEN_OK);
    assert_int_equal(read_ms, NOW);
    assert_string_equal(reader, "desk-1");
    fields_write(made, &before);
    fields_write(card, &after);
    assert_true(str_eq(buf_view(&before), buf_view(&after)));
    fields_free(made);
    fields_free(card);
    buf_fini(&token);
    buf_fini(&before);
    buf_fini(&after);
}

static void test_token_is_appended_and_shows_nothing_of_the_card(void **state)
{
    struct buf out = { 0 };

    (void)state;
    buf_text(&out, "\"");
    make_token(&out);
    assert_true(str_starts(buf_view(&out), "\"card_"));
    assert_false(bytes_hold(buf_view(&out), SMG_STR("1949")));
    assert_int_equal(open_at(str_bytes(out.at + 1, out.len - 1), "S-9", NOW), TOKEN_OK);
    buf_fini(&out);
}

static void test_two_tokens_of_one_card_are_different(void **state)
{
    struct buf a = { 0 }, b = { 0 };

    (void)state;
    make_token(&a);
    make_token(&b);
    assert_false(str_eq(buf_view(&a), buf_view(&b)));
    buf_fini(&a);
    buf_fini(&b);
}

static void test_token_with_any_byte_altered_is_altered(void **state)
{
    static const char others[] = "AQgw_- \n=\xFF";
    struct buf token = { 0 };
    size_t i, j;

    (void)state;
    make_token(&token);
    for (i = 0; i < token.len; i++) {
        char was = token.at[i];

        for (j = 0; j < sizeof others; j++) { /* the NUL, too */
            if (others[j] == was)
                continue;
            token.at[i] = others[j];
            assert_int_equal(open_at(buf_view(&token), "S-9", NOW), TOKEN_ALTERED);
        }
        token.at[i] = (char)(was ^ 1);
        assert_int_equal(open_at(buf_view(&token), "S-9", NOW), TOKEN_ALTERED);
        token.at[i] = was;
    }
    assert_int_equal(open_at(buf_view(&token), "S-9", NOW), TOKEN_OK);
    buf_fini(&token);
}

static void test_token_cut_at_any_length_is_altered(void **state)
{
    struct buf token = { 0 };
    size_t len;

    (void)state;
    make_token(&token);
    for (len = 0; len < token.len; len++) {
        char *cut = malloc(len + 1); /* so that a byte read beyond the end is noticed */

        assert_non_null(cut);
        memcpy(cut, token.at, len);
        assert_int_equal(open_at(str_bytes(cut, len), "S-9", NOW), TOKEN_ALTERED);
        free(cut);
    }
    assert_int_equal(open_at((struct smg_str){ NULL, 0 }, "S-9", NOW), TOKEN_ALTERED);
    buf_text(&token, "AAAA");
    assert_int_equal(open_at(buf_view(&token), "S-9", NOW), TOKEN_ALTERED);
    buf_fini(&token);
}

static void test_token_of_another_key_ring_is_altered(void **state)
{
    struct fresh_keys mine = keys, others;
    struct buf token = { 0 };

    (void)state;
    fresh_keys_make(&others);
    make_token(&token);
    keys = others;
    assert_int_equal(open_at(buf_view(&token), "S-9", NOW), TOKEN_ALTERED);
    keys = mine;
    assert_int_equal(open_at(buf_view(&token), "S-9", NOW), TOKEN_OK);
    fresh_keys_remove(&others);
    buf_fini(&token);
}

static void test_token_opens_for_the_staff_member_it_was_made_for(void **state)
{
    static const char *const others[] = { "S-8", "S-", "S-99", "s-9", "" };
    struct buf token = { 0 };
    size_t i;

    (void)state;
    make_token(&token);
    for (i = 0; i < sizeof others / sizeof *others; i++)
        assert_int_equal(open_at(buf_view(&token), others[i], NOW), TOKEN_OF_OTHER_STAFF);
    buf_fini(&token);
}

static void test_token_lasts_to_its_last_millisecond(void **state)
{
    struct buf token = { 0 };

    (void)state;
    make_token(&token);
    assert_int_equal(open_at(buf_view(&token), "S-9", NOW + TTL_MS), TOKEN_OK);
    assert_int_equal(open_at(buf_view(&token), "S-9", NOW + TTL_MS + 1), TOKEN_EXPIRED);
    assert_int_equal(open_at(buf_view(&token), "S-9", NOW + TTL_MS * INT64_C(1000)), TOKEN_EXPIRED);
    buf_fini(&token);
}

static void test_token_may_be_a_minute_ahead_and_no_more(void **state)
{
    struct buf token = { 0 };

    (void)state;
    make_token(&token);
    assert_int_equal(open_at(buf_view(&token), "S-9", NOW - 60000), TOKEN_OK);
    assert_int_equal(open_at(buf_view(&token), "S-9", NOW - 60001), TOKEN_EXPIRED);
    buf_fini(&token);
}

static void test_what_was_sealed_for_something_else_is_no_token(void **state)
{
    struct buf sealed = { 0 }, text = { 0 };
    struct smg_err err = { 0 };

    (void)state;
    assert_int_equal(
        seal(keys.sealer, KEY_STORE, SMG_STR("card-token"), SMG_STR("\1plain"), &sealed, &err),
        SMG_OK);
    buf_text(&text, "card_");
    buf_base64url(&text, buf_view(&sealed));
    assert_int_equal(open_at(buf_view(&text), "S-9", NOW), TOKEN_ALTERED);
    buf_fini(&sealed);
    buf_fini(&text);
}

static void test_token_sealed_rightly_with_a_broken_inside_is_altered(void **state)
{
    static const struct {
        const char *at;
        size_t len;
    } plains[] = { { "", 0 },
                   { "\1", 1 },
                   { "\2\0\0\0\0\0\0\0\0\1a\3S-9", 14 },
                   { "\1\0\0\0\0\0\0\0\0\x40", 10 },
                   { "\1\0\0\0\0\0\0\0\0\5ab", 12 } };
    struct smg_err err = { 0 };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof plains / sizeof *plains; i++) {
        struct buf sealed = { 0 }, text = { 0 };

        assert_int_equal(seal(keys.sealer, KEY_TOKEN, SMG_STR("card-token"),
                              str_bytes(plains[i].at, plains[i].len), &sealed, &err),
                         SMG_OK);
        buf_text(&text, "card_");
        buf_base64url(&text, buf_view(&sealed));
        assert_int_equal(open_at(buf_view(&text), "S-9", NOW), TOKEN_ALTERED);
        buf_fini(&sealed);
        buf_fini(&text);
    }
}

static void test_token_takes_names_of_sixty_three_bytes(void **state)
{
    struct smg_fields *card = specimen();
    struct buf token = { 0 };
    struct smg_err err = { 0 };
    char name[TOKEN_NAME_BYTES + 1];

    (void)state;
    memset(name, 'n', sizeof name);
    name[TOKEN_NAME_BYTES] = '\0';
    assert_int_equal(token_make(keys.sealer, card, name, "S-9", NOW, &token, &err), SMG_E_INVALID);
    assert_int_equal(token_make(keys.sealer, card, "r", name, NOW, &token, &err), SMG_E_INVALID);
    assert_int_equal(token.len, 0);
    name[TOKEN_NAME_BYTES - 1] = '\0';
    assert_int_equal(token_make(keys.sealer, card, name, name, NOW, &token, &err), SMG_OK);
    assert_int_equal(open_at(buf_view(&token), name, NOW), TOKEN_OK);
    fields_free(card);
    buf_fini(&token);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_token_gives_back_what_the_reader_read),
        cmocka_unit_test(test_token_is_appended_and_shows_nothing_of_the_card),
        cmocka_unit_test(test_two_tokens_of_one_card_are_different),
        cmocka_unit_test(test_token_with_any_byte_altered_is_altered),
        cmocka_unit_test(test_token_cut_at_any_length_is_altered),
        cmocka_unit_test(test_token_of_another_key_ring_is_altered),
        cmocka_unit_test(test_token_opens_for_the_staff_member_it_was_made_for),
        cmocka_unit_test(test_token_lasts_to_its_last_millisecond),
        cmocka_unit_test(test_token_may_be_a_minute_ahead_and_no_more),
        cmocka_unit_test(test_what_was_sealed_for_something_else_is_no_token),
        cmocka_unit_test(test_token_sealed_rightly_with_a_broken_inside_is_altered),
        cmocka_unit_test(test_token_takes_names_of_sixty_three_bytes),
    };

    return cmocka_run_group_tests(tests, make_keys, remove_keys);
}
