/* SPDX-License-Identifier: Apache-2.0 */
/* One case: read the application, gather what is stored, decide, ask what the rules ask, decide
 * again, and put everything it changes into one unit. Rules do no I/O; this walk does it for them.
 */
#include "registration/desk.h"

#include "loop/clock.h"
#include "registration/application.h"
#include "registration/held.h"
#include "registration/inquiry.h"
#include "registration/learned.h"
#include "registration/pictures.h"
#include "registration/record.h"
#include "registration/registry.h"
#include "registration/repeat.h"
#include "registration/report.h"

#include <stdlib.h>

enum { ROUNDS_MAX = 8, TRIES_MAX = 32, PATIENCE_MS = 10000 };

struct walk {
    struct desk *desk;
    struct buf body;
    char staff[64], dealer[64];
    struct buf key; /* Idempotency-Key */
    bool record;
    outcome_fn fn;
    void *ctx;

    struct application application;
    struct problems problems;
    struct smg_date on;
    int64_t at_ms;
    uint8_t row_key[IDEMPOTENCY_KEY_BYTES];
    struct policy_set *set; /* keeps the decision's texts alive */
    struct decision decision;
    struct buf facts;
    struct buf kept; /* of the facts, from one decision to the next */
    char region[7];
    int64_t decided_us; /* what the last decision took */
    struct learned learned;
    struct check checks[LEARNED_MAX];
    size_t check_count;
    unsigned rounds, tries, waiting; /* waiting: reads and questions under way */
    bool dealer_known;               /* channel.dealer names a dealer of ours */
    struct smg_err failure;          /* of a register that was asked */

    struct store_read first, keys, held;
    struct smg_str first_key, key_list[EVIDENCE_MAX];
    uint8_t holder[HELD_KEY_BYTES];   /* whose numbers are counted */
    struct smg_str held_key;          /* the same; empty: nobody's */
    void (*otherwise)(struct walk *); /* when the key was not answered before */
    struct store_write write;
    struct outcome outcome;
    struct loop_timer *patience;
    bool answered;
    struct remedy_errand remedy;
};

static void walk_free(struct walk *walk)
{
    application_fini(&walk->application);
    problems_fini(&walk->problems);
    policy_set_free(walk->set);
    store_read_fini(&walk->first);
    store_read_fini(&walk->keys);
    store_read_fini(&walk->held);
    unit_free(walk->write.unit);
    buf_fini(&walk->outcome.body);
    buf_fini(&walk->body);
    buf_fini(&walk->key);
    buf_fini(&walk->facts);
    buf_fini(&walk->kept);
    str_wipe(walk, sizeof *walk);
    free(walk);
}

/* Hand the outcome over, once. The walk itself goes on until nothing of it is under way. */
static void answer(struct walk *walk)
{
    if (walk->answered)
        return;
    walk->answered = true;
    loop_forget(walk->patience);
    walk->patience = NULL;
    walk->fn(walk->ctx, &walk->outcome);
}

static void end(struct walk *walk)
{
    const struct shadow_case decided = { .fields = walk->application.fields,
                                         .region = walk->region,
                                         .begun = date_of(walk->application.begun_ms),
                                         .answers = walk->learned.answers,
                                         .answer_count = walk->learned.count,
                                         .decision = &walk->decision,
                                         .facts = buf_view(&walk->facts),
                                         .decided_us = walk->decided_us,
                                         .at_ms = walk->at_ms };

    answer(walk);
    if (walk->facts.len > 0) /* it was decided */
        desk_shadow(walk->desk, walk->set, &decided);
    walk_free(walk);
}

static void on_impatient(void *ctx)
{
    struct walk *walk = ctx;

    walk->patience = NULL;
    outcome_problem(
        &walk->outcome, 503, "unknown",
        "存储未能及时答复，结果未知；请用同一 Idempotency-Key 再次询问",
        "the storage did not answer in time and the outcome is unknown; ask again with the same "
        "Idempotency-Key");
    answer(walk);
}

static void fail(struct walk *walk, const struct smg_err *err)
{
    if (!walk->answered)
        outcome_error(&walk->outcome, err);
    end(walk);
}

static void end_with_problems(struct walk *walk)
{
    walk->desk->tally->problems++;
    walk->outcome.status = 400;
    walk->outcome.type = "application/problem+json";
    buf_clear(&walk->outcome.body);
    problem_write(&walk->outcome.body, 400, "申请内容有误", "the application cannot be read",
                  &walk->problems);
    end(walk);
}

static void decide(struct walk *walk);
static void gather(struct walk *walk);

static void on_repeated(void *ctx, const struct smg_err *err)
{
    if (err->code != SMG_OK)
        fail(ctx, err);
    else
        end(ctx);
}

static void replay_first(struct walk *walk, struct smg_str row)
{
    struct first_answer first = { 0 };
    struct smg_err err;
    int status = idempotency_open(walk->desk->sealer, walk->row_key, row, buf_view(&walk->body),
                                  &first, &err);

    if (status != SMG_OK) {
        fail(walk, &err);
    } else if (first.same) {
        repeat_answer(walk->desk, &first, &walk->outcome, on_repeated, walk);
    } else {
        outcome_problem(&walk->outcome, 422, "idempotency_key_reused",
                        "该 Idempotency-Key 已用于另一请求；请换一个",
                        "this Idempotency-Key was used for another request; take a new one");
        end(walk);
    }
    buf_fini(&first.body);
}

static void get(struct walk *walk, struct store_read *read, enum smg_space space,
                const struct smg_str *keys, size_t count,
                void (*done)(void *ctx, const struct smg_err *err))
{
    *read = (struct store_read){ .space = space,
                                 .keys = keys,
                                 .key_count = count,
                                 .loop = walk->desk->loop,
                                 .done = done,
                                 .ctx = walk };
    store_read(walk->desk->store, read);
}

static void on_looked_back(void *ctx, const struct smg_err *err)
{
    struct walk *walk = ctx;
    struct smg_str first = store_read_value(&walk->first, walk->first_key);

    if (err->code != SMG_OK)
        fail(walk, err);
    else if (first.at != NULL)
        replay_first(walk, first);
    else
        walk->otherwise(walk);
}

/* Was this Idempotency-Key answered before? Then that answer is given again, otherwise the walk
 * goes on. An acceptance need not look: its unit puts the key as new, and fails when it is not. */
static void look_back(struct walk *walk, void (*otherwise)(struct walk *))
{
    if (walk->key.len == 0 || !walk->record) {
        otherwise(walk);
        return;
    }
    store_read_fini(&walk->first);
    walk->otherwise = otherwise;
    walk->first_key = str_bytes(walk->row_key, sizeof walk->row_key);
    get(walk, &walk->first, SMG_SPACE_IDEMPOTENCY, &walk->first_key, 1, on_looked_back);
}

/* The case began when the gateway saw the first of it: a card, or a picture of it. A picture kept
 * in store moves the beginning back by no more than a card could. */
static void check_pictures(struct walk *walk)
{
    int64_t earliest = walk->at_ms - walk->desk->token_ttl_ms;
    int64_t begun_ms = walk->application.begun_ms;

    pictures_check(walk->desk->sealer, &walk->application, &walk->keys, &begun_ms, &walk->problems);
    if (begun_ms < earliest)
        begun_ms = earliest;
    if (begun_ms < walk->application.begun_ms)
        walk->application.begun_ms = begun_ms;
}

/* One of what is gathered is in. */
static void gathered(struct walk *walk)
{
    if (--walk->waiting > 0)
        return;
    if (walk->failure.code != SMG_OK) {
        fail(walk, &walk->failure);
        return;
    }
    check_pictures(walk);
    if (walk->problems.count > 0)
        look_back(walk, end_with_problems);
    else
        decide(walk);
}

static void on_gathered(void *ctx, const struct smg_err *err)
{
    struct walk *walk = ctx;

    if (err->code != SMG_OK)
        walk->failure = *err;
    gathered(walk);
}

static void gather_pictures(struct walk *walk)
{
    size_t i;

    for (i = 0; i < walk->application.evidence_count; i++)
        walk->key_list[i] = id_view(&walk->application.evidence[i].id);
    get(walk, &walk->keys, SMG_SPACE_KEY, walk->key_list, i, on_gathered);
}

/* Side by side: are the pictures there, and what does the customer hold? */
static void gather(struct walk *walk)
{
    struct smg_str identity = fields_text(walk->application.fields, "customer.document.number");
    bool pictures = walk->application.evidence_count > 0, held = identity.len > 0;

    store_read_fini(&walk->keys);
    store_read_fini(&walk->held);
    if (held && held_key(walk->desk->sealer, identity, walk->holder, &walk->failure) == SMG_OK)
        walk->held_key = str_bytes(walk->holder, sizeof walk->holder);
    else
        held = false;
    walk->waiting = 1 + (unsigned)pictures + held; /* one is held until all are under way */
    if (pictures)
        gather_pictures(walk);
    if (held)
        get(walk, &walk->held, SMG_SPACE_INDEX, &walk->held_key, 1, on_gathered);
    gathered(walk);
}

/* { NULL, 0 }: nothing is held, or nobody is named. */
static struct smg_str held_row(const struct walk *walk)
{
    return store_read_value(&walk->held, walk->held_key);
}

/* The last answer of a round is in. A register that could not be read fails the case: it is not for
 * the clerk to mend. */
static void arrive(struct walk *walk)
{
    if (--walk->waiting > 0)
        return;
    if (walk->failure.code != SMG_OK)
        fail(walk, &walk->failure);
    else
        decide(walk);
}

/* Every fact that waits for this answer learns it. */
static void on_checked(void *ctx, const struct check *check)
{
    struct walk *walk = ctx;
    size_t i;

    if (walk->check_count < LEARNED_MAX)
        walk->checks[walk->check_count++] = *check;
    for (i = 0; i < walk->decision.question_count; i++) {
        const struct question *question = &walk->decision.questions[i];

        if (strcmp(question->source, "service") == 0 &&
            strcmp(question->ask, check->service) == 0 &&
            strcmp(question->of == NULL ? "" : question->of, check->of) == 0)
            learned_add(&walk->learned, question->fact, check->result, false);
    }
    arrive(walk);
}

static void on_dealer(void *ctx, const struct dealer *dealer, const struct smg_err *err)
{
    struct walk *walk = ctx;
    size_t i;

    if (err->code != SMG_OK)
        walk->failure = *err;
    walk->dealer_known = dealer != NULL;
    for (i = 0; err->code == SMG_OK && i < walk->decision.question_count; i++) {
        const struct question *question = &walk->decision.questions[i];

        if (strcmp(question->ask, "dealer.contract") == 0)
            learned_add(&walk->learned, question->fact, dealer_contract(dealer, walk->on), true);
        else if (strcmp(question->ask, "dealer.able") == 0)
            learned_add(&walk->learned, question->fact,
                        dealer != NULL && dealer->able ? "true" : "false", true);
    }
    arrive(walk);
}

static void learn_held(struct walk *walk, const char *fact)
{
    char text[12];

    snprintf(text, sizeof text, "%u", held_count(held_row(walk)));
    learned_add(&walk->learned, fact, text, true);
}

/* Ask all open questions side by side, but what was gathered already. false: none could be asked.
 */
static bool ask(struct walk *walk)
{
    const struct decision *decision = &walk->decision;
    bool dealer = false, known = false;
    size_t i;

    walk->waiting = 1; /* held until all are under way */
    for (i = 0; i < decision->question_count; i++) {
        const struct question *question = &decision->questions[i];

        if (strcmp(question->source, "service") == 0 && !policy_asked_before(decision, i)) {
            walk->waiting++;
            inquiry_ask(walk->desk,
                        &(struct inquiry){ .service = question->ask,
                                           .of = question->of == NULL ? "" : question->of,
                                           .staff = walk->staff,
                                           .application = &walk->application,
                                           .keys = &walk->keys },
                        on_checked, walk);
        } else if (strncmp(question->ask, "dealer.", 7) == 0) {
            dealer = true;
        } else if (strcmp(question->ask, "numbers.held") == 0) {
            learn_held(walk, question->fact);
            known = true;
        }
    }
    walk->waiting += dealer;
    if (dealer)
        registry_dealer(walk->desk, fields_text(walk->application.fields, "channel.dealer"),
                        on_dealer, walk);
    if (--walk->waiting == 0 && known)
        decide(walk);
    else if (walk->waiting == 0)
        return false;
    return true;
}

static void on_written(void *ctx, const struct smg_err *err)
{
    struct walk *walk = ctx;

    if (err->code == SMG_E_EXISTS && !walk->answered && ++walk->tries < TRIES_MAX) {
        /* Somebody was faster: with this very key, one of the pictures, or a number for the
         * same customer. Look again. */
        unit_free(walk->write.unit);
        walk->write.unit = NULL;
        learned_forget_registers(&walk->learned);
        walk->rounds = 0;
        look_back(walk, gather);
        return;
    }
    if (err->code != SMG_OK) {
        fail(walk, err);
        return;
    }
    if (walk->decision.verdict == VERDICT_ACCEPTED)
        walk->desk->tally->accepted++;
    else
        walk->desk->tally->refused++;
    outbox_wake(walk->desk->outbox);
    end(walk);
}

/* Does the customer, a person with a document, have one more number by it? */
static bool gains_number(const struct walk *walk)
{
    return walk->decision.verdict == VERDICT_ACCEPTED && held_is_gain(buf_view(&walk->facts)) &&
           walk->held_key.len > 0;
}

/* What stays of the case. Whatever was typed as a dealer's name stays only if it is one's. */
static struct kept_case keep(const struct walk *walk, struct smg_str outline)
{
    const struct smg_fields *fields = walk->application.fields;
    bool dealer = walk->dealer[0] != '\0' || walk->dealer_known;

    return (struct kept_case){
        .at_ms = walk->at_ms,
        .on = walk->decision.on,
        .begun = walk->decision.begun,
        .broken = walk->decision.broken,
        .staff = str_of(walk->staff),
        .dealer = dealer ? fields_text(fields, "channel.dealer") : (struct smg_str){ "", 0 },
        .region = fields_text(fields, "region"),
        .set = str_of(walk->decision.set),
        .holder = gains_number(walk) ? walk->held_key : (struct smg_str){ "", 0 },
        .outline = outline,
        .facts = buf_view(&walk->facts)
    };
}

/* The unit: record, indexes, the customer's numbers, the pictures' keys, reports, the first answer,
 * and the audit event. */
static int build_unit(struct walk *walk, struct unit *unit, struct smg_str decision,
                      struct smg_err *err)
{
    struct record record = { .id = id_new(walk->at_ms),
                             .decision = decision,
                             .accepted = walk->decision.verdict == VERDICT_ACCEPTED };
    struct sealer *sealer = walk->desk->sealer;
    struct data_key key = { { 0 } };
    struct buf outline = { 0 }, first = { 0 };
    int status;

    policy_outline(&walk->decision, &outline);
    record.kept = keep(walk, buf_view(&outline));
    status = outline.failed
                 ? smg_fail(err, SMG_E_MEMORY, "registration: out of memory")
                 : record_put(sealer, &record, walk->application.fields, unit, &key, err);
    buf_fini(&outline);
    if (status == SMG_OK)
        status = pictures_take(sealer, &walk->application, &walk->keys, record.id, &key, unit, err);
    data_key_wipe(&key);
    if (gains_number(walk))
        held_add(unit, walk->held_key, held_row(walk), record.id);
    if (status == SMG_OK)
        status = report_put(sealer, &record, walk->application.fields, &walk->decision, unit, err);
    outcome_decided(&walk->outcome, walk->decision.verdict, walk->record, &record.id, walk->at_ms,
                    decision);
    repeat_write(record.id, walk->at_ms, &first);
    if (status == SMG_OK && walk->key.len > 0)
        status = idempotency_put(sealer, walk->row_key, buf_view(&walk->body), walk->outcome.status,
                                 buf_view(&first), walk->at_ms, unit, err);
    buf_fini(&first);
    return status;
}

static void commit(struct walk *walk, struct smg_str decision)
{
    struct unit *unit = unit_new();
    struct smg_err err;

    if (unit == NULL) {
        smg_fail(&err, SMG_E_MEMORY, "registration: out of memory");
        fail(walk, &err);
        return;
    }
    walk->write = (struct store_write){
        .unit = unit, .loop = walk->desk->loop, .done = on_written, .ctx = walk
    };
    if (build_unit(walk, unit, decision, &err) != SMG_OK)
        fail(walk, &err);
    else
        store_apply(walk->desk->store, &walk->write);
}

/* By the desk's rules as they are now: when they were changed, nothing kept is theirs. */
static void run_rules(struct walk *walk)
{
    struct desk *desk = walk->desk;
    struct smg_str text = fields_text(walk->application.fields, "region");

    snprintf(walk->region, sizeof walk->region, "%.*s", (int)text.len,
             text.len == 0 ? "" : text.at);
    if (walk->set != desk->rules.set)
        buf_clear(&walk->kept);
    policy_set_free(walk->set);
    walk->set = policy_set_share(desk->rules.set);
    policy_decide_again(desk->rules.policy, buf_view(&walk->kept), walk->application.fields,
                        walk->region, walk->on, date_of(walk->application.begun_ms),
                        walk->learned.answers, walk->learned.count, &walk->decision);
    policy_keep(desk->rules.policy, &walk->kept);
}

static void decide(struct walk *walk)
{
    struct desk *desk = walk->desk;
    int64_t begun_us = clock_mono_us();
    struct buf decision = { 0 };

    if (walk->answered) { /* nobody waits any more, and nothing was stored */
        end(walk);
        return;
    }
    run_rules(walk);
    if (walk->decision.question_count > 0 && ++walk->rounds < ROUNDS_MAX && ask(walk))
        return;
    walk->decided_us = clock_mono_us() - begun_us;
    buf_clear(&walk->facts);
    policy_facts(desk->rules.policy, &walk->facts);
    answer_decision(&decision, &walk->decision, walk->checks, walk->check_count);
    if (walk->decision.verdict != VERDICT_ACCEPTED &&
        !remedies_write(desk->remedies, desk->rules.policy, &walk->remedy, &decision)) {
        buf_fini(&decision);
        return;
    }
    if (walk->decision.broken)
        desk->tally->broken++;
    if (!walk->record || walk->decision.verdict == VERDICT_INCOMPLETE) {
        if (walk->record)
            desk->tally->incomplete++;
        else
            desk->tally->decisions++;
        outcome_decided(&walk->outcome, walk->decision.verdict, walk->record, NULL, 0,
                        buf_view(&decision));
        look_back(walk, end);
    } else {
        commit(walk, buf_view(&decision));
    }
    buf_fini(&decision);
}

static void on_learned(void *ctx)
{
    decide(ctx);
}

void desk_case(struct desk *desk, const struct request *request, outcome_fn fn, void *ctx)
{
    struct walk *walk = calloc(1, sizeof *walk);
    struct application_context context;
    struct smg_err err = { 0 };

    if (walk == NULL) {
        struct outcome outcome = { 0 };

        smg_fail(&err, SMG_E_MEMORY, "registration: out of memory");
        outcome_error(&outcome, &err);
        fn(ctx, &outcome);
        buf_fini(&outcome.body);
        return;
    }
    walk->desk = desk;
    walk->fn = fn;
    walk->ctx = ctx;
    walk->record = request->record;
    walk->remedy = (struct remedy_errand){ .loop = desk->loop, .done = on_learned, .ctx = walk };
    walk->at_ms = clock_now_ms();
    walk->on = date_of(walk->at_ms);
    buf_str(&walk->body, request->body);
    buf_str(&walk->key, request->key);
    snprintf(walk->staff, sizeof walk->staff, "%s", request->staff);
    snprintf(walk->dealer, sizeof walk->dealer, "%s", request->dealer);
    context = (struct application_context){ .policies = desk->rules.set,
                                            .sealer = desk->sealer,
                                            .staff = walk->staff,
                                            .region = desk->region,
                                            .now_ms = walk->at_ms,
                                            .token_ttl_ms = desk->token_ttl_ms,
                                            .on = walk->on };
    walk->patience = loop_after(desk->loop, PATIENCE_MS, on_impatient, walk);
    if (application_read(buf_view(&walk->body), &context, &walk->application, &walk->problems))
        application_claim(&walk->application, walk->dealer, &walk->problems);
    if (walk->problems.count > 0)
        end_with_problems(walk);
    else if (walk->key.len > 0 &&
             idempotency_key(desk->sealer, walk->staff, "/v1/registrations", buf_view(&walk->key),
                             walk->row_key, &err) != SMG_OK)
        fail(walk, &err);
    else
        gather(walk);
}
