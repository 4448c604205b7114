/* SPDX-License-Identifier: Apache-2.0 */
/* A verifier that keeps or breaks the rules of an operation, as a test tells it. */
#include <shiming/plugin.h>
#include <stdlib.h>
#include <string.h>

struct config {
    const char *act;
};

static const struct smg_option options[] = {
    SMG_OPTION_TEXT(config, act, .flags = SMG_REQUIRED, .help = "what to do"), SMG_OPTIONS_END
};

struct moody {
    const struct smg_host *host;
    const struct config *config;
    struct smg_op *op, *first;
    struct smg_timer *timer;
    int cancels;
};

static bool does(const struct moody *moody, const char *act)
{
    return strcmp(moody->config->act, act) == 0;
}

static void finish(struct moody *moody, struct smg_op *op, const char *verdict)
{
    smg_answer_text(moody->host, op, "verdict", (struct smg_str){ verdict, strlen(verdict) });
    smg_done(moody->host, op);
}

static void finish_late(void *ctx)
{
    struct moody *moody = ctx;

    moody->timer = NULL;
    finish(moody, moody->first, "match");
    if (moody->op != moody->first)
        finish(moody, moody->op, "mismatch");
}

static void moody_verify(void *self, struct smg_op *op, const struct smg_fields *subject)
{
    struct moody *moody = self;
    struct smg_err fine = { 0 };
    struct smg_value value;

    moody->op = op;
    if (does(moody, "now"))
        finish(moody, op, "match");
    if (does(moody, "fine")) /* an error of code 0 is no error */
        moody->host->done(moody->host, op, &fine);
    if (does(moody, "twice")) {
        finish(moody, op, "match");
        finish(moody, op, "mismatch");
    }
    if (does(moody, "stale") && moody->first != NULL) { /* ends the first one again instead */
        finish(moody, moody->first, "mismatch");
        finish(moody, op, "match");
    } else if (does(moody, "stale")) {
        moody->first = op;
        finish(moody, op, "unknown");
    }
    if (does(moody, "garbage")) {
        smg_answer_text(moody->host, op, "verdict", SMG_STR("\xc3("));
        smg_done(moody->host, op);
    }
    if (does(moody, "strange")) {
        struct smg_err strange = { .code = -4711, .text = "one\ntwo" };

        moody->host->done(moody->host, op, &strange);
    }
    if (does(moody, "subject") &&
        moody->host->get(moody->host, subject, "document.number", &value) &&
        !moody->host->get(moody->host, subject, "name", &value)) {
        moody->host->get(moody->host, subject, "document.number", &value);
        moody->host->answer(moody->host, op, "receipt", &value);
        smg_done(moody->host, op);
    }
    if (does(moody, "wait")) {
        smg_failed(moody->host, op, SMG_E_IO, "%d",
                   moody->host->wait(moody->host, op, -1, 0, 1000) == SMG_E_UNSUPPORTED);
    }
    if (does(moody, "slow") && moody->first == NULL) { /* this one and the next end together */
        moody->first = op;
        moody->timer = moody->host->after(moody->host, 300, finish_late, moody);
    }
}

static void moody_cancel(void *self, struct smg_op *op)
{
    struct moody *moody = self;

    moody->cancels++;
    if (does(moody, "slow"))
        return; /* answers when it likes */
    if (!does(moody, "never"))
        smg_failed(moody->host, op, SMG_E_CANCELLED, "cancelled");
}

static int moody_open(const struct smg_host *host, const void *config, void **self,
                      struct smg_err *err)
{
    struct moody *moody = calloc(1, sizeof *moody);

    if (moody == NULL)
        return smg_fail(err, SMG_E_MEMORY, "moody");
    moody->host = host;
    moody->config = config;
    if (does(moody, "no_open")) {
        free(moody);
        return smg_fail(err, SMG_E_DENIED, "it does not want to");
    }
    *self = moody;
    return SMG_OK;
}

static int moody_start(void *self, struct smg_err *err)
{
    struct moody *moody = self;

    return does(moody, "no_start") ? smg_fail(err, SMG_E_IO, "nobody there") : SMG_OK;
}

static const struct smg_verifier_ops ops = { .size = sizeof ops,
                                             .verify = moody_verify,
                                             .cancel = moody_cancel };

SMG_PLUGIN(moody) = {
    SMG_ABI,
    .kind = SMG_VERIFIER,
    .name = "moody",
    .version = "1.0",
    .summary = "a verifier that breaks the rules, for tests",
    .config_size = sizeof(struct config),
    .options = options,
    .open = moody_open,
    .start = moody_start,
    .close = free,
    .verifier = &ops,
};
