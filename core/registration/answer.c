/* SPDX-License-Identifier: Apache-2.0 */
/* A decision as JSON. */
#include "registration/answer.h"

static void put_name(struct buf *out, const char *before, const char *name)
{
    buf_text(out, before);
    buf_text(out, name);
    buf_text(out, "\":");
}

static void put_member(struct buf *out, const char *name, const char *value)
{
    put_name(out, ",\"", name);
    buf_json(out, str_of(value));
}

static void put_effect(struct buf *out, const struct effect *effect, const char *what_name)
{
    put_name(out, "{\"", what_name);
    buf_json(out, str_of(effect->what));
    put_member(out, "rule", effect->rule);
    if (effect->to != NULL)
        put_member(out, "to", effect->to);
    if (effect->bites_from != NULL)
        put_member(out, "bites_from", effect->bites_from);
    if (effect->within_ms > 0)
        buf_printf(out, ",\"within_ms\":%lld", (long long)effect->within_ms);
    put_member(out, "zh", effect->zh);
    put_member(out, "en", effect->en);
    if (effect->rule_zh != NULL && effect->rule_en != NULL) {
        buf_text(out, ",\"basis\":{\"zh\":");
        buf_json(out, str_of(effect->rule_zh));
        put_member(out, "en", effect->rule_en);
        buf_byte(out, '}');
    }
    buf_byte(out, '}');
}

static void put_effects(struct buf *out, const struct decision *decision, enum effect_kind kind,
                        const char *list_name, const char *what_name)
{
    bool first = true;
    size_t i;

    put_name(out, ",\"", list_name);
    buf_byte(out, '[');
    for (i = 0; i < decision->effect_count; i++) {
        if (decision->effects[i].kind != kind)
            continue;
        if (!first)
            buf_byte(out, ',');
        first = false;
        put_effect(out, &decision->effects[i], what_name);
    }
    buf_byte(out, ']');
}

static void put_checks(struct buf *out, const struct check *checks, size_t count)
{
    size_t i;

    buf_text(out, ",\"checks\":[");
    for (i = 0; i < count; i++) {
        buf_text(out, i == 0 ? "{\"service\":" : ",{\"service\":");
        buf_json(out, str_of(checks[i].service));
        if (checks[i].of[0] != '\0')
            put_member(out, "of", checks[i].of);
        put_member(out, "result", checks[i].result);
        if (checks[i].receipt[0] != '\0')
            put_member(out, "receipt", checks[i].receipt);
        buf_byte(out, '}');
    }
    buf_byte(out, ']');
}

void answer_decision(struct buf *out, const struct decision *decision, const struct check *checks,
                     size_t check_count)
{
    size_t i;

    buf_text(out, "\"verdict\":");
    buf_json(out, str_of(verdict_name(decision->verdict)));
    put_effects(out, decision, EFFECT_NEED, "needs", "what");
    put_effects(out, decision, EFFECT_REFUSE, "refusals", "what");
    put_effects(out, decision, EFFECT_REPORT, "reports", "kind");
    put_checks(out, checks, check_count);
    put_effects(out, decision, EFFECT_OBLIGE, "obligations", "kind");
    put_effects(out, decision, EFFECT_WARN, "warnings", "what");
    buf_text(out, ",\"policies\":[");
    for (i = 0; i < decision->policy_count; i++) {
        buf_text(out, i == 0 ? "{\"id\":" : ",{\"id\":");
        buf_json(out, str_of(decision->policies[i]->id));
        put_member(out, "hash", decision->policies[i]->hash);
        buf_byte(out, '}');
    }
    buf_byte(out, ']');
    put_member(out, "set", decision->set);
    buf_text(out, ",\"on\":\"");
    date_write(decision->on, out);
    buf_text(out, "\",\"begun\":\"");
    date_write(decision->begun, out);
    buf_byte(out, '"');
}
