/* SPDX-License-Identifier: Apache-2.0 */
/* The life of a question: queued, sent, perhaps sent again, answered or given up. */
#include "asking.h"

#include "breaker.h"

#include <sys/random.h>
#include <time.h>

enum stage { QUEUED = 0, SENT, PAUSED };

struct asking {
    const struct smg_host *host;
    const struct config *config;
    struct mapping *mapping;
    struct https *https;
    struct breaker breaker;
    struct question *first,
        *last;                   /* in the order they came; a paused one that is due comes again */
    int64_t count, sent, queued; /* all, and by stage */
    bool complained; /* of what does not open the breaker, until something works again */
};

struct question {
    struct asking *asking;
    struct smg_op *op;
    struct inquiry inquiry;
    enum stage stage;
    int64_t attempts;
    struct https_exchange *exchange;
    struct smg_timer *timer;
    struct question *previous, *next;
};

static int64_t now_ms(clockid_t clock)
{
    struct timespec now;

    clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* ---- the list ---- */

static void append(struct question *question)
{
    struct asking *asking = question->asking;

    question->previous = asking->last;
    if (asking->last == NULL)
        asking->first = question;
    else
        asking->last->next = question;
    asking->last = question;
}

static void drop(struct question *question)
{
    struct asking *asking = question->asking;

    if (question->previous == NULL)
        asking->first = question->next;
    else
        question->previous->next = question->next;
    if (question->next == NULL)
        asking->last = question->previous;
    else
        question->next->previous = question->previous;
    asking->count--;
    asking->sent -= question->stage == SENT;
    asking->queued -= question->stage == QUEUED;
    bytes_fini(&question->inquiry.body);
    free(question);
}

static void set_stage(struct question *question, enum stage stage)
{
    struct asking *asking = question->asking;

    asking->sent += (stage == SENT) - (question->stage == SENT);
    asking->queued += (stage == QUEUED) - (question->stage == QUEUED);
    question->stage = stage;
}

/* ---- ends ---- */

static void answer(struct question *question, const struct verdict *verdict)
{
    const struct smg_host *host = question->asking->host;
    struct smg_op *op = question->op;

    drop(question);
    smg_answer_text(host, op, "verdict",
                    (struct smg_str){ verdict->verdict, strlen(verdict->verdict) });
    smg_answer_text(host, op, "receipt",
                    (struct smg_str){ verdict->receipt, strlen(verdict->receipt) });
    smg_done(host, op);
}

static void give_up(struct question *question, const struct smg_err *err)
{
    const struct smg_host *host = question->asking->host;
    struct smg_op *op = question->op;

    drop(question);
    host->done(host, op, err);
}

/* ---- the service's state ---- */

/* The service answered, be it that it does not like the question. */
static void note_success(struct asking *asking)
{
    if (breaker_succeeded(&asking->breaker))
        asking->host->state(asking->host, SMG_READY, NULL);
}

static void note_failure(struct asking *asking, const struct smg_err *err)
{
    char why[320];

    if (!breaker_failed(&asking->breaker, now_ms(CLOCK_MONOTONIC)))
        return;
    snprintf(why, sizeof why, "%lld requests in a row failed, the last: %s",
             (long long)asking->config->breaker_failures, err->text);
    asking->host->state(asking->host, SMG_OUT_OF_SERVICE, why);
}

/* A question that cannot be asked, or is refused, is a mistake in the settings more often than not:
 * said once, until something works. */
static void complain(struct asking *asking, const struct smg_err *err)
{
    if (!asking->complained)
        asking->host->log(asking->host, SMG_WARN, "a question was not answered: %s", err->text);
    asking->complained = true;
}

/* ---- attempts ---- */

static void send_due(struct asking *asking);

static void on_pause(void *ctx)
{
    struct question *question = ctx;

    question->timer = NULL;
    set_stage(question, QUEUED);
    send_due(question->asking);
}

/* Twice as long each time, and by chance half as long to half as long again: those who failed
 * together do not come back together. */
static int64_t pause_of(const struct question *question)
{
    int64_t pause = question->asking->config->pause << (question->attempts - 1);
    uint32_t chance = 0;

    if (getrandom(&chance, sizeof chance, GRND_NONBLOCK) != (ssize_t)sizeof chance)
        chance = UINT32_MAX / 2;
    return pause / 2 + (int64_t)((double)pause * chance / UINT32_MAX);
}

static bool may_be_better(const struct question *question, int code)
{
    const struct asking *asking = question->asking;

    return (code == SMG_E_IO || code == SMG_E_TIMEOUT || code == SMG_E_BUSY) &&
           question->attempts < asking->config->attempts && asking->breaker.state == BREAKER_CLOSED;
}

static void try_again(struct question *question, const struct smg_err *err)
{
    struct asking *asking = question->asking;

    if (may_be_better(question, err->code))
        question->timer = asking->host->after(asking->host, pause_of(question), on_pause, question);
    if (question->timer == NULL)
        give_up(question, err);
    else
        set_stage(question, PAUSED);
}

static void on_end(void *ctx, const struct https_answer *response, const struct smg_err *failure)
{
    struct question *question = ctx;
    struct asking *asking = question->asking;
    struct verdict verdict = { 0 };
    struct smg_err err = *failure;
    int code = err.code;

    question->exchange = NULL;
    if (response != NULL)
        code = mapping_read(asking->mapping, &question->inquiry, response, now_ms(CLOCK_REALTIME),
                            &verdict, &err);
    if (code == SMG_OK || code == SMG_E_INVALID)
        note_success(asking);
    else
        note_failure(asking, &err);
    if (code == SMG_E_INVALID)
        complain(asking, &err);
    if (code == SMG_OK) {
        asking->complained = false;
        answer(question, &verdict);
    } else {
        try_again(question, &err);
    }
    explicit_bzero(&verdict, sizeof verdict);
    send_due(asking);
}

static void send(struct question *question)
{
    struct asking *asking = question->asking;
    struct https_request request = { .method = "POST",
                                     .body = bytes_view(&question->inquiry.body),
                                     .deadline_ms = asking->config->attempt };
    struct header_lines headers;
    struct smg_err err;

    if (!breaker_admits(&asking->breaker, now_ms(CLOCK_MONOTONIC))) {
        smg_fail(&err, SMG_E_BUSY, "the service failed too often and is left alone for a while");
        give_up(question, &err);
        return;
    }
    question->attempts++;
    request.headers = headers.lines;
    if (mapping_headers(asking->mapping, &question->inquiry, now_ms(CLOCK_REALTIME), &headers,
                        &err) == SMG_OK)
        question->exchange = https_send(asking->https, &request, on_end, question, &err);
    bytes_fini(&headers.text);
    if (question->exchange != NULL) {
        set_stage(question, SENT);
        return;
    }
    breaker_withdrew(&asking->breaker);
    complain(asking, &err);
    give_up(question, &err);
}

static void send_due(struct asking *asking)
{
    struct question *question = asking->first, *next;

    for (; question != NULL && asking->queued > 0 && asking->sent < asking->config->in_flight;
         question = next) {
        next = question->next;
        if (question->stage == QUEUED)
            send(question);
    }
}

/* ---- the verifier's calls ---- */

/* NULL, and err: it cannot be asked. */
static struct question *question_new(struct asking *asking, struct smg_op *op,
                                     const struct smg_fields *subject, struct smg_err *err)
{
    struct question *question = calloc(1, sizeof *question);

    if (question == NULL) {
        smg_fail(err, SMG_E_MEMORY, "out of memory");
        return NULL;
    }
    question->asking = asking;
    question->op = op;
    if (mapping_write(asking->mapping, asking->host, subject, &question->inquiry, err) != SMG_OK) {
        complain(asking, err);
        bytes_fini(&question->inquiry.body);
        free(question);
        return NULL;
    }
    append(question);
    asking->count++;
    asking->queued++;
    return question;
}

void asking_verify(struct asking *asking, struct smg_op *op, const struct smg_fields *subject)
{
    struct smg_err err = { 0 };

    if (asking->count - asking->sent >= asking->config->queue)
        smg_fail(&err, SMG_E_BUSY, "more questions wait than may");
    else if (question_new(asking, op, subject, &err) != NULL)
        send_due(asking);
    if (err.code != SMG_OK)
        asking->host->done(asking->host, op, &err);
}

/* A service that lets the host's own deadline pass in a first attempt has failed; in a later one
 * that was counted already. */
void asking_cancel(struct asking *asking, struct smg_op *op)
{
    struct smg_err err = { .code = SMG_E_CANCELLED, .text = "the host no longer waits" };
    struct smg_err late = { .code = SMG_E_TIMEOUT, .text = "there was no answer in time" };
    struct question *question = asking->first;

    while (question != NULL && question->op != op)
        question = question->next;
    if (question == NULL)
        return;
    if (question->stage == SENT) {
        https_cancel(question->exchange);
        if (question->attempts == 1 || asking->breaker.state == BREAKER_TRYING)
            note_failure(asking, &late);
    }
    asking->host->forget(asking->host, question->timer);
    give_up(question, &err);
    send_due(asking);
}

bool asking_wants(const struct asking *asking, struct smg_str field)
{
    return mapping_wants(asking->mapping, field);
}

int asking_open(const struct smg_host *host, const struct config *config, struct asking **out,
                struct smg_err *err)
{
    struct https_settings settings = { .url = config->url,
                                       .ca = config->ca,
                                       .certificate = config->certificate,
                                       .key = config->key,
                                       .connections = config->in_flight,
                                       .answer_bytes = config->answer_limit };
    struct asking *asking = calloc(1, sizeof *asking);

    if (asking == NULL)
        return smg_fail(err, SMG_E_MEMORY, "out of memory");
    *asking = (struct asking){ .host = host,
                               .config = config,
                               .breaker = { .limit = config->breaker_failures,
                                            .rest_ms = config->breaker_rest } };
    if (mapping_open(config, &asking->mapping, err) != SMG_OK ||
        https_new(host, &settings, &asking->https, err) != SMG_OK) {
        asking_close(asking);
        return err->code;
    }
    *out = asking;
    return SMG_OK;
}

void asking_stop(struct asking *asking)
{
    while (asking->first != NULL)
        asking_cancel(asking, asking->first->op);
}

void asking_close(struct asking *asking)
{
    if (asking == NULL)
        return;
    https_free(asking->https);
    mapping_close(asking->mapping);
    free(asking);
}
