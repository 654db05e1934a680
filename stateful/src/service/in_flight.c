#include "service/in_flight.h"

#include <stateful/clock.h>

#include "base/timed_condition.h"

void sf_in_flight_init(sf_in_flight *in_flight)
{
    *in_flight = (sf_in_flight){0};
    pthread_mutex_init(&in_flight->lock, NULL);
    sf_timed_condition_init(&in_flight->is_none);
}

void sf_in_flight_done(sf_in_flight *in_flight)
{
    pthread_cond_destroy(&in_flight->is_none);
    pthread_mutex_destroy(&in_flight->lock);
}

void sf_in_flight_begin(sf_in_flight *in_flight)
{
    atomic_fetch_add(&in_flight->count, 1);
}

void sf_in_flight_end(sf_in_flight *in_flight)
{
    if (atomic_fetch_sub(&in_flight->count, 1) > 1 || !atomic_load(&in_flight->is_awaited))
        return;
    pthread_mutex_lock(&in_flight->lock);
    pthread_cond_broadcast(&in_flight->is_none);
    pthread_mutex_unlock(&in_flight->lock);
}

int64_t sf_in_flight_count(const sf_in_flight *in_flight)
{
    return atomic_load(&in_flight->count);
}

void sf_in_flight_wait_for_none(sf_in_flight *in_flight, int64_t until_us)
{
    struct timespec until = sf_moment_at_us(until_us);

    pthread_mutex_lock(&in_flight->lock);
    atomic_store(&in_flight->is_awaited, true);
    while (atomic_load(&in_flight->count) && sf_clock_monotonic_us(sf_clock_system()) < until_us)
        (void)pthread_cond_timedwait(&in_flight->is_none, &in_flight->lock, &until);
    pthread_mutex_unlock(&in_flight->lock);
}
