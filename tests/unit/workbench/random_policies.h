/* SPDX-License-Identifier: Apache-2.0 */
/* Small vocabularies and rule sets, made up at random: texts for policy_set_from. */
#ifndef RANDOM_POLICIES_H
#define RANDOM_POLICIES_H

#include "base/buf.h"
#include "policy/policy.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

enum { FACTS_MAX = 6, VALUES = 4, RULES_MAX = 6 };

static uint32_t random_seed = 1;

static uint32_t draw(uint32_t below)
{
    random_seed = random_seed * 1664525u + 1013904223u;
    return (random_seed >> 8) % below;
}

struct random_fact {
    char kind; /* 'b', 't' or 'i' */
    unsigned values;
    const char *source;
    unsigned keeps; /* bits */
};

struct random_vocabulary {
    struct random_fact facts[FACTS_MAX];
    size_t count;
};

static void random_vocabulary(struct random_vocabulary *out)
{
    static const char *const sources[] = { "\"form\"", "\"card\"", "\"evidence\"",
                                           "\"service\", service = \"s\"",
                                           "\"registry\", registry = \"r\"" };
    size_t i;

    out->count = 2 + draw(FACTS_MAX - 2);
    for (i = 0; i < out->count; i++) {
        struct random_fact *fact = &out->facts[i];

        fact->kind = "bti"[draw(3)];
        fact->values = fact->kind == 'b' ? 2 : 2 + draw(VALUES - 1);
        fact->source = sources[draw(5)];
        fact->keeps = draw(3) == 0 ? draw(1u << fact->values) : 0;
    }
}

/* As a script writes it. */
static void put_value(struct buf *out, const struct random_fact *fact, unsigned value)
{
    if (fact->kind == 'b')
        buf_text(out, value == 0 ? "true" : "false");
    else if (fact->kind == 'i')
        buf_printf(out, "%u", value * 3);
    else
        buf_printf(out, "\"v%u\"", value);
}

/* Facts lie at different depths: f0, a.f1, a.b.f2. */
static void put_fact_name(struct buf *out, size_t fact)
{
    static const char *const paths[] = { "", "a.", "a.b." };

    buf_printf(out, "%sf%zu", paths[fact % 3], fact);
}

static void put_vocabulary(struct buf *out, const struct random_vocabulary *vocabulary)
{
    unsigned value;
    size_t i;

    for (i = 0; i < vocabulary->count; i++) {
        const struct random_fact *fact = &vocabulary->facts[i];

        buf_text(out, "fact \"");
        put_fact_name(out, i);
        buf_text(out, "\" { values = { ");
        for (value = 0; value < fact->values; value++) {
            put_value(out, fact, value);
            buf_text(out, ", ");
        }
        buf_text(out, "}, keeps = { ");
        for (value = 0; value < fact->values; value++)
            if ((fact->keeps >> value & 1) != 0) {
                put_value(out, fact, value);
                buf_text(out, ", ");
            }
        buf_printf(out, "}, source = %s, zh = \"z\", en = \"e\" }\n", fact->source);
    }
    for (i = 0; i < 3; i++)
        buf_printf(out,
                   "word \"n%zu\" { kind = \"need\", zh = \"z\", en = \"e\" }\n"
                   "word \"r%zu\" { kind = \"refuse\", zh = \"z\", en = \"e\" }\n"
                   "word \"p%zu\" { kind = \"report\", zh = \"z\", en = \"e\" }\n"
                   "word \"o%zu\" { kind = \"oblige\", zh = \"z\", en = \"e\" }\n",
                   i, i, i, i);
}

static void put_condition(struct buf *out, const struct random_vocabulary *vocabulary,
                          unsigned depth)
{
    size_t fact = draw((uint32_t)vocabulary->count);
    uint32_t form = draw(depth == 0 ? 1 : 4);

    if (form == 1) {
        buf_text(out, "not ");
        put_condition(out, vocabulary, depth - 1);
    } else if (form > 1) {
        buf_byte(out, '(');
        put_condition(out, vocabulary, depth - 1);
        buf_text(out, form == 2 ? " and " : " or ");
        put_condition(out, vocabulary, depth - 1);
        buf_byte(out, ')');
    } else {
        buf_text(out, "(case.");
        put_fact_name(out, fact);
        buf_text(out, vocabulary->facts[fact].kind == 'i' && draw(2) == 0 ? " < " : " == ");
        put_value(out, &vocabulary->facts[fact], draw(vocabulary->facts[fact].values));
        buf_byte(out, ')');
    }
}

static void put_effect(struct buf *out, const struct random_vocabulary *vocabulary)
{
    switch (draw(6)) {
    case 0:
        buf_text(out, "need \"");
        put_fact_name(out, draw((uint32_t)vocabulary->count));
        buf_text(out, "\" ");
        break;
    case 1:
        buf_printf(out, "refuse \"r%u\" ", draw(3));
        break;
    case 2:
        buf_printf(out, "report { to = \"p%u\", within = \"%uh\" } ", draw(3), 1 + draw(2));
        break;
    case 3:
        buf_printf(out, "oblige \"o%u\" ", draw(3));
        break;
    default:
        buf_printf(out, "need \"n%u\" ", draw(3));
        break;
    }
}

static void put_statements(struct buf *out, const struct random_vocabulary *vocabulary,
                           unsigned depth)
{
    uint32_t count = 1 + draw(2);

    while (count-- > 0) {
        if (depth == 0 || draw(3) == 0) {
            put_effect(out, vocabulary);
            continue;
        }
        buf_text(out, "if ");
        put_condition(out, vocabulary, 2);
        buf_text(out, " then ");
        put_statements(out, vocabulary, depth - 1);
        if (draw(2) == 0) {
            buf_text(out, "else ");
            put_statements(out, vocabulary, depth - 1);
        }
        buf_text(out, "end ");
    }
}

/* Rules "1" to "n" of the regulation "x/1". Each is drawn from a seed of its own, so that two texts
 * can share most of their rules. */
static void put_rules(struct buf *out, const struct random_vocabulary *vocabulary, size_t count,
                      const uint32_t *seeds)
{
    size_t i;

    buf_text(out, "regulation { id = \"x/1\", region = \"\", from = \"2020-01-01\", "
                  "title = { zh = \"z\", en = \"e\" } }\n");
    for (i = 0; i < count; i++) {
        uint32_t before = random_seed;

        random_seed = seeds[i];
        buf_printf(out, "rule \"%zu\" { zh = \"z\", en = \"e\", ", i + 1);
        if (draw(2) == 0) {
            buf_text(out, "applies = function(case) return ");
            put_condition(out, vocabulary, 1);
            buf_text(out, " end, ");
        }
        buf_text(out, "check = function(case) ");
        put_statements(out, vocabulary, 2);
        buf_text(out, "end }\n");
        random_seed = before;
    }
}

static struct policy_set *load_random(const struct buf *vocabulary, const struct buf *rules)
{
    static const char *const stack[] = { "x/1" };
    const struct policy_text texts[] = {
        { "documents.lua", { "", 0 } },
        { "vocabulary.lua", buf_view(vocabulary) },
        { "x/1.lua", buf_view(rules) },
    };
    struct buf problems = { 0 };
    struct policy_set *set = policy_set_from(texts, 3, stack, 1, &problems);

    if (set == NULL)
        fail_msg("%s\n%s\n%s", problems.at, vocabulary->at, rules->at);
    buf_fini(&problems);
    return set;
}

#endif
