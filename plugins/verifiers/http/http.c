/* SPDX-License-Identifier: Apache-2.0 */
/* A verification service over HTTPS, whatever it speaks: the options say what is sent and where in
 * the answer the verdict is. */
#include "asking.h"

static const char *const body_types[] = { "json", "form", "xml", NULL };
static const char *const digests[] = { "sha256", "sm3", NULL };

static const struct smg_option options[] = {
    SMG_OPTION_TEXT(config, url, .flags = SMG_REQUIRED, .help = "https://NAME[:PORT]/PATH"),
    SMG_OPTION_PATH(config, ca, .flags = SMG_REQUIRED,
                    .help = "PEM: the authorities the server's certificate may come from"),
    SMG_OPTION_PATH(config, certificate, .help = "PEM: our certificate, own first"),
    SMG_OPTION_PATH(config, key, .help = "PEM: its key, without a password"),
    SMG_OPTION_TEXT(config, request, .flags = SMG_REQUIRED,
                    .help = "body of the POST, with {fields} of the person and {request.id}"),
    SMG_OPTION_TEXT(config, request_type, .preset = "json", .choices = body_types,
                    .help = "what the body is, and so how fields are escaped in it"),
    SMG_OPTION_TEXT(config, headers,
                    .help = "lines \"Name: value\" with {request.id}, "
                            "{request.time}, {request.signature}, ..."),
    SMG_OPTION_TEXT(config, picture_formats,
                    .help = "formats of pictures the service takes, \"jpeg, png\"; else all"),
    SMG_OPTION_TEXT(config, sign, .help = "what {request.signature} signs, as HMAC"),
    SMG_OPTION_PATH(config, sign_key, .help = "file with the HMAC key, for its owner's eyes only"),
    SMG_OPTION_TEXT(config, sign_digest, .preset = "sha256", .choices = digests,
                    .help = "digest of the HMAC"),
    SMG_OPTION_TEXT(config, answer_type, .preset = "json", .choices = body_types,
                    .help = "what the answer's body is"),
    SMG_OPTION_TEXT(config, verdict, .flags = SMG_REQUIRED,
                    .help = "where the verdict is: a JSON pointer, or a name in a form or in XML"),
    SMG_OPTION_TEXT(config, match, .flags = SMG_REQUIRED,
                    .help = "values that mean match, with commas between them"),
    SMG_OPTION_TEXT(config, mismatch, .help = "values that mean mismatch"),
    SMG_OPTION_TEXT(config, unknown, .help = "values that mean the service cannot tell"),
    SMG_OPTION_TEXT(config, receipt, .help = "where the receipt is; else our request's id is it"),
    SMG_OPTION_TEXT(config, score, .help = "where a score is that a match must have too"),
    SMG_OPTION_TEXT(config, score_match, .help = "from this score on it is a match"),
    SMG_OPTION_TEXT(config, score_mismatch,
                    .help = "below this score it is a mismatch, from it on unknown"),
    SMG_OPTION_TEXT(config, answer_sign,
                    .help = "what the answer's signature signs: {answer.body}, "
                            "{answer.header.NAME}, {request.id}"),
    SMG_OPTION_TEXT(config, answer_signature, .help = "header with the answer's signature"),
    SMG_OPTION_TEXT(config, answer_time, .help = "header that says when the answer was made"),
    SMG_OPTION_MS(config, answer_age, .preset = "60s", .min = 1000, .max = 3600000,
                  .help = "how far that may be from our clock"),
    SMG_OPTION_BYTES(config, answer_limit, .preset = "64KiB", .min = 256, .max = 8 << 20,
                     .help = "largest body of an answer"),
    SMG_OPTION_MS(config, attempt, .preset = "1500ms", .min = 10, .max = 600000,
                  .help = "longest time of one attempt; `deadline` is that of all together"),
    SMG_OPTION_INT(config, attempts, .preset = "3", .min = 1, .max = 10,
                   .help = "how often a question is sent, with the same request.id"),
    SMG_OPTION_MS(config, pause, .preset = "100ms", .min = 1, .max = 60000,
                  .help = "before the second attempt; doubled for each one after it"),
    SMG_OPTION_INT(config, in_flight, .preset = "16", .min = 1, .max = 1024,
                   .help = "requests under way at the same time"),
    SMG_OPTION_INT(config, queue, .preset = "256", .min = 1, .max = 65536,
                   .help = "questions that may wait for their turn"),
    SMG_OPTION_INT(config, breaker_failures, .preset = "5", .min = 1, .max = 1000,
                   .help = "failures in a row after which nobody is made to wait any more"),
    SMG_OPTION_MS(config, breaker_rest, .preset = "10s", .min = 10, .max = 3600000,
                  .help = "until one question tries the service again"),
    SMG_OPTIONS_END
};

static int http_open(const struct smg_host *host, const void *config, void **self,
                     struct smg_err *err)
{
    struct asking *asking = NULL;
    int code = asking_open(host, config, &asking, err);

    *self = asking;
    return code;
}

static void http_stop(void *self)
{
    asking_stop(self);
}

static void http_close(void *self)
{
    asking_close(self);
}

static void http_verify(void *self, struct smg_op *op, const struct smg_fields *subject)
{
    asking_verify(self, op, subject);
}

static void http_cancel(void *self, struct smg_op *op)
{
    asking_cancel(self, op);
}

static bool http_wants(void *self, const char *field)
{
    return asking_wants(self, (struct smg_str){ field, strlen(field) });
}

static const struct smg_verifier_ops ops = {
    .size = sizeof ops, .verify = http_verify, .cancel = http_cancel, .wants = http_wants
};

SMG_PLUGIN(http) = {
    SMG_ABI,
    .kind = SMG_VERIFIER,
    .name = "http",
    .version = "1.0",
    .summary = "a verification service over HTTPS",
    .config_size = sizeof(struct config),
    .options = options,
    .open = http_open,
    .stop = http_stop,
    .close = http_close,
    .verifier = &ops,
};
