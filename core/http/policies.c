/* SPDX-License-Identifier: Apache-2.0 */
/* The policies that decide here, the draft beside them, and others going live. */
#include "http/call.h"

#include "registration/problem.h"

#include <stdlib.h>

static void put_policy(const struct policy_info *info, struct buf *out)
{
    buf_text(out, "{\"id\":");
    buf_json(out, str_of(info->id));
    buf_text(out, ",\"hash\":");
    buf_json(out, str_of(info->hash));
    buf_text(out, ",\"region\":");
    buf_json(out, str_of(info->region));
    if (info->published != NULL) {
        buf_text(out, ",\"published\":");
        buf_json(out, str_of(info->published));
    }
    buf_text(out, ",\"from\":");
    buf_json(out, str_of(info->from));
    buf_printf(out, ",\"pending\":\"%s\"", info->pending);
    if (info->until != NULL) {
        buf_text(out, ",\"until\":");
        buf_json(out, str_of(info->until));
    }
    if (info->repeals != NULL) {
        buf_text(out, ",\"repeals\":");
        buf_json(out, str_of(info->repeals));
    }
    buf_printf(out, ",\"rules\":%zu,\"title\":{\"zh\":", info->rules);
    buf_json(out, str_of(info->zh));
    buf_text(out, ",\"en\":");
    buf_json(out, str_of(info->en));
    buf_text(out, "}}");
}

/* Which bundle is active and since when, and what became of the last try: two things. */
static void put_status(struct activation *activation, struct buf *out)
{
    struct activation_status status;

    activation_status(activation, &status);
    buf_text(out, ",\"since\":\"");
    time_write(status.since_ms, out);
    buf_byte(out, '"');
    if (status.sequence > 0)
        buf_printf(out, ",\"sequence\":%llu,\"key\":\"%s\"", (unsigned long long)status.sequence,
                   status.key);
    if (!date_is_none(status.until)) {
        buf_text(out, ",\"valid_until\":\"");
        date_write(status.until, out);
        buf_byte(out, '"');
    }
    if (status.tried_ms > 0) {
        buf_text(out, ",\"tried\":{\"at\":\"");
        time_write(status.tried_ms, out);
        buf_printf(out, "\",\"active\":%s,\"why\":", status.tried_active ? "true" : "false");
        buf_json(out, str_of(status.why));
        buf_byte(out, '}');
    }
    buf_printf(out, ",\"activations\":%llu,\"refusals\":%llu",
               (unsigned long long)status.activations, (unsigned long long)status.refusals);
}

void get_policies(struct call *call)
{
    const struct policy_set *set = call->api->desk->rules.set;
    struct buf body = { 0 };
    size_t i;

    buf_text(&body, "{\"hash\":");
    buf_json(&body, str_of(policy_set_hash(set)));
    buf_text(&body, ",\"stack\":[");
    for (i = 0; i < policy_set_count(set); i++) {
        if (i > 0)
            buf_byte(&body, ',');
        put_policy(policy_set_info(set, i), &body);
    }
    buf_byte(&body, ']');
    put_status(call->api->shared->activation, &body);
    buf_text(&body, "}\n");
    end_call(call, 200, JSON, &body);
    buf_fini(&body);
}

void get_policy(struct call *call)
{
    const struct policy_set *set = call->api->desk->rules.set;
    struct buf body = { 0 };
    size_t i;

    for (i = 0; i < policy_set_count(set); i++)
        if (str_is(call->rest, policy_set_info(set, i)->id)) {
            buf_str(&body, policy_set_info(set, i)->text);
            http_answer_header(call->request, "ETag", policy_set_info(set, i)->hash);
            end_call(call, 200, "text/plain; charset=utf-8", &body);
            buf_fini(&body);
            return;
        }
    answer_problem(call, 404, "not_found", "没有这部规定", "no regulation of this id is active");
}

void get_shadow(struct call *call)
{
    struct shadow *shadow = activation_shadow(call->api->shared->activation);
    struct activation_status status;
    struct buf body = { 0 };

    if (shadow == NULL) {
        activation_status(call->api->shared->activation, &status);
        answer_problem(call, 404, "no_draft",
                       status.shadow_why[0] == '\0' ? "没有配置试行规则" : "试行规则未能加载",
                       status.shadow_why[0] == '\0' ? "no draft is configured beside the policies"
                                                    : status.shadow_why);
        return;
    }
    shadow_write(shadow, &body);
    shadow_free(shadow);
    buf_byte(&body, '\n');
    end_call(call, 200, JSON, &body);
    buf_fini(&body);
}

/* ---- going live ---- */

/* Each problem is an error of its own: "file:line: what". */
static void put_refusal(const struct activation_ask *ask, struct buf *out)
{
    struct smg_str rest = buf_view(&ask->problems);
    struct problems problems = { 0 };
    struct buf line = { 0 };

    while (rest.len > 0) {
        const char *end = memchr(rest.at, '\n', rest.len);
        size_t len = end == NULL ? rest.len : (size_t)(end - rest.at);

        buf_clear(&line);
        buf_put(&line, rest.at, len);
        if (len > 0 && !line.failed)
            problem_add_named(&problems, "", "policy", "规则未通过：%s", "%s", line.at);
        len += end != NULL;
        rest = str_bytes(rest.at + len, rest.len - len);
    }
    problem_write(out, 422, "规则未生效，原规则继续有效",
                  "the policies are refused, those in force stay", &problems);
    problems_fini(&problems);
    buf_fini(&line);
}

static void on_activated(struct activation_ask *ask)
{
    struct call *call = ask->ctx;
    struct buf body = { 0 };

    if (ask->active) {
        buf_printf(&body, "{\"active\":true,\"set\":\"%s\"", ask->set);
        if (ask->sequence > 0)
            buf_printf(&body, ",\"sequence\":%llu", (unsigned long long)ask->sequence);
        buf_text(&body, "}\n");
        end_call(call, 200, JSON, &body);
    } else {
        put_refusal(ask, &body);
        end_call(call, 422, "application/problem+json", &body);
    }
    buf_fini(&body);
    buf_fini(&ask->problems);
    free(ask);
}

void post_activation(struct call *call)
{
    struct activation_ask *ask = calloc(1, sizeof *ask);

    if (ask == NULL) {
        answer_problem(call, 503, "out_of_memory", "内存不足，请稍后再试",
                       "out of memory; try again");
        return;
    }
    ask->actor = call->staff.id; /* the call lives until it is answered */
    ask->on = call->api->desk->loop;
    ask->done = on_activated;
    ask->ctx = call;
    activation_ask(call->api->shared->activation, ask);
}
