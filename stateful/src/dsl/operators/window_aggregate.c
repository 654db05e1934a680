#include "dsl/operators/window_aggregate.h"

#include <stateful/windowed.h>

#include "store/task_stores.h"
#include "store/window_key.h"
#include "topology/processor_implementation.h"

typedef struct window_aggregate {
    const sf_window_aggregate_plan *plan;
    sf_context *context;
    sf_window_store *rows;
    int64_t *seen; /* stream time of this operator */
    bool forwards_at_once;
} window_aggregate;

static sf_change windowed(window_aggregate *at, const sf_change *change, int64_t start_ms)
{
    sf_change result = *change;
    sf_windowed key = {change->record.key, start_ms, start_ms + at->plan->window.size_ms};

    result.record.key = sf_windowed_bytes(key, sf_context_arena(at->context));
    return result;
}

static sf_status decode_copy(const window_aggregate *at, sf_bytes stored, sf_bytes *value,
                             sf_error *err)
{
    sf_arena *arena = sf_context_arena(at->context);

    return sf_serde_decode(at->plan->value, sf_arena_copy(arena, stored), arena, value, err);
}

/* A cached change on its way downstream, at the commit. */
static sf_status forward_cached(void *user, sf_bytes logged, sf_stored now, sf_stored before,
                                sf_error *err)
{
    window_aggregate *at = user;
    sf_arena *arena = sf_context_arena(at->context);
    sf_change change = {.record = {.timestamp = now.timestamp}};
    sf_window_key key;
    sf_status status;

    sf_arena_reset(arena);
    if (!sf_window_key_decode_logged(logged, &key))
        return sf_fail(err, SF_CORRUPT, "the store '%s' has a key without a window",
                       at->plan->store);
    status = sf_serde_decode(at->plan->key, sf_arena_copy(arena, key.key), arena,
                             &change.record.key, err);
    if (!status)
        status = decode_copy(at, now.value, &change.record.value, err);
    if (!status && at->plan->sends_before)
        status = decode_copy(at, before.value, &change.before, err);
    if (status)
        return status;
    change = windowed(at, &change, key.start_ms);
    return sf_context_forward_cached(at->context, &change.record, err);
}

static sf_status init(void *user, sf_context *context, void **state, sf_error *err)
{
    const sf_window_aggregate_plan *plan = user;
    window_aggregate *made = sf_arena_zalloc(context->pipeline->memory, sizeof(*made));
    bool has_children = context->node->child_count > 0;

    made->plan = plan;
    made->context = context;
    made->rows = sf_context_window_store(context, plan->store);
    made->forwards_at_once = has_children && plan->caching_off;
    *state = made;
    if (!made->rows)
        return sf_fail(err, SF_INVALID, "the store '%s' is not a window store", plan->store);
    if (has_children && !plan->caching_off)
        sf_store_set_forward(context->stores[0], forward_cached, made);
    return sf_context_time(context, "seen", plan->store, &made->seen, err);
}

/* Adds the record to one window. */
static sf_status add_to(window_aggregate *at, const sf_record *record, sf_bytes wire_key,
                        int64_t start_ms, sf_error *err)
{
    const sf_window_aggregate_plan *plan = at->plan;
    sf_arena *arena = sf_context_arena(at->context);
    sf_change change = {.record = *record};
    sf_stored stored;
    sf_bytes wire;
    sf_status status = sf_window_store_get(at->rows, wire_key, start_ms, &stored, err);

    if (status)
        return status;
    if (!sf_bytes_is_null(stored.value) && stored.timestamp > record->timestamp)
        change.record.timestamp = stored.timestamp;
    if (at->forwards_at_once && plan->sends_before)
        status = decode_copy(at, stored.value, &change.before, err);
    if (!status)
        status = decode_copy(at, stored.value, &change.record.value, err);
    if (!status)
        status = sf_fold_add(&plan->fold, arena, record, &change.record.value, err);
    if (!status)
        status = sf_serde_encode(plan->value, change.record.value, arena, &wire, err);
    if (!status)
        status = sf_window_store_put(at->rows, wire_key, start_ms, wire, change.record.timestamp,
                                     NULL, err);
    if (status || !at->forwards_at_once)
        return status;
    change = windowed(at, &change, start_ms);
    return sf_context_forward(at->context, &change.record, err);
}

static int64_t first_start(const sf_window *window, int64_t timestamp)
{
    int64_t start = timestamp - window->size_ms + window->advance_ms;

    return start <= 0 ? 0 : start / window->advance_ms * window->advance_ms;
}

static sf_status process(void *state, sf_context *context, const sf_record *record, sf_error *err)
{
    window_aggregate *at = state;
    const sf_window *window = &at->plan->window;
    sf_bytes wire_key;
    sf_status status;

    if (sf_bytes_is_null(record->key)) {
        sf_context_count_dropped(context);
        return SF_OK;
    }
    if (record->timestamp > *at->seen)
        *at->seen = record->timestamp;
    status = sf_serde_encode(at->plan->key, record->key, sf_context_arena(context), &wire_key, err);
    for (int64_t start = first_start(window, record->timestamp);
         !status && start <= record->timestamp; start += window->advance_ms) {
        if (start + window->size_ms > *at->seen - window->grace_ms)
            status = add_to(at, record, wire_key, start, err);
        else
            sf_context_count_dropped(context); /* late */
    }
    return status;
}

sf_processor sf_window_aggregate_processor(sf_window_aggregate_plan *plan)
{
    return (sf_processor){.init = init, .process = process, .user = plan};
}
