/* SPDX-License-Identifier: Apache-2.0 */
/* Another text of one regulation, as functions beside an evaluator's own: the same rules under the
 * same names, which only say something else. Much cheaper than a new set. */
#ifndef POLICY_VARIANT_H
#define POLICY_VARIANT_H

#include "policy/evaluate.h"

struct variant {
    struct policy *policy;
    size_t regulation;
    int *applies, *check; /* as in struct policy */
};

/* false: the text does not load, or does not declare the regulation's rules; problems says why.
 * What it declares otherwise (titles, days, texts of rules) is not looked at. variant_drop in any
 * case. */
bool variant_load(struct policy *policy, size_t regulation, struct smg_str text,
                  struct variant *out, struct buf *problems);
/* Let the evaluator decide by the variant, or by its own text again. */
void variant_swap(struct variant *variant);
/* Of a variant that is not swapped in. */
void variant_drop(struct variant *variant);

#endif
