/* SPDX-License-Identifier: Apache-2.0 */
/* How many mobile numbers somebody has, by what is stored of them. */
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
    unsigned count;
    struct smg_err err;
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

static void on_held(void *ctx, unsigned count, const struct smg_err *err)
{
    struct room *room = ctx;

    room->count = count;
    room->err = *err;
    loop_stop(room->desk.loop);
}

static unsigned held(struct room *room, const char *number)
{
    struct smg_err err = { 0 };

    registry_held(&room->desk, str_of(number), on_held, room);
    assert_int_equal(loop_run(room->desk.loop, &err), SMG_OK);
    return room->count;
}

#define HOLDER "11010519491231002X"

static void test_only_accepted_openings_and_transfers_of_mobile_numbers_count(void **state)
{
    struct room *room = *state;

    assert_int_equal(held(room, HOLDER), 0);
    keep(room, HOLDER, "mobile.open", true);
    keep(room, HOLDER, "mobile.transfer", true);
    keep(room, HOLDER, "mobile.replace", true);
    keep(room, HOLDER, "fixed.install", true);
    keep(room, HOLDER, "fixed.transfer", true);
    keep(room, HOLDER, "mobile.open", false);
    keep(room, "440524188001010014", "mobile.open", true);
    assert_int_equal(held(room, HOLDER), 2);
    assert_int_equal(room->err.code, SMG_OK);
}

static void test_a_number_whose_service_ended_does_not_count(void **state)
{
    struct room *room = *state;
    struct id first = keep(room, HOLDER, "mobile.open", true);

    keep(room, HOLDER, "mobile.open", true);
    assert_int_equal(held(room, HOLDER), 2);
    end_service(room, first);
    assert_int_equal(held(room, HOLDER), 1);
}

/* More registrations than are read at once, at the end of a page and beyond it. */
static void test_many_registrations_are_all_counted(void **state)
{
    static const unsigned stops[] = { 31, 32, 33, 64, 70 };
    struct room *room = *state;
    unsigned done = 0;
    size_t i;

    for (i = 0; i < sizeof stops / sizeof *stops; i++) {
        for (; done < stops[i]; done++)
            keep(room, HOLDER, "mobile.open", true);
        assert_int_equal(held(room, HOLDER), stops[i]);
    }
}

static void test_a_case_that_was_altered_is_an_error_and_no_count(void **state)
{
    struct room *room = *state;
    struct id id = keep(room, HOLDER, "mobile.open", true);
    struct memory_row *row = memory_find(&room->storage.memory->rows, SMG_SPACE_CASE, id_view(&id));

    assert_non_null(row);
    row->value[row->value_len - 1] ^= 1;
    held(room, HOLDER);
    assert_int_not_equal(room->err.code, SMG_OK);
}

int main(void)
{
#define IN_ROOM(test) cmocka_unit_test_setup_teardown(test, open_room, close_room)
    const struct CMUnitTest tests[] = {
        IN_ROOM(test_only_accepted_openings_and_transfers_of_mobile_numbers_count),
        IN_ROOM(test_a_number_whose_service_ended_does_not_count),
        IN_ROOM(test_many_registrations_are_all_counted),
        IN_ROOM(test_a_case_that_was_altered_is_an_error_and_no_count),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
