/* SPDX-License-Identifier: Apache-2.0 */
/* Answers and the copies they point to. */
#include "registration/learned.h"

#include <stdio.h>
#include <string.h>

void learned_add(struct learned *learned, const char *fact, const char *value, bool of_registers)
{
    size_t i = learned->count;

    if (i == LEARNED_MAX)
        return;
    snprintf(learned->facts[i], sizeof learned->facts[i], "%s", fact);
    snprintf(learned->values[i], sizeof learned->values[i], "%s", value);
    learned->answers[i] = (struct answer){ .fact = learned->facts[i], .value = learned->values[i] };
    learned->of_registers[i] = of_registers;
    learned->count++;
}

void learned_forget_registers(struct learned *learned)
{
    struct learned before = *learned;
    size_t i;

    learned->count = 0;
    for (i = 0; i < before.count; i++)
        if (!before.of_registers[i])
            learned_add(learned, before.facts[i], before.values[i], false);
}
