/* SPDX-License-Identifier: Apache-2.0 */
/* The walk of one attempt: asked (loop), prepared (own thread), swapped (loop and workers), old
 * rules given back (own thread). */
#include "release/activation.h"

#include "audit/audit.h"
#include "base/log.h"
#include "loop/clock.h"
#include "loop/work.h"
#include "release/archive.h"
#include "release/mark.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/resource.h>

enum { THREADS = 1, JOBS = 8, NICE = 10 };

/* One bundle on its way; kept until the rules it replaced are freed. */
struct attempt {
    struct activation *activation;
    struct attempt *next; /* among those that are given back */
    struct work_job job;
    struct bundle bundle;
    struct shadow *shadow;
    struct rules *rules; /* one a worker: the new ones, and after the swap the old ones */
    struct buf problems, shadow_problems;
    const char *actor;
    bool good;
};

struct activation {
    struct activation_options options;
    struct work *work;
    struct activation_ask *first, *last; /* asked for; the first is under way. On the loop */
    struct attempt *attempt; /* the one under way, or the first set before activation_begin */
    struct attempt *given;   /* on their way to be freed */
    pthread_mutex_t lock;    /* over what follows */
    struct policy_set *set;
    struct shadow *shadow;
    struct activation_status status;
};

/* What takes its time. */
static void attempt_empty(struct attempt *attempt)
{
    size_t i;

    for (i = 0; attempt->rules != NULL && i < attempt->activation->options.workers; i++)
        rules_free(&attempt->rules[i]);
    free(attempt->rules);
    attempt->rules = NULL;
    shadow_free(attempt->shadow);
    attempt->shadow = NULL;
    bundle_fini(&attempt->bundle);
}

static void attempt_free(struct attempt *attempt)
{
    if (attempt == NULL)
        return;
    attempt_empty(attempt);
    buf_fini(&attempt->problems);
    buf_fini(&attempt->shadow_problems);
    free(attempt);
}

static struct attempt *attempt_new(struct activation *activation, const char *actor)
{
    struct attempt *attempt = calloc(1, sizeof *attempt);

    if (attempt == NULL)
        return NULL;
    attempt->activation = activation;
    attempt->actor = actor;
    attempt->rules = calloc(activation->options.workers, sizeof *attempt->rules);
    if (attempt->rules != NULL)
        return attempt;
    attempt_free(attempt);
    return NULL;
}

static bool complain(struct attempt *attempt, const struct smg_err *err)
{
    buf_printf(&attempt->problems, "policies: %s\n", err->text);
    return false;
}

/* ---- on the thread of its own ---- */

/* Tests must pass. A signed set that was active here before may come without: by rollback, from the
 * archive, which keeps no tests. */
static bool prove(struct attempt *attempt)
{
    struct store *store = attempt->activation->options.store;
    struct policy_set *known = NULL;
    struct smg_err err;

    if (attempt->bundle.extra_count == 0 && attempt->bundle.index.sequence > 0 &&
        archive_load(store, policy_set_hash(attempt->bundle.set), &known, &err) == SMG_OK) {
        policy_set_free(known);
        return true;
    }
    return bundle_prove(&attempt->bundle, &attempt->problems);
}

/* The audit event, and for a signed bundle the mark. */
static int record(struct attempt *attempt, struct sealer *sealer, struct smg_str was,
                  struct smg_err *err)
{
    const struct bundle *bundle = &attempt->bundle;
    struct audit_event event = { .at_ms = clock_now_ms(),
                                 .actor = str_of(attempt->actor),
                                 .action = SMG_STR("policy.activated"),
                                 .object = str_of(policy_set_hash(bundle->set)) };
    struct unit *unit = unit_new();
    int status = SMG_OK;

    if (unit == NULL)
        return smg_fail(err, SMG_E_MEMORY, "out of memory");
    if (bundle->index.sequence > 0)
        status = mark_put(unit, sealer, &bundle->index, was, err);
    audit_note(unit, &event);
    if (status == SMG_OK)
        status = store_apply_wait(attempt->activation->options.store, unit, err);
    unit_free(unit);
    return status;
}

/* Held against the mark and, when it passes, recorded: nothing decides before the store knows it.
 */
static bool admit(struct attempt *attempt, bool writing)
{
    const struct activation_options *options = &attempt->activation->options;
    struct sealer *sealer;
    struct buf was = { 0 };
    struct mark mark;
    struct smg_err err = { 0 };
    bool good;

    sealer = sealer_new(options->keyring, &err);
    good = sealer != NULL && mark_read(options->store, sealer, &mark, &was, &err) == SMG_OK;
    if (good && attempt->bundle.index.sequence > 0)
        good = mark_allows(&mark, &attempt->bundle.index, &attempt->problems);
    if (good && writing)
        good = archive_keep(options->store, attempt->bundle.set, clock_now_ms(), &err) == SMG_OK &&
               record(attempt, sealer, buf_view(&was), &err) == SMG_OK;
    if (err.code != SMG_OK)
        complain(attempt, &err);
    sealer_free(sealer);
    buf_fini(&was);
    return good;
}

/* A problem may quote a text that is cut inside a character, or is none. */
static void make_printable(struct buf *problems)
{
    size_t i;

    if (str_is_utf8(buf_view(problems)))
        return;
    for (i = 0; i < problems->len; i++)
        if ((unsigned char)problems->at[i] >= 0x80 || problems->at[i] == '\0')
            problems->at[i] = '?';
}

/* A draft that does not load is left out and named: it never stands in the way of the active set.
 */
static void load_shadow(struct attempt *attempt)
{
    const struct activation_options *options = &attempt->activation->options;
    struct policy_set *draft;

    if (options->shadow == NULL)
        return;
    draft = policy_set_load(options->shadow, options->shadow_stack, options->shadow_count,
                            &attempt->shadow_problems);
    if (draft != NULL)
        attempt->shadow = shadow_new(attempt->bundle.set, draft, clock_now_ms());
    policy_set_free(draft);
    make_printable(&attempt->shadow_problems);
    if (attempt->shadow == NULL)
        log_line(SMG_WARN, "policies", "the draft does not load and is left out: %.600s",
                 attempt->shadow_problems.len == 0 ? "out of memory" : attempt->shadow_problems.at);
}

static bool load(struct attempt *attempt)
{
    const struct activation_options *options = &attempt->activation->options;

    return bundle_load(&options->source, date_of(clock_now_ms()), &attempt->bundle,
                       &attempt->problems);
}

static bool make_rules(struct attempt *attempt)
{
    struct smg_err err = { 0 };
    size_t i;

    load_shadow(attempt);
    for (i = 0; i < attempt->activation->options.workers; i++)
        if (rules_make(attempt->bundle.set, attempt->shadow, &attempt->rules[i], &err) != SMG_OK)
            return complain(attempt, &err);
    attempt->activation->options.make_ready(attempt->activation->options.ctx, attempt->bundle.set);
    return true;
}

static void prepare(void *ctx, void *seat)
{
    struct attempt *attempt = ctx;

    (void)seat;
    attempt->good = load(attempt) && prove(attempt) && make_rules(attempt) && admit(attempt, true);
    make_printable(&attempt->problems);
}

static void give_back(void *ctx, void *seat)
{
    (void)seat;
    attempt_empty(ctx);
}

/* Loading yields to the workers: nobody at a counter waits for it. */
static int take_seat(void *ctx, void **seat, struct smg_err *err)
{
    (void)ctx;
    (void)err;
    *seat = NULL;
    if (setpriority(PRIO_PROCESS, 0, NICE) != 0)
        log_line(SMG_WARN, "policies", "the thread that loads policies has no lower priority");
    return SMG_OK;
}

/* ---- on the loop ---- */

static void start_next(struct activation *activation);

/* Texts of a status end at a whole line. */
static void copy_lines(const struct buf *from, char *out, size_t room)
{
    size_t len = from->len < room ? from->len : room - 1;

    memcpy(out, len == 0 ? "" : from->at, len);
    while (len < from->len && len > 0 && out[len - 1] != '\n')
        len--;
    while (len > 0 && out[len - 1] == '\n')
        len--;
    out[len] = '\0';
}

/* The set and its draft are the active ones from here on. */
static void adopt(struct activation *activation, struct attempt *attempt)
{
    struct activation_status *status = &activation->status;
    const struct bundle *bundle = &attempt->bundle;

    policy_set_free(activation->set);
    shadow_free(activation->shadow);
    activation->set = policy_set_share(bundle->set);
    activation->shadow = attempt->shadow == NULL ? NULL : shadow_share(attempt->shadow);
    snprintf(status->set, sizeof status->set, "%s", policy_set_hash(bundle->set));
    snprintf(status->key, sizeof status->key, "%s", bundle->index.key);
    status->sequence = bundle->index.sequence;
    status->until = bundle->until;
    status->since_ms = clock_now_ms();
    copy_lines(&attempt->shadow_problems, status->shadow_why, sizeof status->shadow_why);
}

static void note_result(struct activation *activation, struct attempt *attempt)
{
    struct activation_status *status = &activation->status;

    pthread_mutex_lock(&activation->lock);
    status->tried_ms = clock_now_ms();
    status->tried_active = attempt->good;
    copy_lines(&attempt->problems, status->why, sizeof status->why);
    if (attempt->good) {
        status->activations++;
        adopt(activation, attempt);
    } else {
        status->refusals++;
    }
    pthread_mutex_unlock(&activation->lock);
    if (attempt->good)
        log_line(SMG_INFO, "policies", "active: %s", status->set);
    else
        log_line(SMG_ERROR, "policies", "refused, those in force stay: %.800s", status->why);
}

static void tell(void *ctx)
{
    struct activation_ask *ask = ctx;

    ask->done(ask);
}

static void on_given_back(void *ctx)
{
    struct attempt *attempt = ctx, **at = &attempt->activation->given;

    while (*at != attempt)
        at = &(*at)->next;
    *at = attempt->next;
    attempt_free(attempt);
}

/* The first ask has its answer. */
static void answer(struct activation *activation, struct buf *problems)
{
    struct activation_ask *ask = activation->first;

    activation->first = ask->next;
    if (activation->first == NULL)
        activation->last = NULL;
    ask->problems = *problems;
    *problems = (struct buf){ 0 };
    ask->call = (struct loop_call){ .fn = tell, .ctx = ask };
    loop_post(ask->on, &ask->call);
}

/* What the attempt still holds goes where it may take its time. */
static void finish(struct activation *activation, struct attempt *attempt)
{
    struct activation_ask *ask = activation->first;

    note_result(activation, attempt);
    ask->active = attempt->good;
    ask->sequence = attempt->bundle.index.sequence;
    snprintf(ask->set, sizeof ask->set, "%s",
             attempt->bundle.set == NULL ? "" : policy_set_hash(attempt->bundle.set));
    answer(activation, &attempt->problems);
    activation->attempt = NULL;
    attempt->next = activation->given;
    activation->given = attempt;
    attempt->job = (struct work_job){
        .run = give_back, .done = on_given_back, .ctx = attempt, .loop = activation->options.loop
    };
    if (!work_submit(activation->work, &attempt->job))
        on_given_back(attempt);
    start_next(activation);
}

void activation_swapped(struct activation *activation)
{
    finish(activation, activation->attempt);
}

static void on_prepared(void *ctx)
{
    struct attempt *attempt = ctx;
    struct activation *activation = attempt->activation;

    if (attempt->good)
        activation->options.swap(activation->options.ctx, attempt->rules);
    else
        finish(activation, attempt);
}

static void start_next(struct activation *activation)
{
    struct buf problems = { 0 };
    struct attempt *attempt;

    if (activation->first == NULL || activation->attempt != NULL)
        return;
    attempt = attempt_new(activation, activation->first->actor);
    if (attempt != NULL) {
        attempt->job = (struct work_job){
            .run = prepare, .done = on_prepared, .ctx = attempt, .loop = activation->options.loop
        };
        if (work_submit(activation->work, &attempt->job)) {
            activation->attempt = attempt;
            return;
        }
        attempt_free(attempt);
    }
    buf_text(&problems, "policies: out of memory\n");
    answer(activation, &problems);
}

static void on_ask(void *ctx)
{
    struct activation_ask *ask = ctx;
    struct activation *activation = ask->activation;

    ask->next = NULL;
    if (activation->last != NULL)
        activation->last->next = ask;
    else
        activation->first = ask;
    activation->last = ask;
    start_next(activation);
}

void activation_ask(struct activation *activation, struct activation_ask *ask)
{
    ask->activation = activation;
    ask->call = (struct loop_call){ .fn = on_ask, .ctx = ask };
    loop_post(activation->options.loop, &ask->call);
}

/* ---- before and after the loop runs ---- */

struct activation *activation_new(const struct activation_options *options, struct buf *complaints)
{
    struct activation *activation = calloc(1, sizeof *activation);
    struct attempt *attempt = NULL;
    struct smg_err err = { 0 };

    if (activation != NULL && pthread_mutex_init(&activation->lock, NULL) != 0) {
        free(activation);
        activation = NULL;
    }
    if (activation == NULL) {
        buf_text(complaints, "policies: out of memory\n");
        return NULL;
    }
    activation->options = *options;
    activation->work = work_new("policies", THREADS, JOBS, take_seat, NULL, NULL, &err);
    attempt = activation->attempt = attempt_new(activation, "gateway");
    if (attempt == NULL || activation->work == NULL) {
        buf_printf(complaints, "policies: %s\n",
                   activation->work == NULL ? err.text : "out of memory");
    } else if (load(attempt) && admit(attempt, false)) {
        load_shadow(attempt);
        adopt(activation, attempt);
        return activation;
    } else {
        buf_str(complaints, buf_view(&attempt->problems));
    }
    activation_free(activation);
    return NULL;
}

int activation_begin(struct activation *activation, struct smg_err *err)
{
    struct attempt *attempt = activation->attempt;
    int status = SMG_OK;

    if (!admit(attempt, true))
        status = smg_fail(err, SMG_E_DENIED, "%.200s", attempt->problems.at);
    activation->attempt = NULL;
    attempt_free(attempt);
    return status;
}

int activation_rules(struct activation *activation, struct rules *out, struct smg_err *err)
{
    return rules_make(activation->set, activation->shadow, out, err);
}

void activation_free(struct activation *activation)
{
    if (activation == NULL)
        return;
    if (activation->work != NULL)
        work_free(activation->work);
    while (activation->given != NULL) {
        struct attempt *attempt = activation->given;

        activation->given = attempt->next;
        attempt_free(attempt);
    }
    attempt_free(activation->attempt);
    policy_set_free(activation->set);
    shadow_free(activation->shadow);
    pthread_mutex_destroy(&activation->lock);
    free(activation);
}

void activation_status(struct activation *activation, struct activation_status *out)
{
    pthread_mutex_lock(&activation->lock);
    *out = activation->status;
    pthread_mutex_unlock(&activation->lock);
}

struct shadow *activation_shadow(struct activation *activation)
{
    struct shadow *shadow;

    pthread_mutex_lock(&activation->lock);
    shadow = activation->shadow == NULL ? NULL : shadow_share(activation->shadow);
    pthread_mutex_unlock(&activation->lock);
    return shadow;
}
