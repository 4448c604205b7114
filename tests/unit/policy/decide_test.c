/* SPDX-License-Identifier: Apache-2.0 */
/* What a decision is: facts derived once and floored, unknown ones asked for, effects added up,
 * regulations in force by day and region. */
#include "folder.h"

#include "base/log.h"

static const char vocabulary[] =
    "fact 'kind' { values = { 'person', 'firm' }, source = 'form', zh = '类', en = 'kind',\n"
    "  from = function(field) return field 'kind' end }\n"
    "fact 'customer.minor' { values = { true, false }, source = 'form', zh = '未', en = 'minor',\n"
    "  of = 'customer', from = function(field) local born = field 'birth'\n"
    "    if born == nil then return nil end return age(born) < 18 end }\n"
    "fact 'customer.document.type' { values = { 'none', 'resident_id', 'licence' },\n"
    "  source = 'card', zh = '证', en = 'document',\n"
    "  from = function(field) return field 'type' or 'none' end }\n"
    "fact 'customer.document.good' { values = { true, false }, source = 'card', zh = '真',\n"
    "  en = 'good', from = function(field) local text = field 'number'\n"
    "    if not text then return nil end\n"
    "    return number(documents[field 'type'].number, text).verdict == 'ok' end }\n"
    "fact 'held' { values = { 0, 4, 5 }, source = 'registry', registry = 'numbers.held',\n"
    "  of = 'customer', zh = '数', en = 'numbers held' }\n"
    "fact 'count' { values = { 0, 4, 5 }, source = 'form', zh = '数', en = 'count',\n"
    "  from = function(field) return field 'count' end }\n"
    "fact 'verified' { values = { 'match', 'mismatch', 'unknown' }, source = 'service',\n"
    "  service = 'public-security', of = 'customer', zh = '核', en = 'verified' }\n"
    "fact 'bad' { values = { 'x' }, source = 'form', zh = '坏', en = 'bad',\n"
    "  from = function(field) return field 'bad' end }\n"
    "fact 'late' { values = { true, false }, source = 'form', zh = '迟', en = 'late',\n"
    "  from = function(field) local last = field 'last' return last and day > last end }\n"
    "word 'extra' { kind = 'need', zh = '需', en = 'extra needed' }\n"
    "word 'no' { kind = 'refuse', zh = '否', en = 'no' }\n"
    "word 'police' { kind = 'report', zh = '警', en = 'police' }\n"
    "word 'retain' { kind = 'oblige', zh = '留', en = 'retain' }\n";

static const struct smg_date day = { 2026, 1, 1 };

struct world {
    struct folder folder;
    struct policy *policy;
    struct smg_fields *fields;
    struct decision decision;
};

static void begin(struct world *world, const char *rules)
{
    folder_init(&world->folder);
    folder_fill(&world->folder, vocabulary, rules);
    world->policy = folder_load(&world->folder, some_stack, 1);
    world->fields = fields_new();
    assert_non_null(world->fields);
}

static void end(struct world *world)
{
    policy_free(world->policy);
    fields_free(world->fields);
    folder_fini(&world->folder);
}

static void decide(struct world *world, const struct answer *answers, size_t count)
{
    policy_decide(world->policy, world->fields, "540102", day, DATE_NONE, answers, count,
                  &world->decision);
}

static void set(struct world *world, const char *name, const char *text)
{
    assert_true(fields_set_text(world->fields, name, str_of(text)));
}

static void test_effects_of_all_rules_add_up_with_texts_and_paragraphs(void **state)
{
    struct world world;
    const struct effect *effect;

    (void)state;
    begin(&world, "rule '1.1' { zh = '一', en = 'one', check = function() need 'extra' end }\n"
                  "rule '1.2/x' { zh = '二', en = 'two', check = function()\n"
                  "  oblige { 'retain', within = '24h' } report { to = 'police', within = '1h' }\n"
                  "  oblige 'retain' end }\n");
    decide(&world, NULL, 0);
    assert_int_equal(world.decision.verdict, VERDICT_INCOMPLETE);
    assert_int_equal(world.decision.effect_count, 3);
    assert_false(world.decision.broken);
    effect = &world.decision.effects[0];
    assert_string_equal(effect->what, "extra");
    assert_string_equal(effect->rule, "a/1#1.1");
    assert_string_equal(effect->zh, "需");
    assert_string_equal(effect->rule_en, "one");
    assert_null(effect->to);
    effect = &world.decision.effects[1];
    assert_int_equal(effect->kind, EFFECT_OBLIGE);
    assert_int_equal(effect->within_ms, 86400000);
    effect = &world.decision.effects[2];
    assert_int_equal(effect->kind, EFFECT_REPORT);
    assert_string_equal(effect->to, "police");
    assert_string_equal(effect->rule, "a/1#1.2/x");
    assert_int_equal(effect->within_ms, 3600000);
    assert_int_equal(world.decision.policy_count, 1);
    assert_string_equal(world.decision.policies[0]->id, "a/1");
    assert_int_equal(world.decision.policies[0]->rules, 2);
    end(&world);
}

static void test_the_same_effect_of_two_rules_is_two_and_of_one_rule_one(void **state)
{
    struct world world;

    (void)state;
    begin(&world, "rule '1' { zh = '一', en = 'one', check = function()\n"
                  "  need 'extra' need 'extra' end }\n"
                  "rule '2' { zh = '二', en = 'two', check = function() need 'extra' end }\n");
    decide(&world, NULL, 0);
    assert_int_equal(world.decision.effect_count, 2);
    assert_true(decision_says(&world.decision, EFFECT_NEED, "extra", "a/1#1"));
    assert_true(decision_says(&world.decision, EFFECT_NEED, "extra", "a/1#2"));
    end(&world);
}

static void test_an_unknown_fact_of_the_clerk_is_a_need_and_ends_the_rule(void **state)
{
    struct world world;

    (void)state;
    begin(&world, "rule '1' { zh = '一', en = 'one', check = function(case)\n"
                  "  oblige 'retain' if case.customer.minor then need 'extra' end\n"
                  "  refuse 'no' end }\n"
                  "rule '2' { zh = '二', en = 'two', check = function() oblige 'retain' end }\n");
    decide(&world, NULL, 0);
    assert_int_equal(world.decision.verdict, VERDICT_INCOMPLETE);
    assert_int_equal(world.decision.effect_count, 3);
    assert_true(decision_says(&world.decision, EFFECT_OBLIGE, "retain", "a/1#1"));
    assert_true(decision_says(&world.decision, EFFECT_NEED, "customer.minor", "a/1#1"));
    assert_true(decision_says(&world.decision, EFFECT_OBLIGE, "retain", "a/1#2"));
    assert_string_equal(world.decision.effects[1].en, "minor");
    assert_int_equal(world.decision.question_count, 0);
    end(&world);
}

static void test_an_unknown_fact_in_applies_is_asked_for_too(void **state)
{
    struct world world;

    (void)state;
    begin(&world, "rule '1' { zh = '一', en = 'one', check = function() refuse 'no' end,\n"
                  "  applies = function(case) return case.kind == 'firm' end }\n");
    decide(&world, NULL, 0);
    assert_int_equal(world.decision.effect_count, 1);
    assert_true(decision_says(&world.decision, EFFECT_NEED, "kind", "a/1#1"));
    set(&world, "kind", "person");
    decide(&world, NULL, 0);
    assert_int_equal(world.decision.verdict, VERDICT_ACCEPTED);
    set(&world, "kind", "firm");
    decide(&world, NULL, 0);
    assert_int_equal(world.decision.verdict, VERDICT_REFUSED);
    end(&world);
}

static void test_an_unknown_fact_of_a_service_is_one_question_until_answered(void **state)
{
    struct world world;
    struct answer answers[] = { { "verified", "mismatch" }, { "held", "17" } };

    (void)state;
    begin(&world, "rule '1' { zh = '一', en = 'one', check = function(case)\n"
                  "  if case.verified == 'mismatch' then refuse 'no' end end }\n"
                  "rule '2' { zh = '二', en = 'two', check = function(case)\n"
                  "  if case.verified == 'match' then need 'extra' end end }\n"
                  "rule '3' { zh = '三', en = 'three', check = function(case)\n"
                  "  if case.held >= 5 then need 'extra' end end }\n");
    decide(&world, NULL, 0);
    assert_int_equal(world.decision.verdict, VERDICT_INCOMPLETE);
    assert_int_equal(world.decision.effect_count, 0);
    assert_int_equal(world.decision.question_count, 2);
    assert_string_equal(world.decision.questions[0].fact, "verified");
    assert_string_equal(world.decision.questions[0].source, "service");
    assert_string_equal(world.decision.questions[0].ask, "public-security");
    assert_string_equal(world.decision.questions[0].of, "customer");
    assert_string_equal(world.decision.questions[1].source, "registry");
    assert_string_equal(world.decision.questions[1].ask, "numbers.held");
    decide(&world, answers, 2);
    assert_int_equal(world.decision.question_count, 0);
    assert_int_equal(world.decision.verdict, VERDICT_REFUSED);
    assert_true(decision_says(&world.decision, EFFECT_NEED, "extra", "a/1#3"));
    end(&world);
}

static void test_an_answer_outside_the_list_breaks_the_decision(void **state)
{
    struct world world;
    struct answer answer = { "verified", "perhaps" };

    (void)state;
    begin(&world, "rule '1' { zh = '一', en = 'one', check = function(case)\n"
                  "  if case.verified == 'mismatch' then refuse 'no' end end }\n");
    decide(&world, &answer, 1);
    assert_true(world.decision.broken);
    assert_int_equal(world.decision.verdict, VERDICT_INCOMPLETE);
    assert_true(decision_says(&world.decision, EFFECT_NEED, "policy.available", "a/1#1"));
    end(&world);
}

static void test_an_answer_does_not_stand_in_for_what_a_clerk_tells(void **state)
{
    struct world world;
    struct answer answers[] = { { "kind", "person" }, { "unheard.of", "1" } };

    (void)state;
    begin(&world, "rule '1' { zh = '一', en = 'one', check = function(case)\n"
                  "  if case.kind == 'firm' then refuse 'no' end end }\n");
    decide(&world, answers, 2);
    assert_true(decision_says(&world.decision, EFFECT_NEED, "kind", "a/1#1"));
    end(&world);
}

static void test_whole_numbers_are_floored_to_the_list(void **state)
{
    static const struct {
        int64_t told, seen;
    } cases[] = { { -7, 0 }, { 0, 0 }, { 3, 0 }, { 4, 4 }, { 5, 5 }, { INT64_MAX, 5 } };
    struct world world;
    struct buf facts = { 0 };
    char line[32];
    size_t i;

    (void)state;
    begin(&world, "rule '1' { zh = '一', en = 'one', check = function(case)\n"
                  "  if case.count >= 5 then refuse 'no' end end }\n");
    for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_true(fields_set_int(world.fields, "count", cases[i].told));
        decide(&world, NULL, 0);
        buf_clear(&facts);
        policy_facts(world.policy, &facts);
        snprintf(line, sizeof line, "count=%lld\n", (long long)cases[i].seen);
        assert_non_null(strstr(facts.at, line));
        assert_int_equal(world.decision.verdict == VERDICT_REFUSED, cases[i].seen == 5);
    }
    buf_fini(&facts);
    end(&world);
}

static void test_the_facts_of_a_decision_are_all_that_could_be_derived(void **state)
{
    struct world world;
    struct buf facts = { 0 };

    (void)state;
    begin(&world, "rule '1' { zh = '一', en = 'one', check = function(case)\n"
                  "  if case.kind == 'firm' then refuse 'no' end end }\n");
    set(&world, "kind", "person");
    set(&world, "type", "resident_id");
    set(&world, "number", "11010519491231002X");
    set(&world, "bad", "a secret nobody may see");
    assert_true(fields_set_date(world.fields, "birth", (struct smg_date){ 2008, 1, 2 }));
    decide(&world, (struct answer[]){ { "verified", "match" } }, 1);
    assert_int_equal(world.decision.verdict, VERDICT_ACCEPTED);
    assert_false(world.decision.broken);
    policy_facts(world.policy, &facts);
    assert_string_equal(facts.at, "kind=person\ncustomer.minor=true\n"
                                  "customer.document.type=resident_id\n"
                                  "customer.document.good=true\nverified=match\n");
    buf_fini(&facts);
    end(&world);
}

static void test_a_birthday_counts_by_the_day_of_the_case(void **state)
{
    struct world world;

    (void)state;
    begin(&world, "rule '1' { zh = '一', en = 'one', check = function(case)\n"
                  "  if case.customer.minor then refuse 'no' end end }\n");
    assert_true(fields_set_date(world.fields, "birth", (struct smg_date){ 2008, 1, 2 }));
    decide(&world, NULL, 0);
    assert_int_equal(world.decision.verdict, VERDICT_REFUSED);
    policy_decide(world.policy, world.fields, "540102", (struct smg_date){ 2026, 1, 2 }, DATE_NONE,
                  NULL, 0, &world.decision);
    assert_int_equal(world.decision.verdict, VERDICT_ACCEPTED);
    end(&world);
}

static void test_the_day_is_the_cases_own_even_when_nothing_is_in_force(void **state)
{
    struct world world;
    struct buf facts = { 0 };

    (void)state;
    begin(&world, "rule '1' { zh = '一', en = 'one', check = function(case)\n"
                  "  if case.late then refuse 'no' end end }\n");
    assert_true(fields_set_date(world.fields, "last", (struct smg_date){ 2018, 6, 30 }));
    policy_decide(world.policy, world.fields, "540102", (struct smg_date){ 2018, 6, 30 }, DATE_NONE,
                  NULL, 0, &world.decision);
    assert_int_equal(world.decision.verdict, VERDICT_ACCEPTED);
    policy_decide(world.policy, world.fields, "540102", (struct smg_date){ 2018, 7, 1 }, DATE_NONE,
                  NULL, 0, &world.decision);
    assert_int_equal(world.decision.verdict, VERDICT_REFUSED);
    policy_decide(world.policy, world.fields, "540102", (struct smg_date){ 2000, 1, 1 }, DATE_NONE,
                  NULL, 0, &world.decision);
    policy_facts(world.policy, &facts);
    assert_non_null(strstr(facts.at, "late=false\n"));
    buf_fini(&facts);
    end(&world);
}

static void test_a_value_outside_the_list_breaks_only_the_rules_that_read_it(void **state)
{
    struct world world;

    (void)state;
    begin(&world, "rule '1' { zh = '一', en = 'one', check = function(case)\n"
                  "  if case.bad == 'x' then refuse 'no' end end }\n"
                  "rule '2' { zh = '二', en = 'two', check = function(case)\n"
                  "  if case.bad == 'x' then refuse 'no' end end }\n"
                  "rule '3' { zh = '三', en = 'three', check = function() oblige 'retain' end }\n");
    set(&world, "bad", "y");
    decide(&world, NULL, 0);
    assert_true(world.decision.broken);
    assert_int_equal(world.decision.effect_count, 3);
    assert_true(decision_says(&world.decision, EFFECT_NEED, "policy.available", "a/1#1"));
    assert_true(decision_says(&world.decision, EFFECT_NEED, "policy.available", "a/1#2"));
    assert_true(decision_says(&world.decision, EFFECT_OBLIGE, "retain", "a/1#3"));
    set(&world, "bad", "x");
    decide(&world, NULL, 0);
    assert_false(world.decision.broken);
    assert_int_equal(world.decision.verdict, VERDICT_REFUSED);
    end(&world);
}

static void test_a_fact_is_derived_once_a_case(void **state)
{
    struct world world;
    int64_t spent_once, spent_often;

    (void)state;
    begin(&world, "rule '1' { zh = '一', en = 'one', check = function(case)\n"
                  "  local x = case.customer.minor end }\n");
    assert_true(fields_set_date(world.fields, "birth", (struct smg_date){ 2008, 1, 2 }));
    decide(&world, NULL, 0);
    spent_once = world.policy->box->left;
    end(&world);
    begin(&world, "rule '1' { zh = '一', en = 'one', check = function(case)\n"
                  "  for i = 1, 400 do local x = case.customer.minor end end }\n");
    assert_true(fields_set_date(world.fields, "birth", (struct smg_date){ 2008, 1, 2 }));
    decide(&world, NULL, 0);
    spent_often = world.policy->box->left;
    assert_true(spent_once - spent_often < 400 * 8);
    end(&world);
}

static void test_no_regulation_in_force_refuses(void **state)
{
    static const struct {
        const char *region;
        struct smg_date on;
        bool in_force;
    } cases[] = {
        { "540102", { 2018, 1, 1 }, true },  { "540102", { 2017, 12, 31 }, false },
        { "510000", { 2020, 1, 1 }, false }, { "54", { 2020, 1, 1 }, true },
        { "5", { 2020, 1, 1 }, false },      { "", { 2020, 1, 1 }, false },
    };
    struct world world;
    size_t i;

    (void)state;
    begin(&world, "rule '1' { zh = '一', en = 'one', check = function() oblige 'retain' end }\n");
    for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        policy_decide(world.policy, world.fields, cases[i].region, cases[i].on, DATE_NONE, NULL, 0,
                      &world.decision);
        assert_int_equal(world.decision.policy_count, cases[i].in_force);
        assert_int_equal(
            decision_says(&world.decision, EFFECT_REFUSE, "regulation.none_in_force", ""),
            !cases[i].in_force);
        assert_int_equal(world.decision.verdict,
                         cases[i].in_force ? VERDICT_ACCEPTED : VERDICT_REFUSED);
    }
    policy_decide(world.policy, world.fields, NULL, day, DATE_NONE, NULL, 0, &world.decision);
    assert_int_equal(world.decision.verdict, VERDICT_REFUSED);
    end(&world);
}

static void test_until_is_the_first_day_no_longer_in_force(void **state)
{
    struct world world;
    const char *stack[] = { "n/1", "a/1" };

    (void)state;
    folder_init(&world.folder);
    folder_fill(&world.folder, vocabulary,
                "rule '1' { zh = '一', en = 'one', check = function() end }\n");
    folder_write(
        &world.folder, "n/1.lua",
        "regulation { id = 'n/1', region = '', from = '2010-05-01', ['until'] = '2020-02-29',\n"
        "  title = { zh = '令', en = 'order' } }\n"
        "rule '1' { zh = '一', en = 'one', check = function() need 'extra' end }\n");
    world.policy = folder_load(&world.folder, stack, 2);
    world.fields = fields_new();
    policy_decide(world.policy, world.fields, "540102", (struct smg_date){ 2020, 2, 28 }, DATE_NONE,
                  NULL, 0, &world.decision);
    assert_int_equal(world.decision.policy_count, 2);
    assert_int_equal(world.decision.verdict, VERDICT_INCOMPLETE);
    policy_decide(world.policy, world.fields, "540102", (struct smg_date){ 2020, 2, 29 }, DATE_NONE,
                  NULL, 0, &world.decision);
    assert_int_equal(world.decision.policy_count, 1);
    assert_int_equal(world.decision.verdict, VERDICT_ACCEPTED);
    policy_decide(world.policy, world.fields, "110105", (struct smg_date){ 2020, 2, 28 }, DATE_NONE,
                  NULL, 0, &world.decision);
    assert_int_equal(world.decision.policy_count, 1);
    assert_string_equal(world.decision.policies[0]->id, "n/1");
    assert_string_equal(world.decision.policies[0]->until, "2020-02-29");
    end(&world);
}

static void decide_on(struct world *world, struct smg_date on)
{
    policy_decide(world->policy, world->fields, "540102", on, DATE_NONE, NULL, 0, &world->decision);
}

static void test_a_rule_warns_before_its_day_and_bites_from_it(void **state)
{
    static const struct smg_date eve = { 2026, 6, 30 }, bites = { 2026, 7, 1 };
    struct world world;
    size_t i;

    (void)state;
    begin(&world, "rule '1.1' { zh = '一', en = 'one', bites_from = '2026-07-01',\n"
                  "  check = function(case) refuse 'no' need 'extra' report { to = 'police' }\n"
                  "  oblige 'retain' if case.kind == 'firm' then need 'count' end end }\n");
    decide_on(&world, eve);
    assert_int_equal(world.decision.verdict, VERDICT_ACCEPTED);
    assert_int_equal(world.decision.effect_count, 3); /* an unknown fact is one of them */
    for (i = 0; i < 3; i++) {
        assert_int_equal(world.decision.effects[i].kind, EFFECT_WARN);
        assert_string_equal(world.decision.effects[i].bites_from, "2026-07-01");
        assert_string_equal(world.decision.effects[i].rule, "a/1#1.1");
    }
    assert_string_equal(world.decision.effects[0].what, "no");
    assert_string_equal(world.decision.effects[0].zh, "否");
    assert_string_equal(world.decision.effects[2].what, "kind");
    decide_on(&world, bites);
    assert_int_equal(world.decision.verdict, VERDICT_REFUSED);
    assert_int_equal(world.decision.effect_count, 5);
    for (i = 0; i < 5; i++)
        assert_null(world.decision.effects[i].bites_from);
    end(&world);
}

static void test_a_rule_that_fails_is_no_mere_warning(void **state)
{
    struct world world;

    (void)state;
    begin(&world, "rule '1.1' { zh = '一', en = 'one', bites_from = '2026-07-01',\n"
                  "  check = function(case) if case.bad == 'x' then refuse 'no' end end }\n");
    set(&world, "bad", "y");
    decide_on(&world, day);
    assert_int_equal(world.decision.verdict, VERDICT_INCOMPLETE);
    assert_true(world.decision.broken);
    end(&world);
}

static void test_a_region_replaces_a_rule_only_where_and_while_it_is_in_force(void **state)
{
    struct world world;
    const char *stack[] = { "n/1", "a/1" };

    (void)state;
    folder_init(&world.folder);
    folder_fill(&world.folder, vocabulary,
                "rule '9' { zh = '九', en = 'nine', replaces = 'n/1#1',\n"
                "  applies = function() return false end, check = function() end }\n");
    folder_write(&world.folder, "n/1.lua",
                 "regulation { id = 'n/1', region = '', from = '2010-05-01',\n"
                 "  title = { zh = '令', en = 'order' } }\n"
                 "rule '1' { zh = '一', en = 'one', check = function() need 'extra' end }\n"
                 "rule '2' { zh = '二', en = 'two', check = function() oblige 'retain' end }\n");
    world.policy = folder_load(&world.folder, stack, 2);
    world.fields = fields_new();
    decide(&world, NULL, 0);
    assert_int_equal(world.decision.effect_count, 1);
    assert_true(decision_says(&world.decision, EFFECT_OBLIGE, "retain", "n/1#2"));
    policy_decide(world.policy, world.fields, "110105", day, DATE_NONE, NULL, 0, &world.decision);
    assert_true(decision_says(&world.decision, EFFECT_NEED, "extra", "n/1#1"));
    policy_decide(world.policy, world.fields, "540102", (struct smg_date){ 2017, 12, 31 },
                  DATE_NONE, NULL, 0, &world.decision);
    assert_true(decision_says(&world.decision, EFFECT_NEED, "extra", "n/1#1"));
    end(&world);
}

static void test_a_flood_of_effects_is_broken_and_cut(void **state)
{
    struct world world;
    struct buf rules = { 0 };
    int i;

    (void)state;
    for (i = 0; i < 200; i++)
        buf_printf(&rules,
                   "rule '%d' { zh = '一', en = 'one', check = function() need 'extra' end }\n",
                   i + 1);
    begin(&world, rules.at);
    decide(&world, NULL, 0);
    assert_int_equal(world.decision.effect_count, DECISION_EFFECTS);
    assert_true(world.decision.broken);
    assert_true(decision_says(&world.decision, EFFECT_NEED, "policy.available", ""));
    buf_fini(&rules);
    end(&world);
}

static void test_many_decisions_leave_no_memory_behind(void **state)
{
    struct world world;
    char text[64];
    size_t before;
    int i;

    (void)state;
    begin(&world, "rule '1' { zh = '一', en = 'one', check = function(case)\n"
                  "  if case.customer.document.good then oblige 'retain' end end }\n");
    set(&world, "type", "resident_id");
    before = world.policy->box->used;
    for (i = 0; i < 3000; i++) {
        snprintf(text, sizeof text, "1101051949%08d", i);
        set(&world, "number", text);
        decide(&world, NULL, 0);
        assert_false(world.decision.broken);
    }
    policy_tidy(world.policy);
    assert_true(world.policy->box->used <= before + 1024);
    end(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_effects_of_all_rules_add_up_with_texts_and_paragraphs),
        cmocka_unit_test(test_the_same_effect_of_two_rules_is_two_and_of_one_rule_one),
        cmocka_unit_test(test_an_unknown_fact_of_the_clerk_is_a_need_and_ends_the_rule),
        cmocka_unit_test(test_an_unknown_fact_in_applies_is_asked_for_too),
        cmocka_unit_test(test_an_unknown_fact_of_a_service_is_one_question_until_answered),
        cmocka_unit_test(test_an_answer_outside_the_list_breaks_the_decision),
        cmocka_unit_test(test_an_answer_does_not_stand_in_for_what_a_clerk_tells),
        cmocka_unit_test(test_whole_numbers_are_floored_to_the_list),
        cmocka_unit_test(test_the_facts_of_a_decision_are_all_that_could_be_derived),
        cmocka_unit_test(test_a_birthday_counts_by_the_day_of_the_case),
        cmocka_unit_test(test_the_day_is_the_cases_own_even_when_nothing_is_in_force),
        cmocka_unit_test(test_a_value_outside_the_list_breaks_only_the_rules_that_read_it),
        cmocka_unit_test(test_a_fact_is_derived_once_a_case),
        cmocka_unit_test(test_no_regulation_in_force_refuses),
        cmocka_unit_test(test_until_is_the_first_day_no_longer_in_force),
        cmocka_unit_test(test_a_rule_warns_before_its_day_and_bites_from_it),
        cmocka_unit_test(test_a_rule_that_fails_is_no_mere_warning),
        cmocka_unit_test(test_a_region_replaces_a_rule_only_where_and_while_it_is_in_force),
        cmocka_unit_test(test_a_flood_of_effects_is_broken_and_cut),
        cmocka_unit_test(test_many_decisions_leave_no_memory_behind),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
