/* SPDX-License-Identifier: Apache-2.0 */
/* How far a store has come: only forward, and never by writing a row. */
#include "release/mark.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "fresh_keys.h"
#include "memory_storage.h"

/* An instance without the rest of the plugin room. */
struct instance {
    struct memory_storage *memory;
};

const struct smg_storage_ops *instance_storage(const struct instance *instance, void **self)
{
    *self = instance->memory;
    return &memory_ops;
}

struct room {
    struct instance storage;
    struct store *store;
    struct fresh_keys keys;
    struct mark mark;
    struct buf row, problems;
};

static void room_open(struct room *room)
{
    struct smg_err err = { 0 };
    void *self = NULL;

    *room = (struct room){ .store = NULL };
    fresh_keys_make(&room->keys);
    assert_int_equal(memory_open(NULL, NULL, &self, &err), SMG_OK);
    room->storage.memory = self;
    room->store = store_new(&room->storage, NULL, &(struct store_options){ .readers = 1 }, &err);
    assert_non_null(room->store);
}

static void room_close(struct room *room)
{
    store_free(room->store);
    memory_close(room->storage.memory);
    fresh_keys_remove(&room->keys);
    buf_fini(&room->row);
    buf_fini(&room->problems);
}

static int read_mark(struct room *room)
{
    struct smg_err err = { 0 };

    return mark_read(room->store, room->keys.sealer, &room->mark, &room->row, &err);
}

static struct release_index index_of(uint64_t sequence, const char *set)
{
    struct release_index index = { .sequence = sequence };

    snprintf(index.set, sizeof index.set, "%s", set);
    return index;
}

static int move(struct room *room, uint64_t sequence, const char *set, struct smg_str was)
{
    struct release_index index = index_of(sequence, set);
    struct unit *unit = unit_new();
    struct smg_err err = { 0 };
    int status = mark_put(unit, room->keys.sealer, &index, was, &err);

    if (status == SMG_OK)
        status = store_apply_wait(room->store, unit, &err);
    unit_free(unit);
    return status;
}

static bool allows(struct room *room, uint64_t sequence, const char *set)
{
    struct release_index index = index_of(sequence, set);

    buf_clear(&room->problems);
    return mark_allows(&room->mark, &index, &room->problems);
}

static void test_a_store_goes_forward_only(void **state)
{
    struct room room;

    (void)state;
    room_open(&room);
    assert_int_equal(read_mark(&room), SMG_OK);
    assert_int_equal(room.mark.sequence, 0);
    assert_true(allows(&room, 1, "sha256:a"));
    assert_int_equal(move(&room, 5, "sha256:a", buf_view(&room.row)), SMG_OK);
    assert_int_equal(read_mark(&room), SMG_OK);
    assert_int_equal(room.mark.sequence, 5);
    assert_true(allows(&room, 5, "sha256:a"));
    assert_true(allows(&room, 6, "sha256:b"));
    assert_false(allows(&room, 4, "sha256:a"));
    assert_non_null(strstr(room.problems.at, "the sequence 4 is old: 5 was active"));
    assert_false(allows(&room, 5, "sha256:b"));
    assert_non_null(strstr(room.problems.at, "another content, sha256:a"));
    room_close(&room);
}

static void test_of_two_who_move_it_one_is_refused(void **state)
{
    struct buf before = { 0 };
    struct room room;

    (void)state;
    room_open(&room);
    assert_int_equal(move(&room, 1, "sha256:a", (struct smg_str){ NULL, 0 }), SMG_OK);
    assert_int_equal(move(&room, 2, "sha256:b", (struct smg_str){ NULL, 0 }), SMG_E_EXISTS);
    assert_int_equal(read_mark(&room), SMG_OK);
    buf_str(&before, buf_view(&room.row));
    assert_int_equal(move(&room, 2, "sha256:b", buf_view(&before)), SMG_OK);
    assert_int_equal(move(&room, 3, "sha256:c", buf_view(&before)), SMG_E_EXISTS);
    assert_int_equal(read_mark(&room), SMG_OK);
    assert_int_equal(room.mark.sequence, 2);
    buf_fini(&before);
    room_close(&room);
}

static void test_a_row_that_was_altered_is_no_number(void **state)
{
    struct memory_rows *rows;
    struct room room;
    size_t i;

    (void)state;
    room_open(&room);
    assert_int_equal(move(&room, 9, "sha256:a", (struct smg_str){ NULL, 0 }), SMG_OK);
    rows = &room.storage.memory->rows;
    assert_int_equal(rows->count, 1);
    for (i = 0; i < rows->at[0].value_len; i++) {
        rows->at[0].value[i] ^= 1;
        assert_int_not_equal(read_mark(&room), SMG_OK);
        rows->at[0].value[i] ^= 1;
    }
    assert_int_equal(read_mark(&room), SMG_OK);
    assert_int_equal(room.mark.sequence, 9);
    room_close(&room);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_store_goes_forward_only),
        cmocka_unit_test(test_of_two_who_move_it_one_is_refused),
        cmocka_unit_test(test_a_row_that_was_altered_is_no_number),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
