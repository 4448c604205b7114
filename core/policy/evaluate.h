/* SPDX-License-Identifier: Apache-2.0 */
/* One evaluator: the functions of a set in a Lua state, the case at hand as an array of value
 * indices, and rules run over it one by one. policy_decide, exploration and tests all come through
 * here. */
#ifndef POLICY_EVALUATE_H
#define POLICY_EVALUATE_H

#include "policy/sandbox.h"
#include "policy/set.h"

/* What is known of a fact: the index of its value, or one of these. */
enum {
    FACT_UNASKED = -1,  /* not read yet */
    FACT_UNKNOWN = -2,  /* its source must be asked */
    FACT_DERIVING = -3, /* its `from` is running */
    FACT_BROKEN = -4    /* its `from` failed, or gave no value of the list */
};

/* Shows the facts a rule reads, each at its first reading. */
typedef void (*evaluate_read_fn)(void *ctx, size_t fact);

struct number_says;

/* What tests have met so far, for coverage.c. */
struct met {
    uint8_t *rules;      /* by rule */
    uint8_t *conditions; /* by number in the counted texts */
};
enum { MET_APPLIES = 1, MET_SPEAKS = 2, MET_SILENT = 4 };
enum { MET_FALSE = 1, MET_TRUE = 2 };

struct policy {
    struct policy_set *set;
    struct sandbox *box;
    int *from, *example, *applies, *check; /* references in the registry */
    int *parts; /* the hidden table each fact is remembered in (facts.c) */
    int root;   /* `case` */
    int names;  /* the vocabulary's names, where `day` stands */

    /* the case */
    int16_t *values;      /* by fact */
    uint16_t *remembered; /* facts now in their hidden tables */
    size_t remembered_count;
    const struct smg_fields *fields; /* NULL: facts are given, not derived */
    struct number_says *says;        /* what a document number said: wiped after use */
    struct smg_date on, begun;
    uint32_t among; /* the regulations that may be in force, a bit each: all, but in tests */
    char region[8];

    /* the rules in force, by index; valid for region and days */
    uint16_t *in_force;
    size_t in_force_count;
    const struct policy_info *policies[DECISION_POLICIES];
    size_t policy_count;
    struct smg_date force_on, force_begun;
    char force_region[8];
    uint32_t force_among;

    /* the rule that runs */
    size_t at;      /* in in_force */
    size_t rule;    /* in the set */
    size_t effects; /* out's count when it began: where to look for its own */
    int deriving;   /* a fact, or -1 */
    bool applying;
    struct decision *out;
    struct met *met;          /* NULL: nobody counts */
    evaluate_read_fn on_read; /* NULL: nobody listens */
    void *ctx;
    struct trees *trees; /* what rules said before, for told facts (trees.h); NULL: they are run */

    const int16_t *wanted; /* by fact, while an example is asked for (example_ask.c) */
};

/* Begin a case with every fact unasked; on and begun as policy_decide. */
void evaluate_begin(struct policy *policy, const struct smg_fields *fields, const char *region,
                    struct smg_date on, struct smg_date begun);
/* Tell a fact; SMG_E_INVALID when the text is none of its values. Before evaluate_run. */
int evaluate_tell(struct policy *policy, const struct fact *fact, struct smg_str value);
/* Find the rules in force for the case: in_force and policies. */
void evaluate_choose(struct policy *policy);
/* Does the rule bite on the day of the case, or only warn? */
bool evaluate_bites(const struct policy *policy, size_t rule);
/* Run every rule in force. */
void evaluate_run(struct policy *policy, struct decision *out);
/* evaluate_run and the verdict (decision.c). Clears out first. */
void decision_run(struct policy *policy, struct decision *out);
/* Run one rule, whether in force or not, over what is told; its effects are added to out. */
enum ending evaluate_rule(struct policy *policy, size_t rule, struct decision *out);
/* Derive what no rule read. */
void evaluate_rest(struct policy *policy);

/* The index of the value an integer or a text stands for, or FACT_BROKEN. */
int fact_index_of_integer(const struct fact *fact, int64_t integer);
int fact_index_of_text(const struct fact *fact, struct smg_str text);

/* For C functions called by rules (words.c, facts.c). */
/* Add an effect of the running rule, unless it is there already. */
void evaluate_add(struct policy *policy, struct effect effect);
void evaluate_ask(struct policy *policy, const struct fact *fact);
/* Under pcall: let derivations see the day of the case. */
void evaluate_set_day(struct lua_State *lua, const struct policy *policy);
/* After a call that failed: log the fact or the rule at fault, and hold the fact for broken. */
void evaluate_blame(struct policy *policy);

/* words.c: put the words into the environment table on top of the stack. */
void words_push_rule(struct lua_State *lua);
void words_push_vocabulary(struct lua_State *lua, const struct policy_set *set);
int words_field(struct lua_State *lua); /* what `from` is given */

/* example_ask.c: number_example, which words_push_vocabulary offers; and the fields the example of
 * a fact gives for a value, the caller's. NULL: it failed, and err says where. wanted: by fact, as
 * in values; negative is free. After evaluate_begin. */
int example_number(struct lua_State *lua);
struct smg_fields *example_ask(struct policy *policy, size_t fact, int value, const int16_t *wanted,
                               struct smg_err *err);

/* facts.c: push `case`, whose parts read facts by name. */
void facts_forget(struct lua_State *lua, struct policy *policy); /* before a new case */
void facts_push_case(struct lua_State *lua, const struct policy_set *set);
/* The index of the fact's value, derived when nobody asked before, or FACT_UNKNOWN or FACT_BROKEN.
 * Raises when deriving fails: under pcall, unless there are no fields. */
int facts_value(struct lua_State *lua, struct policy *policy, size_t i);
/* Push a value of a fact by its index. */
void facts_push_value(struct lua_State *lua, const struct fact *fact, int value);

#endif
