/* SPDX-License-Identifier: Apache-2.0 */
/* Made-up numbers: their own format says of them exactly what was wished for. */
#include "number_sheet.h"

static bool is_one_of(const char *format, const char *const *formats)
{
    for (; *formats != NULL; formats++)
        if (strcmp(format, *formats) == 0)
            return true;
    return false;
}

/* The verdict a format gives a made-up number of this kind, or NULL when it has none. */
static const char *verdict_of(const char *format, const struct number_wish *wish,
                              struct number_says *says)
{
    char number[64];

    if (!number_example(str_of(format), wish, today, number))
        return NULL;
    number_format(str_of(format))(str_of(number), today, says);
    return number_verdict_name(says->verdict);
}

static void test_every_format_has_good_and_wrong_numbers(void **state)
{
    const char *format;
    size_t i;

    (void)state;
    for (i = 0; (format = number_format_name(i)) != NULL; i++) {
        struct number_wish wish = { .kind = NUMBER_GOOD };
        struct number_says says;

        assert_string_equal(verdict_of(format, &wish, &says), "ok");
        assert_int_equal(says.warnings, 0);
        wish.kind = NUMBER_WRONG;
        assert_non_null(verdict_of(format, &wish, &says));
        assert_true(says.verdict != NUMBER_OK && says.verdict != NUMBER_RETIRED &&
                    says.verdict != NUMBER_UNSUITABLE);
    }
    assert_true(i >= 15);
}

static void test_only_some_formats_have_retired_numbers_and_numbers_of_others(void **state)
{
    static const char *const retired[] = { "gb11643", "household", NULL };
    static const char *const never_of_others[] = {
        "hk_macau_exit_permit", "passport", "uscc", "gb11714", "free", NULL
    };
    struct number_says says;
    const char *format;
    size_t i;

    (void)state;
    for (i = 0; (format = number_format_name(i)) != NULL; i++) {
        struct number_wish old = { .kind = NUMBER_OLD, .birth = { 1950, 2, 28 } };
        struct number_wish others = { .kind = NUMBER_OF_OTHERS };
        const char *of_old = verdict_of(format, &old, &says);
        const char *of_others = verdict_of(format, &others, &says);

        assert_true((of_old != NULL) == is_one_of(format, retired));
        assert_true(of_old == NULL || strcmp(of_old, "retired") == 0);
        assert_true((of_others == NULL) == is_one_of(format, never_of_others));
        assert_true(of_others == NULL || strcmp(of_others, "unsuitable") == 0);
    }
}

static void test_a_number_tells_the_birth_and_sex_that_were_wished_for(void **state)
{
    static const char *const telling[] = { "gb11643", "gb11643_hmt", "foreigner", "household",
                                           NULL };
    int32_t last = date_to_days(today), born;
    size_t i;

    (void)state;
    for (i = 0; telling[i] != NULL; i++)
        for (born = date_to_days((struct smg_date){ 1800, 1, 1 }); born <= last; born += 13) {
            struct number_wish wish = { .kind = NUMBER_GOOD,
                                        .birth = date_from_days(born),
                                        .sex = born % 2 == 0 ? 'M' : 'F' };
            struct number_says says;

            assert_string_equal(verdict_of(telling[i], &wish, &says), "ok");
            assert_int_equal(date_compare(says.birth, wish.birth), 0);
            assert_int_equal(says.sex, wish.sex);
        }
}

static void test_a_retired_number_tells_a_birth_of_its_century_only(void **state)
{
    int32_t born;

    (void)state;
    for (born = date_to_days((struct smg_date){ 1890, 1, 1 }); born <= date_to_days(today);
         born += 11) {
        struct number_wish wish = { .kind = NUMBER_OLD,
                                    .birth = date_from_days(born),
                                    .sex = born % 2 == 0 ? 'M' : 'F' };
        struct number_says says;
        const char *verdict = verdict_of("gb11643", &wish, &says);

        assert_true((verdict != NULL) == (wish.birth.year / 100 == 19));
        if (verdict == NULL)
            continue;
        assert_int_equal(date_compare(says.birth, wish.birth), 0);
        assert_int_equal(says.sex, wish.sex);
    }
}

static void test_nobody_is_born_tomorrow(void **state)
{
    struct number_wish wish = { .kind = NUMBER_GOOD, .birth = { 2026, 1, 2 } };
    char number[64];

    (void)state;
    assert_false(number_example(SMG_STR("gb11643"), &wish, today, number));
    /* A number that tells no birth holds for anybody. */
    assert_true(number_example(SMG_STR("passport"), &wish, today, number));
    assert_false(number_example(SMG_STR("no such format"), &wish, today, number));
}

static void test_the_kinds_have_the_names_policies_use(void **state)
{
    enum number_wish_kind kind;

    (void)state;
    assert_true(number_wish_named(SMG_STR("good"), &kind) && kind == NUMBER_GOOD);
    assert_true(number_wish_named(SMG_STR("wrong"), &kind) && kind == NUMBER_WRONG);
    assert_true(number_wish_named(SMG_STR("retired"), &kind) && kind == NUMBER_OLD);
    assert_true(number_wish_named(SMG_STR("unsuitable"), &kind) && kind == NUMBER_OF_OTHERS);
    assert_false(number_wish_named(SMG_STR("goo"), &kind));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_format_has_good_and_wrong_numbers),
        cmocka_unit_test(test_only_some_formats_have_retired_numbers_and_numbers_of_others),
        cmocka_unit_test(test_a_number_tells_the_birth_and_sex_that_were_wished_for),
        cmocka_unit_test(test_a_retired_number_tells_a_birth_of_its_century_only),
        cmocka_unit_test(test_nobody_is_born_tomorrow),
        cmocka_unit_test(test_the_kinds_have_the_names_policies_use),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
