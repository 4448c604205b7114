/* SPDX-License-Identifier: Apache-2.0 */
/* What a case was answered so far, as facts for its next decision. */
#ifndef REGISTRATION_LEARNED_H
#define REGISTRATION_LEARNED_H

#include "policy/policy.h"

enum { LEARNED_MAX = 32 };

struct learned {
    struct answer answers[LEARNED_MAX];
    size_t count;
    /* behind the answers */
    char facts[LEARNED_MAX][80], values[LEARNED_MAX][32];
    bool of_registers[LEARNED_MAX];
};

/* of_registers: our own rows say so, which change; a service's answer about a person stands. More
 * than LEARNED_MAX are left out: then the case is not decided, for its question stays open. */
void learned_add(struct learned *learned, const char *fact, const char *value, bool of_registers);
void learned_forget_registers(struct learned *learned);

#endif
