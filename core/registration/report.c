/* SPDX-License-Identifier: Apache-2.0 */
/* Reports that follow from a decision. */
#include "registration/report.h"

#include "registration/outbox.h"

static void put_members(const struct smg_fields *fields, struct buf *out)
{
    static const char *const members[] = { "operation", "region", "channel.kind", "channel.dealer",
                                           "channel.outlet" };
    size_t i;

    for (i = 0; i < sizeof members / sizeof *members; i++) {
        struct smg_str text = fields_text(fields, members[i]);

        if (text.len == 0)
            continue;
        buf_byte(out, ',');
        buf_json(out, str_of(members[i]));
        buf_byte(out, ':');
        buf_json(out, text);
    }
}

static void put_refusals(const struct decision *decision, struct buf *out)
{
    bool first = true;
    size_t i;

    buf_text(out, ",\"refusals\":[");
    for (i = 0; i < decision->effect_count; i++) {
        if (decision->effects[i].kind != EFFECT_REFUSE)
            continue;
        buf_text(out, first ? "{\"what\":" : ",{\"what\":");
        first = false;
        buf_json(out, str_of(decision->effects[i].what));
        buf_text(out, ",\"rule\":");
        buf_json(out, str_of(decision->effects[i].rule));
        buf_byte(out, '}');
    }
    buf_byte(out, ']');
}

static void write_report(const struct record *record, const struct smg_fields *fields,
                         const struct decision *decision, const struct effect *effect,
                         struct buf *out)
{
    buf_text(out, "{\"registration\":\"");
    id_write(record->id, out);
    buf_text(out, "\",\"at\":\"");
    time_write(record->kept.at_ms, out);
    buf_text(out, "\",\"to\":");
    buf_json(out, str_of(effect->to));
    buf_printf(out, ",\"within_ms\":%lld,\"rule\":", (long long)effect->within_ms);
    buf_json(out, str_of(effect->rule));
    buf_text(out, ",\"staff\":");
    buf_json(out, record->kept.staff);
    put_members(fields, out);
    put_refusals(decision, out);
    buf_byte(out, '}');
}

int report_put(struct sealer *sealer, const struct record *record, const struct smg_fields *fields,
               const struct decision *decision, struct unit *unit, struct smg_err *err)
{
    int status = SMG_OK;
    size_t i;

    for (i = 0; status == SMG_OK && i < decision->effect_count; i++) {
        const struct effect *effect = &decision->effects[i];
        struct buf report = { 0 };
        struct id id;

        if (effect->kind != EFFECT_REPORT)
            continue;
        write_report(record, fields, decision, effect, &report);
        status = report.failed ? smg_fail(err, SMG_E_MEMORY, "report: out of memory")
                               : outbox_put(sealer, effect->to, buf_view(&report),
                                            record->kept.at_ms, unit, &id, err);
        buf_fini(&report);
    }
    return status;
}
