/* SPDX-License-Identifier: Apache-2.0 */
/* Checks over the whole set: what no single declaration can see. */
#include "policy/load.h"

/* "customer" beside "customer.kind": reading the first would hide the second. */
static void check_nesting(const struct policy_set *set, struct buf *problems)
{
    size_t i, j;

    for (i = 0; i < set->fact_count; i++)
        for (j = 0; j < set->fact_count; j++) {
            size_t len = strlen(set->facts[i].name);

            if (str_starts(str_of(set->facts[j].name), set->facts[i].name) &&
                set->facts[j].name[len] == '.')
                set_problem(problems, set->facts[i].file, set->facts[i].line,
                            "fact \"%s\": hides the fact \"%s\"", set->facts[i].name,
                            set->facts[j].name);
        }
}

static void check_words(const struct policy_set *set, struct buf *problems)
{
    size_t i;

    for (i = 0; i < set->word_count; i++) {
        const struct fact *fact = set_fact(set, str_of(set->words[i].name));

        if (fact != NULL && set->words[i].kind == EFFECT_NEED)
            set_problem(problems, fact->file, fact->line,
                        "word \"%s\": a fact of this name can be needed already", fact->name);
    }
}

static bool is_of_stack(const struct policy_set *set, const char *rule)
{
    struct smg_str id = { rule, strcspn(rule, "#") };
    size_t i;

    for (i = 0; i < set->regulation_count; i++)
        if (str_is(id, set->regulations[i].info.id))
            return true;
    return false;
}

/* Only what lies below in the stack can be replaced, so that no two rules replace each other. A
 * rule of a regulation that is not in the stack has nobody to replace. */
static void check_replaces(struct policy_set *set, struct buf *problems)
{
    const char *ids[SET_RULES];
    size_t i;

    for (i = 0; i < set->rule_count; i++)
        ids[i] = set->rules[i].id;
    for (i = 0; i < set->rule_count; i++) {
        struct rule *rule = &set->rules[i];
        const char *near;

        if (rule->replaces == NULL ||
            (strchr(rule->replaces, '#') != NULL && !is_of_stack(set, rule->replaces)))
            continue;
        rule->replaced = set_rule(set, str_of(rule->replaces));
        near = str_nearest(str_of(rule->replaces), ids, set->rule_count);
        if (rule->replaced == RULE_NONE)
            set_problem(problems, rule->file, rule->line,
                        near == NULL
                            ? "rule \"%s\": replaces \"%s\", which is no rule"
                            : "rule \"%s\": replaces \"%s\", which is no rule; did you mean "
                              "\"%s\"?",
                        rule->id, rule->replaces, near);
        else if (set->rules[rule->replaced].regulation >= rule->regulation)
            set_problem(problems, rule->file, rule->line,
                        "rule \"%s\": replaces \"%s\", which is not of a regulation earlier in the "
                        "stack",
                        rule->id, rule->replaces);
    }
}

/* What a regulation repeals need not be in the stack: it may be older than any file of ours. */
static void check_repeals(struct policy_set *set, struct buf *problems)
{
    size_t i, j;

    for (i = 0; i < set->regulation_count; i++) {
        struct regulation *regulation = &set->regulations[i];

        regulation->repeals = REGULATION_NONE;
        for (j = 0; regulation->info.repeals != NULL && j < set->regulation_count; j++)
            if (strcmp(set->regulations[j].info.id, regulation->info.repeals) == 0)
                regulation->repeals = (int)j;
        if (regulation->repeals >= (int)i)
            set_problem(problems, set->files[FILE_REGULATIONS + i].name, 1,
                        "repeals \"%s\", which is not earlier in the stack",
                        regulation->info.repeals);
    }
}

void check_set(struct policy_set *set, struct buf *problems)
{
    size_t i;

    check_nesting(set, problems);
    check_words(set, problems);
    check_replaces(set, problems);
    check_repeals(set, problems);
    for (i = 0; i < set->regulation_count; i++)
        if (!set->regulations[i].declared)
            set_problem(problems, set->files[FILE_REGULATIONS + i].name, 1,
                        "has no regulation { ... }");
}
