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

void policy_keep(const struct policy *policy, struct buf *out)
{
    buf_clear(out);
    buf_put(out, policy->values, policy->set->fact_count * sizeof *policy->values);
}

/* Answers are told anew, and what could not be derived is tried again. */
static void take_kept(struct policy *policy, struct smg_str kept)
{
    size_t i;

    if (kept.len != policy->set->fact_count * sizeof *policy->values)
        return;
    memcpy(policy->values, kept.at, kept.len);
    for (i = 0; i < policy->set->fact_count; i++)
        if (policy->values[i] < FACT_UNKNOWN || policy->set->facts[i].source >= SOURCE_SERVICE)
            policy->values[i] = FACT_UNASKED;
}

void policy_decide(struct policy *policy, const struct smg_fields *fields, const char *region,
                   struct smg_date on, struct smg_date begun, const struct answer *answers,
                   size_t answer_count, struct decision *out)
{
    policy_decide_again(policy, SMG_STR(""), fields, region, on, begun, answers, answer_count, out);
}

void policy_decide_again(struct policy *policy, struct smg_str kept,
                         const struct smg_fields *fields, const char *region, struct smg_date on,
                         struct smg_date begun, const struct answer *answers, size_t answer_count,
                         struct decision *out)
{
    size_t i;

    evaluate_begin(policy, fields, region, on, begun);
    take_kept(policy, kept);
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

static void put_effect(const struct effect *effect, struct buf *out)
{
    static const char *const kinds[] = { "", "need ", "refuse ", "report ", "oblige ", "warn " };

    buf_text(out, kinds[effect->kind]);
    buf_text(out, effect->what);
    buf_byte(out, ' ');
    buf_text(out, effect->rule[0] == '\0' ? "-" : effect->rule);
    if (effect->to != NULL) {
        buf_text(out, " to=");
        buf_text(out, effect->to);
    }
    if (effect->within_ms > 0)
        buf_printf(out, " within=%lld", (long long)effect->within_ms);
    if (effect->bites_from != NULL) {
        buf_text(out, " from=");
        buf_text(out, effect->bites_from);
    }
    buf_byte(out, '\n');
}

void policy_outline(const struct decision *decision, struct buf *out)
{
    size_t i;

    buf_text(out, "verdict ");
    buf_text(out, verdict_name(decision->verdict));
    buf_byte(out, '\n');
    for (i = 0; i < decision->effect_count; i++)
        put_effect(&decision->effects[i], out);
    for (i = 0; i < decision->question_count; i++) {
        buf_text(out, "ask ");
        buf_text(out, decision->questions[i].fact);
        buf_byte(out, '\n');
    }
}

const char *policy_within(int64_t within_ms, char room[24])
{
    static const struct {
        int64_t ms;
        char letter;
    } units[] = { { 86400000, 'd' }, { 3600000, 'h' }, { 60000, 'm' }, { 1000, 's' } };
    size_t i = within_ms <= 86400000; /* "24h" stays hours: the law counts so */

    while (within_ms % units[i].ms != 0)
        i++;
    snprintf(room, 24, "%lld%c", (long long)(within_ms / units[i].ms), units[i].letter);
    return room;
}

bool policy_asked_before(const struct decision *decision, size_t i)
{
    const struct question *question = &decision->questions[i];
    size_t j;

    for (j = 0; j < i; j++) {
        const struct question *other = &decision->questions[j];

        if (strcmp(other->source, question->source) == 0 &&
            strcmp(other->ask, question->ask) == 0 &&
            strcmp(other->of == NULL ? "" : other->of, question->of == NULL ? "" : question->of) ==
                0)
            return true;
    }
    return false;
}
