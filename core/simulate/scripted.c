/* SPDX-License-Identifier: Apache-2.0 */
/* Scripted verifiers and reporters, as plugins. */
#include "simulate/scripted.h"

#include <stdlib.h>

#include "loop/clock.h"

/* What the plugins' open makes. */
struct line {
    const struct smg_host *host;
    void *script;
    struct asked *asked; /* answers on their way */
};

struct asked {
    struct line *line;
    struct smg_op *op;
    char answer[32];
    struct smg_timer *timer;
    struct asked *previous, *next;
};

void scripted_lend(void *self, void *script)
{
    struct line *line = self;

    line->script = script;
}

static int open_line(const struct smg_host *host, const void *config, void **self,
                     struct smg_err *err)
{
    struct line *line = calloc(1, sizeof *line);

    (void)config;
    if (line == NULL)
        return smg_fail(err, SMG_E_MEMORY, "out of memory");
    line->host = host;
    *self = line;
    return SMG_OK;
}

static void hang_up(struct asked *asked)
{
    if (asked->previous == NULL)
        asked->line->asked = asked->next;
    else
        asked->previous->next = asked->next;
    if (asked->next != NULL)
        asked->next->previous = asked->previous;
    free(asked);
}

static void close_line(void *self)
{
    struct line *line = self;
    struct asked *asked, *next;

    for (asked = line->asked; asked != NULL; asked = next) {
        next = asked->next;
        line->host->forget(line->host, asked->timer);
        free(asked);
    }
    free(line);
}

/* ---- services ---- */

static void answer_now(const struct smg_host *host, struct smg_op *op, const char *answer)
{
    if (strcmp(answer, "down") == 0) {
        smg_failed(host, op, SMG_E_IO, "the service cannot be reached");
        return;
    }
    smg_answer_text(host, op, "verdict", str_of(answer));
    smg_answer_text(host, op, "receipt", SMG_STR("SIM-1"));
    smg_done(host, op);
}

static void answer_later(void *ctx)
{
    struct asked *asked = ctx;

    answer_now(asked->line->host, asked->op, asked->answer);
    hang_up(asked);
}

static void verify(void *self, struct smg_op *op, const struct smg_fields *subject)
{
    struct line *line = self;
    struct scripted_service *service = line->script;
    struct asked *asked;

    (void)subject;
    service->asked++;
    if (strcmp(service->answer, "silent") == 0)
        return; /* until it is cancelled */
    if (service->after_ms == 0) {
        answer_now(line->host, op, service->answer);
        return;
    }
    asked = calloc(1, sizeof *asked);
    if (asked == NULL)
        abort();
    *asked = (struct asked){ .line = line, .op = op, .next = line->asked };
    memcpy(asked->answer, service->answer, sizeof asked->answer);
    if (asked->next != NULL)
        asked->next->previous = asked;
    line->asked = asked;
    asked->timer = line->host->after(line->host, service->after_ms, answer_later, asked);
}

/* Who answers later still does, too late, as services are wont to. */
static void cancel_verify(void *self, struct smg_op *op)
{
    struct line *line = self;
    const struct asked *asked = line->asked;

    while (asked != NULL && asked->op != op)
        asked = asked->next;
    if (asked == NULL)
        smg_failed(line->host, op, SMG_E_CANCELLED, "asked to stop");
}

/* ---- recipients ---- */

static bool has_arrived(const struct scripted_recipient *recipient, struct smg_str id)
{
    size_t i;

    for (i = 0; i < recipient->count; i++)
        if (str_is(id, recipient->deliveries[i].id))
            return true;
    return false;
}

static void keep(struct scripted_recipient *recipient, struct smg_str id, struct smg_str report)
{
    struct delivery *delivery;

    if (recipient->count == recipient->room) {
        recipient->room = recipient->room == 0 ? 8 : 2 * recipient->room;
        recipient->deliveries =
            realloc(recipient->deliveries, recipient->room * sizeof *recipient->deliveries);
        if (recipient->deliveries == NULL)
            abort();
    }
    delivery = &recipient->deliveries[recipient->count++];
    *delivery = (struct delivery){ .at_ms = clock_now_ms() };
    snprintf(delivery->id, sizeof delivery->id, "%.*s", (int)id.len, id.at);
    buf_str(&delivery->report, report);
}

static void submit(void *self, struct smg_op *op, struct smg_str id, struct smg_str report)
{
    struct line *line = self;
    struct scripted_recipient *recipient = line->script;
    bool away = clock_now_ms() < recipient->until_ms;

    recipient->tried++;
    if (away && recipient->silent)
        return; /* until it is cancelled */
    if (away) {
        smg_failed(line->host, op, SMG_E_IO, "the recipient cannot be reached");
        return;
    }
    if (!has_arrived(recipient, id)) /* it comes again, with the same id, after a crash */
        keep(recipient, id, report);
    smg_done(line->host, op);
}

static void cancel_submit(void *self, struct smg_op *op)
{
    const struct line *line = self;

    smg_failed(line->host, op, SMG_E_CANCELLED, "asked to stop");
}

void scripted_recipient_fini(struct scripted_recipient *recipient)
{
    size_t i;

    for (i = 0; i < recipient->count; i++)
        buf_fini(&recipient->deliveries[i].report);
    free(recipient->deliveries);
}

static const struct smg_verifier_ops service_ops = { .size = sizeof service_ops,
                                                     .verify = verify,
                                                     .cancel = cancel_verify };

static const struct smg_reporter_ops recipient_ops = { .size = sizeof recipient_ops,
                                                       .submit = submit,
                                                       .cancel = cancel_submit };

static const struct smg_option no_options[] = { SMG_OPTIONS_END };

const struct smg_plugin scripted_service_plugin = { SMG_ABI,
                                                    .kind = SMG_VERIFIER,
                                                    .name = "scripted",
                                                    .version = "1",
                                                    .summary = "a service as a scenario tells it",
                                                    .config_size = 1,
                                                    .options = no_options,
                                                    .open = open_line,
                                                    .close = close_line,
                                                    .verifier = &service_ops };

const struct smg_plugin scripted_recipient_plugin = { SMG_ABI,
                                                      .kind = SMG_REPORTER,
                                                      .name = "scripted",
                                                      .version = "1",
                                                      .summary =
                                                          "a recipient as a scenario tells it",
                                                      .config_size = 1,
                                                      .options = no_options,
                                                      .open = open_line,
                                                      .close = close_line,
                                                      .reporter = &recipient_ops };
