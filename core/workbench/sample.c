/* SPDX-License-Identifier: Apache-2.0 */
/* The case of least cost, where what is not plain costs one. */
#include "workbench/sample.h"

static bool is_plain(const struct space *space, size_t variable, size_t value)
{
    const struct variable *it = &space->variables[variable];

    return str_is(it->fact->values[it->fact->plain].text, it->values[value]);
}

static int cost(void *ctx, size_t variable, size_t value)
{
    const struct space *space = ctx;

    if (value + 1 == space->variables[variable].value_count)
        return -1;
    return is_plain(space, variable, value) ? 0 : 1;
}

bool sample_plain(const struct space *space, diagram cases, uint8_t *values)
{
    return diagram_nearest(space->all, cases, cost, (void *)space, values) >= 0;
}

size_t sample_facts(const struct space *space, const uint8_t *values, struct answer *out)
{
    size_t count = 0, i;

    for (i = 0; i < space->variable_count; i++)
        if (space->variables[i].read && count < SAMPLE_FACTS)
            out[count++] = (struct answer){ .fact = space->variables[i].name,
                                            .value = space->variables[i].values[values[i]] };
    return count;
}

size_t sample_pinned(const struct space *space, diagram cases, const uint8_t *values,
                     struct answer *out)
{
    size_t count = 0;

    while (cases != DIAGRAM_NONE && cases != DIAGRAM_ALL && count < SAMPLE_FACTS) {
        size_t i = diagram_variable(space->all, cases);
        const struct variable *it = &space->variables[i];
        bool known = (size_t)values[i] + 1 < it->value_count;

        out[count++] =
            (struct answer){ .fact = it->name, .value = known ? it->values[values[i]] : NULL };
        cases = diagram_branch(space->all, cases, values[i]);
    }
    return count;
}

void sample_write(const struct space *space, const uint8_t *values, struct buf *out)
{
    const char *between = "";
    size_t i;

    for (i = 0; i < space->variable_count; i++)
        if (space->variables[i].read && !is_plain(space, i, values[i])) {
            buf_printf(out, "%s%s=%s", between, space->variables[i].name,
                       space->variables[i].values[values[i]]);
            between = " ";
        }
}
