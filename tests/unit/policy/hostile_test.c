/* SPDX-License-Identifier: Apache-2.0 */
/* Every script of tests/hostile, against what its third line says must happen; and files that are
 * no scripts at all. Nothing here looks at a clock: the budget is what ends a script. */
#include "folder.h"

#include <dirent.h>

static const char vocabulary[] =
    "fact 'kind' { values = { 'person', 'firm' }, source = 'form', zh = '类', en = 'kind',\n"
    "  from = function(field) return field 'kind' end }\n"
    "fact 'customer.minor' { values = { true, false }, source = 'form', zh = '未', en = 'minor',\n"
    "  from = function(field) return field 'minor' end }\n"
    "word 'extra' { kind = 'need', zh = '需', en = 'extra needed' }\n"
    "word 'no' { kind = 'refuse', zh = '否', en = 'no' }\n"
    "word 'police' { kind = 'report', zh = '警', en = 'police' }\n"
    "word 'retain' { kind = 'oblige', zh = '留', en = 'retain' }\n";

/* A good rule after the bad one: it must be heard all the same. */
static const char good_rule[] =
    "\nrule '99' { zh = '好', en = 'good', check = function() oblige 'retain' end }\n";

static const struct smg_date day = { 2026, 1, 1 };

struct script {
    char name[96];
    struct buf text;
    char must[200]; /* "spend its budget" */
};

static void read_script(const char *name, struct script *script)
{
    char path[512], line[512];
    FILE *file;
    int i;

    *script = (struct script){ .name = "" };
    snprintf(script->name, sizeof script->name, "%s", name);
    snprintf(path, sizeof path, "%s/tests/hostile/%s", SOURCE_DIR, name);
    file = fopen(path, "r");
    assert_non_null(file);
    for (i = 0; fgets(line, sizeof line, file) != NULL; i++) {
        buf_text(&script->text, line);
        line[strcspn(line, "\n")] = '\0';
        if (i == 2 && strncmp(line, "-- Must ", 8) == 0)
            snprintf(script->must, sizeof script->must, "%.190s", line + 8);
    }
    fclose(file);
    buf_text(&script->text, good_rule);
    assert_false(script->text.failed);
}

/* The part after "fail: ", or NULL when the script must do something else. */
static const char *must(const struct script *script, const char *what)
{
    size_t len = strlen(what);

    return strncmp(script->must, what, len) == 0 ? script->must + len : NULL;
}

static void expect_that(const struct script *script, bool holds, const char *what)
{
    if (!holds)
        fail_msg("%s: not so: %s", script->name, what);
}

#define expect(script, condition) expect_that(script, condition, #condition)

static void decide_twice(const struct script *script, struct policy *policy, bool spends)
{
    struct decision decision;
    int i;

    for (i = 0; i < 2; i++) {
        struct smg_fields *fields = fields_new();

        assert_true(fields_set_text(fields, "kind", SMG_STR("firm")));
        assert_true(fields_set_bool(fields, "minor", i == 1));
        policy_decide(policy, fields, "540102", day, DATE_NONE, NULL, 0, &decision);
        expect(script, decision.broken);
        expect(script, decision.verdict == VERDICT_INCOMPLETE);
        expect(script, decision_says(&decision, EFFECT_NEED, "policy.available", "a/1#1"));
        expect(script, decision_says(&decision, EFFECT_OBLIGE, "retain", "a/1#99") != spends);
        expect(script, policy->box->spent == spends);
        fields_free(fields);
    }
}

/* Run the bad rule alone, to see where and why it ended. */
static void run_alone(const struct script *script, struct policy *policy, const char *why)
{
    const struct sandbox *box = policy->box;
    struct decision decision = { 0 };
    struct smg_fields *fields = fields_new();
    enum ending outcome;

    assert_true(fields_set_text(fields, "kind", SMG_STR("firm")));
    assert_true(fields_set_bool(fields, "minor", true));
    evaluate_begin(policy, fields, "540102", day, DATE_NONE);
    outcome = evaluate_rule(policy, 0, &decision);
    expect(script, outcome == (why == NULL ? OUTCOME_SPENT : OUTCOME_FAILED));
    expect(script, box->left > -SANDBOX_INSTRUCTIONS);
    expect(script, box->used <= box->cap);
    if (why != NULL) {
        expect(script, box->fault.line == 0 ||
                           (strcmp(box->fault.file, "a/1.lua") == 0 && box->fault.line > 4));
        if (strstr(box->fault.text, why) == NULL)
            fail_msg("%s: expected \"%s\", got \"%s\"", script->name, why, box->fault.text);
    }
    fields_free(fields);
}

static void check_bad(const struct script *script, struct folder *folder, struct policy_set *set,
                      const char *why)
{
    struct policy *policy = folder_policy_of(set);
    struct policy_set *loaded;
    int i;

    run_alone(script, policy, why);
    decide_twice(script, policy, why == NULL);
    assert_true(policy_quicken(policy)); /* what failed once is run again */
    decide_twice(script, policy, why == NULL);
    /* Lua gives back half of its unused call records at each collection. */
    for (i = 0; i < 8; i++)
        policy_tidy(policy);
    expect(script, policy->box->used <= policy->box->base + 8192);
    policy_free(policy);
    /* What no case has met yet, a look at every case finds when the set is loaded. */
    loaded = policy_set_load(folder->path, some_stack, 1, &folder->problems);
    expect(script, loaded == NULL);
    expect(script, strncmp(folder->problems.at, "a/1.lua:", 8) == 0);
    expect(script, strstr(folder->problems.at, "rule \"1\": ") != NULL);
}

static void check_good(const struct script *script, struct folder *folder)
{
    struct policy *policy = folder_load(folder, some_stack, 1);
    struct smg_fields *fields = fields_new();
    struct decision decision;
    int i;

    for (i = 0; i < 2; i++) {
        policy_decide(policy, fields, "540102", day, DATE_NONE, NULL, 0, &decision);
        expect(script, decision.verdict == VERDICT_ACCEPTED);
        expect(script, decision_says(&decision, EFFECT_OBLIGE, "retain", "a/1#99"));
    }
    fields_free(fields);
    policy_free(policy);
}

static void check_script(const char *name)
{
    struct folder folder;
    struct script script;
    struct policy_set *set;

    read_script(name, &script);
    folder_init(&folder);
    folder_write(&folder, "vocabulary.lua", vocabulary);
    folder_write_bytes(&folder, "a/1.lua", buf_view(&script.text));
    set = set_build(folder.path, some_stack, 1, &folder.problems);
    if (must(&script, "not load: ") != NULL) {
        expect(&script, set == NULL);
        if (strstr(folder.problems.at, must(&script, "not load: ")) == NULL)
            fail_msg("%s: got %s", script.name, folder.problems.at);
    } else if (set == NULL) {
        fail_msg("%s: %s", script.name, folder.problems.at);
    } else if (must(&script, "pass") != NULL) {
        policy_set_free(set);
        check_good(&script, &folder);
    } else {
        expect(&script,
               must(&script, "spend its budget") != NULL || must(&script, "fail: ") != NULL);
        check_bad(&script, &folder, set, must(&script, "fail: "));
    }
    buf_fini(&script.text);
    folder_fini(&folder);
}

static void test_every_hostile_script_ends_as_it_says(void **state)
{
    DIR *folder = opendir(SOURCE_DIR "/tests/hostile");
    const struct dirent *entry;
    size_t count = 0;

    (void)state;
    assert_non_null(folder);
    while ((entry = readdir(folder)) != NULL)
        if (strstr(entry->d_name, ".lua") != NULL) {
            check_script(entry->d_name);
            count++;
        }
    closedir(folder);
    assert_true(count >= 100);
}

/* ---- files that are no scripts ---- */

static void expect_refused(struct smg_str text, const char *problem)
{
    struct folder folder;

    folder_init(&folder);
    folder_write(&folder, "vocabulary.lua", vocabulary);
    folder_write_bytes(&folder, "a/1.lua", text);
    assert_null(policy_set_load(folder.path, some_stack, 1, &folder.problems));
    if (strstr(folder.problems.at, problem) == NULL)
        fail_msg("expected %s, got %s", problem, folder.problems.at);
    folder_fini(&folder);
}

static void test_what_is_not_text_does_not_load(void **state)
{
    unsigned char noise[5000];
    uint32_t seed = 12345;
    size_t i;

    (void)state;
    expect_refused(SMG_STR("\x1bLua\x54"), "a/1.lua:1: attempt to load a binary chunk");
    expect_refused(SMG_STR("\x1bLua\x54\x00\x19\x93\r\n\x1a\n"), "a/1.lua:1: is not UTF-8 text");
    expect_refused(SMG_STR("\xEF\xBB\xBFregulation {}"), "a/1.lua:1: unexpected symbol");
    expect_refused(SMG_STR("#!/usr/bin/lua\n"), "a/1.lua:1: unexpected symbol near '#'");
    expect_refused(SMG_STR("-- one\n-- two\n-- \xFF\n"), "a/1.lua:3: is not UTF-8 text");
    expect_refused(SMG_STR("-- one\nlocal x = \"a\0b\"\n"), "a/1.lua:2: is not UTF-8 text");
    expect_refused(SMG_STR(""), "a/1.lua:1: has no regulation");
    for (i = 0; i < sizeof noise; i++) {
        seed = seed * 1664525 + 1013904223;
        noise[i] = (unsigned char)(seed >> 24);
    }
    expect_refused(str_bytes(noise, sizeof noise), "a/1.lua:1: is not UTF-8 text");
}

static void expect_repeated_refused(const char *before, const char *part, size_t times,
                                    const char *problem)
{
    struct buf text = { 0 };
    size_t i;

    buf_text(&text, before);
    for (i = 0; i < times; i++)
        buf_text(&text, part);
    assert_false(text.failed);
    expect_refused(buf_view(&text), problem);
    buf_fini(&text);
}

static void test_huge_and_deeply_nested_files_do_not_load(void **state)
{
    (void)state;
    expect_repeated_refused("", "-- a comment without end of sixty-four characters for padding\n",
                            10 * 1024 * 1024 / 64, "a/1.lua: is larger than");
    expect_repeated_refused("local t = ", "{", 300, "a/1.lua:1: C stack overflow");
    expect_repeated_refused("local t = ", "(", 300, "a/1.lua:1: C stack overflow");
    expect_repeated_refused("local t = ", "- ", 300, "a/1.lua:1: C stack overflow");
    expect_repeated_refused("local t = ", "not ", 300, "a/1.lua:1: C stack overflow");
    expect_repeated_refused("", "do ", 300, "a/1.lua:1: C stack overflow");
    expect_repeated_refused("", "return function() ", 300, "a/1.lua:1: C stack overflow");
    expect_repeated_refused("local t = ", "\"a\" .. ", 300, "a/1.lua:1: C stack overflow");
    expect_repeated_refused("local t = x", ".x", 200000, "a/1.lua:1: ");
    expect_repeated_refused("", "local a\n", 300, "a/1.lua:202: too many local variables");
    expect_repeated_refused("local t = [[", "0123456789abcdef", 2000, "a/1.lua:1: ");
}

static void test_a_file_that_never_ends_loading_does_not_load(void **state)
{
    (void)state;
    expect_refused(SMG_STR("local x\nwhile true do end\n"), "a/1.lua:2: ran out of its budget");
    expect_refused(SMG_STR("local x = {}\nwhile true do x[#x + 1] = x end\n"), "a/1.lua");
    expect_refused(SMG_STR("local x = {}\nfor i = 1, 90000 do x = { x } end\nerror('deep')"),
                   "a/1.lua:3: deep");
}

/* ---- what the log says ---- */

static void test_the_log_names_the_place_and_never_a_value(void **state)
{
    static const char leaky[] =
        "fact 'a' { values = { true }, source = 'form', zh = '甲', en = 'a',\n"
        "  from = function(field) error('born ' .. field 'secret') end }\n"
        "fact 'b' { values = { true }, source = 'form', zh = '乙', en = 'b',\n"
        "  from = function(field) return field 'secret' end }\n"
        "fact 'c' { values = { true }, source = 'form', zh = '丙', en = 'c',\n"
        "  from = function(field) return number(field 'secret', 'gb11643') end }\n"
        "fact 'd' { values = { true }, source = 'form', zh = '丁', en = 'd',\n"
        "  from = function(field) return date(field 'secret') end }\n"
        "fact 'e' { values = { true }, source = 'form', zh = '戊', en = 'e',\n"
        "  from = function(field) return documents[field 'secret'].number end }\n"
        "fact 'f' { values = { true }, source = 'form', zh = '己', en = 'f',\n"
        "  from = function(field) return field('secret') < 5 end }\n";
    static const char rules[] =
        "for _, name in ipairs { 'a', 'b', 'c', 'd', 'e', 'f' } do\n"
        "  rule('1/' .. name) { zh = '一', en = 'one', check = function(case)\n"
        "    if case[name] then end end }\nend\n";
    struct folder folder;
    struct policy *policy;
    struct policy_set *set;
    struct decision decision;
    struct smg_fields *fields = fields_new();
    char log[8192] = "";
    FILE *captured = tmpfile();
    int err_fd = dup(STDERR_FILENO);

    (void)state;
    folder_init(&folder);
    folder_fill(&folder, leaky, rules);
    set = set_build(folder.path, some_stack, 1, &folder.problems);
    assert_non_null(set);
    policy = folder_policy_of(set);
    assert_true(fields_set_text(fields, "secret", SMG_STR("zhang-secret-san")));
    assert_true(dup2(fileno(captured), STDERR_FILENO) >= 0);
    policy_decide(policy, fields, "540102", day, DATE_NONE, NULL, 0, &decision);
    assert_true(dup2(err_fd, STDERR_FILENO) >= 0);
    rewind(captured);
    assert_true(fread(log, 1, sizeof log - 1, captured) > 0);
    assert_true(decision.broken);
    assert_int_equal(decision.effect_count, 6);
    assert_null(strstr(log, "secret"));
    assert_non_null(strstr(log, "fact a: vocabulary.lua:2: the script raised an error"));
    assert_non_null(strstr(log, "fact b: vocabulary.lua:3: gave a value that is not in its list"));
    assert_non_null(strstr(log, "fact c: vocabulary.lua:6: number: no such format"));
    assert_non_null(strstr(log, "fact d: vocabulary.lua:8: date is written as"));
    assert_non_null(strstr(log, "fact e: vocabulary.lua:10: attempt to index a nil value"));
    assert_non_null(strstr(log, "fact f: vocabulary.lua:12: attempt to compare"));
    close(err_fd);
    fclose(captured);
    policy_free(policy);
    fields_free(fields);
    folder_fini(&folder);
}

static void test_what_was_read_does_not_stay_in_memory(void **state)
{
    struct folder folder;
    struct policy *policy;
    struct decision decision;
    struct smg_fields *fields = fields_new();
    size_t before;

    (void)state;
    folder_init(&folder);
    folder_fill(&folder,
                "fact 'a' { values = { true, false }, source = 'form', zh = '甲', en = 'a',\n"
                "  from = function(field) local t = {} for i = 1, 100 do\n"
                "    t[i] = field 'secret' .. i end return true end }\n",
                "rule '1' { zh = '一', en = 'one', check = function(case)\n"
                "  if case.a then end end }\n");
    policy = folder_load(&folder, some_stack, 1);
    assert_true(fields_set_text(fields, "secret", SMG_STR("zhang-secret-san")));
    before = policy->box->used;
    policy_decide(policy, fields, "540102", day, DATE_NONE, NULL, 0, &decision);
    assert_false(decision.broken);
    assert_true(policy->box->used > before + 2000);
    policy_tidy(policy);
    assert_true(policy->box->used <= before + 512);
    policy_free(policy);
    fields_free(fields);
    folder_fini(&folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_hostile_script_ends_as_it_says),
        cmocka_unit_test(test_what_is_not_text_does_not_load),
        cmocka_unit_test(test_huge_and_deeply_nested_files_do_not_load),
        cmocka_unit_test(test_a_file_that_never_ends_loading_does_not_load),
        cmocka_unit_test(test_the_log_names_the_place_and_never_a_value),
        cmocka_unit_test(test_what_was_read_does_not_stay_in_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
