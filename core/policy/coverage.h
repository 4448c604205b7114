/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of a policy set meet: rules, conditions (true and false) and articles. Lines are
 * not counted, as they change with the layout of a text. */
#ifndef POLICY_COVERAGE_H
#define POLICY_COVERAGE_H

#include "policy/policy.h"

/* A condition of the text, as conditions.h has it. */
struct covered_condition {
    const char *file;
    int line, column;
    struct smg_str text; /* of the set */
    bool was_true, was_false;
};

/* A rule is covered when it applied, had an effect, and once had none. */
struct covered_rule {
    const char *id, *file;
    int line;
    bool applies, speaks, silent; /* it did, in some test */
    bool always;                  /* it has an effect in every case, so cannot be silent */
};

/* An article is covered when one of its rules applied. */
struct covered_article {
    const char *file;
    int line;      /* of its first rule */
    char name[96]; /* "cn-54/2018#9" */
    bool applies;
};

struct coverage {
    struct covered_condition *conditions;
    size_t condition_count;
    struct covered_rule *rules;
    size_t rule_count;
    struct covered_article *articles;
    size_t article_count;
    struct policy_set *set; /* what the texts above point into */
};

bool coverage_rule_is_whole(const struct covered_rule *rule);
struct share {
    size_t met, all;
};
struct share coverage_of_rules(const struct coverage *coverage);
struct share coverage_of_conditions(const struct coverage *coverage); /* true and false: two each */
struct share coverage_of_articles(const struct coverage *coverage);

/* As policy_test, and fills `out`, which coverage_fini frees in any case. The tests run over the
 * same regulations with every condition wrapped in a call that tells its truth and gives its value
 * on; nothing of it can be named by a script, and lines stay the same. */
int policy_test_covered(const char *path, const char *const *stack, size_t count,
                        policy_tell_fn tell, void *ctx, struct coverage *out, struct buf *problems);
void coverage_fini(struct coverage *coverage);

/* For load.c: what a counted text is given as its only argument. */
struct lua_State;
int coverage_met(struct lua_State *lua);

#endif
