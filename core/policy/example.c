/* SPDX-License-Identifier: Apache-2.0 */
/* Each fact's own `example` gives fields; here they are laid together. Wanted facts come first, in
 * the order of the vocabulary. A free fact's fields are then added whole or not at all: not when
 * one of them says something else than is there already, nor when a wanted fact would be lost. */
#include "policy/example.h"

#include "policy/evaluate.h"

#include <lua.h>
#include <lauxlib.h>
#include <stdlib.h>

struct making {
    struct policy *policy;
    const char *region;
    struct smg_date on;
    const struct smg_fields *fields; /* what facts are derived from */
    struct smg_fields *out;          /* the same, while it grows */
    int16_t *wanted;                 /* by fact; FACT_UNASKED: free, FACT_UNKNOWN: not to be told */
    bool *held;                      /* by fact: wanted and derived so */
    struct smg_err *err;
};

static bool is_answer(const struct fact *fact)
{
    return fact->source >= SOURCE_SERVICE;
}

static struct smg_fields *ask(const struct making *making, size_t fact, int value)
{
    evaluate_begin(making->policy, NULL, making->region, making->on, DATE_NONE);
    return example_ask(making->policy, fact, value, making->wanted, making->err);
}

/* Derive the wanted facts and see which are as wanted. */
static void derive_wanted(const struct making *making, bool *held)
{
    struct policy *policy = making->policy;
    size_t i;

    evaluate_begin(policy, making->fields, making->region, making->on, DATE_NONE);
    for (i = 0; i < policy->set->fact_count; i++)
        if (making->wanted[i] == FACT_UNASKED || is_answer(&policy->set->facts[i]))
            policy->values[i] = FACT_UNKNOWN; /* need not be derived */
    evaluate_rest(policy);
    for (i = 0; i < policy->set->fact_count; i++)
        held[i] = policy->values[i] == making->wanted[i];
    policy->fields = NULL;
}

static bool loses_wanted(const struct making *making, bool *held)
{
    size_t i;

    derive_wanted(making, held);
    for (i = 0; i < making->policy->set->fact_count; i++)
        if (making->held[i] && making->wanted[i] != FACT_UNASKED && !held[i])
            return true;
    return false;
}

static bool is_same(const struct smg_value *a, const struct smg_value *b)
{
    if (a->type != b->type)
        return false;
    return a->type == SMG_TEXT   ? str_eq(a->str, b->str)
           : a->type == SMG_BOOL ? a->boolean == b->boolean
           : a->type == SMG_DATE ? date_compare(a->date, b->date) == 0
                                 : a->integer == b->integer;
}

/* Does none of them say something else than is there, and one something new? */
static bool goes_with(const struct smg_fields *fields, const struct smg_fields *there)
{
    bool is_new = false;
    size_t i;

    for (i = 0; i < fields_count(fields); i++) {
        const struct smg_value *value = fields_get(there, fields_name(fields, i));

        if (value != NULL && !is_same(value, fields_value(fields, i)))
            return false;
        is_new = is_new || value == NULL;
    }
    return is_new;
}

/* In the order of their names: a table of Lua has none. */
static int lay(const struct making *making, const struct smg_fields *fields)
{
    struct smg_str last = { NULL, 0 };
    size_t laid, i, next;

    for (laid = 0; laid < fields_count(fields); laid++) {
        next = fields_count(fields);
        for (i = 0; i < fields_count(fields); i++)
            if ((last.at == NULL || str_compare(fields_name(fields, i), last) > 0) &&
                (next == fields_count(fields) ||
                 str_compare(fields_name(fields, i), fields_name(fields, next)) < 0))
                next = i;
        last = fields_name(fields, next);
        if (!fields_set(making->out, last, fields_value(fields, next)))
            return smg_fail(making->err, SMG_E_MEMORY, "example: out of memory");
    }
    return SMG_OK;
}

/* Take back what was added behind the first `count` fields. */
static void take_back(const struct making *making, size_t count)
{
    char name[128];

    while (fields_count(making->out) > count) {
        struct smg_str last = fields_name(making->out, fields_count(making->out) - 1);

        snprintf(name, sizeof name, "%.*s", (int)last.len, last.at);
        fields_erase(making->out, name);
    }
}

static int lay_wanted(const struct making *making)
{
    struct policy *policy = making->policy;
    size_t i;

    for (i = 0; i < policy->set->fact_count; i++) {
        struct smg_fields *fields;
        int status;

        if (making->wanted[i] < 0 || policy->example[i] == LUA_NOREF)
            continue;
        fields = ask(making, i, making->wanted[i]);
        if (fields == NULL)
            return making->err->code;
        status = lay(making, fields);
        fields_free(fields);
        if (status != SMG_OK)
            return status;
    }
    derive_wanted(making, making->held);
    return SMG_OK;
}

static int lay_free(const struct making *making, bool *held)
{
    struct policy *policy = making->policy;
    size_t i;

    for (i = 0; i < policy->set->fact_count; i++) {
        size_t before = fields_count(making->out);
        struct smg_fields *fields;
        int status = SMG_OK;

        if (making->wanted[i] != FACT_UNASKED || policy->example[i] == LUA_NOREF)
            continue;
        fields = ask(making, i, (int)policy->set->facts[i].plain);
        if (fields == NULL)
            return making->err->code;
        if (goes_with(fields, making->out)) {
            status = lay(making, fields);
            if (loses_wanted(making, held))
                take_back(making, before);
        }
        fields_free(fields);
        if (status != SMG_OK)
            return status;
    }
    return SMG_OK;
}

/* ---- what was wanted, what came of it ---- */

static int unknown_fact(const struct making *making, const char *name)
{
    const char *near = set_near_fact(making->policy->set, str_of(name));

    return smg_fail(making->err, SMG_E_INVALID,
                    near == NULL ? "no fact %.80s" : "no fact %.80s; did you mean %s?", name, near);
}

static int take_wanted(struct making *making, const struct answer *wanted, size_t count)
{
    struct policy *policy = making->policy;
    const struct policy_set *set = policy->set;
    size_t i;

    for (i = 0; i < set->fact_count; i++)
        making->wanted[i] = FACT_UNASKED;
    for (i = 0; i < count; i++) {
        const struct fact *fact = set_fact(set, str_of(wanted[i].fact));

        if (fact == NULL)
            return unknown_fact(making, wanted[i].fact);
        if (wanted[i].value != NULL &&
            evaluate_tell(policy, fact, str_of(wanted[i].value)) != SMG_OK)
            return smg_fail(making->err, SMG_E_INVALID, "%s is never \"%.80s\"", fact->name,
                            wanted[i].value);
        if (wanted[i].value == NULL)
            making->wanted[fact - set->facts] = FACT_UNKNOWN;
        else
            making->wanted[fact - set->facts] = policy->values[fact - set->facts];
    }
    return SMG_OK;
}

static void find_missed(const struct making *making, struct buf *missed)
{
    const struct policy_set *set = making->policy->set;
    const char *between = "";
    size_t i;

    for (i = 0; i < set->fact_count; i++) {
        if (making->wanted[i] == FACT_UNASKED || making->held[i] || is_answer(&set->facts[i]))
            continue;
        buf_printf(missed, "%s%s", between, set->facts[i].name);
        between = ",";
    }
}

static struct answer answer_of(const struct fact *fact, size_t value)
{
    return (struct answer){ .fact = fact->name, .value = fact->values[value].text.at };
}

/* The wanted answers, then a plain one for whatever else the rules ask. */
static void find_answers(const struct making *making, struct decision *decision,
                         struct answer *answers, size_t *count)
{
    struct policy *policy = making->policy;
    const struct policy_set *set = policy->set;
    size_t i, before, room = DECISION_QUESTIONS;

    *count = 0;
    for (i = 0; i < set->fact_count; i++)
        if (making->wanted[i] >= 0 && is_answer(&set->facts[i]))
            answers[(*count)++] = answer_of(&set->facts[i], (size_t)making->wanted[i]);
    do {
        before = *count;
        policy_decide(policy, making->fields, making->region, making->on, DATE_NONE, answers,
                      *count, decision);
        for (i = 0; i < decision->question_count && room > 0; i++) {
            const struct fact *fact = set_fact(set, str_of(decision->questions[i].fact));

            if (making->wanted[fact - set->facts] != FACT_UNASKED)
                continue;
            answers[(*count)++] = answer_of(fact, fact->plain);
            room--;
        }
    } while (*count > before);
    policy->fields = NULL;
}

static int prepare(struct making *making, struct policy *policy, const struct answer *wanted,
                   size_t count)
{
    size_t facts = policy->set->fact_count + 1;

    making->policy = policy;
    making->wanted = calloc(facts, sizeof *making->wanted);
    making->held = calloc(facts, sizeof *making->held);
    if (making->wanted == NULL || making->held == NULL)
        return smg_fail(making->err, SMG_E_MEMORY, "example: out of memory");
    return take_wanted(making, wanted, count);
}

static void finish(struct making *making)
{
    free(making->wanted);
    free(making->held);
}

int policy_example(struct policy *policy, const struct answer *wanted, size_t count,
                   const char *region, struct smg_date on, struct smg_fields *out,
                   struct answer *answers, size_t *answer_count, struct buf *missed,
                   struct smg_err *err)
{
    struct making making = { .region = region, .on = on, .fields = out, .out = out, .err = err };
    struct decision *decision = malloc(sizeof *decision);
    bool *held = calloc(policy->set->fact_count + 1, sizeof *held);
    int status = prepare(&making, policy, wanted, count);

    *answer_count = 0;
    if (status == SMG_OK && (held == NULL || decision == NULL))
        status = smg_fail(err, SMG_E_MEMORY, "example: out of memory");
    if (status == SMG_OK)
        status = lay_wanted(&making);
    if (status == SMG_OK)
        status = lay_free(&making, held);
    if (status == SMG_OK) {
        derive_wanted(&making, making.held);
        find_missed(&making, missed);
        find_answers(&making, decision, answers, answer_count);
    }
    finish(&making);
    free(held);
    free(decision);
    return status;
}

int policy_missed(struct policy *policy, const struct answer *wanted, size_t count,
                  const char *region, struct smg_date on, const struct smg_fields *fields,
                  struct buf *missed, struct smg_err *err)
{
    struct making making = { .region = region, .on = on, .fields = fields, .err = err };
    int status = prepare(&making, policy, wanted, count);

    if (status == SMG_OK) {
        derive_wanted(&making, making.held);
        find_missed(&making, missed);
    }
    finish(&making);
    return status;
}
