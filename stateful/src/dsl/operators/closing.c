#include "dsl/operators/closing.h"

#include "topology/processor_implementation.h"

sf_status sf_closing_init(sf_closing *closing, const sf_closing_plan *plan, sf_context *context,
                          const char *name, sf_error *err)
{
    *closing = (sf_closing){.plan = plan, .context = context};
    return plan->is_on ? sf_context_time(context, "emitted", name, &closing->emitted, err) : SF_OK;
}

/* Whether a record of that stream time may make the store forget what was not emitted. */
static bool would_hide(const sf_closing_plan *plan, int64_t stream_time_ms, int64_t first_ms)
{
    return plan->is_lossless && plan->retention_ms > 0 &&
           stream_time_ms - plan->retention_ms >= first_ms;
}

bool sf_closing_is_due(sf_closing *closing, int64_t stream_time_ms, int64_t *first_ms,
                       int64_t *last_ms)
{
    const sf_closing_plan *plan = closing->plan;
    int64_t emitted_ms = *closing->emitted;
    bool may_now = sf_emit_throttle_passes(&closing->throttle, closing->context);

    *first_ms = emitted_ms < 0 ? 0 : emitted_ms - plan->span_ms + 1;
    *last_ms = stream_time_ms - plan->after_ms - plan->span_ms;
    return *first_ms <= *last_ms && (may_now || would_hide(plan, stream_time_ms, *first_ms));
}

void sf_closing_done(sf_closing *closing, int64_t stream_time_ms)
{
    *closing->emitted = stream_time_ms - closing->plan->after_ms;
}
