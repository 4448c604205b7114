/* SPDX-License-Identifier: Apache-2.0 */
/* The breaker's three states: closed, open, and trying with one request. */
#include "breaker.h"

bool breaker_admits(struct breaker *breaker, int64_t now_ms)
{
    if (breaker->state == BREAKER_OPEN && now_ms - breaker->opened_ms >= breaker->rest_ms) {
        breaker->state = BREAKER_TRYING;
        return true;
    }
    return breaker->state == BREAKER_CLOSED;
}

/* Also of a request that was sent before it opened: the service is back. */
bool breaker_succeeded(struct breaker *breaker)
{
    bool was_closed = breaker->state == BREAKER_CLOSED;

    breaker->state = BREAKER_CLOSED;
    breaker->failures = 0;
    return !was_closed;
}

/* The failure of a trial opens it again, which is no change to anybody outside. */
bool breaker_failed(struct breaker *breaker, int64_t now_ms)
{
    if (breaker->state == BREAKER_OPEN)
        return false; /* sent before it opened */
    if (breaker->state == BREAKER_CLOSED && ++breaker->failures < breaker->limit)
        return false;
    breaker->opened_ms = now_ms;
    if (breaker->state == BREAKER_TRYING) {
        breaker->state = BREAKER_OPEN;
        return false;
    }
    breaker->state = BREAKER_OPEN;
    return true;
}

/* The next request tries instead. */
void breaker_withdrew(struct breaker *breaker)
{
    if (breaker->state == BREAKER_TRYING) {
        breaker->state = BREAKER_OPEN;
        breaker->opened_ms -= breaker->rest_ms;
    }
}
