/* SPDX-License-Identifier: Apache-2.0 */
/* The outbox: look for rows, hand the oldest to its reporter, erase it when it arrived, look again.
 */
#include "registration/outbox.h"

#include "audit/audit.h"
#include "base/log.h"
#include "loop/clock.h"

#include <stdatomic.h>
#include <stdlib.h>

enum {
    REPORTERS_MAX = 8,
    LOOK_LIMIT = 64,
    DEADLINE_MS = 10000,
    PAUSE_MS = 1000,
    PAUSE_MOST_MS = 60000
};

struct outbox {
    struct loop *loop;
    struct store *store;
    struct sealer *sealer;
    struct {
        struct instance *instance;
        int64_t deadline_ms;
    } reporters[REPORTERS_MAX];
    size_t reporter_count;

    bool busy, again; /* a walk is under way; something came meanwhile */
    struct store_read read;
    struct store_write write;
    struct id current;
    struct loop_timer *timer;
    int64_t pause_ms;

    atomic_bool woken;
    struct loop_call call;
    _Atomic uint64_t delivered, failures;
    _Atomic unsigned waiting;
};

static void row_about(struct id id, struct buf *out)
{
    buf_text(out, "outbox/");
    buf_str(out, id_view(&id));
}

int outbox_put(struct sealer *sealer, const char *to, struct smg_str report, int64_t now_ms,
               struct unit *unit, struct id *out, struct smg_err *err)
{
    struct buf about = { 0 }, plain = { 0 }, row = { 0 };
    int status;

    *out = id_new(now_ms);
    row_about(*out, &about);
    buf_byte(&plain, (unsigned char)strlen(to));
    buf_text(&plain, to);
    buf_str(&plain, report);
    status = seal(sealer, KEY_REPORT, buf_view(&about), buf_view(&plain), &row, err);
    if (status == SMG_OK)
        unit_put_new(unit, SMG_SPACE_OUTBOX, id_view(out), buf_view(&row));
    buf_fini(&about);
    buf_fini(&plain);
    buf_fini(&row);
    return status;
}

static void look(struct outbox *outbox);

static void on_timer(void *ctx)
{
    struct outbox *outbox = ctx;

    outbox->timer = NULL;
    look(outbox);
}

/* The walk ends here: look again at once, after a pause, or when woken. */
static void rest(struct outbox *outbox, bool failed)
{
    outbox->busy = false;
    if (failed) {
        outbox->failures++;
        outbox->pause_ms = outbox->pause_ms == 0                  ? PAUSE_MS
                           : outbox->pause_ms * 2 > PAUSE_MOST_MS ? PAUSE_MOST_MS
                                                                  : outbox->pause_ms * 2;
        outbox->timer = loop_after(outbox->loop, outbox->pause_ms, on_timer, outbox);
    } else if (outbox->again) {
        look(outbox);
    }
}

static void on_erased(void *ctx, const struct smg_err *err)
{
    struct outbox *outbox = ctx;

    unit_free(outbox->write.unit);
    outbox->write.unit = NULL;
    if (err->code != SMG_OK) {
        log_line(SMG_WARN, "outbox", "a delivered report stays and will be sent again: %s",
                 err->text);
        rest(outbox, true);
        return;
    }
    outbox->delivered++;
    outbox->pause_ms = 0;
    outbox->again = true; /* the next one */
    rest(outbox, false);
}

static void on_delivered(void *ctx, const struct smg_fields *fields, const struct smg_err *err)
{
    struct outbox *outbox = ctx;
    struct audit_event event = { .at_ms = clock_now_ms(),
                                 .actor = SMG_STR("gateway"),
                                 .action = SMG_STR("report.delivered") };
    struct buf text = { 0 };

    (void)fields;
    if (err != NULL && err->code != SMG_OK) {
        log_line(SMG_WARN, "outbox", "a report could not be delivered, it will be tried again: %s",
                 err->text);
        rest(outbox, true);
        return;
    }
    outbox->write = (struct store_write){
        .unit = unit_new(), .loop = outbox->loop, .done = on_erased, .ctx = outbox
    };
    if (outbox->write.unit == NULL) {
        rest(outbox, true);
        return;
    }
    unit_erase(outbox->write.unit, SMG_SPACE_OUTBOX, id_view(&outbox->current));
    id_write(outbox->current, &text);
    event.object = buf_view(&text);
    audit_note(outbox->write.unit, &event);
    buf_fini(&text);
    store_apply(outbox->store, &outbox->write);
}

/* '-' in the names of instances is '_' in the words of a policy. */
static bool same_name(const char *instance, struct smg_str word)
{
    size_t i;

    if (strlen(instance) != word.len)
        return false;
    for (i = 0; i < word.len; i++)
        if ((instance[i] == '-' ? '_' : instance[i]) != word.at[i])
            return false;
    return true;
}

static void deliver(struct outbox *outbox, struct smg_str key, struct smg_str row)
{
    struct buf about = { 0 }, plain = { 0 }, id = { 0 };
    struct smg_str view, to;
    struct smg_err err;
    uint8_t to_len;
    size_t i = 0;
    int status;

    memcpy(outbox->current.bytes, key.at, sizeof outbox->current.bytes);
    row_about(outbox->current, &about);
    status = unseal(outbox->sealer, KEY_REPORT, buf_view(&about), row, &plain, &err);
    view = buf_view(&plain);
    if (status != SMG_OK || !take_u8(&view, &to_len) || !take_bytes(&view, to_len, &to)) {
        log_line(SMG_ERROR, "outbox", "a stored report cannot be opened; it stays in the outbox");
        rest(outbox, true);
    } else {
        while (i < outbox->reporter_count &&
               !same_name(instance_name(outbox->reporters[i].instance), to))
            i++;
        if (i == outbox->reporter_count)
            i = 0;
        id_write(outbox->current, &id);
        instance_submit(outbox->reporters[i].instance, buf_view(&id), view,
                        outbox->reporters[i].deadline_ms, on_delivered, outbox);
    }
    buf_fini(&about);
    buf_fini(&plain);
    buf_fini(&id);
}

static void on_rows(void *ctx, const struct smg_err *err)
{
    struct outbox *outbox = ctx;

    outbox->waiting = (unsigned)outbox->read.count;
    if (err->code != SMG_OK)
        rest(outbox, true);
    else if (outbox->read.count == 0 || outbox->reporter_count == 0 ||
             outbox->read.rows[0].key.len != sizeof outbox->current.bytes)
        rest(outbox, false);
    else
        deliver(outbox, outbox->read.rows[0].key, outbox->read.rows[0].value);
    store_read_fini(&outbox->read);
}

static void look(struct outbox *outbox)
{
    if (outbox->busy) {
        outbox->again = true;
        return;
    }
    if (outbox->timer != NULL) {
        loop_forget(outbox->timer);
        outbox->timer = NULL;
    }
    outbox->busy = true;
    outbox->again = false;
    outbox->read = (struct store_read){
        .scan = { .space = SMG_SPACE_OUTBOX, .limit = LOOK_LIMIT },
        .loop = outbox->loop,
        .done = on_rows,
        .ctx = outbox,
    };
    store_read(outbox->store, &outbox->read);
}

static void on_wake(void *ctx)
{
    struct outbox *outbox = ctx;

    outbox->woken = false;
    if (outbox->timer == NULL) /* a failing recipient keeps its pause */
        look(outbox);
}

void outbox_wake(struct outbox *outbox)
{
    if (!atomic_exchange(&outbox->woken, true))
        loop_post(outbox->loop, &outbox->call);
}

struct outbox *outbox_new(struct loop *loop, struct store *store, const struct keyring *keyring,
                          struct smg_err *err)
{
    struct outbox *outbox = calloc(1, sizeof *outbox);

    if (outbox == NULL) {
        smg_fail(err, SMG_E_MEMORY, "outbox: out of memory");
        return NULL;
    }
    outbox->loop = loop;
    outbox->store = store;
    outbox->call = (struct loop_call){ .fn = on_wake, .ctx = outbox };
    outbox->sealer = sealer_new(keyring, err);
    if (outbox->sealer == NULL) {
        free(outbox);
        return NULL;
    }
    return outbox;
}

bool outbox_add(struct outbox *outbox, struct instance *reporter, int64_t deadline_ms)
{
    if (outbox->reporter_count == REPORTERS_MAX)
        return false;
    outbox->reporters[outbox->reporter_count].instance = reporter;
    outbox->reporters[outbox->reporter_count].deadline_ms =
        deadline_ms > 0 ? deadline_ms : DEADLINE_MS;
    outbox->reporter_count++;
    return true;
}

void outbox_free(struct outbox *outbox)
{
    if (outbox == NULL)
        return;
    loop_forget(outbox->timer);
    sealer_free(outbox->sealer);
    free(outbox);
}

void outbox_figures(const struct outbox *outbox, struct outbox_figures *out)
{
    *out = (struct outbox_figures){ .delivered = outbox->delivered,
                                    .failures = outbox->failures,
                                    .waiting = outbox->waiting };
}
