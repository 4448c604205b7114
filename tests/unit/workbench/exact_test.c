/* SPDX-License-Identifier: Apache-2.0 */
/* Everything the workbench concludes, against full enumeration: on thousands of small vocabularies
 * and rule sets made up at random, every case is decided one by one by the engine that serves. */
#include "random_policies.h"

#include "workbench/diff.h"
#include "workbench/pass.h"
#include "workbench/prove.h"
#include "workbench/table.h"

static size_t rounds(void)
{
    return getenv("SHIMING_LONG") != NULL ? 20000 : 1000;
}

/* Two sets over one vocabulary that share most of their rules. */
struct pair {
    struct random_vocabulary vocabulary;
    struct buf vocabulary_text, rules[2];
    struct policy_set *sets[2];
    struct policy *policies[2];
};

static const struct smg_date day = { 2026, 1, 1 };

static void pair_open(struct pair *pair)
{
    uint32_t seeds[RULES_MAX], count = 1 + draw(RULES_MAX), i;
    struct smg_err err = { 0 };
    int which;

    *pair = (struct pair){ 0 };
    random_vocabulary(&pair->vocabulary);
    put_vocabulary(&pair->vocabulary_text, &pair->vocabulary);
    for (i = 0; i < count; i++)
        seeds[i] = draw(1u << 24);
    for (which = 0; which < 2; which++) {
        put_rules(&pair->rules[which], &pair->vocabulary, count, seeds);
        pair->sets[which] = load_random(&pair->vocabulary_text, &pair->rules[which]);
        pair->policies[which] = policy_new(pair->sets[which], &err);
        assert_non_null(pair->policies[which]);
        if (draw(8) > 0)
            seeds[draw(count)] = draw(1u << 24);
    }
}

static void pair_close(struct pair *pair)
{
    int which;

    for (which = 0; which < 2; which++) {
        policy_free(pair->policies[which]);
        policy_set_free(pair->sets[which]);
        buf_fini(&pair->rules[which]);
    }
    buf_fini(&pair->vocabulary_text);
}

/* Case by case; the last value of each fact is "not known". */
static bool next_case(const struct pair *pair, uint8_t *values)
{
    size_t i;

    for (i = 0; i < pair->vocabulary.count; i++) {
        if (values[i]++ < pair->vocabulary.facts[i].values)
            return true;
        values[i] = 0;
    }
    return false;
}

static bool all_known(const struct pair *pair, const uint8_t *values)
{
    size_t i;

    for (i = 0; i < pair->vocabulary.count; i++)
        if (values[i] == pair->vocabulary.facts[i].values)
            return false;
    return true;
}

static void decide(const struct pair *pair, int which, const uint8_t *values, struct decision *out)
{
    struct policy *policy = pair->policies[which];
    size_t i;

    evaluate_begin(policy, NULL, "000000", day, day);
    for (i = 0; i < pair->vocabulary.count; i++)
        policy->values[i] =
            values[i] == pair->vocabulary.facts[i].values ? FACT_UNKNOWN : (int16_t)values[i];
    decision_run(policy, out);
    assert_false(out->broken);
}

static bool says(const struct decision *decision, const struct said *said)
{
    size_t i;

    for (i = 0; i < decision->effect_count; i++) {
        const struct effect *effect = &decision->effects[i];

        if ((int)effect->kind == said->kind && effect->within_ms == said->within_ms &&
            strcmp(effect->what, said->what) == 0 && strcmp(effect->rule, said->rule->id) == 0)
            return true;
    }
    return false;
}

static size_t count_said(const struct pair *pair, const struct space *space, const uint8_t *values,
                         const struct decision *decision)
{
    const struct reading *reading = &space->readings[0];
    size_t said = 0, i;

    (void)pair;
    for (i = 0; i < reading->said_count; i++) {
        bool holds = diagram_holds(space->all, reading->said[i].cases, values);

        if (reading->said[i].kind == SAID_ASKS)
            continue;
        assert_int_equal(holds, says(decision, &reading->said[i]));
        said += holds;
    }
    return said;
}

static struct space_of of(const struct pair *pair, int which)
{
    return (struct space_of){ .set = pair->sets[which], .region = "000000", .on = day };
}

static void test_what_rules_say_is_what_the_engine_says_in_every_case(void **state)
{
    size_t round, n;

    (void)state;
    for (round = 0; round < rounds(); round++) {
        uint8_t values[FACTS_MAX] = { 0 };
        size_t accepted = 0;
        struct natural count;
        struct decision decision;
        struct smg_err err = { 0 };
        struct space *space;
        struct space_of one;
        struct pair pair;

        pair_open(&pair);
        one = of(&pair, 0);
        space = space_new(&one, 1, &err);
        assert_non_null(space);
        do {
            decide(&pair, 0, values, &decision);
            assert_int_equal(count_said(&pair, space, values, &decision), decision.effect_count);
            for (n = VERDICT_ACCEPTED; n <= VERDICT_REFUSED; n++)
                assert_int_equal(
                    diagram_holds(space->all, space_verdict(space, 0, (enum verdict)n), values),
                    decision.verdict == n);
            /* A case is counted once, whatever the facts no rule reads. */
            for (n = 0; n < pair.vocabulary.count; n++)
                if (!space->variables[n].read && values[n] != 0)
                    break;
            accepted += n == pair.vocabulary.count && all_known(&pair, values) &&
                        decision.verdict == VERDICT_ACCEPTED;
        } while (next_case(&pair, values));
        assert_true(diagram_count(
            space->all, diagram_and(space->all, space->readings[0].accepted, space->known),
            &count));
        assert_true(natural_double(&count) == (double)accepted);
        space_free(space);
        pair_close(&pair);
    }
}

static bool is_same_decision(const struct decision *a, const struct decision *b)
{
    size_t i, j;

    if (a->effect_count != b->effect_count || a->question_count != b->question_count)
        return false;
    for (i = 0; i < a->effect_count; i++) {
        for (j = 0; j < b->effect_count; j++)
            if (a->effects[i].kind == b->effects[j].kind &&
                a->effects[i].within_ms == b->effects[j].within_ms &&
                strcmp(a->effects[i].what, b->effects[j].what) == 0 &&
                strcmp(a->effects[i].rule, b->effects[j].rule) == 0)
                break;
        if (j == b->effect_count)
            return false;
    }
    for (i = 0; i < a->question_count; i++) {
        for (j = 0; j < b->question_count; j++)
            if (strcmp(a->questions[i].fact, b->questions[j].fact) == 0)
                break;
        if (j == b->question_count)
            return false;
    }
    return true;
}

/* Is the case in the group that says so? */
static bool in_group(const struct diff *diff, const struct decision *before,
                     const struct decision *after, const uint8_t *values, bool *any)
{
    size_t i;

    *any = false;
    for (i = 0; i < diff->group_count; i++) {
        const struct diff_group *group = &diff->groups[i];
        bool holds = diagram_holds(diff->space->all, group->cases, values);

        *any = *any || holds;
        if (group->said->kind == SAID_ASKS)
            continue;
        if (holds != (group->added ? says(after, group->said) && !says(before, group->said)
                                   : says(before, group->said) && !says(after, group->said)))
            return false;
    }
    return true;
}

static void check_examples(const struct pair *pair, const struct diff *diff)
{
    struct decision before, after;
    size_t i;

    for (i = 0; i < diff->group_count; i++) {
        const struct diff_group *group = &diff->groups[i];

        if (group->while_unknown)
            continue;
        decide(pair, 0, group->example, &before);
        decide(pair, 1, group->example, &after);
        assert_int_equal(before.verdict, group->before);
        assert_int_equal(after.verdict, group->after);
        assert_true(says(group->added ? &after : &before, group->said));
        assert_false(says(group->added ? &before : &after, group->said));
    }
}

struct rows {
    const uint8_t *values;
    size_t matching;
};

static void on_row(void *ctx, const struct table_row *row)
{
    struct rows *rows = ctx;
    size_t i, j;

    for (i = 0; i < row->condition_count; i++) {
        const struct table_condition *condition = &row->conditions[i];

        for (j = 0; j < condition->count; j++)
            if (row->values[condition->first + j] == rows->values[condition->variable])
                break;
        if (j == condition->count)
            return;
    }
    rows->matching++;
}

static void test_rows_of_a_table_are_all_cases_of_an_effect_and_none_twice(void **state)
{
    size_t round, i;

    (void)state;
    for (round = 0; round < rounds() / 5; round++) {
        uint8_t values[FACTS_MAX] = { 0 };
        struct decision decision;
        struct smg_err err = { 0 };
        struct space *space;
        struct space_of one;
        struct pair pair;

        pair_open(&pair);
        one = of(&pair, 0);
        space = space_new(&one, 1, &err);
        assert_non_null(space);
        do {
            if (!all_known(&pair, values))
                continue;
            decide(&pair, 0, values, &decision);
            for (i = 0; i < space->readings[0].said_count; i++) {
                const struct said *said = &space->readings[0].said[i];
                struct rows rows = { .values = values };

                table_rows(space->all, said->cases, on_row, &rows);
                assert_int_equal(rows.matching, said->kind != SAID_ASKS && says(&decision, said));
            }
        } while (next_case(&pair, values));
        space_free(space);
        pair_close(&pair);
    }
}

static void test_a_difference_is_every_case_decided_otherwise_and_no_other(void **state)
{
    size_t round, n, none = 0;

    (void)state;
    for (round = 0; round < rounds(); round++) {
        size_t differing = 0, moved[4][4] = { { 0 } };
        uint8_t values[FACTS_MAX] = { 0 };
        struct decision before, after;
        struct smg_err err = { 0 };
        struct space_of old, revised;
        struct diff *diff;
        struct pair pair;
        bool any, same = true;

        pair_open(&pair);
        old = of(&pair, 0);
        revised = of(&pair, 1);
        diff = diff_new(&old, &revised, &err);
        assert_non_null(diff);
        do {
            bool changed;

            decide(&pair, 0, values, &before);
            decide(&pair, 1, values, &after);
            changed = !is_same_decision(&before, &after);
            same = same && !changed;
            assert_true(in_group(diff, &before, &after, values, &any));
            assert_int_equal(any, changed);
            for (n = 0; n < pair.vocabulary.count; n++)
                if (!diff->space->variables[n].read && values[n] != 0)
                    break;
            if (!changed || n < pair.vocabulary.count || !all_known(&pair, values))
                continue;
            differing++;
            moved[before.verdict][after.verdict]++;
        } while (next_case(&pair, values));
        assert_int_equal(diff_is_none(diff), same);
        assert_true(natural_double(&diff->differing) == (double)differing);
        for (n = 0; n < 16; n++)
            assert_true(natural_double(&diff->moved[n / 4][n % 4]) == (double)moved[n / 4][n % 4]);
        check_examples(&pair, diff);
        none += same;
        diff_free(diff);
        pair_close(&pair);
    }
    assert_in_range(none, 1, rounds() - 1); /* both answers were given */
}

/* The fewest facts that must be other, by looking at every case; -1: there is none. */
static int nearest_by_hand(const struct pair *pair, const uint8_t *now, const bool *accepted)
{
    uint8_t values[FACTS_MAX] = { 0 };
    int least = -1, cost;
    size_t n = 0, i;

    do {
        cost = accepted[n++] ? 0 : -1;
        for (i = 0; i < pair->vocabulary.count && cost >= 0; i++) {
            const struct random_fact *fact = &pair->vocabulary.facts[i];

            if (values[i] == now[i])
                continue;
            if (values[i] == fact->values ||
                (now[i] < fact->values && (fact->keeps >> now[i] & 1) != 0))
                cost = -1;
            else
                cost++;
        }
        if (cost >= 0 && (least < 0 || cost < least))
            least = cost;
    } while (next_case(pair, values));
    return least;
}

static void check_steps(const struct pair *pair, const struct passing *passing,
                        const uint8_t *values, const bool *accepted)
{
    struct pass_step steps[PASS_STEPS];
    uint8_t then[FACTS_MAX];
    struct decision decision;
    int count, i;

    decide(pair, 0, values, &decision);
    assert_true(passing_fits(passing, pair->policies[0]));
    count = passing_find(passing, pair->policies[0], steps);
    assert_int_equal(count, nearest_by_hand(pair, values, accepted));
    if (count < 0)
        return;
    memcpy(then, values, sizeof then);
    for (i = 0; i < count; i++) {
        then[steps[i].fact - pair->sets[0]->facts] = (uint8_t)steps[i].to;
        assert_non_null(steps[i].rule);
    }
    decide(pair, 0, then, &decision);
    assert_int_equal(decision.verdict, VERDICT_ACCEPTED);
}

static void test_what_makes_a_case_pass_is_the_nearest_case_that_passes(void **state)
{
    static bool accepted[5 * 5 * 5 * 5 * 5 * 5];
    size_t round, n;

    (void)state;
    for (round = 0; round < rounds() / 5; round++) {
        uint8_t values[FACTS_MAX] = { 0 };
        struct decision decision;
        struct smg_err err = { 0 };
        struct passing *passing;
        struct pair pair;

        pair_open(&pair);
        passing = passing_new(pair.sets[0], "000000", day, day, &err);
        assert_non_null(passing);
        n = 0;
        do {
            decide(&pair, 0, values, &decision);
            accepted[n++] = decision.verdict == VERDICT_ACCEPTED;
        } while (next_case(&pair, values));
        do
            if (draw((uint32_t)n) < 40)
                check_steps(&pair, passing, values, accepted);
        while (next_case(&pair, values));
        passing_free(passing);
        pair_close(&pair);
    }
}

/* A property made up of what C can judge as well: atoms joined by and, or, not. */
enum { ATOMS = 4 };
struct atom {
    unsigned kind; /* 0: a fact; 1: the verdict; 2: a need; 3: a refusal */
    unsigned of, value;
    bool negated, joined_by_or; /* to those before */
};

static void put_atom(struct buf *out, const struct pair *pair, const struct atom *atom)
{
    buf_text(out, atom->negated ? "not " : "");
    if (atom->kind == 0) {
        buf_text(out, "(case.");
        put_fact_name(out, atom->of);
        buf_text(out, " == ");
        put_value(out, &pair->vocabulary.facts[atom->of], atom->value);
        buf_byte(out, ')');
    } else if (atom->kind == 1) {
        buf_printf(out, "(decision.verdict == \"%s\")", verdict_name((enum verdict)atom->value));
    } else {
        buf_printf(out, "decision.%s[\"%c%u\"]", atom->kind == 2 ? "needs" : "refuses",
                   atom->kind == 2 ? 'n' : 'r', atom->value);
    }
}

static bool judge_atom(const struct atom *atom, const uint8_t *values,
                       const struct decision *decision)
{
    char word[3] = { atom->kind == 2 ? 'n' : 'r', (char)('0' + atom->value), '\0' };
    bool holds = false;
    size_t i;

    if (atom->kind == 0)
        holds = values[atom->of] == atom->value;
    else if (atom->kind == 1)
        holds = decision->verdict == (enum verdict)atom->value;
    else
        for (i = 0; i < decision->effect_count; i++)
            holds = holds ||
                    (decision->effects[i].kind == (atom->kind == 2 ? EFFECT_NEED : EFFECT_REFUSE) &&
                     strcmp(decision->effects[i].what, word) == 0);
    return holds != atom->negated;
}

static void random_atoms(const struct pair *pair, struct atom *atoms)
{
    size_t i;

    for (i = 0; i < ATOMS; i++) {
        atoms[i] = (struct atom){ .kind = draw(4), .negated = draw(2), .joined_by_or = draw(2) };
        atoms[i].of = draw((uint32_t)pair->vocabulary.count);
        atoms[i].value = atoms[i].kind == 0   ? draw(pair->vocabulary.facts[atoms[i].of].values)
                         : atoms[i].kind == 1 ? 1 + draw(3)
                                              : draw(3);
    }
}

/* ((a and b) or c) … in Lua, and the same judged. */
static void put_property(struct buf *out, const struct pair *pair, const struct atom *atoms)
{
    size_t i;

    buf_text(out, "never \"p\" { zh = \"z\", when = function(case, decision) return ");
    for (i = 1; i < ATOMS; i++)
        buf_byte(out, '(');
    for (i = 0; i < ATOMS; i++) {
        buf_text(out, i == 0 ? "" : atoms[i].joined_by_or ? " or " : " and ");
        put_atom(out, pair, &atoms[i]);
        buf_text(out, i == 0 ? "" : ")");
    }
    buf_text(out, " end }\n");
}

static bool judge(const struct atom *atoms, const uint8_t *values, const struct decision *decision)
{
    bool holds = judge_atom(&atoms[0], values, decision);
    size_t i;

    for (i = 1; i < ATOMS; i++) {
        bool one = judge_atom(&atoms[i], values, decision);

        holds = atoms[i].joined_by_or ? holds || one : holds && one;
    }
    return holds;
}

static void check_property(const struct pair *pair, struct space *space, size_t *proved)
{
    struct atom atoms[ATOMS];
    struct buf text = { 0 }, problems = { 0 };
    uint8_t values[FACTS_MAX] = { 0 };
    struct properties *properties;
    struct decision decision;
    struct proof proof;
    bool violated = false;

    random_atoms(pair, atoms);
    put_property(&text, pair, atoms);
    properties = properties_load(pair->sets[0], "p.lua", buf_view(&text), &problems);
    if (properties == NULL || !prove(space, properties, 0, &proof, &problems))
        fail_msg("%s %s", problems.at, text.at);
    do {
        if (!all_known(pair, values))
            continue;
        decide(pair, 0, values, &decision);
        violated = violated || judge(atoms, values, &decision);
        assert_int_equal(diagram_holds(space->all, proof.violated, values),
                         judge(atoms, values, &decision));
    } while (next_case(pair, values));
    assert_int_equal(proof.outcome == PROOF_FAILS, violated);
    if (violated) {
        decide(pair, 0, proof.counterexample, &decision);
        assert_true(judge(atoms, proof.counterexample, &decision));
        assert_int_equal(proof.verdict, decision.verdict);
    }
    *proved += !violated;
    proof_fini(&proof);
    properties_free(properties);
    buf_fini(&text);
    buf_fini(&problems);
}

static void test_a_property_is_proved_when_no_case_breaks_it(void **state)
{
    size_t round, i, proved = 0;

    (void)state;
    for (round = 0; round < rounds() / 4; round++) {
        struct smg_err err = { 0 };
        struct space *space;
        struct space_of one;
        struct pair pair;

        pair_open(&pair);
        one = of(&pair, 0);
        space = space_new(&one, 1, &err);
        assert_non_null(space);
        for (i = 0; i < 4; i++)
            check_property(&pair, space, &proved);
        space_free(space);
        pair_close(&pair);
    }
    assert_in_range(proved, 1, 4 * (rounds() / 4) - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_rules_say_is_what_the_engine_says_in_every_case),
        cmocka_unit_test(test_rows_of_a_table_are_all_cases_of_an_effect_and_none_twice),
        cmocka_unit_test(test_a_difference_is_every_case_decided_otherwise_and_no_other),
        cmocka_unit_test(test_what_makes_a_case_pass_is_the_nearest_case_that_passes),
        cmocka_unit_test(test_a_property_is_proved_when_no_case_breaks_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
