/* SPDX-License-Identifier: Apache-2.0 */
/* Servers in processes of their own: the gateway, and the two ceilings it is measured against. */
#include "cli/bench.h"

#include "cli/ask.h"

#include "http/server.h"
#include "loop/clock.h"
#include "plugin/instance.h"
#include "store/store.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static const struct http_limits limits = { .header_bytes = 16384,
                                           .body_bytes = 262144,
                                           .connections = 4096,
                                           .idle_ms = 60000,
                                           .request_ms = 30000 };

/* A child that must not outlive this process, and says nothing. */
static pid_t start(void)
{
    pid_t pid = fork();

    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (freopen("/dev/null", "w", stderr) == NULL || freopen("/dev/null", "w", stdout) == NULL)
            _exit(EXIT_FAILURE);
    }
    return pid;
}

pid_t bench_serve(struct bench *bench, struct smg_err *err)
{
    char path[300];
    pid_t pid = start();

    if (pid == 0) {
        snprintf(path, sizeof path, "%s/shiming.yaml", bench->dir);
        execl("/proc/self/exe", "shiming", "serve", "-c", path, (char *)NULL);
        _exit(EXIT_FAILURE);
    }
    if (pid < 0)
        smg_fail(err, SMG_E_IO, "bench: cannot start a process");
    return pid;
}

static void answer_constant(void *ctx, struct http_request *request)
{
    struct buf body = { 0 };

    (void)ctx;
    buf_text(&body, "{\"verdict\":\"accepted\"}\n");
    http_answer(request, 201, "application/json", &body);
    buf_fini(&body);
}

static void serve_until_killed(struct bench *bench, struct loop *loop, http_handler_fn handler,
                               void *ctx)
{
    struct smg_err err;
    char address[32];
    uint16_t port;
    struct http_server *server = http_server_new(loop, NULL, &limits, handler, ctx, &err);

    snprintf(address, sizeof address, "127.0.0.1:%u", bench->port);
    if (server != NULL && http_server_listen(server, address, &port, &err) == SMG_OK)
        loop_run(loop, &err);
    _exit(EXIT_FAILURE);
}

pid_t bench_constant(struct bench *bench, struct smg_err *err)
{
    pid_t pid = start();

    if (pid == 0) {
        struct loop *loop = loop_new("bench", err);

        if (loop != NULL)
            serve_until_killed(bench, loop, answer_constant, NULL);
        _exit(EXIT_FAILURE);
    }
    return pid;
}

/* Bare: what arrives is stored as it came, one row, durable, nothing else. */
struct bare {
    struct loop *loop;
    struct store *store;
};

struct storing {
    struct http_request *request;
    struct store_write write;
};

static void on_stored(void *ctx, const struct smg_err *err)
{
    struct storing *storing = ctx;
    struct buf body = { 0 };

    buf_text(&body, "{\"verdict\":\"accepted\"}\n");
    http_answer(storing->request, err->code == SMG_OK ? 201 : 503, "application/json", &body);
    buf_fini(&body);
    unit_free(storing->write.unit);
    free(storing);
}

static void store_body(void *ctx, struct http_request *request)
{
    struct bare *bare = ctx;
    struct storing *storing = calloc(1, sizeof *storing);
    struct id id = id_new(clock_now_ms());

    if (storing == NULL)
        _exit(EXIT_FAILURE);
    storing->request = request;
    storing->write = (struct store_write){
        .unit = unit_new(), .loop = bare->loop, .done = on_stored, .ctx = storing
    };
    unit_put_new(storing->write.unit, SMG_SPACE_REGISTRATION, id_view(&id), http_body(request));
    store_apply(bare->store, &storing->write);
}

pid_t bench_bare(struct bench *bench, struct smg_err *err)
{
    pid_t pid = start();

    if (pid == 0) {
        struct bare bare = { .loop = loop_new("bench", err) };
        struct bench_storage storage;

        if (bench_storage_open(bench, "bare", &storage, err) == SMG_OK)
            bare.store =
                store_new(storage.instance, NULL, &(struct store_options){ .readers = 0 }, err);
        if (bare.loop != NULL && bare.store != NULL)
            serve_until_killed(bench, bare.loop, store_body, &bare);
        _exit(EXIT_FAILURE);
    }
    return pid;
}

double bench_statements(const struct bench *bench)
{
    FILE *command = bench->counter == NULL ? NULL : popen(bench->counter, "re");
    double value = 0;

    if (command == NULL)
        return 0;
    if (fscanf(command, "%lf", &value) != 1)
        value = 0;
    pclose(command);
    return value;
}

double bench_metric(const struct bench *bench, const char *name)
{
    char listen[32], line[128];
    struct ask ask = { .listen = listen, .path = "/metrics" };
    const char *at = NULL;
    struct smg_err err;
    double value = 0;

    snprintf(listen, sizeof listen, "127.0.0.1:%u", bench->port);
    snprintf(line, sizeof line, "\n%s ", name);
    if (ask_gateway_get(&ask, &err) == SMG_OK && ask.body.at != NULL)
        at = strstr(ask.body.at, line);
    if (at != NULL)
        value = strtod(at + strlen(line), NULL);
    buf_fini(&ask.body);
    return value;
}

void bench_end(pid_t pid)
{
    if (pid > 0) {
        kill(pid, SIGKILL);
        waitpid(pid, NULL, 0);
    }
}

double bench_memory(pid_t pid)
{
    char path[64], line[256];
    long kib = 0;
    FILE *file;

    snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
    file = fopen(path, "r");
    while (file != NULL && fgets(line, sizeof line, file) != NULL)
        if (strncmp(line, "VmRSS:", 6) == 0)
            kib = strtol(line + 6, NULL, 10);
    if (file != NULL)
        fclose(file);
    return (double)kib / 1024;
}

double bench_processor_us(pid_t pid)
{
    char path[64], line[1024];
    unsigned long user = 0, kernel = 0;
    const char *at;
    FILE *file;

    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    file = fopen(path, "r");
    if (file == NULL)
        return 0;
    at = fgets(line, sizeof line, file) == NULL ? NULL : strrchr(line, ')');
    fclose(file);
    if (at == NULL ||
        sscanf(at + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &kernel) != 2)
        return 0;
    return (double)(user + kernel) * 1e6 / (double)sysconf(_SC_CLK_TCK);
}
