/* SPDX-License-Identifier: Apache-2.0 */
/* Reports to a recipient's HTTPS service: one POST each, with a stable id, so that one that comes
 * again can be told from a new one. */
#include <shiming/plugin.h>
#include <stdlib.h>
#include <string.h>

#include "https.h"

enum { CONNECTIONS = 2, ANSWER_BYTES = 64 * 1024, RECEIPT_BYTES = 100 };

struct config {
    const char *url, *ca, *certificate, *key;
    int64_t timeout;
};

static const struct smg_option options[] = {
    SMG_OPTION_TEXT(config, url, .flags = SMG_REQUIRED,
                    .help = "where reports go, https://name[:port]/path"),
    SMG_OPTION_PATH(config, ca, .flags = SMG_REQUIRED,
                    .help = "PEM file of the authorities the service's certificate may come from"),
    SMG_OPTION_PATH(config, certificate, .help = "PEM file, what we show the service"),
    SMG_OPTION_PATH(config, key, .help = "PEM file, its key"),
    SMG_OPTION_MS(config, timeout, .preset = "20s", .min = 100, .max = 3600000,
                  .help = "longest wait for an answer; within the instance's deadline"),
    SMG_OPTIONS_END
};

struct http {
    const struct smg_host *host;
    const struct config *config;
    struct https *https;
    struct delivery *first;
};

struct delivery {
    struct http *http;
    struct smg_op *op;
    struct https_exchange *exchange;
    struct delivery *next;
    size_t len;
    char report[]; /* a copy that stays until it is out */
};

static int http_open(const struct smg_host *host, const void *config, void **self,
                     struct smg_err *err)
{
    const struct config *it = config;
    struct http *http = calloc(1, sizeof *http);
    const struct https_settings settings = { .url = it->url,
                                             .ca = it->ca,
                                             .certificate = it->certificate,
                                             .key = it->key,
                                             .connections = CONNECTIONS,
                                             .answer_bytes = ANSWER_BYTES };

    if (http == NULL)
        return smg_fail(err, SMG_E_MEMORY, "out of memory");
    http->host = host;
    http->config = it;
    if (https_new(host, &settings, &http->https, err) != SMG_OK) {
        free(http);
        return err->code;
    }
    *self = http;
    return SMG_OK;
}

/* It worked, or the recipient will never take this one, or it may take it later. */
static void judge(int status, struct smg_err *err)
{
    if (status >= 200 && status < 300)
        err->code = SMG_OK;
    else if (status == 400 || status == 413 || status == 415 || status == 422)
        smg_fail(err, SMG_E_INVALID, "the recipient refuses it with status %d", status);
    else if (status == 401 || status == 403)
        smg_fail(err, SMG_E_DENIED, "the recipient does not know us: status %d", status);
    else
        smg_fail(err, SMG_E_IO, "the recipient answers with status %d", status);
}

/* A receipt is a word of visible ASCII; whatever else they call one is not kept. */
static void answer_receipt(struct delivery *delivery, const struct https_answer *answer)
{
    struct smg_str receipt;
    size_t i;

    if (!https_header(answer, "Receipt", &receipt) || receipt.len > RECEIPT_BYTES)
        return;
    for (i = 0; i < receipt.len; i++)
        if (receipt.at[i] <= ' ' || receipt.at[i] > '~')
            return;
    smg_answer_text(delivery->http->host, delivery->op, "receipt", receipt);
}

static void forget(struct delivery *delivery)
{
    struct delivery **at = &delivery->http->first;

    while (*at != delivery)
        at = &(*at)->next;
    *at = delivery->next;
    explicit_bzero(delivery->report, delivery->len);
    free(delivery);
}

static void on_answer(void *ctx, const struct https_answer *answer, const struct smg_err *err)
{
    struct delivery *delivery = ctx;
    const struct smg_host *host = delivery->http->host;
    struct smg_err said = { 0 };

    if (answer == NULL) {
        said = *err;
        if (said.code == SMG_E_INVALID) /* a word for refused reports alone */
            said.code = SMG_E_PROTOCOL;
    } else {
        judge(answer->status, &said);
        if (said.code == SMG_OK)
            answer_receipt(delivery, answer);
    }
    host->done(host, delivery->op, said.code == SMG_OK ? NULL : &said);
    forget(delivery);
}

static void http_submit(void *self, struct smg_op *op, struct smg_str id, struct smg_str report)
{
    struct http *http = self;
    struct delivery *delivery = malloc(sizeof *delivery + report.len);
    char key[120];
    const char *const headers[] = { "Content-Type: application/json", key, NULL };
    struct https_request request = { .method = "POST",
                                     .headers = headers,
                                     .deadline_ms = http->config->timeout };
    struct smg_err err;

    if (delivery == NULL) {
        smg_failed(http->host, op, SMG_E_MEMORY, "out of memory");
        return;
    }
    *delivery = (struct delivery){ .http = http, .op = op, .next = http->first, .len = report.len };
    memcpy(delivery->report, report.at, report.len);
    request.body = (struct smg_str){ delivery->report, report.len };
    http->first = delivery;
    snprintf(key, sizeof key, "Idempotency-Key: %.*s", (int)id.len, id.at);
    delivery->exchange = https_send(http->https, &request, on_answer, delivery, &err);
    if (delivery->exchange == NULL) {
        http->host->done(http->host, op, &err);
        forget(delivery);
    }
}

static void http_cancel(void *self, struct smg_op *op)
{
    struct http *http = self;
    struct delivery *delivery = http->first;

    while (delivery != NULL && delivery->op != op)
        delivery = delivery->next;
    if (delivery == NULL)
        return;
    https_cancel(delivery->exchange);
    smg_failed(http->host, op, SMG_E_CANCELLED, "asked to stop");
    forget(delivery);
}

static void http_stop(void *self)
{
    struct http *http = self;

    while (http->first != NULL)
        http_cancel(http, http->first->op);
}

static void http_close(void *self)
{
    struct http *http = self;

    https_free(http->https);
    free(http);
}

static const struct smg_reporter_ops ops = { .size = sizeof ops,
                                             .submit = http_submit,
                                             .cancel = http_cancel };

SMG_PLUGIN(http) = {
    SMG_ABI,
    .kind = SMG_REPORTER,
    .name = "http",
    .version = "1.0",
    .summary = "reports to an HTTPS service",
    .config_size = sizeof(struct config),
    .options = options,
    .open = http_open,
    .stop = http_stop,
    .close = http_close,
    .reporter = &ops,
};
