#include "base/timed_condition.h"

void sf_timed_condition_init(pthread_cond_t *condition)
{
    pthread_condattr_t monotonic;

    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(condition, &monotonic);
    pthread_condattr_destroy(&monotonic);
}

struct timespec sf_moment_in_ms(int64_t ms)
{
    struct timespec moment;

    (void)clock_gettime(CLOCK_MONOTONIC, &moment); /* it exists */
    if (ms <= 0)
        return moment;
    moment.tv_sec += (time_t)(ms / 1000);
    moment.tv_nsec += (long)(ms % 1000) * 1000000;
    if (moment.tv_nsec >= 1000000000) {
        moment.tv_sec++;
        moment.tv_nsec -= 1000000000;
    }
    return moment;
}

struct timespec sf_moment_at_us(int64_t monotonic_us)
{
    return (struct timespec){
        .tv_sec = (time_t)(monotonic_us / 1000000),
        .tv_nsec = (long)(monotonic_us % 1000000) * 1000,
    };
}
