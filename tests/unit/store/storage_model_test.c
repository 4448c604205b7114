/* SPDX-License-Identifier: Apache-2.0 */
/* Batches drawn at random, held against a model simple enough to be read: a table of six keys. */
#include "conformance.h"

enum { KEYS = 6, VALUES = 3, UNITS_MAX = 5, ROWS_MAX = 3, BATCHES = 1500 };

static const char *const key_names[KEYS] = { "a", "b", "c", "d", "e", "f" };
static const char *const value_names[VALUES] = { "", "x", "xx" };

/* By key: which value is there; -1: none. */
struct table {
    int value[KEYS];
};

struct draft {
    struct smg_row rows[UNITS_MAX][ROWS_MAX];
    struct smg_unit units[UNITS_MAX];
    size_t count;
};

static unsigned next_random(unsigned *state, unsigned below)
{
    *state = *state * 1103515245u + 12345u;
    return (*state >> 12) % below;
}

static int key_of(const struct smg_row *one)
{
    return one->key.at[0] - 'a';
}

static int value_of(struct smg_str value)
{
    return (int)value.len;
}

/* A unit names a key at most once. */
static void draw_unit(unsigned *random, struct smg_row *rows, struct smg_unit *unit)
{
    unsigned first = next_random(random, KEYS);

    unit->rows = rows;
    unit->count = 1 + next_random(random, ROWS_MAX);
    for (size_t i = 0; i < unit->count; i++) {
        enum smg_act act = (enum smg_act)(SMG_PUT + next_random(random, 3));
        enum smg_when when = (enum smg_when)(SMG_ALWAYS + next_random(random, 3));

        rows[i] =
            row(act, when, key_names[(first + i) % KEYS], value_names[next_random(random, VALUES)],
                value_names[next_random(random, VALUES)]);
    }
}

static void draw(unsigned *random, struct draft *out)
{
    out->count = 1 + next_random(random, UNITS_MAX);
    for (size_t i = 0; i < out->count; i++)
        draw_unit(random, out->rows[i], &out->units[i]);
}

static bool model_unit(struct table *table, const struct smg_unit *unit)
{
    for (size_t i = 0; i < unit->count; i++) {
        const struct smg_row *one = &unit->rows[i];
        int there = table->value[key_of(one)];

        if ((one->when == SMG_NEW && there != -1) ||
            (one->when == SMG_IS && there != value_of(one->was)))
            return false;
    }
    for (size_t i = 0; i < unit->count; i++) {
        const struct smg_row *one = &unit->rows[i];

        if (one->act != SMG_KEEP)
            table->value[key_of(one)] = one->act == SMG_PUT ? value_of(one->value) : -1;
    }
    return true;
}

static void expect_table(const struct table *table)
{
    struct buf wanted = { 0 };

    buf_text(&wanted, "");
    for (int i = 0; i < KEYS; i++) {
        if (table->value[i] != -1)
            note(&wanted, str_of(key_names[i]), str_of(value_names[table->value[i]]));
    }
    expect_scan("", "", false, 0, wanted.at == NULL ? "" : wanted.at);
    buf_fini(&wanted);
}

static void test_random_batches_do_what_the_model_does(void **state)
{
    struct table table = { { -1, -1, -1, -1, -1, -1 } };
    unsigned random = 54, written = 0, refusals = 0;

    (void)state;
    for (int n = 0; n < BATCHES; n++) {
        struct table after = table;
        struct draft draft;
        bool refused[UNITS_MAX], wanted[UNITS_MAX], any = false;

        draw(&random, &draft);
        for (size_t i = 0; i < draft.count; i++) {
            wanted[i] = !model_unit(&after, &draft.units[i]);
            any = any || wanted[i];
        }
        assert_int_equal(apply_units(draft.units, draft.count, refused),
                         any ? SMG_E_EXISTS : SMG_OK);
        assert_memory_equal(refused, wanted, draft.count);
        if (!any)
            table = after;
        written += !any;
        refusals += any;
        if (n % 10 == 0 || !any)
            expect_table(&table);
    }
    assert_true(written > BATCHES / 10 && refusals > BATCHES / 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = { CASE(test_random_batches_do_what_the_model_does) };

    return RUN_ON_EVERY_STORAGE(tests);
}
