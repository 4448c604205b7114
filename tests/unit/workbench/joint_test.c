/* SPDX-License-Identifier: Apache-2.0 */
/* Random rules and every fault planted in them: what the comparison of two texts says of all cases
 * is what running both texts, as sets of their own, in each case says. */
#include "../policy/folder.h"

#include "policy/syntax.h"
#include "workbench/joint.h"
#include "workbench/mutants.h"

static const char vocabulary[] =
    "fact 'a' { values = { true, false }, source = 'form', zh = '甲', en = 'a' }\n"
    "fact 'b' { values = { 'x', 'y', 'z' }, source = 'form', zh = '乙', en = 'b' }\n"
    "fact 'c' { values = { 0, 4, 5 }, source = 'registry', registry = 'r', zh = '丙', en = 'c' }\n"
    "word 'one' { kind = 'need', zh = '需', en = 'one' }\n"
    "word 'two' { kind = 'need', zh = '要', en = 'two' }\n"
    "word 'no' { kind = 'refuse', zh = '否', en = 'no' }\n"
    "word 'never' { kind = 'refuse', zh = '绝', en = 'never' }\n"
    "word 'police' { kind = 'report', zh = '警', en = 'police' }\n"
    "word 'court' { kind = 'report', zh = '法', en = 'court' }\n";

/* The same numbers on every machine. */
static size_t next_number(uint64_t *seed, size_t below)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return (size_t)(*seed >> 33) % below;
}

static void put_condition(struct buf *out, uint64_t *seed, int depth)
{
    static const char *const leaves[] = {
        "case.a",      "listed(case)", "case.b == 'x'", "case.b ~= 'y'",   "list[case.b]",
        "case.c >= 4", "case.c < 5",   "case.c == 0",   "case.a == false",
    };

    if (depth == 0 || next_number(seed, 3) == 0) {
        buf_text(out, leaves[next_number(seed, sizeof leaves / sizeof leaves[0])]);
        return;
    }
    if (next_number(seed, 4) == 0) {
        buf_text(out, "not (");
        put_condition(out, seed, depth - 1);
    } else {
        buf_byte(out, '(');
        put_condition(out, seed, depth - 1);
        buf_text(out, next_number(seed, 2) == 0 ? " and " : " or ");
        put_condition(out, seed, depth - 1);
    }
    buf_byte(out, ')');
}

static void put_statements(struct buf *out, uint64_t *seed, int depth)
{
    static const char *const said[] = {
        "need 'one'",
        "refuse 'no'",
        "report { to = 'police', within = '1h' }",
        "need(words[case.b])",
        "for _, w in ipairs { 'one', 'two' } do need(w) end",
    };
    size_t count = 1 + next_number(seed, 2);

    for (; count > 0; count--) {
        if (depth == 0 || next_number(seed, 2) == 0) {
            buf_printf(out, "%s\n", said[next_number(seed, sizeof said / sizeof said[0])]);
            continue;
        }
        buf_text(out, "if ");
        put_condition(out, seed, 2);
        buf_text(out, " then\n");
        put_statements(out, seed, depth - 1);
        if (next_number(seed, 3) == 0)
            buf_text(out, "return need 'two'\n");
        buf_text(out, "end\n");
    }
}

static void put_rules(struct buf *out, uint64_t *seed)
{
    int i;

    buf_text(out, some_header);
    buf_text(out, "local list = { x = true, y = false }\n"
                  "local words = { x = 'one', y = 'two', z = 'one' }\n"
                  "local function listed(case) return list[case.b] and case.c >= 5 end\n");
    for (i = 1; i <= 2; i++) {
        buf_printf(out, "rule '%d' { zh = '规', en = 'rule',\n", i);
        if (next_number(seed, 2) == 0) {
            buf_text(out, "applies = function(case) return ");
            put_condition(out, seed, 1);
            buf_text(out, " end,\n");
        }
        buf_text(out, "check = function(case)\n");
        put_statements(out, seed, 2);
        buf_text(out, "end }\n");
    }
    assert_false(out->failed);
}

/* All effects and questions of one rule in one case, as sorted lines; "fails" when it does. */
static void outline(struct policy *policy, size_t rule, const int16_t values[3], char out[600])
{
    static const struct smg_date day = { 2018, 1, 1 };
    struct decision *said = calloc(1, sizeof *said);
    char lines[16][64], swap[64];
    size_t count = 0, i, j;
    enum ending ending;

    assert_non_null(said);
    evaluate_begin(policy, NULL, "", day, day);
    memcpy(policy->values, values, 3 * sizeof *values);
    ending = evaluate_rule(policy, rule, said);
    for (i = 0; i < said->effect_count; i++)
        snprintf(lines[count++], sizeof lines[0], "%d %s %lld", (int)said->effects[i].kind,
                 said->effects[i].what, (long long)said->effects[i].within_ms);
    for (i = 0; i < said->question_count; i++)
        snprintf(lines[count++], sizeof lines[0], "ask %s", said->questions[i].fact);
    for (i = 0; i < count; i++)
        for (j = i + 1; j < count; j++)
            if (strcmp(lines[i], lines[j]) > 0) {
                memcpy(swap, lines[i], sizeof swap);
                memcpy(lines[i], lines[j], sizeof swap);
                memcpy(lines[j], swap, sizeof swap);
            }
    out[0] = '\0';
    for (i = 0; i < count; i++)
        snprintf(out + strlen(out), 600 - strlen(out), "%s\n", lines[i]);
    if (ending != OUTCOME_RAN && ending != OUTCOME_STOPPED)
        snprintf(out, 600, "fails");
    free(said);
}

/* The worst that any of the 3 * 4 * 4 cases shows; a failing one ends the look, as it does there.
 */
static bool differ_somewhere(struct policy *one, struct policy *other, size_t rule, bool *fails)
{
    char says[2][600];
    int16_t values[3];
    bool differ = false;
    int i;

    *fails = false;
    for (i = 0; i < 48; i++) {
        values[0] = (int16_t)(i % 3 == 2 ? FACT_UNKNOWN : i % 3);
        values[1] = (int16_t)(i / 3 % 4 == 3 ? FACT_UNKNOWN : i / 3 % 4);
        values[2] = (int16_t)(i / 12 == 3 ? FACT_UNKNOWN : i / 12);
        outline(one, rule, values, says[0]);
        outline(other, rule, values, says[1]);
        *fails = *fails || strcmp(says[1], "fails") == 0;
        differ = differ || strcmp(says[0], says[1]) != 0;
    }
    return differ;
}

static struct policy *policy_of_text(struct smg_str text)
{
    const struct policy_text texts[] = { { "documents.lua", str_of(some_documents) },
                                         { "vocabulary.lua", str_of(vocabulary) },
                                         { "a/1.lua", text } };
    struct buf problems = { 0 };
    struct policy_set *set = set_build_from(texts, 3, some_stack, 1, false, &problems);

    if (set == NULL)
        fail_msg("%s%.*s", problems.at, (int)text.len, text.at);
    buf_fini(&problems);
    return folder_policy_of(set);
}

struct tally {
    int same, otherwise, fails;
};

static void compare_fault(struct policy *policy, struct smg_str text, struct tally *tally)
{
    struct policy *other = policy_of_text(text);
    struct variant variant;
    struct comparison comparison;
    struct buf problems = { 0 };
    size_t rule;

    assert_true(variant_load(policy, 0, text, &variant, &problems));
    assert_true(joint_begin(&comparison, &variant));
    for (rule = 0; rule < 2; rule++) {
        enum joint joint = joint_compare(&comparison, rule);
        bool fails, differ = differ_somewhere(policy, other, rule, &fails);

        tally->same += joint == JOINT_SAME;
        tally->otherwise += joint == JOINT_OTHERWISE;
        tally->fails += joint == JOINT_FAILS;
        if ((joint != JOINT_SAME) != differ || (joint == JOINT_FAILS && !fails))
            fail_msg("rule %zu: %d, but %d\n%.*s", rule + 1, (int)joint, (int)differ, (int)text.len,
                     text.at);
    }
    joint_end(&comparison);
    variant_drop(&variant);
    policy_free(other);
    buf_fini(&problems);
}

static void test_all_cases_at_once_agree_with_each_case_alone(void **state)
{
    struct buf text = { 0 }, changed = { 0 }, problems = { 0 };
    struct tally tally = { 0, 0, 0 };
    struct mutants mutants;
    uint64_t seed = 2018;
    size_t i;
    int round;

    (void)state;
    for (round = 0; round < 40; round++) {
        struct policy *policy;

        buf_clear(&text);
        put_rules(&text, &seed);
        policy = policy_of_text(buf_view(&text));
        assert_true(mutants_find(policy->set, 0, &mutants, &problems));
        assert_true(mutants.count > 5);
        for (i = next_number(&seed, 4); i < mutants.count; i += 4) {
            buf_clear(&changed);
            mutant_text(&mutants, i, buf_view(&text), &changed);
            compare_fault(policy, buf_view(&changed), &tally);
        }
        mutants_fini(&mutants);
        policy_free(policy);
    }
    /* Each of the three is common enough to have been tested. */
    assert_true(tally.same > 50 && tally.otherwise > 50 && tally.fails > 5);
    buf_fini(&text);
    buf_fini(&changed);
    buf_fini(&problems);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_cases_at_once_agree_with_each_case_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
