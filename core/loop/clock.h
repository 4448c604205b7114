/* SPDX-License-Identifier: Apache-2.0 */
/* What time it is. Tests and simulations set it; nothing else in the program asks the system. */
#ifndef LOOP_CLOCK_H
#define LOOP_CLOCK_H

#include <stdint.h>

int64_t clock_now_ms(void);  /* wall clock, milliseconds since 1970 UTC; any thread */
int64_t clock_mono_us(void); /* monotonic, for measuring; set by a simulation only */
/* From now on the wall clock stands at this moment; negative: the system's clock again. */
void clock_set_ms(int64_t ms);
/* The same for both clocks; for wait_simulate. */
void clock_simulate_ms(int64_t ms);

#endif
