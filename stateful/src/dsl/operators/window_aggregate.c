#include "dsl/operators/window_aggregate.h"

static sf_status add_to(sf_window_fold *at, const sf_record *record, sf_bytes wire_key,
                        int64_t start_ms, sf_error *err)
{
    sf_window_addition addition = {.wire_key = wire_key};
    sf_status status = sf_kept_windows_get(&at->windows, wire_key, start_ms, &addition.base, err);

    return status ? status : sf_window_fold_add(at, record, &addition, err);
}

static int64_t first_start(const sf_window_fold_plan *plan, int64_t timestamp)
{
    int64_t start = timestamp - plan->windows->size_ms + plan->advance_ms;

    return start <= 0 ? 0 : start / plan->advance_ms * plan->advance_ms;
}

static sf_status add_to_windows(sf_window_fold *at, const sf_record *record, sf_bytes wire_key,
                                sf_error *err)
{
    const sf_window_fold_plan *plan = at->plan;
    sf_status status = SF_OK;

    for (int64_t start = first_start(plan, record->timestamp);
         !status && start <= record->timestamp; start += plan->advance_ms) {
        if (sf_kept_windows_end(plan->windows, start) > *at->seen - plan->grace_ms)
            status = add_to(at, record, wire_key, start, err);
        else
            sf_context_count_dropped_for(at->context, SF_DROP_LATE); /* late */
    }
    return status;
}

static sf_status process(void *state, sf_context *context, const sf_record *record, sf_error *err)
{
    sf_window_fold *at = state;
    bool goes_on;
    sf_bytes wire_key;
    sf_status status = sf_window_fold_see(at, record, &goes_on, &wire_key, err);

    (void)context;
    if (status || !goes_on)
        return status;
    status = sf_window_fold_emit(at, record, true, err);
    if (!status)
        status = add_to_windows(at, record, wire_key, err);
    return status ? status : sf_window_fold_emit(at, record, false, err);
}

sf_processor sf_window_aggregate_processor(sf_window_fold_plan *plan)
{
    return (sf_processor){.init = sf_window_fold_init, .process = process, .user = plan};
}

static sf_status process_unlimited(void *state, sf_context *context, const sf_record *record,
                                   sf_error *err)
{
    sf_window_fold *at = state;
    bool goes_on;
    sf_bytes wire_key;
    sf_status status = sf_window_fold_see(at, record, &goes_on, &wire_key, err);

    (void)context;
    if (status || !goes_on || record->timestamp < at->plan->start_ms)
        return status;
    return add_to(at, record, wire_key, at->plan->start_ms, err);
}

sf_processor sf_unlimited_aggregate_processor(sf_window_fold_plan *plan)
{
    return (sf_processor){.init = sf_window_fold_init, .process = process_unlimited, .user = plan};
}
