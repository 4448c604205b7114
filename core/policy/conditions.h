/* SPDX-License-Identifier: Apache-2.0 */
/* The part of a regulation's text that its rules run, and the conditions in it. */
#ifndef POLICY_CONDITIONS_H
#define POLICY_CONDITIONS_H

#include "policy/syntax.h"

/* By node. What rules run: the `applies` and `check` of each, and from there the functions and
 * tables of the file that they name. A condition is what decides a branch and is not itself made
 * of others: an operand of and, or, not; what if, elseif, while and until ask; every comparison;
 * what `applies` gives, and what a function gives whose answer decides. Literals decide nothing. */
struct conditions {
    bool *run;       /* rules run it or read it */
    bool *condition; /* only inside functions */
    bool *answers;   /* FUNCTION: what it gives is a condition; TABLE: of its functions too */
};

/* false: out of memory, and there is nothing to free. */
bool conditions_find(const struct syntax *syntax, struct conditions *out);
void conditions_fini(struct conditions *conditions);

/* Is the node the value of this key in the table of a rule, `rule "6.3" { applies = ... }`? */
bool conditions_is_rule_key(const struct syntax *syntax, int value, const char *key);
/* Is this STATEMENT one that declares a rule, or in a loop several? */
bool conditions_is_rule(const struct syntax *syntax, int statement);
/* Set `run`, all false and by node, for what the rules of one STATEMENT run. false: no memory. */
bool conditions_run_of(const struct syntax *syntax, int rule, bool *run);

#endif
