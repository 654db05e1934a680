/* retry.h - how long, and how often, a call is made again that the broker did not take.
 *
 *   sf_retry retry = sf_retry_begin(policy);
 *   do
 *       status = call(..., err);
 *   while (sf_retry_again(&retry, &status, err));
 *
 * One thread.
 */
#ifndef SF_RUNTIME_RETRY_H
#define SF_RUNTIME_RETRY_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <stateful/clock.h>
#include <stateful/error.h>

typedef struct sf_retry_policy {
    sf_clock *clock;
    int64_t limit_ms;            /* -1: for ever */
    int64_t limit_stopping_ms;   /* from when *stopping is seen on; -1: the same limit */
    const atomic_bool *stopping; /* NULL: never */
    const int64_t *deadline_us;  /* monotonic time when nothing is tried again; NULL or 0: never */
} sf_retry_policy;

typedef struct sf_retry {
    sf_retry_policy policy;
    int64_t started_us;
    int64_t waited_ms;
    int64_t stopping_from_ms; /* of the time that passed, when *stopping was seen; -1: not yet */
    int32_t pause_ms;
} sf_retry;

sf_retry sf_retry_begin(sf_retry_policy policy);

/* Whether the call is to be made again: waits a moment (5 ms, each time longer, 250 at most) if
 * *status is SF_RETRY and time is left; without time *status becomes SF_STOP and err says so, with the
 * code SF_CLOSED if the application is stopping. */
bool sf_retry_again(sf_retry *retry, sf_status *status, sf_error *err);

#endif
