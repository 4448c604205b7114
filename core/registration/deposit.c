/* SPDX-License-Identifier: Apache-2.0 */
/* What a counter hands in beside registrations: pictures, and the end of a service. */
#include "registration/errand.h"

#include "registration/evidence.h"
#include "registration/json.h"
#include "registration/record.h"
#include "registration/slots.h"

#include <cjson/cJSON.h>

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

static void on_known(struct errand *errand)
{
    struct buf *out = &errand->outcome.body;
    int64_t ended = 0;
    struct problems problems = { 0 };
    struct smg_date due;
    struct smg_err err;

    if (errand_value(errand, 0).at == NULL) {
        errand_problem(errand, 404, "not_found", "没有这条登记", "there is no such registration");
        return;
    }
    if (!read_termination(buf_view(&errand->body), errand->at_ms, &ended, &problems)) {
        errand->outcome.status = 400;
        errand->outcome.type = "application/problem+json";
        problem_write(out, 400, "内容有误", "the request cannot be read", &problems);
        problems_fini(&problems);
        errand_end(errand);
        return;
    }
    problems_fini(&problems);
    if (!errand_unit(errand)) {
        errand_end(errand);
        return;
    }
    if (record_terminate(errand->desk->sealer, errand->id, ended, errand->staff, errand->at_ms,
                         errand->write.unit, &due, &err) != SMG_OK) {
        errand_fail(errand, &err);
        return;
    }
    if (errand_value(errand, 1).at != NULL)
        slots_give_back(errand->write.unit, errand->id, errand_value(errand, 1));
    errand->outcome.status = 200;
    errand->outcome.type = "application/json";
    buf_text(out, "{\"id\":\"");
    id_write(errand->id, out);
    buf_text(out, "\",\"terminated_at\":\"");
    time_write(ended, out);
    buf_text(out, "\",\"retain_until\":\"");
    date_write(due, out);
    buf_text(out, "\"}\n");
    errand_write(errand);
}

void desk_terminate(struct desk *desk, struct id id, const struct request *request, outcome_fn fn,
                    void *ctx)
{
    static const enum smg_space spaces[] = { SMG_SPACE_REGISTRATION, SMG_SPACE_CASE };
    struct errand *errand = errand_new(desk, fn, ctx);
    struct smg_str keys[2];

    if (errand == NULL)
        return;
    errand->id = id;
    snprintf(errand->staff, sizeof errand->staff, "%s", request->staff);
    buf_str(&errand->body, request->body);
    slots_owner_key(id, &errand->from);
    keys[0] = id_view(&errand->id);
    keys[1] = buf_view(&errand->from);
    errand_get(errand, spaces, keys, 2, on_known);
}
