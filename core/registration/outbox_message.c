/* SPDX-License-Identifier: Apache-2.0 */
/* What a recipient gets: one JSON object, or one whose content is sealed to its key. */
#include "registration/outbox_inside.h"

#include "base/date.h"

static void put_moment(const char *name, int64_t ms, struct buf *out)
{
    buf_printf(out, ",\"%s\":\"", name);
    time_write(ms, out);
    buf_byte(out, '"');
}

/* {"to", "operator", "licence", "at", "within_ms", "due_at", then what the report says}. */
static void write_content(const struct outbox_line *line, const struct outbox_row *row,
                          bool with_closed, struct buf *out)
{
    const struct outbox_sender *sender = &line->outbox->sender;

    buf_text(out, "{\"to\":");
    buf_json(out, str_of(row->to));
    buf_text(out, ",\"operator\":");
    buf_json(out, str_of(sender->operator_name));
    buf_text(out, ",\"licence\":");
    buf_json(out, str_of(sender->licence));
    put_moment("at", row->at_ms, out);
    if (row->due_ms > 0) {
        buf_printf(out, ",\"within_ms\":%lld", (long long)(row->due_ms - row->at_ms));
        put_moment("due_at", row->due_ms, out);
    }
    buf_byte(out, ',');
    buf_str(out, row->open);
    if (with_closed && row->closed.len > 0) {
        buf_byte(out, ',');
        buf_str(out, row->closed);
    }
    buf_byte(out, '}');
}

int line_message(const struct outbox_line *line, const struct outbox_row *row, struct buf *out,
                 struct smg_err *err)
{
    const struct envelope_recipient *seal_to = line->reporter->seal_to;
    struct buf content = { 0 }, sealed = { 0 };
    int status = SMG_OK;

    if (seal_to == NULL) {
        write_content(line, row, false, out);
    } else {
        write_content(line, row, true, &content);
        status = content.failed ? smg_fail(err, SMG_E_MEMORY, "outbox: out of memory")
                                : envelope_seal(seal_to, buf_view(&content), &sealed, err);
        buf_text(out, "{\"to\":");
        buf_json(out, str_of(row->to));
        put_moment("at", row->at_ms, out);
        buf_text(out, ",\"sealed\":\"");
        buf_base64url(out, buf_view(&sealed));
        buf_text(out, "\"}");
    }
    buf_fini(&content);
    buf_fini(&sealed);
    if (status == SMG_OK && out->failed)
        status = smg_fail(err, SMG_E_MEMORY, "outbox: out of memory");
    return status;
}
