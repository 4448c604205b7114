/* SPDX-License-Identifier: Apache-2.0 */
/* Waiting, for threads that are no loops: for another thread's signal, or for time to pass. In a
 * simulation time passes only when every such thread is at rest, and by as much as is asked for. */
#ifndef LOOP_WAIT_H
#define LOOP_WAIT_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

/* pthread_create, for a thread that waits with the calls below; wait_over is the last thing it
 * does. Returns as pthread_create does. */
int wait_thread(pthread_t *thread, void *(*run)(void *ctx), void *ctx);
void wait_over(void);

/* With the lock held, as pthread_cond_wait: until a signal or, with ms not negative, until so much
 * time has passed. Wakes for no reason now and then, too. A condition that is waited for with a
 * limit was made by wait_init. */
void wait_init(pthread_cond_t *cond);
void wait_for(pthread_cond_t *cond, pthread_mutex_t *lock, int64_t ms);
/* The same, by one who only looks round: a simulation does not stop at the end of such a wait, but
 * ends it when time has gone by anyway. */
void wait_lazily(pthread_cond_t *cond, pthread_mutex_t *lock, int64_t ms);
void wait_sleep(int64_t ms);
/* What the waiting thread waits for was changed under the lock before. */
void wait_signal(pthread_cond_t *cond);
void wait_signal_all(pthread_cond_t *cond);

/* Simulated time, for one thread that drives it and runs the loops itself; started before, and
 * ended after, the threads and loops that live in it. Both clocks show it. */
void wait_simulate(int64_t now_ms);
/* Those who still wait are woken, and real time is back. */
void wait_simulate_end(void);
bool wait_is_simulated(void);
/* Return when every thread is at rest. */
void wait_settle(void);
/* The moment the first of them has slept enough; INT64_MAX: nobody sleeps. */
int64_t wait_next_ms(void);
/* Let time pass, and wake whoever has slept enough. Never backward. */
void wait_advance(int64_t to_ms);

#endif
