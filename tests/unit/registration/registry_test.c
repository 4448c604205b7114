/* SPDX-License-Identifier: Apache-2.0 */
/* How many mobile numbers somebody has: slots taken and given back, and those of older stores. */
#include "registration/registry.h"

#include "registration/record.h"

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
    struct desk desk;
    struct held held; /* the last answer */
    struct smg_err err;
    unsigned scans;
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
    room->desk.sealer = keys.sealer;
    room->desk.loop = loop_new("registry", &err);
    room->desk.store =
        store_new(&room->storage, NULL, &(struct store_options){ .readers = 1 }, &err);
    assert_non_null(room->desk.loop);
    assert_non_null(room->desk.store);
    *state = room;
    return 0;
}

static int close_room(void **state)
{
    struct room *room = *state;

    store_free(room->desk.store);
    loop_free(room->desk.loop);
    memory_close(room->storage.memory);
    fresh_keys_remove(&keys);
    free(room);
    return 0;
}

static struct id keep(struct room *room, const char *number, const char *operation, bool accepted)
{
    struct smg_fields *fields = fields_new();
    struct unit *unit = unit_new();
    struct buf facts = { 0 };
    struct data_key key;
    struct smg_err err = { 0 };
    struct record record = { .id = id_new(NOW), .accepted = accepted };

    assert_non_null(fields);
    assert_true(fields_set_text(fields, "customer.document.number", str_of(number)));
    buf_printf(&facts, "customer.kind=person\noperation=%s\nproxy.given=false\n", operation);
    record.kept = (struct kept_case){ .at_ms = NOW,
                                      .on = { 2026, 11, 24 },
                                      .begun = { 2026, 11, 24 },
                                      .staff = SMG_STR("S-9"),
                                      .region = SMG_STR("540102"),
                                      .set = SMG_STR("sha256:00"),
                                      .outline = accepted ? SMG_STR("verdict accepted\n")
                                                          : SMG_STR("verdict refused\n"),
                                      .facts = buf_view(&facts) };
    record.decision = SMG_STR("\"verdict\":\"accepted\"");
    assert_int_equal(record_put(keys.sealer, &record, fields, unit, &key, &err), SMG_OK);
    assert_int_equal(store_apply_wait(room->desk.store, unit, &err), SMG_OK);
    data_key_wipe(&key);
    unit_free(unit);
    fields_free(fields);
    buf_fini(&facts);
    return record.id;
}

static void end_service(struct room *room, struct id id)
{
    struct unit *unit = unit_new();
    struct smg_date due;
    struct smg_err err = { 0 };

    assert_int_equal(record_terminate(keys.sealer, id, NOW, "S-9", NOW, unit, &due, &err), SMG_OK);
    assert_int_equal(store_apply_wait(room->desk.store, unit, &err), SMG_OK);
    unit_free(unit);
}

static void on_held(void *ctx, const struct held *held, const struct smg_err *err)
{
    struct room *room = ctx;

    room->err = *err;
    assert_int_equal(held == NULL, err->code != SMG_OK);
    if (held != NULL)
        room->held = *held;
    loop_stop(room->desk.loop);
}

static unsigned held(struct room *room, const char *number)
{
    struct smg_err err = { 0 };

    room->held = (struct held){ .count = 999 };
    registry_held(&room->desk, str_of(number), on_held, room);
    assert_int_equal(loop_run(room->desk.loop, &err), SMG_OK);
    return room->held.count;
}

/* Take this slot; SMG_E_EXISTS: somebody has it. */
static int take(struct room *room, const uint8_t slot[SLOT_KEY_BYTES], struct id id)
{
    struct unit *unit = unit_new();
    struct smg_err err = { 0 };
    int status;

    slots_take(unit, slot, id);
    status = store_apply_wait(room->desk.store, unit, &err);
    unit_free(unit);
    return status;
}

static void give_back(struct room *room, struct id id)
{
    struct unit *unit = unit_new();
    struct buf owner = { 0 };
    struct smg_err err = { 0 };
    const struct memory_row *row;

    slots_owner_key(id, &owner);
    row = memory_find(&room->storage.memory->rows, SMG_SPACE_CASE, buf_view(&owner));
    assert_non_null(row);
    slots_give_back(unit, id, str_bytes(row->value, row->value_len));
    assert_int_equal(store_apply_wait(room->desk.store, unit, &err), SMG_OK);
    unit_free(unit);
    buf_fini(&owner);
}

#define HOLDER "11010519491231002X"
#define OTHER "440524188001010014"

static void test_a_slot_that_is_taken_counts_until_it_is_given_back(void **state)
{
    struct room *room = *state;
    struct id first = id_new(NOW), second = id_new(NOW);

    assert_int_equal(held(room, HOLDER), 0);
    assert_int_equal(take(room, room->held.slot, first), SMG_OK);
    assert_int_equal(held(room, HOLDER), 1);
    assert_int_equal(take(room, room->held.slot, second), SMG_OK);
    assert_int_equal(held(room, HOLDER), 2);
    assert_int_equal(held(room, OTHER), 0);
    give_back(room, first);
    assert_int_equal(held(room, HOLDER), 1);
}

static void test_two_that_counted_the_same_take_the_same_slot(void **state)
{
    struct room *room = *state;
    struct held one, other;

    held(room, HOLDER);
    one = room->held;
    held(room, HOLDER);
    other = room->held;
    assert_int_equal(take(room, one.slot, id_new(NOW)), SMG_OK);
    assert_int_equal(take(room, other.slot, id_new(NOW)), SMG_E_EXISTS);
    assert_int_equal(held(room, HOLDER), 1);
}

/* Otherwise the sixth of six slots could be taken by one who counted four. */
static void test_the_lowest_slot_that_is_free_comes_first(void **state)
{
    struct room *room = *state;
    struct id ids[5];
    uint8_t slots[5][SLOT_KEY_BYTES];
    size_t i;

    for (i = 0; i < 5; i++) {
        assert_int_equal(held(room, HOLDER), i);
        ids[i] = id_new(NOW);
        memcpy(slots[i], room->held.slot, SLOT_KEY_BYTES);
        assert_int_equal(take(room, slots[i], ids[i]), SMG_OK);
    }
    give_back(room, ids[3]);
    give_back(room, ids[1]);
    assert_int_equal(held(room, HOLDER), 3);
    assert_memory_equal(room->held.slot, slots[1], SLOT_KEY_BYTES);
    assert_int_equal(take(room, room->held.slot, ids[1]), SMG_OK);
    held(room, HOLDER);
    assert_memory_equal(room->held.slot, slots[3], SLOT_KEY_BYTES);
}

static void test_an_opening_or_transfer_of_a_mobile_number_to_a_person_is_a_gain(void **state)
{
    (void)state;
    assert_true(slots_is_gain(SMG_STR("customer.kind=person\noperation=mobile.open\n")));
    assert_true(slots_is_gain(SMG_STR("customer.kind=person\noperation=mobile.transfer\n")));
    assert_false(slots_is_gain(SMG_STR("customer.kind=person\noperation=mobile.replace\n")));
    assert_false(slots_is_gain(SMG_STR("customer.kind=person\noperation=fixed.install\n")));
    assert_false(slots_is_gain(SMG_STR("customer.kind=organisation\noperation=mobile.open\n")));
    assert_false(slots_is_gain(SMG_STR("customer.kind=person\noperation=mobile.openly\n")));
}

static void test_a_damaged_slot_is_an_error_and_no_count(void **state)
{
    struct room *room = *state;
    struct unit *unit = unit_new();
    struct smg_err err = { 0 };
    char key[SLOT_KEY_BYTES + 1];

    held(room, HOLDER);
    memcpy(key, room->held.slot, SLOT_KEY_BYTES);
    key[SLOT_KEY_BYTES] = 'x';
    unit_put(unit, SMG_SPACE_INDEX, str_bytes(key, sizeof key), SMG_STR("x"));
    assert_int_equal(store_apply_wait(room->desk.store, unit, &err), SMG_OK);
    unit_free(unit);
    held(room, HOLDER);
    assert_int_not_equal(room->err.code, SMG_OK);
    room->storage.memory->read_code = SMG_E_IO;
    held(room, HOLDER);
}

/* ---- stores from before there were slots ---- */

static uint64_t fill(struct room *room)
{
    struct smg_err err = { 0 };
    uint64_t filled = 0;

    assert_int_equal(slots_fill(room->desk.store, keys.sealer, &filled, &err), SMG_OK);
    assert_int_equal(slots_expect(room->desk.store, &err), SMG_OK);
    return filled;
}

static void test_a_store_without_slots_is_refused_until_it_was_filled(void **state)
{
    struct room *room = *state;
    struct smg_err err = { 0 };

    keep(room, HOLDER, "mobile.open", true);
    assert_int_equal(slots_expect(room->desk.store, &err), SMG_E_UNSUPPORTED);
    assert_non_null(strstr(err.text, "shiming store upgrade"));
    assert_int_equal(fill(room), 1);
}

static void test_an_empty_store_lacks_nothing(void **state)
{
    struct room *room = *state;
    struct smg_err err = { 0 };

    assert_int_equal(slots_expect(room->desk.store, &err), SMG_OK);
    keep(room, HOLDER, "mobile.open", true); /* by somebody who takes no slot */
    assert_int_equal(slots_expect(room->desk.store, &err), SMG_OK);
    assert_int_equal(fill(room), 0);
}

static void test_only_numbers_that_are_held_are_given_a_slot(void **state)
{
    struct room *room = *state;
    struct id ended = keep(room, HOLDER, "mobile.open", true);

    end_service(room, ended);
    keep(room, HOLDER, "mobile.open", true);
    keep(room, HOLDER, "mobile.transfer", true);
    keep(room, HOLDER, "mobile.replace", true);
    keep(room, HOLDER, "fixed.install", true);
    keep(room, HOLDER, "fixed.transfer", true);
    keep(room, HOLDER, "mobile.open", false);
    keep(room, OTHER, "mobile.open", true);
    assert_int_equal(fill(room), 3);
    assert_int_equal(held(room, HOLDER), 2);
    assert_int_equal(held(room, OTHER), 1);
}

/* The second page of the index is read: what comes of it is not written. */
static void fail_second_page(void *ctx)
{
    struct room *room = ctx;

    if (++room->scans == 2)
        room->storage.memory->apply_code = SMG_E_FULL;
}

/* More registrations than are read at once, and a storage that fails in the middle. */
static void test_filling_goes_on_where_it_was_cut_off(void **state)
{
    enum { HELD = 150 };
    struct room *room = *state;
    struct smg_err err = { 0 };
    uint64_t filled = 0;
    uint8_t last[SLOT_KEY_BYTES];
    unsigned i;

    for (i = 0; i < HELD; i++)
        keep(room, HOLDER, "mobile.open", true);
    room->storage.memory->on_scan_ctx = room;
    room->storage.memory->on_scan = fail_second_page;
    assert_int_equal(slots_fill(room->desk.store, keys.sealer, &filled, &err), SMG_E_FULL);
    assert_int_equal(held(room, HOLDER), 64);
    assert_int_equal(slots_expect(room->desk.store, &err), SMG_E_UNSUPPORTED);
    fill(room);
    assert_int_equal(held(room, HOLDER), HELD);
    memcpy(last, room->held.slot, sizeof last);
    assert_int_equal(last[SLOT_KEY_BYTES - 1], HELD); /* no gap below */
    assert_int_equal(fill(room), 0);
}

static void test_a_case_that_was_altered_ends_the_filling(void **state)
{
    struct room *room = *state;
    struct id id = keep(room, HOLDER, "mobile.open", true);
    struct memory_row *row = memory_find(&room->storage.memory->rows, SMG_SPACE_CASE, id_view(&id));
    struct smg_err err = { 0 };
    uint64_t filled;

    assert_non_null(row);
    row->value[row->value_len - 1] ^= 1;
    assert_int_not_equal(slots_fill(room->desk.store, keys.sealer, &filled, &err), SMG_OK);
    assert_int_equal(slots_expect(room->desk.store, &err), SMG_E_UNSUPPORTED);
}

int main(void)
{
#define IN_ROOM(test) cmocka_unit_test_setup_teardown(test, open_room, close_room)
    const struct CMUnitTest tests[] = {
        IN_ROOM(test_a_slot_that_is_taken_counts_until_it_is_given_back),
        IN_ROOM(test_two_that_counted_the_same_take_the_same_slot),
        IN_ROOM(test_the_lowest_slot_that_is_free_comes_first),
        IN_ROOM(test_an_opening_or_transfer_of_a_mobile_number_to_a_person_is_a_gain),
        IN_ROOM(test_a_damaged_slot_is_an_error_and_no_count),
        IN_ROOM(test_a_store_without_slots_is_refused_until_it_was_filled),
        IN_ROOM(test_an_empty_store_lacks_nothing),
        IN_ROOM(test_only_numbers_that_are_held_are_given_a_slot),
        IN_ROOM(test_filling_goes_on_where_it_was_cut_off),
        IN_ROOM(test_a_case_that_was_altered_ends_the_filling),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
