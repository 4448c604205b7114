/* SPDX-License-Identifier: Apache-2.0 */
/* Reports that follow from a decision. */
#include "registration/report.h"

#include "registration/outbox.h"

/* Who is told about people, too: those whose duty it is to look for them. */
static bool is_told_of_people(const char *to)
{
    return strcmp(to, "public_security") == 0;
}

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

static void write_open(const struct record *record, const struct smg_fields *fields,
                       const struct decision *decision, const struct effect *effect,
                       struct buf *out)
{
    buf_text(out, "\"registration\":\"");
    id_write(record->id, out);
    buf_text(out, "\",\"rule\":");
    buf_json(out, str_of(effect->rule));
    buf_text(out, ",\"staff\":");
    buf_json(out, record->kept.staff);
    put_members(fields, out);
    put_refusals(decision, out);
}

/* The people of the case as they gave themselves out, without pictures and what lies on chips. */
static bool write_people(const struct smg_fields *fields, struct buf *out)
{
    static const char *const people[] = { "customer.", "proxy.",        "guardian.",
                                          "handler.",  "organisation.", "users." };
    struct smg_fields *shown = fields_new();
    bool good = shown != NULL;
    size_t i, j;

    for (i = 0; good && i < fields_count(fields); i++)
        for (j = 0; j < sizeof people / sizeof *people; j++)
            if (str_starts(fields_name(fields, i), people[j]))
                good = fields_set(shown, fields_name(fields, i), fields_value(fields, i));
    if (good) {
        buf_text(out, "\"number\":");
        buf_json(out, fields_text(fields, "number"));
        buf_text(out, ",\"people\":{");
        record_show(shown, true, out);
        buf_byte(out, '}');
    }
    fields_free(shown);
    return good;
}

static int put_one(struct sealer *sealer, const struct record *record,
                   const struct smg_fields *fields, const struct decision *decision,
                   const struct effect *effect, struct unit *unit, struct smg_err *err)
{
    struct buf open = { 0 }, people = { 0 };
    bool good = true;
    int status;

    write_open(record, fields, decision, effect, &open);
    if (is_told_of_people(effect->to))
        good = write_people(fields, &people);
    status =
        !good || open.failed || people.failed
            ? smg_fail(err, SMG_E_MEMORY, "report: out of memory")
            : outbox_put(
                  sealer,
                  &(struct outbox_report){
                      .to = effect->to,
                      .at_ms = record->kept.at_ms,
                      .due_ms = effect->within_ms > 0 ? record->kept.at_ms + effect->within_ms : 0,
                      .open = buf_view(&open),
                      .closed = buf_view(&people),
                  },
                  unit, err);
    buf_fini(&open);
    buf_fini(&people);
    return status;
}

int report_put(struct sealer *sealer, const struct record *record, const struct smg_fields *fields,
               const struct decision *decision, struct unit *unit, struct smg_err *err)
{
    int status = SMG_OK;
    size_t i;

    for (i = 0; status == SMG_OK && i < decision->effect_count; i++)
        if (decision->effects[i].kind == EFFECT_REPORT)
            status = put_one(sealer, record, fields, decision, &decision->effects[i], unit, err);
    return status;
}
