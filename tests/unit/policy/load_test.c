/* SPDX-License-Identifier: Apache-2.0 */
/* Broken policies: each mistake is named with its file and line, and nothing is loaded. */
#include "folder.h"

static const char good_vocabulary[] =
    "fact 'kind' { values = { 'person', 'firm' }, source = 'form', zh = '类', en = 'kind' }\n"
    "word 'extra' { kind = 'need', zh = '需', en = 'extra' }\n"
    "word 'no' { kind = 'refuse', zh = '否', en = 'no' }\n"
    "word 'police' { kind = 'report', zh = '警', en = 'police' }\n"
    "word 'retain' { kind = 'oblige', zh = '留', en = 'retain' }\n";

static const char good_rule[] = "rule '1' { zh = '一', en = 'one', check = function() end }\n";

struct mistake {
    const char *text, *problem;
};

/* Put the text at the end of a file that is otherwise good. */
static void expect_problem(const char *file, const struct mistake *mistake)
{
    struct folder folder;
    struct buf text = { 0 };

    folder_init(&folder);
    folder_fill(&folder, good_vocabulary, good_rule);
    if (strcmp(file, "documents.lua") == 0)
        buf_text(&text, some_documents);
    else if (strcmp(file, "vocabulary.lua") == 0)
        buf_text(&text, good_vocabulary);
    else
        buf_printf(&text, "%s%s", some_header, good_rule);
    buf_text(&text, mistake->text);
    folder_write_bytes(&folder, file, buf_view(&text));
    if (policy_set_load(folder.path, some_stack, 1, &folder.problems) != NULL)
        fail_msg("loaded: %s", mistake->text);
    if (strstr(folder.problems.at, mistake->problem) == NULL)
        fail_msg("expected: %s\ngot: %s", mistake->problem, folder.problems.at);
    buf_fini(&text);
    folder_fini(&folder);
}

#define FACT(rest) "fact 'x' { zh = '甲', en = 'x', " rest " }\n"

static void test_mistakes_in_a_vocabulary(void **state)
{
    static const struct mistake mistakes[] = {
        { "fact 'X' { values = { true }, source = 'form', zh = '甲', en = 'x' }",
          "vocabulary.lua:6: fact \"X\": is not a name" },
        { "fact 'a..b' { values = { true }, source = 'form', zh = '甲', en = 'x' }",
          "vocabulary.lua:6: fact \"a..b\": is not a name" },
        { "fact '9a' { values = { true }, source = 'form', zh = '甲', en = 'x' }",
          "fact \"9a\": is not a name" },
        { "fact 'kind' { values = { true }, source = 'form', zh = '甲', en = 'x' }",
          "vocabulary.lua:6: fact \"kind\": is declared twice" },
        { "fact 'kind.of' { values = { true }, source = 'form', zh = '甲', en = 'x' }",
          "vocabulary.lua:1: fact \"kind\": hides the fact \"kind.of\"" },
        { FACT("source = 'form'"), "vocabulary.lua:6: fact \"x\": has no values" },
        { FACT("values = {}, source = 'form'"), "fact \"x\": needs 1 to 64 values" },
        { FACT("values = { true, 'yes' }, source = 'form'"),
          "fact \"x\": values are of different" },
        { FACT("values = { 1.5 }, source = 'form'"), "fact \"x\": a value must be" },
        { FACT("values = { {} }, source = 'form'"), "fact \"x\": a value must be" },
        { FACT("values = { 'a', 'a' }, source = 'form'"),
          "fact \"x\": the value a is listed twice" },
        { FACT("values = { 5, 4 }, source = 'form'"), "from the smallest up" },
        { "local v = {} for i = 1, 65 do v[i] = i end\n" FACT("values = v, source = 'form'"),
          "vocabulary.lua:7: fact \"x\": needs 1 to 64 values" },
        { FACT("values = { true }"), "fact \"x\": has no source" },
        { FACT("values = { true }, source = 'from'"),
          "source = \"from\" is unknown; did you mean \"form\"?" },
        { FACT("values = { true }, source = 'service'"), "fact \"x\": has no service" },
        { FACT("values = { true }, source = 'registry'"), "fact \"x\": has no registry" },
        { FACT("values = { true }, source = 'form', service = 'y'"),
          "names a service, but its source is not" },
        { FACT("values = { true }, source = 'form', registry = 'y'"),
          "names a registry, but its source is not" },
        { FACT("values = { true }, source = 'form', form = function() end"),
          "fact \"x\": unknown key \"form\"; did you mean \"from\"?" },
        { FACT("values = { true }, source = 'form', from = 'birth'"),
          "fact \"x\": from must be a function, not a string" },
        { FACT("values = { true }, source = 'form', from = tostring"),
          "fact \"x\": from must be a function written in this language" },
        { "fact 'x' { values = { true }, source = 'form', en = 'x' }", "fact \"x\": has no zh" },
        { "fact 'x' { values = { true }, source = 'form', zh = '', en = 'x' }",
          "fact \"x\": zh is empty" },
        { "fact 'x' { values = { true }, source = 'form', zh = '甲', en = 5 }",
          "fact \"x\": en must be a string, not a number" },
        { "fact 'x'", "vocabulary.lua:6: fact \"x\" is not followed by its table" },
        { "fact {}", "vocabulary.lua:6: fact needs a name in quotes" },
        { "word 'w' { kind = 'needs', zh = '字', en = 'w' }",
          "word \"w\": kind = \"needs\" is unknown; did you mean \"need\"?" },
        { "word 'w' { zh = '字', en = 'w' }", "vocabulary.lua:6: word \"w\": has no kind" },
        { "word 'w' { kind = 'need', zh = '字' }", "word \"w\": has no en" },
        { "word 'no' { kind = 'need', zh = '字', en = 'w' }", "word \"no\": is declared twice" },
        { "word 'kind' { kind = 'need', zh = '字', en = 'w' }",
          "word \"kind\": a fact of this name can be needed already" },
        { "word 'w' { kind = 'need', zh = '字', en = 'w', to = 'x' }",
          "word \"w\": unknown key \"to\"" },
        { "wrod 'w' { kind = 'need', zh = '字', en = 'w' }",
          "vocabulary.lua:6: 'wrod' is not a name a policy may use; did you mean 'word'?" },
        { "rule '1' {}", "vocabulary.lua:6: 'rule' is not a name a policy may use" },
        { FACT("values = { true }, source = 'form', from = function(field)\n"
               "  return nubmer('uscc', field 'x').verdict == 'ok' end"),
          "vocabulary.lua:7: 'nubmer' is not a name a policy may use; did you mean 'number'?" },
        { "local d = date '2026-02-30'", "vocabulary.lua:6: date is written as" },
        { "local d = age(0)", "vocabulary.lua:6: this is known only inside `from`" },
        { "local d = day", "vocabulary.lua:6: 'day' is not a name" },
        { "documents.resident_id.zh = 'x'", "vocabulary.lua:6: this table is read-only" },
        { "local x = = 1", "vocabulary.lua:6: unexpected symbol near '='" },
        { "error 'stop here'", "vocabulary.lua:6: stop here" },
        { "count = 1", "vocabulary.lua:6: writing the global 'count'" },
    };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof mistakes / sizeof mistakes[0]; i++)
        expect_problem("vocabulary.lua", &mistakes[i]);
}

#define DOCUMENT(rest) "document 'x' { zh = '证', en = 'x', " rest " }\n"

static void test_mistakes_in_documents(void **state)
{
    static const struct mistake mistakes[] = {
        { DOCUMENT("number = 'gb11634', person = true, organisation = false"),
          "documents.lua:5: document \"x\": number = \"gb11634\" is unknown; did you mean "
          "\"gb11643\"?" },
        { DOCUMENT("person = true, organisation = false"), "document \"x\": has no number" },
        { DOCUMENT("number = 'uscc', organisation = false"), "document \"x\": has no person" },
        { DOCUMENT("number = 'uscc', person = true"), "document \"x\": has no organisation" },
        { DOCUMENT("number = 'uscc', person = false, organisation = false"),
          "document \"x\": is nobody's" },
        { DOCUMENT("number = 'uscc', person = 1, organisation = false"),
          "document \"x\": person must be a boolean, not a number" },
        { DOCUMENT("number = 'uscc', person = true, organisation = false, machne = 'sdt'"),
          "document \"x\": unknown key \"machne\"; did you mean \"machine\"?" },
        { DOCUMENT("number = 'uscc', person = true, organisation = false, machine = 'chip'"),
          "document \"x\": machine" },
        { DOCUMENT("number = 'uscc', person = true, organisation = false, terms = { [16] = 10 }"),
          "document \"x\": terms must be years" },
        { DOCUMENT(
              "number = 'uscc', person = true, organisation = false, terms = { [0] = 'ever' }"),
          "document \"x\": terms must be years" },
        { DOCUMENT("number = 'uscc', person = true, organisation = false, terms = { [0] = 0 }"),
          "document \"x\": terms must be years" },
        { DOCUMENT("number = 'uscc', person = true, organisation = false, terms = 5"),
          "document \"x\": terms must be years" },
        { DOCUMENT("number = 'uscc', person = true, organisation = false, longest_days = 0"),
          "document \"x\": longest_days must be a whole number above 0" },
        { DOCUMENT("number = 'uscc', person = true, organisation = false, since = '2018-9-1'"),
          "document \"x\": since = \"2018-9-1\" is not a day" },
        { "document 'licence' { number = 'uscc', person = true, organisation = true, zh = '一',\n"
          " en = 'x' }",
          "documents.lua:5: document \"licence\": is declared twice" },
        { DOCUMENT("number = 'uscc', person = true, organisation = false, 'more'"),
          "document \"x\": only named keys can stand in it" },
        { "fact 'x' {}", "documents.lua:5: 'fact' is not a name" },
    };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof mistakes / sizeof mistakes[0]; i++)
        expect_problem("documents.lua", &mistakes[i]);
}

#define RULE(name, rest) "rule '" name "' { zh = '二', en = 'two', " rest " }\n"

static void test_mistakes_in_a_regulation(void **state)
{
    static const struct mistake mistakes[] = {
        { "rule '2' { en = 'two', check = function() end }", "a/1.lua:4: rule \"2\": has no zh" },
        { "rule '2' { zh = '二', check = function() end }", "a/1.lua:4: rule \"2\": has no en" },
        { RULE("2", ""), "a/1.lua:4: rule \"2\": has no check" },
        { RULE("2", "check = 'x'"), "rule \"2\": check must be a function, not a string" },
        { RULE("2", "chek = function() end"), "unknown key \"chek\"; did you mean \"check\"?" },
        { RULE("1", "check = function() end"), "a/1.lua:4: rule \"1\": is declared twice" },
        { RULE("two", "check = function() end"), "a/1.lua:4: rule \"two\": is not a paragraph" },
        { RULE("2.", "check = function() end"), "rule \"2.\": is not a paragraph" },
        { RULE("2/", "check = function() end"), "rule \"2/\": is not a paragraph" },
        { RULE("2", "check = function(case)\n  if case.knid == 'firm' then end end"),
          "a/1.lua:5: rule \"2\": the fact knid is not declared; did you mean kind?" },
        { RULE("2", "check = function(case)\n\n  need 'extar' end"),
          "a/1.lua:6: rule \"2\": need \"extar\": no such word; did you mean \"extra\"?" },
        { RULE("2", "check = function(case)\n  if case.kind == 'firm' then refuse 'nno' end end"),
          "a/1.lua:5: rule \"2\": refuse \"nno\": no such word; did you mean \"no\"?" },
        { RULE("2", "check = function() report { to = 'polcie' } end"),
          "report \"polcie\": no such word; did you mean \"police\"?" },
        { RULE("2", "check = function() report 'police' end"), "report needs a table in braces" },
        { RULE("2", "check = function() report { 'police' } end"), "report: takes one word" },
        { RULE("2", "check = function() report { to = 'police', within = '1 hour' } end"),
          "report: within is written as" },
        { RULE("2", "check = function() oblige { 'retain', within = 5 } end"),
          "oblige needs a word in quotes" },
        { RULE("2", "check = function() oblige { 'retain', 'retain' } end"),
          "oblige: takes one word" },
        { RULE("2", "check = function() need {} end"), "need needs a word in quotes" },
        { RULE("2", "bites_from = '1 July', check = function() end"),
          "a/1.lua:4: rule \"2\": bites_from = \"1 July\" is not a day" },
        { RULE("2", "bites_from = '2018-01-01', check = function() end"),
          "bites_from = \"2018-01-01\" is not after its regulation's from" },
        { RULE("2", "check = function() refsue 'no' end"),
          "a/1.lua:4: 'refsue' is not a name a policy may use; did you mean 'refuse'?" },
        { RULE("2", "replaces = 'a/1#9', check = function() end"),
          "a/1.lua:4: rule \"a/1#2\": replaces \"a/1#9\", which is no rule" },
        { RULE("2", "loosens = true, check = function() end"),
          "a/1.lua:4: rule \"2\": loosens nothing: it replaces no rule" },
        { RULE("2", "replaces = 'a/1#1', check = function() end"),
          "replaces \"a/1#1\", which is not of a regulation earlier in the stack" },
        { RULE("2", "applies = function(case) return case.kind end, check = function() end"),
          "rule \"2\": applies gives true or false, not a string" },
        { RULE("2", "check = function(case) return case.kind + 1 end"),
          "rule \"2\": attempt to perform arithmetic on a string value" },
        { "regulation { id = 'a/1', region = '54', from = '2018-01-01',\n"
          "  title = { zh = '令', en = 'order' } }",
          "a/1.lua:4: regulation: stands twice in the file" },
        { "fact 'x' {}", "a/1.lua:4: 'fact' is not a name" },
    };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof mistakes / sizeof mistakes[0]; i++)
        expect_problem("a/1.lua", &mistakes[i]);
}

static void expect_header_problem(const char *header, const char *problem)
{
    struct folder folder;

    folder_init(&folder);
    folder_write(&folder, "vocabulary.lua", good_vocabulary);
    folder_write(&folder, "a/1.lua", header);
    assert_null(policy_set_load(folder.path, some_stack, 1, &folder.problems));
    if (strstr(folder.problems.at, problem) == NULL)
        fail_msg("expected: %s\ngot: %s", problem, folder.problems.at);
    folder_fini(&folder);
}

#define REGULATION(rest) "regulation { title = { zh = '令', en = 'order' }, " rest " }\n"

static void test_mistakes_in_a_header(void **state)
{
    (void)state;
    expect_header_problem(good_rule, "a/1.lua:1: rule \"1\": stands before regulation { ... }");
    expect_header_problem("-- nothing\n", "a/1.lua:1: has no regulation { ... }");
    expect_header_problem(REGULATION("id = 'a/2', region = '', from = '2018-01-01'"),
                          "a/1.lua:1: regulation: id = \"a/2\", but the file's place says \"a/1\"");
    expect_header_problem(REGULATION("region = '', from = '2018-01-01'"), "regulation: has no id");
    expect_header_problem(REGULATION("id = 'a/1', from = '2018-01-01'"),
                          "regulation: has no region");
    expect_header_problem(REGULATION("id = 'a/1', region = 'xz', from = '2018-01-01'"),
                          "regulation: region must be the first digits");
    expect_header_problem(REGULATION("id = 'a/1', region = '5401021', from = '2018-01-01'"),
                          "regulation: region must be the first digits");
    expect_header_problem(REGULATION("id = 'a/1', region = '54'"), "regulation: has no from");
    expect_header_problem(REGULATION("id = 'a/1', region = '54', from = '2018-02-30'"),
                          "from = \"2018-02-30\" is not a day");
    expect_header_problem(
        REGULATION("id = 'a/1', region = '54', from = '2018-01-01', ['until'] = '2018-01-01'"),
        "until must be after from");
    expect_header_problem(
        REGULATION("id = 'a/1', region = '54', from = '2018-01-01', published = '2018-01-02'"),
        "from must not be before published");
    expect_header_problem(
        REGULATION("id = 'a/1', region = '54', from = '2018-01-01', published = '2018-13-01'"),
        "published = \"2018-13-01\" is not a day");
    expect_header_problem(
        REGULATION("id = 'a/1', region = '54', from = '2018-01-01', pending = 'beginning'"),
        "pending = \"beginning\" is unknown");
    expect_header_problem(
        REGULATION("id = 'a/1', region = '54', from = '2018-01-01', repeals = 'a/1'"),
        "a/1.lua:1: repeals \"a/1\", which is not earlier in the stack");
    expect_header_problem(
        REGULATION("id = 'a/1', region = '54', from = '2018-01-01', orders = '5'"),
        "regulation: unknown key \"orders\"; did you mean \"order\"?");
    expect_header_problem("regulation { id = 'a/1', region = '54', from = '2018-01-01' }\n",
                          "regulation: has no title");
    expect_header_problem(
        "regulation { id = 'a/1', region = '54', from = '2018-01-01', title = { zh = '令' } }\n",
        "regulation: title: has no en");
}

static void test_all_mistakes_are_told_at_once(void **state)
{
    static const char vocabulary[] = "word 'a' { kind = 'need', zh = '字' }\n"
                                     "word 'b' { kind = 'nede', zh = '字', en = 'b' }\n";
    struct folder folder;

    (void)state;
    folder_init(&folder);
    folder_fill(&folder, vocabulary, "rule 'x' { zh = '一', check = function() end }\n");
    folder_write(&folder, "documents.lua", "document 'x' { zh = '证' }\n");
    assert_null(policy_set_load(folder.path, some_stack, 1, &folder.problems));
    assert_string_equal(folder.problems.at,
                        "documents.lua:1: document \"x\": has no en\n"
                        "documents.lua:1: document \"x\": has no number\n"
                        "documents.lua:1: document \"x\": has no person\n"
                        "documents.lua:1: document \"x\": has no organisation\n"
                        "documents.lua:1: document \"x\": is nobody's: person or organisation must "
                        "be true\n"
                        "vocabulary.lua:1: word \"a\": has no en\n"
                        "vocabulary.lua:2: word \"b\": kind = \"nede\" is unknown; did you mean "
                        "\"need\"?\n"
                        "a/1.lua:3: rule \"x\": is not a paragraph: write \"6.3\" or "
                        "\"9.2/proxy\"\n"
                        "a/1.lua:3: rule \"x\": has no en\n");
    folder_fini(&folder);
}

static void expect_stack_problem(const char *const *stack, size_t count, const char *problem)
{
    struct folder folder;

    folder_init(&folder);
    folder_fill(&folder, good_vocabulary, good_rule);
    assert_null(policy_set_load(folder.path, stack, count, &folder.problems));
    if (strstr(folder.problems.at, problem) == NULL)
        fail_msg("expected: %s\ngot: %s", problem, folder.problems.at);
    folder_fini(&folder);
}

static void test_mistakes_in_a_stack(void **state)
{
    static const char *const twice[] = { "a/1", "a/1" };
    static const char *const missing[] = { "a/2" };
    static const char *const outside[] = { "../a/1" }, *const hidden[] = { "a/.1" };
    static const char *const absolute[] = { "/etc/passwd" }, *const empty[] = { "" };
    static const char *const many[] = { "a/1", "a/2", "a/3", "a/4", "a/5", "a/6",
                                        "a/7", "a/8", "a/9", "b/1", "b/2", "b/3",
                                        "b/4", "b/5", "b/6", "b/7", "b/8" };

    (void)state;
    expect_stack_problem(twice, 2, "stack: \"a/1\" stands there twice");
    expect_stack_problem(missing, 1, "a/2.lua: cannot be read: No such file or directory");
    expect_stack_problem(outside, 1, "stack: \"../a/1\" is no name of a regulation");
    expect_stack_problem(hidden, 1, "stack: \"a/.1\" is no name of a regulation");
    expect_stack_problem(absolute, 1, "stack: \"/etc/passwd\" is no name of a regulation");
    expect_stack_problem(empty, 1, "stack: \"\" is no name of a regulation");
    expect_stack_problem(many, 17, "stack: 1 to 16 regulations can be stacked, not 17");
    expect_stack_problem(NULL, 0, "stack: 1 to 16 regulations can be stacked, not 0");
}

static void test_a_good_set_tells_what_it_holds(void **state)
{
    struct folder folder;
    struct policy_set *set, *again;
    const struct policy_info *info;

    (void)state;
    folder_init(&folder);
    folder_fill(&folder, good_vocabulary, good_rule);
    set = policy_set_load(folder.path, some_stack, 1, &folder.problems);
    assert_non_null(set);
    assert_int_equal(folder.problems.len, 0);
    assert_int_equal(policy_set_count(set), 1);
    info = policy_set_info(set, 0);
    assert_string_equal(info->id, "a/1");
    assert_string_equal(info->region, "54");
    assert_string_equal(info->from, "2018-01-01");
    assert_null(info->until);
    assert_null(info->published);
    assert_null(info->repeals);
    assert_string_equal(info->pending, "decided");
    assert_string_equal(info->zh, "办法");
    assert_string_equal(info->order, "1");
    assert_int_equal(info->rules, 1);
    assert_true(str_starts(info->text, "regulation {"));
    assert_null(policy_set_info(set, 1));
    assert_int_equal(policy_document_count(set), 2);
    assert_string_equal(policy_document(set, 1)->type, "licence");
    assert_true(policy_document(set, 1)->organisation);
    assert_string_equal(policy_document_find(set, SMG_STR("resident_id"))->number, "gb11643");
    assert_null(policy_document_find(set, SMG_STR("resident")));
    assert_null(policy_document(set, 2));
    again = policy_set_load(folder.path, some_stack, 1, &folder.problems);
    assert_string_equal(policy_set_hash(again), policy_set_hash(set));
    assert_int_equal(strlen(info->hash), 7 + 64);
    assert_int_equal(strncmp(info->hash, "sha256:", 7), 0);
    assert_string_equal(policy_set_info(again, 0)->hash, info->hash);
    policy_set_free(again);
    folder_fill(&folder, good_vocabulary,
                "rule '1' { zh = '一', en = 'One', check = function() end }\n");
    again = policy_set_load(folder.path, some_stack, 1, &folder.problems);
    assert_string_not_equal(policy_set_hash(again), policy_set_hash(set));
    assert_string_not_equal(policy_set_info(again, 0)->hash, info->hash);
    policy_set_free(again);
    policy_set_free(policy_set_share(set));
    assert_string_equal(policy_set_info(set, 0)->id, "a/1");
    policy_set_free(set);
    folder_fini(&folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_mistakes_in_a_vocabulary),
        cmocka_unit_test(test_mistakes_in_documents),
        cmocka_unit_test(test_mistakes_in_a_regulation),
        cmocka_unit_test(test_mistakes_in_a_header),
        cmocka_unit_test(test_all_mistakes_are_told_at_once),
        cmocka_unit_test(test_mistakes_in_a_stack),
        cmocka_unit_test(test_a_good_set_tells_what_it_holds),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
