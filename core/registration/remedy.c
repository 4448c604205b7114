/* SPDX-License-Identifier: Apache-2.0 */
/* A short list of what was worked out, newest first. */
#include "registration/remedy.h"

#include "base/log.h"
#include "policy/evaluate.h"

#include <pthread.h>
#include <stdlib.h>

enum { KEPT = 8, WAITING = 64 };

struct remedies {
    struct work *work;
    pthread_mutex_t lock;
    struct passing *kept[KEPT];
    size_t count;
    struct policy_set *hopeless; /* too many cases to be held; or NULL */
};

struct remedies *remedies_new(struct smg_err *err)
{
    struct remedies *remedies = calloc(1, sizeof *remedies);

    if (remedies == NULL) {
        smg_fail(err, SMG_E_MEMORY, "remedies: out of memory");
        return NULL;
    }
    pthread_mutex_init(&remedies->lock, NULL);
    remedies->work = work_new("remedies", 1, WAITING, NULL, NULL, NULL, err);
    if (remedies->work != NULL)
        return remedies;
    remedies_free(remedies);
    return NULL;
}

void remedies_free(struct remedies *remedies)
{
    size_t i;

    if (remedies == NULL)
        return;
    if (remedies->work != NULL)
        work_free(remedies->work);
    for (i = 0; i < remedies->count; i++)
        passing_free(remedies->kept[i]);
    policy_set_free(remedies->hopeless);
    pthread_mutex_destroy(&remedies->lock);
    free(remedies);
}

static struct passing *find(struct remedies *remedies, const struct policy *policy)
{
    size_t i;

    for (i = 0; i < remedies->count; i++)
        if (passing_fits(remedies->kept[i], policy))
            return passing_share(remedies->kept[i]);
    return NULL;
}

/* The acceptable cases under the rules the evaluator has just decided by, shared; or NULL. */
static struct passing *find_shared(struct remedies *remedies, const struct policy *policy,
                                   bool *hopeless)
{
    struct passing *found;

    pthread_mutex_lock(&remedies->lock);
    found = find(remedies, policy);
    *hopeless = remedies->hopeless == policy->set;
    pthread_mutex_unlock(&remedies->lock);
    return found;
}

/* The one there is no room for any more; the caller frees it, which takes its time, without the
 * lock.
 */
static struct passing *keep(struct remedies *remedies, struct passing *passing)
{
    struct passing *last = NULL;

    if (remedies->count == KEPT)
        last = remedies->kept[--remedies->count];
    memmove(remedies->kept + 1, remedies->kept, remedies->count * sizeof remedies->kept[0]);
    remedies->kept[0] = passing;
    remedies->count++;
    return last;
}

/* Work out and keep the acceptable cases, or remember that it cannot be done. */
static void work_out(struct remedies *remedies, struct policy_set *set, const char *region,
                     struct smg_date on, struct smg_date begun)
{
    struct smg_err err = { 0 };
    struct passing *passing = passing_new(set, region, on, begun, &err), *last = NULL;

    pthread_mutex_lock(&remedies->lock);
    if (passing != NULL) {
        last = keep(remedies, passing);
    } else {
        policy_set_free(remedies->hopeless);
        remedies->hopeless = policy_set_share(set);
        log_line(SMG_ERROR, "policy", "what would make a case pass is not worked out: %s",
                 err.text);
    }
    pthread_mutex_unlock(&remedies->lock);
    passing_free(last);
}

void remedies_prepare(struct remedies *remedies, struct policy_set *set, const char *region,
                      struct smg_date on)
{
    work_out(remedies, set, region, on, on);
}

/* On the remedies' thread. Several cases may have asked for the same before it was known. */
static void run(void *ctx, void *seat)
{
    struct remedy_errand *errand = ctx;
    struct remedies *remedies = errand->remedies;
    struct smg_err err = { 0 };
    struct policy *policy = policy_new(errand->set, &err);
    struct passing *passing = NULL;
    bool known = false, hopeless;

    (void)seat;
    if (policy != NULL) {
        evaluate_begin(policy, NULL, errand->region, errand->on, errand->begun);
        evaluate_choose(policy);
        passing = find_shared(remedies, policy, &hopeless);
        known = passing != NULL;
        passing_free(passing);
    }
    policy_free(policy);
    if (!known)
        work_out(remedies, errand->set, errand->region, errand->on, errand->begun);
}

static void done(void *ctx)
{
    struct remedy_errand *errand = ctx;

    policy_set_free(errand->set);
    errand->set = NULL;
    errand->done(errand->ctx);
}

/* false: too many wait already. */
static bool learn(struct remedies *remedies, const struct policy *policy,
                  struct remedy_errand *errand)
{
    errand->asked = true;
    errand->remedies = remedies;
    errand->set = policy_set_share(policy->set);
    memcpy(errand->region, policy->region, sizeof errand->region);
    errand->on = policy->on;
    errand->begun = policy->begun;
    errand->job =
        (struct work_job){ .run = run, .done = done, .ctx = errand, .loop = errand->loop };
    if (work_submit(remedies->work, &errand->job))
        return true;
    policy_set_free(errand->set);
    errand->set = NULL;
    return false;
}

static void put_text(struct buf *out, const char *name, const char *text)
{
    buf_printf(out, ",\"%s\":", name);
    if (text == NULL)
        buf_text(out, "null");
    else
        buf_json(out, str_of(text));
}

void remedy_write(const struct passing *passing, const struct policy *policy, struct buf *out)
{
    struct pass_step steps[PASS_STEPS];
    int count = passing_find(passing, policy, steps), i;

    buf_text(out, count < 0 ? ",\"to_pass\":null" : ",\"to_pass\":[");
    for (i = 0; i < count; i++) {
        const struct fact *fact = steps[i].fact;

        buf_text(out, i == 0 ? "{\"what\":" : ",{\"what\":");
        buf_json(out, str_of(fact->name));
        put_text(out, "from", steps[i].from < 0 ? NULL : fact->values[steps[i].from].text.at);
        put_text(out, "to", fact->values[steps[i].to].text.at);
        put_text(out, "rule", steps[i].rule == NULL ? NULL : steps[i].rule->id);
        put_text(out, "zh", fact->zh);
        put_text(out, "en", fact->en);
        buf_byte(out, '}');
    }
    if (count >= 0)
        buf_byte(out, ']');
}

bool remedies_write(struct remedies *remedies, const struct policy *policy,
                    struct remedy_errand *errand, struct buf *out)
{
    struct passing *passing;
    bool hopeless;

    if (remedies == NULL)
        return true;
    passing = find_shared(remedies, policy, &hopeless);
    if (passing == NULL && !hopeless && !errand->asked && learn(remedies, policy, errand))
        return false;
    if (passing != NULL)
        remedy_write(passing, policy, out);
    passing_free(passing);
    return true;
}
