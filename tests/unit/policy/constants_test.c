/* SPDX-License-Identifier: Apache-2.0 */
/* Constants no fact can be: found in comparisons and tables, and nothing else is. */
#include "folder.h"

#include "policy/constants.h"

static const char vocabulary[] =
    "fact 'customer.kind' { values = { 'person', 'firm' }, source = 'form', zh = '类', en = 'k' }\n"
    "fact 'customer.minor' { values = { true, false }, source = 'form', zh = '未', en = 'm' }\n"
    "fact 'customer.document.type' { values = { 'none', 'card', 'passport' }, source = 'form',\n"
    "  zh = '证', en = 'd' }\n"
    "fact 'firm.document.type' { values = { 'none', 'licence' }, source = 'form', zh = '照',\n"
    "  en = 'l' }\n"
    "fact 'held' { values = { 0, 4, 5 }, source = 'registry', registry = 'n', zh = '数',\n"
    "  en = 'held' }\n"
    "word 'extra' { kind = 'need', zh = '需', en = 'extra' }\n";

/* Each statement is the whole check of a rule, on line 4. */
static void expect_found(const char *top, const char *statement, const char *found)
{
    struct folder folder;
    struct policy_set *set;
    struct buf text = { 0 };

    folder_init(&folder);
    buf_printf(&text, "%s rule '1' { zh = '一', en = 'one', check = function(case)\n%s\nend }\n",
               top, statement);
    folder_fill(&folder, vocabulary, text.at);
    set = policy_set_load(folder.path, some_stack, 1, &folder.problems);
    if (set == NULL)
        fail_msg("%s", folder.problems.at);
    constants_check(set, &folder.problems);
    assert_string_equal(folder.problems.len == 0 ? "" : folder.problems.at, found);
    policy_set_free(set);
    buf_fini(&text);
    folder_fini(&folder);
}

static void test_a_text_or_truth_that_is_no_value_is_found(void **state)
{
    (void)state;
    expect_found("", "if case.customer.kind == 'persn' then need 'extra' end",
                 "a/1.lua:4: \"persn\" is no value of customer.kind; did you mean \"person\"?\n");
    expect_found("", "if 'firm' ~= case.customer.kind then need 'extra' end", "");
    expect_found("", "if case.customer.kind == true then need 'extra' end",
                 "a/1.lua:4: true is no value of customer.kind\n");
    expect_found("", "if case.customer.minor == nil then need 'extra' end",
                 "a/1.lua:4: nil is no value of customer.minor\n");
    expect_found("", "if case.customer.minor == false then need 'extra' end", "");
    expect_found("", "if case.held == 'four' then need 'extra' end",
                 "a/1.lua:4: \"four\" is no value of held\n");
}

static void test_a_number_that_the_listed_ones_cannot_tell_is_found(void **state)
{
    static const char list_6[] =
        "a/1.lua:4: compared with 6, but the values of held cannot tell: list 6\n";

    (void)state;
    expect_found("", "if case.held >= 5 then need 'extra' end", "");
    expect_found("", "if case.held < 4 or 5 > case.held then need 'extra' end", "");
    expect_found("", "if case.held > 4 or case.held <= 4 then need 'extra' end", "");
    expect_found("", "if case.held == 4 or case.held == 5 then need 'extra' end", "");
    expect_found("", "if case.held >= 6 then need 'extra' end", list_6);
    expect_found("", "if 6 <= case.held then need 'extra' end", list_6);
    expect_found("", "if case.held == 0 then need 'extra' end",
                 "a/1.lua:4: compared with 0, but the values of held cannot tell: list 1\n");
    expect_found("", "if case.held > 5 then need 'extra' end",
                 "a/1.lua:4: compared with 5, but the values of held cannot tell: list 6\n");
}

static void test_facts_are_known_through_locals_parameters_and_computed_parts(void **state)
{
    (void)state;
    expect_found("", "local d = case.customer.document if d.type == 'crd' then need 'extra' end",
                 "a/1.lua:4: \"crd\" is no value of customer.document.type; did you mean "
                 "\"card\"?\n");
    expect_found("",
                 "local who = 'customer' local t = case[who].document.type\n"
                 "if t == 'pasport' then need 'extra' end",
                 "a/1.lua:5: \"pasport\" is no value of customer.document.type (or another that "
                 "ends so); did you mean \"passport\"?\n");
    expect_found("",
                 "for _, who in ipairs { 'customer', 'firm' } do\n"
                 "if case[who].document.type == 'licence' then need 'extra' end end",
                 "");
    expect_found("local function bad(document) return document.type == 'paper' end",
                 "if bad(case.firm.document) then need 'extra' end",
                 "a/1.lua:3: \"paper\" is no value of customer.document.type (or another that "
                 "ends so)\n");
    expect_found(
        "", "local kind = case.customer.kind kind = 'x' if kind == 'y' then need 'extra' end", "");
    expect_found("local t = { kind = 'x' }", "if t.kind == 'y' then need 'extra' end", "");
}

static void test_the_keys_of_a_table_that_facts_look_up_are_held_to_them(void **state)
{
    (void)state;
    expect_found("local list = { card = true, pasport = true, ['licence'] = true }",
                 "if list[case.customer.document.type] then need 'extra' end",
                 "a/1.lua:3: \"pasport\" is no value of customer.document.type; did you mean "
                 "\"passport\"?\n"
                 "a/1.lua:3: \"licence\" is no value of customer.document.type\n");
    expect_found("local list = { card = true, licence = true }",
                 "if list[case.customer.document.type] or list[case.firm.document.type] then\n"
                 "need 'extra' end",
                 "");
    expect_found(
        "local function good(d, list) return list[d.type] end\n"
        "local function both(d, list) return good(d, list) end\n"
        "local cards, papers = { crd = true }, { licence = true }",
        "if both(case.customer.document, cards) and good(case.firm.document, papers) then\n"
        "need 'extra' end",
        "a/1.lua:5: \"crd\" is no value of customer.document.type (or another that ends "
        "so); did you mean \"card\"?\n");
    expect_found("local list = { a = 'customer', b = 'firm' }",
                 "for _, k in ipairs { 'a', 'b' } do if list[k] == case.customer.kind then\n"
                 "need 'extra' end end",
                 "");
}

static void test_the_shipped_policies_compare_with_nothing_no_fact_can_be(void **state)
{
    struct policy_stack stack;
    struct policy_set *set;
    struct buf problems = { 0 };

    (void)state;
    assert_true(policy_stack_find(SOURCE_DIR "/policies", &stack, &problems));
    set = policy_set_load(SOURCE_DIR "/policies", stack.ids, stack.count, &problems);
    if (set == NULL)
        fail_msg("%s", problems.at);
    constants_check(set, &problems);
    assert_string_equal(problems.len == 0 ? "" : problems.at, "");
    policy_set_free(set);
    buf_fini(&problems);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_text_or_truth_that_is_no_value_is_found),
        cmocka_unit_test(test_a_number_that_the_listed_ones_cannot_tell_is_found),
        cmocka_unit_test(test_facts_are_known_through_locals_parameters_and_computed_parts),
        cmocka_unit_test(test_the_keys_of_a_table_that_facts_look_up_are_held_to_them),
        cmocka_unit_test(test_the_shipped_policies_compare_with_nothing_no_fact_can_be),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
