/* in_flight.h - how many requests are under way, and the wait until none is. Any thread. */
#ifndef SF_SERVICE_IN_FLIGHT_H
#define SF_SERVICE_IN_FLIGHT_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct sf_in_flight {
    _Atomic int64_t count;
    _Atomic bool is_awaited; /* that it is none: somebody waits, or has waited */
    pthread_mutex_t lock;    /* for the next */
    pthread_cond_t is_none;
} sf_in_flight;

void sf_in_flight_init(sf_in_flight *in_flight);
void sf_in_flight_done(sf_in_flight *in_flight);

void sf_in_flight_begin(sf_in_flight *in_flight);
void sf_in_flight_end(sf_in_flight *in_flight);

int64_t sf_in_flight_count(const sf_in_flight *in_flight);

/* Waits until none is, at most until then (by the monotonic clock). */
void sf_in_flight_wait_for_none(sf_in_flight *in_flight, int64_t until_us);

#endif
