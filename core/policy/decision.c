/* SPDX-License-Identifier: Apache-2.0 */
/* From fields to a decision, and the facts it was made of. */
#include "policy/evaluate.h"

#include "base/log.h"

static enum verdict verdict_of(const struct decision *decision)
{
    bool needs = decision->broken || decision->question_count > 0;
    size_t i;

    for (i = 0; i < decision->effect_count; i++) {
        if (decision->effects[i].kind == EFFECT_REFUSE)
            return VERDICT_REFUSED;
        needs = needs || decision->effects[i].kind == EFFECT_NEED;
    }
    return needs ? VERDICT_INCOMPLETE : VERDICT_ACCEPTED;
}

void decision_run(struct policy *policy, struct decision *out)
{
    /* Not the whole struct: 13 KB of it are counted arrays. */
    out->effect_count = out->question_count = out->policy_count = 0;
    out->broken = false;
    out->on = policy->on;
    out->set = policy_set_hash(policy->set);
    out->begun = policy->begun;
    evaluate_run(policy, out);
    out->verdict = verdict_of(out);
}

void policy_decide(struct policy *policy, const struct smg_fields *fields, const char *region,
                   struct smg_date on, struct smg_date begun, const struct answer *answers,
                   size_t answer_count, struct decision *out)
{
    size_t i;

    evaluate_begin(policy, fields, region, on, begun);
    for (i = 0; i < answer_count; i++) {
        const struct fact *fact = set_fact(policy->set, str_of(answers[i].fact));

        /* A set that was changed since may not know the question any more. */
        if (fact == NULL || fact->source < SOURCE_SERVICE)
            continue;
        if (evaluate_tell(policy, fact, str_of(answers[i].value)) != SMG_OK)
            log_line(SMG_ERROR, "policy", "fact %s: the answer is none of its values", fact->name);
    }
    decision_run(policy, out);
}

void policy_facts(struct policy *policy, struct buf *out)
{
    size_t i;

    evaluate_rest(policy);
    for (i = 0; i < policy->set->fact_count; i++) {
        const struct fact *fact = &policy->set->facts[i];

        if (policy->values[i] < 0)
            continue;
        buf_text(out, fact->name);
        buf_byte(out, '=');
        buf_str(out, fact->values[policy->values[i]].text);
        buf_byte(out, '\n');
    }
}
