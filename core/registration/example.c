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

        if (name.len > len && memcmp(name.at + name.len - len, origin, len) == 0 &&
            str_is(fields_value(fields, i)->str, "chip"))
            buf_printf(out, "read a card of %.*s; its token takes the place of \"read\"\n",
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

/* Read the application as `decide` does, and see what came of the wanted facts. */
static int read_back(struct policy *policy, const struct answer *wanted, size_t count,
                     const char *region, struct smg_date on, struct example *out,
                     struct smg_err *err)
{
    struct application_context context = { .policies = policy_set_of(policy),
                                           .staff = "",
                                           .region = region,
                                           .on = on,
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
        status =
            policy_missed(policy, wanted, count, region, on, application.fields, &out->missed, err);
    if (status == SMG_OK)
        put_steps(&application, &out->steps);
    application_fini(&application);
    problems_fini(&problems);
    return status;
}

int example_write(struct policy *policy, const struct answer *wanted, size_t count,
                  const char *region, struct smg_date on, struct example *out, struct smg_err *err)
{
    struct answer *answers = calloc(count + DECISION_QUESTIONS, sizeof *answers);
    struct smg_fields *fields = fields_new();
    struct buf missed = { 0 }; /* known better when it was read back */
    size_t answer_count = 0;
    int status;

    if (answers == NULL || fields == NULL)
        status = smg_fail(err, SMG_E_MEMORY, "example: out of memory");
    else
        status = policy_example(policy, wanted, count, region, on, fields, answers, &answer_count,
                                &missed, err);
    if (status == SMG_OK && !fields_set_text(fields, "region", str_of(region)))
        status = smg_fail(err, SMG_E_MEMORY, "example: out of memory");
    if (status == SMG_OK)
        status = application_write(fields, &out->application, err);
    if (status == SMG_OK)
        status = read_back(policy, wanted, count, region, on, out, err);
    put_answers(answers, answer_count, &out->answers);
    if (status == SMG_OK && (out->answers.failed || out->missed.failed || out->steps.failed))
        status = smg_fail(err, SMG_E_MEMORY, "example: out of memory");
    buf_fini(&missed);
    fields_free(fields);
    free(answers);
    return status;
}

void example_fini(struct example *example)
{
    buf_fini(&example->application);
    buf_fini(&example->answers);
    buf_fini(&example->missed);
    buf_fini(&example->steps);
}
