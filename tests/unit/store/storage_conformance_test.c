/* SPDX-License-Identifier: Apache-2.0 */
/* What every storage plugin must do with rows and units, asked of each in turn. */
#include "conformance.h"

static void test_what_was_put_is_got_and_what_was_erased_is_gone(void **state)
{
    (void)state;
    expect_row("a", NULL);
    put("a", "1");
    expect_row("a", "1");
    put("a", "2");
    expect_row("a", "2");
    assert_int_equal(apply_row(row(SMG_ERASE, SMG_ALWAYS, "a", NULL, NULL)), SMG_OK);
    expect_row("a", NULL);
    assert_int_equal(apply_row(row(SMG_ERASE, SMG_ALWAYS, "a", NULL, NULL)), SMG_OK);
}

static void test_new_is_refused_where_a_row_is(void **state)
{
    (void)state;
    assert_int_equal(apply_row(row(SMG_PUT, SMG_NEW, "a", "1", NULL)), SMG_OK);
    assert_int_equal(apply_row(row(SMG_PUT, SMG_NEW, "a", "2", NULL)), SMG_E_EXISTS);
    expect_row("a", "1");
    put("empty", "");
    assert_int_equal(apply_row(row(SMG_PUT, SMG_NEW, "empty", "2", NULL)), SMG_E_EXISTS);
}

static void test_is_wants_exactly_what_is_there(void **state)
{
    (void)state;
    assert_int_equal(apply_row(row(SMG_PUT, SMG_IS, "a", "2", "1")), SMG_E_EXISTS);
    assert_int_equal(apply_row(row(SMG_PUT, SMG_IS, "a", "2", "")), SMG_E_EXISTS);
    put("a", "1");
    assert_int_equal(apply_row(row(SMG_PUT, SMG_IS, "a", "2", "11")), SMG_E_EXISTS);
    assert_int_equal(apply_row(row(SMG_PUT, SMG_IS, "a", "2", "")), SMG_E_EXISTS);
    assert_int_equal(apply_row(row(SMG_PUT, SMG_IS, "a", "", "1")), SMG_OK);
    assert_int_equal(apply_row(row(SMG_PUT, SMG_IS, "a", "3", "")), SMG_OK);
    assert_int_equal(apply_row(row(SMG_ERASE, SMG_IS, "a", NULL, "2")), SMG_E_EXISTS);
    assert_int_equal(apply_row(row(SMG_ERASE, SMG_IS, "a", NULL, "3")), SMG_OK);
    expect_row("a", NULL);
}

static void test_keep_writes_nothing_and_holds_its_unit_to_its_condition(void **state)
{
    struct smg_row rows[2] = { row(SMG_KEEP, SMG_IS, "guard", NULL, "up"),
                               row(SMG_PUT, SMG_ALWAYS, "a", "1", NULL) };
    struct smg_unit unit = { rows, 2 };
    bool refused;

    (void)state;
    assert_int_equal(apply_units(&unit, 1, &refused), SMG_E_EXISTS);
    assert_true(refused);
    expect_row("a", NULL);
    put("guard", "up");
    assert_int_equal(apply_units(&unit, 1, &refused), SMG_OK);
    expect_row("a", "1");
    expect_row("guard", "up");
    assert_int_equal(apply_row(row(SMG_KEEP, SMG_NEW, "guard", NULL, NULL)), SMG_E_EXISTS);
    assert_int_equal(apply_row(row(SMG_KEEP, SMG_NEW, "none", NULL, NULL)), SMG_OK);
    expect_row("none", NULL);
}

static void test_a_unit_is_written_whole_or_not_at_all(void **state)
{
    struct smg_row rows[3] = { row(SMG_PUT, SMG_ALWAYS, "a", "1", NULL),
                               row(SMG_ERASE, SMG_ALWAYS, "old", NULL, NULL),
                               row(SMG_PUT, SMG_NEW, "taken", "2", NULL) };
    struct smg_unit unit = { rows, 3 };
    bool refused;

    (void)state;
    put("old", "x");
    put("taken", "y");
    assert_int_equal(apply_units(&unit, 1, &refused), SMG_E_EXISTS);
    expect_scan("", "", false, 0, "old=x taken=y ");
}

static void test_one_refused_unit_keeps_the_whole_batch_back(void **state)
{
    struct smg_row rows[3] = { row(SMG_PUT, SMG_NEW, "a", "1", NULL),
                               row(SMG_PUT, SMG_NEW, "taken", "2", NULL),
                               row(SMG_PUT, SMG_NEW, "c", "3", NULL) };
    struct smg_unit units[3] = { { &rows[0], 1 }, { &rows[1], 1 }, { &rows[2], 1 } };
    bool refused[3];

    (void)state;
    put("taken", "y");
    assert_int_equal(apply_units(units, 3, refused), SMG_E_EXISTS);
    assert_false(refused[0]);
    assert_true(refused[1]);
    assert_false(refused[2]);
    expect_scan("", "", false, 0, "taken=y ");
}

static void test_every_refused_unit_is_named(void **state)
{
    enum { COUNT = 40 };
    char keys[COUNT][16];
    struct smg_row rows[COUNT];
    struct smg_unit units[COUNT];
    bool refused[COUNT];

    (void)state;
    for (int i = 0; i < COUNT; i++) {
        snprintf(keys[i], sizeof keys[i], "k%02d", i);
        rows[i] = row(SMG_PUT, SMG_NEW, keys[i], "v", NULL);
        units[i] = (struct smg_unit){ &rows[i], 1 };
        if (i % 3 == 0)
            put(keys[i], "old");
    }
    assert_int_equal(apply_units(units, COUNT, refused), SMG_E_EXISTS);
    for (int i = 0; i < COUNT; i++)
        assert_int_equal(refused[i], i % 3 == 0);
    expect_row("k01", NULL);
}

static void test_conditions_see_the_units_before_them(void **state)
{
    struct smg_row rows[5] = { row(SMG_PUT, SMG_NEW, "a", "1", NULL),
                               row(SMG_PUT, SMG_IS, "a", "2", "1"),
                               row(SMG_ERASE, SMG_IS, "a", NULL, "2"),
                               row(SMG_PUT, SMG_NEW, "a", "3", NULL),
                               row(SMG_PUT, SMG_NEW, "a", "4", NULL) };
    struct smg_unit units[5] = {
        { &rows[0], 1 }, { &rows[1], 1 }, { &rows[2], 1 }, { &rows[3], 1 }, { &rows[4], 1 }
    };
    bool refused[5];

    (void)state;
    assert_int_equal(apply_units(units, 5, refused), SMG_E_EXISTS);
    for (int i = 0; i < 5; i++)
        assert_int_equal(refused[i], i == 4);
    assert_int_equal(apply_units(units, 4, refused), SMG_OK);
    expect_row("a", "3");
}

static void test_conditions_do_not_see_a_refused_unit_before_them(void **state)
{
    struct smg_row first[2] = { row(SMG_PUT, SMG_NEW, "a", "1", NULL),
                                row(SMG_PUT, SMG_NEW, "taken", "1", NULL) };
    struct smg_row second = row(SMG_PUT, SMG_NEW, "a", "2", NULL);
    struct smg_unit units[2] = { { first, 2 }, { &second, 1 } };
    bool refused[2];

    (void)state;
    put("taken", "y");
    assert_int_equal(apply_units(units, 2, refused), SMG_E_EXISTS);
    assert_true(refused[0]);
    assert_false(refused[1]);
}

static void test_keys_are_ordered_as_unsigned_bytes(void **state)
{
    static const char *const keys[] = { "\x01", "\x01\x01", "A",    "a",    "ab",
                                        "b",    "\x7f",     "\x80", "\xff", "\xff\xff" };
    struct buf wanted = { 0 }, backwards = { 0 };
    size_t count = sizeof keys / sizeof *keys;

    (void)state;
    for (size_t i = 0; i < count; i++) {
        put(keys[(i * 7 + 3) % count], "v");
        note(&wanted, str_of(keys[i]), SMG_STR("v"));
        note(&backwards, str_of(keys[count - 1 - i]), SMG_STR("v"));
    }
    expect_scan("", "", false, 0, wanted.at);
    expect_scan("", "", true, 0, backwards.at);
    buf_fini(&wanted);
    buf_fini(&backwards);
}

static void test_scans_keep_to_their_bounds_and_limit(void **state)
{
    (void)state;
    for (const char *key = "abcdefg"; *key != '\0'; key++)
        put((char[]){ *key, '\0' }, "");
    expect_scan("b", "e", false, 0, "b= c= d= ");
    expect_scan("b", "e", true, 0, "d= c= b= ");
    expect_scan("b", "e", false, 2, "b= c= ");
    expect_scan("b", "e", true, 2, "d= c= ");
    expect_scan("e", "", false, 0, "e= f= g= ");
    expect_scan("e", "", true, 1, "g= ");
    expect_scan("", "c", false, 0, "a= b= ");
    expect_scan("bb", "cc", false, 0, "c= ");
    expect_scan("x", "", false, 0, "");
    expect_scan("e", "b", false, 0, "");
    expect_scan("", "", false, 100, "a= b= c= d= e= f= g= ");
}

static void test_spaces_are_apart(void **state)
{
    struct smg_str value = SMG_STR("index");

    (void)state;
    put("a", "index");
#define TRY(name, number, text)                                                                    \
    if (number != SPACE) {                                                                         \
        struct smg_row other = row(SMG_PUT, SMG_NEW, "a", text, NULL);                             \
        struct smg_str own = SMG_STR(text);                                                        \
        other.space = number;                                                                      \
        assert_int_equal(apply_row(other), SMG_OK);                                                \
        expect_get(number, SMG_STR("a"), &own);                                                    \
    }
    SMG_SPACES(TRY)
#undef TRY
    expect_get(SPACE, SMG_STR("a"), &value);
}

static void test_odd_keys_are_kept_as_they_are(void **state)
{
    static char longest[255];
    struct smg_str keys[] = { { "\0", 1 },      { "\0\0", 2 },    { "\0a", 2 },   { "\xff", 1 },
                              { "a\0b", 3 },    { "'\"", 2 },     { "%\\\n", 3 }, { longest, 255 },
                              { longest, 254 }, { "\xe4\xb8", 2 } };
    size_t count = sizeof keys / sizeof *keys;

    (void)state;
    memset(longest, 0xff, sizeof longest);
    for (size_t i = 0; i < count; i++) {
        struct smg_row one = row(SMG_PUT, SMG_NEW, NULL, NULL, NULL);

        one.key = keys[i];
        one.value = keys[i];
        assert_int_equal(apply_row(one), SMG_OK);
    }
    for (size_t i = 0; i < count; i++)
        expect_get(SPACE, keys[i], &keys[i]);
}

static void test_values_of_every_size_come_back(void **state)
{
    static const size_t sizes[] = { 0,     1,     900,   1200,    4060,     16384,
                                    60000, 65535, 65536, 1 << 20, 16u << 20 };
    static const enum smg_space spaces[] = { SMG_SPACE_EVIDENCE, SMG_SPACE_OUTBOX };

    (void)state;
    for (size_t s = 0; s < 2; s++) {
        for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
            struct smg_row one = row(SMG_PUT, SMG_NEW, NULL, NULL, NULL);
            char *bytes = malloc(sizes[i] + 1);
            char key[16];

            for (size_t at = 0; at < sizes[i]; at++)
                bytes[at] = (char)(at * 31 + at / 251 + i);
            snprintf(key, sizeof key, "%zu", i);
            one.space = spaces[s];
            one.key = str_of(key);
            one.value = str_bytes(bytes, sizes[i]);
            assert_int_equal(apply_row(one), SMG_OK);
            expect_get(spaces[s], one.key, &one.value);
            one.when = SMG_IS;
            one.was = one.value;
            assert_int_equal(apply_row(one), SMG_OK);
            free(bytes);
        }
    }
}

/* What a comparison of texts would take for the same. */
static void test_ends_of_keys_and_values_count(void **state)
{
    const struct smg_str ends[] = { SMG_STR("a"),        SMG_STR("a "),   SMG_STR("a\0"),
                                    SMG_STR("A"),        SMG_STR("a\0 "), SMG_STR("\xc3\xa4"),
                                    SMG_STR("a\xcc\x88") };
    size_t count = sizeof ends / sizeof *ends;

    (void)state;
    for (size_t i = 0; i < count; i++) {
        struct smg_row one = row(SMG_PUT, SMG_NEW, NULL, NULL, NULL);

        one.key = one.value = ends[i];
        assert_int_equal(apply_row(one), SMG_OK);
    }
    for (size_t i = 0; i < count; i++) {
        for (size_t other = 0; other < count; other++) {
            struct smg_row one = row(SMG_PUT, SMG_IS, NULL, NULL, NULL);

            one.key = one.value = ends[i];
            one.was = ends[other];
            assert_int_equal(apply_row(one), i == other ? SMG_OK : SMG_E_EXISTS);
            one.act = SMG_KEEP;
            assert_int_equal(apply_row(one), i == other ? SMG_OK : SMG_E_EXISTS);
            if (i != other) {
                one.act = SMG_ERASE;
                assert_int_equal(apply_row(one), SMG_E_EXISTS);
            }
        }
        expect_get(SPACE, ends[i], &ends[i]);
    }
}

static void test_scans_begin_and_end_at_the_highest_keys(void **state)
{
    static char highest[255];
    struct smg_scan scan = { .space = SPACE };
    struct smg_row one = row(SMG_PUT, SMG_NEW, NULL, "v", NULL);
    struct smg_err err = { 0 };
    int seen = 0;

    (void)state;
    memset(highest, 0xff, sizeof highest);
    put("a", "v");
    one.key = str_bytes(highest, sizeof highest);
    assert_int_equal(apply_row(one), SMG_OK);
    one.key.len--;
    assert_int_equal(apply_row(one), SMG_OK);
    for (int backward = 0; backward < 2; backward++) {
        scan.backward = backward == 1;
        scan.from = scan.to = str_of("");
        seen = 0;
        assert_int_equal(lab.instance.ops->scan(session, &scan, count_row, &seen, &err), SMG_OK);
        assert_int_equal(seen, 3);
        scan.from = one.key;
        seen = 0;
        assert_int_equal(lab.instance.ops->scan(session, &scan, count_row, &seen, &err), SMG_OK);
        assert_int_equal(seen, 2);
        scan.from = str_of("b");
        scan.to = str_bytes(highest, sizeof highest);
        seen = 0;
        assert_int_equal(lab.instance.ops->scan(session, &scan, count_row, &seen, &err), SMG_OK);
        assert_int_equal(seen, 1);
    }
}

static void test_get_answers_in_the_order_asked(void **state)
{
    struct smg_str keys[] = { SMG_STR("c"), SMG_STR("none"), SMG_STR("a"), SMG_STR("b") };
    struct smg_err err = { 0 };
    struct buf seen = { 0 };

    (void)state;
    put("a", "1");
    put("b", "2");
    put("c", "3");
    assert_int_equal(lab.instance.ops->get(session, SPACE, keys, 4, note, &seen, &err), SMG_OK);
    assert_string_equal(seen.at, "c=3 a=1 b=2 ");
    buf_fini(&seen);
}

static bool stop_at_second(void *ctx, struct smg_str key, struct smg_str value)
{
    int *count = ctx;

    (void)key;
    (void)value;
    return ++*count < 2;
}

static void test_a_reader_that_has_seen_enough_ends_the_read(void **state)
{
    struct smg_str keys[] = { SMG_STR("a"), SMG_STR("b"), SMG_STR("c") };
    struct smg_scan scan = { .space = SPACE };
    struct smg_err err = { 0 };
    int seen = 0;

    (void)state;
    put("a", "1");
    put("b", "2");
    put("c", "3");
    assert_int_equal(lab.instance.ops->scan(session, &scan, stop_at_second, &seen, &err), SMG_OK);
    assert_int_equal(seen, 2);
    seen = 0;
    assert_int_equal(lab.instance.ops->get(session, SPACE, keys, 3, stop_at_second, &seen, &err),
                     SMG_OK);
    assert_int_equal(seen, 2);
    put("d", "4");
}

static void test_what_was_acknowledged_is_there_after_opening_again(void **state)
{
    struct smg_err err = { 0 };

    (void)state;
    put("a", "1");
    lab.instance.ops->session_close(session);
    lab_stop(&lab);
    lab_start(&lab);
    assert_int_equal(lab.instance.ops->session_open(lab.instance.self, &session, &err), SMG_OK);
    assert_int_equal(lab.instance.ops->check(session, &err), SMG_OK);
    expect_row("a", "1");
    put("b", "2");
}

static void test_check_finds_a_fresh_store_whole(void **state)
{
    struct smg_err err = { 0 };

    (void)state;
    assert_int_equal(lab.instance.ops->check(session, &err), SMG_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_what_was_put_is_got_and_what_was_erased_is_gone),
        CASE(test_new_is_refused_where_a_row_is),
        CASE(test_is_wants_exactly_what_is_there),
        CASE(test_keep_writes_nothing_and_holds_its_unit_to_its_condition),
        CASE(test_a_unit_is_written_whole_or_not_at_all),
        CASE(test_one_refused_unit_keeps_the_whole_batch_back),
        CASE(test_every_refused_unit_is_named),
        CASE(test_conditions_see_the_units_before_them),
        CASE(test_conditions_do_not_see_a_refused_unit_before_them),
        CASE(test_keys_are_ordered_as_unsigned_bytes),
        CASE(test_scans_keep_to_their_bounds_and_limit),
        CASE(test_spaces_are_apart),
        CASE(test_odd_keys_are_kept_as_they_are),
        CASE(test_values_of_every_size_come_back),
        CASE(test_ends_of_keys_and_values_count),
        CASE(test_scans_begin_and_end_at_the_highest_keys),
        CASE(test_get_answers_in_the_order_asked),
        CASE(test_a_reader_that_has_seen_enough_ends_the_read),
        CASE(test_what_was_acknowledged_is_there_after_opening_again),
        CASE(test_check_finds_a_fresh_store_whole),
    };

    return RUN_ON_EVERY_STORAGE(tests);
}
