/* SPDX-License-Identifier: Apache-2.0 */
/* Laying a card into an application, and deciding. */
#include "kit/verdict.h"

#include <stdlib.h>

#include "loop/clock.h"
#include "registration/application.h"
#include "registration/problem.h"

enum { ANSWERS_MAX = 32 };

static bool lay_card(struct application *application, const struct smg_fields *card)
{
    bool good = fields_set_text(application->fields, "customer.document.origin", SMG_STR("chip"));

    for (size_t i = 0; good && i < fields_count(card); i++) {
        struct smg_str part = fields_name(card, i);
        char name[160];

        snprintf(name, sizeof name, "customer.%.*s", (int)part.len, part.at);
        good = fields_set(application->fields, str_of(name), fields_value(card, i));
    }
    return good;
}

/* No service is asked from here: what the rules make of that is part of the decision. */
static size_t answer_services(const struct decision *decision, struct answer *answers, size_t count)
{
    for (size_t i = 0; i < decision->question_count && count < ANSWERS_MAX; i++)
        if (strcmp(decision->questions[i].source, "service") == 0)
            answers[count++] =
                (struct answer){ .fact = decision->questions[i].fact, .value = "unavailable" };
    return count;
}

static int decide(struct policy_set *set, const struct verdict_case *what,
                  const struct application *application, struct buf *outline, struct smg_err *err)
{
    struct policy *policy = policy_new(set, err);
    struct decision *decision = calloc(1, sizeof *decision);
    struct answer answers[ANSWERS_MAX];
    size_t count = 0, before;

    if (policy != NULL && decision != NULL) {
        do {
            before = count;
            policy_decide(policy, application->fields, what->region, what->on, DATE_NONE, answers,
                          count, decision);
            count = answer_services(decision, answers, count);
        } while (count > before);
        policy_outline(decision, outline);
    } else if (policy != NULL) {
        smg_fail(err, SMG_E_MEMORY, "out of memory");
    }
    free(decision);
    policy_free(policy);
    return err->code;
}

int verdict_make(struct policy_set *set, const struct verdict_case *what,
                 const struct smg_fields *card, struct buf *outline, struct smg_err *err)
{
    struct application_context context = { .policies = set,
                                           .staff = "",
                                           .region = what->region,
                                           .on = what->on,
                                           .now_ms = clock_now_ms() };
    struct application application = { 0 };
    struct problems problems = { 0 };

    if (!application_read(what->application, &context, &application, &problems)) {
        smg_fail(err, SMG_E_INVALID, "the application is wrong: %.*s",
                 (int)(problems.json.len < 180 ? problems.json.len : 180), problems.json.at);
    } else if (!lay_card(&application, card)) {
        smg_fail(err, SMG_E_MEMORY, "out of memory");
    } else {
        for (size_t i = 0; i < application.evidence_count; i++)
            evidence_field(application.fields, &application.evidence[i]);
        decide(set, what, &application, outline, err);
    }
    application_fini(&application);
    problems_fini(&problems);
    return err->code;
}
