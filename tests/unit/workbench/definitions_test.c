/* SPDX-License-Identifier: Apache-2.0 */
/* Definitions for editors name every fact, word, document and word of the language, and no text of
 * a vocabulary breaks out of them. */
#include "workbench/definitions.h"

#include "policy/names.h"

#include <setjmp.h>
#include <stdlib.h>
#include <cmocka.h>

static struct policy_set *load(const struct policy_text *texts, size_t count)
{
    static const char *const stack[] = { "a/1" };
    struct buf problems = { 0 };
    struct policy_set *set = policy_set_from(texts, count, stack, 1, &problems);

    if (set == NULL)
        fail_msg("%s", problems.at);
    buf_fini(&problems);
    return set;
}

static struct policy_set *load_shipped(void)
{
    static const char *const stack[] = { "cn-54/2018" };
    struct buf problems = { 0 };
    struct policy_set *set = policy_set_load(SOURCE_DIR "/policies", stack, 1, &problems);

    if (set == NULL)
        fail_msg("%s", problems.at);
    buf_fini(&problems);
    return set;
}

/* The text of the file that ends in `name`. */
static struct buf text_of(const struct policy_set *set, const char *name)
{
    struct buf text = { 0 };
    size_t i;

    for (i = 0; definitions_name(i) != NULL; i++)
        if (strcmp(definitions_name(i), name) == 0)
            assert_true(definitions_write(set, i, &text));
    assert_int_not_equal(text.len, 0);
    return text;
}

static bool holds(const struct buf *text, const char *part)
{
    return strstr(text->at, part) != NULL;
}

#define EXPECT_HELD(text, ...)                                                                     \
    do {                                                                                           \
        char wanted[512];                                                                          \
                                                                                                   \
        snprintf(wanted, sizeof wanted, __VA_ARGS__);                                              \
        if (!holds(text, wanted))                                                                  \
            fail_msg("missing: %s", wanted);                                                       \
    } while (0)

static void test_every_fact_and_word_is_named(void **state)
{
    struct policy_set *set = load_shipped();
    struct buf text = text_of(set, "definitions/vocabulary.lua");
    size_t i;

    (void)state;
    assert_in_range(set->fact_count, 40, SET_FACTS);
    for (i = 0; i < set->fact_count; i++) {
        const char *name = set->facts[i].name, *last = strrchr(name, '.');

        EXPECT_HELD(&text, "\n---| \"%s\" # %s", name, set->facts[i].zh);
        if (last == NULL)
            EXPECT_HELD(&text, "\n---@field %s ", name);
        else
            EXPECT_HELD(&text, "\n---@class policy.case.%.*s\n", (int)(last - name), name);
        EXPECT_HELD(&text, "%s | %s\n", set->facts[i].zh, set->facts[i].en);
    }
    for (i = 0; i < set->word_count; i++)
        EXPECT_HELD(&text, "\n---| \"%s\" # %s", set->words[i].name, set->words[i].zh);
    for (i = 0; i < set->document_count; i++)
        EXPECT_HELD(&text, "\n---@field %s policy.document ", set->documents[i].info.type);
    buf_fini(&text);
    policy_set_free(set);
}

static void test_a_fact_has_exactly_its_values(void **state)
{
    static const struct policy_text texts[] = {
        { "documents.lua", { "", 0 } },
        { "vocabulary.lua",
          { "fact 'a.one' { values = { true, false }, source = 'form', zh = '甲', en = 'A' }\n"
            "fact 'a.only' { values = { true }, source = 'form', zh = '甲', en = 'A' }\n"
            "fact 'a.b.count' { values = { 0, 4, 5 }, source = 'form', zh = '甲', en = 'A' }\n"
            "fact 'a.until' { values = { 'x\"y', 'z\\\\' }, source = 'form',\n"
            "  zh = '甲\\n乙', en = 'A\\rB' }\n",
            0 } },
        { "a/1.lua",
          { "regulation { id = 'a/1', region = '', from = '2020-01-01',\n"
            "  title = { zh = '法', en = 'law' } }",
            0 } },
    };
    struct policy_text counted[3];
    struct policy_set *set;
    struct buf text;
    size_t i;

    (void)state;
    for (i = 0; i < 3; i++)
        counted[i] = (struct policy_text){ texts[i].name, str_of(texts[i].text.at) };
    set = load(counted, 3);
    text = text_of(set, "definitions/vocabulary.lua");
    EXPECT_HELD(&text, "---@class policy.case\n---@field a policy.case.a\n");
    EXPECT_HELD(&text, "---@class policy.case.a\n---@field one boolean 甲 | A\n"
                       "---@field only true 甲 | A\n---@field b policy.case.a.b\n"
                       "---@field [\"until\"] \"x\\\"y\"|\"z\\\\\" 甲 乙 | A B\n");
    EXPECT_HELD(&text, "---@class policy.case.a.b\n---@field count 0|4|5 甲 | A\n");
    EXPECT_HELD(&text, "---@alias policy.refusal\n---| string\n");
    buf_fini(&text);
    policy_set_free(set);
}

static void expect_declared(void *ctx, const char *name, const char *field)
{
    const struct buf *text = ctx;

    if (field != NULL)
        return;
    if (strcmp(name, "documents") == 0 || strcmp(name, "day") == 0)
        EXPECT_HELD(text, "\n%s = ", name);
    else
        EXPECT_HELD(text, "\nfunction %s(", name);
}

static void test_every_word_of_the_language_is_declared(void **state)
{
    struct policy_set *set = load_shipped();
    struct buf text = text_of(set, "definitions/language.lua");
    struct buf vocabulary = text_of(set, "definitions/vocabulary.lua");
    enum names_of kind;

    (void)state;
    buf_str(&text, buf_view(&vocabulary));
    for (kind = NAMES_DOCUMENTS; kind < NAMES_KINDS; kind++)
        assert_true(names_each(set, kind, expect_declared, &text));
    buf_fini(&text);
    buf_fini(&vocabulary);
    policy_set_free(set);
}

static void test_the_same_set_gives_the_same_bytes(void **state)
{
    struct policy_set *set = load_shipped(), *again = load_shipped();
    size_t i;

    (void)state;
    for (i = 0; definitions_name(i) != NULL; i++) {
        struct buf one = { 0 }, other = { 0 };

        assert_true(definitions_write(set, i, &one) && definitions_write(again, i, &other));
        assert_true(str_eq(buf_view(&one), buf_view(&other)));
        buf_fini(&one);
        buf_fini(&other);
    }
    policy_set_free(set);
    policy_set_free(again);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_fact_and_word_is_named),
        cmocka_unit_test(test_a_fact_has_exactly_its_values),
        cmocka_unit_test(test_every_word_of_the_language_is_declared),
        cmocka_unit_test(test_the_same_set_gives_the_same_bytes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
