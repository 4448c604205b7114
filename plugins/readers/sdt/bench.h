/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of this plugin share: its sources, a made-up host whose time passes only while the
 * plugin waits, and the virtual reader at the other end of the line. */
#ifndef SDT_BENCH_H
#define SDT_BENCH_H

#include "code.c"
#include "frame.c"
#include "text.c"
#include "port.c"
#include "serial.c"
#include "network.c"
#include "hid.c"
#include "usb.c"
#include "dialogue.c"
#include "sdt.c"

#include "base/fields.h"
#include "emulate/pty.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdlib.h>
#include <cmocka.h>

enum { BENCH_DEADLINE_MS = 15000, DELIVERY_MS = 5000 };

struct bench {
    struct smg_host host;
    struct config config;
    struct card_sheet sheet;
    struct card card;
    struct sam sam;
    struct pty pty;
    void *self;
    int64_t now_ms, deadline_ms;
    int64_t patience_ms; /* from the start of a read to its deadline */
    unsigned waits;      /* since the operation began */
    unsigned cancel_at;  /* the wait that is cancelled; 0: none */
    bool live;           /* time passes by itself: the reader is served by a thread */
    bool wrote;          /* the plugin may have written since the last wait */
    struct smg_fields *fields;
    unsigned dones;
    struct smg_err err;
    enum smg_state state;
    char why[252];
    char logged[2048]; /* every log line of the bench */
};

static inline struct card_sheet bench_sheet(void)
{
    return (struct card_sheet){ .layout = "resident",
                                .name = "扎西·示例",
                                .sex = "male",
                                .nation = "04",
                                .birth = "1988-03-14",
                                .address = "西藏自治区拉萨市城关区示例路1号",
                                .number = "540102198803140016",
                                .issuer = "拉萨市公安局城关分局",
                                .valid_from = "2018-05-01",
                                .valid_to = "2038-05-01" };
}

static void on_log(const struct smg_host *host, enum smg_level level, const char *fmt, ...)
{
    struct bench *bench = host->priv;
    size_t used = strlen(bench->logged);
    va_list args;

    (void)level;
    va_start(args, fmt);
    vsnprintf(bench->logged + used, sizeof bench->logged - used, fmt, args);
    va_end(args);
}

static void on_state(const struct smg_host *host, enum smg_state state, const char *why)
{
    struct bench *bench = host->priv;

    bench->state = state;
    snprintf(bench->why, sizeof bench->why, "%s", why);
}

static void on_answer(const struct smg_host *host, struct smg_op *op, const char *field,
                      const struct smg_value *value)
{
    struct bench *bench = host->priv;

    assert_ptr_equal(op, bench);
    assert_int_equal(bench->dones, 0);
    assert_null(fields_get(bench->fields, str_of(field)));
    assert_true(fields_set(bench->fields, str_of(field), value));
}

static void on_done(const struct smg_host *host, struct smg_op *op, const struct smg_err *err)
{
    struct bench *bench = host->priv;

    assert_ptr_equal(op, bench);
    assert_int_equal(bench->dones, 0);
    bench->dones++;
    bench->err = err != NULL ? *err : (struct smg_err){ .code = SMG_OK };
}

/* The kernel hands bytes over on a thread of its own: wait until what was sent has arrived, so that
 * the made-up time never overtakes it. */
static void await_delivery(struct bench *bench, size_t before, int queued_before)
{
    size_t sent = bench->pty.line.written - before;
    size_t expected = (size_t)queued_before + sent;
    int queued = 0;

    for (int i = 0; i < DELIVERY_MS && bench->pty.slave >= 0; i++) {
        if (ioctl(bench->pty.slave, FIONREAD, &queued) != 0 || (size_t)queued >= expected ||
            queued >= 2048)
            return;
        poll(NULL, 0, i < 100 ? 0 : 1);
    }
}

static int64_t step(struct bench *bench)
{
    size_t before = bench->pty.line.written;
    int queued = 0;
    int64_t next;

    if (bench->wrote && bench->pty.line.fd >= 0)
        poll(&(struct pollfd){ .fd = bench->pty.line.fd, .events = POLLIN }, 1, DELIVERY_MS);
    bench->wrote = false;
    if (bench->pty.slave >= 0)
        assert_int_equal(ioctl(bench->pty.slave, FIONREAD, &queued), 0);
    next = pty_step(&bench->pty, &bench->sam, bench->now_ms);
    await_delivery(bench, before, queued);
    return next;
}

static int wait_live(const struct bench *bench, struct pollfd *poller, int64_t timeout_ms)
{
    int64_t left = bench->deadline_ms - now_ms();
    bool last = timeout_ms < 0 || timeout_ms > left;

    if (poll(poller, 1, (int)(last ? (left > 0 ? left : 0) : timeout_ms)) > 0)
        return 1;
    return last ? SMG_E_TIMEOUT : 0;
}

static int on_wait(const struct smg_host *host, struct smg_op *op, int fd, unsigned ready,
                   int64_t timeout_ms)
{
    struct bench *bench = host->priv;
    struct pollfd poller = { .fd = fd,
                             .events = (short)((ready & SMG_READABLE ? POLLIN : 0) |
                                               (ready & SMG_WRITABLE ? POLLOUT : 0)) };
    int64_t until = bench->deadline_ms;

    assert_ptr_equal(op, bench);
    assert_int_equal(bench->dones, 0);
    bench->waits++;
    if (bench->cancel_at != 0 && bench->waits >= bench->cancel_at)
        return SMG_E_CANCELLED;
    if (bench->live) {
        int rc = wait_live(bench, &poller, timeout_ms);

        return rc == 1 ? (int)ready : rc;
    }
    if (timeout_ms >= 0 && bench->now_ms + timeout_ms < until)
        until = bench->now_ms + timeout_ms;
    for (;;) {
        int64_t next = step(bench);

        if (fd >= 0 && poll(&poller, 1, 0) > 0) {
            bench->wrote = (ready & SMG_WRITABLE) != 0;
            return (int)ready;
        }
        if (next < 0 || bench->now_ms + next > until)
            break;
        bench->now_ms += next > 0 ? next : 1;
    }
    bench->now_ms = until;
    return until >= bench->deadline_ms ? SMG_E_TIMEOUT : 0;
}

/* The reader at work while the plugin starts, which it does without an operation. */
struct service {
    struct bench *bench;
    int wake;
};

static void *serve(void *arg)
{
    struct service *service = arg;
    struct smg_err err;

    (void)pty_serve(&service->bench->pty, &service->bench->sam, service->wake, &err);
    return NULL;
}

static inline int bench_start(struct bench *bench, struct smg_err *err)
{
    struct service service = { .bench = bench };
    pthread_t thread;
    int pipe_fds[2], rc;

    assert_int_equal(pipe(pipe_fds), 0);
    service.wake = pipe_fds[0];
    assert_int_equal(pthread_create(&thread, NULL, serve, &service), 0);
    rc = smg_plugin_sdt.start(bench->self, err);
    assert_int_equal(write(pipe_fds[1], "x", 1), 1);
    pthread_join(thread, NULL);
    close(pipe_fds[0]);
    close(pipe_fds[1]);
    bench->now_ms = now_ms();
    return rc;
}

/* A reader with a card before it, and the plugin opened but not started. */
static inline struct bench *bench_new(void)
{
    struct bench *bench = calloc(1, sizeof *bench);
    struct smg_err err = { 0 };

    assert_non_null(bench);
    bench->host = (struct smg_host){ .size = sizeof bench->host,
                                     .abi_major = SMG_ABI_MAJOR,
                                     .abi_minor = SMG_ABI_MINOR,
                                     .priv = bench,
                                     .log = on_log,
                                     .state = on_state,
                                     .answer = on_answer,
                                     .done = on_done,
                                     .wait = on_wait };
    bench->patience_ms = BENCH_DEADLINE_MS;
    bench->sheet = bench_sheet();
    assert_int_equal(card_encode(&bench->sheet, &bench->card, &err), SMG_OK);
    assert_int_equal(pty_open(&bench->pty, NULL, &err), SMG_OK);
    sam_insert(&bench->sam, &bench->card);
    bench->config = (struct config){ .device = bench->pty.path,
                                     .speed = "115200",
                                     .find_every = 200,
                                     .find_timeout = 1000,
                                     .select_timeout = 1000,
                                     .read_timeout = 5000,
                                     .added_address = true };
    assert_int_equal(smg_plugin_sdt.open(&bench->host, &bench->config, &bench->self, &err), SMG_OK);
    return bench;
}

static inline struct bench *bench_ready(void)
{
    struct bench *bench = bench_new();
    struct smg_err err = { 0 };

    assert_int_equal(bench_start(bench, &err), SMG_OK);
    return bench;
}

static inline void bench_free(struct bench *bench)
{
    smg_plugin_sdt.stop(bench->self);
    smg_plugin_sdt.close(bench->self);
    pty_close(&bench->pty);
    fields_free(bench->fields);
    free(bench);
}

/* One read; its code. */
static inline int bench_read(struct bench *bench)
{
    fields_free(bench->fields);
    bench->fields = fields_new();
    bench->dones = 0;
    bench->waits = 0;
    bench->wrote = false;
    if (bench->live)
        bench->now_ms = now_ms();
    bench->deadline_ms = bench->now_ms + bench->patience_ms;
    smg_plugin_sdt.reader->read(bench->self, (struct smg_op *)(void *)bench);
    assert_int_equal(bench->dones, 1);
    assert_true(bench->live || bench->now_ms <= bench->deadline_ms);
    return bench->err.code;
}

/* The card is put into the field anew, and the reader is whole but for one fault. */
static inline void bench_present(struct bench *bench, const char *fault)
{
    struct sam_fault parsed;
    struct smg_err err = { 0 };

    sam_insert(&bench->sam, &bench->card);
    bench->sam.fault_count = 0;
    memset(bench->sam.counts, 0, sizeof bench->sam.counts);
    if (fault == NULL)
        return;
    assert_int_equal(sam_fault_parse(fault, &parsed, &err), SMG_OK);
    assert_true(sam_add_fault(&bench->sam, parsed));
}

static inline bool bench_has(const struct bench *bench, const char *field)
{
    return fields_get(bench->fields, str_of(field)) != NULL;
}

static inline void bench_expect_text(const struct bench *bench, const char *field, const char *text)
{
    struct smg_str value = fields_text(bench->fields, field);

    if (!str_is(value, text))
        fail_msg("%s is \"%.*s\", not \"%s\"", field, (int)value.len, value.at, text);
}

static inline void bench_expect_date(const struct bench *bench, const char *field, int year,
                                     int month, int day)
{
    const struct smg_value *value = fields_get(bench->fields, str_of(field));

    assert_non_null(value);
    assert_int_equal(value->type, SMG_DATE);
    assert_int_equal(value->date.year, year);
    assert_int_equal(value->date.month, month);
    assert_int_equal(value->date.day, day);
}

#endif
