/* SPDX-License-Identifier: Apache-2.0 */
/* Several gateways, one outbox: each report arrives once, in order, through one of them; and what
 * is said of those that wait. */
#include "registration/outbox.h"

#include "loop/clock.h"
#include "plugin/instance.h"

#include "fresh_keys.h"
#include "memory_storage.h"

#define NOW INT64_C(1795500000000) /* 2026-11-24 in China */

enum { ARRIVALS = 64 };

/* An instance without the rest of the plugin room: the storage, or a reporter. */
struct instance {
    struct memory_storage *memory;
    const char *name;
    struct room *room;
    instance_done_fn fn;
    void *ctx;
};

struct arrival {
    const struct instance *through;
    char id[40], report[512];
};

struct room {
    struct instance storage, first, second; /* the reporters of two gateways */
    struct loop *loop;
    struct store *store;
    struct outbox *outboxes[2];
    struct arrival arrivals[ARRIVALS];
    size_t count, wanted;
};

static struct fresh_keys keys;

const struct smg_storage_ops *instance_storage(const struct instance *instance, void **self)
{
    *self = instance->memory;
    return &memory_ops;
}

const char *instance_name(const struct instance *instance)
{
    return instance->name;
}

static void on_arrived(void *ctx)
{
    struct instance *instance = ctx;

    instance->fn(instance->ctx, NULL, NULL);
    if (instance->room->count == instance->room->wanted)
        loop_stop(instance->room->loop);
}

void instance_submit(struct instance *instance, struct smg_str id, struct smg_str report,
                     int64_t deadline_ms, instance_done_fn fn, void *ctx)
{
    struct room *room = instance->room;
    struct arrival *arrival = &room->arrivals[room->count];

    (void)deadline_ms;
    assert_true(room->count++ < ARRIVALS);
    arrival->through = instance;
    snprintf(arrival->id, sizeof arrival->id, "%.*s", (int)id.len, id.at);
    snprintf(arrival->report, sizeof arrival->report, "%.*s", (int)report.len, report.at);
    instance->fn = fn;
    instance->ctx = ctx;
    assert_non_null(loop_after(room->loop, 1, on_arrived, instance));
}

static void open_outbox(struct room *room, size_t which, struct instance *reporter)
{
    const struct outbox_sender sender = { .operator_name = "测试电信",
                                          .licence = "A2.B1-20180001",
                                          .node = which == 0 ? "north" : "south" };
    struct smg_err err = { 0 };

    room->outboxes[which] = outbox_new(room->loop, room->store, keys.keyring, &sender, &err);
    assert_non_null(room->outboxes[which]);
    assert_true(outbox_add(room->outboxes[which], reporter, NULL, 0, NULL));
}

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
    room->first = (struct instance){ .name = "police", .room = room };
    room->second = room->first;
    room->loop = loop_new("outbox", &err);
    room->store = store_new(&room->storage, NULL, &(struct store_options){ .readers = 1 }, &err);
    assert_non_null(room->loop);
    assert_non_null(room->store);
    open_outbox(room, 0, &room->first);
    open_outbox(room, 1, &room->second);
    *state = room;
    return 0;
}

static int close_room(void **state)
{
    struct room *room = *state;

    store_free(room->store); /* with what they still ask it */
    outbox_free(room->outboxes[0]);
    outbox_free(room->outboxes[1]);
    loop_free(room->loop);
    memory_close(room->storage.memory);
    fresh_keys_remove(&keys);
    clock_set_ms(-1);
    free(room);
    return 0;
}

static void put_report(struct room *room, unsigned number, int64_t at_ms, int64_t due_ms)
{
    struct unit *unit = unit_new();
    struct smg_err err = { 0 };
    char open[32];

    snprintf(open, sizeof open, "\"n\":%u", number);
    assert_int_equal(outbox_put(keys.sealer,
                                &(struct outbox_report){ .to = "public_security",
                                                         .at_ms = at_ms,
                                                         .due_ms = due_ms,
                                                         .open = str_of(open),
                                                         .closed = SMG_STR("\"name\":\"张三\"") },
                                unit, &err),
                     SMG_OK);
    assert_int_equal(store_apply_wait(room->store, unit, &err), SMG_OK);
    unit_free(unit);
}

static void run_until(struct room *room, size_t wanted)
{
    struct smg_err err = { 0 };

    room->wanted = wanted;
    assert_int_equal(loop_run(room->loop, &err), SMG_OK);
}

static void expect_number(const struct room *room, size_t i, unsigned number)
{
    char text[32];

    snprintf(text, sizeof text, "\"n\":%u}", number);
    assert_non_null(strstr(room->arrivals[i].report, text));
}

/* Runs the loop until something is so. */
struct look {
    struct room *room;
    struct outbox *outbox;
    bool (*is_so)(const struct outbox_recipient *shown);
};

static void on_look(void *ctx)
{
    struct look *look = ctx;
    struct outbox_recipient shown[OUTBOX_RECIPIENTS];

    if (outbox_recipients(look->outbox, shown) > 0 && look->is_so(&shown[0]))
        loop_stop(look->room->loop);
}

static struct outbox_recipient run_until_shown(struct room *room, struct outbox *outbox,
                                               bool (*is_so)(const struct outbox_recipient *shown))
{
    struct outbox_recipient shown[OUTBOX_RECIPIENTS];
    struct look look = { room, outbox, is_so };
    struct loop_timer *timer = loop_every(room->loop, 1, on_look, &look);

    assert_non_null(timer);
    run_until(room, SIZE_MAX);
    loop_forget(timer);
    assert_int_equal(outbox_recipients(outbox, shown), 1);
    return shown[0];
}

static bool is_all_delivered(const struct outbox_recipient *shown)
{
    return shown->delivered > 0 && shown->waiting == 0;
}

static bool is_left_to_another(const struct outbox_recipient *shown)
{
    return shown->next_try_ms > NOW;
}

static bool is_waiting(const struct outbox_recipient *shown)
{
    return shown->waiting > 0;
}

static void test_of_two_gateways_one_delivers_and_in_order(void **state)
{
    struct room *room = *state;
    unsigned i;

    for (i = 0; i < 20; i++)
        put_report(room, i, NOW + i, 0);
    outbox_wake(room->outboxes[0]);
    outbox_wake(room->outboxes[1]);
    run_until(room, 20);
    for (i = 0; i < 20; i++) {
        expect_number(room, i, i);
        assert_ptr_equal(room->arrivals[i].through, room->arrivals[0].through);
    }
}

/* What the first left is the second's, but not before the lease is over: it might still be alive.
 */
static void test_a_gateway_that_died_is_followed_by_another(void **state)
{
    struct room *room = *state;

    put_report(room, 1, NOW, 0);
    outbox_wake(room->outboxes[0]);
    run_until_shown(room, room->outboxes[0], is_all_delivered);
    outbox_free(room->outboxes[0]);
    room->outboxes[0] = NULL;
    put_report(room, 2, NOW, 0);
    outbox_wake(room->outboxes[1]);
    run_until_shown(room, room->outboxes[1], is_left_to_another);
    assert_int_equal(room->count, 1);

    outbox_free(room->outboxes[1]); /* its pause is real time */
    clock_set_ms(NOW + 600000);
    open_outbox(room, 1, &room->second);
    outbox_wake(room->outboxes[1]);
    run_until_shown(room, room->outboxes[1], is_all_delivered);
    expect_number(room, 1, 2);
    assert_ptr_equal(room->arrivals[1].through, &room->second);
}

static void test_what_must_not_leave_in_clear_does_not(void **state)
{
    struct room *room = *state;

    put_report(room, 1, NOW, NOW + 3600000);
    outbox_wake(room->outboxes[0]);
    run_until(room, 1);
    assert_null(strstr(room->arrivals[0].report, "张三"));
    assert_non_null(strstr(room->arrivals[0].report, "\"licence\":\"A2.B1-20180001\""));
    assert_non_null(strstr(room->arrivals[0].report, "\"within_ms\":3600000"));
}

static void test_reports_whose_time_is_over_are_counted(void **state)
{
    struct room *room = *state;
    struct outbox_recipient shown;
    struct smg_err err = { 0 };
    struct outbox *lone;
    const struct outbox_sender sender = { "测试电信", "A2", "lone" };

    put_report(room, 1, NOW - 7200000, NOW - 3600000);
    put_report(room, 2, NOW, NOW + 3600000);
    put_report(room, 3, NOW, 0);
    lone = outbox_new(room->loop, room->store, keys.keyring, &sender, &err); /* no reporter */
    assert_non_null(lone);
    outbox_wake(lone);
    shown = run_until_shown(room, lone, is_waiting);
    assert_int_equal(shown.waiting, 3);
    assert_int_equal(shown.overdue, 1);
    assert_int_equal(shown.oldest_ms, NOW - 7200000);
    assert_string_equal(shown.reporter, "");
    outbox_free(lone);
}

#define IN_ROOM(test) cmocka_unit_test_setup_teardown(test, open_room, close_room)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_ROOM(test_of_two_gateways_one_delivers_and_in_order),
        IN_ROOM(test_a_gateway_that_died_is_followed_by_another),
        IN_ROOM(test_what_must_not_leave_in_clear_does_not),
        IN_ROOM(test_reports_whose_time_is_over_are_counted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
