/* SPDX-License-Identifier: Apache-2.0 */
/* shiming bench: the gateway against ceilings measured in the same run, so that figures of two
 * machines can be compared by their ratios. */
#include "cli/bench.h"

#include "cli/client.h"
#include "loop/clock.h"
#include "plugin/instance.h"
#include "policy/bare.h"
#include "registration/application.h"
#include "store/store.h"

#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { LOADS = 4 };

void bench_add(struct bench *bench, struct figure figure)
{
    if (figure.ceiling > 0)
        figure.ratio = figure.value / figure.ceiling;
    if (bench->count < FIGURES)
        bench->figures[bench->count++] = figure;
}

int64_t bench_thread_us(void)
{
    struct timespec used;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
    return (int64_t)used.tv_sec * 1000000 + used.tv_nsec / 1000;
}

void bench_number(size_t i, struct buf *out)
{
    static const int weights[] = { 7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2 };
    char digits[18];
    int sum = 0, k;

    snprintf(digits, sizeof digits, "542425%04d%02d%02d%03d", 1940 + (int)(i / 1000 % 50),
             1 + (int)(i / 50000 % 12), 1 + (int)(i / 600000 % 28), (int)(i % 1000));
    for (k = 0; k < 17; k++)
        sum += weights[k] * (digits[k] - '0');
    buf_printf(out, "%s%c", digits, "10X98765432"[sum % 11]);
}

void bench_application(const struct bench *bench, size_t i, struct buf *out)
{
    struct id none = { { 0 } };

    buf_printf(
        out,
        "{\"operation\":\"mobile.open\",\"number\":\"+86139%08zu\",\"region\":\"540102\","
        "\"channel\":{\"kind\":\"operator\",\"outlet\":\"LS-001\"},"
        "\"customer\":{\"kind\":\"person\",\"name\":\"测试人%zu号\",\"work_unit\":\"示例单位\","
        "\"document\":{\"type\":\"residence_permit\",\"address\":\"拉萨市城关区示例路%zu号\","
        "\"valid_from\":\"2015-01-01\",\"valid_to\":\"2049-01-01\",\"examined\":\"genuine\","
        "\"number\":\"",
        i % 100000000, i, i);
    bench_number(i, out);
    buf_text(out, "\"}},\"evidence\":[{\"kind\":\"document_photo\",\"of\":\"customer\",\"id\":\"");
    id_write(bench->pictures == NULL ? none : bench->pictures[2 * i], out);
    buf_text(out, "\"},{\"kind\":\"portrait\",\"of\":\"customer\",\"id\":\"");
    id_write(bench->pictures == NULL ? none : bench->pictures[2 * i + 1], out);
    buf_text(out, "\"}]}");
}

static bool next_registration(void *ctx, struct buf *request)
{
    struct bench *bench = ctx;
    struct buf body = { 0 };

    if (2 * bench->next + 1 >= bench->picture_count)
        return false;
    bench_application(bench, bench->next++, &body);
    buf_printf(request,
               "POST /v1/registrations HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer %s\r\n"
               "Idempotency-Key: bench-%zu\r\nContent-Type: application/json\r\nContent-Length: "
               "%zu\r\n\r\n",
               bench->token, bench->next, body.len);
    buf_str(request, buf_view(&body));
    buf_fini(&body);
    return true;
}

/* The same bytes for the ceilings, without using pictures up. */
static bool next_body(void *ctx, struct buf *request)
{
    struct bench *bench = ctx;
    size_t kept = bench->next;
    bool some;

    bench->next = 0;
    some = next_registration(bench, request);
    bench->next = kept;
    return some;
}

static int wait_until_up(struct bench *bench, struct smg_err *err)
{
    struct client_load probe = { .port = bench->port,
                                 .connections = 1,
                                 .run_us = 1,
                                 .wanted = 201,
                                 .next = next_body,
                                 .ctx = bench };
    struct timespec pause = { 0, 20000000 };
    int tries, status = SMG_E_IO;

    for (tries = 0; status != SMG_OK && tries < 250; tries++) {
        nanosleep(&pause, NULL);
        status = client_run(&probe, err);
    }
    return status;
}

static int load(struct bench *bench, unsigned clients, client_next_fn next, struct client_load *out,
                struct smg_err *err)
{
    *out = (struct client_load){ .port = bench->port,
                                 .connections = clients,
                                 .wanted = 201,
                                 .run_us = bench->run_us,
                                 .next = next,
                                 .ctx = bench };
    if (client_run(out, err) != SMG_OK)
        return err->code;
    if (out->wrong > 0)
        return smg_fail(err, SMG_E_BUG, "bench: %llu of %llu answers were not 201",
                        (unsigned long long)out->wrong, (unsigned long long)out->answers);
    return SMG_OK;
}

static double rate(const struct client_load *done)
{
    return done->took_us == 0 ? 0 : (double)done->answers * 1e6 / (double)done->took_us;
}

static int decisions(struct bench *bench, struct smg_err *err)
{
    static const struct answer told[] = { { "customer.verified", "match" },
                                          { "customer.face", "match" },
                                          { "customer.numbers_held", "0" } };
    struct buf problems = { 0 }, body = { 0 };
    struct policy_stack stack;
    struct policy_set *set =
        policy_stack_find(bench->policies, &stack, &problems)
            ? policy_set_load(bench->policies, stack.ids, stack.count, &problems)
            : NULL;
    struct policy *policy = set == NULL ? NULL : policy_new(set, err);
    struct application_context context = {
        .policies = set, .staff = "", .region = "540102", .on = date_of(clock_now_ms())
    };
    struct application application = { 0 };
    struct problems wrong = { 0 };
    struct decision decision = { 0 };
    int64_t begun, end;
    size_t done = 0;
    double full, bare;

    if (policy == NULL || !policy_quicken(policy))
        return smg_fail(err, SMG_E_INVALID, "%.200s",
                        problems.at == NULL ? "policies" : problems.at);
    bench_application(bench, 0, &body);
    if (!application_read(buf_view(&body), &context, &application, &wrong))
        return smg_fail(err, SMG_E_BUG, "bench: its own application has mistakes");
    evidence_field(application.fields, &application.evidence[0]);
    evidence_field(application.fields, &application.evidence[1]);
    begun = bench_thread_us();
    for (end = begun; end < begun + bench->run_us; end = bench_thread_us()) {
        size_t i;

        for (i = 0; i < 100; i++)
            policy_decide(policy, application.fields, "540102", context.on, DATE_NONE, told, 3,
                          &decision);
        done += 100;
    }
    full = (double)done * 1e6 / (double)(end - begun);
    bare = bare_decisions(policy, bench->run_us, err);
    if (bare <= 0)
        return err->code;
    if (decision.verdict != VERDICT_ACCEPTED)
        return smg_fail(err, SMG_E_BUG, "bench: its own application is not accepted");
    bench_add(bench, (struct figure){ .name = "decisions",
                                      .unit = "1/s a core",
                                      .value = full,
                                      .ceiling = bare,
                                      .target = 1.0 / 3 });
    application_fini(&application);
    problems_fini(&wrong);
    policy_free(policy);
    policy_set_free(set);
    buf_fini(&body);
    buf_fini(&problems);
    return SMG_OK;
}

/* One ceiling: a server in a child, loaded by the same clients with the same bytes. */
static int ceiling(struct bench *bench, pid_t (*serve)(struct bench *, struct smg_err *),
                   unsigned clients, struct client_load *out, struct smg_err *err)
{
    pid_t pid = serve(bench, err);
    int status = pid < 0 ? err->code : wait_until_up(bench, err);

    if (status == SMG_OK)
        status = load(bench, clients, next_body, out, err);
    bench_end(pid);
    return status;
}

static const unsigned clients[LOADS] = { 1, 16, 64, 256 };
enum { BUSY = 2 }; /* of them, the one most figures are of: 64 */

/* What the gateway is held against. */
struct ceilings {
    double raw, lone_us; /* units a second, BENCH_BATCH a commit; a lone commit */
    struct client_load bare[LOADS], constant;
};

static int measure_ceilings(struct bench *bench, struct ceilings *out, struct smg_err *err)
{
    double lone, commit_us;
    size_t i;

    if (bench_raw_commit(bench, 1, &lone, &out->lone_us, err) != SMG_OK ||
        bench_raw_commit(bench, BENCH_BATCH, &out->raw, &commit_us, err) != SMG_OK ||
        ceiling(bench, bench_constant, clients[BUSY], &out->constant, err) != SMG_OK)
        return err->code;
    for (i = 0; i < LOADS; i++)
        if (ceiling(bench, bench_bare, clients[i], &out->bare[i], err) != SMG_OK)
            return err->code;
    return SMG_OK;
}

/* What a load took beside time: on the gateway's side and on the database's, and how it was
 * batched. */
struct took {
    double gateway_us, server_us, statements, batches, units;
};

static struct took look(const struct bench *bench, pid_t pid)
{
    return (struct took){ .gateway_us = bench_processor_us(pid),
                          .server_us = bench->server > 0 ? bench_processor_us(bench->server) : 0,
                          .statements = bench_statements(bench),
                          .batches = bench_metric(bench, "shiming_store_batches_total"),
                          .units = bench_metric(bench, "shiming_store_units_total") };
}

static void add_took(struct bench *bench, const struct took *before, const struct took *after,
                     double answers)
{
    bench_add(bench,
              (struct figure){ .name = "processor time a registration, 64 clients",
                               .unit = "us",
                               .value = (after->gateway_us - before->gateway_us) / answers });
    if (bench->server > 0)
        bench_add(bench,
                  (struct figure){ .name = "the database's processor time, 64 clients",
                                   .unit = "us",
                                   .value = (after->server_us - before->server_us) / answers });
    if (bench->counter != NULL)
        bench_add(bench,
                  (struct figure){ .name = "the database's statements, 64 clients",
                                   .unit = "",
                                   .value = (after->statements - before->statements) / answers });
    bench_add(bench, (struct figure){ .name = "registrations a commit, 64 clients",
                                      .unit = "",
                                      .value = after->batches > before->batches
                                                   ? (after->units - before->units) /
                                                         (after->batches - before->batches)
                                                   : 0 });
}

/* The gateway under 1, 16, 64 and 256 clients, and what it takes meanwhile. */
static int measure_gateway(struct bench *bench, const struct ceilings *ceilings,
                           struct client_load full[LOADS], struct smg_err *err)
{
    static const char *const names[LOADS] = { "registrations, 1 client",
                                              "registrations, 16 clients",
                                              "registrations, 64 clients",
                                              "registrations, 256 clients" };
    pid_t pid = bench_serve(bench, err);
    size_t i;

    if (pid < 0 || wait_until_up(bench, err) != SMG_OK)
        return err->code;
    bench->next = 1; /* the probe took the first */
    bench_add(bench, (struct figure){ .name = "memory, idle",
                                      .unit = "MiB",
                                      .value = bench_memory(pid),
                                      .target = 20,
                                      .at_most = true });
    for (i = 0; i < LOADS; i++) {
        struct took before = look(bench, pid), after;

        if (load(bench, clients[i], next_registration, &full[i], err) != SMG_OK)
            return err->code;
        after = look(bench, pid);
        bench_add(bench, (struct figure){ .name = names[i],
                                          .unit = "1/s",
                                          .value = rate(&full[i]),
                                          .ceiling = rate(&ceilings->bare[i]),
                                          .target = i == BUSY ? 0.7 : 0 });
        if (i == BUSY)
            add_took(bench, &before, &after, (double)full[i].answers);
    }
    bench_add(bench, (struct figure){ .name = "memory, under load",
                                      .unit = "MiB",
                                      .value = bench_memory(pid),
                                      .target = 64,
                                      .at_most = true });
    bench_end(pid);
    return SMG_OK;
}

static void add_latencies(struct bench *bench, const struct client_load full[LOADS], double lone_us)
{
    static const struct {
        const char *p50, *p99;
    } names[LOADS] = { { "one client, p50", "one client, p99" },
                       { "16 clients, p50", "16 clients, p99" },
                       { "64 clients, p50", "64 clients, p99" },
                       { "256 clients, p50", "256 clients, p99" } };
    size_t i;

    for (i = 0; i < LOADS; i++) {
        bench_add(bench, (struct figure){ .name = names[i].p50,
                                          .unit = "us",
                                          .value = (double)full[i].p50_us,
                                          .ceiling = i == 0 ? lone_us : 0,
                                          .target = i == 0 ? 1.3 : 0,
                                          .at_most = true });
        bench_add(bench, (struct figure){
                             .name = names[i].p99, .unit = "us", .value = (double)full[i].p99_us });
    }
}

static int registrations(struct bench *bench, struct smg_err *err)
{
    struct ceilings ceilings = { 0 };
    struct client_load full[LOADS] = { { 0 } };

    if (measure_ceilings(bench, &ceilings, err) != SMG_OK ||
        measure_gateway(bench, &ceilings, full, err) != SMG_OK)
        return err->code;
    add_latencies(bench, full, ceilings.lone_us);
    bench_add(bench, (struct figure){ .name = "registrations against raw group commit",
                                      .unit = "1/s",
                                      .value = rate(&full[BUSY]),
                                      .ceiling = ceilings.raw });
    bench_add(bench, (struct figure){ .name = "registrations against a constant answer",
                                      .unit = "1/s",
                                      .value = rate(&full[BUSY]),
                                      .ceiling = rate(&ceilings.constant) });
    bench_add(bench, (struct figure){ .name = "bare against raw group commit",
                                      .unit = "1/s",
                                      .value = rate(&ceilings.bare[BUSY]),
                                      .ceiling = ceilings.raw });
    return SMG_OK;
}

static bool is_met(const struct figure *figure)
{
    double shown = figure->ceiling > 0 ? figure->ratio : figure->value;

    return figure->at_most ? shown <= figure->target : shown >= figure->target;
}

static void print(const struct bench *bench, struct buf *out)
{
    size_t i;

    for (i = 0; i < bench->count; i++) {
        const struct figure *figure = &bench->figures[i];

        if (bench->json) {
            buf_printf(out, "%s{\"name\":\"%s\",\"value\":%.3f,\"unit\":\"%s\"",
                       i == 0 ? "[" : ",\n ", figure->name, figure->value, figure->unit);
            buf_printf(out,
                       figure->ceiling > 0 ? ",\"ceiling\":%.3f,\"ratio\":%.3f"
                                           : ",\"ceiling\":null,\"ratio\":null",
                       figure->ceiling, figure->ratio);
            if (figure->target > 0)
                buf_printf(out, ",\"target\":%.3f,\"met\":%s}", figure->target,
                           is_met(figure) ? "true" : "false");
            else
                buf_text(out, ",\"target\":null,\"met\":null}");
            continue;
        }
        buf_printf(out, "%-42s %12.1f %-10s", figure->name, figure->value, figure->unit);
        if (figure->ceiling > 0)
            buf_printf(out, " ceiling %12.1f  ratio %6.3f", figure->ceiling, figure->ratio);
        if (figure->target > 0)
            buf_printf(out, "  target %s%.3f %s", figure->at_most ? "<= " : ">= ", figure->target,
                       is_met(figure) ? "met" : "MISSED");
        buf_byte(out, '\n');
    }
    if (bench->json)
        buf_text(out, "]\n");
}

/* A whole file of at most a few lines. */
static bool read_text(const char *path, struct buf *out)
{
    FILE *file = fopen(path, "r");
    char line[512];

    while (file != NULL && out->len < 4096 && fgets(line, sizeof line, file) != NULL)
        buf_text(out, line);
    if (file != NULL)
        fclose(file);
    return file != NULL && !out->failed;
}

static bool read_number(const char *text, int64_t most, int64_t *out)
{
    return text == NULL || (str_to_int(str_of(text), out) && *out >= 1 && *out <= most);
}

/* What is measured: rules and tools on no storage, then the gateway on one. */
static int measure(struct bench *bench, bool all, struct smg_err *err)
{
    int status = SMG_OK;

    if (all && (decisions(bench, err) != SMG_OK || bench_workbench(bench, err) != SMG_OK ||
                bench_replay(bench, err) != SMG_OK))
        status = err->code;
    return status == SMG_OK ? registrations(bench, err) : status;
}

int cli_bench(int argc, char **argv)
{
    static const char *const own[] = { "seconds", "cases",  "days",    "storage",
                                       "stored",  "server", "counter", NULL };
    struct cli_options options;
    struct bench bench = { 0 };
    struct smg_err err = { 0 };
    struct buf out = { 0 }, storage = { 0 };
    char room[4096];
    int64_t seconds = 2, stored = 0, server = 0;
    int status = CLI_DONE;

    if (!cli_options(argc, argv, own, &options))
        return CLI_USAGE;
    if (options.word_count == 1 && strcmp(options.words[0], "fill") == 0)
        return bench_fill_verb(&options, options.value[1], options.value[2]);
    if (options.word_count > 0 || !read_number(options.value[0], 60, &seconds) ||
        !read_number(options.value[4], 100000000, &stored) ||
        !read_number(options.value[5], INT32_MAX, &server) ||
        (options.value[3] != NULL && !read_text(options.value[3], &storage))) {
        fputs("usage: shiming bench [--seconds N] [--policies DIR] [--json]\n"
              "                     [--storage FILE]  the gateway on this storage alone: its YAML, "
              "NAME\n"
              "                                       standing for one of two stores, shiming and "
              "bare\n"
              "                     [--stored N]      with so many registrations in it already\n"
              "                     [--server PID]    the database's process, whose time counts "
              "too\n",
              stderr);
        return CLI_USAGE;
    }
    bench.run_us = seconds * 1000000;
    bench.stored = (size_t)stored;
    bench.server = (pid_t)server;
    bench.counter = options.value[6];
    bench.storage = storage.at;
    bench.json = options.json;
    bench.policies = realpath(cli_policies(&options, room, sizeof room), NULL);
    if (bench.policies == NULL || bench_open(&bench, &err) != SMG_OK ||
        measure(&bench, bench.storage == NULL && stored == 0, &err) != SMG_OK) {
        fprintf(stderr, "shiming: %s\n", bench.policies == NULL ? "no policies here" : err.text);
        status = CLI_USAGE;
    } else {
        print(&bench, &out);
        status = cli_print(&out, CLI_DONE);
    }
    bench_close(&bench);
    free((void *)(uintptr_t)bench.policies);
    buf_fini(&out);
    buf_fini(&storage);
    return status;
}
