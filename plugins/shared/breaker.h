/* SPDX-License-Identifier: Apache-2.0 */
/* A circuit breaker: a service that failed some times in a row is left alone for a while, so that
 * nobody waits for it; then one request tries it. */
#ifndef SHARED_BREAKER_H
#define SHARED_BREAKER_H

#include <stdbool.h>
#include <stdint.h>

enum breaker_state { BREAKER_CLOSED = 0, BREAKER_OPEN, BREAKER_TRYING };

struct breaker {
    int64_t limit;   /* failures in a row that open it, 1 or more */
    int64_t rest_ms; /* how long it stays open */
    /* its own: */
    enum breaker_state state;
    int64_t failures, opened_ms;
};

/* May a request be sent now? Each that may must be told of afterwards, by one of the three below.
 * now_ms: of a clock that is never set. */
bool breaker_admits(struct breaker *breaker, int64_t now_ms);

/* How it ended. true: the breaker opened (failed) or closed (succeeded) by this. */
bool breaker_succeeded(struct breaker *breaker);
bool breaker_failed(struct breaker *breaker, int64_t now_ms);
/* It was given up for a reason that says nothing of the service. */
void breaker_withdrew(struct breaker *breaker);

#endif
