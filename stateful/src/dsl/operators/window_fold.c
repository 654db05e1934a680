#include "dsl/operators/window_fold.h"

#include "topology/processor_implementation.h"

sf_status sf_window_fold_init(void *user, sf_context *context, void **state, sf_error *err)
{
    const sf_window_fold_plan *plan = user;
    sf_window_fold *made = sf_arena_zalloc(context->pipeline->memory, sizeof(*made));
    sf_status status;

    made->plan = plan;
    made->context = context;
    *state = made;
    status = sf_kept_windows_init(&made->windows, plan->windows, context, err);
    if (!status)
        status = sf_context_time(context, "seen", plan->times, &made->seen, err);
    return status ? status
                  : sf_closing_init(&made->closing, &plan->closing, context, plan->times, err);
}

sf_status sf_window_fold_see(sf_window_fold *at, const sf_record *record, bool *goes_on,
                             sf_bytes *wire_key, sf_error *err)
{
    *goes_on = !sf_fold_leaves_out(&at->plan->fold, record);
    if (!*goes_on) {
        sf_context_count_dropped_for(at->context, SF_DROP_NULL);
        return SF_OK;
    }
    if (record->timestamp > *at->seen)
        *at->seen = record->timestamp;
    return sf_serde_encode(at->plan->windows->key, record->key, sf_context_arena(at->context),
                           wire_key, err);
}

sf_status sf_window_fold_add(sf_window_fold *at, const sf_record *record,
                             const sf_window_addition *addition, sf_error *err)
{
    sf_window_change to = {.wire_key = addition->wire_key,
                           .start_ms = addition->base.start_ms,
                           .change = {.record = *record}};
    const sf_window_row *base = &addition->base;
    sf_bytes *value = &to.change.record.value;
    sf_status status = SF_OK;

    if (!sf_bytes_is_null(base->stored) && base->timestamp > record->timestamp)
        to.change.record.timestamp = base->timestamp;
    if (at->plan->windows->sends_before && at->windows.forwards_at_once && !addition->is_new)
        status = sf_kept_windows_value(&at->windows, base, &to.change.before, err);
    if (!status)
        status = sf_kept_windows_value(&at->windows, base, value, err);
    if (!status)
        status = sf_fold_add(&at->plan->fold, sf_context_arena(at->context), record, value, err);
    return status ? status : sf_kept_windows_put(&at->windows, &to, err);
}

/* No tumbling or hopping window begins within: nothing to scan for. */
static bool has_windows(const sf_window_fold_plan *plan, int64_t first_ms, int64_t last_ms)
{
    return !plan->advance_ms || last_ms - last_ms % plan->advance_ms >= first_ms;
}

sf_status sf_window_fold_emit(sf_window_fold *at, const sf_record *record, bool is_first,
                              sf_error *err)
{
    const sf_closing_plan *closing = &at->plan->closing;
    int64_t first_ms, last_ms;
    sf_status status;

    if (!closing->is_on || is_first != closing->is_lossless ||
        !sf_closing_is_due(&at->closing, *at->seen, &first_ms, &last_ms) ||
        !has_windows(at->plan, first_ms, last_ms))
        return SF_OK;
    status = sf_kept_windows_emit(&at->windows, record, first_ms, last_ms, err);
    if (!status)
        sf_closing_done(&at->closing, *at->seen);
    return status;
}
