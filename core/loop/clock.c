/* SPDX-License-Identifier: Apache-2.0 */
/* The two clocks. */
#include "loop/clock.h"

#include <stdatomic.h>
#include <time.h>

/* Where the wall clock stands when a test or a simulation set it; negative: it runs. */
static _Atomic int64_t standing = -1;
/* And both clocks, in a simulation. */
static _Atomic int64_t simulated = -1;

static int64_t read_us(clockid_t clock)
{
    struct timespec now;

    clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int64_t clock_now_ms(void)
{
    int64_t set = standing, shown = simulated;

    if (shown >= 0)
        return shown;
    return set >= 0 ? set : read_us(CLOCK_REALTIME) / 1000;
}

int64_t clock_mono_us(void)
{
    int64_t shown = simulated;

    return shown >= 0 ? shown * 1000 : read_us(CLOCK_MONOTONIC);
}

void clock_set_ms(int64_t ms)
{
    standing = ms;
}

void clock_simulate_ms(int64_t ms)
{
    simulated = ms;
}
