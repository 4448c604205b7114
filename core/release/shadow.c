/* SPDX-License-Identifier: Apache-2.0 */
/* Comparing two decisions of one case. The same case decided the same way takes no lock. */
#include "release/shadow.h"

#include "loop/clock.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

enum { BROKEN = 100, RULES = 256, EXAMPLES = 32, RULE_BYTES = 176, VERDICTS = VERDICT_REFUSED + 1 };

/* Effects a rule says in one of the two sets only, counted by case. */
struct rule_count {
    char rule[RULE_BYTES]; /* "" for what the engine says itself */
    uint64_t added, removed;
};

struct shadow {
    atomic_uint owners;
    struct policy_set *active, *draft;
    int64_t since_ms;
    _Atomic uint64_t cases, open, broken, different;
    _Atomic uint64_t verdicts[VERDICTS][VERDICTS]; /* by the active one's, then the draft's */
    _Atomic int64_t active_us, draft_us, draft_worst_us;
    pthread_mutex_t lock; /* over what follows */
    struct rule_count rules[RULES];
    size_t rule_count;
    struct buf examples[EXAMPLES]; /* JSON objects, the newest over the oldest */
    size_t example_count;
};

struct shadow *shadow_new(struct policy_set *active, struct policy_set *draft, int64_t now_ms)
{
    struct shadow *shadow = calloc(1, sizeof *shadow);

    if (shadow == NULL || pthread_mutex_init(&shadow->lock, NULL) != 0) {
        free(shadow);
        return NULL;
    }
    atomic_init(&shadow->owners, 1);
    shadow->active = policy_set_share(active);
    shadow->draft = policy_set_share(draft);
    shadow->since_ms = now_ms;
    return shadow;
}

struct shadow *shadow_share(struct shadow *shadow)
{
    atomic_fetch_add(&shadow->owners, 1);
    return shadow;
}

void shadow_free(struct shadow *shadow)
{
    size_t i;

    if (shadow == NULL || atomic_fetch_sub(&shadow->owners, 1) > 1)
        return;
    for (i = 0; i < EXAMPLES; i++)
        buf_fini(&shadow->examples[i]);
    policy_set_free(shadow->active);
    policy_set_free(shadow->draft);
    pthread_mutex_destroy(&shadow->lock);
    free(shadow);
}

struct policy_set *shadow_draft(struct shadow *shadow)
{
    return shadow->draft;
}

/* ---- differences ---- */

static bool says(const struct decision *decision, const struct effect *effect)
{
    size_t i;

    for (i = 0; i < decision->effect_count; i++)
        if (decision->effects[i].kind == effect->kind &&
            decision->effects[i].within_ms == effect->within_ms &&
            strcmp(decision->effects[i].what, effect->what) == 0)
            return true;
    return false;
}

/* An effect counts by what it says: the same thing said by another rule is no difference. */
static bool differ(const struct decision *a, const struct decision *b)
{
    size_t i;

    for (i = 0; i < a->effect_count; i++)
        if (!says(b, &a->effects[i]))
            return true;
    for (i = 0; i < b->effect_count; i++)
        if (!says(a, &b->effects[i]))
            return true;
    return a->verdict != b->verdict;
}

/* The rule's counts; the last place is for all rules there is no room for. */
static struct rule_count *count_of(struct shadow *shadow, const char *rule)
{
    size_t i;

    for (i = 0; i < shadow->rule_count; i++)
        if (strcmp(shadow->rules[i].rule, rule) == 0)
            return &shadow->rules[i];
    if (shadow->rule_count == RULES)
        return &shadow->rules[RULES - 1];
    snprintf(shadow->rules[i].rule, RULE_BYTES, "%s", i == RULES - 1 ? "others" : rule);
    shadow->rule_count++;
    return &shadow->rules[i];
}

/* What `one` says and the other does not, counted and put into the example. */
static void put_changes(struct shadow *shadow, const struct decision *one,
                        const struct decision *other, bool added, struct buf *out)
{
    static const char *const kinds[] = { "?", "need", "refuse", "report", "oblige", "warn" };
    bool first = true;
    size_t i;

    for (i = 0; i < one->effect_count; i++) {
        const struct effect *effect = &one->effects[i];
        struct rule_count *count;

        if (says(other, effect))
            continue;
        count = count_of(shadow, effect->rule);
        if (added)
            count->added++;
        else
            count->removed++;
        buf_printf(out, "%s{\"kind\":\"%s\",\"what\":\"%s\",\"rule\":\"%s\"}", first ? "" : ",",
                   kinds[effect->kind], effect->what, effect->rule);
        first = false;
    }
}

/* "name=value\n" lines as an object of texts. */
static void put_facts(struct smg_str facts, struct buf *out)
{
    bool first = true;

    buf_byte(out, '{');
    while (facts.len > 0) {
        const char *end = memchr(facts.at, '\n', facts.len);
        size_t len = end == NULL ? facts.len : (size_t)(end - facts.at);
        const char *equals = memchr(facts.at, '=', len);

        if (equals != NULL) {
            buf_text(out, first ? "" : ",");
            buf_json(out, str_bytes(facts.at, (size_t)(equals - facts.at)));
            buf_byte(out, ':');
            buf_json(out, str_bytes(equals + 1, (size_t)(facts.at + len - equals - 1)));
            first = false;
        }
        len += end != NULL;
        facts = str_bytes(facts.at + len, facts.len - len);
    }
    buf_byte(out, '}');
}

static void note(struct shadow *shadow, const struct shadow_case *it, const struct decision *draft)
{
    struct buf *out;

    pthread_mutex_lock(&shadow->lock);
    out = &shadow->examples[shadow->example_count++ % EXAMPLES];
    buf_clear(out);
    buf_text(out, "{\"at\":\"");
    time_write(it->at_ms, out);
    buf_text(out, "\",\"on\":\"");
    date_write(it->decision->on, out);
    buf_printf(out, "\",\"verdict\":{\"active\":\"%s\",\"draft\":\"%s\"},\"added\":[",
               verdict_name(it->decision->verdict), verdict_name(draft->verdict));
    put_changes(shadow, draft, it->decision, true, out);
    buf_text(out, "],\"removed\":[");
    put_changes(shadow, it->decision, draft, false, out);
    buf_text(out, "],\"facts\":");
    put_facts(it->facts, out);
    buf_byte(out, '}');
    pthread_mutex_unlock(&shadow->lock);
}

static void time_it(struct shadow *shadow, const struct shadow_case *it, int64_t took_us)
{
    int64_t worst = shadow->draft_worst_us;

    shadow->active_us += it->decided_us;
    shadow->draft_us += took_us;
    while (took_us > worst &&
           !atomic_compare_exchange_weak(&shadow->draft_worst_us, &worst, took_us))
        ;
}

void shadow_decide(struct shadow *shadow, struct policy *draft, const struct shadow_case *it)
{
    struct decision decision;
    int64_t begun_us = clock_mono_us();

    /* One that breaks or overruns again and again costs the next in line their time. */
    if (shadow->broken >= BROKEN)
        return;
    policy_decide(draft, it->fields, it->region, it->decision->on, it->begun, it->answers,
                  it->answer_count, &decision);
    time_it(shadow, it, clock_mono_us() - begun_us);
    shadow->cases++;
    if (decision.broken || it->decision->broken) {
        shadow->broken++;
    } else if (decision.question_count > it->decision->question_count) {
        shadow->open++; /* it asks what nobody was asked */
    } else {
        shadow->verdicts[it->decision->verdict][decision.verdict]++;
        if (differ(it->decision, &decision)) {
            shadow->different++;
            note(shadow, it, &decision);
        }
    }
}

/* ---- to be seen ---- */

static void put_verdicts(struct shadow *shadow, struct buf *out)
{
    bool first = true;
    int i, j;

    buf_text(out, ",\"verdicts\":[");
    for (i = VERDICT_ACCEPTED; i < VERDICTS; i++)
        for (j = VERDICT_ACCEPTED; j < VERDICTS; j++) {
            if (shadow->verdicts[i][j] == 0)
                continue;
            buf_printf(out, "%s{\"active\":\"%s\",\"draft\":\"%s\",\"count\":%llu}",
                       first ? "" : ",", verdict_name((enum verdict)i),
                       verdict_name((enum verdict)j), (unsigned long long)shadow->verdicts[i][j]);
            first = false;
        }
    buf_byte(out, ']');
}

static void put_rules(struct shadow *shadow, struct buf *out)
{
    size_t i, count = shadow->example_count < EXAMPLES ? shadow->example_count : EXAMPLES;

    buf_text(out, ",\"rules\":[");
    for (i = 0; i < shadow->rule_count; i++)
        buf_printf(out, "%s{\"rule\":\"%s\",\"added\":%llu,\"removed\":%llu}", i == 0 ? "" : ",",
                   shadow->rules[i].rule, (unsigned long long)shadow->rules[i].added,
                   (unsigned long long)shadow->rules[i].removed);
    buf_text(out, "],\"examples\":[");
    for (i = 0; i < count; i++) {
        buf_text(out, i == 0 ? "" : ",");
        buf_str(out, buf_view(&shadow->examples[(shadow->example_count - 1 - i) % EXAMPLES]));
    }
    buf_byte(out, ']');
}

void shadow_write(struct shadow *shadow, struct buf *out)
{
    uint64_t cases = shadow->cases;
    int64_t divisor = cases == 0 ? 1 : (int64_t)cases;

    buf_printf(out, "{\"set\":\"%s\",\"active\":\"%s\",\"since\":\"",
               policy_set_hash(shadow->draft), policy_set_hash(shadow->active));
    time_write(shadow->since_ms, out);
    buf_printf(out, "\",\"cases\":%llu,\"different\":%llu,\"open\":%llu,\"broken\":%llu",
               (unsigned long long)cases, (unsigned long long)shadow->different,
               (unsigned long long)shadow->open, (unsigned long long)shadow->broken);
    buf_printf(out, ",\"microseconds\":{\"active\":%lld,\"draft\":%lld,\"draft_worst\":%lld}",
               (long long)(shadow->active_us / divisor), (long long)(shadow->draft_us / divisor),
               (long long)shadow->draft_worst_us);
    put_verdicts(shadow, out);
    pthread_mutex_lock(&shadow->lock);
    put_rules(shadow, out);
    pthread_mutex_unlock(&shadow->lock);
    buf_byte(out, '}');
}

void shadow_metrics(struct shadow *shadow, struct buf *out)
{
    static const char *const names[] = { "cases", "different", "open", "broken" };
    const uint64_t values[] = { shadow->cases, shadow->different, shadow->open, shadow->broken };
    size_t i;

    for (i = 0; i < 4; i++)
        buf_printf(out, "# TYPE shiming_shadow_%s_total counter\nshiming_shadow_%s_total %llu\n",
                   names[i], names[i], (unsigned long long)values[i]);
    buf_printf(out,
               "# TYPE shiming_shadow_microseconds_total counter\n"
               "shiming_shadow_microseconds_total{set=\"active\"} %lld\n"
               "shiming_shadow_microseconds_total{set=\"draft\"} %lld\n"
               "# TYPE shiming_shadow_differences_total counter\n",
               (long long)shadow->active_us, (long long)shadow->draft_us);
    pthread_mutex_lock(&shadow->lock);
    for (i = 0; i < shadow->rule_count; i++)
        buf_printf(out,
                   "shiming_shadow_differences_total{rule=\"%s\",change=\"added\"} %llu\n"
                   "shiming_shadow_differences_total{rule=\"%s\",change=\"removed\"} %llu\n",
                   shadow->rules[i].rule, (unsigned long long)shadow->rules[i].added,
                   shadow->rules[i].rule, (unsigned long long)shadow->rules[i].removed);
    pthread_mutex_unlock(&shadow->lock);
}
