#include "dsl/operators/emit_throttle.h"

#include "topology/processor_implementation.h"

bool sf_emit_throttle_passes(sf_emit_throttle *throttle, const sf_context *context)
{
    int64_t interval_ms = context->pipeline->emit_interval_ms;
    int64_t now_ms = sf_context_now(context);

    /* A wait longer than the interval: the clock was set back. */
    if (now_ms < throttle->next_ms && throttle->next_ms - now_ms <= interval_ms)
        return false;
    throttle->next_ms = now_ms + interval_ms;
    return true;
}
