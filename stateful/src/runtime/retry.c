#include "runtime/retry.h"

#include <inttypes.h>

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
        .stopping_from_ms = -1,
        .pause_ms = PAUSE_FIRST_MS,
    };
}

/* A clock held in hand stands still: what was waited counts in any case. */
static int64_t elapsed_ms(const sf_retry *retry)
{
    int64_t by_clock = (sf_clock_monotonic_us(retry->policy.clock) - retry->started_us) / 1000;

    return by_clock > retry->waited_ms ? by_clock : retry->waited_ms;
}

static bool is_stopping(const sf_retry *retry)
{
    const sf_retry_policy *policy = &retry->policy;

    return policy->stopping && policy->limit_stopping_ms >= 0 && atomic_load(policy->stopping);
}

static bool time_is_up(sf_retry *retry, int64_t passed_ms)
{
    int64_t limit = retry->policy.limit_ms;

    if (is_stopping(retry)) {
        if (retry->stopping_from_ms < 0)
            retry->stopping_from_ms = passed_ms;
        if (passed_ms - retry->stopping_from_ms >= retry->policy.limit_stopping_ms)
            return true;
    }
    return limit >= 0 && passed_ms >= limit;
}

static sf_status give_up(const sf_retry *retry, int64_t passed_ms, sf_error *err)
{
    if (err) {
        err->status = SF_STOP;
        err->code = is_stopping(retry) ? SF_CLOSED : err->code;
    }
    return sf_error_prefix(err, SF_STOP, "given up after %" PRId64 " ms", passed_ms);
}

static bool is_past_deadline(const sf_retry_policy *policy)
{
    return policy->deadline_us && *policy->deadline_us &&
           sf_clock_monotonic_us(policy->clock) >= *policy->deadline_us;
}

bool sf_retry_again(sf_retry *retry, sf_status *status, sf_error *err)
{
    int64_t passed_ms = elapsed_ms(retry);
    int64_t before = retry->waited_ms;

    if (*status != SF_RETRY)
        return false;
    if (time_is_up(retry, passed_ms) || is_past_deadline(&retry->policy)) {
        *status = give_up(retry, passed_ms, err);
        return false;
    }
    sf_clock_pause(retry->policy.clock, retry->pause_ms);
    retry->waited_ms += retry->pause_ms;
    if (before < TELL_AFTER_MS && retry->waited_ms >= TELL_AFTER_MS)
        sf_log(SF_LOG_WARN, "the broker does not answer, still trying error=\"%s\"",
               err ? err->text : "");
    retry->pause_ms = retry->pause_ms * 2 < PAUSE_MAX_MS ? retry->pause_ms * 2 : PAUSE_MAX_MS;
    return true;
}
