/* SPDX-License-Identifier: Apache-2.0 */
/* From facts to fields to JSON, and all the way back before anybody sees it. */
#include "registration/example.h"

#include "policy/example.h"
#include "registration/application.h"
#include "registration/application_write.h"

#include <stdlib.h>

static void put_answers(const struct answer *answers, size_t count, struct buf *out)
{
    size_t i;

    for (i = 0; i < count; i++)
        buf_printf(out, "%s%s=%s", i == 0 ? "" : ",", answers[i].fact, answers[i].value);
}

/* What `decide` believes and a gateway does not. */
static void put_steps(const struct application *application, struct buf *out)
{
    const struct smg_fields *fields = application->fields;
    size_t pictures = application->evidence_count, i;

    for (i = 0; i < fields_count(fields); i++) {
        struct smg_str name = fields_name(fields, i);
        static const char origin[] = ".document.origin";
        size_t len = sizeof origin - 1;
        struct smg_str by = fields_value(fields, i)->str;

        if (name.len > len && memcmp(name.at + name.len - len, origin, len) == 0 &&
            (str_is(by, "chip") || str_is(by, "mrz")))
            buf_printf(out, "%s of %.*s; its token takes the place of \"read\"\n",
                       str_is(by, "chip") ? "read a card" : "scan a document",
                       (int)(name.len - len), name.at);
    }
    if (pictures > 0)
        buf_printf(out, "hand in %zu picture%s; the ids take the places of those in \"evidence\"\n",
                   pictures, pictures == 1 ? "" : "s");
}

/* The first problem, up to its sentences. */
static int refuse(const struct problems *problems, struct smg_err *err)
{
    const char *json = problems->json.at == NULL ? "" : problems->json.at;
    const char *end = strstr(json, ",\"zh\"");

    return smg_fail(err, SMG_E_INVALID, "application: is refused when it is read: %.*s}",
                    end == NULL ? 0 : (int)(end - json), json);
}

struct wish {
    struct policy *policy;
    const char *region;
    struct smg_date on;
    const struct answer *wanted;
    size_t count;
    struct answer *answers;
    size_t answer_count;
};

/* What came of it, by the fields that were read back. */
static int find_facts(const struct wish *wish, const struct smg_fields *fields, struct example *out,
                      struct smg_err *err)
{
    struct decision *decision = malloc(sizeof *decision);

    if (decision == NULL)
        return smg_fail(err, SMG_E_MEMORY, "example: out of memory");
    policy_decide(wish->policy, fields, wish->region, wish->on, DATE_NONE, wish->answers,
                  wish->answer_count, decision);
    policy_facts(wish->policy, &out->facts);
    free(decision);
    return policy_missed(wish->policy, wish->wanted, wish->count, wish->region, wish->on, fields,
                         &out->missed, err);
}

/* Read the application as `decide` does. */
static int read_back(const struct wish *wish, struct example *out, struct smg_err *err)
{
    struct application_context context = { .policies = policy_set_of(wish->policy),
                                           .staff = "",
                                           .region = wish->region,
                                           .on = wish->on,
                                           .believes_cards = true };
    struct application application;
    struct problems problems = { 0 };
    int status = SMG_OK;
    size_t i;

    if (!application_read(buf_view(&out->application), &context, &application, &problems))
        status = refuse(&problems, err);
    for (i = 0; status == SMG_OK && i < application.evidence_count; i++)
        if (!evidence_field(application.fields, &application.evidence[i]))
            status = smg_fail(err, SMG_E_MEMORY, "example: out of memory");
    if (status == SMG_OK)
        status = find_facts(wish, application.fields, out, err);
    if (status == SMG_OK)
        put_steps(&application, &out->steps);
    application_fini(&application);
    problems_fini(&problems);
    return status;
}

int example_write(struct policy *policy, const struct answer *wanted, size_t count,
                  const char *region, struct smg_date on, struct example *out, struct smg_err *err)
{
    struct wish wish = { .policy = policy,
                         .region = region,
                         .on = on,
                         .wanted = wanted,
                         .count = count,
                         .answers = calloc(count + DECISION_QUESTIONS, sizeof(struct answer)) };
    struct smg_fields *fields = fields_new();
    struct buf missed = { 0 }; /* known better when it was read back */
    int status;

    if (wish.answers == NULL || fields == NULL)
        status = smg_fail(err, SMG_E_MEMORY, "example: out of memory");
    else
        status = policy_example(policy, wanted, count, region, on, fields, wish.answers,
                                &wish.answer_count, &missed, err);
    if (status == SMG_OK && !fields_set_text(fields, "region", str_of(region)))
        status = smg_fail(err, SMG_E_MEMORY, "example: out of memory");
    if (status == SMG_OK)
        status = application_write(fields, &out->application, err);
    if (status == SMG_OK)
        status = read_back(&wish, out, err);
    put_answers(wish.answers, wish.answer_count, &out->answers);
    if (status == SMG_OK &&
        (out->answers.failed || out->facts.failed || out->missed.failed || out->steps.failed))
        status = smg_fail(err, SMG_E_MEMORY, "example: out of memory");
    buf_fini(&missed);
    fields_free(fields);
    free(wish.answers);
    return status;
}

void example_fini(struct example *example)
{
    buf_fini(&example->application);
    buf_fini(&example->answers);
    buf_fini(&example->facts);
    buf_fini(&example->missed);
    buf_fini(&example->steps);
}
