/* SPDX-License-Identifier: Apache-2.0 */
/* Registers of articles: what is bound to what, and every mistake with its file and line. */
#include "policy/articles.h"

#include "folder.h"

static const char vocabulary[] =
    "fact 'kind' { values = { 'person', 'firm' }, source = 'form', zh = '类', en = 'kind' }\n";
static const char rules[] = "rule '1' { zh = '一', en = 'one', check = function() end }\n"
                            "rule '2/part' { zh = '二', en = 'two', check = function() end }\n";
static const char processes[] =
    "process 'keeping' { zh = '留', en = 'kept', where = { 'shiming audit verify' } }\n";
static const char header[] =
    "register { regulation = 'a/1', text = 'not at hand', checked = '2026-01-01',\n"
    "  source = { zh = '源', en = 'source' } }\n";

#define ARTICLE(number, rest) "article '" number "' { zh = '条', en = 'article', " rest " }\n"
#define DIGEST "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static const char good[] =
    ARTICLE("1.1", "rules = { '1', '2/part' }") ARTICLE("1.1/1", "rules = { '1' }")
        ARTICLE("1.2", "process = 'keeping', not_automated = { zh = '余', en = 'the rest' }")
            ARTICLE("2.1", "not_automated = { zh = '因', en = 'because' }");

struct lab {
    struct folder folder;
    struct policy_set *set;
    struct articles *articles;
};

/* Everything of one register; NULL articles when something was wrong. */
static void lab_init(struct lab *lab, const char *list, const char *text)
{
    *lab = (struct lab){ .set = NULL };
    folder_init(&lab->folder);
    folder_fill(&lab->folder, vocabulary, rules);
    if (list != NULL)
        folder_write(&lab->folder, "processes.lua", list);
    folder_write(&lab->folder, "a/1_articles.lua", text);
    lab->set = policy_set_load(lab->folder.path, some_stack, 1, &lab->folder.problems);
    if (lab->set == NULL)
        fail_msg("%s", lab->folder.problems.at);
    lab->articles = articles_load(lab->folder.path, lab->set, 0, &lab->folder.problems);
}

static void lab_fini(struct lab *lab)
{
    articles_free(lab->articles);
    policy_set_free(lab->set);
    folder_fini(&lab->folder);
}

static void put_register(struct buf *out, const char *head, const char *articles)
{
    buf_text(out, head);
    buf_text(out, articles);
}

static void test_each_article_knows_what_sees_to_it(void **state)
{
    struct buf text = { 0 };
    const struct article *it;
    struct lab lab;

    (void)state;
    put_register(&text, header, good);
    lab_init(&lab, processes, text.at);
    if (lab.articles == NULL)
        fail_msg("%s", lab.folder.problems.at);
    assert_int_equal(lab.articles->count, 4);
    it = articles_find(lab.articles, str_of("1.1"));
    assert_int_equal(article_binding(it), BOUND_RULES);
    assert_int_equal(it->rule_count, 2);
    assert_string_equal(lab.set->rules[it->rules[1]].id, "a/1#2/part");
    it = articles_find(lab.articles, str_of("1.2"));
    assert_int_equal(article_binding(it), BOUND_PROCESS);
    assert_string_equal(it->process->where[0], "shiming audit verify");
    assert_string_equal(it->reason_en, "the rest");
    it = articles_find(lab.articles, str_of("2.1"));
    assert_int_equal(article_binding(it), BOUND_BY_PEOPLE);
    assert_null(it->digest);
    assert_null(articles_find(lab.articles, str_of("3.1")));
    lab_fini(&lab);
    buf_fini(&text);
}

static void test_numbers_of_the_law(void **state)
{
    static const char *const right[] = { "1.1", "21.3", "7.1/12", "120-1.1", "120-1.2/3" };
    static const char *const wrong[] = { "",       "1",     "1.",    ".1",     "1.0",  "01.1",
                                         "1.1/",   "1.1/a", "1.1.1", "1.1/0",  "1 .1", "-1.1",
                                         "1.1/1x", "1-.1",  "1.1-1", "11111.1" };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof right / sizeof right[0]; i++)
        if (!articles_number_is_valid(str_of(right[i])))
            fail_msg("%s was refused", right[i]);
    for (i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        if (articles_number_is_valid(str_of(wrong[i])))
            fail_msg("%s was taken", wrong[i]);
}

static void expect_problem(const char *list, const char *head, const char *articles,
                           const char *problem)
{
    struct buf text = { 0 };
    struct lab lab;

    put_register(&text, head, articles);
    lab_init(&lab, list, text.at);
    if (lab.articles != NULL)
        fail_msg("loaded: %s", articles);
    if (strstr(lab.folder.problems.at, problem) == NULL)
        fail_msg("expected: %s\ngot: %s", problem, lab.folder.problems.at);
    lab_fini(&lab);
    buf_fini(&text);
}

static const char extract[] =
    "register { regulation = 'a/1', text = 'extract', checked = '2026-01-01',\n"
    "  source = { zh = '源', en = 'source' } }\n";

static void test_an_extract_leaves_articles_out_but_keeps_their_order(void **state)
{
    struct buf text = { 0 };
    struct lab lab;

    (void)state;
    put_register(&text, extract,
                 ARTICLE("4.2", "rules = { '1' }, digest = '" DIGEST "'")
                     ARTICLE("10.1/3", "rules = { '2/part' }")
                         ARTICLE("10-1.1", "process = 'keeping'"));
    lab_init(&lab, processes, text.at);
    if (lab.articles == NULL)
        fail_msg("%s", lab.folder.problems.at);
    assert_int_equal(lab.articles->count, 3);
    assert_string_equal(lab.articles->articles[0].digest, DIGEST);
    assert_null(lab.articles->articles[1].digest);
    lab_fini(&lab);
    buf_fini(&text);
    expect_problem(processes, extract,
                   ARTICLE("4.2", "rules = { '1' }") ARTICLE("4.1", "rules = { '1' }"),
                   "a/1_articles.lua:4: article \"4.1\": does not follow \"4.2\"");
    expect_problem(processes, extract,
                   ARTICLE("4.2", "rules = { '1' }") ARTICLE("4.2", "rules = { '1' }"),
                   "a/1_articles.lua:4: article \"4.2\": does not follow \"4.2\"");
}

static void test_mistakes_in_a_register(void **state)
{
    static const struct {
        const char *text, *problem;
    } mistakes[] = {
        { ARTICLE("1.1", ""), "a/1_articles.lua:3: article \"1.1\": is bound to nothing" },
        { ARTICLE("1.1", "rules = {}"), "article \"1.1\": rules names 1 to 64" },
        { ARTICLE("1.1", "rules = '1'"), "article \"1.1\": rules must be a list of texts" },
        { ARTICLE("1.1", "rules = { 1 }"), "article \"1.1\": rules must be a list of texts" },
        { ARTICLE("1.1", "rules = { '2/prat' }"),
          "article \"1.1\": \"2/prat\" is no rule of a/1; did you mean \"2/part\"?" },
        { ARTICLE("1.1", "process = 'keepin'"),
          "\"keepin\" is no process of processes.lua; did you mean \"keeping\"?" },
        { ARTICLE("1.1", "not_automated = 'because'"),
          "article \"1.1\": not_automated must be { zh = ..., en = ... }" },
        { ARTICLE("1.1", "not_automated = { zh = '因' }"), "\"1.1\": has no en" },
        { ARTICLE("1.1", "rules = { '1' }, digest = '" DIGEST "'"),
          "has a digest, though the register says that the text is not at hand" },
        { ARTICLE("1.1", "rules = { '1' }, rule = '1'"), "unknown key \"rule\"; did you mean" },
        { "article '1.1' { en = 'x', rules = { '1' } }", "article \"1.1\": has no zh" },
        { ARTICLE("1", "rules = { '1' }"), "article \"1\": is not a number of the law" },
        { ARTICLE("1.2", "rules = { '1' }"), "article \"1.2\": does not follow \"0\"" },
        { ARTICLE("1.1", "rules = { '1' }") ARTICLE("1.1", "rules = { '1' }"),
          "a/1_articles.lua:4: article \"1.1\": does not follow \"1.1\"" },
        { ARTICLE("1.1", "rules = { '1' }") ARTICLE("2.2", "rules = { '1' }"),
          "article \"2.2\": does not follow \"1.1\"" },
        { ARTICLE("1.1", "rules = { '1' }"),
          "a/1.lua:4: rule \"2/part\": no article of a/1_articles.lua is bound to it" },
        { "article '1.1'", "article \"1.1\" is not followed by its table" },
        { "register { regulation = 'a/1', text = 'at hand', checked = '2026-01-01',\n"
          "source = { zh = '源', en = 'source' } }",
          "a/1_articles.lua:3: register: stands twice in the file" },
        { "rule '1' {}", "'rule' is not a name a policy may use" },
        { "while true do end", "ran out of its budget" },
    };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof mistakes / sizeof mistakes[0]; i++)
        expect_problem(processes, header, mistakes[i].text, mistakes[i].problem);
}

static void test_mistakes_in_what_a_register_says_of_itself(void **state)
{
    (void)state;
    expect_problem(processes, "", good, "article \"1.1\": stands before register { ... }");
    expect_problem(processes, "", "", "a/1_articles.lua:1: has no register { ... }");
    expect_problem(processes,
                   "register { regulation = 'b/1', text = 'at hnad', checked = 'today',\n"
                   "  source = 'x' }\n",
                   "", "regulation = \"b/1\", but the file's place says \"a/1\"");
    expect_problem(processes,
                   "register { regulation = 'a/1', text = 'at hnad', checked = '2026-01-01',\n"
                   "  source = { zh = '源', en = 'x' } }\n",
                   "", "text = \"at hnad\" is unknown; did you mean \"at hand\"?");
    expect_problem(processes,
                   "register { regulation = 'a/1', text = 'at hand', checked = '2026-01-01',\n"
                   "  source = { zh = '源', en = 'x' } }\n",
                   good, "article \"1.1\": has no digest, though the register says");
}

static void test_mistakes_in_the_list_of_processes(void **state)
{
    (void)state;
    expect_problem("process 'keeping' { zh = '留', en = 'kept', where = { 'audit' } }\n", header,
                   good,
                   "processes.lua:1: process \"keeping\": where = \"audit\" is neither a verb");
    expect_problem("process 'keeping' { zh = '留', en = 'kept' }\n", header, good,
                   "processes.lua:1: process \"keeping\": where must be a list of texts");
    expect_problem(NULL, header, good, "\"keeping\" is no process of processes.lua");
}

static void test_a_regulation_without_a_register_is_said_to_have_none(void **state)
{
    struct lab lab;
    struct buf text = { 0 };

    (void)state;
    put_register(&text, header, good);
    lab_init(&lab, processes, text.at);
    articles_free(lab.articles);
    buf_clear(&text);
    buf_printf(&text, "%s/a/1_articles.lua", lab.folder.path);
    assert_int_equal(unlink(text.at), 0);
    lab.articles = articles_load(lab.folder.path, lab.set, 0, &lab.folder.problems);
    assert_null(lab.articles);
    assert_non_null(strstr(lab.folder.problems.at, "a/1_articles.lua: cannot be read"));
    lab_fini(&lab);
    buf_fini(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_article_knows_what_sees_to_it),
        cmocka_unit_test(test_numbers_of_the_law),
        cmocka_unit_test(test_an_extract_leaves_articles_out_but_keeps_their_order),
        cmocka_unit_test(test_mistakes_in_a_register),
        cmocka_unit_test(test_mistakes_in_what_a_register_says_of_itself),
        cmocka_unit_test(test_mistakes_in_the_list_of_processes),
        cmocka_unit_test(test_a_regulation_without_a_register_is_said_to_have_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
