/* SPDX-License-Identifier: Apache-2.0 */
/* Desks: set up, switched to other rules, and the answers that need no walk. */
#include "registration/desk.h"

#include "base/log.h"
#include "loop/clock.h"
#include "registration/problem.h"
#include "registration/record.h"
#include "registration/token.h"

enum { TIDY_MS = 200 };

static void on_tidy(void *ctx)
{
    struct desk *desk = ctx;

    policy_tidy(desk->rules.policy);
    if (desk->rules.draft != NULL)
        policy_tidy(desk->rules.draft);
}

int desk_init(struct desk *desk, struct loop *loop, const struct keyring *keyring,
              struct store *store, struct rules *rules, struct services *services,
              struct outbox *outbox, struct tally *tally, struct smg_err *err)
{
    *desk = (struct desk){ .loop = loop,
                           .store = store,
                           .rules = *rules,
                           .services = services,
                           .outbox = outbox,
                           .region = "",
                           .tally = tally };
    desk->sealer = sealer_new(keyring, err);
    if (desk->sealer == NULL) {
        desk_fini(desk);
        return err->code;
    }
    desk->tidy = loop_every(loop, TIDY_MS, on_tidy, desk);
    if (desk->tidy == NULL) {
        desk_fini(desk);
        return smg_fail(err, SMG_E_MEMORY, "desk: out of memory");
    }
    return SMG_OK;
}

void desk_fini(struct desk *desk)
{
    loop_forget(desk->tidy);
    rules_free(&desk->rules);
    sealer_free(desk->sealer);
    desk->tidy = NULL;
    desk->sealer = NULL;
}

void desk_switch(struct desk *desk, struct rules *rules)
{
    struct rules before = desk->rules;

    desk->rules = *rules;
    *rules = before;
}

void desk_shadow(struct desk *desk, const struct policy_set *set, const struct shadow_case *it)
{
    if (desk->rules.shadow != NULL && desk->rules.set == set)
        shadow_decide(desk->rules.shadow, desk->rules.draft, it);
}

void outcome_problem(struct outcome *out, int status, const char *code, const char *zh,
                     const char *en)
{
    struct problems problems = { 0 };

    problem_add(&problems, "", code, zh, en);
    out->status = status;
    out->progress = false;
    out->type = "application/problem+json";
    buf_clear(&out->body);
    problem_write(&out->body, status, zh, en, &problems);
    problems_fini(&problems);
}

void outcome_error(struct outcome *out, const struct smg_err *err)
{
    switch (err->code) {
    case SMG_E_NOT_FOUND:
        outcome_problem(out, 404, "not_found", "没有这条记录", "there is no such thing");
        return;
    case SMG_E_EXISTS:
        outcome_problem(out, 409, "conflict", "与已有记录冲突，请重新查询后再试",
                        "it is already there, or was changed meanwhile; look again");
        return;
    case SMG_E_FULL:
        outcome_problem(out, 507, "storage_full", "存储空间不足，本次未写入任何内容",
                        "the storage is full; nothing was written");
        return;
    case SMG_E_UNKNOWN:
        outcome_problem(out, 503, "unknown", "结果未知；请用同一 Idempotency-Key 再次询问",
                        "the outcome is unknown; ask again with the same Idempotency-Key");
        return;
    case SMG_E_BUSY:
    case SMG_E_IO:
    case SMG_E_TIMEOUT:
        outcome_problem(
            out, 503, "storage_unavailable", "存储暂不可用，本次未写入任何内容，请稍后再试",
            "the storage is not available; nothing was written, try again a little later");
        return;
    default:
        log_line(SMG_ERROR, "registration", "%s", err->text);
        outcome_problem(out, 500, "internal", "内部错误，已记入日志",
                        "an internal error; it is in the log");
        return;
    }
}

void outcome_decided(struct outcome *outcome, enum verdict verdict, bool record,
                     const struct id *id, int64_t at_ms, struct smg_str decision)
{
    struct buf *out = &outcome->body;

    outcome->status = !record ? 200 : verdict == VERDICT_ACCEPTED ? 201 : 422;
    outcome->type = outcome->status < 300 ? "application/json" : "application/problem+json";
    buf_clear(out);
    buf_byte(out, '{');
    if (outcome->status >= 400)
        buf_printf(out, "\"type\":\"about:blank\",\"title\":\"%s\",\"status\":422,",
                   verdict == VERDICT_REFUSED ? "the registration is refused"
                                              : "something is still missing");
    if (id != NULL) {
        buf_text(out, "\"id\":\"");
        id_write(*id, out);
        buf_text(out, "\",\"at\":\"");
        time_write(at_ms, out);
        buf_text(out, "\",");
    }
    buf_str(out, decision);
    buf_text(out, "}\n");
}

/* The portrait as the card holds it, for the console; its format says what it is. A form that no
 * browser shows may have a picture beside it. */
static void put_portrait(const struct smg_fields *card, const struct cards_picture *picture,
                         struct buf *out)
{
    const struct smg_value *portrait = fields_get(card, SMG_STR("portrait"));
    struct smg_str format = fields_text(card, "portrait.format");

    if (portrait == NULL || portrait->type != SMG_BYTES)
        return;
    buf_text(out, ",\"portrait\":{\"format\":");
    buf_json(out, format.len == 0 ? SMG_STR("unknown") : format);
    buf_text(out, ",\"data\":\"");
    buf_base64url(out, portrait->str);
    buf_byte(out, '"');
    if (picture != NULL && picture->type != NULL) {
        buf_text(out, ",\"picture\":{\"type\":");
        buf_json(out, str_of(picture->type));
        buf_text(out, ",\"data\":\"");
        buf_base64url(out, picture->bytes);
        buf_text(out, "\"}");
    }
    buf_byte(out, '}');
}

/* What the clerk sees of a card: masked, and without what put_portrait shows in its own way. */
static bool show_card(const struct smg_fields *card, struct buf *out)
{
    struct smg_fields *shown = fields_new();
    size_t i;

    for (i = 0; shown != NULL && i < fields_count(card); i++)
        if (!str_starts(fields_name(card, i), "portrait") &&
            !fields_set(shown, fields_name(card, i), fields_value(card, i))) {
            fields_free(shown);
            return false;
        }
    if (shown == NULL)
        return false;
    record_show(shown, false, out);
    fields_free(shown);
    return true;
}

void desk_card(struct desk *desk, const struct smg_fields *card,
               const struct cards_picture *picture, const char *reader, const char *staff,
               struct outcome *out)
{
    int64_t now = clock_now_ms();
    struct buf *body = &out->body, token = { 0 };
    struct smg_err err;

    if (token_make(desk->sealer, card, reader, staff, now, &token, &err) != SMG_OK) {
        outcome_error(out, &err);
        buf_fini(&token);
        return;
    }
    out->status = 201;
    out->type = "application/json";
    buf_text(body, "{\"token\":");
    buf_json(body, buf_view(&token));
    buf_text(body, ",\"reader\":");
    buf_json(body, str_of(reader));
    buf_text(body, ",\"read_at\":\"");
    time_write(now, body);
    buf_text(body, "\",\"expires_at\":\"");
    time_write(now + desk->token_ttl_ms, body);
    buf_text(body, "\",\"fields\":{");
    if (!show_card(card, body))
        body->failed = true;
    buf_byte(body, '}');
    put_portrait(card, picture, body);
    buf_text(body, "}\n");
    buf_fini(&token);
}
