/* timed_condition.h - condition variables whose waits end by the monotonic clock, and moments for
 * pthread_cond_timedwait. Any thread. */
#ifndef SF_BASE_TIMED_CONDITION_H
#define SF_BASE_TIMED_CONDITION_H

#include <pthread.h>
#include <stdint.h>
#include <time.h>

/* End it with pthread_cond_destroy. */
void sf_timed_condition_init(pthread_cond_t *condition);

/* So many milliseconds from now; 0 and less: now. */
struct timespec sf_moment_in_ms(int64_t ms);

/* A time of sf_clock_monotonic_us. */
struct timespec sf_moment_at_us(int64_t monotonic_us);

#endif
