/* SPDX-License-Identifier: Apache-2.0 */
/* What the sweep takes and what it leaves, as the hours pass. */
#include "registration/sweep.h"

#include "loop/clock.h"
#include "registration/evidence.h"
#include "registration/idempotency.h"
#include "registration/upload.h"

#include "fresh_keys.h"
#include "memory_storage.h"

#define NOW INT64_C(1795500000000) /* 2026-11-24 in China */
#define HOUR INT64_C(3600000)

/* An instance without the rest of the plugin room. */
struct instance {
    struct memory_storage *memory;
};

const struct smg_storage_ops *instance_storage(const struct instance *instance, void **self)
{
    *self = instance->memory;
    return &memory_ops;
}

static struct fresh_keys keys;

struct room {
    struct instance storage;
    struct loop *loop;
    struct store *store;
    struct sweep *sweep;
};

static int open_room(void **state)
{
    struct room *room = calloc(1, sizeof *room);
    struct smg_err err = { 0 };
    void *self = NULL;

    if (room == NULL)
        return -1;
    clock_set_ms(NOW);
    fresh_keys_make(&keys);
    assert_int_equal(memory_open(NULL, NULL, &self, &err), SMG_OK);
    room->storage.memory = self;
    room->loop = loop_new("sweep", &err);
    room->store = store_new(&room->storage, NULL, &(struct store_options){ .readers = 1 }, &err);
    assert_non_null(room->loop);
    assert_non_null(room->store);
    room->sweep = sweep_new(room->loop, room->store, 24 * HOUR, &err);
    assert_non_null(room->sweep);
    *state = room;
    return 0;
}

static int close_room(void **state)
{
    struct room *room = *state;

    sweep_free(room->sweep);
    store_free(room->store);
    loop_free(room->loop);
    memory_close(room->storage.memory);
    fresh_keys_remove(&keys);
    clock_set_ms(-1);
    free(room);
    return 0;
}

static void apply(struct room *room, struct unit *unit)
{
    struct smg_err err = { 0 };

    assert_int_equal(store_apply_wait(room->store, unit, &err), SMG_OK);
    unit_free(unit);
}

static struct smg_str kept_row(struct room *room, enum smg_space space, struct id id)
{
    const struct memory_row *row = memory_find(&room->storage.memory->rows, space, id_view(&id));

    return row == NULL ? (struct smg_str){ NULL, 0 } : str_bytes(row->value, row->value_len);
}

static struct id put_picture(struct room *room, int64_t at_ms)
{
    const struct image_info info = { .type = "image/png", .width = 1, .height = 1 };
    struct unit *unit = unit_new();
    struct smg_err err = { 0 };
    uint8_t sha256[32];
    struct id id;

    assert_int_equal(
        evidence_put(keys.sealer, SMG_STR("bytes"), &info, "S-9", at_ms, unit, &id, sha256, &err),
        SMG_OK);
    apply(room, unit);
    return id;
}

static void take_picture(struct room *room, struct id id)
{
    struct data_key key = { { 1 } };
    struct unit *unit = unit_new();
    struct smg_err err = { 0 };

    assert_int_equal(evidence_take(keys.sealer, id, kept_row(room, SMG_SPACE_KEY, id), id_new(NOW),
                                   &key, unit, &err),
                     SMG_OK);
    apply(room, unit);
}

static struct id put_upload(struct room *room, int64_t at_ms, unsigned pieces)
{
    struct unit *unit = unit_new();
    struct upload upload;
    struct smg_err err = { 0 };
    struct id id;

    assert_int_equal(upload_begin(keys.sealer, "S-9", 100, at_ms, unit, &id, &err), SMG_OK);
    apply(room, unit);
    while (pieces-- > 0) {
        struct smg_str row = kept_row(room, SMG_SPACE_KEY, id);

        unit = unit_new();
        assert_int_equal(upload_open(keys.sealer, id, row, &upload, &err), SMG_OK);
        assert_int_equal(upload_add(keys.sealer, &upload, row, SMG_STR("piece"), unit, &err),
                         SMG_OK);
        upload_fini(&upload);
        apply(room, unit);
    }
    return id;
}

static void put_answer(struct room *room, uint8_t name, int64_t at_ms)
{
    uint8_t key[IDEMPOTENCY_KEY_BYTES] = { name };
    struct unit *unit = unit_new();
    struct smg_err err = { 0 };

    assert_int_equal(
        idempotency_put(keys.sealer, key, SMG_STR("{}"), 201, SMG_STR("{}"), at_ms, unit, &err),
        SMG_OK);
    apply(room, unit);
}

static size_t kept_rows(struct room *room, enum smg_space space)
{
    const struct memory_rows *rows = &room->storage.memory->rows;
    size_t i, count = 0;

    for (i = 0; i < rows->count; i++)
        count += rows->at[i].space == space;
    return count;
}

static void on_ended(void *ctx)
{
    loop_stop(ctx);
}

static void sweep(struct room *room)
{
    struct smg_err err = { 0 };

    sweep_run(room->sweep, on_ended, room->loop);
    assert_int_equal(loop_run(room->loop, &err), SMG_OK);
}

static void test_a_picture_nobody_took_goes_after_its_time(void **state)
{
    struct room *room = *state;
    struct id old = put_picture(room, NOW - 25 * HOUR), young = put_picture(room, NOW - 23 * HOUR);
    struct sweep_figures figures;

    sweep(room);
    assert_null(kept_row(room, SMG_SPACE_KEY, old).at);
    assert_null(kept_row(room, SMG_SPACE_EVIDENCE, old).at);
    assert_non_null(kept_row(room, SMG_SPACE_KEY, young).at);
    assert_non_null(kept_row(room, SMG_SPACE_EVIDENCE, young).at);
    sweep_figures(room->sweep, &figures);
    assert_int_equal(figures.pictures, 1);
}

static void test_a_picture_of_a_registration_stays_whatever_its_age(void **state)
{
    struct room *room = *state;
    struct id id = put_picture(room, NOW - 9000 * HOUR);

    take_picture(room, id);
    sweep(room);
    assert_non_null(kept_row(room, SMG_SPACE_KEY, id).at);
    assert_non_null(kept_row(room, SMG_SPACE_EVIDENCE, id).at);
}

static void test_an_upload_goes_with_all_its_pieces(void **state)
{
    struct room *room = *state;
    struct id old = put_upload(room, NOW - 25 * HOUR, 3), young = put_upload(room, NOW, 2);

    assert_int_equal(kept_rows(room, SMG_SPACE_EVIDENCE), 5);
    sweep(room);
    assert_null(kept_row(room, SMG_SPACE_KEY, old).at);
    assert_non_null(kept_row(room, SMG_SPACE_KEY, young).at);
    assert_int_equal(kept_rows(room, SMG_SPACE_EVIDENCE), 2);
}

static void test_first_answers_go_after_two_days(void **state)
{
    struct room *room = *state;

    put_answer(room, 1, NOW - 49 * HOUR);
    put_answer(room, 2, NOW - 47 * HOUR);
    sweep(room);
    assert_int_equal(kept_rows(room, SMG_SPACE_IDEMPOTENCY), 1);
}

/* More rows than one step takes; and what the first sweep saw, the second need not see again. */
static void test_many_rows_go_in_several_steps_and_the_next_sweep_goes_on(void **state)
{
    struct room *room = *state;
    int i;

    for (i = 0; i < 1100; i++)
        put_picture(room, NOW - 30 * HOUR + i);
    sweep(room);
    assert_int_equal(kept_rows(room, SMG_SPACE_KEY), 0);
    put_picture(room, NOW - 23 * HOUR);
    clock_set_ms(NOW + 2 * HOUR);
    sweep(room);
    assert_int_equal(kept_rows(room, SMG_SPACE_KEY), 0);
    assert_int_equal(kept_rows(room, SMG_SPACE_EVIDENCE), 0);
}

static void test_a_key_of_a_registration_is_left_alone(void **state)
{
    struct room *room = *state;
    struct id id = id_new(NOW - 9000 * HOUR);
    struct unit *unit = unit_new();
    struct buf wrapped = { 0 };
    struct data_key key;
    struct smg_err err = { 0 };

    assert_int_equal(data_key_new(keys.sealer, SMG_STR("about"), &key, &wrapped, &err), SMG_OK);
    unit_put_new(unit, SMG_SPACE_KEY, id_view(&id), buf_view(&wrapped));
    apply(room, unit);
    sweep(room);
    assert_non_null(kept_row(room, SMG_SPACE_KEY, id).at);
    data_key_wipe(&key);
    buf_fini(&wrapped);
}

#define IN_ROOM(test) cmocka_unit_test_setup_teardown(test, open_room, close_room)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_ROOM(test_a_picture_nobody_took_goes_after_its_time),
        IN_ROOM(test_a_picture_of_a_registration_stays_whatever_its_age),
        IN_ROOM(test_an_upload_goes_with_all_its_pieces),
        IN_ROOM(test_first_answers_go_after_two_days),
        IN_ROOM(test_many_rows_go_in_several_steps_and_the_next_sweep_goes_on),
        IN_ROOM(test_a_key_of_a_registration_is_left_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
