/* SPDX-License-Identifier: Apache-2.0 */
/* The host table of a reader, in its process: answers become messages, waits end with the read. */
#include "plugin/child.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/date.h"
#include "loop/clock.h"
#include "plugin/noise.h"
#include "plugin/op.h"
#include "plugin/wire.h"

/* The gateway is gone, or does not want us: there is nobody to tell and nothing to save. */
static void tell(const struct wire_message *message)
{
    struct smg_err err = { 0 };

    if (wire_send_message(CHILD_SOCKET, message, 0, &err) < 0)
        _exit(EXIT_FAILURE);
}

static void host_log(const struct smg_host *table, enum smg_level level, const char *fmt, ...)
{
    char text[NOISE_LINE_BYTES], line[NOISE_LINE_BYTES + 8];
    va_list args;
    int len;

    (void)table;
    va_start(args, fmt);
    len = vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    if (len < 0)
        return;
    for (char *c = text; *c != '\0'; c++)
        if (*c == '\n')
            *c = ' ';
    len = snprintf(line, sizeof line, "<%d>%s\n", (int)level, text);
    /* One write, so that lines of several threads do not mix. */
    if (write(STDERR_FILENO, line, (size_t)len) < 0) {
        /* A log that cannot be written must not stop a read. */
    }
}

static void host_state(const struct smg_host *table, enum smg_state state, const char *why)
{
    struct wire_message message = { .kind = WIRE_STATE, .state = state, .text = str_of(why) };

    (void)table;
    if (message.text.len >= sizeof((struct smg_err *)0)->text)
        message.text.len = sizeof((struct smg_err *)0)->text - 1;
    tell(&message);
}

/* Handles are ids, so one that is over is recognised here and dropped by the gateway. */
static void host_answer(const struct smg_host *table, struct smg_op *op, const char *field,
                        const struct smg_value *value)
{
    struct wire_message message = {
        .kind = WIRE_ANSWER, .id = (uint64_t)(uintptr_t)op, .field = str_of(field), .value = *value
    };

    if ((value->type == SMG_TEXT || value->type == SMG_BYTES) &&
        value->str.len > REPLY_FIELD_BYTES) {
        host_log(table, SMG_ERROR, "its field %.120s is longer than 128 KiB", field);
        message.value = (struct smg_value){ .type = SMG_BYTES };
        message.field = SMG_STR("?"); /* no field's name: the gateway refuses the read */
    }
    if (value->type == SMG_DATE && !date_is_valid(value->date))
        message.value.date = DATE_NONE; /* no message has another; the gateway refuses it */
    tell(&message);
}

static void host_done(const struct smg_host *table, struct smg_op *op, const struct smg_err *err)
{
    struct smg_err none = { 0 }, given;
    struct child *child = table->priv;
    struct wire_message message = { .kind = WIRE_DONE, .id = (uint64_t)(uintptr_t)op };
    bool ends;

    op_take_err(err == NULL ? &none : err, &given);
    message.code = given.code;
    message.text = str_of(given.text);
    pthread_mutex_lock(&child->lock);
    ends = child->running != 0 && child->running == message.id;
    if (ends)
        child->running = 0;
    pthread_mutex_unlock(&child->lock);
    if (ends)
        tell(&message);
    else
        host_log(table, SMG_ERROR, "the plugin called done for an operation that is over");
}

static bool host_get(const struct smg_host *table, const struct smg_fields *fields,
                     const char *field, struct smg_value *value)
{
    const struct smg_value *found = fields == NULL ? NULL : fields_get(fields, str_of(field));

    (void)table;
    if (found != NULL)
        *value = *found;
    return found != NULL;
}

static const struct smg_fields *host_given(const struct smg_host *table, struct smg_op *op)
{
    struct child *child = table->priv;
    bool runs;

    pthread_mutex_lock(&child->lock);
    runs = child->running != 0 && child->running == (uint64_t)(uintptr_t)op;
    pthread_mutex_unlock(&child->lock);
    return runs ? child->given : NULL;
}

/* What is left of a wait, in whole milliseconds, rounded up; *what is what its end means. */
static int time_left(struct child *child, uint64_t id, int64_t until_us, int *what)
{
    int64_t now_us = clock_mono_us(), deadline_us, left_us;
    bool cancelled;

    pthread_mutex_lock(&child->lock);
    deadline_us = id != 0 ? child->deadline_us : INT64_MAX;
    cancelled = child->over || (id != 0 && (id != child->running || child->cancelled));
    pthread_mutex_unlock(&child->lock);
    if (cancelled) {
        *what = SMG_E_CANCELLED;
        return 0;
    }
    *what = deadline_us <= until_us ? SMG_E_TIMEOUT : 0;
    left_us = (deadline_us < until_us ? deadline_us : until_us) - now_us;
    if (left_us <= 0)
        return 0;
    return left_us > 3600ll * 1000 * 1000 ? 3600 * 1000 : (int)((left_us + 999) / 1000);
}

/* Before looking at the flags again: whoever sets one writes afterwards. */
static void clear_wake(struct child *child, short revents)
{
    uint64_t count;

    if (revents != 0 && read(child->wake, &count, sizeof count) < 0)
        return; /* another waiter was faster */
}

/* op NULL: in open or start, where only the gateway's end cancels. */
static int host_wait(const struct smg_host *table, struct smg_op *op, int fd, unsigned ready,
                     int64_t timeout_ms)
{
    struct child *child = table->priv;
    int64_t until_us = INT64_MAX;
    struct pollfd wait_for[2] = { { .fd = child->wake, .events = POLLIN }, { .fd = fd } };

    if (timeout_ms < 0 && op == NULL)
        return SMG_E_INVALID;
    if (timeout_ms >= 0 && timeout_ms < INT32_MAX)
        until_us = clock_mono_us() + timeout_ms * 1000;
    if (ready & SMG_READABLE)
        wait_for[1].events |= POLLIN;
    if (ready & SMG_WRITABLE)
        wait_for[1].events |= POLLOUT;
    for (;;) {
        int what, left_ms = time_left(child, (uint64_t)(uintptr_t)op, until_us, &what);
        unsigned is = 0;

        if (what == SMG_E_CANCELLED)
            return what;
        if (poll(wait_for, 2, left_ms) < 0 && errno != EINTR)
            return SMG_E_IO;
        clear_wake(child, wait_for[0].revents);
        if (wait_for[1].revents & (POLLIN | POLLERR | POLLHUP | POLLNVAL))
            is |= SMG_READABLE;
        if (wait_for[1].revents & (POLLOUT | POLLERR | POLLHUP | POLLNVAL))
            is |= SMG_WRITABLE;
        if (is & ready)
            return (int)(is & ready);
        if (left_ms == 0 && wait_for[0].revents == 0)
            return what;
    }
}

static struct smg_watch *host_watch(const struct smg_host *table, int fd, unsigned ready,
                                    void (*fn)(void *ctx, int fd, unsigned ready), void *ctx)
{
    (void)table, (void)fd, (void)ready, (void)fn, (void)ctx;
    return NULL; /* a reader waits */
}

static void host_unwatch(const struct smg_host *table, struct smg_watch *watch)
{
    (void)table, (void)watch;
}

static struct smg_timer *host_after(const struct smg_host *table, int64_t ms, void (*fn)(void *ctx),
                                    void *ctx)
{
    (void)table, (void)ms, (void)fn, (void)ctx;
    return NULL;
}

static void host_forget(const struct smg_host *table, struct smg_timer *timer)
{
    (void)table, (void)timer;
}

void child_host_init(struct child *child)
{
    *child = (struct child){
        .table = { .size = sizeof child->table,
                   .abi_major = SMG_ABI_MAJOR,
                   .abi_minor = SMG_ABI_MINOR,
                   .priv = child,
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
        .wake = -1,
        .lock = PTHREAD_MUTEX_INITIALIZER,
        .changed = PTHREAD_COND_INITIALIZER,
    };
}

void child_host_owe(struct child *child, uint64_t id)
{
    struct smg_err err = { .code = SMG_E_BUG, .text = "the plugin's read returned without done" };
    bool owes;

    pthread_mutex_lock(&child->lock);
    owes = child->running == id;
    pthread_mutex_unlock(&child->lock);
    if (owes)
        host_done(&child->table, (struct smg_op *)(uintptr_t)id, &err);
}
