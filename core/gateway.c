/* SPDX-License-Identifier: Apache-2.0 */
/* The gateway: one main loop for devices and services, one worker loop a thread for HTTP. */
#include "gateway.h"

#include "base/log.h"
#include "http/api.h"
#include "loop/clock.h"
#include "plugin/reader.h"
#include "registration/aside.h"
#include "registration/sweep.h"
#include "release/activation.h"
#include "site.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

enum { INSTANCES_MAX = 64, WORKERS_MAX = 64 };

struct gateway;

struct worker {
    struct gateway *gateway;
    struct loop *loop;
    struct desk desk;
    struct api *api;
    struct http_server *server;
    pthread_t thread;
    bool running;
    struct loop_call drain, swap;
    struct rules *next; /* for swap */
    bool has_desk;
};

struct gateway {
    struct site site;
    struct loop *loop; /* the main one */
    struct activation *activation;
    struct library *libraries[INSTANCES_MAX];
    struct instance *instances[INSTANCES_MAX]; /* verifiers and reporters */
    struct reader *readers[INSTANCES_MAX];
    size_t library_count, instance_count, reader_count;
    struct services *services;
    struct cards *cards;
    struct decoder *decoder; /* or NULL */
    struct outbox *outbox;
    struct remedies *remedies;
    struct work *aside;
    struct sweep *sweep;
    struct tls *tls;
    struct tally tally;
    struct loop *loops[WORKERS_MAX + 1];
    struct api_shared shared;
    struct worker workers[WORKERS_MAX];
    size_t worker_count;
    _Atomic unsigned draining; /* workers that still have requests */
    struct loop_call drained;
    struct loop_watch *signals[3];
    _Atomic unsigned swapping; /* workers that still decide by the rules before */
    struct loop_call swapped;
    struct activation_ask hangup;
    bool hangup_asks, hangup_again;
    bool stopping;
};

static bool complain(struct buf *complaints, const char *what, const struct smg_err *err)
{
    buf_printf(complaints, "%s: %s\n", what, err->text);
    return false;
}

static struct library *load(struct gateway *gateway, enum smg_kind kind, const char *name,
                            struct smg_err *err)
{
    struct library *library;

    if (gateway->library_count == INSTANCES_MAX) {
        smg_fail(err, SMG_E_INVALID, "more than %d plugins are configured", INSTANCES_MAX);
        return NULL;
    }
    if (library_load(gateway->site.config->gateway.plugins, kind, name, &library, err) != SMG_OK)
        return NULL;
    gateway->libraries[gateway->library_count++] = library;
    return library;
}

/* Was it made? If not, the complaints say why: the mistakes in its options, or else err. */
static bool was_made(const void *made, const char *name, struct config_errors *errors,
                     const struct smg_err *err, struct buf *complaints)
{
    if (made == NULL && errors->count == 0)
        complain(complaints, name, err);
    buf_str(complaints, buf_view(&errors->text));
    config_errors_fini(errors);
    return made != NULL;
}

static bool add_reporter(struct gateway *gateway, struct instance *instance,
                         const struct config_instance *config, struct buf *complaints)
{
    struct envelope_recipient *seal_to = NULL;
    struct smg_err err = { 0 };

    if (config->seal_to != NULL)
        seal_to = envelope_recipient_open(config->seal_to, &err);
    if (config->seal_to != NULL && seal_to == NULL)
        return complain(complaints, config->name, &err);
    if (outbox_add(gateway->outbox, instance, config->to, config->deadline_ms, seal_to))
        return true;
    smg_fail(&err, SMG_E_INVALID, "there are more reporters than this gateway takes");
    return complain(complaints, config->name, &err);
}

static bool open_instances(struct gateway *gateway, enum smg_kind kind,
                           const struct config_instances *configs, struct buf *complaints)
{
    bool good = true;

    for (size_t i = 0; i < configs->count; i++) {
        const struct config_instance *config = &configs->at[i];
        struct config_errors errors = { 0 };
        struct smg_err err = { 0 };
        struct library *library = load(gateway, kind, config->plugin, &err);
        struct instance *instance = NULL;

        if (library != NULL)
            instance = instance_open(gateway->loop, library, config, &errors, &err);
        if (!was_made(instance, config->name, &errors, &err, complaints)) {
            good = false;
            continue;
        }
        gateway->instances[gateway->instance_count++] = instance;
        if (kind == SMG_VERIFIER)
            good &= services_add(gateway->services, instance, config->deadline_ms);
        else
            good &= add_reporter(gateway, instance, config, complaints);
    }
    return good;
}

static bool open_decoder(struct gateway *gateway)
{
    const struct config *config = gateway->site.config;

    if (config->portraits.decoder == NULL)
        return true;
    gateway->decoder =
        decoder_new(gateway->loop, config->portraits.decoder, config->portraits.timeout_ms);
    cards_decode_with(gateway->cards, gateway->decoder);
    services_decode_with(gateway->services, gateway->decoder);
    return gateway->decoder != NULL;
}

static bool open_readers(struct gateway *gateway, struct buf *complaints)
{
    const struct config_instances *configs = &gateway->site.config->readers;
    bool good = true;

    for (size_t i = 0; i < configs->count; i++) {
        const struct config_instance *config = &configs->at[i];
        struct config_errors errors = { 0 };
        struct smg_err err = { 0 };
        struct library *library = load(gateway, SMG_READER, config->plugin, &err);
        struct reader *reader = NULL;

        if (library != NULL)
            reader = reader_new(gateway->loop, library, config, &errors, &err);
        if (!was_made(reader, config->name, &errors, &err, complaints)) {
            good = false;
            continue;
        }
        gateway->readers[gateway->reader_count++] = reader;
        good &= cards_add(gateway->cards, reader, config->deadline_ms);
    }
    return good;
}

static bool open_tls(struct gateway *gateway, struct buf *complaints)
{
    const struct config *config = gateway->site.config;
    struct smg_err err = { 0 };

    if (config->tls.certificate == NULL)
        return true;
    gateway->tls = tls_new(config->tls.certificate, config->tls.key, config->tls.client_ca, &err);
    return gateway->tls != NULL || complain(complaints, "tls", &err);
}

static bool open_worker(struct gateway *gateway, struct worker *worker, struct buf *complaints)
{
    const struct config *config = gateway->site.config;
    struct http_limits limits = { .header_bytes = (size_t)config->limits.header_bytes,
                                  .body_bytes = (size_t)config->limits.evidence_bytes,
                                  .connections = (unsigned)config->limits.connections,
                                  .idle_ms = config->limits.idle_ms,
                                  .request_ms = config->limits.request_ms };
    struct smg_err err = { 0 };
    struct rules rules;

    worker->gateway = gateway;
    worker->loop = loop_new("worker", &err);
    if (worker->loop == NULL || activation_rules(gateway->activation, &rules, &err) != SMG_OK)
        return complain(complaints, "worker", &err);
    if (desk_init(&worker->desk, worker->loop, gateway->site.keyring, gateway->site.store, &rules,
                  gateway->services, gateway->outbox, &gateway->tally, &err) != SMG_OK)
        return complain(complaints, "worker", &err);
    worker->has_desk = true;
    worker->desk.remedies = gateway->remedies;
    worker->desk.aside = gateway->aside;
    worker->desk.region = config->gateway.region;
    worker->desk.token_ttl_ms = config->gateway.token_ttl_ms;
    worker->desk.evidence_kept_ms = config->limits.evidence_kept_ms;
    worker->api = api_new(&worker->desk, &gateway->shared, &err);
    if (worker->api == NULL)
        return complain(complaints, "worker", &err);
    worker->server =
        http_server_new(worker->loop, gateway->tls, &limits, api_handle, worker->api, &err);
    return worker->server != NULL || complain(complaints, "worker", &err);
}

static size_t count_workers(const struct config *config)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    int64_t wanted = config->gateway.workers;

    /* One core is left to the storage and the devices. */
    if (wanted == 0)
        wanted = cores > 2 ? cores - 1 : 1;
    return (size_t)(wanted > WORKERS_MAX ? WORKERS_MAX : wanted);
}

static bool open_workers(struct gateway *gateway, struct buf *complaints)
{
    const struct config *config = gateway->site.config;
    size_t i;

    gateway->shared = (struct api_shared){ .cards = gateway->cards,
                                           .services = gateway->services,
                                           .activation = gateway->activation,
                                           .audit = gateway->site.audit,
                                           .store = gateway->site.store,
                                           .outbox = gateway->outbox,
                                           .sweep = gateway->sweep,
                                           .tally = &gateway->tally,
                                           .loops = gateway->loops,
                                           .operator_name = config->gateway.operator_name,
                                           .licence = config->gateway.licence,
                                           .region = config->gateway.region,
                                           .body_bytes = (size_t)config->limits.body_bytes,
                                           .evidence_bytes = (size_t)config->limits.evidence_bytes,
                                           .started_ms = clock_now_ms() };
    gateway->loops[0] = gateway->loop;
    gateway->shared.loop_count = 1;
    gateway->worker_count = count_workers(config);
    for (i = 0; i < gateway->worker_count; i++) {
        if (!open_worker(gateway, &gateway->workers[i], complaints))
            return false;
        gateway->loops[gateway->shared.loop_count++] = gateway->workers[i].loop;
    }
    return true;
}

/* Each worker takes its new rules on its own thread, between two cases; the last one tells. */
static void on_all_swapped(void *ctx)
{
    struct gateway *gateway = ctx;

    activation_swapped(gateway->activation);
}

static void on_swap(void *ctx)
{
    struct worker *worker = ctx;
    struct gateway *gateway = worker->gateway;

    desk_switch(&worker->desk, worker->next);
    if (atomic_fetch_sub(&gateway->swapping, 1) == 1) {
        gateway->swapped = (struct loop_call){ .fn = on_all_swapped, .ctx = gateway };
        loop_post(gateway->loop, &gateway->swapped);
    }
}

static void swap(void *ctx, struct rules *rules)
{
    struct gateway *gateway = ctx;
    size_t i;

    gateway->swapping = (unsigned)gateway->worker_count;
    for (i = 0; i < gateway->worker_count; i++) {
        struct worker *worker = &gateway->workers[i];

        worker->next = &rules[i];
        worker->swap = (struct loop_call){ .fn = on_swap, .ctx = worker };
        loop_post(worker->loop, &worker->swap);
    }
}

static void make_ready(void *ctx, struct policy_set *set)
{
    struct gateway *gateway = ctx;

    remedies_prepare(gateway->remedies, set, gateway->site.config->gateway.region,
                     date_of(clock_now_ms()));
}

static bool open_policies(struct gateway *gateway, struct buf *complaints)
{
    const struct config *config = gateway->site.config;
    struct activation_options options = { .shadow = config->policies.shadow,
                                          .shadow_stack = config->policies.shadow_stack,
                                          .shadow_count = config->policies.shadow_stack_count,
                                          .store = gateway->site.store,
                                          .keyring = gateway->site.keyring,
                                          .loop = gateway->loop,
                                          .workers = count_workers(config),
                                          .make_ready = make_ready,
                                          .swap = swap,
                                          .ctx = gateway };

    if (!site_open_policies(&gateway->site, complaints))
        return false;
    options.source = gateway->site.policies;
    gateway->activation = activation_new(&options, complaints);
    return gateway->activation != NULL;
}

static struct outbox *open_outbox(struct gateway *gateway, struct smg_err *err)
{
    const struct config *config = gateway->site.config;
    const struct outbox_sender sender = { .operator_name = config->gateway.operator_name,
                                          .licence = config->gateway.licence,
                                          .node = config->gateway.node };

    return outbox_new(gateway->loop, gateway->site.store, gateway->site.keyring, &sender, err);
}

struct gateway *gateway_new(const char *config_path, struct buf *complaints)
{
    struct gateway *gateway = calloc(1, sizeof *gateway);
    struct smg_err err = { 0 };
    bool good;

    if (gateway == NULL || !site_open(&gateway->site, config_path, "", complaints))
        goto failed;
    gateway->loop = loop_new("main", &err);
    gateway->services = services_new(gateway->loop);
    gateway->cards = cards_new(gateway->loop);
    if (gateway->loop != NULL)
        gateway->outbox = open_outbox(gateway, &err);
    if (gateway->outbox != NULL)
        gateway->sweep = sweep_new(gateway->loop, gateway->site.store,
                                   gateway->site.config->limits.evidence_kept_ms, &err);
    if (gateway->sweep != NULL)
        gateway->remedies = remedies_new(&err);
    if (gateway->remedies != NULL)
        gateway->aside =
            aside_new(gateway->site.keyring, count_workers(gateway->site.config), &err);
    if (gateway->aside == NULL || gateway->services == NULL || gateway->cards == NULL) {
        complain(complaints, "gateway", &err);
        goto failed;
    }
    good = open_policies(gateway, complaints);
    good &= open_instances(gateway, SMG_VERIFIER, &gateway->site.config->verifiers, complaints);
    good &= open_instances(gateway, SMG_REPORTER, &gateway->site.config->reporters, complaints);
    good &= open_decoder(gateway);
    good &= open_readers(gateway, complaints);
    good &= open_tls(gateway, complaints);
    if (good && open_workers(gateway, complaints))
        return gateway;
failed:
    gateway_free(gateway);
    return NULL;
}

static void *work(void *ctx)
{
    struct worker *worker = ctx;
    struct smg_err err = { 0 };

    pthread_setname_np(pthread_self(), "worker");
    if (loop_run(worker->loop, &err) != SMG_OK)
        log_line(SMG_ERROR, "worker", "%s", err.text);
    return NULL;
}

static void ask_for_policies(struct gateway *gateway);

static void on_hangup_done(struct activation_ask *ask)
{
    struct gateway *gateway = ask->ctx;

    buf_fini(&ask->problems);
    gateway->hangup_asks = false;
    if (gateway->hangup_again)
        ask_for_policies(gateway);
}

/* A hang-up is never dropped: one that comes while policies are on their way is heard after them.
 */
static void ask_for_policies(struct gateway *gateway)
{
    gateway->hangup_again = gateway->hangup_asks;
    if (gateway->hangup_asks)
        return;
    gateway->hangup_asks = true;
    gateway->hangup = (struct activation_ask){
        .actor = "gateway", .on = gateway->loop, .done = on_hangup_done, .ctx = gateway
    };
    activation_ask(gateway->activation, &gateway->hangup);
}

static void on_hangup(void *ctx)
{
    struct gateway *gateway = ctx;
    struct smg_err err = { 0 };

    if (gateway->tls != NULL) {
        if (tls_reload(gateway->tls, &err) == SMG_OK)
            log_line(SMG_INFO, "gateway", "certificates reloaded");
        else
            log_line(SMG_ERROR, "gateway", "reload: the certificates in use stay: %s", err.text);
    }
    ask_for_policies(gateway);
}

static void on_all_drained(void *loop)
{
    loop_stop(loop);
}

static void on_drained(void *ctx)
{
    struct worker *worker = ctx;
    struct gateway *gateway = worker->gateway;

    if (atomic_fetch_sub(&gateway->draining, 1) == 1) {
        gateway->drained = (struct loop_call){ .fn = on_all_drained, .ctx = gateway->loop };
        loop_post(gateway->loop, &gateway->drained);
    }
}

static void drain_worker(void *ctx)
{
    struct worker *worker = ctx;

    http_server_drain(worker->server, on_drained, worker);
}

static void on_terminate(void *ctx)
{
    struct gateway *gateway = ctx;
    size_t i;

    if (gateway->stopping)
        _exit(
            EXIT_FAILURE); /* asked twice: nobody is waited for, and nothing acknowledged is lost */
    gateway->stopping = true;
    log_line(SMG_INFO, "gateway", "stopping: finishing what is under way");
    gateway->draining = (unsigned)gateway->worker_count;
    for (i = 0; i < gateway->worker_count; i++) {
        struct worker *worker = &gateway->workers[i];

        worker->drain = (struct loop_call){ .fn = drain_worker, .ctx = worker };
        loop_post(worker->loop, &worker->drain);
    }
}

static int start_devices(struct gateway *gateway, struct smg_err *err)
{
    size_t i;

    for (i = 0; i < gateway->instance_count; i++)
        if (instance_start(gateway->instances[i], err) != SMG_OK)
            return err->code;
    for (i = 0; i < gateway->reader_count; i++)
        if (reader_start(gateway->readers[i], err) != SMG_OK)
            return err->code;
    gateway->signals[0] = loop_signal(gateway->loop, SIGHUP, on_hangup, gateway);
    gateway->signals[1] = loop_signal(gateway->loop, SIGTERM, on_terminate, gateway);
    gateway->signals[2] = loop_signal(gateway->loop, SIGINT, on_terminate, gateway);
    outbox_wake(gateway->outbox); /* what a last life left undelivered */
    return SMG_OK;
}

static int start_workers(struct gateway *gateway, uint16_t *port, struct smg_err *err)
{
    const char *address = gateway->site.config->gateway.listen;
    size_t i;

    for (i = 0; i < gateway->worker_count; i++) {
        struct worker *worker = &gateway->workers[i];

        if (http_server_listen(worker->server, address, port, err) != SMG_OK)
            return err->code;
        if (pthread_create(&worker->thread, NULL, work, worker) != 0)
            return smg_fail(err, SMG_E_MEMORY, "cannot start a worker's thread");
        worker->running = true;
    }
    return SMG_OK;
}

static void stop_workers(struct gateway *gateway)
{
    size_t i;

    for (i = 0; i < gateway->worker_count; i++)
        if (gateway->workers[i].running)
            loop_stop(gateway->workers[i].loop);
    for (i = 0; i < gateway->worker_count; i++)
        if (gateway->workers[i].running) {
            pthread_join(gateway->workers[i].thread, NULL);
            gateway->workers[i].running = false;
        }
}

int gateway_run(struct gateway *gateway, struct smg_err *err)
{
    uint16_t port = 0;
    struct activation_status rules;
    int status = activation_begin(gateway->activation, err);

    if (status == SMG_OK)
        status = start_devices(gateway, err);
    if (status == SMG_OK)
        status = start_workers(gateway, &port, err);
    if (status == SMG_OK) {
        activation_status(gateway->activation, &rules);
        log_line(SMG_INFO, "gateway", "listening on %s (port %u), %zu workers, policies %s",
                 gateway->site.config->gateway.listen, port, gateway->worker_count, rules.set);
        status = loop_run(gateway->loop, err);
    }
    stop_workers(gateway);
    return status;
}

static void free_worker(struct worker *worker)
{
    if (worker->has_desk)
        desk_fini(&worker->desk);
    if (worker->loop != NULL)
        loop_free(worker->loop);
}

void gateway_free(struct gateway *gateway)
{
    size_t i;

    if (gateway == NULL)
        return;
    for (i = 0; i < 3; i++)
        loop_unwatch(gateway->signals[i]);
    for (i = 0; i < gateway->worker_count; i++) {
        if (gateway->workers[i].server != NULL)
            http_server_free(gateway->workers[i].server);
        api_free(gateway->workers[i].api);
    }
    activation_free(gateway->activation);
    /* What the store still answers goes to loops that no longer run, but must still be there. */
    if (gateway->site.store != NULL)
        store_free(gateway->site.store);
    gateway->site.store = NULL;
    work_free(gateway->aside);
    remedies_free(gateway->remedies);
    decoder_free(gateway->decoder);
    for (i = 0; i < gateway->worker_count; i++)
        free_worker(&gateway->workers[i]);
    for (i = 0; i < gateway->reader_count; i++)
        reader_free(gateway->readers[i]);
    for (i = 0; i < gateway->instance_count; i++)
        instance_free(gateway->instances[i]);
    sweep_free(gateway->sweep);
    outbox_free(gateway->outbox);
    cards_free(gateway->cards);
    services_free(gateway->services);
    if (gateway->tls != NULL)
        tls_free(gateway->tls);
    site_close(&gateway->site);
    for (i = 0; i < gateway->library_count; i++)
        library_free(gateway->libraries[i]);
    if (gateway->loop != NULL)
        loop_free(gateway->loop);
    free(gateway);
}
