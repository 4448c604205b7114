/* SPDX-License-Identifier: Apache-2.0 */
/* Faults to plant in a regulation's text: each one small change of what its rules run. */
#ifndef WORKBENCH_MUTANTS_H
#define WORKBENCH_MUTANTS_H

#include "policy/set.h"

/* The bytes from `from` up to, not including, `to` become `with_len` bytes of the list's texts. */
struct mutant {
    uint32_t from, to;
    int node, line, column;
    size_t with, with_len;
};

/* A statement that declares rules, by its lines, and what they run. */
struct declared {
    int first, last;
    bool *run; /* by node */
};

struct mutants {
    struct mutant *at;
    size_t count;
    struct buf texts;
    struct declared *rules;
    size_t rule_count;
};

/* Conditions negated; and, or and not; comparisons and their constants, which become the fact's
 * other values; truths and whole numbers; entries left out of tables; words left out, or another of
 * their kind; return left out; deadlines; `applies` left out, or false. Never the texts of rules
 * and the regulation's own head. false: said in problems. mutants_fini in any case. */
bool mutants_find(const struct policy_set *set, size_t regulation, struct mutants *out,
                  struct buf *problems);
void mutants_fini(struct mutants *mutants);

/* What stands there instead. */
struct smg_str mutant_with(const struct mutants *mutants, size_t i);
/* Does the rule that is declared on this line run what was changed? As far as names tell: a text
 * that changes its tables in calls while it loads can hide it. */
bool mutant_may_touch(const struct mutants *mutants, size_t i, int line);
/* The whole text with the change made, appended. */
void mutant_text(const struct mutants *mutants, size_t i, struct smg_str text, struct buf *out);

#endif
