/* SPDX-License-Identifier: Apache-2.0 */
/* The references of one regulation's rules, taken from a text of their own. */
#include "policy/variant.h"

#include "policy/load.h"

#include <lauxlib.h>
#include <stdlib.h>

static bool is_of(const struct variant *variant, size_t rule)
{
    return variant->policy->set->rules[rule].regulation == variant->regulation;
}

/* Each rule must have been declared again: what is missing would be a rule less. */
static bool has_all_rules(const struct variant *variant, struct buf *problems)
{
    const struct policy_set *set = variant->policy->set;
    bool all = true;
    size_t i;

    for (i = 0; i < set->rule_count; i++)
        if (is_of(variant, i) && variant->check[i] == LUA_NOREF) {
            set_problem(problems, set->rules[i].file, 0, "declares no rule \"%s\"",
                        set->rules[i].id);
            all = false;
        }
    return all;
}

bool variant_load(struct policy *policy, size_t regulation, struct smg_str text,
                  struct variant *out, struct buf *problems)
{
    size_t count = policy->set->rule_count, i;
    struct loading loading = { .set = policy->set,
                               .box = policy->box,
                               .problems = problems,
                               .instead = text,
                               .from = policy->from,
                               .names = policy->names };

    *out = (struct variant){ .policy = policy,
                             .regulation = regulation,
                             .applies = calloc(count + 1, sizeof *out->applies),
                             .check = calloc(count + 1, sizeof *out->check) };
    if (out->applies == NULL || out->check == NULL) {
        set_problem(problems, "policies", 0, "out of memory");
        return false;
    }
    for (i = 0; i < count; i++) {
        out->applies[i] = is_of(out, i) ? LUA_NOREF : policy->applies[i];
        out->check[i] = is_of(out, i) ? LUA_NOREF : policy->check[i];
    }
    loading.applies = out->applies;
    loading.check = out->check;
    return load_again(&loading, FILE_REGULATIONS + regulation) && has_all_rules(out, problems);
}

void variant_swap(struct variant *variant)
{
    struct policy *policy = variant->policy;
    int *applies = policy->applies, *check = policy->check;

    policy->applies = variant->applies;
    policy->check = variant->check;
    variant->applies = applies;
    variant->check = check;
}

void variant_drop(struct variant *variant)
{
    lua_State *lua;
    size_t i;

    if (variant->policy == NULL)
        return;
    lua = variant->policy->box->lua;
    for (i = 0;
         variant->applies != NULL && variant->check != NULL && i < variant->policy->set->rule_count;
         i++) {
        if (!is_of(variant, i))
            continue;
        luaL_unref(lua, LUA_REGISTRYINDEX, variant->applies[i]);
        luaL_unref(lua, LUA_REGISTRYINDEX, variant->check[i]);
    }
    free(variant->applies);
    free(variant->check);
    *variant = (struct variant){ 0 };
}
