/* SPDX-License-Identifier: Apache-2.0 */
/* Examples: from wanted facts to fields that make them so. The shipped vocabulary, every value of
 * every fact, and many at once; and what a vocabulary of its own may do wrong. */
#include "folder.h"

#include "policy/example.h"

static struct smg_date on = { 2026, 11, 25 };

struct made {
    struct smg_fields *fields;
    struct answer answers[256 + DECISION_QUESTIONS];
    size_t answer_count;
    struct buf missed;
    struct smg_err err;
    int status;
};

static void make(struct made *made, struct policy *policy, const struct answer *wanted,
                 size_t count)
{
    *made = (struct made){ .fields = fields_new() };
    assert_true(made->fields != NULL && count <= 256);
    made->status = policy_example(policy, wanted, count, "540102", on, made->fields, made->answers,
                                  &made->answer_count, &made->missed, &made->err);
}

static void unmake(struct made *made)
{
    fields_free(made->fields);
    buf_fini(&made->missed);
}

static struct policy *shipped(void)
{
    struct policy_stack stack;
    struct buf problems = { 0 };
    struct policy_set *set = NULL;

    if (policy_stack_find(SOURCE_DIR "/policies", &stack, &problems))
        set = policy_set_load(SOURCE_DIR "/policies", stack.ids, stack.count, &problems);
    if (set == NULL)
        fail_msg("%s", problems.at);
    return folder_policy_of(set);
}

/* What the rules say of the made-up case, and its facts as lines. */
static enum verdict decide(struct policy *policy, const struct made *made, struct buf *facts)
{
    static struct decision decision;

    policy_decide(policy, made->fields, "540102", on, DATE_NONE, made->answers, made->answer_count,
                  &decision);
    assert_false(decision.broken);
    assert_int_equal(decision.question_count, 0);
    buf_byte(facts, '\n');
    policy_facts(policy, facts);
    return decision.verdict;
}

static bool is_so(const struct buf *facts, const char *fact, const char *value)
{
    char line[200];

    snprintf(line, sizeof line, "\n%s=%s\n", fact, value);
    return strstr(facts->at, line) != NULL;
}

static void test_nothing_wanted_is_a_plain_case_that_is_accepted(void **state)
{
    struct policy *policy = shipped();
    struct buf facts = { 0 };
    struct made made;

    (void)state;
    make(&made, policy, NULL, 0);
    assert_int_equal(made.status, SMG_OK);
    assert_int_equal(decide(policy, &made, &facts), VERDICT_ACCEPTED);
    assert_true(is_so(&facts, "customer.kind", "person"));
    assert_true(is_so(&facts, "proxy.given", "false"));
    assert_true(is_so(&facts, "guardian.present", "false"));
    assert_null(fields_get(made.fields, SMG_STR("organisation.name")));
    buf_fini(&facts);
    unmake(&made);
    policy_free(policy);
}

static size_t have_every_value(struct policy *policy)
{
    const struct policy_set *set = policy->set;
    size_t i, j, had = 0;

    for (i = 0; i < set->fact_count; i++)
        for (j = 0; j < set->facts[i].value_count; j++) {
            struct answer wanted = { set->facts[i].name, set->facts[i].values[j].text.at };
            struct buf facts = { 0 };
            struct made made;

            make(&made, policy, &wanted, 1);
            if (made.status != SMG_OK || made.missed.len > 0)
                fail_msg("in %d %s=%s: %s", on.year, wanted.fact, wanted.value,
                         made.status != SMG_OK ? made.err.text : "missed");
            decide(policy, &made, &facts);
            if (set->facts[i].source < SOURCE_SERVICE && !is_so(&facts, wanted.fact, wanted.value))
                fail_msg("%s is not %s", wanted.fact, wanted.value);
            had++;
            buf_fini(&facts);
            unmake(&made);
        }
    return had;
}

static void test_every_value_of_every_fact_can_be_had_on_any_day(void **state)
{
    static const struct smg_date days[] = {
        { 2013, 9, 1 }, { 2018, 1, 1 }, { 2024, 2, 29 }, { 2026, 11, 25 }, { 2039, 12, 31 }
    };
    const struct smg_date before = on;
    struct policy *policy = shipped();
    size_t i;

    (void)state;
    for (i = 0; i < sizeof days / sizeof *days; i++) {
        on = days[i];
        assert_true(have_every_value(policy) > 200);
    }
    on = before;
    policy_free(policy);
}

static unsigned next_random(unsigned *seed)
{
    *seed = *seed * 1103515245u + 12345u;
    return *seed >> 16;
}

/* A few facts at random, and then everything that came of them wanted at once: it is possible, so
 * nothing may be missed. */
static void test_what_a_case_is_can_be_wanted_whole(void **state)
{
    struct policy *policy = shipped();
    const struct policy_set *set = policy->set;
    struct answer *whole = calloc(set->fact_count, sizeof *whole);
    unsigned seed = 54, round, parts = 0;
    size_t i;

    (void)state;
    assert_non_null(whole);
    for (round = 0; round < 300; round++) {
        struct answer some[6];
        struct buf facts = { 0 };
        struct made made;

        for (i = 0; i < 6; i++) {
            const struct fact *fact = &set->facts[next_random(&seed) % set->fact_count];

            some[i] =
                (struct answer){ fact->name,
                                 fact->values[next_random(&seed) % fact->value_count].text.at };
        }
        make(&made, policy, some, 1 + round % 6);
        assert_int_equal(made.status, SMG_OK);
        decide(policy, &made, &facts);
        for (i = 0; i < set->fact_count; i++) {
            const struct fact *fact = &set->facts[i];
            int value = policy->values[i];

            whole[i] =
                (struct answer){ fact->name, value < 0 ? NULL : fact->values[value].text.at };
            parts += value >= 0;
        }
        unmake(&made);
        make(&made, policy, whole, set->fact_count);
        if (made.status != SMG_OK || made.missed.len > 0)
            fail_msg("round %u: %s misses %s; %s", round, made.err.text, made.missed.at, facts.at);
        unmake(&made);
        buf_fini(&facts);
    }
    assert_true(parts > 300 * 40);
    free(whole);
    policy_free(policy);
}

static void expect_missed(struct policy *policy, const struct answer *wanted, size_t count,
                          const char *missed)
{
    struct made made;

    make(&made, policy, wanted, count);
    assert_int_equal(made.status, SMG_OK);
    assert_string_equal(made.missed.len == 0 ? "" : made.missed.at, missed);
    unmake(&made);
}

static void test_what_cannot_be_had_together_is_named(void **state)
{
    struct policy *policy = shipped();
    const struct answer retired[] = { { "customer.document.type", "passport" },
                                      { "customer.document.number", "retired" } };
    const struct answer none[] = { { "customer.document.type", "none" },
                                   { "customer.document.validity", "valid" },
                                   { "customer.document.number", "good" } };
    const struct answer possible[] = { { "customer.document.type", "none" },
                                       { "customer.document.number", "missing" },
                                       { "customer.minor", "true" } };

    (void)state;
    expect_missed(policy, retired, 2, "customer.document.number");
    expect_missed(policy, none, 3, "customer.document.number,customer.document.validity");
    expect_missed(policy, possible, 3, "");
    policy_free(policy);
}

static void test_what_nobody_tells_can_be_wanted_too(void **state)
{
    struct policy *policy = shipped();
    const struct answer untold[] = { { "customer.minor", NULL },
                                     { "customer.document.validity", NULL },
                                     { "operation", NULL },
                                     { "customer.document.type", "resident_id" } };
    struct buf facts = { 0 };
    struct made made;

    (void)state;
    expect_missed(policy, untold, 4, "");
    make(&made, policy, untold, 4);
    decide(policy, &made, &facts);
    assert_null(strstr(facts.at, "\ncustomer.minor="));
    assert_null(strstr(facts.at, "\ncustomer.document.validity="));
    assert_null(strstr(facts.at, "\noperation="));
    assert_true(is_so(&facts, "customer.name", "true"));
    buf_fini(&facts);
    unmake(&made);
    policy_free(policy);
}

static void test_answers_are_the_wanted_ones_and_what_the_rules_ask_besides(void **state)
{
    struct policy *policy = shipped();
    const struct answer wanted[] = { { "dealer.able", "false" }, { "channel.kind", "dealer" } };
    bool able = false, verified = false, proxy = false;
    struct made made;
    size_t i;

    (void)state;
    make(&made, policy, wanted, 2);
    for (i = 0; i < made.answer_count; i++) {
        const struct answer *answer = &made.answers[i];

        able = able ||
               (strcmp(answer->fact, "dealer.able") == 0 && strcmp(answer->value, "false") == 0);
        verified = verified || (strcmp(answer->fact, "customer.verified") == 0 &&
                                strcmp(answer->value, "match") == 0);
        proxy = proxy || strcmp(answer->fact, "proxy.verified") == 0;
    }
    assert_true(able && verified);
    assert_false(proxy); /* there is none to ask about */
    unmake(&made);
    policy_free(policy);
}

static void test_names_and_values_that_are_not_are_refused(void **state)
{
    struct policy *policy = shipped();
    const struct answer name = { "customer.minr", "true" }, value = { "customer.minor", "maybe" };
    struct made made;

    (void)state;
    make(&made, policy, &name, 1);
    assert_int_equal(made.status, SMG_E_INVALID);
    assert_string_equal(made.err.text, "no fact customer.minr; did you mean customer.minor?");
    unmake(&made);
    make(&made, policy, &value, 1);
    assert_int_equal(made.status, SMG_E_INVALID);
    assert_string_equal(made.err.text, "customer.minor is never \"maybe\"");
    unmake(&made);
    policy_free(policy);
}

/* ---- vocabularies of one's own ---- */

#define FACT(NAME, MORE)                                                                           \
    "fact '" NAME "' { values = { 'a', 'b', 'c' }, source = 'form', zh = '甲', en = 'x',\n"       \
    "  from = function(field) return field '" NAME "' end, " MORE " }\n"

static const char one_rule[] = "rule '1' { zh = '一', en = 'one', check = function(case)\n"
                               "  if case.one == 'a' then return end end }\n";

/* Make an example of one = b under this vocabulary; what the vocabulary is refused for, or the
 * example, is left in text. */
static int make_own(const char *vocabulary, struct buf *text)
{
    const struct answer wanted = { "one", "b" };
    struct folder folder;
    struct policy_set *set;
    struct policy *policy;
    struct made made;
    int status;

    folder_init(&folder);
    folder_fill(&folder, vocabulary, one_rule);
    set = policy_set_load(folder.path, some_stack, 1, text);
    folder_fini(&folder);
    if (set == NULL)
        return SMG_E_INVALID;
    policy = folder_policy_of(set);
    make(&made, policy, &wanted, 1);
    status = made.status;
    buf_text(text, status != SMG_OK ? made.err.text : made.missed.len > 0 ? made.missed.at : "");
    unmake(&made);
    policy_free(policy);
    return status;
}

static void expect_own(const char *vocabulary, int status, const char *part)
{
    struct buf text = { 0 };
    int found = make_own(vocabulary, &text);

    if (found != status || strstr(text.at == NULL ? "" : text.at, part) == NULL)
        fail_msg("%d %s, not %d %s", found, text.at, status, part);
    buf_fini(&text);
}

static void test_a_vocabulary_is_told_where_its_examples_are_wrong(void **state)
{
    (void)state;
    expect_own(FACT("one", "example = function(v) return { one = v } end"), SMG_OK, "");
    expect_own(FACT("one", "example = 'b'"), SMG_E_INVALID, "example must be a function");
    expect_own(FACT("one", "plain = 'd'"), SMG_E_INVALID, "plain is none of its values");
    expect_own(FACT("one", "plain = true"), SMG_E_INVALID, "plain is none of its values");
    expect_own("fact 'one' { values = { 'a', 'b' }, source = 'registry', registry = 'r',\n"
               "  zh = '甲', en = 'x', example = function() return {} end }\n",
               SMG_E_INVALID, "vocabulary.lua:1: fact \"one\": is answered, not derived");
    expect_own(FACT("one", "example = function(v) return v end"), SMG_E_INVALID,
               "vocabulary.lua:1: example of one: example gives a table of fields, or nil");
    expect_own(FACT("one", "example = function(v) return { one = 1.5 } end"), SMG_E_INVALID,
               "a field is a text, true, false, a whole number or a day");
    expect_own(FACT("one", "example = function(v) return { v } end"), SMG_E_INVALID,
               "example gives fields by name");
    expect_own(FACT("one", "example = function(v, want) return { one = want 'too' } end"),
               SMG_E_INVALID, "want: no fact too");
    expect_own(FACT("one", "example = function(v) return { one = v.x.y } end"), SMG_E_INVALID,
               "vocabulary.lua:2: example of one:");
}

static void test_an_example_keeps_no_memory_and_ends(void **state)
{
    (void)state;
    expect_own("local last\n" FACT("one", "example = function(v) last = v return {} end"),
               SMG_E_INVALID, "changes a variable outside the function");
    expect_own(FACT("one", "example = function(v) while true do end end"), SMG_E_INVALID,
               "ran out of its budget");
    expect_own(FACT("one", "example = function(v) return { one = field 'one' } end"), SMG_E_INVALID,
               "'field' is not a name a policy may use");
    expect_own("local kept = {}\n" FACT("one", "example = function(v) kept.v = v return {} end"),
               SMG_E_INVALID, "read-only");
}

static void test_an_example_that_gives_something_else_is_missed(void **state)
{
    (void)state;
    expect_own(FACT("one", "example = function(v) return { one = 'c' } end"), SMG_OK, "one");
    expect_own(FACT("one", "example = function(v) return nil end"), SMG_OK, "one");
}

static void test_a_free_fact_gives_way_to_a_wanted_one(void **state)
{
    /* two's plain fields would make one something else. */
    expect_own(FACT("two", "example = function(v) return { one = 'a', two = v } end")
                   FACT("one", "example = function(v) return { one = v } end"),
               SMG_OK, "");
    /* The same where one's own field is another. */
    expect_own(
        FACT(
            "two",
            "example = function(v) return { off = true, two = v } end") "fact 'one' { values = { "
                                                                        "'a', 'b' }, source = "
                                                                        "'form', zh = '甲', en = "
                                                                        "'x',\n"
                                                                        "  from = function(field) "
                                                                        "return field 'off' and "
                                                                        "'a' or field 'is' end,\n"
                                                                        "  example = function(v) "
                                                                        "return { is = v } end }\n",
        SMG_OK, "");
    (void)state;
}

static void test_made_up_numbers_are_known_to_examples_only(void **state)
{
    (void)state;
    expect_own(FACT("one", "example = function(v)\n"
                           "  local it = number_example('gb11643', { kind = 'good' })\n"
                           "  return { one = number('gb11643', it).verdict == 'ok' and v or 'c' }\n"
                           "end"),
               SMG_OK, "");
    expect_own(FACT("one", "example = function(v) return { one = number_example('gb', {}) } end"),
               SMG_E_INVALID, "number_example: no such format");
    expect_own(FACT("one", "example = function(v)\n"
                           "  return { one = number_example('uscc', { kind = 'odd' }) } end"),
               SMG_E_INVALID, "number_example: kind is good, wrong, retired or unsuitable");
    expect_own("local it = number_example('uscc', {})\n" FACT("one", ""), SMG_E_INVALID,
               "this is known only inside");
}

static void test_the_same_wish_gives_the_same_case(void **state)
{
    const struct answer wanted[] = { { "customer.minor", "true" }, { "channel.kind", "dealer" } };
    struct buf first = { 0 }, second = { 0 };
    struct buf *texts[] = { &first, &second };
    size_t i;

    (void)state;
    for (i = 0; i < 2; i++) {
        struct policy *policy = shipped();
        struct made made;

        make(&made, policy, wanted, 2);
        fields_write(made.fields, texts[i]);
        unmake(&made);
        policy_free(policy);
    }
    assert_true(first.len > 100 && str_eq(buf_view(&first), buf_view(&second)));
    buf_fini(&first);
    buf_fini(&second);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_wanted_is_a_plain_case_that_is_accepted),
        cmocka_unit_test(test_every_value_of_every_fact_can_be_had_on_any_day),
        cmocka_unit_test(test_what_a_case_is_can_be_wanted_whole),
        cmocka_unit_test(test_what_cannot_be_had_together_is_named),
        cmocka_unit_test(test_what_nobody_tells_can_be_wanted_too),
        cmocka_unit_test(test_answers_are_the_wanted_ones_and_what_the_rules_ask_besides),
        cmocka_unit_test(test_names_and_values_that_are_not_are_refused),
        cmocka_unit_test(test_a_vocabulary_is_told_where_its_examples_are_wrong),
        cmocka_unit_test(test_an_example_keeps_no_memory_and_ends),
        cmocka_unit_test(test_an_example_that_gives_something_else_is_missed),
        cmocka_unit_test(test_a_free_fact_gives_way_to_a_wanted_one),
        cmocka_unit_test(test_made_up_numbers_are_known_to_examples_only),
        cmocka_unit_test(test_the_same_wish_gives_the_same_case),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
