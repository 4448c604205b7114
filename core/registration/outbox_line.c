/* SPDX-License-Identifier: Apache-2.0 */
/* The line of one recipient: look what waits, hand the oldest to the reporter, erase it when it
 * arrived, look again. Of several gateways one has the lease of the line; the row that says so is
 * part of every unit that takes a report away. */
#include "registration/outbox_inside.h"

#include "audit/audit.h"
#include "base/log.h"
#include "loop/clock.h"

#include <stdlib.h>

enum {
    DEADLINE_MS = 30000, /* as instance_submit's for a reporter */
    PAUSE_MS = 1000,
    PAUSE_MOST_MS = 60000,
    LEASE_MS = 60000,
    LEASE_SPARE_MS = 10000 /* more than a delivery takes beyond its deadline */
};

/* ---- the end of a walk ---- */

static void on_pause_over(void *ctx)
{
    struct outbox_line *line = ctx;

    line->timer = NULL;
    line_look(line);
}

static void pause_for(struct outbox_line *line, int64_t ms)
{
    loop_forget(line->timer);
    line->timer = loop_after(line->outbox->loop, ms, on_pause_over, line);
    pthread_mutex_lock(&line->outbox->lock);
    line->shown.next_try_ms = clock_now_ms() + ms;
    pthread_mutex_unlock(&line->outbox->lock);
}

static void rest(struct outbox_line *line)
{
    buf_clear(&line->plain); /* it may tell of a person */
    line->busy = false;
    if (line->again)
        line_look(line);
}

/* Not this time: tried again after a pause that doubles, less a random part of it, so that many
 * gateways do not come back at one moment. */
static void fail(struct outbox_line *line, const char *why)
{
    uint16_t dice;

    line->pause_ms = line->pause_ms == 0                  ? PAUSE_MS
                     : line->pause_ms * 2 > PAUSE_MOST_MS ? PAUSE_MOST_MS
                                                          : line->pause_ms * 2;
    pthread_mutex_lock(&line->outbox->lock);
    line->shown.failures++;
    snprintf(line->shown.why, sizeof line->shown.why, "%s", why);
    pthread_mutex_unlock(&line->outbox->lock);
    random_bytes(&dice, sizeof dice);
    pause_for(line, line->pause_ms - line->pause_ms / 4 * (dice % 256) / 256);
    rest(line);
}

/* ---- a report that was answered ---- */

static void on_settled(void *ctx, const struct smg_err *err)
{
    struct outbox_line *line = ctx;

    unit_free(line->write.unit);
    line->write.unit = NULL;
    if (err->code == SMG_E_EXISTS) {
        line->lease_until_ms = 0; /* another gateway has taken the line over, and the report */
    } else if (err->code != SMG_OK) {
        log_line(SMG_WARN, "outbox", "a report that was answered stays and is sent again: %s",
                 err->text);
        fail(line, err->text);
        return;
    }
    line->pause_ms = 0;
    line->again = true; /* the next one */
    rest(line);
}

static void note(struct outbox_line *line, struct unit *unit, const char *action,
                 struct smg_str said)
{
    struct audit_event event = { .at_ms = clock_now_ms(),
                                 .actor = SMG_STR("gateway"),
                                 .action = str_of(action),
                                 .purpose = said };
    struct buf text = { 0 };

    id_write(line->row.id, &text);
    event.object = buf_view(&text);
    audit_note(unit, &event);
    buf_fini(&text);
}

/* The report leaves the line, while the line is still ours. */
static struct unit *leave(struct outbox_line *line)
{
    struct unit *unit = unit_new();

    unit_keep_if(unit, SMG_SPACE_META, buf_view(&line->lease_key), buf_view(&line->lease));
    unit_erase_if(unit, SMG_SPACE_OUTBOX, buf_view(&line->key), buf_view(&line->value));
    return unit;
}

static void settle(struct outbox_line *line, struct unit *unit)
{
    line->write = (struct store_write){
        .unit = unit, .loop = line->outbox->loop, .done = on_settled, .ctx = line
    };
    store_apply(line->outbox->store, &line->write);
}

static void arrived(struct outbox_line *line)
{
    struct unit *unit = leave(line);

    note(line, unit, "report.delivered", str_of(line->receipt));
    pthread_mutex_lock(&line->outbox->lock);
    line->shown.delivered++;
    line->shown.next_try_ms = 0;
    line->shown.why[0] = '\0';
    pthread_mutex_unlock(&line->outbox->lock);
    settle(line, unit);
}

/* Aside with it, so that those behind it arrive; a person must see what is wrong. */
static void refused(struct outbox_line *line, const char *why)
{
    struct outbox_row aside = line->row;
    struct unit *unit = leave(line);
    struct buf id = { 0 };
    struct smg_err err;

    id_write(aside.id, &id);
    log_line(SMG_ERROR, "outbox", "%s refuses report %s, it is moved aside: %s", aside.to,
             id.failed ? "" : id.at, why);
    buf_fini(&id);
    aside.state = OUTBOX_REFUSED;
    aside.refused_ms = clock_now_ms();
    aside.why = str_of(why);
    if (outbox_row_put(line->outbox->sealer, &aside, unit, &err) != SMG_OK) {
        unit_free(unit);
        fail(line, err.text);
        return;
    }
    note(line, unit, "report.refused", SMG_STR(""));
    line->counted_ms = 0;
    settle(line, unit);
}

static void on_answered(void *ctx, const struct smg_fields *fields, const struct smg_err *err)
{
    struct outbox_line *line = ctx;
    struct smg_str receipt = { NULL, 0 };

    if (fields != NULL)
        receipt = fields_text(fields, "receipt");
    if (err == NULL || err->code == SMG_OK) {
        snprintf(line->receipt, sizeof line->receipt, "%.*s",
                 receipt.len > sizeof line->receipt - 1 || !str_is_utf8(receipt) ? 0
                                                                                 : (int)receipt.len,
                 receipt.len == 0 ? "" : receipt.at);
        arrived(line);
    } else if (err->code == SMG_E_INVALID) {
        refused(line, err->text);
    } else {
        log_line(SMG_WARN, "outbox",
                 "a report for %s could not be delivered, it is tried again: %s", line->shown.to,
                 err->text);
        fail(line, err->text);
    }
}

static void deliver(struct outbox_line *line)
{
    struct buf message = { 0 }, id = { 0 };
    struct smg_err err;
    int status = outbox_row_open(line->outbox->sealer, buf_view(&line->key), buf_view(&line->value),
                                 &line->row, &line->plain, &err);

    if (status == SMG_OK)
        status = line_message(line, &line->row, &message, &err);
    if (status != SMG_OK) {
        log_line(SMG_ERROR, "outbox", "a stored report cannot be sent, it stays in the outbox: %s",
                 err.text);
        fail(line, err.text);
    } else {
        id_write(line->row.id, &id);
        instance_submit(line->reporter->instance, buf_view(&id), buf_view(&message),
                        line->reporter->deadline_ms, on_answered, line);
    }
    buf_fini(&message);
    buf_fini(&id);
}

/* ---- whose line it is ---- */

static int64_t deadline(const struct outbox_line *line)
{
    return line->reporter->deadline_ms > 0 ? line->reporter->deadline_ms : DEADLINE_MS;
}

static void on_leased(void *ctx, const struct smg_err *err)
{
    struct outbox_line *line = ctx;

    unit_free(line->write.unit);
    line->write.unit = NULL;
    if (err->code != SMG_OK) { /* another gateway was faster, or there is no storage */
        line->lease_until_ms = 0;
        pause_for(line, PAUSE_MS);
        rest(line);
        return;
    }
    deliver(line);
}

/* A lease is the moment it ends and the node that has it. */
static void take_lease(struct outbox_line *line, struct smg_str was)
{
    int64_t until = clock_now_ms() + LEASE_MS + deadline(line);
    struct unit *unit = unit_new();
    struct buf row = { 0 };

    buf_u64(&row, (uint64_t)until);
    buf_text(&row, line->outbox->sender.node);
    if (was.at == NULL)
        unit_put_new(unit, SMG_SPACE_META, buf_view(&line->lease_key), buf_view(&row));
    else
        unit_put_if(unit, SMG_SPACE_META, buf_view(&line->lease_key), was, buf_view(&row));
    buf_clear(&line->lease);
    buf_str(&line->lease, buf_view(&row));
    buf_fini(&row);
    line->lease_until_ms = until;
    line->write = (struct store_write){
        .unit = unit, .loop = line->outbox->loop, .done = on_leased, .ctx = line
    };
    store_apply(line->outbox->store, &line->write);
}

static void on_lease_read(void *ctx, const struct smg_err *err)
{
    struct outbox_line *line = ctx;
    struct smg_str row = store_read_value(&line->read, line->lease_view), node = row;
    uint64_t until = 0;

    if (err->code != SMG_OK) {
        store_read_fini(&line->read);
        fail(line, err->text);
        return;
    }
    if (row.at != NULL && take_u64(&node, &until) && !str_is(node, line->outbox->sender.node) &&
        (int64_t)until > clock_now_ms()) {
        store_read_fini(&line->read);
        pause_for(line, (int64_t)until - clock_now_ms() + PAUSE_MS);
        rest(line);
        return;
    }
    take_lease(line, row);
    store_read_fini(&line->read);
}

static void deliver_if_ours(struct outbox_line *line)
{
    if (line->lease_until_ms > clock_now_ms() + deadline(line) + LEASE_SPARE_MS) {
        deliver(line);
        return;
    }
    line->lease_view = buf_view(&line->lease_key);
    line->read = (struct store_read){ .space = SMG_SPACE_META,
                                      .keys = &line->lease_view,
                                      .key_count = 1,
                                      .loop = line->outbox->loop,
                                      .done = on_lease_read,
                                      .ctx = line };
    store_read(line->outbox->store, &line->read);
}

/* ---- what waits ---- */

/* How many are overdue; said once each time there were none before. */
static void count_waiting(struct outbox_line *line)
{
    struct outbox_recipient *shown = &line->shown;
    unsigned before = shown->overdue;
    int64_t now = clock_now_ms(), due;
    struct outbox_row first;
    size_t i;

    pthread_mutex_lock(&line->outbox->lock);
    shown->waiting = (unsigned)line->read.count;
    shown->overdue = 0;
    shown->oldest_ms = shown->due_ms = 0;
    for (i = 0; i < line->read.count; i++) {
        due = outbox_row_due(line->read.rows[i].value);
        shown->overdue += due > 0 && due < now;
    }
    if (line->read.count > 0 && outbox_row_key(line->read.rows[0].key, &first)) {
        shown->oldest_ms = id_time(first.id);
        shown->due_ms = outbox_row_due(line->read.rows[0].value);
    }
    if (line->read.count == 0)
        shown->next_try_ms = 0;
    pthread_mutex_unlock(&line->outbox->lock);
    if (before == 0 && shown->overdue > 0)
        log_line(SMG_ERROR, "outbox", "reports for %s are overdue: the regulation's time is over",
                 shown->to);
}

static void on_waiting(void *ctx, const struct smg_err *err)
{
    struct outbox_line *line = ctx;

    if (err->code != SMG_OK) {
        store_read_fini(&line->read);
        fail(line, err->text);
        return;
    }
    count_waiting(line);
    if (line->read.count == 0 || line->reporter == NULL || line->timer != NULL) {
        store_read_fini(&line->read);
        rest(line);
        return;
    }
    buf_clear(&line->key);
    buf_str(&line->key, line->read.rows[0].key);
    buf_clear(&line->value);
    buf_str(&line->value, line->read.rows[0].value);
    store_read_fini(&line->read);
    deliver_if_ours(line);
}

static void read_rows(struct outbox_line *line, enum outbox_state state,
                      void (*done)(void *ctx, const struct smg_err *err))
{
    outbox_row_range(state, line->shown.to, &line->from, &line->until);
    line->read = (struct store_read){
        .scan = { .space = SMG_SPACE_OUTBOX,
                  .from = buf_view(&line->from),
                  .to = buf_view(&line->until),
                  .limit = OUTBOX_COUNTED },
        .loop = line->outbox->loop,
        .done = done,
        .ctx = line,
    };
    store_read(line->outbox->store, &line->read);
}

static void on_refused(void *ctx, const struct smg_err *err)
{
    struct outbox_line *line = ctx;

    pthread_mutex_lock(&line->outbox->lock);
    if (err->code == SMG_OK)
        line->shown.refused = (unsigned)line->read.count;
    pthread_mutex_unlock(&line->outbox->lock);
    line->counted_ms = clock_now_ms();
    store_read_fini(&line->read);
    read_rows(line, OUTBOX_WAITING, on_waiting);
}

void line_look(struct outbox_line *line)
{
    if (line->busy) {
        line->again = true;
        return;
    }
    line->busy = true;
    line->again = false;
    if (clock_now_ms() - line->counted_ms >= OUTBOX_LOOK_MS)
        read_rows(line, OUTBOX_REFUSED, on_refused);
    else
        read_rows(line, OUTBOX_WAITING, on_waiting);
}

void line_fini(struct outbox_line *line)
{
    loop_forget(line->timer);
    store_read_fini(&line->read);
    unit_free(line->write.unit);
    buf_fini(&line->from);
    buf_fini(&line->until);
    buf_fini(&line->key);
    buf_fini(&line->value);
    buf_fini(&line->plain);
    buf_fini(&line->lease_key);
    buf_fini(&line->lease);
}
