/* SPDX-License-Identifier: Apache-2.0 */
/* Routes: path and method, who may call, and the function that answers. */
#include "http/api.h"

#include "http/call.h"
#include "loop/clock.h"
#include "registration/idempotency.h"
#include "registration/known.h"

#include <stdlib.h>

enum {
    CLERK = 1u << ROLE_CLERK,
    AUDITOR = 1u << ROLE_AUDITOR,
    ADMIN = 1u << ROLE_ADMIN,
    ALL = CLERK | AUDITOR | ADMIN,
    NOBODY = 0
};
enum {
    CREATES = 1, /* an Idempotency-Key is heard */
    PICTURE = 2  /* a picture, or a piece of one: it may be large */
};

struct route {
    enum http_method method;
    const char *path; /* one '*' stands for an id or a name */
    unsigned roles;   /* NOBODY: open to all, without a token */
    unsigned body;    /* what is special about its body */
    void (*answer)(struct call *call);
};

void end_call(struct call *call, int status, const char *type, struct buf *body)
{
    http_answer(call->request, status, type, body);
    str_wipe(call, sizeof *call);
    free(call);
}

void answer_problem(struct call *call, int status, const char *code, const char *zh, const char *en)
{
    struct outcome outcome = { 0 };

    outcome_problem(&outcome, status, code, zh, en);
    end_call(call, status, outcome.type, &outcome.body);
    buf_fini(&outcome.body);
}

static void post_evidence(struct call *call);

void on_outcome(void *ctx, struct outcome *outcome)
{
    struct call *call = ctx;

    if (outcome->body.failed) {
        answer_problem(call, 503, "out_of_memory", "内存不足，请稍后再试",
                       "out of memory; try again");
        return;
    }
    if (outcome->progress)
        answer_progress(call, outcome);
    if (outcome->repeated)
        http_answer_header(call->request, "Idempotent-Replayed", "true");
    else if ((call->route->answer == post_evidence && outcome->status == 201) ||
             (call->route->answer == patch_upload && outcome->progress &&
              outcome->offset == outcome->length))
        call->api->shared->tally->evidence++;
    end_call(call, outcome->status, outcome->type, &outcome->body);
}

struct request request_of(struct call *call, bool record)
{
    return (struct request){ .body = http_body(call->request),
                             .staff = call->staff.id,
                             .dealer = call->staff.dealer,
                             .key = (call->route->body & CREATES) != 0
                                        ? http_header(call->request, "Idempotency-Key")
                                        : (struct smg_str){ NULL, 0 },
                             .record = record };
}

static void post_registrations(struct call *call)
{
    struct request request = request_of(call, true);

    desk_case(call->api->desk, &request, on_outcome, call);
}

static void post_decisions(struct call *call)
{
    struct request request = request_of(call, false);

    desk_case(call->api->desk, &request, on_outcome, call);
}

static void post_search(struct call *call)
{
    struct request request = request_of(call, false);

    desk_search(call->api->desk, &request, on_outcome, call);
}

static void post_evidence(struct call *call)
{
    struct request request = request_of(call, false);

    desk_evidence(call->api->desk, &request, on_outcome, call);
}

/* X-Purpose: said, and by a role that may see things in clear. false: answered already. */
static bool read_purpose(struct call *call, bool required, struct smg_str *purpose)
{
    *purpose = http_header(call->request, "X-Purpose");
    if (purpose->len == 0 && required) {
        answer_problem(call, 400, "purpose_required", "须在 X-Purpose 中说明用途",
                       "say in X-Purpose what this is for");
        return false;
    }
    if (purpose->len > 200 || !str_is_utf8(*purpose)) {
        answer_problem(call, 400, "wrong_purpose", "X-Purpose 最长 200 字节，须为 UTF-8",
                       "X-Purpose is UTF-8 of at most 200 bytes");
        return false;
    }
    if (purpose->len > 0 && (call->route->roles & ~(unsigned)CLERK & 1u << call->staff.role) == 0) {
        answer_problem(call, 403, "not_allowed", "该角色不得查看未脱敏的信息",
                       "your role may not see this in clear");
        return false;
    }
    return true;
}

static void get_registration(struct call *call)
{
    struct smg_str purpose;
    struct id id;

    if (!id_parse(call->rest, &id))
        answer_problem(call, 404, "not_found", "没有这条登记", "there is no such registration");
    else if (read_purpose(call, false, &purpose))
        desk_show(call->api->desk, id, call->staff.id, purpose, on_outcome, call);
}

static void get_evidence(struct call *call)
{
    struct smg_str purpose;
    struct id id;

    if (!id_parse(call->rest, &id))
        answer_problem(call, 404, "not_found", "没有这张照片", "there is no such picture");
    else if (read_purpose(call, true, &purpose))
        desk_picture(call->api->desk, id, call->staff.id, purpose, on_outcome, call);
}

static void post_termination(struct call *call)
{
    struct request request = request_of(call, false);
    struct id id;

    if (!id_parse(call->rest, &id))
        answer_problem(call, 404, "not_found", "没有这条登记", "there is no such registration");
    else
        desk_terminate(call->api->desk, id, &request, on_outcome, call);
}

static void get_readers(struct call *call)
{
    const struct cards *cards = call->api->shared->cards;
    struct buf body = { 0 };
    size_t i;

    buf_text(&body, "{\"readers\":[");
    for (i = 0; i < cards_count(cards); i++) {
        struct reader_status status;

        cards_status(cards, i, &status);
        buf_text(&body, i == 0 ? "{\"name\":" : ",{\"name\":");
        buf_json(&body, str_of(status.name));
        buf_text(&body, ",\"plugin\":");
        buf_json(&body, str_of(status.plugin));
        buf_text(&body, ",\"state\":");
        buf_json(&body, str_of(reader_phase_name(status.phase)));
        if (status.why[0] != '\0') {
            buf_text(&body, ",\"why\":");
            buf_json(&body, str_of(status.why));
        }
        buf_printf(&body, ",\"reads\":%llu,\"failures\":%llu,\"restarts\":%llu}",
                   (unsigned long long)status.reads, (unsigned long long)status.failures,
                   (unsigned long long)status.restarts);
    }
    buf_text(&body, "]}\n");
    end_call(call, 200, JSON, &body);
    buf_fini(&body);
}

/* What went wrong at the reader, for the person before it. The plugin's own words are not shown:
 * they are not ours to vouch for. */
static void answer_reader_error(struct call *call, enum smg_code code)
{
    static const struct {
        enum smg_code code;
        int status;
        const char *name, *zh, *en;
    } words[] = {
        { SMG_E_NO_CARD, 408, "no_card", "未放卡，请将证件放在读卡器上重试",
          "no card was presented; put it on the reader and try again" },
        { SMG_E_CARD, 422, "card_unreadable",
          "卡片无法读取：请重新放置；若仍不行，可能已损坏或并非此类证件",
          "the card could not be read: place it again; it may be damaged or of another kind" },
        { SMG_E_UNSUPPORTED, 422, "document_unsuitable",
          "此证件（如签证、外国身份证）不能用于登记，请出示护照或者通行证",
          "this document (a visa, another state's identity card) does not serve here; bring the "
          "passport or the permit" },
        { SMG_E_INVALID, 422, "access_required",
          "此证件的芯片须凭机读区或卡片访问号打开，请先扫描或输入",
          "the chip of this document opens only with its machine readable zone or card access "
          "number: scan or type it first" },
        { SMG_E_DENIED, 422, "access_denied", "机读区或卡片访问号与此证件不符，请重新扫描",
          "the machine readable zone or card access number does not belong to this card: scan it "
          "again" },
        { SMG_E_BUSY, 409, "reader_busy", "读卡器正在读卡，请稍候",
          "the reader is reading another card" },
        { SMG_E_TIMEOUT, 504, "reader_timeout", "读卡器未在时限内答复，正在重启",
          "the reader did not answer in time; it is being restarted" },
        { SMG_E_GONE, 503, "reader_gone", "读卡器未连接", "the reader is not connected" },
        { SMG_E_PROTOCOL, 502, "reader_nonsense", "读卡器返回的数据无法识别，请重试",
          "the reader answered nonsense; try again" },
    };
    size_t i;

    for (i = 0; i < sizeof words / sizeof *words; i++)
        if (words[i].code == code) {
            answer_problem(call, words[i].status, words[i].name, words[i].zh, words[i].en);
            return;
        }
    answer_problem(call, 502, "reader_failed", "读卡器故障，请重试或换用其他读卡器",
                   "the reader failed; try again, or use another one");
}

static void on_card(void *ctx, const struct smg_fields *card, const struct cards_picture *picture,
                    const struct smg_err *err)
{
    struct call *call = ctx;
    struct outcome outcome = { 0 };

    if (card == NULL) {
        answer_reader_error(call, err->code);
        return;
    }
    call->api->shared->tally->reads++;
    desk_card(call->api->desk, card, picture, call->reader, call->staff.id, &outcome);
    on_outcome(call, &outcome);
    buf_fini(&outcome.body);
}

/* What the body says is known of the document; false: answered already. */
static bool read_known(struct call *call, struct smg_fields **known)
{
    struct desk *desk = call->api->desk;
    struct known_context context = { .sealer = desk->sealer,
                                     .staff = call->staff.id,
                                     .now_ms = clock_now_ms(),
                                     .token_ttl_ms = desk->token_ttl_ms };
    struct problems problems = { 0 };
    struct buf body = { 0 };

    *known = known_read_body(&context, http_body(call->request), &problems);
    if (problems.count == 0)
        return true;
    problem_write(&body, 400, "内容有误", "the request cannot be read", &problems);
    problems_fini(&problems);
    end_call(call, 400, "application/problem+json", &body);
    buf_fini(&body);
    return false;
}

static void post_read(struct call *call)
{
    struct smg_fields *known;

    if (!read_known(call, &known))
        return;
    snprintf(call->reader, sizeof call->reader, "%.*s", (int)call->rest.len, call->rest.at);
    if (cards_read(call->api->shared->cards, call->rest, known, call->api->desk->loop, on_card,
                   call))
        return;
    fields_free(known);
    answer_problem(call, 404, "not_found", "没有这个读卡器", "there is no reader of this name");
}

static void get_reports(struct call *call)
{
    struct smg_str state = http_query(call->request, "state");
    struct smg_str cursor = http_query(call->request, "cursor");

    if (state.at != NULL && !str_is(state, "waiting") && !str_is(state, "refused"))
        answer_problem(call, 400, "wrong_state", "state 应为 waiting 或 refused",
                       "state is waiting or refused");
    else
        desk_reports(call->api->desk, state.at != NULL && str_is(state, "refused"), cursor,
                     on_outcome, call);
}

static void post_report_retry(struct call *call)
{
    struct id id;

    if (!id_parse(call->rest, &id))
        answer_problem(call, 404, "not_found", "没有这份报告", "there is no such report");
    else
        desk_report_again(call->api->desk, id, call->staff.id, on_outcome, call);
}

static void get_checkpoint(struct call *call)
{
    struct audit_checkpoint checkpoint;
    struct buf body = { 0 }, text = { 0 };
    struct smg_err err;

    if (audit_checkpoint(call->api->shared->audit, clock_now_ms(), &checkpoint, &err) != SMG_OK) {
        answer_problem(call, 404, "not_found", "审计日志尚无内容", "the audit log is empty so far");
        return;
    }
    buf_text(&body, "{\"stream\":");
    buf_json(&body, str_of(checkpoint.stream));
    buf_printf(&body, ",\"size\":%llu,\"at\":\"", (unsigned long long)checkpoint.size);
    time_write(checkpoint.at_ms, &body);
    buf_text(&body, "\",\"root\":\"");
    buf_hex(&body, str_bytes(checkpoint.root, sizeof checkpoint.root));
    buf_text(&body, "\",\"signature\":\"");
    buf_hex(&body, str_bytes(checkpoint.signature, sizeof checkpoint.signature));
    /* As it was signed, for whoever keeps it elsewhere. */
    audit_checkpoint_write(&checkpoint, &text);
    buf_text(&body, "\",\"text\":");
    buf_json(&body, buf_view(&text));
    buf_text(&body, "}\n");
    end_call(call, 200, JSON, &body);
    buf_fini(&body);
    buf_fini(&text);
}

static void get_healthz(struct call *call)
{
    struct buf body = { 0 };

    buf_text(&body, "{\"status\":\"alive\"}\n");
    end_call(call, 200, JSON, &body);
    buf_fini(&body);
}

/* Ready: the storage takes writes and rules are loaded (keys too, or we would not be running). */
static void get_readyz(struct call *call)
{
    const struct policy_set *set = call->api->desk->rules.set;
    struct store_figures figures;
    struct buf body = { 0 };
    size_t i;

    store_figures(call->api->shared->store, &figures);
    buf_printf(&body, "{\"ready\":%s,\"storage\":\"%s\",\"set\":\"%s\",\"policies\":[",
               figures.trusted ? "true" : "false", figures.trusted ? "ready" : "being verified",
               policy_set_hash(set));
    for (i = 0; i < policy_set_count(set); i++) {
        buf_text(&body, i == 0 ? "{\"id\":" : ",{\"id\":");
        buf_json(&body, str_of(policy_set_info(set, i)->id));
        buf_text(&body, ",\"hash\":");
        buf_json(&body, str_of(policy_set_info(set, i)->hash));
        buf_byte(&body, '}');
    }
    buf_text(&body, "]}\n");
    end_call(call, figures.trusted ? 200 : 503, JSON, &body);
    buf_fini(&body);
}

static void get_metrics(struct call *call)
{
    struct buf body = { 0 };

    metrics_write(call->api->shared, &body);
    end_call(call, 200, "text/plain; version=0.0.4; charset=utf-8", &body);
    buf_fini(&body);
}

static void get_openapi(struct call *call)
{
    struct buf body = { 0 };

    buf_str(&body, openapi_text());
    end_call(call, 200, JSON, &body);
    buf_fini(&body);
}

static const struct route routes[] = {
    { HTTP_POST, "/v1/registrations", CLERK | ADMIN, CREATES, post_registrations },
    { HTTP_POST, "/v1/registrations/search", ALL, 0, post_search },
    { HTTP_POST, "/v1/registrations/*/termination", CLERK | ADMIN, 0, post_termination },
    { HTTP_GET, "/v1/registrations/*", ALL, 0, get_registration },
    { HTTP_POST, "/v1/decisions", ALL, 0, post_decisions },
    { HTTP_POST, "/v1/evidence", CLERK | ADMIN, CREATES | PICTURE, post_evidence },
    { HTTP_OPTIONS, "/v1/evidence/uploads", NOBODY, 0, options_uploads },
    { HTTP_POST, "/v1/evidence/uploads", CLERK | ADMIN, CREATES, post_upload },
    { HTTP_GET, "/v1/evidence/uploads/*", CLERK | ADMIN, 0, get_upload },
    { HTTP_PATCH, "/v1/evidence/uploads/*", CLERK | ADMIN, PICTURE, patch_upload },
    { HTTP_DELETE, "/v1/evidence/uploads/*", CLERK | ADMIN, 0, delete_upload },
    { HTTP_GET, "/v1/evidence/*", AUDITOR | ADMIN, 0, get_evidence },
    { HTTP_GET, "/v1/readers", ALL, 0, get_readers },
    { HTTP_GET, "/v1/services", ALL, 0, get_services },
    { HTTP_POST, "/v1/readers/*/reads", CLERK | ADMIN, 0, post_read },
    { HTTP_GET, "/v1/reports", AUDITOR | ADMIN, 0, get_reports },
    { HTTP_POST, "/v1/reports/*/retry", ADMIN, 0, post_report_retry },
    { HTTP_GET, "/v1/policies", ALL, 0, get_policies },
    { HTTP_POST, "/v1/policies/activation", ADMIN, 0, post_activation },
    { HTTP_GET, "/v1/policies/shadow", AUDITOR | ADMIN, 0, get_shadow },
    { HTTP_GET, "/v1/policies/*", ALL, 0, get_policy },
    { HTTP_GET, "/v1/audit/checkpoint", AUDITOR | ADMIN, 0, get_checkpoint },
    { HTTP_GET, "/healthz", NOBODY, 0, get_healthz },
    { HTTP_GET, "/readyz", NOBODY, 0, get_readyz },
    { HTTP_GET, "/metrics", NOBODY, 0, get_metrics },
    { HTTP_GET, "/openapi.json", NOBODY, 0, get_openapi },
};

/* Does the path fit the pattern? rest: what the '*' stands for: not empty; only a last one may hold
 * '/'. */
static bool path_fits(struct smg_str path, const char *pattern, struct smg_str *rest)
{
    const char *star = strchr(pattern, '*');
    size_t head, tail;

    *rest = (struct smg_str){ NULL, 0 };
    if (star == NULL)
        return str_is(path, pattern);
    head = (size_t)(star - pattern);
    tail = strlen(star + 1);
    if (path.len <= head + tail || memcmp(path.at, pattern, head) != 0 ||
        memcmp(path.at + path.len - tail, star + 1, tail) != 0)
        return false;
    *rest = str_bytes(path.at + head, path.len - head - tail);
    return tail == 0 || memchr(rest->at, '/', rest->len) == NULL;
}

static void on_staff(void *ctx, const struct staff *staff, const struct smg_err *err)
{
    struct call *call = ctx;

    if (err->code != SMG_OK) {
        answer_problem(call, 503, "storage_unavailable", "存储暂不可用，请稍后再试",
                       "the storage is not available; try again a little later");
    } else if (staff == NULL) {
        http_answer_header(call->request, "WWW-Authenticate", "Bearer");
        answer_problem(call, 401, "unauthorized", "请出示有效的工作人员令牌",
                       "show a valid staff token: Authorization: Bearer TOKEN");
    } else if ((call->route->roles & 1u << staff->role) == 0) {
        answer_problem(call, 403, "not_allowed", "该角色不得办理此事", "your role may not do this");
    } else {
        call->staff = *staff;
        call->route->answer(call);
    }
}

static void dispatch(struct call *call)
{
    struct smg_str key = http_header(call->request, "Idempotency-Key");

    if ((call->route->body & CREATES) != 0 && key.len > 0 && !idempotency_is_key(key))
        answer_problem(call, 400, "wrong_idempotency_key",
                       "Idempotency-Key 应为 1 到 255 个可见 ASCII 字符",
                       "an Idempotency-Key is 1 to 255 visible ASCII characters");
    else if ((call->route->body & PICTURE) == 0 &&
             http_body(call->request).len > call->api->shared->body_bytes)
        answer_problem(call, 413, "too_large", "请求体过大", "the body is too large");
    else if (call->route->roles == NOBODY)
        call->route->answer(call);
    else
        sessions_find(call->api->sessions, call->request, on_staff, call);
}

static const char *method_name(enum http_method method)
{
    static const char *const names[] = {
        [HTTP_GET] = "GET",       [HTTP_POST] = "POST",       [HTTP_PATCH] = "PATCH",
        [HTTP_DELETE] = "DELETE", [HTTP_OPTIONS] = "OPTIONS",
    };

    return names[method];
}

void api_handle(void *ctx, struct http_request *request)
{
    struct call *call = calloc(1, sizeof *call);
    struct buf allow = { 0 };
    bool known = false;
    size_t i;

    if (call == NULL) {
        http_answer(request, 503, NULL, NULL);
        return;
    }
    *call = (struct call){ .api = ctx, .request = request };
    for (i = 0; i < sizeof routes / sizeof *routes; i++) {
        if (!path_fits(http_path(request), routes[i].path, &call->rest))
            continue;
        if (routes[i].method == http_method(request)) {
            call->route = &routes[i];
            buf_fini(&allow);
            dispatch(call);
            return;
        }
        known = true;
        buf_printf(&allow, "%s%s", allow.len > 0 ? ", " : "", method_name(routes[i].method));
    }
    if (known) {
        http_answer_header(request, "Allow", allow.failed ? "" : allow.at);
        answer_problem(call, 405, "wrong_method", "不支持的方法",
                       "this path does not know this method");
    } else {
        answer_problem(call, 404, "not_found", "没有这个地址；见 /openapi.json",
                       "there is no such path; see /openapi.json");
    }
    buf_fini(&allow);
}

struct api *api_new(struct desk *desk, const struct api_shared *shared, struct smg_err *err)
{
    struct api *api = calloc(1, sizeof *api);

    if (api != NULL)
        api->sessions = sessions_new(desk);
    if (api == NULL || api->sessions == NULL) {
        free(api);
        smg_fail(err, SMG_E_MEMORY, "api: out of memory");
        return NULL;
    }
    api->desk = desk;
    api->shared = shared;
    return api;
}

void api_free(struct api *api)
{
    if (api == NULL)
        return;
    sessions_free(api->sessions);
    free(api);
}
