/* SPDX-License-Identifier: Apache-2.0 */
/* What every storage plugin must do when much is asked of it at once: several sessions, long scans,
 * large batches. */
#include "conformance.h"

#include <pthread.h>
#include <stdatomic.h>

/* Pairs of rows that are always written together with the same number, while others look. */
struct race {
    atomic_bool ended;
    atomic_int torn, looked;
    const char *why;
};

struct pair {
    char first[16], second[16];
};

static bool note_pair(void *ctx, struct smg_str key, struct smg_str value)
{
    struct pair *pair = ctx;
    char *to = key.at[1] == '1' ? pair->first : pair->second;

    snprintf(to, sizeof pair->first, "%.*s", (int)value.len, value.at);
    return true;
}

static void *look_for_torn_units(void *ctx)
{
    struct smg_scan scan = { .space = SPACE, .from = SMG_STR("p"), .to = SMG_STR("q") };
    struct smg_str keys[] = { SMG_STR("p1"), SMG_STR("p2") };
    struct race *race = ctx;
    struct smg_err err = { 0 };
    void *mine = open_another(&err);

    if (mine == NULL)
        race->why = "no session";
    while (mine != NULL && !atomic_load(&race->ended)) {
        struct pair pair = { "", "" };
        int code = atomic_load(&race->looked) % 2 == 0
                       ? lab.instance.ops->scan(mine, &scan, note_pair, &pair, &err)
                       : lab.instance.ops->get(mine, SPACE, keys, 2, note_pair, &pair, &err);

        if (code != SMG_OK || strcmp(pair.first, pair.second) != 0)
            atomic_fetch_add(&race->torn, 1);
        atomic_fetch_add(&race->looked, 1);
    }
    if (mine != NULL)
        lab.instance.ops->session_close(mine);
    return NULL;
}

static void test_readers_see_whole_units_while_another_session_writes(void **state)
{
    struct race race = { .why = NULL };
    pthread_t reader;
    int number = 0;

    (void)state;
    assert_int_equal(pthread_create(&reader, NULL, look_for_torn_units, &race), 0);
    while (number < 200 || atomic_load(&race.looked) < 200) {
        char text[16];
        struct smg_row rows[2];
        struct smg_unit unit = { rows, 2 };
        bool refused;

        snprintf(text, sizeof text, "%d", number++);
        rows[0] = row(SMG_PUT, SMG_ALWAYS, "p1", text, NULL);
        rows[1] = row(SMG_PUT, SMG_ALWAYS, "p2", text, NULL);
        assert_int_equal(apply_units(&unit, 1, &refused), SMG_OK);
        if (number > 1000000)
            break;
    }
    atomic_store(&race.ended, true);
    pthread_join(reader, NULL);
    assert_null(race.why);
    assert_int_equal(race.torn, 0);
    assert_true(race.looked >= 200);
}

struct counter {
    void *session;
    const char *why; /* it ended early */
};

/* Two sessions both add one to a number, each only if it is what it saw. */
static void *count_up(void *ctx)
{
    struct counter *counter = ctx;
    struct smg_err err = { 0 };
    void *mine = counter->session;
    int added = 0;

    while (counter->why == NULL && added < 100) {
        struct pair pair = { "", "" };
        struct smg_str key = SMG_STR("c1");
        char next[16];
        struct smg_row one;
        struct smg_unit unit = { &one, 1 };
        bool refused = false;
        int code;

        if (lab.instance.ops->get(mine, SPACE, &key, 1, note_pair, &pair, &err) < 0)
            counter->why = "cannot read";
        snprintf(next, sizeof next, "%d", atoi(pair.first) + 1);
        one = row(SMG_PUT, SMG_IS, "c1", next, pair.first);
        code = lab.instance.ops->apply(mine, &unit, 1, &refused, &err);
        if (code == SMG_OK)
            added++;
        else if (code != SMG_E_EXISTS && code != SMG_E_BUSY)
            counter->why = "cannot write";
    }
    return NULL;
}

static void test_two_sessions_that_count_lose_no_step(void **state)
{
    struct smg_err err = { 0 };
    struct counter counters[2] = { { session, NULL }, { open_another(&err), NULL } };
    pthread_t threads[2];

    (void)state;
    assert_non_null(counters[1].session);
    put("c1", "0");
    for (int i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, count_up, &counters[i]), 0);
    for (int i = 0; i < 2; i++) {
        pthread_join(threads[i], NULL);
        assert_null(counters[i].why);
    }
    lab.instance.ops->session_close(counters[1].session);
    expect_row("c1", "200");
}

/* ---- long scans ---- */

enum { ROWS = 1000 };

static void put_rows(void *in, int count, const char *value)
{
    static char keys[ROWS][16];
    static struct smg_row rows[ROWS];
    static struct smg_unit units[ROWS];
    static bool refused[ROWS];
    struct smg_err err = { 0 };

    for (int i = 0; i < count; i++) {
        snprintf(keys[i], sizeof keys[i], "k%06d", i);
        rows[i] = row(SMG_PUT, SMG_ALWAYS, keys[i], value, NULL);
        units[i] = (struct smg_unit){ &rows[i], 1 };
    }
    assert_int_equal(lab.instance.ops->apply(in, units, (size_t)count, refused, &err), SMG_OK);
}

struct long_scan {
    void *writer;
    int seen, wrong;
    bool backward;
};

static bool write_meanwhile(void *ctx, struct smg_str key, struct smg_str value)
{
    struct long_scan *scan = ctx;
    char wanted[16];

    snprintf(wanted, sizeof wanted, "k%06d", scan->backward ? ROWS - 1 - scan->seen : scan->seen);
    scan->wrong += !str_eq(key, str_of(wanted)) || !str_eq(value, str_of("before"));
    if (++scan->seen == ROWS / 3)
        put_rows(scan->writer, ROWS, "after");
    return true;
}

static void test_a_long_scan_sees_one_moment_while_others_write(void **state)
{
    struct smg_scan scan = { .space = SPACE };
    struct smg_err err = { 0 };

    (void)state;
    for (int backward = 0; backward < 2; backward++) {
        struct long_scan seen = { .backward = backward == 1 };

        seen.writer = open_another(&err);
        assert_non_null(seen.writer);
        put_rows(session, ROWS, "before");
        scan.backward = seen.backward;
        assert_int_equal(lab.instance.ops->scan(session, &scan, write_meanwhile, &seen, &err),
                         SMG_OK);
        assert_int_equal(seen.seen, ROWS);
        assert_int_equal(seen.wrong, 0);
        expect_row("k000000", "after");
        lab.instance.ops->session_close(seen.writer);
    }
}

static void test_scans_of_every_length_end_where_they_should(void **state)
{
    static const uint32_t limits[] = { 1, 2, 127, 128, 129, 255, 256, 257, 384, 999, 1000, 1001 };
    struct smg_err err = { 0 };

    (void)state;
    put_rows(session, ROWS, "v");
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
        for (int backward = 0; backward < 2; backward++) {
            struct smg_scan scan = { SPACE, str_of(""), str_of(""), backward == 1, limits[i] };
            int seen = 0;

            assert_int_equal(lab.instance.ops->scan(session, &scan, count_row, &seen, &err),
                             SMG_OK);
            assert_int_equal(seen, limits[i] < ROWS ? limits[i] : ROWS);
        }
    }
}

static void test_many_keys_are_got_at_once_in_the_order_asked(void **state)
{
    enum { ASKED = 150 };
    static char texts[ASKED][16];
    struct smg_str keys[ASKED];
    struct buf seen = { 0 }, wanted = { 0 };
    struct smg_err err = { 0 };

    (void)state;
    put_rows(session, 100, "v");
    for (int i = 0; i < ASKED; i++) { /* some twice, some not there */
        snprintf(texts[i], sizeof texts[i], "k%06d", i * 37 % 120);
        keys[i] = str_of(texts[i]);
        if (i * 37 % 120 < 100)
            note(&wanted, keys[i], str_of("v"));
    }
    assert_int_equal(lab.instance.ops->get(session, SPACE, keys, ASKED, note, &seen, &err), SMG_OK);
    assert_true(str_eq(buf_view(&seen), buf_view(&wanted)));
    buf_fini(&seen);
    buf_fini(&wanted);
}

/* As many units as the store ever puts into one batch, with a picture each. */
static void test_a_large_batch_of_large_values_is_one_commit(void **state)
{
    enum { UNITS = 256, BYTES = 60000 };
    static char keys[UNITS][16];
    struct smg_row rows[UNITS];
    struct smg_unit units[UNITS];
    bool refused[UNITS];
    char *bytes = malloc(BYTES + UNITS);
    struct smg_scan scan = { .space = SPACE };
    struct smg_err err = { 0 };
    int seen = 0;

    (void)state;
    for (size_t i = 0; i < BYTES + UNITS; i++)
        bytes[i] = (char)(i * i >> 7);
    for (size_t i = 0; i < UNITS; i++) {
        snprintf(keys[i], sizeof keys[i], "k%03zu", i);
        rows[i] = row(SMG_PUT, SMG_NEW, keys[i], NULL, NULL);
        rows[i].value = str_bytes(bytes + i, BYTES);
        units[i] = (struct smg_unit){ &rows[i], 1 };
    }
    assert_int_equal(apply_units(units, UNITS, refused), SMG_OK);
    for (size_t i = 0; i < UNITS; i += 51)
        expect_get(SPACE, rows[i].key, &rows[i].value);
    rows[UNITS - 1].value.len--; /* the last one is refused, and with it all that went before */
    for (size_t i = 0; i < UNITS - 1; i++)
        rows[i] = row(SMG_ERASE, SMG_ALWAYS, keys[i], NULL, NULL);
    assert_int_equal(apply_units(units, UNITS, refused), SMG_E_EXISTS);
    assert_int_equal(lab.instance.ops->scan(session, &scan, count_row, &seen, &err), SMG_OK);
    assert_int_equal(seen, UNITS);
    free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_readers_see_whole_units_while_another_session_writes),
        CASE(test_two_sessions_that_count_lose_no_step),
        CASE(test_a_long_scan_sees_one_moment_while_others_write),
        CASE(test_scans_of_every_length_end_where_they_should),
        CASE(test_many_keys_are_got_at_once_in_the_order_asked),
        CASE(test_a_large_batch_of_large_values_is_one_commit),
    };

    return RUN_ON_EVERY_STORAGE(tests);
}
