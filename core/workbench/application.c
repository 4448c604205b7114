/* SPDX-License-Identifier: Apache-2.0 */
/* The facts that matter of a sample, handed to whoever makes applications; and what was made, held
 * against the cases it was made for. */
#include "workbench/application.h"

#include "workbench/sample.h"

#include <stdlib.h>

void application_made_fini(struct application_made *made)
{
    buf_fini(&made->json);
    buf_fini(&made->answers);
    buf_fini(&made->facts);
    buf_fini(&made->missed);
}

static bool knows_all(const struct policy_set *set, const struct answer *facts, size_t count)
{
    size_t i;

    for (i = 0; i < count; i++)
        if (set_fact(set, str_of(facts[i].fact)) == NULL)
            return false;
    return true;
}

/* The value of a fact among "name=value\n" lines, or the one for "not known". */
static uint8_t value_in(const struct variable *variable, struct smg_str lines)
{
    size_t len = strlen(variable->name), i;

    while (lines.len > 0) {
        const char *end = memchr(lines.at, '\n', lines.len);
        struct smg_str line =
            str_bytes(lines.at, end == NULL ? lines.len : (size_t)(end - lines.at));

        if (line.len > len && line.at[len] == '=' && memcmp(line.at, variable->name, len) == 0)
            for (i = 0; i + 1 < variable->value_count; i++)
                if (str_is(str_bytes(line.at + len + 1, line.len - len - 1), variable->values[i]))
                    return (uint8_t)i;
        lines.at += line.len + (end != NULL);
        lines.len -= line.len + (end != NULL);
    }
    return (uint8_t)(variable->value_count - 1);
}

static bool is_one_of(const struct space *space, diagram cases, struct smg_str lines)
{
    uint8_t *values = malloc(space->variable_count + 1);
    bool is;
    size_t i;

    if (values == NULL)
        return false;
    for (i = 0; i < space->variable_count; i++)
        values[i] = value_in(&space->variables[i], lines);
    is = diagram_holds(space->all, cases, values);
    free(values);
    return is;
}

bool application_of(const struct space *space, diagram cases, const uint8_t *values,
                    application_fn fn, void *ctx, struct application_made *made)
{
    struct answer facts[SAMPLE_FACTS];
    size_t count = sample_pinned(space, cases, values, facts), i = space->reading_count;
    const struct reading *reading;

    while (i > 0 && !knows_all(space->readings[i - 1].set, facts, count))
        i--;
    if (fn == NULL || i == 0)
        return false;
    reading = &space->readings[i - 1];
    fn(ctx, reading->set, facts, count, reading->region, reading->on, made);
    if (made->json.len > 0 && is_one_of(space, cases, buf_view(&made->facts)))
        return true;
    application_made_fini(made);
    return false;
}

void application_json(const struct space *space, diagram cases, const uint8_t *values,
                      application_fn fn, void *ctx, struct buf *out)
{
    struct application_made made = { .json = { 0 } };

    if (application_of(space, cases, values, fn, ctx, &made)) {
        buf_text(out, ",\"application\":");
        buf_str(out, buf_view(&made.json));
        buf_text(out, ",\"answers\":");
        buf_json(out, buf_view(&made.answers));
        out->failed = out->failed || made.json.failed || made.answers.failed;
    }
    application_made_fini(&made);
}
