/* SPDX-License-Identifier: Apache-2.0 */
/* How many mobile numbers somebody has: more by a registration, fewer by the end of a service. */
#include "registration/held.h"

#include "fresh_keys.h"
#include "memory_storage.h"

#define NOW INT64_C(1795500000000) /* 2026-11-24 in China */

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
    struct store *store;
};

static int open_room(void **state)
{
    struct room *room = calloc(1, sizeof *room);
    struct smg_err err = { 0 };
    void *self = NULL;

    if (room == NULL)
        return -1;
    fresh_keys_make(&keys);
    assert_int_equal(memory_open(NULL, NULL, &self, &err), SMG_OK);
    room->storage.memory = self;
    room->store = store_new(&room->storage, NULL, &(struct store_options){ .readers = 1 }, &err);
    assert_non_null(room->store);
    *state = room;
    return 0;
}

static int close_room(void **state)
{
    struct room *room = *state;

    store_free(room->store);
    memory_close(room->storage.memory);
    fresh_keys_remove(&keys);
    free(room);
    return 0;
}

/* A holder's row as somebody read it. */
struct seen {
    uint8_t holder[HELD_KEY_BYTES];
    struct smg_str key, row;
    struct store_read read;
};

static void see(struct room *room, const char *number, struct seen *seen)
{
    struct smg_err err = { 0 };

    assert_int_equal(held_key(keys.sealer, str_of(number), seen->holder, &err), SMG_OK);
    seen->key = str_bytes(seen->holder, sizeof seen->holder);
    seen->read =
        (struct store_read){ .space = SMG_SPACE_INDEX, .keys = &seen->key, .key_count = 1 };
    assert_int_equal(store_read_wait(room->store, &seen->read, &err), SMG_OK);
    seen->row = store_read_value(&seen->read, seen->key);
}

static unsigned count(struct room *room, const char *number)
{
    struct seen seen;
    unsigned held;

    see(room, number, &seen);
    held = held_count(seen.row);
    store_read_fini(&seen.read);
    return held;
}

static int change(struct room *room, const struct seen *seen, struct id id, bool gain)
{
    struct unit *unit = unit_new();
    struct smg_err err = { 0 };
    int status;

    if (gain)
        held_add(unit, seen->key, seen->row, id);
    else
        held_remove(unit, seen->key, seen->row, id);
    status = store_apply_wait(room->store, unit, &err);
    unit_free(unit);
    return status;
}

static int look_and_change(struct room *room, const char *number, struct id id, bool gain)
{
    struct seen seen;
    int status;

    see(room, number, &seen);
    status = change(room, &seen, id, gain);
    store_read_fini(&seen.read);
    return status;
}

#define HOLDER "11010519491231002X"
#define OTHER "440524188001010014"

static void test_a_number_counts_until_its_service_ends(void **state)
{
    struct room *room = *state;
    struct id ids[3];
    size_t i;

    assert_int_equal(count(room, HOLDER), 0);
    for (i = 0; i < 3; i++) {
        ids[i] = id_new(NOW);
        assert_int_equal(look_and_change(room, HOLDER, ids[i], true), SMG_OK);
        assert_int_equal(count(room, HOLDER), i + 1);
    }
    assert_int_equal(count(room, OTHER), 0);
    assert_int_equal(look_and_change(room, HOLDER, ids[1], false), SMG_OK);
    assert_int_equal(look_and_change(room, HOLDER, ids[1], false), SMG_OK); /* not among them */
    assert_int_equal(count(room, HOLDER), 2);
    assert_int_equal(look_and_change(room, HOLDER, ids[0], false), SMG_OK);
    assert_int_equal(look_and_change(room, HOLDER, ids[2], false), SMG_OK);
    assert_int_equal(count(room, HOLDER), 0);
    assert_int_equal(look_and_change(room, HOLDER, ids[0], true), SMG_OK); /* the first again */
    assert_int_equal(count(room, HOLDER), 1);
}

/* Two at the first number, two at a later one, and one that counted what has ended since. */
static void test_of_two_that_counted_the_same_one_is_refused(void **state)
{
    struct room *room = *state;
    struct id first = id_new(NOW);
    struct seen one, other;

    see(room, HOLDER, &one);
    see(room, HOLDER, &other);
    assert_int_equal(change(room, &one, first, true), SMG_OK);
    assert_int_equal(change(room, &other, id_new(NOW), true), SMG_E_EXISTS);
    store_read_fini(&one.read);
    store_read_fini(&other.read);
    see(room, HOLDER, &one);
    see(room, HOLDER, &other);
    assert_int_equal(change(room, &one, id_new(NOW), true), SMG_OK);
    assert_int_equal(change(room, &other, id_new(NOW), true), SMG_E_EXISTS);
    assert_int_equal(change(room, &other, first, false), SMG_E_EXISTS);
    store_read_fini(&other.read);
    see(room, HOLDER, &other);
    assert_int_equal(change(room, &other, first, false), SMG_OK);
    assert_int_equal(change(room, &other, id_new(NOW), true), SMG_E_EXISTS);
    store_read_fini(&one.read);
    store_read_fini(&other.read);
    assert_int_equal(count(room, HOLDER), 1);
}

static void test_an_opening_or_transfer_of_a_mobile_number_to_a_person_is_a_gain(void **state)
{
    (void)state;
    assert_true(held_is_gain(SMG_STR("customer.kind=person\noperation=mobile.open\n")));
    assert_true(held_is_gain(SMG_STR("customer.kind=person\noperation=mobile.transfer\n")));
    assert_false(held_is_gain(SMG_STR("customer.kind=person\noperation=mobile.replace\n")));
    assert_false(held_is_gain(SMG_STR("customer.kind=person\noperation=fixed.install\n")));
    assert_false(held_is_gain(SMG_STR("customer.kind=organisation\noperation=mobile.open\n")));
    assert_false(held_is_gain(SMG_STR("customer.kind=person\noperation=mobile.openly\n")));
}

int main(void)
{
#define IN_ROOM(test) cmocka_unit_test_setup_teardown(test, open_room, close_room)
    const struct CMUnitTest tests[] = {
        IN_ROOM(test_a_number_counts_until_its_service_ends),
        IN_ROOM(test_of_two_that_counted_the_same_one_is_refused),
        IN_ROOM(test_an_opening_or_transfer_of_a_mobile_number_to_a_person_is_a_gain),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
