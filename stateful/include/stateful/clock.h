/* clock.h - where time comes from; tests and the simulator hold one in hand. */
#ifndef STATEFUL_CLOCK_H
#define STATEFUL_CLOCK_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct sf_clock sf_clock;

/* Where time comes from; implement it to hold the clock in your hand. */
struct sf_clock {
    int64_t (*now_ms)(sf_clock *clock);       /* wall clock, ms since 1970 UTC */
    int64_t (*monotonic_us)(sf_clock *clock); /* never goes back; for intervals */
    void (*pause)(sf_clock *clock,
                  int64_t ms); /* lets so much time pass; NULL: the thread sleeps */
};

/* The machine's clock; not to be freed. Any thread. */
sf_clock *sf_clock_system(void);

/* A clock that stands still until it is told. Its monotonic time moves with it. Any thread. */
sf_clock *sf_clock_manual_new(int64_t now_ms);
void sf_clock_manual_set(sf_clock *clock, int64_t now_ms);
void sf_clock_manual_advance(sf_clock *clock, int64_t by_ms);
void sf_clock_manual_free(sf_clock *clock);

/* The wall clock, ms since 1970 UTC, and a clock for intervals, us since some moment. Any thread. */
int64_t sf_clock_now_ms(sf_clock *clock);
int64_t sf_clock_monotonic_us(sf_clock *clock);

/* Waits so long by this clock; one without a pause of its own lets the thread sleep. Shorter is
 * possible, when a signal comes. Any thread. */
void sf_clock_pause(sf_clock *clock, int64_t ms);

#ifdef __cplusplus
}
#endif

#endif
