/* SPDX-License-Identifier: Apache-2.0 */
/* Many writers at once over a storage that keeps failing: each write is answered once, and truly.
 */
#include "fake_storage.h"

enum { WRITERS = 4, WRITES = 250, KEYS = 400 };

static struct fake *fake;
static struct store *store;

struct writer {
    pthread_t thread;
    struct loop *loop;
    unsigned id, random, started, answered, wrong;
    unsigned
        taken[KEYS]; /* with which of its writes this writer was told it has the key; 0: none */
    struct store_write write;
    unsigned key;
};

static void submit(struct writer *writer);

/* No two writes put the same value: only so can one be told from another. */
static struct smg_str owner(char *out, size_t room, unsigned writer, unsigned write)
{
    snprintf(out, room, "writer %u, write %u", writer, write);
    return str_of(out);
}

static void on_done(void *ctx, const struct smg_err *err)
{
    struct writer *writer = ctx;

    writer->answered++;
    if (err->code == SMG_OK) {
        writer->wrong += writer->taken[writer->key] != 0;
        writer->taken[writer->key] = writer->started;
    } else {
        writer->wrong += err->code != SMG_E_EXISTS && err->code != SMG_E_FULL;
    }
    unit_free(writer->write.unit);
    if (writer->started < WRITES)
        submit(writer);
    else
        loop_stop(writer->loop);
}

static void submit(struct writer *writer)
{
    struct unit *unit = unit_new();
    char key[16], value[48];

    writer->random = writer->random * 1103515245u + 12345u;
    writer->key = (writer->random >> 10) % KEYS;
    writer->started++;
    snprintf(key, sizeof key, "%u", writer->key);
    unit_put_new(unit, SMG_SPACE_INDEX, str_of(key),
                 owner(value, sizeof value, writer->id, writer->started));
    unit_put_new(unit, SMG_SPACE_KEY, str_of(key),
                 owner(value, sizeof value, writer->id, writer->started));
    writer->write =
        (struct store_write){ .unit = unit, .loop = writer->loop, .done = on_done, .ctx = writer };
    store_apply(store, &writer->write);
}

static void *write_on(void *ctx)
{
    struct writer *writer = ctx;
    struct smg_err err = { 0 };

    submit(writer);
    if (loop_run(writer->loop, &err) < 0)
        writer->wrong++;
    return NULL;
}

static void test_every_answer_in_a_storm_is_true(void **state)
{
    static struct writer writers[WRITERS];
    struct smg_err err = { 0 };

    (void)state;
    fake = fake_new();
    for (int i = 0; i < 16; i++)
        fake->faults[fake->fault_count++] = (enum fault)(i * 5 % 6 + (i % 2 == 0));
    store = store_new(&fake->instance, NULL, &(struct store_options){ 0 }, &err);
    assert_non_null(store);
    for (unsigned i = 0; i < WRITERS; i++) {
        writers[i] = (struct writer){ .id = i, .random = i + 1, .loop = loop_new("storm", &err) };
        assert_non_null(writers[i].loop);
        assert_int_equal(pthread_create(&writers[i].thread, NULL, write_on, &writers[i]), 0);
    }
    for (unsigned i = 0; i < WRITERS; i++)
        pthread_join(writers[i].thread, NULL);
    store_free(store);
    for (unsigned k = 0; k < KEYS; k++) {
        unsigned owners = 0;
        char key[16], value[48];

        snprintf(key, sizeof key, "%u", k);
        for (unsigned i = 0; i < WRITERS; i++) {
            if (writers[i].taken[k] == 0)
                continue;
            owners++;
            owner(value, sizeof value, i, writers[i].taken[k]);
            assert_true(fake_has(fake, SMG_SPACE_INDEX, key, value));
            assert_true(fake_has(fake, SMG_SPACE_KEY, key, value));
        }
        /* A key nobody was told of belongs to nobody. */
        assert_int_equal(owners, fake_has_any(fake, SMG_SPACE_INDEX, key));
    }
    for (unsigned i = 0; i < WRITERS; i++) {
        assert_int_equal(writers[i].answered, WRITES);
        assert_int_equal(writers[i].wrong, 0);
        loop_free(writers[i].loop);
    }
    assert_int_equal(fake->fault_next, fake->fault_count);
    fake_free(fake);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_answer_in_a_storm_is_true),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
