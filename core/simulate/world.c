/* SPDX-License-Identifier: Apache-2.0 */
/* Putting the gateway together, driving it through time, and taking it apart. */
#include "simulate/world.h"

#include "loop/clock.h"
#include "loop/wait.h"

#include <stdlib.h>

enum {
    STOP_MS =
        15000, /* every call is over by then: patience is 10 s at the desk, 3 s in the store */
    WRITER_MS = 1000 /* a writer that lost its storage looks for it more often than this */
};

bool world_open(struct world *world, const struct keyring *keyring, struct rules *rules,
                const char *region, int64_t at_ms)
{
    *world = (struct world){ .keyring = keyring, .rules = *rules, .memory = memory_new() };
    *rules = (struct rules){ .set = NULL };
    if (world->memory == NULL) {
        rules_free(&world->rules);
        return false;
    }
    snprintf(world->region, sizeof world->region, "%s", region);
    wait_simulate(at_ms);
    /* Ids ascend, so one from far ahead makes the next begin at its own moment again. */
    id_new(at_ms + 86400000);
    return true;
}

void world_close(struct world *world, struct rules *rules)
{
    size_t i;

    world_stop(world, false);
    wait_simulate_end();
    *rules = world->rules;
    for (i = 0; i < world->recipient_count; i++)
        scripted_recipient_fini(&world->recipients[i]);
    memory_free(world->memory);
}

struct scripted_service *world_service(struct world *world, const char *name)
{
    struct scripted_service *service;
    size_t i;

    for (i = 0; i < world->service_count; i++)
        if (strcmp(world->services[i].name, name) == 0)
            return &world->services[i];
    if (i == WORLD_SERVICES || world->running || strlen(name) >= sizeof service->name)
        return NULL;
    service = &world->services[world->service_count++];
    *service = (struct scripted_service){ .answer = "match" };
    memcpy(service->name, name, strlen(name));
    return service;
}

struct scripted_recipient *world_recipient(struct world *world, const char *name)
{
    struct scripted_recipient *recipient;
    size_t i;

    for (i = 0; i < world->recipient_count; i++)
        if (strcmp(world->recipients[i].name, name) == 0)
            return &world->recipients[i];
    if (i == WORLD_RECIPIENTS || world->running || strlen(name) >= sizeof recipient->name)
        return NULL;
    recipient = &world->recipients[world->recipient_count++];
    *recipient = (struct scripted_recipient){ .until_ms = 0 };
    memcpy(recipient->name, name, strlen(name));
    return recipient;
}

/* ---- the gateway ---- */

static int open_line(struct world_line *line, struct loop *loop, const struct smg_plugin *plugin,
                     const char *name, struct smg_err *err)
{
    struct config_instance config = { .name = name, .plugin = plugin->name };
    struct config_errors errors = { 0 };

    if (library_of(plugin, &line->library, err) < 0)
        return err->code;
    line->instance = instance_open(loop, line->library, &config, &errors, err);
    config_errors_fini(&errors);
    return line->instance == NULL ? err->code : SMG_OK;
}

static void close_line(struct world_line *line)
{
    instance_free(line->instance);
    library_free(line->library);
    *line = (struct world_line){ 0 };
}

static int open_store(struct world *world, struct smg_err *err)
{
    struct store_stage stage;

    if (open_line(&world->storage, NULL, &memory_plugin, "storage", err) < 0)
        return err->code;
    memory_lend(world->memory, instance_self(world->storage.instance));
    if (instance_start(world->storage.instance, err) < 0)
        return err->code;
    world->audit = audit_new(world->keyring, "simulated", err);
    if (world->audit == NULL || audit_attach(world->audit, world->storage.instance, err) < 0)
        return err->code;
    stage = audit_stage(world->audit);
    /* One reader: reads of one moment then end in the order they began in. */
    world->store =
        store_new(world->storage.instance, &stage, &(struct store_options){ .readers = 1 }, err);
    return world->store == NULL ? err->code : SMG_OK;
}

static int open_outside(struct world *world, struct smg_err *err)
{
    size_t i, services = world->service_count;

    for (i = 0; i < services + world->recipient_count; i++) {
        struct world_line *line = &world->lines[world->line_count++];
        bool asks = i < services;
        void *script =
            asks ? (void *)&world->services[i] : (void *)&world->recipients[i - services];
        const char *name = asks ? world->services[i].name : world->recipients[i - services].name;

        if (open_line(line, world->loop,
                      asks ? &scripted_service_plugin : &scripted_recipient_plugin, name, err) < 0)
            return err->code;
        scripted_lend(instance_self(line->instance), script);
        if (instance_start(line->instance, err) < 0)
            return err->code;
        if (asks ? !services_add(world->asked, line->instance, 0)
                 : !outbox_add(world->outbox, line->instance, NULL, 0, NULL))
            return smg_fail(err, SMG_E_INVALID, "too many services or recipients");
    }
    return SMG_OK;
}

int world_start(struct world *world, struct smg_err *err)
{
    static const struct outbox_sender sender = { .operator_name = "simulated",
                                                 .licence = "none",
                                                 .node = "simulated" };
    struct rules rules;

    world->running = true;
    world->loop = loop_new("simulated", err);
    if (world->loop == NULL || open_store(world, err) < 0)
        return err->code;
    world->asked = services_new(world->loop);
    world->outbox = outbox_new(world->loop, world->store, world->keyring, &sender, err);
    if (world->asked == NULL || world->outbox == NULL)
        return smg_fail(err, SMG_E_MEMORY, "out of memory");
    if (open_outside(world, err) < 0)
        return err->code;
    rules = world->rules;
    world->rules = (struct rules){ .set = NULL };
    if (desk_init(&world->desk, world->loop, world->keyring, world->store, &rules, world->asked,
                  world->outbox, &world->tally, err) < 0)
        return err->code;
    world->desk.region = world->region;
    world->desk.token_ttl_ms = WORLD_TOKEN_TTL_MS;
    world->desk.evidence_kept_ms = WORLD_EVIDENCE_KEPT_MS;
    outbox_wake(world->outbox); /* what a last life left undelivered */
    world_run(world, clock_now_ms(), NULL);
    return SMG_OK;
}

/* ---- calls and time ---- */

void call_begin(struct world *world, struct call *call)
{
    *call = (struct call){ .world = world };
    world->open++;
}

void call_answer(void *ctx, struct outcome *outcome)
{
    struct call *call = ctx;

    call->world->open--;
    call->over = true;
    call->at_ms = clock_now_ms();
    call->status = outcome->status;
    call->type = outcome->type;
    call->repeated = outcome->repeated;
    buf_str(&call->body, buf_view(&outcome->body));
}

void call_fini(struct call *call)
{
    buf_fini(&call->body);
}

/* Do all there is to do at this moment. */
static void do_all(struct world *world)
{
    do
        wait_settle();
    while (loop_turn(world->loop));
}

void world_run(struct world *world, int64_t until_ms, const bool *over)
{
    for (;;) {
        int64_t next_ms, sleeper_ms;

        do_all(world);
        if (over != NULL && *over)
            return;
        next_ms = loop_next_ms(world->loop);
        sleeper_ms = wait_next_ms();
        if (sleeper_ms < next_ms)
            next_ms = sleeper_ms;
        if (next_ms > until_ms)
            break;
        wait_advance(next_ms);
    }
    wait_advance(until_ms);
    do_all(world);
}

/* As if the process were gone: what is under way fails, and nobody hears of it. */
static void cut_off(struct world *world)
{
    memory_cut_off(instance_self(world->storage.instance), true);
    do
        world_run(world, clock_now_ms() + STOP_MS, NULL);
    while (wait_next_ms() < INT64_MAX && wait_next_ms() - clock_now_ms() > WRITER_MS);
    memory_cut_off(instance_self(world->storage.instance), false);
}

/* Nothing may be under way when the store is freed: what it answers would reach nobody. */
static void drain(struct world *world, bool crash)
{
    int64_t next_ms;

    if (crash)
        cut_off(world);
    else if (world->open > 0)
        world_run(world, clock_now_ms() + STOP_MS, NULL);
    memory_break(world->memory, MEMORY_WELL, 0, 0, 0);
    for (do_all(world); (next_ms = wait_next_ms()) < INT64_MAX; do_all(world))
        wait_advance(next_ms);
}

void world_stop(struct world *world, bool crash)
{
    if (!world->running)
        return;
    if (world->desk.loop != NULL)
        drain(world, crash);
    store_free(world->store);
    if (world->desk.loop != NULL) {
        desk_switch(&world->desk, &world->rules);
        desk_fini(&world->desk);
    }
    while (world->line_count > 0)
        close_line(&world->lines[--world->line_count]);
    outbox_free(world->outbox);
    services_free(world->asked);
    if (world->audit != NULL)
        audit_free(world->audit);
    close_line(&world->storage);
    if (world->loop != NULL)
        loop_free(world->loop);
    world->desk = (struct desk){ .loop = NULL };
    world->store = NULL;
    world->outbox = NULL;
    world->asked = NULL;
    world->audit = NULL;
    world->loop = NULL;
    unit_free(world->row.write.unit); /* one that was never answered */
    world->row.write.unit = NULL;
    world->running = false;
}

static void on_row_written(void *ctx, const struct smg_err *err)
{
    struct world *world = ctx;

    world->row.err = *err;
    world->row.over = true;
    unit_free(world->row.write.unit);
    world->row.write.unit = NULL;
}

int world_apply(struct world *world, struct unit *unit, struct smg_err *err)
{
    if (world->row.write.unit != NULL) {
        unit_free(unit);
        return smg_fail(err, SMG_E_BUSY, "an earlier row is still being written");
    }
    world->row.over = false;
    world->row.write = (struct store_write){
        .unit = unit, .loop = world->loop, .done = on_row_written, .ctx = world
    };
    store_apply(world->store, &world->row.write);
    world_run(world, clock_now_ms() + STOP_MS, &world->row.over);
    if (!world->row.over)
        return smg_fail(err, SMG_E_TIMEOUT, "the storage does not answer");
    *err = world->row.err;
    return err->code;
}
