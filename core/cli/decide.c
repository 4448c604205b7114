/* SPDX-License-Identifier: Apache-2.0 */
/* shiming decide: one application against the policies, without a gateway. */
#include "cli/cli.h"
#include "loop/clock.h"
#include "registration/answer.h"
#include "registration/application.h"
#include "registration/remedy.h"

enum { ANSWERS_MAX = 32 };

struct told {
    char text[2048]; /* of --answers, cut up */
    struct answer answers[ANSWERS_MAX];
    size_t count;
};

/* "dealer.contract=in_force,customer.verified=match" */
static bool read_answers(const char *text, struct told *told)
{
    char *at = told->text, *next, *equals;

    if (text == NULL)
        return true;
    if ((size_t)snprintf(told->text, sizeof told->text, "%s", text) >= sizeof told->text)
        return false;
    for (; at != NULL && *at != '\0'; at = next) {
        next = strchr(at, ',');
        if (next != NULL)
            *next++ = '\0';
        equals = strchr(at, '=');
        if (equals == NULL || told->count == ANSWERS_MAX)
            return false;
        *equals = '\0';
        told->answers[told->count++] = (struct answer){ .fact = at, .value = equals + 1 };
    }
    return true;
}

/* Services cannot be asked from here: what was not told is unavailable, and the rules say what that
 * means. */
static bool answer_services(const struct decision *decision, struct told *told,
                            struct check *checks, size_t *check_count)
{
    size_t i, before = told->count;

    for (i = 0; i < decision->question_count && told->count < ANSWERS_MAX; i++) {
        const struct question *question = &decision->questions[i];
        struct check *check = &checks[*check_count];

        if (strcmp(question->source, "service") != 0)
            continue;
        told->answers[told->count++] =
            (struct answer){ .fact = question->fact, .value = "unavailable" };
        snprintf(check->service, sizeof check->service, "%s", question->ask);
        snprintf(check->of, sizeof check->of, "%s", question->of == NULL ? "" : question->of);
        snprintf(check->result, sizeof check->result, "unavailable");
        (*check_count)++;
    }
    return told->count > before;
}

static void write_questions(const struct decision *decision, struct buf *out)
{
    size_t i;

    buf_text(out, ",\"questions\":[");
    for (i = 0; i < decision->question_count; i++) {
        buf_text(out, i == 0 ? "{\"fact\":" : ",{\"fact\":");
        buf_json(out, str_of(decision->questions[i].fact));
        buf_text(out, ",\"source\":");
        buf_json(out, str_of(decision->questions[i].source));
        buf_byte(out, '}');
    }
    buf_byte(out, ']');
}

/* The days of the case: its decision, and its beginning. */
struct days {
    struct smg_date on, begun;
};

/* What would make it pass; left out when that cannot be worked out. */
static void put_remedy(struct policy_set *set, struct policy *policy, const char *region,
                       const struct decision *decision, struct buf *out)
{
    struct smg_err err = { 0 };
    struct passing *passing = passing_new(set, region, decision->on, decision->begun, &err);
    struct buf facts = { 0 };

    policy_facts(policy, &facts); /* every fact is derived */
    buf_fini(&facts);
    if (passing != NULL)
        remedy_write(passing, policy, out);
    else
        fprintf(stderr, "shiming: %s\n", err.text);
    passing_free(passing);
}

static int decide(struct policy_set *set, const struct application *application, struct days days,
                  struct told *told)
{
    struct smg_str region = fields_text(application->fields, "region");
    struct check checks[ANSWERS_MAX + 1];
    struct decision decision;
    struct buf out = { 0 };
    struct smg_err err = { 0 };
    struct policy *policy = policy_new(set, &err);
    size_t check_count = 0;
    char code[7];
    int status;

    if (policy == NULL) {
        fprintf(stderr, "shiming: %s\n", err.text);
        return CLI_USAGE;
    }
    snprintf(code, sizeof code, "%.*s", (int)region.len, region.len == 0 ? "" : region.at);
    do
        policy_decide(policy, application->fields, code, days.on, days.begun, told->answers,
                      told->count, &decision);
    while (answer_services(&decision, told, checks, &check_count));
    buf_byte(&out, '{');
    answer_decision(&out, &decision, checks, check_count);
    if (decision.verdict != VERDICT_ACCEPTED)
        put_remedy(set, policy, code, &decision, &out);
    if (decision.question_count > 0)
        write_questions(&decision, &out);
    buf_text(&out, "}\n");
    status = cli_print(&out, decision.verdict == VERDICT_ACCEPTED ? CLI_DONE : CLI_NO);
    buf_fini(&out);
    policy_free(policy);
    return status;
}

/* Every picture named counts as there: nothing is stored here that could be looked up. */
static void believe_evidence(struct application *application)
{
    size_t i;

    for (i = 0; i < application->evidence_count; i++)
        evidence_field(application->fields, &application->evidence[i]);
}

static int run(const struct cli_options *options, struct days days, struct told *told)
{
    struct buf body = { 0 }, problems_text = { 0 };
    struct problems problems = { 0 };
    struct application application = { 0 };
    struct application_context context = {
        .staff = "", .on = days.on, .now_ms = clock_now_ms(), .believes_cards = true
    };
    char room[4096];
    size_t count;
    const char *const *stack = cli_stack(options, &count);
    struct policy_set *set =
        policy_set_load(cli_policies(options, room, sizeof room), stack, count, &problems_text);
    int status = CLI_USAGE;

    context.policies = set;
    context.region = options->region == NULL ? "540000" : options->region;
    if (set == NULL) {
        fputs(problems_text.at == NULL ? "shiming: the policies do not load\n" : problems_text.at,
              stderr);
    } else if (!cli_read_file(options->words[0], &body)) {
        status = CLI_USAGE;
    } else if (!application_read(buf_view(&body), &context, &application, &problems)) {
        problem_write(&problems_text, 400, "申请内容有误", "the application cannot be read",
                      &problems);
        fputs(problems_text.at == NULL ? "" : problems_text.at, stderr);
    } else {
        believe_evidence(&application);
        status = decide(set, &application, days, told);
    }
    application_fini(&application);
    problems_fini(&problems);
    policy_set_free(set);
    buf_fini(&body);
    buf_fini(&problems_text);
    return status;
}

int cli_decide(int argc, char **argv)
{
    static const char *const own[] = { "answers", "begun", NULL };
    struct days days = { .on = date_of(clock_now_ms()), .begun = DATE_NONE };
    struct told told = { .count = 0 };
    struct cli_options options;

    if (!cli_options(argc, argv, own, &options))
        return CLI_USAGE;
    if (options.word_count != 1 ||
        (options.on != NULL && !date_parse(str_of(options.on), &days.on)) ||
        (options.value[1] != NULL && !date_parse(str_of(options.value[1]), &days.begun)) ||
        !read_answers(options.value[0], &told)) {
        fputs("usage: shiming decide [-p REGULATION]... [--policies DIR] [--on YYYY-MM-DD] "
              "[--begun YYYY-MM-DD]\n"
              "       [--region CODE] [--answers FACT=VALUE,...] FILE    (\"-\" is stdin)\n",
              stderr);
        return CLI_USAGE;
    }
    return run(&options, days, &told);
}
