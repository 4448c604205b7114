/* SPDX-License-Identifier: Apache-2.0 */
/* What a counter hands in beside registrations: pictures, and the end of a service. */
#include "registration/errand.h"

#include "registration/evidence.h"
#include "registration/held.h"
#include "registration/json.h"
#include "registration/record.h"

#include <cjson/cJSON.h>

enum { TRIES_MAX = 32 };

static bool put_picture(struct errand *errand, struct sealer *sealer)
{
    struct outcome *outcome = &errand->outcome;
    struct image_info info;
    uint8_t sha256[32];
    struct smg_err err;
    int status;

    if (image_check(buf_view(&errand->body), &info, &err) != SMG_OK) {
        outcome_problem(outcome, 415, "not_a_picture", "不是完整的 JPEG、PNG 或 WebP 图片",
                        "this is not a whole JPEG, PNG or WebP picture");
        return false;
    }
    if (!errand_unit(errand))
        return false;
    status = evidence_put(sealer, buf_view(&errand->body), &info, errand->staff, errand->at_ms,
                          errand->write.unit, &errand->id, sha256, &err);
    if (status != SMG_OK) {
        outcome_error(outcome, &err);
        return false;
    }
    outcome->status = 201;
    outcome->type = "application/json";
    buf_byte(&outcome->body, '{');
    evidence_show(errand->id, sha256, &info, &outcome->body);
    buf_text(&outcome->body, "}\n");
    return true;
}

void desk_evidence(struct desk *desk, const struct request *request, outcome_fn fn, void *ctx)
{
    struct errand *errand = errand_new(desk, fn, ctx);

    if (errand == NULL)
        return;
    snprintf(errand->staff, sizeof errand->staff, "%s", request->staff);
    buf_str(&errand->body, request->body);
    buf_str(&errand->key, request->key);
    errand_once(errand, "/v1/evidence", put_picture);
}

/* The moment the service ended; false: problems were said. */
static bool read_termination(struct smg_str body, int64_t now_ms, int64_t *ended_ms,
                             struct problems *problems)
{
    cJSON *tree = json_parse(body, problems);
    const cJSON *at = cJSON_GetObjectItemCaseSensitive(tree, "at");

    if (tree == NULL)
        return false;
    if (cJSON_GetArraySize(tree) != 1 || !cJSON_IsString(at) ||
        !time_parse(str_of(at->valuestring), ended_ms))
        problem_add(
            problems, "/at", "wrong_time", "应为 {\"at\":\"2026-11-24T08:00:00Z\"}",
            "this must be {\"at\": \"2026-11-24T08:00:00Z\"}, the moment the service ended");
    else if (*ended_ms > now_ms)
        problem_add(problems, "/at", "in_the_future", "服务终止时间不能晚于现在",
                    "a service cannot have ended in the future");
    cJSON_Delete(tree);
    return problems->count == 0;
}

static void know(struct errand *errand);

/* Somebody gained a number by the same document meanwhile, or ended this very service. */
static void on_ended(void *ctx, const struct smg_err *err)
{
    struct errand *errand = ctx;

    if (err->code == SMG_E_EXISTS && ++errand->tries < TRIES_MAX) {
        unit_free(errand->write.unit);
        errand->write.unit = NULL;
        buf_clear(&errand->outcome.body);
        know(errand);
    } else if (err->code != SMG_OK) {
        errand_fail(errand, err);
    } else {
        errand_end(errand);
    }
}

static void put_end(struct errand *errand, int64_t ended, struct smg_date due)
{
    struct buf *out = &errand->outcome.body;

    errand->outcome.status = 200;
    errand->outcome.type = "application/json";
    buf_text(out, "{\"id\":\"");
    id_write(errand->id, out);
    buf_text(out, "\",\"terminated_at\":\"");
    time_write(ended, out);
    buf_text(out, "\",\"retain_until\":\"");
    date_write(due, out);
    buf_text(out, "\"}\n");
}

/* The holder's row is here, if there is one. */
static void on_holder(struct errand *errand)
{
    struct smg_date due;
    struct smg_err err;

    if (!errand_unit(errand)) {
        errand_end(errand);
        return;
    }
    if (record_terminate(errand->desk->sealer, errand->id, errand->ended_ms, errand->staff,
                         errand->at_ms, errand->write.unit, &due, &err) != SMG_OK) {
        errand_fail(errand, &err);
        return;
    }
    if (errand->from.len > 0)
        held_remove(errand->write.unit, buf_view(&errand->from), errand_value(errand, 0),
                    errand->id);
    put_end(errand, errand->ended_ms, due);
    errand->write.loop = errand->desk->loop;
    errand->write.done = on_ended;
    errand->write.ctx = errand;
    store_apply(errand->desk->store, &errand->write);
}

/* Whose number ends? The case tells. */
static void find_holder(struct errand *errand)
{
    static const enum smg_space space = SMG_SPACE_INDEX;
    struct buf plain = { 0 };
    struct kept_case kept = { .at_ms = 0 };
    struct smg_str key;
    struct smg_err err;
    int status = record_case_open(errand->desk->sealer, errand->id, errand_value(errand, 1), &plain,
                                  &kept, &err);

    buf_clear(&errand->from);
    if (status == SMG_OK)
        buf_str(&errand->from, kept.holder);
    buf_fini(&plain);
    key = buf_view(&errand->from);
    if (status != SMG_OK)
        errand_fail(errand, &err);
    else if (key.len > 0)
        errand_get(errand, &space, &key, 1, on_holder);
    else
        on_holder(errand);
}

static void on_known(struct errand *errand)
{
    struct problems problems = { 0 };
    struct smg_err err;

    if (errand_value(errand, 0).at == NULL) {
        errand_problem(errand, 404, "not_found", "没有这条登记", "there is no such registration");
    } else if (!read_termination(buf_view(&errand->body), errand->at_ms, &errand->ended_ms,
                                 &problems)) {
        errand->outcome.status = 400;
        errand->outcome.type = "application/problem+json";
        problem_write(&errand->outcome.body, 400, "内容有误", "the request cannot be read",
                      &problems);
        errand_end(errand);
    } else if (errand_value(errand, 2).at != NULL) {
        smg_fail(&err, SMG_E_EXISTS, "the service has ended before");
        errand_fail(errand, &err);
    } else {
        find_holder(errand);
    }
    problems_fini(&problems);
}

static void know(struct errand *errand)
{
    static const enum smg_space spaces[] = { SMG_SPACE_REGISTRATION, SMG_SPACE_CASE,
                                             SMG_SPACE_CASE };
    struct smg_str id = id_view(&errand->id), keys[] = { id, id, buf_view(&errand->to) };

    errand_get(errand, spaces, keys, 3, on_known);
}

void desk_terminate(struct desk *desk, struct id id, const struct request *request, outcome_fn fn,
                    void *ctx)
{
    struct errand *errand = errand_new(desk, fn, ctx);

    if (errand == NULL)
        return;
    errand->id = id;
    snprintf(errand->staff, sizeof errand->staff, "%s", request->staff);
    buf_str(&errand->body, request->body);
    record_ended_key(id, &errand->to);
    know(errand);
}
