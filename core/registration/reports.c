/* SPDX-License-Identifier: Apache-2.0 */
/* Looking into the outbox, and sending once more what was refused. */
#include "registration/errand.h"

#include "audit/audit.h"
#include "base/date.h"
#include "registration/outbox_row.h"

enum { PAGE = 50, REFUSED_MOST = 4096 };

static void put_moment(const char *name, int64_t ms, struct buf *out)
{
    if (ms == 0)
        return;
    buf_printf(out, ",\"%s\":\"", name);
    time_write(ms, out);
    buf_byte(out, '"');
}

static void put_recipient(const struct outbox_recipient *it, struct buf *out)
{
    buf_text(out, "{\"to\":");
    buf_json(out, str_of(it->to));
    if (it->reporter[0] != '\0') {
        buf_text(out, ",\"reporter\":");
        buf_json(out, str_of(it->reporter));
    }
    buf_printf(out,
               ",\"waiting\":%u,\"overdue\":%u,\"refused\":%u,\"delivered\":%llu,"
               "\"failures\":%llu",
               it->waiting, it->overdue, it->refused, (unsigned long long)it->delivered,
               (unsigned long long)it->failures);
    put_moment("oldest_at", it->oldest_ms, out);
    put_moment("due_at", it->due_ms, out);
    put_moment("next_try_at", it->next_try_ms, out);
    if (it->why[0] != '\0') {
        buf_text(out, ",\"why\":");
        buf_json(out, str_of(it->why));
    }
    buf_byte(out, '}');
}

static void put_recipients(struct desk *desk, struct buf *out)
{
    struct outbox_recipient recipients[OUTBOX_RECIPIENTS];
    size_t i, count = outbox_recipients(desk->outbox, recipients);

    buf_text(out, "{\"recipients\":[");
    for (i = 0; i < count; i++) {
        if (i > 0)
            buf_byte(out, ',');
        put_recipient(&recipients[i], out);
    }
    buf_text(out, "],\"reports\":[");
}

/* Without its closed part: who must know more asks for the record, and that is audited. */
static void put_report(struct errand *errand, const struct outbox_row *row, struct buf *out)
{
    buf_text(out, "{\"id\":\"");
    id_write(row->id, out);
    buf_text(out, "\",\"to\":");
    buf_json(out, str_of(row->to));
    buf_printf(out, ",\"state\":\"%s\"", row->state == OUTBOX_WAITING ? "waiting" : "refused");
    put_moment("at", row->at_ms, out);
    put_moment("due_at", row->due_ms, out);
    buf_printf(out, ",\"overdue\":%s",
               row->due_ms > 0 && row->due_ms < errand->at_ms ? "true" : "false");
    put_moment("refused_at", row->refused_ms, out);
    if (row->why.len > 0) {
        buf_text(out, ",\"why\":");
        buf_json(out, row->why);
    }
    buf_text(out, ",\"report\":{");
    buf_str(out, row->open);
    buf_text(out, "}}");
}

static void on_page(void *ctx, const struct smg_err *err)
{
    struct errand *errand = ctx;
    const struct store_read *read = &errand->reads[0];
    struct buf *out = &errand->outcome.body, plain = { 0 };
    struct outbox_row row;
    struct smg_err why;
    bool first = true;
    size_t i;

    if (err->code != SMG_OK) {
        errand_fail(errand, err);
        return;
    }
    errand->outcome.status = 200;
    errand->outcome.type = "application/json";
    put_recipients(errand->desk, out);
    for (i = 0; i < read->count && i < PAGE; i++) {
        if (outbox_row_open(errand->desk->sealer, read->rows[i].key, read->rows[i].value, &row,
                            &plain, &why) != SMG_OK)
            continue;
        if (!first)
            buf_byte(out, ',');
        first = false;
        put_report(errand, &row, out);
    }
    buf_byte(out, ']');
    if (read->count > PAGE) {
        buf_text(out, ",\"next\":\"");
        buf_base64url(out, read->rows[PAGE].key);
        buf_byte(out, '"');
    }
    buf_text(out, "}\n");
    buf_fini(&plain);
    errand_end(errand);
}

static void read_rows(struct errand *errand, uint32_t limit,
                      void (*done)(void *ctx, const struct smg_err *err))
{
    errand->reads[0] = (struct store_read){ .scan = { .space = SMG_SPACE_OUTBOX,
                                                      .from = buf_view(&errand->from),
                                                      .to = buf_view(&errand->to),
                                                      .limit = limit },
                                            .loop = errand->desk->loop,
                                            .done = done,
                                            .ctx = errand };
    store_read(errand->desk->store, &errand->reads[0]);
}

void desk_reports(struct desk *desk, bool refused, struct smg_str cursor, outcome_fn fn, void *ctx)
{
    enum outbox_state state = refused ? OUTBOX_REFUSED : OUTBOX_WAITING;
    struct errand *errand = errand_new(desk, fn, ctx);
    struct outbox_row row;

    if (errand == NULL)
        return;
    outbox_row_range(state, NULL, &errand->from, &errand->to);
    if (cursor.len > 0) {
        buf_clear(&errand->from);
        if (!buf_unbase64url(&errand->from, cursor) ||
            !outbox_row_key(buf_view(&errand->from), &row) || row.state != state) {
            errand_problem(errand, 400, "wrong_cursor", "cursor 应为上次答复中的 next",
                           "cursor is the next of an earlier answer");
            return;
        }
    }
    read_rows(errand, PAGE + 1, on_page);
}

static void on_put_back(void *ctx, const struct smg_err *err)
{
    struct errand *errand = ctx;

    if (err->code != SMG_OK) {
        errand_fail(errand, err);
        return;
    }
    outbox_wake(errand->desk->outbox);
    errand_end(errand);
}

/* The report waits as before it was refused; its place in the line is that of its age. */
static void put_back(struct errand *errand, const struct store_row *found)
{
    struct buf plain = { 0 };
    struct outbox_row row;
    struct smg_err err;
    int status =
        outbox_row_open(errand->desk->sealer, found->key, found->value, &row, &plain, &err);
    struct audit_event event = { .at_ms = errand->at_ms,
                                 .actor = str_of(errand->staff),
                                 .action = SMG_STR("report.retried") };
    struct buf *out = &errand->outcome.body;

    errand->write.unit = unit_new();
    unit_erase_if(errand->write.unit, SMG_SPACE_OUTBOX, found->key, found->value);
    row.state = OUTBOX_WAITING;
    row.refused_ms = 0;
    row.why = (struct smg_str){ "", 0 };
    if (status == SMG_OK)
        status = outbox_row_put(errand->desk->sealer, &row, errand->write.unit, &err);
    errand->outcome.status = 200;
    errand->outcome.type = "application/json";
    buf_text(out, "{\"id\":\"");
    id_write(errand->id, out);
    event.object = str_bytes(out->at + out->len - 36, out->failed ? 0 : 36);
    audit_note(errand->write.unit, &event);
    buf_text(out, "\",\"state\":\"waiting\"}\n");
    buf_fini(&plain);
    if (status != SMG_OK) {
        errand_fail(errand, &err);
        return;
    }
    errand->write.loop = errand->desk->loop;
    errand->write.done = on_put_back;
    errand->write.ctx = errand;
    store_apply(errand->desk->store, &errand->write);
}

static void on_refused(void *ctx, const struct smg_err *err)
{
    struct errand *errand = ctx;
    struct outbox_row row;
    size_t i;

    if (err->code != SMG_OK) {
        errand_fail(errand, err);
        return;
    }
    for (i = 0; i < errand->reads[0].count; i++)
        if (outbox_row_key(errand->reads[0].rows[i].key, &row) &&
            memcmp(&row.id, &errand->id, sizeof row.id) == 0) {
            put_back(errand, &errand->reads[0].rows[i]);
            return;
        }
    errand_problem(errand, 404, "not_found", "没有这份被拒收的报告",
                   "no report of this id was refused");
}

void desk_report_again(struct desk *desk, struct id id, const char *staff, outcome_fn fn, void *ctx)
{
    struct errand *errand = errand_new(desk, fn, ctx);

    if (errand == NULL)
        return;
    errand->id = id;
    snprintf(errand->staff, sizeof errand->staff, "%s", staff);
    outbox_row_range(OUTBOX_REFUSED, NULL, &errand->from, &errand->to);
    read_rows(errand, REFUSED_MOST, on_refused);
}
