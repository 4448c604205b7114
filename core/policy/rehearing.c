/* SPDX-License-Identifier: Apache-2.0 */
/* Kept facts stand in the order of their vocabulary, so a walk along both reads them. */
#include "policy/rehearing.h"

#include "policy/evaluate.h"

#include <stdlib.h>

enum { FOREIGN = -1 };

/* A fact of the kept set, and where it went. */
struct kept_fact {
    struct smg_str name;
    int fact;        /* of the evaluator's set, or FOREIGN: it has none of this name */
    int16_t *values; /* by kept value: its value now, or FOREIGN */
};

struct rehearing {
    const struct policy_set *kept;
    struct policy *policy;
    struct kept_fact *facts; /* one each of the kept set */
    int16_t *values;         /* of all of them */
    bool *unheard; /* by fact of the evaluator's set: the kept set has none of this name */
    bool *blurred; /* the same, in this case: told, but what it is now is not certain */
};

/* An integer fact stands for all numbers from its value up to the next. Are they all one value now?
 */
static int16_t integer_now(const struct fact *was, size_t value, const struct fact *now)
{
    int64_t low = value == 0 ? INT64_MIN : was->values[value].integer;
    int64_t high = value + 1 == was->value_count ? INT64_MAX : was->values[value + 1].integer - 1;
    int first = fact_index_of_integer(now, low);

    return (int16_t)(first == fact_index_of_integer(now, high) ? first : FOREIGN);
}

static int16_t value_now(const struct fact *was, size_t value, const struct fact *now)
{
    int index;

    if (was->kind != now->kind)
        return FOREIGN;
    if (was->kind == VALUE_INTEGER)
        return integer_now(was, value, now);
    index = fact_index_of_text(now, was->values[value].text);
    return (int16_t)(index == FACT_BROKEN ? FOREIGN : index);
}

static void match(struct rehearing *rehearing)
{
    const struct policy_set *now = rehearing->policy->set;
    int16_t *values = rehearing->values;
    size_t i, j;

    for (i = 0; i < now->fact_count; i++)
        rehearing->unheard[i] = set_fact(rehearing->kept, str_of(now->facts[i].name)) == NULL;
    for (i = 0; i < rehearing->kept->fact_count; i++) {
        const struct fact *was = &rehearing->kept->facts[i];
        const struct fact *fact = set_fact(now, str_of(was->name));

        rehearing->facts[i] =
            (struct kept_fact){ .name = str_of(was->name),
                                .fact = fact == NULL ? FOREIGN : (int)(fact - now->facts),
                                .values = values };
        for (j = 0; j < was->value_count; j++)
            values[j] = (int16_t)(fact == NULL ? FOREIGN : value_now(was, j, fact));
        values += was->value_count;
    }
}

struct rehearing *rehearing_new(const struct policy_set *kept, struct policy *policy)
{
    struct rehearing *rehearing = calloc(1, sizeof *rehearing);
    size_t values = 1, i;

    for (i = 0; i < kept->fact_count; i++)
        values += kept->facts[i].value_count;
    if (rehearing == NULL)
        return NULL;
    rehearing->kept = kept;
    rehearing->policy = policy;
    rehearing->facts = calloc(kept->fact_count + 1, sizeof *rehearing->facts);
    rehearing->values = calloc(values, sizeof *rehearing->values);
    rehearing->unheard = calloc(policy->set->fact_count + 1, sizeof *rehearing->unheard);
    rehearing->blurred = calloc(policy->set->fact_count + 1, sizeof *rehearing->blurred);
    if (!policy_quicken(policy) || rehearing->facts == NULL || rehearing->values == NULL ||
        rehearing->unheard == NULL || rehearing->blurred == NULL) {
        rehearing_free(rehearing);
        return NULL;
    }
    match(rehearing);
    return rehearing;
}

void rehearing_free(struct rehearing *rehearing)
{
    if (rehearing == NULL)
        return;
    free(rehearing->facts);
    free(rehearing->values);
    free(rehearing->unheard);
    free(rehearing->blurred);
    free(rehearing);
}

/* "VALUE\n" at the front: the index of the value, and the line is taken. */
static int take_value(struct smg_str *rest, const struct fact *fact)
{
    const char *end = memchr(rest->at, '\n', rest->len);
    struct smg_str text = { rest->at, end == NULL ? 0 : (size_t)(end - rest->at) };
    int index = end == NULL ? FACT_BROKEN : fact_index_of_text(fact, text);

    if (end != NULL) {
        rest->at += text.len + 1;
        rest->len -= text.len + 1;
    }
    return index;
}

static bool begins_with_name(struct smg_str rest, struct smg_str name)
{
    return rest.len > name.len && rest.at[name.len] == '=' &&
           memcmp(rest.at, name.at, name.len) == 0;
}

static bool tell(struct rehearing *rehearing, struct smg_str rest)
{
    size_t i;
    int value;

    for (i = 0; i < rehearing->kept->fact_count && rest.len > 0; i++) {
        const struct kept_fact *fact = &rehearing->facts[i];

        if (!begins_with_name(rest, fact->name))
            continue;
        rest.at += fact->name.len + 1;
        rest.len -= fact->name.len + 1;
        value = take_value(&rest, &rehearing->kept->facts[i]);
        if (value == FACT_BROKEN)
            return false;
        if (fact->fact == FOREIGN)
            continue;
        if (fact->values[value] == FOREIGN)
            rehearing->blurred[fact->fact] = true;
        else
            rehearing->policy->values[fact->fact] = fact->values[value];
    }
    return rest.len == 0;
}

bool rehearing_decide(struct rehearing *rehearing, struct smg_str facts, const char *region,
                      struct smg_date on, struct smg_date begun, struct decision *out)
{
    memset(rehearing->blurred, 0, rehearing->policy->set->fact_count * sizeof *rehearing->blurred);
    evaluate_begin(rehearing->policy, NULL, region, on, begun);
    if (!tell(rehearing, facts))
        return false;
    decision_run(rehearing->policy, out);
    return true;
}

/* Without fields, a fact that was read and not told has become unknown; one nobody read has not. */
size_t rehearing_missing(const struct rehearing *rehearing, const char **names, size_t room)
{
    const struct policy *policy = rehearing->policy;
    size_t i, count = 0;

    for (i = 0; i < policy->set->fact_count; i++) {
        if (policy->values[i] != FACT_UNKNOWN || !(rehearing->unheard[i] || rehearing->blurred[i]))
            continue;
        if (count < room)
            names[count] = policy->set->facts[i].name;
        count++;
    }
    return count;
}
