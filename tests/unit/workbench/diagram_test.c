/* SPDX-License-Identifier: Apache-2.0 */
/* Diagrams against full enumeration: small spaces, many random sets. */
#include "workbench/diagram.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { VARIABLES = 5, CASES_MAX = 4 * 4 * 4 * 4 * 4, ROUNDS = 400 };

static uint32_t seed = 1;

static uint32_t draw(uint32_t below)
{
    seed = seed * 1664525u + 1013904223u;
    return (seed >> 8) % below;
}

struct lab {
    struct diagrams *all;
    uint8_t domain[VARIABLES];
    size_t cases;
    unsigned unknown;
};

static void lab_open(struct lab *lab)
{
    size_t i;

    lab->cases = 1;
    lab->unknown = draw(2);
    for (i = 0; i < VARIABLES; i++) {
        lab->domain[i] = (uint8_t)(2 + draw(3));
        lab->cases *= lab->domain[i];
    }
    lab->all = diagrams_new(lab->domain, VARIABLES, lab->unknown);
    assert_non_null(lab->all);
}

static void case_of(const struct lab *lab, size_t number, uint8_t *values)
{
    size_t i;

    for (i = 0; i < VARIABLES; i++) {
        values[i] = (uint8_t)(number % lab->domain[i]);
        number /= lab->domain[i];
    }
}

/* A random union of cubes, as a diagram and as a list of cases. */
static diagram random_set(const struct lab *lab, bool *holds)
{
    diagram set = DIAGRAM_NONE;
    size_t cubes = draw(6), i, j, n;

    memset(holds, 0, CASES_MAX * sizeof *holds);
    for (i = 0; i < cubes; i++) {
        size_t variables[VARIABLES], wanted[VARIABLES], count = 0;
        uint8_t values[VARIABLES];

        for (j = 0; j < VARIABLES; j++)
            if (draw(2) == 0) {
                variables[count] = j;
                wanted[count++] = draw(lab->domain[j]);
            }
        set = diagram_or(lab->all, set, diagram_cube(lab->all, variables, wanted, count));
        for (n = 0; n < lab->cases; n++) {
            bool in = true;

            case_of(lab, n, values);
            for (j = 0; j < count; j++)
                in = in && values[variables[j]] == wanted[j];
            holds[n] = holds[n] || in;
        }
    }
    return set;
}

static bool all_known(const struct lab *lab, const uint8_t *values)
{
    size_t i;

    for (i = 0; i < VARIABLES; i++)
        if (values[i] + lab->unknown >= lab->domain[i])
            return false;
    return true;
}

static void test_operations_agree_with_enumeration(void **state)
{
    static bool a[CASES_MAX], b[CASES_MAX];
    struct lab lab;
    size_t round, n;

    (void)state;
    for (round = 0; round < ROUNDS; round++) {
        diagram first, second, results[3];

        lab_open(&lab);
        first = random_set(&lab, a);
        second = random_set(&lab, b);
        results[0] = diagram_and(lab.all, first, second);
        results[1] = diagram_or(lab.all, first, second);
        results[2] = diagram_minus(lab.all, first, second);
        for (n = 0; n < lab.cases; n++) {
            uint8_t values[VARIABLES];

            case_of(&lab, n, values);
            assert_int_equal(diagram_holds(lab.all, results[0], values), a[n] && b[n]);
            assert_int_equal(diagram_holds(lab.all, results[1], values), a[n] || b[n]);
            assert_int_equal(diagram_holds(lab.all, results[2], values), a[n] && !b[n]);
        }
        assert_int_equal(first == second, memcmp(a, b, lab.cases * sizeof *a) == 0);
        diagrams_free(lab.all);
    }
}

static void test_counts_agree_with_enumeration(void **state)
{
    static bool a[CASES_MAX];
    struct natural count;
    struct lab lab;
    size_t round, n, expected;

    (void)state;
    for (round = 0; round < ROUNDS; round++) {
        diagram set;

        lab_open(&lab);
        set = random_set(&lab, a);
        for (n = 0, expected = 0; n < lab.cases; n++) {
            uint8_t values[VARIABLES];

            case_of(&lab, n, values);
            expected += a[n] && all_known(&lab, values);
        }
        assert_true(diagram_count(lab.all, set, &count));
        assert_true(natural_double(&count) == (double)expected);
        diagrams_free(lab.all);
    }
}

static void test_for_all_keeps_what_holds_for_every_known_value(void **state)
{
    static bool a[CASES_MAX];
    struct lab lab;
    size_t round, n, v, value;

    (void)state;
    for (round = 0; round < ROUNDS; round++) {
        diagram set, kept;

        lab_open(&lab);
        set = random_set(&lab, a);
        v = draw(VARIABLES);
        kept = diagram_for_all(lab.all, set, v);
        for (n = 0; n < lab.cases; n++) {
            uint8_t values[VARIABLES];
            bool expected = true;

            case_of(&lab, n, values);
            for (value = 0; value + lab.unknown < lab.domain[v]; value++) {
                values[v] = (uint8_t)value;
                expected = expected && diagram_holds(lab.all, set, values);
            }
            assert_int_equal(diagram_holds(lab.all, kept, values), expected);
        }
        diagrams_free(lab.all);
    }
}

struct costs {
    int of[VARIABLES][4];
};

static int cost(void *ctx, size_t variable, size_t value)
{
    const struct costs *costs = ctx;

    return costs->of[variable][value];
}

/* Is case a to be preferred to b of the same cost? */
static bool comes_first(const struct costs *costs, const uint8_t *a, const uint8_t *b)
{
    size_t i;

    for (i = 0; i < VARIABLES && a[i] == b[i]; i++)
        ;
    if (i == VARIABLES)
        return false;
    if (costs->of[i][a[i]] != costs->of[i][b[i]])
        return costs->of[i][a[i]] < costs->of[i][b[i]];
    return a[i] < b[i];
}

static long nearest_by_hand(const struct lab *lab, const bool *holds, const struct costs *costs,
                            uint8_t *best)
{
    long least = -1;
    size_t n, i;

    for (n = 0; n < lab->cases; n++) {
        uint8_t values[VARIABLES];
        long sum = 0;

        case_of(lab, n, values);
        for (i = 0; i < VARIABLES && sum >= 0; i++)
            sum = costs->of[i][values[i]] < 0 ? -1 : sum + costs->of[i][values[i]];
        if (!holds[n] || sum < 0)
            continue;
        if (least < 0 || sum < least || (sum == least && comes_first(costs, values, best))) {
            least = sum;
            memcpy(best, values, sizeof values);
        }
    }
    return least;
}

static void test_the_nearest_case_is_the_one_enumeration_finds(void **state)
{
    static bool a[CASES_MAX];
    struct costs costs;
    struct lab lab;
    size_t round, i, j;

    (void)state;
    for (round = 0; round < 4 * ROUNDS; round++) {
        uint8_t found[VARIABLES] = { 0 }, expected[VARIABLES] = { 0 };
        diagram set;
        long least;

        lab_open(&lab);
        set = random_set(&lab, a);
        for (i = 0; i < VARIABLES; i++)
            for (j = 0; j < 4; j++)
                costs.of[i][j] = (int)draw(4) - (draw(3) == 0);
        least = nearest_by_hand(&lab, a, &costs, expected);
        assert_int_equal(diagram_nearest(lab.all, set, cost, &costs, found), least);
        if (least >= 0)
            assert_memory_equal(found, expected, sizeof found);
        diagrams_free(lab.all);
    }
}

static void test_large_counts_are_exact(void **state)
{
    uint8_t values[100];
    struct buf out = { 0 };
    const size_t last = 99, third = 3;
    struct natural count;
    struct diagrams *all;

    (void)state;
    memset(values, 11, sizeof values); /* ten known ones */
    all = diagrams_new(values, 100, 1);
    assert_true(diagram_count(all, DIAGRAM_ALL, &count));
    natural_write_short(&count, &out);
    assert_string_equal(out.at, "1.0e100");
    buf_fini(&out);
    natural_write(&count, &out);
    assert_int_equal(out.len, 101 + 33);
    assert_memory_equal(out.at, "10,000,000", 10);
    buf_fini(&out);
    assert_true(diagram_count(all, diagram_cube(all, &last, &third, 1), &count));
    natural_write_short(&count, &out);
    assert_string_equal(out.at, "1.0e99");
    buf_fini(&out);
    diagrams_free(all);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_operations_agree_with_enumeration),
        cmocka_unit_test(test_counts_agree_with_enumeration),
        cmocka_unit_test(test_for_all_keeps_what_holds_for_every_known_value),
        cmocka_unit_test(test_the_nearest_case_is_the_one_enumeration_finds),
        cmocka_unit_test(test_large_counts_are_exact),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
