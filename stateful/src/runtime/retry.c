#include "runtime/retry.h"

#include <inttypes.h>
#include <time.h>

#include <stateful/log.h>

enum {
    PAUSE_FIRST_MS = 5,
    PAUSE_MAX_MS = 250,
    TELL_AFTER_MS = 2000,
};

sf_retry sf_retry_begin(sf_retry_policy policy)
{
    return (sf_retry){
        .policy = policy,
        .started_us = sf_clock_monotonic_us(policy.clock),
        .pause_ms = PAUSE_FIRST_MS,
    };
}

/* A clock held in hand stands still: what was waited counts in any case. */
static int64_t elapsed_ms(const sf_retry *retry)
{
    int64_t by_clock = (sf_clock_monotonic_us(retry->policy.clock) - retry->started_us) / 1000;

    return by_clock > retry->waited_ms ? by_clock : retry->waited_ms;
}

static int64_t limit_ms(const sf_retry_policy *policy)
{
    bool stopping = policy->stopping && atomic_load(policy->stopping);

    return stopping && policy->limit_stopping_ms >= 0 ? policy->limit_stopping_ms
                                                      : policy->limit_ms;
}

static bool is_past_deadline(const sf_retry_policy *policy)
{
    return policy->deadline_us && *policy->deadline_us &&
           sf_clock_monotonic_us(policy->clock) >= *policy->deadline_us;
}

static void pause_ms(int32_t ms)
{
    struct timespec time = {ms / 1000, (ms % 1000) * 1000000L};

    (void)nanosleep(&time, NULL); /* a shorter pause is as good */
}

bool sf_retry_again(sf_retry *retry, sf_status *status, sf_error *err)
{
    int64_t limit = limit_ms(&retry->policy);
    int64_t before = retry->waited_ms;

    if (*status != SF_RETRY)
        return false;
    if ((limit >= 0 && elapsed_ms(retry) >= limit) || is_past_deadline(&retry->policy)) {
        *status = SF_STOP;
        if (err)
            err->status = SF_STOP;
        (void)sf_error_prefix(err, SF_STOP, "given up after %" PRId64 " ms", elapsed_ms(retry));
        return false;
    }
    pause_ms(retry->pause_ms);
    retry->waited_ms += retry->pause_ms;
    if (before < TELL_AFTER_MS && retry->waited_ms >= TELL_AFTER_MS)
        sf_log(SF_LOG_WARN, "the broker does not answer, still trying error=\"%s\"",
               err ? err->text : "");
    retry->pause_ms = retry->pause_ms * 2 < PAUSE_MAX_MS ? retry->pause_ms * 2 : PAUSE_MAX_MS;
    return true;
}
