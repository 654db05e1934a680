/* broker_call.h - what a stream thread is waiting for, for others to see.
 *
 * Nearly all calls of the broker end in the time they are given. Those that may not are marked while
 * they last; call_watch.h looks at the marks.
 */
#ifndef SF_RUNTIME_BROKER_CALL_H
#define SF_RUNTIME_BROKER_CALL_H

#include <stdatomic.h>
#include <stdint.h>

#include <stateful/clock.h>

/* Zero is in no call. */
typedef struct sf_broker_call {
    _Atomic int64_t since_us; /* monotonic time; 0: in no call */
    const char *_Atomic name; /* of the latest: constant text, fits behind "waits for" */
} sf_broker_call;

/* The stream thread's. */
void sf_broker_call_begin(sf_broker_call *call, sf_clock *clock, const char *name);
void sf_broker_call_end(sf_broker_call *call);

/* For how long the thread has been in its call, *name = which; -1: in none. Any thread. */
int64_t sf_broker_call_ms(const sf_broker_call *call, sf_clock *clock, const char **name);

#endif
