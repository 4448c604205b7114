/* SPDX-License-Identifier: Apache-2.0 */
/* Facts as an application: what `shiming decide` makes of it are the facts that were wanted, and
 * the decision over them. */
#include "application_fixture.h"

#include "policy/evaluate.h"
#include "registration/example.h"

#define REGION "540121"

static struct policy *policy;
static const struct smg_date on = { 2026, 11, 25 };

static int make_policy(void **state)
{
    struct policy_stack stack;
    struct buf problems = { 0 };
    struct smg_err err = { 0 };

    make_context(state);
    policy_set_free(policies); /* not one regulation: all of them */
    policies = policy_stack_find(SOURCE_DIR "/policies", &stack, &problems)
                   ? policy_set_load(SOURCE_DIR "/policies", stack.ids, stack.count, &problems)
                   : NULL;
    if (policies == NULL)
        fail_msg("%s", problems.at);
    policy = policy_new(policies, &err);
    assert_non_null(policy);
    return 0;
}

static int remove_policy(void **state)
{
    policy_free(policy);
    return remove_context(state);
}

/* Answers as `decide` cuts them out of its option. */
static size_t cut_answers(char *text, struct answer *out, size_t room)
{
    char *at = text, *next, *equals;
    size_t count = 0;

    for (; at != NULL && *at != '\0'; at = next) {
        next = strchr(at, ',');
        if (next != NULL)
            *next++ = '\0';
        equals = strchr(at, '=');
        assert_true(equals != NULL && count < room);
        *equals = '\0';
        out[count++] = (struct answer){ .fact = at, .value = equals + 1 };
    }
    return count;
}

/* What `shiming decide --answers A FILE` does, and the facts it decided by. */
static void decide(const struct example *example, struct decision *decision, struct buf *facts)
{
    struct application_context context = context_of("", NOW);
    char *text = strdup(example->answers.len == 0 ? "" : example->answers.at);
    struct application application;
    struct problems problems = { 0 };
    struct answer answers[32];
    size_t count, i;

    assert_non_null(text);
    context.sealer = NULL;
    context.region = "540000"; /* the application names its own */
    context.believes_cards = true;
    count = cut_answers(text, answers, 32);
    if (!application_read(buf_view(&example->application), &context, &application, &problems))
        fail_msg("%s: %s", problems.json.at, example->application.at);
    for (i = 0; i < application.evidence_count; i++)
        assert_true(evidence_field(application.fields, &application.evidence[i]));
    assert_true(str_is(fields_text(application.fields, "region"), REGION));
    policy_decide(policy, application.fields, REGION, on, DATE_NONE, answers, count, decision);
    assert_false(decision->broken);
    buf_byte(facts, '\n');
    policy_facts(policy, facts);
    application_fini(&application);
    problems_fini(&problems);
    free(text);
}

static bool is_so(const struct buf *facts, const char *fact, const char *value)
{
    char line[200];

    snprintf(line, sizeof line, "\n%s=%s\n", fact, value);
    return strstr(facts->at, line) != NULL;
}

static void test_every_value_of_every_fact_is_an_application(void **state)
{
    static struct decision decision;
    size_t i, j, made = 0;

    (void)state;
    for (i = 0; i < policies->fact_count; i++)
        for (j = 0; j < policies->facts[i].value_count; j++) {
            const struct fact *fact = &policies->facts[i];
            struct answer wanted = { fact->name, fact->values[j].text.at };
            struct example example = { 0 };
            struct buf facts = { 0 };
            struct smg_err err = { 0 };

            if (example_write(policy, &wanted, 1, REGION, on, &example, &err) != SMG_OK)
                fail_msg("%s=%s: %s", wanted.fact, wanted.value, err.text);
            if (example.missed.len > 0)
                fail_msg("%s=%s cannot be had", wanted.fact, wanted.value);
            decide(&example, &decision, &facts);
            assert_int_equal(decision.question_count, 0);
            if (fact->source < SOURCE_SERVICE && !is_so(&facts, wanted.fact, wanted.value))
                fail_msg("%s=%s: %s%s", wanted.fact, wanted.value, example.application.at,
                         facts.at);
            made++;
            example_fini(&example);
            buf_fini(&facts);
        }
    assert_true(made > 200);
}

static unsigned next_random(unsigned *seed)
{
    *seed = *seed * 1103515245u + 12345u;
    return *seed >> 16;
}

static void pick(unsigned *seed, struct answer *out, size_t count)
{
    size_t i;

    for (i = 0; i < count; i++) {
        const struct fact *fact = &policies->facts[next_random(seed) % policies->fact_count];

        out[i] = (struct answer){ fact->name,
                                  fact->values[next_random(seed) % fact->value_count].text.at };
    }
}

/* The whole case the evaluator just decided; returns how many facts. Services stay as answered. */
static size_t take_whole(struct answer *whole)
{
    size_t i, count = 0;

    for (i = 0; i < policies->fact_count; i++)
        if (policies->facts[i].source < SOURCE_SERVICE || policy->values[i] >= 0)
            whole[count++] = (struct answer){
                policies->facts[i].name,
                policy->values[i] < 0 ? NULL : policies->facts[i].values[policy->values[i]].text.at
            };
    return count;
}

static void expect_same_decision(const struct decision *a, const struct decision *b,
                                 const char *json)
{
    size_t i;

    if (a->verdict != b->verdict || a->effect_count != b->effect_count)
        fail_msg("another decision: %s", json);
    for (i = 0; i < a->effect_count; i++)
        if (strcmp(a->effects[i].what, b->effects[i].what) != 0 ||
            strcmp(a->effects[i].rule, b->effects[i].rule) != 0)
            fail_msg("%s is not %s: %s", a->effects[i].what, b->effects[i].what, json);
}

/* Whatever case an application makes, wanted whole it is an application again, with the same facts
 * and the same decision. */
static void test_a_whole_case_comes_back_with_its_decision(void **state)
{
    static struct decision first, second;
    struct answer *whole = calloc(policies->fact_count, sizeof *whole), some[8];
    unsigned seed = 144, round, tried = 0, verdicts[4] = { 0 };

    (void)state;
    assert_non_null(whole);
    for (round = 0; round < 600; round++) {
        struct example example = { 0 }, again = { 0 };
        struct buf facts = { 0 }, facts_again = { 0 };
        struct smg_err err = { 0 };
        size_t count;

        pick(&seed, some, 1 + round % 8);
        if (example_write(policy, some, 1 + round % 8, REGION, on, &example, &err) == SMG_OK) {
            decide(&example, &first, &facts);
            count = take_whole(whole);
            if (example_write(policy, whole, count, REGION, on, &again, &err) != SMG_OK)
                fail_msg("round %u: %s: %s", round, err.text, example.application.at);
            if (again.missed.len > 0)
                fail_msg("round %u misses %s: %s", round, again.missed.at, example.application.at);
            decide(&again, &second, &facts_again);
            assert_string_equal(facts.at, facts_again.at);
            expect_same_decision(&first, &second, again.application.at);
            verdicts[first.verdict]++;
            tried++;
        }
        example_fini(&example);
        example_fini(&again);
        buf_fini(&facts);
        buf_fini(&facts_again);
    }
    /* Most draws are an application, of every verdict. */
    assert_true(tried > 400);
    assert_true(verdicts[VERDICT_ACCEPTED] > 10 && verdicts[VERDICT_INCOMPLETE] > 10 &&
                verdicts[VERDICT_REFUSED] > 10);
    free(whole);
}

/* Facts drawn at random are had, or named: never something else in silence. */
static void test_what_is_not_missed_is_as_wanted(void **state)
{
    static struct decision decision;
    struct answer some[4];
    unsigned seed = 7, round, whole = 0;
    size_t i;

    (void)state;
    for (round = 0; round < 400; round++) {
        struct example example = { 0 };
        struct buf facts = { 0 };
        struct smg_err err = { 0 };

        pick(&seed, some, 4);
        if (example_write(policy, some, 4, REGION, on, &example, &err) == SMG_OK) {
            decide(&example, &decision, &facts);
            whole += example.missed.len == 0;
            for (i = 0; i < 4; i++) {
                const struct fact *fact = set_fact(policies, str_of(some[i].fact));
                size_t j = i + 1;

                while (j < 4 && strcmp(some[i].fact, some[j].fact) != 0)
                    j++; /* wanted twice: the last counts */
                if (j == 4 && fact->source < SOURCE_SERVICE &&
                    !is_so(&facts, some[i].fact, some[i].value) &&
                    (example.missed.len == 0 || strstr(example.missed.at, some[i].fact) == NULL))
                    fail_msg("%s is not %s", some[i].fact, some[i].value);
            }
        }
        example_fini(&example);
        buf_fini(&facts);
    }
    assert_true(whole > 200);
}

static void test_what_no_application_tells_is_said(void **state)
{
    const struct answer untold = { "operation", NULL };
    const struct answer wrong_and_absent[] = { { "proxy.given", "false" },
                                               { "proxy.name", "true" } };
    struct example example = { 0 };
    struct smg_err err = { 0 };

    (void)state;
    assert_int_equal(example_write(policy, &untold, 1, REGION, on, &example, &err), SMG_E_INVALID);
    assert_string_equal(err.text, "application: is refused when it is read: "
                                  "{\"pointer\":\"/operation\",\"code\":\"missing\"}");
    example_fini(&example);
    assert_int_equal(example_write(policy, wrong_and_absent, 2, REGION, on, &example, &err),
                     SMG_E_INVALID);
    assert_string_equal(err.text, "application: proxy.given is not true, yet more is told of it");
    example_fini(&example);
}

static void test_steps_say_what_a_gateway_wants_instead(void **state)
{
    const struct answer wanted[] = { { "customer.document.chip", "verified" },
                                     { "evidence.portrait.customer", "false" } };
    struct example example = { 0 };
    struct smg_err err = { 0 };

    (void)state;
    assert_int_equal(example_write(policy, wanted, 2, REGION, on, &example, &err), SMG_OK);
    assert_string_equal(example.steps.at,
                        "read a card of customer; its token takes the place of \"read\"\n"
                        "hand in 1 picture; the ids take the places of those in \"evidence\"\n");
    assert_non_null(strstr(example.application.at, "\"read\": {"));
    assert_non_null(strstr(example.answers.at, "customer.verified=match"));
    example_fini(&example);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_value_of_every_fact_is_an_application),
        cmocka_unit_test(test_a_whole_case_comes_back_with_its_decision),
        cmocka_unit_test(test_what_is_not_missed_is_as_wanted),
        cmocka_unit_test(test_what_no_application_tells_is_said),
        cmocka_unit_test(test_steps_say_what_a_gateway_wants_instead),
    };

    return cmocka_run_group_tests(tests, make_policy, remove_policy);
}
