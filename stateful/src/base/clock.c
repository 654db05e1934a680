#include <stateful/clock.h>

#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#include "base/memory.h"

static int64_t read_ns(clockid_t id)
{
    struct timespec now;

    clock_gettime(id, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static int64_t system_now_ms(sf_clock *clock)
{
    (void)clock;
    return read_ns(CLOCK_REALTIME) / 1000000;
}

static int64_t system_monotonic_us(sf_clock *clock)
{
    (void)clock;
    return read_ns(CLOCK_MONOTONIC) / 1000;
}

sf_clock *sf_clock_system(void)
{
    static sf_clock clock = {system_now_ms, system_monotonic_us, NULL};

    return &clock;
}

typedef struct manual_clock {
    sf_clock clock; /* first: a manual clock is a clock */
    _Atomic int64_t now_ms;
    _Atomic int64_t elapsed_us;
} manual_clock;

static int64_t manual_now_ms(sf_clock *clock)
{
    return atomic_load(&((manual_clock *)clock)->now_ms);
}

static int64_t manual_monotonic_us(sf_clock *clock)
{
    return atomic_load(&((manual_clock *)clock)->elapsed_us);
}

sf_clock *sf_clock_manual_new(int64_t now_ms)
{
    manual_clock *manual = sf_zalloc(sizeof(*manual));

    manual->clock = (sf_clock){manual_now_ms, manual_monotonic_us, NULL};
    atomic_store(&manual->now_ms, now_ms);
    return &manual->clock;
}

void sf_clock_manual_set(sf_clock *clock, int64_t now_ms)
{
    sf_clock_manual_advance(clock, now_ms - sf_clock_now_ms(clock));
}

void sf_clock_manual_advance(sf_clock *clock, int64_t by_ms)
{
    manual_clock *manual = (manual_clock *)clock;

    atomic_fetch_add(&manual->now_ms, by_ms);
    if (by_ms > 0)
        atomic_fetch_add(&manual->elapsed_us, by_ms * 1000);
}

void sf_clock_manual_free(sf_clock *clock)
{
    free(clock);
}

int64_t sf_clock_now_ms(sf_clock *clock)
{
    return clock->now_ms(clock);
}

int64_t sf_clock_monotonic_us(sf_clock *clock)
{
    return clock->monotonic_us(clock);
}

void sf_clock_pause(sf_clock *clock, int64_t ms)
{
    struct timespec time = {ms / 1000, (ms % 1000) * 1000000L};

    if (clock->pause)
        clock->pause(clock, ms);
    else
        (void)nanosleep(&time, NULL); /* a shorter pause is as good */
}
