/* SPDX-License-Identifier: Apache-2.0 */
/* A verification service that is not there: it gives the verdict in its options, after a delay. */
#include <shiming/plugin.h>
#include <stdlib.h>
#include <string.h>

struct config {
    const char *verdict, *mismatch_numbers, *fail;
    int64_t delay;
};

static const char *const verdicts[] = { "match", "mismatch", "unknown", NULL };
static const char *const failures[] = { "none", "error", "never", NULL };

static const struct smg_option options[] = {
    SMG_OPTION_TEXT(config, verdict, .preset = "match", .choices = verdicts,
                    .help = "verdict on everybody"),
    SMG_OPTION_TEXT(config, mismatch_numbers,
                    .help = "document numbers, separated by commas, whose verdict is mismatch"),
    SMG_OPTION_TEXT(config, fail, .preset = "none", .choices = failures,
                    .help = "answer with an error, or never"),
    SMG_OPTION_MS(config, delay, .preset = "0ms", .max = 600000, .help = "time an answer takes"),
    SMG_OPTIONS_END
};

struct sim {
    const struct smg_host *host;
    const struct config *config;
    struct question *questions; /* waiting for their answers */
    uint64_t receipts;
};

struct question {
    struct sim *sim;
    struct smg_op *op;
    struct smg_timer *timer; /* NULL: it will never be answered */
    const char *verdict;
    struct question *next;
};

static bool lists(const char *list, struct smg_str number)
{
    while (list != NULL && number.len > 0) {
        size_t len = strcspn(list, ",");

        if (len == number.len && memcmp(list, number.at, len) == 0)
            return true;
        list = list[len] == ',' ? list + len + 1 : NULL;
    }
    return false;
}

static const char *find_verdict(const struct sim *sim, const struct smg_fields *subject)
{
    struct smg_value number;

    if (sim->host->get(sim->host, subject, "document.number", &number) && number.type == SMG_TEXT &&
        lists(sim->config->mismatch_numbers, number.str))
        return "mismatch";
    return sim->config->verdict;
}

static void unlink_question(struct question *question)
{
    struct question **at = &question->sim->questions;

    while (*at != NULL && *at != question)
        at = &(*at)->next;
    if (*at != NULL)
        *at = question->next;
}

static void answer(void *ctx)
{
    struct question *question = ctx;
    struct sim *sim = question->sim;
    const char *verdict = question->verdict;
    struct smg_op *op = question->op;
    char receipt[32];
    int len;

    unlink_question(question);
    free(question);
    if (strcmp(sim->config->fail, "error") == 0) {
        smg_failed(sim->host, op, SMG_E_IO, "the simulated service failed");
        return;
    }
    len = snprintf(receipt, sizeof receipt, "SIM-%llu", (unsigned long long)++sim->receipts);
    smg_answer_text(sim->host, op, "verdict", (struct smg_str){ verdict, strlen(verdict) });
    smg_answer_text(sim->host, op, "receipt", (struct smg_str){ receipt, (size_t)len });
    smg_done(sim->host, op);
}

static void sim_verify(void *self, struct smg_op *op, const struct smg_fields *subject)
{
    struct sim *sim = self;
    struct question *question = calloc(1, sizeof *question);

    if (question == NULL) {
        smg_failed(sim->host, op, SMG_E_MEMORY, "out of memory");
        return;
    }
    *question = (struct question){
        .sim = sim, .op = op, .verdict = find_verdict(sim, subject), .next = sim->questions
    };
    sim->questions = question;
    if (strcmp(sim->config->fail, "never") == 0)
        return;
    question->timer = sim->host->after(sim->host, sim->config->delay, answer, question);
    if (question->timer == NULL) {
        unlink_question(question);
        free(question);
        smg_failed(sim->host, op, SMG_E_MEMORY, "out of memory");
    }
}

/* For a question that is unlinked. */
static void give_up(struct question *question)
{
    struct sim *sim = question->sim;

    if (question->timer != NULL)
        sim->host->forget(sim->host, question->timer);
    smg_failed(sim->host, question->op, SMG_E_CANCELLED, "the question was withdrawn");
    free(question);
}

static void sim_cancel(void *self, struct smg_op *op)
{
    struct sim *sim = self;
    struct question *question = sim->questions;

    while (question != NULL && question->op != op)
        question = question->next;
    if (question == NULL)
        return;
    unlink_question(question);
    give_up(question);
}

static int sim_open(const struct smg_host *host, const void *config, void **self,
                    struct smg_err *err)
{
    struct sim *sim = calloc(1, sizeof *sim);

    if (sim == NULL)
        return smg_fail(err, SMG_E_MEMORY, "simulated service");
    sim->host = host;
    sim->config = config;
    *self = sim;
    return SMG_OK;
}

static void sim_stop(void *self)
{
    struct sim *sim = self;

    while (sim->questions != NULL) {
        struct question *question = sim->questions;

        sim->questions = question->next;
        give_up(question);
    }
}

static const struct smg_verifier_ops ops = { .size = sizeof ops,
                                             .verify = sim_verify,
                                             .cancel = sim_cancel };

SMG_PLUGIN(sim) = {
    SMG_ABI,
    .kind = SMG_VERIFIER,
    .name = "sim",
    .version = "1.0",
    .summary = "a verification service that is not there, for tests and demonstrations",
    .config_size = sizeof(struct config),
    .options = options,
    .open = sim_open,
    .stop = sim_stop,
    .close = free,
    .verifier = &ops,
};
