/* SPDX-License-Identifier: Apache-2.0 */
/* The services of the host table, given in this process and on its loop. */
#include "plugin/host.h"

#include <stdlib.h>

#include "base/log.h"

struct smg_watch {
    struct loop_watch *watch;
    void (*fn)(void *ctx, int fd, unsigned ready);
    void *ctx;
    struct smg_watch *previous, *next;
};

struct smg_timer {
    struct host *host;
    struct loop_timer *timer;
    void (*fn)(void *ctx);
    void *ctx;
    struct smg_timer *previous, *next;
};

static void host_log(const struct smg_host *table, enum smg_level level, const char *fmt, ...)
{
    const struct host *host = table->priv;
    va_list args;

    va_start(args, fmt);
    log_linev(level, host->who, fmt, args);
    va_end(args);
}

static void host_state(const struct smg_host *table, enum smg_state state, const char *why)
{
    struct host *host = table->priv;
    struct smg_err reason = { .code = SMG_E_IO };

    snprintf(reason.text, sizeof reason.text, "%s", why == NULL ? "no reason given" : why);
    op_take_err(&reason, &reason);
    pthread_mutex_lock(&host->lock);
    host->out_of_service = state != SMG_READY;
    snprintf(host->why, sizeof host->why, "%s", state == SMG_READY ? "" : reason.text);
    pthread_mutex_unlock(&host->lock);
    if (state == SMG_READY)
        log_line(SMG_INFO, host->who, "in service");
    else
        log_line(SMG_WARN, host->who, "out of service: %s", reason.text);
}

bool host_in_service(const struct host *host, char why[256])
{
    pthread_mutex_t *lock = (pthread_mutex_t *)(uintptr_t)&host->lock; /* changes nothing to see */
    bool out;

    pthread_mutex_lock(lock);
    out = host->out_of_service;
    snprintf(why, 256, "%s", host->why);
    pthread_mutex_unlock(lock);
    return !out;
}

/* NULL, and a line in the log, when the operation is over: an answer after done, or a second done.
 */
static struct op *find_op(const struct host *host, const struct smg_op *handle, const char *call)
{
    struct op *op = host->ops == NULL ? NULL : op_find(host->ops, handle);

    if (op == NULL)
        log_line(SMG_ERROR, host->who, "the plugin called %s for an operation that is over", call);
    return op;
}

static void host_answer(const struct smg_host *table, struct smg_op *handle, const char *field,
                        const struct smg_value *value)
{
    const struct host *host = table->priv;
    struct op *op = find_op(host, handle, "answer");
    struct smg_err err = { 0 };

    if (op != NULL && op_answer(op, str_of(field), value, &err) < 0)
        log_line(SMG_ERROR, host->who, "%s", err.text);
}

static void host_done(const struct smg_host *table, struct smg_op *handle,
                      const struct smg_err *err)
{
    const struct host *host = table->priv;
    struct op *op = find_op(host, handle, "done");

    if (op != NULL)
        op_end(op, err);
}

static bool host_get(const struct smg_host *table, const struct smg_fields *fields,
                     const char *field, struct smg_value *out)
{
    const struct smg_value *value = fields_get(fields, str_of(field));

    (void)table;
    if (value == NULL)
        return false;
    *out = *value;
    return true;
}

static int host_wait(const struct smg_host *table, struct smg_op *op, int fd, unsigned ready,
                     int64_t timeout_ms)
{
    const struct host *host = table->priv;

    (void)op, (void)fd, (void)ready, (void)timeout_ms;
    log_line(SMG_ERROR, host->who, "the plugin called wait, which would block the loop");
    return SMG_E_UNSUPPORTED;
}

static void call_watch(void *ctx, int fd, unsigned ready)
{
    struct smg_watch *watch = ctx;

    watch->fn(watch->ctx, fd, ready);
}

static struct smg_watch *host_watch(const struct smg_host *table, int fd, unsigned ready,
                                    void (*fn)(void *ctx, int fd, unsigned ready), void *ctx)
{
    struct host *host = table->priv;
    struct smg_watch *watch;

    if (host->loop == NULL)
        return NULL;
    watch = calloc(1, sizeof *watch);
    if (watch == NULL)
        return NULL;
    *watch = (struct smg_watch){ .fn = fn, .ctx = ctx };
    watch->watch = loop_watch(host->loop, fd, ready, call_watch, watch);
    if (watch->watch == NULL) {
        free(watch);
        return NULL;
    }
    watch->next = host->watches;
    if (watch->next != NULL)
        watch->next->previous = watch;
    host->watches = watch;
    return watch;
}

static void host_unwatch(const struct smg_host *table, struct smg_watch *watch)
{
    struct host *host = table->priv;

    if (watch == NULL)
        return;
    loop_unwatch(watch->watch);
    if (watch->previous == NULL)
        host->watches = watch->next;
    else
        watch->previous->next = watch->next;
    if (watch->next != NULL)
        watch->next->previous = watch->previous;
    free(watch);
}

static void drop_timer(struct host *host, struct smg_timer *timer)
{
    if (timer->previous == NULL)
        host->timers = timer->next;
    else
        timer->previous->next = timer->next;
    if (timer->next != NULL)
        timer->next->previous = timer->previous;
    free(timer);
}

static void call_timer(void *ctx)
{
    struct smg_timer *timer = ctx;
    void (*fn)(void *) = timer->fn;
    void *fn_ctx = timer->ctx;

    drop_timer(timer->host, timer);
    fn(fn_ctx);
}

static struct smg_timer *host_after(const struct smg_host *table, int64_t ms, void (*fn)(void *ctx),
                                    void *ctx)
{
    struct host *host = table->priv;
    struct smg_timer *timer;

    if (host->loop == NULL)
        return NULL;
    timer = calloc(1, sizeof *timer);
    if (timer == NULL)
        return NULL;
    *timer = (struct smg_timer){ .host = host, .fn = fn, .ctx = ctx };
    timer->timer = loop_after(host->loop, ms < 0 ? 0 : ms, call_timer, timer);
    if (timer->timer == NULL) {
        free(timer);
        return NULL;
    }
    timer->next = host->timers;
    if (timer->next != NULL)
        timer->next->previous = timer;
    host->timers = timer;
    return timer;
}

static void host_forget(const struct smg_host *table, struct smg_timer *timer)
{
    if (timer == NULL)
        return;
    loop_forget(timer->timer);
    drop_timer(table->priv, timer);
}

static const struct smg_fields *host_given(const struct smg_host *table, struct smg_op *op)
{
    (void)table, (void)op;
    return NULL; /* that is for readers */
}

void host_init(struct host *host, const char *who, struct loop *loop, struct ops *ops)
{
    *host = (struct host){
        .table = { .size = sizeof host->table,
                   .abi_major = SMG_ABI_MAJOR,
                   .abi_minor = SMG_ABI_MINOR,
                   .priv = host,
                   .log = host_log,
                   .state = host_state,
                   .answer = host_answer,
                   .done = host_done,
                   .get = host_get,
                   .wait = host_wait,
                   .watch = host_watch,
                   .unwatch = host_unwatch,
                   .after = host_after,
                   .forget = host_forget,
                   .given = host_given },
        .who = who,
        .loop = loop,
        .ops = ops,
    };
    pthread_mutex_init(&host->lock, NULL);
}

void host_fini(struct host *host)
{
    pthread_mutex_destroy(&host->lock);
    if (host->watches != NULL || host->timers != NULL)
        log_line(SMG_ERROR, host->who, "the plugin closed, but still waits for something");
    while (host->watches != NULL) {
        struct smg_watch *watch = host->watches;

        host->watches = watch->next;
        loop_unwatch(watch->watch);
        free(watch);
    }
    while (host->timers != NULL) {
        struct smg_timer *timer = host->timers;

        host->timers = timer->next;
        loop_forget(timer->timer);
        free(timer);
    }
}
